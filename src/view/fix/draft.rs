//! A fix that somebody else writes: who can be asked, what the order is, and what comes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::number::{clock, count, plural};
use super::super::paint::{self, Text};
use super::super::review::argv;
use super::super::theme::{Role, Theme};
use super::super::words;
use super::command;
use crate::app::State;
use crate::app::place::{Briefing, DraftRun, Work};
use crate::remedy::advice::commission::{Author, Candidate, Ground};
use crate::remedy::advice::{Drafted, Spent};
use crate::triage::Verdict;

/// Rows below the text where a reason is typed: a rule, what to type, and what was typed.
const PROMPT: u16 = 3;

/// Lines of what comes that are shown.
const LINES: usize = 8;

/// Everybody who could find the fix.
pub(super) fn choosing(state: &State, selected: usize, text: &mut Text<'_>) {
    let change = state.change_word();
    let words =
        format!("A fix changes only files of the {change}'s diff. You review it hunk by hunk before anything is done.");
    text.item(" ", &words, Role::Muted);
    text.gap();
    let (place, says) = match &state.options.repro {
        Some(repro) => (argv(&repro.argv), format!("Runs with parts of the {change} taken back. Nobody is asked.")),
        None => ("none is set".to_owned(), format!("Needs a command that fails since the {change}: fix.repro.")),
    };
    choice(selected == 0, ("your command", &place), (&says, Role::Muted), text);
    for (index, candidate) in (1..).zip(&state.options.candidates) {
        let (says, role) = match &candidate.trouble {
            Some(trouble) => (format!("Cannot be asked: {trouble}."), Role::Warning),
            None => (limits(candidate), Role::Muted),
        };
        choice(selected == index, (&candidate.name, &candidate.place), (&says, role), text);
    }
}

fn choice(is_selected: bool, (name, place): (&str, &str), (says, role): (&str, Role), text: &mut Text<'_>) {
    let (mark, name_role) = if is_selected { (" ▸ ", Role::Key) } else { ("   ", Role::Text) };
    text.item(mark, &format!("{name}: {place}"), name_role);
    text.item("     ", says, role);
}

/// What asking may cost.
fn limits(candidate: &Candidate) -> String {
    let tokens = candidate.tokens.map(|tokens| format!("{} tokens", count(tokens)));
    let money = candidate.money.map(|money| format!("{money:.2} in money"));
    let time = plural(candidate.time.as_secs(), "second");
    let time = if candidate.tokens.is_some() { format!("{time} a reply") } else { time };
    let most: Vec<String> = tokens.into_iter().chain(money).chain([time]).collect();
    format!("At most {}.", most.join(", "))
}

/// The order: who, what it may cost, what speaks for it, what is run.
pub(super) fn briefing(
    state: &State,
    briefing: &Briefing,
    (top, theme): (usize, &Theme),
    area: Rect,
    buf: &mut Buffer,
) {
    let is_typing = briefing.work.ready().is_some() && state.ground().is_none();
    let below = if is_typing { PROMPT.min(area.height) } else { 0 };
    let above = Rect { height: area.height - below, ..area };
    let mut text = Text::new(area.width, theme);
    order(state, briefing, &mut text);
    text.draw(top, above, buf);
    if is_typing {
        prompt(&briefing.typed, theme, Rect { y: above.bottom(), height: below, ..area }, buf);
    }
}

fn order(state: &State, briefing: &Briefing, text: &mut Text<'_>) {
    let candidate = &briefing.brief.candidate;
    text.pair(" Asked", &format!("{} ({})", candidate.name, candidate.place), Role::Text);
    text.pair(" Budget", &limits(candidate), Role::Text);
    let sent = match candidate.author {
        Author::Advisor => "The error and the diff of suspect files, redacted. It can run nothing.",
        Author::Agent(_) => "A copy of the deployed files, the error, and none of your settings or secrets.",
    };
    text.pair(" Gets", sent, Role::Text);
    if !candidate.confinement.is_empty() {
        text.pair(" Confined", &candidate.confinement, Role::Text);
    }
    let brief = &briefing.brief;
    if brief.repro.is_none() && brief.tests.is_none() {
        text.item(
            " ",
            "No command is set, so nothing shows whether a draft helps: fix.repro, fix.tests.",
            Role::Warning,
        );
    } else {
        let words = "Run on the draft, in throw-away checkouts without your secrets, and only when it reaches for \
                     nothing new:";
        text.item(" ", words, Role::Text);
    }
    brief.repro.iter().for_each(|repro| command(repro, text));
    if let Some(tests) = &brief.tests {
        text.item(" ", "and the tests:", Role::Text);
        command(tests, text);
    }
    if brief.repro.is_some() || brief.tests.is_some() {
        let role = if brief.walls.is_wanting() { Role::Warning } else { Role::Text };
        text.pair(" Walls", &brief.walls.words(), role);
    }
    text.gap();
    match &briefing.work {
        Work::Running(_) => text.pair(" Evidence", "looking …", Role::Info),
        Work::Failed(failure) => text.pair(" Evidence", &crate::app::notice::sentence(failure), Role::Danger),
        Work::Ready(triaged) => evidence(&triaged.verdict, (state.ground(), state.change_word()), text),
    }
    if state.ground().is_some() {
        text.item(" ", "y orders it. Esc goes back.", Role::Warning);
    }
}

fn evidence(verdict: &Verdict, (ground, change): (Option<Ground>, &str), text: &mut Text<'_>) {
    let sure = verdict.confidence;
    let (says, role) = match verdict.causal_link {
        true => (format!("caused by this {change}, confidence {}", sure.word()), words::confidence(sure)),
        false => (format!("no link to this {change} was found"), Role::Muted),
    };
    text.pair(" Evidence", &says, role);
    if let Some(Ground::Ruling(words)) = &ground {
        text.pair(" ", words, Role::Info);
    }
    let summary = verdict.evidence_summary.lines().next().unwrap_or_default();
    text.pair(" ", summary, Role::Muted);
}

fn prompt(typed: &str, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let rule = Line::styled("─".repeat(usize::from(area.width)), theme.style(Role::Rule));
    paint::row(&rule, area, 0, buf);
    let ask = " The evidence does not speak for it. Type why all the same, then Enter.";
    paint::row(&Line::styled(ask, theme.style(Role::Warning)), area, 1, buf);
    let typed = Line::from(vec![
        Span::styled(" > ", theme.style(Role::Key)),
        Span::styled(paint::safe(typed), theme.style(Role::Text)),
        Span::styled("▏", theme.style(Role::Key)),
    ]);
    paint::row(&typed, area, 2, buf);
}

/// What comes, and what it cost so far.
pub(super) fn drafting(state: &State, run: &DraftRun, text: &mut Text<'_>) {
    let elapsed = clock(state.now.since(run.since));
    let now = match (&run.without, run.is_asking, run.turn) {
        (Some(_), ..) => "Searching with your command",
        (None, true, 1) => "Waiting for the draft",
        (None, true, _) => "Waiting for the draft, asked a second time",
        (None, false, 0) => "Preparing",
        (None, false, _) => "Checking the draft",
    };
    text.item(" ", &format!("{now}, {elapsed} in all …"), Role::Info);
    text.pair(" Received", &plural(run.n_bytes as u64, "byte"), Role::Text);
    text.pair(" Spent", &spent(&run.spent, &run.commission.brief().candidate), Role::Text);
    text.item(" ", "Esc cancels it; what is spent stays spent.", Role::Muted);
    if let Some(why) = &run.without {
        text.item(" ! ", &format!("There is no usable draft: {why}."), Role::Warning);
    }
    text.gap();
    for tried in run.tried.iter().rev() {
        let (mark, role) = if tried.passed { (" ✔ ", Role::Good) } else { (" ✗ ", Role::Text) };
        text.item(mark, &tried.words("it"), role);
    }
    if !run.lines.is_empty() {
        text.heading(" What comes");
    }
    let skipped = run.lines.len().saturating_sub(LINES);
    run.lines.iter().skip(skipped).for_each(|line| text.item("   ", line, Role::Muted));
}

/// What was spent, against what may be.
fn spent(spent: &Spent, candidate: &Candidate) -> String {
    let about = if spent.estimated { "about " } else { "" };
    let used = spent.input_tokens.saturating_add(spent.output_tokens);
    let tokens = match candidate.tokens {
        Some(most) => format!("{about}{} of {} tokens", count(used), count(most)),
        None if used == 0 => "not known of an agent before it ends".to_owned(),
        None => format!("{about}{} tokens", count(used)),
    };
    match (spent.money.or(candidate.money.map(|_| 0.0)), candidate.money) {
        (Some(money), Some(most)) => format!("{tokens}, {about}{money:.4} of {most:.2} in money"),
        (Some(money), None) => format!("{tokens}, {money:.4} in money"),
        (None, _) => tokens,
    }
}

/// Why there is no draft, and what asking came to.
pub(super) fn undrafted(drafted: &Drafted, text: &mut Text<'_>) {
    drafted.notes().iter().for_each(|note| text.item(" ", note, Role::Muted));
}
