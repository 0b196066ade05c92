//! Glyphs, words and roles of what was found, so that every panel says it alike.

use super::theme::Role;
use crate::detect::{Assessment, Finding, Kind, Overall, Phase, Tier};
use crate::ingest::Level;
use crate::remedy::Hazard;
use crate::remedy::draft::Origin;
use crate::remedy::plan::BRANCH_PREFIX;
use crate::triage::Confidence;

/// Glyph, word and role of what the watch says about a signature.
pub(super) fn finding(assessment: &Assessment) -> (&'static str, &'static str, Role) {
    let Some(Finding { kind, tier }) = assessment.finding else {
        // Never seen before, but a healthy watch brings newcomers too: no finding, and not steady either.
        let is_newcomer = assessment.expected <= 0.0 && assessment.observed > 0;
        return ("·", if is_newcomer { "new" } else { "steady" }, Role::Muted);
    };
    let glyph = match (tier, kind) {
        (Tier::Confirmed, Kind::Rise) => "▲",
        (Tier::Confirmed, Kind::New) => "✚",
        (Tier::Confirmed, Kind::Drop) => "▼",
        (Tier::Confirmed, Kind::Stall | Kind::Silent) => "■",
        (Tier::Confirmed, Kind::Skip) => "◆",
        (Tier::Candidate, Kind::Rise) => "△",
        (Tier::Candidate, Kind::New) => "+",
        (Tier::Candidate, Kind::Drop) => "▽",
        (Tier::Candidate, Kind::Stall | Kind::Silent) => "□",
        (Tier::Candidate, Kind::Skip) => "◇",
    };
    let role = match tier {
        Tier::Confirmed => Role::Danger,
        Tier::Candidate => Role::Warning,
    };
    let role = if assessment.is_as_usual() { Role::Muted } else { role };
    (glyph, assessment.word().unwrap_or("steady"), role)
}

/// Glyph and role of the verdict on a deploy.
pub(super) fn overall(overall: &Overall) -> (&'static str, Role) {
    match overall {
        Overall::CannotJudge(_) => ("?", Role::Warning),
        Overall::Healthy => ("✔", Role::Good),
        Overall::Candidates(_) => ("△", Role::Warning),
        Overall::Regressed(_) => ("▲", Role::Danger),
    }
}

/// Word and role of where an incident stands.
pub(super) fn phase(phase: &Phase) -> (&'static str, Role) {
    match phase {
        Phase::Open => ("open", Role::Danger),
        Phase::Recovering { .. } => ("recovering", Role::Warning),
        Phase::Closed { .. } => ("closed", Role::Good),
    }
}

/// Role of a line of this level.
pub(super) fn level(level: Option<Level>) -> Role {
    match level {
        Some(Level::Fatal | Level::Error) => Role::Danger,
        Some(Level::Warn) => Role::Warning,
        Some(Level::Info) | None => Role::Text,
        Some(Level::Debug | Level::Trace) => Role::Muted,
    }
}

/// Role and meaning of how dangerous a remedy is: going back, or a draft that goes forward.
pub(super) fn hazard(hazard: Hazard, origin: Origin) -> (Role, &'static str) {
    let is_back = origin != Origin::Drafted;
    match (hazard, is_back) {
        (Hazard::Green, true) => (Role::Good, "the code may go back alone"),
        (Hazard::Green, false) => (Role::Good, "it takes nothing away"),
        (Hazard::Amber, true) => (Role::Warning, "it may go back, but order or follow-up matters"),
        (Hazard::Amber, false) => (Role::Warning, "it may be applied, but order or follow-up matters"),
        (Hazard::Red, true) => (Role::Danger, "going back breaks or loses something"),
        (Hazard::Red, false) => (Role::Danger, "it breaks or loses something"),
    }
}

/// The same meaning in few words, for a row without room.
pub(super) fn hazard_short(hazard: Hazard) -> &'static str {
    match hazard {
        Hazard::Green => "nothing breaks",
        Hazard::Amber => "mind order and follow-up",
        Hazard::Red => "breaks or loses something",
    }
}

/// What a remedy is called on a time axis, by the branch that it made.
pub(super) fn remedy(branch: &str) -> &'static str {
    let is_fix = branch.strip_prefix(BRANCH_PREFIX).is_some_and(|name| name.starts_with("fix-"));
    if is_fix { "fix" } else { "rollback" }
}

/// Role of how sure a verdict is.
pub(super) fn confidence(confidence: Confidence) -> Role {
    match confidence {
        Confidence::High => Role::Danger,
        Confidence::Medium => Role::Warning,
        Confidence::Low => Role::Muted,
    }
}

#[cfg(test)]
mod tests;
