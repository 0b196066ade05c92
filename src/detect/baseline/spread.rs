//! How far counts scatter, per signature, with what all signatures share as a guide.
//!
//! Every past hour is taken for a deploy that never was: it is predicted from the week and from the
//! hours before it, and the misses tell how far to trust the same prediction after a real deploy.
//!
//! Sources: Noufaily et al., An improved algorithm for early outbreak detection (2013), for the
//! residuals and their weights; Casella, An introduction to empirical Bayes (1985), for the shrinkage.

use super::{Past, Spread, per_minute};
use crate::detect::evidence;

/// Events in the baseline beyond which a signature does not inform the pooled burst factor: its level
/// wanders within the hour, and would be taken for bursts.
const FREQUENT: u64 = 3_000;

/// Events that the pooled burst factor is worth.
const POOL_EVENTS: f64 = 30.0;

/// Hours that the pooled level variance is worth, and those of the default within the pool.
const POOL_HOURS: f64 = 20.0;
const DEFAULT_HOURS: f64 = 6.0;

/// Relative level variance when nothing is known: a standard deviation of 22 %.
const DEFAULT_LEVEL: f64 = 0.05;

/// Nothing holds its level better than to 5 %.
const LEAST_LEVEL: f64 = 0.0025;

/// Minutes of an hour below which it tells nothing.
const LEAST_OF_HOUR: u32 = 15;

/// Events in the baseline below which the hours of a signature tell nothing of its level.
const LEAST_EVENTS: u64 = 50;

/// Hours before an hour that set its level, and how fast they fade.
const HOURS_BEFORE: usize = 6;
const FADING: f64 = 0.6;

/// The least level variance that the hours before are weighed by.
const LEAST_DRIFT: f64 = 0.03;

/// By how much the hours before may move a prediction.
const RECENT_RANGE: (f64, f64) = (1.0 / 8.0, 8.0);

/// The natural logarithm of the evidence from which on a past hour counts as a spike.
const SPIKE: f64 = 9.21;

/// Signature-hours without a spike that are assumed beside those seen: this many signatures, hours.
const SPIKE_PRIOR: (f64, f64) = (500.0, 24.0);

/// Residuals from which on an hour is weighed down, and left out.
const UNUSUAL: f64 = 2.58;
const OUTLYING: f64 = 6.0;

/// The covered minutes of the baseline's hours, counted back from the deploy.
pub(super) struct Hours<'a> {
    pub(super) covered: &'a [u32],
    pub(super) minutes: u32,
}

/// Fits all signatures; returns the pooled burst factor and one spread for each.
pub(super) fn fit(past: &[Past], hours: &Hours<'_>) -> (f64, Vec<Spread>) {
    let pool_burst = pool_burst(past);
    let mut fits: Vec<Fit<'_>> = past.iter().map(|past| Fit::new(past, hours, pool_burst)).collect();
    for fit in &mut fits {
        fit.resist_outliers(hours);
    }
    settle(&mut fits, hours, |fit| fit.misses(hours, |_, _| 1.0));
    for fit in &mut fits {
        fit.drift = fit.level.max(LEAST_DRIFT);
    }
    settle(&mut fits, hours, |fit| fit.misses(hours, |fit, back| fit.level_before(hours, back + 1)));
    let spikes = spike_rates(&fits, hours);
    let spreads = fits.iter().zip(spikes).map(|(fit, spikes)| fit.spread(hours, spikes)).collect();
    (pool_burst, spreads)
}

fn pool_burst(past: &[Past]) -> f64 {
    let informing = past.iter().filter(|past| past.events < FREQUENT);
    let (squares, events) = informing.fold((0.0, 0.0), |(d, s), past| (d + past.pairs.squares, s + past.pairs.events));
    // A unit of each keeps a handful of pairs from setting it.
    ((squares + POOL_EVENTS) / (events + POOL_EVENTS)).max(1.0)
}

/// One signature while it is fitted.
struct Fit<'a> {
    past: &'a Past,
    burst: f64,
    /// Events per minute, with outlying hours weighed down.
    rate: f64,
    /// Variance of the level as far as it is settled.
    level: f64,
    /// Variance of the level over the week, at least a floor.
    drift: f64,
    /// Events of each hour, counted back; empty where too few to tell.
    events: Vec<f64>,
}

/// What an hour was worth, what it should have been, and how much it counts.
struct Miss {
    events: f64,
    predicted: f64,
    weight: f64,
}

impl<'a> Fit<'a> {
    fn new(past: &'a Past, hours: &Hours<'_>, pool_burst: f64) -> Self {
        let Past { pairs, .. } = past;
        let excess = pairs.squares - pairs.events + POOL_EVENTS * (pool_burst - 1.0);
        let mut events = Vec::new();
        if past.events >= LEAST_EVENTS {
            events.resize(hours.covered.len(), 0.0);
            for &(back, n) in &past.hours {
                if let Some(place) = events.get_mut(back as usize) {
                    *place = n as f64;
                }
            }
        }
        Self {
            past,
            burst: (1.0 + excess / (pairs.events + POOL_EVENTS)).max(1.0),
            rate: per_minute(past.events, hours.minutes),
            level: DEFAULT_LEVEL,
            drift: DEFAULT_LEVEL,
            events,
        }
    }

    /// An incident in the past must not raise what is expected now.
    fn resist_outliers(&mut self, hours: &Hours<'_>) {
        for _ in 0..2 {
            let (mut events, mut minutes) = (0.0, 0.0);
            for (&n, &covered) in self.events.iter().zip(hours.covered) {
                let covered = f64::from(covered);
                let weight = if n < 10.0 { 1.0 } else { self.weight(n, self.rate * covered, false) };
                events += weight * n;
                minutes += weight * covered;
            }
            if events > 0.0 && minutes > 0.0 {
                self.rate = events / minutes;
            }
        }
    }

    /// How much an hour counts, by its Anscombe residual.
    fn weight(&self, events: f64, predicted: f64, both_ways: bool) -> f64 {
        let variance = self.burst * predicted + 0.1 * predicted * predicted;
        let difference = events - predicted;
        // Most hours are near; the powers are for the others.
        if difference * difference < 4.0 * variance || (difference < 0.0 && !both_ways) {
            return 1.0;
        }
        let predicted = predicted.max(1e-9);
        let scale = predicted.powf(1.0 / 6.0) * (self.burst + 0.1 * predicted).sqrt();
        let residual = (1.5 * (events.powf(2.0 / 3.0) - predicted.powf(2.0 / 3.0)) / scale).abs();
        if residual > OUTLYING { 0.0 } else { (UNUSUAL / residual.max(UNUSUAL)).powi(2) }
    }

    /// Today's level over the week's, from the hours from this one on back.
    ///
    /// The posterior mean of a Gamma-distributed level, the hours fading with their age.
    fn level_before(&self, hours: &Hours<'_>, back: usize) -> f64 {
        let (mut seen, mut predicted, mut weight) = (0.0, 0.0, 1.0);
        for place in back..back + HOURS_BEFORE {
            seen += weight * self.events_of(place);
            predicted += weight * self.rate * hours.covered.get(place).copied().map_or(0.0, f64::from);
            weight *= FADING;
        }
        let anchor = 1.0 / self.drift;
        let level = (anchor + seen / self.burst) / (anchor + predicted / self.burst);
        level.clamp(RECENT_RANGE.0, RECENT_RANGE.1)
    }

    fn events_of(&self, back: usize) -> f64 {
        if !self.events.is_empty() {
            return self.events.get(back).copied().unwrap_or(0.0);
        }
        let found = self.past.hours.iter().find(|&&(hour, _)| hour as usize == back);
        found.map_or(0.0, |&(_, n)| n as f64)
    }

    /// Each hour that tells anything, against the flat rate times what the hours before it say.
    fn misses(&self, hours: &Hours<'_>, level: impl Fn(&Self, usize) -> f64) -> Vec<Miss> {
        let told = |&(_, (_, &covered)): &(usize, (&f64, &u32))| covered >= LEAST_OF_HOUR;
        let hours_told = self.events.iter().zip(hours.covered).enumerate().filter(told);
        hours_told
            .map(|(back, (&events, &covered))| {
                let predicted = self.rate * f64::from(covered) * level(self, back);
                Miss { events, predicted, weight: self.weight(events, predicted, true) }
            })
            .collect()
    }

    fn spread(&self, hours: &Hours<'_>, spikes: f64) -> Spread {
        let plain = per_minute(self.past.events, hours.minutes);
        let resistant = if plain > 0.0 { self.rate / plain } else { 1.0 };
        Spread { burst: self.burst, level: self.level, recent: resistant * self.level_before(hours, 0), spikes }
    }
}

/// Sets each signature's level variance from its misses, shrunk to what all share.
fn settle<'a>(fits: &mut [Fit<'a>], hours: &Hours<'_>, misses: impl Fn(&Fit<'a>) -> Vec<Miss>) {
    let told = hours.covered.iter().filter(|&&covered| covered >= LEAST_OF_HOUR).count() as f64;
    let moments: Vec<(f64, f64, f64)> = fits.iter().map(|fit| moments(fit, &misses(fit))).collect();
    let informing = fits.iter().zip(&moments).filter(|(fit, (_, _, mean))| mean / fit.burst > 3.0);
    let (over, squares) = informing.fold((0.0, 0.0), |(n, d), (_, (over, squares, _))| (n + over, d + squares));
    let shared = if squares > 0.0 { (over / squares).clamp(LEAST_LEVEL, 1.0) } else { DEFAULT_LEVEL };
    let weight = if squares > 0.0 { told } else { 0.0 };
    let pool = (weight * shared + DEFAULT_HOURS * DEFAULT_LEVEL) / (weight + DEFAULT_HOURS);
    for (fit, (over, squares, mean)) in fits.iter_mut().zip(moments) {
        let own_hours = told * (pool * mean / (fit.burst + pool * mean)).powi(2);
        let own = if squares > 0.0 { over / squares } else { pool };
        fit.level = ((own_hours * own + POOL_HOURS * pool) / (own_hours + POOL_HOURS)).max(LEAST_LEVEL);
    }
}

/// Squared misses beyond bursts, squared predictions, and the mean prediction.
fn moments(fit: &Fit<'_>, misses: &[Miss]) -> (f64, f64, f64) {
    let (mut over, mut squares, mut sum) = (0.0, 0.0, 0.0);
    for miss in misses {
        over += miss.weight * ((miss.events - miss.predicted).powi(2) - fit.burst * miss.predicted);
        squares += miss.weight * miss.predicted.powi(2);
        sum += miss.predicted;
    }
    (over, squares, sum / (misses.len().max(1) as f64))
}

/// How often each signature spikes without any deploy, per hour, shrunk to what all share.
///
/// Hours in which many spike together are one incident, and count for none.
fn spike_rates(fits: &[Fit<'_>], hours: &Hours<'_>) -> Vec<f64> {
    let mut spikes: Vec<Vec<u32>> = fits.iter().map(|fit| spiking_hours(fit, hours)).collect();
    let mut together = vec![0_usize; hours.covered.len()];
    for &back in spikes.iter().flatten() {
        if let Some(n) = together.get_mut(back as usize) {
            *n += 1;
        }
    }
    let many = (fits.len() / 20).max(5);
    let alone = |back: u32| together.get(back as usize).is_some_and(|&n| n <= many);
    let runs = |hours: &mut Vec<u32>| {
        hours.retain(|&back| alone(back));
        let starts = hours.iter().filter(|&&back| !hours.contains(&(back + 1)));
        starts.count() as f64
    };
    let runs: Vec<f64> = spikes.iter_mut().map(runs).collect();
    let n = runs.len().max(1) as f64;
    let n_hours = (hours.covered.len() as f64).max(SPIKE_PRIOR.1);
    let mean = runs.iter().sum::<f64>() / n;
    let variance = runs.iter().map(|runs| (runs - mean).powi(2)).sum::<f64>() / n;
    let shared = (mean + 0.5 / n.max(SPIKE_PRIOR.0)) / n_hours;
    let clustering = (variance / mean.max(1e-9) - 1.0).max(1e-9);
    let weight = ((n_hours - 1.0) / clustering - 1.0).clamp(5.0, 1_000.0);
    runs.iter().map(|runs| (runs + weight * shared) / (n_hours + weight)).collect()
}

fn spiking_hours(fit: &Fit<'_>, hours: &Hours<'_>) -> Vec<u32> {
    let mut found = Vec::new();
    for &(back, n) in &fit.past.hours {
        let covered = hours.covered.get(back as usize).copied().unwrap_or(0);
        let flat = fit.rate * f64::from(covered) / fit.burst;
        let scaled = n as f64 / fit.burst;
        if covered < LEAST_OF_HOUR || scaled < 2.0 * flat.max(1.0) {
            continue;
        }
        let predicted = flat * fit.level_before(hours, back as usize + 1);
        let prior = 1.0 / (fit.level + fit.burst / (fit.past.events as f64 + 0.5));
        if evidence::ln_rise(scaled, predicted, prior) > SPIKE {
            found.push(back);
        }
    }
    found
}
