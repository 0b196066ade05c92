//! The written forms of dates, times of day and zones.

use super::cursor::Cursor;
use super::{Clock, Day};

const MONTHS: [&[u8]; 12] = [
    b"january",
    b"february",
    b"march",
    b"april",
    b"may",
    b"june",
    b"july",
    b"august",
    b"september",
    b"october",
    b"november",
    b"december",
];

const WEEKDAYS: [&[u8]; 7] = [b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday"];

/// The offset of an abbreviation that means one in nearly every log, in minutes east of UTC.
fn zone_minutes(name: &[u8]) -> Option<i32> {
    Some(match name {
        b"UTC" | b"GMT" | b"WET" => 0,
        b"EST" | b"CDT" => -300,
        b"EDT" => -240,
        b"CST" | b"MDT" => -360,
        b"MST" | b"PDT" => -420,
        b"PST" => -480,
        b"WEST" | b"BST" | b"CET" => 60,
        b"CEST" | b"EET" => 120,
        b"EEST" | b"MSK" => 180,
        b"IST" => 330,
        b"SGT" => 480,
        b"JST" | b"KST" => 540,
        b"AEST" => 600,
        b"AEDT" => 660,
        _ => return None,
    })
}

/// Whether a text begins with such an abbreviation.
pub(super) fn names_zone(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_uppercase) && zone_minutes(Cursor::of(text).letters()).is_some()
}

type Written = (Day, Clock, Option<i32>);

/// Reads one time of any known form, and moves behind it.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Written> {
    if let Some((day, clock)) = cursor.rest().first_chunk().and_then(usual) {
        let mut ahead = *cursor;
        ahead.advance(USUAL);
        let nanos = fraction(&mut ahead);
        // What may be half a day is left to the general way.
        if !matches!(ahead.peek(), Some(b' ' | b'A' | b'a' | b'P' | b'p'))
            || !matches!(ahead.ahead(1), Some(b'A' | b'a' | b'P' | b'p' | b'M' | b'm'))
        {
            let offset = zone(&mut ahead);
            *cursor = ahead;
            return Some((day, Clock { nanos, ..clock }, offset));
        }
    }
    if cursor.peek()?.is_ascii_digit() {
        return numbered(cursor);
    }
    if begins_with_name(cursor.rest()) { worded(cursor) } else { None }
}

/// Bytes of the usual form.
const USUAL: usize = 19;

/// Reads the usual form, `2006-01-02T15:04:05` or with a space, where each number is in its range.
pub(super) fn usual(text: &[u8; USUAL]) -> Option<(Day, Clock)> {
    const FORM: &[u8; USUAL] = b"0000-00-00T00:00:00";
    let is_so = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b' '),
        mark => byte == mark,
    };
    if !text.iter().zip(FORM).fold(true, |all, pair| all & is_so(pair)) {
        return None;
    }
    let [y0, y1, y2, y3, _, m0, m1, _, d0, d1, _, h0, h1, _, n0, n1, _, s0, s1] =
        text.map(|byte| byte.wrapping_sub(b'0'));
    let two = |tens: u8, ones: u8| (tens * 10 + ones).cast_signed();
    let year = i16::from(two(y0, y1)) * 100 + i16::from(two(y2, y3));
    let (month, day, hour, minute, second) = (two(m0, m1), two(d0, d1), two(h0, h1), two(n0, n1), two(s0, s1));
    let is_within = (1900..2200).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    is_within.then_some((Day::Full(year, month, day), Clock { hour, minute, second, nanos: 0 }))
}

/// Forms that begin with a weekday or a month.
fn worded(cursor: &mut Cursor<'_>) -> Option<Written> {
    let mut word = cursor.letters();
    if position(&WEEKDAYS, word).is_some() {
        let _ = cursor.eat(b',');
        cursor.eat(b' ')?;
        cursor.spaces();
        if cursor.peek()?.is_ascii_digit() {
            return numbered(cursor);
        }
        word = cursor.letters();
    }
    let month = position(&MONTHS, word)?;
    cursor.eat(b' ')?;
    cursor.spaces();
    let day = cursor.one_or_two(31)?;
    let comma = cursor.eat(b',').is_some();
    cursor.eat(b' ')?;
    cursor.spaces();
    if cursor.n_digits(5) == 4 {
        let year = year4(cursor)?;
        let _ = cursor.eat(b',');
        return timed(cursor, Day::Full(year, month, day), b" ");
    }
    if comma {
        return None;
    }
    let clock = clock(cursor)?;
    let offset = zone(cursor);
    match trailing_year(cursor) {
        Some(year) => Some((Day::Full(year, month, day), clock, offset.or_else(|| zone(cursor)))),
        None => Some((Day::NoYear(month, day), clock, offset)),
    }
}

/// The year behind the time of day, as in `Mon Jan  2 15:04:05 2006`.
fn trailing_year(cursor: &mut Cursor<'_>) -> Option<i16> {
    let mut ahead = *cursor;
    ahead.eat(b' ')?;
    let year = year4(&mut ahead)?;
    if !ends(&ahead) || !(1970..2100).contains(&year) {
        return None;
    }
    *cursor = ahead;
    Some(year)
}

/// Forms that begin with a digit.
fn numbered(cursor: &mut Cursor<'_>) -> Option<Written> {
    match cursor.n_digits(9) {
        4 => year_first(cursor),
        8 => {
            let (year, month, day) = (year4(cursor)?, month(cursor)?, day(cursor)?);
            timed(cursor, Day::Full(year, month, day), b"Tt -_")
        }
        6 => {
            let (year, month, day) = (year2(cursor)?, month(cursor)?, day(cursor)?);
            timed(cursor, Day::Full(year, month, day), b" ")
        }
        1 | 2 => part_first(cursor),
        _ => None,
    }
}

/// `2006-01-02`, `2006/01/02`, `2006.01.02`, `2006 Jan 02`.
fn year_first(cursor: &mut Cursor<'_>) -> Option<Written> {
    let year = year4(cursor)?;
    let mark = cursor.eat_any(b"-/. ")?;
    let month = if cursor.peek()?.is_ascii_digit() { month(cursor)? } else { month_word(cursor)? };
    cursor.eat(mark)?;
    if mark == b' ' {
        cursor.spaces();
    }
    let day = day(cursor)?;
    timed(cursor, Day::Full(year, month, day), b"Tt _-:")
}

/// Forms that begin with one or two digits: a time of day, or a day, month or short year.
fn part_first(cursor: &mut Cursor<'_>) -> Option<Written> {
    let n = cursor.n_digits(2);
    match cursor.ahead(n)? {
        b':' => {
            let clock = clock(cursor)?;
            Some((Day::Today, clock, zone(cursor)))
        }
        b'/' => slashed(cursor),
        b'.' => {
            let day = cursor.one_or_two(31)?;
            cursor.eat(b'.')?;
            let month = cursor.one_or_two(12)?;
            cursor.eat(b'.')?;
            let year = year4(cursor)?;
            let _ = cursor.eat(b',');
            timed(cursor, Day::Full(year, month, day), b" T")
        }
        b' ' => {
            let day = cursor.one_or_two(31)?;
            cursor.eat(b' ')?;
            let month = month_word(cursor)?;
            cursor.eat(b' ')?;
            if cursor.n_digits(5) != 4 {
                return Some((Day::NoYear(month, day), clock(cursor)?, zone(cursor)));
            }
            let year = year4(cursor)?;
            timed(cursor, Day::Full(year, month, day), b" ")
        }
        b'-' => dashed(cursor),
        _ => None,
    }
}

/// `02/Jan/2006:15:04:05`, `01/02/2006`, `13/02/2006`, `06/01/02`.
fn slashed(cursor: &mut Cursor<'_>) -> Option<Written> {
    let first = cursor.one_or_two(99)?;
    cursor.eat(b'/')?;
    if cursor.peek()?.is_ascii_alphabetic() {
        let month = month_word(cursor)?;
        cursor.eat(b'/')?;
        let year = year4(cursor)?;
        return timed(cursor, Day::Full(year, month, first), b": ");
    }
    let second = cursor.one_or_two(31)?;
    cursor.eat(b'/')?;
    let day = if cursor.n_digits(5) == 4 {
        let year = year4(cursor)?;
        let _ = cursor.eat(b',');
        if first > 12 { Day::Full(year, second, first) } else { Day::Full(year, first, second) }
    } else {
        Day::Full(2000 + i16::from(first), second, cursor.two(31)?)
    };
    timed(cursor, day, b" T-:")
}

/// `02-Jan-2006 15:04:05`, `02-01-2006 15:04:05`, `01-02 15:04:05`.
fn dashed(cursor: &mut Cursor<'_>) -> Option<Written> {
    let first = cursor.one_or_two(31)?;
    cursor.eat(b'-')?;
    if cursor.peek()?.is_ascii_alphabetic() {
        let month = month_word(cursor)?;
        cursor.eat(b'-')?;
        let year = if cursor.n_digits(5) == 4 { year4(cursor)? } else { year2(cursor)? };
        return timed(cursor, Day::Full(year, month, first), b" T:");
    }
    let second = cursor.two(31)?;
    if cursor.eat(b'-').is_some() {
        let year = year4(cursor)?;
        let (month, day) = if second > 12 { (first, second) } else { (second, first) };
        return timed(cursor, Day::Full(year, month, day), b" T");
    }
    timed(cursor, Day::NoYear(first, second), b" ")
}

/// Reads the separator, the time of day and the zone behind a date.
fn timed(cursor: &mut Cursor<'_>, day: Day, separators: &[u8]) -> Option<Written> {
    let separator = cursor.eat_any(separators)?;
    if separator == b' ' {
        let _ = cursor.eat_word("- ");
        let _ = cursor.eat_word("at ");
        cursor.spaces();
    }
    let clock = clock(cursor)?;
    let offset = zone(cursor);
    Some((day, clock, offset))
}

/// `15:04:05`, `15:04:05.123`, `150405`, `15.04.05`, `3:04:05 PM`, `15:04`, `3:04PM`.
fn clock(cursor: &mut Cursor<'_>) -> Option<Clock> {
    if cursor.n_digits(7) == 6 {
        let clock = Clock { hour: cursor.two(23)?, minute: cursor.two(59)?, second: second(cursor)?, nanos: 0 };
        return Some(Clock { nanos: fraction(cursor), ..clock });
    }
    let mut hour = cursor.one_or_two(24)?;
    let mark = cursor.eat_any(b":.")?;
    let minute = cursor.two(59)?;
    let (second, nanos) = match cursor.eat(mark) {
        Some(_) => (second(cursor)?, fraction(cursor)),
        None if mark == b':' && cursor.peek() != Some(b'.') => (0, 0),
        None => return None,
    };
    hour = half_day(cursor, hour).unwrap_or(hour);
    (hour < 24).then_some(Clock { hour, minute, second, nanos })
}

/// The hour of the day where `AM` or `PM` says which half of it an hour is of.
fn half_day(cursor: &mut Cursor<'_>, hour: i8) -> Option<i8> {
    let mut ahead = *cursor;
    let _ = ahead.eat(b' ');
    let noon = ahead.eat_any(b"AaPp")?;
    ahead.eat_any(b"Mm")?;
    if !ends(&ahead) || !(1..=12).contains(&hour) {
        return None;
    }
    *cursor = ahead;
    Some(hour % 12 + if matches!(noon, b'P' | b'p') { 12 } else { 0 })
}

/// Seconds; a leap second counts as the second before it.
fn second(cursor: &mut Cursor<'_>) -> Option<i8> {
    cursor.two(60).map(|second| second.min(59))
}

/// The fraction of a second in nanoseconds, of any number of digits; behind a colon stand one to three of milliseconds.
fn fraction(cursor: &mut Cursor<'_>) -> i32 {
    let Some(mark @ (b'.' | b',' | b':')) = cursor.peek() else { return 0 };
    let mut ahead = *cursor;
    ahead.advance(1);
    let (mut nanos, mut millis, mut n) = (0, 0, 0);
    while let Some(digit) = ahead.peek().filter(|byte| n < 18 && byte.is_ascii_digit()) {
        let digit = i32::from(digit - b'0');
        if n < 9 {
            nanos += digit * PLACES.get(n).copied().unwrap_or(0);
            millis = if n < 3 { millis * 10 + digit } else { millis };
        }
        n += 1;
        ahead.advance(1);
    }
    match (mark, n) {
        (_, 0) | (b':', 4..) => return 0,
        // Some programs do not pad them.
        (b':', _) => nanos = millis * 1_000_000,
        (_, _) => {}
    }
    *cursor = ahead;
    nanos
}

/// Nanoseconds of a one in each place behind the point.
const PLACES: [i32; 9] = [100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

/// The offset from UTC in seconds, where the text names one.
fn zone(cursor: &mut Cursor<'_>) -> Option<i32> {
    let mut ahead = *cursor;
    let spaced = ahead.eat(b' ').is_some();
    let offset = match ahead.peek()? {
        b'Z' | b'z' if !spaced => {
            ahead.advance(1);
            0
        }
        sign @ (b'+' | b'-') => {
            ahead.advance(1);
            let seconds = numeric_zone(&mut ahead, spaced)?;
            if sign == b'-' { -seconds } else { seconds }
        }
        byte if byte.is_ascii_uppercase() => zone_minutes(ahead.letters())? * 60,
        _ => return None,
    };
    if !ends(&ahead) && ahead.peek() != Some(b'[') {
        return None;
    }
    *cursor = ahead;
    zone_name(cursor);
    Some(offset)
}

/// `07:00`, `0700`, `07`; behind a space only the long forms.
fn numeric_zone(cursor: &mut Cursor<'_>, spaced: bool) -> Option<i32> {
    let hours = cursor.two(18)?;
    let colon = cursor.eat(b':').is_some();
    let minutes = match cursor.n_digits(3) {
        2 => cursor.two(59)?,
        0 if !colon && !spaced => 0,
        _ => return None,
    };
    Some(i32::from(hours) * 3_600 + i32::from(minutes) * 60)
}

/// Passes the name of RFC 9557, as in `+01:00[Europe/Paris]`.
fn zone_name(cursor: &mut Cursor<'_>) {
    let mut ahead = *cursor;
    if ahead.eat(b'[').is_none() || ahead.letters().is_empty() {
        return;
    }
    while ahead.eat_any(b"/_-+").is_some() {
        let _ = ahead.letters();
    }
    if ahead.eat(b']').is_some() {
        *cursor = ahead;
    }
}

/// Whether a time may end here.
fn ends(cursor: &Cursor<'_>) -> bool {
    !cursor.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'/')
}

fn year4(cursor: &mut Cursor<'_>) -> Option<i16> {
    let year = i16::try_from(cursor.digits(4)?).ok()?;
    (1900..2200).contains(&year).then_some(year)
}

fn year2(cursor: &mut Cursor<'_>) -> Option<i16> {
    Some(2000 + i16::from(cursor.two(99)?))
}

fn month(cursor: &mut Cursor<'_>) -> Option<i8> {
    cursor.two(12).filter(|month| *month > 0)
}

fn day(cursor: &mut Cursor<'_>) -> Option<i8> {
    cursor.two(31).filter(|day| *day > 0)
}

fn month_word(cursor: &mut Cursor<'_>) -> Option<i8> {
    position(&MONTHS, cursor.letters())
}

/// The place of a name in a list, from 1, where the word may be short for it with three letters or more.
fn position(list: &[&[u8]], word: &[u8]) -> Option<i8> {
    let start = starts(word).filter(|start| MAY_START[slot_of(*start)])?;
    let is_it = |full: &&[u8]| {
        starts(full) == Some(start)
            && (word.len() <= 4 || word.len() == full.len())
            && full.get(..word.len()).is_some_and(|short| short.eq_ignore_ascii_case(word))
    };
    list.iter().position(is_it).and_then(|n| i8::try_from(n + 1).ok())
}

/// The first three letters, as one number: no two names of a list share it.
const fn starts(word: &[u8]) -> Option<u32> {
    match *word {
        [first, second, third, ..] => Some(u32::from_le_bytes([first, second, third, 0]) | 0x0020_2020),
        _ => None,
    }
}

/// Where [`MAY_START`] says whether a month or a weekday may begin with these letters.
const fn slot_of(start: u32) -> usize {
    (start.wrapping_mul(0x9e37_79b1) >> 24) as usize
}

/// What most words fail at, which are no names.
const MAY_START: [bool; 256] = {
    let mut may_start = [false; 256];
    let mut index = 0;
    while index < MONTHS.len() + WEEKDAYS.len() {
        let name = if index < MONTHS.len() { MONTHS[index] } else { WEEKDAYS[index - MONTHS.len()] };
        if let Some(start) = starts(name) {
            may_start[slot_of(start)] = true;
        }
        index += 1;
    }
    may_start
};

/// Whether the first word of a text is the name of a weekday or a month, or short for one.
pub(super) fn begins_with_name(text: &[u8]) -> bool {
    let word = Cursor::of(text).letters();
    position(&MONTHS, word).is_some() || position(&WEEKDAYS, word).is_some()
}
