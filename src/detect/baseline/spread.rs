//! How far counts scatter, per signature, with what all signatures share as a guide.
//!
//! Every past hour is taken for a deploy that never was: it is predicted from the other days and from
//! the hours before it, and the misses tell how far to trust the same prediction after a real deploy.
//! Predicting an hour with its own day would make it look four to six times too good.
//!
//! Source: Casella, An introduction to empirical Bayes data analysis (1985), for the shrinkage.

use std::cmp::Reverse;

use super::fit::{ASSUMED_LEVEL, DEFAULT_LEVEL, Fit, MEMORIES, Memory, Miss, POOL_EVENTS};
use super::hours::Hours;
use super::noise::Brief;
use super::season::Season;
use super::{PRIOR_EVENTS, Past};
use crate::detect::evidence;

/// Events in the baseline beyond which a signature does not inform the pooled burst factor: its level
/// wanders within the hour, and would be taken for bursts.
const FREQUENT: u64 = 3_000;

/// Hours that the pooled level variance is worth, and those of the default within the pool.
const POOL_HOURS: f64 = 20.0;
const DEFAULT_HOURS: f64 = 6.0;

/// Signatures that tell how much the hours before are worth.
const MEMORY_SIGNATURES: usize = 100;

/// Nothing holds its level better than to 5 %.
const LEAST_LEVEL: f64 = 0.0025;

/// The natural logarithm of the evidence from which on a past hour counts as a spike.
const SPIKE: f64 = 9.21;

/// Hours of baseline that spikes are counted in at least.
const LEAST_SPIKE_HOURS: f64 = 24.0;

/// Spikes that are assumed beside those seen, over all signatures: a few hours without any do not show
/// that there are none. This is Jeffreys' prior; of a signature whose events come one by one, and not in
/// bursts, less is feared, down to this share of it, as far as there are events enough to show it.
const UNSEEN_SPIKES: f64 = 0.5;
const UNSEEN_LEAST: f64 = 0.01;

/// All signatures, fitted together.
pub(super) struct Fitted<'a> {
    pub(super) pool_burst: f64,
    pub(super) fits: Vec<Fit<'a>>,
    /// How often each spikes and dips by itself.
    pub(super) own: Vec<Own>,
}

/// How often a signature does without any deploy what a fault would make it do, per hour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    pub(super) spikes: f64,
    /// That part of the spikes which was never seen, and is assumed.
    pub(super) assumed: f64,
    pub(super) dips: f64,
}

/// Fits all signatures; `restarts` tells what earlier deploys brought of each in their first minutes, by hour.
pub(super) fn fit<'a>(
    past: &'a [Past],
    hours: &Hours,
    season: &Season,
    restarts: impl Fn(u32) -> Vec<Brief>,
) -> Fitted<'a> {
    let pool_burst = pool_burst(past);
    let mut fits: Vec<Fit<'a>> = past.iter().map(|past| Fit::new(past, hours, season, pool_burst)).collect();
    settle(&mut fits, hours, |fit| fit.misses_of_days(hours, season));
    for fit in &mut fits {
        fit.learn_own_day(hours, season);
    }
    let memory = best_memory(&mut fits, hours, season);
    fits.iter_mut().for_each(|fit| fit.memory = memory);
    settle(&mut fits, hours, |fit| fit.misses_of_hours(hours, season));
    (0..).zip(&mut fits).for_each(|(index, fit)| fit.note_restarts(restarts(index)));
    // Places of signatures that came later only are no signatures of these days.
    let n_known = fits.iter().filter(|fit| fit.past.events > 0).count().max(1);
    let feared = |least: f64| {
        let fear = |fit: &Fit<'_>| UNSEEN_SPIKES * (fit.burst - 1.0).clamp(least, 1.0);
        fits.iter().filter(|fit| fit.past.events > 0).map(fear).sum::<f64>() / n_known as f64
    };
    let rates = |of: fn(&Fit<'_>, &Hours, &Season) -> Vec<u32>, feared: f64| {
        own_rates(fits.iter().map(|fit| of(fit, hours, season)).collect(), n_known, feared, hours)
    };
    let unshown = unshown(&fits, hours).max(UNSEEN_LEAST);
    let (spikes, assumed) = rates(spiking_hours, feared(unshown));
    let (dips, _) = rates(dipping_hours, feared(UNSEEN_LEAST));
    let own = spikes.into_iter().zip(dips).map(|(spikes, dips)| Own { spikes, assumed, dips }).collect();
    Fitted { pool_burst, fits, own }
}

/// How much the hours before an hour say about it, as the past itself shows: one answer for all
/// signatures, from the most frequent ones.
fn best_memory(fits: &mut [Fit<'_>], hours: &Hours, season: &Season) -> Memory {
    let mut telling: Vec<&mut Fit<'_>> = fits.iter_mut().collect();
    telling.sort_by_key(|fit| Reverse(fit.past.events));
    telling.truncate(MEMORY_SIGNATURES);
    let mut surprise =
        |memory: Memory| -> f64 { telling.iter_mut().filter_map(|fit| fit.surprise(hours, season, memory)).sum() };
    let least = |best: (Memory, f64), memory: Memory| {
        let found = surprise(memory);
        if found < best.1 { (memory, found) } else { best }
    };
    MEMORIES.into_iter().fold((MEMORIES[0], f64::INFINITY), least).0
}

fn pool_burst(past: &[Past]) -> f64 {
    let informing = past.iter().filter(|past| past.events < FREQUENT);
    let (squares, events) = informing.fold((0.0, 0.0), |(d, s), past| (d + past.pairs.squares, s + past.pairs.events));
    // A unit of each keeps a handful of pairs from setting it.
    ((squares + POOL_EVENTS) / (events + POOL_EVENTS)).max(1.0)
}

/// Sets each signature's level variance from its misses, shrunk to what all share.
fn settle<'a>(fits: &mut [Fit<'a>], hours: &Hours, misses: impl Fn(&Fit<'a>) -> Vec<Miss>) {
    let told = hours.telling().count() as f64;
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

/// How little all signatures together show of how their hours scatter: from 1, nothing, towards 0.
///
/// Of Poisson counts of a mean `m`, so many hours tell a relative level variance `v` with a variance of `2/(hours m^2)`.
/// That is set against the square of what is assumed before anything is known, so that events which are too few to
/// show such a level are not taken for events that come one by one.
fn unshown(fits: &[Fit<'_>], hours: &Hours) -> f64 {
    let told = hours.telling().count() as f64;
    let known = fits.iter().filter(|fit| fit.past.events > 0);
    let of_hour = known.map(|fit| (ASSUMED_LEVEL * fit.per_hour() / fit.burst).powi(2)).sum::<f64>();
    1.0 / (1.0 + told * of_hour / 2.0)
}

/// How often each signature spikes or dips without any deploy, per hour, shrunk to what all share; and the part of that
/// which rests on no hour, but on what is feared.
///
/// Hours in which many do together are one incident, and count for none.
fn own_rates(mut spikes: Vec<Vec<u32>>, n_known: usize, feared: f64, hours: &Hours) -> (Vec<f64>, f64) {
    let mut together = vec![0_usize; hours.len()];
    for &back in spikes.iter().flatten() {
        if let Some(n) = together.get_mut(back as usize) {
            *n += 1;
        }
    }
    let many = (n_known / 20).max(5);
    let alone = |back: u32| together.get(back as usize).is_some_and(|&n| n <= many);
    let runs = |hours: &mut Vec<u32>| {
        hours.retain(|&back| alone(back));
        let starts = hours.iter().filter(|&&back| !hours.contains(&(back + 1)));
        starts.count() as f64
    };
    let runs: Vec<f64> = spikes.iter_mut().map(runs).collect();
    let n = n_known as f64;
    let n_hours = (hours.len() as f64).max(LEAST_SPIKE_HOURS);
    let mean = runs.iter().sum::<f64>() / n;
    let variance = (runs.iter().map(|runs| runs * runs).sum::<f64>() / n - mean * mean).max(0.0);
    let shared = (mean + feared / n) / n_hours;
    let clustering = (variance / mean.max(1e-9) - 1.0).max(1e-9);
    let weight = ((n_hours - 1.0) / clustering - 1.0).clamp(5.0, 1_000.0);
    let assumed = weight * feared / n / n_hours / (n_hours + weight);
    (runs.iter().map(|runs| (runs + weight * shared) / (n_hours + weight)).collect(), assumed)
}

fn spiking_hours(fit: &Fit<'_>, hours: &Hours, season: &Season) -> Vec<u32> {
    let mut found = Vec::new();
    for &(back, _) in fit.past.hours.iter().filter(|(back, _)| hours.tells(*back as usize)) {
        let (events, predicted) = fit.placebo(hours, season, back as usize);
        if events < 2.0 * predicted.max(1.0) {
            continue;
        }
        if evidence::ln_rise(events, predicted, prior(fit)) > SPIKE {
            found.push(back);
        }
    }
    found
}

fn dipping_hours(fit: &Fit<'_>, hours: &Hours, season: &Season) -> Vec<u32> {
    let dips = |back: &usize| {
        let (events, predicted) = fit.placebo(hours, season, *back);
        events < predicted / 2.0 && evidence::ln_drop(events, predicted, prior(fit)) > SPIKE
    };
    // From the oldest to the newest, like the hours with events.
    let mut found: Vec<u32> = fit.placebos(hours).filter(dips).filter_map(|back| u32::try_from(back).ok()).collect();
    found.reverse();
    found
}

fn prior(fit: &Fit<'_>) -> f64 {
    1.0 / (fit.level + fit.burst / (fit.past.events as f64 + PRIOR_EVENTS))
}
