//! The review of a draft: its files, their lines, and what is told about them.

mod lines;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::number::plural;
use super::paint::{self, Text};
use super::suspects::failure;
use super::theme::{Role, Theme};
use super::words;
use crate::app::State;
use crate::app::desk::{Checking, Decision, Desk, Standing};
use crate::app::layout::{Area, window};
use crate::app::notice::sentence;
use crate::app::place::{Place, Review, ReviewPanel, Subject, Work};
use crate::remedy::draft::Origin;
pub(super) use crate::remedy::plan::shown_argv as argv;
use crate::remedy::{Plan, Scope, Step};
use crate::triage::{FileStatus, HunkId};

pub(super) fn draw(state: &State, theme: &Theme, (files, about, patch): (Area, Option<Area>, Area), buf: &mut Buffer) {
    let Place::Review(review) = &state.place else { return };
    let name = match review.subject {
        Subject::Rollback { .. } => "Rollback",
        Subject::Fix => "Fix",
    };
    let says = match &review.work {
        Work::Running(_) => Line::styled("preparing …", theme.style(Role::Info)),
        Work::Failed(_) => Line::styled("cannot be made", theme.style(Role::Danger)),
        Work::Ready(desk) => {
            let checks = checked(desk, theme);
            // A mark, the name, and blanks stand before it.
            let room = usize::from(files.width).saturating_sub(name.len() + 3 + checks.width());
            Line::from([checks.spans, standing(desk, theme, room).spans].concat())
        }
    };
    paint::title(name, &says, review.panel == ReviewPanel::Files, files, theme, buf);
    let has_room = about.is_some();
    let shows_about = has_room || review.panel == ReviewPanel::About;
    let about = about.unwrap_or(patch);
    match &review.work {
        Work::Running(_) => {
            let text = format!(" Computing how {} goes back …", scope_words(review));
            paint::row(&Line::styled(text, theme.style(Role::Muted)), paint::rect(files.content()), 0, buf);
            paint::title("Diff", &Line::default(), true, patch, theme, buf);
        }
        Work::Failed(cause) => {
            failure(cause, theme, patch, buf);
            paint::title("Diff", &Line::default(), true, patch, theme, buf);
        }
        Work::Ready(desk) => {
            file_list(desk, theme, files, buf);
            if shows_about {
                about_panel(review, desk, theme, about, buf);
            }
            if has_room || !shows_about {
                diff_panel(state, review, (desk, has_room), theme, patch, buf);
            }
        }
    }
    if has_room && !matches!(review.work, Work::Ready(_)) {
        paint::title("About", &Line::default(), false, about, theme, buf);
    }
}

/// How dangerous what is chosen is, or why that is not known.
fn standing(desk: &Desk, theme: &Theme, room: usize) -> Line<'static> {
    match &desk.standing {
        Standing::Current => level_line(&desk.shown.plan, theme, room),
        Standing::Awaited { .. } => Line::styled("computing what you chose …", theme.style(Role::Info)),
        Standing::Refused(_) => Line::styled("what you chose has no plan", theme.style(Role::Danger)),
    }
}

/// What the draft was held against, in short; stands before how dangerous it is.
fn checked(desk: &Desk, theme: &Theme) -> Line<'static> {
    let draft = &desk.sheet.draft;
    let checks: Vec<_> = draft.checks_of(&desk.choice).collect();
    let n_failed = checks.iter().filter(|(check, _)| !check.passed).count();
    let n_silent = checks.iter().filter(|(_, speaks)| !speaks).count();
    let (text, role) = match (checks.len(), n_failed, n_silent) {
        (n, _, _) if n > 0 && matches!(desk.checking, Checking::Running(..)) => {
            ("checking what you chose …; ".to_owned(), Role::Info)
        }
        (0, _, _) => return Line::default(),
        (n, 0, 0) => (format!("{} passed; ", plural(n as u64, "check")), Role::Good),
        (_, 0, n) => (format!("{} not of what you chose; ", plural(n as u64, "check")), Role::Warning),
        (n, n_failed, _) => (format!("{n_failed} of {} FAILED; ", plural(n as u64, "check")), Role::Danger),
    };
    Line::from(Span::styled(text, theme.style(role)))
}

fn file_list(desk: &Desk, theme: &Theme, area: Area, buf: &mut Buffer) {
    let content = paint::rect(area.content());
    let files = &desk.sheet.draft.change.files;
    let (selected, height) = (desk.file(), usize::from(content.height));
    let top = window(selected, 0, height, files.len());
    for (index, file) in files.iter().enumerate().skip(top).take(height) {
        let (n_all, n_accepted) = desk.counts(Some(index));
        let (mark, role) = match n_accepted {
            0 => ("✗", Role::Muted),
            n if n == n_all => ("✔", Role::Good),
            _ => ("◐", Role::Warning),
        };
        let n_notes = desk.choice.comments().filter(|(spot, _)| spot.file == index).count();
        let notes = if n_notes > 0 { format!("  {}", plural(n_notes as u64, "note")) } else { String::new() };
        let left = Line::from(vec![
            Span::styled(format!(" {mark} "), theme.style(role)),
            Span::styled(format!("{} ", letter(file.status)), theme.style(Role::Muted)),
            Span::styled(paint::safe(&file.path), theme.style(Role::Text)),
            Span::styled(notes, theme.style(Role::Info)),
        ]);
        let right = Line::styled(format!("{n_accepted}/{n_all} "), theme.style(Role::Muted));
        let Some(y) = u16::try_from(index - top).ok() else { return };
        let row = Rect { y: content.y + y, height: 1, ..content };
        paint::both(&left, &right, row, buf);
        if index == selected {
            paint::fill(row, theme.style(Role::Selection), buf);
        }
    }
}

fn letter(status: FileStatus) -> char {
    match status {
        FileStatus::Added => 'A',
        FileStatus::Deleted => 'D',
        FileStatus::Modified => 'M',
        FileStatus::Renamed => 'R',
    }
}

fn diff_panel(
    state: &State,
    review: &Review,
    (desk, has_room): (&Desk, bool),
    theme: &Theme,
    area: Area,
    buf: &mut Buffer,
) {
    let counts = &desk.shown.patch;
    let unseen = match desk.n_unseen() {
        0 => String::new(),
        n => format!(", {} not yet seen", plural(n as u64, "line")),
    };
    let (n_all, n_accepted) = desk.counts(None);
    let left_out = match n_all - n_accepted {
        0 => String::new(),
        n => format!(", {} left out", plural(n as u64, "hunk")),
    };
    let files = plural(counts.n_files as u64, "file");
    let hint = if has_room { "" } else { "; Tab tells why" };
    let says = format!("{files}, +{} −{}{left_out}{unseen}{hint}", counts.n_added, counts.n_removed);
    let has_keys = review.panel == ReviewPanel::Diff;
    paint::title("Diff", &Line::styled(says, theme.style(Role::Muted)), has_keys, area, theme, buf);
    lines::draw(state, desk, has_keys, theme, paint::rect(area.content()), buf);
}

fn scope_words(review: &Review) -> String {
    match &review.subject {
        Subject::Rollback { scope: Scope::Hunks(hunks), .. } => {
            let one = if hunks.len() == 1 { "" } else { "each of " };
            format!("{one}{} of the deploy", plural(hunks.len() as u64, "hunk"))
        }
        Subject::Rollback { scope: Scope::Range | Scope::Files(_), .. } => "the whole deploy".to_owned(),
        Subject::Fix => "the part that broke it".to_owned(),
    }
}

/// How dangerous the plan is, in no more columns than there are where that is possible.
pub(super) fn level_line(plan: &Plan, theme: &Theme, room: usize) -> Line<'static> {
    let (role, meaning) = words::hazard(plan.level(), plan.origin);
    let say = |meaning: &str| format!("{}: {meaning}", plan.level().word());
    let words = Some(say(meaning)).filter(|words| words.len() <= room);
    // A span of its own: the line may follow another.
    let words = words.or_else(|| Some(say(words::hazard_short(plan.level()))).filter(|words| words.len() <= room));
    let words = words.unwrap_or_else(|| plan.level().word().to_owned());
    Line::from(Span::styled(words, theme.style(role)))
}

fn about_panel(review: &Review, desk: &Desk, theme: &Theme, area: Area, buf: &mut Buffer) {
    let says = if desk.shown.plan.concerns.is_empty() {
        Line::default()
    } else {
        Line::styled(plural(desk.shown.plan.concerns.len() as u64, "warning"), theme.style(Role::Warning))
    };
    paint::title("About", &says, review.panel == ReviewPanel::About, area, theme, buf);
    let content = paint::rect(area.content());
    let mut text = Text::new(content.width, theme);
    if let Standing::Refused(cause) = &desk.standing {
        text.item(" ✗ ", &sentence(cause), Role::Danger);
        text.gap();
    }
    about_hunk(review, desk, &mut text);
    about_draft(desk, &mut text);
    text.gap();
    about(&desk.shown.plan, &mut text);
    text.draw(review.about_top, content, buf);
}

/// What was decided about the hunk that the person is at, and why it is there.
fn about_hunk(review: &Review, desk: &Desk, text: &mut Text<'_>) {
    let index = desk.file();
    let Some(file) = desk.sheet.file(index) else { return };
    let path = file.old_path.as_ref().unwrap_or(&file.path);
    let hunk = desk.hunk().and_then(|(file, hunk)| desk.sheet.hunk(file, hunk));
    let decision = desk.decision_here();
    let (start, end) = hunk.map_or((1, u32::MAX), crate::triage::Hunk::touched_before);
    let place = if hunk.is_some() { format!("{path}:{start}") } else { path.clone() };
    let (mark, word, role) = match decision {
        Decision::Accepted => ("✔", "accepted", Role::Good),
        Decision::Edited => ("✎", "accepted as you edited it", Role::Warning),
        Decision::Rejected => ("✗", "left out", Role::Muted),
        Decision::Fixed => ("·", "accepted; it cannot be left out alone", Role::Text),
    };
    text.item(&format!(" {mark} "), &format!("{place}: {word}"), role);
    let mut reasons: Vec<&str> = desk.sheet.draft.reasons_at(path, start, end).collect();
    let suspects = review.suspects().map_or(&[][..], |suspects| suspects.all());
    let here = suspects.iter().filter(|suspect| suspect.file == *path && suspect.start <= end && start <= suspect.end);
    reasons.extend(here.flat_map(|suspect| &suspect.reasons).map(String::as_str));
    reasons.dedup();
    if reasons.is_empty() {
        let is_rollback = matches!(review.subject, Subject::Rollback { .. });
        let words = match review.suspects().map(|suspects| &suspects.work) {
            Some(Work::Running(_) | Work::Failed(_)) => "What points at it is not known yet.",
            None if is_rollback => "Nobody looked for what points at it; t in the watch does.",
            Some(Work::Ready(_)) | None => "No evidence points at it; it belongs to what is taken back.",
        };
        text.item("   ", words, Role::Muted);
    }
    reasons.iter().for_each(|reason| text.item("   + ", reason, Role::Text));
    let is_here = |hunk_id: HunkId| hunk.is_some_and(|hunk| hunk.id == hunk_id);
    if desk.choice.edits().keys().any(|id| is_here(*id)) {
        text.item("   ", "u takes your edit back.", Role::Muted);
    }
}

/// How the draft was found, and what it was held against.
fn about_draft(desk: &Desk, text: &mut Text<'_>) {
    let draft = &desk.sheet.draft;
    if !draft.evidence.is_empty() || !draft.verdict.is_empty() {
        let as_it_was = if desk.choice.is_whole() { "" } else { ", as it was drafted" };
        text.heading(&format!(" Why this draft{as_it_was}"));
    }
    for words in [&draft.evidence, &draft.verdict].into_iter().filter(|words| !words.is_empty()) {
        text.item(" ", words, Role::Text);
    }
    if !draft.checks.is_empty() {
        text.heading(" Checks");
    }
    unchecked(desk, text);
    for (check, speaks) in draft.checks_of(&desk.choice) {
        let (mark, word, role) = match (speaks, check.passed) {
            (true, true) => ("✔", "passed", Role::Good),
            (true, false) => ("✗", "FAILED", Role::Danger),
            (false, true) => ("?", "passed for the whole draft, not held against what you chose", Role::Warning),
            (false, false) => ("?", "FAILED for the whole draft", Role::Danger),
        };
        text.item(&format!(" {mark} "), &format!("{}: {word}", check.name), role);
        text.item("   ", &check.detail, Role::Muted);
    }
    if !draft.notes.is_empty() {
        text.heading(" What its author says, and what asking cost");
    }
    draft.notes.iter().for_each(|note| text.item(" ", note, Role::Muted));
}

/// Why what is chosen was not held against anything, where it was not.
fn unchecked(desk: &Desk, text: &mut Text<'_>) {
    if !desk.is_unchecked() {
        return;
    }
    match &desk.checking {
        Checking::Running(_, _, n_runs) => {
            let runs = plural(*n_runs as u64, "run");
            let words = format!("Not checked yet: what you chose is being checked; {runs} of commands ended.");
            text.item(" … ", &words, Role::Info);
        }
        Checking::Failed(_, failure) => {
            text.item(" ! ", &format!("Not checked: {}", sentence(failure)), Role::Warning);
        }
        Checking::Idle => {
            text.item(
                " ! ",
                "Not checked: what you chose is only a part of what was, and nothing ran on it.",
                Role::Warning,
            );
        }
    }
}

/// What to know before, what follows, and the message of the commit.
pub(super) fn about(plan: &Plan, text: &mut Text<'_>) {
    if plan.concerns.is_empty() {
        let words = match plan.origin {
            Origin::Rollback | Origin::Search => "Nothing in the range speaks against going back.",
            Origin::Drafted => "It takes nothing away that the deploy brought into use.",
        };
        text.item(" ✔ ", words, Role::Good);
    }
    for concern in &plan.concerns {
        let (role, _) = words::hazard(concern.level, plan.origin);
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
