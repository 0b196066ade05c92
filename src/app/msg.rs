//! What can happen to the screen.

use std::sync::Arc;

use super::effect::Ticket;
use super::failure::Failure;
use crate::engine::Snapshot;
use crate::remedy::Plan;
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
    /// A plan is ready to be reviewed.
    Planned(Ticket, Result<Box<Plan>, Failure>),
    /// A line of output of what is being executed.
    Output(Ticket, String),
    /// The execution ended; what was done, as sentences.
    Executed(Ticket, Result<Vec<String>, Failure>),
    /// Something failed that belongs to no ticket; shown as a notice.
    Failed(Failure),
    /// The engine stopped: what is shown grows no more.
    Stopped(Failure),
}
