//! Words for a verdict: the evidence as sentences.

use super::evidence::Reason;
use super::{Candidate, Opinion};
use crate::triage::{Change, Confidence};

/// How many reasons of the best suspect the summary repeats.
const REASONS: usize = 3;

/// For a change that cannot have caused anything.
pub(super) fn nothing_runs(change: &Change) -> String {
    let n_files = change.files.len();
    match n_files {
        0 => "The deploy changed no file.".to_owned(),
        1 => "The deploy changed nothing that runs: its one file differs in tests, documentation, build settings, comments or white space.".to_owned(),
        _ => format!("The deploy changed nothing that runs: its {n_files} files differ in tests, documentation, build settings, comments or white space."),
    }
}

/// The summary of an opinion and the ranked hunks.
pub(super) fn of(opinion: &Opinion, ranked: &[Candidate<'_>]) -> String {
    let mut sentences = Vec::new();
    match ranked.first() {
        Some(best) => {
            let place = best.piece.place(best.sheet.path());
            sentences.push(match (opinion.causal, opinion.confidence) {
                (true, Confidence::High) => format!("{place} is almost certainly the cause"),
                (true, Confidence::Medium | Confidence::Low) => format!("{place} is probably the cause"),
                (false, _) => format!("Nothing shows that the deploy caused this; the nearest change is {place}"),
            });
            let mut reasons: Vec<&Reason> = best.evidence.reasons.iter().filter(|reason| reason.points > 0.0).collect();
            reasons.sort_by(|a, b| b.points.total_cmp(&a.points));
            sentences.extend(reasons.iter().take(REASONS).map(|reason| reason.text.clone()));
            let doubts = best
                .evidence
                .reasons
                .iter()
                .filter(|reason| reason.points < 0.0)
                .map(|reason| format!("but {}", reason.text));
            sentences.extend(doubts);
        }
        None => sentences.push("Nothing links the error to a change of the deploy".to_owned()),
    }
    sentences.extend(opinion.against.iter().map(|text| format!("but {text}")));
    let sentences: Vec<String> = sentences.iter().map(|text| format!("{}.", capital(text))).collect();
    sentences.join(" ")
}

/// The text with a capital first letter; a name in backticks keeps its case, and so does a path.
pub(super) fn capital(text: &str) -> String {
    let is_word = text.split(' ').next().is_some_and(|word| word.chars().all(char::is_alphabetic));
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if is_word => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}
