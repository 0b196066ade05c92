//! Names that somebody gave, told by the word before them.

use crate::ingest::signature::tokens::Token;
use crate::ingest::signature::words;

/// Masks the word behind a cue.
pub fn mask(mut tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    for at in 1..tokens.len() {
        if is_name(&tokens, at)
            && let Some(token) = tokens.get_mut(at)
        {
            *token = token.masked();
        }
    }
    tokens
}

fn is_name(tokens: &[Token<'_>], at: usize) -> bool {
    let (Some(token), Some(before)) = (tokens.get(at), at.checked_sub(1).and_then(|before| tokens.get(before))) else {
        return false;
    };
    let (Some(word), Some(cue)) = (token.word(), before.word()) else { return false };
    let next = tokens.get(at + 1);
    if next.is_some_and(|next| next.is_mark("=") && !next.spaced) || !token.spaced {
        return false;
    }
    let stands_alone = || {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-$\\/@".contains(&byte);
        word.bytes().all(is_part)
    };
    let is_cued = (words::is_person_cue(cue) && is_person(word, tokens.get(at + 1..).unwrap_or(&[])))
        || (words::is_thing_cue(cue)
            && (words::is_given_name(word) || has_number(tokens.get(at + 1..).unwrap_or(&[]))))
        || is_between(cue, word, tokens.get(at + 1..).unwrap_or(&[]))
        || is_doer(cue, tokens.get(at + 1..).unwrap_or(&[]))
        || is_host_with_address(word, tokens.get(at + 1..).unwrap_or(&[]));
    is_cued && stands_alone()
}

/// Whether a word behind "user" is a name, and not the next word of a sentence.
fn is_person(word: &str, behind: &[Token<'_>]) -> bool {
    let next = behind.first().and_then(Token::word);
    let before_value = is_before_value(behind);
    let goes_on = next.is_some_and(|next| !PREPOSITIONS.contains(&next) && !words::is_grammar(next));
    let in_sentence =
        words::is_grammar(word) || (goes_on && words::is_abstract(word)) || (words::is_prose(word) && !before_value);
    !in_sentence
}

/// Words that tell where, who or when.
const PREPOSITIONS: &[&str] = &["from", "on", "at", "by", "in", "for", "with", "via", "to"];

/// Whether a preposition and a value follow: `from <*>`.
fn is_before_value(behind: &[Token<'_>]) -> bool {
    matches!(behind, [preposition, value, ..]
        if value.is_variable() && preposition.word().is_some_and(|word| ["from", "on", "at"].contains(&word)))
}

/// `kworker:<*>`: a name with a number right behind it.
fn has_number(behind: &[Token<'_>]) -> bool {
    matches!(behind, [colon, number, ..] if colon.is_mark(":") && !colon.spaced && number.is_variable() && !number.spaced)
}

/// `for bob from <*>`, `by bob on <*>`: a name between two prepositions.
fn is_between(cue: &str, word: &str, behind: &[Token<'_>]) -> bool {
    let after_cue = ["for", "by", "from"].contains(&cue);
    after_cue && is_before_value(behind) && !words::is_prose(word)
}

/// `by carol(uid=<*>)`: somebody with a property.
fn is_doer(cue: &str, behind: &[Token<'_>]) -> bool {
    cue == "by"
        && matches!(behind, [open, key, sign, ..]
            if open.is_mark("(") && !open.spaced && key.word().is_some() && sign.is_mark("="))
}

/// `example.com [<*>]`: a name and its address.
fn is_host_with_address(word: &str, behind: &[Token<'_>]) -> bool {
    let address = matches!(behind, [open, value, ..] if open.spaced && (open.is_mark("[") || open.is_mark("(")) && value.is_variable());
    address && words::is_given_name(word) && word.contains('.')
}
