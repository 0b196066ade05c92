//! How fast `aftercare scan` is as a whole process, and how much memory it takes, as ratios to a newline count and to a
//! search for one word over the same file in the same run.
//!
//! `cargo bench --bench scan [-- MIB]`: reads files of so many MiB (1,024 without an argument) of plain lines, of JSON lines,
//! of plain lines as a container runtime keeps them, and of lines of which every third has a trace, each on one thread and
//! on all: the median of several runs by turns. Memory and processor time are Linux's, from `/proc`, of which the most
//! counts. Nothing is asserted.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start may panic")]

mod random;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use aftercare::units::Timestamp;
use random::Random;

const CHUNK: usize = 1 << 20;
const ROUNDS: usize = 5;
/// How often a scan is looked at: looking takes processor time from it where it uses all.
const LOOK: Duration = Duration::from_millis(10);

fn plain(line: &mut String, n: u64, at: &str) {
    let written = match n % 5 {
        0 => write!(
            line,
            "{at} INFO  [http-{}] com.acme.api.Orders - order {} accepted in {} ms",
            n % 64,
            n >> 40,
            n % 900
        ),
        1 => write!(
            line,
            "{at} WARN  [pool-{}] com.acme.cache.Loader - entry user:{} expired after {} s",
            n % 32,
            n >> 44,
            n % 7
        ),
        2 => write!(
            line,
            "{at} ERROR [http-{}] com.acme.pay.Gateway - declined by 10.0.{}.{} order {n:x}",
            n % 64,
            n % 250,
            n % 199
        ),
        3 => write!(
            line,
            "{at} INFO  [scheduler-1] com.acme.jobs.Cleaner - removed {} sessions, {} left",
            n % 1000,
            n % 333
        ),
        _ => write!(
            line,
            "{at} DEBUG [kafka-{}] com.acme.events.Consumer - partition {} offset {n} committed",
            n % 16,
            n % 32
        ),
    };
    written.expect("a string takes everything");
}

fn json(line: &mut String, n: u64, at: &str) {
    let level = if n.is_multiple_of(5) { "error" } else { "info" };
    let (order, took, path) = (n >> 40, n % 900, n >> 50);
    write!(
        line,
        "{{\"time\":\"{at}\",\"level\":\"{level}\",\"msg\":\"request {order} failed after {took}ms\",\"path\":\"/orders/{path}\",\
         \"status\":{},\"request_id\":\"{n:016x}\",\"service\":\"api\"}}",
        200 + n % 300
    )
    .expect("a string takes everything");
}

/// The same lines as a container runtime keeps them.
fn container(line: &mut String, n: u64, at: &str) {
    write!(line, "{}.{:09}Z stdout F ", at.get(..19).unwrap_or_default(), n >> 35).expect("a string takes everything");
    plain(line, n, at);
}

/// Every third event with a trace.
fn traces(line: &mut String, n: u64, at: &str) {
    plain(line, n, at);
    if n.is_multiple_of(3) {
        write!(line, "\njava.lang.IllegalStateException: order {} is closed", n >> 40)
            .expect("a string takes everything");
        let calls = [
            ("com.acme.pay.Gateway.charge", 77),
            ("com.acme.api.Orders.close", 151),
            ("com.acme.api.Router.route", 42),
        ];
        for (call, at) in calls {
            write!(line, "\n\tat {call}(Source.java:{at})").expect("a string takes everything");
        }
        for at in 0..12 {
            write!(line, "\n\tat org.springframework.web.servlet.Dispatcher.step{at}(Dispatcher.java:{at})")
                .expect("a string takes everything");
        }
    }
}

fn make(path: &Path, n_bytes: u64, shape: fn(&mut String, u64, &str)) {
    let mut file = BufWriter::with_capacity(CHUNK, File::create(path).expect("the folder is writable"));
    let (mut random, mut millis, mut written) = (Random(7), 1_768_212_000_000_i64, 0);
    let mut line = String::new();
    while written < n_bytes {
        millis += (random.next() % 40) as i64;
        line.clear();
        shape(&mut line, random.next(), &Timestamp::from_micros(millis * 1000).to_string());
        line.push('\n');
        file.write_all(line.as_bytes()).expect("the disk has room");
        written += line.len() as u64;
    }
    file.flush().expect("the disk has room");
}

/// Reads the file once with this done to every chunk.
fn pass(path: &Path, mut work: impl FnMut(&[u8])) -> Duration {
    let start = Instant::now();
    let mut file = File::open(path).expect("the file was made");
    let mut buffer = vec![0; CHUNK];
    loop {
        match file.read(&mut buffer).expect("the file is readable") {
            0 => return start.elapsed(),
            n => work(buffer.get(..n).unwrap_or_default()),
        }
    }
}

/// Wall time, processor time and the most memory of one scan.
fn scan(path: &Path, n_threads: usize) -> (Duration, Duration, u64) {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_aftercare"))
        .args(["scan", "--json", "--threads", &n_threads.to_string()])
        .arg(path)
        .stdout(Stdio::null())
        .spawn()
        .expect("the program was built");
    let (mut most_kib, mut ticks) = (0, 0);
    while child.try_wait().expect("the child is ours").is_none() {
        let read = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", child.id())).unwrap_or_default();
        let peak =
            read("status").lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().split(' ').next()?.parse().ok());
        most_kib = most_kib.max(peak.unwrap_or(0));
        let used: u64 = read("stat")
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split(' ')
            .skip(12)
            .take(2)
            .filter_map(|n| n.parse::<u64>().ok())
            .sum();
        ticks = ticks.max(used);
        thread::sleep(LOOK);
    }
    (start.elapsed(), Duration::from_millis(ticks * 10), most_kib / 1024)
}

/// The medians of the times, and the most memory.
fn middle(rounds: &[(Duration, Duration, u64)]) -> (Duration, Duration, u64) {
    let median = |time: fn(&(Duration, Duration, u64)) -> Duration| {
        let mut times: Vec<Duration> = rounds.iter().map(time).collect();
        times.sort();
        times.get(times.len() / 2).copied().unwrap_or_default()
    };
    let mib = rounds.iter().map(|round| round.2).max().unwrap_or(0);
    (median(|round| round.0), median(|round| round.1), mib)
}

fn measure(folder: &Path, name: &str, n_bytes: u64, shape: fn(&mut String, u64, &str)) {
    let path = folder.join(name);
    make(&path, n_bytes, shape);
    let (mut n_lines, mut n_words) = (0, 0);
    let newlines = pass(&path, |chunk| n_lines += memchr::memchr_iter(b'\n', chunk).count());
    let word = pass(&path, |chunk| n_words += memchr::memmem::find_iter(chunk, b"declined").count());
    let row = |what: &str, time: Duration, more: String| {
        let rate = n_bytes as f64 / time.as_secs_f64() / 1e6;
        println!(
            "{name:<9} {what:<26} {rate:>8.0} MB/s {:>7.1} x newline count {more}",
            time.as_secs_f64() / newlines.as_secs_f64()
        );
    };
    row("newline count (reference)", newlines, format!("  {n_lines} lines"));
    row("search for a word", word, format!("  {n_words} found"));
    let all = thread::available_parallelism().map_or(1, usize::from);
    let mut rounds = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        rounds.0.push(scan(&path, 1));
        rounds.1.push(scan(&path, all));
    }
    let (one, used, mib) = middle(&rounds.0);
    row("scan, processor time", used, format!("  {mib} MiB at most"));
    row("scan, one thread", one, String::new());
    let (many, _, mib) = middle(&rounds.1);
    let ratio = one.as_secs_f64() / many.as_secs_f64();
    row(&format!("scan, {all} threads"), many, format!("  {mib} MiB at most, {ratio:.2} x one thread"));
    fs::remove_file(&path).expect("the file is ours");
}

fn main() {
    let mib = std::env::args().skip(1).find_map(|argument| argument.parse::<u64>().ok()).unwrap_or(1024);
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    measure(folder.path(), "plain", mib << 20, plain);
    measure(folder.path(), "json", mib << 20, json);
    measure(folder.path(), "container", mib << 20, container);
    measure(folder.path(), "traces", mib << 20, traces);
}
