//! The review of a draft: asked for, taken, computed anew after every choice, left.

mod check;
mod choose;
mod motion;

use std::sync::Arc;

use super::super::desk::{Desk, Standing};
use super::super::effect::{Effect, Ticket};
use super::super::failure::Failure;
use super::super::layout::{Panels, fits_split};
use super::super::notice::Weight;
use super::super::place::{Place, Review, ReviewPanel, Subject, Suspects, Work};
use super::super::sheet::{Prepared, syntax::Tokens};
use super::super::state::State;
use super::suspects;
use crate::remedy::{Plan, Scope};

pub(super) use check::{checked, take_checked, tried};
pub(super) use choose::{cancel_note, edit, edited, keep_note, note, retype, take, type_char, undo_edit};
pub(super) use motion::{find, go, next_file, next_hunk, next_panel, plan_rows, split};

/// Asks for a rollback and opens its review.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    let (ticket, deploy) = (state.ticket(), state.deploy_key());
    let from = std::mem::replace(&mut state.place, Place::Watching).into_suspects();
    state.selection.chosen = true;
    let known = from.as_deref().or(state.kept.as_ref().filter(|kept| kept.deploy == deploy));
    let Some(signature) = from.as_deref().map(|suspects| suspects.signature).or(state.selection.id) else {
        return Vec::new();
    };
    let hunks = known.filter(|known| known.signature == signature).map(Suspects::hunks);
    let hunks = hunks.unwrap_or_default();
    // Marks are a person's wish to take back these and nothing else.
    let marked = known.is_some_and(|known| known.signature == signature && !known.marked.is_empty());
    let scope = if marked { Scope::Hunks(hunks.clone()) } else { Scope::Range };
    let effect = Effect::Plan(ticket, signature, scope.clone());
    let subject = Subject::Rollback { scope, hunks };
    let beside = if from.is_some() { None } else { suspects::beside(state, signature) };
    state.place = review(state, signature, subject, Work::Running(ticket), (from, beside));
    vec![effect]
}

/// Opens the review of a fix that was found.
pub(super) fn open_fix(
    state: &mut State,
    signature: crate::units::SignatureId,
    (ticket, prepared): (Ticket, Prepared),
    from: Option<Box<Suspects>>,
) -> Vec<Effect> {
    let desk = Desk::new(ticket, prepared);
    let highlight = Effect::Highlight(ticket, Arc::clone(&desk.sheet));
    state.place = review(state, signature, Subject::Fix, Work::Ready(Box::new(desk)), (from, None));
    vec![highlight]
}

fn review(
    state: &mut State,
    signature: crate::units::SignatureId,
    subject: Subject,
    work: Work<Box<Desk>>,
    (from, beside): (Option<Box<Suspects>>, Option<Box<Suspects>>),
) -> Place {
    Place::Review(Box::new(Review {
        signature,
        deploy: state.deploy_key(),
        subject,
        work,
        panel: ReviewPanel::Diff,
        about_top: 0,
        from,
        beside,
        // What was searched for in logs is not what is searched for in a patch.
        search: std::mem::take(&mut state.search),
        leave: None,
    }))
}

/// Takes back the other of whole range and suspect hunks.
pub(super) fn switch_scope(state: &mut State) -> Vec<Effect> {
    if let Place::Review(review) = &mut state.place
        && let Subject::Rollback { scope, hunks } = &mut review.subject
    {
        *scope = match scope {
            Scope::Range => Scope::Hunks(hunks.clone()),
            Scope::Hunks(_) | Scope::Files(_) => Scope::Range,
        };
        return ask_again(state);
    }
    Vec::new()
}

/// Tries again: to make the plan of what is chosen, or the whole draft.
pub(super) fn retry(state: &mut State) -> Vec<Effect> {
    if let Place::Review(review) = &state.place
        && review.work.ready().is_some()
    {
        return recompose(state);
    }
    ask_again(state)
}

/// Asks for the rollback again; an answer that is still awaited is no longer wanted.
pub(super) fn ask_again(state: &mut State) -> Vec<Effect> {
    let (ticket, deploy) = (state.ticket(), state.deploy_key());
    let Place::Review(review) = &mut state.place else {
        return Vec::new();
    };
    let Subject::Rollback { scope, .. } = &review.subject else {
        return Vec::new();
    };
    let wanted = Effect::Plan(ticket, review.signature, scope.clone());
    let superseded = under_way(&review.work).map(Effect::Cancel);
    review.work = Work::Running(ticket);
    review.deploy = deploy;
    review.about_top = 0;
    superseded.into_iter().chain([wanted]).collect()
}

/// The ticket of what is awaited for a review.
fn under_way(work: &Work<Box<Desk>>) -> Option<Ticket> {
    match work {
        Work::Running(ticket) => Some(*ticket),
        Work::Ready(desk) => match desk.standing {
            Standing::Awaited { ticket, .. } => Some(ticket),
            Standing::Current | Standing::Refused(_) => None,
        },
        Work::Failed(_) => None,
    }
}

/// Takes the draft, unless it comes late.
///
/// A second draft for a ticket that was answered means that what is shown no longer holds: at the
/// review it replaces the first, at the approval the consent to the first becomes impossible.
pub(super) fn planned(state: &mut State, ticket: Ticket, answer: Result<Box<Prepared>, Failure>) -> Vec<Effect> {
    let shown = match &mut state.place {
        Place::Review(review) => {
            let again = review.work.ready().is_some_and(|desk| desk.ticket == ticket);
            if !again && review.work.ticket() != Some(ticket) {
                return Vec::new();
            }
            review.work = match answer {
                Ok(prepared) => Work::Ready(Box::new(Desk::new(ticket, *prepared))),
                Err(failure) => Work::Failed(failure),
            };
            review.about_top = 0;
            if !again {
                motion::go_to_suspect(review);
            }
            let highlight = review.work.ready().map(|desk| Effect::Highlight(ticket, Arc::clone(&desk.sheet)));
            if again {
                state.editing = None;
                state.say(Weight::Warning, "The plan changed. This is the new one.");
            }
            return highlight.into_iter().collect();
        }
        Place::Approval(approval)
            if approval.review.work.ready().is_some_and(|desk| desk.ticket == ticket)
                || approval.shown.ticket == ticket =>
        {
            &mut approval.shown
        }
        Place::Approval(_)
        | Place::Watching
        | Place::Suspects(_)
        | Place::Fix(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_) => return Vec::new(),
    };
    match answer {
        // The digest stays that of the plan on the screen, so that the new plan cannot pass for it.
        Ok(prepared) => shown.plan = prepared.plan,
        Err(failure) => state.notices.fail(&failure, state.now),
    }
    Vec::new()
}

/// Asks for the plan of what is chosen now. One answer is awaited at a time; what is chosen meanwhile is asked for
/// after it.
fn recompose(state: &mut State) -> Vec<Effect> {
    let next = state.ticket();
    let Place::Review(review) = &mut state.place else {
        return Vec::new();
    };
    let signature = review.signature;
    let Work::Ready(desk) = &mut review.work else {
        return Vec::new();
    };
    if let Standing::Awaited { is_behind, .. } = &mut desk.standing {
        *is_behind = true;
        return Vec::new();
    }
    vec![compose(desk, next, signature)]
}

fn compose(desk: &mut Desk, ticket: Ticket, signature: crate::units::SignatureId) -> Effect {
    desk.knows_checks = desk.choice.checks().is_some();
    desk.standing = Standing::Awaited { ticket, is_behind: false };
    Effect::Compose(ticket, signature, Arc::clone(&desk.sheet), Box::new(desk.choice.clone()))
}

/// Takes the plan of what is chosen, unless it is of what was chosen before.
pub(super) fn composed(state: &mut State, ticket: Ticket, answer: Result<Box<Plan>, Failure>) -> Vec<Effect> {
    let next = state.ticket();
    match &mut state.place {
        Place::Review(review) => {
            let signature = review.signature;
            let Work::Ready(desk) = &mut review.work else { return Vec::new() };
            match (&desk.standing, answer) {
                (Standing::Awaited { ticket: awaited, .. }, _) if *awaited != ticket => {}
                (Standing::Awaited { is_behind: true, .. }, _) => return vec![compose(desk, next, signature)],
                (Standing::Awaited { .. }, Ok(plan)) => {
                    desk.take(ticket, *plan);
                    return check::begin(state);
                }
                (Standing::Awaited { .. }, Err(failure)) => desk.standing = Standing::Refused(failure),
                (Standing::Current, Ok(plan)) if desk.shown.ticket == ticket => {
                    desk.take(ticket, *plan);
                    state.say(Weight::Warning, "The plan changed. This is the new one.");
                }
                (Standing::Current | Standing::Refused(_), _) => {}
            }
        }
        // The digest stays that of the plan on the screen, so that the new plan cannot pass for it.
        Place::Approval(approval) if approval.shown.ticket == ticket => {
            if let Ok(plan) = answer {
                approval.shown.plan = *plan;
            }
        }
        Place::Approval(_)
        | Place::Watching
        | Place::Suspects(_)
        | Place::Fix(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_) => {}
    }
    Vec::new()
}

/// Takes what is known of a file's words, unless its draft is gone.
pub(super) fn highlighted(state: &mut State, ticket: Ticket, file: usize, tokens: Arc<Tokens>) -> Vec<Effect> {
    if let Some(desk) = desk(state).filter(|desk| desk.ticket == ticket) {
        desk.tokens.insert(file, tokens);
    }
    Vec::new()
}

/// The desk of the review that is on the screen.
fn desk(state: &mut State) -> Option<&mut Desk> {
    match &mut state.place {
        Place::Review(review) => match &mut review.work {
            Work::Ready(desk) => Some(desk),
            Work::Running(_) | Work::Failed(_) => None,
        },
        Place::Watching
        | Place::Suspects(_)
        | Place::Fix(_)
        | Place::Approval(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_) => None,
    }
}

/// Goes back one step; what is still awaited is no longer wanted.
pub(super) fn close(state: &mut State) -> Vec<Effect> {
    match std::mem::replace(&mut state.place, Place::Watching) {
        Place::Review(review) => {
            // What the words of its files are is no longer wanted either.
            let desk = review.work.ready();
            let checking = desk.and_then(|desk| check::under_way(desk));
            let awaited = under_way(&review.work).into_iter().chain(desk.map(|desk| desk.ticket)).chain(checking);
            let mut cancels: Vec<Effect> = awaited.map(Effect::Cancel).collect();
            cancels.extend(review.beside.into_iter().flat_map(|beside| suspects::keep(state, *beside)));
            state.place = review.from.map_or(Place::Watching, Place::Suspects);
            state.search = review.search;
            cancels
        }
        Place::Watching
        | Place::Suspects(_)
        | Place::Fix(_)
        | Place::Approval(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_) => Vec::new(),
    }
}

/// Leaves the review for good, because its plan is executed.
pub(super) fn done(state: &mut State, review: Review) -> Vec<Effect> {
    state.search = review.search;
    review.from.or(review.beside).map_or_else(Vec::new, |suspects| suspects::keep(state, *suspects))
}

/// Rows of the files, of their lines, and of what is told about them.
fn heights(state: &State) -> (usize, usize, usize) {
    match state.layout().map(|layout| layout.panels) {
        Some(Panels::Review { files, about, patch }) => {
            let height = |area: super::super::layout::Area| usize::from(area.content().height);
            (height(files), height(patch), height(about.unwrap_or(patch)))
        }
        Some(Panels::Watching { .. } | Panels::Suspects { .. } | Panels::Whole(_)) | None => (0, 0, 0),
    }
}

/// Keeps the person's row in the window, and notes what is on the screen.
pub(super) fn note_seen(state: &mut State) {
    let (_, height, _) = heights(state);
    let panels = state.layout().map(|layout| layout.panels);
    let has_about = matches!(panels, Some(Panels::Review { about: Some(_), .. }));
    let fits = panels.is_some_and(fits_split);
    if let Place::Review(review) = &mut state.place
        && let Work::Ready(desk) = &mut review.work
        && height > 0
    {
        desk.keep_visible(height, fits);
        // Where there is little room, what is told about the lines hides them.
        if has_about || review.panel != ReviewPanel::About {
            desk.note_seen(height);
        }
    }
}
