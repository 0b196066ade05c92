//! Masks words that look like secrets although nothing names them, in text that goes to a model.
//!
//! Input: text of logs, outputs and documents, with named secrets masked already. Output: the same with generated words
//! masked, and passphrases and passwords in lines that speak of signing in.
//!
//! Pure. Not for source text: an edit must find it as it is. A passphrase with blanks is told from prose by its place (behind
//! a colon, in quotes, behind the word for it) and by having no word that messages are made of; elsewhere it stays, and so
//! does a short plain word that happens to be a password.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::ingest::sanitize::MASK;

/// Characters of the shortest word that counts as generated.
const GENERATED: usize = 20;

/// Bits that each character of a generated word carries at least, by the frequencies within it (Shannon).
const BITS: f64 = 3.5;

/// Characters of one kind in a row, in the mean and at most: in names they are many.
const ROW: (f64, usize) = (2.2, 5);

/// Words that make a passphrase.
const PHRASE: usize = 4;

/// What speaks of signing in, in lower case.
const CONTEXT: &str = r"(?i)\b(?:pass(?:word|wd|phrase|code)?|pwd|credentials?|secret|log(?:ged|ging)?[ _-]?(?:in|on)|login|sign(?:ed|ing)?[ _-]?in|auth\w*|unlock\w*|vault)\b";

/// A password behind its word, with nothing but a verb between.
const SAID: &str =
    r#"(?i)\b((?:password|passwd|passphrase|passcode|pwd)\s+(?:is\s+|was\s+|of\s+)?["'`]?)([^\s"'`,;]{6,})"#;

/// Four words and more with blanks between them, where a passphrase would stand: behind a mark or the word for it.
const BLANKS: &str = r#"(?x)
    ( [:=]\s+ | ["'`(\[] | \b(?i:pass(?:word|wd|phrase|code)|pwd)\s+(?:is|was|of)\s+
    | \b(?i:wrong|bad|invalid|incorrect|with|by|using)\s+(?i:pass(?:word|wd|phrase|code)|pwd)\s+ )
    ( [a-z]{3,10} (?:\x20[a-z]{3,10}){3,} )
    ( ["'`)\]] | [.,;!]?\s*$ | \s )"#;

/// Words of messages about signing in: where one of them is among four, they are prose.
const PROSE: [&str; 96] = [
    "access",
    "account",
    "accounts",
    "admin",
    "after",
    "again",
    "all",
    "and",
    "any",
    "are",
    "attempt",
    "attempts",
    "auth",
    "bad",
    "bearer",
    "because",
    "been",
    "before",
    "between",
    "but",
    "call",
    "cannot",
    "check",
    "client",
    "code",
    "connection",
    "cookie",
    "credential",
    "credentials",
    "data",
    "denied",
    "did",
    "does",
    "empty",
    "error",
    "expired",
    "failed",
    "failure",
    "field",
    "file",
    "for",
    "form",
    "from",
    "had",
    "has",
    "have",
    "header",
    "host",
    "into",
    "invalid",
    "key",
    "locked",
    "login",
    "many",
    "match",
    "missing",
    "must",
    "name",
    "not",
    "only",
    "page",
    "password",
    "permission",
    "please",
    "provided",
    "request",
    "required",
    "reset",
    "response",
    "retry",
    "role",
    "same",
    "server",
    "service",
    "session",
    "set",
    "should",
    "sign",
    "that",
    "the",
    "then",
    "there",
    "this",
    "timed",
    "token",
    "too",
    "unknown",
    "use",
    "user",
    "username",
    "users",
    "was",
    "were",
    "when",
    "with",
    "wrong",
];

static RULES: LazyLock<Option<(Regex, Regex, Regex)>> =
    LazyLock::new(|| Some((Regex::new(CONTEXT).ok()?, Regex::new(SAID).ok()?, Regex::new(BLANKS).ok()?)));

/// Masks generated words, and passphrases and passwords in lines that speak of signing in.
#[must_use]
pub fn mask(text: &str) -> String {
    masked(text, None)
}

/// Masks the same, and passphrases in every line, unless the code knows them.
#[must_use]
pub fn mask_unknown(text: &str, is_known: &dyn Fn(&str) -> bool) -> String {
    masked(text, Some(is_known))
}

fn masked(text: &str, is_known: Option<&dyn Fn(&str) -> bool>) -> String {
    // The rules are constants, and a test compiles them.
    let Some((context, said, blanks)) = RULES.as_ref() else { return MASK.to_owned() };
    let lines = text.split_inclusive('\n').map(|line| {
        let speaks = context.is_match(line);
        let line = said.replace_all(line, |found: &regex::Captures<'_>| {
            let secret = if is_password(&found[2]) { MASK } else { &found[2] };
            format!("{}{secret}", &found[1])
        });
        let line = match speaks {
            true => blanks.replace_all(&line, |found: &regex::Captures<'_>| phrase_masked(found, is_known)),
            false => line,
        };
        let is_secret = |word: &str| {
            let is_phrase = is_phrase(word) && (speaks || is_known.is_some_and(|is_known| !is_known(word)));
            is_generated(word) || is_phrase
        };
        words_masked(&line, &is_secret)
    });
    lines.collect()
}

/// What was found where a passphrase would stand: masked as far as it is one.
fn phrase_masked(found: &regex::Captures<'_>, is_known: Option<&dyn Fn(&str) -> bool>) -> String {
    let [lead, phrase, end] = [1, 2, 3].map(|group| found.get(group).map_or("", |part| part.as_str()));
    let words: Vec<&str> = phrase.split(' ').collect();
    let n_secret = words.iter().position(|word| PROSE.binary_search(word).is_ok()).unwrap_or(words.len());
    let (secret, prose) = words.split_at(n_secret);
    // In quotes and behind a colon all of it is the passphrase, or none.
    let is_open = lead.ends_with(' ') && !lead.trim_start().starts_with([':', '=']) && prose.first() == Some(&"for");
    let is_phrase = secret.len() >= PHRASE
        && (prose.is_empty() || is_open)
        && secret.iter().collect::<BTreeSet<_>>().len() == secret.len()
        && !is_known.is_some_and(|is_known| is_known(&secret.join(" ")));
    if !is_phrase {
        return found[0].to_owned();
    }
    let prose = prose.iter().map(|word| format!(" {word}")).collect::<String>();
    format!("{lead}{MASK}{prose}{end}")
}

/// The text with those words masked that are secrets.
fn words_masked(text: &str, is_secret: &dyn Fn(&str) -> bool) -> String {
    let is_in_word = |c: char| c.is_ascii_alphanumeric() || "+=_-".contains(c);
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_in_word) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !is_in_word(c)).unwrap_or(from.len());
        let (word, behind) = from.split_at(end);
        masked.push_str(before);
        masked.push_str(if is_secret(word) { MASK } else { word });
        rest = behind;
    }
    masked.push_str(rest);
    masked
}

/// Whether a word behind the word for a password is one: prose has neither digits nor marks within.
fn is_password(word: &str) -> bool {
    let inner = word.trim_end_matches(['.', ':', '!', '?', ')']);
    let is_marked = inner.contains(|c: char| c.is_ascii_digit() || "!@#$%^&*~".contains(c));
    (is_marked || is_phrase(inner)) && !inner.starts_with(['[', '<', '{', '(']) && !inner.contains(['=', '/'])
}

/// Whether it is four or more words of small letters, tied by one mark.
fn is_phrase(word: &str) -> bool {
    ['-', '_', '+'].into_iter().any(|tie| {
        let parts: Vec<&str> = word.split(tie).collect();
        let is_word =
            |part: &&str| (3..=10).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase());
        parts.len() >= PHRASE && parts.iter().all(is_word) && parts.iter().collect::<BTreeSet<_>>().len() == parts.len()
    })
}

/// Whether a word looks generated: long, of small and capital letters and digits in no order.
fn is_generated(word: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| word.bytes().any(|byte| kind(&byte));
    if word.len() < GENERATED
        || !has(u8::is_ascii_lowercase)
        || !has(u8::is_ascii_uppercase)
        || !has(u8::is_ascii_digit)
    {
        return false;
    }
    let (mean, longest) = rows(word);
    mean <= ROW.0 && longest <= ROW.1 && bits(word) >= BITS
}

/// How many characters of one kind stand in a row: in the mean, and at most.
fn rows(word: &str) -> (f64, usize) {
    let kind = |c: char| (c.is_ascii_lowercase(), c.is_ascii_uppercase(), c.is_ascii_digit());
    let (mut n_rows, mut longest, mut row, mut last) = (0_usize, 0_usize, 0_usize, None);
    for c in word.chars() {
        if last == Some(kind(c)) {
            row += 1;
        } else {
            (n_rows, row) = (n_rows + 1, 1);
        }
        (last, longest) = (Some(kind(c)), longest.max(row));
    }
    (word.chars().count() as f64 / n_rows.max(1) as f64, longest)
}

/// Bits that each character carries, by the frequencies within the word (Shannon).
fn bits(word: &str) -> f64 {
    let n_all = word.len() as f64;
    let counts = word.bytes().fold([0_u32; 256], |mut counts, byte| {
        counts[usize::from(byte)] += 1;
        counts
    });
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / n_all);
    -shares.map(|share| share * share.log2()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(mask(text), expected);
        assert_eq!(mask(expected), expected, "masking twice changes nothing");
    }

    #[test]
    fn passphrases_and_passwords_go_where_somebody_signs_in() {
        check("login of bob failed: correct-horse-battery-staple", "login of bob failed: [redacted]");
        check("authenticating with correct_horse_battery_staple", "authenticating with [redacted]");
        check("wrong password hunter2 for bob", "wrong password [redacted] for bob");
        check("the passphrase is 'tr0ub4dor&3'", "the passphrase is '[redacted]'");
    }

    #[test]
    fn a_passphrase_with_blanks_goes_where_somebody_signs_in() {
        check("login of bob failed: correct horse battery staple", "login of bob failed: [redacted]");
        check("wrong password correct horse battery staple for bob", "wrong password [redacted] for bob");
        check("the passphrase is correct horse battery staple.", "the passphrase is [redacted].");
        check("cannot unlock with 'orbit velvet canyon mustard ripple'", "cannot unlock with '[redacted]'");
        check("vault (orbit velvet canyon mustard) sealed\nnext", "vault ([redacted]) sealed\nnext");
        let prose = [
            "login failed: account locked after many attempts",
            "unauthorized: missing bearer token header",
            "sign in failed: connection reset before response",
            "the message 'correct horse battery staple' is only a message",
            "password reset mails went out today",
            "authentication: see below",
            "login page shows the wrong title when somebody leaves",
        ];
        prose.iter().for_each(|text| check(text, text));
        let known = |words: &str| words == "orbit velvet canyon mustard";
        let kept = "login rule: orbit velvet canyon mustard";
        assert_eq!(mask_unknown(kept, &known), kept, "the code says it itself");
    }

    #[test]
    fn words_of_prose_are_in_order() {
        assert!(PROSE.is_sorted());
    }

    #[test]
    fn generated_words_go_anywhere() {
        check("sent aB3kL9mQ2xZ7pWv4tR8s to x", "sent [redacted] to x");
        check("key /q7ZrT2mXv9LkP4sWb8NcYd3H gone", "key /[redacted] gone");
    }

    #[test]
    fn what_people_and_programs_write_stays() {
        let kept = [
            "no-new-network-call and my-great-service-name failed",
            "login-form-submit-button of page login",
            "wrong password for user bob",
            "password incorrect, password must be changed",
            "Utf8ToUtf16ConverterFactory in HttpURLConnectionFactory2Impl",
            "commit 1b2c3d4e5f60718293a4b5c6d7e8f90011223344 of 123e4567-e89b-12d3-a456-426614174000",
            "src/components/UserProfileCard2.test.tsx:12:3",
            "test_that_two_users_can_sign_up PASSED",
            "2026-11-26T10:00:00Z trace=4bf92f3577b34da6a3ce929d0e0e4736",
            "password=[redacted]",
        ];
        // A name of four plain words beside a word for signing in cannot be told from a passphrase.
        let told = kept.iter().filter(|text| !text.starts_with("login-form"));
        told.for_each(|text| check(text, text));
    }

    #[test]
    fn a_message_keeps_the_words_that_the_code_knows() {
        let known = |word: &str| word == "too-many-open-orders";
        let text = "rule too-many-open-orders, not correct-horse-battery-staple";
        assert_eq!(mask_unknown(text, &known), "rule too-many-open-orders, not [redacted]");
    }
}
