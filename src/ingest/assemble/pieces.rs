//! Joins the pieces into which container runtimes split long lines.
//!
//! Input: the lines of a carrier that marks pieces. Output: whole lines. Pieces of several streams may alternate.
//!
//! Pure. Bounded: of a line longer than the cap the first pieces are kept, and it counts as cut.

use super::cutter::Lead;
use super::lines::Line;
use crate::ingest::decode::{Part, part};
use crate::units::Timestamp;

/// A line whose last piece has not come.
#[derive(Debug)]
pub(super) struct Begun {
    stream: Vec<u8>,
    line: Vec<u8>,
    tail: Vec<u8>,
    /// Where its first piece begins.
    pub(super) start: u64,
    /// Behind its last piece so far.
    pub(super) end: u64,
    /// What reading must be told where it begins.
    pub(super) lead: Lead,
    /// Number of the line that brought the last piece.
    pub(super) last: u64,
    /// When that came.
    pub(super) at: Timestamp,
    n_pieces: u32,
    is_cut: bool,
}

/// A line put together.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) bytes: Vec<u8>,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) lead: Lead,
    pub(super) n_pieces: u32,
}

/// What became of a line.
pub(super) enum Joined {
    /// It is no piece.
    No,
    /// It was kept; more must come.
    Kept,
    /// It was the last piece.
    Whole(Whole),
}

/// The lines that were begun, one for each stream.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    begun: Vec<Begun>,
    n_cut: u64,
}

impl Pieces {
    /// The lines begun, in no order.
    pub(super) fn begun(&self) -> &[Begun] {
        &self.begun
    }

    /// Lines that were longer than the cap.
    pub(super) fn n_cut(&self) -> u64 {
        self.n_cut
    }

    /// Takes a line, the `number`th of the stream.
    pub(super) fn take(&mut self, line: Line<'_>, cap: usize, number: u64, now: Timestamp) -> Joined {
        let Some(part) = part(line.bytes) else { return Joined::No };
        let position = self.begun.iter().position(|begun| begun.stream == part.stream);
        let Some(position) = position else {
            if part.open {
                self.begun.push(Begun::new(&part, line, number, now));
                return Joined::Kept;
            }
            return Joined::No;
        };
        let is_open = part.open;
        let Some(begun) = self.begun.get_mut(position) else { return Joined::No };
        self.n_cut += u64::from(begun.add(&part, cap));
        (begun.end, begun.last, begun.at) = (line.end, number, now);
        if is_open { Joined::Kept } else { Joined::Whole(self.begun.swap_remove(position).into_whole()) }
    }

    /// Gives up waiting for the rest of the lines for which this holds; returns them in order.
    pub(super) fn give_up(&mut self, when: impl Fn(&Begun) -> bool) -> Vec<Whole> {
        let mut wholes: Vec<Whole> = self.begun.extract_if(.., |begun| when(begun)).map(Begun::into_whole).collect();
        wholes.sort_by_key(|whole| whole.start);
        wholes
    }
}

impl Begun {
    fn new(part: &Part<'_>, line: Line<'_>, number: u64, now: Timestamp) -> Self {
        Self {
            stream: part.stream.to_vec(),
            line: [part.head, part.content].concat(),
            tail: part.tail.to_vec(),
            start: line.start,
            end: line.end,
            lead: line.lead.cloned(),
            last: number,
            at: now,
            n_pieces: 1,
            is_cut: false,
        }
    }

    /// Adds a piece; says whether the line is cut from here on.
    ///
    /// A piece is kept whole or not at all, so that no escape sequence is broken.
    fn add(&mut self, part: &Part<'_>, cap: usize) -> bool {
        self.n_pieces = self.n_pieces.saturating_add(1);
        part.tail.clone_into(&mut self.tail);
        if !self.is_cut && self.line.len() + part.content.len() <= cap {
            self.line.extend_from_slice(part.content);
            return false;
        }
        !std::mem::replace(&mut self.is_cut, true)
    }

    fn into_whole(mut self) -> Whole {
        self.line.append(&mut self.tail);
        let Self { line: bytes, start, end, lead, n_pieces, .. } = self;
        Whole { bytes, start, end, lead, n_pieces }
    }
}
