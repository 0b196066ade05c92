//! Cuts a template into words, and finds in which of them it may differ from others.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::ingest::signature::{self, PLACEHOLDER};

/// Words of a template beyond which none is taken for a value; it keeps grouping linear in the number of signatures.
const WORDS: usize = 64;

/// The longest word that may be a value, in bytes.
const WORD_BYTES: usize = 64;

/// Fixed words that must remain beside the one that varies.
const FIXED: usize = 2;

/// How many different words make a value of their place; fewer after a word or a mark that announces one.
///
/// Words of a sentence ("failed", "billing") do not count. They join where enough other words make it certain.
pub(super) const LEAST: usize = 6;
const LEAST_CUED: usize = 3;

/// A template with one word left open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pattern {
    /// The template, with `<*>` for the open word.
    pub text: String,
    /// The place of that word among the words.
    pub place: usize,
}

impl Pattern {
    /// The template with the word at this place left open.
    fn of(template: &str, place: usize) -> Option<Self> {
        let (start, end) = words(template).nth(place)?;
        let text = [template.get(..start)?, PLACEHOLDER, template.get(end..)?].concat();
        Some(Self { text, place })
    }

    /// Whether the template differs from it in the open word only, if at all.
    #[must_use]
    pub fn matches(&self, template: &str) -> bool {
        let Some((start, end)) = words(template).nth(self.place) else { return false };
        let (front, back) = (template.get(..start), template.get(end..));
        let open = self.text.get(start..start + PLACEHOLDER.len());
        front == self.text.get(..start)
            && open == Some(PLACEHOLDER)
            && back == self.text.get(start + PLACEHOLDER.len()..)
    }

    /// The key that all its members share; others hardly ever.
    #[must_use]
    pub fn key(&self) -> u64 {
        Cut::of(&self.text).key(self.place)
    }
}

/// A place where a template may differ from others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// The same for all templates that are equal but for this word.
    pub(super) key: u64,
    /// The place among the words.
    pub(super) place: usize,
    /// How many different words it takes.
    pub(super) least: usize,
    /// Whether the word that stands there counts: one of a sentence is no sign of a value.
    pub(super) counts: bool,
}

impl Slot {
    /// The template with this slot's word left open.
    pub(super) fn pattern(&self, template: &str) -> Option<Pattern> {
        Pattern::of(template, self.place)
    }
}

/// The places in which a template may differ from others: never its first word.
pub(super) fn slots(template: &str) -> Vec<Slot> {
    let cut = Cut::of(template);
    let of = |(start, end): (usize, usize)| template.get(start..end).unwrap_or_default();
    let n_fixed = cut.words.iter().filter(|span| of(**span) != PLACEHOLDER).count();
    let said = said(template).len();
    let mut slots = Vec::new();
    for (place, span) in cut.words.iter().enumerate().skip(1).take(WORDS).take_while(|(_, span)| span.0 < said) {
        let word = of(*span);
        let n_others = n_fixed - usize::from(word != PLACEHOLDER);
        if n_others < FIXED || word.len() > WORD_BYTES || !signature::may_be_value(word) {
            continue;
        }
        let before = cut.words.get(place - 1).copied().unwrap_or_default();
        let gap = template.get(before.1..span.0).unwrap_or_default();
        let is_cued = gap.contains([':', '=']) || (gap.trim().is_empty() && signature::is_cue(of(before)));
        let least = if is_cued { LEAST_CUED } else { LEAST };
        slots.push(Slot { key: cut.key(place), place, least, counts: !signature::is_of_sentence(word) });
    }
    slots
}

/// A template without the attributes behind it, which were chosen to tell signatures apart: ` [route=/orders/*]`.
fn said(template: &str) -> &str {
    let tail = template.strip_suffix(']').and_then(|front| front.rsplit_once(" ["));
    match tail {
        Some((said, attributes)) if attributes.split(", ").all(|pair| pair.contains('=')) => said,
        _ => template,
    }
}

/// A template, cut, with the hashes of all that lies before and behind each word.
struct Cut {
    words: Vec<(usize, usize)>,
    before: Vec<u64>,
    behind: Vec<u64>,
}

impl Cut {
    fn of(template: &str) -> Self {
        let words: Vec<(usize, usize)> = words(template).collect();
        let text = |start: usize, end: usize| template.get(start..end).unwrap_or_default();
        let (mut before, mut hash, mut at) = (Vec::with_capacity(words.len()), 0, 0);
        for (start, end) in &words {
            hash = joined(hash, text(at, *start));
            before.push(hash);
            hash = joined(hash, text(*start, *end));
            at = *end;
        }
        let (mut behind, mut hash, mut at) = (Vec::with_capacity(words.len()), 0, template.len());
        for (start, end) in words.iter().rev() {
            hash = joined(hash, text(*end, at));
            behind.push(hash);
            hash = joined(hash, text(*start, *end));
            at = *start;
        }
        behind.reverse();
        Self { words, before, behind }
    }

    fn key(&self, place: usize) -> u64 {
        let of = |hashes: &[u64]| hashes.get(place).copied().unwrap_or_default();
        let mut hasher = DefaultHasher::new();
        (of(&self.before), of(&self.behind), place).hash(&mut hasher);
        hasher.finish()
    }
}

fn joined(hash: u64, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (hash, text).hash(&mut hasher);
    hasher.finish()
}

/// Where the words of a template begin and end.
fn words(template: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = template.get(at..)?;
            let first = rest.chars().next()?;
            let start = at;
            if rest.starts_with(PLACEHOLDER) {
                at += PLACEHOLDER.len();
                return Some((start, at));
            }
            if is_mark(first) {
                at += first.len_utf8();
                continue;
            }
            at += rest.find(is_mark).unwrap_or(rest.len());
            return Some((start, at));
        }
    })
}

fn is_mark(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            ',' | ';' | ':' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '=' | '"' | '\'' | '`' | '|'
        )
}
