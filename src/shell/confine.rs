//! Puts walls around a command that runs code which nobody has read: no network, no writes beyond its own folders.
//!
//! Input: what the settings leave open, the folders that are the command's own. Output: an argument list to run instead,
//! a thread that has given up what the command must not have, and [`Walls`]: what stands, in words.
//!
//! The network is closed by a namespace of the system with nothing in it but a loopback of its own (`unshare`); where
//! the system allows none, Landlock closes TCP. Writes are kept to folders by Landlock, for the command and all that it
//! starts; it also hides the places below the user's home that usually hold keys. What cannot be had is said; a wall that
//! was promised and cannot be put up ends the run before it starts.
//!
//! Not walled off: reading other files, and sockets that lie in the file system: no right of Landlock covers these, and
//! covering them up takes a mount that Landlock forbids. Services there that act for whoever speaks to them ([`sockets`])
//! are named, and variables that lead to them are not handed on.

pub(in crate::shell) mod keys;
mod landlock;
mod namespace;
mod sockets;

use std::io;
use std::path::{Path, PathBuf};

use crate::remedy::advice::walls::{Open, Wall, Walls};
use namespace::Namespace;

/// Why there are no walls where the system is another.
const NO_LINUX: &str = "this system is no Linux";

/// What a command may write to, and whether it may use the network.
#[derive(Clone, Debug, Default)]
pub(in crate::shell) struct Confinement {
    open: Open,
    /// Folders that are the command's own.
    own: Vec<PathBuf>,
    /// Where keys are looked for.
    home: Option<PathBuf>,
}

/// How the network is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closing {
    Not,
    Tcp,
    Namespace(Namespace),
}

impl Confinement {
    /// Of a command with these folders of its own.
    pub(in crate::shell) fn of(open: &Open, own: Vec<PathBuf>) -> Self {
        Self { open: open.clone(), own, home: home() }
    }

    /// The places of keys that it must not read.
    fn hidden(&self) -> Vec<PathBuf> {
        keys::hidden(self.home.as_deref(), &self.open.readable)
    }

    /// The argument list to run instead; `folder` is where it will run.
    ///
    /// # Errors
    ///
    /// When there is no such program: that is to be said of it, not of the walls.
    pub(in crate::shell) fn wrapped(&self, argv: &[String], folder: &Path) -> io::Result<Vec<String>> {
        let Closing::Namespace(namespace) = closing(&self.open) else { return Ok(argv.to_vec()) };
        let program = argv.first().map(String::as_str).unwrap_or_default();
        let place = if program.contains('/') {
            folder.join(program).to_string_lossy().into_owned()
        } else {
            program.to_owned()
        };
        if super::execute::command::find(&place).is_none() {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no program {program:?}")));
        }
        Ok(namespace.wrapped(argv))
    }

    /// Gives up, for this thread and all that it starts, what the command must not have.
    ///
    /// # Errors
    ///
    /// When the system refuses a wall that it has.
    pub(in crate::shell) fn enter(&self) -> io::Result<()> {
        if !landlock::is_here() {
            return Ok(());
        }
        let closing = closing(&self.open);
        let mut writable: Vec<&Path> = self.own.iter().chain(&self.open.writable).map(PathBuf::as_path).collect();
        if matches!(closing, Closing::Namespace(namespace) if namespace.writes_maps()) {
            writable.push(Path::new("/proc"));
        }
        let hidden = self.hidden();
        let readable = (!hidden.is_empty()).then(|| keys::beside(&hidden));
        landlock::enter(&writable, readable.as_deref(), closing == Closing::Tcp)
    }
}

/// The user's home, in which keys are looked for.
fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from)
}

fn closing(open: &Open) -> Closing {
    match (open.network, namespace::here()) {
        (true, _) => Closing::Not,
        (false, Ok(found)) => Closing::Namespace(found.0),
        (false, Err(_)) if landlock::closes_tcp() => Closing::Tcp,
        (false, Err(_)) => Closing::Not,
    }
}

/// What stands around commands on a draft here.
#[must_use]
pub(in crate::shell) fn walls(open: &Open) -> Walls {
    let network = match (open.network, namespace::here()) {
        (true, _) => Wall::Open("fix.network opens it".to_owned()),
        (false, Ok((_, loopback))) => {
            let has = if *loopback { "its own loopback only" } else { "not even a loopback: no ip program is here" };
            Wall::Closed(has.to_owned())
        }
        (false, Err(why)) if landlock::closes_tcp() => Wall::Partly(format!("TCP is, other ways are not: {why}")),
        (false, Err(why)) => Wall::Open(why.clone()),
    };
    Walls { network, writes: writes(open), keys: keys(open), sockets: sockets::wall() }
}

fn keys(open: &Open) -> Wall {
    if !landlock::is_here() {
        return Wall::Open(no_landlock().to_owned());
    }
    let opened = keys::hidden(home().as_deref(), &[]).len() - keys::hidden(home().as_deref(), &open.readable).len();
    match opened {
        0 => Wall::Closed("the usual places below your home".to_owned()),
        opened => Wall::Partly(format!("fix.readable opens {opened} of the places")),
    }
}

fn no_landlock() -> &'static str {
    if cfg!(target_os = "linux") { "this kernel has no Landlock" } else { NO_LINUX }
}

/// Whether the system keeps a program to its folders.
#[must_use]
pub(in crate::shell) fn keeps_to_folders() -> bool {
    landlock::is_here()
}

fn writes(open: &Open) -> Wall {
    if !landlock::is_here() {
        return Wall::Open(no_landlock().to_owned());
    }
    if open.writable.iter().any(|path| path == Path::new("/")) {
        return Wall::Open("fix.writable opens everything".to_owned());
    }
    let more: Vec<String> = open.writable.iter().map(|path| path.display().to_string()).collect();
    let more = if more.is_empty() { String::new() } else { format!(", and in {}", more.join(", ")) };
    Wall::Closed(format!("its checkout and folders that are thrown away{more}"))
}

#[cfg(test)]
mod tests;
