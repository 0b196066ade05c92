//! Tail probabilities of the Poisson distribution, and of its mixture over an uncertain rate.
//!
//! Input: a count and a mean. Output: a tail, or its natural logarithm.
//!
//! Tails are summed from their largest term down, all terms positive; nothing is ever found by taking
//! a number close to 1 from 1. Relative error below 1e-10 for means from 1e-9 to 1e7, counts up to
//! 1e7 and tails down to 1e-300, measured against `tests/data/poisson/reference.tsv`; of the
//! predictive tail below 1e-9, against `tests/data/poisson/predictive.tsv`. Time grows with
//! the square root of the mean: 10 us at a mean of 1e6.
//!
//! Pure. Knows nothing of deploys or signatures.

use std::f64::consts::PI;

use statrs::function::gamma::ln_gamma;

/// Returns `P(X >= observed)` for `X` Poisson distributed with this mean: the one-tailed p-value.
///
/// Range `0.0..=1.0`; `1.0` for `observed == 0`; `0.0` for a mean of zero and any event. Below
/// about 1e-308 the result is `0.0`, and [`ln_at_least`] still tells how small it is. A mean that is
/// negative or not a number counts as zero.
#[must_use]
pub fn at_least(observed: u64, mean: f64) -> f64 {
    ln_at_least(observed, mean).exp().min(1.0)
}

/// Returns the natural logarithm of [`at_least`]; negative infinity for a mean of zero and any event.
///
/// Above the mean: `pmf(k) (1 + m/(k+1) + m^2/((k+1)(k+2)) + ...)`. Up to the mean the tail is the
/// larger part of the whole, and is found from the other one, which is at most about a half.
///
/// Source: Abramowitz and Stegun, 26.4.21 and 6.5.29.
#[must_use]
pub fn ln_at_least(observed: u64, mean: f64) -> f64 {
    if observed == 0 {
        return 0.0;
    }
    if !is_positive(mean) {
        return f64::NEG_INFINITY;
    }
    let count = observed as f64;
    if count > mean { ln_upper(count, mean) } else { (-ln_lower(count - 1.0, mean).exp()).ln_1p() }
}

/// Returns `P(X <= observed)` for `X` Poisson distributed with this mean: the p-value of a drop.
///
/// Range `0.0..=1.0`; `1.0` for a mean of zero, of which a negative mean or none counts as one.
#[must_use]
pub fn at_most(observed: u64, mean: f64) -> f64 {
    ln_at_most(observed, mean).exp().min(1.0)
}

/// Returns the natural logarithm of [`at_most`].
///
/// Below the mean: `pmf(k) (1 + k/m + k(k-1)/m^2 + ...)`, a finite sum.
#[must_use]
pub fn ln_at_most(observed: u64, mean: f64) -> f64 {
    if !is_positive(mean) {
        return 0.0;
    }
    let count = observed as f64;
    if count < mean { ln_lower(count, mean) } else { (-ln_upper(count + 1.0, mean).exp()).ln_1p() }
}

/// Returns `P(X >= observed)` when the mean itself is uncertain: of a count that follows, over
/// `exposure`, a rate known only from `prior` events (not whole, as a rule) over `prior_exposure`.
///
/// The predictive tail of the Gamma-Poisson model, a negative binomial one:
/// `I_q(k, prior)` with `q = exposure / (exposure + prior_exposure)`. With half an event added to the
/// prior count it is Jeffreys' prior; see `detect::baseline::PRIOR_EVENTS`. Range
/// `f64::MIN_POSITIVE..=1.0`: it is never zero, because no finite experience makes an event impossible.
///
/// Source: Gelman et al., Bayesian Data Analysis (2013), section 2.6.
#[must_use]
pub fn predictive_at_least(observed: u64, exposure: f64, prior: f64, prior_exposure: f64) -> f64 {
    if observed == 0 || !is_positive(prior_exposure) || !is_positive(prior) {
        return 1.0;
    }
    if !is_positive(exposure) {
        return f64::MIN_POSITIVE;
    }
    let count = observed as f64;
    let share = exposure / (exposure + prior_exposure);
    let mean = prior * exposure / prior_exposure;
    if count <= mean {
        // The larger part: the smaller one has no more than `count` terms.
        return (1.0 - lower_of_mixture(count - 1.0, prior, share)).clamp(f64::MIN_POSITIVE, 1.0);
    }
    let mut sum = 1.0;
    let mut term = 1.0;
    let mut next = count;
    loop {
        term *= share * (prior + next) / (next + 1.0);
        sum += term;
        next += 1.0;
        // The ratio of terms falls towards `share`; what is left is below a geometric series.
        if term < f64::EPSILON * sum * (1.0 - share) || next > count + MAX_TERMS {
            break;
        }
    }
    (ln_pmf_of_mixture(count, prior, share) + f64::ln(sum)).exp().clamp(f64::MIN_POSITIVE, 1.0)
}

/// More terms than any sum here needs for a mean below 1e13.
const MAX_TERMS: f64 = 1e8;

fn is_positive(number: f64) -> bool {
    number > 0.0 && number.is_finite()
}

fn lower_of_mixture(count: f64, prior: f64, share: f64) -> f64 {
    let mut sum = 1.0;
    let mut term = 1.0;
    let mut left = count;
    while left > 0.0 && term > f64::EPSILON * sum {
        term *= left / (share * (prior + left - 1.0));
        sum += term;
        left -= 1.0;
    }
    (ln_pmf_of_mixture(count, prior, share) + f64::ln(sum)).exp()
}

fn ln_pmf_of_mixture(count: f64, prior: f64, share: f64) -> f64 {
    ln_gamma(prior + count) - ln_gamma(prior) - ln_gamma(count + 1.0) + prior * (-share).ln_1p() + count * share.ln()
}

/// `ln P(X >= count)` for a count above the mean.
fn ln_upper(count: f64, mean: f64) -> f64 {
    let mut sum = 1.0;
    let mut term = 1.0;
    let mut next = count + 1.0;
    while term > f64::EPSILON * sum * 0.01 && next < count + MAX_TERMS {
        term *= mean / next;
        sum += term;
        next += 1.0;
    }
    ln_pmf(count, mean) + f64::ln(sum)
}

/// `ln P(X <= count)` for a count below the mean.
fn ln_lower(count: f64, mean: f64) -> f64 {
    let mut sum = 1.0;
    let mut term = 1.0;
    let mut left = count;
    while left > 0.0 && term > f64::EPSILON * sum * 0.01 {
        term *= left / mean;
        sum += term;
        left -= 1.0;
    }
    ln_pmf(count, mean) + f64::ln(sum)
}

/// The largest count whose factorial is exact in floating point.
const EXACT_FACTORIAL: f64 = 18.0;

/// The natural logarithm of the probability of exactly `count`.
///
/// By saddle point, so that no large numbers cancel.
///
/// Source: Loader, Fast and accurate computation of binomial probabilities (2000).
fn ln_pmf(count: f64, mean: f64) -> f64 {
    if count <= EXACT_FACTORIAL {
        let factorial: f64 = (1..=count as u32).map(f64::from).product();
        return count * mean.ln() - mean - factorial.ln();
    }
    -stirling_error(count) - deviance(count, mean) - 0.5 * (2.0 * PI * count).ln()
}

/// `ln n!` less its approximation `n ln n - n + ln(2 pi n)/2`, for n above 18: error below 1e-17.
fn stirling_error(n: f64) -> f64 {
    let square = n * n;
    let series = 1.0 / 1_260.0 - (1.0 / 1_680.0 - (1.0 / 1_188.0) / square) / square;
    (1.0 / 12.0 - (1.0 / 360.0 - series / square) / square) / n
}

/// `x ln(x/m) + m - x`, without cancellation where `x` is near `m`.
fn deviance(x: f64, mean: f64) -> f64 {
    let difference = x - mean;
    if difference.abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() + mean - x;
    }
    let v = difference / (x + mean);
    let mut sum = difference * v;
    let mut power = 2.0 * x * v;
    let mut odd = 3.0;
    loop {
        power *= v * v;
        let next = sum + power / odd;
        if next == sum {
            return next;
        }
        sum = next;
        odd += 2.0;
    }
}

#[cfg(test)]
mod tests;
