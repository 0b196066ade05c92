//! Finds work that was started and does not finish, and steps that are no longer taken: failures that no
//! error line announces.
//!
//! Input: when tasks of one kind started and finished, and how long such tasks took before. Output: the
//! natural logarithm of an e-value, like in `evidence`: it may be looked at any time, and a healthy kind
//! carries it beyond `c` with a chance of at most `1/c`.
//!
//! A drop in a count says much less: twenty of a hundred tasks that stall are found here within minutes,
//! because each open task is compared with how rarely one is open that long.
//!
//! Pure. Which lines start and finish a task, whoever calls it knows.

use std::time::Duration;

use super::evidence::ln_sum;
use crate::units::Timestamp;

/// Shares of tasks that a fault is suspected to stall, and how much each is; these add up to 1.
const STALLED: [f64; 5] = [0.02, 0.05, 0.1, 0.3, 1.0];
const SUSPECTED: [f64; 5] = [0.05, 0.15, 0.25, 0.25, 0.3];

/// The logarithm of what cannot be: finite, so that it can be taken back.
const IMPOSSIBLE: f64 = -1e6;

/// What a fault is suspected to leave of the usual share of tasks that take a step.
const LEFT: [f64; 5] = [0.001, 0.28, 0.55, 0.78, 0.89];

/// Classes of durations in each doubling.
const PER_DOUBLING: f64 = 16.0;

/// The longest duration that is told from longer ones: 12 days.
const CLASSES: usize = 20 * PER_DOUBLING as usize;

/// Chance of being open so long below which a task is overdue.
const OVERDUE: f64 = 1e-3;

/// One piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// When it started.
    pub started: Timestamp,
    /// When it finished, however that ended; `None` while it is open.
    pub finished: Option<Timestamp>,
}

/// How long tasks of one kind took, in classes of 4 %.
#[derive(Clone, Debug, PartialEq)]
pub struct Durations {
    counts: Vec<u64>,
    n_tasks: u64,
}

impl Default for Durations {
    fn default() -> Self {
        Self { counts: vec![0; CLASSES + 1], n_tasks: 0 }
    }
}

impl Durations {
    /// Adds a finished task.
    pub fn add(&mut self, took: Duration) {
        self.counts[class_of(took)] += 1;
        self.n_tasks += 1;
    }

    /// The share of tasks that take so long or longer.
    ///
    /// Never zero, because no finite experience makes a longer one impossible; and never too small: what
    /// lies in the same class counts as longer.
    #[must_use]
    pub fn survival(&self, age: Duration) -> f64 {
        let longer: u64 = self.counts.iter().skip(class_of(age)).sum();
        (1.0 + longer as f64) / (1.0 + self.n_tasks as f64)
    }
}

fn class_of(length: Duration) -> usize {
    let class = (length.as_secs_f64().max(1.0).log2() * PER_DOUBLING) as usize;
    class.min(CLASSES)
}

/// Evidence that some share of these tasks never finishes, as it stands at `now`.
///
/// A task that is open counts for `1 + c (1/S - 1)`, a finished one for `1 - c`, with `c` the share that
/// stalls and `S` how many are open that long: its mean is 1 for every task whose duration is as usual. A mean over
/// several shares is taken.
#[must_use]
pub fn ln_stall(tasks: &[Task], past: &Durations, now: Timestamp) -> f64 {
    let mut odds = Odds::default();
    for task in tasks.iter().filter(|task| task.started <= now) {
        let open = task.finished.is_none_or(|finished| finished > now);
        odds.add(&if open { Odds::open(past.survival(now.since(task.started))) } else { Odds::finished() }, 1);
    }
    odds.ln()
}

/// What tasks say together, for each share that a fault may stall: see [`ln_stall`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Odds([f64; STALLED.len()]);

impl Odds {
    /// What a task says that is open for so long that only this share usually is.
    pub(super) fn open(survival: f64) -> Self {
        Self(STALLED.map(|share| (share * (1.0 / survival - 1.0)).ln_1p()))
    }

    /// What a finished task says.
    pub(super) fn finished() -> Self {
        Self(STALLED.map(|share| (-share).ln_1p().max(IMPOSSIBLE)))
    }

    /// What an open task says, and a finished one, where work stalls instead of a restart that would leave this share
    /// open of which usually only that other one is. Its mean is 1 after such a restart.
    pub(super) fn instead(usual: f64, restarted: f64) -> (Self, Self) {
        let open = STALLED.map(|share| ((usual + share * (1.0 - usual)) / restarted).ln());
        let finished =
            STALLED.map(|share| ((-share).ln_1p() + ((1.0 - usual) / (1.0 - restarted)).ln()).max(IMPOSSIBLE));
        (Self(open), Self(finished))
    }

    /// Adds that so many tasks say this.
    pub(super) fn add(&mut self, other: &Self, n: u64) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, term)| *sum += n as f64 * term);
    }

    /// What is left without what some of the tasks say.
    pub(super) fn without(mut self, some: &Self) -> Self {
        self.0.iter_mut().zip(some.0).for_each(|(sum, term)| *sum -= term);
        self
    }

    /// The natural logarithm of the evidence.
    pub(super) fn ln(&self) -> f64 {
        ln_sum::<5>(std::array::from_fn(|place| self.0[place] + SUSPECTED[place].ln()))
    }
}

/// How many tasks are open for longer than all but one in a thousand.
#[must_use]
pub fn n_overdue(tasks: &[Task], past: &Durations, now: Timestamp) -> usize {
    let is_open = |task: &&Task| task.finished.is_none_or(|finished| finished > now);
    let overdue = |task: &&Task| past.survival(now.since(task.started)) < OVERDUE;
    tasks.iter().filter(is_open).filter(overdue).count()
}

/// Evidence that a step is taken in fewer tasks than the usual share, from how many took and skipped it.
///
/// More that take it never raise it. Zero when the usual share is 0: nothing can be missing then.
#[must_use]
pub fn ln_skip(taken: u64, skipped: u64, usual: f64) -> f64 {
    if !(usual > 0.0 && usual <= 1.0) {
        return 0.0;
    }
    // A share that was never seen below 1 is not certain to be 1.
    let usual = usual.min(1.0 - 1e-3);
    let of = |left: f64| {
        let less_skipped = (1.0 - usual * left) / (1.0 - usual);
        taken as f64 * left.ln() + skipped as f64 * less_skipped.ln()
    };
    ln_mean(LEFT.map(of))
}

/// What finished tasks say of a step together, for each share that a fault may leave of it: see [`ln_skip`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SkipOdds {
    sums: [f64; LEFT.len()],
    largest: [f64; LEFT.len()],
}

impl SkipOdds {
    /// Adds that so many tasks took it or not, of which this share usually does; below 1.
    pub(super) fn add(&mut self, took: bool, usual: f64, n: u64) {
        let of = |left: f64| if took { left.ln() } else { ((1.0 - usual * left) / (1.0 - usual)).ln() };
        self.sums.iter_mut().zip(LEFT).for_each(|(sum, left)| *sum += n as f64 * of(left));
    }

    /// Adds what the tasks of one minute say.
    pub(super) fn add_minute(&mut self, minute: &Self) {
        for ((sum, largest), of_minute) in self.sums.iter_mut().zip(&mut self.largest).zip(minute.sums) {
            *sum += of_minute;
            *largest = largest.max(of_minute);
        }
    }

    /// The natural logarithm of the evidence: at most twice that without the minute that says most, so that no
    /// minute convicts alone.
    pub(super) fn ln(&self) -> f64 {
        let mut others = self.sums;
        others.iter_mut().zip(self.largest).for_each(|(term, largest)| *term -= largest);
        ln_mean(self.sums).min(2.0 * ln_mean(others))
    }
}

fn ln_mean<const N: usize>(ln_terms: [f64; N]) -> f64 {
    let largest = ln_terms.into_iter().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + (ln_terms.map(|term| (term - largest).exp()).into_iter().sum::<f64>() / N as f64).ln()
}

#[cfg(test)]
mod tests;
