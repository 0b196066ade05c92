//! The way to the functions that are compiled for AVX2 and for AVX-512: taken where the processor has it.
//!
//! The one place with `unsafe`: what is called is safe but for the instructions that it is compiled for, and these are
//! looked for first. Neither these functions nor those that they call use a pointer or an unchecked index. Measured:
//! folding 2 times as fast with AVX2 as the portable way, and 1.5 times as fast again with AVX-512; the signature of a form
//! never seen 1.4 times as fast as the portable way with AVX2, and 1.8 times with AVX-512, see `tests/bench/ingest.rs`; laws
//! in the tests hold all ways to the same result. `RUSTFLAGS="--cfg portable"` leaves them
//! out and `--cfg avx2` the widest, to measure and to test what other processors take.

use super::decode::FRONT_BYTES;
#[cfg(all(test, target_arch = "x86_64"))]
use super::signature::{Block, block_wide, block_widest};
use super::signature::{Reader, Unsuited};
#[cfg(target_arch = "x86_64")]
use super::{
    decode::begin_wide,
    signature::{fold_wide, fold_widest, plain_wide, plain_widest},
};

/// Folds a message, unless it has to be folded byte by byte; `None` where the processor lacks the instructions.
pub(super) fn fold(text: &[u8], from: usize, to: usize, folded: &mut Vec<u8>) -> Option<Result<(), Unsuited>> {
    fold_with(Level::best(), text, from, to, folded)
}

/// The same with the instructions of a level.
#[inline]
fn fold_with(level: Level, text: &[u8], from: usize, to: usize, folded: &mut Vec<u8>) -> Option<Result<(), Unsuited>> {
    match level.0 {
        Kind::Portable => {
            let _ = (text, from, to, folded);
            None
        }
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "the processor has the instructions; the function is safe but for them")]
        // SAFETY: every feature that the function is compiled for was found, or there were no such level.
        Kind::Avx2 => Some(unsafe { fold_wide(text, from, to, folded) }),
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "the processor has the instructions; the function is safe but for them")]
        // SAFETY: every feature that the function is compiled for was found, or there were no such level.
        Kind::Avx512 => Some(unsafe { fold_widest(text, from, to, folded) }),
    }
}

/// Cuts what is usual in a message; `false` where the processor lacks the instructions.
#[inline]
pub(super) fn plain(reader: &mut Reader<'_>) -> bool {
    plain_with(Level::best(), reader)
}

/// The same with the instructions of a level.
#[inline]
pub(super) fn plain_with(level: Level, reader: &mut Reader<'_>) -> bool {
    match level.0 {
        Kind::Portable => {
            let _ = reader;
            false
        }
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "the processor has the instructions; the function is safe but for them")]
        // SAFETY: every feature that the function is compiled for was found, or there were no such level.
        Kind::Avx2 => unsafe {
            plain_wide(reader);
            true
        },
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "the processor has the instructions; the function is safe but for them")]
        // SAFETY: every feature that the function is compiled for was found, or there were no such level.
        Kind::Avx512 => unsafe {
            plain_widest(reader);
            true
        },
    }
}

/// Tells how a line begins like `decode::layout::begin`; `None` where the processor lacks the instructions.
pub(super) fn begin(bytes: &mut [u8; FRONT_BYTES]) -> Option<u128> {
    match Level::best().0 {
        Kind::Portable => {
            let _ = bytes;
            None
        }
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "the processor has the instructions; the function is safe but for them")]
        // SAFETY: every feature that the function is compiled for was found; AVX2 is found wherever AVX-512 is taken.
        Kind::Avx2 | Kind::Avx512 => Some(unsafe { begin_wide(bytes) }),
    }
}

/// Instructions that this processor has: there is none of a level that it lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// The widest of which the processor has every feature that is named here and at its functions.
    #[cfg(target_arch = "x86_64")]
    #[inline]
    fn best() -> Self {
        if cfg!(portable) {
            return Self(Kind::Portable);
        }
        static BEST: std::sync::LazyLock<Level> = std::sync::LazyLock::new(|| {
            let avx2 = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt");
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vbmi")
                && is_x86_feature_detected!("avx512vbmi2");
            Level(match (avx2, avx512 && !cfg!(avx2)) {
                (true, true) => Kind::Avx512,
                (true, false) => Kind::Avx2,
                (false, _) => Kind::Portable,
            })
        });
        *BEST
    }

    /// The only one that is known of other processors.
    #[cfg(not(target_arch = "x86_64"))]
    fn best() -> Self {
        Self(Kind::Portable)
    }
}

/// What the bytes of a block are, with the instructions of a level.
#[cfg(all(test, target_arch = "x86_64"))]
#[expect(unsafe_code, reason = "the processor has the instructions; the function is safe but for them")]
fn block_with(level: Level, bytes: &[u8; 64]) -> Option<Block> {
    match level.0 {
        Kind::Portable => None,
        // SAFETY: every feature that the function is compiled for was found, or there were no such level.
        Kind::Avx2 => Some(unsafe { block_wide(bytes) }),
        // SAFETY: every feature that the function is compiled for was found, or there were no such level.
        Kind::Avx512 => Some(unsafe { block_widest(bytes) }),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The levels that this processor has.
    pub(in crate::ingest) fn levels() -> Vec<Level> {
        match Level::best().0 {
            Kind::Portable => Vec::new(),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => vec![Level::best()],
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => vec![Level(Kind::Avx2), Level::best()],
        }
    }

    /// The fold by each level.
    pub(in crate::ingest) fn folds(text: &[u8], from: usize, to: usize) -> Vec<(Result<(), Unsuited>, Vec<u8>)> {
        let fold = |level| {
            let mut folded = Vec::new();
            fold_with(level, text, from, to, &mut folded).map(|done| (done, folded))
        };
        levels().into_iter().filter_map(fold).collect()
    }

    /// What the bytes of a block are by each level.
    #[cfg(target_arch = "x86_64")]
    pub(in crate::ingest) fn blocks(bytes: &[u8; 64]) -> Vec<Block> {
        levels().into_iter().filter_map(|level| block_with(level, bytes)).collect()
    }
}
