//! Words for what the search came to.
//!
//! Input: the [`Search`] at its end, the ranking and the verdict. Output: a [`Report`], as JSON and
//! for a person.
//!
//! Pure. The patch and the checks come from the shell, which built and ran everything.

use std::time::Duration;

use serde::Serialize;

use super::check::Check;
use super::rank::Ranking;
use super::search::{Conclusion, Refusal, Search, Subset};
use super::unit::Unit;
use crate::remedy::advice::Drafted;
use crate::triage::{Change, FileChange, Hunk, Verdict};

/// Whether a fix was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A patch makes the command pass.
    Found,
    /// There is none within the bounds.
    NotFound,
    /// The command cannot tell.
    CannotJudge,
}

/// A run of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Number of the run, from 1.
    pub run: usize,
    /// What is run on what.
    pub on: Stand,
}

/// What is run on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// The command that shows the error, with a part of the deploy taken back.
    Without {
        /// How many changes are taken back.
        n_taken: usize,
        /// How many there are.
        n_units: usize,
    },
    /// A command on the state as deployed, before a draft is asked for.
    Deployed(Program),
    /// A command on a draft.
    Draft(Program),
}

/// Which of the user's commands is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The one that shows the error.
    Repro,
    /// The one that must still pass.
    Tests,
}

/// A run that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// What was taken back.
    pub part: Part,
    /// How the command ended, as the end of a sentence about it.
    pub ending: String,
    /// Whether it passed.
    pub passed: bool,
    /// How long it took.
    pub took: Duration,
}

impl Part {
    /// What is run, as the beginning of a sentence.
    #[must_use]
    pub fn words(self) -> String {
        match self.on {
            Stand::Without { n_taken: 0, .. } => "as deployed".to_owned(),
            Stand::Without { n_taken, n_units } if n_taken == n_units => "as before the deploy".to_owned(),
            Stand::Without { n_taken, n_units } => format!("with {n_taken} of {n_units} changes taken back"),
            Stand::Deployed(command) => format!("{}, as deployed", command.word()),
            Stand::Draft(command) => format!("{}, with the draft", command.word()),
        }
    }
}

impl Program {
    fn word(self) -> &'static str {
        match self {
            Self::Repro => "your command",
            Self::Tests => "the tests",
        }
    }
}

impl Tried {
    /// How it went, as a sentence; `command` is what the command is called.
    #[must_use]
    pub fn words(&self, command: &str) -> String {
        let (part, ending, took) = (self.part.words(), &self.ending, self.took.as_secs_f64());
        match self.part.on {
            Stand::Without { .. } => format!("{part}, {command} {ending} ({took:.1} s)"),
            Stand::Deployed(_) | Stand::Draft(_) => format!("{part}: {ending} ({took:.1} s)"),
        }
    }
}

/// A part of the deploy that the patch takes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Path after the deploy; before it, for a deleted file.
    pub file: String,
    /// First line after the deploy, from 1; for a pure deletion, the line above the gap it left.
    pub start: u32,
    /// Last line after the deploy; for a pure deletion, the line below the gap.
    pub end: u32,
    /// Why it is taken back.
    pub why: String,
}

/// What the search came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Whether a fix was found.
    pub answer: Answer,
    /// The answer as sentences.
    pub detail: String,
    /// Unified diff from the deployed revision; empty without a fix.
    pub patch: String,
    /// What the patch takes back, in order of file and line.
    pub hunks: Vec<Taken>,
    /// Parts of the deploy that the command was run without, to find the fix.
    pub runs: usize,
    /// Further runs of the command, to believe it: as deployed, before the deploy, and again.
    pub verification_runs: usize,
    /// Whether leaving any one of the hunks out of the patch was tried, and made the command fail.
    pub minimal: bool,
    /// What the patch was held against.
    pub checks: Vec<Check>,
    /// What the patch takes back, for building the files again; empty without a fix.
    #[serde(skip)]
    pub taken: Unit,
    /// How it came about, where a model or an agent was asked.
    pub drafted: Option<Drafted>,
}

impl Report {
    /// Says what the search came to, without patch and checks; `said` is how a run ended that matters.
    #[must_use]
    pub fn of(conclusion: &Conclusion, search: &Search, n_units: usize, said: &str) -> Self {
        let (answer, minimal) = match conclusion {
            Conclusion::Found { minimal, .. } => (Answer::Found, *minimal),
            Conclusion::NotFound => (Answer::NotFound, false),
            Conclusion::CannotJudge(_) => (Answer::CannotJudge, false),
        };
        Self {
            answer,
            detail: detail(conclusion, search, n_units, said),
            patch: String::new(),
            hunks: Vec::new(),
            runs: search.n_tried(),
            verification_runs: search.n_runs() - search.n_tried(),
            minimal,
            checks: Vec::new(),
            taken: Unit::default(),
            drafted: None,
        }
    }

    /// A report without a patch.
    #[must_use]
    pub fn without_patch(answer: Answer, detail: impl Into<String>) -> Self {
        Self {
            answer,
            detail: detail.into(),
            patch: String::new(),
            hunks: Vec::new(),
            runs: 0,
            verification_runs: 0,
            minimal: false,
            checks: Vec::new(),
            taken: Unit::default(),
            drafted: None,
        }
    }

    /// Whether there is a patch that passed everything that it was held against.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.answer == Answer::Found && self.checks.iter().all(|check| check.passed)
    }
}

fn detail(conclusion: &Conclusion, search: &Search, n_units: usize, said: &str) -> String {
    let n_runs = search.n_runs();
    let said = if said.is_empty() { String::new() } else { format!(" (it {said})") };
    let not_started = said.starts_with(" (it could not be started");
    match conclusion {
        Conclusion::CannotJudge(Refusal::FailsAtBase) if not_started => format!(
            "The command was never run{said}. It runs in a checkout that holds nothing but what is in git: name it by its \
             place there, or so that PATH has it."
        ),
        Conclusion::Found { units, minimal, confirmed } => {
            let mut text = format!("The command passes with {} of {n_units} changes taken back.", units.len());
            text.push_str(match (minimal, confirmed) {
                (true, true) => " None of them can be left out.",
                (false, true) => " Fewer may do: the search was cut short.",
                (_, false) => " The search was cut short, so this was run only once.",
            });
            text
        }
        Conclusion::NotFound if n_units == 0 => "The deploy changed nothing that can be taken back.".to_owned(),
        Conclusion::NotFound => format!(
            "Nothing that helps was found in {n_runs} runs: the time or the number of runs that were allowed is used up."
        ),
        Conclusion::CannotJudge(Refusal::PassesAtHead) => {
            format!(
                "The command passes as deployed{said}, so it does not show the error, and no fix can be told by it."
            )
        }
        Conclusion::CannotJudge(Refusal::FailsAtBase) => format!(
            "The command fails before the deploy too{said}, so it does not show what the deploy broke, and no fix can be told by it."
        ),
        Conclusion::CannotJudge(Refusal::Flaky) => {
            let tally = search.tally(&Subset::new());
            format!(
                "The command passes and fails by chance, too often to tell: as deployed it failed in {} of {} runs.",
                tally.failed,
                tally.runs()
            )
        }
    }
}

/// The places that these units take back, in order of file and line.
#[must_use]
pub fn taken(units: &Subset, ranking: &Ranking, change: &Change, verdict: &Verdict) -> Vec<Taken> {
    let mut taken = Vec::new();
    for unit in units.iter().filter_map(|unit| ranking.units.get(*unit)) {
        let why = why(unit, ranking, change, verdict);
        let whole = unit.files.iter().filter_map(|file| Some((*file, whole(change.files.get(*file)?))));
        let hunks = change.files.iter().enumerate().flat_map(|(file, changed)| {
            let is_whole = unit.files.contains(&file);
            let ours = changed.hunks.iter().filter(move |hunk| !is_whole && unit.hunks.contains(&hunk.id));
            ours.map(move |hunk| (file, lines(changed, hunk)))
        });
        for (file, (start, end)) in whole.chain(hunks) {
            let path = change.files.get(file).map(|file| file.path.clone()).unwrap_or_default();
            taken.push(Taken { file: path, start, end, why: why.clone() });
        }
    }
    taken.sort_by(|a, b| (&a.file, a.start).cmp(&(&b.file, b.start)));
    taken
}

fn why(unit: &Unit, ranking: &Ranking, change: &Change, verdict: &Verdict) -> String {
    let reasons: Vec<&str> =
        ranking.suspects(unit, change, verdict).flat_map(|suspect| &suspect.reasons).map(String::as_str).collect();
    match reasons.as_slice() {
        [] => "The command says so; the error names nothing of it.".to_owned(),
        reasons => reasons.join(" "),
    }
}

/// All lines of a file after the deploy; the first where there are none.
fn whole(file: &FileChange) -> (u32, u32) {
    (1, n_lines(file))
}

/// The lines of a hunk, none of them behind the end of the file.
fn lines(file: &FileChange, hunk: &Hunk) -> (u32, u32) {
    let (start, end) = hunk.touched();
    let last = n_lines(file);
    (start.min(last), end.min(last))
}

fn n_lines(file: &FileChange) -> u32 {
    let lines = file.head_text.as_deref().unwrap_or_default().lines().count();
    u32::try_from(lines).unwrap_or(u32::MAX).max(1)
}
