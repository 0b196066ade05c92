//! Keeps the newest events, in bounded memory: what the tail shows and what triage reads.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::snapshot::TailLine;
use crate::detect::SignatureIndex;
use crate::detect::counts::cut;
use crate::ingest::Event;
use crate::units::Timestamp;

/// Lines kept of everything.
const ALL: usize = 2_000;
/// Lines kept of one signature, so that a rare one is not washed away by the frequent.
const EACH: usize = 40;
/// Signatures of which lines are kept; more share the lines of everything.
const SIGNATURES: usize = 2_000;
/// Bytes kept of one line.
const LINE_BYTES: usize = 4_096;

#[derive(Debug, Default)]
struct Recent {
    lines: VecDeque<TailLine>,
    newest: Option<Arc<Event>>,
}

/// The newest events, of everything and of each signature.
#[derive(Debug, Default)]
pub(super) struct Memory {
    all: VecDeque<TailLine>,
    each: HashMap<SignatureIndex, Recent>,
    n_kept: u64,
}

impl Memory {
    /// Keeps an event, and lets the oldest go.
    pub(super) fn keep(&mut self, index: SignatureIndex, at: Timestamp, event: Event) {
        self.n_kept += 1;
        let line = TailLine {
            number: self.n_kept,
            at,
            level: event.level,
            signature: event.signature.id,
            text: Arc::from(cut(&event.text, LINE_BYTES)),
        };
        push_bounded(&mut self.all, line.clone(), ALL);
        if self.each.len() < SIGNATURES || self.each.contains_key(&index) {
            let recent = self.each.entry(index).or_default();
            push_bounded(&mut recent.lines, line, EACH);
            recent.newest = Some(Arc::new(event));
        }
    }

    pub(super) fn newest_event(&self, index: SignatureIndex) -> Option<Arc<Event>> {
        self.each.get(&index)?.newest.clone()
    }

    /// The newest lines, oldest first, of one signature or of everything.
    pub(super) fn tail(&self, index: Option<SignatureIndex>) -> Vec<TailLine> {
        match index {
            None => self.all.iter().cloned().collect(),
            Some(index) => self.of_signature(index),
        }
    }

    fn of_signature(&self, index: SignatureIndex) -> Vec<TailLine> {
        let Some(recent) = self.each.get(&index) else { return Vec::new() };
        let (Some(first), Some(newest)) = (recent.lines.front(), recent.newest.as_ref()) else { return Vec::new() };
        let id = newest.signature.id;
        let older = self.all.iter().filter(|line| line.signature == id && line.number < first.number);
        older.chain(&recent.lines).cloned().collect()
    }
}

fn push_bounded(lines: &mut VecDeque<TailLine>, line: TailLine, most: usize) {
    if lines.len() == most {
        lines.pop_front();
    }
    lines.push_back(line);
}
