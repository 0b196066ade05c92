//! Follows what was found until it is over.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::counts::Coverage;
use super::deploy::Deploy;
use super::{Catalog, Counts, Settings, poisson};
use crate::units::{Minute, SignatureId, Timestamp};

/// Where an incident stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "lowercase")]
pub enum Phase {
    /// Found, nothing done yet.
    Open,
    /// A remedy was executed; the rate is watched.
    Recovering {
        /// When the remedy was executed.
        since: Timestamp,
    },
    /// The rate is back at its baseline.
    Closed {
        /// When it was seen to be back.
        at: Timestamp,
    },
}

/// Findings handled as one, with a life cycle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number in the store, from 1.
    pub id: u64,
    /// The deploy it is laid to.
    pub deploy: Deploy,
    /// When the first finding was confirmed.
    pub opened: Timestamp,
    /// The signatures that rose, start work that stalls, or are steps left out, worst first.
    pub signatures: Vec<SignatureId>,
    /// Where it stands.
    pub phase: Phase,
    /// How often it was reopened.
    pub reopened: u32,
}

/// How a remedy works, by the counts since it was executed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recovery {
    /// Observed whole minutes since the remedy.
    pub minutes: u32,
    /// Events of the incident's signatures in them.
    pub observed: u64,
    /// Events that the baseline predicts for them.
    pub expected: f64,
    /// Whether the rate is back: compatible with the baseline, and lower than during the incident.
    pub is_back: bool,
}

/// Minutes that must be observed before a recovery is believed.
const LEAST_MINUTES: u32 = 5;

/// Minutes before a deploy that tell how things stand, and of an incident that are set aside at most.
const STANDING: i32 = 6 * 60;
const LONGEST: i32 = 24 * 60;

/// The p below which a closed incident is taken to rise again; strict, because it is looked at all the time.
const REOPENING_P: f64 = 1e-6;

impl Incident {
    /// Opens an incident.
    #[must_use]
    pub fn open(id: u64, deploy: Deploy, at: Timestamp, signatures: Vec<SignatureId>) -> Self {
        Self { id, deploy, opened: at, signatures, phase: Phase::Open, reopened: 0 }
    }

    /// Notes that a remedy was executed.
    pub fn note_remedy(&mut self, at: Timestamp) {
        self.phase = Phase::Recovering { since: at };
    }

    /// Whether it is not over.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Open | Phase::Recovering { .. })
    }

    /// Whether a finding on this signature after this deploy belongs here, and not to a new incident.
    #[must_use]
    pub fn owns(&self, signature: SignatureId, deploy: &Deploy) -> bool {
        self.signatures.contains(&signature) && (self.is_live() || self.deploy.at == deploy.at)
    }

    /// The minutes in which its signatures must not teach what is usual before a later deploy.
    ///
    /// Of an incident that was over by then, all of it. Of one that was not, what lies before the hours that tell
    /// how things stood at that deploy: what one deploy broke is not laid to the next. At most a day: what lasts
    /// longer is how it is now.
    #[must_use]
    pub fn set_aside(&self, before: Timestamp) -> Option<Range<Minute>> {
        if self.deploy.at >= before {
            return None;
        }
        let start = self.deploy.at.minute();
        let end = match self.phase {
            Phase::Closed { at } if at <= before => at.minute().plus(1),
            Phase::Open | Phase::Recovering { .. } | Phase::Closed { .. } => before.minute().plus(-STANDING),
        };
        let range = start..end.min(start.plus(LONGEST));
        (range.start < range.end).then_some(range)
    }

    /// Looks at the counts as they stand: closes when the rate is back, reopens when it rises again.
    /// Returns whether anything changed.
    ///
    /// Of signatures that start work which did not finish, counts tell nothing: `stalled` names them, each
    /// with whether the work finishes again.
    pub fn follow(
        &mut self,
        counts: &Counts,
        catalog: &Catalog,
        settings: &Settings,
        stalled: &[(SignatureId, bool)],
        now: Timestamp,
    ) -> bool {
        match self.phase {
            Phase::Open => false,
            Phase::Recovering { since } => {
                let counted =
                    |rest: Self| rest.since(since, counts, catalog, settings, now).is_some_and(|it| it.is_back);
                let is_back = stalled.iter().all(|(_, is_back)| *is_back) && self.without(stalled).is_none_or(counted);
                if is_back {
                    self.phase = Phase::Closed { at: now };
                }
                is_back
            }
            Phase::Closed { at } => {
                let rises = self
                    .since(at, counts, catalog, settings, now)
                    .is_some_and(|found| poisson::at_least(found.observed, found.expected) < REOPENING_P);
                if rises {
                    self.phase = Phase::Open;
                    self.reopened += 1;
                }
                rises
            }
        }
    }

    /// The incident of the other signatures; `None` when there are none.
    fn without(&self, stalled: &[(SignatureId, bool)]) -> Option<Self> {
        let is_other = |id: &SignatureId| !stalled.iter().any(|(other, _)| other == id);
        let signatures: Vec<SignatureId> = self.signatures.iter().copied().filter(is_other).collect();
        (!signatures.is_empty()).then(|| Self { signatures, ..self.clone() })
    }

    /// How the remedy works so far; `None` before one was executed.
    #[must_use]
    pub fn recovery(
        &self,
        counts: &Counts,
        catalog: &Catalog,
        settings: &Settings,
        now: Timestamp,
    ) -> Option<Recovery> {
        match self.phase {
            Phase::Open => None,
            Phase::Recovering { since } => self.since(since, counts, catalog, settings, now),
            Phase::Closed { at } => self.since(at, counts, catalog, settings, now),
        }
    }

    /// Compares the whole minutes since a point with the baseline and with the incident itself.
    fn since(
        &self,
        from: Timestamp,
        counts: &Counts,
        catalog: &Catalog,
        settings: &Settings,
        now: Timestamp,
    ) -> Option<Recovery> {
        let deployed = self.deploy.at.minute();
        let days = i32::try_from(settings.baseline.as_secs() / 60).unwrap_or(i32::MAX);
        let start = from.minute().plus(1);
        let (before, n_before) = counts.sums(deployed.plus(-days)..deployed, Coverage::Complete);
        let (during, n_during) = counts.sums(deployed.plus(1)..from.minute(), Coverage::Complete);
        let (after, minutes) = counts.sums(start..now.minute(), Coverage::Complete);
        let mut found = Recovery { minutes, observed: 0, expected: 0.0, is_back: minutes >= LEAST_MINUTES };
        let mut as_before = 0.0;
        for index in self.signatures.iter().map(|id| catalog.find(*id)) {
            let at = index?.0 as usize;
            let of = |sums: &[u64]| sums.get(at).copied().unwrap_or(0);
            let rate = |sum: u64, n: u32| if n == 0 { 0.0 } else { sum as f64 / f64::from(n) * f64::from(minutes) };
            // Half an event for what the baseline never saw, as in the posterior of a rate of zero.
            let expected = rate(of(&before), n_before).max(0.5 * f64::from(minutes) / f64::from(n_before.max(1)));
            found.observed += of(&after);
            found.expected += expected;
            as_before += rate(of(&during), n_during);
            found.is_back &= poisson::at_least(of(&after), expected) >= settings.alpha;
        }
        found.is_back &= poisson::at_most(found.observed, as_before) < settings.alpha;
        Some(found)
    }
}

#[cfg(test)]
mod tests;
