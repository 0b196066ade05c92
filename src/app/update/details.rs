//! Sources, losses, deploys, incidents and notices, as one text.

use super::super::effect::Effect;
use super::super::place::Place;
use super::super::state::State;
use super::keys::{self, Motion};

/// Opens the details.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    state.place = Place::Details(0);
    Vec::new()
}

/// Scrolls them.
pub(super) fn go(state: &mut State, motion: Motion) {
    let page = keys::page(state);
    let n = rows(state).saturating_sub(page).saturating_add(1);
    if let Place::Details(top) = &mut state.place {
        *top = motion.apply(*top, n, page);
    }
}

/// About as many rows as the details have.
fn rows(state: &State) -> usize {
    let parts = state.snapshot.as_ref().map_or(0, |snapshot| {
        snapshot.intake.sources.len()
            + snapshot.deploys.len().max(1)
            + snapshot.incidents.len().max(1)
            + snapshot.intake.skipped.len()
            + 2
    });
    parts + state.notices.iter().count() + 24
}
