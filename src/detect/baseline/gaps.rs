//! How long a signature stays away between two of its minutes: what tells a heartbeat that stopped.
//!
//! A line that comes every five minutes is missed after ten; a count of so few could not tell that within
//! hours. Only lines that keep time are looked at: those whose gaps are of few lengths.
//!
//! Minutes that were not observed do not pass.

/// Lengths of gaps that are told apart; a line with more keeps no time.
const LENGTHS: usize = 24;

/// Gaps below which nothing is known.
const LEAST_GAPS: u32 = 50;

/// The gaps of one signature while the baseline is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathering {
    /// The observed minute in which it was last seen, from 1.
    last: u32,
    /// Each length with how often it was seen.
    lengths: Vec<(u32, u32)>,
    is_irregular: bool,
}

impl Gathering {
    /// Notes that it was seen in an observed minute, counted from 1.
    pub(super) fn note(&mut self, minute: u32) {
        let length = minute.saturating_sub(self.last);
        let is_first = std::mem::replace(&mut self.last, minute) == 0;
        if is_first || length == 0 || self.is_irregular {
            return;
        }
        if let Some((_, n)) = self.lengths.iter_mut().find(|(other, _)| *other == length) {
            *n += 1;
        } else if self.lengths.len() < LENGTHS {
            self.lengths.push((length, 1));
        } else {
            (self.is_irregular, self.lengths) = (true, Vec::new());
        }
    }

    /// Notes a minute of which nothing is known: what lies around it is no gap.
    pub(super) fn lose_sight(&mut self) {
        self.last = 0;
    }

    /// What is known at the end, when so many minutes were observed; `None` of a line that keeps no time.
    pub(super) fn finish(mut self, minutes: u32) -> Option<Gaps> {
        let n: u32 = self.lengths.iter().map(|(_, n)| *n).sum();
        if self.is_irregular || n < LEAST_GAPS {
            return None;
        }
        self.lengths.sort_unstable();
        let all: u64 = self.lengths.iter().map(|(length, n)| u64::from(*length) * u64::from(*n)).sum();
        let mean = all as f64 / f64::from(n);
        Some(Gaps {
            lengths: self.lengths,
            n,
            mean,
            age: if self.last == 0 { 0 } else { minutes.saturating_sub(self.last) },
        })
    }
}

/// How long a signature that keeps time stays away.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaps {
    /// Each length in minutes, ascending, with how often it was seen.
    lengths: Vec<(u32, u32)>,
    n: u32,
    mean: f64,
    age: u32,
}

impl Gaps {
    /// The mean length, in minutes.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Minutes since it was last seen at the deploy: 0 when it was in the last one.
    pub(in crate::detect) fn age(&self) -> u32 {
        self.age
    }

    /// The share of gaps in which it stays away for at least so many whole minutes.
    ///
    /// As if one more had been seen that is longer than all; beyond the longest it falls by `e` with each mean
    /// length, as the gaps of independent events do, though those of a heartbeat fall faster.
    pub(in crate::detect) fn survival(&self, away: u32) -> f64 {
        let longer: u32 = self.lengths.iter().filter(|(length, _)| *length > away).map(|(_, n)| *n).sum();
        let share = f64::from(1 + longer) / f64::from(1 + self.n);
        let longest = self.lengths.last().map_or(0, |(length, _)| *length);
        share * (-f64::from(away.saturating_sub(longest)) / self.mean.max(1.0)).exp()
    }
}
