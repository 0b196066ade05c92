//! The rows of a draft: files, hunks with the lines around them, and what was noted on a line.

use super::Sheet;
use crate::remedy::draft::{At, Choice, Spot};
use crate::triage::{Hunk, HunkId};

/// Lines that are shown around a hunk.
const CONTEXT: u32 = 3;

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Begins a file.
    File {
        /// Index of the file.
        file: usize,
    },
    /// Stands for a change that has no lines: a file that moved, is binary, or has another mode.
    About {
        /// Index of the file.
        file: usize,
    },
    /// Stands for lines that are not shown.
    Gap {
        /// Index of the file.
        file: usize,
        /// Number of the line before that follows.
        old: u32,
        /// Number of the line after that follows.
        new: u32,
    },
    /// A line that stays.
    Context {
        /// Index of the file.
        file: usize,
        /// Number of the line before.
        old: u32,
        /// Number of the line after.
        new: u32,
    },
    /// A line that goes.
    Removed {
        /// Index of the file.
        file: usize,
        /// Place of the hunk among the file's hunks.
        hunk: usize,
        /// Place of the line among the hunk's removed lines.
        index: usize,
    },
    /// A line that comes.
    Added {
        /// Index of the file.
        file: usize,
        /// Place of the hunk among the file's hunks.
        hunk: usize,
        /// Place of the line among the hunk's added lines.
        index: usize,
        /// Number of the line after.
        new: u32,
    },
    /// A line that goes beside one that comes; on one side there may be none.
    Pair {
        /// Index of the file.
        file: usize,
        /// Place of the hunk among the file's hunks.
        hunk: usize,
        /// Place of the lines among the hunk's removed, and added, lines.
        index: usize,
        /// Number of the line after.
        new: u32,
    },
    /// What is noted on the line above.
    Comment {
        /// The line.
        spot: Spot,
    },
}

impl Row {
    /// Index of the file that it belongs to.
    #[must_use]
    pub fn file(self) -> usize {
        match self {
            Self::File { file }
            | Self::About { file }
            | Self::Gap { file, .. }
            | Self::Context { file, .. }
            | Self::Removed { file, .. }
            | Self::Added { file, .. }
            | Self::Pair { file, .. } => file,
            Self::Comment { spot } => spot.file,
        }
    }

    /// File and place of the hunk that it is a line of.
    #[must_use]
    pub fn hunk(self) -> Option<(usize, usize)> {
        match self {
            Self::Removed { file, hunk, .. } | Self::Added { file, hunk, .. } | Self::Pair { file, hunk, .. } => {
                Some((file, hunk))
            }
            Self::File { .. } | Self::About { .. } | Self::Gap { .. } | Self::Context { .. } | Self::Comment { .. } => {
                None
            }
        }
    }
}

/// The rows of a draft, and where files and hunks begin among them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The rows.
    pub all: Vec<Row>,
    /// Index of the first row of each file.
    pub files: Vec<usize>,
    /// Index of the first row of each hunk, and of each change without lines.
    pub hunks: Vec<usize>,
}

impl Rows {
    /// Lays the rows out: a removed line above what replaces it, or beside it.
    #[must_use]
    pub fn of(sheet: &Sheet, choice: &Choice, is_split: bool) -> Self {
        let mut rows = Self::default();
        for file in 0..sheet.draft.change.files.len() {
            rows.files.push(rows.all.len());
            rows.all.push(Row::File { file });
            rows.file(sheet, choice, file, is_split);
        }
        rows
    }

    fn file(&mut self, sheet: &Sheet, choice: &Choice, file: usize, is_split: bool) {
        let hunks = sheet.file(file).map_or(&[][..], |file| &file.hunks);
        if hunks.is_empty() || hunks.iter().all(Hunk::is_whole_file) {
            self.hunks.push(self.all.len());
            self.all.push(Row::About { file });
            return;
        }
        let n_lines = sheet.n_lines_before(file);
        // The next line before that has no row yet, and how far the lines after are ahead of those before.
        let (mut next, mut ahead) = (1_u32, 0_i64);
        for (place, hunk) in hunks.iter().enumerate() {
            let n_removed = u32::try_from(hunk.removed.len()).unwrap_or(u32::MAX);
            let first = if n_removed == 0 { hunk.old_start.saturating_add(1) } else { hunk.old_start };
            self.context(choice, file, next..first, ahead, (place > 0, true));
            self.hunks.push(self.all.len());
            let n_added = sheet.added(hunk, choice).len();
            self.hunk(choice, (file, place, hunk), plus(first, ahead), n_added, is_split);
            next = first.saturating_add(n_removed);
            ahead += n_added as i64 - i64::from(n_removed);
        }
        self.context(choice, file, next..n_lines.saturating_add(1), ahead, (true, false));
    }

    /// The lines between two hunks: some behind the one, some before the other, and a gap where lines are left out.
    fn context(
        &mut self,
        choice: &Choice,
        file: usize,
        lines: std::ops::Range<u32>,
        ahead: i64,
        (behind, before): (bool, bool),
    ) {
        let n_behind = if behind { CONTEXT } else { 0 };
        let n_before = if before { CONTEXT } else { 0 };
        let cut = lines.start.saturating_add(n_behind).min(lines.end);
        let resume = lines.end.saturating_sub(n_before).max(cut);
        for old in lines.start..cut {
            self.line(choice, file, old, ahead);
        }
        if before && (resume > cut || !behind) {
            self.all.push(Row::Gap { file, old: resume, new: plus(resume, ahead) });
        }
        for old in resume..lines.end {
            if before {
                self.line(choice, file, old, ahead);
            }
        }
    }

    fn line(&mut self, choice: &Choice, file: usize, old: u32, ahead: i64) {
        self.all.push(Row::Context { file, old, new: plus(old, ahead) });
        self.comment(choice, Spot { file, at: At::Before(old) });
    }

    fn hunk(
        &mut self,
        choice: &Choice,
        (file, place, hunk): (usize, usize, &Hunk),
        first_new: u32,
        n_added: usize,
        is_split: bool,
    ) {
        let new = |index: usize| first_new.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
        let n_removed = hunk.removed.len();
        if is_split {
            for index in 0..n_removed.max(n_added) {
                self.all.push(Row::Pair { file, hunk: place, index, new: new(index) });
                if index < n_removed {
                    self.comment(choice, removed(file, hunk, index));
                }
                if index < n_added {
                    self.comment(choice, added(file, hunk.id, index));
                }
            }
            return;
        }
        for index in 0..n_removed {
            self.all.push(Row::Removed { file, hunk: place, index });
            self.comment(choice, removed(file, hunk, index));
        }
        for index in 0..n_added {
            self.all.push(Row::Added { file, hunk: place, index, new: new(index) });
            self.comment(choice, added(file, hunk.id, index));
        }
    }

    fn comment(&mut self, choice: &Choice, spot: Spot) {
        if choice.comment_on(spot).is_some() {
            self.all.push(Row::Comment { spot });
        }
    }

    /// Where a row can be noted on; of a pair, the line after, where there is one.
    #[must_use]
    pub fn spot(&self, sheet: &Sheet, choice: &Choice, index: usize) -> Option<Spot> {
        match *self.all.get(index)? {
            Row::Context { file, old, .. } => Some(Spot { file, at: At::Before(old) }),
            Row::Removed { file, hunk, index } => Some(removed(file, sheet.hunk(file, hunk)?, index)),
            Row::Added { file, hunk, index, .. } => Some(added(file, sheet.hunk(file, hunk)?.id, index)),
            Row::Pair { file, hunk, index, .. } => {
                let hunk = sheet.hunk(file, hunk)?;
                let has_after = index < sheet.added(hunk, choice).len();
                Some(if has_after { added(file, hunk.id, index) } else { removed(file, hunk, index) })
            }
            Row::Comment { spot } => Some(spot),
            Row::File { .. } | Row::About { .. } | Row::Gap { .. } => None,
        }
    }

    /// The row of a spot; its comment does not count.
    #[must_use]
    pub fn row_of(&self, sheet: &Sheet, choice: &Choice, spot: Spot) -> Option<usize> {
        let start = *self.files.get(spot.file)?;
        let is_there = |index: &usize| {
            !matches!(self.all.get(*index), Some(Row::Comment { .. })) && self.spot(sheet, choice, *index) == Some(spot)
        };
        (start..self.all.len()).find(is_there)
    }

    /// The first of these starts behind a row, or the last before it.
    #[must_use]
    pub fn next(starts: &[usize], from: usize, is_forward: bool) -> Option<usize> {
        let index = if is_forward {
            starts.partition_point(|start| *start <= from)
        } else {
            starts.partition_point(|start| *start < from).checked_sub(1)?
        };
        starts.get(index).copied()
    }
}

fn plus(line: u32, ahead: i64) -> u32 {
    u32::try_from(i64::from(line) + ahead).unwrap_or(0)
}

fn removed(file: usize, hunk: &Hunk, index: usize) -> Spot {
    let line = hunk.old_start.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
    Spot { file, at: At::Before(line) }
}

fn added(file: usize, hunk: HunkId, index: usize) -> Spot {
    Spot { file, at: At::After(hunk, u32::try_from(index).unwrap_or(u32::MAX)) }
}
