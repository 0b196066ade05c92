//! Writes down how an incident stood whenever it changed, so that it can be told later.
//!
//! Input: the incidents that changed. Output: a [`Note`] of each, with the findings and their numbers as they
//! were then. Counts are forgotten after weeks, and a later look at them would judge otherwise.

use serde::{Deserialize, Serialize};

use super::Engine;
use crate::detect::{Assessment, Incident, Phase, Recovery};
use crate::units::{SignatureId, Timestamp};

/// Findings that a note keeps; an incident has few.
const MOST_FINDINGS: usize = 50;

/// How an incident stood at a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// The incident's number.
    pub incident: u64,
    /// When.
    pub at: Timestamp,
    /// Where it stood: `open`, `recovering` or `closed`.
    pub phase: String,
    /// How often it had been reopened.
    pub reopened: u32,
    /// Its signatures as they were found.
    pub findings: Vec<Noted>,
}

/// A finding with its numbers; its texts are hostile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Noted {
    /// The signature.
    pub signature: SignatureId,
    /// The masked message.
    pub template: String,
    /// Its most serious level, in lower case.
    pub level: Option<String>,
    /// What sort of failure it is.
    pub class: String,
    /// In which way it changed.
    pub kind: String,
    /// How sure that is.
    pub tier: String,
    /// Observed minutes since the deploy, within the watch.
    pub minutes: f64,
    /// Events in them.
    pub observed: u64,
    /// Events that the baseline's mean expects.
    pub expected: f64,
    /// One-tailed p-value.
    pub p: f64,
    /// Rate over predicted rate, and the interval around it.
    pub ratio: Option<f64>,
    /// Its lower end.
    pub ratio_low: Option<f64>,
    /// Its upper end.
    pub ratio_high: Option<f64>,
    /// The e-value.
    pub evidence: f64,
    /// All that in one sentence.
    pub sentence: String,
}

/// How a remedy works.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotedRecovery {
    /// Observed whole minutes since.
    pub minutes: u32,
    /// Events in them.
    pub observed: u64,
    /// Events that the baseline predicts.
    pub expected: f64,
    /// Whether the rate is back.
    pub is_back: bool,
}

impl From<Recovery> for NotedRecovery {
    fn from(it: Recovery) -> Self {
        Self { minutes: it.minutes, observed: it.observed, expected: it.expected, is_back: it.is_back }
    }
}

impl Engine {
    /// Notes of these incidents as they stand.
    #[must_use]
    pub fn notes(&self, incidents: &[Incident], now: Timestamp) -> Vec<Note> {
        incidents.iter().map(|incident| self.note(incident, now)).collect()
    }

    fn note(&self, incident: &Incident, now: Timestamp) -> Note {
        let phase = match incident.phase {
            Phase::Open => "open",
            Phase::Recovering { .. } => "recovering",
            Phase::Closed { .. } => "closed",
        };
        Note {
            incident: incident.id,
            at: now,
            phase: phase.to_owned(),
            reopened: incident.reopened,
            findings: self.noted(incident),
        }
    }

    /// How the remedy of an incident worked from when it was executed until `now`.
    #[must_use]
    pub fn recovery_since(&self, incident: &Incident, executed: Timestamp, now: Timestamp) -> Option<NotedRecovery> {
        let recovering = Incident { phase: Phase::Recovering { since: executed }, ..incident.clone() };
        recovering.recovery(&self.counts, &self.catalog, &self.options.settings, now).map(NotedRecovery::from)
    }

    /// The findings on an incident's signatures, as its deploy is judged now.
    #[must_use]
    pub fn noted(&self, incident: &Incident) -> Vec<Noted> {
        let its = self.judgements().find(|(deploy, _)| deploy.at == incident.deploy.at);
        let Some((_, judgement)) = its else { return Vec::new() };
        let of = |assessment: &Assessment| {
            let known = self.catalog.get(assessment.signature?)?;
            let finding = assessment.finding.filter(|_| incident.signatures.contains(&known.id))?;
            Some(Noted {
                signature: known.id,
                template: known.template.clone(),
                level: known.level.map(|level| format!("{level:?}").to_lowercase()),
                class: self.class_of(&known.template).word().to_owned(),
                kind: finding.kind.word().to_owned(),
                tier: finding.tier.word().to_owned(),
                minutes: judgement.watched_minutes,
                observed: assessment.observed,
                expected: assessment.expected,
                p: assessment.p,
                ratio: assessment.ratio.filter(|ratio| ratio.is_finite()),
                ratio_low: assessment.ratio_low.filter(|ratio| ratio.is_finite()),
                ratio_high: assessment.ratio_high.filter(|ratio| ratio.is_finite()),
                evidence: if assessment.evidence.is_finite() { assessment.evidence } else { f64::MAX },
                sentence: assessment.sentence(&known.template, judgement.watched_minutes),
            })
        };
        judgement.assessments.iter().filter_map(of).take(MOST_FINDINGS).collect()
    }
}
