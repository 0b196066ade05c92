//! The help: how the selected signature was judged, and every key, those that work here first.

use ratatui::buffer::Buffer;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::paint::{self, Text};
use super::theme::{Role, Theme};
use crate::app::State;
use crate::app::help::{HelpLine, below, lines};
use crate::app::layout::Area;

pub(super) fn draw(state: &State, top: usize, theme: &Theme, area: Area, buf: &mut Buffer) {
    let says = format!("in {}; these keys work there first", below(state).name());
    paint::title("Help", &Line::styled(says, theme.style(Role::Muted)), true, area, theme, buf);
    let content = paint::rect(area.content());
    let lines = lines(state);
    let keys_width = lines.iter().map(|line| match line {
        HelpLine::Key { keys, .. } => keys.width(),
        HelpLine::Heading(_) | HelpLine::Figure(..) => 0,
    });
    let column = keys_width.max().unwrap_or(0);
    let mut text = Text::new(content.width, theme);
    for line in &lines {
        match line {
            HelpLine::Heading(heading) => text.heading(&format!(" {}", paint::safe(heading))),
            HelpLine::Figure(name, value) => text.item(&format!(" {name:<22}"), value, Role::Text),
            HelpLine::Key { keys, does, places } => {
                let pad = " ".repeat(column.saturating_sub(keys.width()));
                let first = text.lines.len();
                // Where a key works matters only where it does not.
                let (role, places) = match places {
                    None => (Role::Text, String::new()),
                    Some(places) => (Role::Muted, format!("  {places}")),
                };
                text.item(&format!(" {keys}{pad}  "), &format!("{does}{places}"), role);
                text.lead(first, Role::Key);
            }
        }
    }
    text.draw(top, content, buf);
}
