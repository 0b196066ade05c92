//! Cuts a change into units, so that any set of them can be taken back.
//!
//! Input: a [`Change`]. Output: [`Units`]. A unit is one hunk of a text; an added, deleted,
//! renamed or opaque file as a whole; or several of these that make no sense alone: the manifest and the lock
//! file of one folder (package by package, where every hunk tells its own), files of which one stands where the
//! other stood. Of a file that was renamed and edited,
//! each edit is a unit, and so is the file with its name, which holds them all.
//!
//! Pure. Does not ask which of them is to blame (`rank` does).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::fine;
use crate::triage::classify::is_manifest;
use crate::triage::{Change, Class, FileChange, FileStatus, HunkId};

/// What stands in a path for bytes that are no UTF-8; such a path leads nowhere.
const NOT_UTF8: char = '\u{fffd}';

/// What is taken back together or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    /// Hunks that are taken back one by one.
    pub hunks: Vec<HunkId>,
    /// Files that are taken back whole, as indices into the change's files.
    pub files: Vec<usize>,
    /// Indices of all files that it touches, in order, each once.
    pub touches: Vec<usize>,
}

/// A change, cut up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// What can be taken back, in order of file and line.
    pub units: Vec<Unit>,
    /// Paths that cannot be taken back alone, because their names are no UTF-8.
    pub left_out: Vec<String>,
}

impl Unit {
    /// Whether it takes back a part of a test.
    #[must_use]
    pub fn is_test(&self, change: &Change) -> bool {
        self.touches.iter().any(|index| change.files.get(*index).is_some_and(|file| file.class == Class::Test))
    }
}

impl Units {
    /// Cuts a change up.
    #[must_use]
    pub fn of(change: &Change) -> Self {
        let mut left_out = Vec::new();
        let mut pieces: Vec<(usize, Unit)> = Vec::new();
        for (index, file) in change.files.iter().enumerate() {
            let paths = [Some(&file.path), file.old_path.as_ref()];
            if paths.into_iter().flatten().any(|path| path.contains(NOT_UTF8)) {
                left_out.push(file.path.clone());
                continue;
            }
            if !is_one_piece(file) {
                let alone = |id: HunkId| (index, Unit { hunks: vec![id], files: Vec::new(), touches: vec![index] });
                pieces.extend(file.hunks.iter().map(|hunk| alone(hunk.id)));
            }
            if is_one_piece(file) || file.status == FileStatus::Renamed {
                pieces.push((index, Unit { hunks: Vec::new(), files: vec![index], touches: vec![index] }));
            }
        }
        let mut group = groups(change);
        let apart = by_package(change, &mut group, &mut pieces);
        let mut units: Vec<(Option<usize>, Unit)> = Vec::new();
        for (file, piece) in pieces {
            let of = group.get(&file).copied();
            match units.iter_mut().find(|(known, _)| of.is_some() && *known == of) {
                Some((_, unit)) => {
                    unit.hunks.extend(piece.hunks);
                    unit.files.extend(piece.files);
                    unit.touches.extend(piece.touches);
                    unit.touches.dedup();
                }
                None => units.push((of, piece)),
            }
        }
        let mut units: Vec<Unit> = units.into_iter().map(|(_, unit)| unit).collect();
        units.extend(apart);
        // In order of file and line, as before.
        units.sort_by_key(|unit| unit.touches.first().copied());
        Self { units, left_out }
    }
}

/// Units of one package each, out of groups of manifests whose hunks are all about one; what is left stays grouped.
fn by_package(change: &Change, group: &mut BTreeMap<usize, usize>, pieces: &mut Vec<(usize, Unit)>) -> Vec<Unit> {
    let mut units = Vec::new();
    let roots: BTreeSet<usize> = group.values().copied().collect();
    for root in roots {
        let members: Vec<usize> = group.iter().filter(|(_, of)| **of == root).map(|(file, _)| *file).collect();
        let files: Option<Vec<(usize, &FileChange)>> =
            members.iter().map(|index| change.files.get(*index).map(|file| (*index, file))).collect();
        let Some(files) = files.filter(|files| files.iter().all(|(_, file)| is_manifest(&file.path))) else { continue };
        let mut packages: BTreeMap<String, Unit> = BTreeMap::new();
        for (index, file) in files {
            for hunk in &file.hunks {
                let Some(package) = fine::package(file, hunk) else { continue };
                let unit = packages.entry(package).or_default();
                unit.hunks.push(hunk.id);
                unit.touches.push(index);
                unit.touches.dedup();
            }
        }
        // One package, or none that is known: nothing is gained.
        if packages.len() < 2 {
            continue;
        }
        let taken: BTreeSet<HunkId> = packages.values().flat_map(|unit| unit.hunks.iter().copied()).collect();
        pieces.retain(|(_, unit)| !unit.hunks.iter().any(|id| taken.contains(id)));
        if !pieces.iter().any(|(file, _)| members.contains(file)) {
            group.retain(|member, _| !members.contains(member));
        }
        units.extend(packages.into_values());
    }
    units
}

/// Whether a file can only be taken back whole.
fn is_one_piece(file: &FileChange) -> bool {
    file.opaque
        || matches!(file.status, FileStatus::Added | FileStatus::Deleted)
        || file.hunks.is_empty()
        || file.hunks.iter().any(crate::triage::Hunk::is_whole_file)
}

/// For each file that belongs to others, the number of its group.
fn groups(change: &Change) -> BTreeMap<usize, usize> {
    let mut parents: Vec<usize> = (0..change.files.len()).collect();
    let mut by_path: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_folder: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, file) in change.files.iter().enumerate() {
        // A chain of renames, or a file that came where another one went.
        for path in [Some(&file.path), file.old_path.as_ref()].into_iter().flatten() {
            let first = *by_path.entry(path).or_insert(index);
            join(&mut parents, first, index);
        }
        if is_manifest(&file.path) {
            let first = *by_folder.entry(folder(&file.path)).or_insert(index);
            join(&mut parents, first, index);
        }
    }
    // A file that became a folder, or the reverse.
    for (path, index) in &by_path {
        let above = Path::new(path).ancestors().skip(1).filter_map(Path::to_str);
        for other in above.filter_map(|folder| by_path.get(folder)) {
            join(&mut parents, *other, *index);
        }
    }
    let roots: Vec<usize> = (0..parents.len()).map(|index| root(&parents, index)).collect();
    let shared: BTreeSet<usize> =
        roots.iter().enumerate().filter(|(index, root)| index != *root).map(|(_, root)| *root).collect();
    let members = roots.into_iter().enumerate().filter(|(_, root)| shared.contains(root));
    members.collect()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn root(parents: &[usize], mut index: usize) -> usize {
    while let Some(parent) = parents.get(index).filter(|parent| **parent != index) {
        index = *parent;
    }
    index
}

fn join(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    if let Some(parent) = parents.get_mut(a.max(b)) {
        *parent = a.min(b);
    }
}

#[cfg(test)]
mod tests;
