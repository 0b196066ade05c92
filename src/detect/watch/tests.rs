use proptest::prelude::*;

use super::*;
use crate::detect::Origin;
use crate::detect::counts::Coverage;

const DEPLOYED: i32 = 30_000;
const WEEK: i32 = 7 * 24 * 60;

/// A minute counted from the deploy's.
fn minute(n: i32) -> Minute {
    Minute::from_number(DEPLOYED + n)
}

fn deploy() -> Deploy {
    Deploy::new(minute(0).start(), "orders", "v2", Origin::Mark)
}

/// Signature 0 is always there, five times a minute.
fn world(from: i32, to: i32) -> Counts {
    let mut counts = Counts::default();
    counts.observe(minute(from)..minute(to), Coverage::Complete);
    write(&mut counts, 0, from..to, 5.0);
    counts
}

/// Events at an even rate: so many a minute, or one every few minutes.
fn write(counts: &mut Counts, signature: u32, minutes: Range<i32>, per_minute: f64) {
    for n in minutes {
        let until = |n: i32| (f64::from(n) * per_minute).floor();
        counts.add(minute(n), SignatureIndex(signature), (until(n + 1) - until(n)) as u32);
    }
}

fn judged(counts: &Counts, at: i32) -> Judgement {
    Watch::new(deploy(), Settings::default()).judge(counts, minute(at).start())
}

fn of(judgement: &Judgement, signature: u32) -> &Assessment {
    let found = judgement.assessments.iter().find(|it| it.signature == Some(SignatureIndex(signature)));
    found.unwrap_or_else(|| panic!("{signature} is not judged"))
}

#[track_caller]
fn check(judgement: &Judgement, signature: u32, expected: Option<(Kind, Tier)>) {
    let found = of(judgement, signature);
    assert_eq!(found.finding.map(|finding| (finding.kind, finding.tier)), expected, "{found:?}");
}

#[test]
fn a_rate_that_stays_is_no_finding() {
    let mut counts = world(-WEEK, 60);
    write(&mut counts, 1, -WEEK..60, 0.25);
    for at in [1, 7, 30, 60] {
        let judgement = judged(&counts, at);
        assert_eq!(judgement.overall, Overall::Healthy, "{:?}", judgement.assessments);
        assert_eq!(judgement.assessments.len(), 2);
    }
}

#[test]
fn a_rise_is_a_candidate_first_and_then_confirmed_with_its_numbers() {
    let mut counts = world(-WEEK, 60);
    write(&mut counts, 1, -WEEK..0, 0.2);
    write(&mut counts, 1, 0..60, 3.0);
    check(&judged(&counts, 1), 1, Some((Kind::Rise, Tier::Candidate)));
    let judgement = judged(&counts, 12);
    check(&judgement, 1, Some((Kind::Rise, Tier::Confirmed)));
    check(&judgement, 0, None);
    assert_eq!(judgement.overall, Overall::Regressed(1));
    assert_eq!(judgement.assessments[0].signature, Some(SignatureIndex(1)), "the worst comes first");
    let found = of(&judgement, 1);
    assert_eq!((found.observed, found.expected.round()), (36, 2.0));
    assert!((found.p / crate::detect::poisson::at_least(36, found.expected) - 1.0).abs() < 1e-12);
    assert!(found.ratio.is_some_and(|ratio| (14.0..16.0).contains(&ratio)), "{found:?}");
}

/// What was confirmed stays confirmed, though the rate falls back.
#[test]
fn a_burst_after_the_deploy_stays_confirmed() {
    let mut counts = world(-WEEK, 60);
    write(&mut counts, 1, -WEEK..60, 0.2);
    write(&mut counts, 1, 0..12, 6.0);
    check(&judged(&counts, 60), 1, Some((Kind::Rise, Tier::Confirmed)));
}

/// What a deploy finds in progress is not its doing.
#[test]
fn a_rise_that_was_there_before_the_deploy_is_not_laid_to_it() {
    let mut counts = world(-WEEK, 60);
    write(&mut counts, 1, -WEEK..-300, 1.0);
    write(&mut counts, 1, -300..60, 4.0);
    let judgement = judged(&counts, 40);
    let finding = of(&judgement, 1).finding;
    assert!(finding.is_none_or(|finding| finding.tier == Tier::Candidate), "{:?}", of(&judgement, 1));
}

#[test]
fn a_new_signature_is_new_and_its_p_is_not_zero() {
    let mut counts = world(-WEEK, 60);
    write(&mut counts, 1, 3..4, 1.0);
    let judgement = judged(&counts, 30);
    check(&judgement, 1, Some((Kind::New, Tier::Candidate)));
    let found = of(&judgement, 1);
    assert!(found.p > 1e-4 && found.p < 0.05 && found.ratio.is_none(), "{found:?}");
    write(&mut counts, 1, 4..10, 1.0);
    check(&judged(&counts, 30), 1, Some((Kind::New, Tier::Confirmed)));
}

/// So few events show nothing of spikes, which were feared for as long as the rise went on: it was never confirmed.
#[test]
fn a_rise_in_a_log_of_rare_lines_alone_is_confirmed_when_it_goes_on() {
    let mut counts = Counts::default();
    counts.observe(minute(-WEEK)..minute(60), Coverage::Complete);
    write(&mut counts, 0, -WEEK..0, 0.02);
    write(&mut counts, 1, -WEEK..60, 0.015);
    let mut burst = Counts::default();
    burst.observe(minute(-WEEK)..minute(60), Coverage::Complete);
    write(&mut burst, 0, -WEEK..60, 0.02);
    burst.add(minute(20), SignatureIndex(0), 6);
    write(&mut counts, 0, 0..60, 0.6);
    check(&judged(&counts, 30), 0, Some((Kind::Rise, Tier::Confirmed)));
    let found = judged(&burst, 30);
    assert!(of(&found, 0).finding.is_none_or(|finding| finding.tier == Tier::Candidate), "{:?}", of(&found, 0));
}

#[test]
fn a_signature_that_stops_is_a_drop() {
    let mut counts = world(-WEEK, 60);
    write(&mut counts, 1, -WEEK..0, 2.0);
    check(&judged(&counts, 40), 1, Some((Kind::Drop, Tier::Confirmed)));
    let found = judged(&counts, 40);
    assert!(of(&found, 1).p < 1e-12 && of(&found, 1).observed == 0);
}

/// One finding, not one for each signature; and none on the minutes that nobody observed.
#[test]
fn a_source_that_stops_is_one_finding() {
    let mut counts = world(-WEEK, 10);
    write(&mut counts, 1, -WEEK..10, 2.0);
    assert_eq!(judged(&counts, 40).overall, Overall::Healthy, "what nobody observed is unknown");
    counts.observe(minute(10)..minute(40), Coverage::Complete);
    let judgement = judged(&counts, 40);
    let found: Vec<_> = judgement.assessments.iter().filter(|it| it.finding.is_some()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].signature, None);
    assert_eq!(found[0].finding, Some(Finding { kind: Kind::Silent, tier: Tier::Confirmed }));
}

#[test]
fn without_a_baseline_nothing_is_judged_and_the_reason_is_told() {
    let counts = world(-10, 60);
    let judgement = judged(&counts, 30);
    assert!(matches!(judgement.overall, Overall::CannotJudge(why) if why.contains("baseline")));
    assert!(judgement.assessments.iter().all(|it| it.finding.is_none()));
    assert!(matches!(judged(&world(-WEEK, 0), 30).overall, Overall::CannotJudge(why) if why.contains("observed")));
}

/// The deploy's own minute belongs to neither side, but for a deploy in its first seconds.
#[test]
fn the_minute_of_the_deploy_is_not_counted_against_it() {
    let mut counts = world(-WEEK, 60);
    counts.add(minute(0), SignatureIndex(1), 9);
    let late = Deploy { at: minute(0).start().after(Duration::from_secs(30)), ..deploy() };
    let judgement = Watch::new(late, Settings::default()).judge(&counts, minute(30).start());
    assert!(judgement.assessments.iter().all(|it| it.signature != Some(SignatureIndex(1))));
    check(&judged(&counts, 30), 1, Some((Kind::New, Tier::Candidate)));
}

#[test]
fn nothing_after_the_hour_counts() {
    let mut counts = world(-WEEK, 300);
    write(&mut counts, 1, -WEEK..60, 0.2);
    write(&mut counts, 1, 60..300, 50.0);
    let judgement = judged(&counts, 250);
    assert!(judgement.is_over());
    assert_eq!(of(&judgement, 1).observed, 12);
    check(&judgement, 1, None);
}

/// Twice the traffic brings twice the errors, and that is nobody's fault.
#[test]
fn errors_that_come_with_traffic_are_expected() {
    let mut counts = world(-WEEK, 60);
    write(&mut counts, 1, -WEEK..0, 40.0);
    write(&mut counts, 1, 0..60, 120.0);
    write(&mut counts, 2, -WEEK..0, 1.0);
    write(&mut counts, 2, 0..60, 3.0);
    let look = |traffic: Option<SignatureIndex>| {
        let mut watch = Watch::new(deploy(), Settings { traffic, ..Settings::default() });
        watch.judge(&counts, minute(40).start())
    };
    check(&look(None), 2, Some((Kind::Rise, Tier::Confirmed)));
    let counted = look(Some(SignatureIndex(1)));
    assert!(of(&counted, 2).evidence < LISTED, "{:?}", of(&counted, 2));
    check(&counted, 1, None);
    assert!((of(&counted, 2).ratio.unwrap() - 1.0).abs() < 0.3);
}

/// What speaks of changed files is confirmed by less, everything else by a little more.
#[test]
fn a_favored_signature_needs_less_evidence() {
    let mut counts = world(-WEEK, 60);
    (1..200).for_each(|signature| write(&mut counts, signature, -WEEK..60, 0.2));
    let settings = Settings { family_alpha: 0.01, ..Settings::default() };
    let plain = Watch::new(deploy(), settings.clone()).judge(&counts, minute(30).start());
    let mut watch = Watch::new(deploy(), settings);
    watch.favor([SignatureIndex(1)]);
    let favored = watch.judge(&counts, minute(30).start());
    let threshold = |judgement: &Judgement, signature| of(judgement, signature).threshold.unwrap();
    assert!(threshold(&favored, 1) < threshold(&plain, 1) / 4.5);
    assert!(threshold(&favored, 2) > threshold(&plain, 2));
    let spent: f64 = (0..200).map(|signature| 1.0 / threshold(&favored, signature)).sum();
    assert!((spent / 0.0058 - 1.0).abs() < 1e-9, "{spent}");
}

/// Heartbeats of every minute are missed after minutes, and those of every five after half an hour.
#[test]
fn a_heartbeat_that_stops_is_missed() {
    for (every, listed, confirmed) in [(1, 4, 6), (5, 10, 35)] {
        let mut counts = world(-WEEK, 60);
        (-WEEK..0).filter(|n| n % every == 0).for_each(|n| counts.add(minute(n), SignatureIndex(1), 1));
        assert!(of(&judged(&counts, listed), 1).is_listed(), "every {every}");
        check(&judged(&counts, confirmed), 1, Some((Kind::Drop, Tier::Confirmed)));
        let since = of(&judged(&counts, confirmed), 1).onset.unwrap();
        assert!(since < 5, "{since}");
    }
}

/// A beat that comes a little late, or is lost now and then, is missed by nobody.
#[test]
fn a_heartbeat_that_trembles_is_not_missed() {
    let mut counts = world(-WEEK, 60);
    for n in (-WEEK..60).filter(|n| n % 5 == 0 && n % 95 != 0) {
        counts.add(minute(n + i32::from(n % 3 == 0)), SignatureIndex(1), 1);
    }
    for at in [5, 20, 40, 60] {
        check(&judged(&counts, at), 1, None);
    }
}

/// A program that is replaced is away for a moment.
#[test]
fn a_restart_is_no_missing_heartbeat() {
    let mut counts = world(-WEEK, 60);
    (-WEEK..60).filter(|n| !(0..3).contains(n)).for_each(|n| counts.add(minute(n), SignatureIndex(1), 1));
    for at in [3, 4, 10] {
        assert!(!of(&judged(&counts, at), 1).is_listed(), "{:?}", of(&judged(&counts, at), 1));
    }
}

fn some_counts() -> impl Strategy<Value = Vec<(i32, u32, u32)>> {
    prop::collection::vec((-2_000..60_i32, 0..6_u32, 1..20_u32), 0..300)
}

fn counted(events: &[(i32, u32, u32)]) -> Counts {
    let mut counts = world(-2_000, 60);
    events.iter().for_each(|&(at, signature, n)| counts.add(minute(at), SignatureIndex(signature), n));
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// A judgement is a function of the counts: neither earlier looks, nor the order in which lines
    /// came, nor a restart changes it.
    #[test]
    fn looking_often_late_or_again_changes_nothing(events in some_counts(), looks in prop::collection::vec(1..60_i32, 0..6)) {
        let counts = counted(&events);
        let fresh = judged(&counts, 60);
        let mut watch = Watch::new(deploy(), Settings::default());
        let mut growing = world(-2_000, 60);
        for (place, &(at, signature, n)) in events.iter().rev().enumerate() {
            growing.add(minute(at), SignatureIndex(signature), n);
            if let Some(look) = looks.get(place) {
                watch.judge(&growing, minute(*look).start());
            }
        }
        prop_assert_eq!(watch.judge(&growing, minute(60).start()), fresh);
    }

    /// More events after the deploy never lower the evidence for a rise, nor take a confirmation back.
    #[test]
    fn more_events_never_lower_a_rise(events in some_counts(), at in 0..60_i32, more in 1..30_u32) {
        let mut counts = counted(&events);
        write(&mut counts, 1, -2_000..0, 0.1);
        counts.add(minute(50), SignatureIndex(1), 1);
        let before = judged(&counts, 60);
        counts.add(minute(at), SignatureIndex(1), more);
        let after = judged(&counts, 60);
        let rise = |judgement: &Judgement| {
            let found = of(judgement, 1).clone();
            let is_rise = found.finding.is_some_and(|finding| finding.kind == Kind::Rise);
            (if is_rise { found.evidence } else { 0.0 }, is_rise && found.finding.is_some_and(|it| it.tier == Tier::Confirmed))
        };
        let (before, after) = (rise(&before), rise(&after));
        prop_assert!(after.0 >= before.0 * (1.0 - 1e-9), "{} after {}", after.0, before.0);
        prop_assert!(after.1 >= before.1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Looking back at the evidence of each minute tells what one saw then, where versions are told, too.
    #[test]
    fn evidence_of_versions_minute_by_minute_is_what_each_look_found(
        of_new in prop::collection::vec(0..6_u32, 20),
        of_old in 0..3_u32,
    ) {
        let mut counts = world(-WEEK, 20);
        write(&mut counts, 1, -WEEK..0, 1.0);
        let mut versions = Versions::default();
        let (mut watch, mut told) = (Watch::new(deploy(), Settings::default()), Vec::new());
        for (place, of_new) in (0..).zip(&of_new) {
            let at = minute(place).start();
            for (name, others, n) in [("v1", 20, of_old), ("v2", 10, *of_new)] {
                counts.add(minute(place), SignatureIndex(1), n);
                (0..others).for_each(|_| versions.note(name, SignatureIndex(0), at));
                (0..n).for_each(|_| versions.note(name, SignatureIndex(1), at));
            }
            let beyond = Beyond { versions: Some(&versions), ..Beyond::default() };
            let judgement = watch.judge_with(&counts, &beyond, minute(place + 1).start());
            told.push(judgement.assessments.iter().find(|it| it.signature == Some(SignatureIndex(1))).map(|it| it.evidence));
        }
        let beyond = Beyond { versions: Some(&versions), ..Beyond::default() };
        let (_, strip) = watch.evidence_each_minute((SignatureIndex(1), Kind::Rise), &beyond, minute(20).start());
        for (at, (strip, told)) in strip.iter().zip(&told).enumerate() {
            let (strip, told) = (strip.max(0.0).exp(), told.unwrap_or(1.0));
            prop_assert!((strip / told - 1.0).abs() < 1e-6, "{at}: {strip} {told}");
        }
    }

    /// Looking back at the evidence of each minute tells what one saw then.
    #[test]
    fn evidence_minute_by_minute_is_what_each_look_found(
        before in 0..4_u32,
        after in prop::collection::vec(0..8_u32, 30),
        from in 0..4_usize,
    ) {
        let mut counts = world(-WEEK, 30);
        let rate = [0.0, 0.2, 1.0, 9.0][before as usize];
        write(&mut counts, 1, -WEEK..0, rate);
        after.iter().enumerate().for_each(|(n, k)| counts.add(minute(n as i32), SignatureIndex(1), if n >= from { *k } else { 0 }));
        let mut watch = Watch::new(deploy(), Settings::default());
        let last = watch.judge(&counts, minute(30).start());
        let Some(found) = last.assessments.iter().find(|it| it.signature == Some(SignatureIndex(1))) else { return Ok(()) };
        let kind = found.finding.map_or(Kind::Rise, |finding| finding.kind);
        let (start, strip) = watch.evidence_each_minute((SignatureIndex(1), kind), &Beyond::default(), minute(30).start());
        prop_assert_eq!((start, strip.len()), (minute(0), 30));
        for at in 1..=30 {
            let judgement = judged(&counts, at);
            let Some(found) = judgement.assessments.iter().find(|it| it.signature == Some(SignatureIndex(1))) else { continue };
            if found.finding.is_none_or(|finding| finding.kind == kind) && kind != Kind::Drop {
                let told = strip[at as usize - 1].max(0.0).exp();
                prop_assert!((told / found.evidence - 1.0).abs() < 1e-6, "{at}: {told} {}", found.evidence);
            }
        }
    }
}
