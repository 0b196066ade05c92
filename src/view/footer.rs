//! The last rows: the newest notice, as far as it has room, and the keys that work here.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::paint;
use super::theme::{Role, Theme};
use crate::app::layout::Area;
use crate::app::notice::Weight;
use crate::app::{State, keymap};

pub(super) fn notice(state: &State, theme: &Theme, area: Area, buf: &mut Buffer) {
    let Some(notice) = state.notice() else { return };
    let role = match notice.weight {
        Weight::Info => Role::Info,
        Weight::Warning => Role::Warning,
        Weight::Failure => Role::Danger,
    };
    let area = paint::rect(area);
    let mut rows = notice.rows(area.width);
    // What has no room is told to be missing by the mark of a row that is too long.
    let n_rows = usize::from(area.height).max(1);
    let rest = rows.split_off(rows.len().min(n_rows));
    rows.last_mut().into_iter().for_each(|last| rest.iter().for_each(|row| last.extend([" ", row])));
    for (index, row) in rows.into_iter().enumerate() {
        paint::row(&Line::styled(format!(" {row}"), theme.style(role)), area, index, buf);
    }
}

pub(super) fn draw(state: &State, theme: &Theme, area: Area, buf: &mut Buffer) {
    let area = paint::rect(area);
    if state.leaving {
        paint::fill(area, theme.style(Role::Alarm), buf);
        let text = leaving(state, usize::from(area.width));
        return paint::put(&Line::styled(text, theme.style(Role::Alarm)), area, buf);
    }
    if let Some(typed) = state.search.typing() {
        let spans = vec![
            Span::styled(" / ", theme.style(Role::Key)),
            Span::styled(paint::safe(typed), theme.style(Role::Text)),
            Span::styled("▏", theme.style(Role::Key)),
            Span::styled("  Enter keeps, Esc cancels", theme.style(Role::Muted)),
        ];
        return paint::put(&Line::from(spans), area, buf);
    }
    if let Some((_, typed)) = &state.naming {
        let spans = vec![
            Span::styled(" Name: ", theme.style(Role::Key)),
            Span::styled(paint::safe(typed), theme.style(Role::Text)),
            Span::styled("▏", theme.style(Role::Key)),
            Span::styled("  Enter names the row, Esc cancels", theme.style(Role::Muted)),
        ];
        return paint::put(&Line::from(spans), area, buf);
    }
    if let Some(typed) = state.noting().filter(|_| state.help.is_none()) {
        let spans = vec![
            Span::styled(" note: ", theme.style(Role::Key)),
            Span::styled(paint::safe(typed), theme.style(Role::Text)),
            Span::styled("▏", theme.style(Role::Key)),
            Span::styled("  Enter keeps, Esc cancels", theme.style(Role::Muted)),
        ];
        return paint::put(&Line::from(spans), area, buf);
    }
    let mut spans = Vec::new();
    let mut used = 0;
    for (key, name) in keymap::footer(state) {
        let piece = [
            Span::styled(format!(" {key}"), theme.style(Role::Key)),
            Span::styled(format!(" {name} "), theme.style(Role::Muted)),
        ];
        let width: usize = piece.iter().map(Span::width).sum();
        // What does not fit whole is left out: half a name tells nothing.
        if used + width > usize::from(area.width) {
            break;
        }
        used += width;
        spans.extend(piece);
    }
    paint::put(&Line::from(spans), area, buf);
}

/// What runs, and what leaving does to it. The question stays whole where there is little room.
fn leaving(state: &State, width: usize) -> String {
    let asks = "Leave? y leaves, Esc stays.";
    let argv = state.building().filter(|building| building.is_running()).map(|building| building.argv.join(" "));
    let what = match argv {
        _ if state.is_executing() => "The remedy is being executed; leaving stops it.".to_owned(),
        Some(command) => {
            let after = "is running; leaving stops it.";
            let room = width.saturating_sub(after.len() + asks.len() + 4);
            format!("{} {after}", paint::start(&paint::safe(&command), room))
        }
        None => String::new(),
    };
    format!(" {what} {asks}")
}
