use proptest::prelude::*;
use statrs::function::gamma::ln_gamma;

use super::*;

fn at(second: u64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + second as i64)
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A thousand tasks that took from one second to a thousand.
fn past() -> Durations {
    let mut past = Durations::default();
    (1..=1_000).for_each(|n| past.add(seconds(n)));
    past
}

#[test]
fn survival_falls_and_is_never_too_small() {
    let past = past();
    for age in [1, 10, 100, 500, 900, 2_000] {
        let longer = (1 + 1_000_u64.saturating_sub(age - 1).min(1_000)) as f64 / 1_001.0;
        let found = past.survival(seconds(age));
        assert!(found >= longer - 1e-12 && found <= longer * 1.05 + 0.05, "{age}: {found}, not {longer}");
    }
    assert_eq!(Durations::default().survival(seconds(5)), 1.0);
}

/// After a restart that leaves such a share open, what tasks say for a stall instead of it has a mean of 1 for every share
/// that stalls.
#[test]
fn a_restart_is_no_evidence_for_a_stall_instead_of_it() {
    for (usual, restarted) in [(0.005, 0.4), (0.05, 0.06), (0.3, 0.9), (0.2, 0.2)] {
        let (open, finished) = Odds::instead(usual, restarted);
        for (of_open, of_finished) in open.0.into_iter().zip(finished.0) {
            let mean = restarted * of_open.exp() + (1.0 - restarted) * of_finished.exp();
            assert!((mean - 1.0).abs() < 1e-9, "{usual} {restarted}: {mean}");
        }
    }
}

/// Over tasks whose durations are as usual the mean of the evidence is 1 or less, whatever the share.
#[test]
fn tasks_that_take_their_time_are_no_evidence() {
    let past = past();
    for age in [5, 60, 400, 990] {
        let of = |took: u64| {
            let task = Task { started: at(0), finished: Some(at(took)) };
            ln_stall(&[task], &past, at(age)).exp()
        };
        let mean = (1..=1_000).map(of).sum::<f64>() / 1_000.0;
        assert!(mean <= 1.0 + 1e-9, "{age}: {mean}");
    }
}

#[test]
fn tasks_that_never_finish_are_found_and_counted() {
    let mut past = Durations::default();
    (0..2_000).for_each(|n| past.add(seconds(60 + n % 120)));
    let tasks: Vec<Task> = (0..60).map(|n| Task { started: at(n * 10), finished: None }).collect();
    assert!(ln_stall(&tasks, &past, at(100)) < 2.0, "nothing is late yet");
    assert!(ln_stall(&tasks, &past, at(600)) > f64::ln(2_000.0));
    assert_eq!(n_overdue(&tasks, &past, at(600)), 42);
    let healthy: Vec<Task> =
        tasks.iter().map(|task| Task { finished: Some(task.started.after(seconds(90))), ..*task }).collect();
    assert!(ln_stall(&healthy, &past, at(600)) < 0.0);
    assert_eq!(n_overdue(&healthy, &past, at(600)), 0);
}

proptest! {
    /// Over the tasks that take a step in the usual share the mean of the evidence is 1, by exact summation.
    #[test]
    fn a_step_that_is_taken_as_usual_is_no_evidence(n in 1..80_u64, usual in 0.05..0.99_f64) {
        let ln_ways = |k: u64| ln_gamma(n as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((n - k) as f64 + 1.0);
        let ln_chance = |k: u64| ln_ways(k) + k as f64 * usual.ln() + (n - k) as f64 * (1.0 - usual).ln();
        let mean: f64 = (0..=n).map(|k| (ln_chance(k) + ln_skip(k, n - k, usual)).exp()).sum();
        prop_assert!((mean - 1.0).abs() < 1e-9, "{mean}");
    }

    #[test]
    fn more_that_take_the_step_never_raise_the_evidence(taken in 0..500_u64, skipped in 0..500_u64, usual in -0.5..1.5_f64) {
        prop_assert!(ln_skip(taken + 1, skipped, usual) <= ln_skip(taken, skipped, usual) + 1e-9);
        prop_assert!(!ln_skip(taken, skipped, usual).is_nan());
    }
}
