use proptest::prelude::*;

use super::*;
use crate::detect::counts::Coverage;
use crate::detect::{Assessment, Beyond, Counts, Deploy, Kind, Origin, Settings, Tier, Watch};

const DEPLOYED: i32 = 30_000;
const WEEK: i32 = 7 * 24 * 60;

fn minute(n: i32) -> Minute {
    Minute::from_number(DEPLOYED + n)
}

fn deploy(n: i32) -> Deploy {
    Deploy::new(minute(n).start(), "orders", format!("v{n}"), Origin::Mark)
}

const EARLIER: [i32; 4] = [-9_000, -6_500, -4_000, -1_500];

/// A week in which each deploy brings so many refused connections in each of its first minutes, and the last one too,
/// for so many minutes.
fn world(noise: u32, lasts: i32) -> Counts {
    world_of(noise, 4, lasts)
}

/// The same in which the noise of each earlier deploy goes on for so many minutes.
fn world_of(noise: u32, lasted: i32, lasts: i32) -> Counts {
    let mut counts = Counts::default();
    counts.observe(minute(-WEEK)..minute(60), Coverage::Complete);
    for n in -WEEK..60 {
        counts.add(minute(n), SignatureIndex(0), 5);
        let restarts = EARLIER.iter().any(|deploy| (0..lasted).contains(&(n - deploy))) || (0..lasts).contains(&n);
        let usual = u32::from(n.rem_euclid(20) == 0);
        counts.add(minute(n), SignatureIndex(1), if restarts { noise } else { usual });
    }
    counts
}

fn judged(counts: &Counts, earlier: &[i32], at: i32) -> Assessment {
    let deploys: Vec<Deploy> = earlier.iter().map(|n| deploy(*n)).collect();
    let beyond = Beyond { deploys: &deploys, ..Beyond::default() };
    let judgement = Watch::new(deploy(0), Settings::default()).judge_with(counts, &beyond, minute(at).start());
    judgement.assessments.into_iter().find(|it| it.signature == Some(SignatureIndex(1))).unwrap()
}

fn tier(found: &Assessment) -> Option<(Kind, Tier)> {
    found.finding.filter(|_| found.is_listed()).map(|finding| (finding.kind, finding.tier))
}

#[test]
fn what_every_restart_logs_is_not_laid_to_the_deploy() {
    let counts = world(6, 4);
    let (bare, learned) = (judged(&counts, &[], 10), judged(&counts, &EARLIER, 10));
    assert!(tier(&bare).is_some(), "{bare:?}");
    assert_eq!(tier(&learned), None, "{learned:?}");
    let noise = learned.noise.expect("four deploys are known");
    assert!(noise.factors[0] > 10.0 && noise.deploys == 4, "{noise:?}");
}

#[test]
fn a_rise_that_goes_on_is_confirmed_all_the_same() {
    let counts = world(6, 60);
    assert_eq!(tier(&judged(&counts, &EARLIER, 30)), Some((Kind::Rise, Tier::Confirmed)));
}

#[test]
fn noise_that_lasts_for_a_quarter_of_an_hour_after_each_deploy_is_expected_of_the_next() {
    let counts = world_of(6, 14, 14);
    let looks = |earlier: &[i32]| -> Vec<_> { (1..=60).map(|at| tier(&judged(&counts, earlier, at))).collect() };
    assert!(looks(&[]).iter().any(Option::is_some));
    let learned = looks(&EARLIER);
    assert_eq!(learned, vec![None; 60]);
    let goes_on = world_of(6, 14, 60);
    assert!(tier(&judged(&goes_on, &EARLIER, 50)).is_some());
}

/// One deploy may have been a faulty one: it teaches nothing.
#[test]
fn one_deploy_alone_teaches_nothing() {
    let counts = world(6, 4);
    assert_eq!(judged(&counts, &EARLIER[..1], 10).noise, None);
    assert!(tier(&judged(&counts, &EARLIER[..1], 10)).is_some());
}

#[test]
fn the_deploy_that_brought_most_is_left_out() {
    let steady = factor_of(vec![(2.0, 1.0), (2.0, 1.0), (900.0, 1.0)]).unwrap();
    assert!((steady - (5.0 + 2.0 * 2.0) / 7.0).abs() < 1e-12, "{steady:?}");
    let noisy = factor_of(vec![(20.0, 1.0), (10.0, 1.0), (900.0, 1.0)]).unwrap();
    assert!((noisy - (1.0 + 3.0 / 4.0 * 19.0)).abs() < 1e-12, "{noisy:?}");
    let fewer = factor_of(vec![(0.0, 10.0), (0.0, 10.0), (10.0, 10.0)]).unwrap();
    assert!((fewer - 5.0 / 25.0).abs() < 1e-12, "{fewer:?}");
    assert_eq!(factor_of(vec![(0.0, 0.0), (1.0, 0.0)]), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever earlier deploys brought, what goes on after the first minutes weighs as much as it would have alone.
    #[test]
    fn what_goes_on_after_minute_five_is_never_hidden(noise in 1..80_u32, after in 1..12_u32) {
        let mut counts = world(noise, 5);
        (5..60).for_each(|n| counts.add(minute(n), SignatureIndex(1), after));
        // The same without the first minutes: nothing but what came after them.
        let mut late = world(noise, 0);
        (5..60).for_each(|n| late.add(minute(n), SignatureIndex(1), after));
        let (all, late) = (judged(&counts, &EARLIER, 60), judged(&late, &EARLIER, 60));
        let from_five = (0.1_f64 / 0.7).ln();
        prop_assert!(all.evidence.ln() >= late.evidence.ln() + from_five - 1e-9, "{} {}", all.evidence, late.evidence);
    }
}
