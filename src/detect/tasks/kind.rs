//! Remembers the lives of one kind of work: when they began, what came last, and how much later.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::SourceNumber;
use crate::detect::counts::SignatureIndex;
use crate::units::{Minute, Timestamp};

/// Signatures that are remembered of one life, beside the first.
const SEEN: usize = 12;

/// Signatures that are remembered of one kind.
const SEQUELS: usize = 64;

/// Sources that are remembered of one kind: those that spoke last.
const SOURCES: usize = 64;

/// The longest life that is told from longer ones, in minutes.
const LONGEST: i32 = 1440;

/// Share of the lives with a signature in which it must come last for it to be an end.
const COMES_LAST: (u64, u64) = (9, 10);

/// How soon a key must be used again to look like one that names no work.
const RECENT: Duration = Duration::from_secs(60 * 60);

/// Share of lives under a key that was used so soon before, from which on the key names no work.
const REUSED: (u64, u64) = (1, 5);

/// Lives that must have gone on beyond their first line before a kind is looked at.
const LEAST: u64 = 30;

/// What happened under one key, so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Life {
    /// The signature that it began with.
    pub(super) kind: SignatureIndex,
    pub(super) start: Timestamp,
    /// The signature that came last, and when.
    pub(super) last: SignatureIndex,
    last_at: Timestamp,
    seen: [Option<SignatureIndex>; SEEN],
    /// Tells it from an earlier life under the same key.
    #[serde(skip)]
    pub(super) number: u64,
}

impl Life {
    pub(super) fn new(kind: SignatureIndex, start: Timestamp, number: u64) -> Self {
        Self { kind, start, last: kind, last_at: start, seen: [None; SEEN], number }
    }

    /// Whether the key begins again with what it began with, after something else had come.
    ///
    /// A start that is only repeated is a retry, and the life goes on.
    pub(super) fn is_used_again(&self, signature: SignatureIndex, at: Timestamp) -> bool {
        signature == self.kind && self.last != self.kind && at >= self.last_at
    }

    /// Whether something happened under the key not long before: numbers of work that start over do so later.
    pub(super) fn is_recent(&self, at: Timestamp) -> bool {
        at.since(self.last_at) < RECENT
    }

    /// Takes what happened next, or before: a late line may show that it began earlier.
    pub(super) fn go_on(&mut self, signature: SignatureIndex, at: Timestamp) {
        if at < self.start {
            let former = std::mem::replace(&mut self.kind, signature);
            self.start = at;
            if former != signature {
                self.forget(signature);
                self.see(former);
            }
            if self.last == signature {
                (self.last, self.last_at) = (former, self.last_at.max(at));
            }
        } else if signature != self.kind {
            self.see(signature);
            if at >= self.last_at {
                (self.last, self.last_at) = (signature, at);
            }
        }
    }

    fn see(&mut self, signature: SignatureIndex) {
        if !self.seen.contains(&Some(signature))
            && let Some(free) = self.seen.iter_mut().find(|seen| seen.is_none())
        {
            *free = Some(signature);
        }
    }

    fn forget(&mut self, signature: SignatureIndex) {
        self.seen.iter_mut().filter(|seen| **seen == Some(signature)).for_each(|seen| *seen = None);
    }

    /// Minutes from the one in which it began to the one of its last event.
    fn length(&self) -> u16 {
        let minutes = self.last_at.minute().since(self.start.minute()).clamp(0, LONGEST);
        u16::try_from(minutes).unwrap_or(0)
    }
}

/// So many lives that began in the same minute had this signature last, so many minutes later, and these between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lasted {
    pub(super) last: SignatureIndex,
    pub(super) minutes: u16,
    /// A bit for each sequel of the kind, by its place; all of them where not all are known.
    pub(super) mask: u64,
    pub(super) n: u64,
}

impl Lasted {
    /// Whether these lives had the sequel of this place.
    pub(super) fn took(&self, place: usize) -> bool {
        self.mask >> place & 1 == 1
    }
}

/// In how many lives a signature came after the first, and in how many it is the last so far.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Sequel {
    signature: SignatureIndex,
    seen: u64,
    last: u64,
}

/// What is known of all lives of a kind together.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Outline {
    sequels: Vec<Sequel>,
    n_lives: u64,
    n_reused: u64,
    n_went_on: u64,
    is_retired: bool,
}

/// All lives that began with one signature.
#[derive(Debug, Default)]
pub(super) struct Kind {
    minutes: BTreeMap<Minute, Vec<Lasted>>,
    sequels: Vec<Sequel>,
    /// Where lines of its lives came from, each with its newest.
    sources: Vec<(SourceNumber, Timestamp)>,
    n_lives: u64,
    n_reused: u64,
    n_went_on: u64,
    is_retired: bool,
}

impl Kind {
    pub(super) fn join(&mut self, life: &Life) {
        self.n_lives += 1;
        for signature in life.seen.iter().flatten() {
            self.change_sequel(*signature, |sequel| sequel.seen += 1);
        }
        if life.last != life.kind {
            self.n_went_on += 1;
            self.change_sequel(life.last, |sequel| sequel.last += 1);
        }
        if self.is_retired {
            return;
        }
        let (last, minutes, mask) = (life.last, life.length(), self.mask_of(life));
        let rows = self.minutes.entry(life.start.minute()).or_default();
        match rows.iter_mut().find(|row| row.last == last && row.minutes == minutes && row.mask == mask) {
            Some(row) => row.n += 1,
            None => rows.push(Lasted { last, minutes, mask, n: 1 }),
        }
    }

    /// Takes back that a life joined.
    pub(super) fn leave(&mut self, life: &Life) {
        self.n_lives = self.n_lives.saturating_sub(1);
        for signature in life.seen.iter().flatten() {
            self.change_sequel(*signature, |sequel| sequel.seen = sequel.seen.saturating_sub(1));
        }
        if life.last != life.kind {
            self.n_went_on = self.n_went_on.saturating_sub(1);
            self.change_sequel(life.last, |sequel| sequel.last = sequel.last.saturating_sub(1));
        }
        let mask = self.mask_of(life);
        let Some(rows) = self.minutes.get_mut(&life.start.minute()) else { return };
        let is_its = |row: &Lasted| row.last == life.last && row.minutes == life.length() && row.mask == mask;
        if let Some(at) = rows.iter().position(is_its) {
            match rows.get_mut(at) {
                Some(row) if row.n > 1 => row.n -= 1,
                Some(_) | None => drop(rows.swap_remove(at)),
            }
        }
    }

    fn change_sequel(&mut self, signature: SignatureIndex, change: impl FnOnce(&mut Sequel)) {
        if let Some(sequel) = self.sequels.iter_mut().find(|sequel| sequel.signature == signature) {
            return change(sequel);
        }
        if self.sequels.len() < SEQUELS {
            let mut sequel = Sequel { signature, seen: 0, last: 0 };
            change(&mut sequel);
            self.sequels.push(sequel);
        }
    }

    /// The sequels of a life, a bit for each by its place, which never changes.
    fn mask_of(&self, life: &Life) -> u64 {
        if life.seen.iter().all(Option::is_some) {
            return u64::MAX;
        }
        let place = |signature: &SignatureIndex| self.sequels.iter().position(|sequel| sequel.signature == *signature);
        life.seen.iter().flatten().filter_map(place).fold(0, |mask, place| mask | 1 << place)
    }

    /// What came after the first line, each in its place.
    pub(super) fn sequels(&self) -> impl Iterator<Item = SignatureIndex> {
        self.sequels.iter().map(|sequel| sequel.signature)
    }

    /// Whether a life with this signature last is over.
    pub(super) fn is_end(&self, signature: SignatureIndex) -> bool {
        let sequel = self.sequels.iter().find(|sequel| sequel.signature == signature);
        sequel.is_some_and(|it| it.seen > 0 && it.last * COMES_LAST.1 >= it.seen * COMES_LAST.0)
    }

    /// Whether its keys look like those of pieces of work.
    pub(super) fn may_be_work(&self) -> bool {
        let is_reused = self.n_reused * REUSED.1 > self.n_lives * REUSED.0;
        !self.is_retired && !is_reused && self.n_went_on >= LEAST
    }

    pub(super) fn note_source(&mut self, source: SourceNumber, at: Timestamp) {
        if let Some((_, newest)) = self.sources.iter_mut().find(|(known, _)| *known == source) {
            *newest = at.max(*newest);
            return;
        }
        if self.sources.len() >= SOURCES
            && let Some((oldest, _)) = self.sources.iter().enumerate().min_by_key(|(_, (_, newest))| *newest)
        {
            self.sources.swap_remove(oldest);
        }
        self.sources.push((source, at));
    }

    pub(super) fn sources(&self) -> impl Iterator<Item = SourceNumber> {
        self.sources.iter().map(|(source, _)| *source)
    }

    pub(super) fn note_reuse(&mut self) {
        self.n_reused += 1;
    }

    pub(super) fn n_lives(&self) -> u64 {
        self.n_lives
    }

    pub(super) fn share_that_went_on(&self) -> f64 {
        self.n_went_on as f64 / self.n_lives.max(1) as f64
    }

    pub(super) fn n_minutes(&self) -> usize {
        self.minutes.len()
    }

    /// The oldest minute, if it lies before this one: it is forgotten.
    pub(super) fn forget_one_before(&mut self, oldest: Minute) -> Option<Minute> {
        let (first, _) = self.minutes.first_key_value().filter(|(minute, _)| **minute < oldest)?;
        let first = *first;
        self.minutes.remove(&first);
        Some(first)
    }

    /// The minutes in which lives began.
    pub(super) fn minutes(&self) -> impl Iterator<Item = Minute> {
        self.minutes.keys().copied()
    }

    pub(super) fn rows(&self, minute: Minute) -> Option<&[Lasted]> {
        self.minutes.get(&minute).map(Vec::as_slice).filter(|rows| !rows.is_empty())
    }

    pub(super) fn take_rows(&mut self, minute: Minute, rows: Vec<Lasted>) {
        self.minutes.insert(minute, rows);
    }

    pub(super) fn outline(&self) -> Outline {
        let Self { n_lives, n_reused, n_went_on, is_retired, .. } = *self;
        Outline { sequels: self.sequels.clone(), n_lives, n_reused, n_went_on, is_retired }
    }

    pub(super) fn take_outline(&mut self, outline: Outline) {
        let Outline { mut sequels, n_lives, n_reused, n_went_on, is_retired } = outline;
        sequels.truncate(SEQUELS);
        (self.n_lives, self.n_reused, self.n_went_on, self.is_retired) = (n_lives, n_reused, n_went_on, is_retired);
        self.sequels = sequels;
    }

    pub(super) fn retire(&mut self) {
        self.is_retired = true;
        self.minutes.clear();
    }

    /// The minutes in which lives began, in order, with what became of those.
    pub(super) fn lasted(&self, within: Range<Minute>) -> impl Iterator<Item = (Minute, &[Lasted])> {
        let minutes = (within.start < within.end).then(|| self.minutes.range(within));
        minutes.into_iter().flatten().map(|(minute, rows)| (*minute, rows.as_slice()))
    }
}
