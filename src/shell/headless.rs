//! Watches without a screen: the same engine, its findings as lines, its verdict as an exit status.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use crate::app::{Failure, FailureKind};
use crate::detect::{Assessment, Deploy, Finding, Judgement, Kind, SignatureIndex, Tier};
use crate::engine::{Outcome, SourceState, SourceView};
use crate::shell;
use crate::shell::auto::Auto;
use crate::shell::cli::FailOn;
use crate::shell::clock::Clock;
use crate::shell::observe::Observer;
use crate::shell::report::{GroupOf, Report};
use crate::shell::source::Feed;
use crate::units::{SignatureId, Timestamp};

/// How a headless watch runs.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Which findings make it fail.
    pub fail_on: FailOn,
    /// Whether to leave once everything that is there was read.
    pub once: bool,
    /// Whether standard input is among the sources: nobody can tell whether it has been read to its end
    /// until it ends, or pauses.
    pub reads_input: bool,
}

/// Real time between two judgements.
const BEAT: Duration = Duration::from_secs(1);

/// Real time without a byte after which standard input is taken to have given what it had.
const PAUSE: Duration = Duration::from_secs(1);

/// Judges until the newest deploy's watch is over, the feed ends, or it is told to stop.
///
/// # Errors
///
/// When the store does not take what was counted, which is told behind the verdict, nothing can be written, or what goes
/// back by itself cannot be recorded.
pub fn watch(
    observer: &mut Observer,
    feed: &Receiver<Feed>,
    clock: &Clock,
    stop: &Arc<AtomicBool>,
    options: Options,
    mut auto: Option<Auto>,
    report: &mut Report<impl Write>,
) -> Result<Outcome, Failure> {
    let mut said = Said::default();
    if let Some(auto) = &auto {
        auto.begin(report, clock.now())?;
    }
    let mut next_beat = Instant::now() + BEAT;
    let mut ended = false;
    let mut fed_at = None;
    while !ended && !stop.load(Ordering::Relaxed) {
        match feed.recv_timeout(next_beat.saturating_duration_since(Instant::now())) {
            Ok(news) => {
                let first_sight = matches!(news, Feed::CaughtUp);
                if matches!(news, Feed::Bytes(..)) {
                    fed_at = Some(Instant::now());
                }
                observer.take(news);
                if !first_sight && Instant::now() < next_beat {
                    continue;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => ended = true,
        }
        next_beat = Instant::now() + BEAT;
        observer.beat();
        let pauses = fed_at.is_some_and(|at| at.elapsed() >= PAUSE);
        let has_read = options.once || !options.reads_input || pauses;
        let is_done = observer.is_caught_up() && has_read && (options.once || observer.engine().is_over());
        if is_done || ended {
            // What is said below counts the last lines, too.
            observer.settle();
        }
        observer.keep();
        said.refusal(observer.refusal());
        if observer.is_caught_up() || ended {
            said.sources(observer.sources());
            said.findings(observer, report, clock.now())?;
            if let Some(auto) = &mut auto {
                auto.beat(observer, clock, stop, report)?;
            }
        }
        if is_done {
            break;
        }
    }
    let stored = observer.commit();
    let outcome = observer.engine().outcome(options.fail_on.tier());
    report.verdict(observer, &outcome, clock.now())?;
    report.summary(observer, clock.now())?;
    stored.map(|()| outcome)
}

/// What was already reported, so that each finding is said once for each tier.
#[derive(Debug, Default)]
struct Said {
    deploys: Vec<Deploy>,
    is_refused: bool,
    sources: HashSet<usize>,
    findings: HashMap<(Timestamp, Option<SignatureId>, Kind), Tier>,
}

impl Said {
    /// Says once that the store begins to refuse what is counted.
    fn refusal(&mut self, refusal: Option<&Failure>) {
        refusal.filter(|_| !self.is_refused).into_iter().for_each(shell::tell);
        self.is_refused = refusal.is_some();
    }

    /// Says once of each source that it is not there or cannot be read.
    fn sources(&mut self, sources: &[SourceView]) {
        for (index, SourceView { name, state }) in sources.iter().enumerate() {
            let (what, hint, cause) = match state {
                SourceState::Waiting => (format!("{name} is not there"), "It is read when it appears.", None),
                SourceState::Failed(why) => {
                    (format!("{name} cannot be read"), "Check its path and permissions.", Some(why.clone()))
                }
                SourceState::Reading(..) | SourceState::Following | SourceState::Ended => continue,
            };
            if self.sources.insert(index) {
                let mut failure = Failure::new(FailureKind::User, what, hint);
                failure.causes.extend(cause);
                shell::tell(&failure);
            }
        }
    }

    fn findings(
        &mut self,
        observer: &Observer,
        report: &mut Report<impl Write>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        for (deploy, judgement) in observer.engine().judgements() {
            if !self.deploys.iter().any(|known| known.at == deploy.at && known.version == deploy.version) {
                report.deploy(deploy)?;
                self.deploys.push(deploy.clone());
            }
            for assessment in &judgement.assessments {
                self.finding(observer, report, (deploy, judgement, assessment), now)?;
            }
        }
        Ok(())
    }

    fn finding(
        &mut self,
        observer: &Observer,
        report: &mut Report<impl Write>,
        (deploy, judgement, assessment): (&Deploy, &Judgement, &Assessment),
        now: Timestamp,
    ) -> Result<(), Failure> {
        let Some(Finding { kind, tier }) = assessment.finding else { return Ok(()) };
        let engine = observer.engine();
        let known = assessment.signature.and_then(|index| engine.catalog().get(index));
        let key = (deploy.at, known.map(|known| known.id), kind);
        if self.findings.get(&key).is_some_and(|said| *said >= tier) {
            return Ok(());
        }
        self.findings.insert(key, tier);
        let class = assessment.signature.map(|lead| engine.class_of(engine.title(lead)));
        let id_of = |index: &SignatureIndex| engine.catalog().get(*index).map(|known| known.id);
        let group = assessment
            .signature
            .and_then(|lead| engine.group(lead))
            .map(|group| GroupOf { name: &group.name, signatures: group.members.iter().filter_map(id_of).collect() });
        report.finding((deploy, judgement), (known, class, group), assessment, now)
    }
}

/// Standard output, locked for the whole run.
pub fn standard_output() -> io::StdoutLock<'static> {
    io::stdout().lock()
}
