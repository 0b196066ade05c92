//! Drafts of models and agents: their edits, their checks, their dangers.

mod adversarial;
mod agents;
mod dialects;
mod edits;
mod injection;
mod malformed;
mod outputs;
pub mod story;
pub mod strict;
