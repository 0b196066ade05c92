//! Where in the tail the person is: following its end, paused, or reading further up.

use std::sync::Arc;

use crate::engine::TailLine;
use crate::units::SignatureId;

/// The lines of a paused tail, as they were when it was paused.
#[derive(Clone, Debug)]
struct Paused {
    lines: Arc<Vec<TailLine>>,
    /// Number of the line that is read: the lowest one drawn.
    at: Option<u64>,
}

/// The state of the tail.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    /// Whether lines of every signature are wanted, and not only those of the selected one.
    pub whole: bool,
    /// How many columns are scrolled off to the left.
    pub shift: u16,
    paused: Option<Paused>,
}

/// How many lines arrived since the tail was paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// So many that are still there.
    pub n: usize,
    /// Whether there were more, which the tail no longer holds.
    pub or_more: bool,
}

impl Tail {
    /// Whether it stands still.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused.is_some()
    }

    /// Number of the line that is read; `None` while the end is shown.
    #[must_use]
    pub fn at(&self) -> Option<u64> {
        self.paused.as_ref()?.at
    }

    /// Stands still at these lines; does nothing when it does already.
    pub fn pause(&mut self, lines: &Arc<Vec<TailLine>>) {
        if self.paused.is_none() {
            self.paused = Some(Paused { lines: Arc::clone(lines), at: None });
        }
    }

    /// Follows the end again.
    pub fn follow(&mut self) {
        self.paused = None;
    }

    /// The lines to draw: those of the pause, or else the newest.
    #[must_use]
    pub fn lines<'a>(&'a self, newest: &'a Arc<Vec<TailLine>>) -> &'a [TailLine] {
        self.paused.as_ref().map_or(newest, |paused| &paused.lines)
    }

    /// Reads on at the line with this number; only while paused.
    pub fn read_at(&mut self, number: u64) {
        if let Some(paused) = &mut self.paused {
            paused.at = Some(number);
        }
    }

    /// Counts the lines that came after the pause and are wanted here.
    #[must_use]
    pub fn waiting(&self, newest: &[TailLine], only: Option<SignatureId>) -> Option<Waiting> {
        let paused = self.paused.as_ref()?;
        let last = paused.lines.last().map_or(0, |line| line.number);
        let is_new = |line: &&TailLine| (paused.lines.is_empty() || line.number > last) && wanted(line, only);
        let n = newest.iter().rev().take_while(|line| paused.lines.is_empty() || line.number > last);
        let or_more =
            !paused.lines.is_empty() && newest.first().is_some_and(|line| line.number > last.saturating_add(1));
        Some(Waiting { n: n.filter(is_new).count(), or_more })
    }
}

/// Whether a line is wanted by this filter.
#[must_use]
pub fn wanted(line: &TailLine, only: Option<SignatureId>) -> bool {
    only.is_none_or(|id| line.row == id)
}
