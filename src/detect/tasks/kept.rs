//! What is kept of work from one run to the next: kinds, the minutes in which lives began, and the open lives.
//!
//! Each has a name, and a body that takes the place of the one before; one without a body is to be forgotten. What
//! changed since the last call belongs in one transaction with counts and read positions.

use std::collections::{BTreeSet, HashSet};

use foldhash::fast::RandomState;
use serde::de::DeserializeOwned;

use super::kind::{Kind, Lasted, Life, Outline};
use super::{LIVES, Tasks};
use crate::detect::counts::SignatureIndex;
use crate::ingest::CorrelationKey;
use crate::units::Minute;

/// One thing that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What it is called: of all that is kept of a service's work, only this one.
    pub name: String,
    /// What is known of it, as JSON; `None` when it is to be forgotten.
    pub body: Option<String>,
}

/// What changed since it was last kept.
#[derive(Debug, Default)]
pub(super) struct Changed {
    kinds: BTreeSet<SignatureIndex>,
    minutes: BTreeSet<(SignatureIndex, Minute)>,
    /// What was noted last of these: most events are of the same minute as the one before.
    noted: Option<(SignatureIndex, Minute)>,
    lives: HashSet<CorrelationKey, RandomState>,
    kept_lives: HashSet<CorrelationKey, RandomState>,
}

impl Changed {
    /// Notes that a kind changed, with what began of it in a minute.
    pub(super) fn kind(&mut self, kind: SignatureIndex, minute: Minute) {
        if self.noted != Some((kind, minute)) {
            self.noted = Some((kind, minute));
            self.kinds.insert(kind);
            self.minutes.insert((kind, minute));
        }
    }

    pub(super) fn life(&mut self, key: CorrelationKey) {
        self.lives.insert(key);
    }

    /// Notes that a life is followed no more.
    pub(super) fn forgotten(&mut self, key: CorrelationKey) {
        if !self.kept_lives.contains(&key) {
            self.lives.remove(&key);
        }
    }
}

impl Tasks {
    /// Takes what changed since the last call.
    pub fn take_kept(&mut self) -> Vec<Kept> {
        let changed = std::mem::take(&mut self.changed);
        let mut taken = Vec::new();
        let mut keep = |name: String, body: Option<String>| taken.push(Kept { name, body });
        for kind in changed.kinds {
            let body = self.kinds.get(&kind).and_then(|kind| serde_json::to_string(&kind.outline()).ok());
            keep(format!("kind/{}", kind.0), body);
        }
        for (kind, minute) in changed.minutes {
            let rows = self.kinds.get(&kind).and_then(|kind| kind.rows(minute));
            keep(
                format!("minute/{}/{}", kind.0, minute.number()),
                rows.and_then(|rows| serde_json::to_string(rows).ok()),
            );
        }
        self.changed.kept_lives = changed.kept_lives;
        let mut lives: Vec<CorrelationKey> = changed.lives.into_iter().collect();
        lives.sort_unstable();
        for key in lives {
            // What is over is in its minute, and would not go on.
            let is_over = |life: &Life| self.kinds.get(&life.kind).is_some_and(|kind| kind.is_end(life.last));
            let open = self.lives.get(&key).filter(|life| !is_over(life));
            let body = open.and_then(|life| serde_json::to_string(life).ok());
            let was_kept = self.changed.kept_lives.remove(&key);
            if body.is_some() {
                self.changed.kept_lives.insert(key);
            }
            if body.is_some() || was_kept {
                keep(format!("life/{:016x}", key.0), body);
            }
        }
        taken
    }

    /// Takes back what was kept; what cannot be read is left out.
    pub fn restore(&mut self, kept: &[Kept]) {
        for kept in kept {
            let name: Vec<&str> = kept.name.split('/').collect();
            let body = kept.body.as_deref().unwrap_or_default();
            match name.as_slice() {
                ["kind", kind] => self.restore_kind(kind, body),
                ["minute", kind, minute] => self.restore_minute(kind, minute, body),
                ["life", key] => self.restore_life(key, body),
                _ => None,
            };
        }
    }

    fn restore_kind(&mut self, kind: &str, body: &str) -> Option<()> {
        let outline: Outline = read(body)?;
        self.kind_of(kind)?.take_outline(outline);
        Some(())
    }

    fn restore_minute(&mut self, kind: &str, minute: &str, body: &str) -> Option<()> {
        let minute = Minute::from_number(minute.parse().ok()?);
        let rows: Vec<Lasted> = read(body)?;
        let kind = self.kind_of(kind)?;
        let before = kind.n_minutes();
        kind.take_rows(minute, rows);
        let more = kind.n_minutes() - before;
        self.n_minutes += more;
        Some(())
    }

    fn restore_life(&mut self, key: &str, body: &str) -> Option<()> {
        let key = CorrelationKey(u64::from_str_radix(key, 16).ok()?);
        if self.lives.len() >= LIVES {
            return None;
        }
        self.n_known += 1;
        let mut life: Life = read(body)?;
        life.number = self.n_known;
        self.lives.insert(key, life);
        self.order.push_back((key, self.n_known));
        self.changed.kept_lives.insert(key);
        Some(())
    }

    fn kind_of(&mut self, index: &str) -> Option<&mut Kind> {
        Some(self.kinds.entry(SignatureIndex(index.parse().ok()?)).or_default())
    }
}

fn read<T: DeserializeOwned>(body: &str) -> Option<T> {
    serde_json::from_str(body).ok()
}
