//! Reads the work tree as if it had been committed.
//!
//! Input: a repository. Output: a commit that holds what lies in the folder now, with all that is
//! neither committed nor ignored. It is made in a throw-away repository that borrows the user's objects:
//! nothing is written to the user's, not even to the index. The same content on the same HEAD gives the same commit, so
//! that what was planned on it can be made later: [`bring`] puts it into the user's repository, once that is approved.

use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::{Index, IndexAddOption, Repository, Signature};
use tempfile::TempDir;

use super::read;
use super::revert::RevertError;
use crate::shell::fix::workshop::{borrowing, no_folder};
use crate::shell::git::GitError;

/// An unknown file larger than this is no source that a person wrote.
const FILE_BYTES: u64 = 4 << 20;
/// The most unknown files that are taken in: beyond lies what a build left behind.
const FILES: usize = 20_000;

/// What lies in the folder, as a commit.
pub struct WorkTree {
    /// Where the commit is.
    pub repo: Repository,
    /// Full id of the commit: HEAD itself where nothing differs from it.
    pub commit: String,
    /// Full id of its tree: the same for the same content.
    pub tree: String,
    /// Full id of HEAD.
    pub head: String,
    /// Whether the folder holds what is not committed.
    pub has_changes: bool,
    /// Unknown files that were left out for their size or number.
    pub n_left_out: usize,
    // Removed last.
    folder: Option<Arc<TempDir>>,
}

/// The throw-away repository that holds the commit of a work tree; it goes with its last handle.
#[derive(Clone, Debug)]
pub struct Shelf {
    path: PathBuf,
    _folder: Arc<TempDir>,
}

impl Shelf {
    /// Where it is; every command on a repository takes it for one.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of its objects.
    #[must_use]
    pub fn objects(&self) -> PathBuf {
        self.path.join("objects")
    }
}

impl WorkTree {
    /// The repository that holds what is not committed; `None` where everything is.
    #[must_use]
    pub fn shelf(&self) -> Option<Shelf> {
        let folder = self.folder.as_ref().filter(|_| self.has_changes)?;
        Some(Shelf { path: self.repo.path().to_path_buf(), _folder: Arc::clone(folder) })
    }
}

/// Reads the work tree of the repository that holds this path.
///
/// # Errors
///
/// When there is no repository or no commit, its files cannot be read, or no room for objects can be made.
pub fn read_work_tree(path: &Path) -> Result<WorkTree, RevertError> {
    let users = read::open(path)?;
    let head = read::resolve(&users, "HEAD")?;
    let committed = tree_of(&users, &head)?;
    let Some(folder) = users.workdir().map(Path::to_path_buf) else {
        return Ok(WorkTree {
            repo: users,
            commit: head.clone(),
            tree: committed,
            head,
            has_changes: false,
            n_left_out: 0,
            folder: None,
        });
    };
    let temporary = std::env::temp_dir();
    let scratch = tempfile::Builder::new().prefix("aftercare-build-").tempdir().map_err(no_folder(&temporary))?;
    let store = borrowing(&scratch.path().join("store"), true, &[objects(&users)?])?;
    let unread = || GitError::reading("the work tree");
    store.set_workdir(&folder, false).map_err(unread())?;
    let mut index = copied_index(&users, &store, &head, scratch.path())?;
    let n_left_out = take_in(&mut index, &folder).map_err(unread())?;
    let tree = index.write_tree_to(&store).map_err(RevertError::writing("the tree of the work tree"))?;
    let has_changes = tree.to_string() != committed;
    let commit = if has_changes { commit(&store, tree, &head)? } else { head.clone() };
    Ok(WorkTree {
        repo: store,
        commit,
        tree: tree.to_string(),
        head,
        has_changes,
        n_left_out,
        folder: Some(Arc::new(scratch)),
    })
}

/// Puts the commit of the work tree into the user's repository, where it is not yet there; no reference names it.
///
/// # Errors
///
/// When the work tree does not give this commit any more, or the repository cannot be read or written.
pub fn bring(path: &Path, commit: &str) -> Result<(), RevertError> {
    let users = read::open(path)?;
    let is_there = git2::Oid::from_str(commit).is_ok_and(|id| users.find_commit(id).is_ok());
    if is_there {
        return Ok(());
    }
    let now = read_work_tree(path)?;
    if now.commit != commit {
        return Err(RevertError::Changed);
    }
    let copied = || -> Result<(), git2::Error> {
        let mut walk = now.repo.revwalk()?;
        walk.push(git2::Oid::from_str(&now.commit)?)?;
        walk.hide(git2::Oid::from_str(&now.head)?)?;
        let mut pack = now.repo.packbuilder()?;
        pack.insert_walk(&mut walk)?;
        let odb = users.odb()?;
        let mut writer = odb.packwriter()?;
        pack.foreach(|bytes| writer.write_all(bytes).is_ok())?;
        writer.commit().map(drop)
    };
    copied().map_err(RevertError::writing("the commit of what is not committed"))
}

fn tree_of(repo: &Repository, commit: &str) -> Result<String, GitError> {
    let found = git2::Oid::from_str(commit).and_then(|id| repo.find_commit(id)).map(|commit| commit.tree_id());
    found.map(|id| id.to_string()).map_err(GitError::reading(format!("the tree of {commit}")))
}

fn objects(repo: &Repository) -> Result<PathBuf, RevertError> {
    let objects = repo.commondir().join("objects");
    objects.canonicalize().map_err(no_folder(&objects))
}

/// A copy of the user's index, which knows what is tracked and what is unchanged.
fn copied_index(users: &Repository, store: &Repository, head: &str, scratch: &Path) -> Result<Index, RevertError> {
    let unread = || GitError::reading("the index");
    let place = scratch.join("index");
    let is_there = fs::copy(users.path().join("index"), &place).is_ok();
    // Files that only this clone ignores.
    let exclude = store.path().join("info");
    let _ = fs::create_dir_all(&exclude)
        .and_then(|()| fs::copy(users.commondir().join("info/exclude"), exclude.join("exclude")));
    let mut index = Index::open(&place).map_err(unread())?;
    store.set_index(&mut index).map_err(unread())?;
    if !is_there {
        let id = git2::Oid::from_str(head).map_err(unread())?;
        let tree = users.find_commit(id).and_then(|commit| commit.tree()).map_err(unread())?;
        index.read_tree(&tree).map_err(unread())?;
    }
    Ok(index)
}

/// Brings the index up to what lies in the folder; says how many unknown files were left out.
fn take_in(index: &mut Index, folder: &Path) -> Result<usize, git2::Error> {
    let tracked: HashSet<Vec<u8>> = index.iter().map(|entry| entry.path).collect();
    let (mut n_new, mut n_left_out) = (0, 0);
    let mut choose = |path: &Path, _: &[u8]| {
        if tracked.contains(path.as_os_str().as_encoded_bytes()) {
            return 0;
        }
        n_new += 1;
        let is_large = fs::symlink_metadata(folder.join(path)).is_ok_and(|file| file.len() > FILE_BYTES);
        let is_left_out = is_large || n_new > FILES;
        n_left_out += usize::from(is_left_out);
        i32::from(is_left_out)
    };
    index.add_all(["*"], IndexAddOption::DEFAULT, Some(&mut choose))?;
    index.update_all(["*"], None)?;
    Ok(n_left_out)
}

fn commit(store: &Repository, tree: git2::Oid, head: &str) -> Result<String, RevertError> {
    let written = || -> Result<git2::Oid, git2::Error> {
        let parent = store.find_commit(git2::Oid::from_str(head)?)?;
        // The same content gives the same id whenever it is read.
        let author = Signature::new("work tree", "work-tree@localhost", &parent.time())?;
        store.commit(None, &author, &author, "Uncommitted changes", &store.find_tree(tree)?, &[&parent])
    };
    written().map(|id| id.to_string()).map_err(RevertError::writing("the commit of the work tree"))
}
