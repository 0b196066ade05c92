//! Cuts a stream of bytes into lines.
//!
//! Input: chunks, cut anywhere. Output: [`Line`]s with their places in the stream, each at most as long as the cap.
//!
//! Pure. Keeps nothing but the one unfinished line, and of that no more than the cap; and what was said before of the lines
//! to come (`directives`), or of the records of the line (`cutter`).

use std::ops::Range;
use std::sync::Arc;

use super::cutter::{Cutter, Lead};
use super::directives::Directives;
use crate::ingest::decode::{BATCH_FRONT, Batch, Plain};

/// Bytes of whole lines that are looked at together; they stay in the nearest cache.
const PIECE_BYTES: usize = 16 * 1024;

/// One line of the stream, without its line feed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'b> {
    /// Its bytes, cut at the cap; a carriage return at its end is still there.
    pub(super) bytes: &'b [u8],
    /// The same as text, where that is known already.
    pub(super) plain: Option<Plain<'b>>,
    /// Where it begins in the stream.
    pub(super) start: u64,
    /// Just behind its line end.
    pub(super) end: u64,
    /// What who reads from its start must be told.
    pub(super) lead: Option<&'b Arc<[u8]>>,
    /// What who reads from its end must be told.
    pub(super) behind: Option<&'b Arc<[u8]>>,
}

impl Line<'_> {
    /// Where it lies in the chunk, if it does.
    pub(super) fn place_in(&self, chunk: &Chunk<'_>) -> Option<Range<usize>> {
        let place = chunk.part(self.start, self.bytes.len())?;
        let there = chunk.bytes.get(place.clone())?;
        (there.as_ptr() == self.bytes.as_ptr()).then_some(place)
    }
}

/// Bytes as they came, and where they belong in the stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) offset: u64,
}

impl Chunk<'_> {
    /// Where so many bytes from this place of the stream on are in it; its end is not looked at.
    pub(super) fn part(&self, start: u64, n_bytes: usize) -> Option<Range<usize>> {
        let from = usize::try_from(start.checked_sub(self.offset)?).ok()?;
        Some(from..from.checked_add(n_bytes)?)
    }

    /// No bytes, where none are needed.
    pub(super) fn nothing() -> Self {
        Self { bytes: &[], offset: 0 }
    }
}

/// What cuts the lines.
#[derive(Debug)]
pub(super) struct Lines {
    cap: usize,
    /// Where the unfinished line began.
    start: u64,
    /// Where the next byte belongs.
    offset: u64,
    /// The unfinished line, as far as it is kept.
    unfinished: Vec<u8>,
    /// The unfinished line, where it holds many records.
    cutter: Option<Box<Cutter>>,
    directives: Directives,
    n_lines: u64,
    n_cut: u64,
}

impl Lines {
    /// Begins at this offset, given what reading must be told there.
    pub(super) fn new(cap: usize, offset: u64, lead: &Lead) -> Self {
        let lead = lead.as_deref().unwrap_or_default();
        let cutter = Cutter::behind(lead, cap, offset).map(Box::new);
        let directives = Directives::new(lead, offset == 0);
        Self { cap, start: offset, offset, unfinished: Vec::new(), cutter, directives, n_lines: 0, n_cut: 0 }
    }

    /// Begins anew, with the offset 0: at the start of a stream, or within one.
    pub(super) fn restart(&mut self, is_start: bool) {
        self.unfinished.clear();
        (self.start, self.offset, self.n_lines, self.n_cut) = (0, 0, 0, 0);
        self.cutter = None;
        self.directives = Directives::new(b"", is_start);
    }

    /// Lines handed out so far, empty ones included; each record of a line that holds many is one.
    pub(super) fn n_lines(&self) -> u64 {
        self.n_lines
    }

    /// How many of them were cut.
    pub(super) fn n_cut(&self) -> u64 {
        self.n_cut + self.cutter.as_ref().map_or(0, |cutter| cutter.n_cut())
    }

    /// Where the next byte belongs in the stream.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Takes the next bytes and hands out every line that ends in them.
    pub(super) fn push(&mut self, bytes: &[u8], mut take: impl FnMut(Line<'_>)) {
        let mut rest = bytes;
        if (self.offset > self.start || self.cutter.is_some())
            && let Some(at) = memchr::memchr(b'\n', rest)
        {
            let (line, behind) = rest.split_at(at);
            rest = behind.get(1..).unwrap_or_default();
            self.keep(line, &mut take);
            self.offset += 1;
            self.hand_out(self.offset - 1, &mut take);
            self.start = self.offset;
        }
        while let Some((lines, behind)) = piece(rest) {
            self.take_piece(lines, &mut take);
            rest = behind;
        }
        self.keep(rest, &mut take);
    }

    /// Hands out whole lines, each with its line feed.
    fn take_piece(&mut self, lines: &[u8], take: &mut impl FnMut(Line<'_>)) {
        let plain = Plain::of(lines);
        let mut from = 0;
        for at in memchr::memchr_iter(b'\n', lines) {
            let whole = lines.get(from..at).unwrap_or_default();
            let next = self.start + (at - from) as u64 + 1;
            from = at + 1;
            if let Some(batch) = self.begun_by(whole)
                && self.cut(batch, whole, next, take)
            {
                (self.start, self.offset) = (next, next);
                self.directives.pass();
                continue;
            }
            self.offset = next;
            let bytes = self.kept(whole, next - 1);
            let begin = at - whole.len();
            let plain = plain.and_then(|plain| plain.part(begin..begin + bytes.len()));
            self.directives.take(Line { bytes, plain, start: self.start, end: next, lead: None, behind: None }, take);
            self.start = next;
        }
    }

    /// How a line that begins with these bytes may hold many records; where columns are named, none does.
    #[inline]
    fn begun_by(&self, line: &[u8]) -> Option<Batch> {
        if self.directives.are_given() { None } else { Batch::begun_by(line) }
    }

    /// Cuts a whole line that may hold many records; says whether it does.
    fn cut(&mut self, batch: Batch, line: &[u8], end: u64, take: &mut impl FnMut(Line<'_>)) -> bool {
        let Self { n_lines, cap, start, .. } = self;
        let mut cutter = Cutter::new(batch, *cap, *start);
        let mut count = |line: Line<'_>| {
            *n_lines += 1;
            take(line);
        };
        if cutter.feed(line, &mut count).is_some() {
            return false;
        }
        cutter.end(end, &mut count);
        self.n_cut += cutter.n_cut();
        cutter.raw().is_none()
    }

    /// Hands out a last line that has no line end.
    pub(super) fn finish(&mut self, mut take: impl FnMut(Line<'_>)) {
        if self.offset > self.start || self.cutter.is_some() {
            self.hand_out(self.offset, &mut take);
            self.start = self.offset;
        }
    }

    /// Hands out the unfinished line, which ends before this place.
    fn hand_out(&mut self, end_of_text: u64, take: &mut impl FnMut(Line<'_>)) {
        if let Some(mut cutter) = self.cutter.take() {
            cutter.end(self.offset, &mut |line| {
                self.n_lines += 1;
                take(line);
            });
            self.n_cut += cutter.n_cut();
            let Some(raw) = cutter.raw() else { return self.directives.pass() };
            self.unfinished = raw;
        }
        let line = std::mem::take(&mut self.unfinished);
        let bytes = self.kept(&line, end_of_text);
        let line_of = Line { bytes, plain: None, start: self.start, end: self.offset, lead: None, behind: None };
        self.directives.take(line_of, take);
        self.unfinished = line;
        self.unfinished.clear();
    }

    /// The part of a line that is kept; counts the line, and whether it was cut.
    fn kept<'b>(&mut self, line: &'b [u8], end_of_text: u64) -> &'b [u8] {
        self.n_lines += 1;
        self.n_cut += u64::from(end_of_text - self.start > self.cap as u64);
        line.get(..self.cap).unwrap_or(line)
    }

    /// Keeps more of the unfinished line.
    fn keep(&mut self, bytes: &[u8], take: &mut impl FnMut(Line<'_>)) {
        let n_front = BATCH_FRONT.saturating_sub((self.offset - self.start) as usize).min(bytes.len());
        let (front, mut rest) = bytes.split_at(if self.cutter.is_some() { 0 } else { n_front });
        self.keep_raw(front);
        self.offset += bytes.len() as u64;
        if n_front > 0
            && let Some(batch) = self.begun_by(&self.unfinished)
            && self.cutter.is_none()
        {
            let mut cutter = Cutter::new(batch, self.cap, self.start);
            let front = std::mem::take(&mut self.unfinished);
            if cutter.feed(&front, &mut |_| {}).is_none() {
                self.cutter = Some(Box::new(cutter));
            } else {
                self.unfinished = front;
            }
        }
        if let Some(cutter) = &mut self.cutter {
            let n_lines = &mut self.n_lines;
            let proved = cutter.feed(rest, &mut |line| {
                *n_lines += 1;
                take(line);
            });
            let Some(n_taken) = proved else { return };
            self.unfinished = cutter.raw().unwrap_or_default();
            self.cutter = None;
            rest = rest.get(n_taken..).unwrap_or_default();
        }
        self.keep_raw(rest);
    }

    fn keep_raw(&mut self, bytes: &[u8]) {
        let room = self.cap.saturating_sub(self.unfinished.len());
        self.unfinished.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }
}

/// The next lines that are whole, and what lies behind them; `None` where there are none.
fn piece(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let near = bytes.get(..PIECE_BYTES).unwrap_or(bytes);
    let end = memchr::memrchr(b'\n', near).or_else(|| memchr::memchr(b'\n', bytes))?;
    bytes.split_at_checked(end + 1)
}
