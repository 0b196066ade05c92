//! Plays the demonstration: the real pipeline on the demonstration's world.
//!
//! With a screen, the user drives. Without, a script presses the keys that a user would, on the same
//! state, and each step's outcome is printed; it succeeds only if the incident was detected, laid to
//! the right change, taken back and over.

mod script;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{DemoError, Stage, World};
use crate::app::{Failure, FailureKind};
use crate::config::{Config, DeployLayer, Layer, ScreenLayer, Source};
use crate::engine::Snapshot;
use crate::remedy::Person;
use crate::shell::cli;
use crate::shell::clock::Clock;
use crate::shell::observe::specs_of;
use crate::shell::settings::Settings;
use crate::shell::terminal;
use crate::shell::watch::{Run, screen};

use script::Script;

/// How many times as fast the service's clock runs on the screen: an hour's watch in two minutes.
const SPEED: u32 = 30;

/// The same for the scripted run, in which nobody reads along.
const SCRIPTED_SPEED: u32 = 120;

/// Real time that the healthy service is watched before the bad deploy.
const CALM: Duration = Duration::from_secs(6);

/// Plays it; the exit status is 0 when it ended well.
///
/// # Errors
///
/// When the world cannot be made, or the terminal or the store fail.
pub fn run(command: &cli::Demo) -> Result<u8, Failure> {
    if !command.headless {
        terminal::require()?;
    }
    let place = Place::make(command.keep.as_deref())?;
    let say = |text: &str| println!("{text}");
    let speed = if command.headless { SCRIPTED_SPEED } else { SPEED };
    let clock = Clock::fast(speed);
    say("Making a repository, a service and seven days of its history …");
    let world = World::make(place.path(), clock.now()).map_err(|error| failed(&error))?;
    world.write_history().map_err(|error| failed(&error))?;
    let stage = Stage::start(&world, clock).map_err(|error| failed(&error))?;
    let run = run_of(&world, clock, command)?;
    let outcome = if command.headless {
        let script = Script::new(&world, &run, command.picture.clone());
        screen::show_on(run, deploying(stage), |_| Ok(script)).and_then(|(script, _)| script.outcome())
    } else {
        screen::show(run, deploying(stage))
    };
    if let Some(kept) = place.kept() {
        say(&format!("Kept in {}: repo/, logs/, releases/, state/.", kept.display()));
    }
    outcome
}

/// The folder in which it plays: removed at the end, unless it is to be kept.
enum Place {
    Passing(TempDir),
    Kept(PathBuf),
}

impl Place {
    fn make(keep: Option<&Path>) -> Result<Self, Failure> {
        let unusable = |error: &std::io::Error| {
            Failure::of(FailureKind::User, error, "Name an empty or new folder with --keep DIR.")
        };
        let Some(path) = keep else {
            return tempfile::Builder::new()
                .prefix("aftercare-demo-")
                .tempdir()
                .map(Self::Passing)
                .map_err(|error| unusable(&error));
        };
        std::fs::create_dir_all(path).map_err(|error| unusable(&error))?;
        let is_empty = std::fs::read_dir(path).map_err(|error| unusable(&error))?.next().is_none();
        if !is_empty {
            let what = format!("{} is not empty", path.display());
            return Err(Failure::new(FailureKind::User, what, "Name an empty or new folder with --keep DIR."));
        }
        path.canonicalize().map(Self::Kept).map_err(|error| unusable(&error))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Passing(folder) => folder.path(),
            Self::Kept(path) => path,
        }
    }

    fn kept(&self) -> Option<&Path> {
        match self {
            Self::Passing(_) => None,
            Self::Kept(path) => Some(path),
        }
    }
}

/// Settings of its own: the user's configuration, state and repositories stay out of it.
fn run_of(world: &World, clock: Clock, command: &cli::Demo) -> Result<Run, Failure> {
    let layer = Layer {
        service: Some(World::SERVICE.to_owned()),
        repo: Some(world.repo().to_string_lossy().into_owned()),
        deploy: DeployLayer { command: Some(world.deploy_command()), ..DeployLayer::default() },
        screen: ScreenLayer { theme: command.theme.clone() },
        ..Layer::default()
    };
    let config =
        Config::resolve(vec![(Source::Flag, layer)]).map_err(|error| crate::shell::settings::failed(&error))?;
    let state = world.dir().join("state");
    Ok(Run {
        specs: specs_of(&[world.history(), world.log()])?,
        deploys: Vec::new(),
        clock,
        read_only: false,
        person: Some(Person { name: "Robin Example".to_owned(), email: "robin@example.org".to_owned() }),
        settings: Settings {
            config,
            state,
            repo: Some(world.repo()),
            service: World::SERVICE.to_owned(),
            service_is_named: true,
        },
    })
}

/// Deploys the bad version once the history was read and the healthy one was watched for a while.
fn deploying(stage: Stage) -> impl FnMut(&Snapshot) + Send + 'static {
    let mut calm_since = None;
    let mut is_deployed = false;
    move |snapshot| {
        if is_deployed || !snapshot.is_caught_up() {
            return;
        }
        let since = *calm_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= CALM {
            is_deployed = true;
            // A deploy that fails is seen by everybody: no line in the log speaks of it.
            let _ = stage.deploy(World::BAD);
        }
    }
}

fn failed(error: &DemoError) -> Failure {
    Failure::of(
        FailureKind::External,
        error,
        "The demonstration needs sh, git and tar, and room in the temporary folder.",
    )
}
