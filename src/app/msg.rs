//! What can happen to the screen.

use std::sync::Arc;

use super::effect::Ticket;
use super::failure::Failure;
use super::place::BuildEnd;
use super::sheet::Prepared;
use super::sheet::syntax::Tokens;
use crate::engine::Snapshot;
use crate::remedy::Plan;
use crate::remedy::advice::Progress;
use crate::remedy::fix::{Check, Part, Report, Tried};
use crate::remedy::standing::Found;
use crate::triage::{Change, Ruling, Verdict};
use crate::units::{SignatureId, Timestamp};

/// A key, as far as the key table knows keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A printable character, shift already applied.
    Char(char),
    /// Control and a letter, in lower case.
    Ctrl(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
}

/// A finished triage.
#[derive(Clone, Debug)]
pub struct Triaged {
    /// The signature that was triaged.
    pub signature: SignatureId,
    /// What the evidence says.
    pub verdict: Verdict,
    /// The change that it was judged against.
    pub change: Arc<Change>,
}

/// What runs of the command came to for a verdict.
#[derive(Clone, Debug)]
pub struct Reran {
    /// The verdict that they left or moved.
    pub triaged: Triaged,
    /// What was seen, as a sentence.
    pub said: String,
}

/// What the search for a fix came to.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// In words.
    pub report: Report,
    /// What it found, if anything.
    pub prepared: Option<Prepared>,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted; never taken for keys.
    Paste(String),
    /// The terminal has this many columns and rows now.
    Resized(u16, u16),
    /// The engine has news.
    Snapshot(Box<Snapshot>),
    /// The clock, told once a second so that the header can count.
    Tick(Timestamp),
    /// A person said before what caused an error that is triaged now.
    Ruled(Box<Ruling>),
    /// A triage ended.
    Triaged(Ticket, Result<Box<Triaged>, Failure>),
    /// A rollback is ready to be reviewed.
    Planned(Ticket, Result<Box<Prepared>, Failure>),
    /// The plan of what was chosen of a draft is ready.
    Composed(Ticket, Result<Box<Plan>, Failure>),
    /// What was chosen of a draft was held against the checks.
    Checked(Ticket, Result<Vec<Check>, Failure>),
    /// The words of a file, by its index in the draft.
    Highlighted(Ticket, usize, Arc<Tokens>),
    /// The editor is closed; what it left.
    Edited(Ticket, Result<String, Failure>),
    /// A run of the search for a fix begins.
    Trying(Ticket, Part),
    /// A run of the search for a fix ended.
    Tried(Ticket, Tried),
    /// Something happened while a draft is made.
    Drafting(Ticket, Progress),
    /// The search for a fix ended, or the draft is made; where it found one, the draft is ready to be reviewed.
    Fixed(Ticket, Result<Box<Fixed>, Failure>),
    /// The runs of the command for a verdict ended.
    Reran(Ticket, Result<Box<Reran>, Failure>),
    /// What is found of the conditions on which it may go back by itself, and the signature that this would heal.
    Standing(Box<Found>, Option<SignatureId>),
    /// Somebody asked to stop going back by itself.
    StopAsked(String),
    /// A line of output of the command that is built with.
    BuildLine(String),
    /// The command that is built with ended.
    Built(Result<BuildEnd, Failure>),
    /// A line of output of what is being executed.
    Output(Ticket, String),
    /// The execution ended; what was done, as sentences.
    Executed(Ticket, Result<Vec<String>, Failure>),
    /// Something failed that belongs to no ticket; shown as a notice.
    Failed(Failure),
    /// The engine stopped: what is shown grows no more.
    Stopped(Failure),
}
