//! Prepares the way back, and lets it through only with a person's consent to exact bytes.
//!
//! Input: a deploy's [`Change`](crate::triage::Change) and the tree that going back would give.
//! Output: a [`Plan`] with its patch, commands and safety findings; an [`Approved`] plan; audit entries.
//!
//! Pure. Runs no git and no command (`shell::git`, `shell::execute` do), and reads no clock.
//!
//! The parts: `safety` asks whether old code can run against new state, `plan` is what is shown,
//! `draft` is what a person may take in parts of what is proposed, `approval` makes the one value that can
//! be executed, `proposal` carries a plan to a second person, `standing` goes back where somebody allowed it
//! beforehand, `audit` keeps the hash-chained record, `fix` finds the smallest part of a deploy to take back,
//! `advice` judges what a model or a coding agent proposes.

pub mod advice;
pub mod approval;
pub mod audit;
pub mod draft;
pub mod fix;
pub mod plan;
pub mod proposal;
pub mod safety;
pub mod standing;

pub use approval::{Approved, Person, approve};
pub use draft::{Choice, Draft};
pub use plan::{Plan, Scope, Step};
pub use proposal::{Consent, Proposal};
pub use safety::{Concern, Hazard};
