//! Cuts tokens with AVX-512: one instruction gathers the places of all.

#![cfg(target_arch = "x86_64")]

use std::arch::x86_64::{
    __m512i, _mm512_add_epi8, _mm512_cmpge_epu8_mask, _mm512_cmpgt_epu8_mask, _mm512_mask_blend_epi8,
    _mm512_mask_expand_epi8, _mm512_maskz_compress_epi8, _mm512_set1_epi8, _mm512_slli_epi16, _mm512_sub_epi8,
    _mm512_subs_epu8, _pext_u64,
};

use super::super::{Kind, Reader};
use super::{Ahead, CLASSES, CLOSING, COLON, Cut, EQUALS, INKED, Kinds, MOST, OPENING, SEPARATOR, SQUARE, VARIABLE};
use crate::ingest::registers::{bytes, classes, of_class, register};
use crate::ingest::signature::stops::widest::block;
use crate::ingest::signature::stops::{BLOCK, PIECE};
use crate::ingest::signature::words::LONGER;

/// Reads like [`Reader::plain`]; called by [`wide`](crate::ingest::wide) alone.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi,avx512vbmi2,avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(in crate::ingest) fn plain(reader: &mut Reader<'_>) {
    reader.plain_with(
        |bytes| block(bytes),
        |cut, bytes, within, spaced| list(cut, bytes, within, spaced),
        |tokens, _| kinds(tokens),
    );
}

/// Every place of a block.
const PLACES: [u8; BLOCK] = {
    let mut places = [0; BLOCK];
    let mut at = 0;
    while at < BLOCK {
        places[at] = at as u8;
        at += 1;
    }
    places
};

/// Lists the tokens of a piece.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi2,avx2,bmi1,bmi2,popcnt")]
#[inline]
fn list(cut: &mut Cut, piece: &[u8; PIECE], within: u128, spaced: u128) {
    let Ahead { starts, lasts, word_lasts, values, .. } = cut.ahead;
    let (starts, lasts, values) = (starts & within, lasts & within, values & word_lasts);
    let all = |byte: u8| _mm512_set1_epi8(byte.cast_signed());
    let first = |bits: u128| bits as u64;
    let second = |bits: u128| (bits >> BLOCK) as u64;
    let n_starts = first(starts).count_ones();
    let n_ends = first(lasts).count_ones();
    // Gathers what is chosen of both halves, one behind the other, so that it is written and read at once.
    let gather = |halves: [__m512i; 2], chosen: u128, n_first: u32| {
        let [front, back] = halves;
        let front = _mm512_maskz_compress_epi8(first(chosen), front);
        let back = _mm512_maskz_compress_epi8(second(chosen), back);
        _mm512_mask_expand_epi8(front, u64::MAX.unbounded_shl(n_first), back)
    };
    let bits = |bits: u128, chosen: u128, n_first: u32| {
        let back = _pext_u64(second(bits), second(chosen));
        _pext_u64(first(bits), first(chosen)) | back.unbounded_shl(n_first)
    };
    let (blocks, _) = piece.as_chunks::<BLOCK>();
    let &[front, back] = blocks else { return };
    let places = [register(&PLACES), _mm512_add_epi8(register(&PLACES), all(BLOCK as u8))];
    let kind = |block: &[u8; BLOCK], words: u64, values: u64| {
        let kinds = _mm512_mask_blend_epi8(words, register(block), all(Kind::WORD.0));
        _mm512_mask_blend_epi8(values, kinds, all(Kind::VARIABLE.0))
    };
    let kinds = [kind(&front, first(word_lasts), first(values)), kind(&back, second(word_lasts), second(values))];
    let first_bytes = gather(places, starts, n_starts);
    let ends = _mm512_add_epi8(gather(places, lasts, n_ends), all(1));
    let lengths = _mm512_sub_epi8(ends, first_bytes);
    // Of eight bytes at most; so the shift moves nothing from one to the next.
    let foreign = _mm512_slli_epi16::<3>(_mm512_subs_epu8(all(8), lengths));
    cut.starts.0 = bytes(first_bytes);
    cut.ends.0 = bytes(ends);
    cut.kinds.0 = bytes(gather(kinds, lasts, n_ends));
    cut.foreign.0 = bytes(foreign);
    cut.spaced = bits(spaced, starts, n_starts);
    cut.words = bits(word_lasts & !values, lasts, n_ends);
    cut.longer = _mm512_cmpgt_epu8_mask(lengths, all(8));
    cut.n_tokens = (n_ends + second(lasts).count_ones()) as usize;
    cut.limit(_mm512_cmpge_epu8_mask(lengths, all(LONGER as u8)) & cut.words);
}

/// Tells where the tokens of some kinds are.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn kinds(kinds: &[u8; MOST]) -> Kinds {
    let classes = classes(&CLASSES, register(kinds));
    Kinds {
        inked: of_class(classes, INKED),
        variables: of_class(classes, VARIABLE),
        colons: of_class(classes, COLON),
        separators: of_class(classes, SEPARATOR),
        opening: of_class(classes, OPENING),
        squares: of_class(classes, SQUARE),
        closing: of_class(classes, CLOSING),
        equals: of_class(classes, EQUALS),
    }
}
