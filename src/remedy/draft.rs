//! A proposed change that a person may take in parts: what it is cut into, and what they chose of it.
//!
//! Input: the [`Change`] from the commit that it is made on to the files that it would give, and why
//! it is proposed. Output: a [`Draft`]; with a person's [`Choice`], an [`Account`] of what they took,
//! for the message of the commit.
//!
//! Pure. Builds no file (`shell::git::revert` does) and approves nothing (`approval` does).

mod account;
mod choice;
pub mod edit;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::fix::Check;
use super::fix::report::Taken;
use super::fix::unit::{Unit, Units};
use super::plan::Scope;
use crate::triage::{Change, HunkId};

pub use account::{Account, Comment};
pub use choice::{At, Choice, Side, Spot};

/// Who proposes a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Nobody: it takes the deploy, or hunks of it, back.
    #[default]
    Rollback,
    /// The search for the smallest part to take back with which the user's command passes.
    Search,
    /// A model or a coding agent, which wrote it.
    Drafted,
}

impl Origin {
    /// What people call the change.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Search | Self::Drafted => "fix",
        }
    }
}

/// What is proposed, exactly enough to compute it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// To take this much of the deploy back.
    Back(Scope),
    /// To take these hunks, and what happened to these files (by their indices in the deploy's change), back.
    Parts(Vec<HunkId>, Vec<usize>),
    /// To apply this unified diff to the deployed revision.
    Patch(String),
}

/// A proposed change, and what speaks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Who proposes it.
    pub origin: Origin,
    /// What is proposed.
    pub proposal: Proposal,
    /// From the commit that it is made on (`base`) to the tree that it gives (`head`).
    pub change: Change,
    /// What the evidence says of the error, in words; empty when nobody asked.
    pub verdict: String,
    /// How it was found, in words; empty for a rollback.
    pub evidence: String,
    /// Why its parts are in it, by lines of the deployed files.
    pub reasons: Vec<Taken>,
    /// What the whole of it was held against.
    pub checks: Vec<Check>,
    /// What its author says and what asking cost: shown beside it, and in no message of a commit.
    pub notes: Vec<String>,
    pieces: Vec<Unit>,
    /// For each file, the piece that holds all of it.
    whole: Vec<Option<usize>>,
    /// For each hunk by its number, its own piece.
    own: Vec<Option<usize>>,
}

impl Draft {
    /// Cuts a proposed change up; nothing speaks for or against it yet.
    #[must_use]
    pub fn new(origin: Origin, proposal: Proposal, change: Change) -> Self {
        let pieces = Units::of(&change).units;
        let mut whole = vec![None; change.files.len()];
        let n_hunks = change.files.iter().flat_map(|file| &file.hunks).map(|hunk| hunk.id.0 as usize + 1).max();
        let mut own = vec![None; n_hunks.unwrap_or(0)];
        for (piece, unit) in pieces.iter().enumerate() {
            for file in &unit.files {
                set(&mut whole, *file, piece);
            }
            for hunk in &unit.hunks {
                set(&mut own, hunk.0 as usize, piece);
            }
        }
        Self {
            origin,
            proposal,
            change,
            verdict: String::new(),
            evidence: String::new(),
            reasons: Vec::new(),
            checks: Vec::new(),
            notes: Vec::new(),
            pieces,
            whole,
            own,
        }
    }

    /// What is accepted or rejected as one, in order of file and line.
    #[must_use]
    pub fn pieces(&self) -> &[Unit] {
        &self.pieces
    }

    /// The piece that decides over a hunk of a file: its own, or that of the whole file.
    ///
    /// `None` where it cannot be left out alone: the name of its file is no UTF-8.
    #[must_use]
    pub fn piece_of(&self, file: usize, hunk: HunkId) -> Option<usize> {
        let own = self.own.get(hunk.0 as usize).copied().flatten();
        own.or_else(|| self.piece_of_file(file))
    }

    /// The piece that holds all of a file, where there is one.
    #[must_use]
    pub fn piece_of_file(&self, file: usize) -> Option<usize> {
        self.whole.get(file).copied().flatten()
    }

    /// Every piece that touches a file.
    pub fn pieces_in(&self, file: usize) -> impl Iterator<Item = usize> {
        self.pieces.iter().enumerate().filter(move |(_, unit)| unit.touches.contains(&file)).map(|(piece, _)| piece)
    }

    /// Why these lines of a file of the deployed revision are in the draft.
    pub fn reasons_at(&self, file: &str, start: u32, end: u32) -> impl Iterator<Item = &str> {
        let here = move |taken: &&Taken| taken.file == file && taken.start <= end && start <= taken.end;
        self.reasons.iter().filter(here).map(|taken| taken.why.as_str())
    }

    /// The hunks and the files (by index) that a choice leaves out.
    #[must_use]
    pub fn left_out(&self, choice: &Choice) -> (Vec<HunkId>, Vec<usize>) {
        let units = || choice.rejected().filter_map(|piece| self.pieces.get(piece));
        let hunks = units().flat_map(|unit| unit.hunks.iter().copied()).collect();
        (hunks, units().flat_map(|unit| unit.files.iter().copied()).collect())
    }

    /// The paths of which something is accepted; before and after, where a file was renamed.
    #[must_use]
    pub fn paths(&self, choice: &Choice) -> BTreeSet<String> {
        let files = self.change.files.iter().enumerate().filter(|(index, _)| !self.is_left_out(*index, choice));
        files.flat_map(|(_, file)| [Some(&file.path), file.old_path.as_ref()]).flatten().cloned().collect()
    }

    /// Whether nothing of a file is accepted.
    #[must_use]
    pub fn is_left_out(&self, file: usize, choice: &Choice) -> bool {
        if self.piece_of_file(file).is_some_and(|piece| choice.is_rejected(piece)) {
            return true;
        }
        let mut pieces = self.pieces_in(file).peekable();
        pieces.peek().is_some() && pieces.all(|piece| choice.is_rejected(piece))
    }

    /// Whether a choice leaves a hunk out, by itself or with its whole file.
    #[must_use]
    pub fn is_rejected(&self, file: usize, hunk: HunkId, choice: &Choice) -> bool {
        let pieces = [self.own.get(hunk.0 as usize).copied().flatten(), self.piece_of_file(file)];
        pieces.into_iter().flatten().any(|piece| choice.is_rejected(piece))
    }
}

fn set(pieces: &mut [Option<usize>], index: usize, piece: usize) {
    if let Some(place) = pieces.get_mut(index) {
        *place = Some(piece);
    }
}

#[cfg(test)]
mod tests;
