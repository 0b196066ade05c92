//! Everything that blocks, fails or is asynchronous: the clock, files, git, the store, the terminal.
//!
//! Input: the command line. Output: an exit status, and everything that a run does to the world.
//! Decides nothing: what is a regression, a suspect or a danger, the pure layers say.

pub mod advisor;
mod agent;
pub mod audit;
pub mod auto;
pub mod build;
pub mod cli;
pub mod clock;
pub mod command;
mod confine;
pub mod demo;
pub mod execute;
pub mod fix;
pub mod forge;
pub mod git;
pub mod hands;
pub mod headless;
pub mod highlight;
pub mod http;
pub mod observe;
mod opinion;
pub mod postmortem;
pub mod report;
pub mod settings;
pub mod source;
pub mod store;
pub mod terminal;
pub mod watch;

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::app::{Failure, FailureKind};
use crate::config::Layer;
use crate::ingest::sanitize::visible;
use crate::shell::cli::{Cli, Command};

/// Does what the command line asks; the exit status is 0, 1 for a regression or a failure outside,
/// 2 for wrong usage or configuration, 3 when it could not be judged.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    crate::triage::syntax::grammar::lend_clock(clock::thread_time);
    crate::triage::lend_hands(hands::all);
    match dispatch(cli) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            tell(&failure);
            ExitCode::from(status_of(&failure))
        }
    }
}

fn dispatch(cli: Cli) -> Result<u8, Failure> {
    let done = |result: Result<(), Failure>| result.map(|()| 0);
    match cli.command {
        None => watch::run(cli.watch),
        Some(Command::Watch(watch)) => watch::run(watch),
        Some(Command::Demo(demo)) => demo::run(&demo),
        Some(Command::Baseline(baseline)) => done(command::baseline::run(baseline)),
        Some(Command::Deploy(deploy)) => done(command::deploy::run(deploy)),
        Some(Command::Scan(scan)) => done(command::scan::run(&scan)),
        Some(Command::Signature(signature)) => done(command::signature::run(&signature)),
        Some(Command::Triage(triage)) => done(command::judge::triage(&triage)),
        Some(Command::Rollback(rollback)) => done(command::judge::rollback(&rollback)),
        Some(Command::Fix(fix)) => command::fix::run(&fix),
        Some(Command::Judge(judge)) => done(command::table::run(&judge)),
        Some(Command::Build(build)) => command::build::run(&build),
        Some(Command::Approve(approve)) => command::approve::run(&approve),
        Some(Command::Undo(undo)) => done(command::undo::run(&undo)),
        Some(Command::Stop(stop)) => done(command::stop::run(&stop)),
        Some(Command::PullRequest(request)) => done(command::pull_request::run(&request)),
        Some(Command::Report(report)) => done(command::report::run(&report)),
        Some(Command::Audit(audit)) => command::audit::run(&audit),
        Some(Command::Config(config)) => done(print_config(&config)),
        Some(Command::Keys) => done(print(&crate::app::keymap::markdown())),
        Some(Command::Completions { shell }) => {
            clap_complete::generate(shell, &mut Cli::command(), "aftercare", &mut std::io::stdout());
            Ok(0)
        }
    }
}

fn print_config(command: &cli::ConfigCommand) -> Result<(), Failure> {
    let settings = settings::Settings::load(&command.place, Layer::default())?;
    let rows = settings.config.rows();
    let mut text = String::new();
    for (name, value, source) in rows {
        text.push_str(&format!("{name:<24} {value:<24} {source}\n"));
    }
    text.push_str(&format!("{:<24} {}\n", "state folder", settings.state.display()));
    print(&visible(&text, true))
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = command::output();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| report::unwritable(&error))
}

fn status_of(failure: &Failure) -> u8 {
    match failure.kind {
        FailureKind::User | FailureKind::Config => 2,
        FailureKind::External | FailureKind::Bug => 1,
    }
}

/// Tells a failure on standard error: the fact, its causes, what to do next.
pub(crate) fn tell(failure: &Failure) {
    let mut err = std::io::stderr().lock();
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(err, "aftercare: {}\n{}", visible(&failure.to_string(), false), visible(&failure.hint, false));
}
