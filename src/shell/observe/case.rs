//! What is known of one error, for triage: its newest event, its rates, what began with it, the deploy it is laid to.

use super::{Observer, siblings};
use crate::detect::Deploy;
use crate::shell::git::worktree::Shelf;
use crate::triage::{Rates, Symptom};
use crate::units::SignatureId;

/// An error and the deploy that it is judged against.
#[derive(Clone, Debug)]
pub struct Case {
    /// The error.
    pub symptom: Symptom,
    /// The errors that began at the same moment.
    pub siblings: Vec<Symptom>,
    /// The newest deploy that it appeared or rose after; `None` when there is none.
    pub deploy: Option<Deploy>,
    /// What holds the deployed revision, where it is not committed.
    pub shelf: Option<Shelf>,
    /// Whether a build showed it, before any deploy.
    pub is_build: bool,
}

impl Observer {
    /// The error behind a signature, and the deploy that it is laid to.
    #[must_use]
    pub fn case(&self, signature: SignatureId) -> Option<Case> {
        let index = self.engine.lead_of(signature)?;
        let known = self.engine.catalog().get(index)?;
        let found = self.engine.judgements().filter_map(|(deploy, judgement)| {
            let assessment = judgement.assessments.iter().find(|assessment| assessment.signature == Some(index))?;
            Some((deploy, judgement, assessment))
        });
        let found: Vec<_> = found.collect();
        // The newest deploy after which it changed, and that it likeliest came with; else the newest of all.
        let changed = || found.iter().rev().filter(|(_, _, assessment)| assessment.finding.is_some());
        let likeliest = changed().find(|(deploy, _, assessment)| assessment.is_of(deploy.at));
        let guilty = likeliest.or_else(|| changed().next()).or(found.last());
        let rates = guilty.map(|(_, judgement, assessment)| {
            let minutes = judgement.watched_minutes.max(f64::MIN_POSITIVE);
            Rates {
                before: assessment.expected / minutes,
                after: assessment.observed as f64 / minutes,
                significant: assessment.finding.is_some(),
            }
        });
        let symptom = match self.engine.newest_event(signature) {
            Some(event) => Symptom::of_event(&event, rates),
            None => Symptom { rates, ..Symptom::of_text(&known.example) },
        };
        let siblings = guilty.map(|(_, judgement, _)| siblings::of(&self.engine, judgement, index)).unwrap_or_default();
        let deploy = guilty.map(|(deploy, _, _)| (*deploy).clone()).or(self.engine.deploys().last().cloned());
        Some(Case { symptom, siblings, deploy, shelf: None, is_build: false })
    }
}
