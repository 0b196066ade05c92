//! The work that the screen asks for, each piece on a thread of its own: triage, planning, executing.

mod draft;
pub(in crate::shell) mod drafted;
mod rerun;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Sender, bounded};
use serde_json::Value;

use crate::app::{Failure, FailureKind, Msg, Ticket, Triaged};
use crate::config::{Config, Remedy};
use crate::detect::Deploy;
use crate::remedy::plan::shown_argv;
use crate::remedy::standing::{Act, Standing};
use crate::remedy::{Approved, audit};
use crate::shell::audit::AuditLog;
use crate::shell::auto;
use crate::shell::clock::Clock;
use crate::shell::execute::{self, ExecuteError, Executor, Mode, Progress};
use crate::shell::git::approvals::REFSPEC;
use crate::shell::git::read::{self, Range};
use crate::shell::git::worktree::Shelf;
use crate::shell::observe::{Ask, Case};
use crate::shell::terminal::Input;
use crate::shell::watch::Run;
use crate::shell::watch::editor::Editor;
use crate::triage::{Change, Ruling};
use crate::units::{SignatureId, Timestamp};

/// How long the engine may take to say what an error is; it answers between two pieces of log.
const CASE_PATIENCE: Duration = Duration::from_secs(10);

/// Everything that a piece of work needs to know.
#[derive(Clone, Debug)]
struct Site {
    repo: Option<PathBuf>,
    service: String,
    follow: Option<String>,
    config: Config,
    time_limit: Duration,
    audit: PathBuf,
    state: PathBuf,
    clock: Clock,
    read_only: bool,
    messages: Sender<Input>,
    asks: Sender<Ask>,
}

/// Pieces of work under way.
#[derive(Debug)]
pub struct Work {
    site: Site,
    running: HashMap<Ticket, Arc<AtomicBool>>,
    editor: Editor,
}

impl Work {
    /// Prepares to work for a run; answers go to `messages`.
    #[must_use]
    pub fn new(run: &Run, messages: Sender<Input>, asks: Sender<Ask>) -> Self {
        let config = &run.settings.config;
        let site = Site {
            repo: run.repo(),
            service: run.settings.service.clone(),
            follow: config.follow.value.clone(),
            config: config.clone(),
            time_limit: Duration::from_secs(u64::from(config.deploy_command_seconds.value)),
            audit: run.settings.audit_path(),
            state: run.settings.state.clone(),
            clock: run.clock,
            read_only: run.read_only,
            messages,
            asks,
        };
        Self { site, running: HashMap::new(), editor: Editor::default() }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.site.clock.now()
    }

    /// Finds the change that caused a signature; answers `Triaged`.
    pub fn triage(&mut self, ticket: Ticket, signature: SignatureId) {
        self.start(ticket, move |site, _| {
            let result = site
                .triage(signature)
                .map(|(verdict, change)| Box::new(Triaged { signature, verdict, change: Arc::new(change) }));
            if let Some(ruling) =
                result.as_ref().ok().and_then(|triaged| AuditLog::at(&site.audit).ruling(signature, &triaged.change))
            {
                // When the loop is gone, nobody waits for the answer.
                let _ = site.messages.send(Input::Msg(Msg::Ruled(Box::new(ruling))));
            }
            Msg::Triaged(ticket, result)
        });
    }

    /// Executes what was approved; answers `Output` and `Executed`.
    pub fn execute(&mut self, ticket: Ticket, approved: Box<Approved>, signature: SignatureId) {
        self.start(ticket, move |site, cancelled| {
            Msg::Executed(ticket, site.execute(ticket, &approved, signature, cancelled))
        });
    }

    /// Records what a person says of an error.
    ///
    /// # Errors
    ///
    /// When it cannot be recorded.
    pub fn rule(&self, ruling: &Ruling) -> Result<(), Failure> {
        let detail = serde_json::to_value(ruling).unwrap_or_default();
        self.note(&ruling.by, audit::RULED, detail)
    }

    /// Records who allows what to go back by itself.
    ///
    /// # Errors
    ///
    /// When it cannot be recorded; then nothing may.
    pub fn allow(&self, standing: &Standing) -> Result<(), Failure> {
        self.note(&execute::actor(&standing.person), audit::STANDING, auto::allowed(standing))
    }

    /// Records how going back by itself stands.
    ///
    /// # Errors
    ///
    /// When it cannot be recorded.
    pub fn stand(&self, act: &Act) -> Result<(), Failure> {
        let Some((action, detail)) = auto::recorded(act) else { return Ok(()) };
        let by = self.site.config.remedy.auto_person.value.clone().unwrap_or_default();
        self.note(&by, action, detail)
    }

    fn note(&self, by: &str, action: &str, detail: Value) -> Result<(), Failure> {
        self.site.append(by, action, detail)
    }

    /// Stops a piece of work.
    pub fn cancel(&mut self, ticket: Ticket) {
        if let Some(cancelled) = self.running.remove(&ticket) {
            cancelled.store(true, Ordering::Relaxed);
        }
    }

    fn start(&mut self, ticket: Ticket, work: impl FnOnce(&Site, &Arc<AtomicBool>) -> Msg + Send + 'static) {
        self.running.retain(|_, cancelled| Arc::strong_count(cancelled) > 1);
        let cancelled = Arc::new(AtomicBool::new(false));
        self.running.insert(ticket, Arc::clone(&cancelled));
        let site = self.site.clone();
        thread::spawn(move || {
            let answer = work(&site, &cancelled);
            // When the loop is gone, nobody waits for the answer.
            let _ = site.messages.send(Input::Msg(answer));
        });
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.running.values().for_each(|cancelled| cancelled.store(true, Ordering::Relaxed));
        self.editor.end();
    }
}

impl Site {
    fn append(&self, by: &str, action: &str, detail: Value) -> Result<(), Failure> {
        let recorded = AuditLog::at(&self.audit).append(self.clock.now(), by, action, detail);
        recorded.map(drop).map_err(|error| execute_failed(&ExecuteError::Audit(error)))
    }

    fn repo(&self) -> Result<&PathBuf, Failure> {
        self.repo
            .as_ref()
            .ok_or_else(|| Failure::new(FailureKind::User, "no repository is known", "Start again with --repo DIR."))
    }

    /// The repository that holds both ends of the deploy's range.
    fn place(&self, case: &Case) -> Result<PathBuf, Failure> {
        let repo = self.repo()?;
        Ok(case.shelf.as_ref().map_or(repo.as_path(), Shelf::path).to_path_buf())
    }

    fn case(&self, signature: SignatureId) -> Result<(Case, Deploy), Failure> {
        let (sender, answer) = bounded(1);
        let asked = self.asks.send(Ask::Case(signature, sender)).is_ok();
        let case = answer.recv_timeout(CASE_PATIENCE).ok().flatten().filter(|_| asked).ok_or_else(|| {
            Failure::new(FailureKind::External, "the engine does not answer", "Wait until the history is read.")
        })?;
        let deploy = case.deploy.clone().ok_or_else(|| match case.is_build {
            true => {
                let hint = "Run it once where it passes, or name a revision where it did with --since REV.";
                Failure::new(FailureKind::User, "no success of this command is known to compare with", hint)
            }
            false => {
                let hint = "Mark one with `aftercare deploy mark VERSION`, or start with --deploy REV.";
                Failure::new(FailureKind::User, "no deploy is known", hint)
            }
        })?;
        Ok((case, deploy))
    }

    /// Both ends of a deploy's range.
    fn range(&self, deploy: &Deploy) -> Result<Range, Failure> {
        let missing = |what: &str| {
            let Deploy { at, service, version, .. } = deploy;
            let hint = format!(
                "Fetch it, and try again in half a minute. Or say what it is, in another terminal: aftercare deploy mark \
                 REVISION --previous REVISION --at {at} --service {service}"
            );
            Failure::new(FailureKind::User, format!("the repository does not know {what} {version}"), hint)
        };
        let head = deploy.revision.as_ref().ok_or_else(|| missing("revision"))?;
        let base = deploy.previous.as_ref().ok_or_else(|| missing("the revision before"))?;
        Ok(Range::new(base, head))
    }

    fn triage(&self, signature: SignatureId) -> Result<(crate::triage::Verdict, Change), Failure> {
        let (case, deploy) = self.case(signature)?;
        read::triage_among(&self.place(&case)?, &self.range(&deploy)?, &case.symptom, &case.siblings)
            .map_err(|error| error.failure())
    }

    fn execute(
        &self,
        ticket: Ticket,
        approved: &Approved,
        signature: SignatureId,
        cancelled: &AtomicBool,
    ) -> Result<Vec<String>, Failure> {
        let mode = if self.read_only { Mode::ReadOnly } else { Mode::Armed };
        let repo = self.repo()?.clone();
        // What the repository does not hold yet was planned on the work tree.
        let opened = read::open(&repo).map_err(|error| error.failure())?;
        let takes_work_tree = read::resolve(&opened, &approved.plan().head).is_err();
        let settings = execute::Settings {
            repo,
            target_branch: self.follow.clone().filter(|_| !takes_work_tree),
            takes_work_tree,
            checkouts: self.state.join("checkouts"),
            audit: AuditLog::at(&self.audit),
            limits: execute::Limits { time: self.time_limit, ..execute::Limits::default() },
            approval: rule_of(&self.config.remedy),
            own_program: execute::own_program(),
        };
        let executor = Executor::new(mode, settings).map_err(|error| execute_failed(&error))?;
        let mut report = |progress: Progress| {
            if let Some(line) = line_of(&progress) {
                // When the loop is gone the work goes on; what it did is in the audit log.
                let _ = self.messages.send(Input::Msg(Msg::Output(ticket, line)));
            }
        };
        let outcome = executor
            .execute(approved, &|| self.clock.now(), cancelled, &mut report)
            .map_err(|error| execute_failed(&error))?;
        if !outcome.succeeded() {
            let failure = Failure::new(
                FailureKind::External,
                format!("the {} is committed, but a command did not succeed", approved.plan().origin.word()),
                "Read its output above; the branch is there, so the command can be run again by hand.",
            );
            return Err(Failure { causes: outcome.sentences(), ..failure });
        }
        let was_deployed = !outcome.ran.is_empty();
        let deploy = was_deployed.then(|| approved.deploy(&outcome.committed.commit, self.clock.now()));
        // When the engine's thread is gone, there is no incident to follow.
        let _ = self.asks.send(Ask::Remedied(signature, deploy));
        Ok(outcome.sentences())
    }
}

/// Who must approve, by the settings.
pub(in crate::shell) fn rule_of(remedy: &Remedy) -> execute::Rule {
    execute::Rule {
        people: usize::try_from(remedy.people.value).unwrap_or(1),
        valid: Duration::from_secs(u64::from(remedy.expires_minutes.value) * 60),
    }
}

/// What is said of a step while it happens.
pub(in crate::shell) fn line_of(progress: &Progress) -> Option<String> {
    match progress {
        Progress::Committed(committed) => Some(format!("committed {} on {}", committed.commit, committed.branch)),
        Progress::Started(argv) => Some(format!("$ {}", shown_argv(argv))),
        Progress::Line(_, line) => Some(line.clone()),
        Progress::Ended(ran) => Some(ran.sentence()),
    }
}

/// The error as the user is told, with what to do about it.
pub(in crate::shell) fn execute_failed(error: &ExecuteError) -> Failure {
    match error {
        ExecuteError::ReadOnly => Failure::of(FailureKind::User, error, "Start again without --read-only."),
        ExecuteError::Revert(error) => error.failure(),
        ExecuteError::Git(error) => error.failure(),
        ExecuteError::Missing { digest, .. } => {
            let hint = format!(
                "Nothing was done yet. Push it with `git push origin '{REFSPEC}'`; the other person fetches it and runs `aftercare approve {digest}`."
            );
            Failure::of(FailureKind::User, error, hint)
        }
        ExecuteError::Audit(_) => Failure::of(
            FailureKind::External,
            error,
            "Check the state folder; `aftercare audit --verify` checks the record.",
        ),
    }
}
