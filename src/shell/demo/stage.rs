//! Runs the service as its supervisor and its customers would: requests in, log out, restarted
//! when another release becomes the current one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::traffic::{Request, Traffic};
use super::{DemoError, World};
use crate::shell::clock::Clock;
use crate::units::Timestamp;

/// How often the current release is looked at, in real time.
const LOOK: Duration = Duration::from_millis(40);
/// How long the service may take to end once its input is closed, in real time.
const GRACE: Duration = Duration::from_secs(2);
/// How often a release is started again before it is given up.
const STARTS: u32 = 3;
/// The most of the time since the world was made that is served late; the rest is skipped.
const CATCH_UP: Duration = Duration::from_secs(2 * 3600);
/// When after the first deploy the payment gateway has its own, unrelated bad minutes.
const TROUBLE: (Duration, Duration) = (Duration::from_secs(4 * 60), Duration::from_secs(14 * 60));
const SEED: u64 = 0x0a17_e5ca_4e00_0002;
const FIRST_NUMBER: u64 = 1_000_000;

/// The running service. Dropping it stops the service and waits until it is gone.
///
/// Should this process die without that, the service reads the end of its input and ends by itself.
#[derive(Debug)]
pub struct Stage {
    world: World,
    child: SharedChild,
    problem: Problem,
    stop: Option<Sender<()>>,
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

type SharedChild = Arc<Mutex<Option<Child>>>;
type Problem = Arc<Mutex<Option<String>>>;

impl Stage {
    /// Starts what is deployed, and serves it requests at the times that `clock` shows, beginning
    /// where the world's history ends.
    ///
    /// # Errors
    ///
    /// When the service or the thread that feeds it cannot be started.
    pub fn start(world: &World, clock: Clock) -> Result<Self, DemoError> {
        let child = SharedChild::default();
        let problem = Problem::default();
        let (stop, stopped) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let mut supervisor = Supervisor::new(world, clock, Arc::clone(&child), Arc::clone(&problem))?;
        let run = move || {
            supervisor.run(&stopped);
            // Nobody may be waiting any more.
            let _ = end.send(());
        };
        let thread = thread::Builder::new().name("demo stage".to_owned()).spawn(run).map_err(DemoError::Thread)?;
        Ok(Self { world: world.clone(), child, problem, stop: Some(stop), ended, thread: Some(thread) })
    }

    /// Deploys a revision, tag or branch; the service restarts within moments. Returns what the script said.
    ///
    /// # Errors
    ///
    /// As [`World::deploy`].
    pub fn deploy(&self, revision: &str) -> Result<String, DemoError> {
        self.world.deploy(revision)
    }

    /// Why the service does not run, when it does not.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        lock(&self.problem).clone()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop = None;
        // A service that does not read can hold up its feeder; killing it frees the feeder.
        if self.ended.recv_timeout(GRACE + LOOK) == Err(RecvTimeoutError::Timeout) {
            kill(&self.child);
        }
        if let Some(thread) = self.thread.take() {
            // A feeder that panicked has nothing left to clean up but this.
            let _ = thread.join();
        }
        kill(&self.child);
    }
}

/// Ends the service at once, if it still runs.
fn kill(child: &SharedChild) {
    if let Some(mut child) = lock(child).take() {
        // It may have ended by itself just now.
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Feeds the service on its own thread.
struct Supervisor {
    world: World,
    clock: Clock,
    traffic: Traffic,
    /// The release that runs.
    release: PathBuf,
    child: SharedChild,
    /// The input of the service; `None` when it was given up until the next deploy.
    input: Option<ChildStdin>,
    starts_left: u32,
    /// Time of the newest request; later ones are never earlier, as the log is in order.
    last: Timestamp,
    first_deploy: Option<Timestamp>,
    problem: Problem,
}

impl Supervisor {
    fn new(world: &World, clock: Clock, child: SharedChild, problem: Problem) -> Result<Self, DemoError> {
        let now = clock.now();
        let from = if now.since(world.now()) > CATCH_UP { now } else { world.now() };
        let mut supervisor = Self {
            world: world.clone(),
            clock,
            traffic: Traffic::new(SEED, from, world.now(), FIRST_NUMBER),
            release: current_release(world)?,
            child,
            input: None,
            starts_left: STARTS,
            last: from,
            first_deploy: None,
            problem,
        };
        supervisor.launch()?;
        Ok(supervisor)
    }

    fn run(&mut self, stopped: &Receiver<()>) {
        loop {
            self.follow_deploys();
            let wait = self.clock.real_time_until(self.traffic.peek());
            if wait.is_zero() {
                self.set_the_scene();
                let request = self.traffic.take();
                self.feed(&request);
                if stopped.try_recv() != Err(TryRecvError::Empty) {
                    break;
                }
            } else if stopped.recv_timeout(wait.min(LOOK)) != Err(RecvTimeoutError::Timeout) {
                break;
            }
        }
        self.retire();
    }

    /// Restarts the service when another release became the current one.
    fn follow_deploys(&mut self) {
        // The link is replaced in one rename; that it cannot be read has another reason, and passes or stays.
        let Ok(release) = current_release(&self.world) else { return };
        if release == self.release {
            return;
        }
        self.release = release;
        self.starts_left = STARTS;
        self.first_deploy.get_or_insert(self.clock.now());
        *lock(&self.problem) = None;
        self.restart();
    }

    /// Starts the current release in place of what ran before, and tells it when that was.
    fn restart(&mut self) {
        self.retire();
        while self.starts_left > 0 {
            self.starts_left -= 1;
            match self.launch() {
                Ok(()) => {
                    self.last = self.last.max(self.clock.now());
                    let line = format!("{} 0 start -", super::traffic::stamp(self.last));
                    if self.write(&line).is_ok() {
                        return;
                    }
                    self.retire();
                }
                Err(error) => self.give_up(&error.to_string()),
            }
        }
        self.give_up("the service ends as soon as it is started");
    }

    fn give_up(&mut self, why: &str) {
        self.input = None;
        lock(&self.problem).get_or_insert_with(|| why.to_owned());
    }

    fn feed(&mut self, request: &Request) {
        let line = super::traffic::moved(request, self.last);
        self.last = self.last.max(request.at);
        if self.input.is_some() && self.write(&line).is_err() {
            self.restart();
        }
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        match &mut self.input {
            Some(input) => input.write_all(format!("{line}\n").as_bytes()),
            None => Ok(()),
        }
    }

    /// Lets the payment gateway have its bad minutes: noise that the deploy did not cause.
    fn set_the_scene(&mut self) {
        let since = self.first_deploy.map(|at| self.traffic.peek().since(at));
        self.traffic.set_gateway_trouble(since.is_some_and(|since| since >= TROUBLE.0 && since < TROUBLE.1));
    }

    fn launch(&mut self) -> Result<(), DemoError> {
        let log = self.world.log();
        let out = File::options().create(true).append(true).open(&log).map_err(DemoError::file(&log))?;
        let script = self.release.join("service.sh");
        let mut command = self.world.shell_command()?;
        command.arg(&script).stdin(Stdio::piped()).stdout(out).stderr(self.world.errors()?);
        // Keys that send a signal are meant for the screen, not for the service.
        command.current_dir(&self.release).process_group(0);
        let program = format!("sh {}", script.display());
        let mut child = command.spawn().map_err(|error| DemoError::Missing(program, error))?;
        self.input = child.stdin.take();
        *lock(&self.child) = Some(child);
        Ok(())
    }

    /// Lets the service finish what it was given, and ends it when it takes too long.
    fn retire(&mut self) {
        self.input = None;
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            let ended = match lock(&self.child).as_mut() {
                Some(child) => !matches!(child.try_wait(), Ok(None)),
                None => true,
            };
            if ended {
                break;
            }
            thread::park_timeout(Duration::from_millis(2));
        }
        kill(&self.child);
    }
}

/// The folder of the release that is current.
fn current_release(world: &World) -> Result<PathBuf, DemoError> {
    let link = world.current();
    fs::read_link(&link).map(|target| world.dir().join(target)).map_err(DemoError::file(&link))
}
