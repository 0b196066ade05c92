//! The list of signatures, worst first: verdict, observed against expected, ratio, p, trend, text.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::number::{amount, compact, p_value, ratio};
use super::paint;
use super::theme::{Role, Theme};
use super::words;
use crate::app::State;
use crate::app::layout::{Area, rows_per_signature};
use crate::app::state::Panel;
use crate::engine::Row;
use crate::ingest::Level;

/// Steps of a trend, from nothing on.
const STEPS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Columns before the trend: verdict, observed, expected, ratio, p.
const NUMBERS: usize = 9 + 7 + 7 + 8 + 9;

pub(super) fn draw(state: &State, theme: &Theme, area: Area, buf: &mut Buffer) {
    title(state, theme, area, buf);
    let content = paint::rect(area.content());
    if state.rows().is_empty() {
        return empty(state, theme, content, buf);
    }
    let high = usize::from(rows_per_signature(area));
    let trend = trend_width(area.width, high);
    paint::row(&heading(trend, high, theme), content, 0, buf);
    let height = usize::from(content.height.saturating_sub(1)) / high;
    let top = state.selection.top;
    for (index, row) in state.rows().iter().enumerate().skip(top).take(height) {
        let first = 1 + (index - top) * high;
        let lines = lines(row, state, trend, high, theme);
        for (offset, line) in lines.iter().enumerate() {
            paint::row(line, content, first + offset, buf);
        }
        if index == state.selection.index {
            let y = content.y + u16::try_from(first).unwrap_or(u16::MAX);
            let selected = Rect { y, height: u16::try_from(high).unwrap_or(1), ..content }.intersection(content);
            paint::fill(selected, theme.style(Role::Selection), buf);
        }
    }
}

fn title(state: &State, theme: &Theme, area: Area, buf: &mut Buffer) {
    let n = state.rows().len();
    let more = state.snapshot.as_ref().map_or(0, |snapshot| snapshot.more_rows);
    let says = match (n, more) {
        (0, _) => String::new(),
        (_, 0) => format!("{} of {n}, worst first", state.selection.index + 1),
        (_, more) => format!("{} of {n}, worst first, {more} more not listed", state.selection.index + 1),
    };
    let says = Line::styled(says, theme.style(Role::Muted));
    paint::title("Signatures", &says, state.panel == Panel::List, area, theme, buf);
}

fn empty(state: &State, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let text = match &state.snapshot {
        None => "Opening …",
        Some(snapshot) if snapshot.intake.lines == 0 => {
            "No line was read yet. Waiting for the logs; i shows each source."
        }
        Some(snapshot) if snapshot.intake.is_reading() => "No event yet; the logs so far are being read.",
        Some(_) => "No event yet.",
    };
    paint::row(&Line::styled(format!(" {text}"), theme.style(Role::Muted)), area, 0, buf);
}

fn trend_width(width: u16, high: usize) -> usize {
    match (width, high) {
        (..72, 1) => 0,
        (..96, 1) => 8,
        (_, 1) => 16,
        (width, _) => usize::from(width).saturating_sub(NUMBERS + 2).min(30),
    }
}

fn heading(trend: usize, high: usize, theme: &Theme) -> Line<'static> {
    let text = if high == 1 { "signature" } else { "" };
    let names = format!(" {:<8}{:>7}{:>7}{:>8}{:>9}", "verdict", "seen", "usual", "ratio", "p");
    let gap = if trend == 0 { String::new() } else { format!("  {:<trend$.trend$}", "trend") };
    let heading = format!("{names}{gap}  {text}");
    Line::styled(heading.trim_end().to_owned(), theme.style(Role::Muted))
}

fn lines(row: &Row, state: &State, trend: usize, high: usize, theme: &Theme) -> Vec<Line<'static>> {
    let (verdict, role) = verdict(row);
    let found = theme.style(role);
    let plain = theme.style(Role::Text);
    let assessment = &row.assessment;
    // A p below alpha stays what it is, whatever explains it.
    let is_as_usual = row.is_judged && assessment.is_as_usual();
    let of_p = if is_as_usual { theme.style(Role::Warning) } else { found };
    let p = if row.is_judged { p_value(assessment.p) } else { String::new() };
    let mut spans = vec![
        Span::styled(format!(" {verdict:<8}"), found),
        Span::styled(format!("{:>7}", compact(assessment.observed)), plain),
        Span::styled(format!("{:>7}", amount(assessment.expected)), theme.style(Role::Baseline)),
        Span::styled(format!("{:>8}", ratio(assessment.ratio)), found),
        Span::styled(format!("{p:>9}"), of_p),
    ];
    if trend > 0 {
        spans.push(Span::raw("  "));
        spans.push(Span::styled(sparkline(&row.spark, trend), theme.style(Role::Rate)));
    }
    // What is steady is not alarming, whatever its level.
    let style = if row.assessment.finding.is_some() && !is_as_usual { found } else { plain };
    let mut text = lead_in(row, state, theme);
    text.extend(paint::marked(&paint::safe(&row.template), style, &state.search, theme));
    if high == 1 {
        spans.push(Span::raw("  "));
        spans.extend(text);
        return vec![Line::from(spans)];
    }
    let second: Vec<Span<'static>> = [Span::raw("   ")].into_iter().chain(text).collect();
    vec![Line::from(spans), Line::from(second)]
}

/// What is said of a row, and its role: where nothing is judged, how serious it is by its level.
fn verdict(row: &Row) -> (String, Role) {
    if row.is_judged {
        let (glyph, word, role) = words::finding(&row.assessment);
        return (format!("{glyph} {word}"), role);
    }
    match row.level.filter(|level| *level >= Level::Warn) {
        Some(level) => (format!("· {}", level.word()), words::level(row.level)),
        None => ("·".to_owned(), Role::Muted),
    }
}

/// What stands before the text: a mark, a pin, how many signatures a group has.
fn lead_in(row: &Row, state: &State, theme: &Theme) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    if state.marked_rows.contains(&row.id) {
        spans.push(Span::styled("● ", theme.style(Role::Key)));
    }
    if row.group.is_some_and(|group| group.pinned) {
        spans.push(Span::styled("↑ ", theme.style(Role::Key)));
    }
    if let Some(deploy) = &row.laid_to {
        spans.push(Span::styled(format!("{} ", paint::safe(deploy)), theme.style(Role::Deploy)));
    }
    if let Some(group) = row.group.filter(|group| group.n_members > 1) {
        spans.push(Span::styled(format!("{}× ", group.n_members), theme.style(Role::Muted)));
    }
    spans
}

/// The last `width` minutes as one character each; `·` where nothing is known.
fn sparkline(minutes: &[Option<u32>], width: usize) -> String {
    let shown = minutes.get(minutes.len().saturating_sub(width)..).unwrap_or_default();
    let most = shown.iter().flatten().copied().max().unwrap_or(0).max(1);
    let step = |n: u32| {
        let eighths = (f64::from(n) / f64::from(most) * 8.0).ceil() as usize;
        STEPS.get(eighths).copied().unwrap_or('█')
    };
    let pad = width - shown.len();
    let known = shown.iter().map(|minute| minute.map_or('·', step));
    std::iter::repeat_n(' ', pad).chain(known).collect()
}
