//! Counts what is in a block of a stream, wherever its bytes are.

use super::tally::Counted;
use crate::ingest::{Intake, Limits, Resume};
use crate::shell::source::Stretch;
use crate::units::Timestamp;

/// Bytes of a file that are read at a time: they stay in the cache of the core that counts them.
const PIECE_BYTES: usize = 1 << 18;

/// Some bytes of a stream.
#[derive(Debug)]
pub(super) enum Block {
    Bytes(Vec<u8>),
    /// To be read when it is counted.
    Stretch(Stretch),
}

impl Default for Block {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}

impl Block {
    /// Its memory, to be used again.
    pub(super) fn into_memory(self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Stretch(_) => Vec::new(),
        }
    }
}

/// What one thread reads with.
#[derive(Debug)]
pub(super) struct Reader {
    /// For blocks that begin at a seam: what it remembers of others saves time.
    intake: Intake,
    /// Where bytes of files come.
    piece: Vec<u8>,
}

impl Reader {
    pub(super) fn new(limits: Limits) -> Self {
        Self { intake: Intake::new(limits, &Resume::default()), piece: vec![0; PIECE_BYTES] }
    }

    /// Counts a block behind what its stream's intake read before it, and leaves open what is open at its end.
    pub(super) fn go_on(&mut self, block: &Block, intake: &mut Intake, now: Timestamp) -> Counted {
        count(block, intake, &mut self.piece, now)
    }

    /// Counts a block to its end: behind what was read before it where that could not be cut, or else by itself.
    ///
    /// `mid_event` says whether the event before it was flushed; nothing where the block begins its stream.
    pub(super) fn finish(
        &mut self,
        block: &Block,
        before: Option<Intake>,
        mid_event: Option<bool>,
        now: Timestamp,
    ) -> Counted {
        let mut before = before;
        self.intake.restart(mid_event);
        let intake = before.as_mut().unwrap_or(&mut self.intake);
        let mut counted = count(block, intake, &mut self.piece, now);
        intake.finish_count(&mut |tick| counted.note(&tick));
        (counted.lines, counted.losses) = (intake.lines(), intake.losses());
        counted.close();
        counted
    }

    /// The last bytes of a stretch, so many or all where it has fewer; as far as they can be read.
    pub(super) fn back(&mut self, stretch: &Stretch, n_bytes: u64, to: &mut Vec<u8>) {
        to.clear();
        // Why it cannot be read is told when it is counted.
        let _ = stretch.back(n_bytes).read(&mut self.piece, |piece| to.extend_from_slice(piece));
    }
}

fn count(block: &Block, intake: &mut Intake, piece: &mut [u8], now: Timestamp) -> Counted {
    let (mut counted, mut n_bytes) = (Counted::default(), 0);
    let mut take = |bytes: &[u8]| {
        n_bytes += bytes.len() as u64;
        intake.count(bytes, now, &mut |tick| counted.note(&tick));
    };
    let failed = match block {
        Block::Bytes(bytes) => {
            take(bytes);
            None
        }
        Block::Stretch(stretch) => stretch.read(piece, take).err(),
    };
    (counted.bytes, counted.failed, counted.is_flushed) = (n_bytes, failed, intake.is_flushed());
    counted
}
