//! Lets runs of a command that shows the error move a verdict: by one level up, or to a veto.
//!
//! Input: a verdict, and how the command went as deployed, before the deploy, and without the first suspect. Output:
//! the verdict that all of it gives, and what the runs changed.
//!
//! Pure: who ran what is `shell::fix`'s business, and [`Reruns`] holds all that is needed to say the same again. An error
//! that the version before has too is older than the deploy, whatever points at a change. Where the evidence rules
//! the deploy out, no run brings it back.

use serde::{Deserialize, Serialize};

use super::{Confidence, Symptom, Verdict};

/// Letters of a message that must be there for its being printed to tell anything.
const LETTERS: usize = 4;

/// How one run of the command went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ran {
    /// It passed.
    Passed,
    /// It failed and printed the error.
    Showed,
    /// It failed, and printed something else.
    FailedOtherwise,
    /// Runs with the same files ended differently.
    Flaky,
    /// It was not started, took too long, or was stopped.
    Undecided,
}

impl Ran {
    /// What two runs with the same files come to: neither a failure nor a success counts that does not repeat itself.
    #[must_use]
    pub fn with_repeat(self, repeat: Self) -> Self {
        match (self, repeat) {
            (one, other) if one == other => one,
            (Self::Undecided, _) | (_, Self::Undecided) => Self::Undecided,
            _ => Self::Flaky,
        }
    }

    /// Whether another run with the same files is needed before it is believed.
    #[must_use]
    pub fn needs_repeat(self) -> bool {
        matches!(self, Self::Passed | Self::Showed)
    }

    /// How it went for a command that ended; `passed` says with success, `output` is what it printed.
    #[must_use]
    pub fn of(passed: bool, output: &str, symptom: &Symptom) -> Self {
        match (passed, shows(output, symptom)) {
            (true, _) => Self::Passed,
            (false, true) => Self::Showed,
            (false, false) => Self::FailedOtherwise,
        }
    }
}

/// Whether the output holds the error: the first line of its message, or a message of the same form.
fn shows(output: &str, symptom: &Symptom) -> bool {
    let first = symptom.message.lines().next().unwrap_or_default().trim();
    let is_telling = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count() >= LETTERS;
    let of_output = Symptom::of_text(output);
    let exception = |of: &Symptom| of.trace.as_ref().map(|trace| trace.exception.clone());
    let is_alike = of_output.template == symptom.template && exception(&of_output) == exception(symptom);
    is_telling(first) && output.contains(first) || is_alike && !of_output.template.trim().is_empty()
}

/// How the command went, each with the state of the files that it was run with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reruns {
    /// As deployed.
    pub deployed: Ran,
    /// As before the deploy; not run where the command does not show the error as deployed.
    pub before: Option<Ran>,
    /// As deployed, without the first suspect; not run where there is none, or the error is older.
    pub without: Option<Ran>,
}

/// What the runs changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing: the command does not show the error, so that it tells nothing.
    NotShown,
    /// The error is older: the deploy is ruled out.
    Older,
    /// The verdict is one level surer.
    Raised,
    /// Nothing: it was as sure as can be, and the runs agree.
    Agrees,
    /// Nothing: it passes without the suspect, but the evidence rules the deploy out.
    Overruled,
    /// Nothing: the command passes and fails with the same files.
    Flaky,
    /// Nothing: the error stays without the suspect, or a run did not decide.
    Unmoved,
}

impl Effect {
    /// What was seen, as a sentence.
    #[must_use]
    pub fn sentence(self, reruns: &Reruns) -> &'static str {
        match (self, reruns.before, reruns.without) {
            (Self::NotShown, ..) if reruns.deployed == Ran::Passed => {
                "The command passes with the change: it tells nothing."
            }
            (Self::NotShown, ..) => "The command does not show this error in a fresh checkout: it tells nothing.",
            (Self::Older, ..) => "The command shows the same error without the change, each time: it is older.",
            (Self::Raised | Self::Agrees, ..) => {
                "The command shows the error with the change, and passes before it and without the suspect, each time."
            }
            (Self::Overruled, ..) => "The command passes without the suspect, but the evidence rules the change out.",
            (Self::Flaky, None, _) => "The command is flaky: with the change it passes and fails.",
            (Self::Flaky, Some(Ran::Flaky), _) => "The command is flaky: before the change it passes and fails.",
            (Self::Flaky, ..) => "The command is flaky: without the suspect it passes and fails.",
            (Self::Unmoved, _, Some(Ran::Showed)) => "The command shows the error without the suspect, too.",
            (Self::Unmoved, Some(Ran::Passed), _) => {
                "The command shows the error with the change and not before, but the run without the suspect does not decide."
            }
            (Self::Unmoved, ..) => {
                "The command shows the error with the change, but the run before it does not decide."
            }
        }
    }
}

/// The verdict with what the runs say, and what that changed.
#[must_use]
pub fn with_reruns(verdict: &Verdict, reruns: &Reruns) -> (Verdict, Effect) {
    let effect = effect(verdict, reruns);
    let mut moved = verdict.clone();
    match effect {
        Effect::Older => (moved.causal_link, moved.confidence) = (false, Confidence::Medium),
        Effect::Raised => {
            let surer = if verdict.escalates() { Confidence::High } else { Confidence::Medium };
            (moved.causal_link, moved.confidence) = (true, surer);
        }
        Effect::NotShown | Effect::Agrees | Effect::Overruled | Effect::Flaky | Effect::Unmoved => {}
    }
    let said = effect.sentence(reruns);
    let is_for = matches!(effect, Effect::Raised | Effect::Agrees);
    let is_against = effect == Effect::Older || reruns.without == Some(Ran::Showed);
    if let Some(first) = moved.suspects.first_mut() {
        let list = if is_for { Some(&mut first.reasons) } else { is_against.then_some(&mut first.against) };
        list.into_iter().for_each(|list| list.push(said.to_owned()));
    }
    moved.evidence_summary = match effect {
        // What was there before is said first: it outweighs all that points at the change.
        Effect::Older => format!("{said} The evidence alone says: {}", moved.evidence_summary).trim().to_owned(),
        _ => format!("{} {said}", moved.evidence_summary).trim().to_owned(),
    };
    (moved, effect)
}

fn effect(verdict: &Verdict, reruns: &Reruns) -> Effect {
    let is_vetoed = !verdict.is_runtime_change || !verdict.causal_link && verdict.confidence != Confidence::Low;
    match (reruns.deployed, reruns.before, reruns.without) {
        (Ran::Flaky, ..) | (_, Some(Ran::Flaky), _) | (_, _, Some(Ran::Flaky)) => Effect::Flaky,
        (Ran::Passed | Ran::FailedOtherwise | Ran::Undecided, ..) => Effect::NotShown,
        (Ran::Showed, Some(Ran::Showed), _) => Effect::Older,
        (Ran::Showed, Some(Ran::Passed), Some(Ran::Passed)) if verdict.suspects.is_empty() => Effect::Unmoved,
        (Ran::Showed, Some(Ran::Passed), Some(Ran::Passed)) if is_vetoed => Effect::Overruled,
        (Ran::Showed, Some(Ran::Passed), Some(Ran::Passed)) => {
            let is_sure = verdict.escalates() && verdict.confidence == Confidence::High;
            if is_sure { Effect::Agrees } else { Effect::Raised }
        }
        (Ran::Showed, ..) => Effect::Unmoved,
    }
}

#[cfg(test)]
mod tests;
