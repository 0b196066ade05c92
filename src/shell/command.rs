//! The commands without a screen; each runs exactly the code that the screen runs.

pub mod approve;
pub mod audit;
pub mod baseline;
pub mod build;
pub mod deploy;
mod deployed;
pub mod fix;
pub mod judge;
pub mod pull_request;
pub mod report;
pub mod scan;
pub mod signature;
pub mod stop;
pub mod table;
pub mod undo;

use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde::Serialize;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::app::{Failure, FailureKind};
use crate::shell::cli::Asked;
use crate::shell::command::deployed::WORK_TREE;
use crate::shell::git::read::{self, Range};
use crate::shell::report::unwritable;
use crate::triage::{Change, Symptom, TEXT_BYTES};

/// Standard output, buffered, for a command that writes much.
pub fn output() -> BufWriter<io::StdoutLock<'static>> {
    BufWriter::with_capacity(256 * 1024, io::stdout().lock())
}

/// A flag that is set by the first signal to stop; the second one leaves at once.
pub(super) fn canceled_by_signals() -> Arc<AtomicBool> {
    let cancel = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Where a signal cannot be caught, it leaves at the first.
        let _ = signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&cancel))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&cancel)));
    }
    cancel
}

/// Writes one JSON object, and a line end.
///
/// # Errors
///
/// When nothing can be written.
pub fn write_json(out: &mut impl Write, object: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer_pretty(&mut *out, object).map_err(io::Error::from).map_err(|error| unwritable(&error))?;
    writeln!(out).and_then(|()| out.flush()).map_err(|error| unwritable(&error))
}

/// Reads a whole file, or standard input for `-`, up to a bound; the second value says it was cut.
///
/// # Errors
///
/// When it cannot be read.
pub fn read_text(path: &Path, most: u64) -> Result<(String, bool), Failure> {
    let mut bytes = Vec::new();
    let read = opened(path).and_then(|input| input.take(most + 1).read_to_end(&mut bytes));
    read.map_err(|error| unreadable(path, &error))?;
    let is_cut = bytes.len() as u64 > most;
    bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok((String::from_utf8_lossy(&bytes).into_owned(), is_cut))
}

/// The same, of a longer text the end.
fn read_end(path: &Path, most: usize) -> Result<(String, bool), Failure> {
    let mut input = opened(path).map_err(|error| unreadable(path, &error))?;
    let (mut bytes, mut is_cut) = (Vec::new(), false);
    loop {
        let read = input.by_ref().take(most as u64).read_to_end(&mut bytes);
        let n_read = read.map_err(|error| unreadable(path, &error))?;
        if let Some(excess) = bytes.len().checked_sub(most).filter(|excess| *excess > 0) {
            is_cut = true;
            bytes.drain(..excess);
        }
        if n_read < most {
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), is_cut));
        }
    }
}

fn opened(path: &Path) -> io::Result<Box<dyn Read>> {
    Ok(if path == Path::new("-") { Box::new(io::stdin().lock()) } else { Box::new(std::fs::File::open(path)?) })
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let what = format!("cannot read {}", path.display());
    let mut failure = Failure::new(FailureKind::User, what, "Check the path, or give - for standard input.");
    failure.causes.push(error.to_string());
    failure
}

/// Reads the error that is asked about, from a file or from standard input for `-`; the second value says that only its
/// end was read, which is told on standard error too.
///
/// # Errors
///
/// When it cannot be read, or there is none.
pub fn read_symptom(asked: &Asked) -> Result<(Symptom, bool), Failure> {
    let path = &asked.error;
    let (text, is_cut) = read_end(path, TEXT_BYTES)?;
    if is_cut {
        // A closed standard error is no reason to stop.
        drop(writeln!(io::stderr().lock(), "The error is longer than 1 MiB: only its end was read"));
    }
    if text.trim().is_empty() {
        let what = format!("{} holds no error", path.display());
        return Err(Failure::new(FailureKind::User, what, "Give a log excerpt, a stack trace or CI output."));
    }
    Ok((Symptom::of_text_within(&text, &|| tree(asked)), is_cut))
}

/// The tree at the end of the range; what cannot be read is reported where it is needed.
fn tree(asked: &Asked) -> Option<Change> {
    let range = Range::parse(&asked.range).ok()?;
    let head = if range.head == WORK_TREE { "HEAD" } else { &range.head };
    read::tree(&read::open(&asked.repo).ok()?, head).ok()
}
