//! Tests of laws.

mod counting;
mod events;
mod signatures;
mod traces;
