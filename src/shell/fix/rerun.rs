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
use super::{OUTPUT_BYTES, PATIENCE, Progress, Tail};
use crate::remedy::fix::unit::Units;
use crate::remedy::fix::{Part, Ranking, Stand, Tried, Unit};
use crate::shell::execute::{Ending, Leftovers, Limits, command};
use crate::shell::git::revert::RevertError;
use crate::triage::rerun::{Ran, Reruns};
use crate::triage::{Change, Symptom, Verdict};

/// What is run, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// A path within the repository.
    pub repo: &'a Path,
    /// A folder of objects beside those of the repository, where a revision of the change is in neither.
    pub objects: Option<&'a Path>,
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

/// Runs the command in up to three states, twice in each, only as often as it can tell something; blocks until that
/// is done.
///
/// `cancel` ends the running command, which then decides nothing; `progress` is told of each run before it begins and
/// when it has ended.
///
/// # Errors
///
/// When the repository cannot be read, or no room for the checkouts can be made. A command that fails or cannot be
/// started is no error but an outcome.
pub fn rerun(
    request: &Request<'_>,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(Progress),
) -> Result<Reruns, RevertError> {
    let mut workshop = Workshop::open_with(request.repo, request.objects, request.change)?;
    let units = Units::of(request.change).units;
    let n_units = units.len();
    let deployed = workshop.without(request.change, &[], &[])?;
    let mut runs = Runs { request, cancel, workshop: &mut workshop, progress, n_runs: 0, n_units };
    let deployed = runs.in_state(deployed, 0)?;
    let mut reruns = Reruns { deployed, before: None, without: None };
    if reruns.deployed != Ran::Showed {
        return Ok(reruns);
    }
    let base = runs.workshop.base()?;
    reruns.before = Some(runs.in_state(base, n_units)?);
    if reruns.before == Some(Ran::Passed)
        && let Some(tree) = without_first(request, units, runs.workshop)?
    {
        // Of a change of one part nothing is left without it.
        let is_base = tree == base;
        let ran = if is_base { Ran::Passed } else { runs.in_state(tree, 1)? };
        reruns.without = Some(ran);
    }
    Ok(reruns)
}

/// The deployed files without the unit that holds the first suspect; `None` without one, or where it cannot be
/// taken back alone.
fn without_first(request: &Request<'_>, units: Vec<Unit>, workshop: &Workshop) -> Result<Option<Oid>, RevertError> {
    let Some(first) = request.verdict.suspects.first() else { return Ok(None) };
    let ranking = Ranking::of(units, request.change, request.verdict);
    let unit = ranking.unit_of(first.hunk, request.change).and_then(|unit| ranking.units.get(unit));
    let Some(unit) = unit else { return Ok(None) };
    match workshop.without(request.change, &unit.hunks, &unit.files) {
        Ok(tree) => Ok(Some(tree)),
        Err(RevertError::InTheWay(_) | RevertError::Stale(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Runs of the command, one after the other.
struct Runs<'a> {
    request: &'a Request<'a>,
    cancel: &'a AtomicBool,
    workshop: &'a mut Workshop,
    progress: &'a mut dyn FnMut(Progress),
    n_runs: usize,
    n_units: usize,
}

impl Runs<'_> {
    /// Runs the command with these files, and again before it is believed.
    fn in_state(&mut self, tree: Oid, n_taken: usize) -> Result<Ran, RevertError> {
        let once = self.run(tree, n_taken)?;
        if !once.needs_repeat() {
            return Ok(once);
        }
        Ok(once.with_repeat(self.run(tree, n_taken)?))
    }

    fn run(&mut self, tree: Oid, n_taken: usize) -> Result<Ran, RevertError> {
        self.n_runs += 1;
        let part = Part { run: self.n_runs, on: Stand::Without { n_taken, n_units: self.n_units } };
        (self.progress)(Progress::Trying(part));
        let folder = self.workshop.checkout(tree)?;
        if self.cancel.load(Ordering::Relaxed) {
            return Ok(Ran::Undecided);
        }
        let limits = Limits {
            time: self.request.run_time,
            patience: PATIENCE,
            total_bytes: OUTPUT_BYTES,
            leftovers: Leftovers::Killed,
            ..Limits::default()
        };
        let mut lines = Tail::default();
        let ran = command::run(self.request.command, &folder, limits, self.cancel, &mut |_, line| lines.push(line));
        let outcome = match ran.ending {
            Ending::TimedOut | Ending::Canceled | Ending::NotStarted(_) => Ran::Undecided,
            Ending::Exited(_) | Ending::Signaled(_) => Ran::of(ran.succeeded(), &lines.text(), self.request.symptom),
        };
        let shown = if outcome == Ran::Showed { ", with this error" } else { "" };
        let ending = format!("{}{shown}", ran.ending);
        (self.progress)(Progress::Tried(Tried { part, ending, passed: ran.succeeded(), took: ran.took }));
        Ok(outcome)
    }
}
