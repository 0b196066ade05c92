use std::fmt::Write as _;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// 2026-01-12T10:00Z.
const ZERO: Minute = Minute::from_number(29_470_200);

/// A week of a steady signature and of one that comes five times as often from the deploy on.
fn week(until: i32) -> String {
    let mut text = "minute,signature,count\n".to_owned();
    for n in -10_080..until {
        let at = ZERO.plus(n).start();
        writeln!(text, "{at},\"served, in time\",{}", 3 + n.rem_euclid(3)).unwrap();
        let errors = if n >= 0 { 5 } else { 1 };
        writeln!(text, "{at},declined,{errors}").unwrap();
    }
    text
}

fn question(minutes: Option<u32>, each_minute: bool) -> Question {
    Question { deploys: vec![ZERO.start()], earlier: Vec::new(), minutes, each_minute, settings: Settings::default() }
}

fn of<'a>(lines: &'a [Line], name: &str) -> Vec<&'a Line> {
    lines.iter().filter(|line| line.signature.as_deref() == Some(name)).collect()
}

#[test]
fn a_table_is_judged_like_a_log() {
    let lines = Table::parse(&week(20), None).unwrap().judge(&question(None, false));
    assert_eq!(lines.len(), 2);
    let declined = &lines[0];
    assert_eq!((declined.signature.as_deref(), declined.tier), (Some("declined"), "confirmed"));
    assert_eq!((declined.observed, declined.kind), (100, Some(Kind::Rise)));
    assert!((declined.expected - 20.0).abs() < 1e-9);
    assert!((declined.p / poisson::at_least(100, 20.0) - 1.0).abs() < 1e-9);
    let (low, high) = (declined.low.unwrap(), declined.high.unwrap());
    assert!(low > 2.0 && low < 5.0 && high > 5.0, "{low} to {high}");
    let served = of(&lines, "served, in time")[0];
    assert_eq!((served.tier, served.kind), ("none", None));
    assert!(served.low.is_some());
}

/// The last line of `each_minute` is the line of the one look.
#[test]
fn each_minute_ends_where_one_look_does() {
    let each = Table::parse(&week(30), None).unwrap().judge(&question(Some(30), true));
    let once = Table::parse(&week(30), None).unwrap().judge(&question(Some(30), false));
    assert_eq!(each.len(), 60);
    assert_eq!(each[58..], once);
    let tiers: Vec<&str> = of(&each, "declined").iter().map(|line| line.tier).collect();
    assert_eq!((tiers[0], tiers[29]), ("none", "confirmed"));
}

/// Five times the requests explain five times the errors.
#[test]
fn an_exposure_is_what_errors_are_expected_by() {
    let mut text = "minute,signature,count,exposure\n".to_owned();
    for n in -10_080..30 {
        let (errors, requests) = if n >= 0 { (3, 300.0) } else { (1, 100.0) };
        writeln!(text, "{},declined,{errors},{requests}", ZERO.plus(n).start()).unwrap();
    }
    let lines = Table::parse(&text, None).unwrap().judge(&question(Some(30), false));
    assert_eq!(lines.len(), 1, "the exposure is no signature");
    assert_eq!((lines[0].tier, lines[0].kind), ("none", None), "{lines:?}");
    let without = text.replace(",exposure", ",other");
    let lines = Table::parse(&without, None).unwrap().judge(&question(Some(30), false));
    assert!(lines[0].tier != "none", "{lines:?}");
}

/// Of two deploys within the hour, each is laid what began with it.
#[test]
fn what_rises_is_laid_to_the_deploy_that_it_began_with() {
    let mut text = "minute,signature,count\n".to_owned();
    for n in -10_080..50 {
        let at = ZERO.plus(n).start();
        let rate = |from: i32| if n >= from { 4 } else { i32::from(n.rem_euclid(5) == 0) };
        writeln!(text, "{at},served,{}\n{at},declined,{}\n{at},lookup,{}", 3 + n.rem_euclid(3), rate(2), rate(21))
            .unwrap();
    }
    let deploys = vec![ZERO.plus(20).start(), ZERO.start()];
    let both = Question { deploys: deploys.clone(), ..question(None, false) };
    let lines = Table::parse(&text, None).unwrap().judge(&both);
    assert_eq!(lines.len(), 6, "a line for each deploy");
    let laid = |name: &str| {
        let told: Vec<&Vec<CameWith>> =
            of(&lines, name).iter().map(|it| &it.came_with).filter(|it| !it.is_empty()).collect();
        assert!(!told.is_empty(), "{lines:?}");
        for shares in &told {
            assert!((shares.iter().map(|it| it.share).sum::<f64>() - 1.0).abs() < 1e-9);
            assert!(shares[0].share > 0.9, "{shares:?}");
        }
        told[0][0].deploy
    };
    assert_eq!((laid("declined"), laid("lookup")), (deploys[1], deploys[0]));
    assert!(of(&lines, "served").iter().all(|it| it.came_with.is_empty() && it.tier == "none"));
    let confirmed = |name: &str, deploy: Timestamp| {
        of(&lines, name).iter().any(|it| it.deploy == Some(deploy) && it.tier == "confirmed")
    };
    assert!(confirmed("declined", deploys[1]) && confirmed("lookup", deploys[0]));
}

/// Minutes that nobody observed are neither silence nor zero.
#[test]
fn only_observed_minutes_count() {
    let mut covered = "source,minute\n".to_owned();
    for n in (-10_080..10).chain(15..20) {
        writeln!(covered, "api,{}", ZERO.plus(n).start()).unwrap();
    }
    let lines = Table::parse(&week(20), Some(&covered)).unwrap().judge(&question(Some(20), false));
    let declined = of(&lines, "declined")[0];
    assert_eq!(declined.observed, 75);
    assert!((declined.expected - 15.0).abs() < 1e-9);
}

/// A table without covered minutes has no rows of the times at which its source was away. Rows of 0 say that nothing came.
#[test]
fn without_covered_minutes_a_hole_in_the_rows_is_unknown_and_a_row_of_zero_is_zero() {
    let is_hole = |n: i32| n < 0 && (n + 60).rem_euclid(24 * 60) < 120;
    let table = |in_hole: &str| {
        let mut text = "minute,signature,count\n".to_owned();
        for n in -10_080..60 {
            let at = ZERO.plus(n).start();
            let rows = if is_hole(n) { in_hole } else { "MINUTE,served,4\nMINUTE,declined,1\n" };
            text.push_str(&rows.replace("MINUTE", &at.to_string()));
        }
        Table::parse(&text, None).unwrap().judge(&question(Some(60), false))
    };
    let lines = table("");
    assert!(lines.iter().all(|line| line.tier == "none"), "{lines:?}");
    assert!((of(&lines, "declined")[0].expected - 60.0).abs() < 1e-9);
    let lines = table("MINUTE,served,0\n");
    assert!(lines.iter().all(|line| line.tier == "confirmed" && line.kind == Some(Kind::Rise)), "{lines:?}");
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let wrong = |which, line, fault| Some(TableError { which, line, fault });
    let header = "minute,signature,count,exposure\n";
    let counts = |rows: &str| Table::parse(&format!("{header}{rows}"), None).err();
    let at = "2026-01-12T10:00:00Z";
    let text = ToOwned::to_owned;
    assert_eq!(Table::parse("minute,count\n", None).err(), wrong(Which::Counts, 1, Fault::NoColumn("signature")));
    assert_eq!(Table::parse("", None).err(), wrong(Which::Counts, 1, Fault::NoColumn("minute")));
    assert_eq!(
        counts(&format!("{at},\"a\nb\",1\n{at},c,many\n")),
        wrong(Which::Counts, 4, Fault::NoCount(text("many")))
    );
    assert_eq!(counts(&format!("{at},a,-1\n")), wrong(Which::Counts, 2, Fault::NoCount(text("-1"))));
    assert_eq!(counts("noon,a,1\n"), wrong(Which::Counts, 2, Fault::NoTime(text("noon"))));
    assert_eq!(
        counts("2026-01-12 10:00,a,1\n"),
        wrong(Which::Counts, 2, Fault::NoTime(text("2026-01-12 10:00"))),
        "no zone"
    );
    assert_eq!(counts(&format!("{at},a\n")), wrong(Which::Counts, 2, Fault::TooShort(2, "count")));
    assert_eq!(counts(&format!("{at},,1\n")), wrong(Which::Counts, 2, Fault::Nameless("signature")));
    assert_eq!(counts(&format!("\n{at},\"a,1\n")), wrong(Which::Counts, 3, Fault::Unclosed));
    assert_eq!(counts(&format!("{at},a,1,-3\n")), wrong(Which::Counts, 2, Fault::NoExposure(text("-3"))));
    assert_eq!(counts(&format!("{at},a,1,NaN\n")), wrong(Which::Counts, 2, Fault::NoExposure(text("NaN"))));
    assert_eq!(counts(&format!("{at},a,1,\n{at},b,2\n")), None, "an exposure may be missing");
    let covered = |covered: &str| Table::parse(header, Some(covered)).err();
    assert_eq!(covered("source\n"), wrong(Which::Covered, 1, Fault::NoColumn("minute")));
    assert_eq!(covered(&format!("source,minute\n,{at}\n")), wrong(Which::Covered, 2, Fault::Nameless("source")));
    assert_eq!(covered("source,minute\napi,soon\n"), wrong(Which::Covered, 2, Fault::NoTime(text("soon"))));
    let empty = Table::parse("count,signature,minute\r\n", None).unwrap();
    assert!(empty.judge(&question(Some(60), true)).is_empty());
}

/// What five restarts logged is expected of the next.
#[test]
fn earlier_deploys_tell_what_a_restart_brings() {
    let earlier = [-9_000, -7_000, -5_000, -3_000, -1_000];
    let mut text = "minute,signature,count\n".to_owned();
    for n in -10_080..20 {
        let at = ZERO.plus(n).start();
        let is_restart = earlier.iter().chain(&[0]).any(|deploy| (0..4).contains(&(n - deploy)));
        writeln!(text, "{at},served,5\n{at},refused,{}", if is_restart { 8 } else { i32::from(n % 30 == 0) }).unwrap();
    }
    let tier_with = |earlier: Vec<Timestamp>| {
        let question = Question { earlier, ..question(None, false) };
        of(&Table::parse(&text, None).unwrap().judge(&question), "refused")[0].tier
    };
    assert_ne!(tier_with(Vec::new()), "none");
    assert_eq!(tier_with(earlier.map(|n| ZERO.plus(n).start()).to_vec()), "none");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any name survives its quotes.
    #[test]
    fn names_come_out_as_they_went_in(names in prop::collection::btree_set("[ -~\n\"]{1,12}", 1..6)) {
        let mut text = "minute,signature,count\n".to_owned();
        for name in &names {
            writeln!(text, "2026-01-12T10:00:00Z,\"{}\",2", name.replace('"', "\"\"")).unwrap();
        }
        let table = Table::parse(&text, None).unwrap();
        prop_assert_eq!(table.names.into_iter().collect::<BTreeSet<_>>(), names);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(minute,signature,count\n)?[ -~\n]{0,200}") {
        if let Ok(table) = Table::parse(&text, Some(&text)) {
            let settings = Settings { watch: Duration::from_secs(300), ..Settings::default() };
            let _lines = table.judge(&Question { settings, ..question(Some(3), true) });
        }
    }
}
