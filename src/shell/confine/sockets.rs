//! Sockets that lie in the file system: behind them, services act for whoever speaks to them, outside of all walls.
//!
//! Input: what the kernel lists, and the places where known services usually listen. Output: those that this user may speak
//! to here, and the names of those that are known.

use std::collections::BTreeSet;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

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

/// Where the kernel lists the sockets of this network namespace; others have paths that are only known.
const LIST: &str = "/proc/net/unix";

/// The known services, and where they listen for this user.
fn known() -> Vec<(&'static str, PathBuf)> {
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
    places
}

/// How long a socket must have been there to be covered. Those of programs that come and go within moments may be gone when
/// they are to be covered, and the sandbox does not start then.
pub(super) const SETTLED: Duration = Duration::from_secs(10);

/// The sockets that this user may speak to now, and that have been there for so long.
pub(super) fn in_reach(age: Duration) -> BTreeSet<PathBuf> {
    let listed = std::fs::read_to_string(LIST).unwrap_or_default();
    let known = known().into_iter().map(|(_, path)| path);
    let real = known.chain(paths(&listed)).filter_map(|path| std::fs::canonicalize(path).ok());
    // The time of the last change of its entry: nobody can set that. One that cannot be told, or lies ahead, is that of
    // something old whose clock was set.
    let has_age = |path: &PathBuf| {
        let changed = std::fs::metadata(path).ok().and_then(|found| u64::try_from(found.ctime()).ok());
        let changed = changed.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
        changed.and_then(|at| at.elapsed().ok()).is_none_or(|found| found >= age)
    };
    real.filter(|path| is_in_reach(path) && has_age(path)).collect()
}

/// The paths of a list of sockets: behind seven columns, not those that are in no file system (`@`).
fn paths(list: &str) -> Vec<PathBuf> {
    let path = |line: &str| {
        let mut rest = line;
        for _ in 0..7 {
            rest = rest.trim_start().split_once(' ')?.1;
        }
        Some(PathBuf::from(rest)).filter(|path| path.is_absolute())
    };
    list.lines().filter_map(path).collect()
}

/// What is in reach where nothing covers it.
pub(super) fn wall() -> Wall {
    of(&known(), &in_reach(Duration::ZERO))
}

fn of(known: &[(&'static str, PathBuf)], found: &BTreeSet<PathBuf>) -> Wall {
    let name = |path: &PathBuf| {
        let is_it = |place: &PathBuf| std::fs::canonicalize(place).is_ok_and(|real| real == *path);
        known.iter().find(|(_, place)| is_it(place)).map(|(name, _)| *name)
    };
    let names: BTreeSet<&str> = found.iter().filter_map(name).collect();
    let n_others = found.iter().filter(|path| name(path).is_none()).count();
    let names: Vec<&str> = names.into_iter().collect();
    let words = match (names.is_empty(), n_others) {
        (true, 0) => return Wall::Closed("no socket in reach".to_owned()),
        (true, 1) => "1 that is not known".to_owned(),
        (true, n_others) => format!("{n_others} that are not known"),
        (false, 0) => names.join(", "),
        (false, 1) => format!("{} and 1 other", names.join(", ")),
        (false, n_others) => format!("{} and {n_others} others", names.join(", ")),
    };
    Wall::Open(format!("{words}; bubblewrap (bwrap) would cover them"))
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
    fn a_service_in_reach_is_named_once_others_are_counted_and_a_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().canonicalize().unwrap().join(name);
        let _listeners = [UnixListener::bind(path("docker.sock")).unwrap(), UnixListener::bind(path("other")).unwrap()];
        std::fs::write(path("podman.sock"), "").unwrap();
        let known = [("Docker", path("docker.sock")), ("Docker", path("docker.sock")), ("Podman", path("podman.sock"))];
        let open = |words: &str| Wall::Open(format!("{words}; bubblewrap (bwrap) would cover them"));
        assert_eq!(of(&known, &BTreeSet::from([path("docker.sock")])), open("Docker"));
        assert_eq!(of(&known, &BTreeSet::from([path("docker.sock"), path("other")])), open("Docker and 1 other"));
        assert_eq!(of(&[], &BTreeSet::from([path("docker.sock"), path("other")])), open("2 that are not known"));
        assert!(matches!(of(&known, &BTreeSet::new()), Wall::Closed(_)));
        assert!(!is_in_reach(&path("podman.sock")) && is_in_reach(&path("other")));
    }

    #[test]
    fn a_socket_is_found_in_the_list_of_the_kernel_whatever_its_name() {
        let list = "Num       RefCount Protocol Flags    Type St Inode Path\n\
            00000000987cf8ab: 00000002 00000000 00010000 0001 01 122758 /tmp/a b.sock\n\
            0000000000000000: 00000002 00000000 00010000 0001 01     9 @abstract\n\
            0000000000000001: 00000003 00000000 00000000 0001 03 10 \n";
        assert_eq!(paths(list), [PathBuf::from("/tmp/a b.sock")]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().join("mine.sock");
        let _listener = UnixListener::bind(&path).unwrap();
        let is_listed = Path::new(LIST).exists();
        assert_eq!(in_reach(Duration::ZERO).contains(&path), is_listed);
        assert!(!in_reach(SETTLED).contains(&path), "it may be gone in a moment");
    }
}
