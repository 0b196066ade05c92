//! A fix that somebody else writes: who is chosen, what they are told is shown, a person orders it, what comes is told.

use std::sync::Arc;

use super::super::super::effect::{Effect, Ticket};
use super::super::super::failure::Failure;
use super::super::super::msg::Triaged;
use super::super::super::notice::Weight;
use super::super::super::place::{Briefing, DraftRun, FixStep, Place, Suspects, Work};
use super::super::super::state::State;
use super::super::keys::Motion;
use crate::remedy::advice::commission::{Brief, Ground, Refused, commission};
use crate::remedy::advice::{Candidate, Progress};
use crate::units::SignatureId;

/// The longest reason that can be typed, in bytes.
const LONGEST: usize = 300;

/// Moves through those who can be asked.
pub(in super::super) fn choose(state: &mut State, motion: Motion) {
    let n = state.options.candidates.len() + 1;
    if let Place::Fix(fixing) = &mut state.place
        && let FixStep::Choosing(at) = &mut fixing.step
    {
        *at = motion.apply(*at, n, n);
    }
}

/// Goes on with who is chosen: to their own page, or, for the command that was let run before, to its runs.
pub(in super::super) fn chosen(state: &mut State) -> Vec<Effect> {
    let Place::Fix(fixing) = &mut state.place else { return Vec::new() };
    let FixStep::Choosing(at) = fixing.step else { return Vec::new() };
    fixing.top = 0;
    match at.checked_sub(1).and_then(|at| state.options.candidates.get(at)).cloned() {
        None => super::by_command(state),
        Some(candidate) => brief(state, candidate),
    }
}

/// Puts who is asked and what is run on the screen, and asks for the verdict unless one is known.
fn brief(state: &mut State, candidate: Candidate) -> Vec<Effect> {
    let options = &state.options;
    let brief =
        Brief { candidate, repro: options.repro.clone(), tests: options.tests.clone(), walls: options.walls.clone() };
    let (ticket, deploy) = (state.ticket(), state.deploy_key());
    let kept = state.kept.clone();
    let Place::Fix(fixing) = &mut state.place else { return Vec::new() };
    let signature = fixing.signature;
    let is_good = |known: &&Suspects| known.signature == signature && known.deploy == deploy;
    let known = fixing.from.as_deref().or(kept.as_ref()).filter(is_good);
    let known = known.and_then(|known| known.work.ready()).map(Arc::clone);
    let effects = if known.is_none() { vec![Effect::Triage(ticket, signature)] } else { Vec::new() };
    let work = known.map_or(Work::Running(ticket), Work::Ready);
    let digest = brief.digest();
    fixing.step = FixStep::Briefing(Box::new(Briefing { brief, digest, work, typed: String::new() }));
    fixing.deploy = deploy;
    effects
}

/// Takes the verdict that an order waits for; says whether it was that.
pub(in super::super) fn triaged(
    state: &mut State,
    ticket: Ticket,
    answer: Result<Box<Triaged>, Failure>,
) -> Result<(), Result<Box<Triaged>, Failure>> {
    match briefing(state).filter(|briefing| briefing.work.ticket() == Some(ticket)) {
        None => Err(answer),
        Some(briefing) => {
            briefing.work = match answer {
                Ok(triaged) => Work::Ready(Arc::from(triaged)),
                Err(failure) => Work::Failed(failure),
            };
            Ok(())
        }
    }
}

fn briefing(state: &mut State) -> Option<&mut Briefing> {
    let Place::Fix(fixing) = &mut state.place else { return None };
    match &mut fixing.step {
        FixStep::Briefing(briefing) => Some(briefing),
        FixStep::Unset
        | FixStep::Choosing(_)
        | FixStep::Asking(_)
        | FixStep::Running(_)
        | FixStep::Drafting(_)
        | FixStep::Ended(_)
        | FixStep::Failed(_) => None,
    }
}

/// Adds a character to the reason.
pub(in super::super) fn type_char(state: &mut State, char: char) {
    if let Some(briefing) = briefing(state).filter(|briefing| briefing.typed.len() < LONGEST) {
        briefing.typed.push(char);
    }
}

/// Takes back so many characters of the reason.
pub(in super::super) fn erase(state: &mut State, n: usize) {
    if let Some(briefing) = briefing(state) {
        let keep = briefing.typed.chars().count().saturating_sub(n);
        briefing.typed = briefing.typed.chars().take(keep).collect();
    }
}

/// Orders the draft that is on the screen.
pub(super) fn order(state: &mut State) -> Vec<Effect> {
    let person = state.options.person.clone();
    let (ticket, deploy, now) = (state.ticket(), state.deploy_key(), state.now);
    let ground = state.ground();
    let Place::Fix(fixing) = &mut state.place else { return Vec::new() };
    if fixing.deploy != deploy {
        state.say(Weight::Warning, "Another deploy arrived. Press Esc and begin again.");
        return Vec::new();
    }
    let FixStep::Briefing(briefing) = &fixing.step else { return Vec::new() };
    if briefing.work.ready().is_none() {
        return Vec::new();
    }
    let ordered = commission(briefing.brief.clone(), briefing.digest, ground, &briefing.typed, person);
    match ordered {
        Ok(commission) => {
            let signature: SignatureId = fixing.signature;
            fixing.top = 0;
            fixing.step = FixStep::Drafting(Box::new(DraftRun::new(ticket, now, commission.clone())));
            vec![Effect::Draft(ticket, signature, Box::new(commission))]
        }
        Err(refused) => {
            state.say(Weight::Warning, words(refused));
            Vec::new()
        }
    }
}

fn words(refused: Refused) -> &'static str {
    match refused {
        Refused::Unfit => "Nobody was asked: what is on the screen cannot be ordered as it is.",
        Refused::Nobody => "Nobody is known who could order it. Set git's user.name, or pass --as.",
        Refused::NoReason => "Nobody was asked: type in a few words why it is wanted all the same.",
    }
}

/// Takes note of what happens while a draft is made.
pub(in super::super) fn drafting(state: &mut State, ticket: Ticket, progress: Progress) -> Vec<Effect> {
    if let Place::Fix(fixing) = &mut state.place
        && let FixStep::Drafting(run) = &mut fixing.step
        && run.ticket == ticket
    {
        run.note(progress);
    }
    Vec::new()
}

impl State {
    /// What speaks for ordering the draft that is on the screen; `None` where nothing does.
    #[must_use]
    pub fn ground(&self) -> Option<Ground> {
        let Place::Fix(fixing) = &self.place else { return None };
        let FixStep::Briefing(briefing) = &fixing.step else { return None };
        let triaged = briefing.work.ready()?;
        Ground::of(&triaged.verdict, self.ruling(triaged))
    }
}
