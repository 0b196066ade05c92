//! A build, test or container command: its output as it comes; where it failed, its errors, the verdict, what can be done.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::number::{clock, plural};
use super::paint::{self, Text};
use super::review::argv;
use super::theme::{Role, Theme};
use super::words;
use crate::app::State;
use crate::app::layout::Area;
use crate::app::notice::sentence;
use crate::app::place::{BuildPhase, Building, Built};
use crate::app::update::{BUILD_HEAD_ROWS, DIAGNOSTICS};
use crate::triage::Diagnostic;

pub(super) fn draw(state: &State, building: &Building, theme: &Theme, area: Area, buf: &mut Buffer) {
    let (word, role) = match &building.phase {
        BuildPhase::Running => ("running", Role::Info),
        BuildPhase::Passed(false) => ("passed", Role::Good),
        BuildPhase::Passed(true) => ("passed, and is flaky", Role::Warning),
        BuildPhase::Failed(_) => ("failed", Role::Danger),
        BuildPhase::Broken(_) => ("cannot be judged", Role::Danger),
    };
    paint::title("Build", &Line::styled(word, theme.style(role)), true, area, theme, buf);
    let content = paint::rect(area.content());
    let head = Rect { height: BUILD_HEAD_ROWS.min(content.height), ..content };
    draw_head(state, building, theme, head, buf);
    let body = Rect { y: head.bottom(), height: content.height - head.height, ..content };
    let text = page(building, theme, body.width);
    let last = text.lines.len().saturating_sub(usize::from(body.height));
    text.draw(building.top.unwrap_or(last), body, buf);
}

fn draw_head(state: &State, building: &Building, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let pair = |name: &str, value: String| {
        let name = Span::styled(format!(" {name:<10}"), theme.style(Role::Muted));
        Line::from(vec![name, Span::styled(value, theme.style(Role::Text))])
    };
    paint::row(&pair("Command", paint::safe(&argv(&building.argv))), area, 0, buf);
    let took = clock(building.ended.unwrap_or(state.now).since(building.since));
    let says = if building.is_running() {
        format!("running for {took}; q asks before it stops it")
    } else {
        format!("ended after {took}; r runs it again")
    };
    paint::row(&pair("State", says), area, 1, buf);
    let rule = Line::styled("─".repeat(usize::from(area.width)), theme.style(Role::Rule));
    paint::row(&rule, area, 2, buf);
}

fn page<'a>(building: &Building, theme: &'a Theme, width: u16) -> Text<'a> {
    let mut text = Text::new(width, theme);
    if building.dropped > 0 {
        text.item(" … ", &format!("{} dropped before this", plural(building.dropped, "line")), Role::Warning);
    }
    for line in &building.output {
        let line = paint::safe(line);
        let shown = format!(" {}", paint::shifted(&line, building.shift));
        text.line(Line::styled(shown, theme.style(Role::Text)));
    }
    match &building.phase {
        BuildPhase::Running => {}
        BuildPhase::Passed(_) => text.item(" ✔ ", "It succeeded.", Role::Good),
        BuildPhase::Failed(built) => failed(built, &mut text),
        BuildPhase::Broken(failure) => text.item(" ✗ ", &sentence(failure), Role::Danger),
    }
    text
}

fn failed(built: &Built, text: &mut Text<'_>) {
    text.gap();
    text.item(" ✗ ", &format!("It {}.", built.ending), Role::Danger);
    if built.is_flaky {
        text.item(
            " ! ",
            "It is flaky: with the same files it passed and failed. What follows may be chance.",
            Role::Warning,
        );
    }
    built.diagnostics.iter().take(DIAGNOSTICS).for_each(|found| text.item(" · ", &words_of(found), Role::Text));
    if built.diagnostics.len() > DIAGNOSTICS {
        text.item("   ", &format!("and {} more", built.diagnostics.len() - DIAGNOSTICS), Role::Muted);
    }
    text.gap();
    let Some(triaged) = &built.triaged else {
        let words = "No success of this command is known here, so there is nothing to compare with. Name a revision where it \
                     passed: --since REV.";
        return text.item(" ", words, Role::Warning);
    };
    let files = plural(built.n_files as u64, "file");
    let with = if built.has_changes { ", changes that are not committed among them" } else { "" };
    text.item(" ", &format!("{files} changed since {}{with}.", built.since), Role::Text);
    let verdict = &triaged.verdict;
    let (says, role) = match verdict.causal_link {
        true => (
            format!("Caused by this change, confidence {}.", verdict.confidence.word()),
            words::confidence(verdict.confidence),
        ),
        false => ("Not shown to be caused by this change.".to_owned(), Role::Muted),
    };
    text.item(" ", &says, role);
    text.item(" ", &verdict.evidence_summary, Role::Text);
    if built.has_changes {
        let words = "A remedy is made on a branch of its own, which then holds what is not committed too. Your folder and \
                     what is checked out stay as they are.";
        text.item(" ", words, Role::Muted);
    }
    text.item(
        " ",
        "t shows the suspects, d the way back as a diff, F finds a fix with this very command.",
        Role::Muted,
    );
}

fn words_of(found: &Diagnostic) -> String {
    format!("{}  [{}]", found.sentence(), found.signature().id)
}
