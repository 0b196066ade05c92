//! Where in the loop the person is. A place holds the place that Esc goes back to.

mod building;
mod fixing;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::desk::Desk;
use super::effect::Ticket;
use super::failure::Failure;
use super::layout::Page;
use super::msg::Triaged;
use super::patch::Patch;
use super::search::Search;
use crate::remedy::advice::Leave;
use crate::remedy::draft::Origin;
use crate::remedy::{Plan, Scope};
use crate::triage::{HunkId, Suspect};
use crate::units::{Digest, SignatureId, Timestamp};

pub use building::{BuildEnd, BuildPhase, Building, Built};
pub use fixing::{Briefing, DraftRun, FixRun, FixStep, Fixing, Purpose};

/// How many lines of output are kept.
pub const OUTPUT_LINES: usize = 2_000;

/// The longest line of output that is kept, in bytes.
const OUTPUT_BYTES: usize = 4_096;

/// Where in the loop the person is.
#[derive(Clone, Debug)]
pub enum Place {
    /// At list, chart and tail.
    Watching,
    /// Among the suspects of one signature.
    Suspects(Box<Suspects>),
    /// At the search for a fix.
    Fix(Box<Fixing>),
    /// At the review of a draft.
    Review(Box<Review>),
    /// At the approval of the plan that was reviewed.
    Approval(Box<Approval>),
    /// At what is, or was, executed.
    Execution,
    /// At the details; holds the first row shown.
    Details(usize),
    /// At how the selected signature was made; holds the first row shown.
    Making(usize),
}

impl Place {
    /// How the screen is divided here.
    #[must_use]
    pub fn page(&self) -> Page {
        match self {
            Self::Watching => Page::Watching,
            Self::Suspects(_) => Page::Suspects,
            Self::Review(_) => Page::Review,
            Self::Fix(_) | Self::Approval(_) | Self::Execution | Self::Details(_) | Self::Making(_) => Page::Whole,
        }
    }

    /// The suspects, where the person is among them.
    #[must_use]
    pub fn into_suspects(self) -> Option<Box<Suspects>> {
        match self {
            Self::Suspects(suspects) => Some(suspects),
            Self::Watching
            | Self::Fix(_)
            | Self::Review(_)
            | Self::Approval(_)
            | Self::Execution
            | Self::Details(_)
            | Self::Making(_) => None,
        }
    }

    /// The review, where the person is at one.
    #[must_use]
    pub fn review(&self) -> Option<&Review> {
        match self {
            Self::Review(review) => Some(review),
            Self::Watching
            | Self::Suspects(_)
            | Self::Fix(_)
            | Self::Approval(_)
            | Self::Execution
            | Self::Details(_)
            | Self::Making(_) => None,
        }
    }
}

/// A piece of work that the shell was asked for.
#[derive(Clone, Debug)]
pub enum Work<T> {
    /// Asked for; the answer carries this ticket.
    Running(Ticket),
    /// Answered.
    Ready(T),
    /// Answered with a failure.
    Failed(Failure),
}

impl<T> Work<T> {
    /// The answer, once there is one.
    #[must_use]
    pub fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(answer) => Some(answer),
            Self::Running(_) | Self::Failed(_) => None,
        }
    }

    /// The ticket, while the answer is awaited.
    #[must_use]
    pub fn ticket(&self) -> Option<Ticket> {
        match self {
            Self::Running(ticket) => Some(*ticket),
            Self::Ready(_) | Self::Failed(_) => None,
        }
    }
}

/// Which deploy something was made for: its time and version.
pub type DeployKey = (Timestamp, String);

/// The suspects of one signature.
#[derive(Clone, Debug)]
pub struct Suspects {
    /// The signature.
    pub signature: SignatureId,
    /// The newest deploy when the triage was asked for.
    pub deploy: Option<DeployKey>,
    /// The triage.
    pub work: Work<Arc<Triaged>>,
    /// Index of the selected suspect.
    pub selected: usize,
    /// The hunks to be taken back when not everything is.
    pub marked: BTreeSet<HunkId>,
    /// First row shown of the details of the selected suspect.
    pub top: usize,
    /// Columns scrolled off to the left in the details.
    pub shift: u16,
    /// Whether the keys go to the details, and not to the list.
    pub in_detail: bool,
}

impl Suspects {
    /// The suspects found; none while the triage runs.
    #[must_use]
    pub fn all(&self) -> &[Suspect] {
        self.work.ready().map_or(&[], |triaged| &triaged.verdict.suspects)
    }

    /// The suspect that is selected.
    #[must_use]
    pub fn current(&self) -> Option<&Suspect> {
        self.all().get(self.selected)
    }

    /// The hunks that are meant when not everything is taken back: the marked ones, or else the selected.
    #[must_use]
    pub fn hunks(&self) -> Vec<HunkId> {
        if self.marked.is_empty() {
            return self.current().map(|suspect| suspect.hunk).into_iter().collect();
        }
        self.marked.iter().copied().collect()
    }
}

/// What is reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Going back.
    Rollback {
        /// How much is taken back.
        scope: Scope,
        /// The hunks that would be taken back when not everything is; empty when no suspect is known.
        hunks: Vec<HunkId>,
    },
    /// A fix that was found.
    Fix,
}

/// The panels of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewPanel {
    /// The files.
    Files,
    /// Their lines.
    Diff,
    /// Why each hunk is there, the checks, the dangers, and what follows.
    About,
}

/// The review of a draft.
#[derive(Clone, Debug)]
pub struct Review {
    /// The signature that it shall heal.
    pub signature: SignatureId,
    /// The newest deploy when the draft was asked for.
    pub deploy: Option<DeployKey>,
    /// What is reviewed.
    pub subject: Subject,
    /// The draft.
    pub work: Work<Box<Desk>>,
    /// Which panel has the keys.
    pub panel: ReviewPanel,
    /// First row shown of what is told about the draft.
    pub about_top: usize,
    /// The suspects that it was reached from.
    pub from: Option<Box<Suspects>>,
    /// Where it was reached otherwise, the suspects where they are known, for what the evidence says of each hunk.
    pub beside: Option<Box<Suspects>>,
    /// What was searched for before.
    pub search: Search,
    /// What may be run on what is chosen of it.
    pub leave: Option<Leave>,
}

impl Review {
    /// The suspects that it was reached from, or that were known before.
    #[must_use]
    pub fn suspects(&self) -> Option<&Suspects> {
        self.from.as_deref().or(self.beside.as_deref())
    }

    /// The same, to take an answer.
    pub fn suspects_mut(&mut self) -> Option<&mut Suspects> {
        self.from.as_deref_mut().or(self.beside.as_deref_mut())
    }
}

/// A plan as it is on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The ticket that it answered; a second answer to it is a change of what is shown.
    pub ticket: Ticket,
    /// The plan.
    pub plan: Plan,
    /// The digest of the plan when it was put on the screen.
    pub digest: Digest,
    /// The lines of its patch.
    pub patch: Patch,
}

impl Shown {
    /// Puts a plan on the screen.
    #[must_use]
    pub fn new(ticket: Ticket, plan: Plan) -> Self {
        let (digest, patch) = (plan.digest(), Patch::read(&plan.patch));
        Self { ticket, plan, digest, patch }
    }

    /// The word that must be typed; see [`approval::word`](crate::remedy::approval::word).
    #[must_use]
    pub fn word(&self) -> &str {
        crate::remedy::approval::word(&self.plan)
    }
}

/// The approval of a plan.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The review that it was reached from.
    pub review: Review,
    /// The plan, as it was shown there.
    pub shown: Shown,
    /// The word typed so far.
    pub typed: String,
    /// First row shown.
    pub top: usize,
}

impl Approval {
    /// How many accepted lines were never on the screen.
    #[must_use]
    pub fn n_unseen(&self) -> usize {
        self.review.work.ready().map_or(0, |desk| desk.n_unseen())
    }
}

/// How an execution stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It runs.
    Running,
    /// It is done; what was done, as sentences.
    Done(Vec<String>),
    /// It failed.
    Failed(Failure),
}

/// What is, or was, executed.
#[derive(Clone, Debug)]
pub struct Execution {
    /// Its ticket.
    pub ticket: Ticket,
    /// When it was approved.
    pub since: Timestamp,
    /// The service.
    pub service: String,
    /// Who proposed the remedy.
    pub origin: Origin,
    /// The branch that it makes.
    pub branch: String,
    /// Whether the branch is all that it makes: nothing is pushed or deployed.
    pub only_branch: bool,
    /// The digest that was approved.
    pub digest: Digest,
    /// Who approved it.
    pub by: String,
    /// How it stands.
    pub phase: Phase,
    /// Its output, oldest first; at most [`OUTPUT_LINES`].
    pub output: VecDeque<String>,
    /// How many older lines of output were dropped.
    pub dropped: u64,
    /// First row shown; `None` while the end is.
    pub top: Option<usize>,
    /// Columns scrolled off to the left.
    pub shift: u16,
}

impl Execution {
    /// Takes a line of output, cut where it is overlong; the oldest goes when there are too many.
    pub fn push(&mut self, line: String) {
        self.output.push_back(cut(line));
        if self.output.len() > OUTPUT_LINES {
            self.output.pop_front();
            self.dropped += 1;
        }
    }
}

/// A line of output, cut where it is overlong.
fn cut(mut line: String) -> String {
    if line.len() > OUTPUT_BYTES {
        line.truncate(line.floor_char_boundary(OUTPUT_BYTES));
        line.push('…');
    }
    line
}
