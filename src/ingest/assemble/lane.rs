//! The events of single lines that are held, in the order in which they begin, each carrier with at most one that is open.
//!
//! Input: lines of which none continues another. Output: the events that are over. The same as the queue comes to, of
//! which this is the short way: where a line comes that may continue another, all become events like any other.
//!
//! Pure. Bounded: an event waits for no more lines of others than in the queue.

use std::collections::VecDeque;

use super::carriers::{Carrier, Carriers};
use super::held::Held;
use super::lines::Chunk;
use super::queue::OTHER_LINES;
use crate::units::Timestamp;

/// The events.
#[derive(Debug, Default)]
pub(super) struct Lane {
    held: VecDeque<Held>,
    /// How many were held before the first.
    n_before: u64,
    /// Of each carrier the open event, as its place among all that were ever held, from 1; 0 where none is open.
    open: Vec<u64>,
    carriers: Carriers,
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
        self.held.front()
    }

    /// The number of a carrier; good until nothing is held.
    pub(super) fn carrier<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) -> Carrier {
        self.carriers.number(words)
    }

    /// Whether there are so many carriers that all held events should be given away.
    pub(super) fn is_full(&self) -> bool {
        self.carriers.is_full()
    }

    /// Whether a line that no carrier brought and that begins nothing by itself might belong to a held event.
    pub(super) fn may_go_on(&self) -> bool {
        self.open_of(Carrier::NONE).and_then(|place| self.held.get(place)).is_some_and(|held| !held.is_said)
    }

    /// Whether there is one event only, open, and no carrier brought it.
    #[inline]
    pub(super) fn is_only(&self) -> bool {
        self.held.len() == 1 && self.held.front().is_some_and(|only| only.carrier == Carrier::NONE)
    }

    /// Ends the open event of the carrier of the next, unless that is over already, and holds that: where it is to stay.
    #[inline]
    pub(super) fn push(&mut self, carrier: Carrier, is_closed: bool, write: impl FnOnce(&mut Held)) {
        let place = self.n_before + self.held.len() as u64 + 1;
        if self.open.len() <= carrier.index() {
            self.open.resize(carrier.index() + 1, 0);
        }
        if !is_closed {
            if let Some(held) = self.open_of(carrier).and_then(|place| self.held.get_mut(place)) {
                held.is_closed = true;
            }
            self.mark(carrier, place);
        }
        self.held.push_back(Held::EMPTY);
        if let Some(next) = self.held.back_mut() {
            write(next);
            (next.carrier, next.is_closed) = (carrier, is_closed);
        }
    }

    /// The first event, where it is over: its successor came, or it waited for too many lines of others.
    #[inline]
    pub(super) fn first_over(&self, number: u64) -> Option<&Held> {
        let is_late = |first: &Held| number.saturating_sub(first.number) > OTHER_LINES && self.held.len() > 1;
        self.held.front().filter(|first| first.is_closed || is_late(first))
    }

    /// Forgets the first event.
    #[inline]
    pub(super) fn drop_first(&mut self) {
        let Some(first) = self.held.front() else { return };
        let (carrier, is_closed) = (first.carrier, first.is_closed);
        if !is_closed {
            self.mark(carrier, 0);
        }
        self.held.pop_front();
        self.n_before += 1;
    }

    /// Copies the lines that lie in a chunk, which came at `now`, before it is gone.
    pub(super) fn keep(&mut self, chunk: &Chunk<'_>, now: Timestamp) {
        self.held.iter_mut().for_each(|held| held.keep(chunk, now));
    }

    /// Gives all events away.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Held> + '_ {
        self.n_before += self.held.len() as u64;
        if self.is_full() {
            self.carriers.clear();
            self.open.clear();
        }
        let open = &mut self.open;
        self.held.drain(..).inspect(|held| {
            if let Some(open) = open.get_mut(held.carrier.index()) {
                *open = 0;
            }
        })
    }

    /// Where the open event of a carrier is held.
    fn open_of(&self, carrier: Carrier) -> Option<usize> {
        let place = self.open.get(carrier.index())?;
        usize::try_from(place.checked_sub(self.n_before + 1)?).ok()
    }

    fn mark(&mut self, carrier: Carrier, place: u64) {
        if let Some(open) = self.open.get_mut(carrier.index()) {
            *open = place;
        }
    }
}
