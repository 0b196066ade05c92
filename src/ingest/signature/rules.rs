//! Masks what is a value by its place in the message.
//!
//! One list of rules for every program and language, in a fixed order; each reads the tokens once.

use super::tokens::{Kind, Token};
use super::words;

mod names;
mod quotes;
mod values;

/// What made a variable of a piece of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A pattern of the configuration.
    Configured,
    /// It is an e-mail address.
    Email,
    /// It holds a digit.
    Digit,
    /// Its shape: a path, a host, a long run of random letters.
    Shape,
    /// It stands in quotation marks.
    Quotation,
    /// Colons join it: a time, a host with its port.
    Colons,
    /// A bound before a number.
    Bound,
    /// It is the value behind an equals sign.
    Value,
    /// A word announces it as a name.
    Name,
    /// Words and numbers of a date.
    Date,
    /// The unit behind a number.
    Unit,
    /// A list of variables.
    List,
}

impl Rule {
    /// What it is called.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Configured => "pattern of the configuration",
            Self::Email => "e-mail address",
            Self::Digit => "word with a digit",
            Self::Shape => "path, host or random text",
            Self::Quotation => "quoted text",
            Self::Colons => "joined by colons",
            Self::Bound => "bound",
            Self::Value => "value after =",
            Self::Name => "name after a cue word",
            Self::Date => "date",
            Self::Unit => "unit",
            Self::List => "list",
        }
    }
}

/// Applies every rule.
pub fn mask(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    mask_seen(tokens, &mut |_, _| {})
}

/// Applies every rule, and shows what each made of the tokens.
pub fn mask_seen<'t>(tokens: Vec<Token<'t>>, see: &mut impl FnMut(Rule, &[Token<'t>])) -> Vec<Token<'t>> {
    let mut seen = |rule: Rule, tokens: Vec<Token<'t>>| {
        see(rule, &tokens);
        tokens
    };
    let tokens = seen(Rule::Quotation, quotes::mask(tokens));
    let tokens = seen(Rule::Colons, join_colons(tokens));
    let tokens = seen(Rule::Bound, join_bounds(tokens));
    let tokens = seen(Rule::Value, values::mask(tokens));
    let tokens = seen(Rule::Name, names::mask(tokens));
    // A name before a colon and a number makes an address of them.
    let tokens = seen(Rule::Colons, join_colons(tokens));
    let tokens = seen(Rule::Date, join_dates(tokens));
    let tokens = seen(Rule::Unit, join_units(tokens));
    seen(Rule::List, join_lists(tokens))
}

/// Joins what colons hold together: times, `host:port`, MAC and IPv6 addresses.
fn join_colons(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let mut joined: Vec<Token<'_>> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let Some((first, behind)) = rest.split_first() {
        let group = colon_group(rest);
        let (members, after) = rest.split_at(group);
        let free = first.spaced || joined.last().is_none_or(|last| last.kind == Kind::Mark && !last.is_mark(":"));
        if group > 1 && is_address(members, free) {
            joined.push(first.masked());
            rest = after;
        } else {
            joined.push(*first);
            rest = behind;
        }
    }
    joined
}

/// The most tokens that an address with colons has; it keeps rules linear for what is none.
const LONGEST_ADDRESS: usize = 48;

/// How many tokens the group of variables, hexadecimal words and colons spans that `tokens` begin with.
fn colon_group(tokens: &[Token<'_>]) -> usize {
    let belongs =
        |token: &Token<'_>| token.is_variable() || token.is_mark(":") || token.word().is_some_and(is_hex_group);
    if !tokens.first().is_some_and(belongs) {
        return 1;
    }
    let within = tokens.iter().take(LONGEST_ADDRESS).skip(1);
    let mut group = 1 + within.take_while(|token| !token.spaced && belongs(token)).count();
    // A colon at the end is punctuation.
    while group > 1 && tokens.get(group - 1).is_some_and(|last| last.is_mark(":")) {
        group -= 1;
    }
    group
}

fn is_hex_group(word: &str) -> bool {
    word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a group with colons is an address or a time: a variable is in it, or it is long enough.
///
/// One that begins with a colon, as `::1` does, has to stand `free`: `name::0` is a name.
fn is_address(members: &[Token<'_>], free: bool) -> bool {
    let n_variables = members.iter().filter(|token| token.is_variable()).count();
    let n_words = members.iter().filter(|token| token.kind == Kind::Word).count();
    let starts_well = match members {
        [first, second, ..] if first.is_mark(":") => second.is_mark(":") && free,
        [first, ..] => first.is_variable() || n_words > 1 || members.len() > 3,
        [] => false,
    };
    (n_variables > 0 && starts_well) || n_words >= 6
}

/// Joins a bound with its number: `<1ms` is a value as `5ms` is; in `<1>` the marks are brackets.
fn join_bounds(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let mut joined: Vec<Token<'_>> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        let bound = (first.is_mark("<") || first.is_mark(">")) && first.spaced;
        match behind {
            [number, after @ ..]
                if bound
                    && number.is_variable()
                    && !number.spaced
                    && !after.first().is_some_and(|next| next.is_mark(">")) =>
            {
                joined.push(first.masked());
                rest = after;
            }
            _ => joined.push(*first),
        }
    }
    joined
}

/// Joins a date in words with the numbers around it: `Fri Jan 5 10:00:00 2026 UTC`.
fn join_dates(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let mut joined: Vec<Token<'_>> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let Some((first, behind)) = rest.split_first() {
        let is_date_word = first.word().is_some_and(words::is_date_word);
        let run = if is_date_word { date_run(rest) } else { 0 };
        let (members, after) = rest.split_at(run);
        let day_before = joined.last().is_some_and(Token::is_variable);
        if members.iter().any(Token::is_variable) || (day_before && run > 0) {
            if day_before && (!first.spaced || run > 1) {
                joined.pop();
            }
            joined.push(first.masked());
            rest = after;
        } else if run > 0 {
            joined.extend_from_slice(members);
            rest = after;
        } else {
            let suffix = first.word().is_some_and(words::is_time_suffix) && first.spaced && day_before;
            if !suffix {
                joined.push(*first);
            }
            rest = behind;
        }
    }
    joined
}

fn date_run(tokens: &[Token<'_>]) -> usize {
    let is_part = |token: &&Token<'_>| {
        token.is_variable()
            || token.is_mark(",")
            || token.word().is_some_and(|word| words::is_date_word(word) || words::is_time_suffix(word))
    };
    let run = tokens.iter().take_while(is_part).count();
    // A comma at the end is punctuation.
    let trailing = tokens.iter().take(run).rev().take_while(|token| token.is_mark(",")).count();
    run - trailing
}

/// Joins a number with its unit, which changes with the size of the number.
fn join_units(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let mut joined: Vec<Token<'_>> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let unit = token.word().map(|word| word.trim_end_matches(['.', '!'])).is_some_and(words::is_unit);
        let number_before = token.spaced && joined.last().is_some_and(Token::is_variable);
        if !(unit && number_before) {
            joined.push(token);
        }
    }
    joined
}

/// Joins lists of variables of any length, and a variable with what brackets add to it.
fn join_lists(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let mut joined: Vec<Token<'_>> = Vec::with_capacity(tokens.len());
    for token in tokens {
        joined.push(token);
        while let Some(shorter) = joined_end(&joined) {
            let first = joined.get(shorter).copied();
            joined.truncate(shorter);
            // An address in brackets becomes a variable where it began.
            joined.extend(first.filter(|first| first.is_mark("[")).map(Token::masked));
        }
    }
    joined
}

/// The length to which `tokens` shrink when their end says nothing beyond its first variable.
fn joined_end(tokens: &[Token<'_>]) -> Option<usize> {
    let length = tokens.len();
    match tokens {
        [.., first, second] if first.is_variable() && second.is_variable() => Some(length - 1),
        [.., first, comma, second]
            if first.is_variable() && second.is_variable() && (comma.is_mark(",") || comma.is_mark("|")) =>
        {
            Some(length - 2)
        }
        [.., first, open, close] if first.is_variable() && open.is_mark("(") && close.is_mark(")") => Some(length - 2),
        [.., first, open, inner, close]
            if first.is_variable() && inner.is_variable() && open.is_mark("(") && close.is_mark(")") =>
        {
            Some(length - 3)
        }
        // `[::1]:8080`
        [.., open, host, close, colon, port]
            if open.is_mark("[")
                && (open.spaced || length == 5)
                && host.is_variable()
                && close.is_mark("]")
                && colon.is_mark(":")
                && port.is_variable()
                && !colon.spaced
                && !port.spaced =>
        {
            Some(length - 5)
        }
        _ => None,
    }
}
