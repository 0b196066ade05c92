//! aftercare
pub mod app;
pub mod detect;
pub mod engine;
pub mod ingest;
pub mod remedy;
pub mod shell;
pub mod triage;
pub mod units;
pub mod view;
