//! Reads the blocks of streams on several threads.
//!
//! Input: the bytes of streams as they come. Output: one [`Tally`] that is the same for any number of threads: a stream is
//! cut only at seams, and what was counted in its blocks is added up in their order.

use std::collections::{BTreeMap, HashMap};
use std::thread::Scope;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, unbounded};

use super::tally::{Counted, Tally};
use crate::ingest::{Intake, Limits, Seam, Seams};
use crate::shell::source::StreamId;
use crate::units::Timestamp;

/// Bytes of a stream that are gathered before it is cut.
const BLOCK_BYTES: usize = 1 << 20;
/// Room of a block: what is behind the last seam comes with the next bytes.
const ROOM_BYTES: usize = BLOCK_BYTES + (1 << 19);
/// Blocks whose memory is kept for others.
const SPARE_BLOCKS: usize = 2;

/// A block that was read: its number, what was counted, and its memory, to be used again.
type Done = (u64, Counted, Vec<u8>);

/// A part of a stream to be read by itself.
struct Job {
    number: u64,
    bytes: Vec<u8>,
    /// What was read of the stream up to here, where it could not be cut.
    intake: Option<Intake>,
    /// Whether the event before it was flushed.
    mid_event: bool,
    now: Timestamp,
}

/// A stream as far as it came.
#[derive(Default)]
struct Gathered {
    block: Vec<u8>,
    intake: Option<Intake>,
    /// Whether the event before the block was flushed.
    mid_event: bool,
    now: Timestamp,
}

impl Gathered {
    /// Reads on where the last byte was read.
    fn read_on(&mut self, bytes: &[u8], now: Timestamp, limits: &Limits) -> Counted {
        let intake = self.intake.get_or_insert_with(|| Intake::new(limits.clone(), 0, self.mid_event));
        let mut counted = Counted::default();
        intake.count(bytes, now, &mut |tick| counted.note(&tick));
        counted
    }
}

/// The threads, and what they are still to read.
pub(super) struct Crew {
    limits: Limits,
    seams: Seams,
    /// What reads here while all others are busy: what was just taken lies nearest.
    own: Intake,
    streams: HashMap<StreamId, Gathered>,
    /// Where the threads take their blocks from and put their results; `None` where all is read here.
    others: Option<(Sender<Job>, Receiver<Done>)>,
    /// Number of the next block.
    next: u64,
    /// Counted before those that come before them.
    early: BTreeMap<u64, Counted>,
    /// Memory of blocks that were read: given back to the system and taken again, it would cost more than reading does.
    spare: Vec<Vec<u8>>,
    /// Number of the next block to be added up.
    due: u64,
    tally: Tally,
}

impl Crew {
    /// Starts as many threads as make so many with this one, which end when the crew is gone.
    pub(super) fn start<'scope>(scope: &'scope Scope<'scope, '_>, n_threads: usize, limits: &Limits) -> Self {
        let others = (n_threads > 1).then(|| Self::threads(scope, n_threads, limits));
        let (streams, early) = (HashMap::new(), BTreeMap::new());
        let (limits, seams, tally) = (limits.clone(), Seams::default(), Tally::default());
        let own = Intake::new(limits.clone(), 0, false);
        Self { limits, seams, own, streams, others, next: 0, early, spare: Vec::new(), due: 0, tally }
    }

    fn threads<'scope>(
        scope: &'scope Scope<'scope, '_>,
        n_threads: usize,
        limits: &Limits,
    ) -> (Sender<Job>, Receiver<Done>) {
        // Few wait: each takes memory, and where there is no room this thread reads.
        let (jobs, waiting) = bounded::<Job>(n_threads / 2 + 1);
        let (finished, done) = unbounded();
        for _ in 1..n_threads {
            let (waiting, finished, limits) = (waiting.clone(), finished.clone(), limits.clone());
            scope.spawn(move || work(&waiting, &finished, limits));
        }
        (jobs, done)
    }

    /// Takes the next bytes of a stream.
    pub(super) fn take(&mut self, stream: StreamId, bytes: &[u8], now: Timestamp) {
        let gathered = self.streams.entry(stream).or_default();
        if self.others.is_none() {
            let counted = gathered.read_on(bytes, now, &self.limits);
            self.tally.add(counted);
            return;
        }
        if gathered.block.is_empty() {
            gathered.now = now;
        }
        if gathered.block.capacity() == 0 {
            gathered.block = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(ROOM_BYTES));
        }
        gathered.block.extend_from_slice(bytes);
        if gathered.block.len() < BLOCK_BYTES {
            return;
        }
        let now = gathered.now;
        let mut bytes = std::mem::take(&mut gathered.block);
        if let Some(Seam { at, mid_event }) = self.seams.last(&bytes, &self.limits, now) {
            let rest = bytes.get(at..).unwrap_or_default();
            gathered.block = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(ROOM_BYTES));
            gathered.block.extend_from_slice(rest);
            bytes.truncate(at);
            let intake = gathered.intake.take();
            let mid_event = std::mem::replace(&mut gathered.mid_event, mid_event);
            self.send(Job { number: self.next, bytes, intake, mid_event, now });
        } else {
            // Who finds no seam reads on where the last byte was read.
            let counted = gathered.read_on(&bytes, now, &self.limits);
            self.next += 1;
            self.add((self.next - 1, counted, bytes));
        }
    }

    /// Ends a stream.
    pub(super) fn end(&mut self, stream: StreamId) {
        let Some(Gathered { block: bytes, mut intake, mid_event, now }) = self.streams.remove(&stream) else { return };
        match (&self.others, &mut intake) {
            (Some(_), _) => self.send(Job { number: self.next, bytes, intake, mid_event, now }),
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
            && let Ok(done) = done.recv()
        {
            self.add(done);
        }
        self.tally
    }

    /// Lets another thread read a block, or reads it here where enough are waiting.
    fn send(&mut self, job: Job) {
        self.next += 1;
        let Some((jobs, _)) = &self.others else { return };
        if let Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) = jobs.try_send(job) {
            let done = job.read(&mut self.own);
            self.add(done);
        }
        while let Some((_, done)) = &self.others
            && let Ok(done) = done.try_recv()
        {
            self.add(done);
        }
    }

    fn add(&mut self, (number, counted, mut block): Done) {
        block.clear();
        if self.spare.len() < SPARE_BLOCKS && block.capacity() <= ROOM_BYTES {
            self.spare.push(block);
        }
        self.early.insert(number, counted);
        while let Some(counted) = self.early.remove(&self.due) {
            self.tally.add(counted);
            self.due += 1;
        }
    }
}

impl Job {
    /// Counts what is in the block, with what was read of the stream before it or with this.
    fn read(mut self, own: &mut Intake) -> Done {
        own.restart(self.mid_event);
        let intake = self.intake.as_mut().unwrap_or(own);
        let mut counted = Counted::default();
        intake.count(&self.bytes, self.now, &mut |tick| counted.note(&tick));
        intake.finish_count(&mut |tick| counted.note(&tick));
        (counted.lines, counted.losses) = (intake.lines(), intake.losses());
        (self.number, counted, self.bytes)
    }
}

/// Reads blocks until there are no more.
fn work(waiting: &Receiver<Job>, finished: &Sender<Done>, limits: Limits) {
    let mut own = Intake::new(limits, 0, false);
    for job in waiting {
        if finished.send(job.read(&mut own)).is_err() {
            return;
        }
    }
}
