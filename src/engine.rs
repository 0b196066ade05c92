//! Ingest and detection as one machine without I/O.
//!
//! Input: bytes of streams, deploy markers, the time. Output: [`Snapshot`]s for the screen and the
//! headless report, and [`Pending`] changes for the store.
//!
//! Pure. Whoever drives it reads the files, the clock and the store (`shell::observe` does), and
//! decides when to commit: what [`Engine::take_pending`] returns must be stored in one transaction,
//! because counts and read positions are only right together.

mod admission;
mod grouping;
mod judging;
mod listed;
mod memory;
mod notes;
mod outcome;
mod snapshot;
mod traffic;
mod unjudged;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::detect::class::{Class, Rules};
use crate::detect::counts::{Coverage, PackedError, PackedMinute};
use crate::detect::groups::{Decided, Groups};
use crate::detect::markers::Markers;
use crate::detect::tasks::Kept;
use crate::detect::{
    Assessment, Catalog, Counts, Deploy, Incident, Known, Origin, Settings, SignatureIndex, Tasks, Versions,
};
use crate::ingest::{Event, Intake, Limits, Losses, Resume, correlation, version};
use crate::units::{Minute, SignatureId, Timestamp};

use admission::Admission;
pub use grouping::GroupAsk;
use judging::Watched;
use memory::Memory;
pub use notes::{Note, Noted, NotedRecovery};
pub use outcome::Outcome;
pub use snapshot::{
    CHART_MINUTES, Focus, GroupView, IntakeView, MemberView, ROWS, Row, SPARK_MINUTES, Snapshot, SourceState,
    SourceView, TailLine, Unsaved, WatchView,
};
pub use traffic::{Traffic, TrafficError};

/// Names one stream of bytes within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKey(pub u32);

/// Minutes that are kept in memory and in the store, counted back from the newest: five weeks.
pub const RETENTION_MINUTES: i32 = 35 * 24 * 60;

/// How far ahead of the clock an event's own time may be before it is not believed.
const FUTURE_TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// What an engine is told once.
#[derive(Debug)]
pub struct Options {
    /// The service whose logs it reads.
    pub service: String,
    /// Bounds of each stream.
    pub limits: Limits,
    /// How deploys are judged.
    pub settings: Settings,
    /// Minutes without a line after which a stream counts as not observed.
    pub quiet_minutes: i32,
    /// What recognizes deploys in log lines.
    pub markers: Markers,
}

/// How far a stream was counted: what a store keeps beside its identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Where reading resumes, and what it must know there.
    pub at: Resume,
    /// Minute of the stream's last event.
    pub last_minute: Option<Minute>,
    /// Whether it was read to its end and will not grow.
    pub ended: bool,
}

/// What changed since the store last heard; to be stored in one transaction.
#[derive(Debug, Default)]
pub struct Pending {
    /// Signatures that are new, or of which more is known.
    pub known: Vec<(SignatureIndex, Known)>,
    /// Minutes whose counts or coverage changed, whole.
    pub minutes: Vec<PackedMinute>,
    /// Streams that were read further.
    pub streams: Vec<(StreamKey, Progress)>,
    /// Deploys found in log lines.
    pub deploys: Vec<Deploy>,
    /// Incidents that changed.
    pub incidents: Vec<Incident>,
    /// What was decided about groups.
    pub decided: Vec<Decided>,
    /// What changed of work.
    pub work: Vec<Kept>,
}

impl Pending {
    /// Whether there is nothing to store.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
            && self.minutes.is_empty()
            && self.streams.is_empty()
            && self.deploys.is_empty()
            && self.incidents.is_empty()
            && self.decided.is_empty()
            && self.work.is_empty()
    }
}

#[derive(Debug)]
struct Stream {
    intake: Intake,
    place: Place,
    ended: bool,
    stored: Option<Progress>,
}

/// Where a stream is in time.
#[derive(Clone, Copy, Debug)]
struct Place {
    last_minute: Option<Minute>,
    /// Whether its end was reached, so that what comes now happens now.
    live: bool,
}

impl Stream {
    fn progress(&self) -> Progress {
        Progress { at: self.intake.resume(), last_minute: self.place.last_minute, ended: self.ended }
    }
}

/// The machine.
#[derive(Debug)]
pub struct Engine {
    options: Options,
    streams: BTreeMap<StreamKey, Stream>,
    catalog: Catalog,
    counts: Counts,
    admission: Admission,
    groups: Groups,
    /// The counts with those of a group under its lead; `None` while every signature stands for itself.
    grouped: Option<Counts>,
    tasks: Tasks,
    versions: Versions,
    memory: Memory,
    rules: Rules,
    traffic: Option<Traffic>,
    traffic_streams: BTreeSet<StreamKey>,
    deploys: Vec<Deploy>,
    new_deploys: Vec<Deploy>,
    watched: Vec<Watched>,
    /// Signatures on which the newest judgement says nothing.
    unjudged: Vec<Assessment>,
    incidents: Vec<Incident>,
    changed_incidents: Vec<u64>,
    newest: Option<Minute>,
    newest_event_at: Option<Timestamp>,
    degraded: bool,
    focus: Option<SignatureId>,
    whole_tail: bool,
    intake: IntakeView,
    ended_losses: Losses,
    ended_lines: u64,
}

impl Engine {
    /// Starts with nothing known.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let admission = Admission::new(Arc::clone(&options.limits.overrides));
        Self {
            options,
            streams: BTreeMap::new(),
            catalog: Catalog::default(),
            counts: Counts::default(),
            admission,
            groups: Groups::default(),
            grouped: None,
            tasks: Tasks::default(),
            versions: Versions::default(),
            memory: Memory::default(),
            rules: Rules::default(),
            traffic: None,
            traffic_streams: BTreeSet::new(),
            deploys: Vec::new(),
            new_deploys: Vec::new(),
            watched: Vec::new(),
            unjudged: Vec::new(),
            incidents: Vec::new(),
            changed_incidents: Vec::new(),
            newest: None,
            newest_event_at: None,
            degraded: false,
            focus: None,
            whole_tail: false,
            intake: IntakeView::default(),
            ended_losses: Losses::default(),
            ended_lines: 0,
        }
    }

    /// Takes back what a store kept; returns the minutes that could not be read.
    pub fn restore(
        &mut self,
        known: Vec<Known>,
        minutes: &[PackedMinute],
        deploys: Vec<Deploy>,
        incidents: Vec<Incident>,
    ) -> Vec<PackedError> {
        for signature in known {
            self.admission.restore(&signature, &self.options.limits);
            self.catalog.restore(signature);
        }
        self.take_in_groups();
        let damaged = minutes.iter().filter_map(|minute| self.counts.restore(minute).err()).collect();
        self.newest = self.counts.span().map(|(_, newest)| newest);
        self.incidents = incidents;
        for deploy in deploys {
            self.mark(deploy);
        }
        self.new_deploys.clear();
        damaged
    }

    /// Takes back what a store kept of work.
    pub fn restore_work(&mut self, kept: &[Kept]) {
        self.tasks.restore(kept);
    }

    /// Begins a stream where a store left it, or at its start.
    pub fn open(&mut self, key: StreamKey, from: Progress) {
        let intake = Intake::new(self.options.limits.clone(), &from.at);
        let place = Place { last_minute: from.last_minute, live: false };
        self.streams.insert(key, Stream { intake, place, ended: false, stored: Some(from) });
    }

    /// Takes the next bytes of a stream, received at `now`; an unknown stream begins at its start.
    pub fn push(&mut self, key: StreamKey, bytes: &[u8], now: Timestamp) {
        self.intake.bytes += bytes.len() as u64;
        self.with_stream(key, now, |intake, mut sink| intake.push(bytes, now, &mut sink));
    }

    /// Notes that a stream was read to its end for now: what it says from here on happens now.
    pub fn caught_up(&mut self) {
        for stream in self.streams.values_mut() {
            stream.place.live = true;
        }
    }

    /// Ends a stream: its open event is counted, and nothing more will come.
    pub fn end(&mut self, key: StreamKey, now: Timestamp) {
        self.with_stream(key, now, |intake, mut sink| intake.finish(&mut sink));
        if let Some(stream) = self.streams.get_mut(&key) {
            stream.ended = true;
            self.tasks.end(key.0);
        }
    }

    /// When [`expire`](Self::expire) must be called even if nothing comes.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        self.streams.values().filter(|stream| !stream.ended).filter_map(|stream| stream.intake.deadline()).min()
    }

    /// Counts the open events whose time to wait for more lines is over.
    pub fn expire(&mut self, now: Timestamp) {
        self.expire_until(now, now);
    }

    /// Counts every open event: who leaves now waits for no more lines.
    pub fn expire_all(&mut self, now: Timestamp) {
        self.expire_until(Timestamp::from_seconds(i64::MAX), now);
    }

    fn expire_until(&mut self, until: Timestamp, now: Timestamp) {
        let is_due = |stream: &Stream| stream.intake.deadline().is_some_and(|deadline| deadline <= until);
        let due: Vec<StreamKey> =
            self.streams.iter().filter(|(_, stream)| is_due(stream)).map(|(key, _)| *key).collect();
        for key in due {
            self.with_stream(key, now, |intake, mut sink| intake.expire(until, &mut sink));
        }
    }

    /// Notes that the followed streams were observed up to `now`, also those that said nothing.
    pub fn observe(&mut self, now: Timestamp) {
        let end = now.minute().plus(1);
        let coverage = if self.degraded { Coverage::Partial } else { Coverage::Complete };
        for stream in self.streams.values().filter(|stream| stream.place.live && !stream.ended) {
            let Some(last) = stream.place.last_minute else { continue };
            if (0..=self.options.quiet_minutes).contains(&end.since(last)) {
                self.counts.observe(last..end, coverage);
                self.grouped.iter_mut().for_each(|grouped| grouped.observe(last..end, coverage));
            }
        }
    }

    /// What sort of failure a signature with this template is.
    #[must_use]
    pub fn class_of(&self, template: &str) -> Class {
        self.rules.class_of(template).0
    }

    /// Takes a user's own rules of what sort of failure a signature is; they go before the built-in ones.
    pub fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// Notes whether some source is known to be missing: minutes are then lower bounds.
    pub fn set_degraded(&mut self, degraded: bool) {
        self.degraded = degraded;
    }

    /// Takes a deploy marker from outside the logs; opens a watch. Known ones are merged.
    pub fn mark(&mut self, deploy: Deploy) {
        if crate::detect::deploy::merge(&mut self.deploys, deploy) {
            self.rewatch();
        }
    }

    /// The deploys known, oldest first.
    #[must_use]
    pub fn deploys(&self) -> &[Deploy] {
        &self.deploys
    }

    /// Asks for more of this signature in the next snapshots.
    pub fn set_focus(&mut self, focus: Option<SignatureId>) {
        self.focus = focus;
    }

    /// Asks for every line in the tail of the next snapshots, or for those of the focus only.
    pub fn set_whole_tail(&mut self, whole: bool) {
        self.whole_tail = whole;
    }

    /// The newest event of a signature, or of the group that it is in, in this run.
    #[must_use]
    pub fn newest_event(&self, signature: SignatureId) -> Option<Arc<Event>> {
        self.newest_of(self.lead_of(signature)?)
    }

    /// What is known of every signature, in order of index.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// How often each occurred, minute by minute.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Whether a deploy or an incident changed since [`take_pending`](Self::take_pending): that is to be stored at once,
    /// because what is done about it is told by the time of its record.
    #[must_use]
    pub fn has_pending_news(&self) -> bool {
        !self.new_deploys.is_empty() || !self.changed_incidents.is_empty()
    }

    /// Takes what changed since the last call; it must be stored in one transaction.
    pub fn take_pending(&mut self) -> Pending {
        let known = self.catalog.take_changed();
        let known = known.into_iter().filter_map(|index| Some((index, self.catalog.get(index)?.clone()))).collect();
        let mut streams = Vec::new();
        for (key, stream) in &mut self.streams {
            let progress = stream.progress();
            if stream.stored.as_ref() != Some(&progress) {
                stream.stored = Some(progress.clone());
                streams.push((*key, progress));
            }
        }
        self.forget_ended();
        let changed = std::mem::take(&mut self.changed_incidents);
        Pending {
            known,
            minutes: self.counts.take_dirty(),
            streams,
            deploys: std::mem::take(&mut self.new_deploys),
            incidents: self.incidents.iter().filter(|incident| changed.contains(&incident.id)).cloned().collect(),
            decided: self.groups.take_pending(),
            work: self.tasks.take_kept(),
        }
    }

    fn forget_ended(&mut self) {
        for stream in self.streams.values().filter(|stream| stream.ended) {
            self.ended_losses.add(&stream.intake.losses());
            self.ended_lines += stream.intake.lines();
        }
        self.streams.retain(|_, stream| !stream.ended);
    }

    fn with_stream(&mut self, key: StreamKey, now: Timestamp, feed: impl FnOnce(&mut Intake, &mut dyn FnMut(Event))) {
        let Some(mut stream) = self.streams.remove(&key) else { return };
        let Stream { intake, place, .. } = &mut stream;
        feed(intake, &mut |event| self.take_event(key, place, event, now));
        self.streams.insert(key, stream);
    }

    fn take_event(&mut self, key: StreamKey, place: &mut Place, mut event: Event, now: Timestamp) {
        self.intake.events += 1;
        let Some(at) = self.date(*place, &event, now) else {
            self.intake.undated += 1;
            return;
        };
        let minute = at.minute();
        if self.newest.is_some_and(|newest| newest.since(minute) > RETENTION_MINUTES) {
            self.intake.too_old += 1;
            return;
        }
        self.newest = self.newest.max(Some(minute));
        self.newest_event_at = self.newest_event_at.max(Some(at));
        self.admission.admit(&mut event, &self.catalog);
        let index = self.catalog.note(&event.signature, event.level, at, &event.text);
        let lead = self.count(minute, index, 1);
        self.count_traffic(key, &event, at);
        match correlation(&event) {
            Some(work) => self.tasks.note(key.0, work, lead, at),
            None => self.tasks.read(key.0, at),
        }
        if let Some(version) = version(&event) {
            self.versions.note(version, lead, at);
        }
        self.cover(place, minute);
        if let Some(marker) = self.options.markers.observe(&event, at) {
            self.mark_from_log(marker, at);
        }
        self.memory.keep(index, at, event);
    }

    /// When the event happened; `None` when that cannot be known.
    fn date(&mut self, place: Place, event: &Event, now: Timestamp) -> Option<Timestamp> {
        match event.time {
            Some(time) if time > now.after(FUTURE_TOLERANCE) => {
                self.intake.from_future += 1;
                Some(now)
            }
            Some(time) => Some(time),
            None if place.live => Some(now),
            None => place.last_minute.map(Minute::start),
        }
    }

    /// A stream is continuous: what lies between two of its events was observed, unless it is too long.
    fn cover(&mut self, place: &mut Place, minute: Minute) {
        let from = match place.last_minute {
            Some(last) if (0..=self.options.quiet_minutes).contains(&minute.since(last)) => last,
            Some(_) | None => minute,
        };
        for counts in std::iter::once(&mut self.counts).chain(&mut self.grouped) {
            counts.observe(from..minute.plus(1), Coverage::Complete);
        }
        place.last_minute = place.last_minute.max(Some(minute));
    }

    fn mark_from_log(&mut self, marker: crate::detect::markers::Marker, at: Timestamp) {
        let deploy = Deploy {
            at,
            service: self.options.service.clone(),
            version: marker.version,
            revision: marker.revision,
            previous: None,
            author: None,
            subject: None,
            origin: Origin::Log,
        };
        self.new_deploys.push(deploy.clone());
        self.mark(deploy);
    }
}

#[cfg(test)]
mod tests;
