//! Evidence against a hunk that only brings what the error says is missing.
//!
//! A name that nothing defines was asked for by somebody else: who adds a definition of it does not make it missing.

use std::sync::LazyLock;

use regex::Regex;

use super::clue::Clues;
use super::sheet::{Piece, Sheet, holds_whole};

/// Lines within which two hunks change one table.
const NEAR_LINES: u32 = 20;

static MISSING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)has no (?:attribute|member|property|method)|undefined (?:method|local variable|name|function|variable)|is not (?:defined|a function)|cannot find symbol|no such (?:method|attribute|function)|undefined: |method not found",
    )
    .ok()
});

/// Whether the error misses a key, and all the hunk does for it is to bring entries of that key.
pub(super) fn only_enters(clues: &Clues, piece: &Piece<'_>) -> bool {
    let (removed, added) = (&piece.hunk.removed, &piece.hunk.added);
    let is_entered = |key: &String| enters(added, key) && !removed.iter().any(|line| holds_whole(line, key));
    misses_key(clues) && clues.names.iter().chain(&clues.literals).any(is_entered)
}

/// Whether the error misses this key, and the hunk takes an entry of it from one place without bringing it to another
/// nearby: that other tables have gained it helps nobody who looks into this one.
pub(super) fn loses_entry(clues: &Clues, sheet: &Sheet<'_>, piece: &Piece<'_>, key: &str) -> bool {
    let (first, last) = piece.lines;
    let around = |line: u32| sheet.scopes_after.at(line).map(|scope| scope.first);
    let is_near = |other: &&Piece<'_>| {
        let (from, to) = other.lines;
        let is_close = from <= last.saturating_add(NEAR_LINES) && first <= to.saturating_add(NEAR_LINES);
        is_close && around(first) == around(from)
    };
    let mut near = sheet.pieces.iter().filter(is_near);
    misses_key(clues) && enters(&piece.hunk.removed, key) && !near.any(|other| enters(&other.hunk.added, key))
}

fn misses_key(clues: &Clues) -> bool {
    clues.exceptions.iter().any(|name| name.ends_with("KeyError"))
}

/// Whether some of the lines hold the key, and all that do are entries of it: `"key": value`.
fn enters(lines: &[String], key: &str) -> bool {
    let is_entry = |line: &String| {
        line.match_indices(key).any(|(at, _)| {
            let rest = line.get(at + key.len()..).unwrap_or_default();
            let rest = rest.trim_start_matches(['"', '\'']).trim_start();
            rest.starts_with(':') || rest.starts_with("=>") || rest.starts_with('=') && !rest.starts_with("==")
        })
    };
    let mut holding = lines.iter().filter(|line| holds_whole(line, key)).peekable();
    holding.peek().is_some() && holding.all(is_entry)
}

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
