//! What follows an equals sign is a value.

use super::pass::Pass;
use crate::ingest::signature::tokens::Token;
use crate::ingest::signature::words;

/// Masks the values of `key=value` and `key = value`; an empty value stays empty. Tells whether there was any.
pub fn mask(text: &str, tokens: &mut Vec<Token>) -> bool {
    let Some(first) = tokens.iter().position(|token| token.is_mark(b'=')) else { return false };
    // What stood before, which may have been masked since.
    let mut before = first.checked_sub(1).and_then(|before| tokens.get(before)).copied();
    let mut pass = Pass::at(tokens, first);
    // Behind the last bracket of this kind that nothing closes.
    let mut unclosed = 0;
    while let Some(sign) = pass.rest().first().copied() {
        let is_assignment = is_assignment(before, pass.rest());
        pass.keep(1);
        before = Some(sign);
        let value = pass.rest().first().copied().filter(|value| !value.spaced || sign.spaced);
        let Some(value) = value.filter(|_| is_assignment) else { continue };
        let key = pass.done().iter().rev().nth(1).and_then(|key| key.word(text)).unwrap_or("");
        if is_next_key(pass.rest(), sign.spaced) || is_kept(text, key, &value) {
            continue;
        }
        if let Some(inner) = in_angles(pass.rest()) {
            pass.keep(1);
            pass.replace(1, inner.masked());
            before = Some(inner.masked());
            continue;
        }
        let length = value_length(pass.rest(), pass.n_read(), &mut unclosed);
        if let Some(last) = pass.rest().get(..length).and_then(<[Token]>::last).copied() {
            before = Some(last);
            pass.replace(length, value.masked());
        }
    }
    pass.finish()
}

/// Whether `tokens` begin with an equals sign between a key and a value, and no comparison or arrow.
fn is_assignment(before: Option<Token>, tokens: &[Token]) -> bool {
    let touches = |token: &Token| !token.spaced && matches!(token.mark(), b'=' | b'>' | b'<');
    let after_key = before.is_some_and(|key| !key.is_any_mark() || key.is_mark(b'"') || key.is_mark(b']'));
    match tokens {
        [sign, behind @ ..] => {
            let compares = behind.first().is_some_and(touches) && in_angles(behind).is_none();
            sign.is_mark(b'=') && after_key && !compares
        }
        [] => false,
    }
}

/// What stands in `<alice>`, which `tokens` begin with.
fn in_angles(tokens: &[Token]) -> Option<Token> {
    match tokens {
        [open, inner, close, ..]
            if open.is_mark(b'<')
                && close.is_mark(b'>')
                && !inner.is_any_mark()
                && [open, inner, close].iter().all(|token| !token.spaced) =>
        {
            Some(*inner)
        }
        _ => None,
    }
}

/// Whether what follows `key = `, which `tokens` begin with, is itself a key, so that the value is empty.
fn is_next_key(tokens: &[Token], spaced_key: bool) -> bool {
    spaced_key && tokens.get(1).is_some_and(|next| next.is_mark(b'='))
}

/// Whether the value tells what happened.
fn is_kept(text: &str, key: &str, value: &Token) -> bool {
    words::is_telling_key(key) || value.word(text).is_some_and(words::is_error_name)
}

/// How many tokens the value spans that begins at `at`, where `rest` begins; zero when there is none.
fn value_length(rest: &[Token], at: usize, unclosed: &mut usize) -> usize {
    match rest.first() {
        None => 0,
        Some(first) if ends_value(first) => 0,
        Some(first) => {
            let opened = bracket_length(first, rest, at, unclosed);
            if opened > 1 { opened } else { plain_length(rest, at, unclosed) }
        }
    }
}

/// The length of the value that begins at `at`, up to white space or a mark; brackets in it and a list go on.
fn plain_length(rest: &[Token], at: usize, unclosed: &mut usize) -> usize {
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
    matches!(token.mark(), b'"' | b'\'' | b'`' | b',' | b';' | b')' | b']' | b'}' | b'|' | b'>')
}

fn opens_bracket(token: &Token) -> bool {
    matches!(token.mark(), b'[' | b'{' | b'(')
}

/// The length of the balanced group in brackets that `rest` begins with.
fn bracketed(rest: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in rest.iter().enumerate() {
        match token.mark() {
            b'[' | b'{' | b'(' => depth += 1,
            b']' | b'}' | b')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (at > 0).then_some(at + 1);
        }
    }
    None
}
