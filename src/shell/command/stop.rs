//! `aftercare stop`: stops the rollback that a headless watch counts down to.

use crate::app::Failure;
use crate::config::Layer;
use crate::shell::auto;
use crate::shell::cli::Stop;
use crate::shell::command::approve::{nobody, say};
use crate::shell::execute;
use crate::shell::settings::Settings;

/// Leaves word for the watch of the service.
///
/// # Errors
///
/// When nobody is named, or the state folder cannot be written.
pub fn run(command: &Stop) -> Result<(), Failure> {
    let settings = Settings::load(&command.place, Layer::default())?;
    let person = settings.person(command.person.as_deref())?.ok_or_else(nobody)?;
    let path = auto::ask_to_stop(&settings.state, &settings.service, &execute::actor(&person))?;
    say(&format!("The watch of {} is told to stop its countdown ({}).", settings.service, path.display()))
}
