//! The review of a plan: what to know before going back, what follows, and the patch itself.

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::paint::{self, Text};
use super::patch;
use super::suspects::failure;
use super::theme::{Role, Theme};
use super::words;
use crate::app::State;
use crate::app::layout::Area;
use crate::app::place::{Place, Review, Shown, Work};
use crate::remedy::{Plan, Scope, Step};

pub(super) fn draw(state: &State, theme: &Theme, (findings, diff): (Area, Area), buf: &mut Buffer) {
    let Place::Review(review) = &state.place else { return };
    let says = match &review.work {
        Work::Running(_) => Line::styled("preparing …", theme.style(Role::Info)),
        Work::Failed(_) => Line::styled("cannot be made", theme.style(Role::Danger)),
        Work::Ready(shown) => level_line(&shown.plan, theme),
    };
    paint::title("Rollback", &says, review.in_findings, findings, theme, buf);
    match &review.work {
        Work::Running(_) => {
            let text = format!(" Reverting {} in a separate worktree …", scope_words(review));
            paint::row(&Line::styled(text, theme.style(Role::Muted)), paint::rect(findings.content()), 0, buf);
            paint::title("Diff", &Line::default(), !review.in_findings, diff, theme, buf);
        }
        Work::Failed(cause) => {
            failure(cause, theme, findings, buf);
            paint::title("Diff", &Line::default(), !review.in_findings, diff, theme, buf);
        }
        Work::Ready(shown) => {
            let content = paint::rect(findings.content());
            let mut text = Text::new(content.width, theme);
            text.item(" ", &format!("Takes back {}.", scope_words(review)), Role::Text);
            about(&shown.plan, &mut text);
            text.draw(review.findings_top, content, buf);
            diff_panel(state, review, shown, theme, diff, buf);
        }
    }
}

fn diff_panel(state: &State, review: &Review, shown: &Shown, theme: &Theme, area: Area, buf: &mut Buffer) {
    let counts = &shown.patch;
    let n = counts.lines.len();
    let unseen = n.saturating_sub(shown.seen);
    let unseen = if unseen > 0 {
        format!(", {} not yet seen", super::number::plural(unseen as u64, "line"))
    } else {
        String::new()
    };
    let files = super::number::plural(counts.n_files as u64, "file");
    let says = format!("{files}, +{} −{}{unseen}", counts.n_added, counts.n_removed);
    paint::title("Diff", &Line::styled(says, theme.style(Role::Muted)), !review.in_findings, area, theme, buf);
    patch::draw(state, shown, (review.patch_top, review.shift), theme, paint::rect(area.content()), buf);
}

fn scope_words(review: &Review) -> String {
    match &review.scope {
        Scope::Range => "the whole deploy".to_owned(),
        Scope::Hunks(hunks) => format!("{} of the deploy only", super::number::plural(hunks.len() as u64, "hunk")),
    }
}

pub(super) fn level_line(plan: &Plan, theme: &Theme) -> Line<'static> {
    let (role, meaning) = words::hazard(plan.level());
    Line::styled(format!("{}: {meaning}", plan.level().word()), theme.style(role))
}

/// What to know before, what follows, and the message of the commit.
pub(super) fn about(plan: &Plan, text: &mut Text<'_>) {
    if plan.concerns.is_empty() {
        text.item(" ✔ ", "Nothing in the range speaks against going back.", Role::Good);
    }
    for concern in &plan.concerns {
        let (role, _) = words::hazard(concern.level);
        text.gap();
        text.item(
            " ! ",
            &format!("{} {}  {}:{}", concern.level.word(), concern.rule, concern.file, concern.line),
            role,
        );
        text.item("   ", &concern.why, Role::Text);
        text.item("   ", &format!("Safer: {}", concern.safer), Role::Muted);
    }
    text.heading(" What is done after the approval");
    text.item(" 1 ", &format!("Makes the branch {} on {}", plan.branch, short(&plan.parent)), Role::Text);
    for (number, step) in (2..).zip(plan.steps.iter().filter(|step| step.runs)) {
        text.item(&format!(" {number} "), &step.does, Role::Text);
        text.item("   ", &format!("$ {}", argv(&step.argv)), Role::Info);
    }
    let by_hand: Vec<&Step> = plan.steps.iter().filter(|step| !step.runs).collect();
    if !by_hand.is_empty() {
        text.heading(" For you to run, if you want it");
    }
    for step in by_hand {
        text.item(" · ", &step.does, Role::Text);
        text.item("   ", &format!("$ {}", argv(&step.argv)), Role::Info);
    }
    text.heading(" Message of the commit");
    text.item(" ", &plan.message, Role::Muted);
}

fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

/// An argument list as one line, with quotes where an argument would not be read as one.
fn argv(argv: &[String]) -> String {
    let plain = |argument: &str| {
        let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=@{}+,%".contains(char);
        !argument.is_empty() && argument.chars().all(is_plain)
    };
    let quoted = |argument: &String| {
        if plain(argument) { argument.clone() } else { format!("'{}'", argument.replace('\'', r"'\''")) }
    };
    argv.iter().map(quoted).collect::<Vec<_>>().join(" ")
}
