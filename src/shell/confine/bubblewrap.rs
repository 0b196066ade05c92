//! Bubblewrap (`bwrap`): the system's own sandbox, in which the file system is a view of its own.
//!
//! Input: an argument list and what it may write to, must not see, and may use. Output: the argument list to run instead.
//!
//! Within it everything is read-only but what is the command's own, folders of keys are empty, files of keys and sockets
//! are covered, and other processes are not seen. Where the network is closed, a loopback of its own is left.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use crate::shell::execute::command::find;

/// What every command gets.
const ALWAYS: [&str; 7] =
    ["--die-with-parent", "--new-session", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--cap-drop", "ALL"];

/// The program, and what it can do here.
#[derive(Debug)]
pub(in crate::shell) struct Sandbox {
    pub(in crate::shell) program: PathBuf,
    /// Whether it closes the network here as well.
    pub(super) closes_network: bool,
    /// Whether another one starts within it: not for the superuser, who gave up what that takes.
    pub(in crate::shell) admits_another: bool,
}

/// The sandbox of this system, if it has one that works: it may be there and not be allowed to do its work.
static HERE: LazyLock<Option<Sandbox>> = LazyLock::new(|| {
    let program = find("bwrap")?;
    let view = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--"];
    let works = |more: &[&str], within: &[&str]| {
        let mut probe = Command::new(&program);
        probe.args(ALWAYS).args(more).args(view).args(within).arg("true");
        let status = probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    if !works(&[], &[]) {
        return None;
    }
    let closes_network = works(&["--unshare-net"], &[]);
    let another = [&["bwrap", "--unshare-user", "--unshare-pid"][..], &view].concat();
    let admits_another = works(&[], &another);
    Some(Sandbox { program, closes_network, admits_another })
});

pub(in crate::shell) fn here() -> Option<&'static Sandbox> {
    HERE.as_ref()
}

/// What a command has within.
#[derive(Debug, Default)]
pub(in crate::shell) struct Room {
    /// Folders and files that it may write to; what is not there is passed over.
    pub(in crate::shell) writable: Vec<PathBuf>,
    /// Files, folders and sockets that it must not see.
    pub(in crate::shell) hidden: Vec<PathBuf>,
    /// Whether it may use the network.
    pub(in crate::shell) network: bool,
}

impl Room {
    /// Whether something that was to be covered is no longer there: the sandbox cannot be set up then.
    pub(in crate::shell) fn is_outdated(&self) -> bool {
        self.hidden.iter().any(|path| std::fs::symlink_metadata(path).is_err())
    }
}

/// What begins a line of the sandbox itself. Where it is the only line, it could not be set up and the command was not run.
pub(in crate::shell) const COMPLAINT: &str = "bwrap: ";

/// The status with which it ends then.
pub(in crate::shell) const NOT_SET_UP: i32 = 1;

/// The argument list to run instead.
pub(in crate::shell) fn wrapped(program: &Path, argv: &[String], room: &Room) -> Vec<String> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut words = vec![text(program)];
    let mut push = |all: &[&str]| words.extend(all.iter().map(|word| (*word).to_owned()));
    push(&ALWAYS);
    if !room.network {
        push(&["--unshare-net"]);
    }
    let is_all_writable = room.writable.iter().any(|path| path == Path::new("/"));
    push(&[if is_all_writable { "--bind" } else { "--ro-bind" }, "/", "/", "--dev", "/dev", "--proc", "/proc"]);
    // The superuser could still change the settings of the system there, without any capability.
    for path in ["/proc/sys", "/proc/sysrq-trigger"] {
        push(&["--ro-bind-try", path, path]);
    }
    // What is hidden stays so, also within a folder that may be written to.
    for path in room.writable.iter().filter(|path| path.as_path() != Path::new("/")) {
        push(&["--bind-try", &text(path), &text(path)]);
    }
    for path in &room.hidden {
        if path.is_dir() {
            push(&["--tmpfs", &text(path), "--remount-ro", &text(path)]);
        } else {
            push(&["--ro-bind", "/dev/null", &text(path)]);
        }
    }
    push(&["--"]);
    words.extend(argv.iter().cloned());
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
        let room = Room {
            writable: vec![home.path().join("work")],
            hidden: vec![home.path().join(".ssh"), home.path().join(".netrc")],
            network: true,
        };
        let words = wrapped(Path::new("/usr/bin/bwrap"), &argv, &room);
        let line = words.join(" ");
        let shown = home.path().display();
        assert!(words.ends_with(&argv) && words[words.len() - 4] == "--", "{line}");
        let bound = line.find(&format!("--bind-try {shown}/work {shown}/work ")).unwrap();
        let hidden = line.find(&format!("--tmpfs {shown}/.ssh ")).unwrap();
        assert!(bound < hidden, "what is hidden stays so: {line}");
        assert!(line.contains(&format!("--ro-bind /dev/null {shown}/.netrc ")), "{line}");
        assert!(!line.contains("--unshare-net"), "{line}");
        let closed = wrapped(Path::new("bwrap"), &argv, &Room::default()).join(" ");
        assert!(closed.contains("--unshare-net") && closed.contains("--ro-bind / /"), "{closed}");
    }
}
