use proptest::prelude::*;

use super::*;
use crate::ingest::{Level, signature};
use crate::units::{SignatureId, Timestamp};

fn minute(number: i32) -> Minute {
    Minute::from_number(number)
}

/// Events as minute, signature and how often.
fn counted(events: &[(i32, u32, u32)]) -> Counts {
    let mut counts = Counts::default();
    for &(at, index, n) in events {
        counts.add(minute(at), SignatureIndex(index), n);
        counts.observe(minute(at)..minute(at + 1), Coverage::Complete);
    }
    counts
}

fn everything() -> Range<Minute> {
    minute(-10_000)..minute(10_000)
}

type Held = (Minute, Coverage, Vec<(u32, u32)>);

/// All that can be asked of counts.
fn held(counts: &Counts) -> Vec<Held> {
    counts.minutes(everything()).map(|(minute, coverage, cells)| (minute, coverage, cells.collect())).collect()
}

fn stored_and_restored(counts: &mut Counts) -> Counts {
    let mut restored = Counts::default();
    for packed in counts.take_dirty() {
        restored.restore(&packed).unwrap();
    }
    restored
}

fn some_events() -> impl Strategy<Value = Vec<(i32, u32, u32)>> {
    prop::collection::vec((-40..40_i32, prop_oneof![0..30_u32, 0..SIGNATURES], 0..400_u32), 0..400)
}

proptest! {
    /// What was counted does not depend on the order in which events came.
    #[test]
    fn order_changes_nothing(events in some_events()) {
        let backwards: Vec<_> = events.iter().rev().copied().collect();
        let (forwards, backwards) = (counted(&events), counted(&backwards));
        prop_assert_eq!(held(&forwards), held(&backwards));
        prop_assert_eq!(forwards.fingerprint(everything()), backwards.fingerprint(everything()));
    }

    /// A store gives back what it was given, and what is counted after that is added.
    #[test]
    fn what_is_stored_comes_back(events in some_events(), later in some_events()) {
        let mut counts = counted(&events);
        let mut restored = stored_and_restored(&mut counts);
        prop_assert_eq!(held(&restored), held(&counts));
        prop_assert!(counts.take_dirty().is_empty());
        for &(at, index, n) in &later {
            counts.add(minute(at), SignatureIndex(index), n);
            restored.add(minute(at), SignatureIndex(index), n);
        }
        prop_assert_eq!(held(&restored), held(&counts));
        prop_assert_eq!(restored.fingerprint(everything()), counts.fingerprint(everything()));
    }

    /// The sums, the series and the cells tell the same.
    #[test]
    fn all_ways_of_reading_agree(events in some_events()) {
        let counts = counted(&events);
        let (sums, n_minutes) = counts.sums(everything(), Coverage::Complete);
        prop_assert_eq!(n_minutes as usize, held(&counts).len());
        for (index, sum) in (0..40).map(|index| (SignatureIndex(index), sums.get(index as usize).copied().unwrap_or(0))) {
            let series: u64 = counts.series(index, minute(-40)..minute(40)).into_iter().flatten().map(u64::from).sum();
            prop_assert_eq!(series, sum);
        }
    }

    /// One flipped bit is noticed, and the minute is unknown rather than wrong.
    #[test]
    fn damage_is_noticed(events in some_events(), place: prop::sample::Index, bit in 0..8_u32) {
        let mut counts = counted(&events);
        for mut packed in counts.take_dirty().into_iter().take(3) {
            let place = place.index(packed.cells.len());
            packed.cells[place] ^= 1 << bit;
            let mut restored = Counts::default();
            prop_assert!(restored.restore(&packed).is_err());
            prop_assert_eq!(restored.coverage(packed.minute), Coverage::Unknown);
        }
    }

    /// Bytes from anywhere are refused or read, and what is read is written the same.
    #[test]
    fn any_bytes_are_read_or_refused(mut cells in prop::collection::vec(any::<u8>(), 0..40), sealed: bool) {
        if sealed {
            cells.insert(0, 1);
            let sum = packed::checksum(&cells);
            cells.extend(sum.to_le_bytes());
        }
        let mut counts = Counts::default();
        let minute = minute(5);
        if counts.restore(&PackedMinute { minute, coverage: Coverage::Complete, cells: cells.clone() }).is_ok() {
            counts.observe(minute..minute.plus(1), Coverage::Complete);
            counts.dirty.insert(minute);
            prop_assert_eq!(&counts.take_dirty()[0].cells, &cells);
        }
    }
}

/// The published check value of CRC-32.
#[test]
fn the_checksum_is_that_of_the_standard() {
    assert_eq!(packed::checksum(b"123456789"), 0xcbf4_3926);
}

#[test]
fn a_minute_that_was_not_observed_is_unknown_and_not_zero() {
    let mut counts = Counts::default();
    counts.add(minute(1), SignatureIndex(0), 3);
    counts.observe(minute(2)..minute(4), Coverage::Complete);
    assert_eq!(counts.series(SignatureIndex(0), minute(0)..minute(5)), [None, None, Some(0), Some(0), None]);
    let (sums, n_minutes) = counts.sums(everything(), Coverage::Complete);
    assert_eq!((sums, n_minutes), (vec![], 2));
}

#[test]
fn coverage_is_never_lowered() {
    let mut counts = Counts::default();
    counts.observe(minute(0)..minute(2), Coverage::Complete);
    counts.observe(minute(1)..minute(3), Coverage::Partial);
    let found = [0, 1, 2, 3].map(|at| counts.coverage(minute(at)));
    assert_eq!(found, [Coverage::Complete, Coverage::Complete, Coverage::Partial, Coverage::Unknown]);
}

#[test]
fn a_cell_stops_at_its_largest_number() {
    let mut counts = counted(&[(0, 1, u32::MAX - 1), (0, 1, 5)]);
    assert_eq!(held(&counts)[0].2, [(1, u32::MAX)]);
    let mut restored = stored_and_restored(&mut counts);
    restored.add(minute(0), SignatureIndex(1), 7);
    assert_eq!(held(&restored)[0].2, [(1, u32::MAX)]);
}

#[test]
fn forgetting_leaves_the_newer_minutes() {
    let mut counts = counted(&[(0, 1, 1), (5, 1, 2)]);
    counts.forget_before(minute(5));
    assert_eq!(counts.span(), Some((minute(5), minute(5))));
    assert_eq!(counts.take_dirty().len(), 1);
}

/// A flood of signatures is still counted, under one name that says so.
#[test]
fn signatures_beyond_the_cap_share_the_last_place() {
    let mut catalog = Catalog::default();
    let base = signature::of_message("failed");
    for n in 0..SIGNATURES + 10 {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&n.to_le_bytes());
        let signature = signature::Signature { id: SignatureId::from_bytes(bytes), ..base.clone() };
        let index = catalog.note(&signature, Some(Level::Error), Timestamp::from_seconds(i64::from(n)), "failed");
        assert_eq!(index.0, n.min(SIGNATURES - 1));
    }
    assert_eq!(catalog.len(), SIGNATURES as usize);
    let others = catalog.get(SignatureIndex(SIGNATURES - 1)).unwrap();
    assert_eq!((others.id, others.first.seconds()), (Catalog::OTHERS, i64::from(SIGNATURES) - 1));
    assert_eq!(catalog.take_changed().len(), SIGNATURES as usize);
    assert!(catalog.take_changed().is_empty());
}

/// Meeting a signature again joins what is known: first, last, and the most serious level.
#[test]
fn a_known_signature_keeps_its_place_and_learns() {
    let mut catalog = Catalog::default();
    let signature = signature::of_message("disk is almost full");
    let note = |catalog: &mut Catalog, level, seconds| {
        catalog.note(&signature, Some(level), Timestamp::from_seconds(seconds), "disk is almost full")
    };
    let first = note(&mut catalog, Level::Warn, 50);
    assert_eq!(note(&mut catalog, Level::Error, 40), first);
    assert_eq!(note(&mut catalog, Level::Info, 60), first);
    let known = catalog.get(first).unwrap().clone();
    assert_eq!((known.first.seconds(), known.last.seconds(), known.level), (40, 60, Some(Level::Error)));
    let mut restored = Catalog::default();
    restored.restore(known.clone());
    assert_eq!(restored.restore(known.clone()), first);
    assert_eq!(restored.get(first), Some(&known));
    assert!(restored.take_changed().is_empty());
}
