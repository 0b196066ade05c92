//! The suspects of one signature.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::effect::{Effect, Ticket};
use super::super::failure::Failure;
use super::super::layout::Panels;
use super::super::msg::Triaged;
use super::super::place::{Place, Suspects, Work};
use super::super::state::State;
use super::keys::Motion;
use crate::triage::Ruling;
use crate::units::SignatureId;

/// The most rows that the details of one suspect can be scrolled by.
const DETAIL_ROWS: usize = 20_000;

/// Shows the suspects of the selected signature; asks for a triage unless one is still good.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    let Some(signature) = state.selection.id else {
        return Vec::new();
    };
    state.selection.chosen = true;
    let deploy = state.deploy_key();
    if let Some(kept) = state.kept.take().filter(|kept| kept.signature == signature && kept.deploy == deploy) {
        state.place = Place::Suspects(Box::new(kept));
        return Vec::new();
    }
    let ticket = state.ticket();
    state.place = Place::Suspects(Box::new(Suspects {
        signature,
        deploy,
        work: Work::Running(ticket),
        selected: 0,
        marked: BTreeSet::new(),
        top: 0,
        shift: 0,
        in_detail: false,
    }));
    vec![Effect::Triage(ticket, signature)]
}

/// The suspects of a signature for a review that was not reached from them, where they are known and still good.
pub(super) fn beside(state: &mut State, signature: SignatureId) -> Option<Box<Suspects>> {
    let deploy = state.deploy_key();
    let is_good = |kept: &mut Suspects| kept.signature == signature && kept.deploy == deploy;
    state.kept.take_if(is_good).map(Box::new)
}

/// Asks again.
pub(super) fn retry(state: &mut State) -> Vec<Effect> {
    let (ticket, deploy) = (state.ticket(), state.deploy_key());
    let Place::Suspects(suspects) = &mut state.place else {
        return Vec::new();
    };
    suspects.work = Work::Running(ticket);
    suspects.deploy = deploy;
    vec![Effect::Triage(ticket, suspects.signature)]
}

/// Takes the answer, unless it comes late.
pub(super) fn triaged(state: &mut State, ticket: Ticket, answer: Result<Box<Triaged>, Failure>) -> Vec<Effect> {
    if let Some(suspects) = suspects(&mut state.place).filter(|suspects| suspects.work.ticket() == Some(ticket)) {
        suspects.work = match answer {
            Ok(triaged) => Work::Ready(Arc::from(triaged)),
            Err(failure) => Work::Failed(failure),
        };
    }
    Vec::new()
}

/// The suspects of this place, or of the one that it was reached from.
fn suspects(place: &mut Place) -> Option<&mut Suspects> {
    match place {
        Place::Suspects(suspects) => Some(suspects),
        Place::Fix(fixing) => fixing.from.as_deref_mut(),
        Place::Review(review) => review.suspects_mut(),
        Place::Approval(approval) => approval.review.suspects_mut(),
        Place::Watching | Place::Execution | Place::Details(_) | Place::Making(_) => None,
    }
}

/// Goes back to watching; a triage that still runs is no longer wanted.
pub(super) fn close(state: &mut State) -> Vec<Effect> {
    match std::mem::replace(&mut state.place, Place::Watching) {
        Place::Suspects(suspects) => keep(state, *suspects),
        Place::Watching
        | Place::Fix(_)
        | Place::Review(_)
        | Place::Approval(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_) => Vec::new(),
    }
}

/// Leaves the suspects: a finished triage is kept, a running one cancelled.
pub(super) fn keep(state: &mut State, suspects: Suspects) -> Vec<Effect> {
    match suspects.work {
        Work::Running(ticket) => vec![Effect::Cancel(ticket)],
        Work::Failed(_) => Vec::new(),
        Work::Ready(_) => {
            state.kept = Some(suspects);
            Vec::new()
        }
    }
}

/// Marks the selected hunk, or takes the mark away.
pub(super) fn mark(state: &mut State) -> Vec<Effect> {
    if let Place::Suspects(suspects) = &mut state.place
        && let Some(hunk) = suspects.current().map(|suspect| suspect.hunk)
        && !suspects.marked.remove(&hunk)
    {
        suspects.marked.insert(hunk);
    }
    Vec::new()
}

/// The most rulings that are kept in mind; all of them are in the record.
const RULINGS: usize = 200;

/// Says that the selected hunk is the cause, or that the deploy is not.
pub(super) fn rule(state: &mut State, is_guilty: bool) -> Vec<Effect> {
    let Place::Suspects(suspects) = &state.place else {
        return Vec::new();
    };
    let Some(triaged) = suspects.work.ready() else {
        return Vec::new();
    };
    let suspect = suspects.current().filter(|_| is_guilty);
    let ruling = Ruling::new(suspects.signature, &triaged.change, suspect, &state.options.person.name);
    ruled(state, ruling.clone());
    vec![Effect::Rule(Box::new(ruling))]
}

/// Keeps what a person said; of two on the same error and deploy the newer one counts.
pub(super) fn ruled(state: &mut State, ruling: Ruling) -> Vec<Effect> {
    let is_other =
        |known: &Ruling| (known.signature, &known.base, &known.head) != (ruling.signature, &ruling.base, &ruling.head);
    state.rulings.retain(is_other);
    state.rulings.insert(0, ruling);
    state.rulings.truncate(RULINGS);
    Vec::new()
}

/// Moves through the list of suspects, or through the details of one.
pub(super) fn go(state: &mut State, motion: Motion) {
    let (list_height, detail_height) = match state.layout().map(|layout| layout.panels) {
        Some(Panels::Suspects { list, detail }) => (list.content().height, detail.content().height),
        Some(Panels::Watching { .. } | Panels::Review { .. } | Panels::Whole(_)) | None => (1, 1),
    };
    let Place::Suspects(suspects) = &mut state.place else {
        return;
    };
    suspects.shift = motion.shift(suspects.shift);
    if suspects.in_detail {
        let n = detail_rows(suspects);
        let last = n.saturating_sub(usize::from(detail_height)).saturating_add(1);
        suspects.top = motion.apply(suspects.top, last, usize::from(detail_height));
        return;
    }
    let to = motion.apply(suspects.selected, suspects.all().len(), usize::from(list_height));
    if to != suspects.selected {
        suspects.selected = to;
        suspects.top = 0;
        suspects.shift = 0;
    }
}

/// At least as many rows as the details have: sentences may wrap to several.
fn detail_rows(suspects: &Suspects) -> usize {
    let (Some(suspect), Some(triaged)) = (suspects.current(), suspects.work.ready()) else {
        return 0;
    };
    let hunks = triaged.change.files.iter().flat_map(|file| &file.hunks);
    let lines =
        hunks.filter(|hunk| hunk.id == suspect.hunk).map(|hunk| hunk.removed.len() + hunk.added.len()).sum::<usize>();
    let sentences = suspect.reasons.iter().chain(&suspect.against).map(|text| text.len() / 30 + 1).sum::<usize>();
    (sentences + lines + 8).min(DETAIL_ROWS)
}
