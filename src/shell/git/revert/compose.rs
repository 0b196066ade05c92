//! Builds a file by taking, hunk by hunk, the side before or after, or what a person made of it.
//!
//! Works on bytes: line ends, invalid UTF-8 and a missing last line end are kept as they are.

use std::collections::BTreeMap;

use crate::triage::{Hunk, HunkId};

/// What stands in place of some hunks' lines after, without line ends.
pub(super) type Edits = BTreeMap<HunkId, Vec<String>>;

/// Builds the file that has the base's side of the chosen hunks, the edited lines of edited ones, and
/// the head's side of all else.
///
/// The hunks are all of the file's, in order and without context. `None` when they do not describe
/// the two texts.
pub(super) fn compose(base: &[u8], head: &[u8], hunks: &[Hunk], chosen: &[HunkId], edits: &Edits) -> Option<Vec<u8>> {
    let has_returns = [head, base].into_iter().find_map(ends_with_return).unwrap_or(false);
    let base: Vec<&[u8]> = base.split_inclusive(|byte| *byte == b'\n').collect();
    let head: Vec<&[u8]> = head.split_inclusive(|byte| *byte == b'\n').collect();
    let mut built = Vec::new();
    let (mut in_base, mut in_head) = (0, 0);
    for hunk in hunks {
        let (old, new) = (first(hunk.old_start, hunk.removed.len())?, first(hunk.new_start, hunk.added.len())?);
        let (old_end, new_end) = (old.checked_add(hunk.removed.len())?, new.checked_add(hunk.added.len())?);
        // What lies between two hunks is the same on both sides.
        let between = head.get(in_head..new)?;
        if base.get(in_base..old)? != between {
            return None;
        }
        built.extend(between.iter().copied().flatten());
        let (removed, added) = (base.get(old..old_end)?, head.get(new..new_end)?);
        if !same(removed, &hunk.removed) || !same(added, &hunk.added) {
            return None;
        }
        match edits.get(&hunk.id) {
            _ if chosen.contains(&hunk.id) => built.extend(removed.iter().copied().flatten()),
            Some(lines) => {
                let last = if added.is_empty() { removed.last() } else { added.last() };
                let is_open = new_end == head.len() && last.is_some_and(|line| !line.ends_with(b"\n"));
                push_edited(&mut built, lines, has_returns, is_open);
            }
            None => built.extend(added.iter().copied().flatten()),
        }
        (in_base, in_head) = (old_end, new_end);
    }
    let rest = head.get(in_head..)?;
    if base.get(in_base..)? != rest {
        return None;
    }
    built.extend(rest.iter().copied().flatten());
    Some(built)
}

/// Whether the first line of a text ends with a carriage return; `None` where no line ends.
fn ends_with_return(text: &[u8]) -> Option<bool> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    Some(text.get(..end)?.ends_with(b"\r"))
}

/// Adds edited lines with the line ends of their file; the last one of an open file has none.
fn push_edited(built: &mut Vec<u8>, lines: &[String], has_returns: bool, is_open: bool) {
    for (index, line) in lines.iter().enumerate() {
        built.extend_from_slice(line.as_bytes());
        if index + 1 < lines.len() || !is_open {
            built.extend_from_slice(if has_returns { b"\r\n" } else { b"\n" });
        }
    }
}

/// Index of the first line; a hunk without lines names the line it follows.
fn first(start: u32, n_lines: usize) -> Option<usize> {
    let start = usize::try_from(start).ok()?;
    if n_lines == 0 { Some(start) } else { start.checked_sub(1) }
}

fn same(lines: &[&[u8]], texts: &[String]) -> bool {
    lines.len() == texts.len()
        && lines.iter().zip(texts).all(|(line, text)| bare(&String::from_utf8_lossy(line)) == bare(text))
}

fn bare(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

#[cfg(test)]
mod tests;
