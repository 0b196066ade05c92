//! Tests of laws.

mod events;
mod signatures;
mod traces;
