//! Services that listen at a path and act for whoever speaks to them, outside of all walls.
//!
//! Input: the places where they usually listen. Output: those that this user may speak to here, by name.

use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use rustix::process::getuid;

use crate::remedy::advice::walls::Wall;

/// Services by name, and where they listen.
const SYSTEM: [(&str, &str); 13] = [
    ("Docker", "/run/docker.sock"),
    ("Docker", "/var/run/docker.sock"),
    ("Podman", "/run/podman/podman.sock"),
    ("containerd", "/run/containerd/containerd.sock"),
    ("CRI-O", "/run/crio/crio.sock"),
    ("BuildKit", "/run/buildkit/buildkitd.sock"),
    ("libvirt", "/run/libvirt/libvirt-sock"),
    ("LXD", "/var/lib/lxd/unix.socket"),
    ("LXD", "/var/snap/lxd/common/lxd/unix.socket"),
    ("Incus", "/var/lib/incus/unix.socket"),
    ("snapd", "/run/snapd.socket"),
    ("systemd", "/run/systemd/private"),
    ("D-Bus", "/run/dbus/system_bus_socket"),
];

/// The same, below the folder of the user's session.
const SESSION: [(&str, &str); 5] = [
    ("Docker", "docker.sock"),
    ("Podman", "podman/podman.sock"),
    ("systemd", "systemd/private"),
    ("D-Bus", "bus"),
    ("GnuPG", "gnupg/S.gpg-agent"),
];

/// The same, below the user's home.
const HOME: [(&str, &str); 5] = [
    ("Docker", ".docker/run/docker.sock"),
    ("Docker", ".docker/desktop/docker.sock"),
    ("Docker", ".colima/default/docker.sock"),
    ("Docker", ".orbstack/run/docker.sock"),
    ("GnuPG", ".gnupg/S.gpg-agent"),
];

/// What of them is in reach.
pub(super) fn wall() -> Wall {
    let user = getuid().as_raw();
    let session = PathBuf::from(format!("/run/user/{user}"));
    let below = |folder: &Path, names: &[(&'static str, &str)]| -> Vec<(&'static str, PathBuf)> {
        names.iter().map(|(name, path)| (*name, folder.join(path))).collect()
    };
    let mut places = below(Path::new("/"), &SYSTEM);
    places.extend(below(&session, &SESSION));
    places.extend(super::home().map(|home| below(&home, &HOME)).unwrap_or_default());
    // Whoever types into another window of it types outside.
    places.push(("tmux", PathBuf::from(format!("/tmp/tmux-{user}/default"))));
    of(&places)
}

fn of(places: &[(&'static str, PathBuf)]) -> Wall {
    let mut found: Vec<&str> = places.iter().filter(|(_, path)| is_in_reach(path)).map(|(name, _)| *name).collect();
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Wall::Closed("no known service in reach that acts outside".to_owned());
    }
    Wall::Open(found.join(", "))
}

/// Whether something listens there that the user may write to.
fn is_in_reach(path: &Path) -> bool {
    let is_socket = std::fs::metadata(path).is_ok_and(|found| found.file_type().is_socket());
    is_socket && access(path, Access::WRITE_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn a_service_in_reach_is_named_once_and_a_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let _listener = UnixListener::bind(path("docker.sock")).unwrap();
        std::fs::write(path("podman.sock"), "").unwrap();
        let places =
            [("Docker", path("docker.sock")), ("Docker", path("docker.sock")), ("Podman", path("podman.sock"))];
        assert_eq!(of(&places), Wall::Open("Docker".to_owned()));
        assert!(matches!(of(&places[2..]), Wall::Closed(_)));
    }
}
