//! Computes the tree and the patch of going back.

use std::collections::BTreeSet;
use std::path::Path;

use git2::{
    Commit, Delta, Diff, DiffFindOptions, DiffFormat, DiffOptions, ErrorCode, Index, MergeOptions, Oid, Repository,
    Tree, TreeEntry,
};

use super::compose::{Edits, compose};
use super::{GitError, RevertError, files};
use crate::remedy::Scope;
use crate::triage::{Change, FileChange, FileStatus, HunkId};

/// The largest patch that a person can be asked to approve, in MiB.
const LARGEST_PATCH: usize = 64;

/// Binary content up to this size, in bytes, is part of the patch; larger one is only named.
const SHOWN_BINARY: i64 = 1 << 20;

const SYMLINK: i32 = 0o120_000;
const SUBMODULE: i32 = 0o160_000;

/// Returns the commit with this full id.
pub(super) fn commit<'r>(repo: &'r Repository, id: &str) -> Result<Commit<'r>, GitError> {
    let unknown = || GitError::UnknownRevision(id.to_owned());
    let oid = Oid::from_str(id).map_err(|_| unknown())?;
    repo.find_commit(oid).map_err(|error| match error.code() {
        ErrorCode::NotFound if repo.is_shallow() => GitError::BeyondShallow(id.to_owned()),
        ErrorCode::NotFound => unknown(),
        _ => GitError::Unreadable { what: format!("the commit {id}"), source: error },
    })
}

/// Computes the tree that going back gives on `parent`.
pub(super) fn compute(
    repo: &Repository,
    change: &Change,
    scope: &Scope,
    parent: &Commit<'_>,
) -> Result<Oid, RevertError> {
    if Oid::from_str(&change.base).is_ok_and(|base| is_empty_tree(repo, base)) {
        return Err(RevertError::NothingBefore);
    }
    let base = tree_of(&commit(repo, &change.base)?)?;
    let head_commit = commit(repo, &change.head)?;
    let head = tree_of(&head_commit)?;
    let back = match scope {
        Scope::Range => base.id(),
        Scope::Hunks(chosen) => {
            let out = LeftOut { hunks: chosen, files: &moved_with(change, chosen), edits: &Edits::new() };
            without(repo, change, out, &base, &head)?
        }
        // These files were put together on the very commit that they are made on.
        Scope::Files(puts) => return files::put(repo, &tree_of(parent)?, puts),
    };
    onto(repo, &head, back, parent)
}

/// Carries a tree that was made of the deployed one over to `parent`, and refuses one that changes nothing.
pub(super) fn onto(repo: &Repository, head: &Tree<'_>, made: Oid, parent: &Commit<'_>) -> Result<Oid, RevertError> {
    let tip = tree_of(parent)?;
    let result = if tip.id() == head.id() { made } else { merged(repo, head, &tip, made)? };
    if result == tip.id() { Err(RevertError::NothingToDo) } else { Ok(result) }
}

fn is_empty_tree(repo: &Repository, id: Oid) -> bool {
    repo.find_commit(id).is_err() && repo.find_tree(id).is_ok_and(|tree| tree.is_empty())
        || id.to_string() == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
}

pub(super) fn tree_of<'r>(commit: &Commit<'r>) -> Result<Tree<'r>, GitError> {
    commit.tree().map_err(GitError::reading(format!("the tree of {}", commit.id())))
}

/// Merges going back, seen from the deployed tree, with what came after it.
fn merged(repo: &Repository, head: &Tree<'_>, tip: &Tree<'_>, back: Oid) -> Result<Oid, RevertError> {
    let back = repo.find_tree(back).map_err(GitError::reading("the tree that was computed"))?;
    let mut options = MergeOptions::new();
    options.find_renames(true);
    let mut index = repo
        .merge_trees(head, tip, &back, Some(&options))
        .map_err(GitError::reading("what going back and the later commits have in common"))?;
    if index.has_conflicts() {
        let mut paths = BTreeSet::new();
        for conflict in index.conflicts().map_err(GitError::reading("the conflicts"))?.flatten() {
            let sides = [conflict.our, conflict.their, conflict.ancestor];
            paths.extend(sides.into_iter().flatten().map(|entry| String::from_utf8_lossy(&entry.path).into_owned()));
        }
        return Err(RevertError::Conflict(paths.into_iter().collect()));
    }
    index.write_tree_to(repo).map_err(RevertError::writing("the merged tree"))
}

/// The renamed files that hold one of these hunks; a plan takes them back whole.
fn moved_with(change: &Change, chosen: &[HunkId]) -> Vec<usize> {
    let is_moved = |file: &FileChange| {
        file.status == FileStatus::Renamed && file.hunks.iter().any(|hunk| chosen.contains(&hunk.id))
    };
    change.files.iter().enumerate().filter(|(_, file)| is_moved(file)).map(|(index, _)| index).collect()
}

/// Computes the deployed tree without these hunks and files, given by their indices in the change.
pub(super) fn deployed_without(
    repo: &Repository,
    change: &Change,
    hunks: &[HunkId],
    files: &[usize],
) -> Result<Oid, RevertError> {
    let (base, head) = (tree_of(&commit(repo, &change.base)?)?, tree_of(&commit(repo, &change.head)?)?);
    without(repo, change, LeftOut { hunks, files, edits: &Edits::new() }, &base, &head)
}

/// What of a change is not to be in a tree as it is.
#[derive(Clone, Copy)]
pub(super) struct LeftOut<'a> {
    /// Hunks that are as before.
    pub hunks: &'a [HunkId],
    /// Files that are as before, by their indices in the change.
    pub files: &'a [usize],
    /// Hunks that a person edited.
    pub edits: &'a Edits,
}

/// The head with the base's side of what is left out, and with what was edited.
pub(super) fn without(
    repo: &Repository,
    change: &Change,
    out: LeftOut<'_>,
    base: &Tree<'_>,
    head: &Tree<'_>,
) -> Result<Oid, RevertError> {
    let LeftOut { hunks: chosen, files, edits: changed } = out;
    let known: BTreeSet<HunkId> = change.files.iter().flat_map(|file| file.hunks.iter().map(|hunk| hunk.id)).collect();
    if let Some(unknown) = chosen.iter().chain(changed.keys()).find(|hunk| !known.contains(hunk)) {
        return Err(RevertError::NoSuchHunk(unknown.0));
    }
    let mut edits = Vec::new();
    for (index, file) in change.files.iter().enumerate() {
        let is_whole = files.contains(&index);
        let is_touched = |hunk: &crate::triage::Hunk| chosen.contains(&hunk.id) || changed.contains_key(&hunk.id);
        if is_whole || file.hunks.iter().any(is_touched) {
            edits.push(edit(repo, file, (!is_whole).then_some((chosen, changed)), base, head)?);
        }
    }
    let mut index = Index::new().map_err(GitError::reading("an index in memory"))?;
    index.read_tree(head).map_err(GitError::reading("the tree that was changed"))?;
    for path in edits.iter().filter_map(|edit| edit.remove.as_deref()) {
        index.remove(Path::new(path), 0).map_err(RevertError::writing("the tree without the chosen hunks"))?;
    }
    for put in edits.into_iter().filter_map(|edit| edit.put) {
        if in_the_way(&index, &put.path) {
            return Err(RevertError::InTheWay(put.path));
        }
        let entry = files::index_entry(put.path.into_bytes(), put.id, put.mode);
        index.add(&entry).map_err(RevertError::writing("the tree without the chosen hunks"))?;
    }
    index.write_tree_to(repo).map_err(RevertError::writing("the tree without the chosen hunks"))
}

/// What happens to one file: gone from a path, put at a path, or both.
struct Edit {
    remove: Option<String>,
    put: Option<Put>,
}

struct Put {
    path: String,
    id: Oid,
    mode: u32,
}

/// Takes the chosen hunks of a file back, or all of it; added and deleted files, links and submodules
/// go back whole. A renamed file keeps its new path unless all of it goes back.
fn edit(
    repo: &Repository,
    file: &FileChange,
    parts: Option<(&[HunkId], &Edits)>,
    base: &Tree<'_>,
    head: &Tree<'_>,
) -> Result<Edit, RevertError> {
    let old_path = file.old_path.as_deref().unwrap_or(&file.path);
    let whole = |path: &str| -> Result<Put, RevertError> {
        let entry = entry(base, path)?;
        Ok(Put { path: path.to_owned(), id: entry.id(), mode: mode_of(&entry) })
    };
    match file.status {
        FileStatus::Added => {
            let new = entry(head, &file.path)?;
            let is_taken = |(chosen, _): &(&[HunkId], &Edits)| file.hunks.iter().any(|hunk| chosen.contains(&hunk.id));
            let Some((chosen, edits)) = parts.filter(|parts| !is_taken(parts)) else {
                return Ok(Edit { remove: Some(file.path.clone()), put: None });
            };
            let sides = (Vec::new(), blob(repo, &new, &file.path)?.content().to_vec());
            let id = composed(repo, file, sides, chosen, edits)?;
            Ok(Edit { remove: None, put: Some(Put { path: file.path.clone(), id, mode: mode_of(&new) }) })
        }
        FileStatus::Deleted
            if parts.is_some_and(|(_, edits)| file.hunks.iter().any(|hunk| edits.contains_key(&hunk.id))) =>
        {
            Err(RevertError::Stale(file.path.clone()))
        }
        FileStatus::Deleted => Ok(Edit { remove: None, put: Some(whole(&file.path)?) }),
        FileStatus::Renamed | FileStatus::Modified => {
            let (old, new) = (entry(base, old_path)?, entry(head, &file.path)?);
            let special = [&old, &new].iter().any(|entry| matches!(entry.filemode(), SYMLINK | SUBMODULE));
            let is_moved = file.status == FileStatus::Renamed;
            let is_part = |chosen: &[HunkId]| is_moved || !file.hunks.iter().all(|hunk| chosen.contains(&hunk.id));
            let Some((chosen, edits)) = parts.filter(|(chosen, _)| !special && is_part(chosen)) else {
                return Ok(Edit { remove: is_moved.then(|| file.path.clone()), put: Some(whole(old_path)?) });
            };
            let (old_blob, new_blob) = (blob(repo, &old, old_path)?, blob(repo, &new, &file.path)?);
            let sides = (old_blob.content().to_vec(), new_blob.content().to_vec());
            let id = composed(repo, file, sides, chosen, edits)?;
            Ok(Edit { remove: None, put: Some(Put { path: file.path.clone(), id, mode: mode_of(&new) }) })
        }
    }
}

/// The object of a file of which some hunks are as before, and some as they were edited.
fn composed(
    repo: &Repository,
    file: &FileChange,
    (old, new): (Vec<u8>, Vec<u8>),
    chosen: &[HunkId],
    edits: &Edits,
) -> Result<Oid, RevertError> {
    let built = compose(&old, &new, &file.hunks, chosen, edits).ok_or_else(|| RevertError::Stale(file.path.clone()))?;
    repo.blob(&built).map_err(RevertError::writing("a file without the chosen hunks"))
}

fn entry(tree: &Tree<'_>, path: &str) -> Result<TreeEntry<'static>, RevertError> {
    tree.get_path(Path::new(path)).map_err(|_| RevertError::Stale(path.to_owned()))
}

fn blob<'r>(repo: &'r Repository, entry: &TreeEntry<'_>, path: &str) -> Result<git2::Blob<'r>, GitError> {
    repo.find_blob(entry.id()).map_err(GitError::reading(format!("{path:?}")))
}

fn mode_of(entry: &TreeEntry<'_>) -> u32 {
    // Modes of tree entries are small and positive.
    u32::try_from(entry.filemode()).unwrap_or(0o100_644)
}

/// Whether a file at this path would replace a folder, or stand below a file.
pub(super) fn in_the_way(index: &Index, path: &str) -> bool {
    let below_a_file = Path::new(path)
        .ancestors()
        .skip(1)
        .filter(|ancestor| !ancestor.as_os_str().is_empty())
        .any(|ancestor| index.get_path(ancestor, 0).is_some());
    below_a_file || index.find_prefix(format!("{path}/")).is_ok()
}

/// The unified diff from `parent` to the tree, with bytes that are no UTF-8 replaced.
pub(super) fn patch(repo: &Repository, parent: &Commit<'_>, tree: Oid) -> Result<String, RevertError> {
    let (old, new) = (tree_of(parent)?, repo.find_tree(tree).map_err(GitError::reading("the tree that was computed"))?);
    let reading = || GitError::reading("the difference that going back makes");
    let diff = |show_binary: bool| -> Result<Diff<'_>, GitError> {
        let mut options = DiffOptions::new();
        options.show_binary(show_binary).context_lines(3);
        let mut diff = repo.diff_tree_to_tree(Some(&old), Some(&new), Some(&mut options)).map_err(reading())?;
        diff.find_similar(Some(DiffFindOptions::new().renames(true))).map_err(reading())?;
        Ok(diff)
    };
    let names_only = diff(false)?;
    let small = binary_size(repo, &names_only) <= SHOWN_BINARY;
    let diff = if small { diff(true)? } else { names_only };
    let mut bytes = Vec::new();
    let printed = diff.print(DiffFormat::Patch, |_, _, line| {
        if matches!(line.origin(), '+' | '-' | ' ') {
            bytes.push(line.origin() as u8);
        }
        bytes.extend_from_slice(line.content());
        bytes.len() <= LARGEST_PATCH << 20
    });
    match printed {
        Ok(()) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.code() == ErrorCode::User => Err(RevertError::TooLarge(LARGEST_PATCH)),
        Err(error) => Err(reading()(error).into()),
    }
}

/// How many bytes of binary content differ; text does not count.
fn binary_size(repo: &Repository, diff: &Diff<'_>) -> i64 {
    let mut total: i64 = 0;
    for delta in diff.deltas() {
        for file in [delta.old_file(), delta.new_file()] {
            if let Ok(blob) = repo.find_blob(file.id()).map(|blob| (blob.is_binary(), blob.size()))
                && blob.0
            {
                total = total.saturating_add(i64::try_from(blob.1).unwrap_or(i64::MAX));
            }
        }
    }
    total
}

/// The deploy's files that commits after it changed too, by path.
pub(super) fn also_changed_later(repo: &Repository, change: &Change, parent: Oid) -> Result<Vec<String>, RevertError> {
    let head = commit(repo, &change.head)?;
    if head.id() == parent {
        return Ok(Vec::new());
    }
    let tip = repo.find_commit(parent).map_err(GitError::reading("the tip of the branch"))?;
    let (head, tip) = (tree_of(&head)?, tree_of(&tip)?);
    let later =
        repo.diff_tree_to_tree(Some(&head), Some(&tip), None).map_err(GitError::reading("the later commits"))?;
    let deployed: BTreeSet<&str> = change.files.iter().map(|file| file.path.as_str()).collect();
    let paths: BTreeSet<String> = later
        .deltas()
        .filter(|delta| delta.status() != Delta::Unmodified)
        .filter_map(|delta| delta.new_file().path_bytes().map(|path| String::from_utf8_lossy(path).into_owned()))
        .filter(|path| deployed.contains(path.as_str()))
        .collect();
    Ok(paths.into_iter().collect())
}
