//! Lets a headless watch go back by itself, where somebody allowed exactly that in the settings.
//!
//! Input: what the watch finds, and word from whoever stops it. Output: lines of the report, entries of the
//! audit record, and at most one execution a deploy, through the same executor as everything else.
//!
//! Decides nothing: `remedy::standing` says whether all conditions hold and for how long they must.

mod find;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{Failure, FailureKind};
use crate::remedy::standing::{Act, Countdown, Standing};
use crate::remedy::{Approved, audit};
use crate::shell::audit::AuditLog;
use crate::shell::clock::Clock;
use crate::shell::execute::{self, Executor, Mode};
use crate::shell::observe::{Ask, Observer};
use crate::shell::report::Report;
use crate::shell::watch::Run;
use crate::shell::watch::work::{execute_failed, line_of, rule_of};
use crate::units::{SignatureId, Timestamp};

use find::stop_file;
pub use find::{Finder, Settled, standing_of};

/// A headless watch that may go back by itself.
#[derive(Debug)]
pub struct Auto {
    countdown: Countdown,
    settings: execute::Settings,
    finder: Finder,
}

/// Leaves word that the countdown of a service's watch be stopped; returns where.
///
/// # Errors
///
/// When the state folder cannot be written.
pub fn ask_to_stop(state: &Path, service: &str, by: &str) -> Result<PathBuf, Failure> {
    let path = stop_file(state, service);
    let written = std::fs::create_dir_all(state).and_then(|()| std::fs::write(&path, by));
    let hint = "Check the state folder; the watch also stops with Ctrl-C.";
    written.map_err(|error| Failure::of(FailureKind::External, &error, hint))?;
    Ok(path)
}

impl Auto {
    /// Prepares it, where the settings say so.
    ///
    /// # Errors
    ///
    /// When it is to go back but there is no repository, or the person is not named as one.
    pub fn of(run: &Run) -> Result<Option<Self>, Failure> {
        let Some(standing) = standing_of(run)? else { return Ok(None) };
        let Some(finder) = Finder::new(run, &standing) else { return Ok(None) };
        let config = &run.settings.config;
        let seconds = u64::from(config.deploy_command_seconds.value);
        let settings = execute::Settings {
            takes_work_tree: false,
            repo: finder.repo().to_owned(),
            target_branch: config.follow.value.clone(),
            checkouts: run.settings.state.join("checkouts"),
            audit: AuditLog::at(run.settings.audit_path()),
            limits: execute::Limits { time: Duration::from_secs(seconds), ..execute::Limits::default() },
            approval: rule_of(&config.remedy),
            own_program: execute::own_program(),
        };
        Ok(Some(Self { countdown: Countdown::new(standing), settings, finder }))
    }

    /// Records who allows what, and says it.
    ///
    /// # Errors
    ///
    /// When it cannot be recorded or said; then nothing goes back by itself.
    pub fn begin(&self, report: &mut Report<impl Write>, now: Timestamp) -> Result<(), Failure> {
        let standing = self.countdown.standing();
        let detail = allowed(standing);
        self.record(audit::STANDING, detail.clone(), now)?;
        let words = format!("{} ({})", standing.conditions(), execute::actor(&standing.person));
        report.auto_rollback("standing", &words, &detail, now)
    }

    /// Looks at what is found, and does what follows.
    ///
    /// # Errors
    ///
    /// When it cannot be recorded or said, or the execution fails.
    pub fn beat(
        &mut self,
        observer: &mut Observer,
        clock: &Clock,
        stop: &AtomicBool,
        report: &mut Report<impl Write>,
    ) -> Result<(), Failure> {
        let now = clock.now();
        if let Some(by) = self.finder.word_to_stop()
            && let Some(act) = self.countdown.stop(&by)
        {
            self.act(act, None, observer, (clock, stop), report)?;
        }
        self.finder.settled().set(self.countdown.settled());
        let is_due = self.countdown.until().is_some_and(|until| until <= now);
        let Some((found, signature)) = self.finder.look(observer, is_due) else { return Ok(()) };
        match self.countdown.observe(now, &found) {
            Some(act) => self.act(act, signature, observer, (clock, stop), report),
            None => Ok(()),
        }
    }

    fn act(
        &self,
        act: Act,
        signature: Option<SignatureId>,
        observer: &mut Observer,
        (clock, stop): (&Clock, &AtomicBool),
        report: &mut Report<impl Write>,
    ) -> Result<(), Failure> {
        let now = clock.now();
        let detail = recorded(&act).map(|(action, detail)| self.record(action, detail.clone(), now).map(|()| detail));
        let detail = detail.transpose()?.unwrap_or_default();
        match act {
            Act::Announce(digest, until) => {
                let words = format!("{digest} will be done at {until}; `aftercare stop` stops it");
                report.auto_rollback("counting", &words, &detail, now)
            }
            Act::CallOff(lapse) => {
                report.auto_rollback("called_off", &format!("called off: {}", lapse.words()), &detail, now)
            }
            Act::Stopped(by) => report.auto_rollback("stopped", &format!("stopped by {by}"), &detail, now),
            Act::Execute(approved) => self.execute(&approved, signature, observer, (clock, stop), report),
        }
    }

    fn execute(
        &self,
        approved: &Approved,
        signature: Option<SignatureId>,
        observer: &mut Observer,
        (clock, stop): (&Clock, &AtomicBool),
        report: &mut Report<impl Write>,
    ) -> Result<(), Failure> {
        let executor = Executor::new(Mode::Armed, self.settings.clone()).map_err(|error| execute_failed(&error))?;
        let mut said = Ok(());
        let mut tell = |progress| {
            if let Some(line) = line_of(&progress)
                && said.is_ok()
            {
                said = report.auto_rollback("line", &line, &json!({}), clock.now());
            }
        };
        let outcome = executor.execute(approved, &|| clock.now(), stop, &mut tell);
        said?;
        let outcome = outcome.map_err(|error| execute_failed(&error))?;
        let (digest, commit) = (approved.digest().to_string(), outcome.committed.commit.clone());
        let detail = json!({"digest": digest, "commit": commit, "branch": outcome.committed.branch, "succeeded": outcome.succeeded()});
        report.auto_rollback("done", &outcome.sentences().join(" "), &detail, clock.now())?;
        if let Some(signature) = signature.filter(|_| outcome.succeeded()) {
            let deploy = (!outcome.ran.is_empty()).then(|| approved.deploy(&commit, clock.now()));
            observer.answer(Ask::Remedied(signature, deploy));
        }
        Ok(())
    }

    fn record(&self, action: &str, detail: Value, now: Timestamp) -> Result<(), Failure> {
        let actor = execute::actor(&self.countdown.standing().person);
        let written = self.settings.audit.append(now, &actor, action, detail);
        written.map(drop).map_err(|error| execute_failed(&error.into()))
    }
}

/// What the record says of something that was decided; an execution records itself.
pub(in crate::shell) fn recorded(act: &Act) -> Option<(&'static str, Value)> {
    match act {
        Act::Announce(digest, until) => Some((audit::ANNOUNCED, json!({"digest": digest.to_string(), "until": until}))),
        Act::CallOff(lapse) => Some((audit::CALLED_OFF, json!({"why": lapse.words()}))),
        Act::Stopped(by) => Some((audit::CALLED_OFF, json!({"by": by}))),
        Act::Execute(_) => None,
    }
}

/// What the record says of what is allowed beforehand.
pub(in crate::shell) fn allowed(standing: &Standing) -> Value {
    json!({"conditions": standing.conditions(), "digest": standing.digest().to_string()})
}
