//! Laws of events: no chunk, no kill and no hostile byte changes, loses or doubles one.

use std::time::Duration;

use crate::pace::assert_linear;
use aftercare::ingest::signature::of_message;
use aftercare::ingest::{Event, Intake, Limits, Resume};
use aftercare::units::Timestamp;
use proptest::prelude::*;

/// Lines of many kinds; what is put together of them makes sense only sometimes.
const LINES: &[&str] = &[
    "2026-11-24 10:00:00 INFO api: ready",
    "2026-11-24 10:00:01 ERROR api: request 17 failed",
    "2026-11-24T10:00:00.5Z stdout F 2026-11-24 10:00:00 WARN slow",
    "2026-11-24T10:00:00.5Z stderr F Traceback (most recent call last):",
    "2026-11-24T10:00:00.5Z stderr F   File \"/app/a.py\", line 7, in look",
    "2026-11-24T10:00:00.5Z stderr F ValueError: é",
    "2026-11-24T10:00:00.5Z stdout P half a line ",
    "2026-11-24T10:00:00.5Z stdout F and its rest",
    "Traceback (most recent call last):",
    "  File \"/app/a.py\", line 7, in look",
    "    raise KeyError(name)",
    "KeyError: 'name'",
    "During handling of the above exception, another exception occurred:",
    "java.lang.IllegalStateException: boom",
    "\tat com.acme.Orders.load(Orders.java:77)",
    "Caused by: java.io.IOException: broken",
    "\t... 12 more",
    "panic: runtime error: index out of range [5] with length 3",
    "goroutine 1 [running]:",
    "main.main()",
    "\t/app/main.go:12 +0x1d",
    "thread 'main' panicked at src/main.rs:4:5:",
    "index out of bounds",
    "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
    "ordinary line",
    "   indented line",
    "",
    "\r",
    "{\"level\":\"error\",\"msg\":\"failed\",\"stack\":\"E: x\\n    at f (/a.js:1:2)\"}",
    "{",
    "  \"level\": \"error\",",
    "  \"msg\": \"spread\"",
    "}",
    "web-1  | Error: x",
    "web-1  |     at f (/srv/a.js:1:2)",
    "db-1   | checkpoint",
    "fail: Acme.Orders[0]",
    "      could not load",
    "Jan 02, 2026 3:04:05 PM com.acme.Orders load",
    "SEVERE: lost",
    "{\"log\":\"\\tat x.Y.z(Y.java:1)\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-24T10:00:00Z\"}",
    "Nov 24 10:00:00 host app[1]: Error: boom",
    "Nov 24 10:00:00 host app[1]:     at f (/srv/a.js:1:2)",
    "Nov 24 10:00:00 host app[2]: ok",
    "\u{feff}2026-11-24 10:00:00 INFO marked",
    "{\"resourceLogs\":[{\"resource\":{\"a\":1},\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"stringValue\":\"a\"}},{\"severityText\":\"ERROR\"},{\"b\":]}]}]}",
    "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"stringValue\":\"cut",
    "{\"streams\":[{\"stream\":{\"app\":\"x\"},\"values\":[[\"1800000000000000000\",\"Error: boom\"],[\"1800000000000000000\",\"    at f (/a.js:1:2)\"]]},{\"values\":[[1,\"y\"]]}]} z",
    "{\"events\":[{\"timestamp\":1800000000000,\"message\":\"a\\nb\"},{\"c\":1}]}",
    "{\"events\":[{\"c\":1}]}",
    "{\"events\":[{\"timestamp\":1800000000000,\"message\":\"a\"}], z",
    "{\"events\":[{\"timestamp\":1800000000000,\"message\":\"a\"}],\"b\":[",
    "{\"events\":[{\"timestamp\":1800000000000,\"message\":\"a\"}}",
    "<Event xmlns='x'>",
    "  <System><EventID>7</EventID></System></Event>",
    "2026-11-24 10:00:00 UTC,,,1,,a.b,1,,2026-11-24 10:00:00 UTC,,0,LOG,00000,\"statement: select",
    "  \"\"a\"\" from b\",,,,,,,,,\"\"",
    "#Fields: date time sc-status cs-method cs-uri-stem",
    "#Version: 1.0",
    "2026-11-24 10:00:00 500 GET /a",
    "a line longer than the cap of sixty bytes that the limits below put upon every line of it",
];

fn log() -> impl Strategy<Value = Vec<u8>> {
    log_of(LINES.to_vec())
}

/// A log whose lines have no carrier, or whose lines all have one. Where both meet, a lone call may be late or not.
fn tidy_log() -> impl Strategy<Value = Vec<u8>> {
    let is_carried = |line: &&str| {
        ["2026-11-24T10", "web-1", "db-1", "{\"log", "Nov 24"].iter().any(|front| line.starts_with(front))
    };
    let (carried, bare): (Vec<&str>, Vec<&str>) = LINES.iter().partition(|line| is_carried(line));
    prop_oneof![log_of(carried), log_of(bare)]
}

fn log_of(lines: Vec<&'static str>) -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(lines).prop_map(|line| line.as_bytes().to_vec());
    let end = prop_oneof![8 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n")];
    let lines = prop::collection::vec((line, end), 0..60);
    (lines, any::<bool>()).prop_map(|(lines, ends)| {
        let mut log: Vec<u8> =
            lines.into_iter().flat_map(|(line, end)| [line, end.as_bytes().to_vec()].concat()).collect();
        if !ends {
            log.pop();
        }
        log
    })
}

fn limits() -> impl Strategy<Value = Limits> {
    let small = Limits { line_bytes: 120, event_lines: 6, event_bytes: 400, ..Limits::default() };
    prop_oneof![Just(Limits::default()), Just(small)]
}

const NOW: i64 = 1_800_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(NOW + seconds)
}

fn whole(log: &[u8], limits: &Limits) -> (Vec<Event>, Intake) {
    let mut events = Vec::new();
    let mut intake = Intake::new(limits.clone(), &Resume::default());
    intake.push(log, at(0), &mut |event| events.push(event));
    intake.finish(&mut |event| events.push(event));
    (events, intake)
}

/// Turns cuts into chunks.
fn chunks(log: &[u8], cuts: &[prop::sample::Index]) -> Vec<Vec<u8>> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(log.len() + 1)).collect();
    places.extend([0, log.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| log[pair[0]..pair[1]].to_vec()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chunks_change_nothing(log in log(), limits in limits(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let (expected, whole) = whole(&log, &limits);
        let mut events = Vec::new();
        let mut intake = Intake::new(limits, &Resume::default());
        for chunk in chunks(&log, &cuts) {
            intake.push(&chunk, at(0), &mut |event| events.push(event));
        }
        intake.finish(&mut |event| events.push(event));
        prop_assert_eq!(events, expected);
        prop_assert_eq!(intake.losses(), whole.losses());
        prop_assert_eq!(intake.lines(), whole.lines());
    }

    /// Every line that says something is in exactly one event, or counted as lost.
    #[test]
    fn no_line_is_lost_or_doubled(log in log()) {
        let limits = Limits::default();
        let (events, intake) = whole(&log, &limits);
        let n_lines: u64 = events.iter().map(|event| u64::from(event.n_lines)).sum();
        let losses = intake.losses();
        prop_assert!(n_lines + losses.late_continuations <= intake.lines());
        let mut end = 0;
        for event in &events {
            prop_assert!(event.end <= log.len() as u64 && event.n_lines > 0);
            end = end.max(event.end);
            if event.trace.is_none() {
                prop_assert_eq!(&event.signature, &of_message(&event.message));
            }
        }
        prop_assert_eq!(intake.resume().offset, end);
    }

    /// A process that is killed and resumes hands out, with its successor, what one process would have.
    #[test]
    fn a_kill_anywhere_changes_nothing(
        log in tidy_log(),
        limits in limits(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..12),
        kills in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let mut steps: Vec<(usize, bool)> = cuts.iter().map(|(cut, expire)| (cut.index(log.len() + 1), *expire)).collect();
        steps.push((log.len(), false));
        steps.sort_unstable();
        let kills: Vec<usize> = kills.iter().map(|kill| kill.index(steps.len())).collect();
        let once = play(&log, &limits, &steps, &[]);
        let killed = play(&log, &limits, &steps, &kills);
        prop_assert_eq!(killed.len(), once.len());
        for (killed, once) in killed.iter().zip(&once) {
            prop_assert_eq!((killed.end, killed.n_lines, &killed.text), (once.end, once.n_lines, &once.text));
        }
    }

    #[test]
    fn any_bytes_are_read(log in prop::collection::vec(any::<u8>(), 0..400), limits in limits()) {
        let (events, intake) = whole(&log, &limits);
        prop_assert!(events.len() as u64 <= intake.lines());
    }
}

/// Reads up to each step, expires where it says so, and starts anew after those that are kills.
fn play(log: &[u8], limits: &Limits, steps: &[(usize, bool)], kills: &[usize]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut intake = Intake::new(limits.clone(), &Resume::default());
    let mut from = 0;
    for (index, (to, expires)) in steps.iter().enumerate() {
        let now = at(index as i64 * 100);
        intake.push(&log[from..*to], at(0), &mut |event| events.push(event));
        from = *to;
        if *expires {
            intake.expire(now.after(Duration::from_secs(60)), &mut |event| events.push(event));
        }
        if kills.contains(&index) {
            let resume = intake.resume();
            intake = Intake::new(limits.clone(), &resume);
            from = usize::try_from(resume.offset).unwrap();
            intake.push(&log[from..*to], at(0), &mut |event| events.push(event));
            from = *to;
        }
    }
    intake.finish(&mut |event| events.push(event));
    events
}

/// Feeds a piece over and over, in chunks, and returns what was kept.
fn feed(piece: &[u8], n_bytes: usize) -> (Vec<Event>, Intake) {
    let chunk = piece.repeat((64 * 1024_usize).div_ceil(piece.len()));
    let mut events = Vec::new();
    let mut keep = |event: Event| {
        if events.len() < 16 {
            events.push(event);
        }
    };
    let mut intake = Intake::new(Limits::default(), &Resume::default());
    for _ in 0..n_bytes / chunk.len() {
        intake.push(&chunk, at(0), &mut keep);
    }
    intake.finish(&mut keep);
    (events, intake)
}

#[test]
fn hostile_streams_take_bounded_memory_and_linear_time() {
    for piece in [
        "\0".as_bytes(),
        b"\xff\xfe",
        b"\n",
        b"\tat com.acme.Orders.load(Orders.java:77)\n",
        b"Traceback (most recent call last):\n",
        b"Caused by: x\n",
        b"goroutine 1 [running]:\nmain.f()\n\t/a.go:1\n\n",
        b"  File \"/app/a.py\", line 7, in look\n",
        b"{\n",
        b"fail: Acme.Orders[0]\n\n",
        b"2026-11-24T10:00:00.5Z stdout P part\n",
        b"2026-11-24T10:00:00.5Z stdout P a\n2026-11-24T10:00:00.5Z stderr F b\n\n",
        b"[[[[[[[[",
        b"a=\"",
        b"\x1b[31m\x1b]0;",
        b"a-1 | x\nb-1 |  y\na-1 |  z\n",
    ] {
        let (events, intake) = feed(piece, 1 << 20);
        let shown = String::from_utf8_lossy(piece).into_owned();
        assert_linear(&format!("{shown:?}"), |n_bytes| drop(feed(piece, n_bytes)), 1 << 17);
        assert!(events.iter().all(|event| event.text.len() <= Limits::default().event_bytes), "{shown:?}");
        let lines = u64::try_from(piece.iter().filter(|byte| **byte == b'\n').count()).unwrap();
        assert!(lines == 0 || intake.lines() > 0, "{shown:?}");
    }
}

#[test]
fn a_line_without_end_is_cut_once() {
    let (events, intake) = feed(b"abcdefgh", 8 << 20);
    assert_eq!((events.len(), intake.losses().cut, intake.lines()), (1, 1, 1));
    assert_eq!(events[0].text.len(), Limits::default().line_bytes);
    assert_eq!(events[0].end, 8 << 20);
}

#[test]
fn a_continuation_that_comes_too_late_is_counted_and_no_event() {
    let mut events = Vec::new();
    let mut intake = Intake::new(Limits::default(), &Resume::default());
    intake.push(b"2026-11-24 10:00:01 ERROR api: failed\n", at(0), &mut |event| events.push(event));
    assert_eq!(intake.deadline(), Some(at(0).after(Limits::default().patience)));
    intake.expire(at(0), &mut |event| events.push(event));
    assert!(events.is_empty());
    intake.expire(at(1), &mut |event| events.push(event));
    assert_eq!(
        (events.len(), intake.deadline(), intake.resume()),
        (1, None, Resume { offset: 38, mid_event: true, lead: None })
    );
    intake.push(b"\tat x.Y.z(Y.java:1)\n\tat x.Y.w(Y.java:2)\n", at(2), &mut |event| events.push(event));
    intake.push(b"2026-11-24 10:00:02 INFO api: on\n", at(2), &mut |event| events.push(event));
    intake.finish(&mut |event| events.push(event));
    assert_eq!((events.len(), intake.losses().late_continuations), (2, 2));
}
