//! Finds out which repository and which range a command was given; the range may end at the work tree.

use std::io::Write as _;
use std::path::PathBuf;

use crate::app::Failure;
use crate::shell::cli::Asked;
use crate::shell::git::read::{self, Range};
use crate::shell::git::worktree::{WorkTree, read_work_tree};

/// What stands at the end of a range for what lies in the work tree now, committed or not.
pub const WORK_TREE: &str = "work-tree";

/// What a command is asked about.
pub struct Deployed {
    /// A path within the repository that holds both revisions: the user's, or a throw-away one that borrows its objects.
    pub repo: PathBuf,
    /// The revisions.
    pub range: Range,
    // The throw-away repository goes with it.
    _work_tree: Option<WorkTree>,
}

impl Deployed {
    /// Reads the range; where it ends at the work tree, that is read as if it had been committed.
    ///
    /// # Errors
    ///
    /// When there is no such range, or the work tree cannot be read.
    pub fn of(asked: &Asked) -> Result<Self, Failure> {
        let range = Range::parse(&asked.range).map_err(|error| error.failure())?;
        if range.head != WORK_TREE {
            return Ok(Self { repo: asked.repo.clone(), range, _work_tree: None });
        }
        let users = read::open(&asked.repo).map_err(|error| error.failure())?;
        let base = read::resolve(&users, &range.base).map_err(|error| error.failure())?;
        let work_tree = read_work_tree(&asked.repo).map_err(|error| error.failure())?;
        if work_tree.n_left_out > 0 {
            let said = format!("{} unknown files were left out for their size or number", work_tree.n_left_out);
            // A closed standard error is no reason to stop.
            drop(writeln!(std::io::stderr().lock(), "{said}"));
        }
        let repo = work_tree.repo.path().to_path_buf();
        let range = Range { base, head: work_tree.commit.clone(), from_fork: range.from_fork };
        Ok(Self { repo, range, _work_tree: Some(work_tree) })
    }
}
