//! The merge table: which signatures differ in one word.
//!
//! A function of the set of signatures, whatever their order: of the groups that are possible the largest is
//! formed first, of equally large ones the one whose text comes first; a signature is in one group at most.
//!
//! Source of the thresholds: measured on sixteen labelled sets of logs; lower ones join what differs.

use super::Member;
use super::text::{LEAST, Pattern, Slot, slots};
use crate::ingest::Signature;

/// Where signatures may differ: every place of every signature, ordered by its key.
#[derive(Debug, Default)]
pub(super) struct Table {
    sorted: Vec<Entry>,
    fresh: Vec<Entry>,
}

/// A key, a signature with it, and whether its word counts.
type Entry = (u64, u32, bool);

impl Table {
    /// Adds a signature; returns the places in which it may differ, none of a trace.
    pub(super) fn add(&mut self, index: u32, member: Member<'_>) -> Vec<Slot> {
        let slots = slots(member.template);
        // A trace is told late, because that takes a digest.
        if slots.is_empty() || Signature::is_of_trace(member.id, member.template) {
            return Vec::new();
        }
        self.fresh.extend(slots.iter().map(|slot| (slot.key, index, slot.counts)));
        slots
    }

    /// Brings what was added into order.
    pub(super) fn settle(&mut self) {
        if self.sorted.is_empty() {
            // Many at once are not held twice.
            self.sorted = std::mem::take(&mut self.fresh);
            self.sorted.sort_unstable();
        } else if !self.fresh.is_empty() {
            self.fresh.sort_unstable();
            self.sorted.append(&mut self.fresh);
            // Two runs, both in order: a stable sort finds and merges them.
            self.sorted.sort();
        }
    }

    /// The signatures with this key.
    pub(super) fn with_key(&self, key: u64) -> &[Entry] {
        let start = self.sorted.partition_point(|(other, ..)| *other < key);
        let rest = self.sorted.get(start..).unwrap_or_default();
        rest.get(..rest.partition_point(|(other, ..)| *other == key)).unwrap_or_default()
    }

    /// The groups that are possible among the signatures that are `free`, those to be formed first in front.
    pub(super) fn candidates<'t>(
        &self,
        template: impl Fn(u32) -> Option<&'t str>,
        free: impl Fn(u32) -> bool,
    ) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for run in self.sorted.chunk_by(|one, other| one.0 == other.0).filter(|run| run.len() > 2) {
            let Some((key, text)) = run.first().and_then(|(key, index, _)| Some((*key, template(*index)?))) else {
                continue;
            };
            let Some(slot) = slots(text).into_iter().find(|slot| slot.key == key && run.len() >= slot.least) else {
                continue;
            };
            let Some(pattern) = slot.pattern(text) else { continue };
            let candidate =
                Candidate::of(pattern, slot.least, run, |index| free(index).then(|| template(index)).flatten());
            candidates.extend(candidate);
        }
        candidates.sort_by(|a, b| b.members.len().cmp(&a.members.len()).then_with(|| a.pattern.cmp(&b.pattern)));
        candidates
    }
}

/// A group that is possible.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) pattern: Pattern,
    pub(super) members: Vec<u32>,
    /// How many of them it takes at least.
    pub(super) least: usize,
    /// Whether so many words of its place are values that any word there is one.
    pub(super) is_certain: bool,
}

impl Candidate {
    /// The group of those of a run that are free, whose template is given, and that it matches.
    pub(super) fn of<'t>(
        pattern: Pattern,
        least: usize,
        run: &[Entry],
        template: impl Fn(u32) -> Option<&'t str>,
    ) -> Option<Self> {
        let is_its = |(_, index, _): &&Entry| template(*index).is_some_and(|text| pattern.matches(text));
        let its: Vec<&Entry> = run.iter().filter(is_its).collect();
        let n_counting = its.iter().filter(|(.., counts)| *counts).count();
        let is_certain = n_counting >= LEAST;
        let members = its.iter().filter(|(.., counts)| *counts || is_certain).map(|(_, index, _)| *index).collect();
        (n_counting >= least).then_some(Self { pattern, members, least, is_certain })
    }
}
