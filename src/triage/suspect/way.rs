//! Evidence from a way to the failing line that the change opened.
//!
//! A line that failed need not have changed: it is enough that what led elsewhere before no longer does, be it an early
//! return above it, another branch of the same choice, or the condition that it stands under. What runs further in then
//! only does what it always did, so that it matters little how far out of the stack the line is.

use super::evidence::{Family, Reason, Strength};
use super::flow::{conditions, indent, leaves, starts_test};
use super::sheet::{Piece, Sheet};
use super::stack::Spot;
use super::weights as w;
use crate::triage::syntax::Source;

/// Steps out from where the error was raised, beyond which a way is worth no less.
const STEPS: u32 = 2;
/// Steps out within which a way that was opened leads by itself.
const LEADING: u32 = 2;
/// Lines above a line within which the choice is looked for that it belongs to.
const CHOICE_LINES: usize = 400;

/// Whether the hunk opened the way to a place of its own function that starts at line `first`; what was changed.
pub(super) fn opened(spot: &Spot, first: u32, sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
    // Of a gap the line above it was come to before.
    let above = piece.hunk.touched().0.saturating_add(u32::from(piece.hunk.added.is_empty()));
    let line = spot.place.line.filter(|line| spot.in_function && above <= *line)?;
    let what = if loses_branch(&sheet.after, first, line, piece) {
        "takes away a branch that was taken in place of"
    } else if loses_exit(piece) {
        "takes away what left the function before"
    } else if is_under(&sheet.after, first, line, piece) {
        "changes the condition under which it comes to"
    } else {
        return None;
    };
    let text = format!("{} {what} {}", piece.place(sheet.path()), spot.name());
    let steps = i32::try_from(spot.place.depth.min(STEPS)).unwrap_or_default();
    let points = w::OPENED * w::FADE.powi(steps) * spot.certainty();
    let strength = if spot.place.depth <= LEADING { Strength::Leads } else { Strength::Suggests };
    Some(Reason { strength, ..Reason::new(Family::Way, points, text) })
}

/// Whether the hunk takes away more statements that leave the function or loop than it brings.
pub(super) fn loses_exit(piece: &Piece<'_>) -> bool {
    n_exits(&piece.hunk.removed) > n_exits(&piece.hunk.added)
}

fn n_exits(lines: &[String]) -> usize {
    let is_exit = |line: &&String| leaves(line) || starts_test(line) && line.split([')', ':', '{']).skip(1).any(leaves);
    lines.iter().filter(is_exit).count()
}

/// Whether the hunk takes away a branch of the choice to which the line belongs, so that the line is come to for what
/// that branch took.
fn loses_branch(source: &Source<'_>, first: u32, line: u32, piece: &Piece<'_>) -> bool {
    let n_heads = |lines: &[String]| lines.iter().filter(|line| is_branch(line)).count();
    if n_heads(&piece.hunk.removed) <= n_heads(&piece.hunk.added) {
        return false;
    }
    let column = piece.hunk.removed.iter().filter(|line| is_branch(line)).find_map(|line| indent(line));
    column.is_some_and(|column| is_in_choice(source, first, line, column))
}

/// Whether a line lies in, or is the head of, a branch whose head stands at this column.
fn is_in_choice(source: &Source<'_>, first: u32, line: u32, column: usize) -> bool {
    for above in (first.saturating_add(1)..=line).rev().take(CHOICE_LINES) {
        let text = source.line(above);
        if let Some(own) = indent(text).filter(|own| *own <= column) {
            return own == column && (is_branch(text) || is_rest(text));
        }
    }
    false
}

/// Whether a line begins a further branch of a choice, with a condition of its own.
fn is_branch(line: &str) -> bool {
    let bare = line.trim_start().trim_start_matches(['}', ' ']);
    ["case ", "elif ", "elsif ", "else if", "elseif", "when "].iter().any(|word| bare.starts_with(word))
}

/// Whether a line begins what is done in all other cases.
fn is_rest(line: &str) -> bool {
    let bare = line.trim_start().trim_start_matches(['}', ' ']);
    ["else", "default"].iter().any(|word| bare.starts_with(word))
}

/// Whether the hunk replaces a condition, and the line runs under the new one.
fn is_under(source: &Source<'_>, first: u32, line: u32, piece: &Piece<'_>) -> bool {
    let n_added = u32::try_from(piece.hunk.added.len()).unwrap_or(u32::MAX);
    let is_new = |at: &u32| piece.hunk.new_start <= *at && *at < piece.hunk.new_start.saturating_add(n_added);
    let is_condition = |line: &str| starts_test(line) && !starts_loop(line);
    let mut conditions = conditions(source, first, line).into_iter().filter(|at| is_condition(source.line(*at)));
    piece.hunk.removed.iter().any(|line| is_condition(line)) && conditions.any(|at| is_new(&at))
}

/// Whether a line begins a loop, that comes to what it holds under any condition but how often.
fn starts_loop(line: &str) -> bool {
    let word = line.trim_start().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    ["for", "while", "until"].contains(&word)
}
