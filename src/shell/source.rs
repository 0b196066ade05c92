//! Follows files, patterns, directories, pipes and standard input, and hands their bytes on.
//!
//! Input: what the user named, and the cursors of an earlier run. Output: [`Feed`]s, in an order in
//! which every byte comes once: over renames, copies that are then truncated, deletion, compression,
//! and restarts.
//!
//! Files are looked at a few times a second with plain reads; nothing is mapped into memory and no
//! notification of the system is needed. The receiver sets the pace: while it does not take what
//! is read, nothing more is read, and the writer of a pipe waits.
//!
//! What cannot be had is said: bytes that were truncated away before they were read, and that no
//! copy beside the file holds, are [`Feed::Lost`] as far as they were known to exist; a file that was
//! gone after a restart is [`Feed::Vanished`].
//!
//! The parts: `spec` says what a source names, `identity` knows a file again, `rotation` reads rotated
//! names, `stream` reads one file, `archive` decompresses, `pump` reads pipes, `place` watches one
//! path, `search` finds what was moved, `resume` takes up cursors, `report` says how sources stand, `stretch` is what is
//! read elsewhere.

mod archive;
mod identity;
mod place;
mod pump;
mod report;
mod resume;
mod rotation;
mod search;
mod spec;
mod stream;
mod stretch;

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::engine::SourceState;
use crate::ingest::Lead;
use crate::shell::clock::Clock;
use crate::units::Timestamp;

use identity::FileId;
use place::{Hold, Place};
use pump::{Flow, Pumps};
use report::Report;
pub use spec::{SourceSpec, SpecError};
use stream::{Chunk, Phase, Stream};
pub use stretch::Stretch;

/// Bytes read of one followed stream before others have their turn.
const LIVE_BYTES: u64 = 1 << 20;

/// Bytes of history read in one step, so that what is followed does not wait for it.
const HISTORY_BYTES: u64 = 4 << 20;

/// Names one stream of bytes (one file identity, or standard input) within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u32);

/// Where a stream stands, and how to know it again after a restart.
///
/// A file is known by device, inode and the digest of its first bytes, not by its name, so that a
/// renamed file is not read twice and a new file under the old name is read from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its number among the cursors of one service: the same over restarts, renames and growth.
    pub number: u64,
    /// The path at which it was last seen; `-` for standard input.
    pub path: PathBuf,
    /// Device number; 0 where unknown.
    pub device: u64,
    /// Inode number; 0 where unknown.
    pub inode: u64,
    /// How many of its first bytes (decompressed) the fingerprint covers.
    pub fingerprint_bytes: u32,
    /// The first 16 bytes of the SHA-256 of those.
    pub fingerprint: [u8; 16],
    /// Where reading resumes: behind the last event that was counted (decompressed bytes).
    pub offset: u64,
    /// Whether continuation lines found there belong to an event already counted.
    pub mid_event: bool,
    /// What was said before it that the lines there need.
    pub lead: Lead,
    /// Whether it was read to its end and will not grow.
    pub ended: bool,
    /// The minute of its last counted event, or else that in which it had been written to when it was
    /// first opened, as its number since the epoch; `None` where unknown.
    pub last_minute: Option<i32>,
}

/// What a source tells the engine's thread.
#[derive(Debug)]
pub enum Feed {
    /// A stream begins or resumes at its cursor.
    Opened(StreamId, Cursor),
    /// What identifies the stream changed (it was renamed, or its fingerprint covers more now).
    /// `offset`, `mid_event`, `lead`, `ended` and `last_minute` are not meant.
    Identified(StreamId, Cursor),
    /// Its next bytes, and when they were read.
    Bytes(StreamId, Vec<u8>, Timestamp),
    /// All its bytes that there are, to be read by the receiver, and when they were found; only where that was asked for.
    Stretch(StreamId, Stretch, Timestamp),
    /// It was read to its end and will not grow: a rotated or compressed file, or a closed pipe.
    Ended(StreamId),
    /// How the source with this index stands now.
    State(usize, SourceState),
    /// Every source that exists was read to its end once; sent once.
    CaughtUp,
    /// Bytes that are known to exist and were not read yet; of compressed files, compressed bytes.
    Behind(u64),
    /// So many bytes were known to exist, and were truncated or deleted before they were read.
    Lost(u64),
    /// A stream of an earlier run that was not read to its end is nowhere to be found; what was
    /// written to it meanwhile is lost. To be kept as it is: it says that it ended.
    Vanished(Cursor),
    /// A file that a source of several files names is not read (any more); told once.
    Skipped {
        /// The index of the source.
        source: usize,
        /// The file.
        path: PathBuf,
        /// Why, fit to follow "skipped: ".
        why: String,
    },
}

/// How sources are read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether to go on when everything that is there was read.
    pub follow: bool,
    /// Whether plain files are handed over to be read by the receiver: by several threads, say. For one pass, without `follow`.
    pub hand_over: bool,
    /// Time between two searches for new files.
    pub rescan: Duration,
    /// How long a file that was renamed or deleted must be quiet before it has ended: its writer may
    /// still have it open.
    pub grace: Duration,
    /// Files kept open at most, beyond those being read.
    pub most_open: usize,
    /// Shortest and longest real time between two looks; the more files, the longer.
    pub pause: (Duration, Duration),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            follow: true,
            hand_over: false,
            rescan: Duration::from_secs(1),
            grace: Duration::from_secs(30),
            most_open: 256,
            pause: (Duration::from_millis(100), Duration::from_millis(250)),
        }
    }
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is more to read at once.
    Busy,
    /// Everything that is there was read.
    Idle,
    /// Everything was read, and nothing is followed.
    Done,
    /// The receiver wants no more.
    Stopped,
}

/// Everything that the user named, being read.
pub struct Sources {
    specs: Vec<SourceSpec>,
    options: Options,
    /// Paths being watched, and where each is in the list.
    places: Vec<Place>,
    place_at: HashMap<PathBuf, usize>,
    /// Why a source of several files cannot be searched.
    problems: Vec<Option<String>>,
    /// Every stream known, those of earlier runs first, and where to find them by identity and name.
    streams: Vec<Stream>,
    by_file: HashMap<FileId, Vec<usize>>,
    by_family: HashMap<(PathBuf, String), Vec<usize>>,
    next_number: u64,
    next_id: u32,
    /// Open files, the longest unused first.
    open: VecDeque<usize>,
    pumps: Pumps,
    stdin: Option<Box<dyn Read + Send>>,
    out: VecDeque<Feed>,
    report: Report,
    skipped: HashSet<PathBuf>,
    /// Places at which there is something new.
    arrivals: Vec<usize>,
    next_scan: Option<Timestamp>,
    /// The place at which the next look begins, when there are too many for one step.
    turn: usize,
}

impl Sources {
    /// Takes up what the user named, from where the cursors say; opens nothing yet.
    ///
    /// The cursors are all that is kept of the service, whatever sources they came from.
    #[must_use]
    pub fn new(specs: Vec<SourceSpec>, cursors: Vec<Cursor>, options: Options) -> Self {
        let next_number = cursors.iter().map(|cursor| cursor.number).max().unwrap_or(0).saturating_add(1);
        let mut sources = Self {
            problems: vec![None; specs.len()],
            report: Report::new(specs.len()),
            specs,
            options,
            places: Vec::new(),
            place_at: HashMap::new(),
            streams: Vec::new(),
            by_file: HashMap::new(),
            by_family: HashMap::new(),
            next_number,
            next_id: 0,
            open: VecDeque::new(),
            pumps: Pumps::new(),
            stdin: Some(Box::new(io::stdin())),
            out: VecDeque::new(),
            skipped: HashSet::new(),
            arrivals: Vec::new(),
            next_scan: None,
            turn: 0,
        };
        sources.remember(cursors);
        sources
    }

    /// Reads this instead of the process's standard input.
    #[must_use]
    pub fn with_stdin(mut self, reader: impl Read + Send + 'static) -> Self {
        self.stdin = Some(Box::new(reader));
        self
    }

    /// What the user called the sources, in the order of their indices.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.specs.iter().map(SourceSpec::name).collect()
    }

    /// Reads until everything was read, the receiver breaks off, or `stop` is set.
    ///
    /// Blocks: a thread of its own calls it. `send` may block as long as it likes; that is how the
    /// receiver sets the pace. `stop` is noticed within a quarter of a second, unless `send` blocks.
    pub fn run(mut self, clock: &Clock, stop: &AtomicBool, mut send: impl FnMut(Feed) -> ControlFlow<()>) {
        let (shortest, longest) = self.options.pause;
        while !stop.load(Ordering::Relaxed) {
            let began = std::time::Instant::now();
            match self.poll_once(clock.now(), &mut send) {
                Step::Busy => {}
                // Looking shall cost no more than a twentieth of a core.
                Step::Idle => self.pumps.wait((began.elapsed() * 20).clamp(shortest, longest)),
                Step::Done | Step::Stopped => return,
            }
        }
    }

    /// Does one step: looks for changes, and reads a bounded number of bytes. Does not wait, except
    /// for the disk and in `send`.
    ///
    /// Times only order steps: `now` is handed on with the bytes, and measures grace and rescans.
    pub fn poll_once(&mut self, now: Timestamp, send: &mut dyn FnMut(Feed) -> ControlFlow<()>) -> Step {
        match self.step(now, send) {
            ControlFlow::Continue(step) => step,
            ControlFlow::Break(()) => Step::Stopped,
        }
    }

    fn step(&mut self, now: Timestamp, send: &mut dyn FnMut(Feed) -> ControlFlow<()>) -> ControlFlow<(), Step> {
        let is_first = self.next_scan.is_none();
        let scans = self.next_scan.is_none_or(|next| next <= now) && (is_first || self.options.follow);
        if is_first {
            self.start_stdin();
        }
        // First what is known: a new name may be what rotation made of it.
        self.look_at_places(now, scans);
        if scans {
            self.next_scan = Some(now.after(self.options.rescan));
            self.scan(now, is_first);
        }
        self.look_at_rotated(now);
        self.flush(send)?;
        let pumped = self.take_from_pumps(now, send)?;
        let more = self.read_files(now, send)?;
        self.tell_states();
        let is_done = !self.options.follow && !more && self.streams.iter().all(Stream::is_over);
        if !more {
            self.tell_caught_up(is_done);
        }
        self.flush(send)?;
        ControlFlow::Continue(match (is_done, more || pumped) {
            (true, _) => Step::Done,
            (false, true) => Step::Busy,
            (false, false) => Step::Idle,
        })
    }

    fn flush(&mut self, send: &mut dyn FnMut(Feed) -> ControlFlow<()>) -> ControlFlow<()> {
        self.out.drain(..).try_for_each(send)
    }

    fn read_files(&mut self, now: Timestamp, send: &mut dyn FnMut(Feed) -> ControlFlow<()>) -> ControlFlow<(), bool> {
        let (mut more, mut history) = (false, HISTORY_BYTES);
        for index in 0..self.streams.len() {
            let Some(stream) = self.streams.get(index) else { continue };
            let is_live = stream.caught_up;
            if !stream.wants_reading() {
                continue;
            }
            let budget = if is_live { LIVE_BYTES } else { history };
            let n_bytes = self.read_stream(index, budget, now, send)?;
            more |= n_bytes >= budget;
            if !is_live {
                history = history.saturating_sub(n_bytes);
            }
        }
        ControlFlow::Continue(more)
    }

    /// Reads at most about this many bytes of one stream; returns how many.
    fn read_stream(
        &mut self,
        index: usize,
        budget: u64,
        now: Timestamp,
        send: &mut dyn FnMut(Feed) -> ControlFlow<()>,
    ) -> ControlFlow<(), u64> {
        let mut n_bytes = 0;
        while n_bytes < budget && self.ensure_open(index, now) {
            let Some(stream) = self.streams.get_mut(index) else { break };
            let id = stream.id;
            if self.options.hand_over
                && let Some(stretch) = stream.hand_over()
            {
                n_bytes += stretch.n_bytes();
                self.out.push_back(Feed::Stretch(id, stretch, now));
                self.reached_end(index);
                break;
            }
            let chunk = stream.read();
            match chunk {
                Ok(Chunk::Bytes(bytes)) => {
                    n_bytes += bytes.len() as u64;
                    self.out.push_back(Feed::Bytes(id, bytes, now));
                    self.flush(send)?;
                }
                Ok(Chunk::End) => {
                    self.reached_end(index);
                    break;
                }
                Ok(Chunk::Replaced) => {
                    // The next look at its place finds out what happened.
                    stream.modified = None;
                    break;
                }
                Err(error) => {
                    self.read_failed(index, &error);
                    break;
                }
            }
        }
        self.flush(send)?;
        ControlFlow::Continue(n_bytes)
    }

    fn reached_end(&mut self, index: usize) {
        let follow = self.options.follow;
        let Some(stream) = self.streams.get_mut(index) else { return };
        stream.caught_up = true;
        if !follow || stream.phase == Phase::Packed {
            self.end(index);
        }
    }

    fn read_failed(&mut self, index: usize, error: &io::Error) {
        let follow = self.options.follow;
        let Some(stream) = self.streams.get_mut(index) else { return };
        stream.problem = Some(spec::describe(&stream.cursor.path, error));
        stream.caught_up = true;
        stream.close();
        // An archive that is still being written goes on when it has grown.
        if !follow {
            self.end(index);
        }
    }

    /// Says that a stream was read to its end and will not grow.
    fn end(&mut self, index: usize) {
        let Some(stream) = self.streams.get_mut(index) else { return };
        if !matches!(stream.phase, Phase::Known | Phase::Ended) {
            self.out.push_back(Feed::Ended(stream.id));
        }
        stream.phase = Phase::Ended;
        stream.caught_up = true;
        stream.close();
    }

    fn start_stdin(&mut self) {
        let named = |spec: &SourceSpec| matches!(spec, SourceSpec::Stdin);
        let sources: Vec<usize> =
            self.specs.iter().enumerate().filter(|(_, spec)| named(spec)).map(|(i, _)| i).collect();
        if sources.is_empty() {
            return;
        }
        let index = self.add_pipe(PathBuf::from("-"), sources);
        if let Some(reader) = self.stdin.take() {
            self.pumps.read(index, reader);
        }
    }

    /// Takes what pipes gave; returns whether more may wait.
    fn take_from_pumps(
        &mut self,
        now: Timestamp,
        send: &mut dyn FnMut(Feed) -> ControlFlow<()>,
    ) -> ControlFlow<(), bool> {
        let mut n_bytes = 0;
        while n_bytes < LIVE_BYTES {
            let Some((index, flow)) = self.pumps.take() else { return ControlFlow::Continue(false) };
            if matches!(flow, Flow::Bytes(_)) {
                self.reopen_pipe(index);
            }
            let Some(stream) = self.streams.get_mut(index) else { continue };
            match flow {
                Flow::Bytes(bytes) => {
                    n_bytes += bytes.len() as u64;
                    stream.cursor.offset += bytes.len() as u64;
                    self.out.push_back(Feed::Bytes(stream.id, bytes, now));
                }
                Flow::Closed => self.end(index),
                Flow::Failed(error) => {
                    stream.problem = Some(spec::describe(&stream.cursor.path, &error));
                    self.end(index);
                }
            }
            self.flush(send)?;
        }
        ControlFlow::Continue(true)
    }
}
