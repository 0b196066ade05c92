//! Orders the units of a change by suspicion.
//!
//! Input: the units, and the [`Verdict`] on the error. Output: a [`Ranking`], and from it the
//! [`Field`] of the search.
//!
//! Pure. Weighs nothing anew: a unit is as suspicious as triage holds its most suspicious hunk. Those
//! that triage does not name follow: in the files of suspects first, then by what kind of file they are in.

use std::collections::{BTreeMap, BTreeSet};

use super::search::{Field, Subset};
use super::unit::Unit;
use crate::triage::syntax::words;
use crate::triage::{Change, Class, FileChange, Hunk, HunkId, Suspect, Verdict, trivial};

/// A name that more units than this share says nothing about any two of them.
const RELATIVES: usize = 4;

/// Bytes of changed files above which new names are not looked for.
const TEXT_BYTES: usize = 16 << 20;

/// Shortest name that links two units.
const NAME_BYTES: usize = 3;

/// The units of a change, most suspicious first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranking {
    /// The units.
    pub units: Vec<Unit>,
    /// How many of them, from the first, triage suspects.
    pub n_suspects: usize,
}

impl Ranking {
    /// Orders units.
    #[must_use]
    pub fn of(units: Vec<Unit>, change: &Change, verdict: &Verdict) -> Self {
        let trivial = trivial_hunks(change);
        let place = |unit: &Unit| {
            let ids: Vec<HunkId> = hunk_ids(unit, change).collect();
            let suspect = verdict.suspects.iter().position(|suspect| ids.contains(&suspect.hunk));
            let files: Vec<&str> = unit.touches(change).iter().filter_map(|file| path(change, *file)).collect();
            let near = verdict.suspects.iter().position(|suspect| files.contains(&suspect.file.as_str()));
            let is_trivial = !ids.is_empty() && ids.iter().all(|id| trivial.contains(id));
            let last = usize::MAX;
            (suspect.unwrap_or(last), is_trivial, near.unwrap_or(last), dullness(unit, change))
        };
        let mut placed: Vec<_> = units.into_iter().map(|unit| (place(&unit), unit)).collect();
        placed.sort_by_key(|(place, _)| *place);
        let n_suspects = placed.iter().filter(|((suspect, ..), _)| *suspect != usize::MAX).count();
        Self { units: placed.into_iter().map(|(_, unit)| unit).collect(), n_suspects }
    }

    /// What the search knows of the units.
    #[must_use]
    pub fn field(&self, change: &Change) -> Field {
        let files = self.units.iter().map(|unit| unit.touches(change).first().copied().unwrap_or(usize::MAX));
        let tests = self.units.iter().enumerate().filter(|(_, unit)| unit.is_test(change)).map(|(index, _)| index);
        Field {
            n_units: self.units.len(),
            n_suspects: self.n_suspects,
            relatives: self.relatives(change),
            files: files.collect(),
            tests: tests.collect(),
        }
    }

    /// The suspects that a unit holds, best first.
    pub fn suspects<'v>(
        &self,
        unit: &Unit,
        change: &Change,
        verdict: &'v Verdict,
    ) -> impl Iterator<Item = &'v Suspect> + use<'v> {
        let ids: BTreeSet<HunkId> = hunk_ids(unit, change).collect();
        verdict.suspects.iter().filter(move |suspect| ids.contains(&suspect.hunk))
    }

    /// For each unit, those with which it shares a name that the deploy brought or took away.
    fn relatives(&self, change: &Change) -> Vec<Vec<usize>> {
        let texts = change.files.iter().flat_map(|file| [&file.base_text, &file.head_text]).flatten();
        if texts.map(String::len).sum::<usize>() > TEXT_BYTES {
            return vec![Vec::new(); self.units.len()];
        }
        let sides = |side: fn(&FileChange) -> Option<&str>| -> BTreeSet<&str> {
            change.files.iter().filter_map(side).flat_map(words).collect()
        };
        let (before, after) = (sides(|file| file.base_text.as_deref()), sides(|file| file.head_text.as_deref()));
        let by_id: BTreeMap<HunkId, &Hunk> =
            change.files.iter().flat_map(|file| &file.hunks).map(|hunk| (hunk.id, hunk)).collect();
        let mut holders: BTreeMap<&str, Subset> = BTreeMap::new();
        for (index, unit) in self.units.iter().enumerate() {
            for hunk in hunk_ids(unit, change).filter_map(|id| by_id.get(&id)) {
                let new = hunk.added.iter().flat_map(|line| words(line)).filter(|word| !before.contains(word));
                let old = hunk.removed.iter().flat_map(|line| words(line)).filter(|word| !after.contains(word));
                for word in new.chain(old).filter(|word| word.len() >= NAME_BYTES) {
                    holders.entry(word).or_default().insert(index);
                }
            }
        }
        let mut relatives = vec![Subset::new(); self.units.len()];
        for group in holders.values().filter(|group| (2..=RELATIVES).contains(&group.len())) {
            for index in group {
                if let Some(others) = relatives.get_mut(*index) {
                    others.extend(group.iter().copied().filter(|other| other != index));
                }
            }
        }
        relatives.into_iter().map(|others| others.into_iter().collect()).collect()
    }
}

/// The hunks that change nothing.
fn trivial_hunks(change: &Change) -> BTreeSet<HunkId> {
    let mut found = BTreeSet::new();
    for file in &change.files {
        let flags = trivial::hunks(file);
        found.extend(file.hunks.iter().zip(flags).filter(|(_, flag)| *flag).map(|(hunk, _)| hunk.id));
    }
    found
}

fn hunk_ids<'c>(unit: &'c Unit, change: &'c Change) -> impl Iterator<Item = HunkId> + use<'c> {
    let whole = unit.files.iter().filter_map(|file| change.files.get(*file)).flat_map(|file| &file.hunks);
    unit.hunks.iter().copied().chain(whole.map(|hunk| hunk.id))
}

fn path(change: &Change, file: usize) -> Option<&str> {
    change.files.get(file).map(|file| file.path.as_str())
}

/// How unlikely a change of such a file is to break what runs, from 0.
fn dullness(unit: &Unit, change: &Change) -> u8 {
    let classes = unit.touches(change).into_iter().filter_map(|file| change.files.get(file)).map(|file| file.class);
    let rank = classes.map(|class| match class {
        Class::Runtime => 0,
        Class::Config => 1,
        Class::Migration | Class::ApiContract => 2,
        Class::Build => 3,
        Class::Generated | Class::Vendored => 4,
        Class::Docs => 5,
        Class::Test => 6,
    });
    rank.min().unwrap_or(u8::MAX)
}
