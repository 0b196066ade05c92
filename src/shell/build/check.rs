//! Runs the failed command again without the change, and without the part of it that is suspected.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::{Failed, Request};
use crate::app::Failure;
use crate::shell::fix::{Progress, rerun};
use crate::shell::git::worktree::Shelf;
use crate::triage::rerun::{Effect, Reruns, with_reruns};

/// How often and where the command is run again.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// How long each run may take.
    pub run_time: Duration,
    /// Called before the first of them; what it returns ends the running command, which then decides nothing.
    pub cancel: fn() -> Arc<AtomicBool>,
}

/// Lets further runs of the command move the verdict; nothing happens where there is none.
pub(super) fn check(
    request: &Request<'_>,
    failed: &mut Failed,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<(Reruns, Effect)>, Failure> {
    let (Some(check), Some(change)) = (request.check, &failed.change) else { return Ok(None) };
    let Some(verdict) = failed.judged.verdict.as_ref().filter(|_| failed.n_files > 0) else { return Ok(None) };
    let objects = failed.shelf.as_ref().map(Shelf::objects);
    let again = rerun::Request {
        repo: request.repo,
        objects: objects.as_deref(),
        change,
        symptom: &failed.symptom,
        verdict,
        command: request.command,
        run_time: check.run_time,
    };
    let reruns = rerun::rerun(&again, &(check.cancel)(), progress).map_err(|error| error.failure())?;
    let (moved, effect) = with_reruns(verdict, &reruns);
    failed.judged.verdict = Some(moved);
    Ok(Some((reruns, effect)))
}
