use proptest::prelude::*;
use statrs::function::gamma::ln_gamma;

use super::*;

const REFERENCE: &str = include_str!("../../../tests/data/evidence/reference.tsv");

#[test]
fn evidence_agrees_with_the_reference() {
    let lines = REFERENCE.lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let row: Vec<f64> = line.split('\t').map(|field| field.parse().unwrap()).collect();
        let (events, predicted, prior) = (row[0], row[1], row[2]);
        for (name, actual, expected) in [
            ("rise", ln_rise(events, predicted, prior), row[3]),
            ("drop", ln_drop(events, predicted, prior), row[4]),
            ("repeat", ln_repeat(events, predicted, prior), row[5]),
        ] {
            let error = (actual - expected).abs() / expected.abs().max(1.0);
            assert!(error < 1e-11, "{name} of {line}: got {actual}");
        }
    }
}

/// The logarithm of the chance of a count when the rate is `ratio` times the predicted one and the level as assumed.
fn ln_chance(count: u32, predicted: f64, prior: f64, ratio: f64) -> f64 {
    let (count, mean) = (f64::from(count), ratio * predicted);
    let ways = ln_gamma(prior + count) - ln_gamma(prior) - ln_gamma(count + 1.0);
    ways + prior * (prior / (prior + mean)).ln() + count * (mean / (prior + mean)).ln()
}

fn mean_under(ratio: f64, predicted: f64, prior: f64, ln_evidence: fn(f64, f64, f64) -> f64) -> f64 {
    let ln_term = |count| ln_chance(count, predicted, prior, ratio) + ln_evidence(f64::from(count), predicted, prior);
    (0..4_000).map(|count| ln_term(count).exp()).sum()
}

proptest! {
    /// What makes it evidence: over a healthy signature's counts its mean is 1, by exact summation.
    #[test]
    fn the_evidence_of_a_healthy_signature_has_mean_one(predicted in 0.01..8.0_f64, prior in 4.0..400.0_f64) {
        for ln_evidence in [ln_rise, ln_drop] {
            let mean = mean_under(1.0, predicted, prior, ln_evidence);
            prop_assert!((mean - 1.0).abs() < 1e-6, "{mean}");
        }
    }

    /// A signature that became less frequent gives no evidence of a rise, nor the other way round.
    #[test]
    fn a_change_the_other_way_is_no_evidence(predicted in 0.1..8.0_f64, prior in 4.0..400.0_f64, part in 0.05..1.0_f64) {
        let fallen = mean_under(part, predicted, prior, ln_rise);
        prop_assert!(fallen <= 1.0 + 1e-6, "{fallen}");
        let risen = mean_under(1.0 / part.max(0.3), predicted, prior, ln_drop);
        prop_assert!(risen <= 1.0 + 1e-6, "{risen}");
    }

    /// More events after the deploy never lower the evidence for a rise, fewer never that for a drop,
    /// whenever they come.
    #[test]
    fn more_events_never_lower_the_evidence(
        counts in prop::collection::vec(0..20_u32, 1..60),
        minute: prop::sample::Index,
        more in 1..40_u32,
        burst in 1.0..4.0_f64,
        predicted in 0.001..20.0_f64,
        prior in 0.5..400.0_f64,
        apart in 1.0..4.0_f64,
    ) {
        let best = |counts: &[u32]| {
            let mut since = SinceOnsets::default();
            for (minute, n) in (0..).zip(counts) {
                since.add(minute, f64::from(*n) / burst);
            }
            let end = counts.len() as u32;
            let level = Level::new(1.0 / prior, 0.0);
            let of = |(onset, weight, events, others): (u32, f64, f64, f64)| {
                let predicted = predicted / burst * f64::from(end - onset);
                let rise = |events: f64| {
                    weight + level.ln((predicted, predicted * apart), |prior, predicted| ln_rise(events, predicted, prior))
                };
                rise(events).min(1.5 * rise(others)).max(0.0)
            };
            since.each((burst - 1.0).min(1.0)).filter(|(onset, ..)| *onset < end).map(of).fold(f64::MIN, f64::max)
        };
        let before = best(&counts);
        let mut risen = counts.clone();
        risen[minute.index(counts.len())] += more;
        prop_assert!(best(&risen) >= before - 1e-9);
        prop_assert!(ln_drop(3.0, predicted, prior) >= ln_drop(3.0 + f64::from(more), predicted, prior));
    }

    /// Where a share of the days is of either sort, the mean of the evidence is at most 1, and more events never lower it;
    /// of a drop, fewer.
    #[test]
    fn evidence_against_days_of_both_sorts_is_evidence(
        predicted in 0.5..8.0_f64,
        variance in 0.0025..0.3_f64,
        apart in prop_oneof![Just(1.0), 1.0..10.0_f64],
        events in 0..60_u32,
    ) {
        let level = Level::new(variance, 0.0);
        let rise = |count: u32| {
            level.ln((predicted, predicted * apart), |prior, predicted| ln_rise(f64::from(count), predicted, prior))
        };
        let drop = |count: u32| {
            level.ln((predicted, predicted / apart), |prior, predicted| ln_drop(f64::from(count), predicted, prior))
        };
        prop_assert!(rise(events + 1).max(0.0) >= rise(events).max(0.0) - 1e-9);
        prop_assert!(drop(events + 1).max(0.0) <= drop(events).max(0.0) + 1e-9);
        let mean = |of: &dyn Fn(u32) -> f64, predicted: f64, prior: f64| -> f64 {
            // What is no evidence counts as none.
            (0..2_000).map(|count| (ln_chance(count, predicted, prior, 1.0) + of(count)).exp()).sum()
        };
        let of_both = |of: &dyn Fn(u32) -> f64, unlike: f64| {
            (1.0 - UNLIKE_DAYS) * mean(of, predicted, level.usual) + UNLIKE_DAYS * mean(of, unlike, level.unlike)
        };
        let means = (of_both(&rise, predicted * apart), of_both(&drop, predicted / apart));
        prop_assert!(means.0 <= 1.0 && means.1 <= 1.0, "{means:?}");
    }

    /// The cheap bound is one.
    #[test]
    fn no_evidence_passes_its_bound(events in 0.0..500.0_f64, predicted in 0.001..200.0_f64, prior in 0.5..400.0_f64) {
        let bound = ln_bound(events, predicted, prior) + 1e-9;
        for ln_evidence in [ln_rise, ln_drop, ln_repeat] {
            prop_assert!(ln_evidence(events, predicted, prior) <= bound);
        }
    }

    /// A signature that spikes by itself never gives more evidence than how rarely it does so.
    #[test]
    fn own_spikes_cap_the_evidence(ln_evidence in -50.0..600.0_f64, per_hour in 1e-6..1.0_f64, minutes in 0.5..60.0_f64) {
        let capped = ln_capped(ln_evidence, per_hour, minutes);
        prop_assert!(capped <= ln_evidence + 1e-12);
        prop_assert!(capped <= -(per_hour * minutes / 60.0).ln() + 1e-12);
        prop_assert_eq!(ln_capped(ln_evidence, 0.0, minutes), ln_evidence);
    }
}
