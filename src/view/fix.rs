//! The search for a fix: the command before it runs, its runs while it does, and why nothing was found.

mod draft;

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::number::{clock, plural};
use super::paint::{self, Text};
use super::review::argv;
use super::theme::{Role, Theme};
use crate::app::layout::Area;
use crate::app::notice::sentence;
use crate::app::place::{FixRun, FixStep, Fixing, Purpose};
use crate::app::{Context, State};
use crate::remedy::fix::{Report, Repro};

pub(super) fn draw(state: &State, fixing: &Fixing, theme: &Theme, area: Area, buf: &mut Buffer) {
    let (says, role) = match &fixing.step {
        FixStep::Unset => ("no command is set", Role::Warning),
        FixStep::Choosing(_) => ("who shall find it?", Role::Info),
        FixStep::Briefing(_) if state.context_below_help() == Context::Reason => {
            ("against the evidence?", Role::Warning)
        }
        FixStep::Briefing(_) => ("may it be ordered?", Role::Warning),
        FixStep::Drafting(_) => ("a draft is made", Role::Info),
        FixStep::Asking(_) => ("may this run?", Role::Warning),
        FixStep::Running(_) if fixing.purpose == Purpose::Verdict => ("running your test", Role::Info),
        FixStep::Running(_) => ("searching", Role::Info),
        FixStep::Ended(_) => ("nothing was found", Role::Warning),
        FixStep::Failed(_) => ("failed", Role::Danger),
    };
    let title = if fixing.purpose == Purpose::Verdict { "Is it older?" } else { "Fix" };
    paint::title(title, &Line::styled(says, theme.style(role)), true, area, theme, buf);
    let content = paint::rect(area.content());
    let mut text = Text::new(content.width, theme);
    match &fixing.step {
        FixStep::Unset => unset(fixing.purpose, &mut text),
        FixStep::Choosing(selected) => draft::choosing(state, *selected, &mut text),
        FixStep::Asking(repro) => asking(fixing.purpose, repro, &mut text),
        FixStep::Briefing(briefing) => return draft::briefing(state, briefing, (fixing.top, theme), content, buf),
        FixStep::Drafting(run) => draft::drafting(state, run, &mut text),
        FixStep::Running(run) => running(state, fixing.purpose, run, &mut text),
        FixStep::Ended(report) => ended(report, &mut text),
        FixStep::Failed(failure) => {
            text.item(" ", &sentence(failure), Role::Danger);
            text.item(" ", "Press r to try again, Esc to go back.", Role::Muted);
        }
    }
    text.draw(fixing.top, content, buf);
}

fn unset(purpose: Purpose, text: &mut Text<'_>) {
    let needs = match purpose {
        Purpose::Fix => "A fix is found by running a command that fails since the deploy, and passed before it.",
        Purpose::Verdict => "Whether an error is older is seen by running a command that shows it.",
    };
    text.item(" ", needs, Role::Text);
    text.item(" ", "Name it in ~/.config/aftercare/config.toml, or in .aftercare.toml of the repository:", Role::Text);
    text.gap();
    for line in ["[fix]", "repro = [\"make\", \"test\"]", "seconds = 300"] {
        text.item("     ", line, Role::Info);
    }
    text.gap();
    text.item(" ", "It runs in throw-away checkouts, with parts of the deploy taken back.", Role::Muted);
}

fn asking(purpose: Purpose, repro: &Repro, text: &mut Text<'_>) {
    text.item(
        " ",
        "This is run on this machine, in throw-away checkouts, argument by argument, without a shell:",
        Role::Text,
    );
    text.gap();
    command(repro, text);
    text.gap();
    if purpose == Purpose::Verdict {
        let runs = "With the deploy, before it, and without the first suspect; twice each, at most six runs.";
        text.item(" ", runs, Role::Text);
    }
    let limit = plural(repro.limit.as_secs(), "second");
    text.item(" ", &format!("Each run may take {limit}. Your repository is only read."), Role::Text);
    text.item(" ", "Not confined: it is your code, and runs as you would run it.", Role::Text);
    text.item(" ", "y lets it run, now and later in this session. Esc goes back.", Role::Warning);
}

/// A command, argument by argument.
fn command(repro: &Repro, text: &mut Text<'_>) {
    for (number, argument) in (1..).zip(&repro.argv) {
        // In quotes where an argument is empty, or would be read as several.
        text.item(&format!(" {number:>3}  "), &argv(std::slice::from_ref(argument)), Role::Info);
    }
}

fn running(state: &State, purpose: Purpose, run: &FixRun, text: &mut Text<'_>) {
    let elapsed = clock(state.now.since(run.since));
    let now = match &run.trying {
        Some(part) => format!("Run {}, {elapsed} in all: {} …", part.run, part.words()),
        None => format!("Preparing, {elapsed} in all …"),
    };
    text.item(" ", &now, Role::Info);
    let end = if purpose == Purpose::Verdict { "Esc ends it." } else { "Esc ends the search." };
    text.item(" ", end, Role::Muted);
    text.gap();
    // The newest first: it is what one waits for.
    for tried in run.tried.iter().rev() {
        let (mark, role) = if tried.passed { (" ✔ ", Role::Good) } else { (" ✗ ", Role::Text) };
        text.item(mark, &format!("{:>3}  {}", tried.part.run, tried.words("it")), role);
    }
}

fn ended(report: &Report, text: &mut Text<'_>) {
    text.item(" ", &report.detail, Role::Warning);
    let n_runs = report.runs + report.verification_runs;
    if n_runs > 0 || report.drafted.is_none() {
        text.item(" ", &format!("It took {} of the command.", plural(n_runs as u64, "run")), Role::Muted);
    }
    report.drafted.iter().for_each(|drafted| draft::undrafted(drafted, text));
    text.item(" ", "Press r to try again, Esc to go back; d prepares the rollback there.", Role::Muted);
}
