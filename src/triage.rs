//! Decides which change of a deploy caused an error.
//!
//! Input: a [`Symptom`] (an error as the logs show it) and a [`Change`] (what the deploy brought).
//! Output: one [`Verdict`] with ranked suspects, each with what speaks for and against it.
//!
//! Pure. Runs no git (`shell::git` reads the repository) and asks no model.
//!
//! The parts: `diff` models the change, `classify` says what kind of file each is, `syntax` and
//! `scope` read source text, `trivial` tells the hunks that change nothing, `symptom` makes an error
//! of raw text, `diagnostics` reads what builds and tests print, `frames` finds the places that the error
//! names, `literal` the place that wrote it, `suspect` collects evidence and ranks. `named` only tells
//! whether an error speaks of a changed file. `build` judges the failure of a build or test
//! command, `ruling` is what a person says of it. `rerun` and `opinion` let runs of a command and a model's
//! second opinion move a verdict a little. `hands` does pieces of work at once.

pub mod build;
pub mod classify;
pub mod diagnostics;
pub mod diff;
pub mod frames;
mod hands;
pub mod import;
pub mod literal;
pub mod named;
pub mod opinion;
pub mod rerun;
pub mod ruling;
#[cfg(test)]
mod sample;
pub mod scope;
pub mod suspect;
pub mod symptom;
pub mod syntax;
pub mod trivial;

use serde::{Deserialize, Serialize};

pub use classify::Class;
pub use diagnostics::Diagnostic;
pub use diff::{Change, Commit, FileChange, FileStatus, Hunk, HunkId};
pub use hands::{Hands, lend_hands};
pub use ruling::{Cause, Ruling};
pub use suspect::{judge, judge_among};
pub use symptom::TEXT_BYTES;

use crate::detect::poisson;
use crate::ingest::Trace;

/// An error to be explained.
#[derive(Clone, Debug, PartialEq)]
pub struct Symptom {
    /// The raw text of one event.
    pub text: String,
    /// Its message, without header; of a trace, that of the root exception.
    pub message: String,
    /// The message with its variables masked.
    pub template: String,
    /// The stack trace, if there is one.
    pub trace: Option<Trace>,
    /// The logger or module that wrote it.
    pub component: Option<String>,
    /// How its rate changed with the deploy, when that is known.
    pub rates: Option<Rates>,
    /// Whether it is the report of a test runner, whose other failures say more than a trace through libraries alone.
    pub is_report: bool,
}

/// How often a symptom was seen before and after the deploy, per minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Per minute, before.
    pub before: f64,
    /// Per minute, after.
    pub after: f64,
    /// Whether the rise is more than chance.
    pub significant: bool,
}

impl Rates {
    /// Takes rates that a person gives, as if each had been seen for an hour.
    ///
    /// The rise is more than chance when `P(X >= after) < 0.05` under Poisson with the rate before.
    #[must_use]
    pub fn given(before: f64, after: f64) -> Self {
        let (before, after) = (before.max(0.0), after.max(0.0));
        let p = poisson::at_least((after * 60.0).round() as u64, before * 60.0);
        Self { before, after, significant: p < 0.05 }
    }
}

/// Where an error was seen, which says what can have caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Where the program runs: tests, documentation and comments cannot matter.
    Production,
    /// Where its tests run: what builds it can matter too; the tests only say what is wrong.
    Test,
    /// Where it is compiled, linted and packed: any changed line can matter.
    Build,
}

/// How sure a verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Possible; never escalated.
    Low,
    /// Likely.
    Medium,
    /// As good as certain.
    High,
}

impl Confidence {
    /// Its name, in lower case, as in `--json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What the evidence says about one error and one deploy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Whether the deploy changed anything that runs: code, configuration, dependencies, schema.
    pub is_runtime_change: bool,
    /// Whether a change of the deploy is held to have caused the error.
    pub causal_link: bool,
    /// How sure that is.
    pub confidence: Confidence,
    /// The evidence in sentences, with file and line.
    pub evidence_summary: String,
    /// Every file of the deploy with its class.
    pub changed_files: Vec<ClassedFile>,
    /// The places that may be the cause, best first.
    pub suspects: Vec<Suspect>,
}

impl Verdict {
    /// Whether a fix may be generated: only a causal link of more than low confidence escalates.
    #[must_use]
    pub fn escalates(&self) -> bool {
        self.causal_link && self.confidence != Confidence::Low
    }
}

/// A changed file and its class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClassedFile {
    /// Path from the root of the repository, after the change.
    pub path: String,
    /// What kind of file it is.
    pub class: Class,
}

/// A hunk that may be the cause.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suspect {
    /// Path after the change; before it, for a deleted file.
    pub file: String,
    /// First line after the change, from 1; for a pure deletion, the line above the gap it left.
    pub start: u32,
    /// Last line after the change; for a pure deletion, the line below the gap.
    pub end: u32,
    /// Additive evidence, like log-odds; above 2.6 is strong. What is likelier before any evidence has up to
    /// 0.2 for that.
    pub score: f64,
    /// What speaks for it, as sentences.
    pub reasons: Vec<String>,
    /// What speaks against it.
    pub against: Vec<String>,
    /// The hunk meant.
    pub hunk: HunkId,
}
