//! Drafts: prepared, put together as they were chosen, searched for, edited, and told what their words are.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::{Site, Work};
use crate::app::sheet::{Prepared, Sheet};
use crate::app::{Failure, FailureKind, Fixed, Msg, Ticket};
use crate::detect::Deploy;
use crate::remedy::advice::Drafted;
use crate::remedy::draft::{Choice, Origin, Proposal};
use crate::remedy::fix::{Allowed, Answer};
use crate::remedy::plan::{Push, Step};
use crate::remedy::{Plan, Scope, audit};
use crate::shell::audit::AuditLog;
use crate::shell::execute;
use crate::shell::fix::{self, Bounds, Found, Progress};
use crate::shell::forge;
use crate::shell::git::read;
use crate::shell::git::revert::Request;
use crate::shell::git::revert::draft::{self, Grounds};
use crate::shell::highlight;
use crate::shell::observe::Case;
use crate::shell::terminal::Input;
use crate::triage::{Change, Verdict};
use crate::units::SignatureId;

/// What a draft is made for.
pub(super) struct Cause {
    pub(super) repo: PathBuf,
    pub(super) case: Case,
    pub(super) deploy: Deploy,
    reason: String,
    refs: [String; 1],
    /// The branch that is deployed, where one is followed and holds the deploy.
    pub(super) target: Option<String>,
    push: Option<Push>,
}

impl Cause {
    /// Whether what failed is not committed: then nothing is pushed or deployed.
    fn is_uncommitted(&self) -> bool {
        self.case.shelf.is_some()
    }

    /// Says how a remedy for what is not committed comes into the folder.
    fn finish(&self, mut plan: Plan) -> Plan {
        if self.is_uncommitted() {
            let line = format!("git show --format= {} | git apply", plan.branch);
            let does = "Takes the remedy into the folder, where your changes are; the branch is needed no more then";
            let step =
                Step { argv: ["sh", "-c", &line].map(str::to_owned).to_vec(), does: does.to_owned(), runs: false };
            plan.steps.insert(0, step);
        }
        plan
    }
}

/// How much of the deploy a proposal takes back.
fn scope_of(proposal: &Proposal) -> Scope {
    match proposal {
        Proposal::Back(scope) => scope.clone(),
        _ => Scope::Hunks(Vec::new()),
    }
}

impl Work {
    /// Prepares going back; answers `Planned`.
    pub fn plan(&mut self, ticket: Ticket, signature: SignatureId, scope: Scope) {
        self.start(ticket, move |site, _| Msg::Planned(ticket, site.plan(signature, scope).map(Box::new)));
    }

    /// Computes the plan of what was chosen of a draft; answers `Composed`.
    pub fn compose(&mut self, ticket: Ticket, signature: SignatureId, sheet: Arc<Sheet>, choice: Choice) {
        self.start(ticket, move |site, _| {
            Msg::Composed(ticket, site.compose(signature, &sheet, &choice).map(Box::new))
        });
    }

    /// Searches for a fix; answers `Trying`, `Tried` and `Fixed`.
    pub fn fix(&mut self, ticket: Ticket, signature: SignatureId, allowed: Allowed) {
        self.start(ticket, move |site, cancelled| {
            Msg::Fixed(ticket, site.fix(ticket, signature, &allowed, cancelled).map(Box::new))
        });
    }

    /// Finds out what the words of the changed files are; answers `Highlighted`, file by file.
    pub fn highlight(&mut self, ticket: Ticket, sheet: Arc<Sheet>) {
        // It shares the ticket of the draft, whose own work is done.
        let messages = self.site.messages.clone();
        let cancelled = Arc::new(AtomicBool::new(false));
        self.running.insert(ticket, Arc::clone(&cancelled));
        std::thread::spawn(move || {
            highlight::all(&sheet.draft.change, &cancelled, |file, tokens| {
                messages.send(Input::Msg(Msg::Highlighted(ticket, file, Arc::new(tokens)))).is_ok()
            });
        });
    }

    /// Opens a text in the person's editor; answers `Edited`.
    pub fn edit(&mut self, ticket: Ticket, text: String) {
        let editor = self.editor.clone();
        self.start(ticket, move |_, _| Msg::Edited(ticket, editor.edit(&text)));
    }
}

impl Site {
    pub(super) fn cause(&self, signature: SignatureId) -> Result<Cause, Failure> {
        let (case, deploy) = self.case(signature)?;
        let repo = self.place(&case)?;
        if case.shelf.is_some() && self.config.remedy.people.value > 1 {
            let hint = "Commit it first; then they can see the same bytes.";
            return Err(Failure::new(FailureKind::User, "nobody else can approve what is not committed", hint));
        }
        let reason = format!("{} after {}", case.symptom.template, deploy.version);
        let is_committed = case.shelf.is_none();
        let target = self.follow.clone().filter(|_| is_committed);
        let push = if is_committed { forge::push_of(&self.config.remedy, &repo, target.as_deref())? } else { None };
        Ok(Cause { repo, case, deploy, reason, refs: [signature.to_string()], target, push })
    }

    pub(super) fn change(&self, cause: &Cause) -> Result<Change, Failure> {
        let opened = read::open(&cause.repo).map_err(|error| error.failure())?;
        read::change_between(&opened, &self.range(&cause.deploy)?).map_err(|error| error.failure())
    }

    fn request<'a>(&'a self, cause: &'a Cause, scope: &Scope) -> Request<'a> {
        Request {
            target_branch: cause.target.as_deref(),
            deploy_command: self.config.command_for(scope).filter(|_| !cause.is_uncommitted()),
            reason: &cause.reason,
            refs: &cause.refs,
            push: cause.push.as_ref(),
            ..Request::new(&self.service, Scope::Range)
        }
    }

    fn plan(&self, signature: SignatureId, scope: Scope) -> Result<Prepared, Failure> {
        let cause = self.cause(signature)?;
        let change = self.change(&cause)?;
        let proposed = (Origin::Rollback, Proposal::Back(scope));
        self.prepare(&cause, &change, proposed, Grounds::default())
    }

    pub(super) fn prepare(
        &self,
        cause: &Cause,
        change: &Change,
        proposed: (Origin, Proposal),
        grounds: Grounds,
    ) -> Result<Prepared, Failure> {
        let scope = scope_of(&proposed.1);
        let made = draft::prepare(&cause.repo, change, proposed, grounds, &self.request(cause, &scope));
        let (plan, draft) = made.map_err(|error| error.failure())?;
        Ok(Prepared::of(cause.finish(plan), draft))
    }

    fn compose(&self, signature: SignatureId, sheet: &Sheet, choice: &Choice) -> Result<Plan, Failure> {
        let cause = self.cause(signature)?;
        let change = self.change(&cause)?;
        // The command that rolls back as a whole does more than what only a part of it was chosen of: that is deployed.
        let scope = match &sheet.draft.proposal {
            Proposal::Back(scope) if choice.is_whole() => scope.clone(),
            Proposal::Back(_) | Proposal::Parts(..) | Proposal::Patch(_) => Scope::Hunks(Vec::new()),
        };
        let request = self.request(&cause, &scope);
        let plan = draft::choose(&cause.repo, &change, &sheet.draft, choice, &request);
        plan.map(|plan| cause.finish(plan)).map_err(|error| error.failure())
    }

    fn fix(
        &self,
        ticket: Ticket,
        signature: SignatureId,
        allowed: &Allowed,
        cancelled: &AtomicBool,
    ) -> Result<Fixed, Failure> {
        self.may_run()?;
        let cause = self.cause(signature)?;
        let range = self.range(&cause.deploy)?;
        self.record(allowed)?;
        let repro = allowed.repro();
        let request = fix::Request {
            repo: &cause.repo,
            range: &range,
            symptom: &cause.case.symptom,
            siblings: &cause.case.siblings,
            command: &repro.argv,
            bounds: Bounds { run_time: repro.limit, ..Bounds::default() },
        };
        let mut progress = |progress: Progress| self.tell(ticket, progress);
        let found = fix::find(&request, cancelled, &mut progress).map_err(|error| error.failure())?;
        if cancelled.load(Ordering::Relaxed) {
            return Err(Failure::new(FailureKind::User, "the search was ended", "Press r to search again."));
        }
        self.fixed(&cause, found)
    }

    pub(super) fn may_run(&self) -> Result<(), Failure> {
        let hint = "Start again without --read-only.";
        let refused = Failure::new(FailureKind::User, "nothing is run in read-only mode", hint);
        if self.read_only { Err(refused) } else { Ok(()) }
    }

    /// Tells the screen of a run.
    pub(super) fn tell(&self, ticket: Ticket, progress: Progress) {
        let msg = match progress {
            Progress::Trying(part) => Msg::Trying(ticket, part),
            Progress::Tried(tried) => Msg::Tried(ticket, tried),
        };
        // When the loop is gone, nobody waits for the answer.
        let _ = self.messages.send(Input::Msg(msg));
    }

    /// Records who let the command run, before it runs.
    pub(super) fn record(&self, allowed: &Allowed) -> Result<(), Failure> {
        let (repro, by) = (allowed.repro(), execute::actor(allowed.by()));
        let detail = json!({
            "argv": audit::redact_argv(&repro.argv),
            "digest": repro.digest().to_string(),
            "seconds": repro.limit.as_secs(),
        });
        let recorded = AuditLog::at(&self.audit).append(self.clock.now(), &by, audit::REPRO_ALLOWED, detail);
        recorded.map(drop).map_err(|error| {
            Failure::of(
                FailureKind::External,
                &error,
                "Check the state folder; `aftercare audit --verify` checks the record.",
            )
        })
    }

    pub(super) fn fixed(&self, cause: &Cause, found: Found) -> Result<Fixed, Failure> {
        let Found { report, change, verdict } = found;
        if report.answer != Answer::Found {
            return Ok(Fixed { report, prepared: None });
        }
        let proposal = Proposal::Parts(report.taken.hunks.clone(), report.taken.files.clone());
        let grounds = Grounds {
            verdict: words(&verdict, cause.case.is_build),
            evidence: report.detail.clone(),
            reasons: report.hunks.clone(),
            checks: report.checks.clone(),
            notes: report.drafted.iter().flat_map(Drafted::notes).collect(),
        };
        let prepared = self.prepare(cause, &change, (Origin::Search, proposal), grounds)?;
        Ok(Fixed { report, prepared: Some(prepared) })
    }
}

/// A verdict in words; a build is judged before there is a deploy.
pub(super) fn words(verdict: &Verdict, is_build: bool) -> String {
    let change = if is_build { "change" } else { "deploy" };
    let link = if verdict.causal_link { "Caused by" } else { "Not shown to be caused by" };
    format!("{link} this {change}, confidence {}. {}", verdict.confidence.word(), verdict.evidence_summary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::Confidence;

    #[test]
    fn a_draft_after_a_failed_build_speaks_of_no_deploy() {
        let verdict = |causal_link: bool| Verdict {
            is_runtime_change: true,
            causal_link,
            confidence: Confidence::High,
            evidence_summary: "It says so.".to_owned(),
            changed_files: Vec::new(),
            suspects: Vec::new(),
        };
        assert_eq!(words(&verdict(true), true), "Caused by this change, confidence high. It says so.");
        assert_eq!(words(&verdict(true), false), "Caused by this deploy, confidence high. It says so.");
        assert!(words(&verdict(false), true).starts_with("Not shown to be caused by this change"));
    }
}
