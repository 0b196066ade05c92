//! Puts walls around a command that runs code which nobody has read: no network, no writes beyond its own folders.
//!
//! Input: what the settings leave open, the folders that are the command's own. Output: an argument list to run instead,
//! a thread that has given up what the command must not have, and [`Walls`]: what stands, in words.
//!
//! Where bubblewrap works, it makes a view of the file system and a network of the command's own, and covers sockets.
//! Elsewhere the network is closed by a namespace of the system with nothing in it but a loopback of its own (`unshare`);
//! where the system allows none, Landlock closes TCP. Writes are kept to folders by Landlock then, for the command and all
//! that it starts; it also hides the places below the user's home that usually hold keys. What cannot be had is said; a wall
//! that was promised and cannot be put up ends the run before it starts.
//!
//! Not walled off: reading other files; and, without bubblewrap, sockets that lie in the file system: no right of Landlock
//! covers these, and covering them up takes a mount that Landlock forbids. These ([`sockets`]) are named and counted, and
//! variables that lead to services behind them are not handed on.

pub(in crate::shell) mod bubblewrap;
pub(in crate::shell) mod keys;
mod landlock;
mod namespace;
mod sockets;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    /// How long a socket must have been there to be covered.
    settled: Duration,
    means: Means,
}

/// A command with what puts the walls around it.
#[derive(Debug)]
pub(in crate::shell) struct Wrapped {
    /// The argument list.
    pub(in crate::shell) argv: Vec<String>,
    /// What it has within bubblewrap; `None` where something else makes the walls.
    pub(in crate::shell) room: Option<bubblewrap::Room>,
}

/// By what the walls are made.
#[derive(Clone, Copy, Debug, Default)]
enum Means {
    /// Bubblewrap, which is this program.
    Bubblewrap(&'static Path),
    /// Namespaces and Landlock, as far as there are any.
    #[default]
    Parts,
}

impl Means {
    /// The better one that works here and closes what is to be closed.
    fn of(open: &Open) -> Self {
        let sandbox = bubblewrap::here().filter(|sandbox| open.network || sandbox.closes_network);
        sandbox.map_or(Self::Parts, |sandbox| Self::Bubblewrap(&sandbox.program))
    }
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
        Self { open: open.clone(), own, home: home(), settled: sockets::SETTLED, means: Means::of(open) }
    }

    /// The places of keys that it must not read.
    fn hidden(&self) -> Vec<PathBuf> {
        keys::hidden(self.home.as_deref(), &self.open.readable)
    }

    /// What the command has within bubblewrap.
    fn room(&self) -> bubblewrap::Room {
        let mut hidden = self.hidden();
        // What lies in a hidden folder is gone with it, and what may be written to may be spoken to.
        let is_done = |path: &PathBuf| [&self.own, &self.open.writable, &hidden].iter().any(|all| is_within(path, all));
        let sockets: Vec<PathBuf> = sockets::in_reach(self.settled).into_iter().filter(|path| !is_done(path)).collect();
        hidden.extend(sockets);
        let writable = self.own.iter().chain(&self.open.writable).cloned().collect();
        bubblewrap::Room { writable, hidden, network: self.open.network }
    }

    /// What to run instead; `folder` is where it will run.
    ///
    /// # Errors
    ///
    /// When there is no such program: that is to be said of it, not of the walls.
    pub(in crate::shell) fn wrapped(&self, argv: &[String], folder: &Path) -> io::Result<Wrapped> {
        let is_found = || {
            let program = argv.first().map(String::as_str).unwrap_or_default();
            let place = if program.contains('/') {
                folder.join(program).to_string_lossy().into_owned()
            } else {
                program.to_owned()
            };
            let missing = || io::Error::new(io::ErrorKind::NotFound, format!("there is no program {program:?}"));
            super::execute::command::find(&place).map(|_| ()).ok_or_else(missing)
        };
        if let Means::Bubblewrap(sandbox) = self.means {
            is_found()?;
            let room = self.room();
            return Ok(Wrapped { argv: bubblewrap::wrapped(sandbox, argv, &room), room: Some(room) });
        }
        let argv = match closing(&self.open) {
            Closing::Namespace(namespace) => is_found().map(|()| namespace.wrapped(argv))?,
            Closing::Not | Closing::Tcp => argv.to_vec(),
        };
        Ok(Wrapped { argv, room: None })
    }

    /// Whether the thread that starts the command must give something up; bubblewrap needs none, and ends with the thread
    /// that started it.
    pub(in crate::shell) fn is_entered(&self) -> bool {
        matches!(self.means, Means::Parts) && landlock::is_here()
    }

    /// Gives up, for this thread and all that it starts, what the command must not have.
    ///
    /// # Errors
    ///
    /// When the system refuses a wall that it has.
    pub(in crate::shell) fn enter(&self) -> io::Result<()> {
        // Landlock would forbid bubblewrap its mounts.
        if !self.is_entered() {
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

/// Whether a path without links lies in one of these, or is one.
fn is_within(path: &Path, all: &[PathBuf]) -> bool {
    all.iter()
        .any(|above| path.starts_with(above) || std::fs::canonicalize(above).is_ok_and(|real| path.starts_with(real)))
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
    walls_by(Means::of(open), open)
}

fn walls_by(means: Means, open: &Open) -> Walls {
    if let Means::Bubblewrap(_) = means {
        return Walls {
            network: match open.network {
                true => Wall::Open("fix.network opens it".to_owned()),
                false => Wall::Closed("its own loopback only".to_owned()),
            },
            writes: writes(open),
            keys: keys(open),
            sockets: match sockets::in_reach(Duration::ZERO)
                .iter()
                .filter(|path| is_within(path, &open.writable))
                .count()
            {
                0 => Wall::Closed("sockets covered".to_owned()),
                n_open => Wall::Partly(format!("{n_open} that fix.writable opens")),
            },
        };
    }
    let network = match (open.network, namespace::here()) {
        (true, _) => Wall::Open("fix.network opens it".to_owned()),
        (false, Ok((_, loopback))) => {
            let has = if *loopback { "its own loopback only" } else { "not even a loopback: no ip program is here" };
            Wall::Closed(has.to_owned())
        }
        (false, Err(why)) if landlock::closes_tcp() => Wall::Partly(format!("TCP is, other ways are not: {why}")),
        (false, Err(why)) => Wall::Open(why.clone()),
    };
    let missing = (!landlock::is_here()).then(|| Wall::Open(no_landlock().to_owned()));
    let [writes, keys] = [writes(open), keys(open)].map(|wall| missing.clone().unwrap_or(wall));
    Walls { network, writes, keys, sockets: sockets::wall() }
}

fn keys(open: &Open) -> Wall {
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
    if open.writable.iter().any(|path| path == Path::new("/")) {
        return Wall::Open("fix.writable opens everything".to_owned());
    }
    let more: Vec<String> = open.writable.iter().map(|path| path.display().to_string()).collect();
    let more = if more.is_empty() { String::new() } else { format!(", and in {}", more.join(", ")) };
    Wall::Closed(format!("its checkout and folders that are thrown away{more}"))
}

#[cfg(test)]
mod tests;
