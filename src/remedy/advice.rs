//! Turns what a model or a coding agent proposes into a draft that a person can judge.
//!
//! Input: an error, its verdict and the deploy's [`Change`](crate::triage::Change); then a reply, or the
//! files that an agent left. Output: the task to be asked, the files as proposed, and the checks that
//! the draft passed and failed.
//!
//! Pure. Asks nobody and runs nothing (`shell::advisor`, `shell::agent` and `shell::fix` do). Believes
//! nothing: the scope is enforced on the result, and what was proposed is only ever shown.
//!
//! The parts: `task` picks what the author is told, `prompt` puts it in words with data fenced off,
//! `reply` reads edits of many forms, `apply` carries them out where they have one meaning, `check` says
//! what the result was held against, `adapter` knows how to run each coding agent, `commission` is a person's
//! leave to ask, `progress` what happens meanwhile.

pub mod adapter;
pub mod apply;
pub mod budget;
pub mod check;
pub mod commission;
pub mod fence;
pub mod orders;
pub mod progress;
pub mod prompt;
pub mod reply;
pub mod task;
pub mod unnamed;
pub mod walls;

use serde::Serialize;

use crate::ingest::sanitize::{redact, redact_source};
use crate::triage::syntax::{Shape, Source};

pub use apply::{Applied, Failed, apply};
pub use budget::Spent;
pub use commission::{Brief, Candidate, Commission, Leave, commission};
pub use fence::Fence;
pub use progress::Progress;
pub use reply::{Edit, Reply};
pub use task::Task;
pub use walls::Walls;

/// How a patch came about that a model or an agent wrote.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Drafted {
    /// Who wrote it: the model, or the agent.
    pub by: String,
    /// What its author says of it, on one line.
    pub said: String,
    /// Whether it passed every check, and there is one that was run.
    pub ready: bool,
    /// How often its author was asked.
    pub asked: u32,
    /// What that cost.
    pub spent: Spent,
    /// Where everything that was sent and came back is kept, redacted.
    pub transcript: Option<String>,
    /// Older transcripts that were removed, because more are not kept.
    pub removed_transcripts: usize,
    /// How an agent was kept to its folder; empty for a model, which runs nothing.
    pub confinement: String,
    /// What stood around the commands that were run on it; `None` where there are none.
    pub walls: Option<Walls>,
    /// Why there is no usable draft, where there is none; else what went wrong all the same.
    pub trouble: Option<String>,
    /// What the author changed beyond the deploy's diff, and was left out.
    pub left_out: Vec<String>,
}

impl Drafted {
    /// What its author says, what was left out of it, and what asking cost, as sentences.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let said = (!self.said.is_empty()).then(|| format!("Its author says: {}", self.said));
        let left_out = self.left_out.iter().map(|path| format!("Left out, for it is not in the deploy's diff: {path}"));
        let spent = (self.spent.requests > 0).then(|| self.spent.sentence());
        let transcript = self.transcript.as_ref().map(|path| format!("Transcript: {path}"));
        let removed = (self.removed_transcripts > 0)
            .then(|| format!("Older transcripts removed, because more are not kept: {}.", self.removed_transcripts));
        let confined =
            (!self.confinement.is_empty()).then(|| format!("Its author was confined: {}.", self.confinement));
        let walls = self.walls.as_ref().map(|walls| format!("Commands on it: {}.", walls.words()));
        let more = spent.into_iter().chain(confined).chain(walls).chain(transcript).chain(removed);
        said.into_iter().chain(left_out).chain(more).collect()
    }
}

/// The text of a file with its secrets masked: in source code only what surely is one.
#[must_use]
pub fn masked(path: &str, text: &str) -> String {
    if Source::read(path, "").syntax.shape == Shape::Flat { unnamed::mask(&redact(text)) } else { redact_source(text) }
}
