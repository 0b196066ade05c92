//! A build, test or container command on the screen: its output as it comes, and what its failure comes to.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{OUTPUT_LINES, cut};
use crate::app::failure::Failure;
use crate::app::msg::Triaged;
use crate::triage::Diagnostic;
use crate::units::{SignatureId, Timestamp};

/// What a command that failed comes to.
#[derive(Clone, Debug)]
pub struct Built {
    /// How it ended, as the end of a sentence about it.
    pub ending: String,
    /// Whether it passed and failed with the same files.
    pub is_flaky: bool,
    /// Its errors, each an event with a signature.
    pub diagnostics: Vec<Diagnostic>,
    /// The error that was judged.
    pub signature: SignatureId,
    /// The verdict on it; `None` where there is nothing to compare with.
    pub triaged: Option<Arc<Triaged>>,
    /// The revision compared with, in words.
    pub since: String,
    /// Files that differ from it.
    pub n_files: usize,
    /// Whether some of the changes are not committed.
    pub has_changes: bool,
}

/// How a command stands.
#[derive(Clone, Debug)]
pub enum BuildPhase {
    /// It runs.
    Running,
    /// It succeeded; whether it is flaky.
    Passed(bool),
    /// It failed.
    Failed(Box<Built>),
    /// It could not be run, or explained.
    Broken(Failure),
}

/// How a command ended.
#[derive(Clone, Debug)]
pub enum BuildEnd {
    /// It succeeded; whether it is flaky.
    Passed(bool),
    /// It failed.
    Failed(Box<Built>),
}

/// A command on the screen.
#[derive(Clone, Debug)]
pub struct Building {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// When it was started.
    pub since: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How it stands.
    pub phase: BuildPhase,
    /// Its output, oldest first; at most [`OUTPUT_LINES`].
    pub output: VecDeque<String>,
    /// How many older lines were dropped.
    pub dropped: u64,
    /// First row shown; `None` while the end is.
    pub top: Option<usize>,
    /// Columns scrolled off to the left.
    pub shift: u16,
}

impl Building {
    /// A command that begins.
    #[must_use]
    pub fn new(argv: Vec<String>, since: Timestamp) -> Self {
        Self {
            argv,
            since,
            ended: None,
            phase: BuildPhase::Running,
            output: VecDeque::new(),
            dropped: 0,
            top: None,
            shift: 0,
        }
    }

    /// Whether it runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.phase, BuildPhase::Running)
    }

    /// What its failure comes to.
    #[must_use]
    pub fn built(&self) -> Option<&Built> {
        match &self.phase {
            BuildPhase::Failed(built) => Some(built),
            BuildPhase::Running | BuildPhase::Passed(_) | BuildPhase::Broken(_) => None,
        }
    }

    /// Takes a line of output, cut where it is overlong; the oldest goes when there are too many.
    pub fn push(&mut self, line: String) {
        self.output.push_back(cut(line));
        if self.output.len() > OUTPUT_LINES {
            self.output.pop_front();
            self.dropped += 1;
        }
    }
}
