//! Laws of traces in a log: wherever one stands, it is one event, and what stands around it is not of it.

use aftercare::ingest::{Event, Intake, Limits, Resume, trace};
use aftercare::units::Timestamp;
use proptest::prelude::*;

use super::counting::{counted, rolled, whole};

/// Traces as runtimes print them.
const TRACES: &str = include_str!("../../data/signatures/traces.txt");

/// The traces of the file that stand alone in it, each with its title.
fn traces() -> Vec<(&'static str, &'static str)> {
    let cases = TRACES.split("-- trace: ").skip(1).filter(|case| !case.contains("\nnothing"));
    let cases = cases.map(|case| {
        let (title, rest) = case.split_once(" --\n").unwrap();
        (title, rest.split_once("\n-- reads --\n").unwrap().0)
    });
    cases.filter(|(_, text)| trace::parse(text).is_some() && !has_other_lines(text)).collect()
}

/// Whether lines of a log stand behind the trace.
fn has_other_lines(text: &str) -> bool {
    text.lines().skip(1).any(|line| line.starts_with("2026-") || line.starts_with("[2026-"))
}

fn events(text: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut intake = Intake::new(Limits::default(), &Resume::default());
    intake.push(text.as_bytes(), Timestamp::from_seconds(1_800_000_000), &mut |event| events.push(event));
    intake.finish(&mut |event| events.push(event));
    events
}

fn shown(events: &[Event]) -> String {
    let lines = events.iter().map(|event| format!("{} lines: {}\n{}", event.n_lines, event.message, event.text));
    lines.collect::<Vec<_>>().join("\n----\n")
}

/// Says how the text is not `before`, then the trace as one event, then `after`.
fn fault(title: &str, text: &str, bare: &str, n_before: usize, n_after: usize) -> Option<String> {
    let found = events(text);
    let expected = trace::parse(bare);
    let event = found.get(n_before)?;
    let is_right = found.len() == n_before + 1 + n_after
        && event.trace == expected
        && event.level >= Some(aftercare::ingest::Level::Error);
    let why = format!("{:?}\nand not\n{expected:?}", event.trace);
    (!is_right).then(|| format!("======== {title}, {} events:\n{}\n{why}", found.len(), shown(&found)))
}

#[track_caller]
fn none(faults: impl Iterator<Item = Option<String>>) {
    let faults: Vec<String> = faults.flatten().collect();
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn a_trace_alone_is_one_event() {
    none(traces().iter().map(|(title, text)| fault(title, text, text, 0, 0)));
}

#[test]
fn a_trace_between_lines_takes_none_of_them() {
    none(traces().iter().filter(|(_, text)| has_start(text)).map(|(title, text)| {
        let around = format!(
            "2026-11-24 09:59:59 INFO api: ready\n{text}\n2026-11-24 10:00:09 INFO api: done\n2026-11-24 10:00:10 WARN api: slow\n"
        );
        fault(title, &around, text, 1, 2)
    }));
    none(traces().iter().filter(|(_, text)| has_start(text)).map(|(title, text)| {
        let plain = format!("ready to serve\n{text}\n\nlistening again\nbye\n");
        fault(title, &plain, text, 1, 2)
    }));
}

#[test]
fn a_trace_belongs_to_the_line_above_it() {
    none(traces().iter().filter(|(_, text)| begins_bare(text)).map(|(title, text)| {
        let headed =
            format!("2026-11-24 10:00:00 ERROR api: request failed\n{text}\n2026-11-24 10:00:09 INFO api: done\n");
        fault(title, &headed, text, 0, 1)
    }));
}

/// Whether the trace begins as such, and not in its middle.
fn has_start(text: &str) -> bool {
    !text.starts_with("load@")
}

/// Whether the text has no log line of its own in front.
fn begins_bare(text: &str) -> bool {
    let first = text.lines().next().unwrap();
    !first.starts_with(|c: char| c.is_ascii_digit())
        && !first.starts_with(['[', '{'])
        && events(first)[0].time.is_none()
        && events(first)[0].component.is_none()
        && !first.starts_with("ERROR")
}

/// What carriers put in front of every line.
fn carried(text: &str, carrier: &str) -> String {
    let lines = text.lines().enumerate().map(|(index, line)| match carrier {
        "docker" => format!(
            "{}\n",
            serde_json::json!({"log": format!("{line}\n"), "stream": "stderr", "time": format!("2026-11-24T10:00:0{}.5Z", index % 10)})
        ),
        _ => format!("{}{line}\n", carrier.replace('@', &(index % 10).to_string())),
    });
    lines.collect()
}

const CARRIERS: &[&str] = &[
    "2026-11-24T10:00:0@.123456789Z stderr F ",
    "docker",
    "web-1  | ",
    "[pod/api-5d8f9c7b6-x2x4z/api] ",
    "Nov 24 10:00:0@ host app[4141]: ",
    "<11>1 2026-11-24T10:00:0@.5Z host app 4141 - - ",
    "2026-11-24T10:00:0@.5+00:00 host app[4141]: ",
];

#[test]
fn a_carrier_before_every_line_changes_nothing() {
    let all = traces();
    let bare: Vec<_> = all.iter().filter(|(_, text)| begins_bare(text) && has_start(text)).collect();
    none(CARRIERS.iter().flat_map(|carrier| bare.iter().map(move |case| (carrier, case))).map(
        |(carrier, (title, text))| {
            let around = carried(&format!("ready to serve\n{text}\nlistening again\nbye\n"), carrier);
            fault(&format!("{title} behind {carrier}"), &around, text, 1, 2)
        },
    ));
}

#[test]
fn two_carriers_may_alternate() {
    let all = traces();
    let bare: Vec<_> = all.iter().filter(|(_, text)| begins_bare(text) && has_start(text)).collect();
    none(CARRIERS.iter().flat_map(|carrier| bare.windows(2).map(move |pair| (carrier, pair))).map(
        |(carrier, pair)| {
            let [(title, one), (_, two)] = pair else { return None };
            let (first, second) = (carried(one, carrier), carried(two, "2026-11-24T10:00:0@.1Z stdout F "));
            let (first, second): (Vec<&str>, Vec<&str>) = (first.lines().collect(), second.lines().collect());
            let rows = (0..first.len().max(second.len())).flat_map(|index| [first.get(index), second.get(index)]);
            let mixed: String = rows.flatten().map(|line| format!("{line}\n")).collect();
            let found: Vec<_> = events(&mixed);
            let traces: Vec<_> = found.iter().map(|event| event.trace.clone()).collect();
            let is_right = traces == [trace::parse(one), trace::parse(two)];
            (!is_right).then(|| format!("======== {title} behind {carrier}:\n{}\n{traces:?}", shown(&found)))
        },
    ));
}

/// Types that differ in a number only are told apart, whether or not one of them was seen before.
#[test]
fn who_counts_tells_types_apart_that_differ_in_a_number() {
    let python = |name: &str, behind: &str| {
        format!(
            "2026-11-24 10:00:00,123 ERROR order failed\nTraceback (most recent call last):\n  File \"/srv/app.py\", line 17, in run\n    run()\n{name}{behind}\n"
        )
    };
    let java = |name: &str, behind: &str| {
        format!(
            "2026-11-24 10:00:00,123 ERROR order failed\njava.lang.Exception: 17\n\tat com.example.Orders.take(Orders.java:17)\nCaused by: {name}{behind}\n\tat com.example.Orders.load(Orders.java:17)\n"
        )
    };
    for behind in ["", ": bad", ": order 17 is closed", " (fatal): bad", " [ERR_BAD]: bad"] {
        for name in ["oops", "shop.Oops", "H"] {
            for form in [&python as &dyn Fn(&str, &str) -> String, &java] {
                let log = (2..5).map(|n| form(&format!("{name}{n}"), behind)).collect::<String>();
                let log = log.as_bytes();
                assert_eq!(counted(&[log], &Limits::default()), whole(&[log], &Limits::default()), "{name} {behind}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// The same trace again and again, each time with other digits, some of the lines missing, and now and then another.
    #[test]
    fn who_counts_sees_the_same_traces(
        chosen in prop::sample::subsequence(traces(), 1..3),
        times in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>(), 0..6_u8), 2..10),
        has_header in any::<bool>(),
    ) {
        let mut log = Vec::new();
        for (which, seed, change) in times {
            if has_header {
                let order = (seed % 1_000_000) >> (seed % 20);
                log.extend(format!("2026-11-24 10:00:00,123 ERROR [main] api.Orders - order {order} failed\n").bytes());
            }
            let (_, text) = chosen[which.index(chosen.len())];
            // Longer numbers, too.
            let text = &if change == 4 { text.replace(":1", ":123").replace(" 1", " 1234") } else { text.to_owned() };
            let text = if change > 1 { rolled(text.as_bytes().to_vec(), seed) } else { text.as_bytes().to_vec() };
            let n_lines = text.iter().filter(|byte| **byte == b'\n').count() + 1;
            let dropped = (change == 5).then_some(seed as usize % n_lines);
            for (n, line) in text.split(|byte| *byte == b'\n').enumerate() {
                if Some(n) != dropped {
                    log.extend(line);
                    log.push(b'\n');
                }
            }
        }
        prop_assert_eq!(counted(&[&log], &Limits::default()), whole(&[&log], &Limits::default()));
    }
}
