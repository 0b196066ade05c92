//! Masks what varies.
use super::{Event, Trace};
use crate::units::SignatureId;

/// What groups an event with the same event at other times.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    /// Its stable name.
    pub id: SignatureId,
    /// The message with its variables masked; never longer than [`TEMPLATE_BYTES`].
    pub template: String,
}

/// The longest template, in bytes.
pub const TEMPLATE_BYTES: usize = 1024;

/// The signature of a message that has no header (any more).
#[must_use]
pub fn of_message(message: &str) -> Signature {
    let _ = message;
    unimplemented!()
}

/// The signature of an event that is a stack trace.
#[must_use]
pub fn of_trace(trace: &Trace) -> Signature {
    let _ = trace;
    unimplemented!()
}

/// The fold of a message: e-mails and words that hold a digit become `0`.
#[must_use]
pub fn fold(message: &[u8]) -> Vec<u8> {
    let _ = message;
    unimplemented!()
}

fn _unused(_: &Event) {}
