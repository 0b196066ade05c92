//! Verdicts for tests.

use super::{Confidence, HunkId, Suspect, Verdict};

/// A verdict with the first line of this file for its suspect, or with none.
pub(super) fn verdict(is_runtime: bool, causal_link: bool, confidence: Confidence, suspect: Option<&str>) -> Verdict {
    let suspects = suspect.map(|file| Suspect {
        file: file.to_owned(),
        start: 1,
        end: 1,
        score: 1.0,
        reasons: Vec::new(),
        against: Vec::new(),
        hunk: HunkId(0),
    });
    Verdict {
        is_runtime_change: is_runtime,
        causal_link,
        confidence,
        evidence_summary: "It is so.".to_owned(),
        changed_files: Vec::new(),
        suspects: suspects.into_iter().collect(),
    }
}
