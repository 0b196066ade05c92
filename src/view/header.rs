//! The header: what is watched, what the verdict is, how the sources stand.

use std::cmp::Reverse;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::number::{about, bytes, clock, compact, plural, time_of_day};
use super::paint;
use super::theme::{Role, Theme};
use super::words;
use crate::app::layout::Area;
use crate::app::place::{BuildPhase, Building};
use crate::app::{Action, State, keymap};
use crate::detect::{Deploy, Incident, Overall, Phase};
use crate::engine::{IntakeView, Snapshot, SourceState, WatchView};

/// How far the newest event may be behind the clock before the screen calls itself late.
const LATE: Duration = Duration::from_secs(90);

/// Cells of the bar that shows how far the watch is.
const BAR: usize = 12;

pub(super) fn draw(state: &State, theme: &Theme, area: Area, buf: &mut Buffer) {
    let area = paint::rect(area);
    let first = (deploy_line(state, theme), progress(state, theme));
    let second = (verdict_line(state, theme), clock_line(state, theme));
    let third = third(state, theme, usize::from(area.width));
    let rows = if area.height >= 3 {
        vec![first, second, third]
    } else {
        vec![first, (second.0, if third.1.width() > 0 { third.1 } else { second.1 })]
    };
    let n_rows = rows.len();
    for (index, (left, right)) in (0u16..).zip(rows) {
        let line = ratatui::layout::Rect { y: area.y + index, height: 1, ..area };
        match banner(state, theme).filter(|_| usize::from(index) + 1 == n_rows) {
            Some(banner) => {
                paint::fill(line, theme.style(Role::Alarm), buf);
                paint::put(&banner, line, buf);
            }
            None => paint::both(&left, &right, line, buf),
        }
    }
}

/// The sources and what was lost, in the longest of their forms that stand side by side.
fn third(state: &State, theme: &Theme, width: usize) -> (Line<'static>, Line<'static>) {
    let line = |(left, right)| (sources_line(state, theme, left), losses_line(state, theme, right));
    let forms = [(Form::Long, Form::Long), (Form::Short, Form::Long)].map(line);
    let found = forms.into_iter().find(|(left, right)| left.width() + right.width() < width);
    found.unwrap_or_else(|| line((Form::Short, Form::Short)))
}

/// How much a line says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Long,
    Short,
}

/// What goes back by itself, when, and how to stop it.
fn banner(state: &State, theme: &Theme) -> Option<Line<'static>> {
    let countdown = state.countdown()?;
    let (digest, until) = countdown.counting()?;
    let left = clock(until.since(state.now));
    let (key, by) = (keymap::key_of(Action::Stop), paint::safe(&countdown.standing().person.name));
    let text = format!(" ■ Rolls back by itself in {left}. {key} stops it.  Plan {}, allowed by {by}", digest.short());
    Some(Line::styled(text, theme.style(Role::Alarm)))
}

fn watch(state: &State) -> Option<&WatchView> {
    state.snapshot.as_ref()?.watch.as_ref()
}

/// Service; deploy: version, revision, author, subject, age.
fn deploy_line(state: &State, theme: &Theme) -> Line<'static> {
    let service = state.snapshot.as_ref().map_or(state.options.service.as_str(), |snapshot| &snapshot.service);
    let mut spans = vec![Span::styled(format!(" {} ", paint::safe(service)), theme.style(Role::Focus))];
    let deploy = watch(state)
        .map(|watch| &watch.deploy)
        .or_else(|| state.snapshot.as_ref().and_then(|snapshot| snapshot.deploys.first()));
    match deploy {
        Some(deploy) => spans.extend(deploy_spans(deploy, state, theme)),
        None if state.building().is_some() => {
            spans.push(Span::styled("before it is deployed", theme.style(Role::Muted)));
        }
        None => spans.push(Span::styled("no deploy is known", theme.style(Role::Muted))),
    }
    Line::from(spans)
}

fn deploy_spans(deploy: &Deploy, state: &State, theme: &Theme) -> Vec<Span<'static>> {
    let mut spans = vec![Span::styled(paint::safe(deploy.name()), theme.style(Role::Deploy))];
    let revision = deploy.revision.as_deref().map(|revision| paint::safe(revision.get(..8).unwrap_or(revision)));
    if let Some(revision) = revision.filter(|revision| !deploy.version.starts_with(revision.as_str())) {
        spans.push(Span::styled(format!(" {revision}"), theme.style(Role::Muted)));
    }
    let age = about(state.now.since(deploy.at));
    spans.push(Span::styled(format!("  {age} ago"), theme.style(Role::Text)));
    if let Some(author) = &deploy.author {
        spans.push(Span::styled(format!(" by {}", paint::safe(author)), theme.style(Role::Text)));
    }
    if let Some(subject) = &deploy.subject {
        spans.push(Span::styled(format!("  “{}”", paint::safe(subject)), theme.style(Role::Muted)));
    }
    spans
}

/// How far the watch is: `12:30 of 60:00`, and as a bar.
fn progress(state: &State, theme: &Theme) -> Line<'static> {
    let Some(watch) = watch(state) else { return Line::default() };
    let elapsed = state.now.since(watch.deploy.at).min(watch.length).max(watch.elapsed);
    let share = if watch.length.is_zero() { 1.0 } else { elapsed.as_secs_f64() / watch.length.as_secs_f64() };
    let bar = if state.size().0 < 100 { BAR / 2 } else { BAR };
    let full = (share * bar as f64).floor().clamp(0.0, bar as f64) as usize;
    Line::from(vec![
        Span::styled("watch ", theme.style(Role::Muted)),
        Span::styled(format!("{} of {} ", clock(elapsed), clock(watch.length)), theme.style(Role::Text)),
        Span::styled("━".repeat(full), theme.style(Role::Info)),
        Span::styled("╌".repeat(bar - full), theme.style(Role::Rule)),
        Span::raw(" "),
    ])
}

/// The verdict in words, and how the newest incident stands.
fn verdict_line(state: &State, theme: &Theme) -> Line<'static> {
    if let Some(failure) = &state.stopped {
        let text = format!(" ■ Watching stopped: {} ", paint::safe(&failure.to_string()));
        return Line::styled(text, theme.style(Role::Alarm));
    }
    if let Some(building) = state.building() {
        return build_line(building, theme);
    }
    let Some(snapshot) = &state.snapshot else {
        return Line::styled(" Opening the store and the logs …", theme.style(Role::Muted));
    };
    let mut spans = vec![Span::raw(" ")];
    match &snapshot.watch {
        None => {
            let text = "Nothing to judge: `aftercare deploy mark VERSION` marks a deploy";
            spans.push(Span::styled(text, theme.style(Role::Muted)));
        }
        Some(watch) => {
            let (glyph, role) = words::overall(&watch.overall);
            let likely = match (&watch.overall, watch.n_listed) {
                (Overall::Candidates(_), n) if n > 0 => format!(", {n} likely"),
                _ => String::new(),
            };
            // What is not read yet may be the baseline.
            let words = match watch.overall {
                Overall::CannotJudge(_) if snapshot.intake.is_reading() => {
                    "Reading the logs so far; they are judged once they are read".to_owned()
                }
                _ => sentence(&watch.overall.words()),
            };
            spans.push(Span::styled(format!("{glyph} {words}{likely}"), theme.style(role)));
            if watch.n_below > 0 {
                let below = format!(", {} below warning", watch.n_below);
                spans.push(Span::styled(below, theme.style(Role::Muted)));
            }
            for (deploy, overall) in &watch.earlier {
                let Overall::Regressed(n) = overall else { continue };
                let (glyph, role) = words::overall(overall);
                let text = format!("  {glyph} {n} of {}", paint::safe(deploy.name()));
                spans.push(Span::styled(text, theme.style(role)));
            }
            if watch.silence.is_some() {
                spans.push(Span::styled("  ■ the source is silent", theme.style(Role::Danger)));
            }
        }
    }
    if let Some(incident) = snapshot.incidents.first() {
        spans.extend(incident_spans(incident, state, theme));
    }
    Line::from(spans)
}

/// How the command that is built with stands.
fn build_line(building: &Building, theme: &Theme) -> Line<'static> {
    let (text, role) = match &building.phase {
        BuildPhase::Running => (" … the command runs".to_owned(), Role::Info),
        BuildPhase::Passed(_) => (" ✔ the command passed".to_owned(), Role::Good),
        BuildPhase::Broken(_) => (" ■ the command cannot be judged".to_owned(), Role::Danger),
        BuildPhase::Failed(built) => {
            let n_errors = plural(built.diagnostics.len() as u64, "error");
            let verdict = built.triaged.as_ref().map(|triaged| &triaged.verdict);
            let laid = match verdict {
                Some(verdict) if verdict.causal_link => {
                    format!(", caused by this change, confidence {}", verdict.confidence.word())
                }
                Some(_) => ", not shown to be caused by this change".to_owned(),
                None => String::new(),
            };
            (format!(" ▲ the command failed: {n_errors}{laid}"), Role::Danger)
        }
    };
    Line::styled(text, theme.style(role))
}

fn incident_spans(incident: &Incident, state: &State, theme: &Theme) -> Vec<Span<'static>> {
    let (word, role) = words::phase(&incident.phase);
    let since = match incident.phase {
        Phase::Open => format!(" for {}", about(state.now.since(incident.opened))),
        Phase::Recovering { since } => format!(" for {}", about(state.now.since(since))),
        Phase::Closed { at } => format!(" {} ago: the rate is back", about(state.now.since(at))),
    };
    let reopened = if incident.reopened > 0 { ", reopened" } else { "" };
    vec![
        Span::styled(format!("  incident {} ", incident.id), theme.style(Role::Text)),
        Span::styled(format!("{word}{reopened}"), theme.style(role)),
        Span::styled(since, theme.style(Role::Muted)),
    ]
}

fn clock_line(state: &State, theme: &Theme) -> Line<'static> {
    let mode = if state.read_only() { "read-only  " } else { "" };
    let zone = state.options.zone.iana_name().unwrap_or_default();
    let text = format!("{mode}{} {zone} ", time_of_day(state.now, &state.options.zone));
    Line::styled(text, theme.style(Role::Muted))
}

/// How the sources stand: loading, following, failed, late.
fn sources_line(state: &State, theme: &Theme, form: Form) -> Line<'static> {
    let Some(snapshot) = &state.snapshot else { return Line::default() };
    let intake = &snapshot.intake;
    let muted = theme.style(Role::Muted);
    let mut spans = vec![Span::styled(format!(" {}", plural(intake.sources.len() as u64, "source")), muted)];
    spans.extend(source_states(intake, theme, form));
    spans.push(Span::styled(format!("  {} lines", compact(intake.lines)), muted));
    if intake.behind_bytes > 0 {
        spans.push(Span::styled(format!("  {} behind", bytes(intake.behind_bytes)), theme.style(Role::Warning)));
    }
    spans.push(lag(snapshot, state, theme, form));
    if state.is_paused() {
        spans.push(Span::styled("  tail paused", theme.style(Role::Warning)));
    }
    Line::from(spans)
}

fn source_states(intake: &IntakeView, theme: &Theme, form: Form) -> Vec<Span<'static>> {
    let (mut waiting, mut failed, mut ended, mut read, mut of) = (0u64, 0u64, 0usize, 0u64, 0u64);
    for source in &intake.sources {
        match &source.state {
            SourceState::Waiting => waiting += 1,
            SourceState::Failed(_) => failed += 1,
            SourceState::Ended => ended += 1,
            SourceState::Reading(done, all) => {
                read += done;
                of += all;
            }
            SourceState::Following => {}
        }
    }
    let mut spans = Vec::new();
    let mut say = |text: String, style: Style| spans.push(Span::styled(text, style));
    if of > 0 {
        let percent = (read as f64 / of as f64 * 100.0).floor();
        let text = match form {
            Form::Long => format!(", reading history {percent:.0} % of {}", bytes(of)),
            Form::Short => format!(", history {percent:.0} %"),
        };
        say(text, theme.style(Role::Info));
    } else if ended == intake.sources.len() && ended > 0 {
        say(", read to the end".to_owned(), theme.style(Role::Muted));
    }
    if waiting > 0 {
        say(format!(", {waiting} not there yet"), theme.style(Role::Warning));
    }
    if failed > 0 {
        let hint = if form == Form::Long { " (i shows why)" } else { "" };
        say(format!(", {failed} failed{hint}"), theme.style(Role::Danger));
    }
    spans
}

/// How far the newest event is behind the clock; late when that is long.
fn lag(snapshot: &Snapshot, state: &State, theme: &Theme, form: Form) -> Span<'static> {
    let Some(lag) = snapshot.intake.lag else {
        return Span::styled("  no line yet", theme.style(Role::Muted));
    };
    let lag = lag + state.now.since(snapshot.at);
    if lag >= LATE && snapshot.is_caught_up() {
        return Span::styled(format!("  late: newest line {} old", about(lag)), theme.style(Role::Warning));
    }
    let text = match form {
        Form::Long => format!("  newest line {} old", about(lag)),
        Form::Short => format!("  newest {}", about(lag)),
    };
    Span::styled(text, theme.style(Role::Muted))
}

/// What was lost, with numbers; in short, of what befell lines only what befell most: one line may be in several numbers.
fn losses_line(state: &State, theme: &Theme, form: Form) -> Line<'static> {
    let Some(snapshot) = &state.snapshot else { return Line::default() };
    let intake = &snapshot.intake;
    let mut told = Vec::new();
    if let Some(unsaved) = &intake.unsaved {
        let hint = if form == Form::Long { " (i shows why)" } else { "" };
        told.push(format!("not stored for {}{hint}", about(state.now.since(unsaved.since))));
    }
    let losses = &intake.losses;
    let of_lines = [
        (losses.malformed, "malformed"),
        (losses.not_utf8, "not UTF-8"),
        (losses.cut, "cut"),
        (losses.overlong_events + losses.late_continuations, "not kept"),
        (intake.undated, "undated"),
        (intake.too_old, "too old"),
        (intake.from_future, "from the future"),
    ];
    let counted = [(intake.lost_bytes, "bytes lost"), (intake.n_skipped, "files not read")];
    let say = |(n, what): (u64, &str)| format!("{} {what}", compact(n));
    told.extend(counted.into_iter().filter(|(n, _)| *n > 0).map(say));
    let mut of_lines: Vec<(u64, &str)> = of_lines.into_iter().filter(|(n, _)| *n > 0).collect();
    if form == Form::Short && of_lines.len() > 1 {
        of_lines.sort_by_key(|(n, _)| Reverse(*n));
        told.extend(of_lines.into_iter().take(1).map(|most| format!("{}, more (i)", say(most))));
    } else {
        told.extend(of_lines.into_iter().map(say));
    }
    if told.is_empty() {
        return Line::styled("nothing lost ", theme.style(Role::Muted));
    }
    let role = if intake.unsaved.is_some() { Role::Danger } else { Role::Warning };
    Line::styled(format!("{} ", told.join(", ")), theme.style(role))
}

/// The words with a capital, as a sentence begins.
fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}
