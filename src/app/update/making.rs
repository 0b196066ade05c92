//! The page that tells how the selected signature was made.

use super::super::effect::Effect;
use super::super::place::Place;
use super::super::state::State;
use super::keys::{self, Motion};

/// Opens it.
pub(super) fn open(state: &mut State) -> Vec<Effect> {
    state.selection.chosen = true;
    state.place = Place::Making(0);
    Vec::new()
}

/// Scrolls it.
pub(super) fn go(state: &mut State, motion: Motion) {
    let page = keys::page(state);
    let n = rows(state).saturating_sub(page).saturating_add(1);
    if let Place::Making(top) = &mut state.place {
        *top = motion.apply(*top, n, page);
    }
}

/// About as many rows as it has: texts may wrap to several.
fn rows(state: &State) -> usize {
    let Some(focus) = state.focus() else { return 0 };
    let members = focus.members.iter().map(|member| member.template.len() / 40 + 1).sum::<usize>();
    let steps = focus.making.n_rows();
    members + steps + 20
}
