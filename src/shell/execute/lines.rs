//! Cuts the output of a command into lines of bounded length and number.

use super::Limits;
use crate::ingest::sanitize::visible;

/// Where a line was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// How much was passed on and dropped, over both streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) lines: u64,
    pub(super) bytes: usize,
    pub(super) dropped_lines: u64,
    pub(super) dropped_bytes: u64,
}

/// The line of one stream that is not complete yet.
#[derive(Debug)]
pub(super) struct Lines {
    stream: Stream,
    open: Vec<u8>,
    /// Whether anything of the open line was seen, even if all of it was dropped.
    begun: bool,
}

impl Lines {
    pub(super) fn of(stream: Stream) -> Self {
        Self { stream, open: Vec::new(), begun: false }
    }

    /// Takes bytes as they come, and passes on each line that they complete.
    pub(super) fn push(
        &mut self,
        mut bytes: &[u8],
        limits: Limits,
        tally: &mut Tally,
        pass: &mut dyn FnMut(Stream, String),
    ) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(end);
            self.extend(line, limits, tally);
            self.finish(limits, tally, pass);
            bytes = rest.get(1..).unwrap_or_default();
        }
        if !bytes.is_empty() {
            self.extend(bytes, limits, tally);
        }
    }

    /// Passes on a last line that has no end.
    pub(super) fn close(&mut self, limits: Limits, tally: &mut Tally, pass: &mut dyn FnMut(Stream, String)) {
        if self.begun {
            self.finish(limits, tally, pass);
        }
    }

    fn extend(&mut self, bytes: &[u8], limits: Limits, tally: &mut Tally) {
        self.begun = true;
        let room = limits.line_bytes.saturating_sub(self.open.len()).min(bytes.len());
        let (kept, dropped) = bytes.split_at(room);
        self.open.extend_from_slice(kept);
        tally.dropped_bytes += dropped.len() as u64;
    }

    fn finish(&mut self, limits: Limits, tally: &mut Tally, pass: &mut dyn FnMut(Stream, String)) {
        self.begun = false;
        let line = std::mem::take(&mut self.open);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        let total = tally.bytes.saturating_add(line.len()).saturating_add(1);
        if total > limits.total_bytes {
            tally.dropped_lines += 1;
            tally.dropped_bytes += line.len() as u64;
            return;
        }
        tally.bytes = total;
        tally.lines += 1;
        pass(self.stream, visible(&String::from_utf8_lossy(line), false));
    }
}

#[cfg(test)]
mod tests;
