//! Files as they shall be: what a tree has in another way than its parent, and the tree again from that.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use git2::{Index, IndexEntry, IndexTime, Oid, Repository, Tree};

use super::tree::in_the_way;
use super::{GitError, RevertError};
use crate::remedy::plan::{Content, Put};

const SUBMODULE: u32 = 0o160_000;

/// The files in which `made` differs from `parent`, with the bytes of those that `stored` does not hold.
pub(super) fn between(
    repo: &Repository,
    stored: &Repository,
    parent: &Tree<'_>,
    made: &Tree<'_>,
) -> Result<Vec<Put>, RevertError> {
    let reading = || GitError::reading("what was chosen");
    let mut options = git2::DiffOptions::new();
    options.include_typechange(true);
    let diff = repo.diff_tree_to_tree(Some(parent), Some(made), Some(&mut options)).map_err(reading())?;
    let odb = stored.odb().map_err(reading())?;
    let mut puts = Vec::new();
    for delta in diff.deltas() {
        let (old, new) = (delta.old_file(), delta.new_file());
        if new.id().is_zero() {
            puts.push(Put { path: old.path_bytes().unwrap_or_default().to_vec(), content: Content::Gone });
            continue;
        }
        let path = new.path_bytes().unwrap_or_default().to_vec();
        let mode = u32::from(new.mode());
        let content = if mode == SUBMODULE || odb.exists(new.id()) {
            Content::Object { mode, id: new.id().to_string() }
        } else {
            let blob = repo.find_blob(new.id()).map_err(reading())?;
            Content::Bytes { mode, bytes: blob.content().to_vec() }
        };
        puts.push(Put { path, content });
    }
    Ok(puts)
}

/// The tree that has these files, and all else of `parent`.
pub(super) fn put(repo: &Repository, parent: &Tree<'_>, puts: &[Put]) -> Result<Oid, RevertError> {
    let writing = || RevertError::writing("the tree that was chosen");
    let mut index = Index::new().map_err(GitError::reading("an index in memory"))?;
    index.read_tree(parent).map_err(GitError::reading("the tree of the parent"))?;
    // What goes makes room for what comes.
    for put in puts.iter().filter(|put| put.content == Content::Gone) {
        index.remove(Path::new(OsStr::from_bytes(&put.path)), 0).map_err(writing())?;
    }
    for put in puts {
        let (mode, id) = match &put.content {
            Content::Gone => continue,
            Content::Object { mode, id } => (*mode, Oid::from_str(id).map_err(GitError::reading("what was chosen"))?),
            Content::Bytes { mode, bytes } => (*mode, repo.blob(bytes).map_err(writing())?),
        };
        let path = String::from_utf8_lossy(&put.path);
        if in_the_way(&index, &path) {
            return Err(RevertError::InTheWay(path.into_owned()));
        }
        index.add(&index_entry(put.path.clone(), id, mode)).map_err(writing())?;
    }
    let made = index.write_tree_to(repo).map_err(writing())?;
    if made == parent.id() { Err(RevertError::NothingToDo) } else { Ok(made) }
}

/// What an index holds of a file.
pub(in crate::shell) fn index_entry(path: Vec<u8>, id: Oid, mode: u32) -> IndexEntry {
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path,
    }
}
