//! The review of a plan: what going back would change, and what to know before.

use super::super::effect::{Effect, Ticket};
use super::super::failure::Failure;
use super::super::layout::Panels;
use super::super::notice::Weight;
use super::super::place::{Place, Review, Shown, Work};
use super::super::state::State;
use super::keys::Motion;
use super::{suspects, watching};
use crate::remedy::{Plan, Scope};

/// Asks for a plan and opens its review.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    let (ticket, deploy) = (state.ticket(), state.deploy_key());
    let from = match std::mem::replace(&mut state.place, Place::Watching) {
        Place::Suspects(suspects) => Some(suspects),
        Place::Watching
        | Place::Review(_)
        | Place::Approval(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_) => None,
    };
    state.selection.chosen = true;
    let known = from.as_deref().or(state.kept.as_ref().filter(|kept| kept.deploy == deploy));
    let Some(signature) = from.as_deref().map(|suspects| suspects.signature).or(state.selection.id) else {
        return Vec::new();
    };
    let hunks = known.filter(|known| known.signature == signature).map(super::super::place::Suspects::hunks);
    let hunks = hunks.unwrap_or_default();
    // Marks are a person's wish to take back these and nothing else.
    let marked = known.is_some_and(|known| known.signature == signature && !known.marked.is_empty());
    let scope = if marked { Scope::Hunks(hunks.clone()) } else { Scope::Range };
    let effect = Effect::Plan(ticket, signature, scope.clone());
    state.place = Place::Review(Box::new(Review {
        signature,
        deploy,
        scope,
        hunks,
        work: Work::Running(ticket),
        in_findings: false,
        findings_top: 0,
        patch_top: 0,
        shift: 0,
        from,
    }));
    vec![effect]
}

/// Takes back the other of whole range and suspect hunks.
pub(super) fn switch_scope(state: &mut State) -> Vec<Effect> {
    if let Place::Review(review) = &mut state.place {
        review.scope = match review.scope {
            Scope::Range => Scope::Hunks(review.hunks.clone()),
            Scope::Hunks(_) => Scope::Range,
        };
    }
    retry(state)
}

/// Asks for the plan again; an answer that is still awaited is no longer wanted.
pub(super) fn retry(state: &mut State) -> Vec<Effect> {
    let (ticket, deploy) = (state.ticket(), state.deploy_key());
    let Place::Review(review) = &mut state.place else {
        return Vec::new();
    };
    let superseded = review.work.ticket().map(Effect::Cancel);
    review.work = Work::Running(ticket);
    review.deploy = deploy;
    (review.patch_top, review.findings_top, review.shift) = (0, 0, 0);
    let wanted = Effect::Plan(ticket, review.signature, review.scope.clone());
    superseded.into_iter().chain([wanted]).collect()
}

/// Takes the plan, unless it comes late.
///
/// A second plan for a ticket that was answered means that what is shown no longer holds: at the
/// review it replaces the first, at the approval the consent to the first becomes impossible.
pub(super) fn planned(state: &mut State, ticket: Ticket, answer: Result<Box<Plan>, Failure>) -> Vec<Effect> {
    let shown = match &mut state.place {
        Place::Review(review) => {
            let again = review.work.ready().is_some_and(|shown| shown.ticket == ticket);
            if again || review.work.ticket() == Some(ticket) {
                review.work = match answer {
                    Ok(plan) => Work::Ready(Box::new(Shown::new(ticket, *plan))),
                    Err(failure) => Work::Failed(failure),
                };
                (review.patch_top, review.findings_top) = (0, 0);
                if again {
                    state.say(Weight::Warning, "The plan changed. This is the new one.");
                }
            }
            return Vec::new();
        }
        Place::Approval(approval) if approval.shown.ticket == ticket => &mut approval.shown,
        Place::Approval(_)
        | Place::Watching
        | Place::Suspects(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_) => {
            return Vec::new();
        }
    };
    match answer {
        // The digest stays that of the plan on the screen, so that the new plan cannot pass for it.
        Ok(plan) => shown.plan = *plan,
        Err(failure) => state.notices.fail(&failure, state.now),
    }
    Vec::new()
}

/// Goes back one step; a plan that is still awaited is no longer wanted.
pub(super) fn close(state: &mut State) -> Vec<Effect> {
    match std::mem::replace(&mut state.place, Place::Watching) {
        Place::Review(review) => {
            state.place = review.from.map_or(Place::Watching, Place::Suspects);
            review.work.ticket().map(Effect::Cancel).into_iter().collect()
        }
        Place::Watching
        | Place::Suspects(_)
        | Place::Approval(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_) => Vec::new(),
    }
}

/// Leaves the review for good, because its plan is executed.
pub(super) fn done(state: &mut State, review: Review) -> Vec<Effect> {
    review.from.map_or_else(Vec::new, |from| suspects::keep(state, *from))
}

fn heights(state: &State) -> (usize, usize) {
    match state.layout().map(|layout| layout.panels) {
        Some(Panels::Review { findings, patch }) => {
            (usize::from(findings.content().height), usize::from(patch.content().height))
        }
        Some(Panels::Watching { .. } | Panels::Suspects { .. } | Panels::Whole(_)) | None => (0, 0),
    }
}

/// Scrolls the patch, or the findings.
pub(super) fn go(state: &mut State, motion: Motion) {
    let (findings_height, patch_height) = heights(state);
    let Place::Review(review) = &mut state.place else {
        return;
    };
    let Some(shown) = review.work.ready() else {
        return;
    };
    if review.in_findings {
        let n = findings_rows(&shown.plan).saturating_sub(findings_height).saturating_add(1);
        review.findings_top = motion.apply(review.findings_top, n, findings_height);
        return;
    }
    let n = shown.patch.lines.len().saturating_sub(patch_height).saturating_add(1);
    review.patch_top = motion.apply(review.patch_top, n, patch_height);
    review.shift = motion.shift(review.shift);
}

/// At least as many rows as the findings have: sentences may wrap to several.
pub(super) fn findings_rows(plan: &Plan) -> usize {
    let wrapped = |text: &str| text.len() / 24 + 1;
    let concerns = plan.concerns.iter().map(|concern| {
        3 + wrapped(&concern.why) + wrapped(&concern.safer) + wrapped(&concern.file) + wrapped(&concern.rule)
    });
    let steps = plan
        .steps
        .iter()
        .map(|step| 1 + wrapped(&step.does) + step.argv.iter().map(|argument| wrapped(argument)).sum::<usize>());
    concerns.chain(steps).sum::<usize>() + wrapped(&plan.message) + 12
}

/// Notes how much of the patch was on the screen.
pub(super) fn note_seen(state: &mut State) {
    let (_, height) = heights(state);
    if let Place::Review(review) = &mut state.place
        && let Work::Ready(shown) = &mut review.work
        && review.patch_top <= shown.seen
    {
        shown.seen = shown.seen.max(review.patch_top.saturating_add(height)).min(shown.patch.lines.len());
    }
}

/// Scrolls the patch to the next or previous match.
pub(super) fn find(state: &mut State, forward: bool) -> Vec<Effect> {
    let Place::Review(review) = &mut state.place else {
        return Vec::new();
    };
    let Some(shown) = review.work.ready() else {
        return Vec::new();
    };
    let lines = &shown.patch.lines;
    let matches = |index: &usize| {
        let line = lines.get(*index).and_then(|line| shown.plan.patch.get(line.bytes.clone()));
        line.is_some_and(|line| state.search.matches(line))
    };
    let found = if forward {
        let after = review.patch_top.saturating_add(1);
        (after..lines.len()).chain(0..after.min(lines.len())).find(matches)
    } else {
        let before = review.patch_top.min(lines.len());
        (0..before).rev().chain((before..lines.len()).rev()).find(matches)
    };
    match found {
        Some(index) => {
            review.patch_top = index;
            review.in_findings = false;
            Vec::new()
        }
        None => watching::not_found(state),
    }
}
