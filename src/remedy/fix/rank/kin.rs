//! Says which units of a file belong together: those of its file that change the same words.
//!
//! Input: the units of a change. Output: for each, its kin.
//!
//! Pure. A word that many units change says nothing about any two of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{NAME_BYTES, Unit, hunk_ids};
use crate::remedy::fix::search::Subset;
use crate::triage::syntax::words;
use crate::triage::{Change, Hunk, HunkId};

/// Most units of one file that a word may link.
const LINKED: usize = 8;

/// For each unit, those of its file that change the same words.
pub(super) fn of(units: &[Unit], change: &Change) -> Vec<Vec<usize>> {
    let by_id: BTreeMap<HunkId, &Hunk> =
        change.files.iter().flat_map(|file| &file.hunks).map(|hunk| (hunk.id, hunk)).collect();
    let mut holders: BTreeMap<(usize, &str), Subset> = BTreeMap::new();
    for (index, unit) in units.iter().enumerate() {
        let Some(file) = unit.touches.first() else { continue };
        for hunk in hunk_ids(unit, change).filter_map(|id| by_id.get(&id)) {
            for word in changed(hunk) {
                holders.entry((*file, word)).or_default().insert(index);
            }
        }
    }
    let mut kin = vec![Subset::new(); units.len()];
    for group in holders.values().filter(|group| (2..=LINKED).contains(&group.len())) {
        for index in group {
            if let Some(others) = kin.get_mut(*index) {
                others.extend(group.iter().copied().filter(|other| other != index));
            }
        }
    }
    kin.into_iter().map(|others| others.into_iter().collect()).collect()
}

/// The words that a hunk brings or takes away.
fn changed(hunk: &Hunk) -> BTreeSet<&str> {
    let (removed, added) = (all_words(&hunk.removed), all_words(&hunk.added));
    removed.symmetric_difference(&added).copied().filter(|word| word.len() >= NAME_BYTES).collect()
}

fn all_words(lines: &[String]) -> BTreeSet<&str> {
    lines.iter().flat_map(|line| words(line)).collect()
}
