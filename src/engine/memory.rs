//! Keeps the newest events, in bounded memory: what the tail shows and what triage reads.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use super::snapshot::TailLine;
use crate::detect::SignatureIndex;
use crate::ingest::Event;
use crate::units::Timestamp;

/// Events kept of everything.
const ALL: usize = 2_000;
/// Bytes of raw text kept of everything; fewer events are kept where they are large.
const ALL_BYTES: usize = 32 * 1024 * 1024;
/// Events kept of one signature, so that a rare one is not washed away by the frequent.
const EACH: usize = 40;
/// Bytes of raw text kept of one signature, beside its newest event.
const EACH_BYTES: usize = 64 * 1024;
/// Signatures of which events are kept; more share the events of everything.
const SIGNATURES: usize = 2_000;

/// The newest events, as many as are within bounds; the newest one always.
#[derive(Debug, Default)]
struct Newest {
    lines: VecDeque<TailLine>,
    n_bytes: usize,
}

impl Newest {
    fn push(&mut self, line: TailLine, (most, most_bytes): (usize, usize)) {
        self.n_bytes += line.event.text.len();
        self.lines.push_back(line);
        while self.lines.len() > 1 && (self.lines.len() > most || self.n_bytes > most_bytes) {
            if let Some(oldest) = self.lines.pop_front() {
                self.n_bytes -= oldest.event.text.len();
            }
        }
    }
}

/// The newest events, of everything and of each signature.
#[derive(Debug, Default)]
pub(super) struct Memory {
    all: Newest,
    each: HashMap<SignatureIndex, Newest>,
    n_kept: u64,
}

impl Memory {
    /// Keeps an event, and lets the oldest go.
    pub(super) fn keep(&mut self, index: SignatureIndex, at: Timestamp, event: Event) {
        self.n_kept += 1;
        let row = event.signature.id;
        let line = TailLine { number: self.n_kept, at, row, event: Arc::new(event) };
        self.all.push(line.clone(), (ALL, ALL_BYTES));
        if self.each.len() < SIGNATURES || self.each.contains_key(&index) {
            self.each.entry(index).or_default().push(line, (EACH, EACH_BYTES));
        }
    }

    pub(super) fn newest(&self, index: SignatureIndex) -> Option<&TailLine> {
        self.each.get(&index)?.lines.back()
    }

    /// The newest events of everything, oldest first.
    pub(super) fn tail(&self) -> Vec<TailLine> {
        self.all.lines.iter().cloned().collect()
    }

    /// The newest events of these signatures, oldest first; `is_theirs` tells whether an event is of one of them.
    pub(super) fn tail_of(&self, indices: &[SignatureIndex], is_theirs: impl Fn(&TailLine) -> bool) -> Vec<TailLine> {
        let each = indices.iter().filter_map(|index| self.each.get(index)).flat_map(|recent| &recent.lines);
        let theirs = self.all.lines.iter().filter(|line| is_theirs(line));
        let mut lines: BTreeMap<u64, &TailLine> = theirs.chain(each).map(|line| (line.number, line)).collect();
        while lines.len() > ALL {
            lines.pop_first();
        }
        lines.into_values().cloned().collect()
    }
}
