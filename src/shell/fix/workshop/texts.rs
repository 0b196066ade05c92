//! Builds the deployed tree with other files, and tells what of it differs.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{DiffOptions, Index, Oid};

use super::Workshop;
use crate::shell::git::GitError;
use crate::shell::git::revert::{RevertError, index_entry};

/// Mode of an ordinary file.
const FILE: u32 = 0o100_644;

/// Lines of the deployed file that a patch replaces: path, first and last, from 1.
pub(in crate::shell) type Replaced = (String, u32, u32);

impl Workshop {
    /// Builds the deployed tree with these contents; `None` deletes a file. A file keeps its mode.
    pub(in crate::shell) fn with_texts(
        &self,
        contents: &BTreeMap<String, Option<Vec<u8>>>,
    ) -> Result<Oid, RevertError> {
        let writing = || RevertError::writing("the tree of a draft");
        let (head, base) = (self.tree_of(self.head)?, self.tree_of(self.base).ok());
        let mut index = Index::new().map_err(GitError::reading("an index in memory"))?;
        index.read_tree(&head).map_err(GitError::reading("the deployed tree"))?;
        for (path, content) in contents {
            let Some(content) = content else {
                index.remove(Path::new(path), 0).map_err(writing())?;
                continue;
            };
            let known = index.get_path(Path::new(path), 0).map(|entry| entry.mode);
            let before = || {
                let mode = base.as_ref()?.get_path(Path::new(path)).ok()?.filemode();
                u32::try_from(mode).ok()
            };
            if known.is_none() && is_in_the_way(&index, path) {
                return Err(RevertError::InTheWay(path.clone()));
            }
            let mode = known.or_else(before).unwrap_or(FILE);
            let id = self.store.blob(content).map_err(writing())?;
            index.add(&index_entry(path.as_bytes().to_vec(), id, mode)).map_err(writing())?;
        }
        index.write_tree_to(&self.store).map_err(writing())
    }

    /// The text of a deployed file, where it is one.
    pub(in crate::shell) fn text(&self, path: &str) -> Option<String> {
        let entry = self.tree_of(self.head).ok()?.get_path(Path::new(path)).ok()?;
        let blob = self.store.find_blob(entry.id()).ok().filter(|blob| !blob.is_binary())?;
        String::from_utf8(blob.content().to_vec()).ok()
    }

    /// Which lines of the deployed files a tree replaces, in order of path and line; for pure insertions
    /// the lines between which they stand.
    pub(in crate::shell) fn replaced(&self, tree: Oid) -> Result<Vec<Replaced>, RevertError> {
        let reading = || GitError::reading("what the draft changes");
        let (head, tree) = (self.tree_of(self.head)?, self.store.find_tree(tree).map_err(reading())?);
        let mut options = DiffOptions::new();
        options.context_lines(0);
        let diff = self.store.diff_tree_to_tree(Some(&head), Some(&tree), Some(&mut options)).map_err(reading())?;
        let mut found: Vec<Replaced> = Vec::new();
        let mut take = |delta: git2::DiffDelta<'_>, hunk: git2::DiffHunk<'_>| {
            let path = delta.old_file().path_bytes().or(delta.new_file().path_bytes()).unwrap_or_default();
            let (start, n_lines) = (hunk.old_start(), hunk.old_lines());
            let lines = match n_lines {
                0 => (start.max(1), start.saturating_add(1)),
                n_lines => (start, start.saturating_add(n_lines - 1)),
            };
            found.push((String::from_utf8_lossy(path).into_owned(), lines.0, lines.1));
            true
        };
        diff.foreach(&mut |_, _| true, None, Some(&mut take), None).map_err(reading())?;
        Ok(found)
    }
}

/// Whether a file at this path would replace a folder, or stand below a file.
fn is_in_the_way(index: &Index, path: &str) -> bool {
    let mut above = Path::new(path).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    above.any(|folder| index.get_path(folder, 0).is_some()) || index.find_prefix(format!("{path}/")).is_ok()
}
