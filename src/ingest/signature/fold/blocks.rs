//! Folds sixty-four bytes at a step.
//!
//! Input: a message. Output: its fold, or that it has to be folded byte by byte: it holds an `@`, or a word longer than a
//! block. The classes of a block's bytes come as bit masks, made by [`portable`] or by the wide instructions of `wide`.

use super::{codes, run_length};
use crate::ingest::signature::stops::gathered;

/// Bytes of a block: one for each bit of a mask.
pub(super) const BLOCK: usize = 64;

/// What the bytes of a block are; the lowest bit is the first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Masks {
    /// Letters, digits, `_` and `-`.
    pub(super) word: u64,
    /// Digits.
    pub(super) digit: u64,
    /// `@`.
    pub(super) at: u64,
}

/// What must be folded byte by byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) struct Unsuited;

/// A block of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'t> {
    /// The text up to the end of the message.
    text: &'t [u8],
    /// Where the message begins in it.
    from: usize,
    /// Where the block begins in it.
    pub(super) at: usize,
    /// Bytes of the block that were folded before, or lie before the message.
    done: usize,
    /// Bytes from the beginning of the block to the end of the message.
    left: usize,
    /// What stands there; bytes around the message have no influence.
    pub(super) bytes: &'t [u8; BLOCK],
}

impl Block<'_> {
    /// Where this step ends: at the end of the message or behind the last byte that is no part of a word, so that no word
    /// lies in two blocks.
    #[inline(always)]
    pub(super) fn end(&self, masks: Masks) -> Result<usize, Unsuited> {
        let end = if self.left <= BLOCK { self.left } else { BLOCK - (!masks.word).leading_zeros() as usize };
        if masks.at & self.inside(end) != 0 || end <= self.done { Err(Unsuited) } else { Ok(end) }
    }

    /// The bytes to be folded, up to that place.
    #[inline(always)]
    pub(super) fn inside(&self, end: usize) -> u64 {
        first(end) & !first(self.done)
    }

    /// What is to be folded, up to that place.
    #[inline(always)]
    pub(super) fn bytes_up_to(&self, end: usize) -> &[u8] {
        self.bytes.get(self.done..end).unwrap_or_default()
    }

    /// Whether nothing of the message comes before the block.
    #[inline(always)]
    pub(super) fn is_first(&self) -> bool {
        self.at <= self.from
    }

    /// Whether that word might be a code, or the version before one.
    #[inline(always)]
    pub(super) fn may_be_code(&self, start: usize, end: usize) -> bool {
        codes::may_be(self.text, self.at + start, self.at + end)
    }

    /// Whether a code that ends at `free` reaches into what is to be folded.
    #[inline(always)]
    pub(super) fn goes_on(&self, free: usize) -> bool {
        free > self.at + self.done
    }
}

/// A mask of the first so many bytes.
#[inline(always)]
fn first(n_bytes: usize) -> u64 {
    (1_u64.unbounded_shl(n_bytes as u32)).wrapping_sub(1)
}

/// Appends the fold of `text[from..to]`; what was appended before [`Unsuited`] has to be taken away again.
///
/// `step` folds a block up to the place that it returns, and keeps where the next match may begin. Bytes around the message
/// are read where there are some, which spares a copy, and have no influence.
#[inline(always)]
pub(super) fn fold(
    text: &[u8],
    from: usize,
    to: usize,
    folded: &mut Vec<u8>,
    step: impl Fn(&Block<'_>, &mut usize, &mut Vec<u8>) -> Result<usize, Unsuited>,
) -> Result<(), Unsuited> {
    let message = text.get(..to).unwrap_or_default();
    let (mut at, mut free) = (from, from);
    let mut padded;
    while at < to {
        let rest = text.get(at..).unwrap_or_default();
        let (bytes, done) = match (rest.first_chunk::<BLOCK>(), text.last_chunk::<BLOCK>()) {
            (Some(bytes), _) => (bytes, 0),
            // What comes before is read once more, which is faster than to copy the rest.
            (None, Some(bytes)) => (bytes, BLOCK - rest.len()),
            (None, None) => {
                padded = [0; BLOCK];
                if let Some(front) = padded.get_mut(..rest.len()) {
                    front.copy_from_slice(rest);
                }
                (&padded, 0)
            }
        };
        let block = Block { text: message, from, at: at - done, done, left: to + done - at, bytes };
        at += step(&block, &mut free, folded)? - done;
    }
    Ok(())
}

/// Folds a block with ordinary instructions.
#[inline(always)]
pub(super) fn step(block: &Block<'_>, free: &mut usize, folded: &mut Vec<u8>) -> Result<usize, Unsuited> {
    let masks = portable(block.bytes);
    let end = block.end(masks)?;
    words(block, end, masks, free, folded)?;
    Ok(end)
}

/// Appends a block up to `end` with `0` in place of the words that hold a digit, but for codes.
#[inline(always)]
pub(super) fn words(
    block: &Block<'_>,
    end: usize,
    masks: Masks,
    free: &mut usize,
    folded: &mut Vec<u8>,
) -> Result<(), Unsuited> {
    let apart = !masks.word | first(block.done);
    let mut digits = masks.digit & block.inside(end);
    let mut written = Written::new(block.bytes, block.done);
    while digits != 0 {
        let digit = digits.trailing_zeros();
        let start = BLOCK - (apart & ((1 << digit) - 1)).leading_zeros() as usize;
        let mut word_end = ((digit + (apart >> digit).trailing_zeros()) as usize).min(end);
        let kept = if block.at + start < *free || block.may_be_code(start, word_end) {
            code(block, start, &mut word_end, free)
        } else {
            Some(word_end)
        };
        if word_end > end {
            return Err(Unsuited);
        }
        if let Some(kept) = kept {
            written.value(start, kept);
            *free = (*free).max(block.at + word_end);
        }
        digits &= (!0_u64).unbounded_shl(word_end as u32);
    }
    written.up_to(end);
    folded.extend_from_slice(written.bytes());
    Ok(())
}

/// Looks whether the word `start..end` is a code or begins the version before one. Returns where what is kept of it
/// begins, or nothing where it belongs to a code that was found before; `end` moves behind a version.
#[inline(never)]
fn code(block: &Block<'_>, start: usize, end: &mut usize, free: &mut usize) -> Option<usize> {
    let Block { text, at, .. } = *block;
    if at + start < *free {
        return None;
    }
    let run_end = start + run_length(text, at + start);
    if let Some(behind) = codes::status(text, at + start, at + run_end, *free) {
        // All words of the version are one value.
        (*free, *end) = (behind, run_end);
        return Some(run_end);
    }
    let Some(code) = codes::code(text, at + start, at + *end, *free) else { return Some(*end) };
    *free = code.end;
    Some(code.start - at)
}

/// Bytes that are copied at a step.
const STEP: usize = 16;

/// The fold of a block.
struct Written {
    /// The block, and room behind it.
    block: [u8; BLOCK + STEP],
    /// All before is written.
    kept: usize,
    /// At most a `0` for each byte more than the block has.
    bytes: [u8; 2 * BLOCK + STEP],
    n_bytes: usize,
}

impl Written {
    #[inline(always)]
    fn new(block: &[u8; BLOCK], kept: usize) -> Self {
        let mut padded = [0; BLOCK + STEP];
        if let Some(front) = padded.first_chunk_mut() {
            *front = *block;
        }
        Self { block: padded, kept, bytes: [0; 2 * BLOCK + STEP], n_bytes: 0 }
    }

    /// Writes `0` in place of what lies between `start` and `kept`.
    #[inline(always)]
    fn value(&mut self, start: usize, kept: usize) {
        self.up_to(start);
        if let Some(byte) = self.bytes.get_mut(self.n_bytes) {
            *byte = b'0';
            self.n_bytes += 1;
        }
        self.kept = kept;
    }

    /// Writes what comes before `end`, in steps of a fixed length.
    #[inline(always)]
    fn up_to(&mut self, end: usize) {
        let length = end.saturating_sub(self.kept);
        let mut done = 0;
        while done < length {
            let from = self.block.get(self.kept + done..).and_then(<[u8]>::first_chunk::<STEP>);
            let to = self.bytes.get_mut(self.n_bytes + done..).and_then(<[u8]>::first_chunk_mut::<STEP>);
            if let (Some(from), Some(to)) = (from, to) {
                *to = *from;
            }
            done += STEP;
        }
        self.n_bytes += length;
        self.kept = end;
    }

    #[inline(always)]
    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.n_bytes).unwrap_or_default()
    }
}

/// Tells the classes with ordinary arithmetic, in a form for which a compiler takes the instructions that any processor
/// of a family has.
#[inline(always)]
pub(super) fn portable(block: &[u8; BLOCK]) -> Masks {
    let each = |of: fn(u8) -> bool| block.map(|byte| u8::from(of(byte)));
    let digit = gathered(&each(|byte| byte.is_ascii_digit()));
    let word = gathered(&each(|byte| {
        byte.is_ascii_digit() | (byte | 0x20).is_ascii_lowercase() | (byte == b'_') | (byte == b'-')
    }));
    // Hardly any block has one.
    let has_at = block.iter().fold(false, |any, byte| any | (*byte == b'@'));
    let at = if has_at { gathered(&each(|byte| byte == b'@')) } else { 0 };
    Masks { word, digit, at }
}
