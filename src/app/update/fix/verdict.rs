//! Runs of the command for a verdict: is the error older than the deploy, and does it go with the first suspect?
//!
//! The command is shown and let run as for a fix; what the runs come to is the verdict that the suspects then have.

use std::sync::Arc;

use super::super::super::effect::{Effect, Ticket};
use super::super::super::failure::Failure;
use super::super::super::msg::Reran;
use super::super::super::notice::Weight;
use super::super::super::place::{FixStep, Fixing, Place, Purpose, Work};
use super::super::super::state::State;
use super::by_command;
use crate::remedy::fix::Allowed;

/// Goes from the suspects to the command that shows the error.
pub(in crate::app::update) fn open(state: &mut State) -> Vec<Effect> {
    let deploy = state.deploy_key();
    let Some(from) = std::mem::replace(&mut state.place, Place::Watching).into_suspects() else { return Vec::new() };
    let signature = from.signature;
    let fixing =
        Fixing { purpose: Purpose::Verdict, signature, deploy, step: FixStep::Unset, top: 0, from: Some(from) };
    state.place = Place::Fix(Box::new(fixing));
    by_command(state)
}

/// What is asked of the shell, where there is a verdict to be moved.
pub(super) fn effect(fixing: &Fixing, ticket: Ticket, allowed: Box<Allowed>) -> Vec<Effect> {
    let triaged = fixing.from.as_ref().and_then(|from| from.work.ready()).map(Arc::clone);
    triaged.map(|triaged| Effect::Rerun(ticket, triaged, allowed)).into_iter().collect()
}

/// Takes what the runs came to, unless it comes late: the suspects have the moved verdict.
pub(in crate::app::update) fn reran(
    state: &mut State,
    ticket: Ticket,
    answer: Result<Box<Reran>, Failure>,
) -> Vec<Effect> {
    let Place::Fix(fixing) = &mut state.place else { return Vec::new() };
    if fixing.purpose != Purpose::Verdict || fixing.step.ticket() != Some(ticket) {
        return Vec::new();
    }
    let Reran { triaged, said } = match answer {
        Ok(reran) => *reran,
        Err(failure) => {
            fixing.step = FixStep::Failed(failure);
            return Vec::new();
        }
    };
    let Some(mut from) = fixing.from.take() else { return Vec::new() };
    from.work = Work::Ready(Arc::new(triaged));
    from.top = 0;
    state.place = Place::Suspects(from);
    state.say(Weight::Info, said);
    Vec::new()
}
