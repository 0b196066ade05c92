//! Adds up what a scan counts.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use serde::{Serialize, Serializer};

use crate::detect::Groups;
use crate::detect::groups::{Definition, Member};
use crate::ingest::{Level, Losses, Tick};
use crate::units::{SignatureId, Timestamp};

/// Signatures kept apart, and about what they may take in memory; beyond, further ones are counted together.
const SIGNATURES: usize = 100_000;
const SIGNATURE_BYTES: usize = 8 << 20;

/// One signature of the scanned logs.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    pub(super) id: SignatureId,
    pub(super) template: String,
    pub(super) level: Option<Level>,
    pub(super) count: u64,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
}

/// A signature as it is printed.
#[derive(Debug, Serialize)]
pub(super) struct Row<'t> {
    #[serde(flatten)]
    pub(super) found: &'t Found,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) per_minute: Option<f64>,
    /// The group that it is shown in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<&'t str>,
}

/// All signatures, most frequent first. Each row is made when it is printed.
#[derive(Debug)]
pub(super) struct Rows {
    found: Vec<Found>,
    /// What the groups of those that are in one are called.
    titles: Vec<Option<String>>,
    /// Minutes between the first and the last event of all.
    minutes: Option<f64>,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.found.iter().zip(&self.titles).map(|(found, title)| Row {
            found,
            per_minute: self.minutes.filter(|_| found.first.is_some()).map(|minutes| found.count as f64 / minutes),
            group: title.as_deref(),
        })
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl Found {
    /// About what it takes: its template is held, and cut into words for the groups.
    fn n_bytes(&self) -> usize {
        64 + 2 * self.template.len()
    }

    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.level = self.level.max(other.level);
        self.first = earlier(self.first, other.first);
        self.last = self.last.max(other.last);
    }
}

/// The first and the last time of all events.
type Span = (Option<Timestamp>, Option<Timestamp>);

/// What was counted in a block.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) bytes: u64,
    pub(super) lines: u64,
    pub(super) losses: Losses,
    /// Whether an event was flushed that continuations behind it may belong to.
    pub(super) is_flushed: bool,
    /// Why the rest of it could not be read.
    pub(super) failed: Option<String>,
    events: u64,
    span: Span,
    /// In the order in which they were seen.
    found: Vec<Found>,
    places: HashMap<SignatureId, usize, RandomState>,
}

impl Counted {
    /// Counts an event.
    pub(super) fn note(&mut self, tick: &Tick<'_>) {
        self.events += 1;
        self.span = (earlier(self.span.0, tick.time), self.span.1.max(tick.time));
        let id = tick.signature.id;
        if let Some(found) = self.places.get(&id).and_then(|place| self.found.get_mut(*place)) {
            found.count += 1;
            found.level = found.level.max(tick.level);
            found.first = earlier(found.first, tick.time);
            found.last = found.last.max(tick.time);
            return;
        }
        self.places.insert(id, self.found.len());
        let template = tick.signature.template.clone();
        let (level, time) = (tick.level, tick.time);
        self.found.push(Found { id, template, level, count: 1, first: time, last: time });
    }

    /// How many there are.
    pub(super) fn n_signatures(&self) -> usize {
        self.found.len()
    }

    /// Gives back what only counting needed.
    pub(super) fn close(&mut self) {
        self.places = HashMap::default();
        self.found.shrink_to_fit();
    }
}

/// What a scan adds up.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) lines: u64,
    pub(super) events: u64,
    pub(super) bytes: u64,
    pub(super) losses: Losses,
    pub(super) failed: Vec<String>,
    /// Events of signatures beyond the bound.
    pub(super) beyond: u64,
    pub(super) span: Span,
    signatures: HashMap<SignatureId, Found, RandomState>,
    n_bytes: usize,
}

impl Tally {
    /// Adds a block.
    pub(super) fn add(&mut self, counted: Counted) {
        self.bytes += counted.bytes;
        self.lines += counted.lines;
        // One file fails in one way, however many of its blocks are left.
        self.failed.extend(counted.failed.filter(|why| self.failed.last() != Some(why)));
        self.events += counted.events;
        self.losses.add(&counted.losses);
        self.span = (earlier(self.span.0, counted.span.0), self.span.1.max(counted.span.1));
        for found in counted.found {
            if let Some(known) = self.signatures.get_mut(&found.id) {
                known.add(&found);
            } else if self.signatures.len() < SIGNATURES && self.n_bytes < SIGNATURE_BYTES {
                self.n_bytes += found.n_bytes();
                self.signatures.insert(found.id, found);
            } else {
                self.beyond += found.count;
            }
        }
    }

    /// Most frequent first, with rates over the minutes between the first and the last event of all.
    pub(super) fn sorted(&mut self, definitions: &[Definition]) -> Rows {
        let mut found: Vec<Found> = std::mem::take(&mut self.signatures).into_values().collect();
        found.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.template.cmp(&b.template)));
        let members = found.iter().map(|found| Member { id: found.id, template: &found.template });
        let titles = Groups::titles(definitions, members);
        let minutes =
            self.span.0.zip(self.span.1).map(|(first, last)| f64::from(last.minute().since(first.minute()) + 1));
        Rows { found, titles, minutes }
    }
}

fn earlier(known: Option<Timestamp>, time: Option<Timestamp>) -> Option<Timestamp> {
    match (known, time) {
        (Some(known), Some(time)) => Some(known.min(time)),
        (known, time) => known.or(time),
    }
}
