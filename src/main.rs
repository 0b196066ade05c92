//! Arguments -> settings -> shell -> exit status.

use std::process::ExitCode;

use clap::Parser;

use aftercare::shell::cli::Cli;
use aftercare::shell::command::fix::arranged;

fn main() -> ExitCode {
    aftercare::shell::run(Cli::parse_from(arranged(std::env::args_os().collect())))
}
