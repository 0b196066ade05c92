//! Reads lines of `key=value` pairs.

use std::borrow::Cow;

use super::json::{Kind, Pair};
use super::plain;
use super::{Context, Record, roles};

/// Names that make a line logfmt even when bare words stand between the pairs.
const TELLING: [&str; 8] = ["msg", "message", "level", "lvl", "severity", "err", "error", "event"];

/// More pairs than this are read as part of the line, but not kept.
const PAIRS: usize = 1_000;

/// Reads a line that begins with a pair and is made of pairs; `None` when it is something else.
///
/// A line with a level or a message whose quotes never close was meant to be logfmt: it is plain, and malformed.
pub(super) fn read(text: &str, context: &Context) -> Option<Record> {
    key(text)?;
    match pairs(text) {
        Some(pairs) => roles::logfmt(pairs, text, context),
        None if unclosed(text) => {
            let mut record = plain::read(text, context, 0);
            record.malformed = true;
            Some(record)
        }
        None => None,
    }
}

/// Reads pairs at the end of a message, such as klog and logrus write; `None` unless all of it is pairs.
pub(super) fn trailing(text: &str) -> Option<Vec<Pair<'_>>> {
    let text = text.trim();
    let mut rest = text;
    let mut pairs = Vec::new();
    while !rest.is_empty() {
        let (pair, behind) = pair(rest)?;
        pairs.push(pair?);
        rest = behind.trim_start_matches(' ');
    }
    (!pairs.is_empty()).then_some(pairs)
}

/// The pairs of a line that begins with one and is made of them; `None` when it is something else.
pub(super) fn pairs(text: &str) -> Option<Vec<Pair<'_>>> {
    key(text)?;
    let mut rest = text.trim_end();
    let mut pairs = Vec::new();
    let mut n_words = 0;
    while !rest.is_empty() {
        let (pair, behind) = pair(rest)?;
        match pair {
            Some(pair) if pairs.len() < PAIRS => pairs.push(pair),
            Some(_) => {}
            None => n_words += 1,
        }
        rest = behind.trim_start_matches([' ', '\t']);
    }
    let is_telling = |pair: &Pair<'_>| TELLING.iter().any(|name| pair.name.eq_ignore_ascii_case(name));
    let telling = pairs.iter().any(is_telling);
    (pairs.len() >= 2 && (n_words == 0 || (telling && n_words <= pairs.len()))).then_some(pairs)
}

/// Reads one pair, or one bare word as `None`; returns the rest behind it. `None` for unclosed quotes.
fn pair(text: &str) -> Option<(Option<Pair<'_>>, &str)> {
    let Some((name, rest)) = key(text) else {
        let end = text.find([' ', '\t']).unwrap_or(text.len());
        return Some((None, text.get(end..)?));
    };
    let (value, kind, behind) = match rest.strip_prefix('"') {
        Some(quoted) => {
            let (value, behind) = unquote(quoted)?;
            (value, Kind::Text, behind)
        }
        None => {
            let (value, behind) = rest.split_at_checked(bare_length(rest))?;
            (value.into(), Kind::Text, behind)
        }
    };
    if !behind.is_empty() && !behind.starts_with([' ', '\t']) {
        let end = behind.find([' ', '\t']).unwrap_or(behind.len());
        return Some((None, behind.get(end..)?));
    }
    Some((Some(Pair { name: name.into(), value, kind }), behind))
}

/// The value without quotes that a text behind `=` begins with; `None` where it begins otherwise, or `=` was no such sign.
pub(super) fn bare(text: &str) -> Option<&str> {
    if text.starts_with(['"', '=', '>']) { None } else { text.get(..bare_length(text)) }
}

fn bare_length(text: &str) -> usize {
    memchr::memchr2(b' ', b'\t', text.as_bytes()).unwrap_or(text.len())
}

/// The name in front of `=` at the start of a text, and the rest behind `=`.
fn key(text: &str) -> Option<(&str, &str)> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/' | b'@' | b':');
    let n = text.bytes().take(128).take_while(is_part).count();
    let (name, rest) = text.split_at_checked(n)?;
    let first = name.bytes().next()?;
    let rest = rest.strip_prefix('=').filter(|rest| !rest.starts_with(['=', '>']))?;
    (first.is_ascii_alphabetic() || matches!(first, b'_' | b'@')).then_some((name, rest))
}

/// Reads a value behind its opening quote; returns it without escapes, and the rest behind the closing quote.
fn unquote(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let first = memchr::memchr2(b'"', b'\\', text.as_bytes())?;
    if text.as_bytes().get(first) == Some(&b'"') {
        return Some((text.get(..first)?.into(), text.get(first + 1..)?));
    }
    let mut value = String::new();
    let mut rest = text;
    loop {
        let n = memchr::memchr2(b'"', b'\\', rest.as_bytes())?;
        value.push_str(rest.get(..n)?);
        if rest.as_bytes().get(n) == Some(&b'"') {
            return Some((value.into(), rest.get(n + 1..)?));
        }
        let escaped = rest.get(n + 1..)?.chars().next()?;
        match escaped {
            'n' => value.push('\n'),
            't' => value.push('\t'),
            'r' => value.push('\r'),
            '"' | '\\' => value.push(escaped),
            other => value.extend(['\\', other]),
        }
        rest = rest.get(n + 1 + escaped.len_utf8()..)?;
    }
}

fn unclosed(text: &str) -> bool {
    let says = |name: &str| text.contains(&format!("{name}=\"")) || text.starts_with(&format!("{name}="));
    ["msg", "message", "level", "time", "ts"].iter().any(|name| says(name)) && text.matches("=\"").count() > 0
}
