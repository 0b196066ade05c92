//! What colons hold together is an address or a time; a bound goes with its number.

use super::pass::Pass;
use crate::ingest::signature::tokens::Token;

/// What joining did.
pub struct Joined {
    /// Something was joined.
    pub changed: bool,
    /// Joining again may join more.
    pub may_join_more: bool,
}

/// Joins what colons hold together: times, `host:port`, MAC and IPv6 addresses.
pub fn join(text: &str, tokens: &mut Vec<Token>) -> Joined {
    // Most tokens stand apart.
    let begins = |pair: &[Token]| matches!(pair, [first, second] if !second.spaced && belongs(text, first));
    let Some(first) = tokens.windows(2).position(begins) else {
        return Joined { changed: false, may_join_more: false };
    };
    let mut pass = Pass::at(tokens, first);
    let mut may_join_more = false;
    while let [first, rest @ ..] = pass.rest() {
        if rest.first().is_none_or(|second| second.spaced) || !belongs(text, first) {
            pass.keep(1);
            continue;
        }
        let first = *first;
        let before = pass.last();
        let free = first.spaced || before.is_none_or(|last| last.is_any_mark() && !last.is_mark(b':'));
        let members = colon_group(text, pass.rest());
        match members {
            [_, _, ..] if is_address(members, free) => {
                may_join_more |= members.len() == LONGEST_ADDRESS || !free;
                let n_members = members.len();
                pass.replace(n_members, first.masked());
            }
            _ => {
                may_join_more |= members.len() > 1;
                pass.keep(1);
            }
        }
    }
    Joined { changed: pass.finish(), may_join_more }
}

/// The most tokens that an address with colons has; it keeps rules linear for what is none.
const LONGEST_ADDRESS: usize = 48;

/// Whether a token may be part of an address with colons.
fn belongs(text: &str, token: &Token) -> bool {
    token.is_variable() || token.is_mark(b':') || token.word(text).is_some_and(is_hex_group)
}

/// The group of variables, hexadecimal words and colons that `tokens` begin with.
fn colon_group<'t>(text: &str, tokens: &'t [Token]) -> &'t [Token] {
    let within = tokens.iter().take(LONGEST_ADDRESS).skip(1);
    let mut group = 1 + within.take_while(|token| !token.spaced && belongs(text, token)).count();
    // A colon at the end is punctuation.
    while group > 1 && tokens.get(group - 1).is_some_and(|last| last.is_mark(b':')) {
        group -= 1;
    }
    tokens.get(..group).unwrap_or_default()
}

fn is_hex_group(word: &str) -> bool {
    word.len() <= 4 && word.bytes().all(|byte| matches!(byte, b'a'..=b'f' | b'A'..=b'F'))
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
pub fn join_bounds(tokens: &mut Vec<Token>) -> bool {
    let is_sign = |token: &Token| (token.is_mark(b'<') || token.is_mark(b'>')) && token.spaced;
    let Some(mut pass) = Pass::from(tokens, is_sign) else { return false };
    while let Some(first) = pass.rest().first().copied() {
        let bound = is_sign(&first);
        match pass.rest() {
            [_, number, after @ ..]
                if bound
                    && number.is_variable()
                    && !number.spaced
                    && !after.first().is_some_and(|next| next.is_mark(b'>')) =>
            {
                pass.replace(2, first.masked());
            }
            _ => pass.keep(1),
        }
    }
    pass.finish()
}
