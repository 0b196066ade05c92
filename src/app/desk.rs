//! The desk at which a draft is reviewed: the draft, what the person chose of it, where they are in it, and the
//! plan that follows from their choice.
//!
//! Input: a [`Prepared`] draft, and what the person does. Output: rows to draw, and the one plan that is
//! exactly what is chosen, or why there is none.

mod seen;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::effect::Ticket;
use super::failure::Failure;
use super::place::Shown;
use super::sheet::syntax::Tokens;
use super::sheet::{Prepared, Row, Rows, Sheet};
use crate::remedy::Plan;
use crate::remedy::draft::{Choice, Spot};
use crate::triage::{FileStatus, Hunk, HunkId};

use seen::Seen;

/// How the plan on the desk stands to what is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is the plan of exactly what is chosen.
    Current,
    /// The plan of what was chosen was asked for; `is_behind` when something else was chosen since.
    Awaited {
        /// The ticket of the answer.
        ticket: Ticket,
        /// Whether it must be asked for again.
        is_behind: bool,
    },
    /// What is chosen has no plan.
    Refused(Failure),
}

/// How far the checks of what is chosen are.
#[derive(Clone, Debug, PartialEq)]
pub enum Checking {
    /// Nothing is under way: they are done, or there is nothing to be checked.
    Idle,
    /// They run for this choice; so many runs of commands ended.
    Running(Ticket, Box<Choice>, usize),
    /// They could not be made for this choice.
    Failed(Box<Choice>, Failure),
}

/// What a person decided about a hunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is accepted as it was proposed.
    Accepted,
    /// It is accepted as it was edited.
    Edited,
    /// It is left out.
    Rejected,
    /// It is accepted, and cannot be left out alone.
    Fixed,
}

/// A draft under review.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The ticket that the draft answered; a second answer to it is a change of what is shown.
    pub ticket: Ticket,
    /// The draft.
    pub sheet: Arc<Sheet>,
    /// What is chosen of it.
    pub choice: Choice,
    /// The newest plan.
    pub shown: Box<Shown>,
    /// How that plan stands to what is chosen.
    pub standing: Standing,
    /// How far the checks of what is chosen are.
    pub checking: Checking,
    /// Whether the plan tells what is chosen was held against.
    pub knows_checks: bool,
    /// The rows.
    pub rows: Rows,
    /// Whether the person wants lines that go beside those that come.
    pub wants_split: bool,
    /// Whether they are: where there is no room, they are below each other all the same.
    pub is_split: bool,
    /// Index of the row that the person is at.
    pub cursor: usize,
    /// First row shown.
    pub top: usize,
    /// Columns scrolled off to the left.
    pub shift: u16,
    /// What is known of the files' syntax, by their indices.
    pub tokens: BTreeMap<usize, Arc<Tokens>>,
    /// The comment that is being typed, and the line that it is about.
    pub noting: Option<(Spot, String)>,
    seen: Seen,
}

impl Desk {
    /// Puts a draft on the desk.
    #[must_use]
    pub fn new(ticket: Ticket, prepared: Prepared) -> Self {
        let Prepared { plan, sheet } = prepared;
        let choice = Choice::default();
        let rows = Rows::of(&sheet, &choice, false);
        Self {
            ticket,
            seen: Seen::of(&sheet),
            cursor: rows.hunks.first().copied().unwrap_or(0),
            sheet: Arc::new(sheet),
            choice,
            shown: Box::new(Shown::new(ticket, plan)),
            standing: Standing::Current,
            checking: Checking::Idle,
            knows_checks: false,
            rows,
            wants_split: false,
            is_split: false,
            top: 0,
            shift: 0,
            tokens: BTreeMap::new(),
            noting: None,
        }
    }

    /// The plan of exactly what is chosen, once there is one.
    #[must_use]
    pub fn current(&self) -> Option<&Shown> {
        (self.standing == Standing::Current).then_some(&*self.shown)
    }

    /// Puts the plan of what is chosen on the desk.
    pub fn take(&mut self, ticket: Ticket, plan: Plan) {
        *self.shown = Shown::new(ticket, plan);
        self.standing = Standing::Current;
    }

    /// Whether what is chosen was not held against anything.
    #[must_use]
    pub fn is_unchecked(&self) -> bool {
        self.sheet.draft.is_unchecked(&self.choice)
    }

    /// Whether the plan was made without checks of what is chosen, although the whole draft was held against some.
    #[must_use]
    pub fn is_plan_unchecked(&self) -> bool {
        let is_part = !self.sheet.draft.checks.is_empty() && !self.choice.is_whole();
        is_part && !self.knows_checks
    }

    /// The row that the person is at.
    #[must_use]
    pub fn row(&self) -> Option<Row> {
        self.rows.all.get(self.cursor).copied()
    }

    /// Index of the file that the person is at.
    #[must_use]
    pub fn file(&self) -> usize {
        self.row().map_or(0, Row::file)
    }

    /// The hunk that the person is at, by its place in the file; beside one, the next of the file, or the last.
    #[must_use]
    pub fn hunk(&self) -> Option<(usize, usize)> {
        let file = self.file();
        let hunk_at = |index: &usize| self.rows.all.get(*index).and_then(|row| row.hunk());
        if let Some(hunk) = hunk_at(&self.cursor) {
            return Some(hunk);
        }
        let next = self.rows.hunks.partition_point(|start| *start <= self.cursor);
        let candidates = [Some(next), next.checked_sub(1)];
        let starts = candidates.into_iter().flatten().filter_map(|index| self.rows.hunks.get(index));
        { starts }.filter_map(hunk_at).find(|(other, _)| *other == file)
    }

    /// The piece that a decision here is about.
    #[must_use]
    pub fn piece(&self) -> Option<usize> {
        let file = self.file();
        let of_hunk = |(file, hunk): (usize, usize)| self.sheet.draft.piece_of(file, self.sheet.hunk(file, hunk)?.id);
        if let Some(piece) = self.hunk().and_then(of_hunk) {
            return Some(piece);
        }
        self.sheet.draft.piece_of_file(file)
    }

    /// What was decided about a hunk.
    #[must_use]
    pub fn decision(&self, file: usize, hunk: &Hunk) -> Decision {
        let draft = &self.sheet.draft;
        match draft.piece_of(file, hunk.id) {
            None => Decision::Fixed,
            Some(_) if draft.is_rejected(file, hunk.id, &self.choice) => Decision::Rejected,
            Some(_) if self.choice.edit_of(hunk.id).is_some() => Decision::Edited,
            Some(_) => Decision::Accepted,
        }
    }

    /// What was decided about a change without lines.
    #[must_use]
    pub fn decision_on_file(&self, file: usize) -> Decision {
        match self.sheet.draft.piece_of_file(file) {
            None => Decision::Fixed,
            Some(_) if self.sheet.draft.is_left_out(file, &self.choice) => Decision::Rejected,
            Some(_) => Decision::Accepted,
        }
    }

    /// What was decided about what the person is at: a hunk, or a file without any.
    #[must_use]
    pub fn decision_here(&self) -> Decision {
        let hunk = self.hunk().and_then(|(file, hunk)| self.sheet.hunk(file, hunk));
        hunk.map_or_else(|| self.decision_on_file(self.file()), |hunk| self.decision(self.file(), hunk))
    }

    /// How many hunks and changes without lines there are, and how many of them are accepted; of one file, or of all.
    #[must_use]
    pub fn counts(&self, only: Option<usize>) -> (usize, usize) {
        let (mut n_all, mut n_accepted) = (0, 0);
        let files = self.sheet.draft.change.files.iter().enumerate();
        for (index, file) in files.filter(|(index, _)| only.is_none_or(|only| only == *index)) {
            let decided: Vec<Decision> = if file.hunks.is_empty() {
                vec![self.decision_on_file(index)]
            } else {
                file.hunks.iter().map(|hunk| self.decision(index, hunk)).collect()
            };
            n_all += decided.len();
            n_accepted += decided.iter().filter(|decision| **decision != Decision::Rejected).count();
        }
        (n_all, n_accepted)
    }

    /// Why the hunk here cannot be edited, as a sentence; `None` when it can.
    #[must_use]
    pub fn no_edit(&self) -> Option<&'static str> {
        let Some((file, _)) = self.hunk() else {
            return Some("This change has no lines to edit. Space accepts or rejects it.");
        };
        match self.sheet.file(file).map(|file| file.status) {
            Some(FileStatus::Deleted) => Some("A file that goes has no lines to edit. Space keeps it."),
            Some(FileStatus::Added | FileStatus::Modified | FileStatus::Renamed) => None,
            None => Some("There is no hunk here."),
        }
    }

    /// Where a comment would go.
    #[must_use]
    pub fn spot(&self) -> Option<Spot> {
        self.rows.spot(&self.sheet, &self.choice, self.cursor)
    }

    /// Lays the rows out anew, because what is in them changed; the person stays at the same line, as far as it is
    /// there.
    pub fn lay_out(&mut self, is_split: bool) {
        let spot = self.spot();
        let (file, offset) = (self.file(), self.cursor.saturating_sub(self.top));
        let hunk = self.hunk();
        self.is_split = is_split;
        self.rows = Rows::of(&self.sheet, &self.choice, is_split);
        let by_spot = spot.and_then(|spot| self.rows.row_of(&self.sheet, &self.choice, spot));
        let by_hunk = || {
            let is_it = |index: &&usize| self.rows.all.get(**index).and_then(|row| row.hunk()) == hunk;
            self.rows.hunks.iter().filter(|_| hunk.is_some()).find(is_it).copied()
        };
        let by_file = || self.rows.files.get(file).copied();
        self.cursor = by_spot.or_else(by_hunk).or_else(by_file).unwrap_or(0);
        self.top = self.cursor.saturating_sub(offset);
    }

    /// Lays the rows out for the room that there is, and moves the window so that the person's row is in it.
    pub fn keep_visible(&mut self, height: usize, fits_split: bool) {
        if self.is_split != (self.wants_split && fits_split) {
            self.lay_out(!self.is_split);
        }
        let n_rows = self.rows.all.len();
        self.cursor = self.cursor.min(n_rows.saturating_sub(1));
        self.top = super::layout::window(self.cursor, self.top, height, n_rows);
    }

    /// Notes what is on the screen.
    pub fn note_seen(&mut self, height: usize) {
        let rows = self.rows.all.iter().skip(self.top).take(height);
        self.seen.note(&self.sheet, rows);
    }

    /// How many accepted lines were never on the screen.
    #[must_use]
    pub fn n_unseen(&self) -> usize {
        self.seen.n_unseen(&self.sheet.draft, &self.choice)
    }

    /// Takes an edit of a hunk, or takes it back.
    pub fn edit(&mut self, hunk: HunkId, lines: Option<Vec<String>>) {
        self.seen.forget(hunk, lines.as_ref().map(Vec::len));
        self.choice.edit(hunk, lines);
        self.lay_out(self.is_split);
    }
}
