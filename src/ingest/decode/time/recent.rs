//! Remembers the minute that was read last, because the next line is mostly of the same.
//!
//! Input: text that begins with a time. Output: what [`leading`](super::leading) and [`whole`](super::whole) say of it.
//!
//! Pure in what it tells: only the usual form at an offset that does not change within a minute is remembered, and only
//! the seconds are then read anew. One zone is in force for as long as it lives.

use super::{Context, shapes};
use crate::units::Timestamp;

/// Bytes up to the seconds, as in `2006-01-02T15:04:`.
const MINUTE: usize = 17;
/// The longest zone that is remembered, in bytes.
const ZONE: usize = 6;
/// The most digits of a fraction.
const DIGITS: usize = 9;

/// The last minute.
#[derive(Clone, Debug, Default)]
pub(in crate::ingest::decode) struct Recent {
    written: [u8; MINUTE],
    begins: Timestamp,
    /// The mark before the fraction and how many digits that has, where there is one.
    fraction: Option<(u8, usize)>,
    zone: [u8; ZONE],
    zone_length: usize,
    /// Bytes of the whole time; 0 when nothing is remembered.
    length: usize,
}

impl Recent {
    /// The time that takes exactly so many bytes at the start of a text; `None` also where it would take more or fewer.
    pub(in crate::ingest::decode) fn leading(
        &mut self,
        text: &str,
        length: usize,
        context: &Context,
    ) -> Option<Timestamp> {
        if let Some(time) = self.again(text.as_bytes(), length) {
            return Some(time);
        }
        let (time, n) = super::leading(text, context)?;
        if n != length {
            return None;
        }
        self.remember(text.get(..length)?.as_bytes(), time, context);
        Some(time)
    }

    /// The time in a usual form that a text begins with, and how many bytes it takes.
    pub(in crate::ingest::decode) fn any(&mut self, text: &str, context: &Context) -> Option<(Timestamp, usize)> {
        if let Some(time) = self.again(text.as_bytes(), self.length) {
            return Some((time, self.length));
        }
        text.as_bytes().first_chunk().and_then(usual)?;
        let (time, length) = super::leading(text, context)?;
        self.remember(text.get(..length)?.as_bytes(), time, context);
        Some((time, length))
    }

    /// The time that a value is as a whole.
    pub(in crate::ingest::decode) fn whole(&mut self, text: &str, context: &Context) -> Option<Timestamp> {
        if let Some(time) = self.again(text.as_bytes(), text.len()) {
            return Some(time);
        }
        let time = super::whole(text, context)?;
        if super::leading(text, context) == Some((time, text.len())) {
            self.remember(text.as_bytes(), time, context);
        }
        Some(time)
    }

    /// Reads a time of the same minute.
    fn again(&self, text: &[u8], length: usize) -> Option<Timestamp> {
        if length != self.length || length == 0 || text.first_chunk() != Some(&self.written) {
            return None;
        }
        let [tens, ones] = *text.get(MINUTE..)?.first_chunk()?;
        if !matches!((tens, ones), (b'0'..=b'5', b'0'..=b'9')) {
            return None;
        }
        let seconds = i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
        let mut micros = seconds * 1_000_000;
        let mut at = MINUTE + 2;
        if let Some((mark, n_digits)) = self.fraction {
            let (first, digits) = text.get(at..at + 1 + n_digits)?.split_first()?;
            if *first != mark {
                return None;
            }
            micros += fraction(digits)?;
            at += 1 + n_digits;
        }
        if text.get(at..length)? != self.zone.get(..self.zone_length)? {
            return None;
        }
        // What follows could belong to the time after all: half a day, a fraction, or a zone.
        let goes_on = match text.get(length..)? {
            [b' ', b'+' | b'-', next, ..] if next.is_ascii_digit() => true,
            [b' ', b'A' | b'a' | b'P' | b'p', b'M' | b'm', ..] => true,
            [b' ', word @ ..] => self.zone_length == 0 && shapes::names_zone(word),
            [b'.' | b',' | b':', next, ..] if next.is_ascii_digit() => self.fraction.is_none(),
            [next, ..] => next.is_ascii_alphanumeric() || matches!(next, b'+' | b'-' | b'['),
            [] => false,
        };
        (!goes_on).then(|| Timestamp::from_micros(self.begins.micros() + micros))
    }

    /// Remembers the minute of a time that was written so.
    fn remember(&mut self, written: &[u8], time: Timestamp, context: &Context) {
        self.length = 0;
        if written.first_chunk().and_then(usual).is_none() {
            return;
        }
        let (front, rest) = written.split_at(MINUTE + 2);
        let fraction_length = match rest {
            [b'.' | b',' | b':', digits @ ..] => digits.iter().take_while(|byte| byte.is_ascii_digit()).count(),
            _ => 0,
        };
        let (fraction, zone) = match rest.first() {
            Some(mark) if fraction_length > 0 => (Some((*mark, fraction_length)), rest.get(1 + fraction_length..)),
            _ => (None, Some(rest)),
        };
        let zone = zone.unwrap_or_default();
        let is_fixed = !zone.is_empty() || context.zone.to_fixed_offset().is_ok();
        let Some(kept) = self.zone.get_mut(..zone.len()) else { return };
        if fraction_length > DIGITS || !is_fixed {
            return;
        }
        kept.copy_from_slice(zone);
        self.written.copy_from_slice(front.get(..MINUTE).unwrap_or_default());
        (self.fraction, self.zone_length, self.length) = (fraction, zone.len(), written.len());
        // The seconds that are read from it are those that it has beyond its minute.
        self.begins = Timestamp::default();
        match self.again(written, written.len()) {
            Some(beyond) => self.begins = Timestamp::from_micros(time.micros() - beyond.micros()),
            None => self.length = 0,
        }
    }
}

/// Reads the usual form; Go's log has slashes for its dashes.
fn usual(text: &[u8; MINUTE + 2]) -> Option<()> {
    let mut dashed = *text;
    if let [_, _, _, _, first @ b'/', _, _, second @ b'/', ..] = &mut dashed {
        (*first, *second) = (b'-', b'-');
    }
    shapes::usual(&dashed).map(|_| ())
}

/// The microseconds of the digits of a fraction; those beyond are cut off.
fn fraction(digits: &[u8]) -> Option<i64> {
    let mut micros = 0;
    let mut place = 100_000;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        micros += i64::from(digit - b'0') * place;
        place /= 10;
    }
    Some(micros)
}

#[cfg(test)]
mod tests;
