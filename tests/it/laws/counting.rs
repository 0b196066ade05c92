//! Laws of counting: who only counts events sees the same ones as who takes them whole.

use std::fs;
use std::path::Path;

use aftercare::ingest::{Intake, Level, Limits, Losses, Resume, Seam, Seams, Tick};
use aftercare::units::{SignatureId, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

/// Every line of the case files of the other tests, whatever its part in them: logs of many kinds.
pub(super) fn lines() -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for folder in ["decode", "events", "signatures"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder);
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.is_file()) {
            // Some of the files mark the lines of the log.
            let bare = |line: &[u8]| line.strip_prefix(b"< ").unwrap_or(line).to_vec();
            lines.extend(fs::read(file).unwrap().split(|byte| *byte == b'\n').map(bare));
        }
    }
    assert!(lines.len() > 300);
    lines
}

/// Ordinary lines of one program, in between which the others come.
pub(super) const ORDINARY: [&str; 4] = [
    "2026-11-24 10:00:00,123 INFO  [main] api.Orders - ready in 17ms",
    "2026-11-24T10:00:01Z ERROR api: request 17 failed for user ann@example.com",
    "{\"time\":\"2026-11-24T10:00:02Z\",\"level\":\"warn\",\"msg\":\"slow: 17ms\",\"path\":\"/a\"}",
    "time=2026-11-24T10:00:03Z level=info msg=\"took 17ms\" path=/a",
];

fn log() -> impl Strategy<Value = Vec<u8>> {
    let ordinary = prop::sample::select(ORDINARY.to_vec()).prop_map(|line| line.as_bytes().to_vec());
    let mutated =
        (prop::sample::select(lines()), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut line, at, to)| {
            if !line.is_empty() {
                let at = at.index(line.len());
                line[at] = to;
            }
            line
        });
    // The same line with other digits, over and over: what is remembered of one must hold for the next.
    let rolled = (prop::sample::select(lines()), any::<u64>()).prop_map(|(line, seed)| rolled(line, seed));
    let line = prop_oneof![3 => ordinary, 3 => prop::sample::select(lines()), 1 => mutated, 3 => rolled];
    let end = prop_oneof![12 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n")];
    prop::collection::vec((line, end), 0..40)
        .prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end.as_bytes().to_vec()].concat()).collect())
}

/// Replaces some of the digits, or all.
pub(super) fn rolled(mut line: Vec<u8>, mut seed: u64) -> Vec<u8> {
    let is_sparse = seed.is_multiple_of(2);
    for byte in line.iter_mut().filter(|byte| byte.is_ascii_digit()) {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if !is_sparse || (seed >> 40).is_multiple_of(4) {
            *byte = b'0' + (seed >> 33) as u8 % 10;
        }
    }
    line
}

/// What programs tell a host.
pub(super) const TOLD: [&str; 16] = [
    "authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=10.1.2.3  user=root",
    "connection from 10.1.2.3 () at Sun Jul 10 07:24:34 2005 ",
    "session opened for user news by (uid=0)",
    "(root) CMD (run-parts /etc/cron.hourly)",
    "input_userauth_request: invalid user webmaster [preauth]",
    "ERROR it broke 17 times",
    "level=warn msg=\"slow: 17ms\" path=/a",
    "{\"level\":\"error\",\"msg\":\"request 17 failed\"}",
    "panic: it broke",
    "Traceback (most recent call last):",
    "  File \"/srv/app.py\", line 17, in run",
    "    run()",
    "ValueError: 17",
    "java.lang.IllegalStateException: order 17",
    "\tat com.example.Orders.take(Orders.java:17)",
    "",
];

/// What programs write that put nothing in front of it, and what comes between.
pub(super) const BARE: [&str; 24] = [
    "order 17 accepted",
    "order 17 accepted",
    "Failed password for invalid user ann from 10.1.2.3 port 22 ssh2",
    "worker main finished stage 1.0 (TID 17) in 5 ms on web (1/9)",
    "worker main finished stage 1.0 (TID 17) in 5 ms on web (1/9)  ",
    "error: order 17 failed",
    "17 orders are left",
    "connect to \"db\" failed: refused",
    "GET /orders/17 500 12.345 ms - 512",
    "order 17 failed",
    "order 17 failed",
    "",
    "fail: Company.Orders.Take[7]",
    "panic: it broke",
    "Traceback (most recent call last):",
    "  File \"/srv/app.py\", line 17, in run",
    "    run()",
    "ValueError: 17",
    "Caused by: java.io.IOException: 17",
    "\tat com.example.Orders.take(Orders.java:17)",
    "exit status 2",
    "}",
    "goroutine 7 [running]:",
    "{",
];

/// Lines with nothing in front of them, mostly ordinary; now and then one of another kind.
fn bare() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        60 => prop::sample::select(BARE[..5].to_vec()).prop_map(|line| line.as_bytes().to_vec()),
        6 => prop::sample::select(BARE.to_vec()).prop_map(|line| line.as_bytes().to_vec()),
        1 => prop::sample::select(ORDINARY.to_vec()).prop_map(|line| line.as_bytes().to_vec()),
        1 => prop::sample::select(lines()),
    ];
    prop::collection::vec(line, 1..400).prop_map(|lines| {
        let ended = lines.into_iter().flat_map(|line| [line, b"\n".to_vec()].concat());
        ended.collect()
    })
}

/// Nothing but ordinary ones, and blank lines.
fn calm_bare() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![20 => prop::sample::select(BARE[..5].to_vec()), 1 => Just("")];
    prop::collection::vec(line, 100..400).prop_map(|lines| (lines.join("\n") + "\n").into_bytes())
}

/// Syslog of a few hands or of very many, mostly ordinary.
fn hands() -> impl Strategy<Value = Vec<u8>> {
    let told = prop_oneof![30 => prop::sample::select(TOLD[..5].to_vec()), 1 => prop::sample::select(TOLD.to_vec())];
    let odd = prop_oneof![200 => Just(None), 1 => prop::sample::select(lines()).prop_map(Some),
        2 => prop::sample::select(ORDINARY.to_vec()).prop_map(|line| Some(line.as_bytes().to_vec())),
        2 => (0..3, 1_000..9_999).prop_map(|(hand, code)| {
            // Longer than it was when it is folded.
            let codes = format!("E{code} ").repeat(332);
            Some(format!("Jan 12 10:00:00 combo app{hand}[{hand}]: codes {codes}").into_bytes())
        }),
        1 => Just(Some(b"Jan 12 10:00:00 combo syslogd 1.4.1: restart.".to_vec()))];
    (1..200_u32, any::<bool>()).prop_flat_map(move |(n_hands, is_modern)| {
        prop::collection::vec((0..n_hands, told.clone(), odd.clone(), 0..7_u32), 1..500).prop_map(move |lines| {
            let mut log = Vec::new();
            let mut second = 0;
            for (hand, told, odd, pause) in lines {
                second += pause / 5;
                let clock = format!("10:{:02}:{:02}", second / 60 % 60, second % 60);
                let time = if is_modern { format!("2026-01-12T{clock}+01:00") } else { format!("Jan 12 {clock}") };
                log.extend(odd.unwrap_or_else(|| format!("{time} combo app{}[{hand}]: {told}", hand % 3).into_bytes()));
                log.push(b'\n');
            }
            log
        })
    })
}

/// Lines of syslog that are all events by themselves; some hands write seldom.
fn calm_hands() -> impl Strategy<Value = Vec<u8>> {
    let hand = prop_oneof![6 => 0..4_u32, 1 => 4..90_u32];
    (prop::collection::vec((hand, prop::sample::select(TOLD[..5].to_vec())), 700..1500), any::<bool>()).prop_map(
        |(lines, is_modern)| {
            let line = |(n, (hand, told)): (usize, (u32, &str))| {
                let clock = format!("11:{:02}:{:02}", n / 60 % 60, n % 60);
                let time = if is_modern { format!("2026-01-12T{clock}+01:00") } else { format!("Jan 12 {clock}") };
                format!("{time} combo app{}[{hand}]: {told}\n", hand % 3)
            };
            lines.into_iter().enumerate().map(line).collect::<String>().into_bytes()
        },
    )
}

pub(super) type Counted = (Option<Timestamp>, Option<Level>, SignatureId, u64);

/// What was seen, what was lost, how many lines there were, and where reading would go on after each chunk.
pub(super) type Seen = (Vec<Counted>, Losses, u64, Vec<Resume>);

pub(super) fn whole(chunks: &[&[u8]], limits: &Limits) -> Seen {
    let mut seen = Vec::new();
    let mut places = Vec::new();
    let mut intake = Intake::new(limits.clone(), &Resume::default());
    let now = Timestamp::from_seconds(1_800_000_000);
    let mut note = |event: aftercare::ingest::Event| {
        seen.push((event.time, event.level, event.signature.id, event.end));
    };
    for chunk in chunks {
        intake.push(chunk, now, &mut note);
        places.push(intake.resume());
    }
    intake.finish(&mut note);
    (seen, intake.losses(), intake.lines(), places)
}

pub(super) fn counted(chunks: &[&[u8]], limits: &Limits) -> Seen {
    let mut seen = Vec::new();
    let mut places = Vec::new();
    let mut intake = Intake::new(limits.clone(), &Resume::default());
    let now = Timestamp::from_seconds(1_800_000_000);
    let mut note = |tick: Tick<'_>| seen.push((tick.time, tick.level, tick.signature.id, tick.end));
    for chunk in chunks {
        intake.count(chunk, now, &mut note);
        places.push(intake.resume());
    }
    intake.finish_count(&mut note);
    (seen, intake.losses(), intake.lines(), places)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    /// One line many times, its digits and a few bytes behind the header changed each time.
    #[test]
    fn who_counts_is_not_misled_by_lines_that_look_alike(
        line in prop::sample::select(lines()),
        seeds in prop::collection::vec((any::<u64>(), prop::option::of((any::<prop::sample::Index>(), "[ -~]{1,12}"))), 2..12),
    ) {
        let mut log = Vec::new();
        for (seed, change) in seeds {
            let mut line = rolled(line.clone(), seed);
            if let Some((at, text)) = change {
                let at = at.index(line.len() + 1);
                line.splice(at..line.len().min(at + text.len() / 2), text.bytes());
            }
            log.extend(line);
            log.push(b'\n');
        }
        prop_assert_eq!(counted(&[&log], &Limits::default()), whole(&[&log], &Limits::default()));
    }

    #[test]
    fn who_counts_sees_the_same_events(log in log(), size in 1..4000_usize, memo_bytes in prop_oneof![Just(0), Just(1 << 20)]) {
        let limits = Limits { memo_bytes, ..Limits::default() };
        let chunks: Vec<&[u8]> = log.chunks(size).collect();
        prop_assert_eq!(counted(&chunks, &limits), whole(&chunks, &limits));
    }
}

const NAMES: [&str; 26] = [
    "time",
    "ts",
    "timestamp",
    "timestamp.seconds",
    "level",
    "severity",
    "Level",
    "msg",
    "message",
    "event",
    "error",
    "stack",
    "exception",
    "log",
    "stream",
    "logger",
    "name",
    "pid",
    "status",
    "fields.msg",
    "t",
    "user",
    "at",
    "start_time",
    "method",
    "path",
];
const VALUES: [&str; 24] = [
    r#""info""#,
    r#""error""#,
    r#""ERROR""#,
    r#""""#,
    r#"" ""#,
    r#""request 17 failed""#,
    r#""x at y.z(1)""#,
    r#""one\ntwo""#,
    r#""a \"b\"""#,
    r#""2026-11-24T10:00:00Z""#,
    r#""2026-11-24T10:00:01.250Z""#,
    r#""2026-11-24 10:00:02,5""#,
    r#""2026-11-24T10:00:02+01:00""#,
    "1795000000",
    "1795000000.25",
    "1795000000123",
    "30",
    "-1.5e3",
    "1.2.3",
    "true",
    "false",
    "null",
    "[]",
    r#"{"a":1}"#,
];

/// Objects with the same names in the same order, and any values: some of them of the same shape.
fn objects() -> impl Strategy<Value = Vec<u8>> {
    let names = prop::sample::subsequence(NAMES.to_vec(), 1..8);
    let values = prop::collection::vec(prop::collection::vec(prop::sample::select(VALUES.to_vec()), 8), 1..16);
    (names, values, "[ ]{0,1}").prop_map(|(names, lines, blank)| {
        let object = |values: &Vec<&str>| {
            let pairs = names.iter().zip(values).map(|(name, value)| format!("\"{name}\":{blank}{value}"));
            format!("{{{}}}\n", pairs.collect::<Vec<_>>().join(","))
        };
        lines.iter().map(object).collect::<String>().into_bytes()
    })
}

const PAIR_VALUES: [&str; 24] = [
    "info",
    "ERROR",
    "30",
    "",
    "\"\"",
    "\" \"",
    "\"request 17 failed\"",
    "\"x at y.z(1)\"",
    "\"one\\ntwo\"",
    "\"a \\\"b\\\"\"",
    "2026-11-24T10:00:00Z",
    "2026-11-24T10:00:01.250Z",
    "\"2026-11-24 10:00:02,5\"",
    "1795000000.25",
    "request",
    "a=b",
    "=b",
    ">b",
    "b\"c",
    "\"b\"c",
    "two words",
    "two words=3",
    "\"not closed",
    "a\tb",
];

/// Pairs with the same names in the same order, and any values: some of them of the same shape.
fn pairs() -> impl Strategy<Value = Vec<u8>> {
    let names = prop::sample::subsequence(NAMES.to_vec(), 1..8);
    let values = prop::collection::vec(prop::collection::vec(prop::sample::select(PAIR_VALUES.to_vec()), 8), 1..16);
    (names, values, "[ ]{1,2}").prop_map(|(names, lines, blank)| {
        let line = |values: &Vec<&str>| {
            let pairs = names.iter().zip(values).map(|(name, value)| format!("{name}={value}"));
            pairs.collect::<Vec<_>>().join(&blank) + "\n"
        };
        lines.iter().map(line).collect::<String>().into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_counts_is_not_misled_by_pairs_of_one_shape(log in pairs()) {
        let twice = [log.as_slice(), log.as_slice()].concat();
        prop_assert_eq!(counted(&[&twice], &Limits::default()), whole(&[&twice], &Limits::default()));
    }

    #[test]
    fn who_counts_is_not_misled_by_objects_of_one_shape(log in objects()) {
        let twice = [log.as_slice(), log.as_slice()].concat();
        prop_assert_eq!(counted(&[&twice], &Limits::default()), whole(&[&twice], &Limits::default()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Longer than what is looked at together.
    #[test]
    fn who_counts_sees_the_same_events_of_a_long_stream(
        logs in prop::collection::vec(log(), 20..60),
        size in prop_oneof![Just(usize::MAX), 10_000..100_000_usize],
    ) {
        let log = logs.concat();
        let chunks: Vec<&[u8]> = log.chunks(size).collect();
        prop_assert_eq!(counted(&chunks, &Limits::default()), whole(&chunks, &Limits::default()));
    }

    /// Lines of many hands in turn, as a host writes them, and now and then what goes on or begins otherwise.
    #[test]
    fn who_counts_sees_the_same_events_of_many_hands(
        log in hands(),
        size in prop_oneof![Just(usize::MAX), 300..20_000_usize],
        memo_bytes in prop_oneof![Just(0), Just(4_000), Just(1 << 20)],
        event_bytes in prop_oneof![Just(200), Just(256 << 10)],
    ) {
        let limits = Limits { memo_bytes, event_bytes, ..Limits::default() };
        let chunks: Vec<&[u8]> = log.chunks(size).collect();
        prop_assert_eq!(counted(&chunks, &limits), whole(&chunks, &limits));
    }

    /// Lines that nothing stands in front of, and now and then what goes on or begins otherwise.
    #[test]
    fn who_counts_sees_the_same_events_of_bare_lines(
        log in bare(),
        size in prop_oneof![Just(usize::MAX), 30..20_000_usize],
        memo_bytes in prop_oneof![Just(0), Just(4_000), Just(1 << 20)],
        event_bytes in prop_oneof![Just(40), Just(200), Just(256 << 10)],
    ) {
        let limits = Limits { memo_bytes, event_bytes, ..Limits::default() };
        let chunks: Vec<&[u8]> = log.chunks(size).collect();
        prop_assert_eq!(counted(&chunks, &limits), whole(&chunks, &limits));
    }

    #[test]
    fn a_stream_of_bare_lines_may_be_cut_at_its_seams(
        front in bare(),
        hosts in hands(),
        middle in calm_bare(),
        behind in bare(),
        from in any::<prop::sample::Index>(),
        has_hosts in any::<bool>(),
    ) {
        let log = [if has_hosts { hosts } else { front }, middle, behind].concat();
        let block = log.len() - from.index(log.len() / 2 + 1);
        prop_assert_eq!(cut_apart(&log, block).unwrap_or_else(|| whole_of(&log)), whole_of(&log));
    }

    /// What is cut at a seam and read apart has the same events and losses.
    #[test]
    fn a_stream_may_be_cut_at_its_seams(
        front in prop::collection::vec(log(), 1..8),
        n_ordinary in 60..300_usize,
        behind in prop::collection::vec(log(), 1..8),
        from in any::<prop::sample::Index>(),
    ) {
        let ordinary = ORDINARY.iter().cycle().take(n_ordinary).map(|line| format!("{line}\n")).collect::<String>();
        let log = [front.concat(), ordinary.into_bytes(), behind.concat()].concat();
        // Most blocks end behind the ordinary lines.
        let block = log.len() - from.index(log.len() / 2 + 1);
        prop_assert_eq!(cut_apart(&log, block).unwrap_or_else(|| whole_of(&log)), whole_of(&log));
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// The same among lines of many hands, where one that is cut too near to others would be told another way.
    #[test]
    fn a_stream_of_many_hands_may_be_cut_at_its_seams(
        front in hands(),
        middle in calm_hands(),
        behind in hands(),
        before_end in prop_oneof![Just(0), 0..9_000_usize],
    ) {
        let block = front.len() + middle.len() - before_end.min(middle.len());
        let log = [front, middle, behind].concat();
        prop_assert_eq!(cut_apart(&log, block).unwrap_or_else(|| whole_of(&log)), whole_of(&log));
    }
}

/// Events, losses and lines.
pub(super) type Told = (Vec<Counted>, Losses, u64);

pub(super) fn whole_of(log: &[u8]) -> Told {
    let (seen, losses, n_lines, _) = whole(&[log], &Limits::default());
    (seen, losses, n_lines)
}

/// What is told of a log that is cut at the last seam in so many bytes of it; nothing where there is none.
pub(super) fn cut_apart(log: &[u8], block: usize) -> Option<Told> {
    let (limits, now) = (Limits::default(), Timestamp::from_seconds(1_800_000_000));
    if Seams::is_whole(log) {
        return None;
    }
    let Seam { at, mid_event } = Seams::default().last(log.get(..block)?, &limits, now)?;
    let (front, behind) = log.split_at(at);
    let mut intake = Intake::new(limits.clone(), &Resume::default());
    let mut parts = Vec::new();
    let (mut losses, mut n_lines) = (Losses::default(), 0);
    let mut known = None;
    for (part, start) in [(front, 0), (behind, at as u64)] {
        intake.restart(known);
        let mut note = |tick: Tick<'_>| parts.push((tick.time, tick.level, tick.signature.id, tick.end + start));
        intake.count(part, now, &mut note);
        known = Some(mid_event.unwrap_or(intake.is_flushed()));
        intake.finish_count(&mut note);
        losses.add(&intake.losses());
        n_lines += intake.lines();
    }
    Some((parts, losses, n_lines))
}

/// How many of forty have a seam: most, or the laws above would say nothing.
pub(super) fn n_with_seams(of: impl Strategy<Value = Vec<u8>>) -> usize {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut has_seam = || {
        let calm = of.new_tree(&mut runner).unwrap().current();
        cut_apart(&calm, calm.len()).is_some()
    };
    (0..40).filter(|_| has_seam()).count()
}

#[test]
fn logs_of_many_hands_and_of_bare_lines_have_seams() {
    let (of_hands, of_bare) = (n_with_seams(calm_hands()), n_with_seams(calm_bare()));
    assert!((20..40).contains(&of_hands) && of_bare >= 30, "{of_hands} and {of_bare} of 40");
}
