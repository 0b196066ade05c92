//! One signature while it is fitted: its rate without past incidents, its own day, its level.
//!
//! Sources: Noufaily et al., An improved algorithm for early outbreak detection (2013), for the residuals
//! and their weights.

use super::hours::{DAY, Hours};
use super::noise::Brief;
use super::season::{Power, Season};
use super::{Pairs, Past, per_minute};

/// Relative level variance when nothing is known: a standard deviation of 22 %.
pub(super) const DEFAULT_LEVEL: f64 = 0.05;

/// Events that the pooled burst factor is worth.
pub(super) const POOL_EVENTS: f64 = 30.0;

/// Events in the baseline below which the hours of a signature tell nothing of its level or its day.
const LEAST_EVENTS: u64 = 50;

/// Events of an hour below which it is no incident.
const LEAST_OUTLYING: f64 = 10.0;

/// Hours before an hour that set its level.
const HOURS_BEFORE: usize = 6;

/// How the hours before an hour set its level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Memory {
    /// How fast hours fade with their age.
    fading: f64,
    /// What the week's level is worth, against what its variance says.
    anchor: f64,
}

/// What is tried; the one that would have predicted the past best is taken, the first if nothing tells.
pub(super) const MEMORIES: [Memory; 6] = [
    Memory { fading: 0.6, anchor: 1.0 },
    Memory { fading: 0.3, anchor: 1.0 },
    Memory { fading: 0.85, anchor: 1.0 },
    Memory { fading: 0.6, anchor: 3.0 },
    Memory { fading: 0.3, anchor: 3.0 },
    Memory { fading: 0.85, anchor: 3.0 },
];

/// The least level variance that the hours before are weighed by.
const LEAST_DRIFT: f64 = 0.03;

/// The least level that the hours before may leave of a prediction.
const LEAST_RECENT: f64 = 1.0 / 8.0;

/// From how many times the level that is believed the hours before speak for themselves, and by how many
/// standard deviations less than what they show: a signature that is there since yesterday only, or grew
/// tenfold, is not what its week says.
const ANOTHER_LEVEL: f64 = 1.25;
const BELIEVED_BELOW: f64 = 2.0;

/// Residuals from which on an hour is weighed down, and left out.
const UNUSUAL: f64 = 2.58;
const OUTLYING: f64 = 6.0;

/// The level variance within residuals, before it is known.
pub(super) const ASSUMED_LEVEL: f64 = 0.1;

/// What a day's level is drawn to 1 by, in scaled events, and how much one hour may count in it.
const DAY_EVENTS: f64 = 20.0;
const MOST_OF_HOUR: f64 = 5.0;

/// Days that the shared shape is worth against a signature's own day.
const SHARED_DAYS: f64 = 5.0;

/// Residual from which on the same hour of the last week stood out, and what 1 is worth against it.
const STOOD_OUT: f64 = 1.64;
const USUAL_WEEKS: f64 = 2.0;

/// Bursts that as many as expected are worth, against the only hour that is like the next.
const ONLY_BURSTS: f64 = 2.0;

const WEEK: i32 = 7 * DAY as i32;

/// One signature while it is fitted.
pub(super) struct Fit<'a> {
    pub(super) past: &'a Past,
    pub(super) burst: f64,
    power: Power,
    /// Events per minute at a share of 1, past incidents weighed down.
    rate: f64,
    /// Variance of the level as far as it is settled.
    pub(super) level: f64,
    /// Variance of the level over the week.
    drift: f64,
    /// Events of each hour; empty where there are too few to tell.
    events: Vec<f32>,
    /// The weight of each hour as one that may be an incident.
    weights: Vec<f32>,
    own: Option<OwnDay>,
    pub(super) memory: Memory,
    /// Hours with restarts in them.
    restarts: Vec<Brief>,
}

/// What an hour was worth, what it should have been, and how much it counts.
pub(super) struct Miss {
    pub(super) events: f64,
    pub(super) predicted: f64,
    pub(super) weight: f64,
}

/// What is foretold for the hours after the deploy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ahead {
    /// Events per minute on average.
    pub(super) rate: f64,
    /// The hour's share of it, by the shared shape and by its own day.
    pub(super) share: f64,
    /// The same of the other sort of day: of a weekend, or of a weekday.
    pub(super) other_share: f64,
    /// The level of the hours just before, over the week's.
    pub(super) recent: f64,
    /// How it follows the traffic: to this power, at most 1.
    pub(super) power: f64,
    /// How far the same hour of last week stood out, or the only one like it: at least 1, and at most 1.
    pub(super) envelope: (f64, f64),
}

impl<'a> Fit<'a> {
    pub(super) fn new(past: &'a Past, hours: &Hours, season: &Season, pool_burst: f64) -> Self {
        let burst = burst_of(&past.pairs, pool_burst);
        let mut events = Vec::new();
        if past.events >= LEAST_EVENTS {
            events.resize(hours.len(), 0.0);
            for &(back, n) in &past.hours {
                if let Some(place) = events.get_mut(back as usize) {
                    *place = n as f32;
                }
            }
        }
        let power = season.power_of(past, burst);
        let rate = per_minute(past.events, hours.minutes.saturating_sub(past.n_missing()));
        let mut fit = Self {
            past,
            burst,
            power,
            rate,
            level: DEFAULT_LEVEL,
            drift: DEFAULT_LEVEL,
            weights: Vec::new(),
            events,
            own: None,
            memory: MEMORIES[0],
            restarts: Vec::new(),
        };
        fit.rate = fit.fitted_rate(hours, season);
        fit.resist_outliers(hours, season, pool_burst);
        fit
    }

    /// Events of an hour on average, past incidents weighed down.
    pub(super) fn per_hour(&self) -> f64 {
        self.rate * 60.0
    }

    /// What the shared shape predicts for an hour, with that hour's own day.
    fn predicted(&self, hours: &Hours, season: &Season, back: usize) -> f64 {
        self.rate * self.minutes_of(hours, back) * season.share(self.power, back)
    }

    /// What is predicted for an hour by the other days alone.
    fn foretold(&self, hours: &Hours, season: &Season, back: usize) -> f64 {
        let shared = self.rate * self.minutes_of(hours, back) * season.share_without(self.power, back);
        shared * self.own.as_ref().map_or(1.0, |own| own.without(self, hours, season, back))
    }

    /// The rate at which the shape predicts as many events as there were, each hour by its weight.
    fn fitted_rate(&self, hours: &Hours, season: &Season) -> f64 {
        if self.events.is_empty() {
            let exposure = |back| self.minutes_of(hours, back) * season.share(self.power, back);
            let exposure: f64 = (0..hours.len()).map(exposure).sum();
            return if exposure > 0.0 { self.past.events as f64 / exposure } else { self.rate };
        }
        let (mut events, mut exposure) = (0.0, 0.0);
        for (back, &n) in self.events.iter().enumerate() {
            let weight = self.weights.get(back).map_or(1.0, |weight| f64::from(*weight));
            events += weight * f64::from(n);
            exposure += weight * self.minutes_of(hours, back) * season.share(self.power, back);
        }
        if exposure > 0.0 && events > 0.0 { events / exposure } else { self.rate }
    }

    /// An incident in the past must not raise what is expected now. An incident is what sticks out of its
    /// day: a level that rose and stayed is growth.
    fn resist_outliers(&mut self, hours: &Hours, season: &Season, pool_burst: f64) {
        if self.events.is_empty() {
            return;
        }
        // Up from the median, or an incident that made half of the events would hide itself.
        let mut ratios: Vec<f64> = self
            .telling(hours)
            .map(|back| f64::from(self.events[back]) / (self.minutes_of(hours, back) * season.share(self.power, back)))
            .collect();
        ratios.sort_by(f64::total_cmp);
        let median = ratios.get(ratios.len() / 2).copied().unwrap_or(self.rate);
        self.rate = median.max(self.rate / 8.0);
        for _ in 0..4 {
            let days = self.days(hours, season);
            let weight = |(back, &n): (usize, &f32)| {
                let day = days.get(back).copied().unwrap_or(1.0);
                let predicted = self.predicted(hours, season, back) * day.max(1.0);
                let n = f64::from(n);
                let calm = n < LEAST_OUTLYING || n < predicted;
                if calm { 1.0 } else { weight_of(n, predicted, self.burst, ASSUMED_LEVEL) as f32 }
            };
            self.weights = self.events.iter().enumerate().map(weight).collect();
            self.rate = self.fitted_rate(hours, season);
            self.burst = burst_of(&self.weighed_pairs(), pool_burst);
        }
    }

    /// What tells bursts, without the hours of incidents: their beginnings and ends are no bursts.
    fn weighed_pairs(&self) -> Pairs {
        let mut sum = Pairs::default();
        for ((back, _), pairs) in self.past.hours.iter().zip(&self.past.pairs_of) {
            let weight = self.weights.get(*back as usize).map_or(1.0, |weight| f64::from(*weight));
            sum.squares += weight * pairs.squares;
            sum.events += weight * pairs.events;
        }
        sum
    }

    /// The level around each hour: of the day before or of the day after, whichever is higher. No hour
    /// counts more than five times what is predicted, so that an incident does not make a day.
    fn days(&self, hours: &Hours, season: &Season) -> Vec<f64> {
        let (mut seen, mut predicted) = (vec![0.0], vec![0.0]);
        let (mut all_seen, mut all_predicted) = (0.0, 0.0);
        for (back, &n) in self.events.iter().enumerate() {
            let mean = self.predicted(hours, season, back);
            all_seen += f64::from(n).min(MOST_OF_HOUR * (mean + self.burst)) / self.burst;
            all_predicted += mean / self.burst;
            seen.push(all_seen);
            predicted.push(all_predicted);
        }
        let level = |from: usize, to: usize| {
            let (from, to) = (from.min(self.events.len()), to.min(self.events.len()));
            (DAY_EVENTS + seen[to] - seen[from]) / (DAY_EVENTS + predicted[to] - predicted[from])
        };
        let around = |back: usize| level(back + 1, back + 1 + DAY).max(level(back.saturating_sub(DAY), back));
        (0..self.events.len()).map(around).collect()
    }

    /// Learns how its own day differs from the shared one.
    pub(super) fn learn_own_day(&mut self, hours: &Hours, season: &Season) {
        self.drift = self.level;
        if !self.events.is_empty() {
            let predicted = (0..hours.len()).map(|back| self.predicted(hours, season, back));
            self.own = Some(OwnDay::of(hours, &self.events, &predicted.collect::<Vec<_>>(), self.burst, self.drift));
        }
    }

    /// Today's level over the week's, from the hours from this one on back.
    ///
    /// The posterior mean of a Gamma-distributed level, the hours fading with their age; what the hours show
    /// by themselves, where that is far above it.
    pub(super) fn level_before(&self, hours: &Hours, season: &Season, back: usize) -> f64 {
        let (mut seen, mut predicted, mut weight) = (0.0, 0.0, 1.0);
        let mut variance = 0.0;
        for place in back..back + HOURS_BEFORE {
            let events = self.events_of(place);
            seen += weight * events;
            variance += weight * weight * events * self.burst;
            predicted += weight * self.foretold(hours, season, place);
            weight *= self.memory.fading;
        }
        let anchor = self.memory.anchor / self.drift.max(LEAST_DRIFT);
        let level = (anchor + seen / self.burst) / (anchor + predicted / self.burst);
        let shown = (seen - BELIEVED_BELOW * variance.sqrt()) / predicted.max(f64::MIN_POSITIVE);
        if shown > ANOTHER_LEVEL * level { shown } else { level.max(LEAST_RECENT) }
    }

    fn events_of(&self, back: usize) -> f64 {
        if !self.events.is_empty() {
            return self.events.get(back).copied().map_or(0.0, f64::from);
        }
        // They come from the oldest to the newest.
        let found = self.past.hours.binary_search_by(|&(hour, _)| back.cmp(&(hour as usize)));
        found.ok().and_then(|place| self.past.hours.get(place)).map_or(0.0, |&(_, n)| n as f64)
    }

    /// Each hour that tells anything, against what the other days say.
    pub(super) fn misses_of_days(&self, hours: &Hours, season: &Season) -> Vec<Miss> {
        let miss = |back: usize| Miss {
            events: self.events_of(back),
            predicted: self.foretold(hours, season, back),
            weight: self.weights.get(back).map_or(1.0, |weight| f64::from(*weight)),
        };
        self.telling(hours).map(miss).collect()
    }

    /// Each hour as a deploy that never was: against what the other days and the hours before it say.
    pub(super) fn misses_of_hours(&self, hours: &Hours, season: &Season) -> Vec<Miss> {
        let calm = |back: usize| (back + 1..=back + HOURS_BEFORE).all(|b| self.weights.get(b).is_none_or(|w| *w > 0.0));
        let placebos: Vec<usize> = self.placebos(hours).collect();
        let n_calm = placebos.iter().filter(|back| calm(**back)).count();
        // What lies in the shadow of an incident tells nothing, unless incidents are all there is.
        let needs_calm = 2 * n_calm > placebos.len();
        let miss = |back: usize| {
            let events = self.events_of(back);
            let predicted = self.foretold(hours, season, back) * self.level_before(hours, season, back + 1);
            let weight = weight_of(events, predicted, self.burst, ASSUMED_LEVEL);
            Miss { events, predicted, weight: if needs_calm && !calm(back) { 0.0 } else { weight } }
        };
        placebos.into_iter().map(miss).collect()
    }

    /// How badly the hours before predict, with a memory: the mean square of the residuals, none counting
    /// for more than an unusual one; `None` where nothing tells.
    pub(super) fn surprise(&mut self, hours: &Hours, season: &Season, memory: Memory) -> Option<f64> {
        let before = std::mem::replace(&mut self.memory, memory);
        let of_hour = |back: usize| {
            let predicted = self.foretold(hours, season, back) * self.level_before(hours, season, back + 1);
            let variance = self.burst * predicted + ASSUMED_LEVEL * predicted * predicted;
            ((self.events_of(back) - predicted).powi(2) / variance.max(1e-9)).min(UNUSUAL * UNUSUAL)
        };
        let surprises: Vec<f64> = self.placebos(hours).map(of_hour).collect();
        self.memory = before;
        (!surprises.is_empty()).then(|| surprises.iter().sum::<f64>() / surprises.len() as f64)
    }

    /// Whether there are enough events for its hours to tell anything.
    pub(super) fn has_hours(&self) -> bool {
        !self.events.is_empty()
    }

    /// The hours that can be taken for the first one after a deploy.
    pub(super) fn placebos<'h>(&self, hours: &'h Hours) -> impl Iterator<Item = usize> + use<'h, 'a> {
        self.telling(hours).filter(|back| back + HOURS_BEFORE < hours.len())
    }

    fn telling<'h>(&self, hours: &'h Hours) -> impl Iterator<Item = usize> + use<'h, 'a> {
        let (has_hours, past) = (self.has_hours(), self.past);
        hours.telling_but(|back| past.missing_in(back)).filter(move |_| has_hours)
    }

    /// Minutes of an hour that were observed and are not set aside.
    fn minutes_of(&self, hours: &Hours, back: usize) -> f64 {
        hours.minutes_of(back) - f64::from(self.past.missing_in(back))
    }

    /// What an hour of the past should have been, by all that is known but that hour itself; scaled by
    /// bursts like the events to compare it with.
    pub(super) fn placebo(&self, hours: &Hours, season: &Season, back: usize) -> (f64, f64) {
        let predicted = self.foretold(hours, season, back) * self.level_before(hours, season, back + 1);
        let its = self.restarts.iter().filter(|brief| brief.hour == back);
        let more = |brief: &Brief| (brief.events - predicted * f64::from(brief.minutes) / 60.0).max(0.0);
        let events = (self.events_of(back) - its.map(more).sum::<f64>()).max(0.0);
        (events / self.burst, predicted / self.burst)
    }

    /// Notes what deploys brought in the first minutes after them: it came with them, and not by itself.
    pub(super) fn note_restarts(&mut self, restarts: Vec<Brief>) {
        self.restarts = restarts;
    }

    /// What is foretold for so many minutes of an hour, by the other days and the hours before it.
    pub(super) fn foretold_for(&self, hours: &Hours, season: &Season, back: usize, minutes: u32) -> f64 {
        let of_hour = self.foretold(hours, season, back) * self.level_before(hours, season, back + 1);
        of_hour * f64::from(minutes) / self.minutes_of(hours, back).max(1.0)
    }

    /// What is foretold for an hour after the deploy, from 0.
    pub(super) fn ahead(&self, hours: &Hours, season: &Season, hour: usize) -> Ahead {
        let back = -1 - (hour % DAY) as i32;
        let class = hours.class(back);
        let own = self.own.as_ref().map_or(1.0, |own| own.factors[class]);
        let tells = |twin: &usize| hours.tells_but(*twin, self.past.missing_in(*twin));
        let mut like = hours.like(hour).filter(tells);
        let envelope = match (like.next(), like.next()) {
            (Some(only), None) => self.only_time(hours, season, only),
            _ => {
                let twin = hours.before(back, WEEK).filter(tells);
                let ratio = twin.map_or(1.0, |twin| self.last_week(hours, season, twin));
                (ratio.max(1.0), ratio.min(1.0))
            }
        };
        Ahead {
            rate: self.rate,
            share: season.share_ahead(self.power, hour) * own,
            other_share: season.other_share_ahead(self.power, hour) * own,
            recent: self.level_before(hours, season, 0),
            power: self.power.of_traffic(),
            envelope,
        }
    }

    /// Between what an hour brought that is the only one like the next: over the mean, and over what the hours before it
    /// foretold. What began then every day may begin now.
    fn only_time(&self, hours: &Hours, season: &Season, back: usize) -> (f64, f64) {
        let events = self.events_of(back);
        let mean = self.predicted(hours, season, back);
        let over = |predicted: f64| (events + ONLY_BURSTS * self.burst) / (predicted + ONLY_BURSTS * self.burst);
        let (plain, fresh) = (over(mean), over(mean * self.level_before(hours, season, back + 1)));
        (plain.max(fresh).max(1.0), plain.min(fresh).min(1.0))
    }

    /// By how much an hour of last week stood out, drawn to 1; exactly 1 when it did not.
    fn last_week(&self, hours: &Hours, season: &Season, back: usize) -> f64 {
        let own = self.own.as_ref().map_or(1.0, |own| own.factors[hours.class(back as i32)]);
        let predicted = (self.predicted(hours, season, back) * own).max(1e-9);
        let events = self.events_of(back);
        if residual(events, predicted, self.burst, self.drift).abs() <= STOOD_OUT {
            return 1.0;
        }
        let worth = 1.0 / (self.burst / predicted + self.drift);
        (USUAL_WEEKS + worth * events.min(40.0 * predicted + 10.0) / predicted) / (USUAL_WEEKS + worth)
    }
}

/// Variance over mean within an hour, drawn to what all signatures share.
fn burst_of(pairs: &Pairs, pool_burst: f64) -> f64 {
    let excess = pairs.squares - pairs.events + POOL_EVENTS * (pool_burst - 1.0);
    (1.0 + excess / (pairs.events + POOL_EVENTS)).max(1.0)
}

/// How a signature's own day differs from the shared shape: a factor for each hour of the day.
struct OwnDay {
    factors: [f64; DAY],
    events: [f64; DAY],
    predicted: [f64; DAY],
    /// The days of the highest and the lowest ratio, as hours back.
    extremes: [(usize, usize); DAY],
    burst: f64,
    drift: f64,
}

impl OwnDay {
    /// A trimmed mean over the days: neither one incident nor one outage makes a habit.
    fn of(hours: &Hours, events: &[f32], predicted: &[f64], burst: f64, drift: f64) -> Self {
        let mut own = Self {
            factors: [1.0; DAY],
            events: [0.0; DAY],
            predicted: [0.0; DAY],
            extremes: [(0, 0); DAY],
            burst,
            drift,
        };
        for hour in 0..DAY {
            let Some(first) = hours.twins(hour).first().copied() else { continue };
            let ratio = |back: usize| f64::from(events[back]) / predicted[back].max(1e-9);
            let twins = || hours.twins(hour).iter().copied().filter(|back| predicted[*back] > 0.0);
            let highest = twins().max_by(|a, b| ratio(*a).total_cmp(&ratio(*b))).unwrap_or(first);
            let lowest = twins().min_by(|a, b| ratio(*a).total_cmp(&ratio(*b))).unwrap_or(first);
            own.extremes[hour] = (highest, lowest);
            own.events[hour] = twins().map(|back| f64::from(events[back])).sum();
            own.predicted[hour] = twins().map(|back| predicted[back]).sum();
            let both = f64::from(events[highest]) + f64::from(events[lowest]);
            own.factors[hour] =
                own.drawn(own.events[hour] - both, own.predicted[hour] - predicted[highest] - predicted[lowest]);
        }
        own
    }

    /// The factor at an hour as the other days tell it: without its own day and one extreme.
    fn without(&self, fit: &Fit<'_>, hours: &Hours, season: &Season, back: usize) -> f64 {
        let hour = hours.class(back as i32);
        let (highest, lowest) = self.extremes[hour];
        let other = if back == highest { lowest } else { highest };
        let events = self.events[hour] - fit.events_of(back) - fit.events_of(other);
        let of = |back| fit.predicted(hours, season, back);
        self.drawn(events, self.predicted[hour] - of(back) - of(other))
    }

    /// A ratio drawn towards 1, by what its days are worth.
    fn drawn(&self, events: f64, predicted: f64) -> f64 {
        if predicted <= 1e-9 {
            return 1.0;
        }
        let worth = 1.0 / (self.burst / predicted + self.drift / SHARED_DAYS);
        (SHARED_DAYS + worth * events.max(0.0) / predicted) / (SHARED_DAYS + worth)
    }
}

/// How unusual a count is, in standard deviations: the Anscombe residual for a variance of
/// `burst m + level m^2`.
fn residual(events: f64, predicted: f64, burst: f64, level: f64) -> f64 {
    let predicted = predicted.max(1e-9);
    let scale = predicted.powf(1.0 / 6.0) * (burst + level * predicted).sqrt();
    1.5 * (events.powf(2.0 / 3.0) - predicted.powf(2.0 / 3.0)) / scale
}

/// How much an hour counts: less when it is unusual, nothing when it is an incident.
fn weight_of(events: f64, predicted: f64, burst: f64, level: f64) -> f64 {
    // Most hours are near; the powers are for the others.
    if (events - predicted).powi(2) < 4.0 * (burst * predicted + level * predicted * predicted) {
        return 1.0;
    }
    let residual = residual(events, predicted, burst, level).abs();
    if residual > OUTLYING { 0.0 } else { (UNUSUAL / residual.max(UNUSUAL)).powi(2) }
}
