//! Runs the user's commands on a draft: code that a model wrote gets none of the user's secrets.

use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use git2::Oid;

use super::workshop::Workshop;
use super::{Tail, limits};
use crate::ingest::sanitize::redact;
use crate::remedy::advice::check::Ended;
use crate::remedy::advice::walls::Open;
use crate::remedy::fix::{Part, Stand, Tried};
use crate::shell::confine::Confinement;
use crate::shell::execute::Ending;
use crate::shell::execute::command::{Environment, is_ours, run_in};
use crate::shell::git::revert::RevertError;

/// Parts of names of variables that hold secrets, or lead to what does.
const SECRETS: [&str; 12] = [
    "KEY",
    "TOKEN",
    "SECRET",
    "PASSW",
    "CREDENTIAL",
    "AUTH",
    "PRIVATE",
    "COOKIE",
    "DSN",
    "AGENT",
    "KUBECONFIG",
    "CERT",
];

/// A command that ended.
pub(super) struct Run {
    pub(super) ended: Ended,
    /// The end of its output.
    pub(super) output: String,
}

/// Where commands are run on trees, one after the other.
pub(super) struct Trial<'a> {
    pub(super) workshop: &'a mut Workshop,
    pub(super) cancel: &'a AtomicBool,
    /// How long commands may still run, all together.
    pub(super) left: Duration,
    /// How often a command was run.
    pub(super) n_runs: usize,
    /// What confined commands may do all the same; `None` confines nothing.
    pub(super) open: Option<Open>,
}

impl Trial<'_> {
    /// Runs a command on a tree; `None` when there is no time for it, or the user canceled.
    pub(super) fn run(
        &mut self,
        (argv, on): (&[String], Stand),
        tree: Oid,
        most: Duration,
        progress: &mut dyn FnMut(&Tried),
    ) -> Result<Option<Run>, RevertError> {
        let folder = self.workshop.checkout(tree)?;
        let left = self.left;
        if left.is_zero() || self.cancel.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let time = most.min(left);
        let limits = limits(time);
        let mut lines = Tail::default();
        let (temporary, cache) = (self.workshop.folder("tmp")?, self.workshop.folder("cache")?);
        let mut variables = harmless(std::env::vars_os());
        let confinement = self.open.as_ref().map(|open| {
            variables.retain(|(name, _)| !OUTSIDE.iter().any(|outside| name == outside));
            variables.extend(own_folders(&temporary, &cache));
            Confinement::of(open, vec![folder.clone(), temporary, cache])
        });
        let environment = Environment::Only(variables);
        let place = (folder.as_path(), confinement.as_ref());
        let ran = run_in(argv, place, &environment, limits, self.cancel, &mut |_, line| lines.push(line));
        self.left = left.saturating_sub(ran.took);
        if ran.ending == Ending::Canceled || (ran.ending == Ending::TimedOut && time < most) {
            return Ok(None);
        }
        self.n_runs += 1;
        let mut ending = ran.ending.to_string();
        if let Some(last) = lines.last().filter(|_| !ran.succeeded()) {
            ending.push_str(&format!(": {}", redact(last)));
        }
        let ended = Ended { passed: ran.succeeded(), ending: ending.clone() };
        let part = Part { run: self.n_runs, on };
        progress(&Tried { part, ending, passed: ran.succeeded(), took: ran.took });
        Ok(Some(Run { ended, output: lines.text() }))
    }
}

/// Variables by which tools write outside of the folder that they work in.
const OUTSIDE: [&str; 19] = [
    "CARGO_TARGET_DIR",
    "XDG_RUNTIME_DIR",
    "TMP",
    "TEMP",
    // Services that act for whoever speaks to them.
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "CONTAINER_HOST",
    "BUILDKIT_HOST",
    "CONTAINERD_ADDRESS",
    "DBUS_SESSION_BUS_ADDRESS",
    "DBUS_SYSTEM_BUS_ADDRESS",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "NOTIFY_SOCKET",
    "TMUX",
    "STY",
    "NVIM",
    "KITTY_LISTEN_ON",
    "VSCODE_IPC_HOOK_CLI",
];

/// Variables by which tools write to folders that are thrown away, instead of the user's.
fn own_folders(temporary: &Path, cache: &Path) -> Vec<(OsString, OsString)> {
    let set = |name: &str, value: &Path| (OsString::from(name), value.as_os_str().to_owned());
    // Java asks no variable of the system where temporary files belong.
    let java = format!("-Djava.io.tmpdir={}", temporary.display());
    vec![
        set("TMPDIR", temporary),
        set("XDG_CACHE_HOME", cache),
        set("GOCACHE", &cache.join("go-build")),
        set("npm_config_cache", &cache.join("npm")),
        set("PIP_CACHE_DIR", &cache.join("pip")),
        (OsString::from("JAVA_TOOL_OPTIONS"), OsString::from(java)),
    ]
}

/// The variables that hold no secret, by their names and values.
fn harmless(all: impl Iterator<Item = (OsString, OsString)>) -> Vec<(OsString, OsString)> {
    let is_secret = |name: &OsString, value: &OsString| {
        let name = name.to_string_lossy().to_ascii_uppercase();
        let value = value.to_string_lossy();
        SECRETS.iter().any(|part| name.contains(part)) || redact(&value) != value
    };
    all.filter(|(name, value)| !is_ours(name) && !is_secret(name, value)).collect()
}
