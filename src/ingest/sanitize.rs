//! Makes hostile text fit to be shown, stored or copied.
//!
//! Input: text as a log, a repository or a reply holds it. Output: text that cannot act on a terminal
//! ([`visible`]), or that holds no secret of a known shape ([`redact`]). Both take linear time.
//!
//! Pure. Does not judge what a text means.

mod escape;
mod redact;

pub use redact::{MASK, redact, redact_source};

use std::borrow::Cow;

/// What stands for a tab.
const TAB: &str = "    ";

/// Returns text that cannot act on a terminal: ANSI escape sequences are removed whole, any other
/// control, bidirectional or zero-width character is replaced by a visible symbol, tabs by spaces.
///
/// The result holds no character below U+0020 other than, when `keep_newlines`, `\n`; no DEL, no C1 control, no
/// bidirectional control. A control string that never ends leaves its mark, as does what hides text.
#[must_use]
pub fn visible(text: &str, keep_newlines: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(sequence) = escape::sequence(rest) {
            if !sequence.is_complete {
                shown.push('␛');
            }
            rest = rest.get(sequence.len..).unwrap_or_default();
            continue;
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '\t' => shown.push_str(TAB),
            '\n' if keep_newlines => shown.push('\n'),
            '\r' if keep_newlines && rest.starts_with('\n') => {}
            c => shown.push(symbol(c).unwrap_or(c)),
        }
    }
    shown
}

/// Removes escape sequences and nothing else.
pub(super) fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains(escape::may_start) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(escape::may_start) {
        let (front, tail) = rest.split_at(at);
        kept.push_str(front);
        let n = match escape::sequence(tail) {
            Some(sequence) => sequence.len,
            None => {
                let n = tail.chars().next().map_or(0, char::len_utf8);
                kept.push_str(tail.get(..n).unwrap_or_default());
                n
            }
        };
        rest = tail.get(n..).unwrap_or_default();
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// The symbol shown in place of a character that acts or hides.
fn symbol(c: char) -> Option<char> {
    match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)),
        '\u{7f}' => Some('␡'),
        '\u{80}'..='\u{9f}' => Some(char::REPLACEMENT_CHARACTER),
        c if hides(c) => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

/// Whether a character turns the direction of text, has no width, or carries hidden text.
fn hides(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests;
