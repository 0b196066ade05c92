//! Says what a proposed patch was held against.
//!
//! Input: the units taken back, the tally of runs, and what the shell saw of the patch. Output: one
//! [`Check`] each, passed or not. A check that failed hides nothing: the patch is shown with it.
//!
//! Pure. Applies nothing and runs nothing itself.

use serde::Serialize;

use super::search::{Subset, Tally};
use super::unit::Unit;
use crate::triage::{Change, Class};

/// Paths that are named before it is only said how many more there are.
const NAMED: usize = 3;

/// One thing that a patch was held against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was asked, in few words.
    pub name: &'static str,
    /// Whether the patch stood the test.
    pub passed: bool,
    /// What was seen, as a sentence.
    pub detail: String,
}

/// Whether the patch, applied to the deployed revision, gives the files that were tested.
#[must_use]
pub fn applies(result: Result<bool, String>) -> Check {
    let (passed, detail) = match result {
        Ok(true) => (true, "Applied to the deployed revision, it gives exactly the files that were tested.".to_owned()),
        Ok(false) => (false, "Applied to the deployed revision, it gives other files than those tested.".to_owned()),
        Err(why) => (false, format!("It does not apply to the deployed revision: {why}.")),
    };
    Check { name: "applies", passed, detail }
}

/// Whether the command passes with the patch, and fails without.
#[must_use]
pub fn repro_passes(with: Tally, without: Tally, is_flaky: bool) -> Check {
    let mut detail = format!(
        "Passed in {} of {} with the patch, failed in {} of {} without.",
        with.passed,
        runs(with.runs()),
        without.failed,
        runs(without.runs()),
    );
    if is_flaky {
        detail.push_str(" The command is flaky: the same files both passed and failed.");
    }
    if with.failed == 0 && with.runs() < 2 {
        detail.push_str(" There was no time to run it again.");
    }
    Check { name: "repro passes", passed: with.passed > 0 && with.failed == 0, detail }
}

/// Whether the patch touches only files that the deploy touched.
#[must_use]
pub fn in_scope(touched: &[String], change: &Change) -> Check {
    let is_known =
        |path: &&String| change.files.iter().any(|file| file.path == **path || file.old_path.as_ref() == Some(*path));
    let outside: Vec<&str> = touched.iter().filter(|path| !is_known(path)).map(String::as_str).collect();
    let detail = match (outside.as_slice(), touched.len()) {
        ([], 1) => "The one file that it touches is in the deploy's diff.".to_owned(),
        ([], n_files) => format!("All {n_files} paths that it touches are in the deploy's diff."),
        (outside, _) => format!("It touches what the deploy did not: {}.", list(outside)),
    };
    Check { name: "in scope", passed: outside.is_empty(), detail }
}

/// Whether no part of a test is taken back.
#[must_use]
pub fn no_test_weakened(units: &Subset, ranked: &[Unit], change: &Change) -> Check {
    let taken = units.iter().filter_map(|unit| ranked.get(*unit)).flat_map(|unit| &unit.touches);
    let tests = taken.filter_map(|file| change.files.get(*file)).filter(|file| file.class == Class::Test);
    let mut paths: Vec<&str> = tests.map(|file| file.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    let detail = match paths.as_slice() {
        [] => "No test is changed.".to_owned(),
        paths => format!("It takes changes of tests back: {}. Read them with care.", list(paths)),
    };
    Check { name: "no test weakened", passed: paths.is_empty(), detail }
}

fn runs(count: u32) -> String {
    if count == 1 { "1 run".to_owned() } else { format!("{count} runs") }
}

fn list(paths: &[&str]) -> String {
    let mut text: Vec<String> = paths.iter().take(NAMED).map(|path| format!("{path:?}")).collect();
    if paths.len() > NAMED {
        text.push(format!("{} more", paths.len() - NAMED));
    }
    text.join(", ")
}
