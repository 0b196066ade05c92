//! Tells the codes that are kept: those an engineer searches for.
//!
//! `E1234`, `ORA-00600` and `ERR_HTTP2_STREAM`; what follows `SQLSTATE`; a status of 400 and above behind the version
//! of HTTP in a request line; the number behind `errno`, `os error`, `exit status`, `exit code`, `error code` and
//! `status code`; behind the word `error` what has the form of `TS2345`, and a number that a colon or a bracket
//! follows. A kept code is marked with a `0` in front, which tells it from any other word; a second fold finds the
//! marker and changes nothing. Behind a code stands something that could not go on an address or a word, perhaps behind
//! a full stop.

use std::ops::Range;

use super::{DIGIT, LOCAL, class};

/// What is folded, in the syntax that RE2, Rust, Java and PCRE share: an address, the codes, any word with a digit. It has
/// nine groups, as many as RE2 can put into a replacement.
pub const EXPRESSION: &str = concat!(
    r#"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+"#,
    r#"|([Ss][Qq][Ll] ?[Ss][Tt][Aa][Tt][Ee][ =:\[("']{1,3})0?((?:[0-9][0-9A-Z]{4}|[A-Z][0-9][0-9A-Z]{3}"#,
    r#"|[A-Z]{2}[0-9][0-9A-Z]{2}|[A-Z]{3}[0-9][0-9A-Z]|[A-Z]{4}[0-9]|E[0-9]{3})(?:\.?[^A-Za-z0-9_.%+@-]|\.?$))"#,
    r#"|(HTTP/)[0-9][0-9.]*("? [45][0-9][0-9](?:\.?[^A-Za-z0-9_.%+@-]|\.?$))"#,
    r#"|((?:errno|os error|exit status|exit code|error code|[Ss]tatus [Cc]ode)[ =:]{1,2})0?([1-9][0-9]{0,3}(?:\.?[^A-Za-z0-9_.%+@-]|\.?$))"#,
    r#"|((?:[Ee]rror|ERROR|[Ww]arning) )0?([A-Z]{1,5}[0-9]{3,5}(?:\.?[^A-Za-z0-9_.%+@-]|\.?$)"#,
    r#"|[1-9][0-9]{0,4}(?::[^A-Za-z0-9_.%+@-]|:$| \())"#,
    r#"|0?((?:(?:E|(?:ORA|TNS|PLS|RMAN)-)[0-9]{3,5}|ERR_(?:[A-Z_]+[0-9])+[A-Z_]*)(?:\.?[^A-Za-z0-9_.%+@-]|\.?$))"#,
    r#"|[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*"#,
);

/// What stands in its place; a group that took no part is empty.
pub const REPLACEMENT: &str = "${1}${3}${5}${7}0${2}${4}${6}${8}${9}";

/// The groups of [`EXPRESSION`] that hold what stands before a code.
pub(in crate::ingest::signature) const BEFORE: [usize; 4] = [1, 3, 5, 7];
/// The groups that hold a code and what shows that it is over.
pub(in crate::ingest::signature) const CODE: [usize; 5] = [2, 4, 6, 8, 9];

/// Fronts of codes that tell by themselves.
const FRONTS: [&[u8]; 5] = [b"E", b"ORA-", b"TNS-", b"PLS-", b"RMAN-"];
/// What stands before a number that is kept, without the marks between.
const CUES: [&[u8]; 9] = [
    b"errno",
    b"os error",
    b"exit status",
    b"exit code",
    b"error code",
    b"status code",
    b"status Code",
    b"Status code",
    b"Status Code",
];
/// What stands before a name with a number, and before a number that a colon or a bracket follows.
const ERRORS: [&[u8]; 5] = [b"error ", b"Error ", b"ERROR ", b"warning ", b"Warning "];

/// How many bytes mark a word of a folded text, perhaps with a full stop behind it, as a code; `None` where it is none.
///
/// Any other word with a digit is `0` there, or a row of such beside the `_` that cannot go on an address.
pub(in crate::ingest::signature) fn marker(word: &[u8]) -> Option<usize> {
    let stem = word.strip_suffix(b".").unwrap_or(word);
    match stem {
        [b'4' | b'5', b'0'..=b'9', b'0'..=b'9'] => Some(0),
        [b'0', code @ ..] => {
            let is_zero = code.iter().all(|byte| *byte == b'0');
            let is_name = || tells_itself(code) || is_state(code) || is_numbered(code);
            (!is_zero && (is_count(1..=5)(code) || is_name())).then_some(1)
        }
        _ => None,
    }
}

/// The same of the word `start..end` of a folded text, where a second fold would keep the code as well: it does not where
/// what stands before is part of a value then.
pub(in crate::ingest::signature) fn marker_at(text: &[u8], start: usize, end: usize) -> Option<usize> {
    let word = text.get(start..end)?;
    let marker = marker(word)?;
    let code = word.get(marker..)?;
    let code = code.strip_suffix(b".").unwrap_or(code);
    if tells_itself(code) {
        return Some(marker);
    }
    let near = start.saturating_sub(CUE_BYTES);
    let run = text.get(..near)?.iter().rev().take_while(|byte| super::is_run(**byte)).count();
    let front = super::close(&String::from_utf8_lossy(text.get(near - run..start)?));
    let front = front.as_bytes();
    let is_told_apart = || told_apart(text, start + marker + code.len()).is_some();
    let stays = match marker {
        0 => front.ends_with(b"HTTP/0 ") || front.ends_with(b"HTTP/0\" "),
        _ => {
            (behind_sqlstate(front) && is_state(code))
                || (behind_cue(front) && is_count(1..=4)(code))
                || (behind_error(front) && (is_numbered(code) || (is_count(1..=5)(code) && is_told_apart())))
        }
    };
    stays.then_some(marker)
}

/// The most bytes of a cue and the marks behind it.
const CUE_BYTES: usize = 13;

/// Finds the code in the word `start..end`, which holds a digit: where it begins, without a marker, and where its match
/// ends, with what has to stand behind it. No match began before `free`.
pub(super) fn code(text: &[u8], start: usize, end: usize, free: usize) -> Option<Range<usize>> {
    let (word, front) = (text.get(start..end)?, text.get(free..start).unwrap_or_default());
    let bare = word.strip_prefix(b"0").unwrap_or(word);
    let behind_state = behind_sqlstate(front);
    // `0E000` is how a fold writes `E000`.
    let is_whole = tells_itself(word) || (behind_state && is_state(word) && !tells_itself(bare));
    let is_cued = || (behind_cue(front) && is_count(1..=4)(bare)) || (behind_error(front) && is_numbered(bare));
    let is_code = is_whole || tells_itself(bare) || (behind_state && is_state(bare)) || is_cued();
    let begin = if is_whole { start } else { end - bare.len() };
    if is_code && let Some(match_end) = closed(text, end) {
        return Some(begin..match_end);
    }
    let is_number = is_count(1..=5)(bare) && behind_error(front);
    if is_number { Some(end - bare.len()..told_apart(text, end)?) } else { None }
}

/// Whether a word tells by itself that it is a code.
fn tells_itself(word: &[u8]) -> bool {
    FRONTS.iter().any(|front| word.strip_prefix(*front).is_some_and(is_number(3..=5)))
        || word.strip_prefix(b"ERR_").is_some_and(is_name_with_digits)
}

/// Whether a text is of capitals and underscores with single digits behind them, as in `HTTP2_STREAM`.
fn is_name_with_digits(text: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_';
    text.first().is_some_and(is_letter)
        && text.iter().all(|byte| is_letter(byte) || byte.is_ascii_digit())
        && text.iter().any(u8::is_ascii_digit)
        && !text.windows(2).any(|pair| pair.iter().all(u8::is_ascii_digit))
}

/// Whether a word is one to five capitals and a number of three to five digits: `TS2345`, `LNK2019`.
fn is_numbered(word: &[u8]) -> bool {
    let n_capitals = word.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    matches!(n_capitals, 1..=5) && word.get(n_capitals..).is_some_and(is_number(3..=5))
}

/// Finds a status in a request line, where the run `start..end` is the version of HTTP; returns where its match ends.
pub(super) fn status(text: &[u8], start: usize, end: usize, free: usize) -> Option<usize> {
    const FRONT: &[u8] = b"HTTP/";
    let version = text.get(start..end)?;
    let is_version = version.first()?.is_ascii_digit() && version.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
    if !is_version || start < free + FRONT.len() || !text.get(..start)?.ends_with(FRONT) {
        return None;
    }
    let behind = text.get(end..)?;
    let quoted = behind.strip_prefix(b"\"").unwrap_or(behind);
    let code = quoted.strip_prefix(b" ")?.first_chunk::<3>()?;
    let is_status = matches!(code, [b'4' | b'5', b'0'..=b'9', b'0'..=b'9']);
    if is_status { closed(text, end + behind.len() - quoted.len() + 4) } else { None }
}

/// Whether the word at `start..end` might be a code, or the version before one. Never wrong about what is none, so that
/// all others can be folded without a closer look.
#[inline(always)]
pub(super) fn may_be(text: &[u8], start: usize, end: usize) -> bool {
    let byte = |at: usize| text.get(at).copied().unwrap_or(0);
    let first = byte(start);
    let is_front = (first == b'E' && (byte(start + 1).is_ascii_digit() || byte(start + 3) == b'_'))
        || (matches!(first, b'O' | b'T' | b'P' | b'R')
            && end - start >= 7
            && text.get(start..end).is_some_and(|word| word.contains(&b'-')))
        || (first == b'0' && byte(start + 1).is_ascii_uppercase());
    // Of the version of HTTP alone, the length is free.
    let may_fit = end - start <= 11 || byte(start.wrapping_sub(1)) == b'/';
    is_front || (start >= 4 && may_fit && may_be_cued(text, start))
}

/// Whether what stands before `start` ends like what stands before a code.
#[inline(always)]
fn may_be_cued(text: &[u8], start: usize) -> bool {
    let ends = |at: usize, end: &[u8]| text.get(..at).is_some_and(|front| front.ends_with(end));
    let mut at = start;
    while at > 0
        && start - at < 3
        && text.get(at - 1).is_some_and(|byte| matches!(byte, b' ' | b'=' | b':' | b'[' | b'(' | b'"' | b'\''))
    {
        at -= 1;
    }
    match at.checked_sub(1).and_then(|last| text.get(last)) {
        Some(b'/') => ends(at, b"HTTP/"),
        Some(b'e' | b'E') if at < start => {
            let state = at.checked_sub(5).and_then(|from| text.get(from..at));
            ends(at, b" code") || ends(at, b" Code") || state.is_some_and(|state| state.eq_ignore_ascii_case(b"state"))
        }
        Some(b'o') if at < start => ends(at, b"errno"),
        Some(b'r') if at < start => ends(at, b"rror"),
        Some(b'R') if at < start => ends(at, b"ERROR"),
        Some(b'g') if at < start => ends(at, b"arning"),
        Some(b's') if at < start => ends(at, b"exit status"),
        _ => false,
    }
}

/// Whether a text ends with `SQLSTATE` and at most three marks.
fn behind_sqlstate(front: &[u8]) -> bool {
    (1..=3).any(|n| {
        let Some((front, marks)) = front.len().checked_sub(n).and_then(|at| front.split_at_checked(at)) else {
            return false;
        };
        let Some((front, state)) = front.split_last_chunk::<5>() else { return false };
        let front = front.strip_suffix(b" ").unwrap_or(front);
        let are_marks = marks.iter().all(|byte| matches!(byte, b' ' | b'=' | b':' | b'[' | b'(' | b'"' | b'\''));
        let sql = front.last_chunk::<3>();
        are_marks && state.eq_ignore_ascii_case(b"state") && sql.is_some_and(|sql| sql.eq_ignore_ascii_case(b"sql"))
    })
}

/// Whether a text ends with one of [`CUES`] and one or two marks.
fn behind_cue(front: &[u8]) -> bool {
    (1..=2).any(|n| {
        let Some((front, marks)) = front.len().checked_sub(n).and_then(|at| front.split_at_checked(at)) else {
            return false;
        };
        marks.iter().all(|byte| matches!(byte, b' ' | b'=' | b':')) && CUES.iter().any(|cue| front.ends_with(cue))
    })
}

/// Whether a text ends with one of [`ERRORS`].
fn behind_error(front: &[u8]) -> bool {
    ERRORS.iter().any(|cue| front.ends_with(cue))
}

/// Where the match of a number that ends at `end` ends: behind a colon or an opening bracket that follows it.
fn told_apart(text: &[u8], end: usize) -> Option<usize> {
    match text.get(end..)? {
        [b':'] => Some(end + 1),
        [b':', next, ..] if !goes_on(*next) => Some(end + 2),
        [b' ', b'(', ..] => Some(end + 2),
        _ => None,
    }
}

/// Whether a text is such a number that does not begin with a zero.
fn is_count(n_digits: std::ops::RangeInclusive<usize>) -> impl Fn(&[u8]) -> bool {
    let is_number = is_number(n_digits);
    move |text| !text.starts_with(b"0") && is_number(text)
}

/// Whether a text is a number of so many digits.
fn is_number(n_digits: std::ops::RangeInclusive<usize>) -> impl Fn(&[u8]) -> bool {
    move |text| n_digits.contains(&text.len()) && text.iter().all(u8::is_ascii_digit)
}

/// Whether a word has the form of an SQLSTATE: five capitals and digits, at least one of them a digit.
fn is_state(word: &[u8]) -> bool {
    word.len() == 5
        && word.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && word.iter().any(u8::is_ascii_digit)
}

/// Where the match of a code that ends at `end` ends: behind what shows that the code is over.
fn closed(text: &[u8], end: usize) -> Option<usize> {
    match (text.get(end), text.get(end + 1)) {
        (None, _) => Some(end),
        (Some(b'.'), None) => Some(end + 1),
        (Some(b'.'), Some(next)) if !goes_on(*next) => Some(end + 2),
        (Some(next), _) if !goes_on(*next) => Some(end + 1),
        (Some(_), _) => None,
    }
}

/// Whether a word or an address would go on with this byte.
fn goes_on(byte: u8) -> bool {
    class(byte) & (LOCAL | DIGIT) != 0 || byte == b'@'
}
