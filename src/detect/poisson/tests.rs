use proptest::prelude::*;
use statrs::distribution::{DiscreteCDF, NegativeBinomial, Poisson};

use super::*;

const REFERENCE: &str = include_str!("../../../tests/data/poisson/reference.tsv");

#[track_caller]
fn check_close(what: &str, actual: f64, expected: f64) {
    if expected.abs() < 1e-300 {
        // Beyond the promised range: only the size is asked for.
        assert!(actual.abs() <= 1e-299, "{what}: got {actual:e}, expected {expected:e}");
        return;
    }
    let error = ((actual - expected) / expected).abs();
    assert!(error < 1e-10, "{what}: got {actual:e}, expected {expected:e}, off by {error:e}");
}

const PREDICTIVE: &str = include_str!("../../../tests/data/poisson/predictive.tsv");

fn reference(text: &str) -> Vec<Vec<f64>> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split('\t').map(|field| field.parse().unwrap()).collect()).collect()
}

#[test]
fn tails_agree_with_the_reference_to_ten_digits() {
    let rows = reference(REFERENCE);
    assert!(rows.len() >= 60, "only {} rows", rows.len());
    for row in rows {
        let (k, mean) = (row[0] as u64, row[1]);
        check_close(&format!("P(X >= {k}), mean {mean}"), at_least(k, mean), row[2]);
        check_close(&format!("ln P(X >= {k}), mean {mean}"), ln_at_least(k, mean), row[3]);
        check_close(&format!("P(X <= {k}), mean {mean}"), at_most(k, mean), row[4]);
        check_close(&format!("ln P(X <= {k}), mean {mean}"), ln_at_most(k, mean), row[5]);
    }
}

#[test]
fn predictive_tails_agree_with_the_reference_to_nine_digits() {
    let rows = reference(PREDICTIVE);
    assert!(rows.len() >= 60, "only {} rows", rows.len());
    for row in rows {
        let (k, exposure, prior, prior_exposure, expected) = (row[0] as u64, row[1], row[2], row[3], row[4]);
        let actual = predictive_at_least(k, exposure, prior, prior_exposure);
        let error = ((actual - expected) / expected).abs();
        assert!(error < 1e-9, "{row:?}: got {actual:e}, off by {error:e}");
    }
}

#[test]
fn tails_agree_with_the_statistics_library_where_it_is_accurate() {
    for mean in [0.01, 0.5, 3.0, 9.8, 60.0, 500.0] {
        let library = Poisson::new(mean).unwrap();
        for k in 1..100_u64 {
            let theirs = library.sf(k - 1);
            if theirs > 1e-9 {
                let ours = at_least(k, mean);
                assert!(((ours - theirs) / theirs).abs() < 1e-8, "k {k} mean {mean}: {ours:e}, {theirs:e}");
            }
        }
    }
}

#[test]
fn the_predictive_tail_agrees_with_the_negative_binomial_of_the_statistics_library() {
    for (prior, before, after) in [(0.5, 100.0, 60.0), (3.5, 600.0, 60.0), (40.5, 600.0, 600.0)] {
        let library = NegativeBinomial::new(prior, before / (before + after)).unwrap();
        for k in 1..60_u64 {
            let theirs = library.sf(k - 1);
            if theirs > 1e-7 {
                let ours = predictive_at_least(k, after, prior, before);
                assert!(((ours - theirs) / theirs).abs() < 1e-7, "k {k} prior {prior}: {ours:e}, {theirs:e}");
            }
        }
    }
}

#[test]
fn the_edges_have_their_conventional_values() {
    for (observed, mean, upper, lower) in [
        (0, 5.0, 1.0, (-5.0_f64).exp()),
        (0, 0.0, 1.0, 1.0),
        (3, 0.0, 0.0, 1.0),
        (3, -1.0, 0.0, 1.0),
        (3, f64::NAN, 0.0, 1.0),
        (1, 1e-9, 1e-9 * (1.0 - 0.5e-9), 1.0),
    ] {
        assert!((at_least(observed, mean) - upper).abs() <= 1e-13 * upper, "P(X >= {observed}), mean {mean}");
        assert!((at_most(observed, mean) - lower).abs() <= 1e-15, "P(X <= {observed}), mean {mean}");
    }
}

/// The figures of the well-known case: no event in seven days, then some within the hour.
#[test]
fn a_newcomer_is_unlikely_but_never_impossible() {
    for (k, expected) in [(1, 0.0030), (2, 1.3e-5), (3, 6.5e-8)] {
        let p = predictive_at_least(k, 60.0, 0.5, 10_080.0);
        assert!((p / expected - 1.0).abs() < 0.03, "{k} events: {p:e}");
    }
    assert!(predictive_at_least(1_000_000, 60.0, 0.5, 10_080.0) > 0.0);
}

proptest! {
    #[test]
    fn one_more_event_is_never_more_likely(k in 0..5_000_u64, mean in 1e-6..5_000.0_f64) {
        prop_assert!(ln_at_least(k + 1, mean) <= ln_at_least(k, mean) + 1e-13);
        prop_assert!(ln_at_most(k + 1, mean) >= ln_at_most(k, mean) - 1e-13);
    }

    #[test]
    fn a_higher_mean_makes_many_events_more_likely(k in 1..3_000_u64, mean in 1e-6..3_000.0_f64, more in 1.001..3.0_f64) {
        prop_assert!(ln_at_least(k, mean * more) >= ln_at_least(k, mean) - 1e-13);
    }

    #[test]
    fn the_two_tails_make_a_whole(k in 1..3_000_u64, mean in 1e-3..3_000.0_f64) {
        prop_assert!((at_least(k, mean) + at_most(k - 1, mean) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn any_number_gives_a_probability(k: u64, mean in -1.0..1e7_f64, prior in 0.1..100.0_f64, share in 0.001..0.9_f64) {
        for p in [at_least(k, mean), at_most(k, mean), predictive_at_least(k % 100_000, share, prior, 1.0 - share)] {
            prop_assert!((0.0..=1.0).contains(&p), "{p}");
        }
    }
}
