//! Finds hunks that hold the two ends of one bracket or text, so that one without the other leaves it open.
//!
//! Input: a file's change and the [`Source`] of one side of it. Output: pairs of hunks.
//!
//! Pure. A hunk that changes no more than what stands between the ends, or that has as many ends on one side as on the
//! other, goes alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::triage::syntax::{Kind, Source};
use crate::triage::{FileChange, Hunk, HunkId};

/// Two ends of one thing: the lines that they stand in.
type Span = (u32, u32);

/// Pairs of hunks of a file that hold two ends of what only this side has.
pub(super) fn pairs(file: &FileChange, before: &Source<'_>, after: &Source<'_>) -> BTreeSet<(HunkId, HunkId)> {
    let (old, new) = (spans(before), spans(after));
    let mut pairs = held(&old, file, Hunk::touched_before, |hunk| !hunk.removed.is_empty());
    pairs.extend(held(&new, file, Hunk::touched, |hunk| !hunk.added.is_empty()));
    let loose: BTreeSet<HunkId> =
        file.hunks.iter().filter(|hunk| is_loose(hunk, &old, &new)).map(|hunk| hunk.id).collect();
    pairs.retain(|(one, other)| loose.contains(one) && loose.contains(other));
    pairs
}

/// Whether a hunk opens or closes more on one side than on the other.
fn is_loose(hunk: &Hunk, old: &[Span], new: &[Span]) -> bool {
    let ends = |spans: &[Span], (first, last): Span, is_empty: bool| {
        let within = |line: u32| !is_empty && (first..=last).contains(&line);
        let opened = spans.iter().filter(|(open, close)| within(*open) && !within(*close)).count();
        let closed = spans.iter().filter(|(open, close)| !within(*open) && within(*close)).count();
        (opened, closed)
    };
    ends(old, hunk.touched_before(), hunk.removed.is_empty()) != ends(new, hunk.touched(), hunk.added.is_empty())
}

/// Pairs of different hunks of which one holds where a span begins, and the other where it ends.
fn held(
    spans: &[Span],
    file: &FileChange,
    lines: fn(&Hunk) -> Span,
    has_lines: fn(&Hunk) -> bool,
) -> BTreeSet<(HunkId, HunkId)> {
    let by_line: BTreeMap<u32, (u32, HunkId)> = file
        .hunks
        .iter()
        .filter(|hunk| has_lines(hunk))
        .map(|hunk| (lines(hunk).0, (lines(hunk).1, hunk.id)))
        .collect();
    let at = |line: u32| {
        let (_, (last, id)) = by_line.range(..=line).next_back()?;
        (line <= *last).then_some(*id)
    };
    let ends = spans.iter().filter_map(|(open, close)| Some((at(*open)?, at(*close)?)));
    ends.filter(|(one, other)| one != other).collect()
}

/// What a text opens in one line and closes in another.
fn spans(source: &Source<'_>) -> Vec<Span> {
    let (mut spans, mut open) = (Vec::new(), Vec::new());
    for token in &source.tokens {
        match (token.kind, source.of(token)) {
            (Kind::Text | Kind::Comment, _) => spans.push((token.line, token.last_line)),
            (Kind::Mark, "(" | "[" | "{") => open.push(token.line),
            (Kind::Mark, ")" | "]" | "}") => spans.extend(open.pop().map(|line| (line, token.line))),
            (Kind::Mark | Kind::Word, _) => {}
        }
    }
    spans.retain(|(open, close)| open != close);
    spans
}
