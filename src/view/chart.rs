//! The rate of the selected signature, a column a minute, with what was expected of it.
//!
//! Behind the columns lies the band of healthy minutes, then the baseline; before them the lines of deploys
//! and remedies. A minute that was not observed has a dot and no column.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::number::{amount, hour_and_minute};
use super::paint;
use super::strip;
use super::theme::{Role, Theme};
use super::words;
use crate::app::State;
use crate::app::layout::Area;
use crate::detect::{Origin, Phase};
use crate::engine::Focus;
use crate::units::{Minute, Timestamp};

/// Columns of the scale at the left.
pub(super) const SCALE: u16 = 7;

/// Parts of a cell that a column can fill, from the bottom.
pub(super) const EIGHTHS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

pub(super) fn draw(state: &State, theme: &Theme, area: Area, buf: &mut Buffer) {
    let focus = state.focus();
    let is_judged = state.snapshot.as_ref().is_some_and(|snapshot| snapshot.watch.is_some());
    title(focus, is_judged, theme, area, buf);
    let content = paint::rect(area.content());
    let Some(focus) = focus else {
        let text = if state.selection.id.is_some() { " Loading …" } else { " Nothing is selected." };
        return paint::row(&Line::styled(text, theme.style(Role::Muted)), content, 0, buf);
    };
    if content.height < 2 || content.width <= SCALE {
        return;
    }
    let content = sentence(state, theme, content, buf);
    let below = strip::rows(focus.strip.as_ref(), content.height);
    let height = content.height - 1 - below;
    let plot = Rect { x: content.x + SCALE, width: content.width - SCALE, height, ..content };
    let plot = Plot::new(focus, plot);
    plot.scale(content, theme, buf);
    plot.background(theme, buf);
    plot.columns(state, theme, buf);
    plot.markers(state, theme, buf);
    plot.times(state, content.bottom() - 1, theme, buf);
    if let Some(strip) = focus.strip.as_ref().filter(|_| below > 0) {
        let area = Rect { y: content.y + height, height: below, ..content };
        strip::draw(strip, |minute| plot.column(minute), area, (theme, buf));
    }
}

fn title(focus: Option<&Focus>, is_judged: bool, theme: &Theme, area: Area, buf: &mut Buffer) {
    let says = match focus.map(|focus| focus.baseline) {
        None => Vec::new(),
        Some(None) if is_judged => {
            vec![Span::styled("no baseline: not seen before the deploy", theme.style(Role::Muted))]
        }
        Some(None) => vec![Span::styled("a deploy sets the baseline", theme.style(Role::Muted))],
        Some(Some((rate, (low, high)))) => vec![
            Span::styled(format!("─ baseline {} ", amount(rate)), theme.style(Role::Baseline)),
            Span::styled(format!("░ usual {} to {}", amount(low), amount(high)), theme.style(Role::Muted)),
        ],
    };
    paint::title("Rate per minute", &Line::from(says), false, area, theme, buf);
}

/// Says what was found, where there is room; returns the area below.
fn sentence(state: &State, theme: &Theme, area: Rect, buf: &mut Buffer) -> Rect {
    let watch = state.snapshot.as_ref().and_then(|snapshot| snapshot.watch.as_ref());
    let (Some(row), Some(watch)) = (state.row(), watch) else { return area };
    if area.height < 5 || !row.is_judged {
        return area;
    }
    let (_, _, role) = words::finding(&row.assessment);
    let most = if area.height >= 10 { 3 } else { 1 };
    let text = paint::safe(&row.sentence(watch));
    // On one row there is no room for the name, which the list has beside it.
    let name = format!("`{}` ", paint::safe(&row.template));
    let text = text.strip_prefix(&name).filter(|_| most == 1).unwrap_or(&text);
    let mut lines = paint::wrap(text, usize::from(area.width) - 1);
    if lines.len() > most {
        // Cut where the line ends: what matters comes first.
        lines.truncate(most - 1);
        let shown: usize = lines.iter().map(|line| line.len() + 1).sum();
        lines.push(text.get(shown..).unwrap_or_default().to_owned());
    }
    for (index, line) in lines.iter().enumerate() {
        paint::row(&Line::styled(format!(" {line}"), theme.style(role)), area, index, buf);
    }
    let used = u16::try_from(lines.len()).unwrap_or(1);
    Rect { y: area.y + used, height: area.height - used, ..area }
}

/// What is plotted, and how it is scaled.
struct Plot<'a> {
    focus: &'a Focus,
    area: Rect,
    /// The minutes shown, one a column.
    minutes: Range<Minute>,
    /// The value at the upper edge.
    most: f64,
}

impl<'a> Plot<'a> {
    fn new(focus: &'a Focus, area: Rect) -> Self {
        let n = i32::try_from(focus.per_minute.len()).unwrap_or(i32::MAX);
        let shown = n.min(i32::from(area.width));
        let end = focus.from.plus(n);
        let minutes = end.plus(-shown)..end;
        let skipped = usize::try_from(n - shown).unwrap_or(0);
        let counted = focus.per_minute.iter().skip(skipped).flatten().copied().max().unwrap_or(0);
        let usual = focus.baseline.map_or(0.0, |(rate, (_, high))| rate.max(high));
        Self { focus, area, minutes, most: f64::from(counted).max(usual).max(1.0) }
    }

    /// The count of a minute; `None` where it is unknown.
    fn count(&self, minute: Minute) -> Option<u32> {
        let index = usize::try_from(minute.since(self.focus.from)).ok()?;
        self.focus.per_minute.get(index).copied().flatten()
    }

    /// The column of a minute, if it is shown.
    fn column(&self, minute: Minute) -> Option<u16> {
        let offset = u16::try_from(minute.since(self.minutes.start)).ok()?;
        (offset < self.area.width && minute.since(self.minutes.end) < 0).then_some(self.area.x + offset)
    }

    /// How many eighths of a row a value is high.
    fn eighths(&self, value: f64) -> usize {
        (value / self.most * f64::from(self.area.height) * 8.0).round().max(0.0) as usize
    }

    /// The row in which a value lies.
    fn row(&self, value: f64) -> u16 {
        let up = u16::try_from(self.eighths(value).saturating_sub(1) / 8).unwrap_or(0).min(self.area.height - 1);
        self.area.bottom() - 1 - up
    }

    fn scale(&self, content: Rect, theme: &Theme, buf: &mut Buffer) {
        let style = theme.style(Role::Muted);
        let mut label = |y: u16, value: f64| {
            let text = format!("{:>width$} ", amount(value), width = usize::from(SCALE) - 1);
            paint::put(&Line::styled(text, style), Rect { y, width: SCALE, height: 1, ..content }, buf);
        };
        label(self.area.y, self.most);
        if self.area.height >= 5 {
            label(self.area.y + self.area.height / 2, self.most * 0.5);
        }
        label(self.area.bottom() - 1, 0.0);
    }

    fn background(&self, theme: &Theme, buf: &mut Buffer) {
        let Some((rate, (low, high))) = self.focus.baseline else { return };
        let width = usize::from(self.area.width).min(self.minutes.clone().start.until(self.minutes.end).count());
        let width = u16::try_from(width).unwrap_or(self.area.width);
        let mut across = |y: u16, symbol: &str, style: Style| {
            let line = Line::styled(symbol.repeat(usize::from(width)), style);
            paint::put(&line, Rect { y, height: 1, width, ..self.area }, buf);
        };
        if high > low {
            (self.row(high)..=self.row(low)).for_each(|y| across(y, "░", theme.style(Role::Band)));
        }
        across(self.row(rate), "─", theme.style(Role::Baseline));
    }

    fn columns(&self, state: &State, theme: &Theme, buf: &mut Buffer) {
        let unusual = self.focus.baseline.map_or(0.0, |(_, (_, high))| high);
        let is_finding = state.row().is_some_and(|row| row.assessment.finding.is_some());
        for minute in self.minutes.start.until(self.minutes.end) {
            let Some(x) = self.column(minute) else { continue };
            let Some(count) = self.count(minute) else {
                set(buf, x, self.area.bottom() - 1, "·", theme.style(Role::Muted));
                continue;
            };
            let role = if is_finding && f64::from(count) > unusual { Role::Danger } else { Role::Rate };
            let mut left = self.eighths(f64::from(count)).max(usize::from(count > 0));
            for y in self.area.rows().rev().map(|row| row.y) {
                if left == 0 {
                    break;
                }
                let part = left.min(8);
                if let Some(symbol) = EIGHTHS.get(part - 1) {
                    set(buf, x, y, symbol, theme.style(role));
                }
                left -= part;
            }
        }
    }

    /// Lines of deploys and remedies, the newest drawn last, each with its name at the top.
    fn markers(&self, state: &State, theme: &Theme, buf: &mut Buffer) {
        let Some(snapshot) = &state.snapshot else { return };
        let mut markers: Vec<(Timestamp, String, &str, Role)> = Vec::new();
        for deploy in snapshot.deploys.iter().rev() {
            let (name, symbol, role) = match deploy.origin {
                Origin::Remedy => (words::remedy(&deploy.version).to_owned(), "┆", Role::Remedy),
                Origin::Mark | Origin::Log | Origin::Repository | Origin::Flag => {
                    (paint::safe(&deploy.version), "│", Role::Deploy)
                }
            };
            markers.push((deploy.at, name, symbol, role));
        }
        for incident in snapshot.incidents.iter().rev() {
            if let Phase::Recovering { since } = incident.phase
                && !markers.iter().any(|(at, ..)| at.minute() == since.minute())
            {
                let branch = state.execution.as_ref().map_or("", |execution| execution.branch.as_str());
                markers.push((since, words::remedy(branch).to_owned(), "┆", Role::Remedy));
            }
        }
        for (at, _, symbol, role) in &markers {
            let Some(x) = self.column(at.minute()) else { continue };
            for y in self.area.rows().map(|row| row.y) {
                set(buf, x, y, symbol, theme.style(*role));
            }
        }
        self.names(markers, theme, buf);
    }

    /// The names of markers, the newest first; an older one that has no room beside those is left out.
    fn names(&self, markers: Vec<(Timestamp, String, &str, Role)>, theme: &Theme, buf: &mut Buffer) {
        let mut taken: Vec<Range<u16>> = Vec::new();
        for (at, name, _, role) in markers.into_iter().rev() {
            let Some(x) = self.column(at.minute()) else { continue };
            let room = self.area.right() - x - 1;
            let name_width = u16::try_from(Line::raw(name.as_str()).width()).unwrap_or(u16::MAX);
            // Behind its line where there is room, else before it.
            let (start, width) = if name_width <= room || x - self.area.x < name_width {
                (x + 1, room)
            } else {
                (x - name_width, name_width)
            };
            let columns = start..start.saturating_add(width.min(name_width));
            if taken.iter().any(|other| other.start < columns.end && columns.start < other.end) {
                continue;
            }
            taken.push(columns);
            paint::put(&Line::styled(name, theme.style(role)), Rect { x: start, width, height: 1, ..self.area }, buf);
        }
    }

    /// A time below every quarter of an hour.
    fn times(&self, state: &State, y: u16, theme: &Theme, buf: &mut Buffer) {
        let style = theme.style(Role::Muted);
        let row = Rect { y, height: 1, ..self.area };
        for minute in self.minutes.start.until(self.minutes.end).filter(|minute| minute.number() % 15 == 0) {
            let Some(x) = self.column(minute).filter(|x| x + 5 <= row.right()) else { continue };
            let text = hour_and_minute(minute.start(), &state.options.zone);
            paint::put(&Line::styled(text, style), Rect { x, width: 5, ..row }, buf);
        }
    }
}

pub(super) fn set(buf: &mut Buffer, x: u16, y: u16, symbol: &str, style: Style) {
    if let Some(cell) = buf.cell_mut((x, y)) {
        cell.set_symbol(symbol).set_style(style);
    }
}
