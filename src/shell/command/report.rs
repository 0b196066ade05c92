//! `aftercare report`: what happened in an incident, as the draft of a postmortem.

use std::io::Write;

use serde_json::json;

use crate::app::{Failure, FailureKind};
use crate::config::Layer;
use crate::detect::{Incident, Phase};
use crate::ingest::sanitize::visible;
use crate::shell::cli::{Form, Report};
use crate::shell::clock::Clock;
use crate::shell::command::{output, write_json};
use crate::shell::observe::{known_services, open_store};
use crate::shell::postmortem;
use crate::shell::report::{SCHEMA, merge, unwritable};
use crate::shell::settings::Settings;
use crate::units::Minute;
use crate::view::postmortem::{html, markdown};

/// Writes the report, or lists the incidents.
///
/// # Errors
///
/// When settings or store cannot be used, or there is no such incident. What of repository and audit record
/// cannot be read is told in the report.
pub fn run(command: &Report) -> Result<(), Failure> {
    let mut settings = Settings::load(&command.place, Layer::default())?;
    let mut store = open_store(&settings)?;
    settings.settle_service(&known_services(&store)?);
    let nothing = Minute::from_number(0)..Minute::from_number(0);
    let incidents = store.load(&settings.service, nothing).map_err(|error| error.failure())?.incidents;
    if command.list {
        return list(&incidents, command.format == Form::Json);
    }
    let incident = chosen(&incidents, &command.incident, &settings.service)?;
    let report = postmortem::gather(&settings, &mut store, incident, Clock::real().now())?;
    let text = match command.format {
        Form::Json => {
            let mut object = json!({});
            merge(&mut object, &report);
            return write_json(&mut output(), &object);
        }
        Form::Html => html(&report),
        Form::Md => markdown(&report),
    };
    let mut out = output();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| unwritable(&error))
}

fn chosen<'a>(incidents: &'a [Incident], wanted: &str, service: &str) -> Result<&'a Incident, Failure> {
    let hint = "`aftercare report --list` lists them; --service and --state say of what.";
    if wanted == "last" {
        let none = || Failure::new(FailureKind::User, format!("{service} had no incident"), hint);
        return incidents.last().ok_or_else(none);
    }
    let none = || Failure::new(FailureKind::User, format!("{service} had no incident {wanted:?}"), hint);
    let number: u64 = wanted.parse().map_err(|_| none())?;
    incidents.iter().find(|incident| incident.id == number).ok_or_else(none)
}

fn list(incidents: &[Incident], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return write_json(&mut output(), &json!({ "schema": SCHEMA, "incidents": incidents }));
    }
    let mut out = output();
    let mut write = || -> std::io::Result<()> {
        if incidents.is_empty() {
            writeln!(out, "No incident is known.")?;
        }
        for incident in incidents.iter().rev() {
            let state = match incident.phase {
                Phase::Open => "open".to_owned(),
                Phase::Recovering { since } => format!("recovering since {since}"),
                Phase::Closed { at } => format!("closed {at}"),
            };
            let (id, opened, version) = (incident.id, incident.opened, &incident.deploy.version);
            let n = incident.signatures.len();
            let line = format!("{id}  {opened}  {version}  {state}  {n} signature{}", if n == 1 { "" } else { "s" });
            writeln!(out, "{}", visible(&line, false))?;
        }
        out.flush()
    };
    write().map_err(|error| unwritable(&error))
}
