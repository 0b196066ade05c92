//! x
use crate::app::Failure;
use crate::shell::cli::Report;
/// x
pub fn run(_command: &Report) -> Result<(), Failure> {
    Ok(())
}
