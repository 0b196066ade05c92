//! Sixty-four bytes in a register of AVX-512, and what each of them is.

#![cfg(target_arch = "x86_64")]

use std::arch::x86_64::{
    __m256i, __m512i, _mm256_extract_epi64, _mm512_extracti64x4_epi64, _mm512_maskz_permutex2var_epi8,
    _mm512_movepi8_mask, _mm512_set_epi64, _mm512_set1_epi8, _mm512_setzero_si512, _mm512_test_epi8_mask,
};

/// Bytes of a register.
const BYTES: usize = 64;

/// Loads bytes.
#[target_feature(enable = "avx512f")]
#[inline]
pub(super) fn register(bytes: &[u8; BYTES]) -> __m512i {
    let (parts, _) = bytes.as_chunks::<8>();
    let &[a, b, c, d, e, f, g, h] = parts else { return _mm512_setzero_si512() };
    let part = |bytes| i64::from_le_bytes(bytes);
    _mm512_set_epi64(part(h), part(g), part(f), part(e), part(d), part(c), part(b), part(a))
}

/// Stores a register.
#[target_feature(enable = "avx512f,avx512dq")]
#[inline]
pub(super) fn bytes(register: __m512i) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    let (parts, _) = bytes.as_chunks_mut::<8>();
    let low = quarters(_mm512_extracti64x4_epi64::<0>(register));
    let high = quarters(_mm512_extracti64x4_epi64::<1>(register));
    for (part, quarter) in parts.iter_mut().zip(low.into_iter().chain(high)) {
        *part = quarter.to_le_bytes();
    }
    bytes
}

#[target_feature(enable = "avx2")]
#[inline]
fn quarters(half: __m256i) -> [i64; 4] {
    [
        _mm256_extract_epi64::<0>(half),
        _mm256_extract_epi64::<1>(half),
        _mm256_extract_epi64::<2>(half),
        _mm256_extract_epi64::<3>(half),
    ]
}

/// The entry of a table for each byte of ASCII, and zero for any other.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
pub(super) fn classes(table: &[u8; 2 * BYTES], bytes: __m512i) -> __m512i {
    let (halves, _) = table.as_chunks::<BYTES>();
    let [low, high] = halves else { return _mm512_setzero_si512() };
    let is_ascii = !_mm512_movepi8_mask(bytes);
    _mm512_maskz_permutex2var_epi8(is_ascii, register(low), bytes, register(high))
}

/// The bytes with a bit of a class, as bits.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
pub(super) fn of_class(classes: __m512i, class: u8) -> u64 {
    _mm512_test_epi8_mask(classes, _mm512_set1_epi8(class.cast_signed()))
}
