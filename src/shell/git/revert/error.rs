//! What can go wrong with going back.

use std::io;
use std::path::PathBuf;

use super::GitError;
use crate::remedy::plan::PlanError;

/// Why a rollback cannot be planned or made.
#[derive(Debug, thiserror::Error)]
pub enum RevertError {
    /// The repository cannot be read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The deploy command is wrong.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The deploy was the first: there is no revision to go back to.
    #[error("nothing was deployed before, so there is nothing to go back to")]
    NothingBefore,
    /// The result would be what is there already.
    #[error("there is nothing to take back: the result is what is already there")]
    NothingToDo,
    /// The branch that is said to be deployed does not contain the deploy.
    #[error("the branch {branch:?} does not contain the deployed commit {head}")]
    NotOnBranch {
        /// The branch.
        branch: String,
        /// Full id of the deployed commit.
        head: String,
    },
    /// Later commits changed the same lines.
    #[error("later commits changed the same lines of {}", list(.0))]
    Conflict(Vec<String>),
    /// The change has no such hunk.
    #[error("the deploy has no hunk h{0}")]
    NoSuchHunk(u32),
    /// A file of the repository is not what the change says it is.
    #[error("{0:?} is not as the change says; read the range again")]
    Stale(String),
    /// A file would stand where a folder stands, or the reverse.
    #[error("{0:?} cannot come back alone: a file stands where a folder should, or the reverse")]
    InTheWay(String),
    /// The patch is too large to be shown, so it cannot be approved.
    #[error("the patch is larger than {0} MiB, too large to be reviewed")]
    TooLarge(usize),
    /// A patch does not apply to the deployed revision.
    #[error("the patch does not apply to the deployed revision")]
    NotApplying(#[source] git2::Error),
    /// The branch moved between plan and approval.
    #[error("the branch moved from {planned} to {now} since the plan was made")]
    Moved {
        /// Full id of the commit that was planned on.
        planned: String,
        /// Full id of the commit that is there now.
        now: String,
    },
    /// The folder's files changed between plan and approval.
    #[error("the files in the folder changed since the plan was made")]
    Changed,
    /// Computing it again gave something else than was approved.
    #[error("{0} is not as it was approved")]
    NotAsApproved(&'static str),
    /// A branch of that name holds something else.
    #[error("the branch {0:?} exists with other content")]
    BranchExists(String),
    /// The person's name or address cannot stand in a commit.
    #[error("{0:?} cannot be the author of a commit")]
    NoAuthor(String),
    /// The repository cannot be written.
    #[error("cannot write {what}")]
    Unwritable {
        /// What was to be written.
        what: &'static str,
        /// What libgit2 says.
        #[source]
        source: git2::Error,
    },
    /// The folder for the checkout cannot be made.
    #[error("cannot make a folder for the checkout in {}", .path.display())]
    NoFolder {
        /// Where it was to be.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl RevertError {
    /// Says what was to be written when libgit2 failed; fit for `map_err`.
    pub(in crate::shell) fn writing(what: &'static str) -> impl FnOnce(git2::Error) -> Self {
        move |source| Self::Unwritable { what, source }
    }
}

/// The first few paths, and how many more there are.
fn list(paths: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut text: Vec<String> = paths.iter().take(SHOWN).map(|path| format!("{path:?}")).collect();
    if paths.len() > SHOWN {
        text.push(format!("{} more", paths.len() - SHOWN));
    }
    text.join(", ")
}
