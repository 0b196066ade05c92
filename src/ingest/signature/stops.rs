//! Tells where words may end, a piece of a text at a time.
//!
//! Input: the bytes of a piece. Output: a bit for each byte that may end a word, for each that is blank, and so on. The bits
//! come from ordinary arithmetic, or from the processor's wide instructions (`wide`, `widest`).

#[cfg(target_arch = "x86_64")]
pub(super) mod wide;
#[cfg(target_arch = "x86_64")]
pub(super) mod widest;

/// Bytes of a block: one for each bit of a mask.
pub(super) const BLOCK: usize = 64;

/// Bytes of a piece of a text. Most messages are shorter.
pub(super) const PIECE: usize = 2 * BLOCK;

/// Bytes with no stop among them.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Where the stop is that ends them.
    pub end: usize,
    /// Whether one of `0`, `.`, `/`, `\`, `!` and `?` is among them.
    pub telling: bool,
}

/// The bytes from `from` to the first stop, or to the end; empty where there is one.
#[inline(never)]
pub fn run(text: &[u8], from: usize) -> Run {
    let rest = text.get(from..).unwrap_or_default();
    let length = rest.iter().position(|byte| is_stop(*byte)).unwrap_or(rest.len());
    let telling = rest.iter().take(length).any(|byte| is_telling(*byte));
    Run { end: from + length, telling }
}

/// The first byte at or behind `from` that is not blank; `None` when there is none.
#[inline(never)]
pub fn next(text: &[u8], from: usize) -> Option<usize> {
    let length = text.get(from..)?.iter().position(|byte| !is_blank(*byte))?;
    Some(from + length)
}

/// What bytes are, a bit for each; the lowest is the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ingest) struct Bits<T> {
    /// White space, controls, marks, and the bytes of characters beyond ASCII.
    pub(super) stops: T,
    /// White space and controls of ASCII.
    pub(super) blanks: T,
    /// The stops that do not always end a word where they stand: `'`, `>`, and the bytes of characters beyond ASCII.
    pub(super) doubtful: T,
    /// `0`, `.`, `/`, `\`, `!` and `?`.
    pub(super) telling: T,
    /// `0`.
    pub(super) zeros: T,
    /// The other digits, which only codes that were kept have, and `?`.
    pub(super) special: T,
    /// `:`.
    pub(super) colons: T,
    /// The stops that something else than a mark may begin with, wherever they stand: `<`, and beyond ASCII.
    pub(super) odd: T,
}

/// What the bytes of a block are.
pub(in crate::ingest) type Block = Bits<u64>;

/// What those of a piece are.
pub(super) type Masks = Bits<u128>;

impl Masks {
    /// Those of a piece, of whose blocks `block` tells what they are.
    #[inline(always)]
    pub(super) fn of(piece: &[u8; PIECE], block: impl Fn(&[u8; BLOCK]) -> Block) -> Self {
        let (blocks, _) = piece.as_chunks::<BLOCK>();
        let [first, second] = blocks else { return Self::default() };
        let (first, second) = (block(first), block(second));
        let both = |first: u64, second: u64| u128::from(second) << BLOCK | u128::from(first);
        Self {
            stops: both(first.stops, second.stops),
            blanks: both(first.blanks, second.blanks),
            doubtful: both(first.doubtful, second.doubtful),
            telling: both(first.telling, second.telling),
            zeros: both(first.zeros, second.zeros),
            special: both(first.special, second.special),
            colons: both(first.colons, second.colons),
            odd: both(first.odd, second.odd),
        }
    }
}

/// Tells what the bytes of a block are with ordinary arithmetic.
pub(super) fn portable(bytes: &[u8; BLOCK]) -> Block {
    let each = |of: fn(u8) -> bool| gathered(&bytes.map(|byte| u8::from(of(byte))));
    Block {
        stops: each(is_stop),
        blanks: each(is_blank),
        doubtful: each(|byte| (byte == b'\'') | (byte == b'>') | (byte >= 0x80)),
        telling: each(is_telling),
        zeros: each(|byte| byte == b'0'),
        special: each(is_special),
        colons: each(|byte| byte == b':'),
        odd: each(|byte| (byte == b'<') | (byte >= 0x80)),
    }
}

/// Whether a byte is a blank or a control.
pub(super) const fn is_blank(byte: u8) -> bool {
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

/// Whether a value with this byte in it needs a second look: it may be a code, or have a query.
const fn is_special(byte: u8) -> bool {
    (byte == b'?') | (byte.wrapping_sub(b'1') <= b'9' - b'1')
}

/// The lowest bits of sixty-four bytes, of which nothing else is set, in as many bits.
#[inline(always)]
pub(super) fn gathered(flags: &[u8; BLOCK]) -> u64 {
    let (parts, _) = flags.as_chunks::<8>();
    parts.iter().rev().fold(0, |gathered, part| gathered << 8 | gathered_eight(u64::from_le_bytes(*part)))
}

/// The same of eight bytes.
#[inline(always)]
pub(super) fn gathered_eight(flags: u64) -> u64 {
    flags.wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests;
