//! The two kinds of authors, and what each does with a second chance.

use std::collections::BTreeMap;
use std::time::Duration;

use super::build::{Bench, Contents, Judged};
use super::{Case, Progress, no_draft};
use crate::ingest::sanitize::redact;
use crate::remedy::advice::adapter::{Adapter, glance};
use crate::remedy::advice::fence::one_line;
use crate::remedy::advice::{Applied, Drafted, Reply, apply, prompt};
use crate::remedy::fix::Report;
use crate::shell::advisor::{Advisor, AdvisorError, Heard, Question, Role, Setup, Transcript};
use crate::shell::agent::{self, Job, Worked};
use crate::shell::execute::Ending;
use crate::shell::git::revert::RevertError;

/// How often an author is asked.
const TURNS: u32 = 2;

/// Characters of a line of what an author says that are told.
const SAID: usize = 500;

/// Somebody who drafts.
pub(super) trait Author {
    /// Drafts, and reports what came of it; notes in `drafted` how.
    fn work(
        &mut self,
        bench: &mut Bench<'_, '_>,
        drafted: &mut Drafted,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Report, RevertError>;
}

/// A model.
pub(super) struct ByModel<'a> {
    case: &'a Case<'a>,
    setup: &'a Setup,
    transcript: Option<Transcript>,
}

/// What one reply came to.
enum Turn {
    /// A draft, with all that was found.
    Draft(Box<Judged>),
    /// Nothing to be used; why, and what is asked next.
    Nothing(String, String),
    /// The model says that nothing can be done.
    Declined(String),
}

impl<'a> ByModel<'a> {
    pub(super) fn new(case: &'a Case<'a>, setup: &'a Setup, transcript: Transcript) -> Self {
        Self { case, setup, transcript: Some(transcript) }
    }

    /// Reads a reply, applies it and checks the result.
    fn turn(
        &self,
        text: &str,
        bench: &mut Bench<'_, '_>,
        drafted: &mut Drafted,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Turn, RevertError> {
        let reply = Reply::read(text);
        drafted.said = redact(&reply.said);
        if let Some(reason) = reply.declined.as_deref().filter(|_| reply.edits.is_empty()) {
            let reason = one_line(&redact(reason));
            return Ok(Turn::Declined(format!(
                "its author says that nothing can be done: {}",
                reason.trim_end_matches('.')
            )));
        }
        let applied = apply(&reply.edits, self.case.change);
        let mut problems = reply.problems.clone();
        if reply.edits.is_empty() && problems.is_empty() {
            problems.push("There is no edit in the reply.".to_owned());
        }
        let is_empty = applied.files.is_empty();
        if is_empty && problems.is_empty() && applied.failed.is_empty() {
            let outside = applied.outside.join(", ");
            problems.push(match outside.as_str() {
                "" => "The edits change nothing.".to_owned(),
                paths => format!("The edits only change what may not be changed: {paths}."),
            });
        }
        if !problems.is_empty() || !applied.failed.is_empty() {
            let again = prompt::again(&problems, &applied.failed, &self.case.fence);
            return Ok(Turn::Nothing(first_problem(&problems, &applied), again));
        }
        let contents: Contents =
            applied.files.into_iter().map(|(path, text)| (path, Some(text.into_bytes()))).collect();
        bench.judge(&contents, &applied.outside, progress).map(|judged| Turn::Draft(Box::new(judged)))
    }
}

impl Author for ByModel<'_> {
    fn work(
        &mut self,
        bench: &mut Bench<'_, '_>,
        drafted: &mut Drafted,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Report, RevertError> {
        let case = self.case;
        let cancel = bench.cancel();
        let transcript = self.transcript.take().unwrap_or_else(Transcript::nowhere);
        drafted.removed_transcripts = transcript.n_removed();
        let mut advisor = Advisor::new(self.setup, transcript, case.request.clock, cancel);
        drafted.transcript = advisor.transcript().map(|path| path.display().to_string());
        let turns = vec![(Role::User, prompt::question(case.task, &case.fence))];
        let mut question = Question { system: prompt::system(&case.fence), turns, schema: None };
        let mut best: Option<Judged> = None;
        for turn in 1..=TURNS {
            let (tokens, money) = advisor.estimate(&question);
            progress(&Progress::Asked { turn, tokens: Some(tokens), money });
            let mut told = 0;
            let asked = advisor.ask(&question, &mut |heard| progress(&received(heard, &mut told)));
            drafted.asked = turn;
            drafted.spent = advisor.spent();
            progress(&Progress::Answered(drafted.spent));
            let text = match asked {
                Ok(text) => text,
                Err(error) => {
                    drafted.trouble = Some(trouble(&error));
                    break;
                }
            };
            let next = match self.turn(&text, bench, drafted, progress)? {
                Turn::Draft(judged) => {
                    let next = judged.complaint(&case.fence);
                    drafted.trouble = None;
                    best = Some(better(best, *judged));
                    next
                }
                Turn::Nothing(why, next) => {
                    drafted.trouble = Some(why);
                    Some(next)
                }
                Turn::Declined(why) => {
                    drafted.trouble = Some(why);
                    None
                }
            };
            let Some(next) = next else { break };
            question.turns.push((Role::Assistant, text));
            question.turns.push((Role::User, next));
        }
        match best {
            Some(judged) => {
                drafted.trouble = None;
                case.report(bench, judged, drafted)
            }
            None => Ok(no_draft(drafted)),
        }
    }
}

/// What came of a reply, with its lines that are whole since the last word; `told` is how far they were told.
fn received(heard: Heard<'_>, told: &mut usize) -> Progress {
    let whole = heard.text.rfind('\n').map_or(0, |end| end + 1);
    let new = heard.text.get(*told..whole).unwrap_or_default();
    *told = whole;
    let lines = new.lines().map(|line| redact(&line.chars().take(SAID).collect::<String>())).collect();
    Progress::Received { n_bytes: heard.text.len(), lines, spent: heard.spent }
}

/// The draft that failed fewer checks; of equals, the later one.
fn better(best: Option<Judged>, new: Judged) -> Judged {
    match best {
        Some(best) if best.n_failed() < new.n_failed() => best,
        _ => new,
    }
}

fn first_problem(problems: &[String], applied: &Applied) -> String {
    let edit = applied.failed.first().map(|failed| format!("edit {}: {}", failed.number, failed.why));
    let why = problems.first().cloned().or(edit).unwrap_or_default();
    let line = why.lines().next().unwrap_or_default().trim_end_matches(['.', ':']).to_owned();
    format!("the reply cannot be applied ({})", one_line(&line))
}

fn trouble(error: &AdvisorError) -> String {
    error.failure().to_string().trim_end_matches('.').to_owned()
}

/// A coding agent.
pub(super) struct ByAgent<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) adapter: &'a Adapter,
    pub(super) time: Duration,
}

impl Author for ByAgent<'_> {
    fn work(
        &mut self,
        bench: &mut Bench<'_, '_>,
        drafted: &mut Drafted,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Report, RevertError> {
        let (task, scope) = (prompt::assignment(self.case.task, &self.case.fence), self.case.scope());
        let word = self.case.fence.name();
        let job = Job { adapter: self.adapter, task: &task, scope: &scope, time: self.time, word: &word };
        progress(&Progress::Asked { turn: 1, tokens: None, money: None });
        let cancel = bench.cancel();
        let worked = agent::run(&job, bench.workshop(), cancel, &mut |line| {
            if let Some(line) = glance(line) {
                progress(&Progress::Said(redact(&line).chars().take(SAID).collect()));
            }
        })?;
        drafted.asked = 1;
        drafted.confinement = agent::confine::words();
        let orders: Vec<String> = bench.workshop().orders()?.iter().map(|path| one_line(&redact(path))).collect();
        if !orders.is_empty() {
            drafted
                .confinement
                .push_str(&format!("; what gives agents orders was kept from it: {}", orders.join(", ")));
        }
        drafted.said = redact(&worked.account.said);
        drafted.spent = worked.account.spent;
        drafted.left_out = worked.left.notes.iter().map(|note| one_line(&redact(note))).collect();
        if worked.left.files.is_empty() {
            drafted.trouble = Some(idle(&worked));
            drafted.left_out.extend(worked.left.outside.iter().map(|path| one_line(&redact(path))));
            return Ok(no_draft(drafted));
        }
        match worked.ran.ending {
            Ending::Canceled => {
                drafted.trouble = Some("stopped by the user".to_owned());
                return Ok(no_draft(drafted));
            }
            Ending::TimedOut => {
                drafted.trouble = Some("the agent took too long and was stopped; this is what it had done".to_owned());
            }
            Ending::Exited(_) | Ending::Signaled(_) | Ending::NotStarted(_) => {}
        }
        let contents: BTreeMap<_, _> = worked.left.files;
        let judged = bench.judge(&contents, &worked.left.outside, progress)?;
        self.case.report(bench, judged, drafted)
    }
}

/// Why an agent that changed nothing did so, as far as can be told.
fn idle(worked: &Worked) -> String {
    let why = match &worked.ran.ending {
        Ending::Exited(0) if worked.account.was_denied => "was not allowed what it wanted to do".to_owned(),
        Ending::Exited(0) => "ended well".to_owned(),
        ending => ending.to_string(),
    };
    let outside = worked.left.outside.len();
    let outside =
        if outside > 0 { format!(", and {outside} outside of it, which does not count") } else { String::new() };
    format!("the agent {why}, but changed no file of the deploy's diff{outside}")
}
