//! Builds a file by taking, hunk by hunk, the side before or after.
//!
//! Works on bytes: line ends, invalid UTF-8 and a missing last line end are kept as they are.

use crate::triage::{Hunk, HunkId};

/// Builds the file that has the base's side of the chosen hunks and the head's side of all else.
///
/// The hunks are all of the file's, in order and without context. `None` when they do not describe
/// the two texts.
pub(super) fn compose(base: &[u8], head: &[u8], hunks: &[Hunk], chosen: &[HunkId]) -> Option<Vec<u8>> {
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
        let side = if chosen.contains(&hunk.id) { removed } else { added };
        built.extend(side.iter().copied().flatten());
        (in_base, in_head) = (old_end, new_end);
    }
    let rest = head.get(in_head..)?;
    if base.get(in_base..)? != rest {
        return None;
    }
    built.extend(rest.iter().copied().flatten());
    Some(built)
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
