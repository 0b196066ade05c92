//! Tells what the bytes of a text are with AVX-512.

#![cfg(target_arch = "x86_64")]

use super::{BLOCK, Block, is_blank, is_special, is_stop};
use crate::ingest::registers::{classes, of_class, register};
use std::arch::x86_64::_mm512_movepi8_mask;

const STOP: u8 = 1;
const BLANK: u8 = 2;
const DOUBTFUL: u8 = 4;
const TELLING: u8 = 8;
const ZERO: u8 = 16;
const SPECIAL: u8 = 32;
const COLON: u8 = 64;
const ODD: u8 = 128;

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
                b'<' => ODD,
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
    Block {
        stops: of_class(classes, STOP) | beyond_ascii,
        blanks: of_class(classes, BLANK),
        doubtful: of_class(classes, DOUBTFUL) | beyond_ascii,
        telling: of_class(classes, TELLING),
        zeros: of_class(classes, ZERO),
        special: of_class(classes, SPECIAL),
        colons: of_class(classes, COLON),
        odd: of_class(classes, ODD) | beyond_ascii,
    }
}
