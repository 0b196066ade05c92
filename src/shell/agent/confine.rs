//! Keeps a coding agent to its folder with what the system has for it: bubblewrap, where it is there and works, else
//! Landlock.
//!
//! Input: the folders that are the agent's own. Output: the walls to run it in, and words for people, who see whether there
//! is a sandbox. What counts is enforced on the result all the same.
//!
//! Within it, everything but those folders is read-only, what usually holds keys is hidden, and other processes are
//! not seen. The network stays: an agent must reach its model.

use std::path::PathBuf;

use crate::remedy::advice::walls::Open;
use crate::shell::confine::{Confinement, bubblewrap, keeps_to_folders};

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

/// The walls that keep it to these folders, where the system has any.
pub(super) fn walls(own: Vec<PathBuf>) -> Option<Confinement> {
    (bubblewrap::here().is_some() || keeps_to_folders()).then(|| Confinement::of(&open(), own))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::shell::execute::Limits;
    use crate::shell::execute::command::{Environment, run_in};

    /// Where the system has the sandbox, it does what is promised; where not, the words say so.
    #[test]
    fn the_sandbox_of_this_system_keeps_a_command_to_its_folder() {
        let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let script = format!("echo in > '{}/in'; echo out > '{}/out'", own.path().display(), other.path().display());
        let argv = ["sh".to_owned(), "-c".to_owned(), script];
        let walls = walls(vec![own.path().to_owned()]);
        let (place, cancel) = ((own.path(), walls.as_ref()), AtomicBool::new(false));
        run_in(&argv, place, &Environment::Users, Limits::default(), &cancel, &mut |_, _| ());
        assert!(own.path().join("in").is_file());
        let has_sandbox = !words().contains("no sandbox");
        assert_eq!(other.path().join("out").exists(), !has_sandbox, "{}", words());
    }
}
