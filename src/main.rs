//! Arguments -> settings -> shell -> exit status.

use std::process::ExitCode;

use clap::Parser;

use aftercare::shell::cli::Cli;

fn main() -> ExitCode {
    aftercare::shell::run(Cli::parse())
}
