//! Counts, lists and follows groups of signatures as one.
//!
//! Input: signatures as they are met, what a file defines and persons wish. Output: for each signature its lead,
//! and the counts by lead, which everything that judges reads.

use std::sync::Arc;

use super::Engine;
use super::snapshot::{GroupView, MemberView};
use crate::detect::groups::{Decided, Definition, Group, Member, Origin, Wish};
use crate::detect::{Catalog, Counts, SignatureIndex};
use crate::ingest::{Event, Level};
use crate::units::{Minute, SignatureId, Timestamp};

/// Members of a group that are shown; more are only counted.
const SHOWN_MEMBERS: usize = 50;

/// What a person asks of the groups; ids name rows of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupAsk {
    /// These rows shall be one.
    Merge(Vec<SignatureId>),
    /// The members of this row shall stand for themselves.
    Split(SignatureId),
    /// This row shall be called so; an empty name gives back its own.
    Rename(SignatureId, String),
    /// This row shall be listed first, or no longer.
    Pin(SignatureId, bool),
    /// The newest decision shall not count.
    Undo,
}

/// What is known of a group beside its counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Joint {
    /// The most serious level.
    pub(super) level: Option<Level>,
    /// Time of the latest event.
    pub(super) last: Timestamp,
}

fn member(catalog: &Catalog, index: SignatureIndex) -> Option<Member<'_>> {
    let known = catalog.get(index)?;
    Some(Member { id: known.id, template: &known.template })
}

impl Engine {
    /// Takes the groups that a configuration file defines.
    pub fn define_groups(&mut self, definitions: Vec<Definition>) {
        self.groups.define(definitions);
    }

    /// Takes back what a store kept of decisions.
    pub fn restore_decisions(&mut self, decided: Vec<Decided>) {
        self.groups.restore(decided);
    }

    /// Decides what a person wishes; `false` when there was nothing to decide.
    pub fn decide_group(&mut self, ask: GroupAsk, at: Timestamp) -> bool {
        let find = |id: SignatureId| self.lead_of(id);
        let wish = match ask {
            GroupAsk::Merge(ids) => Some(Wish::Merge(ids.into_iter().filter_map(find).collect())),
            GroupAsk::Split(id) => find(id).map(Wish::Split),
            GroupAsk::Rename(id, name) => find(id).map(|lead| Wish::Rename(lead, name)),
            GroupAsk::Pin(id, pinned) => find(id).map(|lead| Wish::Pin(lead, pinned)),
            GroupAsk::Undo => Some(Wish::Undo),
        };
        let decided = wish.and_then(|wish| self.groups.decide(wish, |index| member(&self.catalog, index), at));
        let is_decided = decided.is_some();
        self.regroup(at);
        is_decided
    }

    /// The signature by whose index the group of this one is counted and judged.
    #[must_use]
    pub fn lead_of(&self, signature: SignatureId) -> Option<SignatureIndex> {
        Some(self.groups.lead(self.catalog.find(signature)?))
    }

    /// The group that this signature leads; `None` when it stands for itself alone.
    #[must_use]
    pub fn group(&self, lead: SignatureIndex) -> Option<&Group> {
        self.groups.led_by(lead)
    }

    /// What a row of the list is called: the name of a group, or the template of a signature.
    #[must_use]
    pub fn title(&self, lead: SignatureIndex) -> &str {
        let known = || self.catalog.get(lead).map_or("", |known| known.template.as_str());
        self.groups.led_by(lead).map_or_else(known, |group| group.name.as_str())
    }

    /// The counts by lead: what is judged and charted.
    pub(super) fn judged(&self) -> &Counts {
        self.grouped.as_ref().unwrap_or(&self.counts)
    }

    /// Counts events; returns the lead of their signature.
    pub(super) fn count(&mut self, minute: Minute, index: SignatureIndex, n: u32) -> SignatureIndex {
        self.counts.add(minute, index, n);
        if index.0 as usize == self.groups.n_taken_in()
            && let Some(member) = member(&self.catalog, index)
        {
            self.groups.take_in(member);
        }
        let lead = self.groups.lead(index);
        match &mut self.grouped {
            Some(grouped) => grouped.add(minute, lead, n),
            None if lead != index => self.grouped = Some(self.counts.regrouped(|index| self.groups.lead(index))),
            None => {}
        }
        lead
    }

    /// Takes in the signatures of which nothing was counted yet.
    pub(super) fn take_in_groups(&mut self) {
        for index in self.groups.n_taken_in()..self.catalog.len() {
            if let Some(member) = member(&self.catalog, SignatureIndex(index as u32)) {
                self.groups.take_in(member);
            }
        }
    }

    /// Groups anew where that may have changed, and counts all that is known by the new leads.
    ///
    /// What forms by itself is recorded once every stream was read to its end.
    pub(super) fn regroup(&mut self, at: Timestamp) {
        let is_behind = self.streams.values().any(|stream| !stream.ended && !stream.place.live);
        let record = !is_behind && !self.streams.is_empty();
        if self.groups.regroup(|index| member(&self.catalog, index), record, at) {
            let grouped = || self.counts.regrouped(|index| self.groups.lead(index));
            self.grouped = (!self.groups.is_trivial()).then(grouped);
        }
    }

    pub(super) fn joint(&self, lead: SignatureIndex) -> Option<Joint> {
        let first = self.catalog.get(lead)?;
        let mut joint = Joint { level: first.level, last: first.last };
        for known in self.groups.members(lead).into_iter().filter_map(|index| self.catalog.get(index)) {
            joint.level = joint.level.max(known.level);
            joint.last = joint.last.max(known.last);
        }
        Some(joint)
    }

    pub(super) fn newest_of(&self, lead: SignatureIndex) -> Option<Arc<Event>> {
        let newest = self.groups.members(lead).into_iter().filter_map(|index| self.memory.newest(index));
        newest.max_by_key(|line| line.number).map(|line| Arc::clone(&line.event))
    }

    /// The id of the row that a signature belongs to.
    pub(super) fn row_of(&self, signature: SignatureId) -> SignatureId {
        let lead = self.lead_of(signature).and_then(|lead| self.catalog.get(lead));
        lead.map_or(signature, |lead| lead.id)
    }

    pub(super) fn group_view(&self, lead: SignatureIndex) -> Option<GroupView> {
        let group = self.groups.led_by(lead)?;
        Some(GroupView {
            n_members: group.members.len(),
            pinned: group.pinned,
            is_named: group.is_named,
            is_defined: group.origin == Origin::File,
        })
    }

    /// The members of a group with the counts of these minutes, most frequent first; empty for a single signature.
    pub(super) fn member_views(&self, lead: SignatureIndex, from: Minute, to: Minute) -> Vec<MemberView> {
        let Some(group) = self.groups.led_by(lead).filter(|group| group.members.len() > 1) else { return Vec::new() };
        let (sums, _) = self.counts.sums(from..to, crate::detect::counts::Coverage::Unknown);
        let view = |index: &SignatureIndex| {
            let known = self.catalog.get(*index)?;
            let count = sums.get(index.0 as usize).copied().unwrap_or(0);
            Some(MemberView { id: known.id, template: known.template.clone(), count })
        };
        let mut members: Vec<MemberView> = group.members.iter().filter_map(view).collect();
        members.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.template.cmp(&b.template)));
        members.truncate(SHOWN_MEMBERS);
        members
    }
}
