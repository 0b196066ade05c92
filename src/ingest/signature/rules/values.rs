//! What follows an equals sign is a value.

use crate::ingest::signature::Rule;
use crate::ingest::signature::tokens::{Kind, Token};
use crate::ingest::signature::words;

/// Masks the values of `key=value` and `key = value`; an empty value stays empty.
pub fn mask(text: &str, tokens: &mut Vec<Token>, masked: &mut Vec<Token>) {
    masked.clear();
    let mut at = 0;
    // Behind the last bracket of this kind that nothing closes.
    let mut unclosed = 0;
    while let Some(token) = tokens.get(at) {
        masked.push(*token);
        at += 1;
        if !is_assignment(tokens, at - 1) {
            continue;
        }
        let spaced_key = token.spaced;
        let Some(value) = tokens.get(at).filter(|value| !value.spaced || spaced_key) else { continue };
        let key = masked.iter().rev().nth(1).and_then(|key| key.word(text)).unwrap_or("");
        if is_next_key(tokens, at, spaced_key) || is_kept(text, key, value) {
            continue;
        }
        let length = value_length(tokens, at, &mut unclosed);
        if let Some(last) = tokens.get(at..at + length).and_then(<[Token]>::last) {
            masked.push(value.masked_to(last, Rule::Assigned));
            at += length;
        }
    }
    std::mem::swap(tokens, masked);
}

/// Whether the token is an equals sign between a key and a value, and no comparison or arrow.
fn is_assignment(tokens: &[Token], at: usize) -> bool {
    let is_sign = tokens.get(at).is_some_and(|token| token.is_mark(b'='));
    let touches = |token: Option<&Token>| {
        token.is_some_and(|next| !next.spaced && matches!(next.kind, Kind::Mark(b'=' | b'>' | b'<')))
    };
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let after_key = before.is_some_and(|key| !key.is_any_mark() || key.is_mark(b'"') || key.is_mark(b']'));
    is_sign && after_key && !touches(tokens.get(at + 1))
}

/// Whether what follows `key = ` is itself a key, so that the value is empty.
fn is_next_key(tokens: &[Token], at: usize, spaced_key: bool) -> bool {
    spaced_key && tokens.get(at + 1).is_some_and(|next| next.is_mark(b'='))
}

/// Whether the value tells what happened.
fn is_kept(text: &str, key: &str, value: &Token) -> bool {
    words::is_telling_key(key) || value.word(text).is_some_and(words::is_error_name)
}

/// How many tokens the value spans that begins at `at`; zero when there is none.
fn value_length(tokens: &[Token], at: usize, unclosed: &mut usize) -> usize {
    let rest = tokens.get(at..).unwrap_or_default();
    match rest.first() {
        None => 0,
        Some(first) if ends_value(first) => 0,
        Some(first) => {
            let opened = bracket_length(first, rest, at, unclosed);
            if opened > 1 { opened } else { plain_length(tokens, at, unclosed) }
        }
    }
}

/// The length of the value that begins at `at`, up to white space or a mark; brackets in it and a list go on.
fn plain_length(tokens: &[Token], at: usize, unclosed: &mut usize) -> usize {
    let rest = tokens.get(at..).unwrap_or_default();
    let mut length = 1;
    while let Some(next) = rest.get(length).filter(|next| !next.spaced) {
        if !ends_value(next) {
            length += bracket_length(next, rest.get(length..).unwrap_or_default(), at + length, unclosed);
            continue;
        }
        let item = rest.get(length + 1).filter(|item| next.is_mark(b',') && !item.spaced && !item.is_any_mark());
        let is_key = rest.get(length + 2).is_some_and(|after| after.is_mark(b'=') || after.is_mark(b':'));
        if item.is_none() || is_key {
            break;
        }
        length += 2;
    }
    length
}

/// The length of the group in brackets at `at`, where `rest` begins; 1 when there is none.
fn bracket_length(first: &Token, rest: &[Token], at: usize, unclosed: &mut usize) -> usize {
    if !opens_bracket(first) || at < *unclosed {
        return 1;
    }
    bracketed(rest).unwrap_or_else(|| {
        // Nothing closes this bracket. Looking again behind it could cost the square of the length.
        *unclosed = at + rest.len();
        1
    })
}

fn ends_value(token: &Token) -> bool {
    matches!(token.kind, Kind::Mark(b'"' | b'\'' | b'`' | b',' | b';' | b')' | b']' | b'}' | b'|' | b'>'))
}

fn opens_bracket(token: &Token) -> bool {
    matches!(token.kind, Kind::Mark(b'[' | b'{' | b'('))
}

/// The length of the balanced group in brackets that `rest` begins with.
fn bracketed(rest: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in rest.iter().enumerate() {
        match token.kind {
            Kind::Mark(b'[' | b'{' | b'(') => depth += 1,
            Kind::Mark(b']' | b'}' | b')') => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (at > 0).then_some(at + 1);
        }
    }
    None
}
