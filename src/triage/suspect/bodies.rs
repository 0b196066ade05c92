//! Reads the failing tests themselves: what they call and name, and what the other tests of their files do not.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::clue::is_common;
use super::shelf::Shelf;
use super::stack::{Spot, is_keyword};
use super::trial::parts;
use super::weights as w;
use crate::triage::scope::Scopes;
use crate::triage::syntax::{Kind, Source, Token, words};

/// Lines on each side of a failing line that belong to it, where the test around it is longer or not found.
const REACH: u32 = 60;
const NEAR: u32 = 14;
/// Lines from a failing line within which what stands there is meant.
const NEAR_LINES: u32 = 8;
/// The lines of a row of a table of cases, and how long its title must be to be one's own, in bytes.
const ROW_LINES: u32 = 6;
const ROW_BYTES: usize = 6;
const QUOTES: [char; 3] = ['"', '\'', '`'];
/// The most texts of failing tests that are kept.
pub(super) const INPUTS: usize = 160;

/// The bodies of the failing tests, and in how many of them each name occurs.
#[derive(Default)]
pub(super) struct Bodies {
    pub(super) n_bodies: usize,
    pub(super) calls: HashMap<String, f64>,
    pub(super) words: HashMap<String, f64>,
    /// In how many lines of the tests' files outside the failing bodies each name occurs.
    pub(super) elsewhere: HashMap<String, usize>,
    pub(super) files: Vec<String>,
    /// The words on the failing lines and close to them, by nearness.
    pub(super) near: HashMap<String, f64>,
    /// The texts within the failing bodies.
    pub(super) inputs: Vec<String>,
}

impl Bodies {
    pub(super) fn add(&mut self, spot: &Spot, shelf: &Shelf<'_>, title: &mut BTreeSet<String>) {
        let (Some(line), Some(leaf)) = (spot.place.line, shelf.leaf(spot.path())) else { return };
        let source = &leaf.source;
        let (first, last) = body(source, &leaf.scopes, line, title);
        self.n_bodies += 1;
        let called: HashSet<&str> = calls(source, first, last).collect();
        // What is called far from the line that failed prepares more than it is tested.
        let near = (line.saturating_sub(NEAR_LINES).max(first), line.saturating_add(NEAR_LINES).min(last));
        let near: HashSet<&str> = calls(source, near.0, near.1).collect();
        let named: HashSet<&str> = source.words_in(first, last).filter(|word| is_telling(word)).collect();
        for name in called {
            *self.calls.entry(name.to_owned()).or_default() +=
                if near.contains(name) { 1.0 } else { w::TRIAL_PREPARES };
        }
        for name in named {
            *self.words.entry(name.to_owned()).or_default() += 1.0;
        }
        self.add_near(source, (first, last), line);
        if self.files.iter().any(|file| file == spot.path()) {
            return;
        }
        self.files.push(spot.path().to_owned());
        // Where tests stand beside the code, only tests are asked what else they name.
        let is_beside = leaf.scopes.is_in_tests(line);
        let is_other =
            |other: &u32| (*other < first || *other > last) && (!is_beside || leaf.scopes.is_in_tests(*other));
        for other in (1..=source.n_lines()).filter(is_other) {
            let names: HashSet<&str> = source.words_in(other, other).collect();
            for name in names {
                *self.elsewhere.entry(name.to_owned()).or_default() += 1;
            }
        }
    }

    /// Takes in the row of a table of cases by which a test is told: `name` is `TestParse/empty_key`.
    pub(super) fn add_row(&mut self, name: &str, shelf: &Shelf<'_>) {
        let Some((_, row)) = name.rsplit_once('/').filter(|(_, row)| row.len() >= ROW_BYTES) else { return };
        let titles = [row.to_owned(), row.replace('_', " ")];
        for path in self.files.clone() {
            let Some(leaf) = shelf.leaf(&path) else { continue };
            let source = &leaf.source;
            let is_title = |token: &&Token| {
                token.kind == Kind::Text && titles.iter().any(|title| source.of(token).trim_matches(QUOTES) == title)
            };
            let Some(line) = source.tokens.iter().find(is_title).map(|token| token.line) else { continue };
            let last = line.saturating_add(ROW_LINES);
            for word in source.words_in(line, last).filter(|word| is_telling(word)) {
                self.words.entry(word.to_owned()).or_insert(1.0);
            }
            self.add_near(source, (line, last), line);
        }
    }

    fn add_near(&mut self, source: &Source<'_>, (first, last): (u32, u32), line: u32) {
        for token in source.tokens_in(first, last).iter().filter(|token| token.kind != Kind::Comment) {
            let distance =
                if token.last_line < line { line - token.last_line } else { token.line.saturating_sub(line) };
            let weight = if distance <= NEAR_LINES { 1.0 } else { w::TRIAL_FAR };
            for word in words(source.of(token)) {
                let known = self.near.entry(word.to_owned()).or_default();
                *known = known.max(weight);
            }
            if token.kind == Kind::Text && self.inputs.len() < INPUTS {
                let text = source.of(token);
                let inner = text.find(['"', '\'', '`']).and_then(|at| text.get(at..)).unwrap_or(text);
                let inner = inner.trim_matches(['"', '\'', '`']);
                self.inputs.extend((inner.len() > 1).then(|| unescaped(inner)));
            }
        }
    }

    /// How telling each name is: held by many of the failing tests, and by little else.
    pub(super) fn weighted(&self, counts: &HashMap<String, f64>) -> BTreeMap<String, f64> {
        let weigh = |(name, count): (&String, &f64)| {
            let share = (count / self.n_bodies.max(1) as f64).sqrt();
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
        "err",
        "ctx",
        "args",
        "opts",
        "got",
        "want",
        "actual",
        "result",
        "void",
        "fmt",
        "Sprintf",
        "Sprint",
        "Printf",
        "Println",
        "strings",
        "strconv",
        "System",
        "println",
        "console",
    ];
    !is_common(word) && !is_keyword(word) && !OF_TESTS.contains(&word)
}

/// A text as the program sees it, as far as line ends and tabs go.
fn unescaped(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r").replace("\\\\", "\\")
}

/// The names that these lines call or take from an object.
pub(super) fn calls<'t>(source: &'t Source<'_>, first: u32, last: u32) -> impl Iterator<Item = &'t str> {
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

pub(super) fn add_title(title: &mut BTreeSet<String>, line: &str) {
    let before: Vec<String> = words(line).flat_map(parts).collect();
    title.extend(words(line).map(|word| parts(word).concat()));
    // `no-restricted-imports` is one name, as a file is called.
    let hyphenated =
        line.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).filter(|name| name.contains('-'));
    title.extend(hyphenated.map(|name| parts(name).concat()));
    title.extend(before.into_iter().filter(|word| word.len() > 2));
}
