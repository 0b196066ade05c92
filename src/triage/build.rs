//! Judges the failure of a build or test command.
//!
//! Input: what it printed, what is known of earlier runs, and what changed since it last
//! succeeded. Output: its errors as diagnostics, and one [`Verdict`].
//!
//! Pure. A command whose runs with the same files ended differently is flaky, whatever its output says.

use std::collections::{BTreeMap, HashSet};

use super::diagnostics::{self, Diagnostic};
use super::{Change, Stage, Symptom, Verdict, judge_among};
use crate::units::Timestamp;

/// The most errors that are judged, and that are asked what they point at.
const JUDGED: usize = 4;

/// The words of a command as its history knows it: a shell line of nothing but plain words is the same command as
/// those words.
#[must_use]
pub fn known_as(command: &[String]) -> Vec<String> {
    const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh"];
    if let [shell, flag, line] = command {
        let is_shell = shell.rsplit('/').next().is_some_and(|name| SHELLS.contains(&name)) && flag == "-c";
        let is_plain = |c: char| c.is_ascii_alphanumeric() || " _-./:,@%+=".contains(c);
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        // `NAME=value` at the front is a setting, and no program.
        let starts_program = words.first().is_some_and(|word| !word.contains('='));
        if is_shell && starts_program && line.chars().all(is_plain) {
            return words;
        }
    }
    command.to_vec()
}

/// A run of a command that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Full id of HEAD at that time.
    pub head: String,
    /// Full id of the tree of all files, committed or not.
    pub tree: String,
    /// Whether some of them were not committed.
    pub had_changes: bool,
    /// Whether it succeeded.
    pub passed: bool,
    /// When it ended.
    pub at: Timestamp,
}

/// What is known of the runs of one command in one repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Newest first.
    runs: Vec<Run>,
}

impl History {
    /// Takes runs, newest first.
    #[must_use]
    pub fn of(runs: Vec<Run>) -> Self {
        Self { runs }
    }

    /// Adds the newest run.
    pub fn add(&mut self, run: Run) {
        self.runs.insert(0, run);
    }

    /// The runs that succeeded, newest first.
    pub fn successes(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| run.passed)
    }

    /// Whether runs with exactly these files ended differently.
    #[must_use]
    pub fn is_flaky_at(&self, tree: &str) -> bool {
        let of_tree = || self.runs.iter().filter(|run| run.tree == tree);
        of_tree().any(|run| run.passed) && of_tree().any(|run| !run.passed)
    }

    /// Whether, with any files, runs with the same files ended differently.
    #[must_use]
    pub fn is_flaky(&self) -> bool {
        let mut endings: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
        for run in &self.runs {
            let seen = endings.entry(&run.tree).or_default();
            if run.passed { seen.0 = true } else { seen.1 = true }
        }
        endings.values().any(|(passed, failed)| *passed && *failed)
    }
}

/// What a command that failed printed, read.
#[derive(Clone, Debug)]
pub struct Failures {
    diagnostics: Vec<Diagnostic>,
    /// The first of each kind, at most so many as are judged.
    symptoms: Vec<(usize, Symptom, Stage)>,
    /// The output as one error, where no diagnostic was understood.
    whole: Symptom,
}

/// The errors of a command, and the verdict on them.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Its errors.
    pub diagnostics: Vec<Diagnostic>,
    /// Which of them the verdict is about; `None` where it is about the output as a whole.
    pub about: Option<usize>,
    /// Which change did it; `None` where there is nothing to compare with.
    pub verdict: Option<Verdict>,
}

impl Failures {
    /// Reads an output.
    #[must_use]
    pub fn read(output: &str) -> Self {
        let diagnostics = diagnostics::read(output);
        let mut seen = HashSet::new();
        let kinds = diagnostics.iter().enumerate().filter(|(_, found)| seen.insert(found.signature().id));
        let symptoms = kinds
            .take(JUDGED)
            .map(|(index, found)| {
                let stage = if found.test.is_some() { Stage::Test } else { Stage::Build };
                (index, found.symptom(), stage)
            })
            .collect();
        Self { symptoms, whole: Symptom::of_text(output), diagnostics }
    }

    /// The errors whose sources are to be read before judging.
    pub fn symptoms(&self) -> impl Iterator<Item = &Symptom> {
        let whole = self.symptoms.is_empty().then_some(&self.whole);
        self.symptoms.iter().map(|(_, symptom, _)| symptom).chain(whole)
    }

    /// Judges each kind of error among the others, and keeps the verdict that is most sure.
    #[must_use]
    pub fn judge(self, change: Option<&Change>) -> Judged {
        let Some(change) = change else {
            return Judged { diagnostics: self.diagnostics, about: None, verdict: None };
        };
        let judged = (0..self.symptoms.len()).filter_map(|index| {
            let (number, symptom, stage) = self.symptoms.get(index)?;
            let others = self.symptoms.iter().enumerate().filter(|(other, _)| *other != index);
            let siblings: Vec<Symptom> = others.map(|(_, (_, sibling, _))| sibling.clone()).collect();
            Some((*number, judge_among(symptom, &siblings, change, *stage)))
        });
        // The first one wins a tie: what comes later often follows from it.
        let best = judged.reduce(|best, next| if rank(&next.1) > rank(&best.1) { next } else { best });
        let (about, verdict) = match best {
            Some((number, verdict)) => (Some(number), verdict),
            None => (None, judge_among(&self.whole, &[], change, Stage::Build)),
        };
        Judged { diagnostics: self.diagnostics, about, verdict: Some(verdict) }
    }
}

/// How telling a verdict is.
fn rank(verdict: &Verdict) -> (bool, super::Confidence, i64) {
    let score = verdict.suspects.first().map_or(0.0, |suspect| suspect.score);
    let sure = if verdict.causal_link { verdict.confidence } else { super::Confidence::Low };
    (verdict.causal_link, sure, (score * 100.0).round() as i64)
}

#[cfg(test)]
mod tests;
