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

/// How far from the estimate an end is looked for, as a natural logarithm, and in how many halvings.
const REACH: f64 = 12.0;
const HALVINGS: u32 = 18;

/// The ratios that scaled events and their prediction leave possible, lowest and highest.
///
/// `None` when nothing was predicted. The lowest is 0 when nothing happened.
pub(in crate::detect) fn ratios(events: f64, predicted: f64, prior: f64) -> Option<(f64, f64)> {
    if predicted <= 0.0 || !predicted.is_finite() {
        return None;
    }
    let is_possible = |ln_ratio: f64| {
        let against = ln_mixture(&AROUND, events, predicted * ln_ratio.exp(), prior);
        against < -f64::ln(ALPHA)
    };
    let middle = (events.max(0.3) / predicted).ln();
    let end = |direction: f64| {
        let (mut inside, mut outside) = (0.0, REACH);
        for _ in 0..HALVINGS {
            let between = f64::midpoint(inside, outside);
            if is_possible(middle + direction * between) { inside = between } else { outside = between }
        }
        (middle + direction * outside).exp()
    };
    Some((if events > 0.0 { end(-1.0) } else { 0.0 }, end(1.0)))
}
