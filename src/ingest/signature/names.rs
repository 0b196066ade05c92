//! Remembers the signatures of folded messages, because logs repeat themselves.
//!
//! Pure in what it tells: an entry that was dropped is made again, the same as before. Bounded.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{Scratch, Signature, first_lines, fold, of_folded};

/// A longer fold is not kept.
pub(in crate::ingest) const FOLD_BYTES: usize = 2 * 1024;
/// What an entry takes beside its texts.
const ENTRY_BYTES: usize = 128;

/// The signatures that were made lately, by the folds of their messages.
#[derive(Debug)]
pub struct Names {
    /// Places of what is kept, by fold. The hash has a seed of its own in every run, and decides nothing but time.
    places: HashMap<Box<[u8]>, usize, RandomState>,
    kept: Vec<Signature>,
    /// Bytes of folds and templates that are kept; beyond, all are dropped.
    most_bytes: usize,
    n_bytes: usize,
    folded: Vec<u8>,
    scratch: Scratch,
    /// The last one that is not kept.
    passing: Signature,
}

/// Where a signature is kept.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) struct Place(usize);

impl Place {
    /// Whether its signature is kept until room is made.
    pub(in crate::ingest) fn is_kept(self) -> bool {
        self.0 != usize::MAX
    }
}

impl Names {
    /// Keeps so many bytes of folds and templates at most.
    #[must_use]
    pub fn new(most_bytes: usize) -> Self {
        Self {
            places: HashMap::default(),
            kept: Vec::new(),
            most_bytes,
            n_bytes: 0,
            folded: Vec::new(),
            scratch: Scratch::default(),
            passing: of_folded(b"", &mut Scratch::default()),
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
        self.folded.clear();
        fold::fold_part(text, from, to, &mut self.folded);
        match self.places.get(self.folded.as_slice()) {
            Some(place) => Place(*place),
            None => Place(self.add()),
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
            self.kept.clear();
            self.n_bytes = 0;
        }
    }

    /// The signature at a place.
    pub(in crate::ingest) fn at(&self, Place(place): Place) -> &Signature {
        self.kept.get(place).unwrap_or(&self.passing)
    }

    /// Makes the signature of what was folded; returns its place, which is behind all others where it is not kept.
    fn add(&mut self) -> usize {
        let signature = of_folded(&self.folded, &mut self.scratch);
        if self.folded.len() > FOLD_BYTES {
            self.passing = signature;
            return usize::MAX;
        }
        self.n_bytes += self.folded.len() + signature.template.len() + ENTRY_BYTES;
        let place = self.kept.len();
        self.places.insert(self.folded.as_slice().into(), place);
        self.kept.push(signature);
        place
    }
}
