//! Tells which spans of a line became its header: time, level, component and fields.
//!
//! Input: a line, and the [`Record`] that was read from it. Output: [`HeaderPart`]s. What the record says is looked for in
//! front of the message, or anywhere in a structured line; what the line says in other words has no span.
//!
//! Pure. Reads nothing anew: it finds back what was read.

use std::ops::Range;

use serde::Serialize;

use super::{Context, Format, Record, level, time};

/// One part of a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeaderPart {
    /// What it was taken for: `time`, `level`, `component`, or the name of a field.
    pub role: String,
    /// What stood there; where there is no span, what was understood.
    pub text: String,
    /// First byte in the line, where it was found.
    pub start: Option<usize>,
    /// Behind its last byte.
    pub end: Option<usize>,
}

/// The parts of a line's header.
#[must_use]
pub fn parts(line: &str, record: &Record, context: &Context) -> Vec<HeaderPart> {
    let structured = matches!(record.format, Format::Json | Format::Logfmt | Format::Access);
    let message_at = line.rfind(record.message.as_str()).filter(|_| !record.message.is_empty() && !structured);
    let header = line.get(..message_at.unwrap_or(line.len())).unwrap_or_default();
    let mut parts = Vec::new();
    if let Some(at) = record.time {
        let found = words(header).find_map(|word| {
            let (read, length) = time::leading(header.get(word.start..)?, context)?;
            (read == at).then(|| word.start..word.start + length)
        });
        let found = found.or_else(|| {
            words(header).find(|word| read_as(header, word, |text| time::whole(text, context) == Some(at)))
        });
        parts.push(part("time", line, found, at.to_string()));
    }
    if let Some(level) = record.level {
        let is_it =
            |text: &str| level::level_of_word(text) == Some(level) || (text.len() == 1 && letter(text) == Some(level));
        let found = words(header).find(|word| read_as(header, word, is_it));
        parts.push(part("level", line, found, level.word().to_owned()));
    }
    if let Some(component) = &record.component {
        parts.push(part("component", line, find(header, component), component.clone()));
    }
    for (name, value) in &record.fields {
        parts.push(part(name, line, find(header, value), value.clone()));
    }
    parts
}

fn letter(text: &str) -> Option<crate::ingest::Level> {
    text.bytes().next().filter(u8::is_ascii_uppercase).and_then(level::of_letter)
}

fn part(role: &str, line: &str, span: Option<Range<usize>>, understood: String) -> HeaderPart {
    let text = span.clone().and_then(|span| line.get(span)).map_or(understood, str::to_owned);
    HeaderPart {
        role: role.to_owned(),
        text,
        start: span.as_ref().map(|span| span.start),
        end: span.map(|span| span.end),
    }
}

fn find(header: &str, value: &str) -> Option<Range<usize>> {
    let start = header.find(value).filter(|_| !value.is_empty())?;
    Some(start..start + value.len())
}

fn read_as(header: &str, word: &Range<usize>, is_it: impl Fn(&str) -> bool) -> bool {
    header.get(word.clone()).is_some_and(is_it)
}

/// Runs of letters and digits, and what a time is made of.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric();
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        at += bytes.get(at..)?.iter().take_while(|byte| !is_part(**byte)).count();
        let length = bytes.get(at..)?.iter().take_while(|byte| is_part(**byte)).count();
        let word = at..at + length;
        at += length;
        (length > 0).then_some(word)
    })
}
