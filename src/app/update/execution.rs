//! What is, or was, executed: its output, and how it ended.

use super::super::effect::{Effect, Ticket};
use super::super::failure::Failure;
use super::super::notice::{Weight, sentence};
use super::super::place::{Execution, Phase, Place};
use super::super::state::State;
use super::keys::{self, Motion};
use super::{review, suspects};

/// Rows of the page that tell what is executed, above the output.
pub(crate) const HEAD_ROWS: u16 = 4;

/// Shows it. Work that was under way where the person was is no longer wanted.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    if matches!(state.place, Place::Review(_)) {
        effects.extend(review::close(state));
    }
    if matches!(state.place, Place::Suspects(_)) {
        effects.extend(suspects::close(state));
    }
    state.place = Place::Execution;
    effects
}

/// Takes a line of output, unless it belongs to something else.
pub(super) fn output(state: &mut State, ticket: Ticket, line: String) -> Vec<Effect> {
    if let Some(execution) = state.execution.as_mut().filter(|execution| execution.ticket == ticket) {
        execution.push(line);
    }
    Vec::new()
}

/// Takes the end, unless it belongs to something else.
pub(super) fn executed(state: &mut State, ticket: Ticket, answer: Result<Vec<String>, Failure>) -> Vec<Effect> {
    let Some(execution) = running(state, ticket) else {
        return Vec::new();
    };
    let (weight, text) = match &answer {
        Ok(_) => (Weight::Info, "Executed. Press o to see what was done; the rate is being watched.".to_owned()),
        Err(failure) => (Weight::Failure, sentence(failure)),
    };
    execution.phase = match answer {
        Ok(done) => Phase::Done(done),
        Err(failure) => Phase::Failed(failure),
    };
    state.leaving = false;
    if !matches!(state.place, Place::Execution) || state.help.is_some() {
        state.say(weight, text);
    }
    Vec::new()
}

fn running(state: &mut State, ticket: Ticket) -> Option<&mut Execution> {
    state.execution.as_mut().filter(|execution| execution.ticket == ticket && execution.phase == Phase::Running)
}

/// Scrolls the output; at its end it follows.
pub(super) fn go(state: &mut State, motion: Motion) {
    let height = keys::page(state).saturating_sub(usize::from(HEAD_ROWS));
    let Some(execution) = &mut state.execution else {
        return;
    };
    execution.shift = motion.shift(execution.shift);
    let last = rows(execution).saturating_sub(height);
    let to = motion.apply(execution.top.unwrap_or(last), last.saturating_add(1), height);
    execution.top = (to < last).then_some(to);
}

/// Rows that the output takes, with the sentences that end it.
pub(crate) fn rows(execution: &Execution) -> usize {
    let end = match &execution.phase {
        Phase::Running => 0,
        Phase::Done(done) => done.len() + 1,
        Phase::Failed(failure) => failure.causes.len() + 3,
    };
    execution.output.len() + end + usize::from(execution.dropped > 0)
}
