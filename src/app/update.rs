//! Applies one message to the state, and returns what the shell shall do. Never does it itself.

mod approval;
mod building;
mod copy;
mod details;
mod execution;
mod fix;
mod groups;
mod keys;
mod making;
mod review;
mod standing;
mod suspects;
mod watching;

use super::effect::Effect;
use super::keymap::Context;
use super::msg::Msg;
use super::notice::Weight;
use super::place::Place;
use super::state::State;
use crate::units::Timestamp;

pub(crate) use building::{DIAGNOSTICS, HEAD_ROWS as BUILD_HEAD_ROWS};
pub(crate) use execution::HEAD_ROWS;
pub(crate) use fix::{rows_of_order, rows_of_repro};
pub(crate) use keys::page;
pub(crate) use standing::Standby;

/// Applies one message; returns what the shell shall do, in order.
pub fn update(state: &mut State, msg: Msg) -> Vec<Effect> {
    let changed = state.revision;
    let effects = match msg {
        Msg::Key(key) => keys::press(state, key),
        Msg::Paste(text) => paste(state, &text),
        Msg::Resized(width, height) => {
            state.options.size = (width, height);
            Vec::new()
        }
        Msg::Snapshot(snapshot) => watching::refresh(state, *snapshot),
        Msg::Tick(now) => {
            let is_news = tick(state, now);
            let effects = standing::look(state);
            if !is_news && effects.is_empty() {
                return Vec::new();
            }
            effects
        }
        Msg::Standing(found, signature) => standing::found(state, *found, signature),
        Msg::StopAsked(by) => standing::stop(state, &by),
        Msg::Ruled(ruling) => suspects::ruled(state, *ruling),
        Msg::Triaged(ticket, answer) => match fix::triaged(state, ticket, answer) {
            Ok(()) => Vec::new(),
            Err(answer) => suspects::triaged(state, ticket, answer),
        },
        Msg::Planned(ticket, answer) => review::planned(state, ticket, answer),
        Msg::Composed(ticket, answer) => review::composed(state, ticket, answer),
        Msg::Highlighted(ticket, file, tokens) => review::highlighted(state, ticket, file, tokens),
        Msg::Edited(ticket, answer) => review::edited(state, ticket, answer),
        Msg::Trying(ticket, part) => fix::trying(state, ticket, part),
        Msg::Tried(ticket, tried) => {
            review::tried(state, ticket);
            fix::tried(state, ticket, tried)
        }
        Msg::Checked(ticket, answer) => review::checked(state, ticket, answer),
        Msg::Drafting(ticket, progress) => fix::drafting(state, ticket, progress),
        Msg::Fixed(ticket, answer) => fix::fixed(state, ticket, answer),
        Msg::Reran(ticket, answer) => fix::reran(state, ticket, answer),
        Msg::BuildLine(line) => building::line(state, line),
        Msg::Built(answer) => building::ended(state, answer),
        Msg::Output(ticket, line) => execution::output(state, ticket, line),
        Msg::Executed(ticket, answer) => execution::executed(state, ticket, answer),
        Msg::Failed(failure) => {
            state.notices.fail(&failure, state.now);
            Vec::new()
        }
        Msg::Stopped(failure) => {
            state.notices.fail(&failure, state.now);
            state.stopped = Some(failure);
            Vec::new()
        }
    };
    watching::keep_visible(state);
    review::note_seen(state);
    state.revision = changed + 1;
    effects
}

/// Lets time pass; says whether anything on the screen changes by it.
fn tick(state: &mut State, now: Timestamp) -> bool {
    let same_second = now.seconds() <= state.now.seconds();
    state.now = state.now.max(now);
    state.notices.expire(now) || !same_second
}

/// Pasted text is taken where text is searched for or noted, and nowhere else: what was copied from a log must
/// not be able to press a key or to consent.
fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    if state.editing.is_some() {
        return Vec::new();
    }
    if state.context() == Context::Comment {
        text.chars().filter(|char| !char.is_control()).for_each(|char| review::type_char(state, char));
    } else if state.search.typing().is_some() {
        for char in text.chars().filter(|char| !char.is_control()) {
            state.search.push(char);
        }
    } else if state.naming.is_some() {
        text.chars().filter(|char| !char.is_control()).for_each(|char| groups::type_char(state, char));
    } else if state.context() == Context::Reason {
        state.say(Weight::Warning, "A reason is typed, not pasted.");
    } else if matches!(state.place, Place::Approval(_)) && state.help.is_none() && !state.leaving {
        state.say(Weight::Warning, "Pasting does not approve. Type the word.");
    }
    Vec::new()
}

#[cfg(test)]
mod tests;
