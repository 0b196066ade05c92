//! Cuts a stream of bytes into events: server-sent events, or a JSON text a line.

/// Bytes of one line, at most; a longer one is cut, and will not be understood.
const LINE_BYTES: usize = 4 << 20;

/// How events follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// `data: …` lines, and an empty one behind each event.
    Events,
    /// A line each.
    Lines,
}

/// What came so far and is no event yet.
#[derive(Debug)]
pub(super) struct Frames {
    framing: Framing,
    line: Vec<u8>,
    data: Vec<String>,
    /// Whether the last byte was a carriage return, which may be half of a line end.
    after_return: bool,
}

impl Frames {
    pub(super) fn new(framing: Framing) -> Self {
        Self { framing, line: Vec::new(), data: Vec::new(), after_return: false }
    }

    /// Takes bytes, cut anywhere; returns the events that they complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut events = Vec::new();
        for byte in bytes {
            match byte {
                b'\n' if self.after_return => {}
                b'\n' | b'\r' => self.end_line(&mut events),
                byte if self.line.len() < LINE_BYTES => self.line.push(*byte),
                _ => {}
            }
            self.after_return = *byte == b'\r';
        }
        events
    }

    /// The event that the end of the stream completes, if any.
    pub(super) fn finish(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        self.end_line(&mut events);
        if self.framing == Framing::Events {
            self.end_line(&mut events);
        }
        events
    }

    fn end_line(&mut self, events: &mut Vec<String>) {
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
        match self.framing {
            Framing::Lines if line.trim().is_empty() => {}
            Framing::Lines => events.push(line),
            Framing::Events if line.is_empty() => {
                if !self.data.is_empty() {
                    events.push(std::mem::take(&mut self.data).join("\n"));
                }
            }
            Framing::Events => {
                // Comments keep the connection alive; names of events stand in their data too.
                if let Some(data) = line.strip_prefix("data:") {
                    self.data.push(data.strip_prefix(' ').unwrap_or(data).to_owned());
                }
            }
        }
    }
}
