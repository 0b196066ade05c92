//! What would be done, exactly as it is shown.

use serde::Serialize;

use super::safety::{Concern, Hazard};
use crate::triage::HunkId;
use crate::units::Digest;

/// How much of the deploy is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything in the range.
    Range,
    /// Only these hunks.
    Hunks(Vec<HunkId>),
}

/// One command that would be run, as an argument list; never a shell line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// What it does, for the person who reads it.
    pub does: String,
    /// Whether aftercare runs it after approval; otherwise it is for the person to run.
    pub runs: bool,
}

/// A rollback, ready to be reviewed.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The service it is for.
    pub service: String,
    /// How much it takes back.
    pub scope: Scope,
    /// Full id of the revision that is taken back to.
    pub base: String,
    /// Full id of the revision that is taken back.
    pub head: String,
    /// Full id of the commit it is made on: `head`, or the tip of the branch where that moved on.
    pub parent: String,
    /// Full id of the tree that the new commit will have.
    pub tree: String,
    /// The branch that will be made: `aftercare/rollback-<short id>`.
    pub branch: String,
    /// Message of the new commit.
    pub message: String,
    /// Unified diff from `parent` to the new commit.
    pub patch: String,
    /// What to know before doing it, most dangerous first.
    pub concerns: Vec<Concern>,
    /// What follows, in order.
    pub steps: Vec<Step>,
}

impl Plan {
    /// The most dangerous level among the concerns.
    #[must_use]
    pub fn level(&self) -> Hazard {
        self.concerns.iter().map(|concern| concern.level).max().unwrap_or(Hazard::Green)
    }

    /// The digest of everything that will be done: revisions, tree, branch, message, patch and commands.
    #[must_use]
    pub fn digest(&self) -> Digest {
        unimplemented!()
    }
}
