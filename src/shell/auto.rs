//! Lets a headless watch go back by itself, where somebody allowed exactly that in the settings.
//!
//! Input: what the watch finds, and word from whoever stops it. Output: lines of the report, entries of the
//! audit record, and at most one execution a deploy, through the same executor as everything else.
//!
//! Decides nothing: `remedy::standing` says whether all conditions hold and for how long they must.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::app::{Failure, FailureKind};
use crate::config::Config;
use crate::detect::{Deploy, Judgement, Kind, Origin, Tier};
use crate::remedy::standing::{Act, Countdown, Found, Standing};
use crate::remedy::{Approved, Plan, Scope, audit};
use crate::shell::audit::AuditLog;
use crate::shell::clock::Clock;
use crate::shell::execute::{self, Executor, Mode};
use crate::shell::forge;
use crate::shell::git::read::{self, Range};
use crate::shell::git::revert;
use crate::shell::observe::{Ask, Observer};
use crate::shell::report::Report;
use crate::shell::settings::parse_person;
use crate::shell::watch::Run;
use crate::shell::watch::work::{execute_failed, line_of, rule_of};
use crate::triage::Confidence;
use crate::units::{SignatureId, Timestamp};

/// Confirmed signatures that are laid to changes at a beat.
const MOST_SIGNATURES: usize = 5;

/// Real time after which a plan is made anew, to see whether it still is the same.
const PLAN_AGE: Duration = Duration::from_secs(5);

/// Longest word of who stops it, in bytes.
const LONGEST_NAME: u64 = 400;

/// A headless watch that may go back by itself.
#[derive(Debug)]
pub struct Auto {
    countdown: Countdown,
    settings: execute::Settings,
    config: Config,
    stop_file: PathBuf,
    /// What triage said of a signature after a deploy.
    caused: HashMap<(SignatureId, Timestamp), Option<Confidence>>,
    plan: Option<(Timestamp, Instant, Option<Plan>)>,
    /// Why, by the deploy; the same for as long as it is counted down to.
    reason: Option<(Timestamp, String)>,
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

fn stop_file(state: &Path, service: &str) -> PathBuf {
    // The name of a service may hold anything; its bytes in hexadecimal digits cannot leave the folder.
    let name: String = service.bytes().take(80).map(|byte| format!("{byte:02x}")).collect();
    state.join(format!("stop-{name}"))
}

impl Auto {
    /// Prepares it, where the settings say so.
    ///
    /// # Errors
    ///
    /// When it is to go back but there is no repository, or the person is not named as one.
    pub fn of(run: &Run) -> Result<Option<Self>, Failure> {
        let config = &run.settings.config;
        let Some(person) = config.remedy.auto_person.value.as_deref().filter(|_| config.remedy.auto_enabled.value)
        else {
            return Ok(None);
        };
        if run.read_only {
            return Ok(None);
        }
        let person = parse_person(person).map_err(|failure| Failure { kind: FailureKind::Config, ..failure })?;
        let none = || {
            Failure::new(
                FailureKind::Config,
                "auto_rollback is enabled, and no repository is known",
                "Name it with --repo DIR.",
            )
        };
        let standing = Standing {
            service: run.settings.service.clone(),
            person,
            countdown: Duration::from_secs(u64::from(config.remedy.auto_countdown_seconds.value)),
        };
        let seconds = u64::from(config.deploy_command_seconds.value);
        let settings = execute::Settings {
            repo: run.repo().ok_or_else(none)?,
            target_branch: config.follow.value.clone(),
            checkouts: run.settings.state.join("checkouts"),
            audit: AuditLog::at(run.settings.audit_path()),
            limits: execute::Limits { time: Duration::from_secs(seconds), ..execute::Limits::default() },
            approval: rule_of(&config.remedy),
            own_program: execute::own_program(),
        };
        let stop_file = stop_file(&run.settings.state, &run.settings.service);
        // Word that was left for an earlier watch is not for this one.
        let _ = std::fs::remove_file(&stop_file);
        Ok(Some(Self {
            countdown: Countdown::new(standing),
            settings,
            config: config.clone(),
            stop_file,
            caused: HashMap::new(),
            plan: None,
            reason: None,
        }))
    }

    /// Records who allows what, and says it.
    ///
    /// # Errors
    ///
    /// When it cannot be recorded or said; then nothing goes back by itself.
    pub fn begin(&self, report: &mut Report<impl Write>, now: Timestamp) -> Result<(), Failure> {
        let standing = self.countdown.standing();
        let detail = json!({"conditions": standing.conditions(), "digest": standing.digest().to_string()});
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
        if let Some(by) = self.word_to_stop()
            && let Some(act) = self.countdown.stop(&by)
        {
            self.act(act, None, observer, (clock, stop), report)?;
        }
        let newest =
            observer.engine().judgements().last().map(|(deploy, judgement)| (deploy.clone(), judgement.clone()));
        // What was executed here is a deploy too, and is not taken back by itself.
        let Some((deploy, judgement)) = newest.filter(|(deploy, _)| deploy.origin != Origin::Remedy) else {
            return Ok(());
        };
        let key = (deploy.version.clone(), deploy.at);
        if !self.countdown.is_open_for(&key) {
            return Ok(());
        }
        let confirmed = confirmed(observer, &judgement);
        let caused = self.caused(observer, &deploy, &confirmed);
        let is_due = self.countdown.until().is_some_and(|until| until <= now);
        let is_sure = caused.iter().any(|(_, confidence)| *confidence == Some(Confidence::High));
        let plan = if is_sure { self.plan(observer, &deploy, &confirmed, is_due) } else { None };
        let best = caused.iter().max_by_key(|(_, confidence)| *confidence).copied();
        let found = Found {
            deploy: key,
            confirmed: !confirmed.is_empty(),
            caused: best.and_then(|(_, confidence)| confidence),
            in_watch: !judgement.is_over(),
            plan,
        };
        match self.countdown.observe(now, &found) {
            Some(act) => self.act(act, best.map(|(signature, _)| signature), observer, (clock, stop), report),
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
        match act {
            Act::Announce(digest, until) => {
                let detail = json!({"digest": digest.to_string(), "until": until});
                self.record(audit::ANNOUNCED, detail.clone(), now)?;
                let words = format!("{digest} will be done at {until}; `aftercare stop` stops it");
                report.auto_rollback("counting", &words, &detail, now)
            }
            Act::CallOff(lapse) => {
                let detail = json!({"why": lapse.words()});
                self.record(audit::CALLED_OFF, detail.clone(), now)?;
                report.auto_rollback("called_off", &format!("called off: {}", lapse.words()), &detail, now)
            }
            Act::Stopped(by) => {
                let detail = json!({"by": by});
                self.record(audit::CALLED_OFF, detail.clone(), now)?;
                report.auto_rollback("stopped", &format!("stopped by {by}"), &detail, now)
            }
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
            let deploy = (!outcome.ran.is_empty()).then(|| remedy_deploy(approved, &commit, clock.now()));
            observer.answer(Ask::Remedied(signature, deploy));
        }
        Ok(())
    }

    fn record(&self, action: &str, detail: Value, now: Timestamp) -> Result<(), Failure> {
        let actor = execute::actor(&self.countdown.standing().person);
        let written = self.settings.audit.append(now, &actor, action, detail);
        written.map(drop).map_err(|error| execute_failed(&error.into()))
    }

    /// Who asked to stop it; the word is taken away.
    fn word_to_stop(&self) -> Option<String> {
        let mut by = String::new();
        let file = std::fs::File::open(&self.stop_file).ok()?;
        // What is no text still means to stop.
        let _ = file.take(LONGEST_NAME).read_to_string(&mut by);
        let _ = std::fs::remove_file(&self.stop_file);
        let by: String = by.chars().filter(|character| !character.is_control()).collect();
        Some(if by.trim().is_empty() { "somebody".to_owned() } else { by.trim().to_owned() })
    }

    /// Which of the signatures are laid to the deploy, and how surely.
    fn caused(
        &mut self,
        observer: &Observer,
        deploy: &Deploy,
        confirmed: &[SignatureId],
    ) -> Vec<(SignatureId, Option<Confidence>)> {
        let mut caused = Vec::new();
        for signature in confirmed.iter().take(MOST_SIGNATURES) {
            let known = self.caused.get(&(*signature, deploy.at)).copied();
            let confidence = known.unwrap_or_else(|| self.triage(observer, deploy, *signature));
            self.caused.insert((*signature, deploy.at), confidence);
            caused.push((*signature, confidence));
        }
        caused
    }

    /// What cannot be read is not laid to the deploy.
    fn triage(&self, observer: &Observer, deploy: &Deploy, signature: SignatureId) -> Option<Confidence> {
        let case = observer.case(signature)?;
        let range = Range::new(deploy.previous.as_ref()?, deploy.revision.as_ref()?);
        let (verdict, _) = read::triage(&self.settings.repo, &range, &case.symptom).ok()?;
        verdict.causal_link.then_some(verdict.confidence)
    }

    /// The plan of going back as a whole, made anew from time to time and when it is due.
    fn plan(&mut self, observer: &Observer, deploy: &Deploy, confirmed: &[SignatureId], is_due: bool) -> Option<Plan> {
        if let Some((at, made, plan)) = &self.plan
            && *at == deploy.at
            && made.elapsed() < PLAN_AGE
            && !is_due
        {
            return plan.clone();
        }
        if self.reason.as_ref().is_none_or(|(at, _)| *at != deploy.at) {
            let engine = observer.engine();
            let known = confirmed.first().and_then(|id| engine.catalog().get(engine.catalog().find(*id)?));
            self.reason = known.map(|known| (deploy.at, format!("{} after {}", known.template, deploy.version)));
        }
        let plan = self.planned(deploy);
        self.plan = Some((deploy.at, Instant::now(), plan.clone()));
        plan
    }

    fn planned(&self, deploy: &Deploy) -> Option<Plan> {
        let range = Range::new(deploy.previous.as_ref()?, deploy.revision.as_ref()?);
        let change = read::change_between(&read::open(&self.settings.repo).ok()?, &range).ok()?;
        let target = self.settings.target_branch.as_deref();
        let push = forge::push_of(&self.config.remedy, &self.settings.repo, target).ok()?;
        let (_, reason) = self.reason.as_ref()?;
        let request = revert::Request {
            target_branch: target,
            deploy_command: self.config.command_for(&Scope::Range),
            reason,
            push: push.as_ref(),
            ..revert::Request::new(&self.countdown.standing().service, Scope::Range)
        };
        revert::plan(&self.settings.repo, &change, &request).ok()
    }
}

/// The signatures whose rise or newness is confirmed and matters, in the order of the judgement.
fn confirmed(observer: &Observer, judgement: &Judgement) -> Vec<SignatureId> {
    let engine = observer.engine();
    let matters = judgement.assessments.iter().filter(|found| {
        found
            .finding
            .is_some_and(|finding| finding.tier == Tier::Confirmed && matches!(finding.kind, Kind::Rise | Kind::New))
            && engine.matters(found)
    });
    matters.filter_map(|found| Some(engine.catalog().get(found.signature?)?.id)).collect()
}

/// The deploy that executing it was.
fn remedy_deploy(approved: &Approved, commit: &str, at: Timestamp) -> Deploy {
    let plan = approved.plan();
    Deploy {
        at,
        service: plan.service.clone(),
        version: plan.branch.clone(),
        revision: Some(commit.to_owned()),
        previous: Some(plan.parent.clone()),
        author: Some(approved.by().name.clone()),
        subject: plan.message.lines().next().map(str::to_owned),
        origin: Origin::Remedy,
    }
}
