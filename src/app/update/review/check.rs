//! The checks of what was chosen of a draft: those of the whole draft do not speak for a part of it, so they are made
//! anew for each choice that has a plan.

use std::sync::Arc;

use super::super::super::desk::{Checking, Desk, Standing};
use super::super::super::effect::{Chosen, Effect, Ticket};
use super::super::super::failure::Failure;
use super::super::super::place::{Place, Work};
use super::super::super::state::State;
use super::{desk, recompose};
use crate::remedy::fix::Check;

/// The ticket of the checks that run.
pub(super) fn under_way(desk: &Desk) -> Option<Ticket> {
    match &desk.checking {
        Checking::Running(ticket, ..) => Some(*ticket),
        Checking::Idle | Checking::Failed(..) => None,
    }
}

/// Has what is chosen checked, unless it was, or is; what is checked for another choice is no longer wanted.
pub(super) fn begin(state: &mut State) -> Vec<Effect> {
    let ticket = state.ticket();
    let Place::Review(review) = &mut state.place else { return Vec::new() };
    let (signature, leave) = (review.signature, review.leave.clone());
    let Work::Ready(desk) = &mut review.work else { return Vec::new() };
    let is_same = match &desk.checking {
        Checking::Running(_, choice, _) | Checking::Failed(choice, _) => choice.has_parts_of(&desk.choice),
        Checking::Idle => false,
    };
    if is_same {
        return Vec::new();
    }
    let superseded = under_way(desk).map(Effect::Cancel);
    desk.checking = Checking::Idle;
    let Some(leave) = leave.filter(|_| desk.is_unchecked()) else {
        return superseded.into_iter().chain(take_checked(state)).collect();
    };
    desk.checking = Checking::Running(ticket, Box::new(desk.choice.clone()), 0);
    let patch = desk.shown.plan.patch.clone();
    let chosen = Chosen { sheet: Arc::clone(&desk.sheet), choice: desk.choice.clone(), patch, leave };
    superseded.into_iter().chain([Effect::Check(ticket, signature, Box::new(chosen))]).collect()
}

/// The desk of the review that is on the screen, or below the approval there.
fn desk_below(state: &mut State) -> Option<&mut Desk> {
    let work = match &mut state.place {
        Place::Approval(approval) => &mut approval.review.work,
        Place::Review(review) => &mut review.work,
        Place::Watching
        | Place::Suspects(_)
        | Place::Fix(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_) => return None,
    };
    match work {
        Work::Ready(desk) => Some(desk),
        Work::Running(_) | Work::Failed(_) => None,
    }
}

/// Takes note of a run that ended.
pub(in super::super) fn tried(state: &mut State, ticket: Ticket) {
    if let Some(Checking::Running(awaited, _, n_runs)) = desk_below(state).map(|desk| &mut desk.checking)
        && *awaited == ticket
    {
        *n_runs += 1;
    }
}

/// Takes what was found of what is chosen. The plan, whose message tells the checks, is made anew; not while it is
/// at the approval, where nothing changes under the person's eyes.
pub(in super::super) fn checked(state: &mut State, ticket: Ticket, answer: Result<Vec<Check>, Failure>) -> Vec<Effect> {
    let Some(desk) = desk_below(state) else { return Vec::new() };
    let Checking::Running(awaited, choice, _) = desk.checking.clone() else { return Vec::new() };
    if awaited != ticket {
        return Vec::new();
    }
    match answer {
        Ok(checks) => {
            desk.checking = Checking::Idle;
            desk.choice.take_checks(&choice, checks);
        }
        Err(failure) => desk.checking = Checking::Failed(choice, failure),
    }
    take_checked(state)
}

/// Has the plan made anew where what is chosen was checked after the plan was made.
pub(in super::super) fn take_checked(state: &mut State) -> Vec<Effect> {
    let is_behind = desk(state).is_some_and(|desk| {
        let has_checks = desk.choice.checks().is_some() && !desk.choice.is_whole();
        has_checks && desk.standing == Standing::Current && !desk.knows_checks
    });
    if !is_behind {
        return Vec::new();
    }
    recompose(state)
}
