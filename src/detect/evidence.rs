//! Evidence that may be looked at any time: after every minute, or every second, for as long as one likes.
//!
//! Input: what happened since some onset, and what was predicted. Output: the natural logarithm of an
//! e-value, which a healthy signature carries beyond `c` with a chance of at most `1/c`, ever.
//!
//! The null: events arrive as a Poisson process at the predicted rate times an unknown level, which is
//! Gamma distributed with mean 1 and the shape called `prior` here (one over its variance). A fault
//! multiplies the rate by theta. The mixture over theta of the likelihood ratios is a nonnegative
//! martingale that starts at 1, so Ville's inequality bounds its maximum.
//!
//! Several onsets are looked at, each with a weight, the weights adding up to 1; what counts is the
//! largest of weight times evidence. By the union bound that is as valid as one onset. Adding them up
//! after the minutes before an onset taught the level would find a little more, but then more events
//! early in the watch could lower the evidence, which nobody would understand.
//!
//! Bursts: counts and predictions are divided by the burst factor. Source: Ville (1939); Robbins (1970)
//! for mixtures; Shin, Ramdas and Rinaldo, E-detectors (2022), for onsets.

mod interval;

use std::cell::OnceCell;
use std::f64::consts::LN_2;
use std::sync::LazyLock;

pub(super) use interval::ratios;

/// Real tails are heavier than the model's: its variances are taken this much larger.
pub(super) const SAFETY: f64 = 1.2;

/// Ratios that a fault is suspected of, and how much each is expected.
static RISES: Mixture<6> =
    LazyLock::new(|| mixture([(1.5, 0.15), (2.0, 0.25), (3.0, 0.2), (5.0, 0.15), (10.0, 0.15), (30.0, 0.1)]));
static DROPS: Mixture<4> = LazyLock::new(|| mixture([(0.5, 0.25), (0.25, 0.25), (0.1, 0.25), (0.01, 0.25)]));
static REPEATS: Mixture<4> = LazyLock::new(|| mixture([(10.0, 0.25), (100.0, 0.25), (1e3, 0.25), (1e4, 0.25)]));

/// The natural logarithms of the weights of [`ONSETS`].
pub(super) static LN_WEIGHTS: LazyLock<[f64; ONSETS.len()]> = LazyLock::new(|| ONSETS.map(|(_, weight)| weight.ln()));

/// Minutes after the start of the watch at which a fault is suspected to begin, and how much each is.
pub(super) const ONSETS: [(u32, f64); 4] = [(0, 0.7), (5, 0.1), (15, 0.1), (30, 0.1)];

/// Evidence that the rate rose, from scaled events and their prediction.
///
/// More events never lower it.
pub(super) fn ln_rise(events: f64, predicted: f64, prior: f64) -> f64 {
    Rise::from(predicted, prior).ln(events)
}

/// What was predicted, where several numbers of events are held against it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rise {
    prior: f64,
    /// How much the logarithm of the prediction grows, by the shape of the level and one for each event.
    growths: [f64; 6],
}

impl Rise {
    /// From a scaled prediction and the shape of the level's distribution.
    pub(super) fn from(predicted: f64, prior: f64) -> Self {
        let share = predicted / (prior + predicted);
        let mut growths = [0.0; 6];
        growths.iter_mut().zip(RISES.iter()).for_each(|(growth, ratio)| *growth = (ratio.less_one * share).ln_1p());
        Self { prior, growths }
    }

    /// The evidence that so many scaled events are too many: see [`ln_rise`].
    pub(super) fn ln(&self, events: f64) -> f64 {
        let mut terms = [0.0; 6];
        for ((term, ratio), growth) in terms.iter_mut().zip(RISES.iter()).zip(self.growths) {
            *term = ratio.ln_weight + events * ratio.ln - (self.prior + events) * growth;
        }
        ln_sum(terms)
    }
}

/// Evidence that the rate fell; fewer events never lower it.
pub(super) fn ln_drop(events: f64, predicted: f64, prior: f64) -> f64 {
    ln_mixture(&DROPS, events, predicted, prior)
}

/// Evidence that a signature that was never seen before comes again and again: `events` occupied
/// minutes after the first, where a signature as rare as all unseen ones predicts `predicted`.
pub(super) fn ln_repeat(events: f64, predicted: f64, prior: f64) -> f64 {
    ln_mixture(&REPEATS, events, predicted, prior)
}

/// How far a level may wander from its forecast, as the shape of a Gamma distribution with mean 1: one over its
/// variance.
///
/// The days before tell it, as far as the day of the watch is like them. One in so many is not, a holiday or the day of
/// a campaign: the level wanders further on it, and may be that of the other sort of day, or come back to what is usual
/// from what the hours before show. The null is a mixture of both, and so is what divides by it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Level {
    /// On a day like those before.
    pub(super) usual: f64,
    /// On a day unlike them.
    unlike: f64,
}

/// Share of days that are unlike those of the week before, as holidays are, and by how much the variance of a level is
/// larger on one.
const UNLIKE_DAYS: f64 = 0.03;
const UNLIKE_VARIANCE: f64 = 4.0;
/// What is taken off the logarithm of evidence against both sorts of days, so that its mean stays at most 1: so much, and
/// for each unit of the logarithm of how far their predictions are apart. More than that of 2 is never needed, because
/// the larger of two alternatives has a mass of at most 2.
const EXCESS: f64 = 0.11;
const EXCESS_APART: f64 = 0.25;

impl Level {
    /// `variance` is that of the level around its forecast, `unsure` what is not known of the rate.
    pub(super) fn new(variance: f64, unsure: f64) -> Self {
        Self { usual: 1.0 / (variance + unsure), unlike: 1.0 / (UNLIKE_VARIANCE * variance + unsure) }
    }

    /// The natural logarithm of the evidence, which `of` gives for a shape and what is predicted, on a day like those
    /// before and on one unlike them; exact where it is above 0.
    pub(super) fn ln(&self, (predicted, unlike): (f64, f64), of: impl Fn(f64, f64) -> f64) -> f64 {
        against_both((predicted, unlike), of(self.usual, predicted), || of(self.unlike, unlike))
    }

    /// What is predicted on both sorts of days, for several numbers of events to be held against it.
    pub(super) fn rise(&self, (predicted, unlike): (f64, f64)) -> RiseOnBoth {
        RiseOnBoth {
            predicted: (predicted, unlike),
            usual: Rise::from(predicted, self.usual),
            unlike: self.unlike,
            on_unlike: OnceCell::new(),
        }
    }
}

/// Evidence for a rise against both sorts of days.
#[derive(Debug)]
pub(super) struct RiseOnBoth {
    predicted: (f64, f64),
    usual: Rise,
    unlike: f64,
    on_unlike: OnceCell<Rise>,
}

impl RiseOnBoth {
    /// The natural logarithm of the evidence of so many scaled events; exact where it is above 0.
    pub(super) fn ln(&self, events: f64) -> f64 {
        let on_unlike = || self.on_unlike.get_or_init(|| Rise::from(self.predicted.1, self.unlike)).ln(events);
        against_both(self.predicted, self.usual.ln(events), on_unlike)
    }
}

/// The evidence against a mixture of both sorts of days, from that against a day like those before, `found`, and one
/// unlike them.
///
/// Were both nulls beneath one alternative, evidence against their mixture would be the harmonic mean of that
/// against each. The alternatives differ with their levels and predictions, for which something is taken off.
fn against_both((predicted, unlike): (f64, f64), found: f64, on_unlike: impl FnOnce() -> f64) -> f64 {
    let apart = if predicted > 0.0 && unlike > 0.0 { (unlike / predicted).ln().abs() } else { f64::INFINITY };
    let excess = (EXCESS + EXCESS_APART * apart).min(LN_2);
    if found <= 0.0 {
        return found - excess;
    }
    let against_unlike = on_unlike().min(found);
    -ln_sum([(1.0 - UNLIKE_DAYS).ln() - found, UNLIKE_DAYS.ln() - against_unlike]) - excess
}

/// Whether evidence may be beyond this: what is not need not be calculated.
///
/// From `ln x <= x - 1` follows that [`ln_bound`] is at most the squared distance over the prediction.
pub(super) fn may_exceed(least: f64, events: f64, predicted: f64, prior: f64) -> bool {
    (events - predicted).powi(2) > least * predicted && ln_bound(events, predicted, prior) > least
}

/// What no mixture of ratios exceeds: the likelihood ratio at the ratio that fits best. Cheap.
fn ln_bound(events: f64, predicted: f64, prior: f64) -> f64 {
    let fit = if events > 0.0 && predicted > 0.0 { events * (events / predicted).ln() } else { 0.0 };
    if predicted <= 0.0 && events > 0.0 {
        return f64::INFINITY;
    }
    fit - (prior + events) * ((prior + events) / (prior + predicted)).ln()
}

/// In which way a rate is suspected to have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Rise,
    Drop,
    /// What was never seen before comes again and again.
    Repeat,
}

/// What was counted from some moment on, and over all minutes; scaled by bursts, with their predictions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Since {
    pub(super) events: f64,
    pub(super) predicted: f64,
    pub(super) all_events: f64,
    pub(super) all_predicted: f64,
}

/// How much likelier the counts are if the rate changed at that moment than if it never did.
///
/// The minutes before the moment tell the level. For one and the same set of minutes, values of different moments can
/// be compared with each other: that is their posterior, but for the prior of the moments.
pub(super) fn ln_changed(change: Change, since: &Since, prior: f64) -> f64 {
    match change {
        Change::Rise => ln_since(&RISES, since, prior),
        Change::Drop => ln_since(&DROPS, since, prior),
        Change::Repeat => ln_since(&REPEATS, since, prior),
    }
}

fn ln_since<const N: usize>(ratios: &[Ratio; N], since: &Since, prior: f64) -> f64 {
    let share = since.predicted / (prior + since.all_predicted);
    ln_sum(ratios.map(|ratio| {
        ratio.ln_weight + since.events * ratio.ln - (prior + since.all_events) * (ratio.less_one * share).ln_1p()
    }))
}

type Mixture<const N: usize> = LazyLock<[Ratio; N]>;

/// A ratio that is suspected, with what is needed of it again and again.
#[derive(Clone, Copy, Debug)]
struct Ratio {
    less_one: f64,
    ln: f64,
    ln_weight: f64,
}

fn mixture<const N: usize>(ratios: [(f64, f64); N]) -> [Ratio; N] {
    ratios.map(|(ratio, weight)| Ratio { less_one: ratio - 1.0, ln: ratio.ln(), ln_weight: weight.ln() })
}

/// `ln sum_theta w theta^s ((b + m)/(b + theta m))^(b + s)`.
fn ln_mixture<const N: usize>(ratios: &[Ratio; N], events: f64, predicted: f64, prior: f64) -> f64 {
    ln_since(ratios, &Since { events, predicted, all_events: events, all_predicted: predicted }, prior)
}

/// The natural logarithm of a sum, from those of its terms.
pub(super) fn ln_sum<const N: usize>(terms: [f64; N]) -> f64 {
    let largest = terms.into_iter().fold(f64::NEG_INFINITY, f64::max);
    // What is lost in rounding need not be calculated.
    let share = |term: f64| if term - largest < LOST { 0.0 } else { (term - largest).exp() };
    largest + terms.map(share).into_iter().sum::<f64>().ln()
}

/// The logarithm of the mean of two.
pub(super) fn ln_average(a: f64, b: f64) -> f64 {
    a.max(b) + ((a.min(b) - a.max(b)).exp() / 2.0 + 0.5).ln()
}

/// The logarithm of what added to 1 leaves it as it is.
const LOST: f64 = -40.0;

/// The evidence that is left when the signature is known to spike by itself, `per_hour` times an hour:
/// `1/(1/e + per_hour * t)`. An early onset leaves more of it than a late one.
pub(super) fn ln_capped(ln_evidence: f64, per_hour: f64, minutes: f64) -> f64 {
    let spontaneous = per_hour * minutes / 60.0;
    if spontaneous <= 0.0 {
        return ln_evidence;
    }
    if ln_evidence > 0.0 {
        -((-ln_evidence).exp() + spontaneous).ln()
    } else {
        ln_evidence - (spontaneous * ln_evidence.exp()).ln_1p()
    }
}

/// Evidence that one of two sides has more than its share, minute by minute, without the minute that says most.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Split {
    sums: [f64; 6],
    largest: [f64; 6],
}

impl Split {
    /// Adds a minute in which `part` of `all` scaled events are of a side that should have this share of them.
    ///
    /// With a ratio of theta, its chance of each event is `theta r / (1 - r + theta r)`.
    pub(super) fn add(&mut self, part: f64, all: f64, share: f64) {
        for (place, ratio) in RISES.iter().enumerate() {
            let term = part * ratio.ln - all * (share * ratio.less_one).ln_1p();
            self.sums[place] += term;
            self.largest[place] = self.largest[place].max(term);
        }
    }

    /// The natural logarithm of the evidence.
    pub(super) fn ln(&self) -> f64 {
        let mut terms = [0.0; 6];
        for (place, ratio) in RISES.iter().enumerate() {
            terms[place] = ratio.ln_weight + self.sums[place] - self.largest[place];
        }
        ln_sum(terms)
    }
}

/// Events since each onset, and the largest minute among them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SinceOnsets {
    sums: [f64; 4],
    largest: [f64; 4],
}

impl SinceOnsets {
    /// Adds the scaled events of a minute of the watch.
    pub(super) fn add(&mut self, minute: u32, events: f64) {
        for (place, (onset, _)) in ONSETS.iter().enumerate() {
            if minute >= *onset {
                self.sums[place] += events;
                self.largest[place] = self.largest[place].max(events);
            }
        }
    }

    /// For each onset: its minute, the logarithm of its weight, the events since, and those without the
    /// share `guard` of the largest minute.
    pub(super) fn each(&self, guard: f64) -> impl Iterator<Item = (u32, f64, f64, f64)> {
        let events = self.sums.into_iter().zip(self.largest).map(move |(sum, largest)| (sum, sum - guard * largest));
        let onsets = ONSETS.into_iter().zip(*LN_WEIGHTS);
        onsets.zip(events).map(|(((onset, _), ln_weight), (all, others))| (onset, ln_weight, all, others))
    }
}

#[cfg(test)]
mod tests;
