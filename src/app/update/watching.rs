//! The watching page: signatures, chart and tail.

use super::super::effect::Effect;
use super::super::layout::{Panels, rows_per_signature, window};
use super::super::notice::Weight;
use super::super::place::Place;
use super::super::state::{Panel, State};
use super::super::tail::wanted;
use super::keys::Motion;
use crate::engine::{Snapshot, Unsaved};
use crate::units::SignatureId;

/// Takes the engine's news. The selection stays with its signature, wherever that is now.
pub(super) fn refresh(state: &mut State, snapshot: Snapshot) -> Vec<Effect> {
    state.now = state.now.max(snapshot.at);
    tell_of_store(state, &snapshot);
    state.snapshot = Some(snapshot);
    let undecided = !state.selection.chosen && state.panel == Panel::List && matches!(state.place, Place::Watching);
    let before = state.selection.id.filter(|_| !undecided || state.is_paused());
    let index = before.and_then(|id| state.rows().iter().position(|row| row.id == id));
    let index = index.unwrap_or(if undecided { 0 } else { state.selection.index });
    if before.is_some() && !matches!(state.place, Place::Watching) {
        // Somewhere deeper in the loop the signature stays what it was, even when its row is gone.
        state.selection.index = index;
        return Vec::new();
    }
    select(state, index)
}

/// Says when the store begins to refuse what is counted, and when it takes it again.
fn tell_of_store(state: &mut State, snapshot: &Snapshot) {
    let before = state.snapshot.as_ref().and_then(|snapshot| snapshot.intake.unsaved.as_ref());
    match (before, &snapshot.intake.unsaved) {
        (None, Some(Unsaved { why, .. })) => {
            let text = format!("Not stored: {why}. The watch goes on in memory.");
            state.notices.say(Weight::Failure, text, snapshot.at);
        }
        (Some(_), None) => {
            state.notices.say(Weight::Info, "Stored again: nothing that was counted is missing.", snapshot.at);
        }
        (None, None) | (Some(_), Some(_)) => {}
    }
}

/// Selects the row with this index, or the last; asks for its lines when it is another signature.
fn select(state: &mut State, index: usize) -> Vec<Effect> {
    let index = index.min(state.rows().len().saturating_sub(1));
    let id = state.rows().get(index).map(|row| row.id);
    state.selection.index = index;
    focus(state, id)
}

fn focus(state: &mut State, id: Option<SignatureId>) -> Vec<Effect> {
    if state.selection.id == id {
        return Vec::new();
    }
    state.selection.id = id;
    if !state.tail.whole {
        state.tail.follow();
        state.tail.shift = 0;
    }
    vec![Effect::Focus(id)]
}

fn choose(state: &mut State, index: usize) -> Vec<Effect> {
    state.selection.chosen = true;
    select(state, index)
}

/// Keeps the selected row within the list's panel.
pub(super) fn keep_visible(state: &mut State) {
    let (n, height) = (state.rows().len(), list_height(state));
    state.selection.top = window(state.selection.index, state.selection.top, height, n);
}

fn list_height(state: &State) -> usize {
    match state.layout().map(|layout| layout.panels) {
        Some(Panels::Watching { list, .. }) => {
            usize::from(list.content().height.saturating_sub(1) / rows_per_signature(list)).max(1)
        }
        Some(Panels::Suspects { .. } | Panels::Review { .. } | Panels::Whole(_)) | None => 1,
    }
}

fn tail_height(state: &State) -> usize {
    match state.layout().map(|layout| layout.panels) {
        Some(Panels::Watching { tail, .. }) => usize::from(tail.content().height),
        Some(Panels::Suspects { .. } | Panels::Review { .. } | Panels::Whole(_)) | None => 1,
    }
}

/// Moves the selection.
pub(super) fn go_in_list(state: &mut State, motion: Motion) -> Vec<Effect> {
    let to = motion.apply(state.selection.index, state.rows().len(), list_height(state));
    choose(state, to)
}

/// Moves through the tail; going up pauses it, going to its end follows it again.
pub(super) fn go_in_tail(state: &mut State, motion: Motion) {
    state.tail.shift = motion.shift(state.tail.shift);
    match motion {
        Motion::Left | Motion::Right => return,
        Motion::Last => return state.tail.follow(),
        Motion::Up | Motion::PageUp | Motion::First => state.pause_tail(),
        Motion::Down | Motion::PageDown if state.is_paused() => {}
        Motion::Down | Motion::PageDown => return,
    }
    let height = tail_height(state);
    let (lines, only) = state.tail_lines();
    let numbers: Vec<u64> = lines.iter().filter(|line| wanted(line, only)).map(|line| line.number).collect();
    let last = numbers.len().saturating_sub(1);
    let at = state.tail.at().map_or(last, |at| numbers.partition_point(|&number| number < at));
    let to = motion.apply(at.min(last), numbers.len(), height);
    if let Some(&number) = numbers.get(to) {
        state.tail.read_at(number);
    }
}

/// Gives the keys to the tail, filtered to the selection.
pub(super) fn show_lines(state: &mut State) -> Vec<Effect> {
    state.selection.chosen = true;
    state.panel = Panel::Tail;
    if state.tail.whole { toggle_filter(state) } else { Vec::new() }
}

/// Selects the next finding, or the previous one, around the end.
pub(super) fn next_finding(state: &mut State, forward: bool) -> Vec<Effect> {
    let is_finding = |index: &usize| state.rows().get(*index).is_some_and(|row| row.assessment.finding.is_some());
    let found = around(state.selection.index, state.rows().len(), forward).find(is_finding);
    found.map_or_else(Vec::new, |index| choose(state, index))
}

/// Every index once, starting beside `from` and ending at it.
fn around(from: usize, n: usize, forward: bool) -> impl Iterator<Item = usize> {
    (1..=n).map(move |step| {
        let step = if forward { step } else { n - step };
        from.saturating_add(step) % n
    })
}

/// Pauses the tail, or follows it again.
pub(super) fn toggle_pause(state: &mut State) -> Vec<Effect> {
    if state.is_paused() {
        state.tail.follow();
    } else {
        state.pause_tail();
    }
    Vec::new()
}

/// Switches the tail between the selected signature and everything.
pub(super) fn toggle_filter(state: &mut State) -> Vec<Effect> {
    state.tail.whole = !state.tail.whole;
    state.tail.follow();
    vec![Effect::WholeTail(state.tail.whole)]
}

/// Goes to the next or previous match in the panel that has the keys.
pub(super) fn find(state: &mut State, forward: bool) -> Vec<Effect> {
    match state.panel {
        Panel::List => find_in_list(state, forward),
        Panel::Tail => {
            find_in_tail(state, forward);
            Vec::new()
        }
    }
}

fn find_in_list(state: &mut State, forward: bool) -> Vec<Effect> {
    let matches = |index: &usize| state.rows().get(*index).is_some_and(|row| state.search.matches(&row.template));
    match around(state.selection.index, state.rows().len(), forward).find(matches) {
        Some(index) => choose(state, index),
        None => not_found(state),
    }
}

/// In the tail the next match is the older one: one reads upward from the end.
fn find_in_tail(state: &mut State, forward: bool) {
    state.pause_tail();
    let (lines, only) = state.tail_lines();
    let found: Vec<(u64, bool)> = lines
        .iter()
        .filter(|line| wanted(line, only))
        .map(|line| (line.number, state.search.matches(&line.event.text)))
        .collect();
    let at = match state.tail.at() {
        Some(at) => found.partition_point(|(number, _)| *number < at),
        None => found.len(),
    };
    let n = found.len() + 1;
    let hit = around(at, n, !forward).filter_map(|index| found.get(index)).find(|(_, matches)| *matches);
    match hit {
        Some(&(number, _)) => state.tail.read_at(number),
        None => drop(not_found(state)),
    }
}

pub(super) fn not_found(state: &mut State) -> Vec<Effect> {
    if !state.search.query().is_empty() {
        let text = format!("Not found: {}", state.search.query());
        state.say(Weight::Info, text);
    }
    Vec::new()
}
