//! Remembers the headers of plain lines.
//!
//! Input: a line. Output: what [`Glance::beginning`] says of it, where a line with the same layout was read before; else
//! nothing, and the line has to be read.
//!
//! It may speak only where reading the line must come to the same result. That rests on how lines with a time in front
//! and a level are read: apart from the time, which is read anew, digits count as digits and not by their value, and
//! nothing is looked at behind the first word of the message but blanks and two bytes. The front of the line up to there,
//! with zeros for digits, is therefore all that decides; lines for which that does not hold are not learned, see
//! [`is_said`] and [`is_settled`].

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::super::plain::Beginning;
use super::super::{Context, Glance, Plain, access, level_of_word, time};
use super::begin::Begin;
use crate::ingest::Level;

/// Layouts that are kept; beyond, all are dropped.
const KEPT: usize = 4096;
/// How many numbers of words in a front are tried.
const COUNTS: usize = 3;

/// The fronts of one stream.
#[derive(Debug, Default)]
pub(super) struct Fronts {
    known: HashMap<Box<[u8]>, Layout, RandomState>,
    /// How many words the fronts have; what was found more often is tried first.
    n_words: [usize; COUNTS],
    recent: time::Recent,
}

/// How the lines with one front are laid out.
#[derive(Clone, Copy, Debug)]
struct Layout {
    time_start: usize,
    time_end: usize,
    level: Level,
    message_at: usize,
}

impl Fronts {
    /// Reads a line with a known front.
    pub(super) fn read<'l>(&mut self, line: &Plain<'l>, context: &Context) -> Option<Beginning<'l>> {
        if self.known.is_empty() {
            return None;
        }
        let begin = Begin::of(line.text.as_bytes());
        for index in 0..COUNTS {
            let n_words = self.n_words.get(index).copied().filter(|n_words| *n_words > 0)?;
            let Some(layout) = begin.front(n_words).and_then(|front| self.known.get(front)).copied() else { continue };
            if index > 0 {
                self.n_words.swap(index, index - 1);
            }
            return layout.read(line, context, &mut self.recent);
        }
        None
    }

    /// Learns the layout of a line that was read as this.
    pub(super) fn learn(&mut self, text: &str, glance: &Glance<'_>) {
        let Some(Beginning { level, message, .. }) = glance.beginning() else { return };
        let message_at = message.as_ptr().addr() - text.as_ptr().addr();
        let Some((header, rest)) = text.split_at_checked(message_at) else { return };
        let n_words = header.split(' ').filter(|word| !word.is_empty()).count() + 1;
        let begin = Begin::of(text.as_bytes());
        let Some(front) = begin.front(n_words) else { return };
        let time_at = glance.time_at();
        let behind_time = header.get(time_at.end..).unwrap_or_default();
        let said = rest.get(..front.len() - message_at).unwrap_or_default();
        if time_at.is_empty() || !is_said(said) || !is_settled(behind_time, rest) {
            return;
        }
        if self.known.len() >= KEPT {
            self.known.clear();
        }
        let layout = Layout { time_start: time_at.start, time_end: time_at.end, level, message_at };
        self.known.insert(front.into(), layout);
        if !self.n_words.contains(&n_words) {
            self.n_words.rotate_right(1);
            self.n_words[0] = n_words;
        }
    }
}

impl Layout {
    fn read<'l>(&self, line: &Plain<'l>, context: &Context, recent: &mut time::Recent) -> Option<Beginning<'l>> {
        let bytes = line.text.as_bytes();
        // A request stands in quotes; a tab may lead to fields.
        let may_be_access = line.may_have_quote && access::may_be(bytes);
        if may_be_access || (line.may_have_tab && bytes.contains(&b'\t')) {
            return None;
        }
        let time = recent.leading(line.text.get(self.time_start..)?, self.time_end - self.time_start, context)?;
        let message = line.text.get(self.message_at..)?.trim_end_matches(' ');
        Some(Beginning { time, level: self.level, message, tail: "" })
    }
}

/// Whether the begin of a message, up to two bytes behind its first word, decides by itself that the header is over.
///
/// A digit could begin another time, a bracket or a brace a group that goes on behind the front.
fn is_said(begin: &str) -> bool {
    let first = begin.bytes().next().unwrap_or(b'[');
    let tail = begin.get(1..).unwrap_or_default();
    first.is_ascii_alphabetic() && !time::begins_with_name(begin) && !tail.contains(['[', '<', '{'])
}

/// Whether nothing in a header behind its first time could be another, whatever the digits are.
fn is_settled(header: &str, message: &str) -> bool {
    // A part of a header begins behind a blank or a bracket, or right behind a level with a colon.
    let begins = |at: usize| {
        let front = header.get(..at).unwrap_or_default();
        let word = front.strip_suffix(':').map(|word| word.rsplit([' ', '[', '(']).next().unwrap_or(word));
        front.is_empty()
            || front.ends_with([' ', '[', ']', '(', ')', '<', '>', '|'])
            || word.is_some_and(|word| level_of_word(word).is_some())
    };
    let is_part = |(at, byte): &(usize, u8)| byte.is_ascii_alphanumeric() && begins(*at);
    let mut parts = header.bytes().enumerate().filter(is_part);
    parts.all(|(at, _)| is_no_time(header.get(at..).unwrap_or_default(), message))
}

/// Whether a word of a header cannot begin a time: it is no month or weekday, and a number only where it stands alone
/// and neither a number nor a name follows, nor is it long enough for a count of seconds.
fn is_no_time(rest: &str, message: &str) -> bool {
    let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if n_digits == 0 {
        return !time::begins_with_name(rest);
    }
    let behind = rest.get(n_digits..).unwrap_or_default();
    let next = behind.trim_start_matches([' ', ']', ')']);
    let next = if next.is_empty() { message } else { next };
    let ends = behind.starts_with([' ', ']', ')']) || behind.is_empty();
    n_digits < 10 && ends && !next.starts_with(|next: char| next.is_ascii_digit()) && !time::begins_with_name(next)
}
