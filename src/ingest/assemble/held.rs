//! An event of one plain line that is not copied into anything, because most of those are over with the next line.
//!
//! Input: a line that begins an event whatever came before it. Output: its tick when it is over; or the same event as any
//! other that is open, when the next line may belong to it.

use std::borrow::Cow;
use std::ops::Range;

use super::Limits;
use super::lines::Line;
use super::open::{Open, Taken};
use super::sink::Tick;
use crate::ingest::Level;
use crate::ingest::decode::{self, Beginning, Context};
use crate::ingest::signature::Names;
use crate::units::Timestamp;

/// Zeros behind the bytes of the line, so that its end can be read in whole blocks.
const PADDING: [u8; 64] = [0; 64];

/// The event.
#[derive(Debug)]
pub(super) struct Held {
    time: Timestamp,
    level: Level,
    message: Range<usize>,
    start: u64,
    pub(super) end: u64,
    number: u64,
    at: Timestamp,
    was_flushed: bool,
}

impl Held {
    /// Holds a line; `bytes` is what the line before it was kept in.
    pub(super) fn new(
        beginning: &Beginning<'_>,
        line: &Line<'_>,
        number: u64,
        at: Timestamp,
        was_flushed: bool,
        bytes: &mut Vec<u8>,
    ) -> Self {
        bytes.clear();
        bytes.extend_from_slice(line.bytes);
        bytes.extend_from_slice(&PADDING);
        // The message is a part of the line.
        let from = beginning.message.as_ptr().addr() - line.bytes.as_ptr().addr();
        let message = from..from + beginning.message.len();
        let Beginning { time, level, .. } = *beginning;
        Self { time, level, message, start: line.start, end: line.end, number, at, was_flushed }
    }

    /// What counting needs of it, now that it is over.
    pub(super) fn tick<'n>(&self, bytes: &[u8], names: &'n mut Names) -> Tick<'n> {
        Tick {
            time: Some(self.time),
            level: Some(self.level),
            signature: names.of_part(bytes, self.message.start, self.message.end),
            end: self.end,
        }
    }

    /// The event as any other.
    pub(super) fn into_open(self, bytes: &[u8], context: &Context, limits: &Limits) -> Open {
        let bytes = bytes.get(..bytes.len().saturating_sub(PADDING.len())).unwrap_or_default();
        let (mut record, text) = decode::decode_with_text(bytes, context);
        // What the line left out was filled in when it came.
        record.time = Some(self.time);
        let text = Cow::Borrowed(text.as_ref());
        let line = Taken { record, text, start: self.start, end: self.end, n_lines: 1, number: self.number };
        Open::new(line, limits, self.at, self.was_flushed)
    }
}
