//! Gives every signature its lead.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::decision::undone;
use super::table::Candidate;
use super::{Decided, Decision, Group, Groups, Member, Open, Origin, Pattern};
use crate::detect::counts::{Catalog, SignatureIndex};
use crate::units::SignatureId;

/// What came out.
pub(super) struct Assigned {
    pub(super) leads: Vec<u32>,
    pub(super) groups: BTreeMap<u32, Group>,
    pub(super) open: HashMap<u64, Open>,
    /// Groups of the table that are not recorded yet.
    pub(super) formed: Vec<Pattern>,
}

/// What the record says, without what was taken back.
#[derive(Default)]
struct InForce<'d> {
    formed: Vec<&'d Pattern>,
    merges: Vec<&'d [SignatureId]>,
    apart: BTreeSet<&'d Pattern>,
    /// Signatures that were split off, and stand for themselves unless they were merged again.
    alone: BTreeSet<SignatureId>,
    names: Vec<(SignatureId, &'d str)>,
    pins: Vec<(SignatureId, bool)>,
}

impl<'d> InForce<'d> {
    fn of(decided: &'d [Decided]) -> Self {
        let undone = undone(decided);
        let mut found = Self::default();
        for Decided { decision, .. } in decided.iter().filter(|it| !undone.contains(&it.number)) {
            match decision {
                Decision::Formed { pattern } => found.formed.push(pattern),
                Decision::Merge { signatures } => found.merges.push(signatures),
                Decision::Split { patterns, signatures } => {
                    found.apart.extend(patterns);
                    found.alone.extend(signatures);
                    found.merges.retain(|merge| !merge.iter().any(|id| signatures.contains(id)));
                }
                Decision::Rename { signature, name } => found.names.push((*signature, name)),
                Decision::Pin { signature, pinned } => found.pins.push((*signature, *pinned)),
                Decision::Undo { .. } => {}
            }
        }
        found
    }

    /// Every signature that a person named.
    fn named(&self) -> BTreeSet<SignatureId> {
        let merged = self.merges.iter().flat_map(|merge| merge.iter().copied());
        let named = self.names.iter().map(|(id, _)| *id).chain(self.pins.iter().map(|(id, _)| *id));
        merged.chain(named).chain(self.alone.iter().copied()).collect()
    }
}

/// Sets of signatures, each known by its lowest index.
struct Sets(Vec<u32>);

impl Sets {
    fn root(&mut self, index: u32) -> u32 {
        let mut root = index;
        while let Some(&above) = self.0.get(root as usize).filter(|above| **above != root) {
            root = above;
        }
        let mut at = index;
        while at != root {
            let Some(above) = self.0.get_mut(at as usize) else { break };
            at = std::mem::replace(above, root);
        }
        root
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        if let Some(above) = self.0.get_mut(one.max(other) as usize) {
            *above = one.min(other);
        }
    }

    fn join_all(&mut self, members: &[u32]) {
        if let Some((first, rest)) = members.split_first() {
            rest.iter().for_each(|other| self.join(*first, *other));
        }
    }
}

/// One run over all signatures.
struct Run<'g, F> {
    groups: &'g Groups,
    member: F,
    /// Where the signatures are that persons named.
    places: HashMap<SignatureId, u32>,
    sets: Sets,
    /// Whether a signature is in a group, or must be in none.
    taken: Vec<bool>,
    /// Patterns in use, with a member of each, and whether any word there is a value.
    used: Vec<(Pattern, u32, bool)>,
    formed: Vec<Pattern>,
    /// Who made a group, and what it is called, by any of its members; later ones count.
    made: Vec<(u32, Origin, String)>,
    pinned: BTreeSet<u32>,
}

/// Groups the signatures that were taken in.
pub(super) fn assign<'t>(groups: &mut Groups, member: impl Fn(SignatureIndex) -> Option<Member<'t>>) -> Assigned {
    groups.table.settle();
    let n = groups.leads.len();
    let in_force = InForce::of(&groups.decided);
    let mut run = Run {
        groups,
        places: places(n, &member, &in_force.named()),
        member,
        sets: Sets((0..n as u32).collect()),
        taken: vec![false; n],
        used: Vec::new(),
        formed: Vec::new(),
        made: Vec::new(),
        pinned: BTreeSet::new(),
    };
    run.by_file();
    in_force.alone.iter().for_each(|id| run.leave_alone(*id));
    run.by_record(&in_force);
    run.by_table(&in_force);
    run.by_persons(&in_force)
}

fn places<'t>(
    n: usize,
    member: impl Fn(SignatureIndex) -> Option<Member<'t>>,
    ids: &BTreeSet<SignatureId>,
) -> HashMap<SignatureId, u32> {
    if ids.is_empty() {
        return HashMap::new();
    }
    let place = |index| Some((member(SignatureIndex(index))?.id, index));
    (0..n as u32).filter_map(place).filter(|(id, _)| ids.contains(id)).collect()
}

impl<'t, F: Fn(SignatureIndex) -> Option<Member<'t>>> Run<'_, F> {
    fn template(&self, index: u32) -> Option<&'t str> {
        (self.member)(SignatureIndex(index)).map(|member| member.template)
    }

    fn take(&mut self, members: &[u32]) {
        for index in members {
            if let Some(taken) = self.taken.get_mut(*index as usize) {
                *taken = true;
            }
        }
        self.sets.join_all(members);
    }

    fn is_free(&self, index: u32) -> bool {
        self.taken.get(index as usize) == Some(&false)
    }

    fn leave_alone(&mut self, id: SignatureId) {
        if let Some(place) = self.places.get(&id).copied().filter(|place| self.is_free(*place)) {
            self.take(&[place]);
        }
    }

    fn by_file(&mut self) {
        let groups = self.groups;
        if groups.definitions.is_empty() {
            return;
        }
        let mut found: Vec<Vec<u32>> = vec![Vec::new(); groups.definitions.len()];
        for index in 0..self.taken.len() as u32 {
            let Some(member) = (self.member)(SignatureIndex(index)) else { continue };
            // The signature that stands for all others is no member of anything.
            let first = groups.definitions.iter().position(|definition| definition.matches(member));
            if let Some(members) = first.filter(|_| member.id != Catalog::OTHERS).and_then(|it| found.get_mut(it)) {
                members.push(index);
            }
        }
        for (definition, members) in groups.definitions.iter().zip(found) {
            let Some(first) = members.first().copied() else { continue };
            if definition.apart {
                members.iter().for_each(|one| self.take(&[*one]));
                continue;
            }
            self.take(&members);
            self.made.push((first, Origin::File, definition.title().to_owned()));
            if definition.pin {
                self.pinned.insert(first);
            }
        }
    }

    /// Groups that the table formed earlier stay, whatever came since.
    fn by_record(&mut self, in_force: &InForce<'_>) {
        for pattern in in_force.formed.iter().filter(|pattern| !in_force.apart.contains(**pattern)) {
            self.form((*pattern).clone(), 1);
        }
    }

    fn by_table(&mut self, in_force: &InForce<'_>) {
        let groups = self.groups;
        let candidates = groups.table.candidates(|index| self.template(index), |index| self.is_free(index));
        for candidate in candidates.into_iter().filter(|candidate| !in_force.apart.contains(&candidate.pattern)) {
            // A larger group may have taken some of its members.
            if self.form(candidate.pattern.clone(), candidate.least) {
                self.formed.push(candidate.pattern);
            }
        }
    }

    /// Forms the group of a pattern out of what is free; says whether there was enough.
    fn form(&mut self, pattern: Pattern, least: usize) -> bool {
        let (groups, key) = (self.groups, pattern.key());
        let template = |index| self.is_free(index).then(|| self.template(index)).flatten();
        let found = Candidate::of(pattern, least, groups.table.with_key(key), template);
        let Some(Candidate { pattern, members, is_certain, .. }) = found else { return false };
        let Some(first) = members.first().copied() else { return false };
        self.take(&members);
        self.made.push((first, Origin::Table, pattern.text.clone()));
        self.used.push((pattern, first, is_certain));
        true
    }

    fn by_persons(mut self, in_force: &InForce<'_>) -> Assigned {
        for merge in &in_force.merges {
            let members: Vec<u32> = merge.iter().filter_map(|id| self.places.get(id).copied()).collect();
            self.sets.join_all(&members);
            if let (Some(lead), true) = (members.iter().min(), members.len() > 1) {
                let name = self.name_of(*lead);
                self.made.push((*lead, Origin::Person, name));
            }
        }
        for (id, pinned) in &in_force.pins {
            let Some(place) = self.places.get(id).copied() else { continue };
            let root = self.sets.root(place);
            let its: Vec<u32> = self.pinned.iter().copied().filter(|other| self.sets.root(*other) == root).collect();
            self.pinned.retain(|other| !its.contains(other));
            if *pinned {
                self.pinned.insert(place);
            }
        }
        let mut names: BTreeMap<u32, &str> = BTreeMap::new();
        for (id, name) in &in_force.names {
            if let Some(place) = self.places.get(id).copied() {
                names.insert(self.sets.root(place), name);
            }
        }
        names.retain(|_, name| !name.is_empty());
        self.finish(&names)
    }

    /// What a signature, or the group that it is in, is called so far.
    fn name_of(&mut self, index: u32) -> String {
        let root = self.sets.root(index);
        let made = self.made.clone();
        let of_group = made.iter().find(|(member, ..)| self.sets.root(*member) == root).map(|(.., name)| name.clone());
        of_group.or_else(|| self.template(index).map(str::to_owned)).unwrap_or_default()
    }

    fn finish(mut self, names: &BTreeMap<u32, &str>) -> Assigned {
        let leads: Vec<u32> = (0..self.taken.len() as u32).map(|index| self.sets.root(index)).collect();
        let lead = |index: u32| leads.get(index as usize).copied().unwrap_or(index);
        let mut members: BTreeMap<u32, Vec<SignatureIndex>> = BTreeMap::new();
        for (index, root) in (0..).zip(&leads) {
            if *root != index {
                members.entry(*root).or_insert_with(|| vec![SignatureIndex(*root)]).push(SignatureIndex(index));
            }
        }
        let solitary = self.made.iter().map(|(index, ..)| *index);
        for index in solitary.chain(names.keys().copied()).chain(self.pinned.iter().copied()) {
            members.entry(lead(index)).or_insert_with(|| vec![SignatureIndex(lead(index))]);
        }
        let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
        for (root, members) in members {
            let name = self.template(root).unwrap_or_default().to_owned();
            groups.insert(root, Group { name, is_named: false, members, pinned: false, origin: Origin::Table });
        }
        for (index, origin, name) in self.made {
            if let Some(group) = groups.get_mut(&lead(index)) {
                (group.origin, group.name) = (origin, name);
            }
        }
        for (root, name) in names {
            if let Some(group) = groups.get_mut(root) {
                (group.is_named, group.name) = (true, (*name).to_owned());
            }
        }
        for index in self.pinned {
            if let Some(group) = groups.get_mut(&lead(index)) {
                group.pinned = true;
            }
        }
        let keyed = |(pattern, member, is_certain): (Pattern, u32, bool)| {
            (pattern.key(), Open { pattern, lead: lead(member), is_certain })
        };
        Assigned { open: self.used.into_iter().map(keyed).collect(), groups, formed: self.formed, leads }
    }
}
