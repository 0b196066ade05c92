use super::*;
use crate::detect::baseline::Baseline;
use crate::detect::counts::SignatureIndex;
use crate::detect::{Deploy, Judgement, Kind, Origin, Overall, Settings, Watch};

const WEEK: i32 = 7 * DAY;

fn minute(n: i32) -> Minute {
    Minute::from_number(60_000 + n)
}

/// Five events in each minute but those of which `none` is true; every minute is known in this way.
fn world(until: i32, coverage: Coverage, none: impl Fn(i32) -> bool) -> Counts {
    let mut counts = Counts::default();
    counts.observe(minute(-WEEK)..minute(until), coverage);
    (-WEEK..until).filter(|n| !none(*n)).for_each(|n| counts.add(minute(n), SignatureIndex(0), 5));
    counts
}

fn judged(counts: &Counts, at: i32) -> Judgement {
    let deploy = Deploy::new(minute(0).start(), "orders", "v2", Origin::Mark);
    Watch::new(deploy, Settings::default()).judge(counts, minute(at).start())
}

fn baseline(counts: &Counts) -> Baseline {
    Baseline::of(counts, minute(-WEEK)..minute(0), 1)
}

/// From an hour before the time of the deploy to an hour after it, on each day before.
fn around_the_deploy(n: i32) -> bool {
    n < 0 && (n + 60).rem_euclid(DAY) < 120
}

#[test]
fn a_source_that_was_away_is_unknown_and_not_zero() {
    let counts = world(60, Coverage::Complete, around_the_deploy);
    let baseline = baseline(&counts);
    assert_eq!(baseline.minutes(), (WEEK - 7 * 120) as u32);
    assert!((baseline.rate(SignatureIndex(0)) - 5.0).abs() < 1e-9);
    let judgement = judged(&counts, 60);
    assert_eq!(judgement.overall, Overall::Healthy, "{:?}", judgement.assessments);
}

/// Whoever says that the minutes were observed, and nothing came, says that it never came at that time.
#[test]
fn what_is_told_to_be_zero_is_zero() {
    let counts = world(60, Coverage::Told, around_the_deploy);
    assert_eq!(baseline(&counts).minutes(), WEEK as u32);
    let found = judged(&counts, 60);
    assert!(found.assessments.iter().any(|it| it.finding.is_some_and(|it| it.kind == Kind::Rise)), "{found:?}");
}

/// Nights without work, and the time between two runs of a job, are not what was missed.
#[test]
fn quiet_times_are_zero() {
    let night = |n: i32| n.rem_euclid(DAY) < 8 * 60;
    let dusk = |n: i32| (8 * 60..10 * 60).contains(&n.rem_euclid(DAY)) && n % 3 != 0;
    let dawn = |n: i32| (22 * 60..DAY).contains(&n.rem_euclid(DAY)) && n % 3 != 0;
    let quiet = world(0, Coverage::Complete, |n| night(n) || dusk(n) || dawn(n));
    let job = world(0, Coverage::Complete, |n| n.rem_euclid(60) > 10);
    for counts in [quiet, job] {
        assert_eq!(baseline(&counts).minutes(), WEEK as u32);
    }
}

/// Two minutes in which ten events are usual may pass; in three, fifteen are too few to tell.
#[test]
fn a_short_pause_is_zero() {
    let counts = world(0, Coverage::Complete, |n| n.rem_euclid(200) < 3);
    assert_eq!(baseline(&counts).minutes(), WEEK as u32);
    let counts = world(0, Coverage::Complete, |n| n.rem_euclid(200) < 4);
    assert!(baseline(&counts).minutes() < WEEK as u32);
}

#[test]
fn a_silence_is_a_finding_but_where_the_source_is_away_on_most_days() {
    let is_silent = |judgement: &Judgement| {
        judgement.assessments.iter().any(|it| it.finding.is_some_and(|finding| finding.kind == Kind::Silent))
    };
    let usual = |n: i32| n.rem_euclid(DAY) < 20;
    let counts = world(60, Coverage::Complete, |n| usual(n) || (0..20).contains(&n));
    assert!(!is_silent(&judged(&counts, 19)));
    let judgement = judged(&counts, 60);
    assert_eq!(judgement.overall, Overall::Healthy, "{:?}", judgement.assessments);
    let longer = world(60, Coverage::Complete, |n| usual(n) || n >= 0);
    assert!(!is_silent(&judged(&longer, 20)));
    assert!(is_silent(&judged(&longer, 40)), "it stays away for longer than it used to");
    let once = world(60, Coverage::Complete, |n| n >= 0 || (-DAY..-DAY + 20).contains(&n));
    assert!(is_silent(&judged(&once, 19)), "once is no habit");
}
