//! Runs a command that shows an error with the files as deployed, as before the deploy, and without the first suspect.
//!
//! Input: a verdict and a command that a person gave. Output: [`Reruns`], from which `triage::rerun` says what they
//! change. Each run gets fresh files in a repository of its own outside of the user's, as in a search for a fix; the
//! user's work tree, index, branches and objects are only read.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use git2::Oid;

use super::workshop::Workshop;
use super::{OUTPUT_BYTES, PATIENCE, Tail};
use crate::remedy::fix::Ranking;
use crate::remedy::fix::unit::Units;
use crate::shell::execute::{Ending, Leftovers, Limits, command};
use crate::shell::git::revert::RevertError;
use crate::triage::rerun::{Ran, Reruns};
use crate::triage::{Change, Symptom, Verdict};

/// What is run, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// A path within the repository.
    pub repo: &'a Path,
    /// What was deployed.
    pub change: &'a Change,
    /// The error.
    pub symptom: &'a Symptom,
    /// What the evidence says of it.
    pub verdict: &'a Verdict,
    /// Program and arguments of the command.
    pub command: &'a [String],
    /// How long one run may take.
    pub run_time: Duration,
}

/// Runs the command up to three times, only as often as it can tell something; blocks until that is done.
///
/// `cancel` ends the running command, which then decides nothing; `progress` is told what a run is made with before
/// it begins.
///
/// # Errors
///
/// When the repository cannot be read, or no room for the checkouts can be made. A command that fails or cannot be
/// started is no error but an outcome.
pub fn rerun(
    request: &Request<'_>,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(&str),
) -> Result<Reruns, RevertError> {
    let mut workshop = Workshop::open(request.repo, request.change)?;
    let deployed = workshop.without(request.change, &[], &[])?;
    let mut run = |workshop: &mut Workshop, tree, what: &str| {
        progress(what);
        ran(request, workshop, tree, cancel)
    };
    let mut reruns = Reruns { deployed: run(&mut workshop, deployed, "as deployed")?, before: None, without: None };
    if reruns.deployed != Ran::Showed {
        return Ok(reruns);
    }
    let base = workshop.base()?;
    reruns.before = Some(run(&mut workshop, base, "as before the deploy")?);
    if reruns.before == Some(Ran::Passed)
        && let Some(tree) = without_first(request, &workshop)?
    {
        reruns.without = Some(run(&mut workshop, tree, "without the first suspect")?);
    }
    Ok(reruns)
}

/// The deployed files without the unit that holds the first suspect; `None` without one, or where it cannot be
/// taken back alone.
fn without_first(request: &Request<'_>, workshop: &Workshop) -> Result<Option<Oid>, RevertError> {
    let Some(first) = request.verdict.suspects.first() else { return Ok(None) };
    let ranking = Ranking::of(Units::of(request.change).units, request.change, request.verdict);
    let unit = ranking.unit_of(first.hunk, request.change).and_then(|unit| ranking.units.get(unit));
    let Some(unit) = unit else { return Ok(None) };
    match workshop.without(request.change, &unit.hunks, &unit.files) {
        Ok(tree) => Ok(Some(tree)),
        Err(RevertError::InTheWay(_) | RevertError::Stale(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn ran(request: &Request<'_>, workshop: &mut Workshop, tree: Oid, cancel: &AtomicBool) -> Result<Ran, RevertError> {
    let folder = workshop.checkout(tree)?;
    if cancel.load(Ordering::Relaxed) {
        return Ok(Ran::Undecided);
    }
    let limits = Limits {
        time: request.run_time,
        patience: PATIENCE,
        total_bytes: OUTPUT_BYTES,
        leftovers: Leftovers::Killed,
        ..Limits::default()
    };
    let mut lines = Tail::default();
    let ran = command::run(request.command, &folder, limits, cancel, &mut |_, line| lines.push(line));
    Ok(match ran.ending {
        Ending::TimedOut | Ending::Canceled | Ending::NotStarted(_) => Ran::Undecided,
        Ending::Exited(_) | Ending::Signaled(_) => Ran::of(ran.succeeded(), &lines.text(), request.symptom),
    })
}
