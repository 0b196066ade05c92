//! Tests of remedy.
