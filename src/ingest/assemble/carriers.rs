//! Numbers for those who wrote lines, so that their names are compared and kept once.
//!
//! Pure. Bounded: the numbers are good until they are forgotten, which whoever holds them does when there are too many.

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// Numbers after which they should be forgotten.
const MOST: usize = 4096;

/// The number of a carrier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Carrier(u32);

impl Carrier {
    /// Of lines that no carrier brings.
    pub(super) const NONE: Self = Self(0);

    /// From 0, without gaps.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The carriers that have a number.
#[derive(Debug, Default)]
pub(super) struct Carriers {
    known: HashMap<Box<[u8]>, Carrier, RandomState>,
    /// Where a name is put together.
    name: Vec<u8>,
}

impl Carriers {
    /// The number of the carrier whose name these words are, with a blank between each two; none where that is empty.
    pub(super) fn number<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) -> Carrier {
        self.name.clear();
        for (n, word) in words.into_iter().enumerate() {
            self.name.extend_from_slice(if n > 0 { b" " } else { b"" });
            self.name.extend_from_slice(word.as_bytes());
        }
        if self.name.is_empty() {
            return Carrier::NONE;
        }
        if let Some(known) = self.known.get(self.name.as_slice()) {
            return *known;
        }
        let next = Carrier(u32::try_from(self.known.len() + 1).unwrap_or(u32::MAX));
        self.known.insert(self.name.as_slice().into(), next);
        next
    }

    /// Whether the numbers should be forgotten.
    pub(super) fn is_full(&self) -> bool {
        self.known.len() >= MOST
    }

    /// Forgets all numbers.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }
}
