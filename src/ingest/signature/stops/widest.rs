//! Tells what the bytes of a text are with AVX-512.

#![cfg(target_arch = "x86_64")]

use super::{BLOCK, Block, is_blank, is_special, is_stop};
use crate::ingest::registers::{classes, of_class, register};
use std::arch::x86_64::{
    _mm512_cmpeq_epi8_mask, _mm512_cmple_epu8_mask, _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi8,
    _mm512_sub_epi8,
};

const STOP: u8 = 1;
const BLANK: u8 = 2;
const DOUBTFUL: u8 = 4;
const TELLING: u8 = 8;
const ZERO: u8 = 16;
const SPECIAL: u8 = 32;
const COLON: u8 = 64;
const LETTER: u8 = 128;

/// What each byte of ASCII is.
const CLASSES: [u8; 128] = {
    let mut classes = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        classes[byte as usize] = if is_stop(byte) { STOP } else { 0 }
            | if is_blank(byte) { BLANK } else { 0 }
            | match byte {
                b'\'' | b'>' => DOUBTFUL,
                b'0' => TELLING | ZERO,
                b'.' | b'/' | b'\\' | b'!' | b'?' => TELLING,
                b':' => COLON,
                b'a'..=b'z' | b'A'..=b'Z' => LETTER,
                _ => 0,
            }
            | if is_special(byte) { SPECIAL } else { 0 };
        byte += 1;
    }
    classes
};

/// Tells what the bytes of a block are.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
pub(in crate::ingest) fn block(bytes: &[u8; BLOCK]) -> Block {
    let bytes = register(bytes);
    let classes = classes(&CLASSES, bytes);
    let beyond_ascii = _mm512_movepi8_mask(bytes);
    let small = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
    let hex = _mm512_sub_epi8(small, _mm512_set1_epi8(b'a'.cast_signed()));
    Block {
        hex: _mm512_cmple_epu8_mask(hex, _mm512_set1_epi8((b'f' - b'a').cast_signed())),
        stops: of_class(classes, STOP) | beyond_ascii,
        blanks: of_class(classes, BLANK),
        doubtful: of_class(classes, DOUBTFUL) | beyond_ascii,
        telling: of_class(classes, TELLING),
        zeros: of_class(classes, ZERO),
        special: of_class(classes, SPECIAL),
        colons: of_class(classes, COLON),
        letters: of_class(classes, LETTER),
        equals: _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(b'='.cast_signed())),
        odd: _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(b'<'.cast_signed())) | beyond_ascii,
    }
}
