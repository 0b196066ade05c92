//! Which changed lines were on the screen.

use std::collections::BTreeMap;

use crate::app::sheet::{Row, Sheet};
use crate::remedy::Draft;
use crate::remedy::draft::Choice;
use crate::triage::{Hunk, HunkId};

/// Which lines of a hunk were seen.
#[derive(Clone, Debug, Default)]
struct Lines {
    file: usize,
    removed: Vec<bool>,
    added: Vec<bool>,
    n_added_before_edit: usize,
    n_unseen: usize,
}

impl Lines {
    fn see(&mut self, is_added: bool, index: usize) {
        let lines = if is_added { &mut self.added } else { &mut self.removed };
        if let Some(line) = lines.get_mut(index).filter(|line| !**line) {
            *line = true;
            self.n_unseen -= 1;
        }
    }
}

/// What was seen of a draft.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    hunks: BTreeMap<HunkId, Lines>,
    /// For each file whether its change without lines was seen, if it has one.
    files: BTreeMap<usize, bool>,
}

impl Seen {
    pub(super) fn of(sheet: &Sheet) -> Self {
        let mut seen = Self::default();
        for (index, file) in sheet.draft.change.files.iter().enumerate() {
            if file.hunks.iter().all(Hunk::is_whole_file) {
                seen.files.insert(index, false);
                continue;
            }
            for hunk in &file.hunks {
                let (n_removed, n_added) = (hunk.removed.len(), hunk.added.len());
                let lines = Lines {
                    file: index,
                    removed: vec![false; n_removed],
                    added: vec![false; n_added],
                    n_added_before_edit: n_added,
                    n_unseen: n_removed + n_added,
                };
                seen.hunks.insert(hunk.id, lines);
            }
        }
        seen
    }

    pub(super) fn note<'a>(&mut self, sheet: &Sheet, rows: impl Iterator<Item = &'a Row>) {
        for row in rows {
            let mut see = |file: usize, hunk: usize, sides: &[bool], index: usize| {
                let lines = sheet.hunk(file, hunk).and_then(|hunk| self.hunks.get_mut(&hunk.id));
                if let Some(lines) = lines {
                    sides.iter().for_each(|is_added| lines.see(*is_added, index));
                }
            };
            match *row {
                Row::Removed { file, hunk, index } => see(file, hunk, &[false], index),
                Row::Added { file, hunk, index, .. } => see(file, hunk, &[true], index),
                Row::Pair { file, hunk, index, .. } => see(file, hunk, &[false, true], index),
                Row::About { file } => drop(self.files.insert(file, true)),
                Row::File { .. } | Row::Gap { .. } | Row::Context { .. } | Row::Comment { .. } => {}
            }
        }
    }

    /// Forgets that the added lines of a hunk were seen: there are `n_added` others now, or those proposed again.
    pub(super) fn forget(&mut self, hunk: HunkId, n_added: Option<usize>) {
        if let Some(lines) = self.hunks.get_mut(&hunk) {
            lines.added = vec![false; n_added.unwrap_or(lines.n_added_before_edit)];
            lines.n_unseen = lines.removed.iter().chain(&lines.added).filter(|seen| !**seen).count();
        }
    }

    pub(super) fn n_unseen(&self, draft: &Draft, choice: &Choice) -> usize {
        let hunks = self.hunks.iter().filter(|(id, lines)| !draft.is_rejected(lines.file, **id, choice));
        let files = self.files.iter().filter(|(file, seen)| !**seen && !draft.is_left_out(**file, choice));
        hunks.map(|(_, lines)| lines.n_unseen).sum::<usize>() + files.count()
    }
}
