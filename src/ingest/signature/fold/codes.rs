//! Tells the codes that are kept: those an engineer searches for.
//!
//! `E1234` and `ORA-00600`; what follows `SQLSTATE`; a status of 400 and above behind the version of HTTP in a request
//! line; the number behind `errno`, `os error`, `exit status`, `exit code` and `error code`. A kept code is marked with a
//! `0` in front, which tells it from any other word; a second fold finds the marker and changes nothing. Behind a code
//! stands something that could not go on an address or a word, perhaps behind a full stop.

use std::ops::Range;

use super::{DIGIT, DOMAIN, LOCAL, class};

/// What is folded, in the syntax that RE2, Rust, Java and PCRE share: an address, the codes, any word with a digit.
pub const EXPRESSION: &str = concat!(
    r#"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+"#,
    r#"|([Ss][Qq][Ll] ?[Ss][Tt][Aa][Tt][Ee][ =:\[("']{1,3})0?((?:[0-9][0-9A-Z]{4}|[A-Z][0-9][0-9A-Z]{3}"#,
    r#"|[A-Z]{2}[0-9][0-9A-Z]{2}|[A-Z]{3}[0-9][0-9A-Z]|[A-Z]{4}[0-9])(?:\.?[^A-Za-z0-9_.%+@-]|\.?$))"#,
    r#"|(HTTP/)[0-9][0-9.]*("? [45][0-9][0-9](?:\.?[^A-Za-z0-9_.%+@-]|\.?$))"#,
    r#"|((?:errno|os error|exit status|exit code|error code)[ =:]{1,2})0?([1-9][0-9]{0,3}(?:\.?[^A-Za-z0-9_.%+@-]|\.?$))"#,
    r#"|0?((?:E|(?:ORA|TNS|PLS|RMAN)-)[0-9]{3,5}(?:\.?[^A-Za-z0-9_.%+@-]|\.?$))"#,
    r#"|[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*"#,
);

/// What stands in its place; a group that took no part is empty.
pub const REPLACEMENT: &str = "${1}${3}${5}0${2}${4}${6}${7}";

/// Fronts of codes that tell by themselves.
const FRONTS: [&[u8]; 5] = [b"E", b"ORA-", b"TNS-", b"PLS-", b"RMAN-"];
/// What stands before a number that is kept, without the marks between.
const CUES: [&[u8]; 5] = [b"errno", b"os error", b"exit status", b"exit code", b"error code"];

/// How many bytes mark a word of a folded text, perhaps with a full stop behind it, as a code; `None` where it is none.
///
/// Any other word with a digit is `0` there, or a row of such beside the `_` that cannot go on an address.
pub(in crate::ingest::signature) fn marker(word: &[u8]) -> Option<usize> {
    let stem = word.strip_suffix(b".").unwrap_or(word);
    match stem {
        [b'4' | b'5', b'0'..=b'9', b'0'..=b'9'] => Some(0),
        [b'0', code @ ..] => {
            let is_count = !code.starts_with(b"0") && is_number(1..=4)(code);
            let is_zero = code.iter().all(|byte| *byte == b'0');
            (!is_zero && (tells_itself(code) || is_state(code) || is_count)).then_some(1)
        }
        _ => None,
    }
}

/// The most bytes of a cue and the marks behind it.
const CUE_BYTES: usize = 13;

/// Whether an address may reach into what stands before the code at `start` of a folded text, so that a second fold would
/// find no cue there.
pub(in crate::ingest::signature) fn behind_address(text: &[u8], start: usize) -> bool {
    let near = start.saturating_sub(CUE_BYTES);
    let front = text.get(..near).unwrap_or_default();
    let run = front.iter().rev().take_while(|byte| class(**byte) & LOCAL != 0 || **byte == b'@').count();
    let is_address = |window: &[u8]| match window {
        [local, b'@', domain] => class(*local) & LOCAL != 0 && class(*domain) & DOMAIN != 0,
        _ => false,
    };
    text.get(near - run..start).unwrap_or_default().windows(3).any(is_address)
}

/// Finds the code in the word `start..end`, which holds a digit: where it begins, without a marker, and where its match
/// ends, with what has to stand behind it. No match began before `free`.
pub(super) fn code(text: &[u8], start: usize, end: usize, free: usize) -> Option<Range<usize>> {
    let word = text.get(start..end)?;
    let bare = word.strip_prefix(b"0").unwrap_or(word);
    let behind_state = behind_sqlstate(text, start, free).is_some();
    let is_whole = tells_itself(word) || (behind_state && is_state(word));
    let is_count = || behind_cue(text, start, free) && !bare.starts_with(b"0") && is_number(1..=4)(bare);
    let is_code = is_whole || tells_itself(bare) || (behind_state && is_state(bare)) || is_count();
    let begin = if is_whole { start } else { end - bare.len() };
    if is_code { Some(begin..closed(text, end)?) } else { None }
}

/// Whether a word tells by itself that it is a code.
fn tells_itself(word: &[u8]) -> bool {
    FRONTS.iter().any(|front| word.strip_prefix(*front).is_some_and(is_number(3..=5)))
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
    let is_front = (first == b'E' && byte(start + 1).is_ascii_digit())
        || (matches!(first, b'O' | b'T' | b'P' | b'R')
            && end - start >= 7
            && text.get(start..end).is_some_and(|word| word.contains(&b'-')))
        || (first == b'0' && byte(start + 1).is_ascii_uppercase());
    is_front || (start >= 4 && end - start <= 6 && may_be_cued(text, start))
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
            ends(at, b"exit code")
                || ends(at, b"error code")
                || state.is_some_and(|state| state.eq_ignore_ascii_case(b"state"))
        }
        Some(b'o') if at < start => ends(at, b"errno"),
        Some(b'r') if at < start => ends(at, b"os error"),
        Some(b's') if at < start => ends(at, b"exit status"),
        _ => false,
    }
}

/// Whether `SQLSTATE` and at most three marks end at `start`.
fn behind_sqlstate(text: &[u8], start: usize, free: usize) -> Option<()> {
    let front = text.get(free..start)?;
    (1..=3).find_map(|n| {
        let (front, marks) = front.split_at_checked(front.len().checked_sub(n)?)?;
        let are_marks = marks.iter().all(|byte| matches!(byte, b' ' | b'=' | b':' | b'[' | b'(' | b'"' | b'\''));
        let state = front.get(front.len().checked_sub(5)?..)?;
        let front = front.get(..front.len() - 5)?;
        let front = front.strip_suffix(b" ").unwrap_or(front);
        let sql = front.get(front.len().checked_sub(3)?..)?;
        (are_marks && state.eq_ignore_ascii_case(b"state") && sql.eq_ignore_ascii_case(b"sql")).then_some(())
    })
}

/// Whether one of [`CUES`] and one or two marks end at `start`.
fn behind_cue(text: &[u8], start: usize, free: usize) -> bool {
    let Some(front) = text.get(free..start) else { return false };
    (1..=2).any(|n| {
        let Some((front, marks)) = front.len().checked_sub(n).and_then(|at| front.split_at_checked(at)) else {
            return false;
        };
        marks.iter().all(|byte| matches!(byte, b' ' | b'=' | b':')) && CUES.iter().any(|cue| front.ends_with(cue))
    })
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
    let goes_on = |byte: &u8| class(*byte) & (LOCAL | DIGIT) != 0 || *byte == b'@';
    match (text.get(end), text.get(end + 1)) {
        (None, _) => Some(end),
        (Some(b'.'), None) => Some(end + 1),
        (Some(b'.'), Some(next)) if !goes_on(next) => Some(end + 2),
        (Some(next), _) if !goes_on(next) => Some(end + 1),
        (Some(_), _) => None,
    }
}
