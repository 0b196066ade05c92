//! Folds sixty-four bytes at a step with AVX2: words that hold a digit are found with one addition, and what is kept is
//! gathered eight bytes at a step.

#![cfg(target_arch = "x86_64")]

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_blendv_epi8, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_extract_epi64,
    _mm256_movemask_epi8, _mm256_set_epi64x, _mm256_set1_epi8, _mm256_set1_epi32, _mm256_set1_epi64x,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16, _pdep_u64, _pext_u64,
};

use super::blocks::{self, BLOCK, Block, Masks, Unsuited};

/// Folds like [`blocks::fold`]; called by [`wide`](crate::ingest::wide) alone.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(in crate::ingest) fn fold(text: &[u8], from: usize, to: usize, folded: &mut Vec<u8>) -> Result<(), Unsuited> {
    let with = With {
        masks: |bytes: &_| masks(bytes),
        signs: |bytes: &_| signs(bytes),
        squeeze: |bytes: &_, kept, zeros, folded: &mut _| squeeze(bytes, kept, zeros, folded),
    };
    blocks::fold(text, from, to, folded, |block, free, folded| step(block, free, folded, &with))
}

/// What is done with instructions that differ between processors.
pub(super) struct With<M, S, Q> {
    pub(super) masks: M,
    pub(super) signs: S,
    pub(super) squeeze: Q,
}

/// Folds a block; looks at single words only where one may be a code.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
#[inline]
pub(super) fn step(
    block: &Block<'_>,
    free: &mut usize,
    folded: &mut Vec<u8>,
    with: &With<
        impl Fn(&[u8; BLOCK]) -> Masks,
        impl Fn(&[u8; BLOCK]) -> Signs,
        impl Fn(&[u8; BLOCK], u64, u64, &mut Vec<u8>),
    >,
) -> Result<usize, Unsuited> {
    let masks = (with.masks)(block.bytes);
    let end = block.end(masks)?;
    let inside = block.inside(end);
    let word = masks.word & inside;
    let (values, starts) = values(word, masks.digit & inside);
    if values == 0 {
        // Nothing is masked, and no code begins without a digit.
        folded.extend_from_slice(block.bytes_up_to(end));
    } else if starts != 0 && (block.goes_on(*free) || may_have_code(block, starts, word, &(with.signs)(block.bytes))) {
        look_closely(block, end, masks, free, folded)?;
    } else {
        (with.squeeze)(block.bytes, (inside & !values) | starts, starts, folded);
        *free = (*free).max(block.at + (u64::BITS - values.leading_zeros()) as usize);
    }
    Ok(end)
}

/// Like [`blocks::words`], out of the way of what is common.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
#[inline(never)]
fn look_closely(
    block: &Block<'_>,
    end: usize,
    masks: Masks,
    free: &mut usize,
    folded: &mut Vec<u8>,
) -> Result<(), Unsuited> {
    blocks::words(block, end, masks, free, folded)
}

/// The words that hold a digit, and where they begin.
#[target_feature(enable = "bmi2")]
#[inline]
fn values(word: u64, digit: u64) -> (u64, u64) {
    let (starts, lasts) = (word & !(word << 1), word & !(word >> 1));
    // A carry runs from the first digit of a word to its last byte.
    let behind_digit = ((word.wrapping_add(digit) ^ word) | digit) & word;
    let value_lasts = lasts & behind_digit;
    let value_starts = _pdep_u64(_pext_u64(value_lasts, lasts), starts);
    ((value_lasts << 1).wrapping_sub(value_starts), value_starts)
}

/// Whether one of the words of a block that begin there might be a code, or the version before one; `word` are the bytes
/// of all words.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
#[inline]
fn may_have_code(block: &Block<'_>, starts: u64, word: u64, signs: &Signs) -> bool {
    let upper = word & !signs.lower;
    // A cue, and at most three marks behind it, some of them perhaps in the block before.
    let mut behind_cue = (signs.cue_last & (signs.cue_inner << 1)) << 1;
    let mut behind_mark = behind_cue;
    for _ in 0..3 {
        behind_mark = (behind_mark & signs.mark) << 1;
        behind_cue |= behind_mark;
    }
    let carried = if block.is_first() { 0 } else { 0x1f };
    let mut candidates = starts & (upper | (upper >> 1) | behind_cue | carried);
    while candidates != 0 {
        let start = candidates.trailing_zeros() as usize;
        let length = (!(word >> start)).trailing_zeros() as usize;
        if block.may_be_code(start, start + length) {
            return true;
        }
        candidates &= candidates - 1;
    }
    false
}

/// Appends the bytes of one mask, with `0` in place of those of the other.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
#[inline]
fn squeeze(block: &[u8; BLOCK], kept: u64, zeros: u64, folded: &mut Vec<u8>) {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let before = folded.len();
    // Room for whole parts, the last of them behind all others.
    folded.extend_from_slice(&[0; BLOCK + 8]);
    let zeroed = zeroed(block, zeros);
    let mut n_bytes = 0;
    let mut left = kept;
    for part in zeroed {
        let packed = _pext_u64(part, _pdep_u64(left & 0xff, EACH) * 0xff);
        if let Some(to) = folded.get_mut(before + n_bytes..).and_then(<[u8]>::first_chunk_mut::<8>) {
            *to = packed.to_le_bytes();
        }
        n_bytes += (left & 0xff).count_ones() as usize;
        left >>= 8;
        if left == 0 {
            break;
        }
    }
    folded.truncate(before + n_bytes);
}

/// A block with `0` in the places of a mask.
#[target_feature(enable = "avx2")]
#[inline]
fn zeroed(block: &[u8; BLOCK], zeros: u64) -> [u64; 8] {
    let mut parts = [0; 8];
    let (halves, _) = block.as_chunks::<32>();
    for (n, half) in halves.iter().enumerate() {
        // Each byte gets the byte of the mask that its bit is in, and keeps that bit.
        let mask = _mm256_set1_epi32((zeros >> (32 * n)) as i32);
        let spread = _mm256_shuffle_epi8(
            mask,
            _mm256_set_epi64x(0x0303_0303_0303_0303, 0x0202_0202_0202_0202, 0x0101_0101_0101_0101, 0),
        );
        let bit = _mm256_set1_epi64x(i64::from_le_bytes([1, 2, 4, 8, 16, 32, 64, 128]));
        let chosen = _mm256_cmpeq_epi8(_mm256_and_si256(spread, bit), bit);
        let bytes = _mm256_blendv_epi8(register(half), _mm256_set1_epi8(b'0'.cast_signed()), chosen);
        let of_half = [
            _mm256_extract_epi64::<0>(bytes),
            _mm256_extract_epi64::<1>(bytes),
            _mm256_extract_epi64::<2>(bytes),
            _mm256_extract_epi64::<3>(bytes),
        ];
        for (to, from) in parts.iter_mut().skip(4 * n).zip(of_half) {
            *to = from.cast_unsigned();
        }
    }
    parts
}

/// The classes that the halves of a byte allow; it belongs to those that both allow. Letters of either case stand in
/// two rows of sixteen.
const DIGIT: i8 = 1;
const A_TO_O: i8 = 2;
const P_TO_Z: i8 = 4;
const UNDERSCORE: i8 = 8;
const HYPHEN: i8 = 16;
/// In the highest bit, which is what is gathered.
const AT: i8 = i8::MIN;
const WORD: i8 = DIGIT | A_TO_O | P_TO_Z | UNDERSCORE | HYPHEN;

/// By the lower half of a byte.
const BY_LOW: [u8; 32] = twice({
    let mut classes = [A_TO_O; 16];
    classes[0] = DIGIT | P_TO_Z | AT;
    let mut low = 1;
    while low < 11 {
        classes[low] |= P_TO_Z | if low < 10 { DIGIT } else { 0 };
        low += 1;
    }
    classes[13] |= HYPHEN;
    classes[15] |= UNDERSCORE;
    classes
});

/// By the upper half of a byte.
const BY_HIGH: [u8; 32] =
    twice([0, 0, HYPHEN, DIGIT, A_TO_O | AT, P_TO_Z | UNDERSCORE, A_TO_O, P_TO_Z, 0, 0, 0, 0, 0, 0, 0, 0]);

/// A table for both halves of a register.
const fn twice(table: [i8; 16]) -> [u8; 32] {
    let mut both = [0; 32];
    let mut n = 0;
    while n < 32 {
        both[n] = table[n % 16].cast_unsigned();
        n += 1;
    }
    both
}

#[target_feature(enable = "avx2")]
#[inline]
fn masks(block: &[u8; BLOCK]) -> Masks {
    let (by_low, by_high) = (register(&BY_LOW), register(&BY_HIGH));
    let mut masks = Masks { word: 0, digit: 0, at: 0 };
    let (halves, _) = block.as_chunks::<32>();
    for (n, half) in halves.iter().enumerate() {
        let bytes = register(half);
        let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15));
        let class = _mm256_and_si256(_mm256_shuffle_epi8(by_low, bytes), _mm256_shuffle_epi8(by_high, upper));
        let word = _mm256_cmpgt_epi8(_mm256_and_si256(class, _mm256_set1_epi8(WORD)), _mm256_setzero_si256());
        let bits = |highest| u64::from(_mm256_movemask_epi8(highest) as u32) << (32 * n);
        masks.word |= bits(word);
        masks.digit |= bits(_mm256_slli_epi16::<7>(class));
        masks.at |= bits(class);
    }
    masks
}

/// What may stand around a code; some bytes too many, which costs a closer look.
pub(super) struct Signs {
    /// Bytes that are no capital letter.
    pub(super) lower: u64,
    /// Blanks, quotes and the like that may stand between a cue and a code.
    pub(super) mark: u64,
    /// Last letters of cues, and the last but one.
    pub(super) cue_last: u64,
    pub(super) cue_inner: u64,
}

/// ` `, `"`, `'` and `(`.
const MARK_IN_2: i8 = 1;
/// `:`, `=` and `[`.
const MARK_IN_3_5: i8 = 2;
/// `/`.
const SLASH: i8 = 4;
/// `e` and `E`.
const E: i8 = 8;
/// `g`, `o`, `r` and `s`; `R`.
const G_O_R_S: i8 = 16;
/// `d`, `n` and `o`, small or capital.
const D_N_O: i8 = 32;
/// `t` and `u`.
const T_U: i8 = 64;
/// `P` and `T`.
const P_T: i8 = i8::MIN;
const MARK: i8 = MARK_IN_2 | MARK_IN_3_5;
const CUE_LAST: i8 = SLASH | E | G_O_R_S;
const CUE_INNER: i8 = D_N_O | T_U | P_T;

/// By the lower half of a byte.
const SIGN_BY_LOW: [u8; 32] = twice({
    let mut signs = [0; 16];
    signs[0x0] = MARK_IN_2 | P_T;
    signs[0x2] = MARK_IN_2 | G_O_R_S;
    signs[0x3] = G_O_R_S;
    signs[0x4] = D_N_O | T_U | P_T;
    signs[0x5] = E | T_U;
    signs[0x7] = MARK_IN_2 | G_O_R_S;
    signs[0x8] = MARK_IN_2;
    signs[0xa] = MARK_IN_3_5;
    signs[0xb] = MARK_IN_3_5;
    signs[0xd] = MARK_IN_3_5;
    signs[0xe] = D_N_O;
    signs[0xf] = SLASH | G_O_R_S | D_N_O;
    signs
});

/// By the upper half of a byte.
const SIGN_BY_HIGH: [u8; 32] = twice({
    let mut signs = [0; 16];
    signs[0x2] = MARK_IN_2 | SLASH;
    signs[0x3] = MARK_IN_3_5;
    signs[0x4] = E | D_N_O;
    signs[0x5] = MARK_IN_3_5 | P_T | G_O_R_S;
    signs[0x6] = E | G_O_R_S | D_N_O;
    signs[0x7] = G_O_R_S | T_U;
    signs
});

#[target_feature(enable = "avx2")]
#[inline]
fn signs(block: &[u8; BLOCK]) -> Signs {
    let (by_low, by_high) = (register(&SIGN_BY_LOW), register(&SIGN_BY_HIGH));
    let mut signs = Signs { lower: 0, mark: 0, cue_last: 0, cue_inner: 0 };
    let (halves, _) = block.as_chunks::<32>();
    for (n, half) in halves.iter().enumerate() {
        let bytes = register(half);
        let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15));
        let sign = _mm256_and_si256(_mm256_shuffle_epi8(by_low, bytes), _mm256_shuffle_epi8(by_high, upper));
        let bits = |highest| u64::from(_mm256_movemask_epi8(highest) as u32) << (32 * n);
        let some = |of| {
            let among = _mm256_and_si256(sign, _mm256_set1_epi8(of));
            bits(_mm256_cmpeq_epi8(among, _mm256_setzero_si256())) ^ (0xffff_ffff << (32 * n))
        };
        signs.mark |= some(MARK);
        signs.cue_last |= some(CUE_LAST);
        signs.cue_inner |= some(CUE_INNER);
        signs.lower |= bits(_mm256_slli_epi16::<2>(bytes));
    }
    signs
}

#[target_feature(enable = "avx2")]
#[inline]
fn register(bytes: &[u8; 32]) -> __m256i {
    let (parts, _) = bytes.as_chunks::<8>();
    let &[first, second, third, fourth] = parts else { return _mm256_setzero_si256() };
    let part = |bytes| i64::from_le_bytes(bytes);
    _mm256_set_epi64x(part(fourth), part(third), part(second), part(first))
}
