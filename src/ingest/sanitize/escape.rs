//! Finds the ends of escape sequences, as ECMA-48 and xterm define them.

use crate::ingest::decode::cut;

/// The most that an unfinished sequence may take, in bytes; what comes behind is text again.
const UNFINISHED_BYTES: usize = 256;

/// An escape sequence at the start of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    /// Its length in bytes, above zero.
    pub(super) len: usize,
    /// Whether it ended as it should.
    pub(super) is_complete: bool,
}

/// Whether a sequence may start with this character.
pub(super) fn may_start(c: char) -> bool {
    matches!(c, '\u{1b}' | '\u{90}' | '\u{98}' | '\u{9b}' | '\u{9d}'..='\u{9f}')
}

/// The sequence at the start of a text; `None` for a text that starts otherwise, or with a lone escape character.
pub(super) fn sequence(text: &str) -> Option<Sequence> {
    let first = text.chars().next()?;
    if !may_start(first) {
        return None;
    }
    let n = first.len_utf8();
    let rest = text.get(n..)?;
    match first {
        '\u{9b}' => Some(control(rest, n)),
        '\u{1b}' => match rest.bytes().next()? {
            b'[' => Some(control(rest.get(1..)?, n + 1)),
            b']' | b'P' | b'X' | b'^' | b'_' => Some(string(rest.get(1..)?, n + 1)),
            b' '..=b'/' => {
                let n_marks = rest.bytes().take(16).take_while(|byte| (b' '..=b'/').contains(byte)).count();
                let ends = rest.as_bytes().get(n_marks).is_some_and(|byte| (b'0'..=b'~').contains(byte));
                Some(Sequence { len: n + n_marks + usize::from(ends), is_complete: ends })
            }
            b'0'..=b'~' => Some(Sequence { len: n + 1, is_complete: true }),
            _ => None,
        },
        _ => Some(string(rest, n)),
    }
}

/// A control sequence behind its introducer: parameters, intermediates, one final byte.
fn control(rest: &str, introducer: usize) -> Sequence {
    let bytes = rest.as_bytes();
    let n = bytes.iter().take(UNFINISHED_BYTES).take_while(|byte| (b' '..=b'?').contains(byte)).count();
    match bytes.get(n) {
        Some(b'@'..=b'~') => Sequence { len: introducer + n + 1, is_complete: true },
        _ => {
            // Blanks are not eaten when the sequence broke off: they are more likely text.
            let n = bytes.iter().take(n).take_while(|byte| **byte != b' ').count();
            Sequence { len: introducer + n, is_complete: false }
        }
    }
}

/// A control string behind its introducer: up to BEL or the string terminator, on one line.
///
/// Another escape character breaks it off, so that every byte is looked at once.
fn string(rest: &str, introducer: usize) -> Sequence {
    let is_end = |c: char| matches!(c, '\u{7}' | '\u{1b}' | '\u{9c}' | '\n' | '\u{18}' | '\u{1a}');
    let at = rest.find(is_end).unwrap_or(rest.len());
    let end = rest.get(at..).unwrap_or_default();
    let terminator = match end.chars().next() {
        Some('\u{7}' | '\u{18}' | '\u{1a}') => 1,
        Some('\u{9c}') => 2,
        Some('\u{1b}') if end.as_bytes().get(1) == Some(&b'\\') => 2,
        _ => 0,
    };
    if terminator > 0 {
        return Sequence { len: introducer + at + terminator, is_complete: true };
    }
    let most = cut(rest, UNFINISHED_BYTES.min(at)).len();
    Sequence { len: introducer + most, is_complete: false }
}
