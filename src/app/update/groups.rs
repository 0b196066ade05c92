//! Groups of signatures: marking rows, merging, splitting, naming, pinning, taking back.

use super::super::effect::Effect;
use super::super::notice::Weight;
use super::super::state::{Panel, State};
use crate::engine::GroupAsk;

/// The longest name, in characters.
const NAME: usize = 60;

/// Marks the selected row for a merge, or takes the mark away.
pub(super) fn mark(state: &mut State) -> Vec<Effect> {
    if let Some(id) = state.selection.id
        && !state.marked_rows.remove(&id)
    {
        state.marked_rows.insert(id);
    }
    Vec::new()
}

/// Makes one row of the marked ones and the selected one.
pub(super) fn merge(state: &mut State) -> Vec<Effect> {
    let rows = state.rows_to_merge();
    state.marked_rows.clear();
    state.selection.chosen = true;
    state.say(Weight::Info, format!("Merged {} rows into one. u takes it back.", rows.len()));
    vec![Effect::Group(GroupAsk::Merge(rows))]
}

/// Takes the selected group apart.
pub(super) fn split(state: &mut State) -> Vec<Effect> {
    let Some((id, group)) = state.row().and_then(|row| Some((row.id, row.group?))) else { return Vec::new() };
    state.selection.chosen = true;
    state.say(Weight::Info, format!("Split {} signatures; each stands for itself. u takes it back.", group.n_members));
    vec![Effect::Group(GroupAsk::Split(id))]
}

/// Lists the selected row first, or no longer.
pub(super) fn pin(state: &mut State) -> Vec<Effect> {
    let Some((id, group)) = state.row().map(|row| (row.id, row.group)) else { return Vec::new() };
    let pinned = !group.is_some_and(|group| group.pinned);
    state.selection.chosen = true;
    state.say(Weight::Info, if pinned { "Pinned: it is listed first." } else { "No longer pinned." });
    vec![Effect::Group(GroupAsk::Pin(id, pinned))]
}

/// Takes back the newest decision.
pub(super) fn undo(state: &mut State) -> Vec<Effect> {
    let Some(what) = state.snapshot.as_ref().and_then(|snapshot| snapshot.undoable.clone()) else { return Vec::new() };
    state.say(Weight::Info, format!("Took back {what}."));
    vec![Effect::Group(GroupAsk::Undo)]
}

/// Starts typing a name, from the one that a person gave before.
pub(super) fn rename(state: &mut State) -> Vec<Effect> {
    let named = state.row().filter(|row| row.group.is_some_and(|group| group.is_named));
    let name = named.map_or_else(String::new, |row| row.template.clone());
    // The row may move while its name is typed.
    state.naming = state.selection.id.map(|id| (id, name));
    state.selection.chosen = true;
    state.panel = Panel::List;
    Vec::new()
}

/// Gives the typed name.
pub(super) fn name(state: &mut State) -> Vec<Effect> {
    let Some((id, name)) = state.naming.take() else { return Vec::new() };
    let name = name.trim().to_owned();
    let says =
        if name.is_empty() { "It has its own name again.".to_owned() } else { format!("Named it “{name}”.") };
    state.say(Weight::Info, says);
    vec![Effect::Group(GroupAsk::Rename(id, name))]
}

/// Types a character of a name.
pub(super) fn type_char(state: &mut State, char: char) {
    if let Some((_, name)) = state.naming.as_mut().filter(|(_, name)| name.chars().count() < NAME) {
        name.push(char);
    }
}

/// Takes back the last `n` characters of a name.
pub(super) fn erase(state: &mut State, n: usize) {
    if let Some((_, name)) = &mut state.naming {
        for _ in 0..n.min(NAME) {
            name.pop();
        }
    }
}
