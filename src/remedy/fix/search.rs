//! Says which part of a deploy to take back for the next run of the command.
//!
//! Input: how many units there are, what is known of them ([`Field`]), and after each run its
//! [`Outcome`]. Output: the next [`Subset`] to try, or the [`Conclusion`].
//!
//! Pure, and without a state of its own beside the outcomes: each time, the whole plan is gone through
//! again with what is known, up to the first outcome that is missing. So whatever turns out, also that
//! a command is flaky, the next step follows from everything seen so far.
//!
//! The plan: as deployed, the command must fail. Then the first suspect with what it needs; if that does not do, the
//! state before the deploy, in which the command must pass; then guesses at what is to blame together, and at what the
//! outputs of failed runs suggest (`guess`).
//! What needs others goes with them, until at the end each is left out alone.
//! What passes is shrunk: along the ranking, by halves of the suspicion (after `QuickXPlain`, Junker,
//! AAAI 2004, pp. 167-172), a large deploy first by whole files; then unit by unit until none can be left out. What is to be
//! believed is run again, and the failure as deployed last of all, so that a drift between the runs shows.

mod guess;
mod plan;

use std::collections::{BTreeMap, BTreeSet};

use plan::{Hold, Plan};

/// Units that are taken back, by their place in the ranking.
pub type Subset = BTreeSet<usize>;

/// Runs that are kept back to confirm what was found.
const RESERVE: usize = 3;

/// The most suggestions that are taken.
const HINTS: usize = 5;

/// Runs as deployed from which the share of failures of a flaky command is estimated.
const SAMPLE: u32 = 5;

/// What is known of the units before any run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    /// How many units there are; the most suspicious is number 0.
    pub n_units: usize,
    /// How many of them, from the first, the evidence speaks against.
    pub n_suspects: usize,
    /// For each unit, those that share a new name with it.
    pub relatives: Vec<Vec<usize>>,
    /// For each unit, those that must be taken back with it; closed: what these need is among them. Where nothing
    /// stands, none is known.
    pub needs: Vec<Subset>,
    /// For each unit, how likely it is to blame, beside the others; above 0.
    pub weights: Vec<f64>,
    /// For each unit, the number of the file that it is in, of several the first; where nothing stands, none is known.
    pub files: Vec<usize>,
    /// Units that are parts of tests.
    pub tests: Subset,
}

impl Field {
    /// What must be taken back with a unit.
    fn needs_of(&self, unit: usize) -> &Subset {
        const NONE: &Subset = &Subset::new();
        self.needs.get(unit).unwrap_or(NONE)
    }
}

/// How one run of the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// With success.
    Passed,
    /// In any other way: it failed, took too long, or could not even be started.
    Failed,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Take these units back, run the command, and tell how it ended.
    Run(Subset),
    /// The search is over.
    Done(Conclusion),
}

/// What the search came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// With these units taken back the command passes.
    Found {
        /// The units.
        units: Subset,
        /// Whether leaving any one of them out was tried, and failed.
        minimal: bool,
        /// Whether what is claimed was run more than once.
        confirmed: bool,
    },
    /// Nothing was found within the bounds, or there is nothing.
    NotFound,
    /// The command cannot tell.
    CannotJudge(Refusal),
}

/// Why the command cannot tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// It passes as deployed.
    PassesAtHead,
    /// It fails before the deploy too.
    FailsAtBase,
    /// It passes and fails by chance, and too rarely fails for a pass to mean anything.
    Flaky,
}

/// How often a subset passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Runs that passed.
    pub passed: u32,
    /// Runs that failed.
    pub failed: u32,
}

impl Tally {
    /// Whether it did both.
    #[must_use]
    pub fn disagrees(self) -> bool {
        self.passed > 0 && self.failed > 0
    }

    /// All runs.
    #[must_use]
    pub fn runs(self) -> u32 {
        self.passed.saturating_add(self.failed)
    }
}

/// A search in progress.
#[derive(Clone, Debug)]
pub struct Search {
    field: Field,
    most_runs: usize,
    n_runs: usize,
    is_stopped: bool,
    hints: Vec<Subset>,
    tallies: BTreeMap<Subset, Tally>,
}

impl Search {
    /// Begins a search that runs the command at most this often.
    #[must_use]
    pub fn new(field: Field, most_runs: usize) -> Self {
        Self { field, most_runs, n_runs: 0, is_stopped: false, hints: Vec::new(), tallies: BTreeMap::new() }
    }

    /// What to do next.
    #[must_use]
    pub fn step(&self) -> Step {
        match self.plan(RESERVE).conclude() {
            Ok(conclusion) => Step::Done(conclusion),
            Err(Hold::Run(subset)) => Step::Run(subset),
            Err(Hold::Cut) => self.step_when_cut(),
        }
    }

    /// Tells how the command ended with these units taken back.
    pub fn tell(&mut self, subset: Subset, outcome: Outcome) {
        self.n_runs += 1;
        let tally = self.tallies.entry(subset).or_default();
        match outcome {
            Outcome::Passed => tally.passed = tally.passed.saturating_add(1),
            Outcome::Failed => tally.failed = tally.failed.saturating_add(1),
        }
    }

    /// Says that these units together are worth a run: the output of an earlier run speaks against them.
    pub fn suggest(&mut self, subset: Subset) {
        if self.hints.len() < HINTS && !self.hints.contains(&subset) {
            self.hints.push(subset);
        }
    }

    /// Says that there is no time for another run.
    pub fn stop(&mut self) {
        self.is_stopped = true;
    }

    /// All runs of the command.
    #[must_use]
    pub fn n_runs(&self) -> usize {
        self.n_runs
    }

    /// How many different subsets were tried, beside everything and nothing.
    #[must_use]
    pub fn n_tried(&self) -> usize {
        let is_part = |subset: &&Subset| !subset.is_empty() && subset.len() < self.field.n_units.max(2);
        self.tallies.keys().filter(is_part).count()
    }

    /// How often a subset passed and failed.
    #[must_use]
    pub fn tally(&self, subset: &Subset) -> Tally {
        self.tallies.get(subset).copied().unwrap_or_default()
    }

    /// Whether some subset both passed and failed.
    #[must_use]
    pub fn is_flaky(&self) -> bool {
        self.tallies.values().any(|tally| tally.disagrees())
    }

    fn plan(&self, reserve: usize) -> Plan<'_> {
        let left = if self.is_stopped { 0 } else { self.most_runs.saturating_sub(self.n_runs) };
        Plan { search: self, left: left.saturating_sub(reserve) }
    }

    /// Falls back on the smallest subset that passed, and confirms it with the runs that were kept back.
    fn step_when_cut(&self) -> Step {
        let passed = |(_, tally): &(&Subset, &Tally)| tally.failed == 0 && tally.passed > 0;
        let best = self.tallies.iter().filter(|(subset, _)| !subset.is_empty()).filter(passed);
        let best = best.min_by_key(|(subset, _)| subset.len()).map(|(subset, _)| subset.clone());
        let (Some(units), 0) = (best, self.tally(&Subset::new()).passed) else {
            return Step::Done(Conclusion::NotFound);
        };
        let plan = self.plan(0);
        let confirmed = match plan.is_believed(&units) {
            Ok(is_believed) => is_believed,
            Err(Hold::Run(subset)) => return Step::Run(subset),
            Err(Hold::Cut) => false,
        };
        Step::Done(Conclusion::Found { minimal: plan.is_minimal(&units), units, confirmed })
    }
}

#[cfg(test)]
mod tests;
