//! Drafts of models and agents: their edits, their checks, their dangers.

mod edits;
mod malformed;
