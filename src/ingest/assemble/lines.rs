//! Cuts a stream of bytes into lines.
//!
//! Input: chunks, cut anywhere. Output: [`Line`]s with their places in the stream, each at most as long as the cap.
//!
//! Pure. Keeps nothing but the one unfinished line, and of that no more than the cap.

/// One line of the stream, without its line feed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'b> {
    /// Its bytes, cut at the cap; a carriage return at its end is still there.
    pub(super) bytes: &'b [u8],
    /// Where it begins in the stream.
    pub(super) start: u64,
    /// Just behind its line end.
    pub(super) end: u64,
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
    n_lines: u64,
    n_cut: u64,
}

impl Lines {
    pub(super) fn new(cap: usize, offset: u64) -> Self {
        Self { cap, start: offset, offset, unfinished: Vec::new(), n_lines: 0, n_cut: 0 }
    }

    /// Begins anew, at the start of a stream.
    pub(super) fn restart(&mut self) {
        self.unfinished.clear();
        (self.start, self.offset, self.n_lines, self.n_cut) = (0, 0, 0, 0);
    }

    /// Lines handed out so far, empty ones included.
    pub(super) fn n_lines(&self) -> u64 {
        self.n_lines
    }

    /// How many of them were cut.
    pub(super) fn n_cut(&self) -> u64 {
        self.n_cut
    }

    /// Takes the next bytes and hands out every line that ends in them.
    pub(super) fn push(&mut self, bytes: &[u8], mut take: impl FnMut(Line<'_>)) {
        let mut rest = bytes;
        while let Some(at) = memchr::memchr(b'\n', rest) {
            let (line, behind) = rest.split_at(at);
            rest = behind.get(1..).unwrap_or_default();
            self.offset += at as u64 + 1;
            if self.start + at as u64 + 1 == self.offset {
                let kept = self.kept(line, self.offset - 1);
                take(Line { bytes: kept, start: self.start, end: self.offset });
            } else {
                self.keep(line);
                self.hand_out(self.offset - 1, &mut take);
            }
            self.start = self.offset;
        }
        self.keep(rest);
        self.offset += rest.len() as u64;
    }

    /// Hands out a last line that has no line end.
    pub(super) fn finish(&mut self, mut take: impl FnMut(Line<'_>)) {
        if self.offset > self.start {
            self.hand_out(self.offset, &mut take);
            self.start = self.offset;
        }
    }

    /// Hands out the unfinished line, which ends before this place.
    fn hand_out(&mut self, end_of_text: u64, take: &mut impl FnMut(Line<'_>)) {
        let line = std::mem::take(&mut self.unfinished);
        let kept = self.kept(&line, end_of_text);
        take(Line { bytes: kept, start: self.start, end: self.offset });
        self.unfinished = line;
        self.unfinished.clear();
    }

    /// The part of a line that is kept; counts the line, and whether it was cut.
    fn kept<'b>(&mut self, line: &'b [u8], end_of_text: u64) -> &'b [u8] {
        self.n_lines += 1;
        self.n_cut += u64::from(end_of_text - self.start > self.cap as u64);
        line.get(..self.cap).unwrap_or(line)
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = self.cap.saturating_sub(self.unfinished.len());
        self.unfinished.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }
}
