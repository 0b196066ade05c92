//! What is, or was, executed: its output as it comes, and how it ended.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::number::{clock, plural};
use super::paint;
use super::theme::{Role, Theme};
use crate::app::State;
use crate::app::layout::Area;
use crate::app::notice::sentence;
use crate::app::place::{Execution, Phase};
use crate::app::update::HEAD_ROWS;
use crate::remedy::draft::Origin;

pub(super) fn draw(state: &State, theme: &Theme, area: Area, buf: &mut Buffer) {
    let Some(execution) = &state.execution else {
        return paint::title("Execution", &Line::raw("nothing was executed"), true, area, theme, buf);
    };
    let (word, role) = match &execution.phase {
        Phase::Running => ("running", Role::Warning),
        Phase::Done(_) => ("done", Role::Good),
        Phase::Failed(_) => ("failed", Role::Danger),
    };
    paint::title("Execution", &Line::styled(word, theme.style(role)), true, area, theme, buf);
    let content = paint::rect(area.content());
    let head = Rect { height: HEAD_ROWS.min(content.height), ..content };
    draw_head(state, execution, theme, head, buf);
    let body = Rect { y: head.bottom(), height: content.height - head.height, ..content };
    let rows = rows(execution, theme);
    let last = rows.len().saturating_sub(usize::from(body.height));
    let top = execution.top.unwrap_or(last).min(last);
    for (index, line) in rows.iter().skip(top).take(usize::from(body.height)).enumerate() {
        paint::row(line, body, index, buf);
    }
}

fn draw_head(state: &State, execution: &Execution, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let pair = |name: &str, value: String, role: Role| {
        Line::from(vec![
            Span::styled(format!(" {name:<10}"), theme.style(Role::Muted)),
            Span::styled(value, theme.style(role)),
        ])
    };
    let (service, branch) = (paint::safe(&execution.service), paint::safe(&execution.branch));
    let name = match execution.origin {
        Origin::Rollback => "Rollback",
        Origin::Search | Origin::Drafted => "Fix",
    };
    paint::row(&pair(name, format!("{service} by branch {branch}"), Role::Text), area, 0, buf);
    let by = format!("{}, digest {}", paint::safe(&execution.by), execution.digest.short());
    paint::row(&pair("Approved", by, Role::Text), area, 1, buf);
    let running = match execution.phase {
        Phase::Running => format!("running for {}; q asks before it leaves", clock(state.now.since(execution.since))),
        // A command of a person has no rate; it is run again.
        Phase::Done(_) if state.building.is_some() => "done: a branch, yours to use; Esc and r run it again".to_owned(),
        Phase::Done(_) if execution.only_branch => {
            "done: a branch, yours to deploy; the rate is watched, Esc shows it".to_owned()
        }
        Phase::Done(_) => "done; the rate is being watched, Esc shows it".to_owned(),
        Phase::Failed(_) => "failed; see the end of the output".to_owned(),
    };
    paint::row(&pair("State", running, Role::Text), area, 2, buf);
    let rule = Line::styled("─".repeat(usize::from(area.width)), theme.style(Role::Rule));
    paint::row(&rule, area, 3, buf);
}

/// The output, what of it was dropped before it, and how it ended behind it.
fn rows(execution: &Execution, theme: &Theme) -> Vec<Line<'static>> {
    let mut rows = Vec::new();
    if execution.dropped > 0 {
        let text = format!(" … {} dropped before this", plural(execution.dropped, "line"));
        rows.push(Line::styled(text, theme.style(Role::Warning)));
    }
    for line in &execution.output {
        let line = paint::safe(line);
        let role = if line.starts_with("$ ") { Role::Info } else { Role::Text };
        rows.push(Line::styled(format!(" {}", paint::shifted(&line, execution.shift)), theme.style(role)));
    }
    match &execution.phase {
        Phase::Running => {}
        Phase::Done(done) => {
            rows.push(Line::default());
            rows.extend(done.iter().map(|text| {
                let text = format!(" ✔ {}", paint::safe(text));
                Line::styled(text, theme.style(Role::Good))
            }));
        }
        Phase::Failed(failure) => {
            rows.push(Line::default());
            rows.push(Line::styled(format!(" {}", paint::safe(&sentence(failure))), theme.style(Role::Danger)));
            rows.extend(
                failure
                    .causes
                    .iter()
                    .map(|cause| Line::styled(format!("   {}", paint::safe(cause)), theme.style(Role::Text))),
            );
        }
    }
    rows
}
