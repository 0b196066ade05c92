//! Turns the bytes of a line into text.

use std::borrow::Cow;
use std::ops::Range;

use crate::ingest::sanitize;

/// The text of a line without line end, byte order mark and the zeros of a hole; whether bytes had to be replaced.
pub(super) fn raw(line: &[u8]) -> (Cow<'_, str>, bool) {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    if memchr::memchr(0, line).is_some()
        && let Some(text) = utf16(line)
    {
        return (Cow::Owned(text), false);
    }
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let hole = line.iter().take_while(|byte| **byte == 0).count();
    let line = line.get(hole..).unwrap_or_default();
    match std::str::from_utf8(line) {
        Ok(text) => (Cow::Borrowed(text), false),
        Err(_) => (Cow::Owned(String::from_utf8_lossy(line).into_owned()), true),
    }
}

/// A text that is nothing but printable ASCII, tabs and line feeds, which [`raw`] and [`without_controls`] leave as it is.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) struct Plain<'l> {
    pub(in crate::ingest) text: &'l str,
    /// There may be a tab in it; told of many lines at once, so that few have to be searched.
    pub(in crate::ingest) may_have_tab: bool,
    /// There may be a double quote in it.
    pub(in crate::ingest) may_have_quote: bool,
}

impl<'l> Plain<'l> {
    /// A line, or several with their ends, as such a text; `None` where it is none.
    pub(in crate::ingest) fn of(bytes: &'l [u8]) -> Option<Self> {
        let (mut other, mut tab, mut quote) = (false, false, false);
        // Without a branch in a chunk, so that many bytes are told at a time.
        for chunk in bytes.chunks(64) {
            let is_other = |byte: u8| (byte < b' ' && byte != b'\t' && byte != b'\n') | (byte >= 0x7f);
            other |= chunk.iter().fold(false, |any, byte| any | is_other(*byte));
            tab |= chunk.iter().fold(false, |any, byte| any | (*byte == b'\t'));
            quote |= chunk.iter().fold(false, |any, byte| any | (*byte == b'"'));
        }
        let text = if other { None } else { std::str::from_utf8(bytes).ok() };
        text.map(|text| Self { text, may_have_tab: tab, may_have_quote: quote })
    }

    /// A part of it.
    pub(in crate::ingest) fn part(self, part: Range<usize>) -> Option<Self> {
        self.text.get(part).map(|text| Self { text, ..self })
    }
}

/// Removes escape sequences whole, and NUL; a lone carriage return or another control becomes a space.
pub(super) fn without_controls(text: &str) -> Cow<'_, str> {
    let acts = |byte: u8| (byte < b' ' && byte != b'\t') | (byte == 0x7f) | (byte == 0xc2);
    // Whole chunks without a branch in them are looked at many bytes at a time.
    if !text.as_bytes().chunks(64).any(|chunk| chunk.iter().fold(false, |any, byte| any | acts(*byte))) {
        return Cow::Borrowed(text);
    }
    let text = sanitize::without_escapes(text);
    let kept = |c: char| match c {
        '\0' => None,
        '\t' | '\n' => Some(c),
        c if c.is_control() => Some(' '),
        c => Some(c),
    };
    Cow::Owned(text.chars().filter_map(kept).collect())
}

/// Reads a line of UTF-16 that was split at the byte of a line feed.
///
/// Every second byte of such a line is zero, or nearly; which one tells the byte order. Little-endian lines
/// begin with the zero that belongs to the line feed before them, big-endian lines end with it. The line alone
/// decides, so that reading may begin anywhere in a file.
fn utf16(line: &[u8]) -> Option<String> {
    if let Some(rest) = line.strip_prefix(b"\xff\xfe") {
        return Some(units(rest, u16::from_le_bytes));
    }
    if let Some(rest) = line.strip_prefix(b"\xfe\xff") {
        return Some(units(rest, u16::from_be_bytes));
    }
    let zeros = |from: usize, line: &[u8]| line.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let little = if line.len() % 2 == 1 { line.strip_prefix(b"\0").unwrap_or(line) } else { line };
    let n_units = (line.len() / 2).max(1);
    if zeros(1, little) * 5 >= n_units * 4 && zeros(0, little) * 5 <= n_units {
        return Some(units(little, u16::from_le_bytes));
    }
    if zeros(0, line) * 5 >= n_units * 4 && zeros(1, line) * 5 <= n_units {
        return Some(units(line, u16::from_be_bytes));
    }
    None
}

fn units(bytes: &[u8], from: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| from([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.trim_start_matches('\u{feff}').trim_end_matches('\r').to_owned()
}

/// The front of a text, at most `most` bytes of it, cut between characters.
pub(in crate::ingest) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}
