//! Drafts of models and agents: their edits, their checks, their dangers.

mod dialects;
mod edits;
mod malformed;
mod strict;
