//! What a person chose of a draft, and what they noted on its lines.

use serde::{Deserialize, Serialize};

use std::collections::{BTreeMap, BTreeSet};

use crate::remedy::fix::Check;
use crate::triage::HunkId;

/// The longest comment that is kept, in bytes.
const COMMENT_BYTES: usize = 1_000;

/// The most comments that are kept.
const COMMENTS: usize = 200;

/// A side of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// As it is.
    Before,
    /// As it would be.
    After,
}

/// Which line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// The line of this number before, from 1: one that goes or stays.
    Before(u32),
    /// The line of this index, from 0, that a hunk adds.
    After(HunkId, u32),
}

/// A line of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// Index of the file in the draft's change.
    pub file: usize,
    /// The line.
    pub at: At,
}

/// What was chosen: everything that was not rejected, edited hunks as they were edited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    rejected: BTreeSet<usize>,
    edits: BTreeMap<HunkId, Vec<String>>,
    comments: BTreeMap<Spot, String>,
    /// What exactly these parts were held against.
    checks: Option<Vec<Check>>,
}

impl Choice {
    /// Whether a piece is left out.
    #[must_use]
    pub fn is_rejected(&self, piece: usize) -> bool {
        self.rejected.contains(&piece)
    }

    /// The pieces that are left out.
    pub fn rejected(&self) -> impl Iterator<Item = usize> {
        self.rejected.iter().copied()
    }

    /// Accepts a piece, or leaves it out. What was checked before holds no longer.
    pub fn set(&mut self, piece: usize, is_accepted: bool) {
        let is_other = if is_accepted { self.rejected.remove(&piece) } else { self.rejected.insert(piece) };
        if is_other {
            self.checks = None;
        }
    }

    /// The lines that stand in place of a hunk's lines after, where it was edited.
    #[must_use]
    pub fn edit_of(&self, hunk: HunkId) -> Option<&[String]> {
        self.edits.get(&hunk).map(Vec::as_slice)
    }

    /// The edited hunks, each with its lines, without line ends.
    #[must_use]
    pub fn edits(&self) -> &BTreeMap<HunkId, Vec<String>> {
        &self.edits
    }

    /// Puts these lines in place of a hunk's lines after; `None` takes an edit back. What was checked before holds no
    /// longer.
    pub fn edit(&mut self, hunk: HunkId, lines: Option<Vec<String>>) {
        self.checks = None;
        match lines {
            Some(lines) => drop(self.edits.insert(hunk, lines)),
            None => drop(self.edits.remove(&hunk)),
        }
        // The lines that were noted on are not there any more.
        self.comments.retain(|spot, _| !matches!(spot.at, At::After(other, _) if other == hunk));
    }

    /// What is noted on a line.
    #[must_use]
    pub fn comment_on(&self, spot: Spot) -> Option<&str> {
        self.comments.get(&spot).map(String::as_str)
    }

    /// All that is noted, in order of file and line.
    pub fn comments(&self) -> impl Iterator<Item = (Spot, &str)> {
        self.comments.iter().map(|(spot, text)| (*spot, text.as_str()))
    }

    /// Notes something on a line, or, where the text is blank, nothing; `false` when there are too many notes.
    pub fn comment(&mut self, spot: Spot, text: &str) -> bool {
        let text = text.trim();
        if text.is_empty() {
            self.comments.remove(&spot);
            return true;
        }
        if self.comments.len() >= COMMENTS && !self.comments.contains_key(&spot) {
            return false;
        }
        let text = text.get(..text.floor_char_boundary(COMMENT_BYTES)).unwrap_or(text);
        self.comments.insert(spot, text.to_owned());
        true
    }

    /// What exactly these parts were held against, where they were.
    #[must_use]
    pub fn checks(&self) -> Option<&[Check]> {
        self.checks.as_deref()
    }

    /// Takes what was found of these very parts; of others it is not taken, and `false` is returned.
    pub fn take_checks(&mut self, of: &Self, checks: Vec<Check>) -> bool {
        let is_same = self.has_parts_of(of);
        if is_same {
            self.checks = Some(checks);
        }
        is_same
    }

    /// Whether both take the same parts, whatever is noted on them.
    #[must_use]
    pub fn has_parts_of(&self, other: &Self) -> bool {
        self.rejected == other.rejected && self.edits == other.edits
    }

    /// Whether the whole draft is accepted as it is; comments change nothing of that.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.rejected.is_empty() && self.edits.is_empty()
    }
}
