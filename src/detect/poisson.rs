//! Tail probabilities of the Poisson distribution.

/// Returns `P(X >= observed)` for `X` Poisson distributed with this mean: the one-tailed p-value.
///
/// Range `0.0..=1.0`; `1.0` for `observed == 0`; `0.0` for a mean of zero and any event.
#[must_use]
pub fn at_least(observed: u64, mean: f64) -> f64 {
    let _ = (observed, mean);
    unimplemented!()
}
