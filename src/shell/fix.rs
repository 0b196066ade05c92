//! Finds a fix without a model: runs the user's test with parts of a deploy taken back.
//!
//! Input: a repository, a range, the error, and a command that fails as deployed. Output: a
//! [`Report`] with a patch, which is never applied.
//!
//! [`rerun`] only asks whether the error is older and whether the first suspect did it.
//! [`draft`] has a model or a coding agent write one instead, in the same throw-away checkouts.
//!
//! What to try next is `remedy::fix`'s business. Every run gets fresh files in a repository of its own
//! outside of the user's, is ended with all that it started, and is bounded in time and output; the
//! user's work tree, index, branches and objects are only read.

pub mod draft;
pub(super) mod recheck;
pub mod rerun;
mod tail;
mod trial;
pub(super) mod workshop;

pub(super) use tail::Tail;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use git2::Oid;

use super::execute::{Ending, Leftovers, Limits, Ran, command};
use super::git::read::{self, Range};
use super::git::revert::RevertError;
use crate::remedy::fix::check::{applies, in_scope, no_test_weakened, repro_passes};
use crate::remedy::fix::fine;
use crate::remedy::fix::search::{Conclusion, Outcome, Refusal, Search, Step, Subset};
use crate::remedy::fix::unit::Units;
use crate::remedy::fix::{Part, Ranking, Report, Stand, Tried, Unit, report};
use crate::triage::{self, Change, Stage, Symptom, Verdict};
use workshop::Workshop;

/// Units that are taken back, at most, when the output of a run is asked what else to take.
const SUGGESTED: usize = 3;

/// Output of one run that is read, in bytes; of it, the end is kept, and the last line shown.
const OUTPUT_BYTES: usize = 1 << 20;

/// How long a run that took too long has to end by itself.
const PATIENCE: Duration = Duration::from_millis(500);

/// What the search may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Most runs of the command.
    pub runs: usize,
    /// How long one run may take; one that takes longer failed.
    pub run_time: Duration,
    /// How long all of it may take.
    pub total_time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { runs: 40, run_time: Duration::from_secs(300), total_time: Duration::from_secs(15 * 60) }
    }
}

/// What is to be fixed, and by what it is told.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// A path within the repository.
    pub repo: &'a Path,
    /// The revisions before and after the deploy.
    pub range: &'a Range,
    /// The error.
    pub symptom: &'a Symptom,
    /// Errors that began at the same moment.
    pub siblings: &'a [Symptom],
    /// Program and arguments of the command.
    pub command: &'a [String],
    /// What the search may use.
    pub bounds: Bounds,
}

/// How far the search is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A run begins.
    Trying(Part),
    /// A run ended.
    Tried(Tried),
}

/// What was found, and what it was found in.
#[derive(Clone, Debug)]
pub struct Found {
    /// What the search came to.
    pub report: Report,
    /// What was deployed.
    pub change: Change,
    /// What the evidence says of the error.
    pub verdict: Verdict,
}

/// Searches for the smallest part of the deploy to take back; blocks until it is found or given up.
///
/// `cancel` ends the running command and the search; `progress` is called before and after each run.
///
/// # Errors
///
/// When the repository or the range cannot be read, or no room for the checkouts can be made. A
/// command that fails or cannot be started is no error but an outcome.
pub fn find(
    request: &Request<'_>,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(Progress),
) -> Result<Found, RevertError> {
    let (_, change) = read::triage_among(request.repo, request.range, request.symptom, request.siblings)?;
    // One key, one package at a time; the evidence must speak of these parts.
    let change = fine::refined(change);
    let verdict = triage::judge_among(request.symptom, request.siblings, &change, Stage::Production);
    let ranking = Ranking::of(Units::of(&change).units, &change, &verdict);
    let mut search = Search::new(ranking.field(&change), request.bounds.runs);
    let workshop = Workshop::open(request.repo, &change)?;
    let seen = BTreeMap::new();
    let mut bench = Bench { request, change, verdict, ranking, workshop, seen, n_runs: 0, cancel, progress };
    let conclusion = bench.search(&mut search)?;
    let report = bench.report(&conclusion, &search)?;
    Ok(Found { report, change: bench.change, verdict: bench.verdict })
}

/// What one run may use; what it leaves running is ended.
fn limits(time: Duration) -> Limits {
    Limits { time, patience: PATIENCE, total_bytes: OUTPUT_BYTES, leftovers: Leftovers::Killed, ..Limits::default() }
}

/// What was seen of a run.
struct Seen {
    /// How it ended, as the end of a sentence about the command.
    ending: String,
    /// The end of its output.
    output: String,
}

/// Where subsets are built and the command is run.
struct Bench<'a> {
    request: &'a Request<'a>,
    change: Change,
    verdict: Verdict,
    ranking: Ranking,
    workshop: Workshop,
    /// What the last run with each subset said.
    seen: BTreeMap<Subset, Seen>,
    n_runs: usize,
    cancel: &'a AtomicBool,
    progress: &'a mut dyn FnMut(Progress),
}

impl Bench<'_> {
    fn search(&mut self, search: &mut Search) -> Result<Conclusion, RevertError> {
        let deadline = Instant::now() + self.request.bounds.total_time;
        loop {
            let subset = match search.step() {
                Step::Done(conclusion) => return Ok(conclusion),
                Step::Run(subset) => subset,
            };
            match self.run(&subset, deadline)? {
                Some(Outcome::Failed) => {
                    if let Some(suggestion) = self.suggestion(&subset)? {
                        search.suggest(suggestion);
                    }
                    search.tell(subset, Outcome::Failed);
                }
                Some(Outcome::Passed) => search.tell(subset, Outcome::Passed),
                None => search.stop(),
            }
        }
    }

    /// Runs the command with these units taken back; `None` when there is no time for it.
    fn run(&mut self, subset: &Subset, deadline: Instant) -> Result<Option<Outcome>, RevertError> {
        let tree = match self.tree(subset) {
            Ok(tree) => tree,
            // Such a subset cannot exist, so it cannot pass.
            Err(RevertError::InTheWay(_) | RevertError::Stale(_)) => return Ok(Some(Outcome::Failed)),
            Err(error) => return Err(error),
        };
        let folder = self.workshop.checkout(tree)?;
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || self.cancel.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let time = self.request.bounds.run_time.min(left);
        let limits = limits(time);
        self.n_runs += 1;
        let part = self.part(subset);
        (self.progress)(Progress::Trying(part));
        let mut lines = Tail::default();
        let ran = command::run(self.request.command, &folder, limits, self.cancel, &mut |_, line| lines.push(line));
        let was_cut = ran.ending == Ending::TimedOut && time < self.request.bounds.run_time;
        if was_cut || ran.ending == Ending::Canceled {
            return Ok(None);
        }
        self.note(subset, &ran, &lines);
        Ok(Some(if ran.succeeded() { Outcome::Passed } else { Outcome::Failed }))
    }

    fn note(&mut self, subset: &Subset, ran: &Ran, lines: &Tail) {
        let mut ending = ran.ending.to_string();
        if let Some(last) = lines.last().filter(|_| !ran.succeeded()) {
            ending.push_str(&format!(": {last}"));
        }
        let part = self.part(subset);
        let tried = Tried { part, ending: ending.clone(), passed: ran.succeeded(), took: ran.took };
        (self.progress)(Progress::Tried(tried));
        self.seen.insert(subset.clone(), Seen { ending, output: lines.text() });
    }

    fn part(&self, subset: &Subset) -> Part {
        let on = Stand::Without { n_taken: subset.len(), n_units: self.ranking.units.len() };
        Part { run: self.n_runs, on }
    }

    /// What else to take back, by the output of a run that failed otherwise than as deployed.
    fn suggestion(&mut self, subset: &Subset) -> Result<Option<Subset>, RevertError> {
        let Some(seen) = self.seen.get(subset).filter(|seen| !seen.output.is_empty()) else { return Ok(None) };
        let is_like_head = self.seen.get(&Subset::new()).is_some_and(|head| head.output == seen.output);
        if subset.len() > SUGGESTED || is_like_head && !subset.is_empty() {
            return Ok(None);
        }
        let symptom = Symptom::of_text(&seen.output);
        let repo = read::open(self.request.repo)?;
        self.change.sources = read::sources_for(&repo, &self.change, &symptom);
        let verdict = triage::judge(&symptom, &self.change);
        let unit = verdict.suspects.iter().find_map(|suspect| self.ranking.unit_of(suspect.hunk, &self.change));
        Ok(unit.filter(|unit| !subset.contains(unit)).map(|unit| subset.iter().copied().chain([unit]).collect()))
    }

    fn tree(&self, subset: &Subset) -> Result<Oid, RevertError> {
        if subset.len() == self.ranking.units.len() {
            return self.workshop.base();
        }
        let Unit { hunks, files, .. } = self.joined(subset);
        self.workshop.without(&self.change, &hunks, &files)
    }

    /// All that is taken back with a subset, as one.
    fn joined(&self, subset: &Subset) -> Unit {
        let units = || subset.iter().filter_map(|unit| self.ranking.units.get(*unit));
        Unit {
            hunks: units().flat_map(|unit| unit.hunks.iter().copied()).collect(),
            files: units().flat_map(|unit| unit.files.iter().copied()).collect(),
            touches: units().flat_map(|unit| unit.touches.iter().copied()).collect(),
        }
    }

    fn report(&self, conclusion: &Conclusion, search: &Search) -> Result<Report, RevertError> {
        let n_units = self.ranking.units.len();
        let telling = match conclusion {
            Conclusion::CannotJudge(Refusal::FailsAtBase) => (0..n_units).collect(),
            Conclusion::CannotJudge(Refusal::PassesAtHead | Refusal::Flaky) => Subset::new(),
            Conclusion::NotFound | Conclusion::Found { .. } => Subset::new(),
        };
        let said = self.seen.get(&telling).map(|seen| seen.ending.as_str()).unwrap_or_default();
        let mut report = Report::of(conclusion, search, n_units, said);
        let Conclusion::Found { units, .. } = conclusion else { return Ok(report) };
        let tree = self.tree(units)?;
        report.patch = self.workshop.patch(&self.change, tree)?;
        report.taken = self.joined(units);
        report.hunks = report::taken(units, &self.ranking, &self.change, &self.verdict);
        let touched = self.workshop.touched(tree)?;
        report.checks = vec![
            applies(self.workshop.applies(&report.patch, tree)),
            repro_passes(search.tally(units), search.tally(&Subset::new()), search.is_flaky()),
            in_scope(&touched, &self.change),
            no_test_weakened(units, &self.ranking.units, &self.change),
        ];
        Ok(report)
    }
}
