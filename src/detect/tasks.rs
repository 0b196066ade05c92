//! Learns which lines start work and which end it, and tells when work that was started does not finish, or
//! finishes without a step that it used to take.
//!
//! Input: every dated event that says which piece of work it belongs to: its source, key, signature, time.
//! Output: `Stall`s, the evidence per kind of work that a share of it never finishes since a deploy, and `Skip`s,
//! the evidence per step that fewer take it.
//!
//! Everything under one key is a *life*; the signature it begins with is its *kind*. What usually comes
//! last in lives of a kind ends them; no list of words, and nothing to configure. A kind says something
//! only when nine of ten lives used to end, at least thirty did, and its keys are not used again and
//! again, as the ids of users are.
//!
//! What is known can be kept over a restart: kinds, the minutes in which lives began, and what is open.
//!
//! Pure. Keeps no text: keys are hashes. Memory is bounded; what is dropped is counted.

mod kept;
mod kind;
mod skip;
mod stall;
mod usual;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Range;
use std::time::Duration;

use foldhash::fast::RandomState;

use super::counts::SignatureIndex;
use super::poisson;
use crate::ingest::CorrelationKey;
use crate::units::{Minute, Timestamp};
use kept::Changed;
pub use kept::Kept;
use kind::{Kind, Life};
pub(super) use skip::Skip;
use skip::Steps;
pub(super) use stall::{Passed, Stall};
use usual::Usual;

/// Lives that are told apart at a time.
const LIVES: usize = 100_000;

/// Kinds that are told apart.
const KINDS: usize = 2_000;

/// Minutes in which lives of some kind began that are remembered, over all kinds.
const MINUTES: usize = 200_000;

/// Kinds that are judged: those with the most lives.
const JUDGED: usize = 30;

/// How long lives are remembered, in minutes.
const RETENTION: i32 = 8 * 24 * 60;

/// How far one source of lines may be behind another and is waited for; one that is quiet for longer is
/// taken to have nothing to say.
const BEHIND: Duration = Duration::from_secs(10 * 60);

/// Pieces of work that must have been due before they are said to finish again, the p from which on no more
/// of them are open than usual, and the minutes after which no more is looked at.
const LEAST_DUE: u64 = 10;
const AS_USUAL: f64 = 0.05;
const MOST_AWAITED: usize = 120;

/// Tells sources of lines apart, which may be behind each other.
pub type SourceNumber = u32;

/// What is to be said of work since a deploy.
#[derive(Clone, Debug, Default)]
pub(super) struct Weighing {
    /// Of each kind of work.
    pub(super) stalls: Vec<Stall>,
    /// Of each step of each kind.
    pub(super) skips: Vec<Skip>,
}

/// What is known of work.
#[derive(Debug, Default)]
pub struct Tasks {
    lives: HashMap<CorrelationKey, Life, RandomState>,
    /// Every life with its number, in the order in which they began to be known.
    order: VecDeque<(CorrelationKey, u64)>,
    kinds: BTreeMap<SignatureIndex, Kind>,
    newest: Option<Timestamp>,
    /// The newest event of each source of lines that is not over.
    sources: BTreeMap<SourceNumber, Timestamp>,
    n_known: u64,
    n_minutes: usize,
    n_dropped: u64,
    version: u64,
    changed: Changed,
}

impl Tasks {
    /// Notes how far a source was read: up to an event at this time, of whatever sort.
    pub fn read(&mut self, source: SourceNumber, at: Timestamp) {
        let read_to = self.sources.entry(source).or_insert(Timestamp::from_seconds(i64::MIN));
        self.version += u64::from(at.minute() > read_to.minute());
        *read_to = at.max(*read_to);
        self.newest = self.newest.max(Some(at));
    }

    /// Notes that a source has nothing more to say.
    pub fn end(&mut self, source: SourceNumber) {
        self.sources.remove(&source);
        self.version += 1;
    }

    /// Takes an event that belongs to a piece of work; late and out of order as it may be.
    pub fn note(&mut self, source: SourceNumber, key: CorrelationKey, signature: SignatureIndex, at: Timestamp) {
        self.read(source, at);
        self.version += 1;
        let kind = self.take(key, signature, at);
        if let Some(kind) = self.kinds.get_mut(&kind) {
            kind.note_source(source, at);
        }
    }

    /// Takes an event into the life under its key; returns the kind of that.
    fn take(&mut self, key: CorrelationKey, signature: SignatureIndex, at: Timestamp) -> SignatureIndex {
        let Some(life) = self.lives.get_mut(&key) else { return self.begin(key, signature, at) };
        if life.is_used_again(signature, at) {
            if let Some(kind) = self.kinds.get_mut(&signature).filter(|_| life.is_recent(at)) {
                kind.note_reuse();
                self.changed.kind(signature, at.minute());
            }
            return self.begin(key, signature, at);
        }
        let before = *life;
        life.go_on(signature, at);
        let life = *life;
        if life != before {
            self.leave(&before);
            self.join(&life);
            self.changed.life(key);
        }
        life.kind
    }

    /// How many lives were forgotten before they were over, for lack of room.
    #[must_use]
    pub fn n_dropped(&self) -> u64 {
        self.n_dropped
    }

    /// Changes with every event: what was found stays the same as long as it does.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// The minute of the newest event, which itself may not be over.
    pub(super) fn newest(&self) -> Option<Minute> {
        self.newest.map(Timestamp::minute)
    }

    /// What is to be said of each kind of work, and of each of its steps, in the minutes of a watch, by what was
    /// usual before the deploy; kinds of which too little is known are left out.
    pub(super) fn weigh(&self, before: Range<Minute>, from: Minute, passed: &[Passed]) -> Weighing {
        let mut kinds: Vec<(&SignatureIndex, &Kind)> =
            self.kinds.iter().filter(|(_, kind)| kind.may_be_work()).collect();
        kinds.sort_by_key(|(signature, kind)| (std::cmp::Reverse(kind.n_lives()), **signature));
        let mut weighing = Weighing::default();
        for (signature, kind) in kinds.into_iter().take(JUDGED) {
            let Some(usual) = Usual::learn(kind, before.clone()) else { continue };
            let Some(read_to) = self.read_to(kind) else { continue };
            let n_read = usize::try_from(read_to.minute().since(from)).unwrap_or(0);
            let passed = passed.get(..n_read).unwrap_or(passed);
            weighing.stalls.push(stall::judge(*signature, kind, &usual, from, passed));
            let steps = Steps::learn(kind, before.clone());
            weighing.skips.extend(skip::judge((*signature, kind), &steps, from, passed));
        }
        weighing
    }

    /// Whether finished work takes this step again as it did before the deploy, by what began since a minute
    /// after it.
    #[must_use]
    pub fn is_taken_again(&self, step: SignatureIndex, before: Range<Minute>, since: Minute) -> bool {
        let passed = |kind: &Kind| {
            let n_read = usize::try_from(self.read_to(kind)?.minute().since(since)).unwrap_or(0);
            Some(vec![Passed::Seen; n_read.min(MOST_AWAITED)])
        };
        let of = |(signature, kind): (&SignatureIndex, &Kind)| {
            let steps = Steps::learn(kind, before.clone());
            let its: Vec<Skip> = skip::judge((*signature, kind), &steps, since, &passed(kind)?).collect();
            its.into_iter().find(|skip| skip.signature == step)
        };
        let its: Vec<Skip> = self.kinds.iter().filter(|(_, kind)| kind.may_be_work()).filter_map(of).collect();
        let is_usual = |it: &Skip| poisson::at_most(it.taken, it.expected) >= AS_USUAL && it.now < f64::ln(2.0);
        its.iter().map(|it| it.finished).sum::<u64>() >= LEAST_DUE && its.iter().all(is_usual)
    }

    /// Whether work that begins with this signature finishes again as it did before the deploy, by what began
    /// since a minute after it.
    #[must_use]
    pub fn is_back(&self, signature: SignatureIndex, before: Range<Minute>, since: Minute) -> bool {
        let found = || {
            let kind = self.kinds.get(&signature)?;
            let usual = Usual::learn(kind, before)?;
            let n_read = usize::try_from(self.read_to(kind)?.minute().since(since)).unwrap_or(0);
            let passed = vec![Passed::Seen; n_read.min(MOST_AWAITED)];
            Some(stall::judge(signature, kind, &usual, since, &passed))
        };
        found().is_some_and(|it| it.due >= LEAST_DUE && poisson::at_least(it.overdue, it.expected) >= AS_USUAL)
    }

    /// Up to when every source is read that lately spoke of this kind of work.
    fn read_to(&self, kind: &Kind) -> Option<Timestamp> {
        let newest = self.newest?;
        let is_lately = |at: Timestamp| newest.since(at) <= BEHIND;
        let sources = kind.sources().filter_map(|source| self.sources.get(&source).copied());
        Some(sources.filter(|at| is_lately(*at)).min().unwrap_or(newest))
    }

    fn begin(&mut self, key: CorrelationKey, signature: SignatureIndex, at: Timestamp) -> SignatureIndex {
        self.n_known += 1;
        let life = Life::new(signature, at, self.n_known);
        self.join(&life);
        self.lives.insert(key, life);
        self.changed.life(key);
        self.order.push_back((key, self.n_known));
        while self.order.len() > LIVES {
            self.forget_oldest();
        }
        signature
    }

    /// Forgets the life that is known the longest; an open one then counts as if it had never been.
    fn forget_oldest(&mut self) {
        let Some((key, number)) = self.order.pop_front() else { return };
        if self.lives.get(&key).is_some_and(|life| life.number == number)
            && let Some(life) = self.lives.remove(&key)
        {
            if self.kinds.get(&life.kind).is_some_and(|kind| !kind.is_end(life.last)) {
                self.n_dropped += 1;
                self.leave(&life);
            }
            self.changed.forgotten(key);
        }
    }

    fn join(&mut self, life: &Life) {
        if self.kinds.len() >= KINDS && !self.kinds.contains_key(&life.kind) {
            return;
        }
        let kind = self.kinds.entry(life.kind).or_default();
        let n_before = kind.n_minutes();
        kind.join(life);
        let oldest = self.newest.map_or(life.start.minute(), Timestamp::minute).plus(-RETENTION);
        self.changed.kind(life.kind, life.start.minute());
        while let Some(forgotten) = kind.forget_one_before(oldest) {
            self.changed.kind(life.kind, forgotten);
        }
        self.n_minutes = self.n_minutes + kind.n_minutes() - n_before;
        if self.n_minutes > MINUTES {
            self.retire_one();
        }
    }

    fn leave(&mut self, life: &Life) {
        if let Some(kind) = self.kinds.get_mut(&life.kind) {
            kind.leave(life);
            self.changed.kind(life.kind, life.start.minute());
        }
    }

    /// Makes room: the kind that looks least like work is not followed any more.
    fn retire_one(&mut self) {
        let followed = self.kinds.iter_mut().filter(|(_, kind)| kind.n_minutes() > 0);
        let least =
            followed.min_by(|(a, x), (b, y)| x.share_that_went_on().total_cmp(&y.share_that_went_on()).then(a.cmp(b)));
        if let Some((signature, kind)) = least {
            self.n_minutes -= kind.n_minutes();
            kind.minutes().for_each(|minute| self.changed.kind(*signature, minute));
            kind.retire();
        }
    }
}

#[cfg(test)]
mod tests;
