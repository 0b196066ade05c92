//! Runs a command with its output passed on as it comes, and kept up to a bound.
//!
//! Where the output goes to a terminal, the command gets one too, of the same size, so that its colors and
//! progress bars are as without aftercare. It keeps the user's input, signals and environment.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, OutputModes, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH};

use crate::shell::execute::{Ending, Leftovers, Limits, command};

/// How much of the output is kept from its start, where compilers say what is wrong first, and from
/// its end, where test runners do.
const HEAD_BYTES: usize = 1 << 20;
const TAIL_BYTES: usize = 3 << 20;

/// How often signals and the end of the command are looked at.
const TICK: Duration = Duration::from_millis(50);

/// How long output is awaited from what the ended command left running.
const LINGER: Duration = Duration::from_millis(300);

/// How long a command on the screen may take: as long as anybody waits.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long a command that is stopped has to end by itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// Output of a command on the screen that is read, in bytes.
const SHOWN_BYTES: usize = 1 << 30;

/// Where the output of the command goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wires {
    /// Through a terminal of its own to this terminal.
    Terminal,
    /// Standard output to standard output, standard error to standard error.
    Pipes,
    /// Everything to standard error, because standard output is for JSON.
    Aside,
}

/// A run that ended.
pub(super) struct Passed {
    pub(super) ending: Ending,
    /// The output, as far as it was kept.
    pub(super) text: String,
    pub(super) dropped_bytes: u64,
    pub(super) started: SystemTime,
    /// Whether the user stopped it.
    pub(super) is_interrupted: bool,
}

/// Runs a command to its end.
pub(super) fn run(argv: &[String], wires: Wires) -> io::Result<Passed> {
    let started = SystemTime::now();
    let signals = Signals::watch()?;
    let mut kept = Kept::default();
    let ending = match start(argv, wires) {
        Ok((child, streams)) => follow(child, streams, &signals, &mut kept)?,
        Err(error) => {
            let why = format!("{}: {error}", argv.first().map_or("", String::as_str));
            kept.push(why.as_bytes());
            Ending::NotStarted(error.to_string())
        }
    };
    let is_interrupted = signals.ended.load(Ordering::Relaxed);
    let (text, dropped_bytes) = kept.text();
    Ok(Passed { ending, text, dropped_bytes, started, is_interrupted })
}

/// Runs a command to its end, or until it is stopped; its output is passed on line by line, and to nobody else.
pub(super) fn run_lines(argv: &[String], stop: &AtomicBool, pass: &mut dyn FnMut(String)) -> Passed {
    let started = SystemTime::now();
    let mut kept = Kept::default();
    let limits = Limits {
        time: LONGEST,
        patience: PATIENCE,
        total_bytes: SHOWN_BYTES,
        leftovers: Leftovers::Killed,
        ..Limits::default()
    };
    let ran = command::run(argv, Path::new("."), limits, stop, &mut |_, line| {
        kept.push(line.as_bytes());
        kept.push(b"\n");
        pass(line);
    });
    if let Ending::NotStarted(error) = &ran.ending {
        let why = format!("{}: {error}", argv.first().map_or("", String::as_str));
        kept.push(why.as_bytes());
        pass(why);
    }
    let is_interrupted = ran.ending == Ending::Canceled;
    let (text, dropped_bytes) = kept.text();
    Passed { ending: ran.ending, text, dropped_bytes: dropped_bytes + ran.dropped_bytes, started, is_interrupted }
}

/// A stream of the command's output and where it goes.
struct Stream {
    from: File,
    to_error: bool,
    is_terminal: bool,
}

fn start(argv: &[String], wires: Wires) -> io::Result<(Child, Vec<Stream>)> {
    let (program, arguments) = argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(program);
    command.args(arguments);
    if wires == Wires::Terminal {
        let (own, theirs) = terminal()?;
        command.stdout(Stdio::from(theirs.try_clone()?)).stderr(Stdio::from(theirs));
        let child = command.spawn()?;
        return Ok((child, vec![Stream { from: own, to_error: false, is_terminal: true }]));
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let pipes = [child.stdout.take().map(OwnedFd::from), child.stderr.take().map(OwnedFd::from)];
    let stream = |(pipe, is_error): (Option<OwnedFd>, bool)| {
        let to_error = is_error || wires == Wires::Aside;
        pipe.map(|pipe| Stream { from: File::from(pipe), to_error, is_terminal: false })
    };
    let streams = pipes.into_iter().zip([false, true]).filter_map(stream).collect();
    Ok((child, streams))
}

/// Opens a terminal of the size of this one: our end, and that of the command.
fn terminal() -> io::Result<(File, OwnedFd)> {
    let own = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    grantpt(&own)?;
    unlockpt(&own)?;
    let name = ptsname(&own, Vec::new())?;
    let path = std::path::PathBuf::from(String::from_utf8_lossy(name.as_bytes()).into_owned());
    let no_control = i32::try_from(OFlags::NOCTTY.bits()).unwrap_or(0);
    let theirs = OpenOptions::new().read(true).write(true).custom_flags(no_control).open(path)?;
    // The terminal that shows it ends lines by itself.
    let mut modes = tcgetattr(&theirs)?;
    modes.output_modes.remove(OutputModes::OPOST);
    tcsetattr(&theirs, OptionalActions::Now, &modes)?;
    let own = File::from(own);
    resize(&own);
    Ok((own, OwnedFd::from(theirs)))
}

/// Gives a terminal the size of ours; without one, it keeps what it has.
fn resize(own: &File) {
    if let Ok(size) = tcgetwinsize(io::stdout()) {
        let _ = tcsetwinsize(own, size);
    }
}

/// Passes the output on until the command ended and nothing more comes.
fn follow(mut child: Child, mut streams: Vec<Stream>, signals: &Signals, kept: &mut Kept) -> io::Result<Ending> {
    let mut ended: Option<(ExitStatus, Instant)> = None;
    let mut problem = None;
    loop {
        signals.hand_on(&child, &streams);
        let any = read(&mut streams, kept, &mut problem);
        if ended.is_none()
            && let Some(status) = child.try_wait()?
        {
            ended = Some((status, Instant::now()));
        }
        match ended {
            Some((status, at)) if streams.is_empty() || (!any && at.elapsed() >= LINGER) => {
                return problem.map_or_else(|| Ok(ending(status)), Err);
            }
            None if streams.is_empty() => {
                let status = child.wait()?;
                ended = Some((status, Instant::now()));
            }
            Some(_) | None => {}
        }
    }
}

/// Waits for output, at most a tick, and passes on what there is; says whether there was any.
fn read(streams: &mut Vec<Stream>, kept: &mut Kept, problem: &mut Option<io::Error>) -> bool {
    let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(TICK.subsec_nanos()) };
    let fds: Vec<BorrowedFd<'_>> = streams.iter().map(|stream| stream.from.as_fd()).collect();
    let mut waited: Vec<PollFd<'_>> = fds.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
    // An interrupted wait is a short one.
    let _ = poll(&mut waited, Some(&timeout));
    let ready: Vec<bool> = waited.iter().map(|fd| !fd.revents().is_empty()).collect();
    let mut buffer = [0; 16 << 10];
    let mut any = false;
    let mut open = Vec::new();
    for (mut stream, is_ready) in streams.drain(..).zip(ready) {
        if !is_ready {
            open.push(stream);
            continue;
        }
        match stream.from.read(&mut buffer) {
            // At its end a terminal fails where a pipe is empty.
            Ok(0) => continue,
            Ok(n_bytes) => {
                let bytes = buffer.get(..n_bytes).unwrap_or_default();
                any = true;
                kept.push(bytes);
                // The command goes on even where nobody reads; that is told at the end.
                if problem.is_none() {
                    *problem = write(bytes, stream.to_error).err();
                }
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
            Err(_) => continue,
        }
        open.push(stream);
    }
    *streams = open;
    any
}

fn write(bytes: &[u8], to_error: bool) -> io::Result<()> {
    if to_error {
        let mut error = io::stderr().lock();
        return error.write_all(bytes).and_then(|()| error.flush());
    }
    let mut output = io::stdout().lock();
    output.write_all(bytes).and_then(|()| output.flush())
}

fn ending(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exited(code),
        (None, Some(signal)) => Ending::Signaled(signal),
        (None, None) => Ending::Exited(-1),
    }
}

/// The signals that concern the command, as far as they came.
struct Signals {
    ended: Arc<AtomicBool>,
    interrupted: Arc<AtomicBool>,
    terminated: Arc<AtomicBool>,
    resized: Arc<AtomicBool>,
    ids: Vec<signal_hook::SigId>,
}

impl Signals {
    fn watch() -> io::Result<Self> {
        let flag = || Arc::new(AtomicBool::new(false));
        let mut signals =
            Self { ended: flag(), interrupted: flag(), terminated: flag(), resized: flag(), ids: Vec::new() };
        let wanted = [
            (SIGINT, &signals.interrupted),
            (SIGQUIT, &signals.interrupted),
            (SIGTERM, &signals.terminated),
            (SIGHUP, &signals.terminated),
            (SIGINT, &signals.ended),
            (SIGQUIT, &signals.ended),
            (SIGTERM, &signals.ended),
            (SIGHUP, &signals.ended),
            (SIGWINCH, &signals.resized),
        ];
        let ids: io::Result<Vec<_>> =
            wanted.into_iter().map(|(signal, flag)| signal_hook::flag::register(signal, Arc::clone(flag))).collect();
        signals.ids = ids?;
        Ok(signals)
    }

    /// Hands on what came. A terminal sends an interrupt to the command as well; another sender did not.
    fn hand_on(&self, child: &Child, streams: &[Stream]) {
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let is_interactive = io::stdin().is_terminal();
        let send = |signal| {
            if let Some(pid) = pid {
                // It fails only when the command has ended, which is what is wanted.
                let _ = kill_process(pid, signal);
            }
        };
        if self.interrupted.swap(false, Ordering::Relaxed) && !is_interactive {
            send(Signal::INT);
        }
        if self.terminated.swap(false, Ordering::Relaxed) {
            send(Signal::TERM);
        }
        if self.resized.swap(false, Ordering::Relaxed) {
            streams.iter().filter(|stream| stream.is_terminal).for_each(|stream| resize(&stream.from));
        }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.ids.drain(..).for_each(|id| {
            signal_hook::low_level::unregister(id);
        });
    }
}

/// The start and the end of the output.
#[derive(Default)]
struct Kept {
    head: Vec<u8>,
    tail: std::collections::VecDeque<u8>,
    dropped: u64,
}

impl Kept {
    fn push(&mut self, bytes: &[u8]) {
        let room = HEAD_BYTES.saturating_sub(self.head.len()).min(bytes.len());
        let (head, rest) = bytes.split_at(room);
        self.head.extend_from_slice(head);
        self.tail.extend(rest);
        let excess = self.tail.len().saturating_sub(TAIL_BYTES);
        self.tail.drain(..excess);
        self.dropped += excess as u64;
    }

    fn text(mut self) -> (String, u64) {
        if self.dropped > 0 {
            self.head.extend_from_slice(b"\n");
        }
        self.head.extend(self.tail);
        (String::from_utf8_lossy(&self.head).into_owned(), self.dropped)
    }
}
