//! Reads the blocks of streams on several threads.
//!
//! Input: the bytes of streams as they come. Output: one [`Tally`] that is the same for any number of threads: a stream is
//! cut only at seams, and what was counted in its blocks is added up in their order.

use std::collections::{BTreeMap, HashMap};
use std::thread::Scope;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::tally::{Counted, Tally};
use crate::ingest::{Intake, Limits, seam};
use crate::shell::source::StreamId;
use crate::units::Timestamp;

/// Bytes of a stream that are gathered before it is cut.
const BLOCK_BYTES: usize = 1 << 20;

/// A part of a stream to be read by itself.
struct Job {
    number: u64,
    bytes: Vec<u8>,
    /// What was read of the stream up to here, where it could not be cut.
    intake: Option<Intake>,
    now: Timestamp,
}

/// A stream as far as it came.
#[derive(Default)]
struct Gathered {
    bytes: Vec<u8>,
    intake: Option<Intake>,
    now: Timestamp,
}

/// The threads, and what they are still to read.
pub(super) struct Crew {
    limits: Limits,
    streams: HashMap<StreamId, Gathered>,
    jobs: Sender<Job>,
    done: Receiver<(u64, Counted)>,
    /// Number of the next block.
    next: u64,
    /// Counted before those that come before them.
    early: BTreeMap<u64, Counted>,
    /// Number of the next block to be added up.
    due: u64,
    tally: Tally,
}

impl Crew {
    /// Starts so many threads; they end when the crew is gone.
    pub(super) fn start<'scope>(scope: &'scope Scope<'scope, '_>, n_threads: usize, limits: &Limits) -> Self {
        let (jobs, waiting) = bounded::<Job>(n_threads);
        let (finished, done) = unbounded();
        for _ in 0..n_threads {
            let (waiting, finished, limits) = (waiting.clone(), finished.clone(), limits.clone());
            scope.spawn(move || work(&waiting, &finished, limits));
        }
        Self {
            limits: limits.clone(),
            streams: HashMap::new(),
            jobs,
            done,
            next: 0,
            early: BTreeMap::new(),
            due: 0,
            tally: Tally::default(),
        }
    }

    /// Takes the next bytes of a stream.
    pub(super) fn take(&mut self, stream: StreamId, bytes: &[u8], now: Timestamp) {
        let gathered = self.streams.entry(stream).or_default();
        if gathered.bytes.is_empty() {
            gathered.now = now;
        }
        gathered.bytes.extend_from_slice(bytes);
        if gathered.bytes.len() < BLOCK_BYTES {
            return;
        }
        let (now, intake) = (gathered.now, gathered.intake.take());
        match seam(&gathered.bytes, &self.limits, now) {
            Some(at) => {
                let rest = gathered.bytes.split_off(at);
                let bytes = std::mem::replace(&mut gathered.bytes, rest);
                self.send(bytes, intake, now);
            }
            None => {
                // Who finds no seam reads on where the last byte was read.
                let mut intake = intake.unwrap_or_else(|| Intake::new(self.limits.clone(), 0, false));
                let mut counted = Counted::default();
                intake.count(&gathered.bytes, now, &mut |tick| counted.note(&tick));
                gathered.bytes.clear();
                gathered.intake = Some(intake);
                self.next += 1;
                self.add(self.next - 1, counted);
            }
        }
    }

    /// Ends a stream.
    pub(super) fn end(&mut self, stream: StreamId) {
        if let Some(Gathered { bytes, intake, now }) = self.streams.remove(&stream) {
            self.send(bytes, intake, now);
        }
    }

    /// Waits for what is still being read, and returns what was counted in all.
    pub(super) fn finish(mut self) -> Tally {
        let mut streams: Vec<StreamId> = self.streams.keys().copied().collect();
        streams.sort_unstable();
        streams.into_iter().for_each(|stream| self.end(stream));
        while self.due < self.next {
            let Ok((number, counted)) = self.done.recv() else { break };
            self.add(number, counted);
        }
        self.tally
    }

    fn send(&mut self, bytes: Vec<u8>, intake: Option<Intake>, now: Timestamp) {
        let number = self.next;
        self.next += 1;
        // Nobody is gone while there is a crew.
        let _ = self.jobs.send(Job { number, bytes, intake, now });
        while let Ok((number, counted)) = self.done.try_recv() {
            self.add(number, counted);
        }
    }

    fn add(&mut self, number: u64, counted: Counted) {
        self.early.insert(number, counted);
        while let Some(counted) = self.early.remove(&self.due) {
            self.tally.add(counted);
            self.due += 1;
        }
    }
}

/// Reads blocks until there are no more.
fn work(waiting: &Receiver<Job>, finished: &Sender<(u64, Counted)>, limits: Limits) {
    let mut own = Intake::new(limits, 0, false);
    for Job { number, bytes, mut intake, now } in waiting {
        own.restart();
        let intake = intake.as_mut().unwrap_or(&mut own);
        let mut counted = Counted::default();
        intake.count(&bytes, now, &mut |tick| counted.note(&tick));
        intake.finish_count(&mut |tick| counted.note(&tick));
        (counted.lines, counted.losses) = (intake.lines(), intake.losses());
        if finished.send((number, counted)).is_err() {
            return;
        }
    }
}
