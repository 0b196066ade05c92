//! Finds the place in the source that wrote a message, by the message's literal text.
//!
//! Input: a message and source texts. Output: the [`Site`]s whose string literals, placeholders left
//! out, occur in the message.
//!
//! Pure and linear in the text. This is the only link between an error and the code when there is
//! no stack.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use regex::Regex;

use super::Symptom;
use super::syntax::{Kind, Source};

/// The start of a message that is compared.
const MESSAGE_BYTES: usize = 2_000;
/// The most runs of words that are looked for.
const NEEDLES: usize = 48;
/// Fewer letters than this, or fewer words, are no telling literal.
const LETTERS: usize = 9;

/// What stands for a value inside a literal, in any language, and escapes.
static HOLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"%[-+ #0]*(\([\w.]+\)|\{\w+\}|\d+\$)?[-+ #0]*[\d.*]*(h|l|ll|z)?[sdifgGxXvqTuceopwrwtbU@]|\$\{[^}]*\}|#\{[^}]*\}|\{[^{}]{0,80}\}",
        r"|\$[A-Za-z_]\w*|\\\([^)]*\)|\\[nrt'\x22`\\0]|<%=.*?%>|~[pswa]|\$\([^)]*\)|\$\d"
    ))
    .ok()
});

/// A place whose literal text is in the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The line of the literal, from 1.
    pub line: u32,
    /// The last line of the literal.
    pub last_line: u32,
    /// How many letters of the message it explains.
    pub letters: usize,
}

/// What of a message is looked for in source text.
#[derive(Clone, Debug)]
pub struct Wanted {
    message: String,
    /// Letters of the message that are not inside variables, as far as the template tells.
    letters: usize,
    needles: Vec<Finder<'static>>,
}

impl Wanted {
    /// Prepares the message of a symptom; of a trace, that of the root exception.
    #[must_use]
    pub fn of(symptom: &Symptom) -> Option<Self> {
        match &symptom.trace {
            Some(trace) if !trace.message.trim().is_empty() => Self::new(&trace.message, ""),
            _ => Self::new(&symptom.message, &symptom.template),
        }
    }

    /// Prepares a message; `template` is the same message with its variables masked.
    ///
    /// Returns `None` when it has too little text to be told from others.
    #[must_use]
    pub fn new(message: &str, template: &str) -> Option<Self> {
        let message = message.lines().next().unwrap_or_default();
        let message = message.get(..message.floor_char_boundary(MESSAGE_BYTES)).unwrap_or_default().to_owned();
        let fixed: usize = without_masks(template).map(n_letters).sum();
        let letters = if fixed == 0 { n_letters(&message) } else { fixed };
        let needles = needles(&message);
        (letters >= LETTERS && !needles.is_empty()).then_some(Self { message, letters, needles })
    }

    /// Whether a text could hold a site; a cheap test before it is read.
    #[must_use]
    pub fn may_be_in(&self, text: &[u8]) -> bool {
        self.needles.iter().any(|needle| needle.find(text).is_some())
    }

    /// The places in a source that may have written the message, in order of lines.
    #[must_use]
    pub fn sites(&self, source: &Source<'_>) -> Vec<Site> {
        if !self.may_be_in(source.text.as_bytes()) {
            return Vec::new();
        }
        let mut sites: Vec<Site> = Vec::new();
        // Several literals of one line are one message: `"order " + id + " not found"`.
        let mut joined = (0, 0, 0);
        for token in source.tokens.iter().filter(|token| token.kind == Kind::Text) {
            let (letters, end) = self.explained(source.of(token), if joined.0 == token.line { joined.1 } else { 0 });
            joined =
                if joined.0 == token.line { (token.line, end, joined.2 + letters) } else { (token.line, end, letters) };
            let letters = joined.2.max(letters);
            if !self.is_telling(letters) {
                continue;
            }
            match sites.last_mut().filter(|site| site.line == token.line) {
                Some(site) => site.letters = site.letters.max(letters),
                None => sites.push(Site { line: token.line, last_line: token.last_line.min(token.line + 3), letters }),
            }
        }
        sites
    }

    fn is_telling(&self, letters: usize) -> bool {
        letters >= LETTERS && (letters * 5 >= self.letters * 2 || letters >= 28)
    }

    /// How many letters of the message a literal explains, and where in the message it ends.
    fn explained(&self, literal: &str, from: usize) -> (usize, usize) {
        let inner = literal.trim_start_matches(|c: char| c == 'r' || c == '#').trim_matches(['"', '\'', '`', '#']);
        let inner = inner.get(..inner.floor_char_boundary(4_000)).unwrap_or_default();
        let Some(hole) = HOLE.as_ref() else { return (0, from) };
        let (mut at, mut letters, mut n_words) = (from, 0, 0);
        for part in hole.split(inner).map(str::trim).filter(|part| part.chars().any(char::is_alphanumeric)) {
            let rest = self.message.get(at..).unwrap_or_default();
            let Some(found) = rest.find(part) else { return (0, from) };
            at += found + part.len();
            letters += n_letters(part);
            n_words += part.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count();
        }
        let is_text = n_words >= 2 || (from > 0 && n_words >= 1);
        if is_text || n_words == 1 && from == 0 && inner.ends_with([' ', '=']) { (letters, at) } else { (0, from) }
    }
}

fn n_letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

/// The runs of a template between its masks, `<n>` and the like.
fn without_masks(template: &str) -> impl Iterator<Item = &str> {
    template.split('<').map(|run| match run.split_once('>') {
        Some((mask, rest)) if mask.len() <= 16 && !mask.contains(' ') => rest,
        _ => run,
    })
}

/// Pairs of neighboring words of the message; source that wrote it holds at least one of them
/// together, or one long word at the edge of a placeholder.
fn needles(message: &str) -> Vec<Finder<'static>> {
    let words: Vec<&str> = message.split(' ').filter(|word| !word.is_empty()).collect();
    let is_fixed = |word: &&str| !word.chars().any(|c| c.is_ascii_digit()) && n_letters(word) > 0;
    let clean = |word: &str| word.trim_matches(['"', '\'', '`', '(', ')', ',', ':', '[', ']']).to_owned();
    let pairs = words.windows(2).filter_map(|pair| match pair {
        [a, b] if is_fixed(a) && is_fixed(b) && n_letters(a) + n_letters(b) >= 5 => Some(format!("{a} {}", clean(b))),
        _ => None,
    });
    let long = words.iter().filter(|word| is_fixed(word) && n_letters(word) >= 7).map(|word| clean(word));
    pairs.chain(long).take(NEEDLES).map(|needle| Finder::new(needle.as_bytes()).into_owned()).collect()
}

#[cfg(test)]
mod tests;
