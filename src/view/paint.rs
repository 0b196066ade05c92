//! Puts text into cells: clipped, wrapped, shifted, and never able to act on the terminal.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::theme::{Role, Theme};
use crate::app::layout::Area;
pub(super) use crate::app::layout::wrap;
use crate::app::search::Search;
use crate::ingest::sanitize::visible;

/// Bytes of one piece of foreign text that are looked at: more than any screen is wide.
const SEEN_BYTES: usize = 8 * 1024;

pub(super) fn rect(area: Area) -> Rect {
    Rect { x: area.x, y: area.y, width: area.width, height: area.height }
}

/// Foreign text as one line that is safe to draw.
pub(super) fn safe(text: &str) -> String {
    visible(text.get(..text.floor_char_boundary(SEEN_BYTES)).unwrap_or(text), false)
}

/// Whether a character stands for itself on a terminal: it neither acts nor hides.
pub(super) fn is_plain(char: char) -> bool {
    (' '..='~').contains(&char) || {
        let mut buffer = [0; 4];
        let text: &str = char.encode_utf8(&mut buffer);
        visible(text, false) == text
    }
}

/// Foreign text as lines that are safe to draw.
pub(super) fn safe_lines(text: &str) -> Vec<String> {
    visible(text, true).lines().map(str::to_owned).collect()
}

/// Draws a line into a row of the area, clipped with `…`; the row counts from the area's first.
pub(super) fn row(line: &Line<'_>, area: Rect, index: usize, buf: &mut Buffer) {
    let Some(y) = u16::try_from(index).ok().filter(|y| *y < area.height) else { return };
    put(line, Rect { y: area.y + y, height: 1, ..area }, buf);
}

/// Draws a line into the first row of the area, clipped with `…`.
pub(super) fn put(line: &Line<'_>, area: Rect, buf: &mut Buffer) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    buf.set_line(area.x, area.y, line, area.width);
    if line.width() > usize::from(area.width)
        && let Some(cell) = buf.cell_mut((area.x + area.width - 1, area.y))
    {
        cell.set_symbol("…");
    }
}

/// Draws `left` and, where there is room behind it, `right` at the end of the area's first row.
pub(super) fn both(left: &Line<'_>, right: &Line<'_>, area: Rect, buf: &mut Buffer) {
    let width = u16::try_from(right.width()).unwrap_or(u16::MAX);
    let Some(room) = area.width.checked_sub(width.saturating_add(1)).filter(|_| width > 0) else {
        return put(left, area, buf);
    };
    put(left, Rect { width: room, ..area }, buf);
    put(right, Rect { x: area.x + room + 1, width, ..area }, buf);
}

/// Draws a panel's title row: a mark where the keys go, its name, what it says of itself, a rule.
pub(super) fn title(name: &str, says: &Line<'_>, has_keys: bool, area: Area, theme: &Theme, buf: &mut Buffer) {
    let area = rect(area.title());
    let rule = "─".repeat(usize::from(area.width));
    put(&Line::styled(rule, theme.style(Role::Rule)), area, buf);
    let (mark, role) = if has_keys { ("▌", Role::Focus) } else { (" ", Role::Title) };
    let mut spans = vec![Span::styled(format!("{mark}{name} "), theme.style(role))];
    // The line's own role is that of its spans, which leave the line here.
    spans.extend(says.spans.iter().map(|span| Span::styled(span.content.clone(), says.style.patch(span.style))));
    if says.width() > 0 {
        spans.push(Span::raw(" "));
    }
    put(&Line::from(spans), area, buf);
}

/// Fills the area with a style, keeping what is drawn.
pub(super) fn fill(area: Rect, style: Style, buf: &mut Buffer) {
    buf.set_style(area, style);
}

/// A text without its first `columns` columns.
pub(super) fn shifted(text: &str, columns: u16) -> &str {
    let mut left = usize::from(columns);
    for (at, char) in text.char_indices() {
        if left == 0 {
            return text.get(at..).unwrap_or_default();
        }
        left = left.saturating_sub(char.width().unwrap_or(0));
    }
    ""
}

/// As much of a text as fits in this many columns, and a mark where that is not all.
pub(super) fn start(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let fits = |char: &char| {
        let width = char.width().unwrap_or(0);
        let does = width <= left;
        left = left.saturating_sub(width);
        does
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// A text with what is searched for marked.
pub(super) fn marked(text: &str, style: Style, search: &Search, theme: &Theme) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut from = 0;
    while let Some(found) = search.find(text, from) {
        spans.push(Span::styled(text.get(from..found.start).unwrap_or_default().to_owned(), style));
        spans.push(Span::styled(text.get(found.clone()).unwrap_or_default().to_owned(), theme.style(Role::Match)));
        from = found.end;
    }
    spans.push(Span::styled(text.get(from..).unwrap_or_default().to_owned(), style));
    spans
}

/// A page of text, made line by line and drawn from any line on.
pub(super) struct Text<'a> {
    pub lines: Vec<Line<'static>>,
    width: usize,
    theme: &'a Theme,
}

impl<'a> Text<'a> {
    pub(super) fn new(width: u16, theme: &'a Theme) -> Self {
        Self { lines: Vec::new(), width: usize::from(width), theme }
    }

    pub(super) fn gap(&mut self) {
        self.lines.push(Line::default());
    }

    pub(super) fn heading(&mut self, text: &str) {
        if !self.lines.is_empty() {
            self.gap();
        }
        self.lines.push(Line::styled(text.to_owned(), self.theme.style(Role::Title)));
    }

    /// Adds foreign text, wrapped, behind a mark; the lines that follow are indented as far.
    pub(super) fn item(&mut self, mark: &str, text: &str, role: Role) {
        let indent = mark.width();
        let room = self.width.saturating_sub(indent);
        let style = self.theme.style(role);
        let paragraphs = safe_lines(text);
        let wrapped = paragraphs.iter().flat_map(|paragraph| wrap(paragraph, room));
        for (index, piece) in wrapped.enumerate() {
            let lead = if index == 0 { mark.to_owned() } else { " ".repeat(indent) };
            self.lines.push(Line::from(vec![Span::styled(lead, style), Span::styled(piece, style)]));
        }
    }

    /// Adds a name and its value, the values in one column.
    pub(super) fn pair(&mut self, name: &str, value: &str, role: Role) {
        let start = self.lines.len();
        self.item(&format!("{name:<NAME$}"), value, role);
        // The name itself is always muted.
        self.lead(start, Role::Muted);
    }

    /// Gives what a line begins with a role of its own.
    pub(super) fn lead(&mut self, line: usize, role: Role) {
        if let Some(first) = self.lines.get_mut(line).and_then(|line| line.spans.first_mut()) {
            first.style = self.theme.style(role);
        }
    }

    pub(super) fn line(&mut self, line: Line<'static>) {
        self.lines.push(line);
    }

    /// Draws the lines from `top` on, or the last page when there are fewer; returns the first line drawn.
    pub(super) fn draw(&self, top: usize, area: Rect, buf: &mut Buffer) -> usize {
        let top = top.min(self.lines.len().saturating_sub(usize::from(area.height)));
        for (index, line) in self.lines.iter().skip(top).take(usize::from(area.height)).enumerate() {
            row(line, area, index, buf);
        }
        let n_shown = top.saturating_add(usize::from(area.height));
        more(self.lines.len().saturating_sub(n_shown), area, self.theme, buf);
        top
    }
}

/// Says at the end of the title row above an area how many rows follow below it, where there is room.
pub(super) fn more(n_rows: usize, area: Rect, theme: &Theme, buf: &mut Buffer) {
    let says = format!(" ↓ {n_rows} more ");
    let width = u16::try_from(says.width()).unwrap_or(u16::MAX);
    let Some(y) = area.y.checked_sub(1).filter(|_| n_rows > 0 && width < area.width) else { return };
    let place = Rect { x: area.right() - width - 1, y, width, height: 1 };
    let is_rule = |x: u16| buf.cell((x, y)).is_some_and(|cell| cell.symbol() == "─");
    if (place.x..place.right()).all(is_rule) {
        put(&Line::styled(says, theme.style(Role::Muted)), place, buf);
    }
}

/// Columns that names of pairs take.
const NAME: usize = 14;

#[cfg(test)]
mod tests;
