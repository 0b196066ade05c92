//! Folds sixty-four bytes at a step with AVX-512: one table tells what each byte is, one instruction gathers what is kept.

#![cfg(target_arch = "x86_64")]

use std::arch::x86_64::{_mm512_mask_blend_epi8, _mm512_maskz_compress_epi8, _mm512_set1_epi8};

use super::blocks::{self, BLOCK, Masks, Unsuited};
use super::wide::{Signs, With, step};
use crate::ingest::registers::{bytes, classes, of_class, register};

/// Folds like [`blocks::fold`]; called by [`wide`](crate::ingest::wide) alone.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi,avx512vbmi2,avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(in crate::ingest) fn fold(text: &[u8], from: usize, to: usize, folded: &mut Vec<u8>) -> Result<(), Unsuited> {
    let with = With {
        masks: |bytes: &_| masks(bytes),
        signs: |bytes: &_| signs(bytes),
        squeeze: |bytes: &_, kept, zeros, folded: &mut _| squeeze(bytes, kept, zeros, folded),
    };
    blocks::fold(text, from, to, folded, |block, free, folded| step(block, free, folded, &with))
}

/// A byte of a word.
const WORD: u8 = 1;
const DIGIT: u8 = 2;
const AT: u8 = 4;
const CAPITAL: u8 = 8;
/// It may stand between a cue and a code.
const MARK: u8 = 16;
/// The last letter of a cue, and the last but one.
const CUE_LAST: u8 = 32;
const CUE_INNER: u8 = 64;

/// What each byte of ASCII is.
const CLASSES: [u8; 128] = {
    let mut classes = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'0'..=b'9' => WORD | DIGIT,
            b'A'..=b'Z' => WORD | CAPITAL,
            b'a'..=b'z' | b'_' | b'-' => WORD,
            b'@' => AT,
            b' ' | b'"' | b'\'' | b'(' | b':' | b'=' | b'[' => MARK,
            _ => 0,
        };
        classes[byte as usize] |= match byte {
            b'e' | b'E' | b'g' | b'o' | b'r' | b's' | b'R' | b'/' => CUE_LAST,
            _ => 0,
        };
        classes[byte as usize] |= match byte {
            b'd' | b'D' | b'n' | b'N' | b'o' | b'O' | b't' | b'u' | b'P' | b'T' => CUE_INNER,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn masks(block: &[u8; BLOCK]) -> Masks {
    let classes = classes(&CLASSES, register(block));
    Masks { word: of_class(classes, WORD), digit: of_class(classes, DIGIT), at: of_class(classes, AT) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn signs(block: &[u8; BLOCK]) -> Signs {
    let classes = classes(&CLASSES, register(block));
    Signs {
        lower: !of_class(classes, CAPITAL),
        mark: of_class(classes, MARK),
        cue_last: of_class(classes, CUE_LAST),
        cue_inner: of_class(classes, CUE_INNER),
    }
}

/// Appends the bytes of one mask, with `0` in place of those of the other.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi2,popcnt")]
#[inline]
fn squeeze(block: &[u8; BLOCK], kept: u64, zeros: u64, folded: &mut Vec<u8>) {
    let zeroed = _mm512_mask_blend_epi8(zeros, register(block), _mm512_set1_epi8(b'0'.cast_signed()));
    let behind = folded.len() + kept.count_ones() as usize;
    // Whole registers are written, which is faster than as many bytes as there are.
    folded.extend_from_slice(&bytes(_mm512_maskz_compress_epi8(kept, zeroed)));
    folded.truncate(behind);
}
