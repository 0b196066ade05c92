//! `aftercare audit`: prints and checks the hash-chained record.

use std::io::Write;

use crate::app::{Failure, FailureKind};
use crate::config::Layer;
use crate::ingest::sanitize::visible;
use crate::shell::audit::AuditLog;
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
    let path = settings.audit_path();
    let log = AuditLog::read(&path).map_err(|error| {
        Failure::of(FailureKind::External, &error, "Check the file and its permissions.")
    })?;
    let mut out = output();
    let mut write = || -> std::io::Result<u8> {
        if command.verify {
            return verify(&log, &mut out, &path.display().to_string());
        }
        for entry in log.entries() {
            if command.json {
                writeln!(out, "{}", serde_json::to_string(entry)?)?;
            } else {
                let detail = entry.detail.to_string();
                let line = format!("{} {} {} {} {detail}", entry.number, entry.at, entry.actor, entry.action);
                writeln!(out, "{}", visible(&line, false))?;
            }
        }
        Ok(0)
    };
    let status = write().and_then(|status| out.flush().map(|()| status));
    status.map_err(|error| unwritable(&error))
}

fn verify(log: &AuditLog, out: &mut impl Write, path: &str) -> std::io::Result<u8> {
    match log.verify() {
        Ok(()) => {
            writeln!(out, "{path}: {} entries, the chain holds", log.entries().len())?;
            Ok(0)
        }
        Err(broken) => {
            writeln!(out, "{path}: {broken}")?;
            Ok(1)
        }
    }
}
