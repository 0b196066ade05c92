//! A command on the screen: its output, its end, and what follows from its failure: suspects, rollback, fix.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::effect::Effect;
use super::super::failure::Failure;
use super::super::place::{BuildEnd, BuildPhase, Building, Suspects, Work};
use super::super::state::State;
use super::keys::{self, Motion};

/// Rows of the page that tell of the command, above its output.
pub(crate) const HEAD_ROWS: u16 = 3;

/// Takes a line of output.
pub(super) fn line(state: &mut State, line: String) -> Vec<Effect> {
    if let Some(building) = state.building.as_mut().filter(|building| building.is_running()) {
        building.push(line);
    }
    Vec::new()
}

/// Takes the end. The errors of a command that failed are judged already; what was judged is selected, so that the
/// same keys lead on as from an error in a log.
pub(super) fn ended(state: &mut State, answer: Result<BuildEnd, Failure>) -> Vec<Effect> {
    let now = state.now;
    let Some(building) = state.building.as_mut().filter(|building| building.is_running()) else {
        return Vec::new();
    };
    building.ended = Some(now);
    state.leaving = false;
    building.phase = match answer {
        Ok(BuildEnd::Passed(is_flaky)) => BuildPhase::Passed(is_flaky),
        Ok(BuildEnd::Failed(built)) => BuildPhase::Failed(built),
        Err(failure) => BuildPhase::Broken(failure),
    };
    let Some(built) = building.built() else { return Vec::new() };
    let (signature, triaged) = (built.signature, built.triaged.as_ref().map(Arc::clone));
    state.selection.id = Some(signature);
    state.selection.chosen = true;
    state.kept = triaged.map(|triaged| Suspects {
        signature,
        deploy: state.deploy_key(),
        work: Work::Ready(triaged),
        selected: 0,
        marked: BTreeSet::new(),
        top: 0,
        shift: 0,
        in_detail: false,
    });
    Vec::new()
}

/// Runs the command again.
pub(super) fn again(state: &mut State) -> Vec<Effect> {
    let now = state.now;
    let Some(building) = state.building.as_mut().filter(|building| !building.is_running()) else {
        return Vec::new();
    };
    *building = Building::new(building.argv.clone(), now);
    (state.selection.id, state.kept) = (None, None);
    vec![Effect::Build]
}

/// Scrolls the output; at its end it follows.
pub(super) fn go(state: &mut State, motion: Motion) {
    let height = keys::page(state).saturating_sub(usize::from(HEAD_ROWS));
    let Some(building) = &mut state.building else { return };
    building.shift = motion.shift(building.shift);
    let last = rows(building).saturating_sub(height);
    let to = motion.apply(building.top.unwrap_or(last), last.saturating_add(1), height);
    building.top = (to < last).then_some(to);
}

/// At least as many rows as the output takes, with what ends it; sentences may wrap to several.
pub(crate) fn rows(building: &Building) -> usize {
    let end = building.built().map_or(4, |built| {
        let verdict = built.triaged.as_ref().map_or("", |triaged| &triaged.verdict.evidence_summary);
        built.diagnostics.len().min(DIAGNOSTICS) * 3 + verdict.len() / 40 + 14
    });
    building.output.len() + end
}

/// Errors that are listed; more are counted.
pub(crate) const DIAGNOSTICS: usize = 8;
