//! When to hold several events, so that what becomes items again often is not held often.
//!
//! Pure: it decides nothing but time.

use super::OTHER_LINES;

/// Single lines in a row before several items are held: at least, and where few were held the last times, at most.
const SINGLE_LINES: (u32, u32) = (16, 256);
/// Held lines that are worth making items of.
const WORTH: u64 = 2 * OTHER_LINES;

/// What is known of the lines that came last.
#[derive(Debug)]
pub(super) struct Trust {
    /// Lines in a row that could have been held.
    n_single: u32,
    /// How many of them there must be.
    wanted: u32,
    /// Number of the line with which holding began.
    since: u64,
}

impl Default for Trust {
    fn default() -> Self {
        Self { n_single: 0, wanted: SINGLE_LINES.0, since: 0 }
    }
}

impl Trust {
    /// Notes a line that could have been held.
    pub(super) fn gain(&mut self) {
        self.n_single = self.n_single.saturating_add(1);
    }

    /// Notes a line that could not.
    pub(super) fn interrupt(&mut self) {
        self.n_single = 0;
    }

    /// Holding begins, at the line with this number.
    pub(super) fn begin(&mut self, number: u64) {
        self.since = number;
    }

    /// Several held events became items for another reason than what they are.
    pub(super) fn keep(&mut self) {
        self.n_single = SINGLE_LINES.1;
    }

    /// Several held events became items, at the line with this number.
    pub(super) fn lost(&mut self, number: u64) {
        let was_worth = number.saturating_sub(self.since) >= WORTH;
        let wanted = if was_worth { SINGLE_LINES.0 } else { self.wanted.saturating_mul(2).min(SINGLE_LINES.1) };
        *self = Self { n_single: 0, wanted, since: number };
    }

    /// Whether enough lines could have been held.
    pub(super) fn is_there(&self) -> bool {
        self.n_single >= self.wanted
    }
}
