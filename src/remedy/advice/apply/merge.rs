//! Puts an author's replacement in the place of what was found, and keeps the file's own bytes where
//! the author changed nothing.

use super::find::Match;
use super::indent;
use super::lines::Text;

/// A replacement and its place.
pub(super) struct Merge<'m> {
    /// The file.
    pub(super) file: &'m Text<'m>,
    /// The lines that were searched for.
    pub(super) search: &'m [&'m str],
    /// The lines in their place.
    pub(super) replace: &'m [&'m str],
    /// Where they were found.
    pub(super) place: Match,
}

/// What happens to the author's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A searched line stays.
    Keep(usize),
    /// A searched line goes.
    Drop(usize),
    /// A line of the replacement comes.
    Insert(usize),
}

impl Merge<'_> {
    /// The whole text after the replacement.
    pub(super) fn text(&self) -> String {
        let lines = &self.file.lines;
        let before = lines.get(..self.place.first).unwrap_or_default().iter();
        let after = lines.get(self.place.last + 1..).unwrap_or_default().iter();
        let own = |line: &&str| (*line).to_owned();
        self.file.joined(before.map(own).chain(self.within()).chain(after.map(own)))
    }

    /// The lines that stand in the place.
    pub(super) fn within(&self) -> Vec<String> {
        let steps = steps(self.search, self.replace);
        let dropped: Vec<bool> = {
            let mut dropped = vec![false; self.search.len()];
            for step in &steps {
                if let Step::Drop(index) = step
                    && let Some(is_dropped) = dropped.get_mut(*index)
                {
                    *is_dropped = true;
                }
            }
            dropped
        };
        let written: Vec<&str> = self.search.iter().chain(self.replace).copied().collect();
        let scale = indent::scale(&self.file.lines, &written);
        let mut kept = Vec::new();
        // The next line of the file that was neither kept nor dropped.
        let mut next = self.place.first;
        let mut was_dropped = false;
        for step in steps {
            match step {
                Step::Insert(index) => {
                    let line = self.replace.get(index).copied().unwrap_or_default();
                    kept.push(self.place.indents.translate(line, scale));
                }
                Step::Keep(index) | Step::Drop(index) => {
                    let Some(at) = self.place.pairs.get(index).copied().flatten() else { continue };
                    let is_dropped = dropped.get(index).copied().unwrap_or_default();
                    // Blank lines that only the file has go with what stood around them.
                    if !(was_dropped && is_dropped) {
                        kept.extend(self.own(next, at));
                    }
                    if !is_dropped {
                        kept.extend(self.own(at, at + 1));
                    }
                    (next, was_dropped) = (at + 1, is_dropped);
                }
            }
        }
        kept.extend(self.own(next, self.place.last + 1));
        kept
    }

    fn own(&self, from: usize, to: usize) -> Vec<String> {
        self.file.lines.get(from..to.max(from)).unwrap_or_default().iter().map(|line| (*line).to_owned()).collect()
    }
}

/// The steps from one list of lines to another: a longest common subsequence is kept.
pub(super) fn steps(search: &[&str], replace: &[&str]) -> Vec<Step> {
    let same = |a: usize, b: usize| match (search.get(a), replace.get(b)) {
        (Some(a), Some(b)) => a.trim_end() == b.trim_end(),
        _ => false,
    };
    let n_front = (0..search.len().min(replace.len())).take_while(|at| same(*at, *at)).count();
    let most_back = search.len().min(replace.len()) - n_front;
    let n_back = (1..=most_back).take_while(|back| same(search.len() - back, replace.len() - back)).count();
    let (rows, columns) = (search.len() - n_front - n_back, replace.len() - n_front - n_back);
    let mut steps: Vec<Step> = (0..n_front).map(Step::Keep).collect();
    if rows.saturating_mul(columns) > LARGEST_TABLE {
        steps.extend((n_front..n_front + rows).map(Step::Drop));
        steps.extend((n_front..n_front + columns).map(Step::Insert));
    } else {
        let table = table(rows, columns, |a, b| same(a + n_front, b + n_front));
        let longest = |a: usize, b: usize| table.get(a * (columns + 1) + b).copied().unwrap_or(0);
        let (mut a, mut b) = (0, 0);
        while a < rows || b < columns {
            if a < rows && b < columns && same(a + n_front, b + n_front) {
                steps.push(Step::Keep(a + n_front));
                (a, b) = (a + 1, b + 1);
            } else if a < rows && (b == columns || longest(a + 1, b) >= longest(a, b + 1)) {
                steps.push(Step::Drop(a + n_front));
                a += 1;
            } else {
                steps.push(Step::Insert(b + n_front));
                b += 1;
            }
        }
    }
    steps.extend((search.len() - n_back..search.len()).map(Step::Keep));
    steps
}

/// Cells of the table of common subsequences, at most.
const LARGEST_TABLE: usize = 4 << 20;

/// For each pair of starts, the length of the longest common subsequence behind them.
fn table(rows: usize, columns: usize, same: impl Fn(usize, usize) -> bool) -> Vec<u32> {
    let mut table = vec![0_u32; (rows + 1) * (columns + 1)];
    let at = |a: usize, b: usize| a * (columns + 1) + b;
    for a in (0..rows).rev() {
        for b in (0..columns).rev() {
            let value = |a, b| table.get(at(a, b)).copied().unwrap_or(0);
            let best = if same(a, b) { value(a + 1, b + 1) + 1 } else { value(a + 1, b).max(value(a, b + 1)) };
            if let Some(cell) = table.get_mut(at(a, b)) {
                *cell = best;
            }
        }
    }
    table
}
