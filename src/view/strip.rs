//! How the evidence on the selected signature grew: below its rate, a column a minute, on a logarithmic scale.
//!
//! On one row a column says in which tier the evidence is; on more, how much there is, with a line where it is listed
//! and one where it confirms.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::chart::{EIGHTHS, SCALE, set};
use super::number::power_of_ten;
use super::paint;
use super::theme::{Role, Theme};
use crate::detect::Strip;
use crate::detect::watch::LISTED;
use crate::units::Minute;

/// Rows of what is drawn at its largest, and the rows of a chart from which on it has them.
const ROWS: u16 = 5;
const FROM_HEIGHT: u16 = 14;

/// The least rows of a chart that leave it one.
const LEAST_HEIGHT: u16 = 4;

/// How many of so many rows the evidence takes.
pub(super) fn rows(strip: Option<&Strip>, height: u16) -> u16 {
    match strip {
        Some(_) if height >= FROM_HEIGHT => ROWS,
        Some(_) if height >= LEAST_HEIGHT => 1,
        Some(_) | None => 0,
    }
}

/// Draws it; `column` tells where a minute is.
pub(super) fn draw(
    strip: &Strip,
    column: impl Fn(Minute) -> Option<u16>,
    area: Rect,
    (theme, buf): (&Theme, &mut Buffer),
) {
    let high = area.height > 1;
    let most = strip.ln_evidence.iter().copied().fold(strip.ln_threshold, f64::max).max(1.0);
    let most = if high { most } else { strip.ln_threshold.max(1.0) };
    let row_of = |ln: f64| {
        let up = (ln / most * f64::from(area.height)).ceil().max(1.0) as u16;
        area.bottom() - up.min(area.height)
    };
    let plot = Rect { x: area.x + SCALE, width: area.width - SCALE, ..area };
    label(area, strip, row_of, theme, buf);
    if high {
        for (ln, role) in [(f64::ln(LISTED), Role::Warning), (strip.ln_threshold, Role::Danger)] {
            for x in plot.x..plot.right() {
                set(buf, x, row_of(ln), "╌", theme.style(role));
            }
        }
    }
    for (minute, ln) in (0..).zip(&strip.ln_evidence) {
        let Some(x) = column(strip.from.plus(minute)) else { continue };
        let role = role_of(strip, *ln);
        let mut left =
            (ln / most * f64::from(area.height) * 8.0).round().clamp(0.0, f64::from(area.height) * 8.0) as usize;
        for y in area.rows().rev().map(|row| row.y) {
            if left == 0 {
                break;
            }
            if let Some(symbol) = EIGHTHS.get(left.min(8) - 1) {
                set(buf, x, y, symbol, theme.style(role));
            }
            left -= left.min(8);
        }
    }
}

fn role_of(strip: &Strip, ln: f64) -> Role {
    if ln >= strip.ln_threshold {
        Role::Danger
    } else if ln >= f64::ln(LISTED) {
        Role::Warning
    } else {
        Role::Muted
    }
}

/// What the columns mean: of one row how much there is now, of more the evidence of each line.
fn label(area: Rect, strip: &Strip, row_of: impl Fn(f64) -> u16, theme: &Theme, buf: &mut Buffer) {
    let mut put = |y: u16, text: String, role: Role| {
        let text = format!("{text:>width$} ", width = usize::from(SCALE) - 1);
        paint::put(&Line::styled(text, theme.style(role)), Rect { y, width: SCALE, height: 1, ..area }, buf);
    };
    let now = strip.ln_evidence.last().copied().unwrap_or(0.0);
    if area.height == 1 {
        let text = format!("E {}", power_of_ten(now));
        let text = if text.len() < usize::from(SCALE) { text } else { power_of_ten(now) };
        return put(area.y, text, role_of(strip, now));
    }
    put(area.bottom() - 1, "E 1".to_owned(), Role::Muted);
    for (ln, role) in [(f64::ln(LISTED), Role::Warning), (strip.ln_threshold, Role::Danger)] {
        put(row_of(ln), power_of_ten(ln), role);
    }
}
