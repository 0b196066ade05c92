//! Evidence from failing tests: what they call, what they are called, and what they expected.
//!
//! A failing assertion lies in the test, and the change that broke it somewhere below what the test
//! calls. What the failing tests name and the other tests of their file do not is what they are about.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::callee::is_everywhere;
use super::clue::is_common;
use super::evidence::{Family, Reason, Strength};
use super::sheet::{Piece, Sheet, Spread};
use super::stack::{Spot, is_keyword};
use super::weights as w;
use crate::triage::import::imports;
use crate::triage::scope::Scopes;
use crate::triage::syntax::{Kind, Source, words};
use crate::triage::{Change, Symptom, diagnostics};

/// The most failing places that are looked at.
const TESTS: usize = 12;
/// Lines on each side of a failing line that belong to it, where the test around it is longer or not found.
const REACH: u32 = 60;
const NEAR: u32 = 14;

/// What failing tests say.
pub(super) struct Trial {
    /// How telling each name is that they call: 1 when they alone call it.
    calls: BTreeMap<String, f64>,
    /// The same of what those functions call, as far as their source is known.
    inner_calls: BTreeMap<String, f64>,
    /// How telling each name is that they hold in any way.
    words: BTreeMap<String, f64>,
    /// The words of their titles and names, in lower case.
    title: BTreeSet<String>,
    /// The paths that they import, over some steps, each with the number of steps.
    reached: HashMap<String, u32>,
    /// The folders of the changed files, in lower case: a name that all of a package share tells nothing.
    folders: HashSet<String>,
    /// Whether the tests are all that the error names: a failed assertion.
    is_alone: bool,
}

impl Trial {
    /// Reads the failing tests; `None` where no test failed.
    pub(super) fn of(symptom: &Symptom, spots: &[Spot], change: &Change, sheets: &[Sheet<'_>]) -> Option<Self> {
        let tests: Vec<&Spot> = spots.iter().filter(|spot| spot.is_test() && spot.place.line.is_some()).collect();
        let is_alone = spots.iter().all(|spot| spot.is_test() || spot.place.line.is_none());
        let mut trial = Self {
            calls: BTreeMap::new(),
            inner_calls: BTreeMap::new(),
            words: BTreeMap::new(),
            title: BTreeSet::new(),
            reached: HashMap::new(),
            folders: sheets.iter().flat_map(|sheet| folders(sheet.path())).collect(),
            is_alone,
        };
        let mut bodies = Bodies::default();
        for spot in tests.iter().take(TESTS) {
            bodies.add(spot, change, &mut trial.title);
        }
        for test in diagnostics::read(&symptom.text).iter().filter_map(|failed| failed.test.as_deref()).take(TESTS) {
            add_title(&mut trial.title, test);
        }
        if bodies.n_bodies == 0 && trial.title.is_empty() {
            return None;
        }
        trial.calls = bodies.weighted(&bodies.calls);
        trial.words = bodies.weighted(&bodies.words);
        trial.reached = reached(&bodies, change, sheets);
        for package in symptom.text.lines().filter_map(failed_package) {
            let is_of =
                |path: &&str| path.rsplit_once('/').is_some_and(|(folder, _)| ends_with_folder(package, folder));
            trial.reached.extend(sheets.iter().map(Sheet::path).filter(is_of).map(|path| (path.to_owned(), 1)));
        }
        trial.inner_calls = inner_calls(&trial.calls, &trial.reached, change, sheets);
        Some(trial)
    }

    /// Whether nothing but tests is named: an assertion failed.
    pub(super) fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// What the failing tests say about one hunk; `is_named` says that they are by their names its own.
    pub(super) fn weigh(
        &self,
        sheet: &Sheet<'_>,
        piece: &Piece<'_>,
        spread: &Spread<'_>,
        is_named: bool,
    ) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let share = if self.is_alone { 1.0 } else { w::TRIAL_BESIDE };
        let steps = self.reached.get(sheet.path()).copied();
        let place = piece.place(sheet.path());
        if let Some((function, weight, is_inner)) = self.called(piece, spread) {
            let n_same = sheet.scopes_after.n_named(&function).max(sheet.scopes_before.n_named(&function)).max(1);
            let reach = if steps.is_some() { 1.0 } else { w::TRIAL_UNREACHED };
            let tells = if is_everywhere(&function) { w::TRIAL_COMMON } else { 1.0 };
            let points = w::TRIAL_CALL * weight * reach * share * tells / (n_same as f64).sqrt();
            let how = if is_inner { "leads to" } else { "calls" };
            let text = format!("the failing test {how} `{function}`, which was changed at {place}");
            let is_telling = weight >= w::TRIAL_TELLING && n_same <= 2 && steps.is_some();
            let strength = if is_telling { Strength::Leads } else { Strength::Hints };
            reasons.push(Reason { strength, ..Reason::new(Family::Stack, points, text) });
        }
        if let Some((names, weight)) = self.shared(piece, spread) {
            let points = w::TRIAL_WORDS * weight * share * w::density(piece.n_lines());
            let text = format!("the failing test and the change at {place} both name {names}");
            reasons.push(Reason::new(Family::Custom, points, text));
        }
        if let Some(word) = self.entitled(sheet, piece).filter(|_| !is_named) {
            let text = format!("the failing test is by its title about `{word}`, which {place} is about");
            reasons.push(Reason::new(Family::Custom, w::TRIAL_TITLE * share, text));
        }
        if let Some(steps) = steps {
            let points = w::IMPORTED * share / f64::from(steps.max(1));
            reasons.push(Reason::new(Family::Custom, points, format!("the failing test imports {}", sheet.path())));
        }
        reasons
    }

    /// The most telling function of the hunk that the tests call, or that what they call calls.
    fn called(&self, piece: &Piece<'_>, spread: &Spread<'_>) -> Option<(String, f64, bool)> {
        // A module that many files open, or a method that many classes have, tells nothing of any of them.
        let is_own = |name: &&String| !spread.is_shared(name) && !self.folders.contains(&name.to_lowercase());
        let direct = piece
            .functions
            .iter()
            .filter(is_own)
            .filter_map(|name| Some((name.clone(), *self.calls.get(name)?, false)));
        let inner = piece
            .functions
            .iter()
            .filter(is_own)
            .filter_map(|name| Some((name.clone(), *self.inner_calls.get(name)?, true)));
        direct.chain(inner).max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// The names that tests and hunk share, and what they come to, at most 1.
    fn shared(&self, piece: &Piece<'_>, spread: &Spread<'_>) -> Option<(String, f64)> {
        let mut shared: Vec<(&str, f64)> = Vec::new();
        for name in piece.removed.union(&piece.added) {
            let Some(weight) = self.words.get(*name) else { continue };
            let is_changed = piece.removed.contains(name) != piece.added.contains(name);
            let weight = weight * w::rarity(spread.hunks_with(name)) * if is_changed { 1.0 } else { 0.5 };
            shared.push((name, weight));
        }
        shared.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        let total: f64 = shared.iter().zip([0.6, 0.3, 0.2]).map(|((_, weight), part)| weight * part).sum();
        let names: Vec<String> = shared.iter().take(3).map(|(name, _)| format!("`{name}`")).collect();
        (total > 0.0).then(|| (names.join(", "), total.min(1.0)))
    }

    /// A word of the title that names the hunk's function or file.
    fn entitled(&self, sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<String> {
        let function = piece.functions.iter().find(|name| {
            let parts = parts(name);
            let whole: String = parts.concat();
            let n_said = parts.iter().filter(|part| self.title.contains(*part)).count();
            whole.len() > 3
                && !self.folders.contains(&whole)
                && (self.title.contains(&whole) || (parts.len() > 1 && n_said == parts.len()))
        });
        if let Some(function) = function {
            return Some(function.clone());
        }
        let stem = sheet.path().rsplit('/').next()?.split('.').next()?;
        let parts = parts(stem);
        let is_said = !parts.is_empty() && parts.iter().all(|part| self.title.contains(part));
        let whole = parts.concat();
        (is_said && whole.len() > 3 && !is_common(stem) && !self.folders.contains(&whole)).then(|| stem.to_owned())
    }
}

/// The bodies of the failing tests, and in how many of them each name occurs.
#[derive(Default)]
struct Bodies {
    n_bodies: usize,
    calls: HashMap<String, usize>,
    words: HashMap<String, usize>,
    /// In how many lines of the tests' files outside the failing bodies each name occurs.
    elsewhere: HashMap<String, usize>,
    files: Vec<String>,
}

impl Bodies {
    fn add(&mut self, spot: &Spot, change: &Change, title: &mut BTreeSet<String>) {
        let (Some(line), Some(text)) = (spot.place.line, change.text_at_head(spot.path())) else { return };
        let source = Source::read(spot.path(), text);
        let scopes = Scopes::of(&source);
        let (first, last) = body(&source, &scopes, line, title);
        self.n_bodies += 1;
        let called: HashSet<&str> = calls(&source, first, last).collect();
        let named: HashSet<&str> = source.words_in(first, last).filter(|word| is_telling(word)).collect();
        for name in called {
            *self.calls.entry(name.to_owned()).or_default() += 1;
        }
        for name in named {
            *self.words.entry(name.to_owned()).or_default() += 1;
        }
        if self.files.iter().any(|file| file == spot.path()) {
            return;
        }
        self.files.push(spot.path().to_owned());
        for other in (1..=source.n_lines()).filter(|other| *other < first || *other > last) {
            let names: HashSet<&str> = source.words_in(other, other).collect();
            for name in names {
                *self.elsewhere.entry(name.to_owned()).or_default() += 1;
            }
        }
    }

    /// How telling each name is: held by many of the failing tests, and by little else.
    fn weighted(&self, counts: &HashMap<String, usize>) -> BTreeMap<String, f64> {
        let weigh = |(name, count): (&String, &usize)| {
            let share = (*count as f64 / self.n_bodies as f64).sqrt();
            let elsewhere = self.elsewhere.get(name).copied().unwrap_or(0) as f64;
            (name.clone(), share / (1.0 + w::TRIAL_ELSEWHERE * elsewhere.ln_1p()))
        };
        counts.iter().map(weigh).collect()
    }
}

fn is_telling(word: &str) -> bool {
    const OF_TESTS: &[&str] = &[
        "assert",
        "assertEquals",
        "assertEqual",
        "assertTrue",
        "assertThat",
        "expect",
        "toBe",
        "toEqual",
        "should",
        "equal",
        "describe",
        "context",
        "before",
        "after",
        "beforeEach",
        "must_equal",
        "assert_equal",
        "require",
        "Equal",
        "Errorf",
        "Fatalf",
        "testing",
        "pytest",
        "mock",
        "parametrize",
        "assertSame",
        "done",
        "end",
    ];
    !is_common(word) && !is_keyword(word) && !OF_TESTS.contains(&word)
}

/// The names that these lines call or take from an object.
fn calls<'t>(source: &'t Source<'_>, first: u32, last: u32) -> impl Iterator<Item = &'t str> {
    let tokens = source.tokens_in(first, last);
    let called = tokens.windows(2).filter_map(|pair| match pair {
        [name, mark] if name.kind == Kind::Word && matches!(source.of(mark), "(" | "!" | "<" | "{") => Some(name),
        [mark, name] if name.kind == Kind::Word && matches!(source.of(mark), "." | ">" | ":" | "<" | "@") => Some(name),
        _ => None,
    });
    // Without parentheses, as Ruby has it, any word may be a call.
    let bare = tokens.iter().filter(|token| token.kind == Kind::Word && source.syntax.line_comments == ["#"]);
    called.chain(bare).map(|token| source.of(token)).filter(|name| is_telling(name))
}

/// The first and last line of the test that holds a line; its title and name go into `title`.
fn body(source: &Source<'_>, scopes: &Scopes, line: u32, title: &mut BTreeSet<String>) -> (u32, u32) {
    let indent = |line: u32| {
        let text = source.line(line);
        let bare = text.trim_start();
        (!bare.is_empty()).then(|| text.len() - bare.len())
    };
    let mut depth = indent(line).unwrap_or(0);
    let mut found = None;
    // The class around a test says what its tests are about.
    for class in scopes.iter().filter(|scope| !scope.is_function && scope.first <= line && line <= scope.last) {
        add_title(title, &class.name);
    }
    let own = scopes.at(line).filter(|scope| scope.is_function).map(|scope| (scope.first, scope.last));
    for above in (line.saturating_sub(400).max(1)..=line).rev() {
        let Some(column) = indent(above).filter(|column| *column < depth || above == line) else { continue };
        depth = column;
        if let Some(is_test) = opener(source.line(above)) {
            add_title(title, source.line(above));
            if is_test && found.is_none() {
                let ends = |below: &u32| indent(*below).is_some_and(|other| other <= column);
                let last = (line + 1..=source.n_lines().min(line + 400)).find(ends).unwrap_or(source.n_lines());
                found = Some((above, last));
            }
        }
    }
    let (first, last) = match (found, own) {
        (Some(found), _) => found,
        (None, Some(own)) => {
            add_title(title, scopes.at(line).map_or("", |scope| &scope.name));
            own
        }
        (None, None) => (line.saturating_sub(NEAR), line + NEAR),
    };
    (first.max(line.saturating_sub(REACH)).max(1), last.min(line + REACH))
}

/// Whether a line opens a test or, `Some(false)`, a group of tests, by a call that holds its title.
fn opener(line: &str) -> Option<bool> {
    let bare = line.trim_start();
    let word = bare.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    let has_title = bare.get(word.len()..).is_some_and(|rest| rest.contains(['"', '\'', '`']));
    match word {
        "it" | "test" | "specify" | "should" | "scenario" | "xit" | "fit" if has_title => Some(true),
        "describe" | "context" | "suite" | "feature" => Some(false),
        _ => None,
    }
}

fn add_title(title: &mut BTreeSet<String>, line: &str) {
    let before: Vec<String> = words(line).flat_map(parts).collect();
    title.extend(words(line).map(|word| parts(word).concat()));
    title.extend(before.into_iter().filter(|word| word.len() > 2));
}

/// The words of which a name is made, in lower case: `clearCookie`, `clear_cookie`, `ClearCookie`.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_lower) {
            parts.push(String::new());
        }
        was_lower = c.is_lowercase() || c.is_ascii_digit();
        if c.is_alphanumeric()
            && let Some(last) = parts.last_mut()
        {
            last.extend(c.to_lowercase());
        }
    }
    parts.retain(|part| !part.is_empty() && part != "test");
    parts
}

fn folders(path: &str) -> impl Iterator<Item = String> {
    path.rsplit('/').skip(1).map(str::to_lowercase)
}

/// The package that a line of `go test` names as failed.
fn failed_package(line: &str) -> Option<&str> {
    line.strip_prefix("FAIL\t")?.split('\t').next()
}

fn ends_with_folder(package: &str, folder: &str) -> bool {
    !folder.is_empty() && (package == folder || package.ends_with(&format!("/{folder}")))
}

/// What the tests' files import, over a few steps through files whose text is known.
fn reached(bodies: &Bodies, change: &Change, sheets: &[Sheet<'_>]) -> HashMap<String, u32> {
    let unchanged: Vec<(&str, &str)> = super::sheet::unchanged(change).collect();
    let mut reached: HashMap<String, u32> = HashMap::new();
    let mut frontier: Vec<&str> = bodies.files.iter().map(String::as_str).collect();
    for step in 1..=3_u32 {
        let mut next: Vec<&str> = Vec::new();
        for path in frontier {
            let Some(text) = change.text_at_head(path) else { continue };
            let all = sheets.iter().map(Sheet::path).chain(unchanged.iter().map(|(path, _)| *path));
            for target in all {
                if target != path && !reached.contains_key(target) && imports(path, text, target) {
                    reached.insert(target.to_owned(), step);
                    next.push(target);
                }
            }
        }
        frontier = next;
    }
    reached
}

/// What the called functions call by themselves, where their source is known.
fn inner_calls(
    calls: &BTreeMap<String, f64>,
    reached: &HashMap<String, u32>,
    change: &Change,
    sheets: &[Sheet<'_>],
) -> BTreeMap<String, f64> {
    let mut inner: BTreeMap<String, f64> = BTreeMap::new();
    let mut read = |source: &Source<'_>, scopes: &Scopes| {
        for scope in scopes.iter().filter(|scope| scope.is_function) {
            let Some(weight) = calls.get(&scope.name).filter(|weight| **weight >= w::TRIAL_FOLLOWED) else { continue };
            let n_same = scopes.n_named(&scope.name).max(1);
            let weight = weight * w::TRIAL_INNER / (n_same as f64).sqrt();
            for name in self::calls(source, scope.first + 1, scope.last.min(scope.first + 200)) {
                let known = inner.entry(name.to_owned()).or_default();
                *known = known.max(weight);
            }
        }
    };
    for sheet in sheets.iter().filter(|sheet| reached.contains_key(sheet.path())) {
        read(&sheet.after, &sheet.scopes_after);
    }
    for (path, text) in super::sheet::unchanged(change).filter(|(path, _)| reached.contains_key(*path)) {
        let source = Source::read(path, text);
        let scopes = Scopes::of(&source);
        read(&source, &scopes);
    }
    inner
}
