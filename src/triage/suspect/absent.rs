//! Evidence against a hunk that only brings what the error says is missing.
//!
//! A name that nothing defines was asked for by somebody else: who adds a definition of it does not make it missing.

use std::sync::LazyLock;

use regex::Regex;

use super::clue::Clues;
use super::sheet::{Piece, Sheet};

static MISSING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)has no (?:attribute|member|property|method)|undefined (?:method|local variable|name|function|variable)|is not (?:defined|a function)|cannot find symbol|no such (?:method|attribute|function)|undefined: |method not found",
    )
    .ok()
});

/// Whether the error misses a name, and all the hunk does for it is to define it.
pub(super) fn only_defines(clues: &Clues, sheet: &Sheet<'_>, piece: &Piece<'_>) -> bool {
    let is_missing = MISSING.as_ref().is_some_and(|missing| missing.is_match(&clues.message));
    if !is_missing || !piece.hunk.removed.is_empty() {
        return false;
    }
    let (first, last) = piece.hunk.touched();
    let brings =
        |name: &&String| sheet.scopes_after.named(name).any(|scope| first <= scope.first && scope.first <= last);
    clues.names.iter().find(brings).is_some_and(|name| {
        let n_said = piece.hunk.added.iter().map(|line| line.matches(name.as_str()).count()).sum::<usize>();
        n_said == 1
    })
}
