//! How fast logs become counts, as ratios against counting newlines in the same bytes in the same run.
//!
//! `cargo bench --bench ingest`; prints the median of several rounds for each shape of log. Nothing is
//! asserted: figures are for people. `RUSTFLAGS="--cfg portable"` in front measures the ways that every processor has,
//! `RUSTFLAGS="--cfg avx2"` those without AVX-512.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start may panic")]

mod random;

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Duration;

use aftercare::detect::groups::Member;
use aftercare::detect::markers::Markers;
use aftercare::detect::{Deploy, Groups, Origin, Settings};
use aftercare::engine::{Engine, Options, Progress, StreamKey};
use aftercare::ingest::{Intake, Limits, Resume, signature};
use aftercare::units::{SignatureId, Timestamp};
use foldhash::fast::RandomState;
use random::Random;
use rustix::time::{ClockId, clock_gettime};

const BYTES: usize = 16 << 20;
const ROUNDS: usize = 5;
const CHUNK: usize = 256 << 10;

fn log(shape: impl Fn(&mut Random, Timestamp) -> String) -> Vec<u8> {
    let mut random = Random(7);
    let mut log = Vec::with_capacity(BYTES + 1024);
    let mut millis = 1_768_212_000_000_i64;
    while log.len() < BYTES {
        millis += (random.next() % 40) as i64;
        log.extend_from_slice(shape(&mut random, Timestamp::from_micros(millis * 1000)).as_bytes());
        log.push(b'\n');
    }
    log
}

fn plain(random: &mut Random, at: Timestamp) -> String {
    let n = random.next();
    match n % 4 {
        0 => format!("{at} INFO  api.http: GET /orders/{} 200 in {}ms", n >> 40, n % 900),
        1 => format!("{at} WARN  cache: miss for key user:{} after {} tries", n >> 44, n % 7),
        2 => format!("{at} ERROR payment: gateway 10.0.{}.{} declined order {:x}", n % 250, n % 199, n),
        _ => format!("{at} DEBUG worker-{}: job {:016x} done, {} left", n % 16, n, n % 1000),
    }
}

fn json(random: &mut Random, at: Timestamp) -> String {
    let n = random.next();
    format!(
        "{{\"time\":\"{at}\",\"level\":\"{}\",\"msg\":\"request {} failed after {}ms\",\"path\":\"/orders/{}\",\"status\":{}}}",
        if n.is_multiple_of(5) { "error" } else { "info" },
        n >> 40,
        n % 900,
        n >> 50,
        200 + n % 300,
    )
}

/// What this thread has used of the processor, which others on the machine do not change.
fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = processor_time();
            work();
            processor_time().saturating_sub(start)
        })
        .collect();
    times.sort();
    times[ROUNDS / 2]
}

fn engine() -> Engine {
    let Ok(markers) = Markers::new(&[]) else { unreachable!("the built-in patterns are valid") };
    let mut engine = Engine::new(Options {
        service: "bench".to_owned(),
        limits: Limits::default(),
        settings: Settings::default(),
        quiet_minutes: 60,
        markers,
    });
    engine.open(StreamKey(0), Progress { at: Resume::default(), last_minute: None, ended: false });
    engine
}

fn measure(name: &str, log: &[u8]) {
    let now = Timestamp::from_seconds(1_800_000_000);
    let newlines = median(|| {
        black_box(memchr::memchr_iter(b'\n', black_box(log)).count());
    });
    let folds = median(|| {
        for line in log.split(|byte| *byte == b'\n') {
            black_box(signature::fold(line));
        }
    });
    let messages = median(|| {
        for line in log.split(|byte| *byte == b'\n') {
            black_box(signature::of_message(&String::from_utf8_lossy(line)));
        }
    });
    let ticks = median(|| {
        let mut intake = Intake::new(Limits::default(), &Resume::default());
        let mut n_events = 0_u64;
        log.chunks(CHUNK).for_each(|chunk| intake.count(chunk, now, &mut |_| n_events += 1));
        intake.finish_count(&mut |_| n_events += 1);
        black_box(n_events);
    });
    let events = median(|| {
        let mut intake = Intake::new(Limits::default(), &Resume::default());
        let mut n_events = 0_u64;
        log.chunks(CHUNK).for_each(|chunk| intake.push(chunk, now, &mut |_| n_events += 1));
        intake.finish(&mut |_| n_events += 1);
        black_box(n_events);
    });
    let counted = median(|| {
        let mut engine = engine();
        log.chunks(CHUNK).for_each(|chunk| engine.push(StreamKey(0), chunk, now));
        engine.end(StreamKey(0), now);
        black_box(engine.counts().span());
    });
    let row = |what: &str, time: Duration| {
        let rate = log.len() as f64 / time.as_secs_f64() / 1e6;
        let ratio = time.as_secs_f64() / newlines.as_secs_f64();
        println!("{name:<6} {what:<28} {rate:>9.0} MB/s   {ratio:>8.1} x newline count");
    };
    row("newline count (reference)", newlines);
    row("fold of each line", folds);
    row("signature, nothing remembered", messages);
    row("decoded and counted", ticks);
    row("decode, assemble, signature", events);
    row("whole engine", counted);
}

/// Messages as software writes them; `~` is a word of letters that never comes again, `#` a number.
const MESSAGES: &[&str] = &[
    "Failed password for invalid user ~ from #.#.#.# port # ssh2",
    "Received block blk_# of size # src: /#.#.#.#:# dest: /#.#.#.#:# by ~",
    "worker ~ finished ~ of stage #.# (TID #) in # ms on ~ (#/#)",
    "authentication failure; uid=# tty=ssh ruser=~ rhost=#.#.#.# user=~",
    "Cannot ~ the ~ of order #: ~ timed out while ~ was waiting for the answer",
    "Block ~_# stored as values in memory (estimated size #.# KB, free #.# MB, ~)",
    "Connection to ~ closed by ~ after # retries, giving ~ up [~]",
    "connect to \"~\" failed: ~ ~ (~) at /srv/~/#",
];

/// A header in front of a message, which is not taken off where only signatures are made.
const HEADER: &str = "2026-01-12T10:#:#.#Z WARN [~] com.example.~.Service: ";

/// Lines of which each has a form that was never seen before.
fn unseen(header: &str) -> Vec<u8> {
    let mut random = Random(11);
    let mut log = Vec::with_capacity(BYTES + 1024);
    while log.len() < BYTES {
        let message = MESSAGES[(random.next() % MESSAGES.len() as u64) as usize];
        for byte in header.bytes().chain(message.bytes()) {
            match byte {
                b'~' => {
                    let length = 3 + random.next() % 9;
                    log.extend((0..length).map(|_| b'a' + (random.next() % 26) as u8));
                }
                b'#' => log.extend_from_slice((random.next() % 1000).to_string().as_bytes()),
                other => log.push(other),
            }
        }
        log.push(b'\n');
    }
    log
}

/// Signatures where nothing can be remembered, against one pass of a regular expression over the same bytes.
fn measure_unseen(name: &str, log: &[u8]) {
    let lines: Vec<&str> = std::str::from_utf8(log).expect("the lines are ASCII").lines().collect();
    let newlines = median(|| {
        black_box(memchr::memchr_iter(b'\n', black_box(log)).count());
    });
    let digits = regex::bytes::Regex::new(r"(?-u)\w*\d\w*").expect("the expression is valid");
    let regex = median(|| {
        black_box(digits.find_iter(log).count());
    });
    let mut scratch = signature::Scratch::default();
    let signatures = median(|| {
        for line in &lines {
            black_box(signature::of_message_with(line, &mut scratch));
        }
    });
    let row = |what: &str, time: Duration| {
        let rate = log.len() as f64 / time.as_secs_f64() / 1e6;
        let to_newlines = time.as_secs_f64() / newlines.as_secs_f64();
        let to_regex = time.as_secs_f64() / regex.as_secs_f64();
        println!("{name:<6} {what:<28} {rate:>9.0} MB/s   {to_newlines:>8.1} x newline count {to_regex:>6.2} x regex");
    };
    println!("{name:<6} every line a form never seen: {:.0} bytes a line", log.len() as f64 / lines.len() as f64);
    row("newline count (reference)", newlines);
    row("one regex, words with a digit", regex);
    row("signature", signatures);
}

/// Lines of a few hundred forms, in any order and with other numbers each time, as programs write them.
fn known() -> Vec<u8> {
    const WORDS: [&str; 8] = ["orders", "backup", "ssh", "mail", "lane", "cache", "index", "root"];
    let mut random = Random(13);
    let mut log = Vec::with_capacity(BYTES + 1024);
    while log.len() < BYTES {
        let message = MESSAGES[(random.next() % MESSAGES.len() as u64) as usize];
        let word = WORDS[(random.next() % WORDS.len() as u64) as usize];
        for byte in message.bytes() {
            match byte {
                b'~' => log.extend_from_slice(word.as_bytes()),
                b'#' => log.extend_from_slice((random.next() % 100_000).to_string().as_bytes()),
                other => log.push(other),
            }
        }
        log.push(b'\n');
    }
    log
}

/// Signatures of messages whose forms repeat, and how often each was seen.
fn measure_known(log: &[u8]) {
    let lines: Vec<&str> = std::str::from_utf8(log).expect("the lines are ASCII").lines().collect();
    let newlines = median(|| {
        black_box(memchr::memchr_iter(b'\n', black_box(log)).count());
    });
    let counted = median(|| {
        let mut names = signature::Names::new(Limits::default().memo_bytes);
        let mut counts: HashMap<SignatureId, u64, RandomState> = HashMap::default();
        for line in &lines {
            *counts.entry(names.of_message(line).id).or_insert(0_u64) += 1;
        }
        black_box(counts.len());
    });
    let rate = log.len() as f64 / counted.as_secs_f64() / 1e6;
    let ratio = counted.as_secs_f64() / newlines.as_secs_f64();
    println!("known  {:<28} {rate:>9.0} MB/s   {ratio:>8.1} x newline count", "signature and count");
}

/// Groups of many signatures, against sorting their templates.
fn measure_groups() {
    const N: usize = 100_000;
    let mut random = Random(17);
    let templates: Vec<String> = (0..N)
        .map(|n| {
            let word = |n: u64| -> String { (0..6).map(|at| char::from(b'a' + (n >> (at * 5)) as u8 % 26)).collect() };
            format!("queue {} of {} is full, {} waits", word(random.next()), word(n as u64 / 20), word(n as u64 / 500))
        })
        .collect();
    let sorted = median(|| {
        let mut sorted = templates.clone();
        sorted.sort();
        black_box(sorted.len());
    });
    let members: Vec<Member<'_>> =
        templates.iter().map(|template| Member { id: signature::of_message(template).id, template }).collect();
    let grouped = median(|| {
        black_box(Groups::titles(&[], members.iter().copied()).len());
    });
    let ratio = grouped.as_secs_f64() / sorted.as_secs_f64();
    println!("groups of {N} signatures: {grouped:?}, {ratio:.1} x sorting their templates");
}

/// One look at a watch with many signatures, against one pass over their counts.
fn measure_judging() {
    let mut engine = engine();
    let zero = 1_768_212_000_i64;
    let mut random = Random(3);
    let mut log = String::new();
    for minute in -2 * 1440..60 {
        for _ in 0..40 {
            let which = random.next() % 500;
            let at = Timestamp::from_seconds(zero + minute * 60 + (random.next() % 60) as i64);
            let name: String = (0..3).map(|n| char::from(b'a' + ((which >> (n * 3)) % 8) as u8)).collect();
            log.push_str(&format!("{at} INFO part {name} done\n"));
        }
    }
    let now = Timestamp::from_seconds(zero + 3600);
    engine.push(StreamKey(0), log.as_bytes(), now);
    engine.mark(Deploy::new(Timestamp::from_seconds(zero), "bench", "v2", Origin::Flag));
    let n_signatures = engine.catalog().len();
    let minute = Timestamp::from_seconds(zero).minute();
    let sums = median(|| {
        let range = minute.plus(-2 * 1440)..minute.plus(60);
        black_box(engine.counts().sums(range, aftercare::detect::counts::Coverage::Complete));
    });
    let judged = median(|| engine.judge(now));
    let shown = median(|| {
        black_box(engine.snapshot(now, &[], 0, 0));
    });
    let ratio = |time: Duration| time.as_secs_f64() / sums.as_secs_f64();
    println!("judge  {n_signatures} signatures, 60 minutes: {judged:?}, {:.1} x a sum over two days", ratio(judged));
    println!("judge  snapshot for the screen: {shown:?}, {:.1} x a sum over two days", ratio(shown));
}

fn main() {
    let wide = match (cfg!(portable), cfg!(avx2)) {
        (true, _) => "left out",
        (false, true) => "AVX2 at most",
        (false, false) => "the widest that the processor has",
    };
    println!("wide instructions: {wide}");
    measure("plain", &log(plain));
    measure("json", &log(json));
    measure_known(&known());
    measure_unseen("unseen", &unseen(""));
    measure_unseen("raw", &unseen(HEADER));
    measure_groups();
    measure_judging();
}
