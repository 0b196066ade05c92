//! The folder in which a demonstration plays.

use std::fs::{self, File};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::repository::{self, BAD_FILE, BAD_TAG, HEALTHY_TAG};
use super::{DemoError, history};
use crate::units::Timestamp;

const DEPLOY_SCRIPT: &str = include_str!("world/deploy.sh");

/// What is the case in the world: what a right diagnosis finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Full id of the commit that is wrong.
    pub bad_commit: String,
    /// The file in which it is wrong.
    pub file: &'static str,
    /// The lines of that file that it changed, as they are at `bad_revision`.
    pub lines: RangeInclusive<u32>,
    /// Full id of the revision that runs before the deploy.
    pub healthy_revision: String,
    /// Full id of the revision that is deployed.
    pub bad_revision: String,
    /// A part of the message of the error that it causes; free of variables.
    pub message: &'static str,
}

impl Truth {
    /// Whether these lines, as they are after the deploy, are the wrong ones or among them.
    #[must_use]
    pub fn is_at(&self, file: &str, start: u32, end: u32) -> bool {
        file == self.file && start <= end && self.lines.contains(&start) && self.lines.contains(&end)
    }
}

/// A service with its repository, its log and its way to production, all in one folder.
#[derive(Clone, Debug)]
pub struct World {
    dir: PathBuf,
    now: Timestamp,
    shell: Vec<String>,
    truth: Truth,
}

impl World {
    /// The name of the service.
    pub const SERVICE: &'static str = "orders";
    /// The version that is deployed when the world is made, and was for longer than its log reaches back.
    pub const HEALTHY: &'static str = HEALTHY_TAG;
    /// The version with the wrong commit in it.
    pub const BAD: &'static str = BAD_TAG;

    /// Makes the world in this folder, with its commits dated before `now`, and deploys the healthy version.
    ///
    /// The folder is made if need be, and left behind: removing it is the caller's.
    ///
    /// # Errors
    ///
    /// When the folder already holds a world, cannot be written, or there is no `sh`, `git`, `tar` or `awk`.
    pub fn make(dir: &Path, now: Timestamp) -> Result<Self, DemoError> {
        Self::make_with_shell(dir, now, &["sh"])
    }

    /// Makes the world with another POSIX shell than `sh`: a program and its arguments.
    ///
    /// # Errors
    ///
    /// As [`World::make`].
    pub fn make_with_shell(dir: &Path, now: Timestamp, shell: &[&str]) -> Result<Self, DemoError> {
        for part in ["logs/history", "releases"] {
            let path = dir.join(part);
            fs::create_dir_all(&path).map_err(DemoError::file(&path))?;
        }
        let dir = fs::canonicalize(dir).map_err(DemoError::file(dir))?;
        let repo = dir.join("repo");
        if repo.exists() {
            return Err(DemoError::Exists(repo));
        }
        let made = repository::make(&repo, now)?;
        let script = dir.join("deploy.sh");
        fs::write(&script, DEPLOY_SCRIPT).map_err(DemoError::file(&script))?;

        let truth = Truth {
            bad_commit: made.bad_commit.to_string(),
            file: BAD_FILE,
            lines: made.lines,
            healthy_revision: made.healthy.to_string(),
            bad_revision: made.bad.to_string(),
            message: "rejected: malformed order",
        };
        let shell = shell.iter().map(|&word| word.to_owned()).collect();
        let world = Self { dir, now, shell, truth };
        world.deploy(Self::HEALTHY)?;
        Ok(world)
    }

    /// Writes seven days of log, up to the time at which the world was made, by running the healthy
    /// version over made-up requests. Returns the files, oldest first; the last is [`World::log`].
    ///
    /// # Errors
    ///
    /// When the service cannot be run, or a file cannot be written.
    pub fn write_history(&self) -> Result<Vec<PathBuf>, DemoError> {
        history::write(self)
    }

    /// Deploys a revision, tag or branch with the world's own script. Returns what the script said.
    ///
    /// # Errors
    ///
    /// When there is no such revision, or the script fails otherwise.
    pub fn deploy(&self, revision: &str) -> Result<String, DemoError> {
        let script = self.dir.join("deploy.sh");
        let mut command = self.shell_command()?;
        command.arg(&script).arg(revision).stdin(Stdio::null());
        let program = format!("sh {} {revision}", script.display());
        let output = command.output().map_err(|error| DemoError::Missing(program.clone(), error))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        let said = errors.lines().last().map_or_else(|| output.status.to_string(), str::to_owned);
        Err(DemoError::Failed { program, said })
    }

    /// The command by which a user of the world would deploy; `{revision}` stands for what is deployed.
    #[must_use]
    pub fn deploy_command(&self) -> Vec<String> {
        let script = self.dir.join("deploy.sh").to_string_lossy().into_owned();
        let mut argv = self.shell.clone();
        argv.extend([script, "{revision}".to_owned()]);
        argv
    }

    /// What a right diagnosis finds.
    #[must_use]
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// The folder that holds everything, as an absolute path without symbolic links.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// When the world was made: its log ends here.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The repository.
    #[must_use]
    pub fn repo(&self) -> PathBuf {
        self.dir.join("repo")
    }

    /// The log that the running service writes to.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.dir.join("logs/orders.log")
    }

    /// The folder of the rotated logs.
    #[must_use]
    pub fn history(&self) -> PathBuf {
        self.dir.join("logs/history")
    }

    /// The link to the release that runs.
    pub(super) fn current(&self) -> PathBuf {
        self.dir.join("current")
    }

    /// Where the service complains when it cannot even log; empty unless something is wrong with it.
    pub(super) fn errors(&self) -> Result<File, DemoError> {
        let path = self.dir.join("orders.stderr");
        File::options().create(true).append(true).open(&path).map_err(DemoError::file(&path))
    }

    /// A command that runs the shell; its script is yet to be added.
    pub(super) fn shell_command(&self) -> Result<Command, DemoError> {
        let mut words = self.shell.iter();
        let program = words.next().ok_or_else(|| DemoError::Failed {
            program: "the shell".to_owned(),
            said: "no program was named".to_owned(),
        })?;
        let mut command = Command::new(program);
        // A shell would run the file named here before the script.
        command.args(words).env_remove("ENV").env_remove("BASH_ENV");
        Ok(command)
    }
}
