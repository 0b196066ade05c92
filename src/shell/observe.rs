//! Drives the engine: feeds it from the sources, commits what it counts, tells it of deploys.
//!
//! Runs on a thread of its own, so that neither a slow disk nor a long history reaches the screen.
//! The screen and the headless watch use exactly this.

mod case;
mod deploys;
mod drive;
mod favor;
mod keeping;
mod siblings;

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Sender;

use crate::app::{Failure, FailureKind};
use crate::config::Config;
use crate::detect::Deploy;
use crate::detect::class::Rules;
use crate::detect::markers::Markers;
use crate::engine::{Engine, GroupAsk, Options, Progress, Snapshot, SourceState, SourceView, StreamKey, Traffic};
use crate::ingest::decode::READING;
use crate::ingest::{Limits, Resume};

use crate::shell::clock::Clock;
use crate::shell::git::read;
use crate::shell::settings::{self, Settings};
use crate::shell::source::{Cursor, Feed, SourceSpec, StreamId};
use crate::shell::store::{Batch, CountingLock, Store};
use crate::units::{Minute, SignatureId, Timestamp, TimestampError};

pub use case::Case;
use deploys::DeployWatch;
pub use drive::drive;
use favor::Favored;
use keeping::{Keeping, Pace};

/// Skipped files that are named; more are only counted.
const SKIPPED: usize = 20;

/// What the screen asks of the engine's thread.
#[derive(Debug)]
pub enum Ask {
    /// More of this signature in the next snapshots.
    Focus(Option<SignatureId>),
    /// Every line in the tail of the next snapshots, or those of the focus only.
    WholeTail(bool),
    /// What is to be explained, and the deploy it is laid to; answered on the channel.
    Case(SignatureId, Sender<Option<Case>>),
    /// A change of the groups.
    Group(GroupAsk),
    /// A remedy for this signature was executed; the deploy it made, if it made one.
    Remedied(SignatureId, Option<Deploy>),
}

/// The engine with its store, and everything that it must be told from outside.
#[derive(Debug)]
pub struct Observer {
    engine: Engine,
    keeping: Keeping,
    pace: Pace,
    /// Only one process may count a service's events at a time.
    _counting: CountingLock,
    cursors: HashMap<StreamKey, Cursor>,
    sources: Vec<SourceView>,
    behind_bytes: u64,
    lost_bytes: u64,
    /// Files that a source names and that are not read, with the reason.
    skipped: Vec<String>,
    n_skipped: u64,
    /// Cursors of streams that were opened or are gone, to be stored with the next commit. An opened one
    /// is stored before anything of it was read: where files were rotated, a younger one may be read
    /// first, and the older must be known after a kill.
    noted: Vec<Cursor>,
    caught_up: bool,
    deploys: DeployWatch,
    favored: Favored,
    /// The source whose events are the traffic.
    traffic_source: Option<String>,
    /// How much of the store's list of deploys was seen.
    deploys_seen: i64,
    clock: Clock,
}

/// What an observer starts with: the machine, and where reading resumes.
#[derive(Debug)]
pub struct Opened {
    /// The machine.
    pub observer: Observer,
    /// Where each known file was left.
    pub cursors: Vec<Cursor>,
    /// What could not be read of the store, as notices.
    pub notices: Vec<Failure>,
}

impl Observer {
    /// Opens the store and takes back what it knows.
    ///
    /// # Errors
    ///
    /// When the store cannot be opened or read, another watch counts the same service, or a
    /// configured pattern is no regular expression.
    pub fn open(settings: &mut Settings, specs: &[SourceSpec], clock: Clock) -> Result<Opened, Failure> {
        let mut store = open_store(settings)?;
        settings.settle_service(&known_services(&store)?);
        let counting = store.lock_counting(&settings.service).map_err(|error| error.failure())?;
        let limits = limits_of(settings)?;
        store.adopt(&settings.service, |known| known.resigned(&limits)).map_err(|error| error.failure())?;
        let loaded = store.load(&settings.service, always()).map_err(|error| error.failure())?;
        let today = |id: SignatureId| loaded.aliases.get(&id).copied().unwrap_or(id);
        let mut engine = Engine::new(engine_options(settings)?);
        engine.set_rules(Rules::new(settings.config.classes.value.clone()));
        engine.set_traffic(traffic_of(&settings.config, today));
        engine.define_groups(settings.config.groups.value.clone());
        engine.restore_decisions(loaded.decided);
        engine.restore_work(&loaded.work);
        let damaged = engine.restore(loaded.known, &loaded.minutes, loaded.deploys, loaded.incidents);
        let notices = damaged.iter().map(|error| {
            Failure::of(FailureKind::External, error, "It counts as not observed; nothing else is affected.")
        });
        // Without it, everything but triage and the way back works.
        let unreadable = settings.repo.as_deref().and_then(|path| read::open(path).err());
        let notices = notices.chain(unreadable.map(|error| error.failure())).collect();
        let observer = Self {
            engine,
            keeping: Keeping::new(store, settings.service.clone()),
            pace: Pace::default(),
            _counting: counting,
            cursors: HashMap::new(),
            sources: specs.iter().map(|spec| SourceView { name: spec.name(), state: SourceState::Waiting }).collect(),
            behind_bytes: 0,
            lost_bytes: 0,
            skipped: Vec::new(),
            n_skipped: 0,
            noted: Vec::new(),
            caught_up: false,
            deploys: DeployWatch::new(settings),
            favored: Favored::default(),
            traffic_source: match &settings.config.traffic.value {
                Some(Traffic::Source(name)) => Some(name.clone()),
                Some(Traffic::Signature(_) | Traffic::Field(_) | Traffic::Sum(_)) | None => None,
            },
            deploys_seen: 0,
            clock,
        };
        Ok(Opened { observer, cursors: loaded.cursors, notices })
    }

    /// Takes one piece of news from the sources.
    pub fn take(&mut self, feed: Feed) {
        match feed {
            Feed::Opened(stream, cursor) => {
                let key = key_of(stream);
                self.engine.open(key, progress_of(&cursor));
                if self.traffic_source.as_ref().is_some_and(|name| is_of_source(&cursor.path, name)) {
                    self.engine.carries_traffic(key);
                }
                if self.caught_up {
                    self.engine.caught_up();
                }
                self.noted.push(cursor.clone());
                self.cursors.insert(key, cursor);
            }
            Feed::Identified(stream, cursor) => {
                if let Some(known) = self.cursors.get_mut(&key_of(stream)) {
                    let Cursor { path, device, inode, fingerprint_bytes, fingerprint, .. } = cursor;
                    *known = Cursor { path, device, inode, fingerprint_bytes, fingerprint, ..known.clone() };
                }
            }
            Feed::Bytes(stream, bytes, at) => self.engine.push(key_of(stream), &bytes, at),
            Feed::Ended(stream) => self.engine.end(key_of(stream), self.clock.now()),
            Feed::State(index, state) => self.set_state(index, state),
            Feed::CaughtUp => {
                self.caught_up = true;
                self.engine.caught_up();
            }
            Feed::Behind(bytes) => self.behind_bytes = bytes,
            Feed::Lost(bytes) => self.lost_bytes += bytes,
            // Nobody who observes asks for it; what nobody reads is at least counted.
            Feed::Stretch(_, stretch, _) => self.lost_bytes += stretch.n_bytes(),
            Feed::Vanished(cursor) => self.noted.push(cursor),
            Feed::Skipped { path, why, .. } => self.skip(&path, &why),
        }
    }

    fn set_state(&mut self, index: usize, state: SourceState) {
        if let Some(source) = self.sources.get_mut(index) {
            source.state = state;
        }
        let failed = self.sources.iter().any(|source| matches!(source.state, SourceState::Failed(_)));
        self.engine.set_degraded(failed);
    }

    fn skip(&mut self, path: &Path, why: &str) {
        self.n_skipped += 1;
        if self.skipped.len() < SKIPPED {
            self.skipped.push(format!("{}: {why}", path.display()));
        }
    }

    /// Does what a second brings: flushes, looks for deploys, judges.
    pub fn beat(&mut self) {
        let now = self.clock.now();
        self.engine.expire(now);
        if self.caught_up {
            self.engine.observe(now);
        }
        for (revision, deploy) in self.keeping.deploys_since(self.deploys_seen, now) {
            self.deploys_seen = revision;
            let deploy = self.deploys.enrich(deploy, self.engine.deploys());
            self.engine.mark(deploy);
        }
        for deploy in self.deploys.poll(now, self.engine.deploys()) {
            self.engine.mark(deploy);
        }
        self.enrich_found();
        let newest = self.engine.deploys().last();
        let favored = self.favored.update(|| self.deploys.open(), newest, self.engine.catalog()).to_vec();
        self.engine.favor(&favored);
        self.engine.judge(now);
    }

    /// Counts what is still open and judges once more: who leaves waits for no more lines.
    pub fn settle(&mut self) {
        self.engine.expire_all(self.clock.now());
        self.beat();
    }

    /// Deploys found in log lines know no author and no revision before; the repository does.
    fn enrich_found(&mut self) {
        let bare = self.engine.deploys().iter().filter(|deploy| self.deploys.wants(deploy)).cloned();
        for deploy in bare.collect::<Vec<_>>() {
            let enriched = self.deploys.enrich(deploy, self.engine.deploys());
            self.engine.mark(enriched);
        }
    }

    /// Stores counts and read positions together, unless that was just done and took long and nothing happened since but
    /// more lines; or holds them until the store takes them again; the snapshot tells.
    pub fn keep(&mut self) {
        let began = Instant::now();
        if !self.pace.is_due(began) && !self.engine.has_pending_news() {
            return;
        }
        let batch = self.take_batch();
        self.keeping.keep(batch, self.clock.now());
        self.pace.note(began, Instant::now());
    }

    /// Why nothing can be stored now; `None` while the store takes everything.
    #[must_use]
    pub fn refusal(&self) -> Option<&Failure> {
        self.keeping.refusal()
    }

    /// Stores counts and read positions together.
    ///
    /// # Errors
    ///
    /// When the store refuses; nothing is stored then, and all is held.
    pub fn commit(&mut self) -> Result<(), Failure> {
        let batch = self.take_batch();
        self.keeping.commit(batch, self.clock.now())
    }

    /// What changed since the last call.
    fn take_batch(&mut self) -> Batch {
        let pending = self.engine.take_pending();
        let mut cursors = std::mem::take(&mut self.noted);
        for (key, progress) in pending.streams {
            let Some(cursor) = self.cursors.get_mut(&key) else { continue };
            let Resume { offset, mid_event, lead } = progress.at;
            (cursor.offset, cursor.mid_event, cursor.lead) = (offset, mid_event, lead);
            cursor.last_minute = progress.last_minute.map(Minute::number).or(cursor.last_minute);
            cursor.ended = progress.ended;
            cursors.push(cursor.clone());
            if progress.ended {
                self.cursors.remove(&key);
            }
        }
        Batch {
            notes: self.engine.notes(&pending.incidents, self.clock.now()),
            known: pending.known,
            minutes: pending.minutes,
            cursors,
            deploys: pending.deploys,
            incidents: pending.incidents,
            decided: pending.decided,
            work: pending.work,
        }
    }

    /// What there is to see now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = self.engine.snapshot(self.clock.now(), &self.sources, self.behind_bytes, self.lost_bytes);
        snapshot.intake.skipped.clone_from(&self.skipped);
        snapshot.intake.n_skipped = self.n_skipped;
        snapshot.intake.unsaved = self.keeping.unsaved();
        snapshot
    }

    /// The engine, for reports.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether every source was read to its end once.
    #[must_use]
    pub fn is_caught_up(&self) -> bool {
        self.caught_up
    }

    /// How each source stands.
    #[must_use]
    pub fn sources(&self) -> &[SourceView] {
        &self.sources
    }

    /// Takes a deploy from the command line.
    pub fn mark(&mut self, deploy: Deploy) {
        let deploy = self.deploys.enrich(deploy, self.engine.deploys());
        self.engine.mark(deploy);
    }

    /// Does what the screen asks.
    pub fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Focus(focus) => self.engine.set_focus(focus),
            Ask::WholeTail(whole) => self.engine.set_whole_tail(whole),
            Ask::Case(signature, answer) => {
                // Whoever asked may have gone; then nobody waits for the answer.
                let _ = answer.try_send(self.case(signature));
            }
            Ask::Group(ask) => {
                // When there is nothing to decide, the screen shows so: nothing changes.
                if self.engine.decide_group(ask, self.clock.now()) {
                    self.engine.judge(self.clock.now());
                }
            }
            Ask::Remedied(signature, deploy) => {
                self.engine.remedied(signature, self.clock.now());
                if let Some(deploy) = deploy {
                    self.mark(deploy);
                }
            }
        }
    }
}

/// Opens the store of a run.
///
/// # Errors
///
/// When it cannot be opened.
pub fn open_store(settings: &Settings) -> Result<Store, Failure> {
    let overrides = settings.config.overrides().map_err(|error| settings::failed(&error))?;
    let store = Store::open(&settings.store_path()).map_err(|error| error.failure())?;
    Ok(store.under(&format!("{}/{READING}", overrides.version())))
}

/// Names of the services that the store knows.
///
/// # Errors
///
/// When the store cannot be read.
pub fn known_services(store: &Store) -> Result<Vec<String>, Failure> {
    let services = store.services().map_err(|error| error.failure())?;
    Ok(services.into_iter().map(|service| service.name).collect())
}

/// The minutes of all time.
#[must_use]
pub fn always() -> Range<Minute> {
    Minute::from_number(i32::MIN)..Minute::from_number(i32::MAX)
}

/// What the engine is told at the start.
///
/// # Errors
///
/// When a configured pattern is no regular expression, or the zone is not known.
pub fn engine_options(settings: &Settings) -> Result<Options, Failure> {
    let config = &settings.config;
    let markers = Markers::new(&config.deploy_patterns.value)
        .map_err(|error| Failure::of(FailureKind::Config, &error, "Correct deploy.patterns in the configuration."))?;
    Ok(Options {
        service: settings.service.clone(),
        limits: limits_of(settings)?,
        settings: config.detect(),
        quiet_minutes: i32::try_from(config.quiet_minutes.value).unwrap_or(i32::MAX),
        markers,
    })
}

/// What counts the traffic; `today` is what an id of earlier rules is called now.
pub fn traffic_of(config: &Config, today: impl Fn(SignatureId) -> SignatureId) -> Option<Traffic> {
    config.traffic.value.clone().map(|traffic| match traffic {
        Traffic::Signature(id) => Traffic::Signature(today(id)),
        Traffic::Field(_) | Traffic::Sum(_) | Traffic::Source(_) => traffic,
    })
}

/// How lines are read under these settings.
///
/// # Errors
///
/// When the zone is not known, or an override of signatures cannot be used.
pub fn limits_of(settings: &Settings) -> Result<Limits, Failure> {
    let config = &settings.config;
    let zone = config.time_zone().map_err(|error| Failure::of(FailureKind::Config, &error, "Name one with --zone."))?;
    let overrides = Arc::new(config.overrides().map_err(|error| settings::failed(&error))?);
    Ok(Limits { zone, overrides, ..Limits::default() })
}

/// Whether a file is called so, or lies in a folder of that name.
fn is_of_source(path: &Path, name: &str) -> bool {
    path.ends_with(name) || path.ancestors().skip(1).any(|folder| folder.ends_with(name))
}

fn key_of(stream: StreamId) -> StreamKey {
    StreamKey(stream.0)
}

fn progress_of(cursor: &Cursor) -> Progress {
    Progress {
        at: Resume { offset: cursor.offset, mid_event: cursor.mid_event, lead: cursor.lead.clone() },
        // At the start of a file it is the file's own age, and says nothing of events.
        last_minute: cursor.last_minute.filter(|_| cursor.offset > 0).map(Minute::from_number),
        ended: cursor.ended,
    }
}

/// What the user named as sources.
///
/// # Errors
///
/// When one is empty, or a pattern that cannot be read.
pub fn specs_of(paths: &[PathBuf]) -> Result<Vec<SourceSpec>, Failure> {
    let specs = paths.iter().map(|path| SourceSpec::parse(path.as_os_str()));
    let unreadable =
        |error| Failure::of(FailureKind::User, &error, "Name log files, a folder, or - for standard input.");
    specs.collect::<Result<_, _>>().map_err(unreadable)
}

/// The version and the time that the deploy flag means: the time stands after the last `@`, else it is `now`. A time
/// alone names the deploy, too.
///
/// # Errors
///
/// When what follows the `@` is no time.
pub fn split_deploy(text: &str, now: Timestamp) -> Result<(String, Timestamp), Failure> {
    let time_alone = text.strip_prefix('@').unwrap_or(text);
    if let Ok(at) = time_alone.parse() {
        return Ok((time_alone.to_owned(), at));
    }
    let Some((version, time)) = text.rsplit_once('@') else { return Ok((text.to_owned(), now)) };
    let at = time.parse().map_err(|error: TimestampError| {
        Failure::of(FailureKind::User, &error, "Write --deploy v1.8.2@2026-11-24T10:15:00Z, or leave the time out.")
    })?;
    Ok((version.to_owned(), at))
}

#[cfg(test)]
mod tests;
