//! The lines of a patch, with their numbers before and after.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::paint;
use super::theme::{Role, Theme};
use crate::app::State;
use crate::app::patch::{Mark, PatchLine};
use crate::app::place::Shown;

/// Columns that the two numbers take.
const NUMBERS: u16 = 11;

pub(super) fn draw(
    state: &State,
    shown: &Shown,
    (top, shift): (usize, u16),
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let height = usize::from(area.height);
    for (index, line) in shown.patch.lines.iter().skip(top).take(height).enumerate() {
        let text = shown.plan.patch.get(line.bytes.clone()).unwrap_or_default();
        paint::row(&drawn(line, text, shift, state, theme), area, index, buf);
        if let Some(role) = ground(line.mark) {
            let y = area.y + u16::try_from(index).unwrap_or(0);
            let text = Rect { x: area.x + NUMBERS, y, width: area.width.saturating_sub(NUMBERS), height: 1 };
            if let Some(bg) = theme.style(role).bg {
                paint::fill(text, ratatui::style::Style::new().bg(bg), buf);
            }
        }
    }
}

/// The role whose background the whole line has.
fn ground(mark: Mark) -> Option<Role> {
    match mark {
        Mark::Added => Some(Role::Added),
        Mark::Removed => Some(Role::Removed),
        Mark::File | Mark::Meta | Mark::Hunk | Mark::Context => None,
    }
}

fn drawn(line: &PatchLine, text: &str, shift: u16, state: &State, theme: &Theme) -> Line<'static> {
    let role = match line.mark {
        Mark::File | Mark::Hunk => Role::Hunk,
        Mark::Meta => Role::Muted,
        Mark::Added => Role::Added,
        Mark::Removed => Role::Removed,
        Mark::Context => Role::Text,
    };
    let number = |n: Option<u32>| n.map_or_else(String::new, |n| n.to_string());
    let numbers = format!("{:>5}{:>5} ", number(line.old), number(line.new));
    let text = paint::safe(text);
    let text = paint::shifted(&text, shift);
    let mut spans = vec![Span::styled(numbers, theme.style(Role::Muted))];
    spans.extend(paint::marked(text, theme.style(role), &state.search, theme));
    Line::from(spans)
}
