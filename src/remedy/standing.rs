//! Goes back without a person at the keyboard, where somebody allowed exactly that beforehand.
//!
//! Input: the [`Standing`] conditions that a named person set, and from moment to moment what is found.
//! Output: what to do: announce, count down, execute; at most one execution a deploy.
//!
//! Pure. Off unless configured. All conditions must hold from the first moment of the countdown to its end:
//! a confirmed finding, laid to this deploy with high confidence, a plan that is green, and a watch that is not
//! over. Anyone can stop it; what was stopped is not tried again for the same deploy.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::{Approved, Hazard, Person, Plan, approval};
use crate::triage::Confidence;
use crate::units::{Digest, Timestamp};

/// What a person allowed beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The service it is for.
    pub service: String,
    /// Who allowed it.
    pub person: Person,
    /// How long anyone can stop it.
    pub countdown: Duration,
}

impl Standing {
    /// What is allowed, in one sentence; the bytes that the person answers for.
    #[must_use]
    pub fn conditions(&self) -> String {
        format!(
            "{} may be rolled back as a whole without a further word when a finding is confirmed, laid to the deploy with high confidence, going back is green, and the watch is not over; anyone can stop it for {} s.",
            self.service,
            self.countdown.as_secs()
        )
    }

    /// The digest of the conditions and of who set them.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hasher = Sha256::new();
        for text in ["aftercare.standing.v1", &self.conditions(), &self.person.name, &self.person.email] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        Digest::from_bytes(hasher.finalize().into())
    }
}

/// What is found at a moment.
#[derive(Clone, Debug)]
pub struct Found {
    /// The deploy, as its version and time.
    pub deploy: (String, Timestamp),
    /// Whether a finding that matters is confirmed.
    pub confirmed: bool,
    /// Whether it is laid to the deploy, and how surely.
    pub caused: Option<Confidence>,
    /// Whether the watch is not over.
    pub in_watch: bool,
    /// The plan of going back as a whole; `None` while there is none.
    pub plan: Option<Plan>,
}

/// Why it does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// The finding is not confirmed, or no longer.
    NotConfirmed,
    /// It is not laid to the deploy, or not surely enough.
    NotSure,
    /// Going back is not green.
    NotGreen,
    /// There is no plan.
    NoPlan,
    /// The watch is over.
    Over,
    /// The plan is another than at the start of the countdown.
    OtherPlan,
    /// For a while nobody could have seen the countdown, or nothing was looked at.
    Unseen,
}

impl Lapse {
    /// It as the end of a sentence.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::NotConfirmed => "no finding is confirmed",
            Self::NotSure => "it is not laid to the deploy with high confidence",
            Self::NotGreen => "going back is not green",
            Self::NoPlan => "there is no plan of going back",
            Self::Over => "the watch is over",
            Self::OtherPlan => "the plan changed during the countdown",
            Self::Unseen => "for a while nobody could have seen the countdown, or what it goes by",
        }
    }
}

/// Where it stands.
#[derive(Clone, Debug, PartialEq)]
enum State {
    /// The conditions do not hold.
    Idle,
    /// They hold; it is done at `until`.
    Counting { digest: Digest, until: Timestamp },
    /// Somebody stopped it, or it was done; nothing more for this deploy.
    Over,
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// The countdown began: say so, with the plan's digest and when it will be done.
    Announce(Digest, Timestamp),
    /// A condition no longer holds; the countdown is off.
    CallOff(Lapse),
    /// Somebody stopped it.
    Stopped(String),
    /// Do this.
    Execute(Box<Approved>),
}

/// The countdown of one watch.
#[derive(Clone, Debug)]
pub struct Countdown {
    standing: Standing,
    deploy: Option<(String, Timestamp)>,
    state: State,
}

impl Countdown {
    /// Begins idle.
    #[must_use]
    pub fn new(standing: Standing) -> Self {
        Self { standing, deploy: None, state: State::Idle }
    }

    /// What the person allowed.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The digest of what will be done and when, while it counts down.
    #[must_use]
    pub fn counting(&self) -> Option<(Digest, Timestamp)> {
        match self.state {
            State::Counting { digest, until } => Some((digest, until)),
            State::Idle | State::Over => None,
        }
    }

    /// The deploy for which it was done or stopped.
    #[must_use]
    pub fn settled(&self) -> Option<&(String, Timestamp)> {
        self.deploy.as_ref().filter(|_| self.state == State::Over)
    }

    /// Calls a countdown off that nobody can see, or that goes by nothing that was just looked at.
    pub fn lose_sight(&mut self) -> Option<Act> {
        matches!(self.state, State::Counting { .. }).then(|| {
            self.state = State::Idle;
            Act::CallOff(Lapse::Unseen)
        })
    }

    /// When it will be done, while it counts down.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        self.counting().map(|(_, until)| until)
    }

    /// Whether a plan is worth making: nothing was done or stopped for this deploy.
    #[must_use]
    pub fn is_open_for(&self, deploy: &(String, Timestamp)) -> bool {
        self.state != State::Over || self.deploy.as_ref() != Some(deploy)
    }

    /// Looks at what is found now.
    pub fn observe(&mut self, now: Timestamp, found: &Found) -> Option<Act> {
        if self.deploy.is_none() {
            // Whoever stopped it before anything was seen meant this deploy.
            self.deploy = Some(found.deploy.clone());
        } else if self.deploy.as_ref() != Some(&found.deploy) {
            let was_counting = matches!(self.state, State::Counting { .. });
            self.deploy = Some(found.deploy.clone());
            self.state = State::Idle;
            if was_counting {
                return Some(Act::CallOff(Lapse::OtherPlan));
            }
        }
        match (&self.state, self.standing.holds(found)) {
            (State::Over, _) | (State::Idle, Err(_)) => None,
            (State::Idle, Ok(plan)) => {
                let (digest, until) = (plan.digest(), now.after(self.standing.countdown));
                self.state = State::Counting { digest, until };
                Some(Act::Announce(digest, until))
            }
            (State::Counting { .. }, Err(lapse)) => {
                self.state = State::Idle;
                Some(Act::CallOff(lapse))
            }
            (State::Counting { digest, .. }, Ok(plan)) if plan.digest() != *digest => {
                self.state = State::Idle;
                Some(Act::CallOff(Lapse::OtherPlan))
            }
            (State::Counting { until, .. }, Ok(_)) if now < *until => None,
            (State::Counting { .. }, Ok(plan)) => {
                let approved = approval::by_standing(plan.clone(), self.standing.person.clone());
                self.state = State::Over;
                Some(Act::Execute(Box::new(approved)))
            }
        }
    }

    /// Stops it for this deploy, whoever asks, at any time before it is done.
    pub fn stop(&mut self, by: &str) -> Option<Act> {
        let was_open = self.state != State::Over;
        self.state = State::Over;
        was_open.then(|| Act::Stopped(by.to_owned()))
    }
}

impl Standing {
    /// The plan, when every condition holds.
    fn holds<'a>(&self, found: &'a Found) -> Result<&'a Plan, Lapse> {
        if !found.confirmed {
            return Err(Lapse::NotConfirmed);
        }
        if found.caused != Some(Confidence::High) {
            return Err(Lapse::NotSure);
        }
        if !found.in_watch {
            return Err(Lapse::Over);
        }
        let plan = found.plan.as_ref().ok_or(Lapse::NoPlan)?;
        let is_whole = plan.scope == super::Scope::Range && plan.service == self.service;
        if plan.level() != Hazard::Green || !is_whole || self.person.name.trim().is_empty() {
            return Err(Lapse::NotGreen);
        }
        Ok(plan)
    }
}

#[cfg(test)]
mod tests;
