//! A date in words goes with its numbers, a number with its unit, a value with its list.

use super::pass::Pass;
use crate::ingest::signature::tokens::Token;
use crate::ingest::signature::words::Lists;

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

/// Joins lists of variables of any length, and a variable with what brackets add to it; tells whether there
/// was any.
pub fn join_lists(tokens: &mut Vec<Token>) -> bool {
    let may_end = |token: &Token| token.is_variable() || token.is_mark(b')');
    let ends = |at: &usize| {
        tokens.get(..=*at).is_some_and(|tokens| tokens.last().is_some_and(may_end) && joined_end(tokens).is_some())
    };
    let Some(first) = (0..tokens.len()).find(ends) else { return false };
    let mut pass = Pass::at(tokens, first);
    while let Some(next) = pass.rest().first().copied() {
        pass.keep(1);
        if !may_end(&next) {
            continue;
        }
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

/// The length to which `tokens`, which end with a variable or a bracket, shrink when their end says nothing beyond its
/// first variable.
fn joined_end(tokens: &[Token]) -> Option<usize> {
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
