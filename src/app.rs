//! What the screen does: its state, the messages that change it, the effects that it asks for.
//!
//! Input: a [`Msg`]. Output: [`Effect`]s for the shell to perform. Pure: draws nothing (`view` does),
//! performs nothing (`shell` does), and reads no clock.
//!
//! The parts: `state` is what is shown, `place` where in the loop the person is, `update` changes
//! both, `keymap` says what each key means, `layout` which panel lies where, `sheet` lays a draft out to be
//! read, `desk` holds what was chosen of it, `patch` reads a unified diff, `tail` and `search` what their
//! names say, `notice` what the person is told.

pub mod desk;
pub mod effect;
pub mod failure;
pub mod help;
pub mod keymap;
pub mod layout;
pub mod msg;
pub mod notice;
pub mod patch;
pub mod place;
mod refusal;
pub mod search;
pub mod sheet;
pub mod state;
pub mod tail;
pub mod update;

pub use effect::{Chosen, Effect, Ticket};
pub use failure::{Failure, FailureKind};
pub use keymap::{Action, Context};
pub use msg::{Fixed, Key, Msg, Reran, Triaged};
pub use notice::{Notice, Weight};
pub use place::Place;
pub use state::{Options, State};
pub use update::update;
