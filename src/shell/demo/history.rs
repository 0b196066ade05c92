//! Writes the world's past: seven days of log, rotated about once a day, the older files compressed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::traffic::Traffic;
use super::{DemoError, World};
use crate::units::Timestamp;

const DAYS: Duration = Duration::from_secs(7 * 24 * 3600);
/// How much of that is in the log that is still written to.
const LIVE: Duration = Duration::from_secs(9 * 3600);
const ROTATED: u32 = 7;
/// Rotated files above this number are compressed, as logrotate's `delaycompress` leaves them.
const PLAIN: u32 = 2;
const WORKERS: usize = 2;
const SEED: u64 = 0x0a17_e5ca_4e00_0001;
const FIRST_NUMBER: u64 = 810_000;

/// One log file to be written, and the requests that it tells of.
struct Part {
    path: PathBuf,
    requests: String,
}

pub(super) fn write(world: &World) -> Result<Vec<PathBuf>, DemoError> {
    let parts = plan(world);
    let next = AtomicUsize::new(0);
    let failure = Mutex::new(None);
    let work = || {
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = write_part(world, part) {
                next.store(parts.len(), Ordering::Relaxed);
                failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(error);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..WORKERS {
            scope.spawn(work);
        }
        work();
    });
    match failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(parts.into_iter().map(|part| part.path).collect()),
    }
}

/// Makes up the requests of each file, oldest file first.
fn plan(world: &World) -> Vec<Part> {
    let now = world.now();
    let start = now.before(DAYS);
    let mut traffic = Traffic::new(SEED, start, now, FIRST_NUMBER);
    let mut parts: Vec<Part> = spans(now)
        .into_iter()
        .enumerate()
        .map(|(index, span)| {
            let mut requests = String::new();
            while traffic.peek() < span.end {
                let request = traffic.take();
                // The version was started just before its first request that the log still has.
                if index == 0 && requests.is_empty() {
                    requests.push_str(&start_line(&request.line));
                }
                requests.push_str(&request.line);
                requests.push('\n');
            }
            Part { path: path(world, ROTATED - index as u32), requests }
        })
        .collect();
    parts.retain(|part| !part.requests.is_empty());
    parts
}

/// The request by which the supervisor tells the service that it was started, at the time of another request.
fn start_line(beside: &str) -> String {
    let at = beside.split(' ').next().unwrap_or_default();
    format!("{at} 0 start -\n")
}

/// The time that each file covers, oldest first; the last is the live one.
fn spans(now: Timestamp) -> Vec<Range<Timestamp>> {
    let start = now.before(DAYS);
    let live = now.before(LIVE);
    let each = live.since(start) / ROTATED;
    let mut spans: Vec<_> = (0..ROTATED).map(|n| start.after(each * n)..start.after(each * (n + 1))).collect();
    if let Some(last) = spans.last_mut() {
        last.end = live;
    }
    spans.push(live..now);
    spans
}

/// The path of the file with this number; 0 is the live one.
fn path(world: &World, number: u32) -> PathBuf {
    match number {
        0 => world.log(),
        1..=PLAIN => world.history().join(format!("orders.log.{number}")),
        _ => world.history().join(format!("orders.log.{number}.gz")),
    }
}

fn write_part(world: &World, part: &Part) -> Result<(), DemoError> {
    let file = File::create(&part.path).map_err(DemoError::file(&part.path))?;
    if part.path.extension().is_none_or(|extension| extension != "gz") {
        return serve(world, &part.requests, file);
    }
    let plain = part.path.with_extension("writing");
    serve(world, &part.requests, File::create(&plain).map_err(DemoError::file(&plain))?)?;
    compress(&plain, file).map_err(DemoError::file(&part.path))?;
    fs::remove_file(&plain).map_err(DemoError::file(&plain))
}

fn compress(from: &Path, to: File) -> io::Result<()> {
    let mut encoder = GzEncoder::new(to, Compression::fast());
    io::copy(&mut File::open(from)?, &mut encoder)?;
    encoder.finish().map(drop)
}

/// Runs the service that is deployed over these requests, with its log in this file.
fn serve(world: &World, requests: &str, log: File) -> Result<(), DemoError> {
    let script = world.current().join("service.sh");
    let mut command = world.shell_command()?;
    command.arg(&script).stdin(Stdio::piped()).stdout(log).stderr(world.errors()?);
    let program = format!("sh {}", script.display());
    let mut child = command.spawn().map_err(|error| DemoError::Missing(program.clone(), error))?;
    let fed = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(requests.as_bytes()));
    let ended = child.wait();
    match (fed, ended) {
        (Ok(()), Ok(status)) if status.success() => Ok(()),
        (_, Ok(status)) => Err(DemoError::Failed { program, said: status.to_string() }),
        (_, Err(error)) => Err(DemoError::Missing(program, error)),
    }
}
