//! The events of single lines that are held, in the order in which they begin, each carrier with at most one that is open.
//!
//! Input: lines of which none continues another. Output: the events that are over. The same as the queue comes to, of
//! which this is the short way: where a line comes that may continue another, all become events like any other.
//!
//! Pure. Bounded: an event waits for no more lines of others than in the queue.

use std::collections::VecDeque;
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use smallvec::SmallVec;

use super::held::Held;
use super::lines::Chunk;
use super::queue::OTHER_LINES;

/// Who wrote a line; nothing for those that no carrier brings.
pub(super) type Carrier = SmallVec<[u8; 64]>;

/// The events.
#[derive(Debug, Default)]
pub(super) struct Lane {
    held: VecDeque<(Held, Carrier)>,
    /// Of each the hash of its carrier while it is open, else zero: most are told apart by it.
    open: VecDeque<u64>,
    hasher: RandomState,
}

impl Lane {
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// The event that began first.
    pub(super) fn first(&self) -> Option<&Held> {
        self.held.front().map(|(first, _)| first)
    }

    /// Whether a line that no carrier brought and that begins nothing by itself might belong to a held event.
    pub(super) fn may_go_on(&self) -> bool {
        let of_none = |(held, carrier): &&(Held, Carrier)| !held.is_closed && carrier.is_empty();
        self.held.iter().rev().find(of_none).is_some_and(|(held, _)| !held.is_said)
    }

    /// The only event, where it is open and no carrier brought it.
    pub(super) fn take_only(&mut self) -> Option<Held> {
        if self.held.len() > 1 || !self.held.front()?.1.is_empty() {
            return None;
        }
        self.open.clear();
        self.held.pop_front().map(|(only, _)| only)
    }

    /// Ends the open event of a carrier, and holds the next.
    pub(super) fn push(&mut self, next: Held, carrier: Carrier) {
        let hash = self.hasher.hash_one(carrier.as_slice()) | 1;
        let same = |place: &usize| self.held.get(*place).is_some_and(|(_, other)| *other == carrier);
        let mut places = (0..self.open.len()).rev().filter(|place| self.open.get(*place) == Some(&hash));
        if !next.is_closed
            && let Some(place) = places.find(same)
        {
            self.close(place);
        }
        self.open.push_back(if next.is_closed { 0 } else { hash });
        self.held.push_back((next, carrier));
    }

    fn close(&mut self, place: usize) {
        if let Some((held, _)) = self.held.get_mut(place) {
            held.is_closed = true;
        }
        if let Some(open) = self.open.get_mut(place) {
            *open = 0;
        }
    }

    /// The next event that is over; one that waited for too many lines of others is, and then `flushed` is set.
    pub(super) fn over(&mut self, number: u64, flushed: &mut bool) -> Option<Held> {
        let (first, _) = self.held.front()?;
        let is_late = number.saturating_sub(first.number) > OTHER_LINES && self.held.len() > 1;
        if !(first.is_closed || is_late) {
            return None;
        }
        *flushed |= !first.is_closed;
        self.open.pop_front();
        self.held.pop_front().map(|(first, _)| first)
    }

    /// Copies the lines that lie in a chunk, before it is gone.
    pub(super) fn keep(&mut self, chunk: &Chunk<'_>) {
        self.held.iter_mut().for_each(|(held, _)| held.keep(chunk));
    }

    /// Gives all events away.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Held> + '_ {
        self.open.clear();
        self.held.drain(..).map(|(held, _)| held)
    }
}
