//! Evidence from regular expressions: what a test feeds in is matched otherwise than before.
//!
//! A hunk that changes a pattern is tried on the texts of the failing tests. It is a small
//! experiment instead of a likeness of names: the old patterns find one thing in them, the new ones
//! another.

use regex::{Regex, RegexBuilder};

use super::sheet::{Piece, Sheet};
use crate::triage::syntax::{Kind, Source, start_of};

/// Patterns of a side, bytes of one, the size of a compiled one, and bytes of an input.
const PATTERNS: usize = 8;
const PATTERN_BYTES: usize = 600;
const COMPILED_BYTES: usize = 1 << 18;
const INPUT_BYTES: usize = 400;
/// The most matches that are compared.
const MATCHES: usize = 12;
/// A hunk of more lines rewrites so much that what its patterns match is beside the point.
const LINES: usize = 60;

/// What the change of a hunk's patterns does to a text.
pub(super) struct Changed {
    /// The text, shortened.
    pub(super) input: String,
    /// Whether patterns were replaced, and not only added or taken.
    pub(super) is_replaced: bool,
}

/// The first of the inputs in which the hunk's old patterns and its new ones find other things.
pub(super) fn changed_match(sheet: &Sheet<'_>, piece: &Piece<'_>, inputs: &[String]) -> Option<Changed> {
    if inputs.is_empty() || piece.n_lines() > LINES || piece.hunk.is_whole_file() {
        return None;
    }
    let hunk = piece.hunk;
    let last = |start: u32, n_lines: usize| start.saturating_add(u32::try_from(n_lines).unwrap_or(0)).saturating_sub(1);
    let old =
        literals(&sheet.before, hunk.old_start, last(hunk.old_start, hunk.removed.len()), hunk.removed.is_empty());
    let new = literals(&sheet.after, hunk.new_start, last(hunk.new_start, hunk.added.len()), hunk.added.is_empty());
    let only = |these: &[String], others: &[String]| -> Vec<String> {
        these.iter().filter(|pattern| !others.contains(pattern)).take(PATTERNS).cloned().collect()
    };
    let (gone, came) = (only(&old, &new), only(&new, &old));
    let (before, after) = (compiled(&gone)?, compiled(&came)?);
    if before.is_empty() && after.is_empty() {
        return None;
    }
    // As many as before: each took the place of another. A rewritten list says less.
    let is_replaced = !before.is_empty() && before.len() == after.len();
    let input = inputs.iter().find(|input| {
        let input = start_of(input, INPUT_BYTES);
        let (old, new) = (found(&before, input), found(&after, input));
        // A pattern that only came, or only went, must find more than a mark or a space.
        let is_telling = is_replaced || old.iter().chain(&new).any(|(from, to)| to - from > 2);
        old != new && is_telling
    })?;
    Some(Changed { input: start_of(input.trim(), 60).replace(['\n', '\r', '`'], " "), is_replaced })
}

/// The strings and patterns within these lines that have the marks of a regular expression.
fn literals(source: &Source<'_>, first: u32, last: u32, is_empty: bool) -> Vec<String> {
    if is_empty {
        return Vec::new();
    }
    let texts = source.tokens_in(first, last).iter().filter(|token| token.kind == Kind::Text);
    texts.filter_map(|token| pattern_of(source.of(token))).take(PATTERNS * 2).collect()
}

/// The pattern that a literal holds; `None` for a plain text.
fn pattern_of(literal: &str) -> Option<String> {
    let start = literal.find(['"', '\'', '`', '/'])?;
    let (prefix, rest) = (literal.get(..start)?, literal.get(start..)?);
    let quote = rest.chars().next()?;
    let inner = rest.trim_start_matches(quote);
    let end = inner.rfind(quote)?;
    let (inner, flags) = (inner.get(..end)?.trim_end_matches(quote), inner.get(end + 1..).unwrap_or_default());
    let is_raw = prefix.contains(['r', 'R', '@']) || quote == '/' || quote == '`';
    let inner = if is_raw { inner.to_owned() } else { inner.replace("\\\\", "\\") };
    let has_marks = inner.contains("\\")
        || (inner.contains(['[', '(']) && inner.contains(['*', '+', '?', '|', '^', '$']))
        || (inner.starts_with('^') || inner.ends_with('$')) && inner.len() > 2;
    let is_whole = inner.len() > 1 && inner.len() <= PATTERN_BYTES && has_marks;
    let ignores_case = quote == '/' && flags.contains('i');
    is_whole.then(|| if ignores_case { format!("(?i){inner}") } else { inner })
}

/// The compiled patterns; `None` when one of them cannot be, because then nothing is known.
fn compiled(patterns: &[String]) -> Option<Vec<Regex>> {
    let compile = |pattern: &String| RegexBuilder::new(pattern).size_limit(COMPILED_BYTES).build().ok();
    patterns.iter().map(compile).collect()
}

/// What patterns find in a text: all matches of all of them, by place.
fn found(patterns: &[Regex], input: &str) -> Vec<(usize, usize)> {
    let all = patterns.iter().flat_map(|pattern| pattern.find_iter(input).take(MATCHES));
    let mut found: Vec<(usize, usize)> = all.map(|found| (found.start(), found.end())).collect();
    found.sort_unstable();
    found.dedup();
    found.retain(|(from, to)| from < to);
    found
}

#[cfg(test)]
mod tests;
