//! Says which units cannot be taken back without others, as far as names tell.
//!
//! Input: units and their change. Output: for each unit, those that must be taken back with it: what it
//! brings back relies on a name that only they bring back, what they leave relies on a name that it takes away, or they
//! hold the other end of one bracket or text.
//!
//! Pure. A name counts where a whole file, or all files of the change, has it on one side only, and one unit alone
//! brings it in. What is missed costs a run of the command, and what is seen wrongly another: the runs decide.

mod ends;
mod names;

use std::collections::{BTreeMap, BTreeSet};

use names::{Form, Name, Names, Reader};

/// Bytes of changed files above which names are not looked for.
pub(super) const TEXT_BYTES: usize = 16 << 20;

use super::search::Subset;
use super::unit::Unit;
use crate::triage::syntax::Source;
use crate::triage::{Change, FileChange, FileStatus, HunkId};

/// For each unit, the others that must be taken back with it, and those that these need, in turn.
#[must_use]
pub fn needs(units: &[Unit], change: &Change) -> Vec<Subset> {
    let mut direct = vec![Subset::new(); units.len()];
    let bytes: usize =
        change.files.iter().flat_map(|file| [&file.base_text, &file.head_text]).flatten().map(String::len).sum();
    if bytes > TEXT_BYTES {
        return direct;
    }
    // What is brought back needs what it uses.
    let back = links(units, change);
    // Of what is taken away, no use may be left.
    let away = links(units, &change.reversed()).into_iter().map(|(user, definer)| (definer, user));
    for (from, to) in back.into_iter().chain(away).chain(together(units, change)) {
        if let Some(needs) = direct.get_mut(from) {
            needs.insert(to);
        }
    }
    (0..units.len()).map(|unit| reached(unit, &direct)).collect()
}

/// All that can be reached from a unit, without itself.
fn reached(unit: usize, direct: &[Subset]) -> Subset {
    let (mut reached, mut open) = (Subset::from([unit]), vec![unit]);
    while let Some(next) = open.pop() {
        let new = direct.get(next).into_iter().flatten().filter(|other| reached.insert(**other));
        open.extend(new.copied().collect::<Vec<_>>());
    }
    reached.remove(&unit);
    reached
}

/// Units with the two ends of one bracket or text, each way.
fn together(units: &[Unit], change: &Change) -> BTreeSet<(usize, usize)> {
    let of: BTreeMap<HunkId, usize> =
        units.iter().enumerate().flat_map(|(unit, held)| held.hunks.iter().map(move |id| (*id, unit))).collect();
    let files = change.files.iter().filter(|file| file.hunks.len() > 1);
    let pairs = files.flat_map(|file| {
        let (before, after) = both(file);
        ends::pairs(file, &before, &after)
    });
    let units = pairs.filter_map(|(one, other)| Some((*of.get(&one)?, *of.get(&other)?)));
    units.filter(|(one, other)| one != other).flat_map(|(one, other)| [(one, other), (other, one)]).collect()
}

/// What the texts before the change say of one file.
struct Sheet<'t> {
    /// The units that have a part in it, each with the names in that part.
    parts: Vec<(usize, Names<'t>)>,
    /// By word, who brings it in, and how.
    defined: BTreeMap<&'t str, Vec<(usize, Name<'t>, Form)>>,
    /// The names that the text after the change lacks.
    gone: BTreeSet<Name<'t>>,
    /// The same as words, wherever they stand.
    words: BTreeSet<&'t str>,
}

/// Pairs of a unit that uses a name which is gone after the change, and the unit that takes it away.
fn links(units: &[Unit], change: &Change) -> BTreeSet<(usize, usize)> {
    let sources: Vec<(Source<'_>, Source<'_>)> = change.files.iter().map(both).collect();
    let readers: Vec<(Reader<'_, '_>, Reader<'_, '_>)> =
        sources.iter().map(|(before, after)| (Reader::new(before), Reader::new(after))).collect();
    let left: BTreeSet<&str> = readers.iter().flat_map(|(_, after)| after.all()).map(|name| name.word).collect();
    let sheets: Vec<Sheet<'_>> =
        readers.iter().enumerate().map(|(file, readers)| Sheet::of(file, units, change, readers)).collect();
    let anywhere = declared(&sheets);
    let mut links = BTreeSet::new();
    for sheet in &sheets {
        for (user, names) in &sheet.parts {
            for (name, is_import) in &names.used {
                let here = if *is_import { None } else { sheet.definer(*name) };
                let elsewhere = || anywhere.get(name.word).filter(|_| !left.contains(name.word)).and_then(only);
                let definer = here.or_else(elsewhere);
                links.extend(definer.filter(|definer| definer != user).map(|definer| (*user, definer)));
            }
        }
    }
    links
}

fn both(file: &FileChange) -> (Source<'_>, Source<'_>) {
    let before = file.old_path.as_deref().unwrap_or(&file.path);
    let (base, head) = (file.base_text.as_deref(), file.head_text.as_deref());
    (Source::read(before, base.unwrap_or_default()), Source::read(&file.path, head.unwrap_or_default()))
}

impl<'t> Sheet<'t> {
    fn of(file: usize, units: &[Unit], change: &Change, (before, after): &(Reader<'_, 't>, Reader<'_, 't>)) -> Self {
        let left = after.all();
        let words: BTreeSet<&str> = left.iter().map(|name| name.word).collect();
        let all = before.all();
        let parts = units.iter().enumerate().filter(|(_, unit)| unit.touches.contains(&file));
        let parts: Vec<_> = parts.map(|(index, unit)| (index, part(file, unit, change, before))).collect();
        let mut defined: BTreeMap<&str, Vec<(usize, Name<'_>, Form)>> = BTreeMap::new();
        for (unit, names) in &parts {
            for (name, form) in &names.defined {
                defined.entry(name.word).or_default().push((*unit, *name, *form));
            }
        }
        Self {
            parts,
            defined,
            words: all.iter().map(|name| name.word).filter(|word| !words.contains(word)).collect(),
            gone: all.into_iter().filter(|name| !left.contains(name)).collect(),
        }
    }

    /// The one unit that takes a name away from this file.
    fn definer(&self, name: Name<'_>) -> Option<usize> {
        if self.words.contains(name.word) {
            let forms: &[&[Form]] = if name.is_member {
                &[&[Form::Member], &[Form::Declared], &[Form::Local]]
            } else {
                &[&[Form::Imported, Form::Declared, Form::Local]]
            };
            let with = |forms: &&[Form]| self.with(name.word, |_, form| forms.contains(&form));
            return forms.iter().map(with).find(|units| !units.is_empty()).and_then(|units| only(&units));
        }
        let is_own = name.own.is_some() && self.gone.contains(&name);
        is_own.then(|| only(&self.with(name.word, |other, form| other == name && form == Form::Member))).flatten()
    }

    /// The units that bring a word in, where it fits.
    fn with(&self, word: &str, fits: impl Fn(Name<'_>, Form) -> bool) -> BTreeSet<usize> {
        let found = self.defined.get(word).into_iter().flatten();
        found.filter(|(_, name, form)| fits(*name, *form)).map(|(unit, ..)| *unit).collect()
    }
}

/// By word, the units that bring it in for other files.
fn declared<'t>(sheets: &[Sheet<'t>]) -> BTreeMap<&'t str, BTreeSet<usize>> {
    let mut declared: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (unit, name, form) in sheets.iter().flat_map(|sheet| sheet.defined.values().flatten()) {
        if matches!(form, Form::Declared | Form::Member) {
            declared.entry(name.word).or_default().insert(*unit);
        }
    }
    declared
}

fn only(units: &BTreeSet<usize>) -> Option<usize> {
    units.first().copied().filter(|_| units.len() == 1)
}

/// The names in what a unit has of a file before the change.
fn part<'t>(file: usize, unit: &Unit, change: &Change, before: &Reader<'_, 't>) -> Names<'t> {
    let Some(changed) = change.files.get(file) else { return Names::default() };
    let is_whole = unit.files.contains(&file) && matches!(changed.status, FileStatus::Added | FileStatus::Deleted);
    if is_whole {
        return before.within(1, u32::MAX);
    }
    let is_ours = |id: &HunkId| unit.hunks.contains(id);
    let hunks = changed.hunks.iter().filter(|hunk| is_ours(&hunk.id) && !hunk.removed.is_empty());
    let mut names = Names::default();
    for hunk in hunks {
        let (first, last) = hunk.touched_before();
        let within = before.within(first, last);
        names.defined.extend(within.defined);
        names.used.extend(within.used);
    }
    names
}

#[cfg(test)]
mod tests;
