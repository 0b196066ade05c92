//! Runs a command within walls, and tells a sandbox that could not be set up from a command that failed.
//!
//! Sockets come and go: one that was to be covered may be gone when the sandbox is set up, which ends it before the command
//! is run. That is no failure of the command; it is set up again with what is there now.

use std::io;
use std::process::Child;
use std::sync::atomic::AtomicBool;

use super::Limits;
use super::command::{Ending, Running};
use super::lines::{Stream, Tally};
use crate::shell::confine::{Wrapped, bubblewrap};

/// How often a sandbox is set up at most.
const SETUPS: usize = 5;

/// Runs what `prepare` gives, and prepares anew while what was prepared is outdated before it starts.
pub(super) fn run(
    prepare: &mut dyn FnMut() -> io::Result<Wrapped>,
    start: &dyn Fn(&[String]) -> io::Result<Child>,
    (limits, cancel): (Limits, &AtomicBool),
    tally: &mut Tally,
    pass: &mut dyn FnMut(Stream, String),
) -> Ending {
    let mut complaint = String::new();
    for _ in 0..SETUPS {
        let (room, child) = match prepare().and_then(|wrapped| Ok((wrapped.room, start(&wrapped.argv)?))) {
            Ok(started) => started,
            Err(error) => return Ending::NotStarted(error.to_string()),
        };
        let running = Running::of(child, limits, cancel);
        let Some(room) = room else { return running.finish(tally, pass) };
        let mut first = First { held: None, is_over: false, pass };
        let ending = running.finish(tally, &mut |stream, line| first.take(stream, line));
        let Some(held) = first.held.take() else { return ending };
        if ending != Ending::Exited(bubblewrap::NOT_SET_UP) {
            pass(Stream::Error, held);
            return ending;
        }
        *tally = Tally::default();
        complaint = held;
        if !room.is_outdated() {
            break;
        }
    }
    Ending::NotStarted(complaint)
}

/// Passes the output on, but holds back a first line that is a complaint of the sandbox while it is the only one.
struct First<'a> {
    held: Option<String>,
    is_over: bool,
    pass: &'a mut dyn FnMut(Stream, String),
}

impl First<'_> {
    fn take(&mut self, stream: Stream, line: String) {
        let is_first = !std::mem::replace(&mut self.is_over, true);
        if is_first && stream == Stream::Error && line.starts_with(bubblewrap::COMPLAINT) {
            self.held = Some(line);
            return;
        }
        if let Some(held) = self.held.take() {
            (self.pass)(Stream::Error, held);
        }
        (self.pass)(stream, line);
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::process::{Command, Stdio};

    use super::*;

    /// Runs these scripts one behind the other as if they were sandboxes that cover a path; how it ended, what was
    /// passed on and how many were run.
    fn run_each(scripts: &[&str], covered: PathBuf) -> (Ending, Vec<String>, usize) {
        let mut n_runs = 0;
        let mut prepare = || {
            let script = scripts[n_runs.min(scripts.len() - 1)];
            n_runs += 1;
            let room = bubblewrap::Room { hidden: vec![covered.clone()], ..bubblewrap::Room::default() };
            Ok(Wrapped { argv: ["sh", "-c", script].map(str::to_owned).to_vec(), room: Some(room) })
        };
        let start = |argv: &[String]| {
            let mut command = Command::new(&argv[0]);
            command.args(&argv[1..]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
        };
        let (mut said, mut tally, cancel) = (Vec::new(), Tally::default(), AtomicBool::new(false));
        let ending =
            run(&mut prepare, &start, (Limits::default(), &cancel), &mut tally, &mut |_, line| said.push(line));
        assert_eq!(tally.lines, u64::try_from(said.len()).unwrap());
        (ending, said, n_runs)
    }

    const REFUSED: &str = "echo \"bwrap: Can't mkdir parents for /tmp/a/b.sock: Read-only file system\" >&2; exit 1";

    fn gone() -> PathBuf {
        tempfile::tempdir().unwrap().path().join("b.sock")
    }

    #[test]
    fn a_socket_that_goes_before_it_is_covered_costs_no_run() {
        assert_eq!(run_each(&[REFUSED, "echo ran"], gone()), (Ending::Exited(0), vec!["ran".to_owned()], 2));
        let (ending, said, n_runs) = run_each(&[REFUSED], gone());
        assert!(matches!(ending, Ending::NotStarted(why) if why.contains("Read-only")) && said.is_empty());
        assert_eq!(n_runs, SETUPS);
    }

    #[test]
    fn a_sandbox_that_is_refused_is_no_failure_of_the_command() {
        let there = tempfile::tempdir().unwrap();
        let (ending, said, n_runs) = run_each(&[REFUSED], there.path().to_owned());
        assert!(matches!(ending, Ending::NotStarted(_)) && said.is_empty() && n_runs == 1);
    }

    #[test]
    fn a_command_that_speaks_like_the_sandbox_is_run_once_and_heard() {
        for (script, status) in [
            ("echo 'bwrap: a' >&2; echo b >&2; exit 1", 1),
            ("echo b; echo 'bwrap: a' >&2; exit 1", 1),
            ("echo 'bwrap: a' >&2; exit 2", 2),
            ("echo 'bwrap: a' >&2", 0),
        ] {
            let (ending, said, n_runs) = run_each(&[script], gone());
            assert_eq!((ending, n_runs), (Ending::Exited(status), 1), "{script}");
            assert!(said.iter().any(|line| line == "bwrap: a"), "{script}: {said:?}");
        }
    }
}
