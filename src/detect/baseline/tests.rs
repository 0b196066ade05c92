use super::*;
use crate::detect::counts::SIGNATURES;
use crate::units::Timestamp;

const WEEK: i32 = 7 * 24 * 60;

fn minute(n: i32) -> Minute {
    Minute::from_number(40_000 + n)
}

/// A fixed, well mixed number below 1 for each pair (splitmix64).
fn chance(n: i32, salt: u64) -> f64 {
    let mut z = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(salt << 32);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A Poisson count, by inversion.
fn poisson(mean: f64, chance: f64) -> u32 {
    let mut term = (-mean).exp();
    let (mut sum, mut count) = (term, 0);
    while sum < chance && count < 1_000 {
        count += 1;
        term *= mean / f64::from(count);
        sum += term;
    }
    count
}

/// A week in which the signature has this mean in each minute before the deploy, times `size` events.
fn week(mean: impl Fn(i32) -> f64, size: u32) -> Baseline {
    let mut counts = Counts::default();
    counts.observe(minute(-WEEK)..minute(0), Coverage::Complete);
    for n in -WEEK..0 {
        counts.add(minute(n), SignatureIndex(0), poisson(mean(n), chance(n, 1)) * size);
    }
    Baseline::of(&counts, minute(-WEEK)..minute(0), 1)
}

fn spread(baseline: &Baseline) -> Spread {
    baseline.spread(SignatureIndex(0)).unwrap()
}

#[track_caller]
fn check_near(what: &str, actual: f64, expected: f64, off: f64) {
    assert!((actual - expected).abs() <= off, "{what} is {actual}, not {expected}");
}

#[test]
fn independent_events_at_one_level_do_not_scatter() {
    let baseline = week(|_| 2.0, 1);
    assert_eq!(baseline.minutes(), WEEK as u32);
    check_near("rate", baseline.rate(SignatureIndex(0)), 2.0, 0.05);
    check_near("burst", spread(&baseline).burst, 1.0, 0.2);
    assert!(spread(&baseline).level < 0.03, "{:?}", spread(&baseline));
    assert!(spread(&baseline).spikes < 0.01);
}

/// A handful of events that came one by one does not show that they never come together.
#[test]
fn few_events_do_not_show_that_there_are_no_spikes() {
    let spikes = |rate: f64| spread(&week(|_| rate, 1)).spikes;
    let (few, some, many) = (spikes(0.007), spikes(0.05), spikes(1.0));
    assert!(few > some && some > many, "{few} {some} {many}");
    assert!(few > 1e-3 && many < 5e-4, "{few} {many}");
    let mut counts = Counts::default();
    counts.observe(minute(-WEEK)..minute(0), Coverage::Complete);
    for (n, signature) in (-WEEK..0).flat_map(|n| (0..40).map(move |signature| (n, signature))) {
        let rate = if signature == 0 { 0.007 } else { 0.2 };
        counts.add(minute(n), SignatureIndex(signature), poisson(rate, chance(n, u64::from(signature))));
    }
    let pooled = spread(&Baseline::of(&counts, minute(-WEEK)..minute(0), 1)).spikes;
    assert!(pooled < many, "where others show it, the few are judged by them: {pooled}");
}

/// Of events that always come in fours, the variance is four times the mean.
#[test]
fn events_that_come_together_are_a_burst() {
    let baseline = week(|_| 0.5, 4);
    check_near("rate", baseline.rate(SignatureIndex(0)), 2.0, 0.15);
    check_near("burst", spread(&baseline).burst, 4.0, 0.6);
}

/// A level that wanders from hour to hour is no burst, and is not trusted either.
#[test]
fn a_level_that_wanders_is_known_to() {
    let level = |n: i32| 10.0 * (0.4 + 1.2 * chance(n.div_euclid(60), 2));
    let found = spread(&week(level, 1));
    assert!(found.burst < 1.5, "{found:?}");
    assert!(found.level > 0.06, "{found:?}");
}

fn expected(baseline: &Baseline) -> f64 {
    baseline.forecasts(SignatureIndex(0))[0].expected
}

/// A job that runs at the same hour every day is expected at that hour, and at no other.
#[test]
fn a_daily_job_is_expected_at_its_hour() {
    let job_at = |start: i32| move |n: i32| if (n - start).rem_euclid(1_440) < 60 { 20.0 } else { 2.0 };
    check_near("the hour of the job", expected(&week(job_at(0), 1)), 20.0, 4.0);
    check_near("another hour", expected(&week(job_at(600), 1)), 2.0, 0.5);
}

/// What rose and stayed is growth: it is expected to go on, and hides no later fault.
#[test]
fn growth_is_no_incident() {
    let grown = week(|n| 3.0 * (1.0 + 2.0 * (f64::from(n + 2_880) / 2_880.0).clamp(0.0, 1.0)), 1);
    check_near("the rate after growth", expected(&grown), 9.0, 1.5);
    assert!(spread(&grown).level < 0.1, "{:?}", spread(&grown));
}

/// What stuck out for three hours and was over does not raise what is expected.
#[test]
fn an_incident_of_the_past_is_no_baseline() {
    let incident = week(|n| if (-5_000..-4_820).contains(&n) { 40.0 } else { 2.0 }, 1);
    check_near("the rate after an incident", expected(&incident), 2.0, 0.3);
    assert!(spread(&incident).level < 0.1, "{:?}", spread(&incident));
}

/// So many signatures with four events a minute, or so many in a share of the hours, for no reason and each for itself.
fn wild(n_signatures: u32, share: f64, high: u32) -> SelfCheck {
    let mut counts = Counts::default();
    counts.observe(minute(-WEEK)..minute(0), Coverage::Complete);
    for (index, n) in (0..n_signatures).flat_map(|index| (-WEEK..0).map(move |n| (index, n))) {
        let is_high = chance(n.div_euclid(60), 5 + u64::from(index)) < share;
        counts.add(minute(n), SignatureIndex(index), if is_high { high } else { 4 });
    }
    Baseline::of(&counts, minute(-WEEK)..minute(0), 1).self_check()
}

/// The past is judged as if there had been deploys; what is wild but learned as such keeps the promise.
#[test]
fn the_self_check_finds_the_promise_kept() {
    let calm = week(|_| 2.0, 1).self_check();
    assert!(calm.hours > 150 && calm.listed <= 0.05, "{calm:?}");
    assert_eq!(calm.safety, 1.0);
    let learned = wild(12, 0.12, 40);
    assert!(learned.hours > 1_800 && learned.listed <= 0.05, "{learned:?}");
    assert_eq!(learned.safety, 1.0);
    assert!(learned.words().ends_with("at most 5 % is promised"), "{}", learned.words());
}

/// A past that breaks the promise, because nearly all of it is calm and some hours are of another kind, makes the judge
/// stricter, and it says so.
#[test]
fn a_past_that_breaks_the_promise_makes_the_judge_stricter() {
    let broken = wild(60, 0.058, 1_000);
    assert!(broken.hours > 9_000 && broken.listed > 0.05, "{broken:?}");
    assert!(broken.safety > 1.0, "{broken:?}");
    assert!(broken.words().contains("variances are taken"), "{}", broken.words());
}

/// Minutes that were not observed are neither events nor exposure.
#[test]
fn unknown_minutes_do_not_lower_the_rate() {
    let mut counts = Counts::default();
    for n in (-WEEK..0).filter(|n| n.rem_euclid(3) != 0) {
        counts.observe(minute(n)..minute(n + 1), Coverage::Complete);
        counts.add(minute(n), SignatureIndex(3), 2);
    }
    counts.observe(minute(-WEEK)..minute(0), Coverage::Partial);
    let baseline = Baseline::of(&counts, minute(-WEEK)..minute(0), 1);
    check_near("minutes", f64::from(baseline.minutes()), f64::from(WEEK) * 2.0 / 3.0, 1.0);
    check_near("rate", baseline.rate(SignatureIndex(3)), 2.0, 1e-9);
    assert_eq!(baseline.signatures().collect::<Vec<_>>(), [SignatureIndex(3)]);
}

#[test]
fn nothing_seen_predicts_nothing() {
    let baseline = Baseline::of(&Counts::default(), minute(-WEEK)..minute(0), 1);
    assert_eq!((baseline.minutes(), baseline.rate(SignatureIndex(SIGNATURES))), (0, 0.0));
    assert_eq!(baseline.spread(SignatureIndex(0)), None);
}

/// A signature that is there since yesterday only is no five times as frequent tomorrow as its week says.
#[test]
fn what_began_yesterday_is_expected_as_it_is_now() {
    for began in [-3 * 60, -24 * 60, -60 * 60] {
        let baseline = week(|n| if n >= began { 10.0 } else { 0.0 }, 1);
        let forecast = baseline.forecasts(SignatureIndex(0))[0];
        check_near("expected", forecast.for_rise, 10.0, 3.0);
    }
    let baseline = week(|n| if n >= -12 * 60 { 20.0 } else { 0.01 }, 1);
    assert!(baseline.forecasts(SignatureIndex(0))[0].for_rise > 12.0, "{:?}", baseline.forecasts(SignatureIndex(0)));
}

/// What stops by itself now and then is no evidence when it stops again.
#[test]
fn own_dips_are_counted() {
    let mut counts = Counts::default();
    counts.observe(minute(-WEEK)..minute(0), Coverage::Complete);
    for n in -WEEK..0 {
        let mean = if n.div_euclid(60) % 40 == 0 { 0.0 } else { 5.0 };
        counts.add(minute(n), SignatureIndex(0), poisson(mean, chance(n, 1)));
        // What goes on beside it shows that the source is there.
        counts.add(minute(n), SignatureIndex(1), 1);
    }
    let baseline = Baseline::of(&counts, minute(-WEEK)..minute(0), 1);
    assert!(spread(&baseline).dips > 0.01, "{:?}", spread(&baseline));
    let baseline = week(|_| 5.0, 1);
    assert!(spread(&baseline).dips < 0.001, "{:?}", spread(&baseline));
}

#[test]
fn lines_that_keep_time_are_told_from_those_that_do_not() {
    let mut counts = Counts::default();
    counts.observe(minute(-WEEK)..minute(0), Coverage::Complete);
    for n in -WEEK..0 {
        counts.add(minute(n), SignatureIndex(0), u32::from(n % 5 == 0));
        counts.add(minute(n), SignatureIndex(1), u32::from(chance(n, 3) < 0.05));
    }
    let baseline = Baseline::of(&counts, minute(-WEEK)..minute(0), 1);
    let beat = baseline.gaps(SignatureIndex(0)).unwrap();
    check_near("mean", beat.mean(), 5.0, 1e-9);
    assert_eq!(beat.age(), 4);
    check_near("within the usual", beat.survival(4), 1.0, 1e-9);
    assert!(beat.survival(5) < 1e-3 && beat.survival(10) < beat.survival(9));
    assert_eq!(baseline.gaps(SignatureIndex(1)), None);
}

/// What is taught of one signature.
type Taught = (f64, Option<Spread>, Vec<Forecast>, Option<Gaps>);

fn taught(baseline: &Baseline, signature: u32) -> Taught {
    let index = SignatureIndex(signature);
    let gaps = baseline.gaps(index).cloned();
    (baseline.rate(index), baseline.spread(index), baseline.forecasts(index).to_vec(), gaps)
}

/// A recorded incident of ten hours, at a level that would be taken for growth.
#[test]
fn a_week_with_a_recorded_incident_teaches_what_a_week_without_does() {
    let incident = -900..-300;
    let counts = |times: f64| {
        let mut counts = Counts::default();
        counts.observe(minute(-WEEK)..minute(0), Coverage::Complete);
        for n in -WEEK..0 {
            let mean = if incident.contains(&n) { 2.0 * times } else { 2.0 };
            counts.add(minute(n), SignatureIndex(0), poisson(mean, chance(n, 1)));
            (1..9)
                .for_each(|other| counts.add(minute(n), SignatureIndex(other), poisson(1.0, chance(n, other.into()))));
        }
        counts
    };
    let learn = |counts: &Counts, aside: &SetAside| {
        Baseline::under(
            &Circumstances { aside: aside.clone(), ..Circumstances::default() },
            counts,
            minute(-WEEK)..minute(0),
            1,
        )
    };
    let mut aside = SetAside::default();
    aside.add(SignatureIndex(0), minute(incident.start)..minute(incident.end));
    let nothing = SetAside::default();
    let (without, with) = (learn(&counts(1.0), &nothing), learn(&counts(6.0), &aside));
    let unrecorded = learn(&counts(6.0), &nothing);
    check_near("the rate", with.rate(SignatureIndex(0)), without.rate(SignatureIndex(0)), 0.05);
    check_near("what is expected", expected(&with), expected(&without), 0.15);
    check_near("the burst factor", spread(&with).burst, spread(&without).burst, 0.1);
    check_near("the level", spread(&with).level.sqrt(), spread(&without).level.sqrt(), 0.03);
    assert!(unrecorded.rate(SignatureIndex(0)) > 2.4, "the same incident, not recorded, would have taught");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(12))]

    /// What is set aside teaches nothing, whatever it is.
    #[test]
    fn what_is_set_aside_does_not_matter(
        from in 1..WEEK,
        length in 1..3_000_i32,
        events in proptest::collection::vec((0..3_000_i32, 1..500_u32), 0..40),
    ) {
        let range = -from..(length - from).min(0);
        let mut counts = Counts::default();
        counts.observe(minute(-WEEK)..minute(0), Coverage::Complete);
        for n in -WEEK..0 {
            counts.add(minute(n), SignatureIndex(0), poisson(0.6, chance(n, 3)));
            counts.add(minute(n), SignatureIndex(1), poisson(1.0, chance(n, 4)));
        }
        let mut aside = SetAside::default();
        aside.add(SignatureIndex(0), minute(range.start)..minute(range.end));
        let before = Baseline::under(&Circumstances { aside: aside.clone(), ..Circumstances::default() }, &counts, minute(-WEEK)..minute(0), 2);
        for (place, n) in events {
            counts.add(minute(range.start + place % (range.end - range.start)), SignatureIndex(0), n);
        }
        let after = Baseline::under(&Circumstances { aside: aside.clone(), ..Circumstances::default() }, &counts, minute(-WEEK)..minute(0), 2);
        for signature in [0, 1] {
            proptest::prop_assert_eq!(taught(&before, signature), taught(&after, signature));
        }
    }
}

/// Counts of three signatures that follow the clock on a wall in Berlin: busy from 9 to 18 o'clock.
fn by_the_wall(zone: &TimeZone, from: Minute, to: Minute) -> Counts {
    let mut counts = Counts::default();
    counts.observe(from..to, Coverage::Complete);
    for minute in from.until(to) {
        let at = jiff::Timestamp::from_second(minute.start().seconds()).unwrap();
        let hour = zone.to_datetime(at).hour();
        let busy = if (9..18).contains(&hour) { 12 } else { 1 };
        (0..3).for_each(|index| counts.add(minute, SignatureIndex(index), busy + index % 2));
    }
    counts
}

/// In the night before the deploy the clock changed: a working day begins an hour sooner or later by UTC.
#[test]
fn hours_of_the_day_are_those_on_the_wall_over_both_changes_of_the_clock() {
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    for (first_day, name) in [("2026-03-30T00:00:00+02:00", "spring"), ("2026-10-26T00:00:00+01:00", "autumn")] {
        let midnight = first_day.parse::<Timestamp>().unwrap().minute();
        let counts = by_the_wall(&berlin, midnight.plus(-8 * 24 * 60), midnight.plus(24 * 60));
        // By how much the forecast of an hour is off, at worst.
        let worst = |zone: Option<&TimeZone>| {
            let known = Circumstances { zone: zone.cloned(), ..Circumstances::default() };
            let of_hour = |hour: i32| {
                let end = midnight.plus(hour * 60);
                let baseline = Baseline::under(&known, &counts, end.plus(-WEEK)..end, 1);
                let foretold = baseline.forecasts(SignatureIndex(0))[0].expected * 60.0;
                let (sums, _) = counts.sums(end..end.plus(60), Coverage::Complete);
                (foretold / sums[0] as f64).ln().abs()
            };
            (0..24).map(of_hour).fold(0.0, f64::max)
        };
        let (with, without) = (worst(Some(&berlin)), worst(None));
        assert!(with < 0.5, "{name}: off by {:.1} times", with.exp());
        assert!(without > 1.0, "{name}: by UTC it is off by {:.1} times only", without.exp());
    }
}

/// A week that is busy on weekdays by so much and at ease on weekends, but for its last hours; the deploy comes
/// on a Wednesday.
fn working_week(weekday: f64, weekend: f64, last_hours: f64) -> Forecast {
    // 1970-01-01 was a Thursday.
    let is_weekend = |n: i32| ((40_000 + n).div_euclid(24 * 60) + 3).rem_euclid(7) >= 5;
    let mean = |n: i32| if is_weekend(n) { weekend } else { weekday };
    let baseline = week(|n| if n >= -8 * 60 { last_hours } else { mean(n) }, 1);
    baseline.forecasts(SignatureIndex(0))[0]
}

/// After a holiday the level comes back; and a holiday may be as busy as a Sunday.
#[test]
fn a_day_unlike_those_before_may_be_as_usual_or_like_the_other_sort() {
    let after_a_holiday = working_week(10.0, 3.0, 3.0);
    assert!(after_a_holiday.for_rise < 7.0, "{after_a_holiday:?}");
    assert!(after_a_holiday.unlike.1 > 8.5, "{after_a_holiday:?}");
    let shop = working_week(3.0, 12.0, 3.0);
    assert!(shop.for_rise < 4.0 && shop.unlike.1 > 9.0, "{shop:?}");
    let office = working_week(12.0, 3.0, 12.0);
    assert!(office.for_drop > 10.0 && office.unlike.0 < 5.0, "{office:?}");
    for forecast in [after_a_holiday, shop, office] {
        assert!(forecast.unlike.0 <= forecast.for_drop && forecast.unlike.1 >= forecast.for_rise, "{forecast:?}");
    }
}

/// With a day of history, the hour that comes was seen once or never.
#[test]
fn what_began_yesterday_at_this_hour_may_begin_again() {
    let learn = |minutes: i32, mean: &dyn Fn(i32) -> f64| {
        let mut counts = Counts::default();
        counts.observe(minute(-minutes)..minute(0), Coverage::Complete);
        (-minutes..0).for_each(|n| counts.add(minute(n), SignatureIndex(0), poisson(mean(n), chance(n, 1))));
        let baseline = Baseline::of(&counts, minute(-minutes)..minute(0), 1);
        (baseline.forecasts(SignatureIndex(0))[0], spread(&baseline))
    };
    let morning = |n: i32| if n.rem_euclid(24 * 60) < 10 * 60 { 10.0 } else { 2.0 };
    for hours in [25, 47] {
        let (forecast, _) = learn(hours * 60, &morning);
        assert!(forecast.for_rise > 8.0, "after {hours} hours {forecast:?}");
    }
    let (_, never) = learn(13 * 60, &|_| 2.0);
    let (flat, once) = learn(25 * 60, &|_| 2.0);
    assert!(never.level > once.level + 0.2, "{never:?} {once:?}");
    check_near("what is flat", flat.for_rise, 2.0, 0.5);
}
