//! What happened in an incident, as the draft of a postmortem.
//!
//! Input: a [`Postmortem`], gathered from the store, the repository and the audit record. Output: Markdown,
//! one HTML page without scripts and without anything from elsewhere, or JSON.
//!
//! Everything in it that came from logs or repositories is hostile: it is redacted and made visible when the
//! parts are made ([`safe`]), and escaped for its form when it is written.

mod chart;
mod html;
mod markdown;

use serde::Serialize;

use crate::engine::{Noted, NotedRecovery};
use crate::ingest::sanitize::{redact, visible};
use crate::units::Timestamp;
use crate::view::number::about;

pub use chart::{Chart, Mark};
pub use html::html;
pub use markdown::markdown;

/// The version of the JSON.
pub const SCHEMA: u32 = 1;

/// Score from which a suspect is read by people.
const LINKED: f64 = 0.5;

/// Everything that is told.
#[derive(Clone, Debug, Serialize)]
pub struct Postmortem {
    /// The version of the JSON.
    pub schema: u32,
    /// The incident's number.
    pub incident: u64,
    /// The service.
    pub service: String,
    /// Where it stands: `open`, `recovering` or `closed`.
    pub state: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was closed.
    pub closed: Option<Timestamp>,
    /// How often it was reopened.
    pub reopened: u32,
    /// The deploy that it is laid to.
    pub deploy: DeployPart,
    /// What happened, oldest first.
    pub timeline: Vec<Moment>,
    /// The findings, worst first.
    pub findings: Vec<Noted>,
    /// Each finding's counts.
    pub charts: Vec<Chart>,
    /// Which change it is laid to.
    pub verdict: Option<VerdictPart>,
    /// What was taken back, as a unified diff.
    pub diff: Option<String>,
    /// Who approved what.
    pub approvals: Vec<ApprovalPart>,
    /// What was done.
    pub execution: Vec<StepPart>,
    /// How it worked.
    pub recovery: Option<NotedRecovery>,
    /// What cannot be told, and why.
    pub missing: Vec<String>,
}

/// The deploy.
#[derive(Clone, Debug, Serialize)]
pub struct DeployPart {
    /// Its version.
    pub version: String,
    /// When.
    pub at: Timestamp,
    /// Its revision, and the one before.
    pub revision: Option<String>,
    /// The revision before.
    pub previous: Option<String>,
    /// Author of its last commit.
    pub author: Option<String>,
    /// Subject of its last commit.
    pub subject: Option<String>,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: String,
}

/// Which change it is laid to, and why.
#[derive(Clone, Debug, Serialize)]
pub struct VerdictPart {
    /// The error that was looked at.
    pub template: String,
    /// Whether it is laid to the deploy.
    pub causal_link: bool,
    /// How surely.
    pub confidence: String,
    /// Why, in words.
    pub summary: String,
    /// The suspects, best first.
    pub suspects: Vec<SuspectPart>,
}

/// A suspect.
#[derive(Clone, Debug, Serialize)]
pub struct SuspectPart {
    /// Its file.
    pub file: String,
    /// First line.
    pub start: u32,
    /// Last line.
    pub end: u32,
    /// How much speaks for it.
    pub score: f64,
    /// What does.
    pub reasons: Vec<String>,
    /// What speaks against it.
    pub against: Vec<String>,
    /// The change itself, as lines of a diff.
    pub change: String,
}

/// An approval.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovalPart {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub people: Vec<String>,
    /// The digest of what was approved.
    pub digest: String,
    /// How dangerous going back was.
    pub level: String,
    /// Why it was done all the same.
    pub reason: String,
}

/// One thing that was done.
#[derive(Clone, Debug, Serialize)]
pub struct StepPart {
    /// When.
    pub at: Timestamp,
    /// What, and how it ended.
    pub what: String,
    /// Whether it went well.
    pub succeeded: bool,
}

/// Text from a log or a repository, without secrets and without anything that acts.
#[must_use]
pub fn safe(text: &str) -> String {
    visible(&redact(text), false)
}

/// As [`safe`], of text of several lines.
#[must_use]
pub fn safe_lines(text: &str) -> String {
    visible(&redact(text), true)
}

/// A point in time as people read it: in UTC, to the second.
fn moment(at: Timestamp) -> String {
    Timestamp::from_seconds(at.seconds()).to_string()
}

/// How long it took to be seen, to be decided on and to be over, where that is known.
fn lengths(report: &Postmortem) -> Vec<(&'static str, String)> {
    let between = |from: Timestamp, to: Timestamp| about(to.since(from));
    let approved = report.approvals.first().map(|approval| approval.at);
    let seen = ("Opened after", format!("{} from the deploy", between(report.deploy.at, report.opened)));
    let decided = approved.map(|at| ("Approved after", format!("{} from then", between(report.opened, at))));
    let over = report.closed.map(|at| ("Closed after", format!("{} in all", between(report.opened, at))));
    std::iter::once(seen).chain(decided).chain(over).collect()
}

/// A finding's sentence without the template that stands above it.
fn sentence(finding: &Noted) -> &str {
    let named = format!("`{}` ", finding.template);
    finding.sentence.strip_prefix(named.as_str()).unwrap_or(&finding.sentence)
}

/// The suspects that are worth reading: the first, and those that something links to the error.
fn read_suspects(verdict: &VerdictPart) -> impl Iterator<Item = &SuspectPart> {
    let is_read = |(index, suspect): &(usize, &SuspectPart)| *index == 0 || suspect.score >= LINKED;
    verdict.suspects.iter().enumerate().filter(is_read).map(|(_, suspect)| suspect)
}

/// What is left out of the suspects, as a sentence; `None` when nothing is.
fn unread_suspects(verdict: &VerdictPart) -> Option<String> {
    let n_left = verdict.suspects.len() - read_suspects(verdict).count();
    let words = |n: usize| if n == 1 { "1 further change".to_owned() } else { format!("{n} further changes") };
    (n_left > 0).then(|| {
        format!("Little or nothing links {} of the deploy to the error; the JSON form lists them.", words(n_left))
    })
}

/// A finding's numbers as people read them.
fn numbers(finding: &Noted) -> String {
    let Noted { observed, minutes, expected, p, .. } = finding;
    let mut text = format!("{observed} observed in {minutes:.0} min, {expected:.1} expected, p {p:.1e}");
    if let Some(ratio) = finding.ratio {
        text.push_str(&format!(", x{ratio:.1}"));
        if let (Some(low), Some(high)) = (finding.ratio_low, finding.ratio_high) {
            text.push_str(&format!(" ({low:.1} to {high:.1})"));
        }
    }
    text
}

fn recovery_words(recovery: &NotedRecovery) -> String {
    let NotedRecovery { minutes, observed, expected, is_back } = recovery;
    let state = if *is_back { "the rate is back at its baseline" } else { "the rate is not back" };
    format!("{observed} events in {minutes} observed minutes since, {expected:.1} expected by the baseline: {state}.")
}

#[cfg(test)]
mod tests;
