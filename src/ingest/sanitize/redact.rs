//! Masks secrets of known shapes.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands in place of a secret.
pub const MASK: &str = "[redacted]";

/// Passwords and keys that are named: the name with its mark, the opening quote, the value, which may be masked already.
const NAMED: &str = r#"(?ix)
    ( (?: pass(?:word|wd|phrase)? | pwd | secret | credentials? | api[_-]?key | apikey | access[_-]?key(?:[_-]?id)?
        | account[_-]?key | private[_-]?key | encryption[_-]?key | signing[_-]?key | client[_-]?secret
        | token | authorization | x-api-key | sig | signature | session[_-]?id | (?:set-)?cookie )
      (?:\\?["'])? [\ \t]* (?: => | [:=] ) [\ \t]* (?: (?:bearer|basic|token|digest) [\ ]+ )? )
    ( \[redacted\] | \\?"(?:[^"\\\n]|\\[^"\n])+ | '[^'\n]+ | [^\s,;&"'<>()\[\]{}\\]+ )"#;

/// Tokens behind the name of a scheme.
const SCHEME: &str = r"(?i)\b(bearer|basic)([ ]+)([A-Za-z0-9._~+/=-]{8,})";

/// Keys that tell by their own front.
const KEYS: &str = r"(?x)
    \b(?: (?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{16}
    | gh[pousr]_[A-Za-z0-9]{20,} | github_pat_[A-Za-z0-9_]{20,} | glpat-[A-Za-z0-9_-]{16,}
    | xox[abeoprs]-[A-Za-z0-9-]{10,} | xapp-[A-Za-z0-9-]{10,}
    | (?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,} | whsec_[A-Za-z0-9]{16,}
    | sk-[A-Za-z0-9_-]{20,} | AIza[0-9A-Za-z_-]{35} | ya29\.[0-9A-Za-z_-]{16,}
    | npm_[A-Za-z0-9]{30,64} | pypi-[A-Za-z0-9_-]{30,} | hf_[A-Za-z0-9]{20,64} | dop_v1_[a-f0-9]{32,64}
    | SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}
    | gsk_[A-Za-z0-9]{20,} | xai-[A-Za-z0-9]{20,} | r8_[A-Za-z0-9]{30,} | dapi[a-f0-9]{32} | lin_api_[A-Za-z0-9]{20,}
    | shp(?:at|ss|ca|pa)_[a-fA-F0-9]{32} | glsa_[A-Za-z0-9_]{20,} | hv[sb]\.[A-Za-z0-9_-]{20,} | PMAK-[a-f0-9-]{20,}
    | AGE-SECRET-KEY-1[0-9A-Z]{20,} | rubygems_[a-f0-9]{32,} | [0-9]{8,10}:AA[A-Za-z0-9_-]{30,}
    | eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)? )";

/// A password between the user's name and the host of a URL.
const URL: &str = r#"([A-Za-z][A-Za-z0-9+.-]{1,24}://[^/\s:@"'<>]{0,128}:)([^/\s@"'<>]{1,256})@"#;

static RULES: LazyLock<Option<[Regex; 4]>> = LazyLock::new(|| {
    let rule = |pattern| Regex::new(pattern).ok();
    Some([rule(URL)?, rule(KEYS)?, rule(NAMED)?, rule(SCHEME)?])
});

/// Masks secrets in text that is stored or copied: bearer tokens, passwords and keys by their names, keys of well-known
/// services, JSON web tokens, private key blocks, and passwords in URLs.
///
/// Conservative: text that has none of these shapes is returned as it is. Masking twice changes nothing.
#[must_use]
pub fn redact(text: &str) -> String {
    masked(text, named_value)
}

/// Masks secrets in source text: as [`redact`], but a value behind a name like `token` only where it is a quoted
/// text or a long generated word, so that `token = next_token(line)` stays what it is.
#[must_use]
pub fn redact_source(text: &str) -> String {
    masked(text, named_literal)
}

fn masked(text: &str, named_value: NamedValue) -> String {
    let mut text = text.to_owned();
    // A mask may complete what looks like another secret; each pass leaves less text outside of masks.
    for _ in 0..PASSES {
        let masked = pass(&text, named_value);
        if masked == text {
            return text;
        }
        text = masked;
    }
    MASK.to_owned()
}

/// How often a text is looked through; one that shows secrets even then was made to, and is masked whole.
const PASSES: usize = 8;

/// Masks the value behind a name.
type NamedValue = fn(&Captures<'_>) -> String;

fn pass(text: &str, named_value: NamedValue) -> String {
    let text = without_private_keys(text);
    // The rules are constants, and a test compiles them.
    let Some([url, keys, named, scheme]) = RULES.as_ref() else { return MASK.to_owned() };
    let text = replace(url, text, |found| format!("{}{MASK}@", &found[1]));
    let text = replace(keys, text, |_| MASK.to_owned());
    let text = replace(named, text, named_value);
    let text = replace(scheme, text, |found| {
        if is_random(&found[3]) { format!("{}{}{MASK}", &found[1], &found[2]) } else { found[0].to_owned() }
    });
    text.into_owned()
}

fn replace<'a>(rule: &Regex, text: Cow<'a, str>, with: impl Fn(&Captures<'_>) -> String) -> Cow<'a, str> {
    if !rule.is_match(&text) {
        return text;
    }
    Cow::Owned(rule.replace_all(&text, |found: &Captures<'_>| with(found)).into_owned())
}

/// Masks the value behind a name, and keeps its opening quote.
fn named_value(found: &Captures<'_>) -> String {
    let (name, value) = (&found[1], &found[2]);
    let quote = value.len() - value.trim_start_matches(['\\', '"', '\'']).len();
    let (quote, secret) = value.split_at(quote);
    let lower = name.to_ascii_lowercase();
    // A token or signature in prose ("unexpected token: comma") is a word; a secret is none.
    let doubtful = ["token", "sig", "signature", "credential", "secret", "cookie", "pass"];
    let is_prose = quote.is_empty()
        && lower.contains(':')
        && doubtful.iter().any(|word| lower.trim_end_matches([':', ' ', '\t']).ends_with(word))
        && !is_random(secret);
    let is_nothing =
        matches!(secret, "" | "null" | "none" | "None" | "nil" | "true" | "false") || secret.starts_with(MASK);
    if is_prose || is_nothing { found[0].to_owned() } else { format!("{name}{quote}{MASK}") }
}

/// Masks the value behind a name in source text.
fn named_literal(found: &Captures<'_>) -> String {
    let value = &found[2];
    let is_quoted = value.starts_with(['"', '\'']) || value.starts_with("\\\"");
    let is_word = value.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    let is_generated = value.len() >= 16 && is_random(value) && value.bytes().any(|byte| byte.is_ascii_digit());
    let is_text = is_quoted && value.len() > 6 && !value.contains([' ', '{', '%', '$', '<']);
    // `password=correct-horse` is no expression that anybody writes.
    let is_phrase =
        !is_quoted && value.len() >= 8 && value.contains(['-', '!', '@', '#', '^', '~']) && !value.contains(['.', ':']);
    if is_text || is_phrase || (is_generated && (!is_word || value.len() >= 24)) {
        named_value(found)
    } else {
        found[0].to_owned()
    }
}

/// Whether a word looks generated: it holds digits or marks, or is very long.
fn is_random(word: &str) -> bool {
    word.len() >= 32
        || (word.len() >= 6 && word.bytes().any(|byte| byte.is_ascii_digit() || matches!(byte, b'=' | b'+')))
}

/// Masks what stands between the lines of a private key block, to the end of the text where it never ends.
fn without_private_keys(text: &str) -> Cow<'_, str> {
    if !text.contains("PRIVATE KEY") {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("-----BEGIN ") {
        let (front, block) = rest.split_at(at);
        kept.push_str(front);
        let head = block.get(11..).and_then(|name| name.split_once("-----"));
        let Some((name, _)) = head.filter(|(name, _)| name.len() < 64 && name.ends_with("PRIVATE KEY")) else {
            let (skipped, behind) = block.split_at(11);
            kept.push_str(skipped);
            rest = behind;
            continue;
        };
        let end = format!("-----END {name}-----");
        kept.push_str(MASK);
        rest = block.find(&end).and_then(|at| block.get(at + end.len()..)).unwrap_or_default();
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}
