//! Reads the blocks of streams on several threads.
//!
//! Input: streams, as files or as bytes that come. Output: one [`Tally`] that is the same for any number of threads: a
//! stream is cut only at seams, and what was counted in its blocks is added up in their order.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::thread::Scope;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, unbounded};

use super::block::{Block, Reader};
use super::tally::{Counted, Tally};
use crate::ingest::{Intake, Limits, Resume, Seam, Seams};
use crate::shell::source::{StreamId, Stretch};
use crate::units::Timestamp;

/// Bytes of a stream that are gathered before it is cut: where every line has a form of its own, what is counted of them takes
/// several times as much.
const BLOCK_BYTES: usize = 1 << 19;
/// Room of a block: what is behind the last seam comes with the next bytes.
const ROOM_BYTES: usize = BLOCK_BYTES + (1 << 18);
/// Blocks whose memory is kept for others.
const SPARE_BLOCKS: usize = 2;
/// Bytes of a file that are read by one thread: few where every line has a form of its own, and else many for the lines that
/// are looked at twice to find where they end.
const STRETCH_BYTES: (u64, u64) = (1 << 19, 1 << 21);
/// Signatures in one stretch that are many.
const MANY: usize = 4096;
/// The last bytes of a stretch in which a seam is looked for: first in few, which are enough for almost all.
const BACKS: [u64; 2] = [1 << 17, STRETCH_BYTES.0];

/// A block that was read.
struct Done {
    number: u64,
    stream: StreamId,
    counted: Counted,
    /// Its memory, to be used again.
    memory: Vec<u8>,
    /// What is to be read again if an event before it was flushed after all, and when it came.
    guess: Option<(Stretch, Timestamp)>,
}

/// A part of a stream to be read by itself.
struct Job {
    number: u64,
    stream: StreamId,
    block: Block,
    /// What was read of the stream up to here, where it could not be cut.
    intake: Option<Intake>,
    /// Whether the event before it was flushed; nothing where it begins its stream.
    mid_event: Option<bool>,
    /// That was guessed.
    is_guess: bool,
    now: Timestamp,
}

/// A stream as far as it came.
#[derive(Default)]
struct Gathered {
    block: Block,
    intake: Option<Intake>,
    /// Whether the event before the block was flushed; nothing where it begins its stream.
    mid_event: Option<bool>,
    /// That was guessed.
    is_guess: bool,
    /// The stream has no seams.
    is_whole: bool,
    now: Timestamp,
}

/// The threads, and what they are still to read.
pub(super) struct Crew {
    limits: Limits,
    seams: Seams,
    /// What reads here: streams that cannot be cut, and what was just taken while all others are busy.
    own: Reader,
    /// The last bytes of a stretch.
    back: Vec<u8>,
    streams: HashMap<StreamId, Gathered>,
    /// Bytes of the next stretch of a file.
    stretch_bytes: u64,
    /// Blocks that may wait for one before them.
    n_early: usize,
    /// Where the threads take their blocks from and put their results; `None` where all is read here.
    others: Option<(Sender<Job>, Receiver<Done>)>,
    /// Number of the next block.
    next: u64,
    /// Counted before those that come before them.
    early: BTreeMap<u64, Done>,
    /// The streams whose last block that was added up ended behind an event that was flushed.
    flushed: HashSet<StreamId>,
    /// Memory of blocks that were read: given back to the system and taken again, it would cost more than reading does.
    spare: Vec<Vec<u8>>,
    /// Number of the next block to be added up.
    due: u64,
    tally: Tally,
}

impl Crew {
    /// Starts as many threads as make so many with this one, which end when the crew is gone.
    pub(super) fn start<'scope>(scope: &'scope Scope<'scope, '_>, n_threads: usize, limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            seams: Seams::default(),
            own: Reader::new(limits.clone()),
            back: Vec::new(),
            streams: HashMap::new(),
            stretch_bytes: STRETCH_BYTES.0,
            n_early: n_threads / 2 + 1,
            others: (n_threads > 1).then(|| Self::threads(scope, n_threads, limits)),
            next: 0,
            early: BTreeMap::new(),
            flushed: HashSet::new(),
            spare: Vec::new(),
            due: 0,
            tally: Tally::default(),
        }
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
    pub(super) fn take(&mut self, stream: StreamId, bytes: Vec<u8>, now: Timestamp) {
        if self.others.is_none() {
            return self.read_on(stream, Block::Bytes(bytes), now);
        }
        let gathered = self.streams.entry(stream).or_default();
        let mut block = std::mem::take(&mut gathered.block).into_memory();
        if block.is_empty() {
            gathered.now = now;
        }
        if block.capacity() == 0 {
            block = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(ROOM_BYTES));
        }
        block.extend_from_slice(&bytes);
        if block.len() < BLOCK_BYTES {
            gathered.block = Block::Bytes(block);
            return;
        }
        let now = gathered.now;
        gathered.is_whole |= gathered.mid_event.is_none() && gathered.intake.is_none() && Seams::is_whole(&block);
        let seams = Some(&mut self.seams).filter(|_| !gathered.is_whole);
        // What came is gone when it is counted, so that nothing may be guessed of it.
        let seam = seams.and_then(|seams| seams.last(&block, &self.limits, now));
        let Some((at, mid_event)) = seam.and_then(|seam| Some((seam.at, seam.mid_event?))) else {
            return self.read_on(stream, Block::Bytes(block), now);
        };
        let mut rest = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(ROOM_BYTES));
        rest.extend_from_slice(block.get(at..).unwrap_or_default());
        block.truncate(at);
        self.cut(stream, Block::Bytes(block), Some(mid_event), now);
        self.streams.entry(stream).or_default().block = Block::Bytes(rest);
    }

    /// Takes all of a file, which the threads read themselves.
    pub(super) fn take_file(&mut self, stream: StreamId, mut file: Stretch, now: Timestamp) {
        let is_whole = self.is_whole(&file);
        while file.n_bytes() > self.stretch_bytes {
            let mut rest = file.clone();
            let front = rest.take_front(self.stretch_bytes);
            if let Some((n_bytes, mid_event)) = if is_whole { None } else { self.seam_of(&front, now) } {
                let block = Block::Stretch(file.take_front(n_bytes));
                self.cut(stream, block, mid_event, now);
            } else {
                self.read_on(stream, Block::Stretch(front), now);
                file = rest;
            }
        }
        if self.others.is_none() {
            return self.read_on(stream, Block::Stretch(file), now);
        }
        let gathered = self.streams.entry(stream).or_default();
        (gathered.block, gathered.now) = (Block::Stretch(file), now);
    }

    /// Whether a file has no seams, which its first line tells.
    fn is_whole(&mut self, file: &Stretch) -> bool {
        let begin = file.clone().take_front(BACKS[0]);
        self.own.back(&begin, BACKS[0], &mut self.back);
        Seams::is_whole(&self.back)
    }

    /// How many bytes of a stretch lie before its last seam, and whether the event before that was flushed, if that is known.
    fn seam_of(&mut self, stretch: &Stretch, now: Timestamp) -> Option<(u64, Option<bool>)> {
        self.others.as_ref()?;
        BACKS.into_iter().find_map(|n_bytes| {
            self.own.back(stretch, n_bytes, &mut self.back);
            // Of a file that was shortened, the last bytes are not there.
            let n_back = self.back.len() as u64;
            let before = stretch.n_bytes().checked_sub(n_back).filter(|_| n_back == n_bytes)?;
            let Seam { at, mid_event } = self.seams.last(&self.back, &self.limits, now)?;
            Some((before + at as u64, mid_event))
        })
    }

    /// Has a block read that ends at a seam. Where it is not known whether an event was flushed there, none was in nearly
    /// every log: that is guessed, and the next block read again where it is wrong.
    fn cut(&mut self, stream: StreamId, block: Block, mid_event: Option<bool>, now: Timestamp) {
        let gathered = self.streams.entry(stream).or_default();
        let intake = gathered.intake.take();
        let is_guess = std::mem::replace(&mut gathered.is_guess, mid_event.is_none());
        let mid_event = gathered.mid_event.replace(mid_event.unwrap_or(false));
        self.send(Job { number: self.next, stream, block, intake, mid_event, is_guess, now });
    }

    /// Reads a block here, where the last byte of its stream was read: one in which no seam was found.
    fn read_on(&mut self, stream: StreamId, block: Block, now: Timestamp) {
        if self.streams.get(&stream).is_some_and(|gathered| gathered.is_guess) {
            self.wait();
        }
        let gathered = self.streams.entry(stream).or_default();
        if std::mem::take(&mut gathered.is_guess) {
            gathered.mid_event = Some(self.flushed.contains(&stream));
        }
        let mid_event = gathered.mid_event;
        let intake = gathered.intake.get_or_insert_with(|| {
            let mut intake = Intake::new(self.limits.clone(), &Resume::default());
            intake.restart(mid_event);
            intake
        });
        let counted = self.own.go_on(&block, intake, now);
        self.next += 1;
        self.add(Done { number: self.next - 1, stream, counted, memory: block.into_memory(), guess: None });
    }

    /// Ends a stream.
    pub(super) fn end(&mut self, stream: StreamId) {
        if let Some(Gathered { block, intake, mid_event, is_guess, now, .. }) = self.streams.remove(&stream) {
            self.send(Job { number: self.next, stream, block, intake, mid_event, is_guess, now });
        }
    }

    /// Waits for what is still being read, and returns what was counted in all.
    pub(super) fn finish(mut self) -> Tally {
        let mut streams: Vec<StreamId> = self.streams.keys().copied().collect();
        streams.sort_unstable();
        streams.into_iter().for_each(|stream| self.end(stream));
        self.wait();
        self.tally
    }

    /// Waits until all blocks are added up.
    fn wait(&mut self) {
        while self.due < self.next
            && let Some((_, done)) = &self.others
            && let Ok(done) = done.recv()
        {
            self.add(done);
        }
    }

    /// Lets another thread read a block, or reads it here where there is none or enough are waiting.
    fn send(&mut self, job: Job) {
        self.next += 1;
        let refused = match &self.others {
            Some((jobs, _)) => jobs.try_send(job).err().map(TrySendError::into_inner),
            None => Some(job),
        };
        if let Some(job) = refused {
            let done = job.read(&mut self.own);
            self.add(done);
        }
        // What waits for the one before it takes memory: of few it is waited for.
        while let Some((_, done)) = &self.others
            && let Some(done) = if self.early.len() > self.n_early { done.recv().ok() } else { done.try_recv().ok() }
        {
            self.add(done);
        }
    }

    fn add(&mut self, mut done: Done) {
        let mut memory = std::mem::take(&mut done.memory);
        memory.clear();
        if self.spare.len() < SPARE_BLOCKS && memory.capacity() == ROOM_BYTES {
            self.spare.push(memory);
        }
        self.stretch_bytes = if done.counted.n_signatures() > MANY { STRETCH_BYTES.0 } else { STRETCH_BYTES.1 };
        self.early.insert(done.number, done);
        while let Some(Done { stream, mut counted, guess, .. }) = self.early.remove(&self.due) {
            if let Some((stretch, now)) = guess.filter(|_| self.flushed.contains(&stream)) {
                counted = self.own.finish(&Block::Stretch(stretch), None, Some(true), now);
            }
            if counted.is_flushed {
                self.flushed.insert(stream)
            } else {
                self.flushed.remove(&stream)
            };
            self.tally.add(counted);
            self.due += 1;
        }
    }
}

impl Job {
    fn read(self, reader: &mut Reader) -> Done {
        let Self { number, stream, block, intake, mid_event, is_guess, now } = self;
        // What was read up to here in one piece knows.
        let is_guess = is_guess && intake.is_none();
        let counted = reader.finish(&block, intake, mid_event, now);
        match block {
            Block::Stretch(stretch) => {
                let guess = is_guess.then_some((stretch, now));
                Done { number, stream, counted, memory: Vec::new(), guess }
            }
            Block::Bytes(memory) => Done { number, stream, counted, memory, guess: None },
        }
    }
}

/// Reads blocks until there are no more.
fn work(waiting: &Receiver<Job>, finished: &Sender<Done>, limits: Limits) {
    let mut reader = Reader::new(limits);
    for job in waiting {
        if finished.send(job.read(&mut reader)).is_err() {
            return;
        }
    }
}
