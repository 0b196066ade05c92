//! Tells, by a look at its first words, that a text has no header and carries nothing: that reading it finds a plain
//! message, which is all of the text.
//!
//! Says so only where every reader of `decode` must decline: those of other formats ask for a pair, a bar, a bracket, a
//! quote, a time or a method at or near the begin, and headers begin with a time, a level or a technical name in front of
//! these.

use super::{Plain, access, level_of_word, time};

/// The categories of .NET's console, which are no levels elsewhere.
const DOTNET: [&str; 6] = ["trce", "dbug", "info", "warn", "fail", "crit"];

/// Whether a text is a message and nothing else.
pub(in crate::ingest) fn is_bare(text: &Plain<'_>) -> bool {
    let Plain { text, may_have_tab, may_have_quote } = *text;
    let has = |byte| memchr::memchr(byte, text.as_bytes()).is_some();
    if (may_have_tab && has(b'\t')) || (may_have_quote && has(b'"')) {
        return false;
    }
    let n = memchr::memchr(b' ', text.as_bytes()).unwrap_or(text.len());
    let (first, behind) = text.split_at_checked(n).unwrap_or_default();
    let next = behind.trim_start_matches(' ');
    if next.starts_with(['|', '-', ':']) || first.starts_with("CEF:") {
        return false;
    }
    if let Some(inside) = first.strip_prefix('(') {
        return inside.strip_suffix(')').is_some_and(is_ordinary);
    }
    if (1..=NUMBER_BYTES).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number in front of a sentence; longer ones may be times.
        return behind.len() - next.len() == 1 && begins_sentence(next);
    }
    let n_letters = first.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, others) = first.split_at_checked(n_letters).unwrap_or_default();
    if n_letters < 2 || !is_ordinary(letters) || others.contains('=') {
        return false;
    }
    // A technical name may stand in front of a time or a level, and a pod in front of anything.
    is_end(others) || (!others.contains('-') && begins_sentence(next))
}

/// How many words behind a time may have a say in whether the first belongs to a header.
const WORDS_BEHIND_TIME: usize = 5;

/// Whether a text is a message and nothing else right behind a time in the usual form and a blank.
///
/// There, a name may stand in front of a level that comes soon, of a process in brackets or of a colon, and the method of a
/// request in a column of its own. So the first word has to be an ordinary one, and so has one of the next, with nothing
/// but numbers and names in small letters between the two.
pub(super) fn is_bare_behind_time(text: &Plain<'_>) -> bool {
    let Plain { text, may_have_tab, may_have_quote } = *text;
    let has = |byte| memchr::memchr(byte, text.as_bytes()).is_some();
    if (may_have_tab && has(b'\t')) || (may_have_quote && has(b'"')) || has(b'|') {
        return false;
    }
    let mut words = words(text);
    let first = words.next().unwrap_or_default();
    let letters = first.strip_suffix(':').unwrap_or(first);
    if letters.len() < 2 || !is_ordinary(letters) {
        return false;
    }
    let mut near = words.clone().take(WORDS_BEHIND_TIME - 1);
    if near.clone().any(|word| access::is_method(word) || word.starts_with('[') || word == "-") {
        return false;
    }
    near.find_map(|word| {
        // Behind more than one blank, the first word is a column.
        let Some(begins) = word.bytes().next() else { return Some(false) };
        if begins.is_ascii_lowercase() && is_ordinary(word) {
            return Some(true);
        }
        let is_name =
            begins.is_ascii_lowercase() && word.len() > 1 && !word.ends_with(':') && !word.contains(['[', '=']);
        let is_passed = is_name || (begins.is_ascii_digit() && !word.ends_with(':') && !word.contains('['));
        (!is_passed).then_some(false)
    })
    .unwrap_or(false)
}

/// The pieces of a text between blanks.
fn words(text: &str) -> impl Iterator<Item = &str> + Clone {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        // Most words are short.
        let end = text.bytes().position(|byte| byte == b' ');
        rest = end.and_then(|end| text.get(end + 1..));
        text.get(..end.unwrap_or(text.len()))
    })
}

/// The longest number that can be no part of a time, in digits.
const NUMBER_BYTES: usize = 3;

/// Whether a text begins with an ordinary word in small letters.
fn begins_sentence(text: &str) -> bool {
    let n = memchr::memchr(b' ', text.as_bytes()).unwrap_or(text.len());
    let (word, _) = text.split_at_checked(n).unwrap_or_default();
    let stem = word.trim_end_matches([':', ',']);
    stem.starts_with(|first: char| first.is_ascii_lowercase()) && is_ordinary(stem)
}

/// Whether a word is nothing but letters, and neither a level nor a method nor the begin of a time.
fn is_ordinary(word: &str) -> bool {
    !word.is_empty()
        && word.bytes().all(|byte| byte.is_ascii_alphabetic())
        && level_of_word(word).is_none()
        && !DOTNET.contains(&word)
        && !access::is_method(word)
        && !time::begins_with_name(word)
}

/// Whether that ends a word of a sentence.
fn is_end(mark: &str) -> bool {
    matches!(mark, "" | ":" | "," | ";" | "!" | "?")
}

#[cfg(test)]
mod tests;
