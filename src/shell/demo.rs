//! A small world with a real incident in it, for `aftercare demo`.
//!
//! Input: an empty folder and a clock. Output: a git repository with a service in POSIX shell, seven
//! days of its log, a script that deploys it, and a [`Stage`] on which it runs and serves requests.
//!
//! Nothing here is staged for the screen: every log line is written by the service itself, out of a
//! request, and the incident is a commit that reads orders wrongly. Knows nothing of detection or
//! triage; [`Truth`] tells the headless run what should be found.

mod history;
mod play;
mod repository;
mod stage;
mod traffic;
mod world;

use std::io;
use std::path::{Path, PathBuf};

pub use play::run;
pub use stage::Stage;
pub use traffic::{Request, Traffic};
pub use world::{Truth, World};

/// Why the demonstration cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder already holds a demonstration, or something by the same name.
    #[error("{} exists already; name an empty folder", .0.display())]
    Exists(PathBuf),
    /// A file of the world cannot be read or written.
    #[error("cannot use {}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// The repository cannot be made.
    #[error("cannot make the repository")]
    Repository(#[from] git2::Error),
    /// A program that the world needs is not there.
    #[error("cannot run {0}")]
    Missing(String, #[source] io::Error),
    /// A program that the world needs said no; with the last of what it said.
    #[error("{program} failed: {said}")]
    Failed {
        /// The program with its arguments.
        program: String,
        /// What it wrote last, or how it ended.
        said: String,
    },
    /// A thread of the world cannot be started.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
}

impl DemoError {
    /// Says which file an error is about.
    fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File(path, error)
    }
}
