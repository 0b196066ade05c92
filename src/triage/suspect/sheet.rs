//! Prepares a changed file and its hunks for being weighed.

use std::collections::{BTreeSet, HashMap};

use crate::triage::classify::reaches_production;
use crate::triage::scope::{Scope, Scopes};
use crate::triage::syntax::{Kind, Source, Token};
use crate::triage::{Change, Class, FileChange, Hunk, Stage, trivial};

/// Methods that nobody needs to name for them to be called.
const IMPLICIT: &[&str] = &[
    "constructor",
    "initialize",
    "init",
    "equals",
    "hashCode",
    "toString",
    "compareTo",
    "to_s",
    "method_missing",
    "each",
    "inherited",
    "ToString",
    "Equals",
    "GetHashCode",
    "String",
    "Error",
    "fmt",
    "drop",
    "eq",
    "cmp",
    "next",
];

/// Lines above a line within which its statement is taken to begin.
const HEAD_LINES: u32 = 20;

/// Lines above a line within which the head of its table is looked for.
const TABLE_LINES: u32 = 600;

/// A changed file that reaches production, read.
pub(super) struct Sheet<'c> {
    pub(super) file: &'c FileChange,
    pub(super) before: Source<'c>,
    pub(super) after: Source<'c>,
    pub(super) scopes_before: Scopes,
    pub(super) scopes_after: Scopes,
    /// The hunks that are not trivial.
    pub(super) pieces: Vec<Piece<'c>>,
}

/// A hunk, read.
pub(super) struct Piece<'c> {
    pub(super) hunk: &'c Hunk,
    /// The names on each side, comments left out.
    pub(super) removed: BTreeSet<&'c str>,
    pub(super) added: BTreeSet<&'c str>,
    /// The first line of the statement within which it begins, before and after, where that is above it.
    pub(super) heads: Vec<&'c str>,
    /// The functions and classes whose lines it changes, or that it brings or takes.
    pub(super) functions: BTreeSet<String>,
    /// The tables and constants outside of functions whose value it changes.
    pub(super) tables: BTreeSet<String>,
    /// Its first and last line after the change; of a deletion, the lines on both sides of the gap.
    pub(super) lines: (u32, u32),
    /// Whether it touches a line that returns or raises.
    pub(super) changes_result: bool,
    /// Whether it only rewords strings.
    pub(super) is_rewording: bool,
}

impl<'c> Sheet<'c> {
    /// Reads a file; `None` for one that cannot matter at this stage.
    ///
    /// The grammar of its language tells the functions of a file that the error names, and of any that it read
    /// for the sake of comments; of the others their layout is enough.
    pub(super) fn read(file: &'c FileChange, stage: Stage, is_named: bool) -> Option<Self> {
        let can_matter = match stage {
            Stage::Production => reaches_production(&file.path, file.class),
            Stage::Test => file.class == Class::Build || reaches_production(&file.path, file.class),
            Stage::Build => true,
        };
        if !can_matter {
            return None;
        }
        let before =
            Source::read(file.old_path.as_deref().unwrap_or(&file.path), file.base_text.as_deref().unwrap_or_default());
        let after = Source::read(&file.path, file.head_text.as_deref().unwrap_or_default());
        // To a linter white space and comments may be the error.
        let is_trivial = if stage == Stage::Build {
            vec![false; file.hunks.len()]
        } else {
            trivial::between(&file.hunks, &before, &after)
        };
        if is_named {
            before.parse_beside(&after, &file.hunks);
        }
        let scopes = |source| if is_named { Scopes::of(source) } else { Scopes::of_known(source) };
        let (scopes_before, scopes_after) = (scopes(&before), scopes(&after));
        let mut sheet = Self { file, before, after, scopes_before, scopes_after, pieces: Vec::new() };
        let is_of_tests = |hunk: &Hunk| {
            file.path.ends_with(".rs") && sheet.scopes_after.is_in_tests(hunk.touched().0) && !hunk.is_whole_file()
        };
        let is_script = |hunk: &Hunk| {
            !is_named
                && file.path.ends_with(".py")
                && !hunk.added.is_empty()
                && is_of_script(&sheet.after, hunk.new_start)
        };
        let hunks = file.hunks.iter().zip(is_trivial);
        let telling = hunks.filter(|(hunk, is_trivial)| {
            stage == Stage::Build || !(*is_trivial || is_of_tests(hunk) || is_script(hunk))
        });
        sheet.pieces = telling.map(|(hunk, _)| sheet.piece(hunk)).collect();
        Some(sheet)
    }

    fn piece(&self, hunk: &'c Hunk) -> Piece<'c> {
        let last = |start: u32, lines: &[String]| {
            start.saturating_add(u32::try_from(lines.len()).unwrap_or(u32::MAX)).saturating_sub(1)
        };
        let (old_last, new_last) = (last(hunk.old_start, &hunk.removed), last(hunk.new_start, &hunk.added));
        let removed = names(&self.before, hunk.old_start, old_last, hunk.removed.is_empty());
        let added = names(&self.after, hunk.new_start, new_last, hunk.added.is_empty());
        let mut functions = BTreeSet::new();
        // Whole definitions that only came, or only went, change nothing of what stood around them.
        let is_one_sided = hunk.removed.is_empty() || hunk.added.is_empty();
        let mut touch = |source: &Source<'_>, scopes: &Scopes, first: u32, last: u32| {
            let whole = if is_one_sided { definitions(source, scopes, first, last) } else { None };
            let touched = whole.unwrap_or_else(|| scopes.within(first, last));
            let is_test = |scope: &&Scope| self.path().ends_with(".rs") && scopes.is_in_tests(scope.first);
            functions.extend(touched.into_iter().filter(|scope| !is_test(scope)).map(|scope| scope.name.clone()));
        };
        if !hunk.removed.is_empty() {
            touch(&self.before, &self.scopes_before, hunk.old_start, old_last);
        }
        if !hunk.added.is_empty() {
            touch(&self.after, &self.scopes_after, hunk.new_start, new_last);
        }
        let mut tables = BTreeSet::new();
        if !hunk.removed.is_empty() {
            tables.extend(table_at(&self.before, &self.scopes_before, hunk.old_start));
        }
        if !hunk.added.is_empty() {
            tables.extend(table_at(&self.after, &self.scopes_after, hunk.new_start));
        }
        let sides = [(&self.before, hunk.old_start, &hunk.removed), (&self.after, hunk.new_start, &hunk.added)];
        let is_there = sides.iter().filter(|(.., lines)| !lines.is_empty());
        let heads = is_there.filter_map(|(source, first, _)| head_of(source, *first)).collect();
        let results = ["return", "raise", "throw", "yield", "panic", "Err", "Ok", "Some", "None", "nil", "null"];
        let changes_result = results.iter().any(|word| removed.contains(word) || added.contains(word));
        let is_rewording = trivial::differs_in_wording(hunk, &self.before, &self.after);
        let (first, last) = hunk.touched();
        let lines = (first, last.min(self.after.n_lines()).max(first));
        Piece { hunk, removed, added, heads, functions, tables, lines, changes_result, is_rewording }
    }

    /// Where a line of the file after the change stood before it.
    pub(super) fn line_before(&self, line: u32) -> u32 {
        let above = self.file.hunks.iter().filter(|hunk| hunk.touched().1 < line);
        let count = |lines: &[String]| i64::try_from(lines.len()).unwrap_or(i64::MAX);
        let moved: i64 = above.map(|hunk| count(&hunk.removed) - count(&hunk.added)).sum();
        u32::try_from(i64::from(line).saturating_add(moved).max(1)).unwrap_or(u32::MAX)
    }

    /// Whether a name is a class's, or that of what makes one: it is called for all that the class can do.
    pub(super) fn is_class(&self, name: &str) -> bool {
        let stem = self.path().rsplit('/').next().and_then(|file| file.split('.').next());
        let of =
            |scopes: &Scopes| scopes.named(name).next().is_some() && scopes.named(name).all(|scope| !scope.is_function);
        let is_typed = stem == Some(name) && name.starts_with(char::is_uppercase);
        is_typed || of(&self.scopes_after) || of(&self.scopes_before)
    }

    pub(super) fn path(&self) -> &'c str {
        &self.file.path
    }
}

/// The functions that make up these lines, with nothing but them; `None` where other code is among the lines, or
/// one of them is called by the language itself.
fn definitions<'s>(source: &Source<'_>, scopes: &'s Scopes, first: u32, last: u32) -> Option<Vec<&'s Scope>> {
    let whole: Vec<&Scope> =
        scopes.iter().filter(|scope| scope.is_function && first <= scope.first && scope.last <= last).collect();
    let is_held = |line: u32| whole.iter().any(|scope| scope.first <= line && line <= scope.last);
    let is_other = |token: &Token| token.kind != Kind::Comment && !is_held(token.line);
    let is_implicit = |scope: &&Scope| scope.name.starts_with("__") || IMPLICIT.contains(&scope.name.as_str());
    let is_all = !source.tokens_in(first, last).iter().any(is_other) && !whole.iter().any(is_implicit);
    (is_all && !whole.is_empty()).then_some(whole)
}

/// Whether a line belongs to what only runs when its file is run by itself.
fn is_of_script(source: &Source<'_>, line: u32) -> bool {
    let starts = |line: &u32| {
        let first = source.tokens_in(*line, *line).iter().find(|token| token.kind != Kind::Comment);
        first.is_some_and(|token| token.start == source.line_start(*line) && token.kind == Kind::Word)
    };
    let opener = (1..=line).rev().take(TABLE_LINES as usize).find(starts);
    opener.is_some_and(|opener| {
        let words: Vec<&str> = source.line(opener).split_whitespace().take(3).collect();
        words == ["if", "__name__", "=="]
    })
}

/// The line above this one on which the statement begins that goes on here, as open brackets tell.
fn head_of<'c>(source: &Source<'c>, line: u32) -> Option<&'c str> {
    let mut depth = 0_i32;
    for above in (line.saturating_sub(HEAD_LINES).max(1)..line).rev() {
        for token in source.tokens_in(above, above).iter().rev().filter(|token| token.kind != Kind::Comment) {
            match source.of(token) {
                ")" | "]" => depth += 1,
                "(" | "[" => depth -= 1,
                // A block holds statements of its own.
                "{" | "}" => return None,
                _ => {}
            }
        }
        if depth < 0 {
            return Some(source.line(above));
        }
    }
    None
}

fn names<'c>(source: &Source<'c>, first: u32, last: u32, is_empty: bool) -> BTreeSet<&'c str> {
    if is_empty { BTreeSet::new() } else { source.words_in(first, last).collect() }
}

/// The table or constant outside of functions to whose value a line belongs.
fn table_at(source: &Source<'_>, scopes: &Scopes, line: u32) -> Option<String> {
    if scopes.at(line).is_some_and(|scope| scope.is_function) {
        return None;
    }
    let column = |text: &str| text.len() - text.trim_start().len();
    let mut depth = usize::MAX;
    for above in (line.saturating_sub(TABLE_LINES).max(1)..=line).rev() {
        let text = source.line(above);
        if text.trim().is_empty() || column(text) >= depth {
            continue;
        }
        depth = column(text);
        if let Some(name) = given_name(text) {
            return Some(name.to_owned());
        }
        if depth == 0 && above < line && !text.trim_start().starts_with([']', '}', ')']) {
            return None;
        }
    }
    None
}

/// The name to which a line gives a value, as `NAME = [` and `const NAME: T = {` do.
pub(super) fn given_name(line: &str) -> Option<&str> {
    let (left, value) = line.split_once('=')?;
    let is_comparison = value.starts_with(['=', '>', '~']) || left.ends_with(['!', '<', '>', '=', '+', '-', '|']);
    if is_comparison || left.contains(['(', '"', '\'', '{', '[']) {
        return None;
    }
    let left = left.split(':').next().unwrap_or(left);
    left.split(|c: char| !(c.is_alphanumeric() || c == '_')).rfind(|word| word.len() > 2)
}

impl Piece<'_> {
    /// Whether one of the removed lines, or of the added ones, holds this text as a whole.
    pub(super) fn holds(&self, text: &str) -> (bool, bool) {
        let held = |lines: &[String]| lines.iter().any(|line| holds_whole(line, text));
        (held(&self.hunk.removed), held(&self.hunk.added))
    }

    pub(super) fn n_lines(&self) -> usize {
        self.hunk.removed.len() + self.hunk.added.len()
    }

    /// Where it is, as it is written in sentences.
    pub(super) fn place(&self, path: &str) -> String {
        let (first, last) = self.lines;
        if last > first { format!("{path}:{first}-{last}") } else { format!("{path}:{first}") }
    }
}

/// Whether a text occurs with nothing of a name on either side, so that `cache` is not in `no-cache`.
pub(super) fn holds_whole(line: &str, text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$');
    line.match_indices(text).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        let after = line.get(at + text.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// In how many hunks of the deploy each name occurs, and in how many on the added side.
pub(super) struct Spread<'c> {
    /// In how many files a function or class of each name is defined.
    defined: HashMap<String, usize>,
    any: HashMap<&'c str, usize>,
    added: HashMap<&'c str, usize>,
}

impl<'c> Spread<'c> {
    pub(super) fn of(sheets: &[Sheet<'c>]) -> Self {
        let (mut any, mut added) = (HashMap::new(), HashMap::new());
        for piece in sheets.iter().flat_map(|sheet| &sheet.pieces) {
            for name in piece.removed.union(&piece.added) {
                *any.entry(*name).or_default() += 1;
            }
            for name in &piece.added {
                *added.entry(*name).or_default() += 1;
            }
        }
        let mut defined: HashMap<String, usize> = HashMap::new();
        for sheet in sheets {
            let names: BTreeSet<&String> = sheet.scopes_after.iter().map(|scope| &scope.name).collect();
            for name in names {
                *defined.entry(name.clone()).or_default() += 1;
            }
        }
        Self { defined, any, added }
    }

    /// Whether several changed files define a function or class of this name, so that it tells none of them.
    pub(super) fn is_shared(&self, name: &str) -> bool {
        self.defined.get(name).is_some_and(|n_files| *n_files > 1)
    }

    /// Whether one of the changed files defines a function or class of this name after the change.
    pub(super) fn is_defined(&self, name: &str) -> bool {
        self.defined.contains_key(name)
    }

    pub(super) fn hunks_with(&self, name: &str) -> usize {
        self.any.get(name).copied().unwrap_or(0)
    }

    /// Whether some hunk of the deploy adds the name.
    pub(super) fn is_added(&self, name: &str) -> bool {
        self.added.contains_key(name)
    }
}

/// The unchanged files that were read for this error.
pub(super) fn unchanged(change: &Change) -> impl Iterator<Item = (&str, &str)> {
    let is_changed = |path: &str| change.files.iter().any(|file| file.path == path);
    change.sources.iter().filter(move |(path, _)| !is_changed(path)).map(|(path, text)| (path.as_str(), text.as_str()))
}
