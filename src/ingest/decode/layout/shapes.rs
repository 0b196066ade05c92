//! Remembers the shapes of structured lines, JSON objects or pairs: what stands around their values.
//!
//! A line of a known shape has the names and kinds of values of that which was learned. The values that matter are
//! read, the others only passed. A shape is learned only where names and kinds decide which value is the time, the level
//! and the message; what of that depends on a value is looked at each time.

use std::borrow::Cow;

use super::super::json::{Kind, Pair};
use super::super::plain::Beginning;
use super::super::{Batch, Context, json, logfmt, roles, time::Recent};

/// Shapes that are kept; beyond, the one that was not found for longest is dropped.
const KEPT: usize = 16;
/// A longer line, and one with more values, is not learned.
const LINE_BYTES: usize = 4 * 1024;
const VALUES: usize = 64;

/// The shapes of the lines of one format in one stream.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// What was found lately comes first.
    known: Vec<Shape>,
    /// How many lines in a row had no known shape.
    n_missed: u32,
    recent: Recent,
}

/// The shape of a line.
#[derive(Debug)]
struct Shape {
    slots: Vec<Slot>,
    /// What stands behind the last value.
    end: Box<str>,
    /// The name of the level: what a number means depends on it.
    level_name: Box<str>,
    /// Which values are these.
    time: usize,
    level: usize,
    message: usize,
}

/// A value and what stands before it.
#[derive(Debug)]
struct Slot {
    before: Box<str>,
    kind: Kind,
    /// A text that a blank ends, not a quote.
    is_bare: bool,
    /// It may tell that a request failed; what is said of that, a shape does not know.
    is_status: bool,
}

/// The values that matter.
struct Values<'l> {
    time: &'l str,
    level: &'l str,
    message: &'l str,
}

impl Shapes {
    /// Reads a text that is cut into these pairs as a line that begins an event, where it is one.
    pub(super) fn read<'l>(
        &mut self,
        text: &'l str,
        context: &Context,
        pairs: impl FnOnce(&'l str) -> Option<Vec<Pair<'l>>>,
    ) -> Option<Beginning<'l>> {
        let found = self.known.iter().enumerate().find_map(|(index, shape)| Some((index, shape, shape.values(text)?)));
        if let Some((index, shape, values)) = found {
            let level = roles::level(&shape.level_name, values.level)?;
            let message = values.message.trim();
            let time = self.recent.whole(values.time, context)?;
            self.known.swap(index, index.saturating_sub(1));
            self.n_missed = 0;
            // Without words, something else is the message.
            return (!message.is_empty()).then_some(Beginning { time, level, message, tail: "" });
        }
        // A record of many is read in full.
        if Batch::begun_by(text.as_bytes()).is_some() {
            return None;
        }
        let pairs = pairs(text)?;
        let beginning = roles::beginning(&pairs, context)?;
        self.n_missed = self.n_missed.saturating_add(1);
        // Where no two lines are alike, most are not worth learning.
        let is_worth = self.n_missed <= KEPT as u32 || self.n_missed.is_multiple_of(KEPT as u32);
        if let Some(shape) = if is_worth { Shape::of(text, &pairs) } else { None } {
            self.known.truncate(KEPT - 1);
            self.known.insert(0, shape);
        }
        Some(beginning)
    }
}

impl Shape {
    /// The shape of a line with these pairs; `None` where it does not decide.
    fn of(text: &str, pairs: &[Pair<'_>]) -> Option<Self> {
        if text.len() > LINE_BYTES || pairs.len() > VALUES {
            return None;
        }
        let [time, level, message] = roles::decided(pairs)?;
        let is_request = roles::may_be_request(pairs);
        let mut slots = Vec::with_capacity(pairs.len());
        let mut at = 0;
        for Pair { value, kind, name, .. } in pairs {
            let Cow::Borrowed(value) = value else { return None };
            // The value is a part of the text.
            let from = value.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
            let before = text.get(at..from)?;
            slots.push(Slot {
                before: before.into(),
                kind: *kind,
                is_bare: *kind == Kind::Text && !before.ends_with('"'),
                is_status: is_request && roles::is_status(name),
            });
            at = from + value.len();
        }
        let level_name = pairs.get(level)?.name.as_ref().into();
        let shape = Self { slots, end: text.get(at..)?.into(), level_name, time, level, message };
        shape.values(text).is_some().then_some(shape)
    }

    /// The values of a line of this shape.
    fn values<'l>(&self, text: &'l str) -> Option<Values<'l>> {
        let mut values = Values { time: "", level: "", message: "" };
        let mut rest = text;
        for (index, Slot { before, kind, is_bare, is_status }) in self.slots.iter().enumerate() {
            rest = rest.strip_prefix(before.as_ref())?;
            let length = match kind {
                Kind::Text if *is_bare => logfmt::bare(rest)?.len(),
                Kind::Text => {
                    let length = memchr::memchr2(b'"', b'\\', rest.as_bytes())?;
                    (rest.as_bytes().get(length) == Some(&b'"')).then_some(length)?
                }
                Kind::Number => json::number(rest)?.len(),
                Kind::Bool => ["true", "false"].iter().find(|word| rest.starts_with(**word))?.len(),
                Kind::Nested => return None,
            };
            let (value, behind) = rest.split_at_checked(length)?;
            rest = behind;
            if *is_status && roles::tells_failure(value) {
                return None;
            }
            if index == self.time {
                values.time = value;
            } else if index == self.level {
                values.level = value;
            } else if index == self.message {
                values.message = value;
            }
        }
        (rest == self.end.as_ref()).then_some(values)
    }
}
