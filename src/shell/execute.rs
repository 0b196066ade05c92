//! Performs what a person approved, and nothing else.
//!
//! Input: an [`Approved`] plan. Output: the branch and commit, the outcome of each command that
//! aftercare runs, progress while it happens, and audit entries before and after each step.
//!
//! An [`Executor`] cannot be made in read-only mode. What cannot be recorded is not done. A command
//! gets an argument list, never a shell; it runs in a checkout of the new commit, in a process group of its
//! own, with the environment of the user less what belongs to aftercare or to git's view of another
//! repository. `shell::fix` runs the user's own test through the same `command`, in a checkout that
//! is thrown away.

pub(super) mod command;
mod confined;
mod lines;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde_json::{Value, json};

use super::audit::{AuditError, AuditLog};
use super::git::revert::{self, Checkout, Committed, RevertError};
use super::git::{GitError, approvals, worktree};
use crate::ingest::sanitize::redact;
use crate::remedy::draft::{Comment, Side};
use crate::remedy::plan::{OWN_PROGRAM, Scope, with_revision};
use crate::remedy::{Approved, Person, Proposal, audit, proposal};
use crate::units::Timestamp;

pub use command::{Ending, Ran};
pub use lines::Stream;

/// Whether anything may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `--read-only`: nothing is executed.
    ReadOnly,
    /// What was approved is executed.
    Armed,
}

/// What a command may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long one command may take.
    pub time: Duration,
    /// How long a command that is stopped has to end by itself before it is killed, and how long
    /// output is awaited from what an ended command left running.
    pub patience: Duration,
    /// Longest line that is passed on, in bytes; the rest of it is dropped and counted.
    pub line_bytes: usize,
    /// Most output of one command that is passed on, in bytes; the rest is dropped and counted.
    pub total_bytes: usize,
    /// What becomes of processes that the command started and left running.
    pub leftovers: Leftovers,
}

/// What becomes of processes that an ended command left running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leftovers {
    /// They go on.
    Kept,
    /// They are killed, as far as they stayed in the command's process group.
    Killed,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(15 * 60),
            patience: Duration::from_secs(5),
            line_bytes: 4 << 10,
            total_bytes: 4 << 20,
            leftovers: Leftovers::Kept,
        }
    }
}

/// Where and how to execute.
#[derive(Clone, Debug)]
pub struct Settings {
    /// A path within the repository.
    pub repo: PathBuf,
    /// The branch that is deployed, as it was when planning.
    pub target_branch: Option<String>,
    /// Whether what was deployed is the work tree: then its commit is put into the repository first.
    pub takes_work_tree: bool,
    /// The folder in which checkouts are made; outside of the repository.
    pub checkouts: PathBuf,
    /// The audit record.
    pub audit: AuditLog,
    /// What a command may use.
    pub limits: Limits,
    /// Who must approve.
    pub approval: Rule,
    /// The program that commands of aftercare itself are run by.
    pub own_program: PathBuf,
}

/// How many different people must approve, and how long an approval that is kept in the repository counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// How many; 1 asks the repository nothing.
    pub people: usize,
    /// How long.
    pub valid: Duration,
}

impl Default for Rule {
    fn default() -> Self {
        Self { people: 1, valid: Duration::from_secs(60 * 60) }
    }
}

/// The program that runs now, by its path where the system tells it.
#[must_use]
pub fn own_program() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from(OWN_PROGRAM))
}

/// Something that happened while executing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The branch and commit were made.
    Committed(Committed),
    /// A command begins; its arguments as they are run.
    Started(Vec<String>),
    /// A line of its output, fit to be shown.
    Line(Stream, String),
    /// It ended.
    Ended(Ran),
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The branch and commit.
    pub committed: Committed,
    /// The commands that were run, in order; after one that failed, none follows.
    pub ran: Vec<Ran>,
    /// How many commands were not run, because one before failed or the user stopped.
    pub skipped: usize,
}

impl Outcome {
    /// Whether every command ended well.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.skipped == 0 && self.ran.iter().all(Ran::succeeded)
    }

    /// What was done, as sentences.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let made = if self.committed.existed { "was there already with" } else { "now holds" };
        let commit = self.committed.commit.get(..12).unwrap_or(&self.committed.commit);
        let mut sentences = vec![format!("{} {made} commit {commit}.", self.committed.branch)];
        sentences.extend(self.ran.iter().map(Ran::sentence));
        if self.skipped > 0 {
            let plural = if self.skipped == 1 { "command was" } else { "commands were" };
            sentences.push(format!("{} {plural} not run.", self.skipped));
        }
        sentences
    }
}

/// Why a plan was not, or not wholly, executed.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// Read-only mode executes nothing.
    #[error("nothing is executed in read-only mode")]
    ReadOnly,
    /// The branch and commit, or their checkout, cannot be made.
    #[error(transparent)]
    Revert(#[from] RevertError),
    /// What would be done cannot be recorded, so it is not done.
    #[error("the step cannot be recorded")]
    Audit(#[from] AuditError),
    /// The approvals in the repository cannot be read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Somebody else must approve too; this approval is kept in the repository.
    #[error("{} must approve {digest} too; this approval is kept as {kept}", people(*.missing))]
    Missing {
        /// How many people are missing.
        missing: usize,
        /// The digest of the plan, as people quote it.
        digest: String,
        /// The reference that keeps this approval.
        kept: String,
    },
}

fn people(n: usize) -> String {
    if n == 1 { "another person".to_owned() } else { format!("{n} other people") }
}

/// Executes approved plans; exists only where that is allowed.
#[derive(Debug)]
pub struct Executor {
    settings: Settings,
}

impl Executor {
    /// Makes an executor.
    ///
    /// # Errors
    ///
    /// [`ExecuteError::ReadOnly`] in read-only mode.
    pub fn new(mode: Mode, settings: Settings) -> Result<Self, ExecuteError> {
        match mode {
            Mode::ReadOnly => Err(ExecuteError::ReadOnly),
            Mode::Armed => Ok(Self { settings }),
        }
    }

    /// Makes the branch and commit, then runs the plan's commands one after the other.
    ///
    /// Blocks until all is done. `now` tells the time for the record; `cancel` stops the running
    /// command and skips those after it; `report` is called for each thing that happens.
    ///
    /// # Errors
    ///
    /// When a step cannot be recorded, or the commit or its checkout cannot be made. A command that
    /// fails is no error but part of the outcome.
    pub fn execute(
        &self,
        approved: &Approved,
        now: &dyn Fn() -> Timestamp,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(Progress),
    ) -> Result<Outcome, ExecuteError> {
        let record = Record { log: &self.settings.audit, actor: actor(approved.by()), now };
        let people = self.approvals(approved, &record)?;
        record.write(audit::APPROVED, approval(approved, &people))?;
        let committed = self.commit(approved, &record)?;
        report(Progress::Committed(committed.clone()));
        let commands: Vec<&[String]> =
            approved.plan().steps.iter().filter(|step| step.runs).map(|step| step.argv.as_slice()).collect();
        let mut outcome = Outcome { committed, ran: Vec::new(), skipped: commands.len() };
        if commands.is_empty() {
            return Ok(outcome);
        }
        let checkout = Checkout::of(&self.settings.repo, &outcome.committed, &self.settings.checkouts)?;
        for argv in commands {
            if cancel.load(std::sync::atomic::Ordering::Relaxed) || !outcome.ran.iter().all(Ran::succeeded) {
                break;
            }
            let argv = with_revision(argv, &outcome.committed.commit);
            record.write(audit::STEP_INTENDED, json!({"argv": audit::redact_argv(&argv)}))?;
            report(Progress::Started(argv.clone()));
            let own = self.own(&argv);
            let ran = command::run(&own, checkout.path(), self.settings.limits, cancel, &mut |stream, line| {
                report(Progress::Line(stream, line));
            });
            let ran = Ran { argv, ..ran };
            outcome.skipped -= 1;
            outcome.ran.push(ran.clone());
            record.write(audit::STEP_ENDED, ended(&ran))?;
            report(Progress::Ended(ran));
        }
        Ok(outcome)
    }

    /// Who approved these bytes; an error while somebody else must.
    fn approvals(&self, approved: &Approved, record: &Record<'_>) -> Result<Vec<Person>, ExecuteError> {
        let Rule { people, valid } = self.settings.approval;
        if people <= 1 {
            return Ok(vec![approved.by().clone()]);
        }
        let (now, digest) = ((record.now)(), approved.digest());
        let own = Proposal::of(approved, self.settings.target_branch.as_deref(), now);
        let kept = approvals::write(&self.settings.repo, &own)?;
        record.write(audit::KEPT, json!({"digest": digest.to_string(), "reference": kept}))?;
        let found = proposal::people(digest, &approvals::of(&self.settings.repo, digest)?, now, valid);
        match people.checked_sub(found.len()).filter(|missing| *missing > 0) {
            Some(missing) => Err(ExecuteError::Missing { missing, digest: digest.short(), kept }),
            None => Ok(found),
        }
    }

    /// The command as it is run: what stands for aftercare is this very program.
    fn own(&self, argv: &[String]) -> Vec<String> {
        let is_own = argv.first().is_some_and(|program| program == OWN_PROGRAM);
        let program = is_own.then(|| self.settings.own_program.to_string_lossy().into_owned());
        program.into_iter().chain(argv.iter().skip(usize::from(is_own)).cloned()).collect()
    }

    fn commit(&self, approved: &Approved, record: &Record<'_>) -> Result<Committed, ExecuteError> {
        let plan = approved.plan();
        record
            .write(audit::COMMIT_INTENDED, json!({"branch": plan.branch, "parent": plan.parent, "tree": plan.tree}))?;
        let target = self.settings.target_branch.as_deref();
        let brought =
            if self.settings.takes_work_tree { worktree::bring(&self.settings.repo, &plan.head) } else { Ok(()) };
        match brought.and_then(|()| revert::commit(&self.settings.repo, approved, target, (record.now)())) {
            Ok(committed) => {
                let detail =
                    json!({"branch": committed.branch, "commit": committed.commit, "existed": committed.existed});
                record.write(audit::COMMIT_MADE, detail)?;
                Ok(committed)
            }
            Err(error) => {
                record.write(audit::COMMIT_FAILED, json!({"branch": plan.branch, "why": error.to_string()}))?;
                Err(error.into())
            }
        }
    }
}

/// Writes entries in the name of the person who approved.
struct Record<'a> {
    log: &'a AuditLog,
    actor: String,
    now: &'a dyn Fn() -> Timestamp,
}

impl Record<'_> {
    fn write(&self, action: &str, detail: Value) -> Result<(), AuditError> {
        self.log.append((self.now)(), &self.actor, action, detail).map(|_| ())
    }
}

/// A person as the record names them.
#[must_use]
pub fn actor(by: &Person) -> String {
    if by.email.is_empty() { by.name.clone() } else { format!("{} <{}>", by.name, by.email) }
}

fn approval(approved: &Approved, people: &[Person]) -> Value {
    let plan = approved.plan();
    let hunks = match &plan.scope {
        Scope::Range | Scope::Files(_) => Value::Null,
        Scope::Hunks(hunks) => json!(hunks),
    };
    let files = match &plan.scope {
        Scope::Range | Scope::Hunks(_) => Value::Null,
        Scope::Files(puts) => puts.iter().map(|put| String::from_utf8_lossy(&put.path).into_owned()).collect(),
    };
    let comments: Vec<Value> = plan.comments.iter().map(comment).collect();
    json!({
        "digest": approved.digest().to_string(),
        "origin": plan.origin.word(),
        "service": plan.service,
        "base": plan.base,
        "head": plan.head,
        "hunks": hunks,
        "files": files,
        "comments": comments,
        "level": plan.level(),
        "reason": approved.reason(),
        "people": people.iter().map(actor).collect::<Vec<_>>(),
        "rules": plan.concerns.iter().map(|concern| concern.rule.as_str()).collect::<std::collections::BTreeSet<_>>(),
    })
}

fn comment(comment: &Comment) -> Value {
    json!({
        "file": comment.file,
        "line": comment.line,
        "side": if comment.side == Side::Before { "before" } else { "after" },
        "text": redact(&comment.text),
    })
}

fn ended(ran: &Ran) -> Value {
    json!({
        "argv": audit::redact_argv(&ran.argv),
        "ending": ran.ending.to_string(),
        "succeeded": ran.succeeded(),
        "lines": ran.lines,
        "dropped_lines": ran.dropped_lines,
        "dropped_bytes": ran.dropped_bytes,
        "milliseconds": u64::try_from(ran.took.as_millis()).unwrap_or(u64::MAX),
    })
}

#[cfg(test)]
mod tests;
