//! `aftercare deploy`: marks and lists deploys.

use std::io::Write;

use serde_json::json;

use crate::app::Failure;
use crate::config::Layer;
use crate::detect::{Deploy, Origin};
use crate::ingest::sanitize::visible;
use crate::shell::cli;
use crate::shell::clock::Clock;
use crate::shell::command::{output, write_json};
use crate::shell::observe::{known_services, open_store};
use crate::shell::report::{SCHEMA, merge, unwritable};
use crate::shell::settings::Settings;

/// Marks or lists.
///
/// # Errors
///
/// When a setting or the store cannot be used.
pub fn run(command: cli::Deploy) -> Result<(), Failure> {
    match command {
        cli::Deploy::Mark { version, at, previous, place } => {
            let mut settings = Settings::load(&place, Layer::default())?;
            let mut store = open_store(&settings)?;
            settings.settle_service(&known_services(&store)?);
            let at = at.unwrap_or_else(|| Clock::real().now());
            let deploy = Deploy { previous, ..Deploy::new(at, settings.service, version, Origin::Mark) };
            store.add_deploy(&deploy).map_err(|error| error.failure())?;
            let mut out = output();
            writeln!(out, "marked deploy {} of {} at {}", deploy.version, deploy.service, deploy.at)
                .and_then(|()| out.flush())
                .map_err(|error| unwritable(&error))
        }
        cli::Deploy::List { json, place } => list(&place, json),
    }
}

fn list(place: &cli::Place, json: bool) -> Result<(), Failure> {
    let settings = Settings::load(place, Layer::default())?;
    let store = open_store(&settings)?;
    let service = settings.service_is_named.then_some(settings.service.as_str());
    let mut deploys = store.deploys(service).map_err(|error| error.failure())?;
    deploys.sort_by_key(|deploy| std::cmp::Reverse(deploy.at));
    if json {
        let mut object = json!({ "schema": SCHEMA });
        merge(&mut object, &json!({ "deploys": deploys }));
        return write_json(&mut output(), &object);
    }
    let mut out = output();
    let mut write = || -> std::io::Result<()> {
        if deploys.is_empty() {
            writeln!(out, "No deploy is known. Mark one with `aftercare deploy mark VERSION`.")?;
        }
        for deploy in &deploys {
            let subject = deploy.subject.as_deref().unwrap_or_default();
            let line = format!("{}  {}  {}  {subject}", deploy.at, deploy.service, deploy.version);
            writeln!(out, "{}", visible(line.trim_end(), false))?;
        }
        out.flush()
    };
    write().map_err(|error| unwritable(&error))
}
