//! Explains the signature of a line, or of the lines of one event.
//!
//! Input: raw text, and the limits and overrides under which it would be read. Output: an [`Explained`], made by the
//! steps that read it in earnest.
//!
//! Pure.

use super::Event;
use super::assemble::{Intake, Limits, Resume};
use super::decode::{self, Context, HeaderPart};
use super::signature::{Making, making};
use crate::units::Timestamp;

/// What became of a line.
#[derive(Clone, Debug)]
pub struct Explained {
    /// What was taken for its header.
    pub header: Vec<HeaderPart>,
    /// How its signature came about.
    pub making: Making,
}

/// Explains the first event of a text, received at `now`.
#[must_use]
pub fn explain(text: &str, limits: &Limits, now: Timestamp) -> Explained {
    let first = first_event(text, limits, now);
    let context = Context { zone: limits.zone.clone(), received: now };
    let line = text.lines().next().unwrap_or_default();
    let record = decode::decode(line.as_bytes(), &context);
    let header = decode::parts(line, &record, &context);
    let making = match first {
        Some(event) => making(&event.message, event.trace.as_ref(), &event.fields, &limits.overrides),
        None => making("", None, &[], &limits.overrides),
    };
    Explained { header, making }
}

/// The first event of a text, received at `now`.
#[must_use]
pub fn first_event(text: &str, limits: &Limits, now: Timestamp) -> Option<Event> {
    let mut first = None;
    let mut intake = Intake::new(limits.clone(), &Resume::default());
    let mut take = |event| {
        if first.is_none() {
            first = Some(event);
        }
    };
    intake.push(text.as_bytes(), now, &mut take);
    intake.finish(&mut take);
    first
}
