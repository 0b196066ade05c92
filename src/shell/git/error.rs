//! What can go wrong with a repository.

use std::path::{Path, PathBuf};

/// Why a repository could not be read.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// No repository at this path nor above it.
    #[error("{} is not inside a git repository", .0.display())]
    NotARepository(PathBuf),
    /// The repository belongs to another user, and git's own rule forbids reading it.
    #[error("the repository at {} belongs to another user", .0.display())]
    NotOwned(PathBuf),
    /// The repository has no commit yet.
    #[error("the repository has no commits yet")]
    NoCommits,
    /// What was given as a range is none.
    #[error("{0:?} is not a range of two revisions, such as v1.8.1..v1.8.2")]
    NotARange(String),
    /// No branch, tag or commit has this name.
    #[error("no branch, tag or commit is named {0:?}")]
    UnknownRevision(String),
    /// The revision may exist, but the clone is shallow and does not hold it.
    #[error("{0:?} is not in this clone, which is shallow")]
    BeyondShallow(String),
    /// A short id that several objects share.
    #[error("{0:?} is short for several objects")]
    Ambiguous(String),
    /// The name leads to something other than a commit.
    #[error("{0:?} is not a commit")]
    NotACommit(String),
    /// The repository holds damaged, missing or unreadable data.
    #[error("cannot read {what}")]
    Unreadable {
        /// What was to be read.
        what: String,
        /// What libgit2 says.
        #[source]
        source: git2::Error,
    },
}

impl GitError {
    /// Says what was to be read when libgit2 failed; fit for `map_err`.
    pub fn reading(what: impl Into<String>) -> impl FnOnce(git2::Error) -> Self {
        let what = what.into();
        move |source| Self::Unreadable { what, source }
    }

    /// Says why the repository at this path could not be opened.
    #[must_use]
    pub fn opening(path: &Path, source: git2::Error) -> Self {
        match source.code() {
            git2::ErrorCode::NotFound => Self::NotARepository(path.to_owned()),
            git2::ErrorCode::Owner => Self::NotOwned(path.to_owned()),
            _ => Self::Unreadable { what: format!("the repository at {}", path.display()), source },
        }
    }
}
