//! The lines of a draft: with their numbers, what was decided about each, and what changed within them.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthChar;

use super::super::paint;
use super::super::theme::{Role, Theme};
use crate::app::State;
use crate::app::desk::{Decision, Desk};
use crate::app::sheet::Row;
use crate::app::sheet::syntax::Token;
use crate::triage::{FileChange, FileStatus, Hunk};

/// Columns of bar, decision, and one number of a line.
const MARKS: u16 = 2;
const NUMBER: u16 = 6;

/// Bytes of a line that are looked at: more than any screen is wide.
const SEEN_BYTES: usize = 8 * 1024;

/// Columns that stand for a tab.
const TAB: &str = "    ";

/// What is needed to draw any row.
struct Page<'a> {
    state: &'a State,
    desk: &'a Desk,
    theme: &'a Theme,
    /// The hunk that the person is at.
    here: Option<(usize, usize)>,
}

/// A line of one side.
struct Side<'a> {
    raw: &'a str,
    role: Role,
    sign: &'static str,
    tokens: &'a [(Range<usize>, Token)],
    words: &'a [Range<usize>],
}

pub(super) fn draw(state: &State, desk: &Desk, has_keys: bool, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let page = Page { state, desk, theme, here: desk.hunk() };
    let shown = desk.rows.all.iter().enumerate().skip(desk.top).take(usize::from(area.height));
    for (y, (index, row)) in (area.y..).zip(shown) {
        let line = Rect { y, height: 1, ..area };
        page.row(*row, desk.is_split, line, buf);
        if has_keys && index == desk.cursor {
            paint::fill(line, theme.style(Role::Selection), buf);
        }
    }
}

impl Page<'_> {
    fn row(&self, row: Row, is_split: bool, area: Rect, buf: &mut Buffer) {
        let sheet = &self.desk.sheet;
        match row {
            Row::File { file } => {
                if let Some(file) = sheet.file(file) {
                    self.head(file, area, buf);
                }
            }
            Row::About { file } => self.about(file, area, buf),
            Row::Gap { old, .. } => {
                let text = format!("  ⋯ line {old}");
                paint::put(&Line::styled(text, self.theme.style(Role::Hunk)), area, buf);
            }
            Row::Context { file, old, new } => {
                let raw = sheet.line_before(file, old);
                let tokens = self.desk.tokens.get(&file);
                let tokens = tokens.map_or(&[][..], |tokens| tokens.of_line(false, old));
                let side = || Side { raw, role: Role::Text, sign: " ", tokens, words: &[] };
                self.sides((Some(old), Some(new)), (Some(side()), Some(side())), is_split, area, buf);
            }
            Row::Removed { file, hunk, index } => {
                self.changed((file, hunk), (Some(index), None), None, is_split, area, buf)
            }
            Row::Added { file, hunk, index, new } => {
                self.changed((file, hunk), (None, Some(index)), Some(new), is_split, area, buf);
            }
            Row::Pair { file, hunk, index, new } => {
                self.changed((file, hunk), (Some(index), Some(index)), Some(new), is_split, area, buf);
            }
            Row::Comment { spot } => {
                let text = paint::safe(self.desk.choice.comment_on(spot).unwrap_or_default());
                let indent = " ".repeat(usize::from(MARKS + NUMBER));
                paint::put(&Line::styled(format!("{indent}↳ note: {text}"), self.theme.style(Role::Info)), area, buf);
            }
        }
    }

    fn head(&self, file: &FileChange, area: Rect, buf: &mut Buffer) {
        let path = paint::safe(&file.path);
        let name = match &file.old_path {
            Some(old) => format!("{} → {path}", paint::safe(old)),
            None => path,
        };
        let what = match file.status {
            FileStatus::Added => ", new",
            FileStatus::Deleted => ", deleted",
            FileStatus::Renamed => ", moved",
            FileStatus::Modified => "",
        };
        let style = self.theme.style(Role::Hunk);
        let rule = "─".repeat(usize::from(area.width));
        paint::put(&Line::styled(rule, self.theme.style(Role::Rule)), area, buf);
        paint::put(&Line::styled(format!("── {name}{what} "), style), area, buf);
    }

    fn about(&self, index: usize, area: Rect, buf: &mut Buffer) {
        let Some(file) = self.desk.sheet.file(index) else { return };
        let what = match (file.status, file.opaque) {
            (FileStatus::Added, true) => {
                "A file without readable lines comes: binary, a link, a submodule, or very large."
            }
            (FileStatus::Deleted, true) => {
                "A file without readable lines goes: binary, a link, a submodule, or very large."
            }
            (FileStatus::Renamed | FileStatus::Modified, true) => {
                "It has no readable lines: binary, a link, a submodule, or very large."
            }
            (FileStatus::Renamed, false) => "It moves; its lines stay.",
            (FileStatus::Modified, false) => "Its mode changes; its lines stay.",
            (FileStatus::Added, false) => "An empty file comes.",
            (FileStatus::Deleted, false) => "An empty file goes.",
        };
        let (sign, role) = mark(self.desk.decision_on_file(index));
        let bar = if self.desk.file() == index { "▌" } else { " " };
        let spans = vec![
            Span::styled(bar, self.theme.style(Role::Key)),
            Span::styled(sign, self.theme.style(role)),
            Span::styled(format!(" {what}"), self.theme.style(Role::Text)),
        ];
        paint::put(&Line::from(spans), area, buf);
    }

    fn changed(
        &self,
        place: (usize, usize),
        (removed, added): (Option<usize>, Option<usize>),
        new: Option<u32>,
        is_split: bool,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let (file, _) = place;
        let Some(hunk) = self.desk.sheet.hunk(file, place.1) else { return };
        let decision = self.desk.decision(file, hunk);
        let bar = if self.here == Some(place) { "▌" } else { " " };
        let (sign, role) = mark(decision);
        let marks = vec![Span::styled(bar, self.theme.style(Role::Key)), Span::styled(sign, self.theme.style(role))];
        paint::put(&Line::from(marks), area, buf);
        let before = removed.and_then(|index| self.removed(file, hunk, index, decision));
        let after = added.and_then(|index| self.added(file, hunk, index, (new, decision)));
        let old = before.is_some().then(|| hunk.old_start.saturating_add(removed.unwrap_or(0) as u32));
        let new = new.filter(|_| after.is_some());
        self.sides((old, new), (before, after), is_split, area, buf);
    }

    fn removed<'a>(&'a self, file: usize, hunk: &'a Hunk, index: usize, decision: Decision) -> Option<Side<'a>> {
        let line = hunk.old_start.saturating_add(u32::try_from(index).ok()?);
        let tokens = self.desk.tokens.get(&file).map_or(&[][..], |tokens| tokens.of_line(false, line));
        let is_out = decision == Decision::Rejected;
        Some(Side {
            raw: hunk.removed.get(index)?,
            role: if is_out { Role::Text } else { Role::Removed },
            sign: if is_out { " " } else { "-" },
            tokens,
            words: if is_out { &[] } else { self.desk.sheet.removed_words(hunk.id, index, &self.desk.choice) },
        })
    }

    fn added<'a>(
        &'a self,
        file: usize,
        hunk: &'a Hunk,
        index: usize,
        (_, decision): (Option<u32>, Decision),
    ) -> Option<Side<'a>> {
        let choice = &self.desk.choice;
        // What is known of the proposed text does not hold for an edited hunk.
        let is_edited = choice.edit_of(hunk.id).is_some();
        let line = hunk.new_start.saturating_add(u32::try_from(index).ok()?);
        let tokens = self.desk.tokens.get(&file).filter(|_| !is_edited);
        let is_out = decision == Decision::Rejected;
        Some(Side {
            raw: self.desk.sheet.added(hunk, choice).get(index)?,
            role: if is_out { Role::Muted } else { Role::Added },
            sign: if is_out { "✗" } else { "+" },
            tokens: tokens.filter(|_| !is_out).map_or(&[][..], |tokens| tokens.of_line(true, line)),
            words: if is_out { &[] } else { self.desk.sheet.added_words(hunk.id, index, choice) },
        })
    }

    /// Draws both sides: beside each other, or the one that there is with both numbers.
    fn sides(
        &self,
        (old, new): (Option<u32>, Option<u32>),
        (before, after): (Option<Side<'_>>, Option<Side<'_>>),
        is_split: bool,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let number = |n: Option<u32>| n.map_or_else(String::new, |n| n.to_string());
        let muted = self.theme.style(Role::Muted);
        let (_, rest) = cut(area, MARKS);
        if is_split {
            let (left, right) = cut(rest, (rest.width - 1) / 2);
            let (divider, right) = cut(right, 1);
            paint::put(&Line::styled("│", self.theme.style(Role::Rule)), divider, buf);
            for (n, side, half) in [(old, before, left), (new, after, right)] {
                let (numbers, text) = cut(half, NUMBER);
                paint::put(&Line::styled(format!("{:>5} ", number(n)), muted), numbers, buf);
                side.into_iter().for_each(|side| self.text(&side, text, buf));
            }
            return;
        }
        let (numbers, text) = cut(rest, 2 * NUMBER - 1);
        paint::put(&Line::styled(format!("{:>5}{:>5} ", number(old), number(new)), muted), numbers, buf);
        after.or(before).into_iter().for_each(|side| self.text(&side, text, buf));
    }

    fn text(&self, side: &Side<'_>, area: Rect, buf: &mut Buffer) {
        let base = self.theme.style(side.role);
        if let Some(bg) = base.bg {
            paint::fill(area, Style::new().bg(bg), buf);
        }
        let mut spans = vec![Span::styled(side.sign, base)];
        let raw = side.raw.get(..side.raw.floor_char_boundary(SEEN_BYTES)).unwrap_or(side.raw);
        let is_plain = raw.chars().all(|char| char == '\t' || paint::is_plain(char));
        if is_plain {
            let width = usize::from(area.width);
            spans.extend(self.pieces(raw, side, base, width));
        } else {
            // What would act on a terminal or hides is made visible first; then nothing else is known of it.
            let text = paint::safe(raw);
            spans.extend(paint::marked(paint::shifted(&text, self.desk.shift), base, &self.state.search, self.theme));
        }
        paint::put(&Line::from(spans), area, buf);
    }

    /// The visible part of a plain line, each piece in the style of what it is.
    fn pieces(&self, raw: &str, side: &Side<'_>, base: Style, width: usize) -> Vec<Span<'static>> {
        let found = found(raw, self.state);
        let word = match side.role {
            Role::Removed => self.theme.style(Role::RemovedWord),
            _ => self.theme.style(Role::AddedWord),
        };
        let style_at = |at: usize| {
            if found.iter().any(|range| range.contains(&at)) {
                return self.theme.style(Role::Match);
            }
            if side.words.iter().any(|range| range.contains(&at)) {
                return base.patch(word);
            }
            let token = side.tokens.iter().find(|(range, _)| range.contains(&at));
            let style = token.map(|(_, token)| self.theme.style(role_of(*token)));
            style.map_or(base, |style| Style { bg: base.bg, ..base.patch(style) })
        };
        let mut spans: Vec<Span<'static>> = Vec::new();
        let (mut skip, mut used) = (usize::from(self.desk.shift), 0);
        for (at, char) in raw.char_indices() {
            let columns = if char == '\t' { TAB.len() } else { char.width().unwrap_or(0) };
            if skip > 0 {
                skip = skip.saturating_sub(columns);
                continue;
            }
            // One column more than there is, so that a cut is seen to be one.
            if used > width {
                break;
            }
            used += columns;
            let style = style_at(at);
            let mut buffer = [0; 4];
            let text = if char == '\t' { TAB } else { char.encode_utf8(&mut buffer) };
            match spans.last_mut().filter(|span| span.style == style) {
                Some(span) => span.content.to_mut().push_str(text),
                None => spans.push(Span::styled(text.to_owned(), style)),
            }
        }
        spans
    }
}

/// Where in a line is what is searched for.
fn found(raw: &str, state: &State) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut from = 0;
    while let Some(range) = state.search.find(raw, from) {
        from = range.end;
        all.push(range);
    }
    all
}

fn role_of(token: Token) -> Role {
    match token {
        Token::Comment => Role::Comment,
        Token::Text => Role::Quoted,
        Token::Constant => Role::Constant,
        Token::Keyword => Role::Keyword,
        Token::Name => Role::Name,
    }
}

/// The mark of a decision, so that its color is never needed, and its role.
fn mark(decision: Decision) -> (&'static str, Role) {
    match decision {
        Decision::Accepted => ("✔", Role::Good),
        Decision::Edited => ("✎", Role::Warning),
        Decision::Rejected => ("✗", Role::Muted),
        Decision::Fixed => ("·", Role::Text),
    }
}

/// Splits the left columns off.
fn cut(area: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(area.width);
    let left = Rect { width: columns, ..area };
    (left, Rect { x: area.x + columns, width: area.width - columns, ..area })
}
