//! The newest lines: those of the selected signature, or all.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::number::{compact, day_and_minute, plural, time_of_day};
use super::paint;
use super::theme::{Role, Theme};
use super::words;
use crate::app::State;
use crate::app::layout::Area;
use crate::app::state::Panel;
use crate::app::tail::{Waiting, wanted};
use crate::engine::TailLine;
use crate::ingest::{Event, Level};

/// Fields of an event that are looked at; more do not fit on any screen.
const FIELDS: usize = 40;

/// Age from which a line's time of day does not tell when it was.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn draw(state: &State, theme: &Theme, area: Area, buf: &mut Buffer) {
    let has_keys = state.panel == Panel::Tail;
    paint::title("Tail", &says(state, theme), has_keys, area, theme, buf);
    let content = paint::rect(area.content());
    let (lines, only) = state.tail_lines();
    let at = state.tail.at();
    let newest_first = lines.iter().rev().filter(|line| wanted(line, only));
    let mut newest_first = newest_first.filter(|line| at.is_none_or(|at| line.number <= at)).peekable();
    let Some(read) = newest_first.peek() else {
        return paint::row(&Line::styled(nothing(state), theme.style(Role::Muted)), content, 0, buf);
    };
    // The event that is read is opened, as far as there is room for others above it.
    let opened = if has_keys { rest_of(&read.event, usize::from(content.height) * 2 / 3) } else { Vec::new() };
    let height = usize::from(content.height).saturating_sub(opened.len());
    let shown: Vec<&TailLine> = newest_first.take(height).collect();
    // Where something is from another day, every line tells its day.
    let with_day = shown.last().is_some_and(|oldest| state.now.since(oldest.at) > DAY);
    for (index, line) in shown.iter().rev().enumerate() {
        paint::row(&drawn(line, with_day, state, theme), content, index, buf);
    }
    if has_keys {
        let y = content.y + u16::try_from(shown.len().saturating_sub(1)).unwrap_or(0);
        paint::fill(Rect { y, height: 1, ..content }, theme.style(Role::Selection), buf);
    }
    for (index, line) in opened.iter().enumerate() {
        let line = format!("          {}", paint::shifted(line, state.tail.shift));
        paint::row(&Line::styled(line, theme.style(Role::Text)), content, shown.len() + index, buf);
    }
}

/// The raw lines of an event of several, at most so many; the last says how many more there are.
fn rest_of(event: &Event, most: usize) -> Vec<String> {
    if event.n_lines < 2 || most < 2 {
        return Vec::new();
    }
    let n = event.text.lines().count();
    let mut lines: Vec<String> = event.text.lines().take(most).map(paint::safe).collect();
    if n > most
        && let Some(last) = lines.last_mut()
    {
        *last = format!("… {} more", plural((n + 1 - most) as u64, "line"));
    }
    lines
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
        Some(snapshot) if snapshot.intake.is_reading() => " Reading history; lines appear when it is done.",
        Some(snapshot) if snapshot.intake.is_unread() => " No source can be read yet; i shows why.",
        Some(_) if state.tail.whole || state.selection.id.is_none() => " No line yet in this run.",
        Some(_) => " No line of this signature in this run; f shows every line.",
    }
}

/// Time, level, component, message, fields: the same for every format.
fn drawn(line: &TailLine, with_day: bool, state: &State, theme: &Theme) -> Line<'static> {
    let event = &line.event;
    let zone = &state.options.zone;
    let time = if with_day { day_and_minute(line.at, zone) } else { time_of_day(line.at, zone) };
    let level = event.level.map_or("", Level::word).to_uppercase();
    let style = theme.style(words::level(event.level));
    let mut text = event.component.as_ref().map_or_else(String::new, |component| format!("{component}: "));
    text.push_str(&event.message);
    for (name, value) in event.fields.iter().take(FIELDS) {
        text.push_str(&format!("  {name}={value}"));
    }
    let text = paint::safe(&text);
    let text = paint::shifted(&text, state.tail.shift);
    let mut spans =
        vec![Span::styled(format!(" {time} "), theme.style(Role::Muted)), Span::styled(format!("{level:<5} "), style)];
    spans.extend(paint::marked(text, theme.style(Role::Text), &state.search, theme));
    if event.n_lines > 1 {
        let more = format!("  +{}", plural(u64::from(event.n_lines) - 1, "line"));
        spans.push(Span::styled(more, theme.style(Role::Muted)));
    }
    Line::from(spans)
}
