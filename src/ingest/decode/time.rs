//! Reads the points in time that logs are stamped with.
//!
//! Input: text that may begin with a time, and the [`Context`] that fills in what it leaves out (year, day, zone).
//! Output: the time and how many bytes it took. A text that only resembles a time gives `None`.
//!
//! Pure. Guesses nothing from the lines around it.

mod cursor;
mod minute;
mod recent;
mod shapes;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::Context;
use crate::units::Timestamp;
use cursor::Cursor;
pub(super) use minute::Minute;
pub(super) use recent::Recent;

/// The seconds of 2001-09-09 and 2100-01-01: what a bare number must lie between to pass for an epoch time.
const EPOCH_SECONDS: std::ops::Range<i64> = 1_000_000_000..4_102_444_800;

/// A date as it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Day {
    /// Year, month, day.
    Full(i16, i8, i8),
    /// Month and day; the year comes from the time of receipt.
    NoYear(i8, i8),
    /// No date; the day comes from the time of receipt.
    Today,
}

/// A time of day as it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Clock {
    hour: i8,
    minute: i8,
    second: i8,
    nanos: i32,
}

/// Finds a time at the very start of `text`; returns it with the bytes it takes.
///
/// The byte behind it is never a letter or digit.
pub(super) fn leading(text: &str, context: &Context) -> Option<(Timestamp, usize)> {
    let mut cursor = Cursor::new(text);
    let first = cursor.peek()?;
    if first.is_ascii_digit() {
        if let Some(found) = epoch_at_start(text) {
            return Some(found);
        }
    } else if !first.is_ascii_alphabetic() {
        return None;
    }
    let (day, clock, offset) = shapes::read(&mut cursor)?;
    if cursor.peek().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    Some((resolve(day, clock, offset, context)?, cursor.at()))
}

/// Whether a text begins like a weekday or a month.
pub(super) fn begins_with_name(text: &str) -> bool {
    shapes::begins_with_name(text.as_bytes())
}

/// Reads a value that as a whole is a time: a timestamp of any known shape, or a number since the epoch.
pub(super) fn whole(text: &str, context: &Context) -> Option<Timestamp> {
    let text = text.trim();
    // What has a dash behind four digits is no number.
    if text.as_bytes().get(4) != Some(&b'-')
        && let Some(time) = epoch(text)
    {
        return Some(time);
    }
    let (time, n) = leading(text, context)?;
    (text.len() - n <= 8).then_some(time)
}

/// Reads a number as seconds, milliseconds, microseconds or nanoseconds since the epoch, by its magnitude.
pub(super) fn epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || whole.len() > 20 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return epoch_of_float(text);
    }
    let Ok(number) = whole.parse::<i64>() else { return epoch_of_float(text) };
    let magnitude = number.unsigned_abs();
    let per_unit: i64 = match magnitude {
        0..100_000_000_000 => 1_000_000,
        100_000_000_000..100_000_000_000_000 => 1_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1,
        _ => return epoch_checked(number / 1_000),
    };
    let mut micros = number.checked_mul(per_unit)?;
    let mut place = per_unit / 10;
    for digit in fraction.bytes() {
        micros += i64::from(digit - b'0') * place;
        place /= 10;
    }
    epoch_checked(micros)
}

fn epoch_of_float(text: &str) -> Option<Timestamp> {
    if text.len() > 32 || !text.bytes().any(|byte| matches!(byte, b'e' | b'E')) {
        return None;
    }
    let seconds = text.parse::<f64>().ok()?;
    let unit = match seconds.abs() {
        size if size < 1e11 => 1e6,
        size if size < 1e14 => 1e3,
        size if size < 1e17 => 1.0,
        _ => 1e-3,
    };
    epoch_checked((seconds * unit) as i64)
}

fn epoch_checked(micros: i64) -> Option<Timestamp> {
    EPOCH_SECONDS.contains(&micros.div_euclid(1_000_000)).then(|| Timestamp::from_micros(micros))
}

/// An epoch time in front of a plain line: exactly 10, 13, 16 or 19 digits, seconds perhaps with a fraction.
fn epoch_at_start(text: &str) -> Option<(Timestamp, usize)> {
    let n_digits = text.bytes().take(20).take_while(u8::is_ascii_digit).count();
    if !matches!(n_digits, 10 | 13 | 16 | 19) {
        return None;
    }
    let rest = text.get(n_digits..)?;
    let n_fraction = match rest.strip_prefix('.') {
        Some(fraction) => fraction.bytes().take(10).take_while(u8::is_ascii_digit).count(),
        None => 0,
    };
    let len = if n_fraction > 0 { n_digits + 1 + n_fraction } else { n_digits };
    let behind = text.as_bytes().get(len);
    if !matches!(behind, None | Some(b' ' | b'\t' | b']' | b':' | b',' | b'|' | b')' | b';')) {
        return None;
    }
    Some((epoch(text.get(..len)?)?, len))
}

/// Fills in what the text left out. In a gap of summer time the later reading counts, in a fold the earlier one.
fn resolve(day: Day, clock: Clock, offset: Option<i32>, context: &Context) -> Option<Timestamp> {
    let time = Time::new(clock.hour, clock.minute, clock.second, clock.nanos).ok()?;
    let at = |date: Date| instant(date.to_datetime(time), offset, context);
    match day {
        Day::Full(year, month, day) => at(Date::new(year, month, day).ok()?),
        Day::NoYear(month, day) => {
            let latest = context.received.after(std::time::Duration::from_secs(86_400));
            let this_year = received_date(context)?.year();
            // The next year is tried for a clock that runs ahead on New Year's Eve; February 29 may need eight years.
            (-8..=1).rev().find_map(|n| {
                let date = Date::new(this_year.checked_add(n)?, month, day).ok()?;
                at(date).filter(|time| *time <= latest)
            })
        }
        Day::Today => {
            let today = received_date(context)?;
            let latest = context.received.after(std::time::Duration::from_secs(3_600));
            at(today).filter(|time| *time <= latest).or_else(|| at(today.yesterday().ok()?))
        }
    }
}

fn received_date(context: &Context) -> Option<Date> {
    let received = jiff::Timestamp::from_microsecond(context.received.micros()).ok()?;
    Some(context.zone.to_datetime(received).date())
}

fn instant(local: DateTime, offset: Option<i32>, context: &Context) -> Option<Timestamp> {
    let fixed = offset.or_else(|| context.zone.to_fixed_offset().ok().map(Offset::seconds));
    if let Some(time) = fixed.and_then(|offset| since_epoch(local, offset)) {
        return Some(time);
    }
    let time = match offset {
        Some(seconds) => Offset::from_seconds(seconds).ok()?.to_timestamp(local).ok()?,
        None => context.zone.to_ambiguous_timestamp(local).compatible().ok()?,
    };
    Some(Timestamp::from_micros(time.as_microsecond()))
}

/// The instant of a local time at an offset in seconds, from 1971 on.
///
/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013), `days_from_civil`.
fn since_epoch(local: DateTime, offset: i32) -> Option<Timestamp> {
    let year = i64::from(local.year()) - i64::from(local.month() < 3);
    if local.year() < 1971 {
        return None;
    }
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * (i64::from(local.month()) + if local.month() > 2 { -3 } else { 9 }) + 2) / 5
        + i64::from(local.day())
        - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let of_day = i64::from(local.hour()) * 3_600 + i64::from(local.minute()) * 60 + i64::from(local.second());
    let seconds = days * 86_400 + of_day - i64::from(offset);
    Some(Timestamp::from_micros(seconds * 1_000_000 + i64::from(local.subsec_nanosecond()) / 1_000))
}

#[cfg(test)]
mod tests;
