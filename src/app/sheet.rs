//! A draft laid out to be read: which words of a line changed, and the lines around each hunk.
//!
//! Input: a [`Draft`]. Output: a [`Sheet`], made once, away from the screen's thread, however often it is drawn;
//! from it and a person's choice, the [`Rows`] that are on the screen.

pub mod rows;
pub mod syntax;
mod words;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::remedy::draft::{At, Choice, Spot};
use crate::remedy::{Draft, Plan};
use crate::triage::{FileChange, Hunk, HunkId};

pub use rows::{Row, Rows};
pub use words::Words;

/// A draft, and what is computed once to draw it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// The draft.
    pub draft: Draft,
    /// For each file, where each line of its text before starts; its length last.
    starts: Vec<Vec<u32>>,
    words: BTreeMap<HunkId, Words>,
}

/// A draft that is ready to be reviewed, and the plan of all of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// The plan.
    pub plan: Plan,
    /// The draft.
    pub sheet: Sheet,
}

impl Prepared {
    /// Lays the draft of a plan out.
    #[must_use]
    pub fn of(plan: Plan, draft: Draft) -> Self {
        Self { plan, sheet: Sheet::of(draft) }
    }
}

impl Sheet {
    /// Lays a draft out, in time linear in its length but for lines that changed, of which so many are compared
    /// as a person reads.
    #[must_use]
    pub fn of(draft: Draft) -> Self {
        let starts = draft.change.files.iter().map(|file| starts(file.base_text.as_deref().unwrap_or_default()));
        let starts = starts.collect();
        let words = words::all(draft.change.files.iter().flat_map(|file| &file.hunks));
        Self { draft, starts, words }
    }

    /// A file of the draft.
    #[must_use]
    pub fn file(&self, index: usize) -> Option<&FileChange> {
        self.draft.change.files.get(index)
    }

    /// A hunk of a file, by its place among the file's hunks.
    #[must_use]
    pub fn hunk(&self, file: usize, hunk: usize) -> Option<&Hunk> {
        self.file(file)?.hunks.get(hunk)
    }

    /// A line of a file before, from 1, without its end.
    #[must_use]
    pub fn line_before(&self, file: usize, line: u32) -> &str {
        let found = || {
            let starts = self.starts.get(file)?;
            let index = (line as usize).checked_sub(1)?;
            let (start, end) = (*starts.get(index)?, *starts.get(index + 1)?);
            self.file(file)?.base_text.as_deref()?.get(start as usize..end as usize)
        };
        found().unwrap_or_default().trim_end_matches(['\r', '\n'])
    }

    /// How many lines a file has before.
    #[must_use]
    pub fn n_lines_before(&self, file: usize) -> u32 {
        let n = self.starts.get(file).map_or(0, |starts| starts.len().saturating_sub(1));
        u32::try_from(n).unwrap_or(u32::MAX)
    }

    /// The lines that a hunk gives: as they were edited, or else as they were proposed.
    #[must_use]
    pub fn added<'a>(&'a self, hunk: &'a Hunk, choice: &'a Choice) -> &'a [String] {
        choice.edit_of(hunk.id).unwrap_or(&hunk.added)
    }

    /// The parts of a removed line (by its index in the hunk) that are not in the line that replaces it.
    #[must_use]
    pub fn removed_words(&self, hunk: HunkId, index: usize, choice: &Choice) -> &[Range<usize>] {
        self.words_of(hunk, choice).map_or(&[], |words| words.removed(index))
    }

    /// The parts of an added line (by its index in the hunk) that were not in the line that it replaces.
    #[must_use]
    pub fn added_words(&self, hunk: HunkId, index: usize, choice: &Choice) -> &[Range<usize>] {
        self.words_of(hunk, choice).map_or(&[], |words| words.added(index))
    }

    /// What is marked belongs to the lines that were proposed, so an edited hunk has none.
    fn words_of(&self, hunk: HunkId, choice: &Choice) -> Option<&Words> {
        self.words.get(&hunk).filter(|_| choice.edit_of(hunk).is_none())
    }

    /// The raw text of the line at a spot.
    #[must_use]
    pub fn text_at<'a>(&'a self, spot: Spot, choice: &'a Choice) -> &'a str {
        match spot.at {
            At::Before(line) => self.line_before(spot.file, line),
            At::After(id, index) => {
                let hunk = self.file(spot.file).and_then(|file| file.hunks.iter().find(|hunk| hunk.id == id));
                let line = hunk.and_then(|hunk| self.added(hunk, choice).get(index as usize));
                line.map(String::as_str).unwrap_or_default()
            }
        }
    }
}

fn starts(text: &str) -> Vec<u32> {
    let mut starts = vec![0];
    let mut at: usize = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        starts.push(u32::try_from(at).unwrap_or(u32::MAX));
    }
    starts
}

#[cfg(test)]
mod tests;
