//! Tells what the bytes of a text are with AVX-512.

#![cfg(target_arch = "x86_64")]

use super::{BLOCK, Block, is_blank, is_stop};
use crate::ingest::registers::{classes, of_class, register};
use std::arch::x86_64::_mm512_movepi8_mask;

/// Appends the blocks of a text; called by [`wide`](crate::ingest::wide) alone.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi1,bmi2,lzcnt")]
pub(in crate::ingest) fn read(text: &[u8], blocks: &mut Vec<Block>) {
    super::read_with(text, blocks, |bytes| block(bytes));
}

const STOP: u8 = 1;
const BLANK: u8 = 2;
const DOUBTFUL: u8 = 4;
const TELLING: u8 = 8;
const ZERO: u8 = 16;
const ASKING: u8 = 32;

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
                b'?' => TELLING | ASKING,
                b'.' | b'/' | b'\\' | b'!' => TELLING,
                _ => 0,
            };
        byte += 1;
    }
    classes
};

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn block(bytes: &[u8; BLOCK]) -> Block {
    let bytes = register(bytes);
    let classes = classes(&CLASSES, bytes);
    let beyond_ascii = _mm512_movepi8_mask(bytes);
    Block {
        stops: of_class(classes, STOP) | beyond_ascii,
        blanks: of_class(classes, BLANK),
        doubtful: of_class(classes, DOUBTFUL) | beyond_ascii,
        telling: of_class(classes, TELLING),
        zeros: of_class(classes, ZERO),
        asking: of_class(classes, ASKING),
    }
}
