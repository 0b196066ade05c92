//! The help: every key, those that work here first.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::paint;
use super::theme::{Role, Theme};
use crate::app::layout::Area;
use crate::app::{Context, State, keymap};

pub(super) fn draw(state: &State, top: usize, theme: &Theme, area: Area, buf: &mut Buffer) {
    let here = here(state);
    let says = format!("in {}; these work there first", here.name());
    paint::title("Help", &Line::styled(says, theme.style(Role::Muted)), true, area, theme, buf);
    let content = paint::rect(area.content());
    let rows = keymap::help(here, state.read_only());
    let column = rows.iter().map(|(keys, ..)| keys.width()).max().unwrap_or(0);
    for (index, (keys, does, places)) in rows.iter().skip(top).enumerate() {
        let pad = " ".repeat(column.saturating_sub(keys.width()));
        let line = Line::from(vec![
            Span::styled(format!(" {keys}{pad}  "), theme.style(Role::Key)),
            Span::styled((*does).to_owned(), theme.style(Role::Text)),
            Span::styled(format!("  {places}"), theme.style(Role::Muted)),
        ]);
        paint::row(&line, content, index, buf);
    }
}

/// Where the person was when they asked for help.
fn here(state: &State) -> Context {
    let mut below = state.clone();
    below.help = None;
    below.context()
}
