//! Remembers the signatures of folded messages, because logs repeat themselves.
//!
//! Pure in what it tells: an entry that was dropped is made again, the same as before. Bounded.

use std::hash::BuildHasher as _;
use std::ops::Range;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::padded::Room;
use super::{Parts, Signature, first_lines, fold, of_folded};

/// A longer fold is not kept.
pub(in crate::ingest) const FOLD_BYTES: usize = 2 * 1024;
/// What an entry takes beside its texts.
const ENTRY_BYTES: usize = 128;

/// The signatures that were made lately, by the folds of their messages.
#[derive(Debug)]
pub struct Names {
    /// Places of what is kept, by fold. The hash has a seed of its own in every run, and decides nothing but time.
    places: HashTable<u32>,
    hasher: RandomState,
    /// What is kept, and behind the first `n_kept`, memory for what will be: logs of ever new forms fill it many times.
    entries: Vec<Entry>,
    n_kept: usize,
    /// The folds of what is kept, one behind the other.
    folds: Vec<u8>,
    /// Bytes of folds and templates that are kept; beyond, all are dropped.
    most_bytes: usize,
    n_bytes: usize,
    folded: Room,
    parts: Parts,
    /// The last one that is not kept.
    passing: Signature,
}

#[derive(Debug)]
struct Entry {
    hash: u64,
    /// Where its fold is.
    fold: Range<usize>,
    signature: Signature,
}

/// Where a signature is kept.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) struct Place(usize);

impl Place {
    /// The place of no signature that is kept.
    pub(in crate::ingest) const NONE: Self = Self(usize::MAX);

    /// Whether its signature is kept until room is made.
    pub(in crate::ingest) fn is_kept(self) -> bool {
        self.0 != Self::NONE.0
    }
}

impl Names {
    /// Keeps so many bytes of folds and templates at most.
    #[must_use]
    pub fn new(most_bytes: usize) -> Self {
        Self {
            places: HashTable::new(),
            hasher: RandomState::default(),
            entries: Vec::new(),
            n_kept: 0,
            folds: Vec::new(),
            most_bytes,
            n_bytes: 0,
            folded: Room::default(),
            parts: Parts::default(),
            passing: Signature::default(),
        }
    }

    /// The signature of a message: the same as [`of_message`](super::of_message) gives.
    pub fn of_message(&mut self, message: &str) -> &Signature {
        self.make_room();
        let first = first_lines(message);
        let place = self.place(first.as_bytes(), 0, first.len());
        self.at(place)
    }

    /// The place of the signature of the message `text[from..to]`, which is one line without blanks around it.
    ///
    /// Bytes around it have no influence; where there are some, it is faster. The place is good until room is made, or
    /// where it is not kept, until the next is asked for.
    pub(in crate::ingest) fn place(&mut self, text: &[u8], from: usize, to: usize) -> Place {
        fold::fold_part(text, from, to, self.folded.begin());
        let folded = self.folded.text();
        let hash = self.hasher.hash_one(folded);
        let is_it = |place: &u32| {
            let entry = self.entries.get(*place as usize);
            entry.is_some_and(|entry| entry.hash == hash && self.folds.get(entry.fold.clone()) == Some(folded))
        };
        match self.places.find(hash, is_it) {
            Some(place) => Place(*place as usize),
            None => Place(self.add(hash)),
        }
    }

    /// Whether as much is kept as may be.
    pub(in crate::ingest) fn is_full(&self) -> bool {
        self.n_bytes > self.most_bytes
    }

    /// Drops all when as much is kept as may be.
    pub(in crate::ingest) fn make_room(&mut self) {
        if self.is_full() {
            self.places.clear();
            self.folds.clear();
            // What was not used since the last time is given back.
            self.entries.truncate(self.n_kept);
            (self.n_kept, self.n_bytes) = (0, 0);
        }
    }

    /// The signature at a place.
    pub(in crate::ingest) fn at(&self, Place(place): Place) -> &Signature {
        self.entries.get(place).map_or(&self.passing, |entry| &entry.signature)
    }

    /// Makes the signature of what was folded; returns its place, which is behind all others where it is not kept.
    fn add(&mut self, hash: u64) -> usize {
        let Self { folded, parts, entries, folds, .. } = self;
        let Some(place) = u32::try_from(self.n_kept).ok().filter(|_| folded.text().len() <= FOLD_BYTES) else {
            self.passing.become_of(folded, parts);
            return Place::NONE.0;
        };
        let n_folded = folded.text().len();
        let fold = folds.len()..folds.len() + n_folded;
        folds.extend_from_slice(folded.text());
        match entries.get_mut(self.n_kept) {
            Some(entry) => {
                (entry.hash, entry.fold) = (hash, fold);
                entry.signature.become_of(folded, parts);
            }
            None => entries.push(Entry { hash, fold, signature: of_folded(folded, parts) }),
        }
        let n_template = entries.get(self.n_kept).map_or(0, |entry| entry.signature.template.capacity());
        self.n_bytes += n_folded + n_template + ENTRY_BYTES;
        self.n_kept += 1;
        self.places.insert_unique(hash, place, |place| entries.get(*place as usize).map_or(0, |entry| entry.hash));
        place as usize
    }
}
