//! What a program prints of its own data is one value: the fields of an object in braces, in the manner of any language.

use super::pass::Pass;
use crate::ingest::signature::tokens::Token;
use crate::ingest::signature::words;

/// Masks what stands in braces where it is fields with values, as in `Order { id: 7, paid: false }`, `{Name:orders Age:3}` and
/// `{"a":1}`, and in `map[a:1 b:2]`; tells whether there was any.
///
/// What tells what happened stays: braces with a name of a failure or a key such as `error` in them, and those that begin a
/// message.
pub fn mask(text: &str, tokens: &mut Vec<Token>) -> bool {
    let opens = |token: &Token| token.is_mark(b'{') || token.is_mark(b'[');
    let Some(first) = tokens.iter().position(opens) else { return false };
    let mut pass = Pass::at(tokens, first);
    // Behind the last bracket that nothing closes.
    let mut unclosed = 0;
    while let Some(next) = pass.rest().first() {
        if !opens(next) || pass.n_read() < unclosed {
            pass.keep(1);
            continue;
        }
        let Some(length) = group(pass.rest()) else {
            unclosed = pass.n_read() + pass.rest().len();
            pass.keep(1);
            continue;
        };
        let inside = pass.rest().get(1..length - 1).unwrap_or_default();
        let is_of_map = !next.spaced && pass.last().is_some_and(|before| is_map(text, before));
        let is_braced = next.is_mark(b'{') || is_of_map || holds_fields(text, inside);
        match inside {
            [value, _, ..] if is_braced && has_key(inside) && !is_telling(text, pass.done(), inside) => {
                let value = value.masked();
                pass.keep(1);
                pass.replace(length - 2, value);
                pass.keep(1);
            }
            // What is inside could not be masked either.
            _ => pass.keep(length),
        }
    }
    pass.finish()
}

/// The length of the group in brackets that `tokens` begin with; `None` where nothing closes it.
fn group(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.mark() {
            b'[' | b'{' | b'(' => depth += 1,
            b']' | b'}' | b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// Whether a bracket right behind this token is of a map of Go.
pub fn is_map(text: &str, before: &Token) -> bool {
    before.word(text) == Some("map")
}

/// Whether something in brackets holds fields: a list of objects.
fn holds_fields(text: &str, inside: &[Token]) -> bool {
    let is_map_at =
        |pair: &[Token]| matches!(pair, [name, open] if open.is_mark(b'[') && !open.spaced && is_map(text, name));
    inside.iter().any(|token| token.is_mark(b'{')) || inside.windows(2).any(is_map_at)
}

/// Whether there is a key with its sign.
fn has_key(inside: &[Token]) -> bool {
    inside.windows(3).any(|three| match three {
        [key, sign, value] => {
            let is_key = !key.is_any_mark() || key.is_mark(b'"') || key.is_mark(b'\'');
            let is_sign = (sign.is_mark(b':') && !sign.spaced) || sign.is_mark(b'=');
            // Two colons join the parts of a name.
            is_key && is_sign && !value.is_mark(b':')
        }
        _ => false,
    })
}

/// Whether a group tells what happened: by a name or a key in it, or by the key in front of it.
fn is_telling(text: &str, before: &[Token], inside: &[Token]) -> bool {
    let announces = |key: Option<&Token>| key.and_then(|key| key.word(text)).is_some_and(words::is_telling_key);
    let is_announced = match before {
        [.., key, sign] if sign.is_mark(b':') || sign.is_mark(b'=') => announces(Some(key)),
        // It is all that the message says.
        before => !before.iter().any(Token::is_word),
    };
    let ends_key = |token: &Token| matches!(token.mark(), b':' | b'=' | b'"' | b'\'');
    let tells = |pair: &[Token]| matches!(pair, [key, sign] if ends_key(sign) && announces(Some(key)));
    let names = |token: &Token| token.word(text).is_some_and(words::is_error_name);
    is_announced || inside.windows(2).any(tells) || inside.iter().any(names)
}
