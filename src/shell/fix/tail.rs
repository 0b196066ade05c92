//! Keeps the end of a command's output.

use std::collections::VecDeque;

/// Bytes that are usually kept.
const BYTES: usize = 64 << 10;

/// The last lines of an output.
pub(in crate::shell) struct Tail {
    lines: VecDeque<String>,
    n_bytes: usize,
    most: usize,
}

impl Default for Tail {
    fn default() -> Self {
        Self::keeping(BYTES)
    }
}

impl Tail {
    /// Keeps at most so many bytes.
    pub(in crate::shell) fn keeping(most: usize) -> Self {
        Self { lines: VecDeque::new(), n_bytes: 0, most }
    }

    /// The lines that are kept.
    pub(in crate::shell) fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    pub(in crate::shell) fn push(&mut self, line: String) {
        self.n_bytes += line.len() + 1;
        self.lines.push_back(line);
        while self.n_bytes > self.most
            && let Some(first) = self.lines.pop_front()
        {
            self.n_bytes -= first.len() + 1;
        }
    }

    /// The last line that is not blank.
    pub(in crate::shell) fn last(&self) -> Option<&str> {
        self.lines.iter().rev().map(|line| line.trim()).find(|line| !line.is_empty())
    }

    pub(in crate::shell) fn text(&self) -> String {
        self.lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}
