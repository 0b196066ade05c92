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
//! what the result was held against, `adapter` knows how to run each coding agent.

pub mod apply;
pub mod reply;

pub use apply::{Applied, Failed, apply};
pub use reply::{Edit, Reply};
