//! Collects evidence for each hunk, and ranks.

use super::{Change, Symptom, Verdict};

/// Judges whether the change caused the symptom, and which hunk did.
#[must_use]
pub fn judge(symptom: &Symptom, change: &Change) -> Verdict {
    let _ = (symptom, change);
    unimplemented!()
}
