//! Runs one command: an argument list, in a process group of its own, within limits.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::lines::{Lines, Stream, Tally};
use super::{Leftovers, Limits, confined};
use crate::shell::confine::Confinement;

/// How often the cancel flag, the time limit and the end of the process are looked at.
const TICK: Duration = Duration::from_millis(20);

/// Variables that would make a command's git work on another repository than the checkout.
const GIT_LOCAL: [&str; 9] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_GRAFT_FILE",
];

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It ended with this status; 0 is success.
    Exited(i32),
    /// It was ended by this signal, not by aftercare.
    Signaled(i32),
    /// It took longer than it may, and was ended.
    TimedOut,
    /// The user stopped it.
    Canceled,
    /// It could not be started.
    NotStarted(String),
}

impl fmt::Display for Ending {
    /// Says it as the end of a sentence about the command.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(0) => f.write_str("succeeded"),
            Self::Exited(status) => write!(f, "failed with exit status {status}"),
            Self::Signaled(signal) => write!(f, "was ended by signal {signal}"),
            Self::TimedOut => f.write_str("took too long and was stopped"),
            Self::Canceled => f.write_str("was stopped by the user"),
            Self::NotStarted(why) => write!(f, "could not be started: {why}"),
        }
    }
}

/// A command that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// How it ended.
    pub ending: Ending,
    /// Lines of output that were passed on.
    pub lines: u64,
    /// Lines that were dropped because there were too many.
    pub dropped_lines: u64,
    /// Bytes that were dropped, of those lines and of lines that were too long.
    pub dropped_bytes: u64,
    /// How long it took.
    pub took: Duration,
}

impl Ran {
    /// Whether it ended with status 0.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.ending == Ending::Exited(0)
    }

    /// What happened, as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let program = self.argv.first().map_or("", String::as_str);
        let dropped = if self.dropped_bytes + self.dropped_lines > 0 {
            format!(" {} lines and {} bytes of its output were dropped.", self.dropped_lines, self.dropped_bytes)
        } else {
            String::new()
        };
        format!("{program} {}.{dropped}", self.ending)
    }
}

/// The environment of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::shell) enum Environment {
    /// The user's, less what belongs to aftercare or to git's view of another repository.
    Users,
    /// These variables and no others.
    Only(Vec<(OsString, OsString)>),
}

/// Where a program is: at its own path, or in a folder of `PATH`.
pub(in crate::shell) fn find(program: &str) -> Option<PathBuf> {
    let is_program = |path: &PathBuf| {
        std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(is_program);
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(is_program)
}

/// Runs a command in a folder and passes its output on line by line.
pub(in crate::shell) fn run(
    argv: &[String],
    folder: &Path,
    limits: Limits,
    cancel: &AtomicBool,
    pass: &mut dyn FnMut(Stream, String),
) -> Ran {
    run_in(argv, (folder, None), &Environment::Users, limits, cancel, pass)
}

/// Runs a command in a folder, confined where that is asked for, and an environment, and passes its output on line by
/// line.
pub(in crate::shell) fn run_in(
    argv: &[String],
    (folder, confinement): (&Path, Option<&Confinement>),
    environment: &Environment,
    limits: Limits,
    cancel: &AtomicBool,
    pass: &mut dyn FnMut(Stream, String),
) -> Ran {
    let started = Instant::now();
    let mut tally = Tally::default();
    let ending = match confinement {
        Some(confinement) => {
            let mut prepare = || confinement.wrapped(argv, folder);
            let start = |argv: &[String]| spawn_confined(argv, folder, environment, confinement);
            confined::run(&mut prepare, &start, (limits, cancel), &mut tally, pass)
        }
        None => match command(argv, folder, environment).and_then(|mut command| command.spawn()) {
            Ok(child) => Running::of(child, limits, cancel).finish(&mut tally, pass),
            Err(error) => Ending::NotStarted(error.to_string()),
        },
    };
    Ran {
        argv: argv.to_vec(),
        ending,
        lines: tally.lines,
        dropped_lines: tally.dropped_lines,
        dropped_bytes: tally.dropped_bytes,
        took: started.elapsed(),
    }
}

/// Starts what is wrapped already, from a thread that gave up what it must not have; a command that cannot be confined does not start.
fn spawn_confined(
    argv: &[String],
    folder: &Path,
    environment: &Environment,
    confinement: &Confinement,
) -> io::Result<Child> {
    let mut command = command(argv, folder, environment)?;
    if !confinement.is_entered() {
        return command.spawn();
    }
    let start = || confinement.enter().and_then(|()| command.spawn());
    let thread = std::thread::scope(|scope| scope.spawn(start).join());
    thread.unwrap_or_else(|_| Err(io::Error::other("the thread that starts it ended")))
}

fn command(argv: &[String], folder: &Path, environment: &Environment) -> io::Result<Command> {
    let (program, arguments) = argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    match environment {
        Environment::Users => {
            for (name, _) in std::env::vars_os().filter(|(name, _)| is_ours(name)) {
                command.env_remove(name);
            }
        }
        Environment::Only(variables) => {
            command.env_clear().envs(variables.iter().map(|(name, value)| (name, value)));
        }
    }
    // Nobody can answer git: the terminal belongs to the screen.
    command.env("GIT_TERMINAL_PROMPT", "0");
    command.env("PWD", folder);
    Ok(command)
}

pub(in crate::shell) fn is_ours(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"AFTERCARE_") || GIT_LOCAL.iter().any(|local| name == *local)
}

/// A command and the pipes to it. One thread serves both pipes, the clock and the cancel flag.
pub(super) struct Running<'a> {
    child: Child,
    group: Option<Pid>,
    limits: Limits,
    cancel: &'a AtomicBool,
    output: Option<ChildStdout>,
    error: Option<ChildStderr>,
    lines: [Lines; 2],
    deadline: Instant,
    /// Why it is being stopped, and when it is killed.
    stopping: Option<(Ending, Instant)>,
}

impl<'a> Running<'a> {
    pub(super) fn of(mut child: Child, limits: Limits, cancel: &'a AtomicBool) -> Self {
        let (output, error) = (child.stdout.take(), child.stderr.take());
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let deadline = Instant::now() + limits.time;
        let lines = [Lines::of(Stream::Output), Lines::of(Stream::Error)];
        Self { child, group, limits, cancel, output, error, lines, deadline, stopping: None }
    }

    pub(super) fn finish(mut self, tally: &mut Tally, pass: &mut dyn FnMut(Stream, String)) -> Ending {
        while !self.has_ended() {
            self.stop_if_due();
            self.read(TICK, tally, pass);
        }
        if self.stopping.is_some() || self.limits.leftovers == Leftovers::Killed {
            // What it started and did not take down with it.
            self.signal(Signal::KILL);
        }
        let exited = self.child.wait();
        // Whoever it left running may hold the pipes open for ever.
        let until = Instant::now() + self.limits.patience.min(Duration::from_secs(1));
        while self.has_pipes() && Instant::now() < until && self.read(TICK, tally, pass) {}
        for lines in &mut self.lines {
            lines.close(self.limits, tally, pass);
        }
        match (self.stopping, exited) {
            (Some((why, _)), _) => why,
            (None, Ok(status)) => ending(status),
            (None, Err(error)) => Ending::NotStarted(error.to_string()),
        }
    }

    /// Whether it ended; it is not waited for yet, so that its id is not given to another process.
    fn has_ended(&self) -> bool {
        let Some(group) = self.group else { return true };
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match waitid(WaitId::Pid(group), look) {
            Ok(status) => status.is_some(),
            Err(error) => error != rustix::io::Errno::INTR,
        }
    }

    fn has_pipes(&self) -> bool {
        self.output.is_some() || self.error.is_some()
    }

    /// Asks the whole group to end when it is time to, and kills it when it does not.
    ///
    /// The process was not waited for yet, so its id, and that of its group, still is its own.
    fn stop_if_due(&mut self) {
        let now = Instant::now();
        match &self.stopping {
            Some((_, kill_at)) if *kill_at <= now => self.signal(Signal::KILL),
            Some(_) => {}
            None => {
                let why = if self.cancel.load(Ordering::Relaxed) {
                    Ending::Canceled
                } else if self.deadline <= now {
                    Ending::TimedOut
                } else {
                    return;
                };
                self.signal(Signal::TERM);
                self.stopping = Some((why, now + self.limits.patience));
            }
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // It fails only when the group is gone, which is what is wanted.
            let _ = kill_process_group(group, signal);
        }
    }

    /// Waits for output and passes it on; says whether there was any.
    fn read(&mut self, patience: Duration, tally: &mut Tally, pass: &mut dyn FnMut(Stream, String)) -> bool {
        let ready = ready(self.output.as_ref().map(AsFd::as_fd), self.error.as_ref().map(AsFd::as_fd), patience);
        let [output, error] = &mut self.lines;
        let mut any = false;
        if ready[0] {
            any |= drain(&mut self.output, output, self.limits, tally, pass);
        }
        if ready[1] {
            any |= drain(&mut self.error, error, self.limits, tally, pass);
        }
        any
    }
}

/// Which of the pipes can be read without waiting, after waiting for the first at most this long.
fn ready(output: Option<BorrowedFd<'_>>, error: Option<BorrowedFd<'_>>, patience: Duration) -> [bool; 2] {
    let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(patience.subsec_nanos()) };
    let mut waited: Vec<PollFd<'_>> =
        [output, error].into_iter().flatten().map(|pipe| PollFd::from_borrowed_fd(pipe, PollFlags::IN)).collect();
    // An interrupted wait is a short one.
    let _ = poll(&mut waited, Some(&timeout));
    let mut answers = waited.iter().map(|pipe| !pipe.revents().is_empty());
    [output, error].map(|pipe| pipe.is_some() && answers.next().unwrap_or(false))
}

/// Reads once from a pipe that is ready; closes it at its end. Says whether there was output.
fn drain<P: Read>(
    pipe: &mut Option<P>,
    lines: &mut Lines,
    limits: Limits,
    tally: &mut Tally,
    pass: &mut dyn FnMut(Stream, String),
) -> bool {
    let mut buffer = [0; 16 << 10];
    let Some(open) = pipe else { return false };
    match open.read(&mut buffer) {
        Ok(0) => *pipe = None,
        Ok(n_bytes) => {
            lines.push(buffer.get(..n_bytes).unwrap_or_default(), limits, tally, pass);
            return true;
        }
        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
        Err(_) => *pipe = None,
    }
    false
}

fn ending(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exited(code),
        (None, Some(signal)) => Ending::Signaled(signal),
        (None, None) => Ending::Exited(-1),
    }
}
