//! Names that somebody gave, told by the word before them.

use crate::ingest::signature::tokens::{Seen, Token};
use crate::ingest::signature::words::{self, Lists};

/// Whether a message in which this was seen may hold a name that a word tells.
pub fn may_be_in(seen: Seen) -> bool {
    seen.lists.any(CUES.or(Lists::DOTTED)) || (seen.lists.any(Lists::BEFORE_PLACE) && seen.mark(b":"))
}

const CUES: Lists = Lists::PERSON_CUE.or(Lists::THING_CUE).or(Lists::BEFORE_DOER);
const BEFORE_NAME: Lists = CUES.or(Lists::BEFORE_PLACE);

/// Masks the word behind a cue; tells whether there was one.
pub fn mask(text: &str, tokens: &mut [Token]) -> bool {
    let may_be = |pair: &[Token]| match pair {
        [before, token] => before.lists.any(BEFORE_NAME) | token.lists.any(Lists::DOTTED) | before.is_mark(b':'),
        _ => false,
    };
    let (mut from, mut changed) = (0, false);
    while let Some(found) = tokens.get(from..).and_then(|tokens| tokens.windows(2).position(may_be)) {
        from += found + 1;
        let Some([before, token]) = tokens.get(from - 1..=from) else { break };
        let candidate = before.lists.any(BEFORE_NAME) || token.lists.any(Lists::DOTTED);
        let is_named =
            (candidate && is_name(text, tokens, from)) || (before.is_mark(b':') && is_told(text, tokens, from));
        if is_named && let Some(token) = tokens.get_mut(from) {
            *token = token.masked();
            changed = true;
        }
    }
    changed
}

/// `topic: user_events`: a name that somebody gave, behind a cue and a colon.
fn is_told(text: &str, tokens: &[Token], at: usize) -> bool {
    let Some([cue, colon, token, behind @ ..]) = at.checked_sub(2).and_then(|from| tokens.get(from..)) else {
        return false;
    };
    let is_key = behind.first().is_some_and(|next| !next.spaced && (next.is_mark(b'=') || next.is_mark(b':')));
    let word = token.word(text).filter(|_| cue.lists.any(Lists::THING_CUE) && !colon.spaced && !is_key);
    word.is_some_and(|word| words::is_given_name(word) && is_one_word(word))
}

fn is_name(text: &str, tokens: &[Token], at: usize) -> bool {
    let Some([before, token, behind @ ..]) = tokens.get(at - 1..) else { return false };
    let Some(word) = token.word(text).filter(|_| before.is_word() && token.spaced) else { return false };
    if behind.first().is_some_and(|next| next.is_mark(b'=') && !next.spaced) {
        return false;
    }
    let cue = before.lists;
    let is_cued = (cue.any(Lists::PERSON_CUE) && is_person(text, word, token.lists, behind))
        || (cue.any(Lists::THING_CUE) && (words::is_given_name(word) || has_number(behind)))
        || (cue.any(Lists::BEFORE_DOER) && is_between(word, token.lists, behind))
        || (cue.any(Lists::BEFORE_PLACE) && has_number(behind))
        || (cue.any(Lists::BY) && is_doer(behind))
        || (token.lists.any(Lists::DOTTED) && is_host_with_address(word, behind));
    is_cued && is_one_word(word)
}

/// Whether nothing but the characters of names is in a word.
fn is_one_word(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-$\\/@".contains(&byte))
}

/// Whether a word behind "user" is a name, and not the next word of a sentence.
fn is_person(text: &str, word: &str, lists: Lists, behind: &[Token]) -> bool {
    let goes_on = || {
        let next = behind.first().and_then(|next| Some((next.word(text)?, next.lists)));
        next.is_some_and(|(next, lists)| !lists.any(Lists::PREPOSITION) && !words::is_grammar(next, lists))
    };
    let in_sentence = words::is_grammar(word, lists)
        || (goes_on() && words::is_abstract(word))
        || (words::is_prose(word, lists) && !is_before_value(behind));
    !in_sentence
}

/// Whether a preposition and a value follow: `from <*>`.
fn is_before_value(behind: &[Token]) -> bool {
    matches!(behind, [preposition, value, ..]
        if value.is_variable() && preposition.lists.any(Lists::BEFORE_SOURCE))
}

/// `kworker:<*>`, `from db:<*>`: a name with a number right behind it.
fn has_number(behind: &[Token]) -> bool {
    matches!(behind, [colon, number, ..]
        if colon.is_mark(b':') && !colon.spaced && number.is_variable() && !number.spaced)
}

/// `for bob from <*>`, `by bob on <*>`: a name between two prepositions.
fn is_between(word: &str, lists: Lists, behind: &[Token]) -> bool {
    is_before_value(behind) && !words::is_prose(word, lists)
}

/// `by carol(uid=<*>)`: somebody with a property.
fn is_doer(behind: &[Token]) -> bool {
    matches!(behind, [open, key, sign, ..]
        if open.is_mark(b'(') && !open.spaced && key.is_word() && sign.is_mark(b'='))
}

/// `example.com [<*>]`: a name and its address.
fn is_host_with_address(word: &str, behind: &[Token]) -> bool {
    let address = matches!(behind, [open, value, ..]
        if open.spaced && (open.is_mark(b'[') || open.is_mark(b'(')) && value.is_variable());
    address && words::is_given_name(word)
}
