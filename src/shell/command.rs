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

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde::Serialize;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::app::{Failure, FailureKind};
use crate::shell::report::unwritable;
use crate::triage::Symptom;

/// Bytes of an error text that are looked at.
const ERROR_BYTES: u64 = 4 << 20;

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
    use std::io::Read;
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(most + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| {
        let mut failure = Failure::new(
            FailureKind::User,
            format!("cannot read {}", path.display()),
            "Check the path, or give - for standard input.",
        );
        failure.causes.push(error.to_string());
        failure
    })?;
    let is_cut = bytes.len() as u64 > most;
    bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok((String::from_utf8_lossy(&bytes).into_owned(), is_cut))
}

/// Reads an error from a file, or from standard input for `-`; the second value says it was cut.
///
/// # Errors
///
/// When it cannot be read, or there is none.
pub fn read_symptom(path: &Path) -> Result<(Symptom, bool), Failure> {
    let (text, is_cut) = read_text(path, ERROR_BYTES)?;
    if text.trim().is_empty() {
        let what = format!("{} holds no error", path.display());
        return Err(Failure::new(FailureKind::User, what, "Give a log excerpt, a stack trace or CI output."));
    }
    Ok((Symptom::of_text(&text), is_cut))
}
