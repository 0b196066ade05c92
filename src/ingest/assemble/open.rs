//! An event whose lines are still coming in.
//!
//! Input: the lines that belong to it. Output: the [`Event`]. Keeps no more text than the caps allow, and counts the rest.

use std::borrow::Cow;

use super::flow::Flow;
use super::held::{Away, Held};
use super::{Lead, Limits};
use crate::ingest::decode::{self, Context, Plain, Record};
use crate::ingest::signature::Place;
use crate::ingest::{Event, Level, signature, trace};
use crate::units::Timestamp;

/// A line with what was read from it.
#[derive(Debug)]
pub(super) struct Taken<'l> {
    pub(super) record: Record,
    /// As an event keeps it.
    pub(super) text: Cow<'l, str>,
    pub(super) start: u64,
    pub(super) end: u64,
    /// What reading must be told where it begins.
    pub(super) lead: Lead,
    /// What reading must be told where it ends.
    pub(super) behind: Lead,
    /// Raw lines it is made of.
    pub(super) n_lines: u32,
    /// Its number in the stream.
    pub(super) number: u64,
}

/// The event.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) flow: Flow,
    /// Its first line.
    pub(super) head: Record,
    /// The raw lines.
    text: String,
    /// The lines without headers, from the second line on with the first.
    body: String,
    n_lines: u32,
    n_kept: u32,
    /// Blank lines behind it, which belong to it only if another line follows.
    n_blank: u32,
    pub(super) start: u64,
    pub(super) end: u64,
    /// What reading must be told where it begins.
    pub(super) lead: Lead,
    /// What reading must be told where it ends.
    pub(super) behind: Lead,
    /// Number of its first line.
    pub(super) first: u64,
    /// Number of its last line.
    pub(super) last: u64,
    /// When its last line came.
    pub(super) at: Timestamp,
    /// No line can join it any more.
    pub(super) is_closed: bool,
    /// Whether an event before it was flushed, so that it began where continuations may be late.
    was_flushed: bool,
}

impl Open {
    pub(super) fn new(line: Taken<'_>, limits: &Limits, now: Timestamp, was_flushed: bool) -> Self {
        let mut text = line.text.into_owned();
        text.truncate(decode::cut(&text, limits.event_bytes).len());
        Self {
            flow: Flow::behind(&line.record),
            head: line.record,
            text,
            body: String::new(),
            n_lines: line.n_lines,
            n_kept: 1,
            n_blank: 0,
            start: line.start,
            end: line.end,
            lead: line.lead,
            behind: line.behind,
            first: line.number,
            last: line.number,
            at: now,
            is_closed: false,
            was_flushed,
        }
    }

    /// Whether who resumes where it begins must expect continuations of earlier events, given whether one was flushed.
    pub(super) fn mid_event(&self, is_flushed: bool) -> bool {
        // One that begins like a continuation must begin again.
        let is_orphan = Flow::unknown().takes(None, &self.head, false);
        self.was_flushed || (is_flushed && !is_orphan)
    }

    /// Whether it still waits for lines of the hand that wrote this one.
    pub(super) fn is_open_to(&self, line: &Record) -> bool {
        !self.is_closed && self.head.carrier == line.carrier
    }

    /// Whether it is one line of printable text, which read again comes to the same.
    pub(super) fn is_one_line(&self) -> bool {
        self.n_lines == 1 && self.n_blank == 0 && Plain::of(self.text.as_bytes()).is_some()
    }

    /// Becomes the same event, held; `place` tells where the signature of a message is.
    pub(super) fn become_held(self, held: &mut Held, place: impl FnOnce(&str) -> Place) {
        let Self { head, text, start, end, lead, behind, at, .. } = self;
        held.time = head.time;
        held.level = head.level;
        held.signature = place(head.message.trim());
        held.n_bytes = text.len();
        held.away = Some(Box::new(Away { bytes: text.into_bytes().into(), at, lead, behind }));
        (held.start, held.end, held.number) = (start, end, self.first);
        (held.was_flushed, held.is_said) = (self.was_flushed, true);
    }

    /// Bytes that it keeps.
    pub(super) fn n_bytes(&self) -> usize {
        self.text.len() + self.body.len()
    }

    /// Whether the line belongs to it.
    pub(super) fn takes(&mut self, line: &Record) -> bool {
        self.flow.takes(Some(&self.head), line, self.n_blank > 0)
    }

    /// Adds a line that belongs to it; says whether it was kept.
    pub(super) fn add(&mut self, line: &Taken<'_>, limits: &Limits, now: Timestamp) -> bool {
        (self.last, self.at) = (line.number, now);
        let Taken { record, .. } = line;
        if record.message.is_empty() && record.header != decode::Header::Own {
            self.n_blank = self.n_blank.saturating_add(line.n_lines);
            return true;
        }
        let is_awaited = std::mem::take(&mut self.head.awaits_message);
        if is_awaited {
            // Some servers say more of a message before it comes.
            self.head.awaits_message = decode::is_before_statement(&self.head, record);
            self.head.message.clone_from(&record.message);
            self.head.level = record.level.or(self.head.level);
            self.head.fields.extend(record.fields.iter().cloned());
        }
        self.flow.advance(record, &line.text, self.head.awaits_message);
        self.end = line.end;
        self.behind.clone_from(&line.behind);
        self.n_lines = self.n_lines.saturating_add(self.n_blank).saturating_add(line.n_lines);
        let n_blank = std::mem::take(&mut self.n_blank).min(2);
        let n_bytes = self.text.len() + line.text.len() + 1 + n_blank as usize;
        if self.n_kept >= limits.event_lines || n_bytes > limits.event_bytes {
            // What comes behind a gap would read as though it followed.
            self.n_kept = limits.event_lines;
            return false;
        }
        self.n_kept += 1;
        if self.body.is_empty() && !is_awaited {
            self.body.clone_from(&self.head.message);
        }
        for _ in 0..=n_blank {
            self.text.push('\n');
            self.body.push('\n');
        }
        self.text.push_str(&line.text);
        let indent = record.indent.max(record.margin).min(64);
        self.body.extend(std::iter::repeat_n(' ', indent));
        self.body.push_str(&record.message);
        true
    }

    /// Makes the event.
    pub(super) fn into_event(self, context: &Context, signer: &mut signature::Signer) -> Event {
        let Self { flow, mut head, text, body, n_lines, end, .. } = self;
        if flow.is_spread()
            && let Some(object) = decode::decode_spread(&text, context)
        {
            head = Record { carrier: head.carrier, ..object };
        }
        let trace = find_trace(&flow, &head, &body);
        let mut message = head.message;
        if let Some(trace) = &trace {
            lead(&mut message, trace);
        }
        let signature = signer.sign(&message, trace.as_ref(), &head.fields);
        Event {
            time: head.time,
            level: head.level.or(trace.is_some().then_some(Level::Error)),
            component: head.component,
            message,
            fields: head.fields,
            trace,
            text,
            n_lines,
            signature,
            end,
        }
    }
}

/// Reads the trace that a field, the lines, or the message of a single line hold.
fn find_trace(flow: &Flow, head: &Record, body: &str) -> Option<trace::Trace> {
    if let Some(found) = head.stack.as_deref().and_then(trace::parse) {
        return Some(found);
    }
    if !body.is_empty() {
        return if flow.has_trace() { trace::parse(body) } else { None };
    }
    let message = head.message.as_str();
    let is_telling = memchr::memchr(b'\n', message.as_bytes()).is_some() || may_tell_trace(message);
    if is_telling { trace::parse(message) } else { None }
}

/// Whether a message of one line may be a trace.
pub(super) fn may_tell_trace(message: &str) -> bool {
    message.starts_with(['t', 'p', 'f'])
        && ["thread '", "panic: ", "fatal error: "].iter().any(|front| message.starts_with(front))
}

/// Makes a message say what happened: the line that merely announces a trace is replaced by its exception.
fn lead(message: &mut String, trace: &trace::Trace) {
    let end = message.find('\n').unwrap_or(message.len());
    message.truncate(end);
    let first = message.trim();
    let says_nothing = first.is_empty()
        || first.starts_with("Traceback (most recent call last)")
        || first.starts_with("+ Exception Group Traceback")
        || (first.starts_with("goroutine ") && first.contains('['))
        || (first.starts_with("thread '") && first.ends_with(':'))
        || matches!(super::shape::shape(first), super::shape::Shape::Opens(super::shape::Dialect::Node));
    if says_nothing {
        *message = match trace.message.as_str() {
            "" => trace.exception.clone(),
            said => format!("{}: {said}", trace.exception),
        };
    }
}
