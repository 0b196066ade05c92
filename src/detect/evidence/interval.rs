//! By how much a rate changed: an interval that may be looked at any time.
//!
//! A ratio belongs to the interval while the evidence against it, a mixture of ratios around it on both
//! sides, has never been beyond one over alpha. Since that evidence is a martingale under its ratio, the
//! true one is missed in at most alpha of all watches, however often one looks.
//!
//! Source: Howard, Ramdas, McAuliffe and Sekhon, Time-uniform confidence sequences (2021).

use std::sync::LazyLock;

use super::{Mixture, ln_mixture, mixture};

/// How far from a ratio the alternatives lie that speak against it.
static AROUND: Mixture<6> =
    LazyLock::new(|| mixture([0.25, 0.5, 0.75, 1.33, 2.0, 4.0].map(|ratio| (ratio, 1.0 / 6.0))));

/// The chance that the true ratio is ever missed.
const ALPHA: f64 = 0.05;

/// How far from the estimate an end is looked for, as a natural logarithm, how near it is found, and in how
/// many steps at most.
const REACH: f64 = 12.0;
const NEAR: f64 = 1e-3;
const STEPS: u32 = 40;

/// The ratios that scaled events and their prediction leave possible, lowest and highest.
///
/// `None` when nothing was predicted. The lowest is 0 when nothing happened.
pub(in crate::detect) fn ratios(events: f64, predicted: f64, prior: f64) -> Option<(f64, f64)> {
    if predicted <= 0.0 || !predicted.is_finite() {
        return None;
    }
    // Beyond 0 a ratio is impossible.
    let beyond = |ln_ratio: f64| ln_mixture(&AROUND, events, predicted * ln_ratio.exp(), prior) + f64::ln(ALPHA);
    let middle = (events.max(0.3) / predicted).ln();
    let start = (6.0 / events.max(0.3) + 6.0 / prior).sqrt();
    let end = |direction: f64| (middle + direction * root(|reach| beyond(middle + direction * reach), start)).exp();
    Some((if events > 0.0 { end(-1.0) } else { 0.0 }, end(1.0)))
}

/// Where a function that is negative at 0 and grows becomes positive, up to [`REACH`]; looked for around a
/// first guess.
///
/// The secant is followed, with the value at the end that stays halved: the Illinois method.
///
/// Source: Dowell and Jarratt, A modified regula falsi method (1971).
fn root(of: impl Fn(f64) -> f64, guess: f64) -> f64 {
    let (mut inside, mut outside) = (0.0, guess.min(REACH));
    let (mut low, mut high) = (f64::NAN, of(outside));
    while high <= 0.0 && outside < REACH {
        (inside, low) = (outside, high);
        outside = (2.0 * outside).min(REACH);
        high = of(outside);
    }
    if high <= 0.0 {
        return REACH;
    }
    if low.is_nan() {
        low = of(inside);
    }
    let mut stays_outside = None;
    for _ in 0..STEPS {
        if outside - inside <= NEAR {
            break;
        }
        let secant = (inside * high - outside * low) / (high - low);
        // An end that is met by rounding only would stay for ever.
        let between = secant.clamp(inside + NEAR / 2.0, outside - NEAR / 2.0);
        let found = of(between);
        if found > 0.0 {
            (outside, high) = (between, found);
            low = if stays_outside == Some(false) { low / 2.0 } else { low };
            stays_outside = Some(false);
        } else {
            (inside, low) = (between, found);
            high = if stays_outside == Some(true) { high / 2.0 } else { high };
            stays_outside = Some(true);
        }
    }
    outside
}
