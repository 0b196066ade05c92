//! Remembers the minute that was read last, of times in any form whose seconds stand at a known place.
//!
//! Input: text that begins with a time, and how long that must be. Output: what [`leading`](super::leading) says of it.
//!
//! Pure in what it tells: a minute is remembered only where its first and its last second were read and lie as far apart as
//! they should, and for lines received at the same moment. One zone is in force for as long as it lives.

use smallvec::SmallVec;

use super::{Context, shapes};
use crate::units::Timestamp;

/// How many bytes behind a time may have a say in how long it is.
const BEHIND: usize = 12;

/// The last minute.
#[derive(Clone, Debug, Default)]
pub(in crate::ingest::decode) struct Minute {
    /// A time in it, as it was written; empty when nothing is remembered.
    written: SmallVec<[u8; 32]>,
    seconds_at: usize,
    begins: Timestamp,
    received: Timestamp,
}

impl Minute {
    /// The time that takes exactly so many bytes at the start of a text, with two digits of seconds at that place; `None`
    /// also where it would take more or fewer.
    pub(in crate::ingest::decode) fn leading(
        &mut self,
        text: &str,
        length: usize,
        seconds_at: usize,
        context: &Context,
    ) -> Option<Timestamp> {
        if let Some(time) = self.again(text.as_bytes(), length, seconds_at, context) {
            return Some(time);
        }
        let (time, n) = super::leading(text, context)?;
        if n != length {
            return None;
        }
        self.remember(text, length, seconds_at, context);
        Some(time)
    }

    fn again(&self, text: &[u8], length: usize, seconds_at: usize, context: &Context) -> Option<Timestamp> {
        let is_like = self.written.len() == length && self.seconds_at == seconds_at && length > 0;
        if !is_like || self.received != context.received || !is_over(text.get(length..)?) {
            return None;
        }
        let (front, rest) = text.get(..length)?.split_at_checked(seconds_at)?;
        let (known_front, known_rest) = self.written.split_at_checked(seconds_at)?;
        let (digits, tail) = rest.split_first_chunk::<2>()?;
        let [tens @ b'0'..=b'5', ones @ b'0'..=b'9'] = *digits else { return None };
        let seconds = i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
        (front == known_front && Some(tail) == known_rest.get(2..))
            .then(|| Timestamp::from_micros(self.begins.micros() + seconds * 1_000_000))
    }

    fn remember(&mut self, text: &str, length: usize, seconds_at: usize, context: &Context) {
        self.written.clear();
        let at = |seconds: [u8; 2]| {
            let near = text.as_bytes().get(..text.len().min(length + BEHIND))?;
            let mut near: SmallVec<[u8; 64]> = SmallVec::from_slice(near);
            *near.get_mut(seconds_at..)?.first_chunk_mut()? = seconds;
            let (time, n) = super::leading(std::str::from_utf8(&near).ok()?, context)?;
            (n == length).then_some(time.micros())
        };
        let is_short = length <= 32 && seconds_at + 2 <= length;
        if let Some((first, last)) = at(*b"00").zip(at(*b"59"))
            && last - first == 59_000_000
            && is_short
            && text.as_bytes().get(length..).is_some_and(is_over)
        {
            self.written.extend_from_slice(text.as_bytes().get(..length).unwrap_or_default());
            (self.seconds_at, self.begins, self.received) =
                (seconds_at, Timestamp::from_micros(first), context.received);
        }
    }
}

/// Whether what follows a time can be no part of it: a bracket, or a blank and a word that is neither half a day nor a zone.
fn is_over(behind: &[u8]) -> bool {
    match behind {
        [b']', ..] => true,
        [b' ', first, second, ..] if first.is_ascii_alphabetic() => {
            let is_half_day = matches!(first, b'A' | b'a' | b'P' | b'p') && matches!(second, b'M' | b'm');
            !is_half_day && !behind.get(1..).is_some_and(shapes::names_zone)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
