//! Tests of laws.

mod signatures;
