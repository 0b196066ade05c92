//! `aftercare undo`: takes the branch of a rollback away, as long as it is still as it was made.

use std::io::{self, BufRead, IsTerminal, Read};

use git2::{BranchType, Oid, Repository};
use serde_json::json;

use crate::app::{Failure, FailureKind};
use crate::config::Layer;
use crate::remedy::audit::{self, Entry};
use crate::remedy::plan::BRANCH_PREFIX;
use crate::shell::audit::AuditLog;
use crate::shell::cli::Undo;
use crate::shell::clock::Clock;
use crate::shell::command::approve::{nobody, repository, say};
use crate::shell::execute;
use crate::shell::git::{GitError, read};
use crate::shell::settings::Settings;
use crate::shell::watch::work::execute_failed;

/// Longest line that is taken as typed, in bytes.
const LONGEST_LINE: u64 = 4 << 10;

/// Why a branch is not taken away.
#[derive(Debug, thiserror::Error)]
enum UndoError {
    /// The record knows no such branch.
    #[error("the audit record tells of no branch {0:?} that aftercare made")]
    NotOurs(String),
    /// The record knows none at all.
    #[error("the audit record tells of no branch that is still there")]
    Nothing,
    /// It holds something else than what was made.
    #[error("the branch {branch} holds {now} and not {made}, which was made")]
    Changed { branch: String, made: String, now: String },
    /// It is checked out.
    #[error("the branch {0} is checked out")]
    CheckedOut(String),
    /// It was merged, or pushed.
    #[error("{0} contains it already")]
    Contained(String),
}

impl UndoError {
    fn failure(&self) -> Failure {
        let hint = match self {
            Self::NotOurs(_) | Self::Nothing => "See `aftercare audit`, and name the state folder with --state.",
            Self::Changed { .. } => {
                "Somebody went on from there. Remove it by hand with `git branch -D`, if that may go."
            }
            Self::CheckedOut(_) => "Switch to another branch first.",
            Self::Contained(_) => "Take it back there: `git revert` the commit, or `git push REMOTE --delete BRANCH`.",
        };
        Failure::of(FailureKind::User, self, hint)
    }
}

/// Asks for the branch's name, and removes it.
///
/// # Errors
///
/// When the branch was not made by aftercare, is no longer as it was made, is in use, merged or pushed, or
/// nobody types its name.
pub fn run(command: &Undo) -> Result<(), Failure> {
    let settings = Settings::load(&command.place, Layer::default())?;
    let path = repository(&settings)?;
    let repo = read::open(&path).map_err(|error| error.failure())?;
    let person = settings.person(command.person.as_deref())?.ok_or_else(nobody)?;
    let log = AuditLog::at(settings.audit_path());
    let entries = log.read().map_err(|error| execute_failed(&error.into()))?;
    let (branch, made) = made(&repo, &entries, command.branch.as_deref()).map_err(|error| error.failure())?;
    untouched(&repo, &branch, &made)?.map_or(Ok(()), |error| Err(error.failure()))?;
    if !io::stdin().is_terminal() {
        return Err(Failure::new(FailureKind::User, "nobody is there to confirm", "Run it in a terminal."));
    }
    say(&format!("{branch} holds {made}, as it was made, and is nowhere else.\nType {branch} to remove it:"))?;
    let mut typed = String::new();
    let line = io::stdin().lock().take(LONGEST_LINE).read_line(&mut typed);
    line.map_err(|error| Failure::of(FailureKind::External, &error, "Try again."))?;
    if typed.trim() != branch {
        return Err(Failure::new(FailureKind::User, "the typed word is not the branch", "Nothing was removed."));
    }
    // It may have moved while it was typed.
    untouched(&repo, &branch, &made)?.map_or(Ok(()), |error| Err(error.failure()))?;
    let detail = json!({"branch": branch, "commit": made});
    log.append(Clock::real().now(), &execute::actor(&person), audit::UNDONE, detail)
        .map_err(|error| execute_failed(&error.into()))?;
    let removed = repo.find_branch(&branch, BranchType::Local).and_then(|mut branch| branch.delete());
    removed.map_err(|error| GitError::reading(format!("the branch {branch}"))(error).failure())?;
    say(&format!("Removed {branch}."))
}

/// The branch and the commit that the record says were made.
fn made(repo: &Repository, entries: &[Entry], wanted: Option<&str>) -> Result<(String, String), UndoError> {
    let text = |entry: &Entry, key: &str| entry.detail.get(key).and_then(|value| value.as_str()).map(str::to_owned);
    let ours = entries.iter().rev().filter(|entry| entry.action == audit::COMMIT_MADE).filter_map(|entry| {
        let branch = text(entry, "branch").filter(|branch| branch.starts_with(BRANCH_PREFIX))?;
        Some((branch, text(entry, "commit")?))
    });
    let mut ours = ours.filter(|(branch, _)| match wanted {
        Some(wanted) => branch == wanted,
        None => repo.find_branch(branch, BranchType::Local).is_ok(),
    });
    ours.next().ok_or_else(|| wanted.map_or(UndoError::Nothing, |wanted| UndoError::NotOurs(wanted.to_owned())))
}

/// What speaks against removing it.
fn untouched(repo: &Repository, branch: &str, made: &str) -> Result<Option<UndoError>, Failure> {
    let reading = || GitError::reading(format!("the branch {branch}"));
    let unread = |error: git2::Error| reading()(error).failure();
    let found = repo.find_branch(branch, BranchType::Local);
    let found = found.map_err(|_| GitError::UnknownRevision(branch.to_owned()).failure())?;
    let tip = found.get().peel_to_commit().map_err(unread)?.id();
    if tip.to_string() != made {
        return Ok(Some(UndoError::Changed { branch: branch.to_owned(), made: made.to_owned(), now: tip.to_string() }));
    }
    if found.is_head() || is_in_worktree(repo, branch) {
        return Ok(Some(UndoError::CheckedOut(branch.to_owned())));
    }
    for reference in repo.references().map_err(unread)? {
        let reference = reference.map_err(unread)?;
        let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
        let is_other =
            name.starts_with("refs/heads/") || name.starts_with("refs/remotes/") || name.starts_with("refs/tags/");
        let other = reference.peel_to_commit().map(|commit| commit.id());
        if let Ok(other) = other
            && is_other
            && name != format!("refs/heads/{branch}")
            && contains(repo, other, tip).map_err(unread)?
        {
            return Ok(Some(UndoError::Contained(name)));
        }
    }
    Ok(None)
}

fn contains(repo: &Repository, other: Oid, tip: Oid) -> Result<bool, git2::Error> {
    if other == tip { Ok(true) } else { repo.graph_descendant_of(other, tip) }
}

fn is_in_worktree(repo: &Repository, branch: &str) -> bool {
    let Ok(names) = repo.worktrees() else { return false };
    names.iter().flatten().flatten().any(|name| {
        let opened = repo.find_worktree(name).and_then(|worktree| Repository::open_from_worktree(&worktree));
        opened.is_ok_and(|opened| {
            opened.head().is_ok_and(|head| head.name().ok() == Some(&format!("refs/heads/{branch}")))
        })
    })
}
