//! Finds a fix without a model: runs the user's test with parts of a deploy taken back.
//!
//! Input: a repository, a range, the error, and a command that fails as deployed. Output: a
//! [`Report`] with a patch, which is never applied.
//!
//! What to try next is `remedy::fix`'s business. Every run gets fresh files in a repository of its own
//! outside of the user's, is ended with all that it started, and is bounded in time and output; the
//! user's work tree, index, branches and objects are only read.

mod workshop;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use git2::Oid;

use super::execute::{Ending, Leftovers, Limits, Ran, command};
use super::git::read::{self, Range};
use super::git::revert::RevertError;
use crate::remedy::fix::check::{applies, in_scope, no_test_weakened, repro_passes};
use crate::remedy::fix::search::{Conclusion, Outcome, Refusal, Search, Step, Subset};
use crate::remedy::fix::unit::Units;
use crate::remedy::fix::{Ranking, Report, report};
use crate::triage::{Change, Symptom, Verdict};
use workshop::Workshop;

/// Output of one run that is read, in bytes; of it, only the last line is shown.
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
    /// Program and arguments of the command.
    pub command: &'a [String],
    /// What the search may use.
    pub bounds: Bounds,
}

/// A run that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// How many changes were taken back.
    pub n_taken: usize,
    /// How many there are.
    pub n_units: usize,
    /// How the command ended, as the end of a sentence about it.
    pub ending: String,
    /// Whether it passed.
    pub passed: bool,
    /// How long it took.
    pub took: Duration,
}

/// Searches for the smallest part of the deploy to take back; blocks until it is found or given up.
///
/// `cancel` ends the running command and the search; `progress` is called after each run.
///
/// # Errors
///
/// When the repository or the range cannot be read, or no room for the checkouts can be made. A
/// command that fails or cannot be started is no error but an outcome.
pub fn find(
    request: &Request<'_>,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(&Tried),
) -> Result<Report, RevertError> {
    let (verdict, change) = read::triage(request.repo, request.range, request.symptom)?;
    let units = Units::of(&change);
    let ranking = Ranking::of(units.units, &change, &verdict);
    let workshop = Workshop::open(request.repo, &change)?;
    let mut bench =
        Bench { request, change: &change, ranking: &ranking, workshop, endings: BTreeMap::new(), cancel, progress };
    let mut search = Search::new(ranking.field(&change), request.bounds.runs);
    let conclusion = bench.search(&mut search)?;
    bench.report(&conclusion, &search, &verdict)
}

/// Where subsets are built and the command is run.
struct Bench<'a> {
    request: &'a Request<'a>,
    change: &'a Change,
    ranking: &'a Ranking,
    workshop: Workshop,
    /// How the last run with each subset ended.
    endings: BTreeMap<Subset, String>,
    cancel: &'a AtomicBool,
    progress: &'a mut dyn FnMut(&Tried),
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
                Some(outcome) => search.tell(subset, outcome),
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
        let limits = Limits {
            time,
            patience: PATIENCE,
            total_bytes: OUTPUT_BYTES,
            leftovers: Leftovers::Killed,
            ..Limits::default()
        };
        let mut last = String::new();
        let ran = command::run(self.request.command, &folder, limits, self.cancel, &mut |_, line| {
            if !line.trim().is_empty() {
                last = line;
            }
        });
        let was_cut = ran.ending == Ending::TimedOut && time < self.request.bounds.run_time;
        if was_cut || ran.ending == Ending::Canceled {
            return Ok(None);
        }
        self.note(subset, &ran, &last);
        Ok(Some(if ran.succeeded() { Outcome::Passed } else { Outcome::Failed }))
    }

    fn note(&mut self, subset: &Subset, ran: &Ran, last: &str) {
        let mut ending = ran.ending.to_string();
        if !ran.succeeded() && !last.is_empty() {
            ending.push_str(&format!(": {last}"));
        }
        let tried = Tried {
            n_taken: subset.len(),
            n_units: self.ranking.units.len(),
            ending: ending.clone(),
            passed: ran.succeeded(),
            took: ran.took,
        };
        (self.progress)(&tried);
        self.endings.insert(subset.clone(), ending);
    }

    fn tree(&self, subset: &Subset) -> Result<Oid, RevertError> {
        if subset.len() == self.ranking.units.len() {
            return self.workshop.base();
        }
        let units = || subset.iter().filter_map(|unit| self.ranking.units.get(*unit));
        let hunks: Vec<_> = units().flat_map(|unit| unit.hunks.iter().copied()).collect();
        let files: Vec<_> = units().flat_map(|unit| unit.files.iter().copied()).collect();
        self.workshop.without(self.change, &hunks, &files)
    }

    fn report(&self, conclusion: &Conclusion, search: &Search, verdict: &Verdict) -> Result<Report, RevertError> {
        let n_units = self.ranking.units.len();
        let telling = match conclusion {
            Conclusion::CannotJudge(Refusal::FailsAtBase) => (0..n_units).collect(),
            Conclusion::CannotJudge(Refusal::PassesAtHead | Refusal::Flaky) => Subset::new(),
            Conclusion::NotFound | Conclusion::Found { .. } => Subset::new(),
        };
        let said = self.endings.get(&telling).map(String::as_str).unwrap_or_default();
        let mut report = Report::of(conclusion, search, n_units, said);
        let Conclusion::Found { units, .. } = conclusion else { return Ok(report) };
        let tree = self.tree(units)?;
        report.patch = self.workshop.patch(self.change, tree)?;
        report.hunks = report::taken(units, self.ranking, self.change, verdict);
        let touched = self.workshop.touched(tree)?;
        report.checks = vec![
            applies(self.workshop.applies(&report.patch, tree)),
            repro_passes(search.tally(units), search.tally(&Subset::new()), search.is_flaky()),
            in_scope(&touched, self.change),
            no_test_weakened(units, &self.ranking.units, self.change),
        ];
        Ok(report)
    }
}
