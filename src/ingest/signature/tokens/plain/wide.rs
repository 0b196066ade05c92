//! Cuts tokens with the instructions for single bits of processors with AVX2.

#![cfg(target_arch = "x86_64")]

use super::super::Reader;
use super::{kinds, list};
use crate::ingest::signature::stops::wide::block;

/// Reads like [`Reader::plain`]; called by [`wide`](crate::ingest::wide) alone.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
#[expect(clippy::redundant_closure, reason = "what is passed by its name is called without these instructions")]
pub(in crate::ingest) fn plain(reader: &mut Reader<'_>) {
    reader.plain_with(
        |bytes| block(bytes),
        |cut, bytes, within, spaced| list(cut, bytes, within, spaced),
        |tokens, n_tokens| kinds(tokens, n_tokens),
    );
}
