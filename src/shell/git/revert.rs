//! Prepares and makes the commit that takes a deploy back.
