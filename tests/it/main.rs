//! Tests of the whole: one binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod build;
mod cli;
mod demo;
mod draft;
mod fix;
mod git;
mod golden;
mod http;
mod kill;
mod laws;
mod pace;
mod pty;
mod readme;
mod remedy;
mod screens;
mod server;
mod service;
mod sources;
mod store;
mod stories;
mod themes;
mod tidy;
mod triage;
