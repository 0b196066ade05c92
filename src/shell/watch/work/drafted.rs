//! Drafts that a model or a coding agent writes, as a person ordered them.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Site, Work};
use crate::app::{Chosen, Failure, FailureKind, Fixed, Msg, Ticket};
use crate::config::Config;
use crate::ingest::sanitize::redact;
use crate::remedy::advice::commission::{Author, Candidate, Commission, Ground};
use crate::remedy::advice::{Drafted, Progress, Walls};
use crate::remedy::audit;
use crate::remedy::draft::{Origin, Proposal};
use crate::remedy::fix::{Answer, Check, Repro};
use crate::shell::advisor::SystemClock;
use crate::shell::agent::confine;
use crate::shell::audit::AuditLog;
use crate::shell::execute;
use crate::shell::fix::draft::{self as drafting, Author as By};
use crate::shell::fix::{Bounds, Found, recheck};
use crate::shell::git::revert::draft::{self as revert_draft, Grounds};
use crate::shell::settings::{advisor_of, agent_of};
use crate::shell::terminal::Input;
use crate::units::SignatureId;

/// Real time between two words on how far a reply is.
const BEAT: Duration = Duration::from_millis(100);

impl Work {
    /// Has a fix written; answers `Drafting` and `Fixed`.
    pub fn draft(&mut self, ticket: Ticket, signature: SignatureId, commission: Commission) {
        self.start(ticket, move |site, cancelled| {
            Msg::Fixed(ticket, site.draft(ticket, signature, &commission, cancelled).map(Box::new))
        });
    }
}

impl Work {
    /// Holds what was chosen of a draft against the checks; answers `Tried` and `Checked`.
    pub fn check(&mut self, ticket: Ticket, signature: SignatureId, chosen: Chosen) {
        self.start(ticket, move |site, cancelled| {
            Msg::Checked(ticket, site.check(ticket, signature, &chosen, cancelled))
        });
    }
}

/// Everybody who can be asked for a draft by these settings.
#[must_use]
pub fn candidates(config: &Config) -> Vec<Candidate> {
    let advisor = config.advisor.dialect.value.map(|_| advisor(config));
    let agent = config.agent.name.value.as_deref().map(|name| agent(config, name));
    advisor.into_iter().chain(agent).collect()
}

/// What stands around commands on a draft; nothing is looked for where nobody can be asked for one.
#[must_use]
pub fn walls(config: &Config) -> Walls {
    let can_ask = config.advisor.dialect.value.is_some() || config.agent.name.value.is_some();
    if can_ask { crate::shell::confine::walls(&config.fix.open()) } else { Walls::none("nobody is asked for a draft") }
}

fn advisor(config: &Config) -> Candidate {
    let settings = &config.advisor;
    let setup = advisor_of(settings);
    let is_priced = settings.price_in.value > 0.0 || settings.price_out.value > 0.0;
    Candidate {
        author: Author::Advisor,
        name: setup.as_ref().map_or_else(|_| "model".to_owned(), |setup| format!("model {}", setup.name())),
        place: setup.as_ref().map_or_else(|_| "not set up".to_owned(), |setup| setup.place()),
        tokens: Some(u64::from(settings.tokens.value)),
        money: is_priced.then_some(settings.money.value),
        time: Duration::from_secs(u64::from(settings.seconds.value)),
        confinement: String::new(),
        trouble: setup.err().map(|failure| failure.to_string()),
    }
}

fn agent(config: &Config, name: &str) -> Candidate {
    let adapter = agent_of(&config.agent, name);
    let program = adapter.as_ref().ok().and_then(|adapter| adapter.command.first().cloned()).unwrap_or_default();
    let missing = || execute::command::find(&program).is_none().then(|| format!("there is no program {program:?}"));
    Candidate {
        author: Author::Agent(name.to_owned()),
        name: format!("agent {name}"),
        place: if program.is_empty() { "not set up".to_owned() } else { program.clone() },
        tokens: None,
        money: None,
        time: Duration::from_secs(u64::from(config.agent.seconds.value)),
        confinement: confine::words(),
        trouble: adapter.as_ref().err().map(ToString::to_string).or_else(missing),
    }
}

impl Site {
    fn draft(
        &self,
        ticket: Ticket,
        signature: SignatureId,
        commission: &Commission,
        cancelled: &AtomicBool,
    ) -> Result<Fixed, Failure> {
        if self.read_only {
            let hint = "Start again without --read-only.";
            return Err(Failure::new(FailureKind::User, "nobody is asked in read-only mode", hint));
        }
        let cause = self.cause(signature)?;
        let range = self.range(&cause.deploy)?;
        self.note(commission, audit::DRAFT_ORDERED, ordered(commission))?;
        let (setup, adapter);
        let author = match &commission.brief().candidate.author {
            Author::Advisor => {
                setup = advisor_of(&self.config.advisor)?;
                By::Advisor(&setup)
            }
            Author::Agent(name) => {
                adapter = agent_of(&self.config.agent, name)?;
                By::Agent(&adapter, commission.brief().candidate.time)
            }
        };
        let brief = commission.brief();
        let transcripts = self.state.join("transcripts");
        let run_time = brief.repro.as_ref().map_or(Bounds::default().run_time, |repro| repro.limit);
        let open = self.config.fix.open();
        if (brief.repro.is_some() || brief.tests.is_some()) && brief.walls != crate::shell::confine::walls(&open) {
            let hint = "Press r to see the order as it would be now.";
            return Err(Failure::new(FailureKind::User, "commands would be confined otherwise than was shown", hint));
        }
        let request = drafting::Request {
            repo: &cause.repo,
            range: &range,
            symptom: &cause.case.symptom,
            siblings: &cause.case.siblings,
            author,
            repro: brief.repro.as_ref().map(|repro| repro.argv.as_slice()),
            tests: brief.tests.as_ref().map(|tests| (tests.argv.as_slice(), tests.limit)),
            bounds: Bounds { run_time, ..Bounds::default() },
            open: &open,
            transcripts: Some(&transcripts),
            clock: &SystemClock,
        };
        let found = drafting::draft(&request, cancelled, &mut self.teller(ticket)).map_err(|error| error.failure())?;
        self.note(commission, audit::DRAFT_MADE, made(&found, cancelled))?;
        if cancelled.load(Ordering::Relaxed) {
            return Err(Failure::new(FailureKind::User, "the draft was cancelled", "Press r to ask again."));
        }
        self.reviewed(&cause, found)
    }

    fn check(
        &self,
        ticket: Ticket,
        signature: SignatureId,
        chosen: &Chosen,
        cancelled: &AtomicBool,
    ) -> Result<Vec<Check>, Failure> {
        let cause = self.cause(signature)?;
        let deployed = self.change(&cause)?;
        let draft = &chosen.sheet.draft;
        let target = cause.target.as_deref();
        let contents = revert_draft::contents(&cause.repo, &deployed, draft, &chosen.choice, target);
        let contents = contents.map_err(|error| error.failure())?;
        let request = recheck::Request {
            repo: &cause.repo,
            deployed: &deployed,
            parent: &draft.change.base,
            contents: &contents,
            leave: &chosen.leave,
            open: &self.config.fix.open(),
        };
        let mut progress = |tried| {
            // When the loop is gone, nobody waits for the answer.
            let _ = self.messages.send(Input::Msg(Msg::Tried(ticket, tried)));
        };
        let checks = recheck::recheck(&request, cancelled, &mut progress).map_err(|error| error.failure())?;
        if cancelled.load(Ordering::Relaxed) {
            return Err(Failure::new(FailureKind::User, "the checks were cancelled", "Choose again to check again."));
        }
        Ok(checks)
    }

    /// Tells what happens; how far a reply is, a few times a second.
    fn teller(&self, ticket: Ticket) -> impl FnMut(&Progress) {
        let mut told: Option<Instant> = None;
        let mut waiting = Vec::new();
        let messages = self.messages.clone();
        move |progress| {
            let mut progress = progress.clone();
            if let Progress::Received { lines, .. } = &mut progress {
                waiting.append(lines);
                if told.is_some_and(|at| at.elapsed() < BEAT) {
                    return;
                }
                told = Some(Instant::now());
                lines.append(&mut waiting);
            }
            // When the loop is gone, nobody waits for the answer.
            let _ = messages.send(Input::Msg(Msg::Drafting(ticket, progress)));
        }
    }

    fn note(&self, commission: &Commission, action: &str, detail: Value) -> Result<(), Failure> {
        let by = execute::actor(commission.by());
        let recorded = AuditLog::at(&self.audit).append(self.clock.now(), &by, action, detail);
        recorded.map(drop).map_err(|error| {
            let hint = "Check the state folder; `aftercare audit --verify` checks the record.";
            Failure::of(FailureKind::External, &error, hint)
        })
    }

    /// Prepares what came of it to be reviewed; without a draft, says why.
    fn reviewed(&self, cause: &super::draft::Cause, found: Found) -> Result<Fixed, Failure> {
        let is_search = found.report.drafted.as_ref().is_none_or(|drafted| drafted.trouble.is_some());
        if found.report.answer != Answer::Found || is_search {
            return self.fixed(cause, found);
        }
        let Found { report, change, verdict } = found;
        let grounds = Grounds {
            verdict: super::draft::words(&verdict, cause.case.is_build),
            evidence: report.detail.clone(),
            reasons: report.hunks.clone(),
            checks: report.checks.clone(),
            notes: report.drafted.iter().flat_map(Drafted::notes).collect(),
        };
        let proposed = (Origin::Drafted, Proposal::Patch(report.patch.clone()));
        let prepared = self.prepare(cause, &change, proposed, grounds)?;
        Ok(Fixed { report, prepared: Some(prepared) })
    }
}

fn ordered(commission: &Commission) -> Value {
    let brief = commission.brief();
    let argv = |command: &Option<Repro>| command.as_ref().map(|command| audit::redact_argv(&command.argv));
    let ground = match commission.ground() {
        Ground::Evidence => json!({"kind": "evidence"}),
        Ground::Ruling(words) => json!({"kind": "ruling", "words": redact(words)}),
        Ground::Reason(reason) => json!({"kind": "reason", "words": redact(reason)}),
    };
    json!({
        "author": brief.candidate.name,
        "place": Path::new(&brief.candidate.place),
        "digest": commission.digest().to_string(),
        "ground": ground,
        "tokens": brief.candidate.tokens,
        "money": brief.candidate.money,
        "repro": argv(&brief.repro),
        "tests": argv(&brief.tests),
        "walls": &brief.walls,
    })
}

fn made(found: &Found, cancelled: &AtomicBool) -> Value {
    let report = &found.report;
    let drafted = report.drafted.clone().unwrap_or_default();
    let failed: Vec<&str> = report.checks.iter().filter(|check| !check.passed).map(|check| check.name).collect();
    json!({
        "author": drafted.by,
        "answer": report.answer,
        "ready": drafted.ready,
        "failed": failed,
        "spent": drafted.spent,
        "trouble": drafted.trouble,
        "cancelled": cancelled.load(Ordering::Relaxed),
    })
}
