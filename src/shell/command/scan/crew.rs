//! Reads the blocks of streams on several threads.
//!
//! Input: the bytes of streams as they come. Output: one [`Tally`] that is the same for any number of threads: a stream is
//! cut only at seams, and what was counted in its blocks is added up in their order.

use std::collections::{BTreeMap, HashMap};
use std::thread::Scope;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::tally::{Counted, Tally};
use crate::ingest::{Intake, Limits, Seams};
use crate::shell::source::StreamId;
use crate::units::Timestamp;

/// Bytes of a stream that are gathered before it is cut.
const BLOCK_BYTES: usize = 2 << 20;
/// More threads than this would hold more blocks in memory than a scan may, and wait for who reads the files.
const MOST_THREADS: usize = 6;

/// A block that was read: its number, and what was counted.
type Done = (u64, Counted);

/// A part of a stream to be read by itself.
struct Job {
    number: u64,
    /// Its bytes, as they came.
    parts: Vec<Vec<u8>>,
    /// What was read of the stream up to here, where it could not be cut.
    intake: Option<Intake>,
    /// Whether the event before it was flushed.
    mid_event: bool,
    now: Timestamp,
}

/// A stream as far as it came.
#[derive(Default)]
struct Gathered {
    parts: Vec<Vec<u8>>,
    intake: Option<Intake>,
    /// Whether the event before the parts was flushed.
    mid_event: bool,
    now: Timestamp,
}

impl Gathered {
    /// Reads on where the last byte was read.
    fn read_on(&mut self, parts: &[Vec<u8>], now: Timestamp, limits: &Limits) -> Counted {
        let intake = self.intake.get_or_insert_with(|| Intake::new(limits.clone(), 0, self.mid_event));
        let mut counted = Counted::default();
        for part in parts {
            intake.count(part, now, &mut |tick| counted.note(&tick));
        }
        counted
    }
}

/// The threads, and what they are still to read.
pub(super) struct Crew {
    limits: Limits,
    seams: Seams,
    streams: HashMap<StreamId, Gathered>,
    /// Where the threads take their blocks from and put their results; `None` where all is read here.
    others: Option<(Sender<Job>, Receiver<Done>)>,
    /// Number of the next block.
    next: u64,
    /// Counted before those that come before them.
    early: BTreeMap<u64, Counted>,
    /// Number of the next block to be added up.
    due: u64,
    tally: Tally,
}

impl Crew {
    /// Starts so many threads, which end when the crew is gone; one reads here, where there is nobody to wait for.
    pub(super) fn start<'scope>(scope: &'scope Scope<'scope, '_>, n_threads: usize, limits: &Limits) -> Self {
        let others = (n_threads > 1).then(|| Self::threads(scope, n_threads.min(MOST_THREADS), limits));
        let (streams, early) = (HashMap::new(), BTreeMap::new());
        let (limits, seams, tally) = (limits.clone(), Seams::default(), Tally::default());
        Self { limits, seams, streams, others, next: 0, early, due: 0, tally }
    }

    fn threads<'scope>(
        scope: &'scope Scope<'scope, '_>,
        n_threads: usize,
        limits: &Limits,
    ) -> (Sender<Job>, Receiver<Done>) {
        let (jobs, waiting) = bounded::<Job>(n_threads);
        let (finished, done) = unbounded();
        for _ in 0..n_threads {
            let (waiting, finished, limits) = (waiting.clone(), finished.clone(), limits.clone());
            scope.spawn(move || work(&waiting, &finished, limits));
        }
        (jobs, done)
    }

    /// Takes the next bytes of a stream.
    pub(super) fn take(&mut self, stream: StreamId, bytes: Vec<u8>, now: Timestamp) {
        let gathered = self.streams.entry(stream).or_default();
        if self.others.is_none() {
            let counted = gathered.read_on(&[bytes], now, &self.limits);
            self.tally.add(counted);
            return;
        }
        if gathered.parts.is_empty() {
            gathered.now = now;
        }
        gathered.parts.push(bytes);
        if gathered.parts.iter().map(Vec::len).sum::<usize>() < BLOCK_BYTES {
            return;
        }
        let now = gathered.now;
        let mut parts = std::mem::take(&mut gathered.parts);
        match cut(&mut parts, &mut self.seams, &self.limits, now) {
            Some((rest, mid_event)) => {
                gathered.parts.push(rest);
                let intake = gathered.intake.take();
                let mid_event = std::mem::replace(&mut gathered.mid_event, mid_event);
                self.send(Job { number: self.next, parts, intake, mid_event, now });
            }
            None => {
                // Who finds no seam reads on where the last byte was read.
                let counted = gathered.read_on(&parts, now, &self.limits);
                self.next += 1;
                self.add(self.next - 1, counted);
            }
        }
    }

    /// Ends a stream.
    pub(super) fn end(&mut self, stream: StreamId) {
        let Some(Gathered { parts, mut intake, mid_event, now }) = self.streams.remove(&stream) else { return };
        match (&self.others, &mut intake) {
            (Some(_), _) => self.send(Job { number: self.next, parts, intake, mid_event, now }),
            (None, Some(intake)) => {
                let mut counted = Counted::default();
                intake.finish_count(&mut |tick| counted.note(&tick));
                (counted.lines, counted.losses) = (intake.lines(), intake.losses());
                self.tally.add(counted);
            }
            (None, None) => {}
        }
    }

    /// Waits for what is still being read, and returns what was counted in all.
    pub(super) fn finish(mut self) -> Tally {
        let mut streams: Vec<StreamId> = self.streams.keys().copied().collect();
        streams.sort_unstable();
        streams.into_iter().for_each(|stream| self.end(stream));
        while self.due < self.next
            && let Some((_, done)) = &self.others
            && let Ok((number, counted)) = done.recv()
        {
            self.add(number, counted);
        }
        self.tally
    }

    fn send(&mut self, job: Job) {
        self.next += 1;
        let Some((jobs, _)) = &self.others else { return };
        // Nobody is gone while there is a crew.
        let _ = jobs.send(job);
        while let Some((_, done)) = &self.others
            && let Ok((number, counted)) = done.try_recv()
        {
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
fn work(waiting: &Receiver<Job>, finished: &Sender<Done>, limits: Limits) {
    let mut own = Intake::new(limits, 0, false);
    for Job { number, parts, mut intake, mid_event, now } in waiting {
        own.restart(mid_event);
        let intake = intake.as_mut().unwrap_or(&mut own);
        let mut counted = Counted::default();
        for part in &parts {
            intake.count(part, now, &mut |tick| counted.note(&tick));
        }
        intake.finish_count(&mut |tick| counted.note(&tick));
        (counted.lines, counted.losses) = (intake.lines(), intake.losses());
        if finished.send((number, counted)).is_err() {
            return;
        }
    }
}

/// Takes off what lies behind the last seam, and tells whether the event before that was flushed; `None` where there is no
/// seam.
fn cut(parts: &mut Vec<Vec<u8>>, seams: &mut Seams, limits: &Limits, now: Timestamp) -> Option<(Vec<u8>, bool)> {
    if let Some(last) = parts.last_mut()
        && let Some(seam) = seams.last(last, limits, now)
    {
        return Some((last.split_off(seam.at), seam.mid_event));
    }
    // Long lines need more room than one part has.
    let mut whole = parts.concat();
    let seam = seams.last(&whole, limits, now)?;
    let rest = whole.split_off(seam.at);
    *parts = vec![whole];
    Some((rest, seam.mid_event))
}
