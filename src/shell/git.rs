//! Reads and writes git repositories through libgit2; blocking, so never on the UI thread.

pub mod approvals;
pub mod error;
pub mod history;
pub mod read;
pub mod revert;
pub mod worktree;

pub use error::GitError;

use crate::app::{Failure, FailureKind};
use crate::shell::git::revert::RevertError;

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

impl RevertError {
    /// The error as the user is told, with what to do about it.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let (kind, hint) = match self {
            Self::Git(error) => return error.failure(),
            Self::Plan(_) => (FailureKind::Config, "Correct deploy.command in the configuration."),
            Self::NothingBefore => (FailureKind::User, "Mark the deploy with the revision before: --previous REV."),
            Self::NothingToDo => (FailureKind::User, "Nothing needs to be done."),
            Self::NotOnBranch { .. } => (FailureKind::User, "Name the deployed branch with --follow or --branch."),
            Self::Conflict(_) => {
                (FailureKind::User, "Take back the suspect hunks alone, or revert by hand with `git revert`.")
            }
            Self::NoSuchHunk(_) | Self::Stale(_) | Self::Moved { .. } | Self::Changed | Self::NotAsApproved(_) => {
                (FailureKind::User, "Go back and prepare it again.")
            }
            Self::NotApplying(_) => (FailureKind::User, "Ask for another one."),
            Self::InTheWay(_) => (FailureKind::User, "Take back the whole range instead."),
            Self::TooLarge(_) => (FailureKind::User, "Take back the suspect hunks alone, or revert by hand."),
            Self::BranchExists(_) => (FailureKind::User, "Remove or rename that branch, and approve again."),
            Self::NoAuthor(_) => (FailureKind::User, "Name the person with --as \"NAME <EMAIL>\"."),
            Self::Unwritable { .. } => (FailureKind::External, "Check the rights and the room of the repository."),
            Self::NoFolder { .. } => (FailureKind::External, "Check the rights and the room of the state folder."),
        };
        Failure::of(kind, self, hint)
    }
}
