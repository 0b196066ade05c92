//! Tells how far the best file leads, and what speaks for it at most.

use super::evidence::Strength;
use super::weights as w;
use super::{Candidate, SUSPECTS};

/// The strongest kind of evidence for the best hunk, and for those of its file that come near it: each may have done
/// the damage, and the file is the same.
pub(super) fn strongest(ranked: &[Candidate<'_>], best: &Candidate<'_>) -> Strength {
    let is_near = |other: &&Candidate<'_>| {
        other.sheet.path() == best.sheet.path() && other.score >= best.score - w::OPENED && !other.evidence.is_idle
    };
    let near = ranked.iter().take(SUSPECTS).filter(is_near).map(|other| other.evidence.strength());
    near.max().unwrap_or(Strength::Hints).max(best.evidence.strength())
}

/// The best file's score, and its lead over the next file.
pub(super) fn scores(ranked: &[Candidate<'_>]) -> (f64, f64) {
    let mut files: Vec<(&str, f64, u32)> = Vec::new();
    for candidate in ranked.iter().take(1_000) {
        let path = candidate.sheet.path();
        match files.iter_mut().find(|(known, _, _)| *known == path) {
            // Sorted: the first hunk of a file is its best; a second adds a little, a hundredth nothing.
            Some((_, score, n_hunks)) => {
                *n_hunks += 1;
                *score += if *n_hunks == 2 { w::SECOND_HUNK * candidate.score.max(0.0) } else { 0.0 };
            }
            None => files.push((path, candidate.score, 1)),
        }
    }
    let top = files.first().map_or(0.0, |(_, score, _)| *score);
    let second = files.iter().skip(1).map(|(_, score, _)| *score).fold(0.0, f64::max);
    (top, top - second)
}
