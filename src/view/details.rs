//! Sources and losses, deploys, incidents, notices: everything that is counted, in words.

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::number::{bytes, count, date_and_time};
use super::paint::{self, Text};
use super::theme::{Role, Theme};
use super::words;
use crate::app::State;
use crate::app::layout::Area;
use crate::app::notice::Weight;
use crate::detect::Origin;
use crate::engine::{IntakeView, Snapshot, SourceState};

pub(super) fn draw(state: &State, top: usize, theme: &Theme, area: Area, buf: &mut Buffer) {
    paint::title("Details", &Line::default(), true, area, theme, buf);
    let content = paint::rect(area.content());
    let mut text = Text::new(content.width, theme);
    if let Some(snapshot) = &state.snapshot {
        sources(&snapshot.intake, &state.options.zone, &mut text);
        deploys(state, snapshot, &mut text);
        incidents(state, snapshot, &mut text);
    }
    notices(state, &mut text);
    text.draw(top, content, buf);
}

fn sources(intake: &IntakeView, zone: &TimeZone, text: &mut Text<'_>) {
    text.heading(" Sources");
    for source in &intake.sources {
        let (says, role) = match &source.state {
            SourceState::Waiting => ("not there yet; it is read when it appears".to_owned(), Role::Warning),
            SourceState::Reading(done, all) => {
                (format!("reading history, {} of {}", bytes(*done), bytes(*all)), Role::Info)
            }
            SourceState::Following => ("followed".to_owned(), Role::Text),
            SourceState::Ended => ("read to its end".to_owned(), Role::Text),
            SourceState::Failed(why) => (format!("failed: {why}"), Role::Danger),
        };
        text.item(" ", &format!("{}  {says}", source.name), role);
    }
    if let Some(why) = &intake.no_traffic {
        text.item(" ", &format!("traffic by {why}"), Role::Warning);
    }
    if let Some(unsaved) = &intake.unsaved {
        text.heading(&format!(" Not stored since {}", date_and_time(unsaved.since, zone)));
        text.item(" ", &unsaved.told, Role::Danger);
        text.item(
            " ",
            "The watch goes on in memory, and tries again. Lines of files are read again at the next start.",
            Role::Text,
        );
    }
    if intake.n_skipped > 0 {
        text.heading(&format!(" Not read: {}", super::number::plural(intake.n_skipped, "file")));
    }
    intake.skipped.iter().for_each(|skipped| text.item(" ", skipped, Role::Warning));
    text.heading(" What was read, and what was not taken as it came");
    let losses = &intake.losses;
    let counted = [
        (intake.lines, "lines read in this run"),
        (intake.events, "events they gave"),
        (losses.malformed, "lines that looked structured and could not be read so; taken as plain text"),
        (losses.not_utf8, "lines with bytes that are not UTF-8; those were replaced"),
        (losses.cut, "lines that were too long; cut"),
        (losses.overlong_events, "lines beyond an event's cap; counted, not kept"),
        (losses.late_continuations, "continuation lines whose event was counted already"),
        (intake.undated, "events without a time of their own in a history without times; not counted"),
        (intake.too_old, "events older than is kept; not counted"),
        (intake.from_future, "events from the future; counted when they were received"),
        (intake.dropped_tasks, "pieces of work no longer followed, because too many were open"),
        (intake.other_attributes, "events whose configured attribute counts as “other”"),
        (intake.lost_bytes, "bytes truncated or deleted before they could be read; lost"),
        (intake.behind_bytes, "bytes still to be read"),
    ];
    for (index, (n, what)) in counted.into_iter().enumerate() {
        let role = if n > 0 && index >= 2 { Role::Warning } else { Role::Text };
        text.item(&format!(" {:>15}  ", count(n)), what, role);
    }
}

fn deploys(state: &State, snapshot: &Snapshot, text: &mut Text<'_>) {
    text.heading(" Deploys");
    if snapshot.deploys.is_empty() {
        text.item(" ", "None is known. Mark one: aftercare deploy mark VERSION", Role::Muted);
    }
    for deploy in &snapshot.deploys {
        let origin = match deploy.origin {
            Origin::Mark => "marked".to_owned(),
            Origin::Log => "from a log line".to_owned(),
            Origin::Repository => "from the repository".to_owned(),
            Origin::Flag => "from the command line".to_owned(),
            Origin::Remedy => format!("a {} made here", words::remedy(&deploy.version)),
        };
        let at = date_and_time(deploy.at, &state.options.zone);
        let subject = deploy.subject.as_deref().map(|subject| format!("  “{subject}”")).unwrap_or_default();
        text.item(" ", &format!("{at}  {}{subject}, {origin}", deploy.version), Role::Text);
    }
}

fn incidents(state: &State, snapshot: &Snapshot, text: &mut Text<'_>) {
    text.heading(" Incidents");
    if snapshot.incidents.is_empty() {
        text.item(" ", "None.", Role::Muted);
    }
    for incident in &snapshot.incidents {
        let (word, role) = words::phase(&incident.phase);
        let at = date_and_time(incident.opened, &state.options.zone);
        let n = super::number::plural(incident.signatures.len() as u64, "signature");
        let id = incident.id;
        text.item(" ", &format!("{at}  incident {id}, {word}: {n} after {}", incident.deploy.version), role);
    }
}

fn notices(state: &State, text: &mut Text<'_>) {
    text.heading(" Notices");
    for notice in state.notices.iter() {
        let role = match notice.weight {
            Weight::Info => Role::Text,
            Weight::Warning => Role::Warning,
            Weight::Failure => Role::Danger,
        };
        let at = date_and_time(notice.at, &state.options.zone);
        text.item(" ", &format!("{at}  {}: {}", notice.weight.word(), notice.text), role);
    }
}
