//! Tells the hunks that change nothing: only comments, white space or line ends.
//!
//! Input: a changed file with its texts. Output: for each hunk, whether it is trivial.
//!
//! Pure. When in doubt, a hunk is not trivial. Comments that a tool obeys (`//go:build`, `# type:`,
//! `eslint-disable`, `#!`) count as code, and so does indentation where it means something.

use super::FileChange;
use super::diff::Hunk;
use super::syntax::{Cut, Kind, Shape, Source};

/// Whether each hunk of the file, in order, is trivial.
#[must_use]
pub fn hunks(file: &FileChange) -> Vec<bool> {
    let before =
        Source::read(file.old_path.as_deref().unwrap_or(&file.path), file.base_text.as_deref().unwrap_or_default());
    let after = Source::read(&file.path, file.head_text.as_deref().unwrap_or_default());
    between(&file.hunks, &before, &after)
}

/// Whether each of the hunks that lead from one text to the other is trivial.
#[must_use]
pub fn between(hunks: &[Hunk], before: &Source<'_>, after: &Source<'_>) -> Vec<bool> {
    if hunks.iter().any(|hunk| !hunk.is_whole_file() && may_be_trivial(hunk, before, after)) {
        before.parse_beside(after, hunks);
    }
    hunks.iter().map(|hunk| is_trivial(hunk, before, after)).collect()
}

/// Whether a hunk between these two texts leaves the same code.
///
/// The grammar of the language decides where it reads both texts; where it does not understand the very lines,
/// the lexer must agree.
#[must_use]
pub fn is_trivial(hunk: &Hunk, before: &Source<'_>, after: &Source<'_>) -> bool {
    if hunk.is_whole_file() {
        return false;
    }
    if !may_be_trivial(hunk, before, after) {
        return false;
    }
    let is_same = |cut_before: Cut<'_>, cut_after: Cut<'_>| {
        code(before, cut_before, hunk.old_start, hunk.removed.len())
            == code(after, cut_after, hunk.new_start, hunk.added.len())
    };
    let is_unsure = |source: &Source<'_>, start: u32, n_lines: usize| {
        let lines = last_line(start, n_lines).zip(source.parsed());
        lines.is_some_and(|(last, parsed)| parsed.is_unsure(start, last))
    };
    match before.exact().zip(after.exact()) {
        Some((exact_before, exact_after)) => {
            let is_unsure = is_unsure(before, hunk.old_start, hunk.removed.len())
                || is_unsure(after, hunk.new_start, hunk.added.len());
            is_same(exact_before, exact_after) && (!is_unsure || is_same(before.cut(), after.cut()))
        }
        None => is_same(before.cut(), after.cut()),
    }
}

/// Whether it is worth to ask a grammar: not where visible characters differ and no comment is near.
fn may_be_trivial(hunk: &Hunk, before: &Source<'_>, after: &Source<'_>) -> bool {
    // The lexer may take the start of a comment for text, as behind the apostrophe of `<p>don't</p>`.
    let marks: Vec<&str> = {
        let syntax = after.syntax;
        syntax.line_comments.iter().copied().chain(syntax.block_comments.iter().map(|(open, _)| *open)).collect()
    };
    let is_marked = |lines: &[String]| lines.iter().any(|line| marks.iter().any(|mark| line.contains(mark)));
    let has_comment = |source: &Source<'_>, start: u32, n_lines: usize| {
        last_line(start, n_lines)
            .is_some_and(|last| source.cut().tokens_touching(start, last).any(|token| token.kind == Kind::Comment))
    };
    let visible = |lines: &[String]| -> Vec<char> {
        lines.iter().flat_map(|line| line.chars()).filter(|c| !c.is_whitespace() && *c != '\u{feff}').collect()
    };
    let is_near_comment = is_marked(&hunk.removed)
        || is_marked(&hunk.added)
        || has_comment(before, hunk.old_start, hunk.removed.len())
        || has_comment(after, hunk.new_start, hunk.added.len());
    let is_open = || {
        let old = plain_code(before, hunk.old_start, &hunk.removed, &marks);
        let new = plain_code(after, hunk.new_start, &hunk.added, &marks);
        old.zip(new).is_none_or(|(old, new)| old == new)
    };
    visible(&hunk.removed) == visible(&hunk.added) || (is_near_comment && is_open())
}

/// What is visible of some lines before any comment on them can start, without the lines that a comment holds; `None`
/// where a quote stands before the mark, so that it may be no comment.
fn plain_code(source: &Source<'_>, start: u32, lines: &[String], marks: &[&str]) -> Option<String> {
    let mut code = String::new();
    for (number, line) in (start..).zip(lines) {
        let is_commented = source
            .cut()
            .tokens_touching(number, number)
            .any(|token| token.kind == Kind::Comment && (token.line < number || token.last_line > number));
        if is_commented {
            continue;
        }
        let end = marks.iter().filter_map(|mark| line.find(mark)).min();
        let head = line.get(..end.unwrap_or(line.len())).unwrap_or_default();
        if end.is_some() && head.contains(['"', '\'', '`', '/', '<']) {
            return None;
        }
        let is_docstring = source.tokens_in(number, number).first().is_some_and(|token| token.kind == Kind::Comment);
        let visible = head.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}');
        code.extend(visible.filter(|_| !is_docstring));
    }
    Some(code)
}

/// Whether two runs of lines differ in nothing but the wording of their strings.
#[must_use]
pub fn differs_in_wording(hunk: &Hunk, before: &Source<'_>, after: &Source<'_>) -> bool {
    let shape = |source: &Source<'_>, start: u32, n_lines: usize| -> Option<Vec<String>> {
        let last = last_line(start, n_lines)?;
        let tokens = source.tokens_in(start, last).iter().filter(|token| token.kind != Kind::Comment);
        Some(
            tokens
                .map(|token| if token.kind == Kind::Text { String::new() } else { source.of(token).to_owned() })
                .collect(),
        )
    };
    let old = shape(before, hunk.old_start, hunk.removed.len());
    old.is_some_and(|old| {
        old.iter().any(String::is_empty) && Some(old) == shape(after, hunk.new_start, hunk.added.len())
    })
}

fn last_line(start: u32, n_lines: usize) -> Option<u32> {
    Some(start.saturating_add(u32::try_from(n_lines.checked_sub(1)?).unwrap_or(u32::MAX)))
}

/// The code within some lines as it matters to a compiler: each token, and how many nodes of the grammar start
/// with it, which tells the end of a statement from a line break within one.
fn code<'text>(source: &Source<'text>, cut: Cut<'_>, start: u32, n_lines: usize) -> Vec<(&'text str, usize)> {
    let Some(last) = last_line(start, n_lines) else { return Vec::new() };
    let (from, to) = (source.line_start(start), source.line_start(last.saturating_add(1)));
    let mut code = Vec::new();
    let (mut line, mut at) = (0, from);
    for token in cut.tokens_touching(start, last).filter(|token| token.kind != Kind::Comment) {
        let starts_line = token.line > line && token.line >= start && !cut.is_continued(token.line);
        if source.syntax.shape == Shape::Indented && starts_line {
            code.push((source.text.get(source.line_start(token.line)..token.start).unwrap_or_default(), 0));
        }
        line = token.last_line;
        let clipped = source.text.get(token.start.max(from)..token.end.min(to)).unwrap_or_default();
        let clipped = if token.end > to { clipped.trim_end_matches(['\r', '\n']) } else { clipped };
        code.push((clipped, cut.n_opened(at, token.end.min(to))));
        at = token.end;
    }
    code
}

#[cfg(test)]
mod tests;
