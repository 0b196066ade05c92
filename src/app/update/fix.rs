//! The search for a fix: the command is shown, a person lets it run, its runs are told, what it finds is reviewed.

mod draft;
mod verdict;

use super::super::effect::{Effect, Ticket};
use super::super::failure::Failure;
use super::super::msg::Fixed;
use super::super::notice::Weight;
use super::super::place::{Briefing, FixRun, FixStep, Fixing, Place, Purpose};
use super::super::state::State;
use super::keys::{self, Motion};
use super::review;
use crate::remedy::advice::Leave;
use crate::remedy::fix::{Part, Repro, Tried, allow};

pub(super) use draft::{choose, chosen, drafting, erase, triaged, type_char};
pub(super) use verdict::{open as open_verdict, reran};

/// Goes to the search for a fix of the selected signature.
///
/// Nothing runs before a person has seen the very command and let it run, once in a session.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    let deploy = state.deploy_key();
    let from = std::mem::replace(&mut state.place, Place::Watching).into_suspects();
    let Some(signature) = from.as_deref().map(|suspects| suspects.signature).or(state.selection.id) else {
        return Vec::new();
    };
    state.selection.chosen = true;
    let fixing = Fixing { purpose: Purpose::Fix, signature, deploy, step: FixStep::Choosing(0), top: 0, from };
    state.place = Place::Fix(Box::new(fixing));
    if state.options.candidates.is_empty() { by_command(state) } else { Vec::new() }
}

/// Shows the command that finds a fix, or what to set; what was let run once in this session needs no second leave.
fn by_command(state: &mut State) -> Vec<Effect> {
    let step = match &state.options.repro {
        None => FixStep::Unset,
        Some(repro) => FixStep::Asking(repro.clone()),
    };
    if let Place::Fix(fixing) = &mut state.place {
        fixing.step = step;
    }
    let is_known = state.allowed.as_ref().is_some_and(|allowed| Some(allowed.repro()) == state.options.repro.as_ref());
    if is_known { start(state) } else { Vec::new() }
}

/// Lets the command on the screen run, or has the draft on the screen written.
pub(super) fn run(state: &mut State) -> Vec<Effect> {
    let Place::Fix(fixing) = &state.place else { return Vec::new() };
    let FixStep::Asking(repro) = &fixing.step else { return draft::order(state) };
    state.allowed = allow(repro.clone(), repro.digest(), state.options.person.clone());
    start(state)
}

fn start(state: &mut State) -> Vec<Effect> {
    let (ticket, deploy, since) = (state.ticket(), state.deploy_key(), state.now);
    let Some(allowed) = state.allowed.clone() else { return Vec::new() };
    let Place::Fix(fixing) = &mut state.place else { return Vec::new() };
    fixing.step = FixStep::Running(FixRun { ticket, since, trying: None, tried: Vec::new() });
    fixing.deploy = deploy;
    fixing.top = 0;
    let (signature, allowed) = (fixing.signature, Box::new(allowed));
    match fixing.purpose {
        Purpose::Fix => vec![Effect::Fix(ticket, signature, allowed)],
        Purpose::Verdict => verdict::effect(fixing, ticket, allowed),
    }
}

/// Searches again; where there are several who could, from the choice of them on.
pub(super) fn retry(state: &mut State) -> Vec<Effect> {
    let repro = state.options.repro.clone();
    let has_candidates = !state.options.candidates.is_empty();
    let Place::Fix(fixing) = &mut state.place else { return Vec::new() };
    if has_candidates && fixing.purpose == Purpose::Fix {
        (fixing.step, fixing.top) = (FixStep::Choosing(0), 0);
        return Vec::new();
    }
    if let Some(repro) = repro.filter(|_| state.allowed.is_none()) {
        fixing.step = FixStep::Asking(repro);
        return Vec::new();
    }
    start(state)
}

fn running(state: &mut State, ticket: Ticket) -> Option<&mut FixRun> {
    match &mut state.place {
        Place::Fix(fixing) => match &mut fixing.step {
            FixStep::Running(run) => Some(run).filter(|run| run.ticket == ticket),
            FixStep::Unset
            | FixStep::Choosing(_)
            | FixStep::Asking(_)
            | FixStep::Briefing(_)
            | FixStep::Drafting(_)
            | FixStep::Ended(_)
            | FixStep::Failed(_) => None,
        },
        Place::Watching
        | Place::Suspects(_)
        | Place::Review(_)
        | Place::Approval(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_) => None,
    }
}

/// Takes note of a run that begins.
pub(super) fn trying(state: &mut State, ticket: Ticket, part: Part) -> Vec<Effect> {
    if let Some(run) = running(state, ticket) {
        run.trying = Some(part);
    }
    Vec::new()
}

/// Takes note of a run that ended.
pub(super) fn tried(state: &mut State, ticket: Ticket, tried: Tried) -> Vec<Effect> {
    if let Some(run) = running(state, ticket) {
        run.note(tried);
    }
    Vec::new()
}

/// Takes what the search came to: a draft to review, or why there is none.
pub(super) fn fixed(state: &mut State, ticket: Ticket, answer: Result<Box<Fixed>, Failure>) -> Vec<Effect> {
    let Place::Fix(fixing) = &mut state.place else { return Vec::new() };
    let is_awaited = matches!(fixing.step, FixStep::Running(_) | FixStep::Drafting(_));
    if !is_awaited || fixing.step.ticket() != Some(ticket) {
        return Vec::new();
    }
    let Fixed { report, prepared } = match answer {
        Ok(fixed) => *fixed,
        Err(failure) => {
            fixing.step = FixStep::Failed(failure);
            return Vec::new();
        }
    };
    let Some(prepared) = prepared else {
        fixing.step = FixStep::Ended(Box::new(report));
        return Vec::new();
    };
    let leave = match &fixing.step {
        FixStep::Drafting(run) => Some(Leave::Draft(Box::new(run.commission.clone()))),
        _ => state.allowed.clone().map(Leave::Search),
    };
    let (signature, deploy, from) = (fixing.signature, fixing.deploy.clone(), fixing.from.take());
    let effects = review::open_fix(state, signature, (ticket, prepared), from);
    // The draft is for the deploy that it was searched in.
    if let Place::Review(review) = &mut state.place {
        (review.deploy, review.leave) = (deploy, leave);
    }
    state.say(Weight::Info, report.detail);
    effects
}

/// Goes back one step; what still runs is ended. Where several could find it, back to the choice of them.
pub(super) fn close(state: &mut State) -> Vec<Effect> {
    let has_candidates = !state.options.candidates.is_empty();
    let Place::Fix(fixing) = &mut state.place else { return Vec::new() };
    let cancel = fixing.step.ticket().map(Effect::Cancel).into_iter().collect();
    let is_chosen = match fixing.step {
        FixStep::Unset | FixStep::Asking(_) | FixStep::Briefing(_) => has_candidates && fixing.purpose == Purpose::Fix,
        FixStep::Choosing(_) | FixStep::Running(_) | FixStep::Drafting(_) | FixStep::Ended(_) | FixStep::Failed(_) => {
            false
        }
    };
    if is_chosen {
        (fixing.step, fixing.top) = (FixStep::Choosing(0), 0);
    } else {
        let from = fixing.from.take();
        state.place = from.map_or(Place::Watching, Place::Suspects);
    }
    cancel
}

/// At least as many rows as it takes to show a command.
pub(crate) fn rows_of_repro(repro: &Repro) -> usize {
    rows_of_argv(repro) + 10
}

fn rows_of_argv(repro: &Repro) -> usize {
    repro.argv.iter().map(|argument| 1 + argument.len() / 40).sum()
}

/// At least as many rows as it takes to show whom to ask and what is run; what the evidence says is below that.
pub(crate) fn rows_of_order(briefing: &Briefing) -> usize {
    let candidate = &briefing.brief.candidate;
    let wrapped = (candidate.place.len() + candidate.name.len()) / 40 + candidate.confinement.len() / 40;
    let commands = [&briefing.brief.repro, &briefing.brief.tests];
    commands.into_iter().flatten().map(rows_of_argv).sum::<usize>() + wrapped + 9
}

/// Scrolls what is told.
pub(super) fn go(state: &mut State, motion: Motion) {
    let height = keys::page(state);
    let Place::Fix(fixing) = &mut state.place else { return };
    let n_rows = match &fixing.step {
        FixStep::Running(run) => run.tried.iter().map(|tried| 1 + tried.ending.len() / 40).sum::<usize>() + 8,
        FixStep::Asking(repro) => rows_of_repro(repro),
        FixStep::Briefing(briefing) => {
            let summary = briefing.work.ready().map_or(0, |triaged| triaged.verdict.evidence_summary.len());
            rows_of_order(briefing) + summary / 30 + 10
        }
        FixStep::Drafting(run) => {
            let tried = run.tried.iter().map(|tried| 1 + tried.ending.len() / 40).sum::<usize>();
            tried + run.lines.iter().map(|line| 1 + line.len() / 40).sum::<usize>() + 12
        }
        FixStep::Choosing(_) | FixStep::Unset | FixStep::Ended(_) | FixStep::Failed(_) => 24,
    };
    let n = n_rows.saturating_sub(height).saturating_add(1);
    fixing.top = motion.apply(fixing.top, n, height);
}
