//! Tests of laws.

mod carried;
mod counting;
mod events;
mod requests;
mod signatures;
mod traces;
