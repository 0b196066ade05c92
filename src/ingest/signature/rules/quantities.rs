//! A date in words goes with its numbers, a number with its unit, a value with its list.

use super::fields;
use super::pass::Pass;
use crate::ingest::signature::tokens::{Kind, Table, Token, table};
use crate::ingest::signature::words::{self, Lists};

/// Joins a date in words with the numbers around it: `Fri Jan 5 10:00:00 2026 UTC`; tells whether there was any.
pub fn join_dates(tokens: &mut Vec<Token>) -> bool {
    let begins = Lists::DATE.or(Lists::TIME_SUFFIX);
    let Some(mut pass) = Pass::from(tokens, |token| token.lists.any(begins)) else { return false };
    while let Some(first) = pass.rest().first().copied() {
        let run = if first.lists.any(Lists::DATE) { date_run(pass.rest()) } else { 0 };
        let members = pass.rest().get(..run).unwrap_or_default();
        let day_before = pass.last().is_some_and(Token::is_variable);
        let has_number = members.iter().any(Token::is_variable) || day_before;
        match members.len() {
            1.. if has_number => {
                if day_before && (!first.spaced || run > 1) {
                    pass.cut(pass.done().len() - 1);
                }
                pass.replace(run, first.masked());
            }
            1.. => pass.keep(run),
            0 if first.lists.any(Lists::TIME_SUFFIX) && first.spaced && day_before => {
                pass.skip();
            }
            0 => pass.keep(1),
        }
    }
    pass.finish()
}

fn date_run(tokens: &[Token]) -> usize {
    let is_part = |token: &&Token| {
        token.is_variable() || token.is_mark(b',') || token.lists.any(Lists::DATE.or(Lists::TIME_SUFFIX))
    };
    let run = tokens.iter().take_while(is_part).count();
    // A comma at the end is punctuation.
    let trailing = tokens.iter().take(run).rev().take_while(|token| token.is_mark(b',')).count();
    run - trailing
}

/// Joins a number with its unit, which changes with the size of the number; tells whether there was any.
pub fn join_units(tokens: &mut Vec<Token>) -> bool {
    let Some(mut pass) = Pass::from(tokens, |token| token.lists.any(Lists::UNIT)) else { return false };
    while let Some(token) = pass.rest().first().copied() {
        let number_before = token.spaced && pass.last().is_some_and(Token::is_variable);
        if number_before && token.lists.any(Lists::UNIT) {
            pass.skip();
        } else {
            pass.keep(1);
        }
    }
    pass.finish()
}

/// Masks what a program prints in square brackets: a list, as in `[orders, users]`, a name that somebody gave, and any word
/// behind a cue, as in `queue [orders]`.
pub fn mask_items(text: &str, tokens: &mut [Token]) -> Items {
    let mut found = Items::default();
    let mut at = 0;
    while let Some(open) = tokens.iter().skip(at).position(|token| token.is_mark(b'[')).map(|open| at + open) {
        at = open + 1;
        let before = open.checked_sub(1).and_then(|before| tokens.get(before)).copied();
        found.has_map |= before.as_ref().is_some_and(|before| fields::is_map(text, before));
        let n_items = items(text, before.as_ref(), tokens.get(at..).unwrap_or_default());
        for item in tokens.iter_mut().skip(at).take(n_items).filter(|item| item.is_word()) {
            *item = item.masked();
            found.changed = true;
        }
    }
    found
}

/// What stands in square brackets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Items {
    /// Something was masked.
    pub changed: bool,
    /// There may be a map of Go.
    pub has_map: bool,
}

/// How many tokens the items take that stand behind a bracket, up to the one that closes it; zero when they are none.
fn items(text: &str, before: Option<&Token>, tokens: &[Token]) -> usize {
    let is_item =
        |token: &Token| token.is_variable() || token.word(text).is_some_and(|word| !words::is_error_name(word));
    if let [only, close, ..] = tokens
        && close.is_mark(b']')
    {
        // What begins a message in brackets is a part of the program.
        let is_cued = before.is_some_and(|cue| cue.lists.any(Lists::PERSON_CUE.or(Lists::THING_CUE)));
        let is_given = before.is_some() && only.word(text).is_some_and(words::is_given_name);
        return usize::from(is_item(only) && (is_cued || is_given));
    }
    let mut length = 0;
    loop {
        match tokens.get(length..) {
            Some([item, comma, ..]) if is_item(item) && comma.is_mark(b',') => length += 2,
            Some([item, close, ..]) if is_item(item) && close.is_mark(b']') => return length + 1,
            _ => return 0,
        }
    }
}

/// Joins lists of variables of any length, and a variable with what brackets add to it; tells whether there
/// was any.
pub fn join_lists(tokens: &mut Vec<Token>) -> bool {
    let may_begin = |pair: &[Token]| matches!(pair, [before, last] if may_join(before, last));
    let Some(first) = tokens.windows(2).position(may_begin) else { return false };
    // The pair may join where it ends.
    let first = first + 1;
    let mut pass = Pass::at(tokens, first);
    while !pass.rest().is_empty() {
        pass.keep(1);
        while let Some(shorter) = joined_end(pass.done()) {
            let bracket = pass.done().get(shorter).copied().filter(|first| first.is_mark(b'['));
            pass.cut(shorter);
            // An address in brackets becomes a variable where it began.
            if let Some(bracket) = bracket {
                pass.add(bracket.masked());
            }
        }
    }
    pass.finish()
}

/// The length to which `tokens` shrink when their end says nothing beyond its first variable.
#[inline]
fn joined_end(tokens: &[Token]) -> Option<usize> {
    match tokens {
        [.., before, last] if may_join(before, last) => joined(tokens),
        _ => None,
    }
}

/// Whether tokens that end with these two may shrink. Most variables stand behind a word, and most brackets around more
/// than a variable.
#[inline(always)]
fn may_join(before: &Token, last: &Token) -> bool {
    before.of(&BEFORE_JOINED) & last.of(&JOINED) != 0
}

/// What may stand before a mark that is joined, and before a variable.
const BEFORE_JOINED: Table = table(&[
    (Kind::VARIABLE, 0b111),
    (Kind::mark(b','), 1),
    (Kind::mark(b'|'), 1),
    (Kind::mark(b':'), 1),
    (Kind::mark(b'('), 2),
]);

/// What may be joined: a variable, a bracket that closes, a quotation mark.
const JOINED: Table =
    table(&[(Kind::VARIABLE, 1), (Kind::mark(b')'), 2), (Kind::mark(b'"'), 4), (Kind::mark(b'\''), 4)]);

/// The same, of tokens that may shrink.
fn joined(tokens: &[Token]) -> Option<usize> {
    let length = tokens.len();
    match tokens {
        [.., first, second] if first.is_variable() && second.is_variable() => Some(length - 1),
        [.., first, comma, second]
            if first.is_variable() && second.is_variable() && (comma.is_mark(b',') || comma.is_mark(b'|')) =>
        {
            Some(length - 2)
        }
        [.., first, open, close] if first.is_variable() && open.is_mark(b'(') && close.is_mark(b')') => {
            Some(length - 2)
        }
        [.., first, open, inner, close]
            if first.is_variable() && inner.is_variable() && open.is_mark(b'(') && close.is_mark(b')') =>
        {
            Some(length - 3)
        }
        // `'a', 'b'`
        [.., open, first, close, comma, next, second, end]
            if first.is_variable()
                && second.is_variable()
                && comma.is_mark(b',')
                && (open.is_mark(b'"') || open.is_mark(b'\''))
                && [close, next, end].iter().all(|mark| mark.mark() == open.mark()) =>
        {
            Some(length - 4)
        }
        // `[::1]:8080`
        [.., open, host, close, colon, port]
            if open.is_mark(b'[')
                && (open.spaced || length == 5)
                && host.is_variable()
                && close.is_mark(b']')
                && colon.is_mark(b':')
                && port.is_variable()
                && !colon.spaced
                && !port.spaced =>
        {
            Some(length - 5)
        }
        _ => None,
    }
}
