//! Which words of a changed line changed.
//!
//! A removed line is compared with the added line that most likely replaces it, word by word. Lines that
//! have little in common are not compared: everything of them changed.

use std::collections::BTreeMap;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::triage::{Hunk, HunkId};

/// Lines of one side of a hunk above which its words are not compared.
const LINES: usize = 100;

/// The longest line that is compared, in bytes.
const LINE_BYTES: usize = 1_000;

/// Bytes of all hunks above which no more are compared.
const TOTAL_BYTES: usize = 1 << 20;

/// How many lines further down the replacement of a line is looked for.
const REACH: usize = 4;

/// The least share of two lines' bytes that must be equal for one to replace the other.
const ALIKE: f64 = 0.4;

/// The changed parts of a hunk's lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    removed: Vec<Vec<Range<usize>>>,
    added: Vec<Vec<Range<usize>>>,
}

impl Words {
    /// Of a removed line, by its index.
    #[must_use]
    pub fn removed(&self, index: usize) -> &[Range<usize>] {
        self.removed.get(index).map_or(&[], Vec::as_slice)
    }

    /// Of an added line, by its index.
    #[must_use]
    pub fn added(&self, index: usize) -> &[Range<usize>] {
        self.added.get(index).map_or(&[], Vec::as_slice)
    }

    /// Compares the lines of a hunk.
    fn of(removed: &[String], added: &[String]) -> Self {
        let mut words = Self { removed: vec![Vec::new(); removed.len()], added: vec![Vec::new(); added.len()] };
        let mut from = 0;
        for (index, old) in removed.iter().enumerate() {
            let candidates = added.iter().enumerate().skip(from).take(REACH);
            let compared = candidates.map(|(at, new)| (at, compare(old, new)));
            let alike = compared.filter(|(_, compared)| compared.share >= ALIKE);
            let Some((at, best)) = alike.max_by(|a, b| a.1.share.total_cmp(&b.1.share).then(b.0.cmp(&a.0))) else {
                continue;
            };
            if let (Some(gone), Some(come)) = (words.removed.get_mut(index), words.added.get_mut(at)) {
                (*gone, *come) = (best.old, best.new);
            }
            from = at + 1;
        }
        words
    }
}

/// Compares hunks in order, as far as the bounds reach.
pub(super) fn all<'a>(hunks: impl Iterator<Item = &'a Hunk>) -> BTreeMap<HunkId, Words> {
    let mut room = TOTAL_BYTES;
    let mut all = BTreeMap::new();
    for hunk in hunks.filter(|hunk| !hunk.removed.is_empty() && !hunk.added.is_empty()) {
        let is_long = [&hunk.removed, &hunk.added].iter().any(|lines| lines.len() > LINES);
        let n_bytes: usize = hunk.removed.iter().chain(&hunk.added).map(String::len).sum();
        if is_long || n_bytes > room {
            continue;
        }
        room -= n_bytes;
        all.insert(hunk.id, Words::of(&hunk.removed, &hunk.added));
    }
    all
}

struct Compared {
    share: f64,
    old: Vec<Range<usize>>,
    new: Vec<Range<usize>>,
}

fn compare(old: &str, new: &str) -> Compared {
    let nothing = Compared { share: 0.0, old: Vec::new(), new: Vec::new() };
    if old.len().max(new.len()) > LINE_BYTES || old.trim().is_empty() || new.trim().is_empty() {
        return nothing;
    }
    let (old_words, new_words) = (cut(old), cut(new));
    let texts = |line: &'_ str, words: &[Range<usize>]| -> Vec<String> {
        words.iter().map(|word| line.get(word.clone()).unwrap_or_default().to_owned()).collect()
    };
    let ops = capture_diff_slices(Algorithm::Myers, &texts(old, &old_words), &texts(new, &new_words));
    let mut compared = nothing;
    let mut n_equal = 0;
    for op in ops {
        if let DiffOp::Equal { old_index, len, .. } = op {
            let equal = old_words.get(old_index..old_index + len).unwrap_or_default();
            // Blanks and brackets are alike in any two lines.
            let counts = |word: &&Range<usize>| old.get((*word).clone()).is_some_and(|text| text.len() > 1);
            n_equal += equal.iter().filter(counts).map(ExactSizeIterator::len).sum::<usize>();
            continue;
        }
        push(&mut compared.old, &old_words, op.old_range());
        push(&mut compared.new, &new_words, op.new_range());
    }
    let weight = |line: &str, words: &[Range<usize>]| -> usize {
        let counts = |word: &&Range<usize>| line.get((*word).clone()).is_some_and(|text| text.len() > 1);
        words.iter().filter(counts).map(ExactSizeIterator::len).sum()
    };
    let most = weight(old, &old_words).max(weight(new, &new_words)).max(1);
    compared.share = n_equal as f64 / most as f64;
    compared
}

/// Adds the bytes of some words, joined with what is right before them.
fn push(parts: &mut Vec<Range<usize>>, words: &[Range<usize>], which: Range<usize>) {
    let Some(words) = words.get(which).filter(|words| !words.is_empty()) else { return };
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return };
    match parts.last_mut().filter(|part| part.end == first.start) {
        Some(part) => part.end = last.end,
        None => parts.push(first.start..last.end),
    }
}

/// Cuts a line into words, runs of blanks, and single other characters.
fn cut(line: &str) -> Vec<Range<usize>> {
    let kind = |char: char| match char {
        char if char.is_alphanumeric() || char == '_' => 0,
        char if char.is_whitespace() => 1,
        _ => 2,
    };
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut last = None;
    for (at, char) in line.char_indices() {
        let end = at + char.len_utf8();
        match words.last_mut().filter(|_| last == Some(kind(char)) && kind(char) != 2) {
            Some(word) => word.end = end,
            None => words.push(at..end),
        }
        last = Some(kind(char));
    }
    words
}

#[cfg(test)]
mod tests;
