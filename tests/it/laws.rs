//! Tests of laws.

mod signatures;
mod traces;
