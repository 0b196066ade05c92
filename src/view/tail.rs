//! The newest lines: those of the selected signature, or all.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::number::{compact, time_of_day};
use super::paint;
use super::theme::{Role, Theme};
use super::words;
use crate::app::State;
use crate::app::layout::Area;
use crate::app::state::Panel;
use crate::app::tail::{Waiting, wanted};
use crate::engine::TailLine;

pub(super) fn draw(state: &State, theme: &Theme, area: Area, buf: &mut Buffer) {
    let has_keys = state.panel == Panel::Tail;
    paint::title("Tail", &says(state, theme), has_keys, area, theme, buf);
    let content = paint::rect(area.content());
    let (lines, only) = state.tail_lines();
    let at = state.tail.at();
    let height = usize::from(content.height);
    let older = lines.iter().rev().filter(|line| wanted(line, only));
    let shown: Vec<&TailLine> = older.filter(|line| at.is_none_or(|at| line.number <= at)).take(height).collect();
    if shown.is_empty() {
        return paint::row(&Line::styled(nothing(state), theme.style(Role::Muted)), content, 0, buf);
    }
    for (index, line) in shown.iter().rev().enumerate() {
        paint::row(&drawn(line, state, theme), content, index, buf);
    }
    if has_keys && at.is_some() {
        let y = content.y + u16::try_from(shown.len() - 1).unwrap_or(0);
        paint::fill(Rect { y, height: 1, ..content }, theme.style(Role::Selection), buf);
    }
}

fn says(state: &State, theme: &Theme) -> Line<'static> {
    let what = if state.tail.whole { "every line" } else { "of the selected signature" };
    let mut spans = vec![Span::styled(what, theme.style(Role::Muted))];
    let newest = state.snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.tail);
    let (_, only) = state.tail_lines();
    match state.tail.waiting(newest, only) {
        None => spans.push(Span::styled(", following", theme.style(Role::Muted))),
        Some(Waiting { n, or_more }) => {
            let plus = if or_more { "+" } else { "" };
            let text = format!(", paused, {}{plus} new below", compact(n as u64));
            spans.push(Span::styled(text, theme.style(Role::Warning)));
        }
    }
    if state.tail.shift > 0 {
        spans.push(Span::styled(format!(", from column {}", state.tail.shift + 1), theme.style(Role::Muted)));
    }
    Line::from(spans)
}

fn nothing(state: &State) -> &'static str {
    match &state.snapshot {
        None => " Opening …",
        Some(snapshot) if !snapshot.is_caught_up() => " Reading history; lines appear when it is done.",
        Some(_) if state.tail.whole => " No line yet in this run.",
        Some(_) => " No line of this signature in this run; f shows every line.",
    }
}

fn drawn(line: &TailLine, state: &State, theme: &Theme) -> Line<'static> {
    let time = format!(" {} ", time_of_day(line.at, &state.options.zone));
    let text = paint::safe(&line.text);
    let text = paint::shifted(&text, state.tail.shift);
    let style = theme.style(words::level(line.level));
    let mut spans = vec![Span::styled(time, theme.style(Role::Muted))];
    spans.extend(paint::marked(text, style, &state.search, theme));
    Line::from(spans)
}
