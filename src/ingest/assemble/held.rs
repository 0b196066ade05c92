//! An event of one line that is not copied into anything, because most of those are over before another line joins them.
//!
//! Input: a line that no other held line continues. Output: its tick when it is over; or the same event as any other that
//! is open, when the next line may belong to it.

use std::borrow::Cow;
use std::ops::Range;

use super::carriers::Carrier;
use super::lines::{Chunk, Line};
use super::open::{Open, Taken};
use super::sink::Tick;
use super::{Lead, Limits};
use crate::ingest::Level;
use crate::ingest::decode::{self, Context};
use crate::ingest::signature::{Names, Place};
use crate::units::Timestamp;

/// The event.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) time: Option<Timestamp>,
    pub(super) level: Option<Level>,
    pub(super) signature: Place,
    /// Who brought it.
    pub(super) carrier: Carrier,
    pub(super) line: Kept,
    pub(super) start: u64,
    pub(super) end: u64,
    /// What reading must be told where it begins.
    pub(super) lead: Lead,
    /// What reading must be told where it ends.
    pub(super) behind: Lead,
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) was_flushed: bool,
    pub(super) is_closed: bool,
    /// Its message has no part in a trace; of a line that begins an event whatever came before it, nobody looked.
    pub(super) is_said: bool,
}

/// Where the line is.
#[derive(Debug)]
pub(super) enum Kept {
    /// In the chunk that lines are cut from; it is copied before the next chunk.
    There(Range<usize>),
    Here(Box<[u8]>),
}

impl Kept {
    /// Keeps a line of this chunk.
    pub(super) fn of(line: &Line<'_>, chunk: &Chunk<'_>) -> Self {
        line.place_in(chunk).map_or_else(|| Self::Here(line.bytes.into()), Self::There)
    }
}

impl Held {
    /// Bytes that it keeps.
    pub(super) fn n_bytes(&self) -> usize {
        match &self.line {
            Kept::There(place) => place.len(),
            Kept::Here(bytes) => bytes.len(),
        }
    }

    /// What counting needs of it, now that it is over.
    pub(super) fn tick<'n>(&self, names: &'n Names) -> Tick<'n> {
        Tick { time: self.time, level: self.level, signature: names.at(self.signature), end: self.end }
    }

    /// Copies the line, before the chunk that it may lie in is gone.
    pub(super) fn keep(&mut self, chunk: &Chunk<'_>) {
        if let Kept::There(place) = &self.line {
            self.line = Kept::Here(chunk.bytes.get(place.clone()).unwrap_or_default().into());
        }
    }

    /// The event as any other.
    pub(super) fn into_open(self, chunk: &Chunk<'_>, context: &Context, limits: &Limits) -> Open {
        let bytes = match &self.line {
            Kept::There(place) => chunk.bytes.get(place.clone()).unwrap_or_default(),
            Kept::Here(bytes) => bytes,
        };
        let (mut record, text) = decode::decode_with_text(bytes, context);
        // What the line left out was filled in when it came.
        record.time = self.time;
        let text = Cow::Borrowed(text.as_ref());
        let Self { start, end, lead, behind, number, .. } = self;
        let line = Taken { record, text, start, end, lead, behind, n_lines: 1, number };
        let mut open = Open::new(line, limits, self.at, self.was_flushed);
        open.is_closed = self.is_closed;
        open
    }
}
