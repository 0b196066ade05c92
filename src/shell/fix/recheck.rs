//! Holds what a person chose of a draft against the checks, because those of the whole draft do not speak for a part.
//!
//! Input: the files as they would be, and what may be run. Output: the checks of exactly that. Runs code only when it
//! reaches for nothing new, in throw-away checkouts, without the user's secrets, as for the draft itself.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::Bounds;
use super::draft::Tests;
use super::draft::build::{Bench, Commands, Contents};
use super::workshop::Workshop;
use crate::remedy::advice::walls::Open;
use crate::remedy::advice::{Leave, Progress};
use crate::remedy::fix::{Check, Tried};
use crate::shell::git::revert::RevertError;
use crate::triage::Change;

/// What was chosen.
pub(in crate::shell) struct Request<'a> {
    /// A path within the repository.
    pub(in crate::shell) repo: &'a Path,
    /// What was deployed.
    pub(in crate::shell) deployed: &'a Change,
    /// Full id of the commit that it is made on.
    pub(in crate::shell) parent: &'a str,
    /// The files that it changes, as they would be.
    pub(in crate::shell) contents: &'a Contents,
    /// What may be run.
    pub(in crate::shell) leave: &'a Leave,
    /// What commands on a draft may do though they are confined.
    pub(in crate::shell) open: &'a Open,
}

/// Checks it; blocks until that is done. `progress` is told of each run that ended.
pub(in crate::shell) fn recheck(
    request: &Request<'_>,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(Tried),
) -> Result<Vec<Check>, RevertError> {
    // The files before it are those of the commit that it is made on.
    let change = Change { head: request.parent.to_owned(), ..request.deployed.clone() };
    let mut workshop = Workshop::open(request.repo, &change)?;
    let (repro, tests) = (request.leave.repro(), request.leave.tests());
    let run_time = repro.map_or(Bounds::default().run_time, |repro| repro.limit);
    let tests: Option<(&[String], Duration)> = tests.map(|tests| (tests.argv.as_slice(), tests.limit));
    let tests: Option<Tests<'_>> = tests;
    let commands = Commands {
        repro: repro.map(|repro| repro.argv.as_slice()),
        tests,
        bounds: Bounds { run_time, ..Bounds::default() },
        // What was found without a model is code that ran already, and was found without walls.
        open: matches!(request.leave, Leave::Draft(_)).then_some(request.open),
    };
    let mut told = |happened: &Progress| {
        if let Progress::Tried(tried) = happened {
            progress(tried.clone());
        }
    };
    let mut bench = Bench::new(&change, commands, &mut workshop, cancel);
    // Where the command passes before it already, the check of it says so: nothing failed without.
    bench.before(&mut told)?;
    let is_outside =
        |path: &&String| !change.files.iter().any(|file| file.path == **path || file.old_path.as_ref() == Some(*path));
    let outside: Vec<String> = request.contents.keys().filter(is_outside).cloned().collect();
    Ok(bench.judge(request.contents, &outside, &mut told)?.checks)
}
