//! Orders the units of a change by suspicion.
//!
//! Input: the units, and the [`Verdict`] on the error. Output: a [`Ranking`], and from it the
//! [`Field`] of the search.
//!
//! Pure. Weighs nothing anew: a unit is as suspicious as triage holds its most suspicious hunk. Those
//! that triage does not name follow: in the files of suspects first, then by what kind of file they are in.

use std::collections::{BTreeMap, BTreeSet};

use super::needs::{self, TEXT_BYTES};
use super::search::{Field, Subset};
use super::unit::Unit;
use crate::triage::syntax::words;
use crate::triage::{Change, Class, FileChange, Hunk, HunkId, Suspect, Verdict, trivial};

/// A name that more units than this share says nothing about any two of them.
const RELATIVES: usize = 4;

/// Odds of a change of comments and white space.
const TRIVIAL: f64 = 0.01;

/// What being in a suspect's file multiplies the odds with.
const NEAR: f64 = 2.0;

/// Shortest name that links two units.
const NAME_BYTES: usize = 3;

/// The units of a change, most suspicious first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranking {
    /// The units.
    pub units: Vec<Unit>,
    /// How many of them, from the first, triage suspects.
    pub n_suspects: usize,
    /// For each of them, how likely it is to blame, beside the others.
    pub weights: Vec<f64>,
}

impl Ranking {
    /// Orders units.
    #[must_use]
    pub fn of(units: Vec<Unit>, change: &Change, verdict: &Verdict) -> Self {
        let trivial = trivial_hunks(change);
        let mut placed: Vec<(Standing, Unit)> =
            units.into_iter().map(|unit| (Standing::of(&unit, change, verdict, &trivial), unit)).collect();
        placed.sort_by_key(|(standing, _)| standing.place());
        Self {
            n_suspects: placed.iter().filter(|(standing, _)| standing.suspect.is_some()).count(),
            weights: placed.iter().map(|(standing, _)| standing.weight()).collect(),
            units: placed.into_iter().map(|(_, unit)| unit).collect(),
        }
    }

    /// What the search knows of the units.
    #[must_use]
    pub fn field(&self, change: &Change) -> Field {
        let tests = self.units.iter().enumerate().filter(|(_, unit)| unit.is_test(change)).map(|(index, _)| index);
        Field {
            n_units: self.units.len(),
            n_suspects: self.n_suspects,
            relatives: self.relatives(change),
            needs: needs::needs(&self.units, change),
            weights: self.weights.clone(),
            files: self.units.iter().map(|unit| unit.touches.first().copied().unwrap_or(usize::MAX)).collect(),
            tests: tests.collect(),
        }
    }

    /// The unit that holds a hunk.
    #[must_use]
    pub fn unit_of(&self, hunk: HunkId, change: &Change) -> Option<usize> {
        self.units.iter().position(|unit| hunk_ids(unit, change).any(|id| id == hunk))
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

/// What is held against a unit.
struct Standing {
    /// The place of its most suspicious hunk among the suspects, and its score.
    suspect: Option<(usize, f64)>,
    /// The place of the first suspect that is in a file of the unit.
    near: Option<usize>,
    is_trivial: bool,
    dullness: u8,
}

impl Standing {
    fn of(unit: &Unit, change: &Change, verdict: &Verdict, trivial: &BTreeSet<HunkId>) -> Self {
        let ids: Vec<HunkId> = hunk_ids(unit, change).collect();
        let files: Vec<&FileChange> = unit.touches.iter().filter_map(|file| change.files.get(*file)).collect();
        let mut suspects = verdict.suspects.iter().enumerate();
        Self {
            near: verdict.suspects.iter().position(|suspect| files.iter().any(|file| file.path == suspect.file)),
            suspect: suspects
                .find(|(_, suspect)| ids.contains(&suspect.hunk))
                .map(|(place, suspect)| (place, suspect.score)),
            is_trivial: !ids.is_empty() && ids.iter().all(|id| trivial.contains(id)),
            dullness: files.iter().map(|file| dullness(file.class)).min().unwrap_or(u8::MAX),
        }
    }

    /// Sorts the most suspicious first.
    fn place(&self) -> (usize, bool, usize, u8) {
        let last = usize::MAX;
        (self.suspect.map_or(last, |(place, _)| place), self.is_trivial, self.near.unwrap_or(last), self.dullness)
    }

    /// Scores are log-odds, if rough ones; what triage does not name gets the odds that are left for it.
    fn weight(&self) -> f64 {
        if let Some((_, score)) = self.suspect {
            return score.clamp(-2.0, 5.0).exp();
        }
        if self.is_trivial {
            return TRIVIAL;
        }
        let of_class = match self.dullness {
            0 | 1 => 0.5,
            2 | 3 => 0.25,
            4 => 0.1,
            _ => 0.02,
        };
        if self.near.is_some() { of_class * NEAR } else { of_class }
    }
}

/// How unlikely a change of such a file is to break what runs, from 0.
fn dullness(class: Class) -> u8 {
    match class {
        Class::Runtime => 0,
        Class::Config => 1,
        Class::Migration | Class::ApiContract => 2,
        Class::Build => 3,
        Class::Generated | Class::Vendored => 4,
        Class::Docs => 5,
        Class::Test => 6,
    }
}

#[cfg(test)]
mod tests;
