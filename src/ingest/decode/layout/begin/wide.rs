//! Tells how a line begins with AVX2.

#![cfg(target_arch = "x86_64")]

use std::arch::x86_64::{_mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_set_epi64x, _mm256_set1_epi8};

use super::{FRONT_BYTES, level_digits};

/// The same as [`portable`](super::portable); called by [`wide`](crate::ingest::wide) alone.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
pub(in crate::ingest) fn begin(bytes: &mut [u8; FRONT_BYTES]) -> u128 {
    let mut blanks = 0;
    let (parts, _) = bytes.as_chunks::<32>();
    for (n, part) in parts.iter().enumerate() {
        let (words, _) = part.as_chunks::<8>();
        let &[first, second, third, fourth] = words else { return 0 };
        let [first, second, third, fourth] = [first, second, third, fourth].map(i64::from_le_bytes);
        let part = _mm256_set_epi64x(fourth, third, second, first);
        let are_blanks = _mm256_cmpeq_epi8(part, _mm256_set1_epi8(b' '.cast_signed()));
        blanks |= u128::from(_mm256_movemask_epi8(are_blanks).cast_unsigned()) << (32 * n);
    }
    level_digits(bytes);
    blanks
}
