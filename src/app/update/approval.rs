//! The approval: from a plan that was on the screen to one that may be executed.
//!
//! The typed word comes from keys alone; pasted text is refused (see [`super::update`]).

use std::collections::VecDeque;

use super::super::effect::Effect;
use super::super::notice::Weight;
use super::super::place::{Approval, Execution, Phase, Place};
use super::super::state::State;
use super::keys::{self, Motion};
use super::{review, standing};
use crate::remedy::Plan;
use crate::remedy::approval::{Refused, consent as consent_to};

/// The longest word that can be typed, in bytes.
const LONGEST: usize = 200;

/// Goes from the review to the approval of the plan that is on the screen there.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    state.place = match std::mem::replace(&mut state.place, Place::Watching) {
        Place::Review(review) => match review.work.ready().and_then(|desk| desk.current()).cloned() {
            Some(shown) => Place::Approval(Box::new(Approval { shown, review: *review, typed: String::new(), top: 0 })),
            None => Place::Review(review),
        },
        place @ (Place::Watching
        | Place::Fix(_)
        | Place::Suspects(_)
        | Place::Approval(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_)) => place,
    };
    Vec::new()
}

/// Goes back to the review; what was typed is forgotten. A plan that changed meanwhile is made anew.
pub(super) fn close(state: &mut State) -> Vec<Effect> {
    match std::mem::replace(&mut state.place, Place::Watching) {
        Place::Approval(approval) => {
            let Approval { review, shown, .. } = *approval;
            state.place = Place::Review(Box::new(review));
            if shown.plan.digest() == shown.digest {
                return review::take_checked(state);
            }
            state.say(Weight::Warning, "The plan changed. It is made anew.");
            review::retry(state)
        }
        place @ (Place::Watching
        | Place::Suspects(_)
        | Place::Fix(_)
        | Place::Review(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_)) => {
            state.place = place;
            Vec::new()
        }
    }
}

/// Adds a character to the typed word.
pub(super) fn type_char(state: &mut State, char: char) {
    if let Place::Approval(approval) = &mut state.place
        && approval.typed.len() < LONGEST
    {
        approval.typed.push(char);
    }
}

/// Takes back so many characters of the typed word.
pub(super) fn erase(state: &mut State, n: usize) {
    if let Place::Approval(approval) = &mut state.place {
        let keep = approval.typed.chars().count().saturating_sub(n);
        approval.typed = approval.typed.chars().take(keep).collect();
    }
}

/// Scrolls what is approved.
pub(super) fn go(state: &mut State, motion: Motion) {
    let height = keys::page(state);
    if let Place::Approval(approval) = &mut state.place {
        let n = review::plan_rows(&approval.shown.plan) + approval.shown.patch.lines.len();
        let n = n.saturating_sub(height / 2);
        approval.top = motion.apply(approval.top, n, height);
    }
}

/// Executes the plan, if the word is right and the plan is still the one on the screen.
pub(super) fn consent(state: &mut State) -> Vec<Effect> {
    let Place::Approval(approval) = &state.place else {
        return Vec::new();
    };
    if state.is_executing() {
        state.say(Weight::Warning, "Something is being executed. Wait for its end; o shows it.");
        return Vec::new();
    }
    if approval.review.deploy != state.deploy_key() || approval.shown.plan.digest() != approval.shown.digest {
        state.say(Weight::Warning, CHANGED);
        return Vec::new();
    }
    let Approval { shown, typed, .. } = approval.as_ref();
    let word = shown.word().to_owned();
    let approved = match consent_to(shown.plan.clone(), shown.digest, typed, state.options.person.clone()) {
        Ok(approved) => approved,
        Err(Refused::NoReason) => {
            let text = format!("Nothing was executed: behind {word}, type why it is done all the same.");
            state.say(Weight::Warning, text);
            return Vec::new();
        }
        Err(Refused::Word | Refused::Changed | Refused::Nobody) => {
            let text = format!("Nothing was executed: the typed word is not {word}. Type it, then press Enter.");
            state.say(Weight::Warning, text);
            return Vec::new();
        }
    };
    let signature = approval.review.signature;
    // Whoever acts themselves needs nothing to happen by itself.
    let stopped = standing::stop_counting(state, &approved.by().name);
    let ticket = state.ticket();
    state.execution = Some(execution(state, ticket, approved.plan(), approved.by().name.clone()));
    let left = match std::mem::replace(&mut state.place, Place::Execution) {
        Place::Approval(approval) => review::done(state, approval.review),
        Place::Watching
        | Place::Suspects(_)
        | Place::Fix(_)
        | Place::Review(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_) => Vec::new(),
    };
    stopped.into_iter().chain(left).chain([Effect::Execute(ticket, signature, Box::new(approved))]).collect()
}

const CHANGED: &str = "Nothing was executed: the plan changed after it was shown. Press Esc to review the new one.";

pub(super) fn execution(state: &State, ticket: super::super::effect::Ticket, plan: &Plan, by: String) -> Execution {
    Execution {
        ticket,
        since: state.now,
        service: plan.service.clone(),
        origin: plan.origin,
        branch: plan.branch.clone(),
        only_branch: !plan.steps.iter().any(|step| step.runs),
        digest: plan.digest(),
        by,
        phase: Phase::Running,
        output: VecDeque::new(),
        dropped: 0,
        top: None,
        shift: 0,
    }
}
