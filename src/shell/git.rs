//! Reads and writes git repositories through libgit2; blocking, so never on the UI thread.

pub mod error;
pub mod history;
pub mod read;
pub mod revert;

pub use error::GitError;

use crate::app::{Failure, FailureKind};

impl GitError {
    /// The error as the user is told, with what to do about it.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let (kind, hint) = match self {
            Self::NotARepository(_) => (FailureKind::User, "Name the repository with --repo DIR."),
            Self::NotOwned(_) => {
                (FailureKind::External, "Add it to git's safe.directory setting, if you trust its owner.")
            }
            Self::NoCommits => (FailureKind::User, "Commit something, or name another repository with --repo DIR."),
            Self::NotARange(_) => (FailureKind::User, "Write the range as v1.8.1..v1.8.2."),
            Self::UnknownRevision(_) => (FailureKind::User, "Check the name, or fetch it with `git fetch --tags`."),
            Self::BeyondShallow(_) => (FailureKind::User, "Fetch it with `git fetch --unshallow`."),
            Self::Ambiguous(_) => (FailureKind::User, "Give more digits of the id."),
            Self::NotACommit(_) => (FailureKind::User, "Name a branch, a tag or a commit."),
            Self::Unreadable { .. } => (FailureKind::External, "Check the repository with `git fsck`."),
        };
        Failure::of(kind, self, hint)
    }
}
