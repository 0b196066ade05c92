//! Evidence from failing tests: what they call, what they are called, and what they expected.
//!
//! A failing assertion lies in the test, and the change that broke it somewhere below what the test
//! calls. What the failing tests name and the other tests of their file do not is what they are about.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::bodies::{Bodies, INPUTS, add_title};
use super::callee::is_everywhere;
use super::clue::is_common;
use super::evidence::{Family, Reason, Strength};
use super::owner::share;
use super::pattern::changed_match;
use super::reach::{inner_calls, reached};
use super::sheet::{Piece, Sheet, Spread};
use super::shelf::Shelf;
use super::stack::Spot;
use super::values::{Values, plain};
use super::weights as w;
use crate::triage::diagnostics::failed_package;
use crate::triage::syntax::{start_of, words};
use crate::triage::{Symptom, diagnostics};

/// The most failing places that are looked at.
const TESTS: usize = 12;
/// How much of a message is read.
const MESSAGE_BYTES: usize = 4_000;

/// What failing tests say.
pub(super) struct Trial {
    /// How telling each name is that they call: 1 when they alone call it.
    calls: BTreeMap<String, f64>,
    /// The same of what those functions call, as far as their source is known.
    inner_calls: BTreeMap<String, f64>,
    /// All that is called on the way, and whether any of it was changed: else too little of the way is known.
    all_calls: HashSet<String>,
    is_followed: bool,
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
    /// Whether all that failed below the tests is a check that the deploy left alone.
    is_detected: bool,
    /// The words in which expected and actual values differ.
    values: Values,
    /// How telling each word near the failing lines and of the messages is, in lower case without underscores.
    said: HashMap<String, f64>,
    /// The texts that the failing tests feed in, or show.
    inputs: Vec<String>,
    /// In how many of the changed files each name of the tests occurs, and how many there are.
    n_holding: HashMap<String, usize>,
    n_sheets: usize,
    /// How telling each changed file's name is: little, where most changed files speak of it.
    stems: HashMap<String, f64>,
}

impl Trial {
    /// Reads the failing tests; `None` where no test failed.
    pub(super) fn of(symptom: &Symptom, spots: &[Spot], shelf: &Shelf<'_>, sheets: &[Sheet<'_>]) -> Option<Self> {
        let tests: Vec<&Spot> = spots.iter().filter(|spot| spot.is_test() && spot.place.line.is_some()).collect();
        let is_alone = spots.iter().all(|spot| spot.is_test() || spot.place.line.is_none());
        let mut trial = Self {
            calls: BTreeMap::new(),
            inner_calls: BTreeMap::new(),
            all_calls: HashSet::new(),
            is_followed: false,
            words: BTreeMap::new(),
            title: BTreeSet::new(),
            reached: HashMap::new(),
            folders: sheets.iter().flat_map(|sheet| folders(sheet.path())).collect(),
            is_alone,
            is_detected: spots.iter().find(|spot| !spot.is_test()).is_some_and(|spot| spot.is_guard(sheets)),
            values: Values::of(&symptom.text, sheets),
            said: HashMap::new(),
            inputs: Vec::new(),
            n_holding: HashMap::new(),
            n_sheets: sheets.len(),
            stems: stems(sheets),
        };
        let mut bodies = Bodies::default();
        let failed = diagnostics::read(&symptom.text);
        let failed: Vec<&str> = failed.iter().filter_map(|failed| failed.test.as_deref()).collect();
        // Where the report names the function that failed, what that calls to check things bears no title.
        let is_meant = |spot: &&&Spot| failed.iter().any(|test| function_of(test) == spot.function_name());
        let is_told = tests.iter().any(|spot| is_meant(&spot));
        for spot in tests.iter().take(TESTS) {
            let mut untold = BTreeSet::new();
            let title = if is_told && !is_meant(&spot) { &mut untold } else { &mut trial.title };
            bodies.add(spot, shelf, title);
        }
        for test in failed.into_iter().take(TESTS) {
            // The data that a test was run with stands behind its name.
            let name = test.split(" with data set ").next().unwrap_or(test);
            add_title(&mut trial.title, titled(name));
            bodies.add_row(name, shelf);
        }
        if bodies.n_bodies == 0 && trial.title.is_empty() {
            return None;
        }
        trial.calls = bodies.weighted(&bodies.calls);
        trial.words = bodies.weighted(&bodies.words);
        trial.listen(symptom, &mut bodies);
        trial.n_holding = n_holding(&trial.words, sheets);
        trial.reached = reached(&bodies.files, shelf.change(), sheets);
        // Tests beside the code need no import.
        trial.reached.extend(bodies.files.iter().map(|file| (file.clone(), 0)));
        for package in symptom.text.lines().filter_map(failed_package) {
            let is_of =
                |path: &&str| path.rsplit_once('/').is_some_and(|(folder, _)| ends_with_folder(package, folder));
            trial.reached.extend(sheets.iter().map(Sheet::path).filter(is_of).map(|path| (path.to_owned(), 1)));
        }
        let inner = inner_calls(&trial.calls, &trial.reached, shelf, sheets);
        let is_called = |piece: &Piece<'_>| piece.functions.iter().any(|name| inner.all.contains(name));
        trial.is_followed = sheets.iter().flat_map(|sheet| &sheet.pieces).any(is_called);
        trial.inner_calls = inner.telling;
        trial.all_calls = inner.all;
        Some(trial)
    }

    /// Takes what stands near the failing lines and in the messages.
    fn listen(&mut self, symptom: &Symptom, bodies: &mut Bodies) {
        let elsewhere = |word: &str| bodies.elsewhere.get(word).copied().unwrap_or(0) as f64;
        for (word, near) in &bodies.near {
            let weight = near / (1.0 + w::TRIAL_ELSEWHERE * elsewhere(word).ln_1p());
            let known = self.said.entry(plain(word)).or_default();
            *known = known.max(weight);
        }
        let message = start_of(&symptom.message, MESSAGE_BYTES);
        self.said.extend(words(message).map(|word| (plain(word), 1.0)));
        self.inputs = std::mem::take(&mut bodies.inputs);
        if let Some(shown) = shown(symptom, &self.inputs) {
            self.inputs = shown;
        }
        let shown = message.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '\'' | '"' | '`'));
        self.inputs.extend(shown.filter(|part| part.len() > 2 && !part.ends_with(':')).take(INPUTS).map(str::to_owned));
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
        let share_of_tests = if self.is_alone || self.is_detected { 1.0 } else { w::TRIAL_BESIDE };
        let steps = self.reached.get(sheet.path()).copied();
        let place = piece.place(sheet.path());
        if let Some((function, weight, is_inner)) = self.called(piece, spread) {
            let meant = share(sheet, piece, &function, |class| self.names_class(class));
            let reach = if steps.is_some() { 1.0 } else { w::TRIAL_UNREACHED };
            // To make an object of a class is to begin, whatever is tested then.
            let is_class = sheet.is_class(&function);
            let tells = if is_class || is_everywhere(&function) { w::TRIAL_COMMON } else { 1.0 };
            let points = w::TRIAL_CALL * weight * reach * share_of_tests * tells * meant;
            let how = if is_inner { "leads to" } else { "calls" };
            let text = format!("the failing test {how} `{function}`, which was changed at {place}");
            let is_telling = weight >= w::TRIAL_TELLING && meant > 0.7 && steps.is_some() && !is_class;
            let strength = if is_telling { Strength::Leads } else { Strength::Hints };
            reasons.push(Reason { strength, ..Reason::new(Family::Stack, points, text) });
        }
        let value = self.values.in_hunk(piece);
        if let Some((names, weight)) = self.shared(piece, spread, value.is_some()) {
            let points = w::TRIAL_WORDS * weight * share_of_tests * w::density(piece.n_lines());
            let text = format!("the failing test and the change at {place} both name {names}");
            reasons.push(Reason::new(Family::Custom, points, text));
        }
        if let Some((word, weight)) = value {
            let points = w::TRIAL_VALUE * weight * share_of_tests * w::density(piece.n_lines());
            let text = format!("`{word}`, in which expected and actual differ, is in the change at {place}");
            reasons.push(Reason::new(Family::Names, points, text));
        }
        if let Some(changed) = changed_match(sheet, piece, &self.inputs) {
            let reach = if steps.is_some() { 1.0 } else { w::TRIAL_UNREACHED };
            let points =
                if changed.is_replaced { w::TRIAL_PATTERN } else { w::TRIAL_PATTERN * 0.6 } * share_of_tests * reach;
            let text =
                format!("the pattern changed at {place} matches `{}` of the failing test otherwise", changed.input);
            let is_led = self.called(piece, spread).is_some() || self.entitled(sheet, piece).is_some() || is_named;
            let strength = if changed.is_replaced && is_led { Strength::Leads } else { Strength::Hints };
            reasons.push(Reason { strength, ..Reason::new(Family::Names, points, text) });
        }
        if let Some((stem, weight)) = self.speaks_of(sheet).filter(|_| !is_named) {
            let text = format!("the failing test speaks of `{stem}`, as {} is called", sheet.path());
            reasons.push(Reason::new(Family::Custom, w::TRIAL_FILE * weight * share_of_tests, text));
        }
        if let Some(word) = self.entitled(sheet, piece).filter(|_| !is_named) {
            let text = format!("the failing test is by its title about `{word}`, which {place} is about");
            let tells = if is_everywhere(&word) { w::TRIAL_COMMON } else { 1.0 };
            reasons.push(Reason::new(Family::Custom, w::TRIAL_TITLE * share_of_tests * tells, text));
        }
        if let Some(steps) = steps.filter(|steps| *steps > 0) {
            let points = w::IMPORTED * share_of_tests / f64::from(steps.max(1));
            reasons.push(Reason::new(Family::Custom, points, format!("the failing test imports {}", sheet.path())));
        }
        reasons
    }

    /// Whether the failing tests lead to changed functions, but to none of the hunk's.
    pub(super) fn passes_by(&self, sheet: &Sheet<'_>, piece: &Piece<'_>) -> bool {
        let mut functions = piece.functions.iter().filter(|name| !sheet.is_class(name)).peekable();
        self.is_followed
            && self.reached.contains_key(sheet.path())
            && functions.peek().is_some()
            && piece.tables.is_empty()
            && !functions.any(|name| self.all_calls.contains(name))
    }

    /// Whether the failing tests name a class, in their titles or in what they do.
    fn names_class(&self, class: &str) -> bool {
        self.words.contains_key(class) || self.title.contains(&parts(class).concat())
    }

    /// The most telling function of the hunk that the tests call, or that what they call calls.
    fn called(&self, piece: &Piece<'_>, spread: &Spread<'_>) -> Option<(String, f64, bool)> {
        // A module that many files open, or a method that many classes have, tells nothing of any of them.
        let is_own = |name: &&String| !spread.is_shared(name) && !self.folders.contains(&name.to_lowercase());
        let direct = piece
            .functions
            .iter()
            .chain(&piece.tables)
            .filter(is_own)
            .filter_map(|name| Some((name.clone(), *self.calls.get(name)?, false)));
        let inner = piece
            .functions
            .iter()
            .chain(&piece.tables)
            .filter(is_own)
            .filter_map(|name| Some((name.clone(), *self.inner_calls.get(name)?, true)));
        direct.chain(inner).max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// The file's name, where the tests speak of it, and how telling that is, at most 1.
    fn speaks_of(&self, sheet: &Sheet<'_>) -> Option<(String, f64)> {
        let stem = sheet.path().rsplit('/').next()?.split('.').next()?;
        let name = plain(&stem.replace('-', "_"));
        let is_own = name.len() > 3 && !is_common(stem) && !is_main(stem) && !self.folders.contains(&name);
        let weight = self.said.get(&name).copied().filter(|_| is_own)?;
        Some((stem.to_owned(), weight.min(1.0) * self.stems.get(stem).copied().unwrap_or(1.0)))
    }

    /// The names that tests and hunk share, and what they come to, at most 1; without those in which the values differ,
    /// where that was told already.
    fn shared(&self, piece: &Piece<'_>, spread: &Spread<'_>, is_told: bool) -> Option<(String, f64)> {
        let mut shared: Vec<(&str, f64)> = Vec::new();
        for name in piece.removed.union(&piece.added) {
            if is_told && self.values.differ_in(name) {
                continue;
            }
            let Some(weight) = self.words.get(*name) else { continue };
            let is_changed = piece.removed.contains(name) != piece.added.contains(name);
            let weight = weight * w::rarity(spread.hunks_with(name)) * if is_changed { 1.0 } else { 0.5 };
            // What all the changed files hold somewhere tells none of them.
            let weight = weight * w::idf(self.n_holding.get(*name).copied().unwrap_or(1), self.n_sheets);
            shared.push((name, weight));
        }
        shared.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        let total: f64 = shared.iter().zip([0.6, 0.3, 0.2]).map(|((_, weight), part)| weight * part).sum();
        let names: Vec<String> = shared.iter().take(3).map(|(name, _)| format!("`{name}`")).collect();
        (total > 0.0).then(|| (names.join(", "), total.min(1.0)))
    }

    /// A word of the title that names the hunk's function or file.
    fn entitled(&self, sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<String> {
        let stem = sheet.path().rsplit('/').next()?.split('.').next()?;
        let function = piece.functions.iter().find(|name| {
            let parts = parts(name);
            let whole: String = parts.concat();
            let says_all = |parts: &[String]| parts.iter().all(|part| self.title.contains(part));
            whole.len() > 3
                && whole != "tests"
                && !self.folders.contains(&whole)
                && (self.title.contains(&whole)
                    || (parts.len() > 1 && says_all(&parts))
                    || object(&parts, stem).is_some_and(says_all))
        });
        if let Some(function) = function {
            return Some(function.clone());
        }
        let parts = parts(stem);
        let whole = parts.concat();
        let is_said =
            !parts.is_empty() && (parts.iter().all(|part| self.title.contains(part)) || self.title.contains(&whole));
        (is_said && whole.len() > 3 && !is_common(stem) && !self.folders.contains(&whole)).then(|| stem.to_owned())
    }
}

/// The inputs that the report shows, where it shows some for each failure: of a table of cases, only those failed.
fn shown(symptom: &Symptom, inputs: &[String]) -> Option<Vec<String>> {
    let failed: Vec<diagnostics::Diagnostic> =
        diagnostics::read(&symptom.text).into_iter().filter(|failed| failed.test.is_some()).take(TESTS).collect();
    let is_shown = |message: &str, input: &String| input.len() > 2 && is_quoted(message, input);
    let is_whole = failed.iter().all(|failed| inputs.iter().any(|input| is_shown(&failed.message, input)));
    let is_any = |input: &&String| failed.iter().any(|failed| is_shown(&failed.message, input));
    (is_whole && !failed.is_empty()).then(|| inputs.iter().filter(is_any).cloned().collect())
}

/// The function of a failed test by its name: `adds` of `cart::tests::adds`, `test_add` of `CartTest.test_add[1-2]`.
fn function_of(test: &str) -> &str {
    let whole = test.split([' ', '(', '[', '/']).next().unwrap_or(test);
    whole.rsplit([':', '.', '#']).next().unwrap_or(whole)
}

/// What of a test's name is a title; a row that is called after what it feeds in, `TestEval/a.b("c")`, has none.
fn titled(name: &str) -> &str {
    match name.split_once('/') {
        Some((test, row)) if row.contains(['(', '[', '{', '"', '=', '<', '+', '*']) => test,
        _ => name,
    }
}

/// What a function is about, where its verb only repeats the file: `scanComment` of `scanner.go` is about comments.
fn object<'p>(parts: &'p [String], stem: &str) -> Option<&'p [String]> {
    let (verb, object) = parts.split_first()?;
    let repeats = verb.len() > 2 && stem.to_lowercase().strip_prefix(verb.as_str()).is_some();
    let tells = object.iter().any(|part| part.len() > 3 && !is_common(part));
    (repeats && tells).then_some(object)
}

/// Whether a text holds another between quotes, brackets or spaces.
fn is_quoted(text: &str, inner: &str) -> bool {
    let is_mark =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '[' | ']' | '<' | '>' | '(' | ')' | ',' | ':');
    text.match_indices(inner).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + inner.len()..).and_then(|after| after.chars().next());
        before.is_none_or(is_mark) && after.is_none_or(is_mark)
    })
}

/// Whether a file is called so because it is the main one of its folder, not after what it does.
fn is_main(stem: &str) -> bool {
    matches!(
        stem,
        "__init__" | "index" | "main" | "mod" | "lib" | "utils" | "util" | "helpers" | "common" | "core" | "types"
    )
}

/// How telling the name of each changed file is among the words of them all.
fn stems(sheets: &[Sheet<'_>]) -> HashMap<String, f64> {
    let stem = |sheet: &Sheet<'_>| Some(sheet.path().rsplit('/').next()?.split('.').next()?.to_owned());
    let weigh = |stem: String| {
        let n_holding = sheets.iter().filter(|sheet| sheet.after.text.contains(stem.as_str())).count();
        (stem, w::idf(n_holding.max(1), sheets.len()))
    };
    sheets.iter().filter_map(stem).map(weigh).collect()
}

/// In how many of the changed files each of the names occurs.
fn n_holding(names: &BTreeMap<String, f64>, sheets: &[Sheet<'_>]) -> HashMap<String, usize> {
    let mut n_holding: HashMap<String, usize> = HashMap::new();
    for sheet in sheets {
        let held: HashSet<&str> = sheet.after.words_in(1, u32::MAX).filter(|word| names.contains_key(*word)).collect();
        for word in held {
            *n_holding.entry(word.to_owned()).or_default() += 1;
        }
    }
    n_holding
}

/// The words of which a name is made, in lower case: `clearCookie`, `clear_cookie`, `ClearCookie`.
pub(super) fn parts(name: &str) -> Vec<String> {
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

fn ends_with_folder(package: &str, folder: &str) -> bool {
    !folder.is_empty() && (package == folder || package.ends_with(&format!("/{folder}")))
}
