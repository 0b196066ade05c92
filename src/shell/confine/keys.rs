//! Where keys usually lie, and what is left of the file system to read without them.
//!
//! Input: the user's home and what the settings open again. Output: the places that are hidden, and the files and folders
//! that together are everything else: Landlock can grant only, not take away.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Files and folders below the user's home that usually hold keys.
pub(in crate::shell) const KEYS: [&str; 31] = [
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker/config.json",
    ".netrc",
    ".git-credentials",
    ".config/gh",
    ".config/hub",
    ".config/glab-cli",
    ".config/tea",
    ".config/git/credentials",
    ".config/gcloud",
    ".config/doctl",
    ".config/hcloud",
    ".config/op",
    ".config/sops",
    ".config/aftercare",
    ".local/state/aftercare",
    ".local/share/keyrings",
    ".password-store",
    ".npmrc",
    ".pypirc",
    ".pgpass",
    ".my.cnf",
    ".vault-token",
    ".terraform.d",
    ".gem/credentials",
    ".cargo/credentials.toml",
    ".bash_history",
];

/// The places of keys that are there, below this home, but for what is opened: a place itself, or a folder above it.
pub(super) fn hidden(home: Option<&Path>, opened: &[PathBuf]) -> Vec<PathBuf> {
    let Some(home) = home.filter(|home| home.is_absolute()) else { return Vec::new() };
    let places = KEYS.iter().map(|name| home.join(name));
    let closed = places.filter(|place| !opened.iter().any(|path| place.starts_with(path)));
    // What lies behind a link is what must not be read.
    let mut found: Vec<PathBuf> = closed.filter_map(|place| fs::canonicalize(place).ok()).collect();
    found.sort();
    found.dedup();
    found
}

/// Files and folders that hold everything but the hidden places; links lead to what is in them under its own name.
///
/// What is made later in a folder above a hidden place is not among them.
pub(super) fn beside(hidden: &[PathBuf]) -> Vec<PathBuf> {
    let above: BTreeSet<&Path> = hidden.iter().flat_map(|place| place.ancestors().skip(1)).collect();
    let mut found = Vec::new();
    for folder in &above {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            if !is_link && !above.contains(path.as_path()) && !hidden.contains(&path) {
                found.push(path);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_the_places_of_keys_is_left() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        for folder in [".ssh", ".config/gh", ".config/other", "work"] {
            fs::create_dir_all(home.join(folder)).unwrap();
        }
        fs::write(home.join("file"), "").unwrap();
        std::os::unix::fs::symlink(home.join(".ssh"), home.join("link")).unwrap();
        let places = hidden(Some(&home), &[]);
        assert_eq!(places, [home.join(".config/gh"), home.join(".ssh")]);
        let left: BTreeSet<PathBuf> = beside(&places).into_iter().filter(|path| path.starts_with(&home)).collect();
        let expected = [".config/other", "file", "work"].map(|name| home.join(name));
        assert_eq!(left, expected.into_iter().collect());
        assert_eq!(hidden(Some(&home), &[home.join(".ssh")]), [home.join(".config/gh")]);
        assert!(hidden(Some(&home), std::slice::from_ref(&home)).is_empty() && hidden(None, &[]).is_empty());
    }

    #[test]
    fn keys_behind_a_link_are_hidden_where_they_are() {
        let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(other.path(), home.path().join(".aws")).unwrap();
        assert_eq!(hidden(Some(home.path()), &[]), [other.path().canonicalize().unwrap()]);
    }
}
