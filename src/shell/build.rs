//! Runs a build, test or container command, and explains it when it fails.
//!
//! Input: a command and a repository. Output: the command's own output as it comes, and a [`Report`]
//! of what failed, since when, and which change did it.
//!
//! What the output says, whether the command is flaky and which change did it is `triage`'s business.
//! Writes nothing but the record of runs in the store and the output that was kept.

mod check;
mod explain;
mod pass;
pub mod screen;

use std::path::{Path, PathBuf};

use crate::app::{Failure, FailureKind};
use crate::shell::clock::Clock;
use crate::shell::execute::Ending;
use crate::shell::fix::Progress;
use crate::shell::git::read;
use crate::shell::git::worktree::{Shelf, WorkTree, read_work_tree};
use crate::shell::store::{Build, Store};
use crate::triage::build::{History, Judged, Run, known_as};
use crate::triage::rerun::{Effect, Reruns};
use crate::triage::{Change, Symptom};

pub use check::Check;
use pass::Passed;
pub use pass::Wires;

/// What is to be run, and how.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Program and arguments.
    pub command: &'a [String],
    /// A path within the repository.
    pub repo: &'a Path,
    /// The revision to compare with, instead of that of the last success.
    pub since: Option<&'a str>,
    /// How often to run again what fails, before it is believed.
    pub retries: Option<u32>,
    /// Reports in XML that the command writes, as a pattern of paths.
    pub reports: Option<&'a str>,
    /// The folder in which the output of a failed run is kept.
    pub logs: &'a Path,
    /// Where the output goes.
    pub wires: Wires,
    /// Whether and how what fails is run again without the change.
    pub check: Option<Check>,
}

/// How it went.
#[derive(Debug)]
pub struct Report {
    /// How each run ended, in order.
    pub endings: Vec<Ending>,
    /// Whether runs with the same files ended differently, now or before.
    pub is_flaky: bool,
    /// What failed and why, of a command that failed.
    pub failed: Option<Failed>,
}

impl Report {
    /// The exit status of the last run, as a shell would say it.
    #[must_use]
    pub fn status(&self) -> u8 {
        match self.endings.last() {
            Some(Ending::Exited(status)) => u8::try_from(status & 0xff).unwrap_or(1),
            Some(Ending::Signaled(signal)) => u8::try_from((128 + signal) & 0xff).unwrap_or(1),
            Some(Ending::NotStarted(_)) => 127,
            Some(Ending::TimedOut | Ending::Canceled) | None => 1,
        }
    }
}

/// What failed and why.
#[derive(Debug)]
pub struct Failed {
    /// What the output says, and the verdict where there is something to compare with.
    pub judged: Judged,
    /// The error that was judged.
    pub symptom: Symptom,
    /// What changed since the revision compared with.
    pub change: Option<Change>,
    /// The revision compared with.
    pub since: Option<Since>,
    /// Full id of the revision that failed.
    pub head: String,
    /// Whether the folder held what is not committed.
    pub has_changes: bool,
    /// What holds that as a commit, the head of the change.
    pub shelf: Option<Shelf>,
    /// Files that differ from the revision compared with.
    pub n_files: usize,
    /// Unknown files that were not looked at.
    pub n_left_out: usize,
    /// How the command went without the change, and what that changed, where it was asked for.
    pub checked: Option<(Reruns, Effect)>,
    /// The file that keeps the output, where it could be written.
    pub log: Option<PathBuf>,
    /// Bytes of output that were too many to be kept.
    pub dropped_bytes: u64,
}

/// A revision to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// Full id.
    pub revision: String,
    /// The success that it comes from; `None` where a person named it.
    pub run: Option<Run>,
}

/// Runs the command, as often as needed to believe it, and explains its failure.
///
/// # Errors
///
/// When the repository or the store cannot be read, or the output cannot be passed on. A command that
/// fails or cannot be started is no error but an outcome.
pub fn run(request: &Request<'_>, store: &mut Store, clock: Clock) -> Result<Report, Failure> {
    run_with(request, store, clock, &mut |argv| pass::run(argv, request.wires))
}

/// The same, with the command run by whoever is given.
fn run_with(
    request: &Request<'_>,
    store: &mut Store,
    clock: Clock,
    runner: &mut dyn FnMut(&[String]) -> std::io::Result<Passed>,
) -> Result<Report, Failure> {
    let users = read::open(request.repo).map_err(|error| error.failure())?;
    let repository = users.commondir().to_string_lossy().into_owned();
    let command = serde_json::to_string(&known_as(request.command)).unwrap_or_default();
    // What is wrong with --since is said before anything runs.
    let named = request.since.map(|since| read::resolve(&users, since)).transpose().map_err(|error| error.failure())?;
    let tree = read_work_tree(request.repo).map_err(|error| error.failure())?;
    let past = store.builds(&repository, &command).map_err(|error| error.failure())?;
    let mut history = History::of(past.into_iter().map(|build| build.run).collect());
    let known_flaky = history.is_flaky();
    let most = request.retries.unwrap_or(u32::from(known_flaky)).saturating_add(1);
    let mut endings = Vec::new();
    let output = loop {
        let passed = runner(request.command).map_err(|error| unpassed(&error))?;
        let is_over = passed.is_interrupted || matches!(passed.ending, Ending::NotStarted(_));
        let has_passed = passed.ending == Ending::Exited(0);
        endings.push(passed.ending.clone());
        if !is_over {
            let run = Run {
                head: tree.head.clone(),
                tree: tree.tree.clone(),
                had_changes: tree.has_changes,
                passed: has_passed,
                at: clock.now(),
            };
            let build = Build { repository: repository.clone(), command: command.clone(), run: run.clone() };
            store.add_build(&build).map_err(|error| error.failure())?;
            history.add(run);
        }
        if has_passed || is_over || endings.len() >= most as usize {
            break passed;
        }
    };
    let is_flaky = history.is_flaky_at(&tree.tree) || known_flaky;
    let is_started = !matches!(output.ending, Ending::NotStarted(_));
    let mut failed = match output.ending {
        Ending::Exited(0) => None,
        _ if output.is_interrupted => None,
        _ => Some(explain::explain(request, &tree, &history, named, output)?),
    };
    if let Some(failed) = failed.as_mut().filter(|_| is_started) {
        failed.checked = check::check(request, failed, &mut told)?;
    }
    Ok(Report { endings, is_flaky, failed })
}

fn unpassed(error: &std::io::Error) -> Failure {
    Failure::of(FailureKind::External, error, "Check the terminal, or where the output goes.")
}

/// Tells what is run again, on standard error.
fn told(progress: Progress) {
    use std::io::Write;
    if let Progress::Trying(part) = progress {
        // A closed standard error is no reason to stop.
        let _ = writeln!(std::io::stderr().lock(), "aftercare: running it {}, run {}", part.words(), part.run);
    }
}

/// The revision to compare with: the one named, else that of the last success that is still there.
fn since(tree: &WorkTree, history: &History, named: Option<String>) -> Option<Since> {
    if let Some(revision) = named {
        return Some(Since { revision, run: None });
    }
    let is_there = |run: &&Run| read::resolve(&tree.repo, &run.head).is_ok();
    let run = history.successes().find(is_there)?;
    Some(Since { revision: run.head.clone(), run: Some(run.clone()) })
}
