//! Evidence from an error that a test waited for and that never came.
//!
//! What raises no more lost a check, or leaves before it. Code that was only added, and neither returns nor
//! catches, keeps nothing from being raised.

use super::sheet::Piece;
use crate::triage::Symptom;
use crate::triage::syntax::start_of;

/// How much of the text is read.
const BYTES: usize = 60_000;

/// Ways in which test runners say it, in lower case.
const SAID: &[&str] = &[
    "did not raise",
    "not raised",
    "expected but nothing was raised",
    "missing expected exception",
    "missing expected rejection",
    "expected exception:",
    "to throw an error",
    "did not throw",
    "was not thrown",
    "to be thrown, but nothing was thrown",
    "test did not panic as expected",
    "function did not throw",
];
/// Words that can keep what follows from being reached, or what was raised from being seen.
const LEAVES: &[&str] = &[
    "return", "except", "catch", "rescue", "continue", "break", "next", "else", "elif", "elsif", "suppress", "ensure",
    "finally",
];

/// Whether the symptom is that an error never came.
pub(super) fn is_unraised(symptom: &Symptom) -> bool {
    let text = start_of(&symptom.text, BYTES).to_ascii_lowercase();
    SAID.iter().any(|said| text.contains(said)) || text.contains("failed asserting that exception of type")
}

/// Whether the hunk can keep an error from being raised.
pub(super) fn can_prevent(piece: &Piece<'_>) -> bool {
    !piece.hunk.removed.is_empty() || LEAVES.iter().any(|word| piece.added.contains(word))
}
