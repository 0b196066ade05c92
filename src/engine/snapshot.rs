//! What a screen or a report shows of the observed world at one moment.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::Engine;
use super::judging::Watched;
use super::listed::Said;
use crate::detect::words::Explanation;
use crate::detect::{Assessment, Deploy, Incident, Overall, SignatureIndex, Strip};
use crate::ingest::decode::HeaderPart;
use crate::ingest::explain::explain;
use crate::ingest::signature::Making;
use crate::ingest::{Event, Level, Losses};
use crate::units::{Minute, SignatureId, Timestamp};

/// Everything that a screen shows of the observed world at one moment; cheap to clone.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When it was taken.
    pub at: Timestamp,
    /// The service watched.
    pub service: String,
    /// Known deploys within the span of the chart, newest first.
    pub deploys: Vec<Deploy>,
    /// The watch over the newest deploy.
    pub watch: Option<WatchView>,
    /// Signatures, worst first; the first [`ROWS`] of them.
    pub rows: Arc<Vec<Row>>,
    /// How many more there are.
    pub more_rows: usize,
    /// More of the signature that was asked for.
    pub focus: Option<Focus>,
    /// The newest lines, oldest first: of the focus, or of everything.
    pub tail: Arc<Vec<TailLine>>,
    /// Incidents, newest first.
    pub incidents: Vec<Incident>,
    /// The decision about groups that can be taken back, in words.
    pub undoable: Option<String>,
    /// How the sources stand.
    pub intake: IntakeView,
}

impl Snapshot {
    /// Whether every source was read to its end, so that what is shown is the present.
    #[must_use]
    pub fn is_caught_up(&self) -> bool {
        let read = |source: &SourceView| matches!(source.state, SourceState::Following | SourceState::Ended);
        !self.intake.sources.is_empty() && self.intake.sources.iter().all(read)
    }
}

/// How far the watch over a deploy is.
#[derive(Clone, Debug)]
pub struct WatchView {
    /// The deploy watched.
    pub deploy: Deploy,
    /// Time since it, at most `length`.
    pub elapsed: Duration,
    /// Length of the watch.
    pub length: Duration,
    /// Minutes of baseline that were observed.
    pub baseline_minutes: u32,
    /// The verdict.
    pub overall: Overall,
    /// Signatures that are confirmed, or have much evidence as it stands.
    pub n_listed: usize,
    /// Findings that do not count for the verdict, because they are below a warning.
    pub n_below: usize,
    /// The finding about the source as a whole, when it went silent.
    pub silence: Option<Assessment>,
    /// Earlier deploys that are still watched, oldest first, each with its verdict.
    pub earlier: Vec<(Deploy, Overall)>,
}

/// One signature in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its stable name.
    pub id: SignatureId,
    /// The masked message; of a group, what it is called.
    pub template: String,
    /// The group that it stands for; `None` for a single signature that nobody named or pinned.
    pub group: Option<GroupView>,
    /// Its most serious level.
    pub level: Option<Level>,
    /// What the watch says; where it says nothing, observed is the last hour's count.
    pub assessment: Assessment,
    /// Whether the watch says something: it has met the signature, and is fit to judge.
    pub is_judged: bool,
    /// Time since the deploy by whose watch it is judged, at most the watch's length; `None` without a judgement.
    pub watched: Option<Duration>,
    /// The earlier deploy by whose watch it is judged, because it likelier came with that one.
    pub laid_to: Option<String>,
    /// Events in each of the last [`SPARK_MINUTES`] minutes, oldest first; `None` where unknown.
    pub spark: Vec<Option<u32>>,
    /// Time of its last event.
    pub last: Timestamp,
}

impl Row {
    /// What was found about it, as one sentence; the template in it is hostile.
    #[must_use]
    pub fn sentence(&self, watch: &WatchView) -> String {
        let watched = self.watched.unwrap_or(watch.elapsed);
        self.assessment.sentence(&self.template, watched.as_secs_f64() / 60.0)
    }
}

/// What a row says of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupView {
    /// Signatures in it.
    pub n_members: usize,
    /// Whether it is listed before all others.
    pub pinned: bool,
    /// Whether a person named it at the screen.
    pub is_named: bool,
    /// Whether a configuration file defines it, so that only that can change it.
    pub is_defined: bool,
}

/// One signature of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    /// Its stable name.
    pub id: SignatureId,
    /// The masked message.
    pub template: String,
    /// Its events in the minutes of the chart.
    pub count: u64,
}

/// Signatures that a snapshot lists.
pub const ROWS: usize = 500;

/// Minutes in a row's sparkline.
pub const SPARK_MINUTES: usize = 30;

/// Minutes in the chart of the selected signature.
pub const CHART_MINUTES: usize = 180;

/// More about one signature.
#[derive(Clone, Debug)]
pub struct Focus {
    /// Which.
    pub id: SignatureId,
    /// First minute of the chart.
    pub from: Minute,
    /// Events per minute from there on; `None` where unknown.
    pub per_minute: Vec<Option<u32>>,
    /// Baseline rate per minute, and the band around it.
    pub baseline: Option<(f64, (f64, f64))>,
    /// How the evidence on it grew, minute by minute; `None` without a finding on its rate.
    pub strip: Option<Strip>,
    /// Its newest event.
    pub example: Option<Arc<Event>>,
    /// Raw text of an event, kept since it was first seen.
    pub example_text: String,
    /// How it was judged: each figure with its name; empty without a watch.
    pub explanation: Explanation,
    /// What was taken for the header of the example.
    pub header: Vec<HeaderPart>,
    /// How the example's signature came about.
    pub making: Making,
    /// The version of the rules in force.
    pub rules: String,
    /// The signatures that are shown as one here, most frequent first, as many as are worth showing; none of a
    /// single signature.
    pub members: Vec<MemberView>,
}

/// One event in the tail; its texts are hostile, and must be made visible before they are drawn.
#[derive(Clone, Debug)]
pub struct TailLine {
    /// Its number since the start of the run.
    pub number: u64,
    /// When it happened.
    pub at: Timestamp,
    /// The row of the list that it belongs to: its signature, or the lead of the group that this is in.
    pub row: SignatureId,
    /// What happened.
    pub event: Arc<Event>,
}

/// How the sources stand.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IntakeView {
    /// Raw lines read in this run.
    pub lines: u64,
    /// Events they gave.
    pub events: u64,
    /// Bytes read in this run.
    pub bytes: u64,
    /// What was lost.
    pub losses: Losses,
    /// Events older than the store keeps; not counted.
    pub too_old: u64,
    /// Events without a time of their own, in a history that gives them none; not counted.
    pub undated: u64,
    /// Events from the future; counted at the time of receipt.
    pub from_future: u64,
    /// Pieces of work that are no longer followed, because too many were open.
    pub dropped_tasks: u64,
    /// Events whose value of a configured attribute was one too many, so that they count as `other`.
    pub other_attributes: u64,
    /// Bytes that were truncated or deleted before they could be read.
    pub lost_bytes: u64,
    /// How far reading is behind the end of the files, in bytes.
    pub behind_bytes: u64,
    /// How far the newest event is behind the clock.
    #[serde(skip)]
    pub lag: Option<Duration>,
    /// Files that a source names and that are not read, such as binary ones.
    pub n_skipped: u64,
    /// The first of them, each with the reason.
    pub skipped: Vec<String>,
    /// Why the traffic that is named says nothing of the newest deploy, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_traffic: Option<String>,
    /// What was counted and could not be stored yet.
    #[serde(skip)]
    pub unsaved: Option<Unsaved>,
    /// Each source and its state.
    #[serde(skip)]
    pub sources: Vec<SourceView>,
}

/// That the store refuses what is counted, which is held in memory until it takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaved {
    /// Since when.
    pub since: Timestamp,
    /// The cause in a few words.
    pub why: String,
    /// What failed, why, and what to do: sentences.
    pub told: String,
}

impl IntakeView {
    /// Whether history is still being read.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.sources.iter().any(|source| matches!(source.state, SourceState::Reading(..)))
    }

    /// Whether no source is there yet, or none can be read.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        let unread = |source: &SourceView| matches!(source.state, SourceState::Waiting | SourceState::Failed(_));
        !self.sources.is_empty() && self.sources.iter().all(unread)
    }
}

/// One source and its state.
#[derive(Clone, Debug)]
pub struct SourceView {
    /// What the user called it.
    pub name: String,
    /// How it stands.
    pub state: SourceState,
}

/// How a source stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// It does not exist yet.
    Waiting,
    /// History is being read: so many bytes of so many.
    Reading(u64, u64),
    /// Its end was reached, and it is followed.
    Following,
    /// It ended, and nothing more will come.
    Ended,
    /// It cannot be read; says why.
    Failed(String),
}

impl Engine {
    /// What there is to see at `now`; `sources` is how the shell says they stand.
    #[must_use]
    pub fn snapshot(&self, now: Timestamp, sources: &[SourceView], behind_bytes: u64, lost_bytes: u64) -> Snapshot {
        let watched = self.watched.last();
        let judgement = watched.and_then(|watched| watched.judgement.as_ref());
        let said = self.said();
        let n_signatures = said.iter().filter(|said| said.assessment.signature.is_some()).count();
        let is_pinned = |said: &Said<'_>| {
            said.assessment.signature.and_then(|index| self.group(index)).is_some_and(|group| group.pinned)
        };
        let (pinned, others): (Vec<_>, Vec<_>) = said.into_iter().partition(is_pinned);
        let shown: Vec<Said<'_>> = pinned.into_iter().chain(others).take(ROWS).collect();
        let focus = self.focus.and_then(|id| self.lead_of(id));
        Snapshot {
            at: now,
            service: self.options.service.clone(),
            deploys: self.deploys.iter().rev().take(16).cloned().collect(),
            watch: watched.zip(judgement).map(|(watched, judgement)| WatchView {
                deploy: watched.watch.deploy().clone(),
                elapsed: judgement.elapsed,
                length: judgement.length,
                baseline_minutes: judgement.baseline_minutes,
                overall: judgement.overall.clone(),
                n_listed: judgement.n_listed(),
                n_below: judgement
                    .assessments
                    .iter()
                    .filter(|found| found.finding.is_some() && !self.matters(found))
                    .count(),
                silence: judgement.assessments.iter().find(|found| found.signature.is_none()).cloned(),
                earlier: self
                    .earlier_watches()
                    .map(|(earlier, found)| (earlier.watch.deploy().clone(), found.overall.clone()))
                    .collect(),
            }),
            more_rows: n_signatures.saturating_sub(shown.len()),
            rows: Arc::new(shown.into_iter().filter_map(|said| self.row(said, now)).collect()),
            focus: focus.and_then(|index| self.focus_view(index, now)),
            tail: Arc::new(self.tail(focus.filter(|_| !self.whole_tail))),
            undoable: self.groups.undoable(),
            incidents: self.incidents.iter().rev().cloned().collect(),
            intake: IntakeView { behind_bytes, lost_bytes, ..self.intake_view(now, sources) },
        }
    }

    /// More about one signature, with a chart that ends then; `None` when it is not known.
    #[must_use]
    pub fn focused(&self, id: SignatureId, end: Timestamp) -> Option<Focus> {
        self.focus_view(self.catalog.find(id)?, end)
    }

    /// The end of what charts show: now, or where the log ends when that is long past.
    pub(super) fn shown_until(&self, now: Timestamp) -> Minute {
        let now = now.minute();
        let newest = self.newest.filter(|newest| now.since(*newest) > self.options.quiet_minutes);
        newest.unwrap_or(now).plus(1)
    }

    fn row(&self, Said { assessment, by }: Said<'_>, now: Timestamp) -> Option<Row> {
        let index = assessment.signature?;
        let known = self.catalog.get(index)?;
        let joint = self.joint(index)?;
        let end = self.shown_until(now);
        let start = end.plus(-(SPARK_MINUTES as i32));
        Some(Row {
            id: known.id,
            template: self.title(index).to_owned(),
            group: self.group_view(index),
            level: joint.level,
            spark: self.judged().series(index, start..end),
            last: joint.last,
            is_judged: by.is_some(),
            watched: by.map(|(_, judgement)| judgement.elapsed),
            laid_to: by
                .filter(|(deploy, _)| self.watched.last().is_some_and(|newest| newest.watch.deploy().at != deploy.at))
                .map(|(deploy, _)| deploy.name().to_owned()),
            assessment,
        })
    }

    fn focus_view(&self, index: SignatureIndex, now: Timestamp) -> Option<Focus> {
        let known = self.catalog.get(index)?;
        let end = self.shown_until(now);
        let from = end.plus(-(CHART_MINUTES as i32));
        let example = self.newest_of(index);
        let text = example.as_ref().map_or(known.example.as_str(), |event| event.text.as_str());
        let limits = &self.options.limits;
        let explained = explain(text, limits, now);
        Some(Focus {
            id: known.id,
            from,
            per_minute: self.judged().series(index, from..end),
            baseline: self.watch_of(index).and_then(|watched| watched.watch.expected_per_minute(index)),
            strip: self.strip_of(index),
            example,
            header: explained.header,
            making: explained.making,
            rules: limits.overrides.version().to_owned(),
            example_text: known.example.clone(),
            explanation: self.explanation(index, self.title(index)),
            members: self.member_views(index, from, end),
        })
    }

    /// The newest lines, of one row or of everything.
    fn tail(&self, lead: Option<SignatureIndex>) -> Vec<TailLine> {
        let row = |line: &TailLine| self.row_of(line.event.signature.id);
        let lines = match lead.and_then(|lead| Some((lead, self.catalog.get(lead)?.id))) {
            None => self.memory.tail(),
            Some((lead, id)) => self.memory.tail_of(&self.groups.members(lead), |line| row(line) == id),
        };
        lines.into_iter().map(|line| TailLine { row: row(&line), ..line }).collect()
    }

    fn explanation(&self, index: SignatureIndex, template: &str) -> Explanation {
        let found = self.watch_of(index).and_then(|Watched { watch, judgement, .. }| {
            let judgement = judgement.as_ref()?;
            let its = judgement.assessments.iter().find(|it| it.signature == Some(index))?;
            let mut words = its.explanation(judgement);
            words.extend(self.why_no_traffic(watch.deploy().at).map(|why| ("traffic", why)));
            words.extend(its.finished.map(|finished| ("tasks", format!("those of `{}`", self.title(finished.kind)))));
            Some(words)
        });
        let mut found: Explanation = found.unwrap_or_default();
        if !found.is_empty() {
            let (class, told_by) = self.rules.class_of(template);
            let told_by = told_by.map_or_else(String::new, |text| format!(", told by “{text}” in it"));
            found.push(("class of failure", format!("{}{told_by}", class.word())));
        }
        found
    }

    fn intake_view(&self, now: Timestamp, sources: &[SourceView]) -> IntakeView {
        let mut view = self.intake.clone();
        view.losses = self.ended_losses;
        view.lines = self.ended_lines;
        for stream in self.streams.values() {
            view.losses.add(&stream.intake.losses());
            view.lines += stream.intake.lines();
        }
        view.lag = self.newest_event_at.map(|newest| now.since(newest));
        view.dropped_tasks = self.tasks.n_dropped();
        view.other_attributes = self.admission.n_other();
        view.no_traffic = self.watched.last().and_then(|newest| self.why_no_traffic(newest.watch.deploy().at));
        view.sources = sources.to_vec();
        view
    }
}
