//! Tells the classes of sixty-four bytes with AVX2.

#![cfg(target_arch = "x86_64")]

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpgt_epi8, _mm256_movemask_epi8, _mm256_set_epi64x, _mm256_set1_epi8,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16,
};

use super::blocks::{self, BLOCK, Masks, Unsuited};

/// Folds like [`blocks::fold`]; called by [`wide`](crate::ingest::wide) alone.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
pub(in crate::ingest) fn fold(text: &[u8], from: usize, to: usize, folded: &mut Vec<u8>) -> Result<(), Unsuited> {
    blocks::fold(text, from, to, folded, |block| masks(block))
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

#[target_feature(enable = "avx2")]
#[inline]
fn register(bytes: &[u8; 32]) -> __m256i {
    let (parts, _) = bytes.as_chunks::<8>();
    let &[first, second, third, fourth] = parts else { return _mm256_setzero_si256() };
    let part = |bytes| i64::from_le_bytes(bytes);
    _mm256_set_epi64x(part(fourth), part(third), part(second), part(first))
}
