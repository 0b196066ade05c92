//! Runs the command that a person let run, so that it moves a verdict.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::{Site, Work};
use crate::app::{Failure, FailureKind, Msg, Reran, Ticket, Triaged};
use crate::remedy::audit;
use crate::remedy::fix::Allowed;
use crate::shell::execute;
use crate::shell::fix::{Progress, rerun};
use crate::shell::git::worktree::Shelf;
use crate::triage::rerun::{Effect, Reruns, with_reruns};

impl Work {
    /// Runs the command with the deploy, before it and without the first suspect; answers `Trying`, `Tried` and
    /// `Reran`.
    pub fn rerun(&mut self, ticket: Ticket, triaged: Arc<Triaged>, allowed: Allowed) {
        self.start(ticket, move |site, cancelled| {
            Msg::Reran(ticket, site.rerun(ticket, &triaged, &allowed, cancelled).map(Box::new))
        });
    }
}

impl Site {
    fn rerun(
        &self,
        ticket: Ticket,
        triaged: &Triaged,
        allowed: &Allowed,
        cancelled: &AtomicBool,
    ) -> Result<Reran, Failure> {
        self.may_run()?;
        let (case, _) = self.case(triaged.signature)?;
        self.record(allowed)?;
        // What is not committed lies there.
        let objects = case.shelf.as_ref().map(Shelf::objects);
        let repro = allowed.repro();
        let request = rerun::Request {
            repo: self.repo()?,
            objects: objects.as_deref(),
            change: &triaged.change,
            symptom: &case.symptom,
            verdict: &triaged.verdict,
            command: &repro.argv,
            run_time: repro.limit,
        };
        let mut progress = |progress: Progress| self.tell(ticket, progress);
        let reruns = rerun::rerun(&request, cancelled, &mut progress).map_err(|error| error.failure())?;
        if cancelled.load(Ordering::Relaxed) {
            return Err(Failure::new(FailureKind::User, "the runs were ended", "Press r to run it again."));
        }
        let (verdict, effect) = with_reruns(&triaged.verdict, &reruns);
        self.keep(triaged, allowed, &reruns, effect)?;
        let triaged = Triaged { verdict, change: Arc::clone(&triaged.change), ..*triaged };
        Ok(Reran { triaged, said: effect.sentence(&reruns).to_owned() })
    }

    /// Records what the runs said, so that the verdict can be told again from what is kept.
    fn keep(&self, triaged: &Triaged, allowed: &Allowed, reruns: &Reruns, effect: Effect) -> Result<(), Failure> {
        let detail = json!({
            "signature": triaged.signature,
            "base": triaged.change.base,
            "head": triaged.change.head,
            "digest": allowed.repro().digest().to_string(),
            "runs": reruns,
            "effect": effect,
        });
        self.append(&execute::actor(allowed.by()), audit::REPRO_RAN, detail)
    }
}
