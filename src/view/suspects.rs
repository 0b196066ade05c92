//! The suspects of one signature: the verdict, the hunks ranked, and what speaks for and against each.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::paint::{self, Text};
use super::theme::{Role, Theme};
use super::words;
use crate::app::layout::{Area, window};
use crate::app::place::{Place, Suspects, Work};
use crate::app::{Failure, State, Triaged};
use crate::triage::{Hunk, Suspect, Verdict};

pub(super) fn draw(state: &State, theme: &Theme, (list, detail): (Area, Area), buf: &mut Buffer) {
    let Place::Suspects(suspects) = &state.place else { return };
    let says = match &suspects.work {
        Work::Running(_) => Line::styled("looking …", theme.style(Role::Info)),
        Work::Failed(_) => Line::styled("failed", theme.style(Role::Danger)),
        Work::Ready(triaged) => match state.ruling(triaged) {
            Some(ruling) => Line::styled(paint::safe(&ruling.words()), theme.style(Role::Info)),
            None => verdict_in_short(&triaged.verdict, state.change_word(), theme),
        },
    };
    paint::title("Suspects", &says, !suspects.in_detail, list, theme, buf);
    let marked = match suspects.marked.len() {
        0 => String::new(),
        n => format!("{n} marked"),
    };
    let marked = Line::styled(marked, theme.style(Role::Info));
    paint::title("Evidence", &marked, suspects.in_detail, detail, theme, buf);
    match &suspects.work {
        Work::Running(_) => {
            let text = " Reading the deploy's diff and the sources that the error leads to …";
            paint::row(&Line::styled(text, theme.style(Role::Muted)), paint::rect(list.content()), 0, buf);
        }
        Work::Failed(failure) => self::failure(failure, theme, list, buf),
        Work::Ready(triaged) => {
            ranked(suspects, triaged, theme, list, buf);
            evidence(suspects, triaged, theme, detail, buf);
        }
    }
}

/// Draws what failed, why, and what to do.
pub(super) fn failure(failure: &Failure, theme: &Theme, area: Area, buf: &mut Buffer) {
    let content = paint::rect(area.content());
    let mut text = Text::new(content.width, theme);
    text.item(" ", &crate::app::notice::sentence(failure), Role::Danger);
    text.item(" ", "Press r to try again, Esc to go back.", Role::Muted);
    text.draw(0, content, buf);
}

fn verdict_in_short(verdict: &Verdict, change: &str, theme: &Theme) -> Line<'static> {
    let (text, role) = match (verdict.is_runtime_change, verdict.causal_link) {
        (false, _) => (format!("not this {change}: it changed nothing that runs"), Role::Good),
        (true, false) => (format!("no link to this {change} was found"), Role::Muted),
        (true, true) => {
            let sure = verdict.confidence;
            (format!("caused by this {change}, confidence {}", sure.word()), words::confidence(sure))
        }
    };
    Line::styled(text, theme.style(role))
}

fn ranked(suspects: &Suspects, triaged: &Triaged, theme: &Theme, area: Area, buf: &mut Buffer) {
    let content = paint::rect(area.content());
    let all = suspects.all();
    if all.is_empty() {
        let mut text = Text::new(content.width, theme);
        text.item(" ", "No hunk of this deploy is under suspicion.", Role::Text);
        text.item(" ", &triaged.verdict.evidence_summary, Role::Muted);
        text.draw(0, content, buf);
        return;
    }
    let height = usize::from(content.height);
    let top = window(suspects.selected, 0, height, all.len());
    for (index, suspect) in all.iter().enumerate().skip(top).take(height) {
        let row = index - top;
        paint::row(&suspect_line(suspect, suspects, theme), content, row, buf);
        if index == suspects.selected {
            let y = content.y + u16::try_from(row).unwrap_or(0);
            let selected = ratatui::layout::Rect { y, height: 1, ..content };
            paint::fill(selected, theme.style(Role::Selection), buf);
        }
    }
}

fn suspect_line(suspect: &Suspect, suspects: &Suspects, theme: &Theme) -> Line<'static> {
    let mark = if suspects.marked.contains(&suspect.hunk) { "x" } else { " " };
    let strong = if suspect.score > STRONG { Role::Danger } else { Role::Text };
    Line::from(vec![
        Span::styled(format!(" {mark}"), theme.style(Role::Info)),
        Span::styled(format!("{:>6.1}  ", suspect.score), theme.style(strong)),
        Span::styled(place(suspect), theme.style(Role::Text)),
    ])
}

/// Score from which evidence is strong, see [`Suspect::score`].
const STRONG: f64 = 2.6;

fn place(suspect: &Suspect) -> String {
    let file = paint::safe(&suspect.file);
    if suspect.start == suspect.end {
        format!("{file}:{}", suspect.start)
    } else {
        format!("{file}:{}-{}", suspect.start, suspect.end)
    }
}

/// What speaks for and against the selected suspect, and its lines.
fn evidence(suspects: &Suspects, triaged: &Triaged, theme: &Theme, area: Area, buf: &mut Buffer) {
    let content = paint::rect(area.content());
    let mut text = Text::new(content.width, theme);
    if suspects.selected == 0 {
        text.item(" ", &triaged.verdict.evidence_summary, Role::Text);
    }
    if let Some(suspect) = suspects.current() {
        text.heading(&format!(" {}", place(suspect)));
        suspect.reasons.iter().for_each(|reason| text.item(" + ", reason, Role::Text));
        suspect.against.iter().for_each(|reason| text.item(" − ", reason, Role::Warning));
        let hunks = triaged.change.files.iter().flat_map(|file| &file.hunks);
        if let Some(hunk) = hunks.into_iter().find(|hunk| hunk.id == suspect.hunk) {
            text.gap();
            lines_of(hunk, suspects.shift, theme, &mut text);
        }
        commit_of(suspect, triaged, &mut text);
    }
    text.draw(suspects.top, content, buf);
}

fn lines_of(hunk: &Hunk, shift: u16, theme: &Theme, text: &mut Text<'_>) {
    let mut say = |sign: char, number: usize, line: &str, role: Role| {
        let line = paint::safe(line);
        let shown = format!("{number:>6} {sign}{}", paint::shifted(&line, shift));
        text.line(Line::styled(shown, theme.style(role)));
    };
    for (index, line) in hunk.removed.iter().enumerate() {
        say('-', hunk.old_start as usize + index, line, Role::Removed);
    }
    for (index, line) in hunk.added.iter().enumerate() {
        say('+', hunk.new_start as usize + index, line, Role::Added);
    }
}

/// The newest commit of the range that touches the suspect's file.
fn commit_of(suspect: &Suspect, triaged: &Triaged, text: &mut Text<'_>) {
    let touches = |commit: &&crate::triage::Commit| commit.paths.contains(&suspect.file);
    let Some(commit) = triaged.change.commits.iter().find(touches) else { return };
    let id = commit.id.get(..8).unwrap_or(&commit.id);
    text.gap();
    text.item(" ", &format!("{id} “{}” by {}", commit.subject, commit.author), Role::Muted);
}
