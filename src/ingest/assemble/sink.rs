//! What is handed out of an event: all of it, or what counting needs.

use super::open::Open;
use crate::ingest::decode::Context;
use crate::ingest::signature::{Signature, Signer};
use crate::ingest::{Event, Level};
use crate::units::Timestamp;

/// What counting needs of an event; each part is that of the whole [`Event`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick<'s> {
    /// When it happened, by its own words.
    pub time: Option<Timestamp>,
    /// Its level.
    pub level: Option<Level>,
    /// What groups it with the same event at other times.
    pub signature: &'s Signature,
    /// Offset in the stream just behind its last byte, line end included.
    pub end: u64,
}

/// Who takes the events.
pub(super) trait Sink {
    /// Whether ticks are enough, so that a line need not be copied into an event.
    const COUNTS: bool;

    /// Takes an event that is over.
    fn take(&mut self, over: Open, context: &Context, signer: &mut Signer);

    /// Takes an event of which nothing else was made.
    fn tick(&mut self, tick: Tick<'_>);
}

/// Wants whole events.
pub(super) struct Whole<'f, F>(pub(super) &'f mut F);

impl<F: FnMut(Event)> Sink for Whole<'_, F> {
    const COUNTS: bool = false;

    fn take(&mut self, over: Open, context: &Context, signer: &mut Signer) {
        (self.0)(over.into_event(context, signer));
    }

    fn tick(&mut self, _: Tick<'_>) {}
}

/// Wants ticks.
pub(super) struct Ticks<'f, F>(pub(super) &'f mut F);

impl<F: FnMut(Tick<'_>)> Sink for Ticks<'_, F> {
    const COUNTS: bool = true;

    fn take(&mut self, over: Open, context: &Context, signer: &mut Signer) {
        let traced = over.traced();
        if let Some((text, time, level)) = traced
            && let Some(signature) = signer.known_trace(text)
        {
            return self.tick(Tick { time, level, signature, end: over.end });
        }
        let may_note = traced.is_some();
        let Event { time, level, signature, end, trace, .. } = over.into_event(context, signer);
        if let Some(trace) = trace.filter(|_| may_note) {
            signer.note_trace(&trace, &signature);
        }
        self.tick(Tick { time, level, signature: &signature, end });
    }

    fn tick(&mut self, tick: Tick<'_>) {
        (self.0)(tick);
    }
}
