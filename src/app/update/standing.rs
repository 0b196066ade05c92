//! Going back by itself, where somebody allowed it: the countdown that everybody sees and anyone stops with one key.

use std::time::Duration;

use super::super::effect::Effect;
use super::super::notice::Weight;
use super::super::state::State;
use super::approval;
use crate::remedy::standing::{Act, Countdown, Found};
use crate::units::{SignatureId, Timestamp};

/// How long what was found holds; then nothing counts down by it.
const BLIND: Duration = Duration::from_secs(10);

/// What a person allowed beforehand, and how it stands.
#[derive(Clone, Debug)]
pub(crate) struct Standby {
    pub countdown: Countdown,
    /// What was found last, the signature that it would heal, and when that was.
    found: Option<(Found, Option<SignatureId>, Timestamp)>,
}

impl Standby {
    pub(crate) fn new(countdown: Countdown) -> Self {
        Self { countdown, found: None }
    }
}

/// Takes what was found, and does what follows.
pub(super) fn found(state: &mut State, found: Found, signature: Option<SignatureId>) -> Vec<Effect> {
    let now = state.now;
    if let Some(standby) = &mut state.standing {
        standby.found = Some((found, signature, now));
    }
    look(state)
}

/// Does what follows at this moment from what was found. A countdown that nobody can see does not go on, and
/// neither does one beside which a person executes something.
pub(super) fn look(state: &mut State) -> Vec<Effect> {
    let (now, is_busy) = (state.now, state.is_executing());
    let is_seen = state.editing.is_none() && state.layout().is_some() && state.stopped.is_none();
    let Some(standby) = &mut state.standing else { return Vec::new() };
    let act = match &standby.found {
        Some((found, _, at)) if is_seen && !is_busy && now.since(*at) <= BLIND => standby.countdown.observe(now, found),
        Some(_) => standby.countdown.lose_sight(),
        None => None,
    };
    act.map_or_else(Vec::new, |act| follow(state, act))
}

/// Stops it for this deploy.
pub(super) fn stop(state: &mut State, by: &str) -> Vec<Effect> {
    let act = state.standing.as_mut().and_then(|standby| standby.countdown.stop(by));
    act.map_or_else(Vec::new, |act| follow(state, act))
}

/// Stops it where it counts down, because a person acts themselves.
pub(super) fn stop_counting(state: &mut State, by: &str) -> Vec<Effect> {
    let is_counting = state.countdown().is_some_and(|countdown| countdown.counting().is_some());
    if is_counting { stop(state, by) } else { Vec::new() }
}

/// Stops it in the name of whoever is at the screen.
pub(super) fn stop_here(state: &mut State) -> Vec<Effect> {
    let name = state.options.person.name.trim();
    let by = if name.is_empty() { "somebody at the screen".to_owned() } else { name.to_owned() };
    stop(state, &by)
}

fn follow(state: &mut State, act: Act) -> Vec<Effect> {
    match act {
        Act::Announce(..) => vec![Effect::Standing(act)],
        Act::CallOff(ref lapse) => {
            state.say(Weight::Warning, format!("Going back by itself is called off: {}.", lapse.words()));
            vec![Effect::Standing(act)]
        }
        Act::Stopped(ref by) => {
            let text = format!("Going back by itself is stopped by {by}; it is not tried again for this deploy.");
            state.say(Weight::Info, text);
            vec![Effect::Standing(act)]
        }
        Act::Execute(approved) => {
            let signature = state.standing.as_ref().and_then(|standby| standby.found.as_ref()?.1);
            let Some(signature) = signature else { return Vec::new() };
            let ticket = state.ticket();
            state.execution = Some(approval::execution(state, ticket, approved.plan(), approved.by().name.clone()));
            state.say(Weight::Warning, "Going back by itself, as it was allowed. o shows it.");
            vec![Effect::Execute(ticket, signature, approved)]
        }
    }
}

impl State {
    /// What is allowed beforehand, and its countdown.
    #[must_use]
    pub fn countdown(&self) -> Option<&Countdown> {
        self.standing.as_ref().map(|standby| &standby.countdown)
    }
}

#[cfg(test)]
mod tests;
