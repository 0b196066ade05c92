//! The hours of a baseline, counted back from the deploy: hour 0 is the one just before it.
//!
//! So the first hour of the watch is hour -1, and hour 23 is the same hour of the day before. No clock
//! hour is cut in two by a deploy at half past.

use crate::units::Minute;

/// Hours of a day.
pub(super) const DAY: usize = 24;

/// Minutes of an hour below which it tells nothing.
const LEAST_OF_HOUR: u32 = 15;

const HOUR_MINUTES: i32 = 60;
const DAY_MINUTES: i32 = 24 * HOUR_MINUTES;

/// 1970-01-01 was a Thursday: so many days after a Monday.
const FIRST_WEEKDAY: i32 = 3;

/// How much of each hour was observed.
#[derive(Clone, Debug)]
pub(super) struct Hours {
    /// Observed minutes of each hour.
    pub(super) covered: Vec<u32>,
    /// Observed minutes of all.
    pub(super) minutes: u32,
    /// The deploy's minute, at which hour 0 ends.
    pub(super) end: Minute,
}

impl Hours {
    pub(super) fn len(&self) -> usize {
        self.covered.len()
    }

    /// Observed minutes of an hour; none of one that is not in the baseline.
    pub(super) fn minutes_of(&self, back: usize) -> f64 {
        self.covered.get(back).copied().map_or(0.0, f64::from)
    }

    /// Whether enough of the hour was observed for it to tell anything.
    pub(super) fn tells(&self, back: usize) -> bool {
        self.tells_but(back, 0)
    }

    /// The same, for a signature of which so many of its minutes are set aside.
    pub(super) fn tells_but(&self, back: usize, missing: u32) -> bool {
        self.covered.get(back).is_some_and(|&covered| covered >= LEAST_OF_HOUR + missing)
    }

    /// The hours that tell anything, ascending.
    pub(super) fn telling(&self) -> impl Iterator<Item = usize> {
        self.telling_but(|_| 0)
    }

    /// The same, for a signature of which so many minutes of each are set aside.
    pub(super) fn telling_but<'h, F: Fn(usize) -> u32>(
        &'h self,
        missing: F,
    ) -> impl Iterator<Item = usize> + use<'h, F> {
        (0..self.len()).filter(move |&back| self.tells_but(back, missing(back)))
    }

    /// The hour of the day, and whether it falls on a weekend; also of hours after the deploy, which
    /// are negative.
    pub(super) fn key(&self, back: i32) -> (usize, bool) {
        let middle = self.end.number() - back * HOUR_MINUTES - HOUR_MINUTES / 2;
        let weekday = (middle.div_euclid(DAY_MINUTES) + FIRST_WEEKDAY).rem_euclid(7);
        (back.rem_euclid(DAY as i32) as usize, weekday >= 5)
    }
}
