//! A watch with its store, a scan, and a table of counts say the same of the same files.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Site, minute, of_type, text};

/// Three days of two files before minute 0 and an hour after it: what is steady, rises, stops and is new; on each day nothing
/// at all around the time of the deploy, as where logs were lost.
fn two_files() -> (String, String) {
    let (mut api, mut jobs) = (String::new(), String::new());
    for at in -3 * 1440..60 {
        let at_minute = minute(at);
        if at < 0 && (at + 20).rem_euclid(1440) < 40 {
            continue;
        }
        for n in 0..1 + at.rem_euclid(2) {
            api.push_str(&format!("{at_minute} INFO api: request {} served\n", at * 8 + n + 90_000));
        }
        for n in 0..if at >= 5 { 4 } else { i64::from(at.rem_euclid(4) == 0) } {
            api.push_str(&format!("{at_minute} ERROR payment: gateway declined order {}\n", at * 8 + n + 90_000));
        }
        if at >= 9 && at % 2 == 0 {
            api.push_str(&format!("{at_minute} ERROR cart: total of {at} is negative\n"));
        }
        for n in 0..if at < 0 { 1 } else { 0 } {
            jobs.push_str(&format!("{at_minute} WARN jobs: retry {} of upload\n", at * 8 + n + 90_000));
        }
        jobs.push_str(&format!("{at_minute} INFO jobs: sweep {} over\n", at + 90_000));
    }
    (api, jobs)
}

/// A watch with its store, a scan, and a table of counts say the same of the same files, up to the last event of each,
/// for which nobody waits.
#[test]
fn what_is_watched_scanned_and_judged_as_a_table_agrees() {
    let site = Site::new();
    let (api, jobs) = two_files();
    site.write("api.log", &api);
    site.write("jobs.log", &jobs);
    let deploy = format!("v2@{}", minute(0));
    let watched = site.run(&["watch", "--headless", "--json", "--deploy", &deploy, "api.log", "jobs.log"]);
    assert_eq!(watched.status.code(), Some(1), "{}{}", text(&watched.stdout), text(&watched.stderr));

    counts_agree(&site, &api, &jobs);
    let table = table(&site, &format!("{api}{jobs}"));
    site.write("counts.csv", &table);
    let judged = site.run(&["judge", "--counts", "counts.csv", "--deploy", &minute(0), "--minutes", "60", "--json"]);
    let judged: Vec<Value> = text(&judged.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(judged.len(), 5);
    let watched: Vec<Value> = text(&watched.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    judgements_agree(&judged, &of_type(&watched, "finding"));
    let mut kinds: Vec<&str> = judged.iter().filter_map(|line| line["kind"].as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["drop", "new", "rise"], "{judged:?}");
}

/// A scan and a stored history have the same counts, signatures, and first and last lines.
fn counts_agree(site: &Site, api: &str, jobs: &str) {
    let scanned = site.json(&["scan", "--json", "api.log", "jobs.log"]);
    let other = Site::new();
    other.write("api.log", api);
    other.write("jobs.log", jobs);
    assert!(other.run(&["baseline", "import", "api.log", "jobs.log"]).status.success());
    let stored = other.json(&["baseline", "show", "--json", "--at", &minute(60)]);
    let told = |it: &Value| {
        let of = |it: &Value| ["id", "template", "level", "count", "first", "last"].map(|name| it[name].to_string());
        let mut told: Vec<_> = it["signatures"].as_array().unwrap().iter().map(of).collect();
        told.sort();
        told
    };
    assert_eq!(told(&scanned).len(), 5);
    assert_eq!(told(&scanned), told(&stored));
}

/// The lines as a table: how often each signature was seen in each minute.
fn table(site: &Site, lines: &str) -> String {
    site.write("all.log", lines);
    let ids = text(&site.run(&["signature", "all.log"]).stdout);
    let mut cells = BTreeMap::<(&str, &str), u32>::new();
    for (line, id) in lines.lines().zip(ids.lines()) {
        *cells.entry((line.split_once(' ').unwrap().0, id.split_once('\t').unwrap().0)).or_default() += 1;
    }
    let mut table = "minute,signature,count\n".to_owned();
    cells.iter().for_each(|((minute, id), n)| table.push_str(&format!("{minute},{id},{n}\n")));
    table
}

/// What is judged of a table is found in the watch, number by number.
fn judgements_agree(judged: &[Value], findings: &[&Value]) {
    for line in judged {
        let its = findings.iter().find(|finding| finding["signature"] == line["signature"]);
        let Some(finding) = its else {
            assert_eq!(line["tier"], "none", "{line}");
            continue;
        };
        assert_eq!((&finding["kind"], finding["observed"].as_u64()), (&line["kind"], line["observed"].as_u64()));
        assert_eq!(finding["tier"], line["tier"], "{line}");
        for (in_watch, in_table) in [
            ("expected", "expected"),
            ("evidence", "e"),
            ("ratio", "ratio"),
            ("ratio_low", "low"),
            ("ratio_high", "high"),
        ] {
            let (a, b) = (finding[in_watch].as_f64(), line[in_table].as_f64());
            let is_same = a == b || a.zip(b).is_some_and(|(a, b)| (a - b).abs() <= 1e-9 * b.abs());
            assert!(is_same, "{in_watch}: {finding} {line}");
        }
    }
}

/// The log of a container whose second stream wrote early, fell silent, and goes on in the midst of something: whether that
/// belongs to what was seen before, only who read all of it can tell.
#[test]
fn the_log_of_a_container_is_counted_alike_on_any_number_of_threads() {
    let site = Site::new();
    let line = |n: i64, stream: &str, said: &str| {
        format!("{}.123456789Z {stream} F {said}\n", minute(n / 600).trim_end_matches('Z'))
    };
    for has_early in [false, true] {
        let mut log = String::new();
        for n in 0..40_000 {
            log.push_str(&line(n, "stdout", &format!("order {n} accepted in {} ms", n % 97)));
            if (has_early && n == 10) || n == 39_000 {
                log.push_str(&line(n, "stderr", "ERROR order failed"));
            }
            if n % 7_000 == 6_999 {
                log.push_str(&line(n, "stderr", "\tat com.example.Orders.take(Orders.java:17)"));
            }
        }
        site.write("container.log", &log);
        let scanned = |threads: &str| site.json(&["scan", "--json", "--threads", threads, "container.log"]);
        let alone = scanned("1");
        assert_eq!(alone, scanned("2"));
        assert_eq!(alone, scanned("4"));
        let signatures = alone["signatures"].as_array().unwrap();
        let failed = signatures.iter().find(|found| found["template"] == "order failed").unwrap();
        assert_eq!(failed["count"], 1 + i64::from(has_early), "{alone}");
    }
}
