//! The events that are not handed out yet, in the order in which they begin.
//!
//! Input: the lines of a stream. Output: events, and the offset that separates the lines of those handed out from the
//! lines of the others. Where events of several carriers overlap, they are handed out together, when the last is over.
//!
//! Pure. Bounded: an event waits for other carriers' lines only so long, and a tangle of events is cut at a size.

mod hold;
mod trust;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use super::flow::Flow;
use super::lane::Lane;
use super::lines::{Chunk, Line};
use super::open::{Open, Taken};
use super::pieces::{Joined, Pieces, Whole};
use super::sink::Sink;
use super::{Lead, Limits, Losses, Resume};
use crate::ingest::decode::{self, Context, Header, Layouts, Plain, Record};
use crate::ingest::signature::Signer;
use crate::units::Timestamp;
pub(super) use hold::{is_said, is_single};
use trust::Trust;

/// Lines of other carriers after which an event is over.
pub(super) const OTHER_LINES: u64 = 64;
/// Lines over which events of several carriers may overlap.
const TANGLED_LINES: u64 = 1024;
/// Bytes that overlapping events may keep, as a multiple of one event's cap.
const TANGLED_EVENTS: usize = 16;
/// How much longer an event waits that is visibly unfinished.
const UNFINISHED: u32 = 10;

/// The events not handed out, and what became of the others.
#[derive(Debug)]
pub(super) struct Queue {
    limits: Limits,
    context: Context,
    /// Not handed out, by where they begin.
    items: VecDeque<Open>,
    /// Stands for the items, while bytes are taken from who only counts.
    lane: Lane,
    trust: Trust,
    /// Where a message is put together that does not stand in its line as it is.
    joined: String,
    layouts: Layouts,
    pieces: Pieces,
    signer: Signer,
    losses: Losses,
    /// Lines seen.
    number: u64,
    done: Done,
    /// The last event of the stream was flushed before its successor came.
    is_flushed: bool,
    /// What the late continuations without a carrier tell about the next line.
    late: Flow,
}

/// Behind the last event handed out.
#[derive(Debug, Default)]
struct Done {
    offset: u64,
    /// What who reads on there must be told.
    lead: Lead,
}

impl Done {
    /// Notes that an event is handed out that ends here, and what is to be told there.
    #[inline]
    fn pass(&mut self, end: u64, behind: Option<&Arc<[u8]>>) {
        if end >= self.offset {
            self.offset = end;
            if self.lead.is_some() || behind.is_some() {
                self.lead = behind.cloned();
            }
        }
    }
}

impl Queue {
    pub(super) fn new(limits: Limits, from: &Resume) -> Self {
        let context = Context { zone: limits.zone.clone(), received: Timestamp::default() };
        Self {
            context,
            items: VecDeque::new(),
            lane: Lane::default(),
            trust: Trust::default(),
            joined: String::new(),
            layouts: Layouts::default(),
            pieces: Pieces::default(),
            signer: Signer::new(Arc::clone(&limits.overrides), limits.memo_bytes),
            limits,
            losses: Losses::default(),
            number: 0,
            done: Done { offset: from.offset, lead: from.lead.clone() },
            is_flushed: from.mid_event,
            late: Flow::unknown(),
        }
    }

    /// Begins anew; what is remembered of forms and headers stays.
    pub(super) fn restart(&mut self, mid_event: bool) {
        self.items.clear();
        self.lane = Lane::default();
        self.trust = Trust::default();
        self.pieces = Pieces::default();
        self.losses = Losses::default();
        self.done = Done::default();
        (self.number, self.is_flushed) = (0, mid_event);
        self.late = Flow::unknown();
    }

    /// Notes when the lines that follow were received.
    pub(super) fn receive(&mut self, now: Timestamp) {
        self.context.received = now;
    }

    /// Whether the last event of the stream was flushed before its successor came.
    pub(super) fn is_flushed(&self) -> bool {
        self.is_flushed
    }

    pub(super) fn losses(&self) -> Losses {
        let mut losses = self.losses;
        losses.cut += self.pieces.n_cut();
        losses
    }

    pub(super) fn resume(&self) -> Resume {
        if let Some(first) = self.lane.first() {
            let mid_event = first.was_flushed || self.is_flushed;
            return Resume { offset: first.start, mid_event, lead: first.lead().cloned() };
        }
        let begun = self.pieces.begun().iter().map(|begun| (begun.start, &begun.lead));
        let first = self.items.front();
        let mid_event = first.map_or(self.is_flushed, |first| first.mid_event(self.is_flushed));
        let places = first.map(|item| (item.start, &item.lead)).into_iter().chain(begun);
        let (offset, lead) = places.min_by_key(|(start, _)| *start).unwrap_or((self.done.offset, &self.done.lead));
        Resume { offset, mid_event, lead: lead.clone() }
    }

    /// When the first events are due, if nothing more comes.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        if let Some(first) = self.lane.first() {
            let at = first.at(self.context.received);
            return Some(at.after(self.limits.patience)).filter(|_| !first.is_closed);
        }
        let first = self.items.iter().take(self.n_overlapping(0));
        let open = first.filter(|item| !item.is_closed).map(|item| self.due(item)).max();
        let begun = self.pieces.begun().iter().map(|begun| begun.at.after(self.limits.patience));
        open.into_iter().chain(begun).min()
    }

    /// The end of the run of overlapping events that begins at this position.
    fn n_overlapping(&self, from: usize) -> usize {
        let mut end = 0;
        let run = self.items.iter().enumerate().skip(from).take_while(|(index, item)| {
            let belongs = *index == from || item.start < end;
            end = item.end.max(end);
            belongs
        });
        from + run.count()
    }

    fn due(&self, item: &Open) -> Timestamp {
        let patience = self.limits.patience;
        item.at.after(if item.flow.is_unfinished() { patience.saturating_mul(UNFINISHED) } else { patience })
    }

    /// Takes a line of a chunk, which may be a piece of a longer one.
    pub(super) fn take(&mut self, line: Line<'_>, chunk: &Chunk<'_>, sink: &mut impl Sink) {
        self.number += 1;
        match self.pieces.take(line, self.limits.line_bytes, self.number, self.context.received) {
            Joined::No => self.take_line(line, chunk, sink),
            Joined::Kept => self.settle(chunk),
            Joined::Whole(whole) => {
                self.settle(chunk);
                self.take_whole(&whole, sink);
            }
        }
        if self.items.len() > 1 || !self.pieces.begun().is_empty() {
            self.untangle(sink);
        }
    }

    fn take_line<S: Sink>(&mut self, line: Line<'_>, chunk: &Chunk<'_>, sink: &mut S) {
        if S::COUNTS
            && self.signer.is_plain()
            && let Some(plain) = line.plain.or_else(|| Plain::of(line.bytes.strip_suffix(b"\r").unwrap_or(line.bytes)))
        {
            return self.count(&line, &plain, chunk, sink);
        }
        self.settle(chunk);
        let read = decode::decode_with_text(line.bytes, &self.context);
        self.take_record(&line, 1, read, sink);
    }

    fn take_whole(&mut self, whole: &Whole, sink: &mut impl Sink) {
        let lead = whole.lead.as_ref();
        let line = Line { bytes: &whole.bytes, plain: None, start: whole.start, end: whole.end, lead, behind: lead };
        let read = decode::decode_with_text(line.bytes, &self.context);
        self.take_record(&line, whole.n_pieces, read, sink);
    }

    /// Takes a line that was read; nothing is held.
    fn take_record(&mut self, line: &Line<'_>, n_lines: u32, read: (Record, Cow<'_, str>), sink: &mut impl Sink) {
        let (record, text) = read;
        self.losses.malformed += u64::from(record.malformed);
        self.losses.not_utf8 += u64::from(record.not_utf8);
        let (lead, behind) = (line.lead.cloned(), line.behind.cloned());
        let line = Taken { record, text, start: line.start, end: line.end, lead, behind, n_lines, number: self.number };
        let Some(item) = self.items.iter_mut().rev().find(|item| item.is_open_to(&line.record)) else {
            return self.take_orphan(line);
        };
        if item.takes(&line.record) {
            let is_kept = item.add(&line, &self.limits, self.context.received);
            self.losses.overlong_events += u64::from(!is_kept);
            return;
        }
        item.is_closed = true;
        if self.items.len() == 1 && self.pieces.begun().is_empty() && !is_blank(&line.record) {
            return self.succeed(line, sink);
        }
        // Before the release, so that nothing is handed out that overlaps with it.
        self.begin(line);
        self.release(sink);
    }

    /// Puts an event in the place of the only one, which is over and overlaps with nothing: the way of most lines.
    fn succeed(&mut self, line: Taken<'_>, sink: &mut impl Sink) {
        let Some(item) = self.items.front_mut() else { return };
        let next = Open::new(line, &self.limits, self.context.received, self.is_flushed);
        self.is_flushed &= !next.head.carrier.is_empty();
        self.late = Flow::unknown();
        let over = std::mem::replace(item, next);
        self.done.pass(over.end, over.behind.as_ref());
        sink.take(over, &self.context, &mut self.signer);
    }

    /// Takes a line whose carrier has no open event.
    fn take_orphan(&mut self, line: Taken<'_>) {
        let record = &line.record;
        if is_blank(record) {
            return;
        }
        if !record.carrier.is_empty() {
            // Lines of others may stand between; who resumes there knows nothing of those before.
            self.late = Flow::unknown();
        }
        if self.is_flushed && self.late.takes(None, record, false) {
            self.late.advance(record, &line.text, false);
            self.losses.late_continuations += 1;
            return;
        }
        self.begin(line);
    }

    fn begin(&mut self, line: Taken<'_>) {
        if is_blank(&line.record) {
            return;
        }
        let item = Open::new(line, &self.limits, self.context.received, self.is_flushed);
        // Behind a carrier, lines of others may still be late.
        self.is_flushed &= !item.head.carrier.is_empty();
        self.late = Flow::unknown();
        match self.items.back() {
            Some(last) if last.start > item.start => {
                let position = self.items.partition_point(|other| other.start <= item.start);
                self.items.insert(position, item);
            }
            _ => self.items.push_back(item),
        }
    }

    /// Ends what waited too long for other carriers' lines, and tangles that grew too large.
    fn untangle(&mut self, sink: &mut impl Sink) {
        let number = self.number;
        for whole in self.pieces.give_up(|begun| number - begun.last > OTHER_LINES) {
            self.take_whole(&whole, sink);
        }
        let mut n_bytes = 0;
        for item in &mut self.items {
            n_bytes += item.n_bytes();
            if !item.is_closed && number.saturating_sub(item.last) > OTHER_LINES {
                item.is_closed = true;
                self.is_flushed = true;
            }
        }
        let first = self.items.front().map_or(number, |item| item.first);
        let is_large =
            number - first > TANGLED_LINES || n_bytes > self.limits.event_bytes.saturating_mul(TANGLED_EVENTS);
        if self.items.len() > 1 && is_large {
            for whole in self.pieces.give_up(|_| true) {
                self.take_whole(&whole, sink);
            }
            self.is_flushed = true;
            self.items.iter_mut().for_each(|item| item.is_closed = true);
        }
        self.release(sink);
    }

    /// Hands out the events from the front that are over and overlap with none that is not.
    fn release(&mut self, sink: &mut impl Sink) {
        let begun = self.pieces.begun().iter().map(|begun| begun.start).min().unwrap_or(u64::MAX);
        let (mut n_free, mut end) = (0, 0);
        for (index, item) in self.items.iter().enumerate().take_while(|(_, item)| item.is_closed) {
            end = item.end.max(end);
            let next = self.items.get(index + 1).map_or(u64::MAX, |next| next.start).min(begun);
            if end <= next {
                n_free = index + 1;
            }
        }
        for _ in 0..n_free {
            let Some(item) = self.items.pop_front() else { break };
            self.done.pass(item.end, item.behind.as_ref());
            sink.take(item, &self.context, &mut self.signer);
        }
    }

    /// Hands out the events whose deadline has passed; those that overlap wait for each other.
    pub(super) fn expire(&mut self, now: Timestamp, sink: &mut impl Sink) {
        self.settle(&Chunk::nothing());
        let patience = self.limits.patience;
        for whole in self.pieces.give_up(|begun| begun.at.after(patience) <= now) {
            self.take_whole(&whole, sink);
        }
        let mut from = 0;
        while from < self.items.len() {
            let to = self.n_overlapping(from);
            if self.items.range(from..to).any(|item| !item.is_closed && self.due(item) > now) {
                break;
            }
            self.is_flushed |= self.items.range(from..to).any(|item| !item.is_closed);
            self.items.iter_mut().take(to).for_each(|item| item.is_closed = true);
            from = to;
        }
        self.release(sink);
    }

    /// Hands out everything.
    pub(super) fn flush(&mut self, sink: &mut impl Sink) {
        self.settle(&Chunk::nothing());
        for whole in self.pieces.give_up(|_| true) {
            self.take_whole(&whole, sink);
        }
        self.items.iter_mut().for_each(|item| item.is_closed = true);
        self.release(sink);
    }
}

fn is_blank(record: &Record) -> bool {
    record.message.is_empty() && record.header != Header::Own
}
