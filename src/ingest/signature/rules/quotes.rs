//! Quoted text is a value, unless it is the message itself or tells what happened.

use crate::ingest::signature::tokens::{Kind, Token};
use crate::ingest::signature::words;

/// Masks what stands in quotation marks.
pub fn mask(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let spans = spans(&tokens);
    if spans.is_empty() || says_nothing_outside(&tokens, &spans) {
        return tokens;
    }
    let mut masked = Vec::with_capacity(tokens.len());
    let mut from = 0;
    for Span { open, close } in spans {
        masked.extend_from_slice(tokens.get(from..=open).unwrap_or(&[]));
        let inside = tokens.get(open + 1..close).unwrap_or(&[]);
        match kept(inside, &masked, tokens.get(close + 1)) {
            Kept::All => masked.extend_from_slice(inside),
            Kept::First => masked.extend(
                inside.iter().take(2).enumerate().map(|(at, token)| if at == 0 { *token } else { token.masked() }),
            ),
            Kept::Nothing => masked
                .extend(inside.first().or(tokens.get(open)).map(|token| Token { spaced: false, ..token.masked() })),
        }
        // Of an empty text, too, only the marks and a variable stay.
        masked.extend(tokens.get(close).map(|token| Token { spaced: false, ..*token }));
        from = close + 1;
    }
    masked.extend_from_slice(tokens.get(from..).unwrap_or(&[]));
    masked
}

/// Where a quotation opens and closes.
struct Span {
    open: usize,
    close: usize,
}

/// How much of a quotation belongs to the program.
enum Kept {
    All,
    First,
    Nothing,
}

/// Finds the quotations, none inside another; linear, because a mark that nothing closes is looked for once.
fn spans(tokens: &[Token<'_>]) -> Vec<Span> {
    let mut found = Vec::new();
    let mut unclosed: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let mark = token.text;
        if token.kind == Kind::Mark && opens(tokens, at) && !unclosed.contains(&mark) {
            match (at + 1..tokens.len()).find(|close| closes(tokens, *close, mark)) {
                Some(close) => {
                    found.push(Span { open: at, close });
                    at = close;
                }
                None => unclosed.push(mark),
            }
        }
        at += 1;
    }
    found
}

fn opens(tokens: &[Token<'_>], at: usize) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    match token.text {
        "\"" | "`" | "“" | "«" => true,
        "'" | "‘" => {
            let free = token.spaced || before.is_none_or(|before| before.kind == Kind::Mark);
            free && tokens.get(at + 1).is_some_and(|next| !next.spaced)
        }
        _ => false,
    }
}

fn closes(tokens: &[Token<'_>], at: usize, open: &str) -> bool {
    let Some(token) = tokens.get(at).filter(|token| token.kind == Kind::Mark) else { return false };
    let next_is_apart = tokens.get(at + 1).is_none_or(|next| next.spaced || next.kind != Kind::Variable);
    match open {
        "`" => token.text == "`" || token.text == "'",
        "'" => token.text == "'" && next_is_apart,
        "‘" => token.text == "’",
        "“" => token.text == "”",
        "«" => token.text == "»",
        other => token.text == other,
    }
}

/// Whether the quotations are all there is, so that they are the message.
fn says_nothing_outside(tokens: &[Token<'_>], spans: &[Span]) -> bool {
    let mut from = 0;
    let mut outside = 0;
    for span in spans {
        outside += n_words(tokens.get(from..span.open).unwrap_or(&[]));
        let is_key = tokens.get(span.close + 1).is_some_and(|next| next.is_mark(":"));
        outside += usize::from(is_key);
        from = span.close + 1;
    }
    outside + n_words(tokens.get(from..).unwrap_or(&[])) == 0
}

fn n_words(tokens: &[Token<'_>]) -> usize {
    tokens.iter().filter(|token| token.kind == Kind::Word).count()
}

/// Decides by what stands inside, before and behind.
fn kept(inside: &[Token<'_>], before: &[Token<'_>], behind: Option<&Token<'_>>) -> Kept {
    let is_key = behind.is_some_and(|next| next.is_mark(":")) && inside.len() == 1 && is_key_place(before);
    let first = inside.first().and_then(Token::word);
    if is_key || is_telling(before) || (inside.len() == 1 && first.is_some_and(words::is_error_name)) {
        return Kept::All;
    }
    if inside.len() > 1 && first.is_some_and(words::is_http_method) {
        return Kept::First;
    }
    Kept::Nothing
}

/// Whether a key may stand behind the opening mark, the last of `before`: at the start or in a JSON object.
fn is_key_place(before: &[Token<'_>]) -> bool {
    match before {
        [.., place, _open] => place.is_mark("{") || place.is_mark(","),
        _ => true,
    }
}

/// Whether a key such as `msg=` or `"error":` stands before the opening mark, the last of `before`.
fn is_telling(before: &[Token<'_>]) -> bool {
    let key = match before {
        [.., key, between, _open] if between.is_mark("=") => key,
        [.., key, quote, between, _open] if between.is_mark(":") && quote.kind == Kind::Mark => key,
        [.., key, between, _open] if between.is_mark(":") => key,
        _ => return false,
    };
    key.word().is_some_and(words::is_telling_key)
}
