//! Finds where a stream may be cut in two that are read apart.
//!
//! Input: a part of a stream. Output: the last place in it where cutting makes no difference. Reading what lies before and
//! behind it apart gives the events that reading it as one gives; a law in the tests says so.
//!
//! There are three kinds of such places. One is before a line of no carrier that begins an event whatever came before it,
//! behind many lines of none. Another is among many lines of none that are all events by themselves, whatever came long
//! before. The third is among lines of carriers, each of which is an event by itself: so many that all before are over, on
//! both sides.

use super::Limits;
use super::carriers::{Carrier, Carriers};
use super::directives::opens_columns;
use super::flow::{self, ANNOUNCED};
use super::open::may_tell_trace;
use super::queue::{OTHER_LINES, is_said, is_single};
use crate::ingest::decode::{self, Batch, Context, Layouts, Plain, Reading, Record, is_bare};
use crate::units::Timestamp;

/// How many lines are looked at before giving up: few of those in a block, so that a stream without seams costs little more.
const LOOKED_AT: usize = 1536;
/// So many lines of others, and what was open before is over, a piece included whose end never came.
const QUIET: usize = 2 * OTHER_LINES as usize + 1;
/// So many lines that are events by themselves, and no older trace is left that takes some of them: it takes no more than
/// these few, each at most so many lines of others behind the one before it.
const SETTLED: usize = (ANNOUNCED as usize + 4) * OTHER_LINES as usize;

/// A place where a stream may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seam {
    /// Offset in the block.
    pub at: usize,
    /// Whether the last event before it was flushed, as [`Intake::restart`](super::Intake::restart) wants to know; nothing
    /// where only who reads what lies before it can tell, see [`Intake::is_flushed`](super::Intake::is_flushed).
    pub mid_event: Option<bool>,
}

/// What finds seams in streams that are read under the same limits.
///
/// What it remembers saves time and changes nothing.
#[derive(Debug, Default)]
pub struct Seams {
    layouts: Layouts,
    carriers: Carriers,
}

/// What a line is by itself.
enum Alone {
    /// An event of no carrier, whatever came before it.
    Begins,
    /// An event of no carrier, where no trace is open that it may belong to.
    Single,
    /// Nothing: it changes nothing between single lines.
    Blank,
    /// Anything else that no carrier brought.
    OfNone,
    /// An event of a carrier.
    Carried(Carrier),
    /// A piece, or a line that may belong to others of its carrier.
    Part,
}

impl Seams {
    /// Whether a stream that begins with these bytes has lines whose meaning was told before them, so that no seam is one.
    #[must_use]
    pub fn is_whole(begin: &[u8]) -> bool {
        opens_columns(
            begin
                .strip_prefix(b"\xef\xbb\xbf")
                .unwrap_or(begin)
                .split(|byte| *byte == b'\n')
                .next()
                .unwrap_or_default(),
        )
    }

    /// The last seam of a block; `None` where none was found near its end.
    pub fn last(&mut self, block: &[u8], limits: &Limits, now: Timestamp) -> Option<Seam> {
        let context = Context { zone: limits.zone.clone(), received: now };
        self.carriers.clear();
        let mut end = memchr::memrchr(b'\n', block)?;
        let mut begun: Option<(usize, usize)> = None;
        // The last of the single lines that come last, and how many lie before it.
        let mut single: Option<(usize, usize)> = None;
        // Where the lines of carriers begin, the last one first.
        let mut carried = Vec::new();
        for _ in 0..LOOKED_AT {
            let Some(start) = block.get(..end).and_then(|before| memchr::memrchr(b'\n', before)).map(|at| at + 1)
            else {
                break;
            };
            let line = block.get(start..end).unwrap_or_default();
            let alone = self.alone(line.get(..limits.line_bytes).unwrap_or(line), &context);
            begun = match (begun, &alone) {
                (Some((at, n_lines)), Alone::Begins | Alone::Single | Alone::Blank | Alone::OfNone) => {
                    Some((at, n_lines + 1))
                }
                (None, Alone::Begins) => Some((start, 0)),
                (_, _) => None,
            };
            single = match (single, &alone) {
                (Some((at, n_lines)), Alone::Single) => Some((at, n_lines + 1)),
                (None, Alone::Single) => Some((start, 0)),
                (single, Alone::Blank) => single,
                (_, _) => None,
            };
            if let Some((at, _)) = [begun, single].into_iter().flatten().find(|(_, n_lines)| *n_lines >= QUIET) {
                return Some(Seam { at, mid_event: Some(false) });
            }
            match alone {
                Alone::Carried(carrier) => carried.push((start, carrier)),
                _ if carried.len() > QUIET + SETTLED => break,
                _ => carried.clear(),
            }
            if carried.len() == QUIET + SETTLED
                && let Some(seam) = among(&carried)
            {
                return Some(seam);
            }
            end = start - 1;
        }
        among(&carried)
    }

    fn alone(&mut self, line: &[u8], context: &Context) -> Alone {
        // What a line of many records holds is told when it is read. The last piece of a line looks like a whole one; but the
        // pieces before it do not.
        if decode::part(line).is_some_and(|part| part.open) || Batch::begun_by(line).is_some() {
            return Alone::Part;
        }
        if line.trim_ascii().is_empty() {
            return Alone::Blank;
        }
        let Some(plain) = Plain::of(line.strip_suffix(b"\r").unwrap_or(line)) else {
            return self.alone_of(&decode::decode(line, context));
        };
        if self.layouts.read(&plain, context).is_some_and(|beginning| !may_tell_trace(beginning.message)) {
            return Alone::Begins;
        }
        if let Some(carried) = self.layouts.carried(&plain, context)
            && is_said(carried.message)
            && !flow::goes_on_and_on(carried.message)
        {
            return match carried.writer.as_slice() {
                [] => Alone::Single,
                writer => Alone::Carried(self.carriers.number(writer.iter().copied())),
            };
        }
        if is_bare(&plain) {
            return single(plain.text.trim_end_matches(' '));
        }
        let record = match decode::read(plain.text, context) {
            Reading::Glance(glance) => {
                self.layouts.learn(plain.text, &glance);
                glance.into_record()
            }
            Reading::Record(record) => record,
        };
        self.alone_of(&record)
    }

    fn alone_of(&mut self, record: &Record) -> Alone {
        match record.carrier.as_str() {
            "" if flow::begins_always(record) => Alone::Begins,
            "" if is_single(record) => single(record.message.trim()),
            "" => Alone::OfNone,
            carrier if is_single(record) && !flow::goes_on_and_on(record.message.trim()) => {
                Alone::Carried(self.carriers.number([carrier]))
            }
            _ => Alone::Part,
        }
    }
}

/// What a line of no carrier is that is nothing but this message.
fn single(message: &str) -> Alone {
    if is_said(message) && !flow::goes_on_and_on(message) { Alone::Single } else { Alone::OfNone }
}

/// The seam among lines of carriers, the last of which comes first.
///
/// Behind it are so many that what is open there is over before a line comes that might go on with it; before it so many
/// that nothing older is open. That one of them was flushed tells what a continuation without an open event would find.
fn among(carried: &[(usize, Carrier)]) -> Option<Seam> {
    let (behind, before) = carried.split_at_checked(QUIET)?;
    let (_, at) = (before.get(SETTLED - 1)?, behind.last()?.0);
    // What was begun before all of them is over behind the first.
    let settled = before.get(..before.len() - QUIET)?;
    if let [(_, first), rest @ ..] = carried
        && rest.iter().all(|(_, carrier)| carrier == first)
    {
        // Of one carrier alone, none was flushed for a long time.
        return Some(Seam { at, mid_event: None });
    }
    let mut seen: Vec<Option<usize>> = Vec::new();
    let mut is_flushed = false;
    for (n, (_, carrier)) in settled.iter().enumerate() {
        if seen.len() <= carrier.index() {
            seen.resize(carrier.index() + 1, None);
        }
        let next = seen.get_mut(carrier.index()).and_then(|seen| seen.replace(n));
        is_flushed |= n - next.map_or(0, |next| next + 1) > OTHER_LINES as usize;
    }
    is_flushed.then_some(Seam { at, mid_event: Some(true) })
}
