//! Keeps a coding agent to its folder with what the system has for it: bubblewrap, where it is there and works, else
//! Landlock.
//!
//! Input: the argument list and the folders that are the agent's own. Output: an argument list that is run in its
//! place, and words for people, who see whether there is a sandbox. What counts is enforced on the result all the same.
//!
//! Within it, everything but those folders is read-only, what usually holds keys is hidden, and other processes are
//! not seen. The network stays: an agent must reach its model.

use std::path::{Path, PathBuf};

use crate::remedy::advice::walls::Open;
use crate::shell::confine::{Confinement, bubblewrap, keeps_to_folders};
use crate::shell::execute::command::find;

/// How an agent is confined here, in words.
#[must_use]
pub(in crate::shell) fn words() -> String {
    let folders = "a folder, a home and few variables of its own";
    match bubblewrap::here() {
        Some(_) => {
            format!("{folders}; bubblewrap makes all else read-only, hides what usually holds keys, covers sockets")
        }
        None if keeps_to_folders() => {
            format!("{folders}; Landlock keeps what it writes to them and hides what usually holds keys")
        }
        None => format!("{folders}; no sandbox is here (bwrap, Landlock), so it could reach what you can reach"),
    }
}

/// What an agent may use: it must reach its model.
fn open() -> Open {
    Open { network: true, ..Open::default() }
}

/// Whether an agent's own sandbox starts within what is around it: Landlock forbids the mounts that it takes.
pub(super) fn admits_another() -> bool {
    bubblewrap::here().map_or_else(|| !keeps_to_folders(), |sandbox| sandbox.admits_another)
}

/// The argument list to run instead, in which only these folders can be written.
pub(super) fn wrapped(argv: Vec<String>, own: &[&Path]) -> Vec<String> {
    // What cannot be started is to be said of itself, not of the sandbox.
    let is_there = argv.first().is_some_and(|program| find(program).is_some());
    match bubblewrap::here().filter(|_| is_there) {
        Some(sandbox) => {
            let own = own.iter().map(|path| path.to_path_buf()).collect();
            bubblewrap::wrapped(&sandbox.program, &argv, &Confinement::of(&open(), own).room())
        }
        None => argv,
    }
}

/// Where there is no sandbox, the walls that keep it to these folders.
pub(super) fn folders(own: Vec<PathBuf>) -> Option<Confinement> {
    (bubblewrap::here().is_none() && keeps_to_folders()).then(|| Confinement::of(&open(), own))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    /// Where the system has the sandbox, it does what is promised; where not, the words say so.
    #[test]
    fn the_sandbox_of_this_system_keeps_a_command_to_its_folder() {
        let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let script = format!("echo in > '{}/in'; echo out > '{}/out'", own.path().display(), other.path().display());
        let argv = wrapped(vec!["sh".to_owned(), "-c".to_owned(), script], &[own.path()]);
        let _ = Command::new(&argv[0]).args(&argv[1..]).stderr(Stdio::null()).status().unwrap();
        assert!(own.path().join("in").is_file());
        let has_sandbox = words().contains("bubblewrap");
        assert_eq!(other.path().join("out").exists(), !has_sandbox, "{}", words());
    }
}
