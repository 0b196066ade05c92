//! What is written together, and how what was not written yet goes on.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::notes;
use crate::detect::counts::PackedMinute;
use crate::detect::groups::Decided;
use crate::detect::tasks::Kept;
use crate::detect::{Deploy, Incident, Known, SignatureIndex};
use crate::engine::Note;
use crate::shell::source::Cursor;

/// What is written together, or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Signatures that are new or changed.
    pub known: Vec<(SignatureIndex, Known)>,
    /// Minutes that changed, whole.
    pub minutes: Vec<PackedMinute>,
    /// Where the streams stand that these counts were read from.
    pub cursors: Vec<Cursor>,
    /// Deploys that are new, or of which more is known.
    pub deploys: Vec<Deploy>,
    /// Incidents that are new or changed.
    pub incidents: Vec<Incident>,
    /// How they stood when they changed.
    pub notes: Vec<Note>,
    /// Decisions about groups, to be appended to those kept.
    pub decided: Vec<Decided>,
    /// What changed of work.
    pub work: Vec<Kept>,
}

impl Batch {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
            && self.minutes.is_empty()
            && self.cursors.is_empty()
            && self.deploys.is_empty()
            && self.incidents.is_empty()
            && self.notes.is_empty()
            && self.decided.is_empty()
            && self.work.is_empty()
    }

    /// Takes in what came later: to write the outcome is to write both, one after the other.
    ///
    /// Of what is written whole, the later state replaces the earlier one, so that a batch that waits grows no larger than
    /// what there is to know.
    pub fn absorb(&mut self, later: Self) {
        replace(&mut self.known, later.known, |(index, _)| *index);
        replace(&mut self.minutes, later.minutes, |packed| packed.minute);
        replace(&mut self.cursors, later.cursors, |cursor| cursor.number);
        replace(&mut self.incidents, later.incidents, |incident| incident.id);
        replace(&mut self.work, later.work, |kept| kept.name.clone());
        // What is known of a deploy adds up.
        self.deploys.retain(|deploy| !later.deploys.contains(deploy));
        self.deploys.extend(later.deploys);
        self.decided.extend(later.decided);
        if !later.notes.is_empty() {
            self.notes.extend(later.notes);
            forget_old(&mut self.notes);
        }
    }
}

/// Puts later states in the place of earlier ones, behind what is left of those.
fn replace<T, K: Eq + Hash>(states: &mut Vec<T>, later: Vec<T>, key: impl Fn(&T) -> K) {
    if later.is_empty() {
        return;
    }
    let replaced: HashSet<K> = later.iter().map(&key).collect();
    states.retain(|state| !replaced.contains(&key(state)));
    states.extend(later);
}

/// Leaves as many notes of each incident as the store keeps, the newest.
fn forget_old(notes: &mut Vec<Note>) {
    let mut n_left: HashMap<u64, usize> = HashMap::new();
    for note in notes.iter() {
        *n_left.entry(note.incident).or_default() += 1;
    }
    notes.retain(|note| {
        let n_left = n_left.entry(note.incident).or_default();
        *n_left -= 1;
        *n_left < notes::MOST
    });
}
