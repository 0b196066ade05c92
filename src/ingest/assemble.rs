//! Joins lines into events.
use super::{Event, Losses};
use crate::units::Timestamp;
use jiff::tz::TimeZone;
use std::time::Duration;

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
    /// The zone of times that name none.
    pub zone: TimeZone,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line_bytes: 256 * 1024,
            event_lines: 1_000,
            event_bytes: 256 * 1024,
            patience: Duration::from_millis(500),
            zone: TimeZone::UTC,
        }
    }
}

/// One stream's way from bytes to events.
#[derive(Debug)]
pub struct Intake {
    limits: Limits,
}

impl Intake {
    /// Starts at this offset of the stream.
    ///
    /// `mid_event` says that the last event before the offset was flushed by its deadline, so
    /// continuation lines found here belong to it and are no events of their own.
    #[must_use]
    pub fn new(limits: Limits, offset: u64, mid_event: bool) -> Self {
        let _ = (offset, mid_event);
        Self { limits }
    }

    /// Takes the next bytes, received at `now`; hands finished events to `sink`.
    pub fn push(&mut self, bytes: &[u8], now: Timestamp, sink: &mut impl FnMut(Event)) {
        let _ = (bytes, now, sink, &self.limits);
        unimplemented!()
    }

    /// When the open event must be flushed even if no further line comes.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        unimplemented!()
    }

    /// Hands out the open event once its deadline has passed.
    pub fn expire(&mut self, now: Timestamp, sink: &mut impl FnMut(Event)) {
        let _ = (now, sink);
        unimplemented!()
    }

    /// Ends the stream: a last line without line end and the open event are handed out.
    pub fn finish(&mut self, sink: &mut impl FnMut(Event)) {
        let _ = sink;
        unimplemented!()
    }

    /// Where reading must resume so that no event is lost or doubled: behind the last event handed out.
    #[must_use]
    pub fn resume(&self) -> (u64, bool) {
        unimplemented!()
    }

    /// Lines seen so far, empty ones included.
    #[must_use]
    pub fn lines(&self) -> u64 {
        unimplemented!()
    }

    /// What was lost so far.
    #[must_use]
    pub fn losses(&self) -> Losses {
        unimplemented!()
    }
}
