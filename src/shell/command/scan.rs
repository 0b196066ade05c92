//! `aftercare scan`: one pass over logs, without a store.

use std::collections::HashMap;
use std::io::Write;
use std::sync::atomic::AtomicBool;

use serde::Serialize;
use serde_json::json;

use crate::app::{Failure, FailureKind};
use crate::config::{Layer, LogsLayer};
use crate::detect::Groups;
use crate::detect::groups::{Definition, Member};
use crate::engine::SourceState;
use crate::ingest::sanitize::visible;
use crate::ingest::{Event, Intake, Level, Losses};
use crate::shell::cli::{Place, Scan};
use crate::shell::clock::Clock;
use crate::shell::command::{output, write_json};
use crate::shell::observe::{limits_of, specs_of};
use crate::shell::report::{SCHEMA, merge, unwritable};
use crate::shell::settings::Settings;
use crate::shell::source::{self, Feed, Sources, StreamId};
use crate::units::{SignatureId, Timestamp};

/// Signatures kept apart; beyond, further ones are counted together.
const SIGNATURES: usize = 200_000;

/// One signature of the scanned logs.
#[derive(Debug, Serialize)]
struct Found {
    id: SignatureId,
    template: String,
    level: Option<Level>,
    count: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_minute: Option<f64>,
    /// The group that it is shown in.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
}

/// What a scan adds up.
#[derive(Debug, Default)]
struct Tally {
    lines: u64,
    events: u64,
    bytes: u64,
    losses: Losses,
    span: Option<(Timestamp, Timestamp)>,
    signatures: HashMap<SignatureId, Found>,
    /// Events of signatures beyond the bound.
    beyond: u64,
    failed: Vec<String>,
}

/// Reads everything once and prints what was found, most frequent first.
///
/// # Errors
///
/// When a setting cannot be used or nothing can be written. Sources that cannot be read are listed
/// in the result.
pub fn run(command: &Scan) -> Result<(), Failure> {
    let flags = Layer { logs: LogsLayer { zone: command.zone.clone(), quiet_minutes: None }, ..Layer::default() };
    let settings = Settings::load(&Place::default(), flags)?;
    let limits = limits_of(&settings)?;
    let specs = specs_of(&command.paths)?;
    let sources = Sources::new(specs, Vec::new(), source::Options { follow: false, ..Default::default() });
    let mut intakes: HashMap<StreamId, Intake> = HashMap::new();
    let mut tally = Tally::default();
    sources.run(&Clock::real(), &AtomicBool::new(false), |feed| {
        match feed {
            Feed::Opened(stream, _) => {
                intakes.insert(stream, Intake::new(limits.clone(), 0, false));
            }
            Feed::Bytes(stream, bytes, now) => {
                tally.bytes += bytes.len() as u64;
                if let Some(intake) = intakes.get_mut(&stream) {
                    intake.push(&bytes, now, &mut |event| tally.note(&event));
                }
            }
            Feed::Ended(stream) => {
                if let Some(mut intake) = intakes.remove(&stream) {
                    intake.finish(&mut |event| tally.note(&event));
                    tally.lines += intake.lines();
                    tally.losses.add(&intake.losses());
                }
            }
            Feed::State(_, SourceState::Failed(why)) => tally.failed.push(why),
            Feed::Skipped { path, why, .. } => tally.failed.push(format!("{}: skipped: {why}", path.display())),
            Feed::State(..)
            | Feed::Identified(..)
            | Feed::CaughtUp
            | Feed::Behind(_)
            | Feed::Lost(_)
            | Feed::Vanished(_) => {}
        }
        std::ops::ControlFlow::Continue(())
    });
    let failed = tally.bytes == 0 && !tally.failed.is_empty();
    let failure = failed.then(|| Failure {
        causes: tally.failed.clone(),
        ..Failure::new(FailureKind::User, "nothing could be read", "Check the paths and their permissions.")
    });
    let groups = &settings.config.groups.value;
    if command.json { tally.print_json(groups) } else { tally.print_words(groups) }?;
    failure.map_or(Ok(()), Err)
}

impl Tally {
    fn note(&mut self, event: &Event) {
        self.events += 1;
        if let Some(at) = event.time {
            self.span = Some(self.span.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
        }
        let is_full = self.signatures.len() >= SIGNATURES;
        if is_full && !self.signatures.contains_key(&event.signature.id) {
            self.beyond += 1;
            return;
        }
        let found = self.signatures.entry(event.signature.id).or_insert_with(|| Found {
            id: event.signature.id,
            template: event.signature.template.clone(),
            level: None,
            count: 0,
            first: None,
            last: None,
            per_minute: None,
            group: None,
        });
        found.count += 1;
        found.level = found.level.max(event.level);
        found.first = earlier(found.first, event.time);
        found.last = found.last.max(event.time);
    }

    /// Most frequent first, with rates over the minutes between the first and the last event.
    fn sorted(&mut self, definitions: &[Definition]) -> Vec<Found> {
        let minutes = self.span.map(|(first, last)| f64::from(last.minute().since(first.minute()) + 1));
        let mut found: Vec<Found> = self.signatures.drain().map(|(_, found)| found).collect();
        for found in &mut found {
            found.per_minute = minutes.filter(|_| found.first.is_some()).map(|minutes| found.count as f64 / minutes);
        }
        found.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.template.cmp(&b.template)));
        let members = found.iter().map(|found| Member { id: found.id, template: &found.template });
        let titles = Groups::titles(definitions, members);
        for (found, title) in found.iter_mut().zip(titles) {
            found.group = title;
        }
        found
    }

    fn print_json(mut self, definitions: &[Definition]) -> Result<(), Failure> {
        let signatures = self.sorted(definitions);
        let mut object = json!({
            "schema": SCHEMA, "lines": self.lines, "events": self.events, "bytes": self.bytes,
            "undecoded": self.losses.undecoded(), "first": self.span.map(|(first, _)| first),
            "last": self.span.map(|(_, last)| last), "signatures": signatures,
            "beyond_bound": self.beyond, "failed": self.failed,
        });
        merge(&mut object, &self.losses);
        write_json(&mut output(), &object)
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
            for found in &signatures {
                let level = found.level.map_or("-", Level::word);
                let rate = found.per_minute.map_or_else(|| "-".to_owned(), |rate| format!("{rate:.3}/min"));
                let seen = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
                let (first, last) = (seen(found.first), seen(found.last));
                let template = visible(&found.template, false);
                write!(out, "{:>9}  {rate:>12}  {level:<5}  {first:<24}  {last:<24}  ", found.count)?;
                let group = found.group.as_ref().map_or_else(String::new, |name| format!("  (in {name})"));
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

fn earlier(known: Option<Timestamp>, time: Option<Timestamp>) -> Option<Timestamp> {
    match (known, time) {
        (Some(known), Some(time)) => Some(known.min(time)),
        (known, time) => known.or(time),
    }
}
