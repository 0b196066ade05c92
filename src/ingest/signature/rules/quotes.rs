//! Quoted text is a value, unless it is the message itself or tells what happened.

use super::Space;
use super::pass::Pass;
use crate::ingest::signature::tokens::Token;
use crate::ingest::signature::words::{self, Lists};

/// Where a quotation opens and closes.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    open: usize,
    close: usize,
}

/// Masks what stands in quotation marks; tells whether there was anything.
pub fn mask(text: &str, tokens: &mut Vec<Token>, space: &mut Space) -> bool {
    let Space { masked, spans } = space;
    find(tokens, spans);
    if spans.is_empty() || says_nothing_outside(tokens, spans) {
        return false;
    }
    masked.clear();
    let mut from = 0;
    for Span { open, close } in spans.iter().copied() {
        masked.extend_from_slice(tokens.get(from..=open).unwrap_or_default());
        let inside = tokens.get(open + 1..close).unwrap_or_default();
        match (kept(text, inside, masked, tokens.get(close + 1..).unwrap_or_default()), inside) {
            (Kept::First, [first, second, ..]) => masked.extend([*first, second.masked()]),
            (Kept::All | Kept::First, _) => masked.extend_from_slice(inside),
            (Kept::Nothing, _) => {
                let value = inside.first().or(tokens.get(open)).map(|token| token.masked());
                masked.extend(value.map(Token::unspaced));
            }
        }
        // Of an empty text, too, only the marks and a variable stay.
        masked.extend(tokens.get(close).map(|token| token.unspaced()));
        from = close + 1;
    }
    masked.extend_from_slice(tokens.get(from..).unwrap_or_default());
    std::mem::swap(tokens, masked);
    true
}

/// Joins a text of Erlang, whose marks go with its value: `<<"orders">>`, so that lists of them are lists.
pub fn join_binaries(tokens: &mut Vec<Token>) {
    let Some(mut pass) = Pass::from(tokens, |token| token.is_mark(b'<')) else { return };
    while let Some(first) = pass.rest().first().copied() {
        match pass.rest() {
            [_, open, quote, value, close, end, last, ..]
                if value.is_variable()
                    && first.is_mark(b'<')
                    && open.is_mark(b'<')
                    && quote.is_mark(b'"')
                    && close.is_mark(b'"')
                    && end.is_mark(b'>')
                    && last.is_mark(b'>')
                    && [open, quote, end, last].iter().all(|mark| !mark.spaced) =>
            {
                pass.replace(7, first.masked());
            }
            _ => pass.keep(1),
        }
    }
    pass.finish();
}

/// How much of a quotation belongs to the program.
enum Kept {
    All,
    First,
    Nothing,
}

/// Finds the quotations, none inside another; linear, because a mark that nothing closes is looked for once.
fn find(tokens: &[Token], found: &mut Vec<Span>) {
    found.clear();
    let mut unclosed = [false; 256];
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let mark = token.mark();
        if opens(tokens, at, mark) && !unclosed[usize::from(mark)] {
            match (at + 1..tokens.len()).find(|close| closes(tokens, *close, mark)) {
                Some(close) => {
                    found.push(Span { open: at, close });
                    at = close;
                }
                None => unclosed[usize::from(mark)] = true,
            }
        }
        at += 1;
    }
}

/// Whether the mark at `at` opens a quotation.
fn opens(tokens: &[Token], at: usize, mark: u8) -> bool {
    match mark {
        b'"' | b'`' => true,
        b'\'' => {
            let before = at.checked_sub(1).and_then(|before| tokens.get(before));
            let spaced = tokens.get(at).is_some_and(|token| token.spaced);
            let free = spaced || before.is_none_or(Token::is_any_mark);
            free && tokens.get(at + 1).is_some_and(|next| !next.spaced)
        }
        _ => false,
    }
}

/// Whether the token at `at` closes what this mark opened.
fn closes(tokens: &[Token], at: usize, open: u8) -> bool {
    let is_mark = |mark| tokens.get(at).is_some_and(|token| token.is_mark(mark));
    match open {
        b'`' => is_mark(b'`') || is_mark(b'\''),
        b'\'' => is_mark(b'\'') && tokens.get(at + 1).is_none_or(|next| next.spaced || !next.is_variable()),
        other => is_mark(other),
    }
}

/// Whether the quotations are all there is, so that they are the message.
fn says_nothing_outside(tokens: &[Token], spans: &[Span]) -> bool {
    let mut from = 0;
    let mut outside = 0;
    for span in spans {
        outside += n_words(tokens.get(from..span.open).unwrap_or_default());
        let is_key = tokens.get(span.close + 1).is_some_and(|next| next.is_mark(b':'));
        outside += usize::from(is_key);
        from = span.close + 1;
    }
    outside + n_words(tokens.get(from..).unwrap_or_default()) == 0
}

fn n_words(tokens: &[Token]) -> usize {
    tokens.iter().filter(|token| token.is_word()).count()
}

/// Decides by what stands inside, before and behind.
fn kept(text: &str, inside: &[Token], before: &[Token], behind: &[Token]) -> Kept {
    let is_key = behind.first().is_some_and(|next| next.is_mark(b':')) && inside.len() == 1 && is_key_place(before);
    let first = inside.first().and_then(|first| Some((first.word(text)?, first.lists)));
    if is_key
        || is_telling(text, before)
        || (inside.len() == 1 && first.is_some_and(|(word, _)| words::is_error_name(word)))
    {
        return Kept::All;
    }
    if inside.len() > 1 && first.is_some_and(|(_, lists)| lists.any(Lists::HTTP_METHOD)) {
        return Kept::First;
    }
    if is_said_before_pairs(inside, before, behind) { Kept::All } else { Kept::Nothing }
}

/// Whether it is the message: words that begin a line and have pairs behind them, as in `"Failed to get node" name="a"`.
fn is_said_before_pairs(inside: &[Token], before: &[Token], behind: &[Token]) -> bool {
    let has_pair = matches!(behind, [key, sign, ..]
        if key.is_word() && key.spaced && sign.is_mark(b'=') && !sign.spaced);
    has_pair && before.len() == 1 && n_words(inside) > 1
}

/// Whether a key may stand behind the opening mark, the last of `before`: at the start or in a JSON object.
fn is_key_place(before: &[Token]) -> bool {
    match before {
        [.., place, _open] => place.is_mark(b'{') || place.is_mark(b','),
        _ => true,
    }
}

/// Whether a key such as `msg=` or `"error":` stands before the opening mark, the last of `before`.
fn is_telling(text: &str, before: &[Token]) -> bool {
    let key = match before {
        [.., key, between, _open] if between.is_mark(b'=') => key,
        [.., key, quote, between, _open] if between.is_mark(b':') && quote.is_any_mark() => key,
        [.., key, between, _open] if between.is_mark(b':') => key,
        _ => return false,
    };
    key.word(text).is_some_and(words::is_telling_key)
}
