//! Draws the state: cells out of values.
//!
//! Input: a [`State`] and a [`Theme`]. Output: cells of a buffer, and that buffer as a picture ([`svg`]).
//!
//! Pure. A function of its arguments: no clock, no state of its own, no color but the theme's. Only what is
//! visible is drawn. Foreign text (logs, repositories, output) passes `paint::safe` on its way.

mod approval;
mod build;
mod chart;
mod details;
mod execution;
mod fix;
mod footer;
mod header;
mod help;
mod making;
mod number;
mod paint;
mod patch;
pub mod postmortem;
mod review;
mod signatures;
mod strip;
mod suspects;
mod svg;
mod tail;
mod theme;
mod words;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::layout::{Area, LEAST, Panels};
use crate::app::{Place, State};

pub use svg::{Rgb, rgb, svg};
pub use theme::{Appearance, Role, THEMES, Theme, ThemeError, theme_named};

/// Draws the whole screen into the area.
pub fn draw(state: &State, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    paint::fill(area, theme.base(), buf);
    // Between a resize and the message that tells of it, the state's size is not the buffer's.
    let fits = (area.width, area.height) >= state.size() && area.height >= state.size().1;
    let Some(layout) = state.layout().filter(|_| fits) else {
        return too_small(theme, area, buf);
    };
    header::draw(state, theme, layout.header, buf);
    if let Some(divider) = layout.divider {
        for y in 0..divider.height {
            let line = Line::styled("│", theme.style(Role::Rule));
            paint::put(&line, Rect { y: divider.y + y, ..paint::rect(divider) }, buf);
        }
    }
    match layout.panels {
        Panels::Watching { list, chart, tail } => {
            signatures::draw(state, theme, list, buf);
            chart::draw(state, theme, chart, buf);
            tail::draw(state, theme, tail, buf);
        }
        Panels::Suspects { list, detail } => suspects::draw(state, theme, (list, detail), buf),
        Panels::Review { files, about, patch } => review::draw(state, theme, (files, about, patch), buf),
        Panels::Whole(area) => whole(state, theme, area, buf),
    }
    footer::notice(state, theme, layout.notice, buf);
    footer::draw(state, theme, layout.footer, buf);
}

fn whole(state: &State, theme: &Theme, area: Area, buf: &mut Buffer) {
    if let Some(top) = state.help {
        return help::draw(state, top, theme, area, buf);
    }
    match &state.place {
        Place::Approval(approval) => approval::draw(state, approval, theme, area, buf),
        Place::Fix(fixing) => fix::draw(state, fixing, theme, area, buf),
        Place::Execution => execution::draw(state, theme, area, buf),
        Place::Details(top) => details::draw(state, *top, theme, area, buf),
        Place::Making(top) => making::draw(state, *top, theme, area, buf),
        Place::Watching if state.building().is_some() => {
            state.building().iter().for_each(|building| build::draw(state, building, theme, area, buf));
        }
        // These have pages of several panels.
        Place::Watching | Place::Suspects(_) | Place::Review(_) => {}
    }
}

fn too_small(theme: &Theme, area: Rect, buf: &mut Buffer) {
    let text = [
        "Too small to show anything.".to_owned(),
        format!("Needs {}x{}; this is {}x{}.", LEAST.0, LEAST.1, area.width, area.height),
        "Watching goes on. Ctrl-C leaves.".to_owned(),
    ];
    for (index, line) in text.into_iter().enumerate() {
        paint::row(&Line::styled(line, theme.style(Role::Text)), area, index, buf);
    }
}
