//! Keeps the end of a command's output.

use std::collections::VecDeque;

/// Bytes that are kept.
const BYTES: usize = 64 << 10;

/// The last lines of an output.
#[derive(Default)]
pub(super) struct Tail {
    lines: VecDeque<String>,
    n_bytes: usize,
}

impl Tail {
    pub(super) fn push(&mut self, line: String) {
        self.n_bytes += line.len() + 1;
        self.lines.push_back(line);
        while self.n_bytes > BYTES
            && let Some(first) = self.lines.pop_front()
        {
            self.n_bytes -= first.len() + 1;
        }
    }

    /// The last line that is not blank.
    pub(super) fn last(&self) -> Option<&str> {
        self.lines.iter().rev().map(|line| line.trim()).find(|line| !line.is_empty())
    }

    pub(super) fn text(&self) -> String {
        self.lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}
