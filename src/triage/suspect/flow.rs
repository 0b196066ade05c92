//! Tells whether a changed line can have mattered to a failing one of the same function.
//!
//! What stands below the failing line has not run yet, unless a loop holds both; and of what stands
//! above it, only what gives or tests a name that the failing line uses decides about it. Both are
//! read from layout and words, which well-kept code of every language has in common.

use std::collections::{BTreeMap, BTreeSet};

use super::sheet::{Piece, holds_whole};
use crate::triage::syntax::{Kind, Source};

/// Lines of a function that are searched for the loop around a line.
const LOOP_LINES: u32 = 400;

/// Lines above a line that are searched for tests that leave, and the most such tests.
const LEAVING_LINES: usize = 30;
const CHECKS: usize = 3;

const LOOPS: &[&str] = &["for", "while", "loop", "foreach", "until", "do", "repeat", "forEach", "each", "map", "times"];

/// Whether a hunk at these lines can have run before the failing line did.
pub(super) fn runs_before(source: &Source<'_>, function: (u32, u32), line: u32, hunk: (u32, u32)) -> bool {
    hunk.0 <= line || loop_around(source, function.0, line).is_some_and(|last| hunk.0 <= last)
}

/// Whether what runs at these lines of a function never comes to another line of it: a block that does not hold that
/// line is around them, and ends by leaving the function.
pub(super) fn leaves_first(source: &Source<'_>, first: u32, (from, to): (u32, u32), line: u32) -> bool {
    let Some(mut depth) = (from..=to).find_map(|at| indent(source.line(at))) else { return false };
    for head in (first.saturating_add(1)..from).rev().take(LOOP_LINES as usize) {
        let Some(own) = indent(source.line(head)).filter(|own| *own < depth) else { continue };
        depth = own;
        let ends = |at: &u32| indent(source.line(*at)).is_some_and(|column| column <= own);
        let last = (to.saturating_add(1)..=source.n_lines()).find(ends).map_or(source.n_lines(), |end| end - 1);
        if head <= line && line <= last {
            return false;
        }
        let body = (head + 1..=last).find_map(|at| indent(source.line(at)));
        let is_statement = |at: &u32| {
            let text = source.line(*at);
            indent(text) == body && text.trim_start().starts_with(|c: char| c.is_alphabetic() || c == '_')
        };
        let is_branch = starts_test(source.line(head)) || is_else(source.line(head));
        let ending = (head + 1..=last).rev().find(is_statement);
        if is_branch && ending.is_some_and(|at| leaves_function(source.line(at))) {
            return true;
        }
    }
    false
}

/// Whether a line starts with a word that leaves its function.
fn leaves_function(line: &str) -> bool {
    let word = line.trim_start().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    ["return", "raise", "throw", "panic"].contains(&word)
}

/// The last line of the outermost loop that holds the line within its function.
fn loop_around(source: &Source<'_>, first: u32, line: u32) -> Option<u32> {
    let mut depth = indent(source.line(line))?;
    let mut found = None;
    for above in (first.max(line.saturating_sub(LOOP_LINES))..line).rev() {
        let Some(own) = indent(source.line(above)).filter(|own| *own < depth) else { continue };
        depth = own;
        if above > first && starts_loop(source, above) {
            found = Some((above, own));
        }
    }
    let (header, own) = found?;
    let ends = |below: &u32| indent(source.line(*below)).is_some_and(|indent| indent <= own);
    Some((header.max(line) + 1..=source.n_lines()).find(ends).map_or(source.n_lines(), |after| after - 1))
}

fn starts_loop(source: &Source<'_>, line: u32) -> bool {
    source.tokens_in(line, line).iter().any(|token| token.kind == Kind::Word && LOOPS.contains(&source.of(token)))
}

/// The lines of the conditions that led to a line of this function, innermost first.
pub(super) fn conditions(source: &Source<'_>, first: u32, line: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let Some(mut depth) = indent(source.line(line)) else { return found };
    // An `else` has the condition of the `if` that stands at its own column.
    let mut awaits_if = false;
    for above in (first + 1..line).rev().take(LOOP_LINES as usize) {
        let Some(own) = indent(source.line(above)) else { continue };
        if own < depth || (awaits_if && own == depth) {
            let is_test = starts_test(source.line(above));
            if own < depth || is_test {
                awaits_if = is_else(source.line(above));
                depth = own;
                found.extend(is_test.then_some(above));
            }
        }
        if found.len() >= 2 {
            break;
        }
    }
    found
}

/// The lines of the tests above a line of this function that would have left it: had one held, the line had not been
/// reached. The nearest first.
pub(super) fn checks(source: &Source<'_>, first: u32, line: u32) -> Vec<u32> {
    let mut found = Vec::new();
    // The column of a statement that leaves, whose test is looked for.
    let mut left = None;
    for above in (first + 1..line).rev().take(LEAVING_LINES) {
        let Some(own) = indent(source.line(above)) else { continue };
        let is_test = starts_test(source.line(above));
        if left.is_some_and(|column| own < column && is_test) {
            found.push(above);
            left = None;
        }
        if leaves(source.line(above)) {
            left = Some(own);
        }
    }
    found.truncate(CHECKS);
    found
}

/// Whether a line starts with a word that leaves its function or loop.
pub(super) fn leaves(line: &str) -> bool {
    let bare = line.trim_start();
    ["return", "continue", "break", "raise", "throw", "next"]
        .contains(&bare.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default())
}

fn is_else(line: &str) -> bool {
    let bare = line.trim_start().trim_start_matches(['}', ' ']);
    ["else", "elif", "elsif", "except", "default", "_ =>"].iter().any(|word| bare.starts_with(word))
}

/// Columns before the first visible character; `None` for an empty line.
pub(super) fn indent(line: &str) -> Option<usize> {
    let bare = line.trim_start();
    (!bare.is_empty()).then(|| line.len() - bare.len())
}

/// Whether the hunk gives the name another value, or tests it, on one side at least.
pub(super) fn governs(piece: &Piece<'_>, name: &str) -> bool {
    let (removed, added) = (&piece.hunk.removed, &piece.hunk.added);
    removed.iter().chain(added).any(|line| gives(line, name) || examines(line, name)) || is_made(piece, name)
}

/// Whether the statement within which the hunk lies gives the name its value.
pub(super) fn is_made(piece: &Piece<'_>, name: &str) -> bool {
    piece.heads.iter().any(|head| gives(head, name))
}

/// Whether the hunk gives the name another value, on one side at least.
pub(super) fn is_given(piece: &Piece<'_>, name: &str) -> bool {
    piece.hunk.removed.iter().chain(&piece.hunk.added).any(|line| gives(line, name)) || is_made(piece, name)
}

/// Whether a line gives the name a value.
pub(super) fn gives(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let before = line.get(..at).unwrap_or_default();
        let rest = line.get(at + name.len()..).unwrap_or_default();
        if before.ends_with(is_part) || rest.starts_with(is_part) {
            return false;
        }
        // A pattern or a type may stand between the name and its value.
        let value = rest.split_once('=').filter(|(_, value)| !value.starts_with('='));
        let is_assigned = value.is_some_and(|(between, _)| {
            !between.ends_with(['!', '<', '>', '=']) && !between.contains(['(', '.', '"', '\'', '{'])
        });
        let is_open = before.matches('(').count() > before.matches(')').count();
        let is_bound = before.trim_start().starts_with("for ") && rest.contains(" in ") && !before.contains(" in ");
        (is_assigned && !is_open) || is_bound
    })
}

/// The names that these lines only call, each with what it is called on: `Len` and `rows.Len` of `rows.Len()`. What
/// tests the same of something else is no matter of theirs.
pub(super) fn invoked(source: &Source<'_>, first: u32, last: u32) -> BTreeMap<String, String> {
    let tokens = source.tokens_in(first, last);
    let text = |at: usize| tokens.get(at).map_or("", |token| source.of(token));
    let mut invoked = BTreeMap::new();
    let mut used = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Word) {
        let name = source.of(token).to_owned();
        if text(at + 1) != "(" {
            used.insert(name);
        } else if at >= 2 && text(at - 1) == "." {
            let whole = format!("{}.{name}", text(at - 2));
            invoked.insert(name, whole);
        } else {
            invoked.insert(name, String::new());
        }
    }
    invoked.retain(|name, _| !used.contains(name));
    invoked
}

/// Whether the hunk takes away a test of one of these names that left the function or loop where it held.
pub(super) fn loses_check(piece: &Piece<'_>, names: &BTreeSet<String>) -> bool {
    let is_kept = |test: &str| piece.hunk.added.iter().any(|line| line.trim() == test.trim());
    let removed = &piece.hunk.removed;
    let below = removed.iter().skip(1).map(String::as_str).chain(std::iter::once(""));
    removed.iter().zip(below).any(|(test, below)| {
        let left = leaves(below) || test.split([')', ':', '{']).any(leaves);
        starts_test(test) && left && !is_kept(test) && names.iter().any(|name| holds_whole(test, name))
    })
}

/// Whether the line starts with a word that tests or loops.
pub(super) fn starts_test(line: &str) -> bool {
    const TESTS: &[&str] = &[
        "if", "elif", "elsif", "unless", "while", "assert", "match", "switch", "case", "guard", "when", "for", "until",
    ];
    let bare = line.trim_start().trim_start_matches(['}', ' ']).trim_start_matches("else ");
    TESTS.contains(&bare.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default())
}

fn examines(line: &str, name: &str) -> bool {
    let is_ternary = line.contains(" ? ") || line.contains(" if ") || line.contains("&&") || line.contains("||");
    (is_ternary || starts_test(line)) && holds_whole(line, name)
}

/// Whether an exception handler at this line of a text covers another line of it: its `try`
/// stands above, at the same column or as the word it closes, and the line lies between.
pub(super) fn covers(source: &Source<'_>, handler: u32, line: u32) -> bool {
    const OPENERS: &[&str] = &["try", "begin", "def", "do"];
    let column = |number: u32| indent(source.line(number));
    let Some(own) = column(handler) else { return false };
    let opener = (1..handler).rev().take(LOOP_LINES as usize).find(|above| {
        let bare = source.line(*above).trim_start().trim_start_matches(['}', ' ']);
        column(*above) == Some(own) && OPENERS.iter().any(|word| bare.starts_with(word))
    });
    opener.is_some_and(|opener| opener < line && line < handler)
}

#[cfg(test)]
mod tests;
