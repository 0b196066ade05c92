//! Stretches of the days before a deploy in which nothing at all was written, though so much used to be around them that
//! the source was away, or nobody watched it: they are unknown, not zero.
//!
//! What is usual is told by the median minute of the hour before and of the hour after, whichever is less. So neither a
//! quiet night nor the time between two runs of a job is a stretch, whose neighbors are as quiet.
//!
//! A source that goes away at the same time on most days is away as usual: its silence at that time is then no
//! finding, either.

use std::ops::Range;

use crate::detect::counts::{Counts, Coverage};
use crate::units::Minute;

/// Minutes of a stretch at least, and the events that are usual in so many.
const LEAST_MINUTES: usize = 3;
const LEAST_EVENTS: f64 = 20.0;

/// Minutes on each side that tell what is usual, and how many of them must have been observed.
const SIDE: i32 = 60;
const LEAST_OF_SIDE: usize = 10;

/// Days on which a source must have been away at some time for that to be usual.
const LEAST_DAYS: usize = 2;

const DAY: i32 = 24 * 60;

/// The stretches of a baseline, and when the source is away as usual after it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Away {
    /// Ascending; none touches another.
    stretches: Vec<Range<Minute>>,
    /// The minutes after the baseline in which the source is away on most days, ascending.
    usual: Vec<Minute>,
}

impl Away {
    /// Looks at the minutes of the range, and so many hours ahead.
    ///
    /// Minutes that were told to be observed are never part of a stretch.
    pub(super) fn of(counts: &Counts, range: &Range<Minute>, hours_ahead: usize) -> Self {
        let empty = |(minute, coverage, mut cells): (Minute, Coverage, crate::detect::counts::Cells<'_>)| {
            (coverage == Coverage::Complete && cells.next().is_none()).then_some(minute)
        };
        let mut runs: Vec<Range<Minute>> = Vec::new();
        for minute in counts.minutes(range.clone()).filter_map(empty) {
            match runs.last_mut() {
                Some(run) if run.end == minute => run.end = minute.plus(1),
                _ => runs.push(minute..minute.plus(1)),
            }
        }
        runs.retain(|run| length(run) >= LEAST_MINUTES);
        if runs.is_empty() {
            return Self::default();
        }
        let totals = totals(counts, range.clone());
        let is_away = |run: &Range<Minute>| {
            let sides = [run.start.plus(-SIDE)..run.start, run.end..run.end.plus(SIDE).min(range.end)];
            let typical = sides.into_iter().filter_map(|side| median(&totals, &side)).min();
            typical.is_some_and(|typical| f64::from(typical) * length(run) as f64 >= LEAST_EVENTS)
        };
        runs.retain(is_away);
        let mut away = Self { stretches: runs, usual: Vec::new() };
        if !away.stretches.is_empty() {
            let ahead = i32::try_from(hours_ahead.saturating_mul(60)).unwrap_or(DAY).min(DAY);
            let is_usual = |minute: &Minute| away.is_usual_on(counts, range, *minute);
            away.usual = range.end.until(range.end.plus(ahead + 1)).filter(is_usual).collect();
        }
        away
    }

    /// Whether a minute of the baseline lies in a stretch.
    pub(super) fn contains(&self, minute: Minute) -> bool {
        let before = self.stretches.partition_point(|stretch| stretch.end <= minute);
        self.stretches.get(before).is_some_and(|stretch| stretch.start <= minute)
    }

    /// Whether the source is away on most days at the time of a minute after the baseline.
    pub(super) fn is_usual(&self, minute: Minute) -> bool {
        self.usual.binary_search(&minute).is_ok()
    }

    fn is_usual_on(&self, counts: &Counts, range: &Range<Minute>, minute: Minute) -> bool {
        let days = (1..).map(|day| minute.plus(-day * DAY)).take_while(|before| *before >= range.start);
        let known = days.filter(|before| *before < range.end && counts.coverage(*before) >= Coverage::Complete);
        let (away, here): (Vec<Minute>, Vec<Minute>) = known.partition(|before| self.contains(*before));
        away.len() >= LEAST_DAYS && away.len() >= here.len()
    }
}

fn length(run: &Range<Minute>) -> usize {
    usize::try_from(run.end.since(run.start)).unwrap_or(0)
}

/// The observed minutes, each with the events of all signatures.
fn totals(counts: &Counts, range: Range<Minute>) -> Vec<(Minute, u32)> {
    let observed = counts.minutes(range).filter(|(_, coverage, _)| *coverage >= Coverage::Complete);
    observed.map(|(minute, _, cells)| (minute, cells.fold(0, |sum: u32, (_, n)| sum.saturating_add(n)))).collect()
}

/// The median of the observed minutes; `None` where there are too few.
fn median(totals: &[(Minute, u32)], side: &Range<Minute>) -> Option<u32> {
    let place = |minute: Minute| totals.partition_point(|(at, _)| *at < minute);
    let mut counts: Vec<u32> = totals.get(place(side.start)..place(side.end))?.iter().map(|(_, n)| *n).collect();
    counts.sort_unstable();
    counts.get(counts.len() / 2).copied().filter(|_| counts.len() >= LEAST_OF_SIDE)
}

#[cfg(test)]
mod tests;
