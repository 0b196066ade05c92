//! Compares chunkings, memos and the two ways out of a stream, on any bytes.
//!
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz events`

#![no_main]

use aftercare::ingest::{Event, Intake, Level, Limits, Resume};
use aftercare::units::{SignatureId, Timestamp};
use libfuzzer_sys::fuzz_target;

/// What every way must tell of an event.
type Told = (Option<Timestamp>, Option<Level>, SignatureId, u64);

fn limits(memo_bytes: usize) -> Limits {
    Limits { line_bytes: 200, event_lines: 8, event_bytes: 600, memo_bytes, ..Limits::default() }
}

fn told(event: &Event) -> Told {
    (event.time, event.level, event.signature.id, event.end)
}

fn events(bytes: &[u8], chunk: usize, memo_bytes: usize) -> Vec<Event> {
    let mut events = Vec::new();
    let mut intake = Intake::new(limits(memo_bytes), &Resume::default());
    for chunk in bytes.chunks(chunk.max(1)) {
        intake.push(chunk, Timestamp::from_seconds(1_800_000_000), &mut |event| events.push(event));
    }
    intake.finish(&mut |event| events.push(event));
    events
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let whole = events(bytes, usize::MAX, 1024 * 1024);
    assert_eq!(whole, events(bytes, usize::from(*first), 0), "neither chunks nor the memo change anything");
    for size in [usize::MAX, usize::from(*first).max(1)] {
        let mut counted = Vec::new();
        let mut intake = Intake::new(limits(0), &Resume::default());
        for chunk in bytes.chunks(size) {
            intake.count(chunk, Timestamp::from_seconds(1_800_000_000), &mut |tick| {
                counted.push((tick.time, tick.level, tick.signature.id, tick.end));
            });
        }
        intake.finish(&mut |event| counted.push(told(&event)));
        assert_eq!(counted, whole.iter().map(told).collect::<Vec<_>>(), "counting tells the same");
    }
});
