//! Finds where a stream may be cut in two that are read apart.
//!
//! Input: a part of a stream. Output: the last place in it where a line begins an event whatever came before it, and where
//! no event of another carrier can still be open. Reading what lies before and behind it apart gives the events that
//! reading it as one gives; a law in the tests says so.

use super::Limits;
use super::flow;
use super::queue::OTHER_LINES;
use crate::ingest::decode::{self, Context};
use crate::units::Timestamp;

/// How many lines are looked at before giving up: few of those in a block, so that a stream without seams costs little more.
const LOOKED_AT: usize = 512;

/// The last such place, as an offset in the block; `None` where none was found near its end.
#[must_use]
pub fn seam(block: &[u8], limits: &Limits, now: Timestamp) -> Option<usize> {
    let context = Context { zone: limits.zone.clone(), received: now };
    let mut end = memchr::memrchr(b'\n', block)?;
    let mut found = None;
    for _ in 0..LOOKED_AT {
        let start = block.get(..end).and_then(|before| memchr::memrchr(b'\n', before)).map(|at| at + 1)?;
        let line = block.get(start..end).unwrap_or_default();
        let line = line.get(..limits.line_bytes).unwrap_or(line);
        let record = decode::decode(line, &context);
        let is_free = record.carrier.is_empty() && decode::part(line).is_none();
        found = match found {
            // So many lines of none, and what others had open is over, a piece included whose end never came.
            Some((at, n_lines)) if is_free && n_lines > 2 * OTHER_LINES => return Some(at),
            Some((at, n_lines)) if is_free => Some((at, n_lines + 1)),
            None if is_free && flow::begins_always(&record) => Some((start, 0)),
            Some(_) | None => None,
        };
        end = start - 1;
    }
    None
}
