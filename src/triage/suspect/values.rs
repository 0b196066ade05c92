//! Evidence from what a test expected and what came instead: the words in which the two differ.
//!
//! An assertion shows two values. What both have in common tells nothing; a word that only one of
//! them has was made, or is made no more, by the code that changed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::clue::is_common;
use super::sheet::{Piece, Sheet};
use super::stack::is_keyword;
use super::weights as w;
use crate::triage::syntax::{start_of, words};

/// How much of the text is read, and how many words are kept.
const BYTES: usize = 60_000;
const WORDS: usize = 60;

/// The words in which the values of failed assertions differ.
#[derive(Default)]
pub(super) struct Values {
    /// Each word in lower case without underscores, with how it is written.
    words: BTreeMap<String, String>,
    /// How rare each of them is among the hunks and the changed files.
    rarity: BTreeMap<String, f64>,
}

/// Two quoted values with what compares them between.
static COMPARED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let value = r#"('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`[^`\n]*`|<[^\n]*?>|\[[^\]\n]*\])"#;
    let between = r"(?: (?:==|!=|===|is not|is|not in|in) |,? ?(?:but )?(?:to (?:be|equal|strictly equal|deeply equal|deep equal|eql|match|include|contain)|got:?|was:?|actual:?|received:?|matches expected|response body, got)[ :]*)";
    Regex::new(&format!("{value}{between}{value}")).ok()
});
/// A class with what it lies in; group 1 is its own name.
static QUALIFIED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?:[A-Za-z_]\w*(?:\.|::|\\{1,2}))+([A-Z]\w*)").ok());
/// A line that shows one of the values by its label; group 1 is the label.
static LABELED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*(?:E\s+)?(expected|actual|received|got|want|left|right)(?: value)?\s*:\s*(\S.*)$").ok()
});

impl Values {
    /// Reads what a test runner printed, and counts the hunks that hold the words.
    pub(super) fn of(text: &str, sheets: &[Sheet<'_>]) -> Self {
        let text = start_of(text, BYTES);
        let mut values = Self::default();
        if let Some(compared) = COMPARED.as_ref() {
            for line in text.lines() {
                for pair in compared.captures_iter(start_of(line, 4_000)) {
                    let side = |group: usize| pair.get(group).map_or("", |side| side.as_str());
                    values.add(side(1), side(2));
                }
            }
        }
        for (expected, actual) in labeled(text).into_iter().chain(diffs(text)) {
            values.add(&expected, &actual);
        }
        if !values.words.is_empty() {
            values.count(sheets);
        }
        values
    }

    fn count(&mut self, sheets: &[Sheet<'_>]) {
        let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for sheet in sheets {
            for piece in &sheet.pieces {
                let held: HashSet<String> = piece.removed.union(&piece.added).map(|word| plain(word)).collect();
                for word in held.into_iter().filter(|word| self.words.contains_key(word)) {
                    counts.entry(word).or_default().0 += 1;
                }
            }
            let held: HashSet<&str> = sheet.after.words_in(1, u32::MAX).collect();
            let held: HashSet<String> = held.into_iter().map(plain).collect();
            for word in held.into_iter().filter(|word| self.words.contains_key(word)) {
                counts.entry(word).or_default().1 += 1;
            }
        }
        let rarity = |(n_hunks, n_files): (usize, usize)| w::rarity(n_hunks) * w::idf(n_files, sheets.len());
        self.rarity = counts.into_iter().map(|(word, counts)| (word, rarity(counts))).collect();
    }

    fn add(&mut self, one: &str, other: &str) {
        // Where a class lies is no part of the value, unless nothing else differs.
        let mut only = differing(&unqualified(one), &unqualified(other));
        if only.is_empty() {
            only = differing(one, other);
        }
        for (word, written) in only {
            if self.words.len() < WORDS {
                self.words.insert(word, written);
            }
        }
    }

    /// Whether this is one of the words in which the values differ.
    pub(super) fn differ_in(&self, word: &str) -> bool {
        self.words.contains_key(&plain(word))
    }

    /// The most telling of the words that a hunk holds, and how telling it is, at most 1.
    pub(super) fn in_hunk(&self, piece: &Piece<'_>) -> Option<(&str, f64)> {
        if self.words.is_empty() {
            return None;
        }
        let (removed, added) = (plain_all(&piece.removed), plain_all(&piece.added));
        let dilution = w::dilution(removed.union(&added).count());
        let found = removed.union(&added).filter_map(|word| {
            let written = self.words.get(word)?;
            // What a hunk holds on one side only, it brings or takes.
            let is_changed = removed.contains(word) != added.contains(word);
            let rarity = self.rarity.get(word).copied().unwrap_or(1.0);
            Some((written.as_str(), rarity * dilution * if is_changed { 1.0 } else { 0.6 }))
        });
        found.max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| b.0.cmp(a.0)))
    }
}

/// The words that one of two values has and the other has not, each plain and as it is written.
fn differing(one: &str, other: &str) -> BTreeMap<String, String> {
    let read = |side: &str| -> BTreeMap<String, String> {
        let told = words(side).filter(|word| !is_common(word) && !is_keyword(word));
        told.map(|word| (plain(word), word.to_owned())).filter(|(plain, _)| plain.len() > 2).collect()
    };
    let (one, mut other) = (read(one), read(other));
    let mut only = one.clone();
    only.retain(|word, _| !other.contains_key(word));
    other.retain(|word, _| !one.contains_key(word));
    only.extend(other);
    only
}

/// A value with the classes in it by their own names, without the packages, modules and namespaces before them.
fn unqualified(value: &str) -> Cow<'_, str> {
    QUALIFIED.as_ref().map_or(Cow::Borrowed(value), |pattern| pattern.replace_all(value, "$1"))
}

/// The values that lines show by a label, in pairs of neighbors.
fn labeled(text: &str) -> Vec<(String, String)> {
    let Some(pattern) = LABELED.as_ref() else { return Vec::new() };
    let is_wanted = |label: &str| matches!(label, "expected" | "want" | "left");
    let mut pairs = Vec::new();
    let mut open: Option<(bool, String, usize)> = None;
    for (number, line) in text.lines().enumerate() {
        let Some(found) = pattern.captures(start_of(line, 4_000)) else { continue };
        let (Some(label), Some(value)) = (found.get(1), found.get(2)) else { continue };
        let wanted = is_wanted(&label.as_str().to_ascii_lowercase());
        match open.take() {
            Some((other, first, at)) if other != wanted && number - at <= 4 => {
                pairs.push((first, value.as_str().to_owned()));
            }
            Some(_) | None => open = Some((wanted, value.as_str().to_owned(), number)),
        }
    }
    pairs
}

/// The two sides of each diff that a runner prints, as lines that start with a sign.
fn diffs(text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let (mut minus, mut plus, mut n_between) = (String::new(), String::new(), 0);
    let mut close = |minus: &mut String, plus: &mut String| {
        if !minus.is_empty() && !plus.is_empty() {
            pairs.push((std::mem::take(minus), std::mem::take(plus)));
        }
        minus.clear();
        plus.clear();
    };
    for line in text.lines() {
        let bare = line.trim_start();
        let bare = bare.strip_prefix("E ").map_or(bare, str::trim_start);
        let side = match bare.as_bytes() {
            [b'-', b'-', ..] | [b'+', b'+', ..] => None,
            [b'-', b' ' | b'\t' | b'|', ..] => Some(&mut minus),
            [b'+', b' ' | b'\t' | b'|', ..] => Some(&mut plus),
            [b'-', ..] => Some(&mut minus),
            [b'+', ..] => Some(&mut plus),
            _ => None,
        };
        match side {
            Some(side) => {
                side.push_str(bare.get(1..).unwrap_or_default());
                side.push('\n');
                n_between = 0;
            }
            None => {
                n_between += 1;
                if n_between > 6 {
                    close(&mut minus, &mut plus);
                }
            }
        }
    }
    close(&mut minus, &mut plus);
    pairs
}

fn plain_all(words: &BTreeSet<&str>) -> BTreeSet<String> {
    words.iter().map(|word| plain(word)).collect()
}

/// A word as it is compared: `UNIX_TIMESTAMP`, `unixTimestamp` and `UnixTimestamp` are one.
pub(super) fn plain(word: &str) -> String {
    word.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
