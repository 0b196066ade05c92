//! `aftercare scan`: one pass over logs, without a store, on every core.

mod block;
mod crew;
mod tally;

use std::io::Write;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::thread;

use serde::Serialize;

use crate::app::{Failure, FailureKind};
use crate::config::{Layer, LogsLayer};
use crate::detect::groups::Definition;
use crate::engine::SourceState;
use crate::ingest::sanitize::visible;
use crate::ingest::{Level, Limits, Losses};
use crate::shell::cli::{Place, Scan};
use crate::shell::clock::Clock;
use crate::shell::command::{output, write_json};
use crate::shell::observe::{limits_of, specs_of};
use crate::shell::report::{SCHEMA, unwritable};
use crate::shell::settings::Settings;
use crate::shell::source::{self, Feed, Sources};
use crate::units::Timestamp;
use crew::Crew;
use tally::{Row, Rows, Tally};

/// Threads at most: more would take more memory than a scan may.
const THREADS: usize = 4;
/// Bytes of forms that all threads together remember at most.
const MEMO_BYTES: usize = 4 << 20;

/// Reads everything once and prints what was found, most frequent first.
///
/// # Errors
///
/// When a setting cannot be used or nothing can be written. Sources that cannot be read are listed
/// in the result.
pub fn run(command: &Scan) -> Result<(), Failure> {
    let flags = Layer { logs: LogsLayer { zone: command.zone.clone(), quiet_minutes: None }, ..Layer::default() };
    let settings = Settings::load(&Place::default(), flags)?;
    let specs = specs_of(&command.paths)?;
    let sources =
        Sources::new(specs, Vec::new(), source::Options { follow: false, hand_over: true, ..Default::default() });
    let all = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(THREADS);
    let n_threads = command.threads.map_or(all, NonZeroUsize::get).min(THREADS);
    let limits = Limits { memo_bytes: MEMO_BYTES / n_threads, ..limits_of(&settings)? };
    let tally = count(sources, n_threads, &limits);
    let failed = tally.bytes == 0 && !tally.failed.is_empty();
    let failure = failed.then(|| Failure {
        causes: tally.failed.clone(),
        ..Failure::new(FailureKind::User, "nothing could be read", "Check the paths and their permissions.")
    });
    let groups = &settings.config.groups.value;
    if command.json { tally.print_json(groups) } else { tally.print_words(groups) }?;
    failure.map_or(Ok(()), Err)
}

/// Counts all that the sources hold.
fn count(sources: Sources, n_threads: usize, limits: &Limits) -> Tally {
    let mut failed = Vec::new();
    let mut tally = thread::scope(|scope| {
        let mut crew = Crew::start(scope, n_threads, limits);
        sources.run(&Clock::real(), &AtomicBool::new(false), |feed| {
            match feed {
                Feed::Bytes(stream, bytes, now) => crew.take(stream, bytes, now),
                Feed::Stretch(stream, file, now) => crew.take_file(stream, file, now),
                Feed::Ended(stream) => crew.end(stream),
                Feed::State(_, SourceState::Failed(why)) => failed.push(why),
                Feed::Skipped { path, why, .. } => failed.push(format!("{}: skipped: {why}", path.display())),
                Feed::Opened(..)
                | Feed::State(..)
                | Feed::Identified(..)
                | Feed::CaughtUp
                | Feed::Behind(_)
                | Feed::Lost(_)
                | Feed::Vanished(_) => {}
            }
            std::ops::ControlFlow::Continue(())
        });
        crew.finish()
    });
    tally.failed.extend(failed);
    tally
}

/// What is printed, written as it is: a copy of all signatures would take as much again.
#[derive(Serialize)]
struct Printed<'t> {
    schema: u32,
    lines: u64,
    events: u64,
    bytes: u64,
    undecoded: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    signatures: &'t Rows,
    beyond_bound: u64,
    failed: &'t [String],
    #[serde(flatten)]
    losses: &'t Losses,
}

impl Tally {
    fn print_json(mut self, definitions: &[Definition]) -> Result<(), Failure> {
        let signatures = self.sorted(definitions);
        let printed = Printed {
            schema: SCHEMA,
            lines: self.lines,
            events: self.events,
            bytes: self.bytes,
            undecoded: self.losses.undecoded(),
            first: self.span.0,
            last: self.span.1,
            signatures: &signatures,
            beyond_bound: self.beyond,
            failed: &self.failed,
            losses: &self.losses,
        };
        write_json(&mut output(), &printed)
    }

    fn print_words(mut self, definitions: &[Definition]) -> Result<(), Failure> {
        let signatures = self.sorted(definitions);
        let mut out = output();
        let mut write = || -> std::io::Result<()> {
            writeln!(
                out,
                "{} lines, {} events, {} bytes, {} undecoded, {} signatures",
                self.lines,
                self.events,
                self.bytes,
                self.losses.undecoded(),
                signatures.len(),
            )?;
            let Losses { cut, overlong_events, late_continuations, .. } = self.losses;
            let counted = [(cut, "cut"), (overlong_events + late_continuations, "not kept")];
            for (n, what) in counted.into_iter().filter(|(n, _)| *n > 0) {
                writeln!(out, "{n:>9}  lines {what}, because they or their events were too long")?;
            }
            for Row { found, per_minute, group } in signatures.iter() {
                let level = found.level.map_or("-", Level::word);
                let rate = per_minute.map_or_else(|| "-".to_owned(), |rate| format!("{rate:.3}/min"));
                let seen = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
                let (first, last) = (seen(found.first), seen(found.last));
                let template = visible(&found.template, false);
                write!(out, "{:>9}  {rate:>12}  {level:<5}  {first:<24}  {last:<24}  ", found.count)?;
                let group = group.map_or_else(String::new, |name| format!("  (in {name})"));
                writeln!(out, "{}  {template}{}", found.id, visible(&group, false))?;
            }
            if self.beyond > 0 {
                writeln!(out, "{:>9}  events of further signatures, counted together", self.beyond)?;
            }
            for failed in &self.failed {
                writeln!(out, "failed: {}", visible(failed, false))?;
            }
            out.flush()
        };
        match write() {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(unwritable(&error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}
