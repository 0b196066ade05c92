//! An event of one line that is not copied into anything, because most of those are over before another line joins them.
//!
//! Input: a line that no other held line continues. Output: its tick when it is over; or the same event as any other that
//! is open, when the next line may belong to it.

use std::borrow::Cow;
use std::sync::Arc;

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
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) number: u64,
    pub(super) signature: Place,
    /// Of the line, without its end.
    pub(super) n_bytes: usize,
    /// What few lines have before the next chunk comes; without it, the line lies in the chunk where it begins.
    pub(super) away: Option<Box<Away>>,
    /// Who brought it.
    pub(super) carrier: Carrier,
    pub(super) level: Option<Level>,
    pub(super) was_flushed: bool,
    pub(super) is_closed: bool,
    /// Its message has no part in a trace; of a line that begins an event whatever came before it, nobody looked.
    pub(super) is_said: bool,
}

/// A line away from the chunk that it was cut from, and what would else be known of it.
#[derive(Debug)]
pub(super) struct Away {
    pub(super) bytes: Box<[u8]>,
    /// When it came.
    pub(super) at: Timestamp,
    /// What reading must be told where it begins.
    pub(super) lead: Lead,
    /// What reading must be told where it ends.
    pub(super) behind: Lead,
}

impl Away {
    /// Keeps a line of a chunk that came at this time; `None` where it lies in the chunk and nothing must be told.
    #[inline]
    pub(super) fn of(line: &Line<'_>, is_there: bool, at: Timestamp) -> Option<Box<Self>> {
        if is_there && line.lead.is_none() && line.behind.is_none() {
            return None;
        }
        Some(Box::new(Self { bytes: line.bytes.into(), at, lead: line.lead.cloned(), behind: line.behind.cloned() }))
    }
}

impl Held {
    /// No event yet: a place for one.
    pub(super) const EMPTY: Self = Self {
        time: None,
        start: 0,
        end: 0,
        number: 0,
        signature: Place::NONE,
        n_bytes: 0,
        away: None,
        carrier: Carrier::NONE,
        level: None,
        was_flushed: false,
        is_closed: false,
        is_said: false,
    };

    /// What counting needs of it, now that it is over.
    #[inline]
    pub(super) fn tick<'n>(&self, names: &'n Names) -> Tick<'n> {
        Tick { time: self.time, level: self.level, signature: names.at(self.signature), end: self.end }
    }

    /// What reading must be told where it begins.
    pub(super) fn lead(&self) -> Option<&Arc<[u8]>> {
        self.away.as_ref()?.lead.as_ref()
    }

    /// What reading must be told where it ends.
    #[inline]
    pub(super) fn behind(&self) -> Option<&Arc<[u8]>> {
        self.away.as_ref()?.behind.as_ref()
    }

    /// When it came, if not with the chunk that came at `now`.
    pub(super) fn at(&self, now: Timestamp) -> Timestamp {
        self.away.as_ref().map_or(now, |away| away.at)
    }

    /// Copies the line, before the chunk that it may lie in, which came at `now`, is gone.
    pub(super) fn keep(&mut self, chunk: &Chunk<'_>, now: Timestamp) {
        if self.away.is_none() {
            let bytes = self.bytes(chunk).into();
            self.away = Some(Box::new(Away { bytes, at: now, lead: None, behind: None }));
        }
    }

    fn bytes<'b>(&'b self, chunk: &Chunk<'b>) -> &'b [u8] {
        match &self.away {
            Some(away) => &away.bytes,
            None => {
                chunk.part(self.start, self.n_bytes).map_or(b"", |place| chunk.bytes.get(place).unwrap_or_default())
            }
        }
    }

    /// The event as any other.
    pub(super) fn into_open(self, chunk: &Chunk<'_>, context: &Context, limits: &Limits) -> Open {
        let (mut record, text) = decode::decode_with_text(self.bytes(chunk), context);
        // What the line left out was filled in when it came.
        record.time = self.time;
        let text = Cow::Borrowed(text.as_ref());
        let Self { start, end, number, .. } = self;
        let (lead, behind) = (self.lead().cloned(), self.behind().cloned());
        let line = Taken { record, text, start, end, lead, behind, n_lines: 1, number };
        let mut open = Open::new(line, limits, self.at(context.received), self.was_flushed);
        open.is_closed = self.is_closed;
        open
    }
}
