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
    let n_here = keymap::ROWS.iter().filter(|row| keymap::exists(row.action, state.read_only()));
    let n_here = n_here.filter(|row| row.keys_in(here).next().is_some()).count();
    let column = rows.iter().map(|(keys, ..)| keys.width()).max().unwrap_or(0);
    for (index, (keys, does, places)) in rows.iter().skip(top).enumerate() {
        let pad = " ".repeat(column.saturating_sub(keys.width()));
        let is_here = top + index < n_here;
        // Where a key works matters only where it does not.
        let places = if is_here { String::new() } else { format!("  {places}") };
        let role = if is_here { Role::Text } else { Role::Muted };
        let line = Line::from(vec![
            Span::styled(format!(" {keys}{pad}  "), theme.style(Role::Key)),
            Span::styled((*does).to_owned(), theme.style(role)),
            Span::styled(places, theme.style(Role::Muted)),
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
