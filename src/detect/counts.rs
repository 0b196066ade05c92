//! Holds how often each signature occurred in each minute.

use std::ops::Range;

use crate::ingest::{Level, Signature};
use crate::units::{Minute, SignatureId, Timestamp};

/// A signature's place in the [`Catalog`]; dense from 0, so that flat arrays can be indexed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignatureIndex(pub u32);

/// What is known of a signature beside its counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Its stable name.
    pub id: SignatureId,
    /// The masked message.
    pub template: String,
    /// The most serious level it was seen with.
    pub level: Option<Level>,
    /// Raw text of one event of it.
    pub example: String,
    /// Time of its first and last event.
    pub first: Timestamp,
    /// Time of its last event.
    pub last: Timestamp,
}

/// Every signature ever seen, in order of first sight.
#[derive(Debug, Default)]
pub struct Catalog {}

impl Catalog {
    /// Notes an event of this signature; returns its index, new or not.
    pub fn note(
        &mut self,
        signature: &Signature,
        level: Option<Level>,
        at: Timestamp,
        example: &str,
    ) -> SignatureIndex {
        let _ = (signature, level, at, example);
        unimplemented!()
    }
    /// Takes back what a store kept; indices must come in order, without holes.
    pub fn restore(&mut self, known: Known) -> SignatureIndex {
        let _ = known;
        unimplemented!()
    }
    /// What is known of the signature.
    #[must_use]
    pub fn get(&self, index: SignatureIndex) -> Option<&Known> {
        let _ = index;
        unimplemented!()
    }
    /// The index of an id.
    #[must_use]
    pub fn find(&self, id: SignatureId) -> Option<SignatureIndex> {
        let _ = id;
        unimplemented!()
    }
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        unimplemented!()
    }
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// All, in order of index.
    pub fn iter(&self) -> impl Iterator<Item = (SignatureIndex, &Known)> {
        std::iter::empty()
    }
    /// The indices whose [`Known`] changed since the last call: what a store must write.
    pub fn take_changed(&mut self) -> Vec<SignatureIndex> {
        unimplemented!()
    }
}

/// How far a minute can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coverage {
    /// Not observed: counts are unknown, not zero.
    Unknown,
    /// Some source is known to be missing: counts are a lower bound.
    Partial,
    /// Every source was observed.
    Complete,
}

/// One minute as a store keeps it: see [`Counts::take_dirty`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedMinute {
    /// Which minute.
    pub minute: Minute,
    /// How far it can be trusted; never `Unknown`.
    pub coverage: Coverage,
    /// The counts: version byte, pair count, varint pairs (index delta, count), 4-byte checksum.
    pub cells: Vec<u8>,
}

/// Why a packed minute cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackedError {
    /// The bytes end early, run on, or are of another version.
    #[error("minute {} is not in a form that this version reads", .0.number())]
    Malformed(Minute),
    /// The checksum does not agree.
    #[error("minute {} is damaged: its checksum is wrong", .0.number())]
    Damaged(Minute),
}

/// Events per signature and minute.
#[derive(Debug, Default)]
pub struct Counts {}

impl Counts {
    /// Adds events to a minute, which does not by itself make it observed.
    pub fn add(&mut self, minute: Minute, signature: SignatureIndex, n: u32) {
        let _ = (minute, signature, n);
        unimplemented!()
    }
    /// Notes that these minutes were observed; never lowers a minute's coverage.
    pub fn observe(&mut self, minutes: Range<Minute>, coverage: Coverage) {
        let _ = (minutes, coverage);
        unimplemented!()
    }
    /// How far the minute can be trusted.
    #[must_use]
    pub fn coverage(&self, minute: Minute) -> Coverage {
        let _ = minute;
        unimplemented!()
    }
    /// The counts of one signature for each minute of the range; `None` where unknown.
    #[must_use]
    pub fn series(&self, signature: SignatureIndex, range: Range<Minute>) -> Vec<Option<u32>> {
        let _ = (signature, range);
        unimplemented!()
    }
    /// The sum for each signature index over the minutes of the range that are at least `least`
    /// covered, and how many minutes those are.
    #[must_use]
    pub fn sums(&self, range: Range<Minute>, least: Coverage) -> (Vec<u64>, u32) {
        let _ = (range, least);
        unimplemented!()
    }
    /// First and last minute that hold anything or were observed.
    #[must_use]
    pub fn span(&self) -> Option<(Minute, Minute)> {
        unimplemented!()
    }
    /// The minutes that changed since the last call, whole: what a store must write.
    pub fn take_dirty(&mut self) -> Vec<PackedMinute> {
        unimplemented!()
    }
    /// Takes back what a store kept.
    ///
    /// # Errors
    ///
    /// When the cells are malformed or damaged; the minute is then unknown.
    pub fn restore(&mut self, packed: &PackedMinute) -> Result<(), PackedError> {
        let _ = packed;
        unimplemented!()
    }
    /// Forgets everything before this minute.
    pub fn forget_before(&mut self, minute: Minute) {
        let _ = minute;
        unimplemented!()
    }
}
