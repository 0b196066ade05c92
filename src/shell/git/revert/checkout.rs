//! Checks the new commit out in a folder of its own.

use std::path::{Path, PathBuf};

use git2::{BranchType, Repository, WorktreeAddOptions, WorktreePruneOptions};
use tempfile::TempDir;

use super::{Committed, GitError, RevertError, read};

/// What the names of the worktrees made here start with.
const PREFIX: &str = "aftercare-";

/// A worktree that holds the new commit; gone, with its folder, when dropped.
pub struct Checkout {
    repo: Repository,
    name: String,
    path: PathBuf,
    // Removed after the worktree was.
    folder: TempDir,
}

impl Checkout {
    /// Checks a branch out in a fresh folder within `folder`, which is made where it is missing.
    ///
    /// # Errors
    ///
    /// When the folder or the worktree cannot be made: the disk is full, or the branch is checked
    /// out elsewhere.
    pub fn of(repo_path: &Path, committed: &Committed, folder: &Path) -> Result<Self, RevertError> {
        let repo = read::open(repo_path)?;
        forget_vanished(&repo);
        let no_folder = |source| RevertError::NoFolder { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(no_folder)?;
        let temporary = tempfile::Builder::new().prefix("checkout-").tempdir_in(folder).map_err(no_folder)?;
        let unique = temporary.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = format!("{PREFIX}{}", unique.trim_start_matches("checkout-"));
        let path = temporary.path().join("work");
        {
            let branch = repo
                .find_branch(&committed.branch, BranchType::Local)
                .map_err(GitError::reading(format!("the branch {}", committed.branch)))?;
            let mut options = WorktreeAddOptions::new();
            options.reference(Some(branch.get()));
            repo.worktree(&name, &path, Some(&options))
                .map_err(RevertError::writing("a worktree for the new commit"))?;
        }
        Ok(Self { repo, name, path, folder: temporary })
    }

    /// The folder that holds the files.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        prune(&self.repo, &self.name);
        // The rest of the folder goes with it; what cannot be removed is left to the system.
        let _ = std::fs::remove_dir_all(self.folder.path());
    }
}

fn prune(repo: &Repository, name: &str) {
    let mut options = WorktreePruneOptions::new();
    options.valid(true).working_tree(true);
    // A worktree that cannot be removed now is forgotten once its folder is gone.
    let _ = repo.find_worktree(name).and_then(|worktree| worktree.prune(Some(&mut options)));
}

/// Forgets worktrees of earlier runs that were killed and whose folder is gone.
fn forget_vanished(repo: &Repository) {
    let Ok(names) = repo.worktrees() else { return };
    for name in names.iter().flatten().flatten().filter(|name| name.starts_with(PREFIX)) {
        let vanished = repo.find_worktree(name).is_ok_and(|worktree| !worktree.path().exists());
        if vanished {
            let mut options = WorktreePruneOptions::new();
            let _ = repo.find_worktree(name).and_then(|worktree| worktree.prune(Some(&mut options)));
        }
    }
}
