//! Reads the work tree as if it had been committed.
//!
//! Input: a repository. Output: a commit that holds what lies in the folder now, with all that is
//! neither committed nor ignored. It is made in a throw-away repository that borrows the user's objects:
//! nothing is written to the user's, not even to the index.

use std::collections::HashSet;
use std::fs;
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
    /// Where the commit's objects are that the user's repository lacks; `None` for one without a folder of files.
    pub objects: Option<Arc<Objects>>,
}

/// A folder of objects beside those of a repository, removed when nobody holds it any more.
#[derive(Debug)]
pub struct Objects {
    path: PathBuf,
    _folder: TempDir,
}

impl Objects {
    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
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
            objects: None,
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
    let kept = Objects { path: store.path().join("objects"), _folder: scratch };
    let objects = Some(Arc::new(kept));
    Ok(WorkTree { repo: store, commit, tree: tree.to_string(), head, has_changes, n_left_out, objects })
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
        let author = Signature::now("work tree", "work-tree@localhost")?;
        let parent = store.find_commit(git2::Oid::from_str(head)?)?;
        store.commit(None, &author, &author, "Uncommitted changes", &store.find_tree(tree)?, &[&parent])
    };
    written().map(|id| id.to_string()).map_err(RevertError::writing("the commit of the work tree"))
}
