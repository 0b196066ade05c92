//! The hours of a baseline, counted back from the deploy: hour 0 is the one just before it.
//!
//! So the first hour of the watch is hour -1, and hour 23 is the same hour of the day before. No clock
//! hour is cut in two by a deploy at half past.
//!
//! Where people live by a clock that changes, so does what they ask of a service: hours of the day are then those on
//! the wall. Of a day on which the clock changes, one is missing or there twice.

use jiff::tz::TimeZone;

use crate::units::Minute;

/// Hours of a day.
pub(super) const DAY: usize = 24;

/// Minutes of an hour below which it tells nothing.
const LEAST_OF_HOUR: u32 = 15;

const HOUR_MINUTES: i32 = 60;
const DAY_MINUTES: i32 = 24 * HOUR_MINUTES;

/// 1970-01-01 was a Thursday: so many days after a Monday.
const FIRST_WEEKDAY: i32 = 3;

/// Hours after the deploy whose place in the day is known.
const AHEAD: usize = DAY;

/// How much of each hour was observed, and where in the day it lies.
#[derive(Clone, Debug)]
pub(super) struct Hours {
    /// Observed minutes of each hour.
    pub(super) covered: Vec<u32>,
    /// Observed minutes of all.
    pub(super) minutes: u32,
    /// For each hour, from the last one ahead, how far back it lies by the clock on the wall, and whether on a weekend.
    places: Vec<(i32, bool)>,
    /// The hours at each place in the day, ascending.
    twins: [Vec<usize>; DAY],
}

impl Hours {
    /// `covered` are the observed minutes of each hour, `minutes` those of all; hour 0 ends at the deploy's minute.
    pub(super) fn new(covered: Vec<u32>, minutes: u32, end: Minute, zone: Option<&TimeZone>) -> Self {
        let length = i32::try_from(covered.len()).unwrap_or(i32::MAX);
        let now = offset(zone, end.plus(-HOUR_MINUTES / 2));
        let place = |back: i32| {
            let middle = end.plus(-back.saturating_mul(HOUR_MINUTES) - HOUR_MINUTES / 2);
            let offset = offset(zone, middle);
            let weekday = ((middle.number() + offset).div_euclid(DAY_MINUTES) + FIRST_WEEKDAY).rem_euclid(7);
            // Clocks that change by half an hour keep their places.
            (back - (offset - now) / HOUR_MINUTES, weekday >= 5)
        };
        let places: Vec<(i32, bool)> = (-(AHEAD as i32)..length).map(place).collect();
        let mut hours = Self { covered, minutes, places, twins: std::array::from_fn(|_| Vec::new()) };
        for back in 0..hours.len() {
            let class = hours.class(back as i32);
            hours.twins[class].push(back);
        }
        hours
    }

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

    fn place(&self, back: i32) -> (i32, bool) {
        let at = usize::try_from(back.saturating_add(AHEAD as i32)).ok().and_then(|at| self.places.get(at));
        at.copied().unwrap_or((back, false))
    }

    /// The hour of the day, counted back from the deploy's; also of hours after the deploy, which are negative.
    pub(super) fn class(&self, back: i32) -> usize {
        self.place(back).0.rem_euclid(DAY as i32) as usize
    }

    /// The hour of the day, and whether it falls on a weekend.
    pub(super) fn key(&self, back: i32) -> (usize, bool) {
        (self.class(back), self.place(back).1)
    }

    /// The hours of the baseline that are like one after the deploy, from 0: at the same place in the day, on the same
    /// sort of day.
    pub(super) fn like(&self, hour: usize) -> impl Iterator<Item = usize> {
        let key = self.key(-1 - (hour % DAY) as i32);
        self.twins(key.0).iter().copied().filter(move |back| self.tells(*back) && self.key(*back as i32) == key)
    }

    /// The hours of the baseline at a place in the day, ascending.
    pub(super) fn twins(&self, class: usize) -> &[usize] {
        self.twins.get(class).map_or(&[], Vec::as_slice)
    }

    /// The hour of the baseline that is so far before another one, by the clock on the wall; `None` where the clock
    /// skipped it.
    pub(super) fn before(&self, back: i32, hours: i32) -> Option<usize> {
        let wanted = self.place(back).0 + hours;
        let near = (wanted - 1..=wanted + 1).find(|near| self.place(*near).0 == wanted);
        near.and_then(|near| usize::try_from(near).ok()).filter(|near| *near < self.len())
    }
}

/// How far the clock on the wall is ahead of UTC, in minutes.
fn offset(zone: Option<&TimeZone>, minute: Minute) -> i32 {
    let at = jiff::Timestamp::from_second(minute.start().seconds()).ok();
    zone.zip(at).map_or(0, |(zone, at)| zone.to_offset(at).seconds() / 60)
}
