//! Shows signatures that differ in one varying word as one, and counts them together.
//!
//! Input: the signatures known, in order of their index; what a configuration file says ([`Definition`]); what
//! persons decided ([`Decision`]). Output: for each signature its *lead*, the member with the lowest index, by
//! which the group is counted, judged and listed; and the [`Group`]s.
//!
//! A group is an alias: ids never change by it, and counts are kept per id. A group is *judged as one series*,
//! the sum of its members' counts in every minute, past and present: a new member of a known group is no new
//! signature, and neither a merge nor a split changes a rate, because the history is summed the same way as the
//! watch. A group that came about by itself is a function of the set of signatures, whatever their order
//! (`table`); once recorded it stays, so that what a person saw is not regrouped by what comes later.
//!
//! Three say what is grouped, the later ones over the earlier: the table, the file, the persons. Decisions are
//! only ever appended; taking one back is a decision, too.
//!
//! Pure. Never groups stack traces, whose frames are no values, and never by a word that names a failure.

mod assign;
mod decision;
mod definition;
mod table;
mod text;

use std::collections::{BTreeMap, HashMap};

use super::counts::SignatureIndex;
use crate::units::{SignatureId, Timestamp};

pub use decision::{Decided, Decision, Wish};
pub use definition::{Definition, DefinitionError};
pub use text::Pattern;

/// The most decisions of the table that are recorded; further groups are still formed, but may change.
const RECORDED: usize = 5_000;

/// One signature, as far as grouping looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Member<'t> {
    /// Its stable name.
    pub id: SignatureId,
    /// The masked message.
    pub template: &'t str,
}

/// Who made a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The table: its members differ in one word.
    Table,
    /// A configuration file.
    File,
    /// A person, at the screen.
    Person,
}

/// Signatures that are shown and counted as one; or a single one that has a name or is pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What it is called.
    pub name: String,
    /// Whether somebody named it.
    pub is_named: bool,
    /// Its members, ascending; the first is its lead.
    pub members: Vec<SignatureIndex>,
    /// Whether it is listed before all others.
    pub pinned: bool,
    /// Who made it.
    pub origin: Origin,
}

/// The groups of one service.
#[derive(Debug, Default)]
pub struct Groups {
    definitions: Vec<Definition>,
    decided: Vec<Decided>,
    /// How many decisions are stored.
    n_stored: usize,
    table: table::Table,
    /// The lead of each signature.
    leads: Vec<u32>,
    groups: BTreeMap<u32, Group>,
    /// Where a signature not seen before goes, by the key of a pattern in use.
    open: HashMap<u64, Open>,
    is_stale: bool,
}

/// A group of the table that new signatures join.
#[derive(Debug)]
struct Open {
    pattern: Pattern,
    lead: u32,
    /// Whether any word in its place is a value, and not only one that looks like a name.
    is_certain: bool,
}

impl Groups {
    /// Takes what a configuration file says.
    pub fn define(&mut self, definitions: Vec<Definition>) {
        self.definitions = definitions;
        self.is_stale = true;
    }

    /// Takes back what a store kept, in the order of their numbers.
    pub fn restore(&mut self, decided: Vec<Decided>) {
        self.n_stored = decided.len();
        self.decided = decided;
        self.is_stale = true;
    }

    /// What the groups of a whole set of signatures are called, in the order of the set; `None` for those that
    /// stand alone.
    pub fn titles<'t>(definitions: &[Definition], members: impl Iterator<Item = Member<'t>>) -> Vec<Option<String>> {
        let members: Vec<Member<'t>> = members.collect();
        let mut groups = Self::default();
        groups.define(definitions.to_vec());
        for member in &members {
            groups.take_in(*member);
        }
        groups.regroup(|index| members.get(index.0 as usize).copied(), false, Timestamp::default());
        let title = |index: u32| Some(groups.led_by(groups.lead(SignatureIndex(index)))?.name.clone());
        (0..members.len() as u32).map(title).collect()
    }

    /// Takes in a signature that was not seen before, with the index that follows those taken in; returns its
    /// lead. It joins a group that exists; whether it makes a new one with others, [`regroup`](Self::regroup)
    /// finds.
    pub fn take_in(&mut self, member: Member<'_>) -> SignatureIndex {
        let index = self.leads.len() as u32;
        let slots = self.table.add(index, member);
        let stands_apart = self.definitions.iter().any(|definition| definition.matches(member));
        let joined = slots.iter().find_map(|slot| {
            let open = self.open.get(&slot.key).filter(|open| slot.counts || open.is_certain)?;
            open.pattern.matches(member.template).then_some(open.lead)
        });
        match joined.filter(|_| !stands_apart) {
            Some(lead) => {
                self.leads.push(lead);
                if let Some(group) = self.groups.get_mut(&lead) {
                    group.members.push(SignatureIndex(index));
                }
                SignatureIndex(lead)
            }
            None => {
                self.leads.push(index);
                self.is_stale = true;
                SignatureIndex(index)
            }
        }
    }

    /// Groups anew where that may have changed; returns whether any signature has another lead now.
    ///
    /// `record` says that what the table groups is to be recorded, so that it stays: only once all that is there
    /// was read, or the groups would depend on how fast that was.
    pub fn regroup<'t>(
        &mut self,
        member: impl Fn(SignatureIndex) -> Option<Member<'t>>,
        record: bool,
        at: Timestamp,
    ) -> bool {
        if !std::mem::take(&mut self.is_stale) {
            return false;
        }
        let assigned = assign::assign(self, member);
        let changed = assigned.leads != self.leads;
        self.leads = assigned.leads;
        self.groups = assigned.groups;
        self.open = assigned.open;
        if record {
            for pattern in assigned.formed {
                let n_recorded =
                    self.decided.iter().filter(|it| matches!(it.decision, Decision::Formed { .. })).count();
                if n_recorded < RECORDED {
                    self.append(Decision::Formed { pattern }, at);
                }
            }
        }
        changed
    }

    /// How many signatures were taken in.
    #[must_use]
    pub fn n_taken_in(&self) -> usize {
        self.leads.len()
    }

    /// The signature by which this one is counted and judged.
    #[must_use]
    pub fn lead(&self, index: SignatureIndex) -> SignatureIndex {
        SignatureIndex(self.leads.get(index.0 as usize).copied().unwrap_or(index.0))
    }

    /// Whether every signature stands for itself.
    #[must_use]
    pub fn is_trivial(&self) -> bool {
        !self.groups.values().any(|group| group.members.len() > 1)
    }

    /// The group that this signature leads; `None` when it stands for itself alone.
    #[must_use]
    pub fn led_by(&self, lead: SignatureIndex) -> Option<&Group> {
        self.groups.get(&lead.0)
    }

    /// The groups, by lead.
    pub fn iter(&self) -> impl Iterator<Item = (SignatureIndex, &Group)> {
        self.groups.iter().map(|(lead, group)| (SignatureIndex(*lead), group))
    }

    /// The members that this signature leads; itself when it stands alone.
    #[must_use]
    pub fn members(&self, lead: SignatureIndex) -> Vec<SignatureIndex> {
        self.led_by(lead).map_or_else(|| vec![lead], |group| group.members.clone())
    }

    /// Decides what a person wishes; `None` when there is nothing to decide, as when nothing can be split.
    pub fn decide<'t>(
        &mut self,
        wish: Wish,
        member: impl Fn(SignatureIndex) -> Option<Member<'t>>,
        at: Timestamp,
    ) -> Option<&Decided> {
        let decision = self.decision_of(wish, member)?;
        self.append(decision, at);
        self.is_stale = true;
        self.decided.last()
    }

    /// What the newest decision of a person was that can be taken back, in words.
    #[must_use]
    pub fn undoable(&self) -> Option<String> {
        Some(self.newest()?.decision.words())
    }

    /// Decisions that a store has not heard of yet.
    pub fn take_pending(&mut self) -> Vec<Decided> {
        let pending = self.decided.get(self.n_stored..).unwrap_or_default().to_vec();
        self.n_stored = self.decided.len();
        pending
    }

    fn append(&mut self, decision: Decision, at: Timestamp) {
        let number = self.decided.last().map_or(1, |last| last.number + 1);
        self.decided.push(Decided { number, at, decision });
    }

    /// The newest decision of a person that is in force.
    fn newest(&self) -> Option<&Decided> {
        let undone = decision::undone(&self.decided);
        let is_persons = |it: &&Decided| {
            !matches!(it.decision, Decision::Formed { .. } | Decision::Undo { .. }) && !undone.contains(&it.number)
        };
        self.decided.iter().rev().find(is_persons)
    }

    fn decision_of<'t>(&self, wish: Wish, member: impl Fn(SignatureIndex) -> Option<Member<'t>>) -> Option<Decision> {
        let id_of = |index: SignatureIndex| member(index).map(|member| member.id);
        match wish {
            Wish::Merge(leads) => {
                let signatures: Vec<SignatureId> = leads.into_iter().filter_map(id_of).collect();
                (signatures.len() > 1).then_some(Decision::Merge { signatures })
            }
            Wish::Split(lead) => {
                let group =
                    self.led_by(lead).filter(|group| group.members.len() > 1 && group.origin != Origin::File)?;
                let its = self.open.values().filter(|open| open.lead == lead.0);
                let mut patterns: Vec<Pattern> = its.map(|open| open.pattern.clone()).collect();
                patterns.sort();
                let signatures = group.members.iter().copied().filter_map(id_of).collect();
                Some(Decision::Split { patterns, signatures })
            }
            Wish::Rename(lead, name) => Some(Decision::Rename { signature: id_of(lead)?, name }),
            Wish::Pin(lead, pinned) => Some(Decision::Pin { signature: id_of(lead)?, pinned }),
            Wish::Undo => Some(Decision::Undo { of: self.newest()?.number }),
        }
    }
}

#[cfg(test)]
mod tests;
