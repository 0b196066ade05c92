//! Tests of laws.

mod counting;
mod events;
mod requests;
mod signatures;
mod traces;
