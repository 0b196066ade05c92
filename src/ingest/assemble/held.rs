//! An event of one plain line that is not copied into anything, because most of those are over with the next line.
//!
//! Input: a line that begins an event whatever came before it. Output: its tick when it is over; or the same event as any
//! other that is open, when the next line may belong to it.

use std::borrow::Cow;
use std::ops::Range;

use super::Limits;
use super::lines::{Chunk, Line};
use super::open::{Open, Taken};
use super::sink::Tick;
use crate::ingest::Level;
use crate::ingest::decode::{self, Beginning, Context};
use crate::ingest::signature::{Names, Place};
use crate::units::Timestamp;

/// The event.
#[derive(Debug)]
pub(super) struct Held {
    time: Timestamp,
    level: Level,
    signature: Place,
    line: Kept,
    start: u64,
    pub(super) end: u64,
    number: u64,
    at: Timestamp,
    was_flushed: bool,
}

/// Where the line is.
#[derive(Debug)]
enum Kept {
    /// In the chunk that lines are cut from; the event is settled before the next chunk.
    There(Range<usize>),
    Here(Box<[u8]>),
}

impl Held {
    /// Holds a line.
    pub(super) fn new(
        beginning: &Beginning<'_>,
        line: &Line<'_>,
        chunk: &Chunk<'_>,
        (number, at, was_flushed): (u64, Timestamp, bool),
        names: &mut Names,
    ) -> Self {
        // The message is a part of the line.
        let from = beginning.message.as_ptr().addr() - line.bytes.as_ptr().addr();
        let to = from + beginning.message.len();
        let place = line.place_in(chunk);
        let signature = match &place {
            Some(there) => names.place(chunk.bytes, there.start + from, there.start + to),
            None => names.place(line.bytes, from, to),
        };
        let kept = place.map_or_else(|| Kept::Here(line.bytes.into()), Kept::There);
        let Beginning { time, level, .. } = *beginning;
        Self { time, level, signature, line: kept, start: line.start, end: line.end, number, at, was_flushed }
    }

    /// What counting needs of it, now that it is over.
    pub(super) fn tick<'n>(&self, names: &'n Names) -> Tick<'n> {
        Tick { time: Some(self.time), level: Some(self.level), signature: names.at(self.signature), end: self.end }
    }

    /// The event as any other.
    pub(super) fn into_open(self, chunk: &Chunk<'_>, context: &Context, limits: &Limits) -> Open {
        let bytes = match &self.line {
            Kept::There(place) => chunk.bytes.get(place.clone()).unwrap_or_default(),
            Kept::Here(bytes) => bytes,
        };
        let (mut record, text) = decode::decode_with_text(bytes, context);
        // What the line left out was filled in when it came.
        record.time = Some(self.time);
        let text = Cow::Borrowed(text.as_ref());
        let line = Taken { record, text, start: self.start, end: self.end, n_lines: 1, number: self.number };
        Open::new(line, limits, self.at, self.was_flushed)
    }
}
