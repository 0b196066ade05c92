//! Reads what a deploy changed.
