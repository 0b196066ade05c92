//! Reads a unified diff into lines that can be drawn and counted, once, however often it is drawn.
//!
//! Input: the text of a patch. Output: a [`Patch`], which keeps places in that text and not the text.
//! A hunk's own numbers decide which lines belong to it, so that a removed line `-- x` is not taken
//! for a file header. Malformed input is no error: what belongs to no hunk is [`Mark::Meta`].

use std::ops::Range;

/// What a line of a patch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Begins a file: `diff --git …`.
    File,
    /// Names, modes, and what else stands between files and hunks.
    Meta,
    /// Begins a hunk: `@@ … @@`.
    Hunk,
    /// Is in the text after only.
    Added,
    /// Is in the text before only.
    Removed,
    /// Is in both.
    Context,
}

/// One line of a patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchLine {
    /// Where it is in the patch, without line end.
    pub bytes: Range<usize>,
    /// What it is.
    pub mark: Mark,
    /// Its number in the text before, from 1; `None` where it has none.
    pub old: Option<u32>,
    /// Its number in the text after, from 1; `None` where it has none.
    pub new: Option<u32>,
}

/// The lines of a patch, and what they sum up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// The lines in order.
    pub lines: Vec<PatchLine>,
    /// How many files it touches.
    pub n_files: usize,
    /// How many lines it adds.
    pub n_added: usize,
    /// How many lines it removes.
    pub n_removed: usize,
}

/// Where in a hunk the reader is: next numbers, and how many lines are still to come.
#[derive(Clone, Copy, Default)]
struct Open {
    old: u32,
    new: u32,
    old_left: u32,
    new_left: u32,
}

impl Patch {
    /// Reads the patch in time linear in its length.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut patch = Self::default();
        let mut open = Open::default();
        let mut start = 0;
        for whole in text.split_inclusive('\n') {
            let line = whole.strip_suffix('\n').unwrap_or(whole);
            let bytes = start..start + line.len();
            start += whole.len();
            patch.push(line, bytes, &mut open);
        }
        patch
    }

    fn push(&mut self, line: &str, bytes: Range<usize>, open: &mut Open) {
        let in_hunk = open.old_left > 0 || open.new_left > 0;
        let (mark, old, new) = match line.as_bytes().first() {
            Some(b'+') if in_hunk && open.new_left > 0 => (Mark::Added, None, Some(open.new)),
            Some(b'-') if in_hunk && open.old_left > 0 => (Mark::Removed, Some(open.old), None),
            Some(b' ') | None if in_hunk => (Mark::Context, Some(open.old), Some(open.new)),
            _ if line.starts_with("diff --git ") => (Mark::File, None, None),
            _ => match header(line) {
                Some(header) => {
                    *open = header;
                    (Mark::Hunk, None, None)
                }
                None => (Mark::Meta, None, None),
            },
        };
        if old.is_some() {
            open.old = open.old.saturating_add(1);
            open.old_left = open.old_left.saturating_sub(1);
        }
        if new.is_some() {
            open.new = open.new.saturating_add(1);
            open.new_left = open.new_left.saturating_sub(1);
        }
        if mark == Mark::File {
            *open = Open::default();
        }
        self.n_files += usize::from(mark == Mark::File);
        self.n_added += usize::from(mark == Mark::Added);
        self.n_removed += usize::from(mark == Mark::Removed);
        self.lines.push(PatchLine { bytes, mark, old, new });
    }
}

/// Reads `@@ -1,2 +3,4 @@`; a missing length is 1.
fn header(line: &str) -> Option<Open> {
    let rest = line.strip_prefix("@@ -")?;
    let (old, rest) = rest.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let numbers = |range: &str| -> Option<(u32, u32)> {
        let (start, length) = range.split_once(',').unwrap_or((range, "1"));
        Some((start.parse().ok()?, length.parse().ok()?))
    };
    let ((old, old_left), (new, new_left)) = (numbers(old)?, numbers(new)?);
    Some(Open { old, new, old_left, new_left })
}

#[cfg(test)]
mod tests;
