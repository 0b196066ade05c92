//! The way to the functions that are compiled for AVX2: taken where the processor has it.
//!
//! The one place with `unsafe`: what is called is safe but for the instructions that it is compiled for, and these are
//! looked for first. Neither these functions nor those that they call use a pointer or an unchecked index. Measured:
//! folding 1.6 to 2 times as fast as the portable way, see `tests/bench/ingest.rs`; laws in the tests hold both ways to
//! the same result. `RUSTFLAGS="--cfg portable"` leaves them out, to measure and to test what other processors take.

use super::decode::FRONT_BYTES;
use super::signature::{Block, Unsuited};
#[cfg(target_arch = "x86_64")]
use super::{decode::begin_wide, signature::fold_wide, signature::stops_wide};

/// Folds a message, unless it has to be folded byte by byte; `None` where the processor lacks the instructions.
pub(super) fn fold(text: &[u8], from: usize, to: usize, folded: &mut Vec<u8>) -> Option<Result<(), Unsuited>> {
    #[cfg(target_arch = "x86_64")]
    if has_all() {
        #[expect(unsafe_code, reason = "the processor has the instructions; the function is safe but for them")]
        // SAFETY: every feature that the function is compiled for was found.
        return Some(unsafe { fold_wide(text, from, to, folded) });
    }
    let _ = (text, from, to, folded);
    None
}

/// Appends the blocks of a text; `false` where the processor lacks the instructions.
pub(super) fn stops(text: &[u8], blocks: &mut Vec<Block>) -> bool {
    #[cfg(target_arch = "x86_64")]
    if has_all() {
        #[expect(unsafe_code, reason = "the processor has the instructions; the function is safe but for them")]
        // SAFETY: every feature that the function is compiled for was found.
        unsafe {
            stops_wide(text, blocks);
        }
        return true;
    }
    let _ = (text, blocks);
    false
}

/// Tells how a line begins like `decode::layout::begin`; `None` where the processor lacks the instructions.
pub(super) fn begin(bytes: &mut [u8; FRONT_BYTES]) -> Option<u128> {
    #[cfg(target_arch = "x86_64")]
    if has_all() {
        #[expect(unsafe_code, reason = "the processor has the instructions; the function is safe but for them")]
        // SAFETY: every feature that the function is compiled for was found.
        return Some(unsafe { begin_wide(bytes) });
    }
    let _ = bytes;
    None
}

/// Whether the wide ways are taken: the processor has every feature that is named here and at those functions.
#[cfg(target_arch = "x86_64")]
#[inline]
fn has_all() -> bool {
    if cfg!(portable) {
        return false;
    }
    static HAS_ALL: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| {
        is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt")
    });
    *HAS_ALL
}
