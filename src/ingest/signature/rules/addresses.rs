//! What colons hold together is an address or a time; a bound goes with its number.

use super::pass::Pass;
use crate::ingest::signature::Rule;
use crate::ingest::signature::tokens::Token;

/// Joins what colons hold together: times, `host:port`, MAC and IPv6 addresses.
pub fn join(text: &str, tokens: &mut Vec<Token>) {
    let mut pass = Pass::over(tokens);
    while let Some(first) = pass.rest().first().copied() {
        let group = colon_group(text, pass.rest());
        let free = first.spaced || pass.last().is_none_or(|last| last.is_any_mark() && !last.is_mark(b':'));
        let members = pass.rest().get(..group).unwrap_or_default();
        match members.last() {
            Some(last) if group > 1 && is_address(members, free) => {
                let joined = first.masked_to(last, Rule::Joined);
                pass.replace(group, joined);
            }
            _ => pass.keep(1),
        }
    }
    pass.finish();
}

/// The most tokens that an address with colons has; it keeps rules linear for what is none.
const LONGEST_ADDRESS: usize = 48;

/// How many tokens the group of variables, hexadecimal words and colons spans that `tokens` begin with.
fn colon_group(text: &str, tokens: &[Token]) -> usize {
    let belongs =
        |token: &Token| token.is_variable() || token.is_mark(b':') || token.word(text).is_some_and(is_hex_group);
    if !tokens.get(1).is_some_and(|second| !second.spaced) || !tokens.first().is_some_and(belongs) {
        return 1;
    }
    let within = tokens.iter().take(LONGEST_ADDRESS).skip(1);
    let mut group = 1 + within.take_while(|token| !token.spaced && belongs(token)).count();
    // A colon at the end is punctuation.
    while group > 1 && tokens.get(group - 1).is_some_and(|last| last.is_mark(b':')) {
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
fn is_address(members: &[Token], free: bool) -> bool {
    let n_variables = members.iter().filter(|token| token.is_variable()).count();
    let n_words = members.iter().filter(|token| token.is_word()).count();
    let starts_well = match members {
        [first, second, ..] if first.is_mark(b':') => second.is_mark(b':') && free,
        [first, ..] => first.is_variable() || n_words > 1 || members.len() > 3,
        [] => false,
    };
    (n_variables > 0 && starts_well) || n_words >= 6
}

/// Joins a bound with its number: `<1ms` is a value as `5ms` is; in `<1>` the marks are brackets.
pub fn join_bounds(tokens: &mut Vec<Token>) {
    let mut pass = Pass::over(tokens);
    while let Some(first) = pass.rest().first().copied() {
        let bound = (first.is_mark(b'<') || first.is_mark(b'>')) && first.spaced;
        match pass.rest() {
            [_, number, after @ ..]
                if bound
                    && number.is_variable()
                    && !number.spaced
                    && !after.first().is_some_and(|next| next.is_mark(b'>')) =>
            {
                let joined = first.masked_to(number, Rule::Bound);
                pass.replace(2, joined);
            }
            _ => pass.keep(1),
        }
    }
    pass.finish();
}
