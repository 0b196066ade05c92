//! A network namespace with nothing in it, made by the system's own `unshare`.

use std::process::{Command, Stdio};
use std::sync::LazyLock;

use rustix::process::{getgid, getuid};

use super::landlock;
use crate::shell::execute::command::find;

/// Brings the loopback up where it can, then becomes the user again, who may do nothing there.
const AS_USER: &str = r#"ip link set lo up 2>/dev/null; user=$1 group=$2; shift 2
exec unshare --user --map-user="$user" --map-group="$group" -- "$@""#;

/// The same for the superuser, who gives up all capabilities, with which the way back would be open.
const AS_ROOT: &str = r#"ip link set lo up 2>/dev/null
exec setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- "$@""#;

/// How a namespace is made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Namespace {
    /// Within a namespace of users, of which anyone may make one.
    AsUser,
    /// By the superuser.
    AsRoot,
}

/// What works on this system, and whether a loopback is in it; else why nothing does.
static HERE: LazyLock<Result<(Namespace, bool), String>> = LazyLock::new(|| {
    if !cfg!(target_os = "linux") {
        return Err(super::NO_LINUX.to_owned());
    }
    let namespace = if getuid().is_root() { Namespace::AsRoot } else { Namespace::AsUser };
    let needed: &[&str] = if namespace == Namespace::AsRoot { &["unshare", "setpriv"] } else { &["unshare"] };
    if let Some(missing) = needed.iter().find(|program| find(program).is_none()) {
        return Err(format!("no {missing} program is here to make a namespace"));
    }
    // Whether an address of the loopback is known within.
    let probe = "grep -q 127.0.0.1 /proc/net/fib_trie && exit 0; exit 9";
    let argv = namespace.wrapped(&["sh", "-c", probe].map(str::to_owned));
    match run_walled(&argv, namespace.writes_maps()) {
        Ok((Some(0), _)) => Ok((namespace, true)),
        Ok((Some(9), _)) => Ok((namespace, false)),
        Ok((_, said)) => Err(format!("the system allows no network namespace: {said}")),
        Err(error) => Err(format!("the system allows no network namespace: {error}")),
    }
});

pub(super) fn here() -> &'static Result<(Namespace, bool), String> {
    &HERE
}

/// Runs a probe as a command on a draft would be; its exit status and the last line that it said.
fn run_walled(argv: &[String], writes_maps: bool) -> std::io::Result<(Option<i32>, String)> {
    let (program, arguments) = argv.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    let mut probe = Command::new(program);
    probe.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let run = || {
        if landlock::is_here() {
            let maps: &[&std::path::Path] = if writes_maps { &[std::path::Path::new("/proc")] } else { &[] };
            landlock::enter(maps, None, false)?;
        }
        probe.output()
    };
    let output = std::thread::scope(|scope| scope.spawn(run).join())
        .map_err(|_| std::io::Error::other("the probe did not end"))??;
    let said = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().trim().to_owned();
    Ok((output.status.code(), said))
}

impl Namespace {
    /// Whether files of `/proc` are written to make it. To the superuser that would give the settings of the system.
    pub(super) fn writes_maps(self) -> bool {
        self == Self::AsUser
    }

    /// The argument list that makes the namespace, and runs this one within.
    pub(super) fn wrapped(self, argv: &[String]) -> Vec<String> {
        let (user, group) = (getuid().as_raw().to_string(), getgid().as_raw().to_string());
        let before: Vec<&str> = match self {
            Self::AsUser => {
                vec!["unshare", "--user", "--map-root-user", "--net", "--", "sh", "-c", AS_USER, "sh", &user, &group]
            }
            Self::AsRoot => vec!["unshare", "--net", "--", "sh", "-c", AS_ROOT, "sh"],
        };
        before.into_iter().map(str::to_owned).chain(argv.iter().cloned()).collect()
    }
}
