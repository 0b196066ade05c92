//! The search for a fix: who finds it, what they may run, how far they are.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{DeployKey, Suspects, Work};
use crate::app::effect::Ticket;
use crate::app::failure::Failure;
use crate::app::msg::Triaged;
use crate::remedy::advice::{Brief, Commission, Progress, Spent};
use crate::remedy::fix::{Part, Report, Repro, Tried};
use crate::units::{Digest, SignatureId, Timestamp};

/// Lines of what an author says that are kept; the screen shows the last of them.
const LINES: usize = 200;

/// Runs that are kept; a search has fewer.
const RUNS: usize = 1_000;

/// What the command is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To find a fix.
    Fix,
    /// To see whether the error is older than the deploy, and goes with the first suspect.
    Verdict,
}

/// Runs of the command that shows the error, or what leads to them.
#[derive(Clone, Debug)]
pub struct Fixing {
    /// What it is for.
    pub purpose: Purpose,
    /// The signature that it shall heal.
    pub signature: SignatureId,
    /// The newest deploy when it was asked for.
    pub deploy: Option<DeployKey>,
    /// How far it is.
    pub step: FixStep,
    /// First row shown.
    pub top: usize,
    /// The suspects that it was reached from.
    pub from: Option<Box<Suspects>>,
}

/// How far the search for a fix is.
#[derive(Clone, Debug)]
pub enum FixStep {
    /// No command is configured, and nobody to be asked.
    Unset,
    /// Who finds it is chosen: the command (0), or one of those who can be asked.
    Choosing(usize),
    /// The command is on the screen; it did not run yet in this session.
    Asking(Repro),
    /// Who is asked and what is run on the draft is on the screen.
    Briefing(Box<Briefing>),
    /// It runs.
    Running(FixRun),
    /// A draft is made.
    Drafting(Box<DraftRun>),
    /// Nothing was found; why.
    Ended(Box<Report>),
    /// It failed.
    Failed(Failure),
}

impl FixStep {
    /// The ticket of the work that is under way.
    #[must_use]
    pub fn ticket(&self) -> Option<Ticket> {
        match self {
            Self::Running(run) => Some(run.ticket),
            Self::Drafting(run) => Some(run.ticket),
            Self::Briefing(briefing) => briefing.work.ticket(),
            Self::Unset | Self::Choosing(_) | Self::Asking(_) | Self::Ended(_) | Self::Failed(_) => None,
        }
    }
}

/// A draft that may be ordered.
#[derive(Clone, Debug)]
pub struct Briefing {
    /// Whom to ask, and what is run.
    pub brief: Brief,
    /// Its digest when it was put on the screen.
    pub digest: Digest,
    /// What the evidence says of the error.
    pub work: Work<Arc<Triaged>>,
    /// Why it is asked for against the evidence, as far as that is typed.
    pub typed: String,
}

/// Runs of the command.
#[derive(Clone, Debug)]
pub struct FixRun {
    /// The ticket of the answer.
    pub ticket: Ticket,
    /// When it began.
    pub since: Timestamp,
    /// What runs now.
    pub trying: Option<Part>,
    /// What ran, oldest first.
    pub tried: Vec<Tried>,
}

/// A draft that is made.
#[derive(Clone, Debug)]
pub struct DraftRun {
    /// The ticket of the answer.
    pub ticket: Ticket,
    /// When it began.
    pub since: Timestamp,
    /// What was ordered: who is asked, and what that may cost.
    pub commission: Commission,
    /// How often was asked.
    pub turn: u32,
    /// Whether a reply is awaited, and no command runs.
    pub is_asking: bool,
    /// Bytes of the reply that came.
    pub n_bytes: usize,
    /// What was spent so far.
    pub spent: Spent,
    /// The last lines that came, oldest first.
    pub lines: VecDeque<String>,
    /// What ran, oldest first.
    pub tried: Vec<Tried>,
    /// Why the search without a model answers instead, once it does.
    pub without: Option<String>,
}

impl DraftRun {
    /// A draft that was just ordered.
    #[must_use]
    pub fn new(ticket: Ticket, since: Timestamp, commission: Commission) -> Self {
        Self {
            ticket,
            since,
            commission,
            turn: 0,
            is_asking: false,
            n_bytes: 0,
            spent: Spent::default(),
            lines: VecDeque::new(),
            tried: Vec::new(),
            without: None,
        }
    }

    /// Takes note of what happens.
    pub fn note(&mut self, progress: Progress) {
        match progress {
            Progress::Asked { turn, .. } => {
                (self.turn, self.is_asking, self.n_bytes) = (turn, true, 0);
                self.lines.clear();
            }
            Progress::Received { n_bytes, lines, spent } => {
                (self.n_bytes, self.spent) = (n_bytes, spent);
                lines.into_iter().for_each(|line| self.push(line));
            }
            Progress::Answered(spent) => (self.spent, self.is_asking) = (spent, false),
            Progress::Said(line) => {
                self.n_bytes = self.n_bytes.saturating_add(line.len());
                self.push(line);
            }
            Progress::Tried(tried) => {
                self.is_asking = false;
                if self.tried.len() < RUNS {
                    self.tried.push(tried);
                }
            }
            Progress::Without(why) => {
                self.is_asking = false;
                self.without = Some(why);
            }
        }
    }

    fn push(&mut self, line: String) {
        self.lines.push_back(line);
        if self.lines.len() > LINES {
            self.lines.pop_front();
        }
    }
}

impl FixRun {
    /// Takes note of a run that ended.
    pub fn note(&mut self, tried: Tried) {
        if self.tried.len() < RUNS {
            self.trying = None;
            self.tried.push(tried);
        }
    }
}
