//! `aftercare watch`: one run over one service, on the screen or without.

mod editor;
pub mod screen;
pub mod work;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, bounded};

use crate::app::{Failure, FailureKind};
use crate::config::{DeployLayer, Layer, ScreenLayer, WatchLayer};
use crate::detect::{Deploy, Origin};
use crate::engine::Outcome;
use crate::remedy::Person;
use crate::shell::auto::Auto;
use crate::shell::clock::Clock;
use crate::shell::headless;
use crate::shell::observe::{Observer, Opened, specs_of, split_deploy};
use crate::shell::report::Report;
use crate::shell::settings::Settings;
use crate::shell::source::{self, Cursor, Feed, SourceSpec, Sources};
use crate::shell::terminal;
use crate::shell::{self, cli};

/// Pieces of news that wait between the sources and the engine; a full queue makes sources wait.
const FEEDS: usize = 16;

/// One run over one service.
#[derive(Debug)]
pub struct Run {
    /// What it is about.
    pub settings: Settings,
    /// Where its logs are.
    pub specs: Vec<SourceSpec>,
    /// Deploys from the command line.
    pub deploys: Vec<Deploy>,
    /// The time.
    pub clock: Clock,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// Who approves.
    pub person: Option<Person>,
}

/// Watches as the command line says; returns the exit status.
///
/// # Errors
///
/// When settings, store or terminal cannot be used.
pub fn run(args: cli::Watch) -> Result<u8, Failure> {
    if args.paths.is_empty() {
        return Err(Failure::new(
            FailureKind::User,
            "no log is named",
            "Name log files, a folder, or - for standard input; or try `aftercare demo`. `aftercare --help` tells more.",
        ));
    }
    let settings = Settings::load(&args.place, flags_of(&args))?;
    let clock = Clock::real();
    let mut run = Run {
        specs: specs_of(&args.paths)?,
        deploys: deploys_of(&args.deploy, &settings, &clock)?,
        person: settings.person(args.person.as_deref())?,
        read_only: args.read_only,
        settings,
        clock,
    };
    if !args.headless {
        terminal::require()?;
        return screen::show(run, |_| ());
    }
    let stop = terminal::stop_on_signals()?;
    let mut report = Report::new(headless::standard_output(), args.json);
    let reads_input = run.specs.contains(&SourceSpec::Stdin);
    let options = headless::Options { fail_on: args.fail_on, once: args.once, reads_input };
    let Opened { mut observer, cursors, notices } = run.open()?;
    notices.iter().for_each(shell::tell);
    let feed = Feeding::start(run.specs.clone(), cursors, !args.once, run.clock, Arc::clone(&stop));
    let auto = Auto::of(&run)?;
    let outcome = headless::watch(&mut observer, feed.receiver(), &run.clock, &stop, options, auto, &mut report);
    feed.stop();
    outcome.map(Outcome::status)
}

fn flags_of(args: &cli::Watch) -> Layer {
    Layer {
        watch: WatchLayer { minutes: args.minutes, ..WatchLayer::default() },
        deploy: DeployLayer { follow: args.follow.clone(), ..DeployLayer::default() },
        screen: ScreenLayer { theme: args.theme.clone() },
        ..Layer::default()
    }
}

fn deploys_of(texts: &[String], settings: &Settings, clock: &Clock) -> Result<Vec<Deploy>, Failure> {
    texts.iter().map(|text| deploy_of(text, settings, clock)).collect()
}

/// Reads `REV[@TIME]`, or `OLD..NEW[@TIME]` where the revision before must be told.
fn deploy_of(text: &str, settings: &Settings, clock: &Clock) -> Result<Deploy, Failure> {
    let (version, at) = split_deploy(text, clock.now())?;
    let (previous, version) = match version.split_once("..") {
        Some((previous, version)) => (Some(previous.to_owned()), version.to_owned()),
        None => (None, version),
    };
    Ok(Deploy { previous, ..Deploy::new(at, settings.service.clone(), version, Origin::Flag) })
}

impl Run {
    /// Opens the observer, tells it of the deploys, says where reading resumes, and what of the store
    /// could not be read.
    ///
    /// # Errors
    ///
    /// When the store cannot be used.
    pub fn open(&mut self) -> Result<Opened, Failure> {
        let mut opened = Observer::open(&mut self.settings, &self.specs, self.clock)?;
        for deploy in &self.deploys {
            opened.observer.mark(Deploy { service: self.settings.service.clone(), ..deploy.clone() });
        }
        Ok(opened)
    }

    /// The repository, when there is one.
    #[must_use]
    pub fn repo(&self) -> Option<PathBuf> {
        self.settings.repo.clone()
    }
}

/// The sources at work on a thread of their own.
#[derive(Debug)]
pub struct Feeding {
    receiver: Receiver<Feed>,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Feeding {
    /// Starts reading.
    #[must_use]
    pub fn start(
        specs: Vec<SourceSpec>,
        cursors: Vec<Cursor>,
        follow: bool,
        clock: Clock,
        stop: Arc<AtomicBool>,
    ) -> Self {
        let (sender, receiver) = bounded(FEEDS);
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let sources = Sources::new(specs, cursors, source::Options { follow, ..source::Options::default() });
            sources.run(&clock, &stopped, |feed| match sender.send(feed) {
                Ok(()) => std::ops::ControlFlow::Continue(()),
                Err(_) => std::ops::ControlFlow::Break(()),
            });
        });
        Self { receiver, stop, thread }
    }

    /// Where its news comes out.
    #[must_use]
    pub fn receiver(&self) -> &Receiver<Feed> {
        &self.receiver
    }

    /// Ends it. Reading from standard input cannot be interrupted; that thread is left behind.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.receiver);
        if self.thread.is_finished() {
            // A panic in it was told by the panic hook already.
            let _ = self.thread.join();
        }
    }
}
