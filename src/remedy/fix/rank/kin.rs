//! Says which units belong together: those that change the same words.
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

/// Most units that a word may link where they are of several files.
const LINKED_APART: usize = 3;

/// For each unit, those that change the same words.
pub(super) fn of(units: &[Unit], change: &Change) -> Vec<Vec<usize>> {
    let by_id: BTreeMap<HunkId, &Hunk> =
        change.files.iter().flat_map(|file| &file.hunks).map(|hunk| (hunk.id, hunk)).collect();
    let mut holders: BTreeMap<(Option<usize>, &str), Subset> = BTreeMap::new();
    for (index, unit) in units.iter().enumerate() {
        let Some(file) = unit.touches.first() else { continue };
        for hunk in hunk_ids(unit, change).filter_map(|id| by_id.get(&id)) {
            for word in changed(hunk) {
                for place in [Some(*file), None] {
                    holders.entry((place, word)).or_default().insert(index);
                }
            }
        }
    }
    let mut kin = vec![Subset::new(); units.len()];
    let is_rare = |(place, _): &(Option<usize>, &str), group: &Subset| {
        (2..=if place.is_some() { LINKED } else { LINKED_APART }).contains(&group.len())
    };
    for (_, group) in holders.iter().filter(|((place, word), group)| is_rare(&(*place, *word), group)) {
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
