//! Folds sixty-four bytes at a step.
//!
//! Input: a message. Output: its fold, or that it has to be folded byte by byte: it holds an `@`, a word longer
//! than a block, or what may be a code. The classes of a block's bytes come as bit masks, made by [`portable`] or by the wide instructions
//! of `wide`; what is done with them is the same.

use super::codes;

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

/// Appends the fold of `text[from..to]`; what was appended before [`Unsuited`] has to be taken away again.
///
/// A block ends behind its last byte that is no part of a word, so that no word lies in two of them. Bytes behind
/// `to` are read where there are some, which spares a copy, and have no influence.
#[inline(always)]
pub(super) fn fold(
    text: &[u8],
    from: usize,
    to: usize,
    folded: &mut Vec<u8>,
    masks: impl Fn(&[u8; BLOCK]) -> Masks,
) -> Result<(), Unsuited> {
    let mut at = from;
    let mut padded;
    while at < to {
        let rest = text.get(at..).unwrap_or_default();
        let block = match rest.first_chunk::<BLOCK>() {
            Some(block) => block,
            None => {
                padded = [0; BLOCK];
                if let Some(front) = padded.get_mut(..rest.len()) {
                    front.copy_from_slice(rest);
                }
                &padded
            }
        };
        let masks = masks(block);
        let n_bytes = if to - at <= BLOCK { to - at } else { BLOCK - (!masks.word).leading_zeros() as usize };
        let inside = (1_u64.unbounded_shl(n_bytes as u32)).wrapping_sub(1);
        if masks.at & inside != 0 || n_bytes == 0 {
            return Err(Unsuited);
        }
        words((text, at), block, n_bytes, (!masks.word, masks.digit & inside), folded)?;
        at += n_bytes;
    }
    Ok(())
}

/// Appends the first `n_bytes` of the block at this place with `0` in place of the words that hold one of the digits;
/// `masks` says which bytes set words apart and which are digits.
#[inline(always)]
fn words(
    (text, at): (&[u8], usize),
    block: &[u8; BLOCK],
    n_bytes: usize,
    (apart, mut digits): (u64, u64),
    folded: &mut Vec<u8>,
) -> Result<(), Unsuited> {
    let mut kept = 0;
    while digits != 0 {
        let digit = digits.trailing_zeros();
        let start = BLOCK - (apart & ((1 << digit) - 1)).leading_zeros() as usize;
        let end = ((digit + (apart >> digit).trailing_zeros()) as usize).min(n_bytes);
        if codes::may_be(text, at + start, at + end) {
            return Err(Unsuited);
        }
        folded.extend_from_slice(block.get(kept..start).unwrap_or_default());
        folded.push(b'0');
        kept = end;
        digits &= (!0_u64).unbounded_shl(end as u32);
    }
    folded.extend_from_slice(block.get(kept..n_bytes).unwrap_or_default());
    Ok(())
}

/// Tells the classes with ordinary arithmetic, eight bytes at a step.
pub(super) fn portable(block: &[u8; BLOCK]) -> Masks {
    let mut masks = Masks { word: 0, digit: 0, at: 0 };
    let (parts, _) = block.as_chunks::<8>();
    for (n, part) in parts.iter().enumerate() {
        let bytes = u64::from_le_bytes(*part);
        let low = bytes & !HIGH;
        // The highest bit of each byte answers; a byte that is not ASCII is none of these.
        let digit = within(low, b'0', b'9');
        let word = digit | within(low | (EACH * 0x20), b'a', b'z') | is(low, b'_') | is(low, b'-');
        let bits = |answers: u64| gathered(answers & !bytes & HIGH) << (8 * n);
        masks.word |= bits(word);
        masks.digit |= bits(digit);
        masks.at |= bits(is(low, b'@'));
    }
    masks
}

/// One in each byte.
const EACH: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each byte.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Sets the highest bit of each byte that lies in a range, where no byte has that bit.
fn within(low: u64, first: u8, last: u8) -> u64 {
    (low + EACH * u64::from(0x80 - first)) & !(low + EACH * u64::from(0x7f - last))
}

/// Sets the highest bit of each byte that is this one, where no byte has that bit.
fn is(low: u64, byte: u8) -> u64 {
    !((low ^ (EACH * u64::from(byte))) + EACH * 0x7f)
}

/// The highest bits of eight bytes, in eight bits.
fn gathered(highest: u64) -> u64 {
    (highest >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
