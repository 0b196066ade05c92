//! Asks a model for a second opinion on a verdict.
//!
//! Input: a verdict with its change and error, and whom to ask. Output: the verdict, moved by one level at
//! most, and a [`Second`] that says what was answered and what it cost. Whatever goes wrong, the verdict is that of
//! the evidence.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use serde::Serialize;

use super::advisor::{Advisor, Clock, Question, Role, Setup, Transcript};
use crate::remedy::advice::{Fence, Spent, Task, prompt};
use crate::triage::opinion::{self, Effect, Opinion};
use crate::triage::{Change, Symptom, Verdict};

/// How often the model is asked until its answer is one.
const TURNS: usize = 2;

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Second {
    /// Who was asked.
    pub(super) by: String,
    /// What it changed; `None` without a usable answer.
    pub(super) effect: Option<Effect>,
    /// Whether it holds the deploy to be the cause.
    pub(super) causal_link: Option<bool>,
    /// How it says that one thing led to the next.
    pub(super) path: Vec<String>,
    /// What it says against it.
    pub(super) against: Vec<String>,
    /// Why there is no usable answer.
    pub(super) trouble: Option<String>,
    /// What that cost.
    pub(super) spent: Spent,
    /// Where everything that was sent and came back is kept, redacted.
    pub(super) transcript: Option<String>,
}

/// Asks, and lets the answer move the verdict.
pub(super) fn ask(
    setup: &Setup,
    (symptom, change, verdict): (&Symptom, &Change, &Verdict),
    (transcripts, word): (&Path, &str),
    clock: &dyn Clock,
    cancel: &AtomicBool,
) -> (Verdict, Second) {
    let mut second = Second {
        by: setup.name(),
        effect: None,
        causal_link: None,
        path: Vec::new(),
        against: Vec::new(),
        trouble: None,
        spent: Spent::default(),
        transcript: None,
    };
    let transcript = match Transcript::begin(transcripts, clock.now(), setup.keep) {
        Ok(transcript) => transcript,
        Err(error) => {
            second.trouble = Some(error.failure().to_string());
            return (verdict.clone(), second);
        }
    };
    let mut advisor = Advisor::new(setup, transcript, clock, cancel);
    second.transcript = advisor.transcript().map(|path| path.display().to_string());
    let answer = answer(&mut advisor, (symptom, change, verdict), &Fence::new(word));
    second.spent = advisor.spent();
    match answer {
        Ok(opinion) => {
            let (moved, effect) = opinion::second(verdict, &opinion);
            second.effect = Some(effect);
            second.causal_link = Some(opinion.causal_link);
            (second.path, second.against) = (opinion.path, opinion.against);
            (moved, second)
        }
        Err(why) => {
            second.trouble = Some(why);
            (verdict.clone(), second)
        }
    }
}

fn answer(
    advisor: &mut Advisor<'_>,
    (symptom, change, verdict): (&Symptom, &Change, &Verdict),
    fence: &Fence,
) -> Result<Opinion, String> {
    let task = Task::of(symptom, verdict, change, &[]);
    let link = if verdict.causal_link { "The deploy caused it" } else { "The deploy is not shown to have caused it" };
    let so_far = format!("{link}, confidence {}.\n{}", verdict.confidence.word(), verdict.evidence_summary);
    let mut question = Question {
        system: prompt::system_of_opinion(fence),
        turns: vec![(Role::User, prompt::question_of_opinion(&task, &so_far, fence))],
        schema: Some(("opinion", opinion::schema())),
    };
    let mut why = String::new();
    for _ in 0..TURNS {
        let text = advisor.ask(&question, &mut |_| {}).map_err(|error| error.failure().to_string())?;
        match Opinion::read(&text, change) {
            Ok(opinion) => return Ok(opinion),
            Err(error) => why = error.to_string(),
        }
        let next = prompt::again(&[format!("Your answer is no opinion: {why}")], &[], fence);
        question.turns.extend([(Role::Assistant, text), (Role::User, next)]);
    }
    Err(format!("the answer is no opinion: {why}"))
}
