//! Holds how often each signature occurred in each minute.
//!
//! Input: events, one at a time and in any order, and which minutes were observed. Output: counts per
//! minute, sums over days, and the packed minutes that a store keeps.
//!
//! A minute is held as the bytes that are stored, about two a cell; what came since it was packed lies
//! beside them, so that a late line costs the same in any minute. Every read sees both.
//!
//! Pure. Decides nothing about what is old, late or rare enough to forget.

mod catalog;
mod packed;

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;
use std::ops::Range;

use serde::{Deserialize, Serialize};

pub(crate) use catalog::cut;
pub use catalog::{Catalog, Known, SIGNATURES};
pub use packed::{PackedError, PackedMinute};

use crate::units::Minute;

/// A signature's place in the [`Catalog`]; dense from 0, so that flat arrays can be indexed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SignatureIndex(pub u32);

/// How far a minute can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coverage {
    /// Not observed: counts are unknown, not zero.
    Unknown,
    /// Some source is known to be missing: counts are a lower bound.
    Partial,
    /// Every source was observed, as far as the minutes around it tell.
    Complete,
    /// Every source was observed, as somebody says who would know: a minute without events is a quiet one.
    Told,
}

/// The most minutes that one call of [`Counts::observe`] covers: 100 days.
pub const OBSERVED_AT_ONCE: i32 = 100 * 24 * 60;

/// Cells beside a packed minute from which on they are packed into it at once.
const LATE_CELLS: usize = 64;

#[derive(Debug)]
struct Slot {
    coverage: Coverage,
    /// As stored; empty bytes stand for no cells.
    packed: Box<[u8]>,
    n_packed: usize,
    /// Events that came after it was packed, by index.
    late: BTreeMap<u32, u32>,
    /// Sum over the events of a number made of each one's signature.
    fingerprint: u64,
}

impl Slot {
    fn new() -> Self {
        Self { coverage: Coverage::Unknown, packed: Box::default(), n_packed: 0, late: BTreeMap::new(), fingerprint: 0 }
    }

    /// A number made of everything in it; nothing of a minute of which nothing is known.
    fn told(&self, minute: Minute) -> u64 {
        if self.coverage == Coverage::Unknown && self.fingerprint == 0 {
            return 0;
        }
        let place = mix(u64::from(minute.number().cast_unsigned()) << 2 | self.coverage as u64);
        mix(place ^ self.fingerprint)
    }

    fn cells(&self) -> Cells<'_> {
        Cells { packed: packed::Pairs::trusted(&self.packed).peekable(), late: self.late.iter().peekable() }
    }

    fn replace(&mut self, packed: Box<[u8]>, n_packed: usize) {
        (self.packed, self.n_packed) = (packed, n_packed);
        let of_cell = |(index, n): (u32, u32)| mix(u64::from(index)).wrapping_mul(u64::from(n));
        self.fingerprint = self.cells().map(of_cell).fold(0, u64::wrapping_add);
    }

    fn pack(&mut self) {
        if self.late.is_empty() && !self.packed.is_empty() {
            return;
        }
        let cells: Vec<(u32, u32)> = self.cells().collect();
        self.packed = packed::pack(&cells).into_boxed_slice();
        self.n_packed = cells.len();
        self.late.clear();
    }
}

/// The cells of one minute, by ascending index.
#[derive(Debug)]
pub(crate) struct Cells<'a> {
    packed: Peekable<packed::Pairs<'a>>,
    late: Peekable<std::collections::btree_map::Iter<'a, u32, u32>>,
}

impl Iterator for Cells<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        let Some(&(&late, &n)) = self.late.peek() else {
            return self.packed.next();
        };
        match self.packed.peek() {
            Some(&(index, _)) if index < late => self.packed.next(),
            Some(&(index, before)) if index == late => {
                self.packed.next();
                self.late.next();
                Some((index, before.saturating_add(n)))
            }
            Some(_) | None => {
                self.late.next();
                Some((late, n))
            }
        }
    }
}

/// Events per signature and minute.
///
/// A minute that was never observed is unknown, even where events of it were counted.
#[derive(Debug, Default)]
pub struct Counts {
    minutes: BTreeMap<Minute, Slot>,
    dirty: BTreeSet<Minute>,
    /// Sum over the minutes of each hour of what [`fingerprint`](Self::fingerprint) makes of them.
    hours: BTreeMap<i32, u64>,
}

impl Counts {
    /// Adds events to a minute, which does not by itself make it observed.
    ///
    /// A cell saturates at `u32::MAX`. An index that no [`Catalog`] gives out counts as the last one.
    pub fn add(&mut self, minute: Minute, signature: SignatureIndex, n: u32) {
        if n == 0 {
            return;
        }
        let index = signature.0.min(SIGNATURES - 1);
        let slot = self.minutes.entry(minute).or_insert_with(Slot::new);
        let before = slot.told(minute);
        let cell = slot.late.entry(index).or_insert(0);
        *cell = cell.saturating_add(n);
        slot.fingerprint = slot.fingerprint.wrapping_add(mix(u64::from(index)).wrapping_mul(u64::from(n)));
        note(&mut self.hours, minute, before, slot);
        // In proportion to what is packed, so that packing costs each cell a constant.
        if slot.late.len() > LATE_CELLS + slot.n_packed / 2 {
            slot.pack();
        }
        self.dirty.insert(minute);
    }

    /// Notes that these minutes were observed; never lowers a minute's coverage.
    ///
    /// Of a range longer than [`OBSERVED_AT_ONCE`], only the newest minutes are noted.
    pub fn observe(&mut self, minutes: Range<Minute>, coverage: Coverage) {
        if coverage == Coverage::Unknown {
            return;
        }
        let first = minutes.start.max(minutes.end.plus(-OBSERVED_AT_ONCE));
        for minute in first.until(minutes.end) {
            let slot = self.minutes.entry(minute).or_insert_with(Slot::new);
            if slot.coverage < coverage {
                let before = slot.told(minute);
                slot.coverage = coverage;
                note(&mut self.hours, minute, before, slot);
                self.dirty.insert(minute);
            }
        }
    }

    /// How far the minute can be trusted.
    #[must_use]
    pub fn coverage(&self, minute: Minute) -> Coverage {
        self.minutes.get(&minute).map_or(Coverage::Unknown, |slot| slot.coverage)
    }

    /// The counts of one signature for each minute of the range; `None` where unknown.
    ///
    /// At most [`OBSERVED_AT_ONCE`] minutes, from the start of the range.
    #[must_use]
    pub fn series(&self, signature: SignatureIndex, range: Range<Minute>) -> Vec<Option<u32>> {
        let end = range.end.min(range.start.plus(OBSERVED_AT_ONCE));
        let length = usize::try_from(end.since(range.start)).unwrap_or(0);
        let mut series = vec![None; length];
        for (minute, coverage, mut cells) in self.minutes(range.start..end) {
            let place = usize::try_from(minute.since(range.start)).ok().and_then(|place| series.get_mut(place));
            if let (Some(place), true) = (place, coverage > Coverage::Unknown) {
                let cell = cells.find(|&(index, _)| index >= signature.0).filter(|&(index, _)| index == signature.0);
                *place = Some(cell.map_or(0, |(_, n)| n));
            }
        }
        series
    }

    /// The sum for each signature index over the minutes of the range that are at least `least`
    /// covered, and how many minutes those are.
    ///
    /// Minutes of which nothing at all is held are in no sum. The sums end with the last signature that
    /// has an event.
    #[must_use]
    pub fn sums(&self, range: Range<Minute>, least: Coverage) -> (Vec<u64>, u32) {
        let mut sums = Vec::new();
        let mut n_minutes = 0_u32;
        for (_, coverage, cells) in self.minutes(range) {
            if coverage < least {
                continue;
            }
            n_minutes = n_minutes.saturating_add(1);
            for (index, n) in cells {
                let sum: &mut u64 = at(&mut sums, index);
                *sum = sum.saturating_add(u64::from(n));
            }
        }
        (sums, n_minutes)
    }

    /// The same events, each counted under another signature: what came together under one is added up.
    #[must_use]
    pub fn regrouped(&self, lead: impl Fn(SignatureIndex) -> SignatureIndex) -> Self {
        let mut regrouped = Self::default();
        for (minute, slot) in &self.minutes {
            let cells = led(slot.cells(), &lead);
            let mut copy = Slot { coverage: slot.coverage, ..Slot::new() };
            copy.replace(packed::pack(&cells).into_boxed_slice(), cells.len());
            note(&mut regrouped.hours, *minute, 0, &copy);
            regrouped.minutes.insert(*minute, copy);
        }
        regrouped
    }

    /// First and last minute that hold anything or were observed.
    #[must_use]
    pub fn span(&self) -> Option<(Minute, Minute)> {
        let (&first, _) = self.minutes.first_key_value()?;
        let (&last, _) = self.minutes.last_key_value()?;
        Some((first, last))
    }

    /// The minutes that changed since the last call, whole: what a store must write.
    pub fn take_dirty(&mut self) -> Vec<PackedMinute> {
        let mut taken = Vec::with_capacity(self.dirty.len());
        for minute in std::mem::take(&mut self.dirty) {
            if let Some(slot) = self.minutes.get_mut(&minute) {
                slot.pack();
                taken.push(PackedMinute { minute, coverage: slot.coverage, cells: slot.packed.to_vec() });
            }
        }
        taken
    }

    /// Takes back what a store kept; it takes the place of what is packed of that minute, while events
    /// counted since stay and are added.
    ///
    /// # Errors
    ///
    /// When the cells are malformed or damaged; the minute is then unknown.
    pub fn restore(&mut self, packed: &PackedMinute) -> Result<(), PackedError> {
        let cells = match packed::unpack(packed) {
            Ok(cells) => cells,
            Err(error) => {
                if let Some(slot) = self.minutes.get_mut(&packed.minute) {
                    let before = slot.told(packed.minute);
                    slot.coverage = Coverage::Unknown;
                    slot.replace(Box::default(), 0);
                    note(&mut self.hours, packed.minute, before, slot);
                }
                return Err(error);
            }
        };
        let slot = self.minutes.entry(packed.minute).or_insert_with(Slot::new);
        let before = slot.told(packed.minute);
        slot.coverage = slot.coverage.max(packed.coverage);
        slot.replace(packed.cells.clone().into_boxed_slice(), cells.len());
        note(&mut self.hours, packed.minute, before, slot);
        Ok(())
    }

    /// Forgets everything before this minute.
    pub fn forget_before(&mut self, minute: Minute) {
        for (forgotten, slot) in self.minutes.range(..minute) {
            let sum = self.hours.entry(hour_of(*forgotten)).or_default();
            *sum = sum.wrapping_sub(slot.told(*forgotten));
        }
        self.hours.retain(|hour, _| *hour >= hour_of(minute));
        self.minutes = self.minutes.split_off(&minute);
        self.dirty = self.dirty.split_off(&minute);
    }

    /// The minutes of the range of which anything is held, in order, each with its cells.
    pub(crate) fn minutes(&self, range: Range<Minute>) -> impl Iterator<Item = (Minute, Coverage, Cells<'_>)> {
        let range = range.start..range.end.max(range.start);
        self.minutes.range(range).map(|(&minute, slot)| (minute, slot.coverage, slot.cells()))
    }

    /// A number made of everything held in the range: the same for the same contents, however they
    /// came there, and with near certainty another one for others.
    pub(crate) fn fingerprint(&self, range: Range<Minute>) -> u64 {
        let range = range.start..range.end.max(range.start);
        let of = |part: Range<Minute>| {
            let told = self.minutes.range(part).map(|(minute, slot)| slot.told(*minute));
            told.fold(0, u64::wrapping_add)
        };
        // Whole hours are summed already.
        let (first, last) = (hour_of(range.start.plus(HOUR - 1)), hour_of(range.end));
        if first >= last {
            return of(range);
        }
        let whole = self.hours.range(first..last).map(|(_, told)| *told).fold(0, u64::wrapping_add);
        let edges = [range.start..Minute::from_number(first * HOUR), Minute::from_number(last * HOUR)..range.end];
        edges.into_iter().map(of).fold(whole, u64::wrapping_add)
    }
}

const HOUR: i32 = 60;

fn hour_of(minute: Minute) -> i32 {
    minute.number().div_euclid(HOUR)
}

/// Keeps the sum of an hour right when one of its minutes changed.
fn note(hours: &mut BTreeMap<i32, u64>, minute: Minute, before: u64, slot: &Slot) {
    let sum = hours.entry(hour_of(minute)).or_default();
    *sum = sum.wrapping_sub(before).wrapping_add(slot.told(minute));
}

/// The cells, each under another index; what came together is added up.
fn led(cells: impl Iterator<Item = (u32, u32)>, lead: impl Fn(SignatureIndex) -> SignatureIndex) -> Vec<(u32, u32)> {
    let mut cells: Vec<(u32, u32)> =
        cells.map(|(index, n)| (lead(SignatureIndex(index)).0.min(SIGNATURES - 1), n)).collect();
    cells.sort_unstable();
    cells.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        if is_same {
            kept.1 = kept.1.saturating_add(next.1);
        }
        is_same
    });
    cells
}

impl PackedMinute {
    /// The same minute with each signature counted under another index.
    ///
    /// # Errors
    ///
    /// When the cells are malformed or damaged.
    pub fn under(&self, lead: impl Fn(SignatureIndex) -> SignatureIndex) -> Result<Self, PackedError> {
        let cells = led(packed::unpack(self)?.into_iter(), lead);
        Ok(Self { minute: self.minute, coverage: self.coverage, cells: packed::pack(&cells) })
    }
}

/// The place of an index in a flat array, which grows to hold it.
pub(crate) fn at<T: Clone + Default>(flat: &mut Vec<T>, index: u32) -> &mut T {
    let place = index as usize;
    if flat.len() <= place {
        flat.resize(place + 1, T::default());
    }
    &mut flat[place]
}

/// Spreads a number over all bits.
///
/// Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators (2014), as splitmix64.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests;
