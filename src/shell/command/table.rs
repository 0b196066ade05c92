//! `aftercare judge`: the detector over counts from anywhere.

use std::io::Write;
use std::path::Path;

use jiff::tz::TimeZone;

use crate::app::{Failure, FailureKind};
use crate::config::{self, ConfigError};
use crate::detect::Settings;
use crate::detect::table::{CameWith, Line, Question, Table, TableError, Which};
use crate::ingest::sanitize::visible;
use crate::shell::cli::Judge;
use crate::shell::command::{output, read_text};
use crate::shell::report::unwritable;

/// Bytes of a table that are read: far more than a week of the most signatures that are told apart.
const TABLE_BYTES: u64 = 4 << 30;

/// Judges a table of counts as the screen judges logs.
///
/// # Errors
///
/// When a table cannot be read, or nothing can be written.
pub fn run(command: &Judge) -> Result<(), Failure> {
    let counts = read(&command.counts)?;
    let covered = command.covered.as_deref().map(read).transpose()?;
    let table = Table::parse(&counts, covered.as_deref()).map_err(|error| unreadable(&error, command))?;
    drop((counts, covered));
    let zone = command.time_zone.as_deref().map(zone_of).transpose()?;
    let question = Question {
        deploys: command.deploy.clone(),
        earlier: command.earlier.clone(),
        minutes: command.minutes,
        each_minute: command.each_minute,
        settings: Settings { zone, ..Settings::default() },
    };
    let lines = table.judge(&question);
    let mut out = output();
    let mut write = || -> std::io::Result<()> {
        for line in &lines {
            if command.json {
                serde_json::to_writer(&mut out, line)?;
                writeln!(out)?;
            } else {
                writeln!(out, "{}", visible(&shown(line), false))?;
            }
        }
        out.flush()
    };
    write().map_err(|error| unwritable(&error))
}

fn zone_of(name: &str) -> Result<TimeZone, Failure> {
    let unknown = |error: ConfigError| Failure::of(FailureKind::User, &error, "Name one such as Europe/Berlin.");
    config::zone_named("--time-zone", name).map_err(unknown)
}

fn read(path: &Path) -> Result<String, Failure> {
    match read_text(path, TABLE_BYTES)? {
        (text, false) => Ok(text),
        (_, true) => {
            let what = format!("{} is larger than 4 GiB", path.display());
            Err(Failure::new(FailureKind::User, what, "Leave out signatures or days that are not needed."))
        }
    }
}

fn unreadable(error: &TableError, command: &Judge) -> Failure {
    let path = match error.which {
        Which::Counts => &command.counts,
        Which::Covered => command.covered.as_ref().unwrap_or(&command.counts),
    };
    Failure::new(FailureKind::User, format!("cannot read {}: {error}", path.display()), error.fault.hint())
}

fn shown(line: &Line) -> String {
    let name = line.signature.as_deref().unwrap_or("(the whole source)");
    let kind = line.kind.map_or("", |kind| kind.word());
    let ratio = line.ratio.map_or_else(String::new, |ratio| format!("x{ratio:.1}"));
    let (minute, tier, observed, expected) = (line.minute, line.tier, line.observed, line.expected);
    let deploy = line.deploy.map_or_else(String::new, |deploy| format!("  deploy {deploy}"));
    let share = |it: &CameWith| format!("{:.0} % {}", 100.0 * it.share, it.deploy);
    let came_with: Vec<String> = line.came_with.iter().map(share).collect();
    let came_with = if came_with.is_empty() { String::new() } else { format!(" ({})", came_with.join(", ")) };
    format!(
        "{minute}{deploy}  {tier:<9} {kind:<6} {observed:>8} of {expected:>9.1} {ratio:>8}  p {:>8.1e}  E {:>8.1e}  {name}{came_with}",
        line.p, line.e
    )
}
