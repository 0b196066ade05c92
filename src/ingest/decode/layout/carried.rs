//! Reads lines of syslog in files whose messages have no header of their own, without a copy.
//!
//! Says what reading the line in full comes to, and only where no other format could claim it.

use super::super::bare::is_bare;
use super::super::time::{Minute, Recent};
use super::super::{Context, Plain, plain, syslog};
use crate::ingest::Level;
use crate::units::Timestamp;

/// Bytes of a classic time, `Jan  2 15:04:05`, and where its seconds are.
const CLASSIC: (usize, usize) = (15, 13);
/// The longest other time, in bytes.
const TIME_BYTES: usize = 48;

/// A line of a carrier that neither continues nor begins anything but itself, as far as it tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ingest) struct Carried<'l> {
    pub(in crate::ingest) time: Timestamp,
    pub(in crate::ingest) level: Option<Level>,
    /// Host, program and process, each perhaps empty.
    pub(in crate::ingest) writer: [&'l str; 3],
    /// A part of the line, without blanks around it, and not empty.
    pub(in crate::ingest) message: &'l str,
}

/// The times of one stream.
#[derive(Debug, Default)]
pub(super) struct Carriers {
    minute: Minute,
    recent: Recent,
}

impl Carriers {
    /// Reads a line; `None` where it must be read in full.
    pub(super) fn read<'l>(&mut self, line: &Plain<'l>, context: &Context) -> Option<Carried<'l>> {
        let text = line.text;
        let is_classic = match text.bytes().next()? {
            // The month is followed by a blank, the hour by a colon.
            b'A'..=b'Z' if matches!(text.as_bytes(), [_, _, _, b' ', _, _, _, _, _, b':', ..]) => true,
            b'0'..=b'9' => false,
            _ => return None,
        };
        let (time, n) = if is_classic {
            let (length, seconds_at) = CLASSIC;
            (self.minute.leading(text, length, seconds_at, context)?, length)
        } else {
            let n = memchr::memchr(b' ', text.as_bytes().get(..text.len().min(TIME_BYTES))?)?;
            // A container runtime writes the name of a stream next; an access log has a request in quotes.
            let may_be_access = line.may_have_quote && memchr::memchr(b'"', text.as_bytes()).is_some();
            if may_be_access || text.get(n + 1..)?.starts_with("std") {
                return None;
            }
            memchr::memchr(b'[', text.as_bytes())?;
            (self.recent.leading(text, n, context)?, n)
        };
        let (tag, message) = syslog::tagged(text.get(n..)?.strip_prefix(' ')?, !is_classic)?;
        let message = message.trim_end_matches(' ');
        if !is_bare(&Plain { text: message, ..*line }) {
            return None;
        }
        let level = plain::implied(message).or(tag.level());
        Some(Carried { time, level, writer: tag.writer(), message })
    }
}
