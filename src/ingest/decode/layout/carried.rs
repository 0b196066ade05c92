//! Reads lines that a carrier brought, and lines with a time and nothing else in front, without a copy.
//!
//! Says what reading the line in full comes to, and only where no other format could claim it.

use super::super::bare::{is_bare, is_bare_behind_time};
use super::super::time::Recent;
use super::super::{Context, Plain, Reading, WRAPPERS, plain, reading};
use super::outer::{Outer, Times, Writer};
use super::{Beginning, Layouts};
use crate::ingest::Level;
use crate::units::Timestamp;

/// Carried lines in a row that had to be read in full, after which few are read twice to learn of them.
const MISSED: u32 = 16;

/// A line that neither continues nor begins anything but itself, as far as it tells.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::ingest) struct Carried<'l> {
    pub(in crate::ingest) time: Option<Timestamp>,
    pub(in crate::ingest) level: Option<Level>,
    /// Who brought it; nobody where it has but a time.
    pub(in crate::ingest) writer: Writer<'l>,
    /// A part of the line, without blanks around it, and not empty.
    pub(in crate::ingest) message: &'l str,
    /// What belongs to the message behind a blank, where it does not stand there; mostly nothing.
    pub(in crate::ingest) tail: &'l str,
}

/// What is known of the lines of one stream.
#[derive(Debug, Default)]
pub(super) struct Carriers {
    times: Times,
    recent: Recent,
    /// How what is carried is laid out.
    inside: Option<Box<Layouts>>,
    n_missed: u32,
}

impl Carriers {
    /// Reads a line; `None` where it must be read in full.
    pub(super) fn read<'l>(&mut self, line: &Plain<'l>, context: &Context) -> Option<Carried<'l>> {
        let Some(Outer { time, level, writer, content }) = self.times.outer(line, context) else {
            return timed(line, &mut self.recent, context);
        };
        let content = Plain { text: content, ..*line };
        if is_bare(&content) {
            let message = content.text.trim_end_matches(' ');
            let level = plain::implied(message).or(level);
            return Some(Carried { time, level, writer, message, tail: "" });
        }
        let inside = self.inside.get_or_insert_default();
        if let Some(Beginning { time, level, message, tail }) = inside.read(&content, context) {
            return Some(Carried { time: Some(time), level: Some(level), writer, message, tail })
                .filter(Carried::is_told);
        }
        if let Some(said) = timed(&content, &mut self.recent, context) {
            return Some(Carried { writer, level: said.level.or(level), ..said });
        }
        self.n_missed = self.n_missed.saturating_add(1);
        if self.n_missed > MISSED && !self.n_missed.is_multiple_of(MISSED) {
            return None;
        }
        let Reading::Glance(glance) = reading(content.text, context, WRAPPERS - 1) else { return None };
        inside.learn(content.text, &glance);
        let (own_time, own_level, message) = glance.alone()?;
        self.n_missed = 0;
        Some(Carried { time: own_time.or(time), level: own_level.or(level), writer, message, tail: "" })
    }
}

impl Carried<'_> {
    /// Whether it says something.
    fn is_told(&self) -> bool {
        !self.message.is_empty()
    }
}

/// Reads a line that has a time and nothing else in front of its message.
fn timed<'l>(line: &Plain<'l>, recent: &mut Recent, context: &Context) -> Option<Carried<'l>> {
    let (time, n) = recent.any(line.text, context)?;
    let message = Plain { text: line.text.get(n..)?.strip_prefix(' ')?, ..*line };
    if !is_bare_behind_time(&message) {
        return None;
    }
    let message = message.text.trim_end_matches(' ');
    Some(Carried { time: Some(time), level: plain::implied(message), writer: Writer::new(), message, tail: "" })
}
