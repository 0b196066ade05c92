//! A hunk as a person edits it: as text for an editor, and back.
//!
//! Input: a file's text before, a hunk, and what the editor left. Output: the lines that stand in place of
//! the hunk's lines after, or a [`Refusal`].
//!
//! The text is a piece of a unified diff. Lines of the file before (` ` and `-`) must come back as they
//! were, so that what was edited applies; what is added stays within the hunk, and so within its file.

use std::fmt::Write as _;

use crate::triage::Hunk;

/// Lines of the file that are shown around the hunk.
const CONTEXT: usize = 3;

/// The largest text that is read back, in bytes.
pub const LARGEST: usize = 4 << 20;

/// Why an edited hunk cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing came back.
    #[error("the editor left no line of the hunk")]
    Empty,
    /// It is too large to be reviewed.
    #[error("it is larger than {} MiB", LARGEST >> 20)]
    TooLarge,
    /// A line says neither what it keeps, nor what it takes out, nor what it adds.
    #[error("line {0} starts with none of blank, - and +")]
    Mark(usize),
    /// A line of the file before is not as the file holds it.
    #[error("line {line} is not what the file holds, so it does not apply; the file holds {expected:?} there")]
    Differs {
        /// Number of the line in the edited text.
        line: usize,
        /// What is there.
        expected: String,
    },
    /// Lines of the file before are missing.
    #[error("it does not apply: {0} of the file's lines are missing at its end")]
    Missing(usize),
    /// There are more lines of the file before than the hunk has.
    #[error("line {0} is outside of the hunk")]
    Outside(usize),
    /// The hunk is of bytes that are no text.
    #[error("it holds bytes that are no UTF-8; accept or reject it as it is")]
    NotText,
    /// A character that no text file holds.
    #[error("line {0} holds a zero byte")]
    Zero(usize),
}

/// A hunk with the lines around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    above: Vec<&'a str>,
    hunk: &'a Hunk,
    below: Vec<&'a str>,
}

impl<'a> Page<'a> {
    /// Lays a hunk out for editing; `before` is the file's text before, empty for a new file.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotText`] when the hunk holds bytes that are no text.
    pub fn new(before: &'a str, hunk: &'a Hunk) -> Result<Self, Refusal> {
        if hunk.removed.iter().chain(&hunk.added).any(|line| line.contains(char::REPLACEMENT_CHARACTER)) {
            return Err(Refusal::NotText);
        }
        // A pure insertion names the line that it follows.
        let first = (hunk.old_start as usize).saturating_sub(usize::from(!hunk.removed.is_empty()));
        let bare = |line: &'a str| line.strip_suffix('\r').unwrap_or(line);
        let start = first.saturating_sub(CONTEXT);
        let above = before.lines().skip(start).take(first - start).map(bare).collect();
        let below = before.lines().skip(first + hunk.removed.len()).take(CONTEXT).map(bare).collect();
        Ok(Self { above, hunk, below })
    }

    /// The text for the editor; `place` says which hunk it is.
    #[must_use]
    pub fn text(&self, place: &str, added: &[String]) -> String {
        let mut text = format!("# {}\n", place.replace(['\n', '\r'], " "));
        text.push_str(
            "# Change, add or delete lines with +. To keep a line with -, put a blank in place of the -.\n\
             # Leave the other lines as they are. To leave everything as it was, delete all of it.\n",
        );
        let all = |mark, lines: &mut dyn Iterator<Item = &str>, text: &mut String| {
            for line in lines {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{mark}{line}");
            }
        };
        all(' ', &mut self.above.iter().copied(), &mut text);
        all('-', &mut self.hunk.removed.iter().map(String::as_str), &mut text);
        all('+', &mut added.iter().map(String::as_str), &mut text);
        all(' ', &mut self.below.iter().copied(), &mut text);
        text
    }

    /// Reads what the editor left; returns the lines in place of the hunk's lines after.
    ///
    /// # Errors
    ///
    /// When it does not apply to the file, or reaches beyond the hunk.
    pub fn read(&self, edited: &str) -> Result<Vec<String>, Refusal> {
        if edited.len() > LARGEST {
            return Err(Refusal::TooLarge);
        }
        let n_above = self.above.len();
        let end = n_above + self.hunk.removed.len();
        let removed = self.hunk.removed.iter().map(String::as_str);
        let old: Vec<&str> = self.above.iter().copied().chain(removed).chain(self.below.iter().copied()).collect();
        let mut lines = Vec::new();
        let mut at = 0;
        let mut is_empty = true;
        for (number, line) in (1..).zip(edited.lines()) {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.starts_with('#') || line.starts_with('\\') {
                continue;
            }
            is_empty = false;
            if line.contains('\0') {
                return Err(Refusal::Zero(number));
            }
            if let Some(added) = line.strip_prefix('+') {
                if !(n_above..=end).contains(&at) {
                    return Err(Refusal::Outside(number));
                }
                lines.push(added.to_owned());
                continue;
            }
            let is_kept = !line.starts_with('-');
            // Editors take trailing blanks off, so an empty line stands for a kept empty line.
            let text = if line.is_empty() { Some("") } else { line.strip_prefix([' ', '-']) };
            let text = text.ok_or(Refusal::Mark(number))?;
            let expected = *old.get(at).ok_or(Refusal::Outside(number))?;
            if text != expected {
                return Err(Refusal::Differs { line: number, expected: expected.to_owned() });
            }
            let is_within = (n_above..end).contains(&at);
            if is_within && is_kept {
                lines.push(text.to_owned());
            } else if !is_within && !is_kept {
                return Err(Refusal::Outside(number));
            }
            at += 1;
        }
        match old.len() - at {
            _ if is_empty => Err(Refusal::Empty),
            0 => Ok(lines),
            n_missing => Err(Refusal::Missing(n_missing)),
        }
    }
}
