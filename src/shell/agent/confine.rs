//! Keeps a coding agent to its folder with what the system has for it: bubblewrap, where it is there and works, else
//! Landlock.
//!
//! Input: the argument list and the folders that are the agent's own. Output: an argument list that is run in its
//! place, and words for people, who see whether there is a sandbox. What counts is enforced on the result all the same.
//!
//! Within it, everything but those folders is read-only, what usually holds keys is hidden, and other processes are
//! not seen. The network stays: an agent must reach its model.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use crate::remedy::advice::walls::Open;
use crate::shell::confine::keys::KEYS;
use crate::shell::confine::{Confinement, keeps_to_folders};
use crate::shell::execute::command::find;

/// The sandbox of this system, if it has one that works.
static SANDBOX: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let program = find("bwrap")?;
    // It may be there and not be allowed to do its work.
    let mut probe = Command::new(&program);
    probe.args(["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-pid", "true"]);
    let status = probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success()).then_some(program)
});

/// How an agent is confined here, in words.
#[must_use]
pub(in crate::shell) fn words() -> String {
    let folders = "a folder, a home and few variables of its own";
    match SANDBOX.as_ref() {
        Some(_) => format!("{folders}; bubblewrap makes all else read-only and hides what usually holds keys"),
        None if keeps_to_folders() => {
            format!("{folders}; Landlock keeps what it writes to them and hides what usually holds keys")
        }
        None => format!("{folders}; no sandbox is here (bwrap, Landlock), so it could reach what you can reach"),
    }
}

/// The argument list to run instead, in which only these folders can be written.
pub(super) fn wrapped(argv: Vec<String>, own: &[&Path]) -> Vec<String> {
    // What cannot be started is to be said of itself, not of the sandbox.
    let is_there = argv.first().is_some_and(|program| find(program).is_some());
    match SANDBOX.as_ref().filter(|_| is_there) {
        Some(sandbox) => wrapped_by(sandbox, argv, own, std::env::var_os("HOME").as_deref()),
        None => argv,
    }
}

/// Where there is no sandbox, the walls that keep it to these folders.
pub(super) fn folders(own: Vec<PathBuf>) -> Option<Confinement> {
    // An agent must reach its model.
    let open = Open { network: true, ..Open::default() };
    (SANDBOX.is_none() && keeps_to_folders()).then(|| Confinement::of(&open, own))
}

fn wrapped_by(sandbox: &Path, argv: Vec<String>, own: &[&Path], home: Option<&OsStr>) -> Vec<String> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut words = vec![text(sandbox)];
    let mut push = |all: &[&str]| words.extend(all.iter().map(|word| (*word).to_owned()));
    push(&["--die-with-parent", "--new-session", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]);
    push(&["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]);
    let home = home.map(PathBuf::from).unwrap_or_default();
    for path in KEYS.iter().map(|name| home.join(name)).filter(|path| path.is_absolute()) {
        if path.is_dir() {
            push(&["--tmpfs", &text(&path)]);
        } else if path.is_file() {
            push(&["--ro-bind", "/dev/null", &text(&path)]);
        }
    }
    own.iter().for_each(|path| push(&["--bind", &text(path), &text(path)]));
    push(&["--"]);
    words.extend(argv);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_folders_are_written_keys_are_hidden_and_the_command_stays_word_for_word() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".ssh")).unwrap();
        std::fs::write(home.path().join(".netrc"), "x").unwrap();
        let argv = vec!["claude".to_owned(), "--ro-bind".to_owned(), "a b".to_owned()];
        let own = home.path().join("work");
        let words = wrapped_by(Path::new("/usr/bin/bwrap"), argv.clone(), &[&own], Some(home.path().as_os_str()));
        let line = words.join(" ");
        let shown = home.path().display();
        assert!(words.ends_with(&argv) && words[words.len() - 4] == "--", "{line}");
        assert!(line.contains(&format!("--tmpfs {shown}/.ssh ")), "{line}");
        assert!(line.contains(&format!("--ro-bind /dev/null {shown}/.netrc ")), "{line}");
        assert!(line.contains(&format!("--bind {shown}/work {shown}/work --")), "{line}");
        assert!(!line.contains(".aws"), "what is not there is not hidden: {line}");
    }

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
