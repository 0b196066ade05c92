//! What the screen does: its state, the messages that change it, the effects that it asks for.
//!
//! Input: a [`Msg`]. Output: [`Effect`]s for the shell to perform. Pure: draws nothing (`view` does),
//! performs nothing (`shell` does), and reads no clock.

pub mod effect;
pub mod failure;
pub mod msg;

pub use effect::{Effect, Ticket};
pub use failure::{Failure, FailureKind};
pub use msg::{Key, Msg, Triaged};
