//! Tells where words may end, sixty-four bytes at a step.
//!
//! Input: a text. Output: a bit for each byte that may end a word, for each that is blank, and for each that tells
//! something of the word that it is in. The bits come from ordinary arithmetic, or from the processor's wide instructions
//! (`wide`).

#[cfg(target_arch = "x86_64")]
pub(in crate::ingest) mod wide;
#[cfg(target_arch = "x86_64")]
pub(in crate::ingest) mod widest;

/// Bytes of a block: one for each bit of a mask.
pub(super) const BLOCK: usize = 64;

/// What the bytes of a text are.
#[derive(Debug, Default)]
pub struct Stops {
    blocks: Vec<Block>,
}

/// Bytes with no stop among them.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Where the stop is that ends them.
    pub end: usize,
    /// Whether one of `0`, `.`, `/`, `\`, `!` and `?` is among them.
    pub telling: bool,
}

/// What the bytes of a block are; the lowest bit is the first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) struct Block {
    /// White space, controls, marks, and the bytes of characters beyond ASCII.
    pub(super) stops: u64,
    /// White space and controls of ASCII.
    pub(super) blanks: u64,
    /// The stops that do not always end a word where they stand: `'`, `>`, and the bytes of characters beyond ASCII.
    pub(super) doubtful: u64,
    /// `0`, `.`, `/`, `\`, `!` and `?`.
    pub(super) telling: u64,
    /// `0`.
    pub(super) zeros: u64,
    /// `?`.
    pub(super) asking: u64,
}

impl Stops {
    /// Reads a text, in place of the one before.
    pub fn read(&mut self, text: &[u8]) {
        self.blocks.clear();
        if !crate::ingest::wide::stops(text, &mut self.blocks) {
            read_with(text, &mut self.blocks, portable);
        }
    }

    /// The first byte at or behind `from` that is not blank; `None` when there is none.
    #[inline(always)]
    pub fn next(&self, from: usize) -> Option<usize> {
        let mut index = from / BLOCK;
        let mut inked = !self.blocks.get(index)?.blanks & (u64::MAX << (from % BLOCK));
        while inked == 0 {
            index += 1;
            inked = !self.blocks.get(index)?.blanks;
        }
        Some(index * BLOCK + inked.trailing_zeros() as usize)
    }

    /// The block that holds a byte; `None` behind the text.
    #[inline(always)]
    pub fn block(&self, at: usize) -> Option<&Block> {
        self.blocks.get(at / BLOCK)
    }

    /// The bytes from `from` to the first stop; empty where there is one.
    #[inline(always)]
    pub fn run(&self, from: usize) -> Run {
        let Some(block) = self.blocks.get(from / BLOCK) else { return Run { end: from, telling: false } };
        let (stops, telling) = (block.stops >> (from % BLOCK), block.telling >> (from % BLOCK));
        if stops != 0 {
            // The bits of the run, below that of the stop.
            let inside = (stops & stops.wrapping_neg()) - 1;
            Run { end: from + stops.trailing_zeros() as usize, telling: telling & inside != 0 }
        } else {
            let more = self.run_from_block(from / BLOCK + 1);
            Run { telling: telling != 0 || more.telling, ..more }
        }
    }

    /// The same, from the beginning of a block.
    #[inline(never)]
    fn run_from_block(&self, first: usize) -> Run {
        let mut telling = 0;
        for (index, block) in self.blocks.iter().enumerate().skip(first) {
            let inside = (block.stops & block.stops.wrapping_neg()).wrapping_sub(1);
            telling |= block.telling & inside;
            if block.stops != 0 {
                let end = index * BLOCK + block.stops.trailing_zeros() as usize;
                return Run { end, telling: telling != 0 };
            }
        }
        Run { end: self.blocks.len() * BLOCK, telling: telling != 0 }
    }

    /// Gives back what an unusually long text took.
    pub fn shrink_to(&mut self, n_bytes: usize) {
        self.blocks.clear();
        self.blocks.shrink_to(n_bytes / BLOCK + 1);
    }
}

/// Appends the blocks of a text. What pads the last is a control: every text has a stop behind it.
#[inline(always)]
fn read_with(text: &[u8], blocks: &mut Vec<Block>, block: impl Fn(&[u8; BLOCK]) -> Block) {
    let (whole, rest) = text.as_chunks::<BLOCK>();
    blocks.extend(whole.iter().map(&block));
    let mut last = [0; BLOCK];
    if let Some(front) = last.get_mut(..rest.len()) {
        front.copy_from_slice(rest);
    }
    blocks.push(block(&last));
}

/// Tells what the bytes of a block are with ordinary arithmetic.
fn portable(bytes: &[u8; BLOCK]) -> Block {
    let each = |of: fn(u8) -> bool| gathered(&bytes.map(|byte| u8::from(of(byte))));
    Block {
        stops: each(is_stop),
        blanks: each(is_blank),
        doubtful: each(|byte| (byte == b'\'') | (byte == b'>') | (byte >= 0x80)),
        telling: each(is_telling),
        zeros: each(|byte| byte == b'0'),
        asking: each(|byte| byte == b'?'),
    }
}

/// Whether a byte is a blank or a control.
const fn is_blank(byte: u8) -> bool {
    (byte <= b' ') | (byte == 0x7f)
}

/// Whether a byte may end a word. Without a branch, so that many bytes are told at a time.
const fn is_stop(byte: u8) -> bool {
    let quotes = (byte == b'"') | (byte == b'\'') | (byte == b'`');
    let brackets = (byte == b'(') | (byte == b')') | (byte == b'[') | (byte == b']') | (byte == b'{') | (byte == b'}');
    // `:`, `;`, `<`, `=`, `>`
    let middle = byte.wrapping_sub(b':') <= b'>' - b':';
    (byte <= b' ') | (byte >= 0x7f) | quotes | brackets | middle | (byte == b',') | (byte == b'|')
}

/// Whether a byte tells something of the word that it is in: a value, or the end of a sentence.
fn is_telling(byte: u8) -> bool {
    let value = (byte == b'0') | (byte == b'.') | (byte == b'/') | (byte == b'\\');
    value | (byte == b'!') | (byte == b'?')
}

/// The lowest bits of sixty-four bytes, of which nothing else is set, in as many bits.
#[inline(always)]
pub(super) fn gathered(flags: &[u8; BLOCK]) -> u64 {
    let (parts, _) = flags.as_chunks::<8>();
    let eight = |part: &[u8; 8]| u64::from_le_bytes(*part).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    parts.iter().rev().fold(0, |gathered, part| gathered << 8 | eight(part))
}

#[cfg(test)]
mod tests;
