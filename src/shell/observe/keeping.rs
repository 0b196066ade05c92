//! Stores what was counted, and holds what the store refuses until it takes it.
//!
//! A disk that is full ends no watch: what was counted stays in memory, and the screen says so. When the process ends
//! before the store takes it, the same lines are read again at the next start, because read positions are stored with
//! the counts; of standard input alone they are lost.

use std::time::{Duration, Instant};

use crate::app::Failure;
use crate::app::notice::sentence;
use crate::detect::Deploy;
use crate::engine::Unsaved;
use crate::shell::store::{Batch, Store, StoreError};
use crate::units::Timestamp;

/// Time between two tries while the store refuses: one may wait as long for another process to finish its own.
const RETRY: Duration = Duration::from_secs(10);

/// Times as long as storing takes, from its beginning to the next one: it takes a tenth of the time at most.
const SHARE: u32 = 10;

/// Real time between two commits at most: what is read again when the process is killed.
const LONGEST: Duration = Duration::from_secs(10);

/// When to store next. Where much changes, as in a long history full of ids, storing each second would take longer than
/// reading.
#[derive(Debug, Default)]
pub(super) struct Pace {
    next: Option<Instant>,
}

impl Pace {
    /// Whether enough time has passed since the last time.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.next.is_none_or(|next| now >= next)
    }

    /// Notes from when to when something was stored.
    pub(super) fn note(&mut self, began: Instant, ended: Instant) {
        self.next = Some(began + (ended.saturating_duration_since(began) * SHARE).min(LONGEST));
    }
}

/// A store, and what it has not taken yet.
#[derive(Debug)]
pub(super) struct Keeping {
    store: Store,
    service: String,
    held: Batch,
    trouble: Option<Trouble>,
}

/// That the store failed.
#[derive(Debug)]
struct Trouble {
    since: Timestamp,
    failed_at: Timestamp,
    failure: Failure,
}

impl Keeping {
    pub(super) fn new(store: Store, service: String) -> Self {
        Self { store, service, held: Batch::default(), trouble: None }
    }

    /// Stores a batch, with what is held; where the store fails, holds it.
    pub(super) fn keep(&mut self, batch: Batch, now: Timestamp) {
        let waits = self.trouble.as_ref().is_some_and(|trouble| now.since(trouble.failed_at) < RETRY);
        if waits {
            self.held.absorb(batch);
        } else {
            // The failure is noted, and shown with the next snapshot.
            let _ = self.commit(batch, now);
        }
    }

    /// Stores a batch, with what is held; where the store fails, holds it and says why.
    pub(super) fn commit(&mut self, batch: Batch, now: Timestamp) -> Result<(), Failure> {
        self.held.absorb(batch);
        if self.held.is_empty() {
            return Ok(());
        }
        match self.store.commit(&self.service, &self.held) {
            Ok(()) => {
                self.held = Batch::default();
                self.trouble = None;
                Ok(())
            }
            Err(error) => Err(self.note(&error, now)),
        }
    }

    /// Deploys that became known behind that place of the list, each with its own; none while the store cannot be read.
    pub(super) fn deploys_since(&mut self, seen: i64, now: Timestamp) -> Vec<(i64, Deploy)> {
        match self.store.deploys_since(&self.service, seen) {
            Ok(deploys) => {
                if self.held.is_empty() {
                    self.trouble = None;
                }
                deploys
            }
            Err(error) => {
                self.note(&error, now);
                Vec::new()
            }
        }
    }

    /// Notes that the store failed.
    fn note(&mut self, error: &StoreError, now: Timestamp) -> Failure {
        let failure = error.failure();
        let since = self.trouble.as_ref().map_or(now, |trouble| trouble.since);
        self.trouble = Some(Trouble { since, failed_at: now, failure: failure.clone() });
        failure
    }

    /// Why nothing can be stored now.
    pub(super) fn refusal(&self) -> Option<&Failure> {
        self.trouble.as_ref().map(|trouble| &trouble.failure)
    }

    /// What is told while the store fails.
    pub(super) fn unsaved(&self) -> Option<Unsaved> {
        let Trouble { since, failure, .. } = self.trouble.as_ref()?;
        let why = failure.causes.last().unwrap_or(&failure.what).clone();
        Some(Unsaved { since: *since, why, told: sentence(failure) })
    }
}

#[cfg(test)]
mod tests;
