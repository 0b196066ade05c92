//! Finds the errors that began with another one.

use crate::detect::{Assessment, Judgement, SignatureIndex};
use crate::detect::{Kind, Known};
use crate::engine::Engine;
use crate::ingest::Level;
use crate::triage::Symptom;

/// The most errors that are told, and minutes between two onsets that are the same moment.
const SIBLINGS: usize = 4;
const MINUTES: i64 = 2;

/// The errors that rose, or appeared, in the same watch and at the same moment as this signature.
pub(super) fn of(engine: &Engine, judgement: &Judgement, index: SignatureIndex) -> Vec<Symptom> {
    let found =
        |wanted: SignatureIndex| judgement.assessments.iter().find(|assessment| assessment.signature == Some(wanted));
    let Some((own, known)) = found(index).zip(engine.catalog().get(index)) else { return Vec::new() };
    let mut others: Vec<(&Assessment, &Known)> = judgement
        .assessments
        .iter()
        .filter(|other| other.signature != Some(index) && engine.matters(other) && got_worse(other))
        .filter_map(|other| Some((other, engine.catalog().get(other.signature?)?)))
        .filter(|(other, about)| is_error(about) && is_same_moment((own, known), (other, about)))
        .collect();
    // The most frequent first; of equals the one that was known first.
    others.sort_by_key(|(other, _)| (std::cmp::Reverse(other.observed), other.signature));
    others.into_iter().take(SIBLINGS).map(|(_, about)| symptom(engine, about)).collect()
}

fn got_worse(assessment: &Assessment) -> bool {
    assessment.finding.is_some_and(|finding| matches!(finding.kind, Kind::Rise | Kind::New))
}

fn is_error(known: &Known) -> bool {
    known.level.is_none_or(|level| level >= Level::Warn)
}

/// By the minutes since which the evidence is strongest; without them, by when they were first seen.
fn is_same_moment(own: (&Assessment, &Known), other: (&Assessment, &Known)) -> bool {
    if let (Some(own), Some(other)) = (own.0.onset, other.0.onset) {
        return (i64::from(own) - i64::from(other)).abs() <= MINUTES;
    }
    let is_new =
        |(assessment, _): (&Assessment, &Known)| assessment.finding.is_some_and(|finding| finding.kind == Kind::New);
    let apart = own.1.first.micros().abs_diff(other.1.first.micros());
    is_new(own) && is_new(other) && apart <= MINUTES.unsigned_abs() * 60_000_000
}

fn symptom(engine: &Engine, known: &Known) -> Symptom {
    match engine.newest_event(known.id) {
        Some(event) => Symptom::of_event(&event, None),
        None => Symptom::of_text(&known.example),
    }
}

#[cfg(test)]
mod tests;
