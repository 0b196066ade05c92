//! `aftercare audit`: prints and checks the hash-chained record.

use std::io::Write;

use crate::app::{Failure, FailureKind};
use crate::config::Layer;
use crate::ingest::sanitize::visible;
use crate::remedy::audit::Entry;
use crate::shell::audit::{AuditError, AuditLog, Verified};
use crate::shell::cli::Audit;
use crate::shell::command::output;
use crate::shell::report::unwritable;
use crate::shell::settings::Settings;

/// Prints every entry, or checks the chain; the exit status is 1 when the chain is broken.
///
/// # Errors
///
/// When the log cannot be read or nothing can be written.
pub fn run(command: &Audit) -> Result<u8, Failure> {
    let settings = Settings::load(&command.place, Layer::default())?;
    let log = AuditLog::at(settings.audit_path());
    if command.verify {
        return verify(&log);
    }
    let entries = log.read().map_err(|error| failed(&error))?;
    let mut out = output();
    let mut write = || -> std::io::Result<()> {
        for entry in &entries {
            if command.json {
                writeln!(out, "{}", entry.line())?;
            } else {
                let Entry { number, at, actor, action, detail, .. } = entry;
                writeln!(out, "{}", visible(&format!("{number} {at} {actor} {action} {detail}"), false))?;
            }
        }
        out.flush()
    };
    write().map_err(|error| unwritable(&error)).map(|()| 0)
}

/// Says whether the chain holds; 1 when it does not.
fn verify(log: &AuditLog) -> Result<u8, Failure> {
    let path = log.path().display();
    let (line, status) = match log.verify() {
        Ok(Verified { entries, torn_bytes: 0, .. }) => (format!("{path}: {entries} entries, the chain holds"), 0),
        Ok(Verified { entries, torn_bytes, .. }) => {
            let torn = format!("{torn_bytes} bytes of an unfinished entry at the end");
            (format!("{path}: {entries} entries, the chain holds; {torn}"), 0)
        }
        Err(error @ AuditError::Broken { .. }) => (failed(&error).to_string(), 1),
        Err(error @ AuditError::Io { .. }) => return Err(failed(&error)),
    };
    let mut out = output();
    let written = writeln!(out, "{}", visible(&line, false)).and_then(|()| out.flush());
    written.map_err(|error| unwritable(&error)).map(|()| status)
}

fn failed(error: &AuditError) -> Failure {
    Failure::of(FailureKind::External, error, "Check it with `aftercare audit --verify`, and the file's permissions.")
}
