//! The short way of lines that are only counted: they are held where they lie until they are over.
//!
//! A line is held when reading it tells that it joins no held event, and no held line can join it. All that is held is
//! ordered and released as the queue would; where that cannot be told, what is held becomes items of the queue.

use std::ops::Range;

use super::super::carriers::Carrier;
use super::super::flow::is_spread;
use super::super::held::Away;
use super::super::lines::{Chunk, Line};
use super::super::open::{Open, may_tell_trace};
use super::super::shape;
use super::super::sink::Sink;
use super::{OTHER_LINES, Queue, TANGLED_EVENTS};
use crate::ingest::Level;
use crate::ingest::decode::{self, Beginning, Carried, Plain, Reading, Record, is_bare};
use crate::ingest::signature::{FOLD_BYTES, Place};
use crate::units::Timestamp;

/// A longer message is not held beside others: its fold, in which each code is a byte longer, may be too long to be kept.
const MESSAGE_BYTES: usize = FOLD_BYTES / 2;
/// What a line says, and where its message is.
struct Said<'l> {
    time: Option<Timestamp>,
    level: Option<Level>,
    message: &'l str,
    /// Belongs to the message, behind a blank; mostly empty.
    tail: &'l str,
    carrier: Carrier,
    is_said: bool,
}

impl Queue {
    /// Takes a line that is nothing but printable text, for who counts.
    pub(super) fn count(&mut self, line: &Line<'_>, plain: &Plain<'_>, chunk: &Chunk<'_>, sink: &mut impl Sink) {
        if let Some(glance) = decode::indented(plain.text) {
            self.trust.interrupt();
            self.settle(chunk);
            return self.take_record(line, 1, (glance.into_record(), plain.text.into()), sink);
        }
        if let Some(beginning) = self.layouts.read(plain, &self.context)
            && self.holds(&beginning, line, chunk, sink)
        {
            return;
        }
        if let Some(carried) = self.layouts.carried(plain, &self.context)
            && self.holds_carried(&carried, line, chunk, sink)
        {
            return;
        }
        if is_bare(plain) {
            if !self.holds_bare(plain.text, line, chunk, sink) {
                self.settle(chunk);
                self.take_record(line, 1, (Record::bare(plain.text), plain.text.into()), sink);
            }
            return;
        }
        let record = match decode::read(plain.text, &self.context) {
            Reading::Glance(glance) => {
                self.layouts.learn(plain.text, &glance);
                if glance.beginning().is_some_and(|beginning| self.holds(&beginning, line, chunk, sink)) {
                    return;
                }
                glance.into_record()
            }
            Reading::Record(record) => record,
        };
        if self.holds_record(&record, line, chunk, sink) {
            return;
        }
        self.settle(chunk);
        self.take_record(line, 1, (record, plain.text.into()), sink);
    }

    /// Holds a line that begins an event whatever came before it.
    fn holds(&mut self, beginning: &Beginning<'_>, line: &Line<'_>, chunk: &Chunk<'_>, sink: &mut impl Sink) -> bool {
        let Beginning { time, level, message, tail } = *beginning;
        if !self.pieces.begun().is_empty() || may_tell_trace(message) {
            return false;
        }
        if self.lane.is_only() {
            self.hand_out_first(sink);
        } else if self.items.len() == 1
            && self.items.front().is_some_and(|only| !only.is_closed && only.is_of_none() && only.flow.is_plain())
        {
            while let Some(over) = self.items.pop_front() {
                self.done.pass(over.end, over.behind.as_ref());
                sink.take(over, &self.context, &mut self.signer);
            }
        } else if !self.may_hold(message, line, chunk) {
            return false;
        }
        let carrier = Carrier::NONE;
        let said = Said { time: Some(time), level: Some(level), message, tail, carrier, is_said: false };
        self.hold(said, line, chunk, sink);
        true
    }

    /// Holds a line of a carrier, or one with but a time in front.
    fn holds_carried(
        &mut self,
        carried: &Carried<'_>,
        line: &Line<'_>,
        chunk: &Chunk<'_>,
        sink: &mut impl Sink,
    ) -> bool {
        let Carried { time, level, message, tail, .. } = *carried;
        let is_of_none = carried.writer.is_empty();
        if !is_said(message) || (is_of_none && self.may_go_on()) {
            return false;
        }
        self.trust.gain();
        if !self.may_hold(message, line, chunk) {
            return false;
        }
        let carrier = self.lane.carrier(carried.writer.iter().copied());
        self.hold(Said { time, level, message, tail, carrier, is_said: true }, line, chunk, sink);
        true
    }

    /// Holds a line that is a message and nothing else.
    fn holds_bare(&mut self, text: &str, line: &Line<'_>, chunk: &Chunk<'_>, sink: &mut impl Sink) -> bool {
        let message = text.trim_end_matches(' ');
        if !is_said(message) || self.may_go_on() {
            self.trust.interrupt();
            return false;
        }
        self.trust.gain();
        if !self.may_hold(message, line, chunk) {
            return false;
        }
        let (level, carrier) = (decode::implied(message), Carrier::NONE);
        self.hold(Said { time: None, level, message, tail: "", carrier, is_said: true }, line, chunk, sink);
        true
    }

    /// Holds a line that was read in full.
    fn holds_record(&mut self, record: &Record, line: &Line<'_>, chunk: &Chunk<'_>, sink: &mut impl Sink) -> bool {
        if !is_single(record) || (record.carrier.is_empty() && self.may_go_on()) {
            self.trust.interrupt();
            return false;
        }
        self.trust.gain();
        if !self.may_hold(&record.message, line, chunk) {
            return false;
        }
        self.losses.malformed += u64::from(record.malformed);
        let said = Said {
            time: record.time,
            level: record.level,
            message: record.message.trim(),
            tail: "",
            carrier: self.lane.carrier([record.carrier.as_str()]),
            is_said: true,
        };
        self.hold(said, line, chunk, sink);
        true
    }

    /// Whether a single line that no carrier brought might continue what came before it: an event that is open, or one that
    /// was flushed where none is.
    fn may_go_on(&self) -> bool {
        if !self.lane.is_empty() {
            return self.lane.may_go_on();
        }
        !(self.items.len() == 1
            && self.items.front().is_some_and(|only| !only.is_closed && only.is_of_none() && only.is_single()))
    }

    /// Whether a line with this message may be held beside what is; makes room for it.
    fn may_hold(&mut self, message: &str, line: &Line<'_>, chunk: &Chunk<'_>) -> bool {
        let is_short = message.len() < MESSAGE_BYTES && self.is_short(line.bytes.len());
        if !is_short || !self.pieces.begun().is_empty() {
            return false;
        }
        if self.lane.first().is_some_and(|first| !first.signature.is_kept() || !self.is_short(first.n_bytes)) {
            self.settle(chunk);
        }
        if self.signer.names().is_full() || self.lane.is_full() {
            // Places of signatures are good until room is made, numbers of carriers until nothing is held.
            self.open_all(chunk);
            self.signer.names_mut().make_room();
            self.trust.keep();
        }
        if !self.lane.is_empty() || self.items.is_empty() {
            return true;
        }
        let may_hold = (self.items.len() == 1 || self.trust.is_there())
            && self.items.iter().all(|item| item.is_single() && self.is_short(item.n_bytes()));
        if may_hold {
            self.trust.begin(self.number);
            for item in std::mem::take(&mut self.items) {
                let carrier = self.lane.carrier([item.head.carrier.as_str()]);
                let place = |message: &str| self.signer.names_mut().place(message.as_bytes(), 0, message.len());
                self.lane.push(carrier, item.is_closed, |held| item.become_held(held, place));
            }
        }
        may_hold
    }

    /// Whether as many lines of this length as may be held are less than events may keep while they overlap.
    fn is_short(&self, n_bytes: usize) -> bool {
        let most = self.limits.event_bytes.saturating_mul(TANGLED_EVENTS);
        n_bytes <= self.limits.event_bytes && n_bytes.saturating_mul(OTHER_LINES as usize + 2) <= most
    }

    /// Holds a line, which ends the event of its carrier that is open, and hands out what is over.
    fn hold(&mut self, said: Said<'_>, line: &Line<'_>, chunk: &Chunk<'_>, sink: &mut impl Sink) {
        let was_flushed = self.is_flushed;
        self.is_flushed &= said.carrier != Carrier::NONE;
        self.late = super::Flow::unknown();
        if self.lane.is_empty() {
            self.signer.names_mut().make_room();
        }
        let there = line.place_in(chunk);
        let signature = self.place(&said, line, there.clone(), chunk);
        self.lane.push(said.carrier, false, |held| {
            (held.time, held.level, held.signature) = (said.time, said.level, signature);
            (held.start, held.end, held.number) = (line.start, line.end, self.number);
            (held.was_flushed, held.is_said) = (was_flushed, said.is_said);
            held.n_bytes = line.bytes.len();
            held.away = Away::of(line, there.is_some(), self.context.received);
        });
        while let Some(first) = self.lane.first_over(self.number) {
            self.is_flushed |= !first.is_closed;
            self.hand_out_first(sink);
        }
    }

    /// Hands out the first event that is held.
    #[inline]
    fn hand_out_first(&mut self, sink: &mut impl Sink) {
        let Some(first) = self.lane.first() else { return };
        self.done.pass(first.end, first.behind());
        sink.tick(first.tick(self.signer.names()));
        self.lane.drop_first();
    }

    /// The place of the signature of what was said, which mostly is a part of the chunk.
    fn place(&mut self, said: &Said<'_>, line: &Line<'_>, there: Option<Range<usize>>, chunk: &Chunk<'_>) -> Place {
        let names = self.signer.names_mut();
        if !said.tail.is_empty() {
            self.joined.clear();
            self.joined.extend([said.message, " ", said.tail]);
            return names.place(self.joined.as_bytes(), 0, self.joined.len());
        }
        let message = said.message.as_bytes();
        let from = message.as_ptr().addr().wrapping_sub(line.bytes.as_ptr().addr());
        let is_part = line.bytes.get(from..).is_some_and(|rest| rest.len() >= message.len());
        match there.filter(|_| is_part) {
            Some(there) => names.place(chunk.bytes, there.start + from, there.start + from + message.len()),
            None => names.place(message, 0, message.len()),
        }
    }

    /// Makes the held events, which may lie in this chunk, ones like any other.
    pub(in super::super) fn settle(&mut self, chunk: &Chunk<'_>) {
        if self.lane.len() > 1 {
            self.trust.lost(self.number);
        }
        self.open_all(chunk);
    }

    fn open_all(&mut self, chunk: &Chunk<'_>) {
        let opened = self.lane.drain().map(|held| held.into_open(chunk, &self.context, &self.limits));
        self.items.extend(opened);
    }

    /// Keeps the held lines beyond this chunk.
    pub(in super::super) fn keep(&mut self, chunk: &Chunk<'_>) {
        self.lane.keep(chunk, self.context.received);
    }
}

/// Whether a message neither belongs to a trace nor begins one.
pub(in super::super) fn is_said(message: &str) -> bool {
    !may_tell_trace(message) && shape::is_said(message)
}

/// Whether a line joins no event of single lines, and no single line joins it.
pub(in super::super) fn is_single(record: &Record) -> bool {
    let is_flush = record.indent == 0 && record.margin == 0;
    let is_whole = !record.message.is_empty() && memchr::memchr(b'\n', record.message.as_bytes()).is_none();
    let is_plain = record.stack.is_none() && !record.awaits_message && !record.not_utf8 && !is_spread(record);
    is_flush && is_whole && is_plain && record.message.len() < MESSAGE_BYTES && is_said(record.message.trim())
}

impl Open {
    /// Whether no carrier brought it.
    fn is_of_none(&self) -> bool {
        self.head.carrier.is_empty()
    }

    /// Whether it is a single line that no single line joins, and would be read again as it was.
    fn is_single(&self) -> bool {
        self.is_one_line() && self.flow.is_plain() && is_single(&self.head)
    }
}
