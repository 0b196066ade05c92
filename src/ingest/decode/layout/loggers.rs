//! Reads lines of klog and of Ruby's logger, which begin with the letter of a level, without a copy.
//!
//! Says what reading the line in full comes to.

use super::super::plain::Beginning;
use super::super::time::Recent;
use super::super::{Context, Plain, level, level_of_word, plain};
use crate::units::Timestamp;

/// Where the seconds of klog's time are behind the letter, and where that time ends: `0102 15:04:05.123456`.
const KLOG: (usize, usize) = (11, 20);
/// The longest place in the source, with what stands before it.
const PLACE_BYTES: usize = 160;
/// The longest name of a program.
const PROGRAM_BYTES: usize = 64;

/// The times of one stream.
#[derive(Debug, Default)]
pub(super) struct Loggers {
    minute: Minute,
    recent: Recent,
}

impl Loggers {
    /// Reads a line; `None` where it is none of these, or must be read in full.
    pub(super) fn read<'l>(&mut self, line: &Plain<'l>, context: &Context) -> Option<Beginning<'l>> {
        let is_tabbed = || line.may_have_tab && memchr::memchr(b'\t', line.text.as_bytes()).is_some();
        match line.text.as_bytes() {
            [b'I' | b'W' | b'E' | b'F' | b'D', b'0'..=b'9', ..] => {
                self.klog(line.text, context).filter(|_| !is_tabbed())
            }
            [b'A'..=b'Z', b',', b' ', b'[', ..] if !line.may_have_quote => {
                self.ruby(line.text, context).filter(|_| !is_tabbed())
            }
            _ => None,
        }
    }

    fn klog<'l>(&mut self, text: &'l str, context: &Context) -> Option<Beginning<'l>> {
        let (letter, rest) = text.split_at_checked(1)?;
        let (stamp, rest) = rest.split_at_checked(KLOG.1)?;
        let place = rest.strip_prefix(' ')?.trim_start_matches(' ');
        // What is no number could belong to the time.
        let (place, message) =
            place.split_once("] ").filter(|_| place.starts_with(|first: char| first.is_ascii_digit()))?;
        let message = message.trim_matches(' ');
        if place.len() > PLACE_BYTES || message.is_empty() || message.starts_with('"') {
            return None;
        }
        let time = self.minute.time(stamp, context)?;
        Some(Beginning { time, level: level::of_letter(letter.bytes().next()?)?, message, tail: "" })
    }

    fn ruby<'l>(&mut self, text: &'l str, context: &Context) -> Option<Beginning<'l>> {
        let (letter, rest) = text.split_once(", [")?;
        let (time, n) = self.recent.any(rest, context)?;
        let (_process, rest) = rest.get(n..)?.split_once("] ")?;
        let (word, rest) = rest.trim_start_matches(' ').split_once(" -- ")?;
        let (program, message) = rest.split_once(": ")?;
        let message = message.trim_end_matches(' ');
        if program.len() > PROGRAM_BYTES || message.is_empty() || message.starts_with(' ') {
            return None;
        }
        let level = level_of_word(word).or_else(|| level::of_letter(letter.bytes().next()?))?;
        Some(Beginning { time, level, message, tail: "" })
    }
}

/// The minute of klog's times that was read last.
#[derive(Debug, Default)]
struct Minute {
    /// As it is written, up to the seconds.
    written: [u8; KLOG.0],
    begins: Timestamp,
    received: Timestamp,
}

impl Minute {
    /// The time that is written so behind the letter of a level.
    fn time(&mut self, stamp: &str, context: &Context) -> Option<Timestamp> {
        let (front, seconds) = stamp.as_bytes().split_first_chunk()?;
        let [tens @ b'0'..=b'5', ones @ b'0'..=b'9', b'.', digits @ ..] = seconds else { return None };
        let micros = digits
            .iter()
            .try_fold(0_i64, |micros, digit| digit.is_ascii_digit().then(|| micros * 10 + i64::from(digit - b'0')))?;
        let beyond = (i64::from(tens - b'0') * 10 + i64::from(ones - b'0')) * 1_000_000 + micros;
        if *front != self.written || self.received != context.received {
            let read = |seconds: &str| {
                let line = format!("I{}{seconds}.000000 1 a:1] b", stamp.get(..KLOG.0)?);
                plain::klog(&line, context)?.time
            };
            let (begins, last) = (read("00")?, read("59")?);
            // Which year it is of must not depend on the second.
            if last.micros() - begins.micros() != 59_000_000 {
                return None;
            }
            (self.written, self.begins, self.received) = (*front, begins, context.received);
        }
        Some(Timestamp::from_micros(self.begins.micros() + beyond))
    }
}
