//! Runs a coding agent on files of its own, and takes what it leaves.
//!
//! Input: an [`Adapter`], the task as text, the files that may be changed. Output: [`Worked`]: how the program
//! ended, what it says, and what stands in the files.
//!
//! The agent gets a folder without a way to the user's repository, an empty home, a few variables of the
//! environment, and a limited time; then its whole process group is killed. Its exit status and its words
//! decide nothing.

pub(in crate::shell) mod confine;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::execute::command::{Environment, run_in};
use super::execute::{Leftovers, Limits, Ran};
use super::fix::Tail;
use super::fix::workshop::{Left, Workshop};
use super::git::revert::RevertError;
use crate::remedy::advice::adapter::{self, Account, Adapter};

/// Output that is read, in bytes, and of it the end that is kept.
const OUTPUT_BYTES: usize = 32 << 20;
const KEPT_BYTES: usize = 2 << 20;

/// Longest line of output; agents write long JSON.
const LINE_BYTES: usize = 1 << 20;

/// How long a stopped agent has to end by itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// What an agent is to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'a> {
    /// The agent.
    pub(super) adapter: &'a Adapter,
    /// The task, as text.
    pub(super) task: &'a str,
    /// Paths that may be changed.
    pub(super) scope: &'a BTreeSet<String>,
    /// How long it may take.
    pub(super) time: Duration,
    /// A word that nobody could foresee, for the name of the task's folder.
    pub(super) word: &'a str,
}

/// What an agent did.
#[derive(Debug)]
pub(super) struct Worked {
    /// How it ended.
    pub(super) ran: Ran,
    /// What it says.
    pub(super) account: Account,
    /// What stands in the files.
    pub(super) left: Left,
}

/// Runs an agent; blocks until it ends, its time is over, or the user cancels.
pub(super) fn run(
    job: &Job<'_>,
    workshop: &Workshop,
    cancel: &AtomicBool,
    pass: &mut dyn FnMut(&str),
) -> Result<Worked, RevertError> {
    let place = workshop.archive()?;
    let (home, temporary) = (workshop.folder("home")?, workshop.folder("tmp")?);
    let ours = format!("aftercare-task-{}", job.word);
    let task = place.join(&ours).join("task.md");
    put(&task, job.task).map_err(|source| RevertError::NoFolder { path: task.clone(), source })?;
    let files: Vec<String> = job.scope.iter().filter(|path| place.join(path).is_file()).cloned().collect();
    let adapter = job.adapter.clone();
    let adapter = if confine::admits_another() { adapter } else { adapter.within_a_box() };
    let argv = adapter.argv(&format!("{ours}/task.md"), &files, &|name| std::env::var(name).ok());
    let walls = confine::walls(vec![place.clone(), home.clone(), temporary.clone()]);
    let environment = Environment::Only(variables(job.adapter, &home, &temporary));
    let limits = Limits {
        time: job.time,
        patience: PATIENCE,
        line_bytes: LINE_BYTES,
        total_bytes: OUTPUT_BYTES,
        leftovers: Leftovers::Killed,
    };
    let mut lines = Tail::keeping(KEPT_BYTES);
    let ran = run_in(&argv, (&place, walls.as_ref()), &environment, limits, cancel, &mut |_, line| {
        pass(&line);
        lines.push(line);
    });
    let account = Account::of(lines.lines());
    let left = workshop.left(&place, job.scope, &ours)?;
    Ok(Worked { ran, account, left })
}

fn put(path: &Path, text: &str) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, text)
}

/// The environment of an agent: little of the user's, and a home of its own.
fn variables(adapter: &Adapter, home: &Path, temporary: &Path) -> Vec<(OsString, OsString)> {
    let wanted = adapter::ENVIRONMENT.iter().copied().chain(adapter.environment.iter().map(String::as_str));
    let mut variables: Vec<(OsString, OsString)> =
        wanted.filter_map(|name| Some((OsString::from(name), std::env::var_os(name)?))).collect();
    for (name, other) in &adapter.stand_ins {
        if variables.iter().all(|(set, _)| set != name.as_str()) {
            variables.extend(std::env::var_os(other).map(|value| (OsString::from(name), value)));
        }
    }
    let set = |name: &str, value: &Path| (OsString::from(name), value.as_os_str().to_owned());
    variables.extend([
        set("HOME", home),
        set("TMPDIR", temporary),
        set("XDG_CONFIG_HOME", &home.join(".config")),
        set("XDG_CACHE_HOME", &home.join(".cache")),
        set("XDG_DATA_HOME", &home.join(".local/share")),
        set("GIT_CONFIG_GLOBAL", Path::new("/dev/null")),
    ]);
    let fixed =
        [("TERM", "dumb"), ("NO_COLOR", "1"), ("CI", "1"), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_TERMINAL_PROMPT", "0")];
    variables.extend(fixed.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))));
    variables.extend(adapter.settings.iter().map(|(name, value)| (name.into(), value.into())));
    variables
}
