use proptest::prelude::*;

use super::*;
use crate::detect::counts::Coverage;
use crate::detect::{Deploy, Origin, Settings};
use crate::units::Minute;

const DEPLOYED: i32 = 30_000;
const WEEK: i32 = 7 * 24 * 60;

fn minute(n: i32) -> Minute {
    Minute::from_number(DEPLOYED + n)
}

fn watch(n: i32, version: &str) -> Watch {
    let deploy = Deploy::new(minute(n).start(), "orders", version.to_owned(), Origin::Mark);
    Watch::new(deploy, Settings::default())
}

/// A week in which signature 0 is always there and signature 1 comes so often, then so often from a minute on.
fn world(before: f64, after: f64, from: i32, to: i32) -> Counts {
    let mut counts = Counts::default();
    counts.observe(minute(-WEEK)..minute(to), Coverage::Complete);
    for n in -WEEK..to {
        let write = |rate: f64| ((f64::from(n + 1) * rate).floor() - (f64::from(n) * rate).floor()) as u32;
        counts.add(minute(n), SignatureIndex(0), write(5.0));
        counts.add(minute(n), SignatureIndex(1), write(if n >= from { after } else { before }));
    }
    counts
}

/// The judgements on deploys at minutes 0 and `second`, at a time after both.
fn judged(counts: &Counts, second: i32, now: i32) -> Vec<Judgement> {
    let mut watches = [watch(0, "v2"), watch(second, "v3")];
    let mut found: Vec<Judgement> = watches.iter_mut().map(|it| it.judge(counts, minute(now).start())).collect();
    let mut both: Vec<Judged<'_>> = watches.iter().zip(&mut found).collect();
    lay(&mut both, counts);
    found
}

fn shares_of(judgement: &Judgement) -> Option<&[Share]> {
    let found = judgement.assessments.iter().find(|it| it.signature == Some(SignatureIndex(1)))?;
    (!found.shares.is_empty()).then_some(found.shares.as_slice())
}

#[track_caller]
fn check(counts: &Counts, second: i32, now: i32, expected: &str, least: f64) {
    let found = judged(counts, second, now);
    let told: Vec<&[Share]> = found.iter().filter_map(shares_of).collect();
    assert!(!told.is_empty(), "nothing is laid to anything");
    for shares in told {
        assert_eq!(shares[0].version, expected, "{shares:?}");
        assert!(shares[0].share >= least, "{shares:?}");
    }
}

#[test]
fn a_rise_is_laid_to_the_deploy_that_it_began_after() {
    check(&world(0.2, 3.0, 1, 50), 20, 50, "v2", 0.95);
    check(&world(0.2, 3.0, 21, 50), 20, 50, "v3", 0.9);
    // It began late in the time of the first deploy, and before the second was there.
    check(&world(0.2, 6.0, 14, 50), 20, 50, "v2", 0.95);
}

#[test]
fn a_new_signature_and_a_drop_are_laid_alike() {
    check(&world(0.0, 1.0, 3, 50), 20, 50, "v2", 0.9);
    check(&world(0.0, 1.0, 22, 50), 20, 50, "v3", 0.9);
    check(&world(8.0, 0.0, 0, 50), 20, 50, "v2", 0.9);
    check(&world(8.0, 0.0, 20, 50), 20, 50, "v3", 0.9);
}

/// What rose with the second deploy is confirmed by the watch over the first too, and counts for the second alone.
#[test]
fn a_finding_counts_for_one_deploy_only() {
    let found = judged(&world(0.2, 5.0, 20, 60), 20, 60);
    let of = |judgement: &Judgement, at: i32| {
        let its = judgement.assessments.iter().find(|it| it.signature == Some(SignatureIndex(1))).unwrap().clone();
        (its.finding.map(|finding| finding.tier), its.is_of(minute(at).start()))
    };
    assert_eq!(of(&found[0], 0), (Some(Tier::Confirmed), false));
    assert_eq!(of(&found[1], 20), (Some(Tier::Confirmed), true));
}

#[test]
fn deploys_that_are_hours_apart_are_not_laid_to_each_other() {
    let counts = world(0.2, 3.0, 200, 230);
    assert!(judged(&counts, 200, 230).iter().all(|it| shares_of(it).is_none()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Shares are chances: none is negative, all add up to one. The later it begins, the likelier it came with the second.
    #[test]
    fn the_shares_are_chances(second in 1..50_i32, begins in 0..40_i32, after in 0..12_u32, before in 0..4_u32) {
        let counts = world(f64::from(before) / 4.0, f64::from(after), begins, 60);
        let found = judged(&counts, second, 60);
        for shares in found.iter().filter_map(shares_of) {
            prop_assert_eq!(shares.len(), 2);
            prop_assert!(shares.iter().all(|it| (0.0..=1.0).contains(&it.share)));
            prop_assert!((shares.iter().map(|it| it.share).sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!(shares[0].share >= shares[1].share);
        }
    }
}
