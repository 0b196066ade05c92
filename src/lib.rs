//! aftercare stays with a deploy until it is healthy.
//!
//! This page is the map for readers of the code; users find theirs in the README.
//!
//! # The loop
//!
//! ```text
//! logs -> events -> signatures -> counts per minute -> baseline (7 days) -> verdict
//!      -> incident -> triage (git diff) -> remedy -> review -> approval -> execute -> recovery
//! ```
//!
//! # The map
//!
//! | Layer | Does | Knows |
//! | --- | --- | --- |
//! | [`units`] | points in time, minutes, ids | nothing |
//! | [`ingest`] | bytes to events to signatures | units |
//! | [`detect`] | counts, baselines, verdicts, incidents | ingest |
//! | [`triage`] | which change caused an error | detect and below |
//! | [`remedy`] | the way back, its dangers, consent, the audit chain | triage and below |
//! | [`engine`] | ingest and detect as one machine without I/O | remedy and below |
//! | [`config`] | settings, each with its source | engine and below |
//! | [`app`] | the screen's state, messages and effects | config and below |
//! | [`view`] | state to cells | app and below |
//! | [`shell`] | everything that blocks, fails or is asynchronous | all |
//!
//! # What always holds
//!
//! - Everything but [`shell`] is pure: time is an argument, effects are values. `tests/it/tidy.rs`
//!   reads the sources and fails when a layer reaches past the table above.
//! - Counts and read positions are stored in one transaction, so that a killed process loses no
//!   event and doubles none.
//! - A minute that was not observed is unknown, not zero.
//! - The signature of a message is that of its fold, unless a configuration overrides rules; its id never depends
//!   on what was seen before. Groups of signatures are aliases: counts are kept per id, and summed where they are judged.
//! - Nothing touches a repository or a deployment without an [`Approved`](remedy::Approved) value,
//!   which only [`approve`](remedy::approve) makes, from the digest that was on screen.
//! - A model or an agent decides nothing: its draft is shown with what it failed, runs only in a throw-away
//!   checkout and only when it reaches for nothing new; its opinion moves a verdict by one level at most.
//! - Text from logs and repositories is hostile: it passes [`ingest::sanitize`] before it is shown.
//! - Every queue is bounded; what is dropped, cut or not understood is counted and shown.

pub mod app;
pub mod config;
pub mod detect;
pub mod engine;
pub mod ingest;
pub mod remedy;
pub mod shell;
pub mod triage;
pub mod units;
pub mod view;
