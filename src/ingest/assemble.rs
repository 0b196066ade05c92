//! Joins lines into events.
//!
//! Input: chunks of one stream, cut anywhere, and the time. Output: [`Event`]s, in the order in which they begin, and
//! the place from which to read on. Lines of different carriers (pods, containers, programs) may alternate: each
//! carrier has its own open event, and what overlaps is handed out together, so that one offset tells what was counted.
//!
//! Pure. Waits for nothing: [`Intake::deadline`] says when it wants to be called.

mod carriers;
mod cutter;
mod directives;
mod flow;
mod held;
mod lane;
mod lines;
mod open;
mod pieces;
mod queue;
mod seam;
mod shape;
mod sink;

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::signature::Overrides;
use super::{Event, Losses};
use crate::units::Timestamp;
pub use cutter::Lead;
use lines::{Chunk, Lines};
use queue::Queue;
pub use seam::{Seam, Seams};
pub use sink::Tick;
use sink::{Sink, Ticks, Whole};

/// Bounds on what one stream may hold in memory, and how long an open event waits.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one line; longer lines are cut.
    pub line_bytes: usize,
    /// Raw lines kept of one event.
    pub event_lines: u32,
    /// Bytes of text kept of one event.
    pub event_bytes: usize,
    /// How long an open event waits for a continuation line before it is flushed.
    pub patience: Duration,
    /// Bytes of forms of messages whose signatures are remembered, and as many of traces, which saves time and changes
    /// nothing.
    pub memo_bytes: usize,
    /// The zone of times that name none.
    pub zone: TimeZone,
    /// What a configuration changes in how signatures are made.
    pub overrides: Arc<Overrides>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line_bytes: 256 * 1024,
            event_lines: 1_000,
            event_bytes: 256 * 1024,
            patience: Duration::from_millis(500),
            memo_bytes: 1024 * 1024,
            zone: TimeZone::UTC,
            overrides: Arc::default(),
        }
    }
}

/// Where reading goes on so that no event is lost or doubled, and what it must know there.
///
/// All lines of the events handed out lie before it, all lines of the others behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resume {
    /// Offset in the stream; within a line where that holds many records.
    pub offset: u64,
    /// The last event before it was flushed before its successor came, so continuation lines found here belong to it and
    /// are no events of their own.
    pub mid_event: bool,
    /// What was said before it that the lines behind it need: the names of their columns, or what a line of many records
    /// says of all of them.
    pub lead: Lead,
}

/// One stream's way from bytes to events.
#[derive(Debug)]
pub struct Intake {
    lines: Lines,
    queue: Queue,
}

impl Intake {
    /// Goes on in a stream; by default at its start.
    #[must_use]
    pub fn new(limits: Limits, from: &Resume) -> Self {
        Self { lines: Lines::new(limits.line_bytes, from.offset, &from.lead), queue: Queue::new(limits, from) }
    }

    /// Begins another stream with the offset 0: at its start; or with what lies behind a [`Seam`], given its `mid_event`.
    /// What is remembered to save time stays.
    pub fn restart(&mut self, mid_event: Option<bool>) {
        self.lines.restart(mid_event.is_none());
        self.queue.restart(mid_event.unwrap_or_default());
    }

    /// Takes the next bytes, received at `now`; hands finished events to `sink`.
    pub fn push(&mut self, bytes: &[u8], now: Timestamp, sink: &mut impl FnMut(Event)) {
        self.take(bytes, now, &mut Whole(sink));
    }

    /// Takes the next bytes and hands out of each event only its [`Tick`], several times as fast as [`push`](Self::push).
    ///
    /// Which of the two is called makes no difference for what is an event, nor for its time, level and signature.
    pub fn count(&mut self, bytes: &[u8], now: Timestamp, sink: &mut impl FnMut(Tick<'_>)) {
        self.take(bytes, now, &mut Ticks(sink));
    }

    fn take(&mut self, bytes: &[u8], now: Timestamp, sink: &mut impl Sink) {
        let Self { lines, queue } = self;
        queue.receive(now);
        let chunk = Chunk { bytes, offset: lines.offset() };
        lines.push(bytes, |line| queue.take(line, &chunk, sink));
        queue.keep(&chunk);
    }

    /// When the open event must be flushed even if no further line comes.
    ///
    /// An event that is visibly unfinished, such as a traceback without its exception, may wait longer.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        self.queue.deadline()
    }

    /// Hands out the open events whose deadline has passed.
    pub fn expire(&mut self, now: Timestamp, sink: &mut impl FnMut(Event)) {
        self.queue.expire(now, &mut Whole(sink));
    }

    /// Ends the stream: a last line without line end and the open events are handed out.
    pub fn finish(&mut self, sink: &mut impl FnMut(Event)) {
        self.end(&mut Whole(sink));
    }

    /// Ends the stream like [`finish`](Self::finish), for who counts.
    pub fn finish_count(&mut self, sink: &mut impl FnMut(Tick<'_>)) {
        self.end(&mut Ticks(sink));
    }

    fn end(&mut self, sink: &mut impl Sink) {
        let Self { lines, queue } = self;
        lines.finish(|line| queue.take(line, &Chunk::nothing(), sink));
        queue.flush(sink);
    }

    /// Whether an event was flushed, so that a continuation without an open event belongs to it.
    #[must_use]
    pub fn is_flushed(&self) -> bool {
        self.queue.is_flushed()
    }

    /// Where reading must resume.
    #[must_use]
    pub fn resume(&self) -> Resume {
        self.queue.resume()
    }

    /// Lines seen so far, empty ones included.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines.n_lines()
    }

    /// What was lost so far.
    #[must_use]
    pub fn losses(&self) -> Losses {
        let mut losses = self.queue.losses();
        losses.cut += self.lines.n_cut();
        losses
    }
}
