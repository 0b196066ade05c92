//! Finds the smallest part of a deploy whose reversal makes a failing command pass, without a model.
//!
//! Input: a [`Change`](crate::triage::Change), what triage made of the error, and, run by run, how the
//! command ended. Output: which [`Subset`] of the deploy to take back for the next run, at last a
//! [`Conclusion`], and the checks of the patch that follows from it.
//!
//! Pure. Builds no tree and runs no command (`shell::fix` does). Whether the proposal is applied is
//! for a person to decide.
//!
//! The parts: `fine` cuts settings key by key and dependencies package by package, `unit` cuts a change into
//! what can be taken back alone, `rank` orders that by
//! suspicion, `needs` says what cannot be taken back alone, `search` says what to try next, `check` says what the patch was held against, `report`
//! puts it in words, `repro` is the command and a person's leave to run it.

pub mod check;
pub mod fine;
pub mod needs;
pub mod rank;
pub mod report;
pub mod repro;
pub mod search;
pub mod unit;

pub use check::Check;
pub use rank::Ranking;
pub use report::{Answer, Part, Program, Report, Stand, Tried};
pub use repro::{Allowed, Repro, allow};
pub use search::{Conclusion, Outcome, Refusal, Search, Step, Subset};
pub use unit::Unit;
