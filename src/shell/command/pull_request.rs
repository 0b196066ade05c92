//! `aftercare pull-request`: opens a pull request for a pushed branch, unless one is open.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::app::{Failure, FailureKind};
use crate::shell::cli::PullRequest;
use crate::shell::command::approve::say;
use crate::shell::forge::{self, Forge, Target};
use crate::shell::git::{GitError, read};

/// Opens it and prints its address; title and text are those of the branch's commit.
///
/// # Errors
///
/// When the branch is not there, or the server does not open one.
pub fn run(command: &PullRequest) -> Result<(), Failure> {
    let forge = Forge::named(&command.forge).ok_or_else(|| {
        Failure::new(
            FailureKind::User,
            format!("{:?} is no server that is known", command.forge),
            "Name github, gitlab or gitea.",
        )
    })?;
    let target = Target {
        forge,
        api: command.api.clone(),
        project: command.project.clone(),
        source: command.source.clone(),
        target: command.target.clone(),
    };
    let (title, text) = message(command.repo.as_deref().unwrap_or(Path::new(".")), &command.source)?;
    let cancel = AtomicBool::new(false);
    let opened = forge::open(&target, &title, &text, |name| std::env::var(name).ok(), &cancel);
    let opened = opened.map_err(|error| error.failure())?;
    let how = if opened.existed { "open already" } else { "opened" };
    say(&format!("{how}: {}", opened.url))
}

/// The first line of the commit's message, and the rest.
fn message(repo: &Path, branch: &str) -> Result<(String, String), Failure> {
    let repo = read::open(repo).map_err(|error| error.failure())?;
    let found = repo.find_branch(branch, git2::BranchType::Local).and_then(|branch| branch.get().peel_to_commit());
    let commit = found.map_err(|_| GitError::UnknownRevision(branch.to_owned()).failure())?;
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    let (title, text) = message.split_once('\n').unwrap_or((&message, ""));
    Ok((title.trim().to_owned(), text.trim().to_owned()))
}
