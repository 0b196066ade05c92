//! Lists the files of a tree.

use git2::{ObjectType, Oid, Repository, Tree};

use crate::shell::git::GitError;

/// The most files that are listed, and the deepest folder that is entered: beyond lies no source code.
const PATHS: usize = 1_000_000;
const DEPTH: usize = 128;

/// The tree of a commit.
pub(super) fn of(repo: &Repository, commit: Oid) -> Result<Tree<'_>, GitError> {
    let unread = || GitError::reading(format!("the tree of {commit}"));
    repo.find_commit(commit).map_err(unread())?.tree().map_err(unread())
}

/// Every file's path, sorted; invalid UTF-8 is replaced.
pub(super) fn paths(repo: &Repository, root: &Tree<'_>) -> Vec<String> {
    let mut paths: Vec<String> = files(repo, root).into_iter().map(|(path, _)| path).collect();
    paths.sort_unstable();
    paths
}

/// Every file's path and blob, in no order. Folders that a partial clone lacks are left out.
pub(super) fn files(repo: &Repository, root: &Tree<'_>) -> Vec<(String, Oid)> {
    let mut files = Vec::new();
    let mut open = vec![(String::new(), root.id(), 0)];
    while let Some((folder, id, depth)) = open.pop() {
        let Ok(tree) = repo.find_tree(id) else { continue };
        for entry in &tree {
            let path = format!("{folder}{}", String::from_utf8_lossy(entry.name_bytes()));
            match entry.kind() {
                Some(ObjectType::Tree) if depth < DEPTH => open.push((path + "/", entry.id(), depth + 1)),
                Some(ObjectType::Blob) if files.len() < PATHS => files.push((path, entry.id())),
                _ => {}
            }
        }
    }
    files
}
