//! Says what the result of a draft was held against.
//!
//! Input: each file that the draft touches, as deployed, as proposed and as before the deploy. Output: one
//! [`Check`] for each question, passed or not. A failed check hides nothing, and only a draft that passed
//! all of them is called ready.
//!
//! Pure. Looks at what is there, never at what the author says of it. What the deployed code does already,
//! or the code before the deploy did, is not held against a draft.

mod danger;
mod package;
mod parse;
mod swallowed;
mod tests_kept;

use crate::remedy::fix::Check;
use crate::triage::classify::classify;
use crate::triage::syntax::{Kind, Source};
use crate::triage::{Change, Class, FileChange};

pub use package::Known;

/// Names that are told before it is only said how many more there are.
const NAMED: usize = 3;

/// Changed lines that a draft may have; more is no small fix, and is hard to review.
const SMALL: usize = 200;

/// A file that a draft touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched<'t> {
    /// Its path.
    pub path: &'t str,
    /// What kind of file it is.
    pub class: Class,
    /// Its text before the deploy.
    pub base: Option<&'t str>,
    /// Its text as deployed; `None` where it does not exist.
    pub head: Option<&'t str>,
    /// Its text as proposed; `None` where it is deleted.
    pub new: Option<&'t str>,
}

impl<'t> Touched<'t> {
    /// A file with this proposed text.
    #[must_use]
    pub fn of(path: &'t str, new: Option<&'t str>, change: &'t Change) -> Self {
        let file = change.files.iter().find(|file| file.path == path);
        let text = |of: fn(&FileChange) -> Option<&str>| file.and_then(of);
        Self {
            path,
            class: file.map_or_else(|| classify(path, new), |file| file.class),
            base: text(|file| file.base_text.as_deref()),
            head: text(|file| file.head_text.as_deref()),
            new,
        }
    }

    /// The lines that the draft brings and neither the deployed file nor the one before the deploy has.
    fn added(&self) -> impl Iterator<Item = (usize, &'t str)> {
        let known: std::collections::HashSet<&str> =
            [self.head, self.base].into_iter().flatten().flat_map(str::lines).map(str::trim).collect();
        let lines = self.new.unwrap_or_default().lines().enumerate();
        lines.map(|(at, line)| (at + 1, line)).filter(move |(_, line)| !known.contains(line.trim()))
    }
}

/// What was found at a place.
struct Finding {
    file: String,
    what: String,
}

impl Finding {
    fn new(file: &Touched<'_>, what: impl Into<String>) -> Self {
        Self { file: file.path.to_owned(), what: what.into() }
    }
}

/// A text with its comments, and strings over several lines that stand for themselves, blanked out; lines stay.
fn code_of(path: &str, text: &str) -> String {
    let source = Source::read(path, text);
    let mut code = text.as_bytes().to_vec();
    let is_blank = |kind: Kind, text: &str| match kind {
        Kind::Comment => true,
        Kind::Text => text.starts_with("\"\"\"") || text.starts_with("'''"),
        Kind::Word | Kind::Mark => false,
    };
    for token in source.tokens.iter().filter(|token| is_blank(token.kind, source.of(token))) {
        if let Some(bytes) = code.get_mut(token.start..token.end) {
            bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        }
    }
    String::from_utf8_lossy(&code).into_owned()
}

fn check(name: &'static str, found: &[Finding], fine: &str) -> Check {
    let mut shown: Vec<String> =
        found.iter().take(NAMED).map(|found| format!("{:?} {}", found.file, found.what)).collect();
    if found.len() > NAMED {
        shown.push(format!("{} more", found.len() - NAMED));
    }
    let detail = if found.is_empty() { fine.to_owned() } else { format!("{}.", shown.join("; ")) };
    Check { name, passed: found.is_empty(), detail }
}

/// Every check that needs nothing to be run; `outside` are paths that were left out of the draft because
/// the deploy did not touch them, `known` what the repository has and declares.
#[must_use]
pub fn all(files: &[Touched<'_>], outside: &[String], known: &Known) -> Vec<Check> {
    vec![
        parse::check(files),
        in_scope(files.len(), outside),
        is_small(files),
        tests_kept::check(files),
        swallowed::check(files),
        package::dependencies(files, known),
        danger::calls(files),
        danger::secrets(files),
        danger::hidden(files),
    ]
}

/// Whether code of the draft may be run to try it: nothing in it reaches out, or hides.
#[must_use]
pub fn may_run(checks: &[Check]) -> bool {
    let needed = ["no new dependency", "no new network or shell call", "no hidden characters"];
    checks.iter().filter(|check| needed.contains(&check.name)).all(|check| check.passed)
}

fn in_scope(n_files: usize, outside: &[String]) -> Check {
    let detail = match (outside, n_files) {
        ([], 1) => "The one file that it changes is in the deploy's diff.".to_owned(),
        ([], n_files) => format!("All {n_files} files that it changes are in the deploy's diff."),
        (outside, _) => {
            let names: Vec<String> = outside.iter().take(NAMED).map(|path| format!("{path:?}")).collect();
            let more = outside.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!(
                "Its author also changed {}{more}, which the deploy did not touch; that is left out.",
                names.join(", ")
            )
        }
    };
    Check { name: "in scope", passed: outside.is_empty(), detail }
}

fn is_small(files: &[Touched<'_>]) -> Check {
    let n_lines: usize = files.iter().map(changed_lines).sum();
    let detail = if n_lines <= SMALL {
        format!("It changes {n_lines} line{}.", if n_lines == 1 { "" } else { "s" })
    } else {
        format!("It changes {n_lines} lines, more than {SMALL}: too many for a fix that one can read at a glance.")
    };
    Check { name: "small", passed: n_lines <= SMALL, detail }
}

/// Lines that come or go, by their texts and how often each stands there.
fn changed_lines(file: &Touched<'_>) -> usize {
    let mut counts: std::collections::HashMap<&str, i64> = std::collections::HashMap::new();
    file.head.unwrap_or_default().lines().for_each(|line| *counts.entry(line).or_default() -= 1);
    file.new.unwrap_or_default().lines().for_each(|line| *counts.entry(line).or_default() += 1);
    let total: u64 = counts.values().map(|count| count.unsigned_abs()).sum();
    usize::try_from(total).unwrap_or(usize::MAX)
}

/// Whether the tests that passed as deployed still pass.
#[must_use]
pub fn tests_pass(before: &Ended, after: &Ended) -> Check {
    let (passed, detail) = match (before.passed, after.passed) {
        (true, true) => (true, "They passed as deployed, and pass with the draft.".to_owned()),
        (false, true) => (true, "They failed as deployed, and pass with the draft.".to_owned()),
        (true, false) => (false, format!("They passed as deployed; with the draft the command {}.", after.ending)),
        (false, false) => (
            false,
            format!("They fail as deployed too, so they tell nothing; with the draft the command {}.", after.ending),
        ),
    };
    Check { name: "tests still pass", passed, detail }
}

/// A check that needed a command which was not run.
#[must_use]
pub fn not_run(name: &'static str, why: &str) -> Check {
    Check { name, passed: false, detail: format!("Not run: {why}.") }
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Whether it succeeded.
    pub passed: bool,
    /// How it ended, as the end of a sentence about it.
    pub ending: String,
}

#[cfg(test)]
mod tests;
