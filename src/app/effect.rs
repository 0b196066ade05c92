//! What the screen asks the shell to do.

use std::sync::Arc;

use super::msg::Triaged;
use super::sheet::Sheet;
use crate::engine::GroupAsk;
use crate::remedy::advice::{Commission, Leave};
use crate::remedy::draft::Choice;
use crate::remedy::fix::Allowed;
use crate::remedy::standing::Act;
use crate::remedy::{Approved, Scope};
use crate::triage::Ruling;
use crate::units::SignatureId;

/// Names one piece of work, so that a late answer can be told from the awaited one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What was chosen of a draft, and what may be run on it.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The draft.
    pub sheet: Arc<Sheet>,
    /// What was chosen.
    pub choice: Choice,
    /// The patch of its plan.
    pub patch: String,
    /// What may be run.
    pub leave: Leave,
}

/// One thing for the shell to do. It answers with a [`Msg`](super::Msg).
#[derive(Clone, Debug)]
pub enum Effect {
    /// Show more of this signature, or of none: the next snapshots carry its chart and lines.
    Focus(Option<SignatureId>),
    /// Let the tail of the next snapshots hold every line (`true`), or those of the focus only.
    WholeTail(bool),
    /// Change the groups of signatures; the next snapshots show it.
    Group(GroupAsk),
    /// Find the change that caused this signature; answered by `Triaged`.
    Triage(Ticket, SignatureId),
    /// Prepare going back for this signature; answered by `Planned`.
    Plan(Ticket, SignatureId, Scope),
    /// Compute the plan of what was chosen of a draft; answered by `Composed`.
    Compose(Ticket, SignatureId, Arc<Sheet>, Box<Choice>),
    /// Hold what was chosen of a draft against the checks; answered by `Tried` and `Checked`.
    Check(Ticket, SignatureId, Box<Chosen>),
    /// Find out what the words of the changed files are; answered by `Highlighted`, file by file.
    Highlight(Ticket, Arc<Sheet>),
    /// Let the person edit this text in their own editor; answered by `Edited`.
    Edit(Ticket, String),
    /// Search for a fix for this signature by running a command that the person let run; answered by `Trying`
    /// and `Tried`, and by `Fixed`.
    Fix(Ticket, SignatureId, Box<Allowed>),
    /// Run the command that a person let run with the deploy, before it and without the first suspect; answered by
    /// `Trying`, `Tried` and `Reran`.
    Rerun(Ticket, Arc<Triaged>, Box<Allowed>),
    /// Have a fix for this signature written, as a person ordered it; answered by `Drafting`, and by `Fixed`.
    Draft(Ticket, SignatureId, Box<Commission>),
    /// Execute what was approved to heal this signature; answered by `Output` lines and `Executed`.
    Execute(Ticket, SignatureId, Box<Approved>),
    /// Record how going back by itself stands; where that fails, nothing may go back by itself.
    Standing(Act),
    /// Record what a person says of an error.
    Rule(Box<Ruling>),
    /// Run the command that is built with; answered by `BuildLine` and `Built`.
    Build,
    /// Stop this piece of work; its answer is no longer wanted.
    Cancel(Ticket),
    /// Put text on the clipboard (OSC 52), already made visible.
    Copy(String),
    /// Give the terminal back until the shell's user returns (Ctrl-Z).
    Suspend,
    /// Leave.
    Quit,
}
