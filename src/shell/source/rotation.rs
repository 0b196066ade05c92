//! Reads the names that log rotation gives: `api.log.1`, `api.log-20241124.gz`, `api-2024-11-24.log`.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Entries of one directory that are looked at.
const MOST_ENTRIES: usize = 20_000;

/// Ends that compression adds to a name.
const COMPRESSED: &[&str] = &[".gz", ".zst", ".xz", ".bz2", ".lz4", ".Z", ".zip"];

/// Words that stand for an older file.
const WORDS: &[&str] = &["old", "bak", "prev", "previous", "save", "orig", "rotated"];

/// What rotation added to a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Suffix {
    /// A counter: smaller is newer.
    Index(u32),
    /// A date, perhaps with a counter: later is newer, as text.
    Date(String),
    /// A word such as `old`.
    Word,
}

impl Suffix {
    /// Orders by age, older first, as far as the names tell.
    pub fn by_age(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Index(one), Self::Index(two)) => two.cmp(one),
            (Self::Date(one), Self::Date(two)) => one.cmp(two),
            (Self::Index(_) | Self::Date(_) | Self::Word, _) => Ordering::Equal,
        }
    }
}

/// The name without what compression and rotation added, and what rotation added.
pub(super) fn split(name: &str) -> (&str, Option<Suffix>) {
    let plain = COMPRESSED.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    // The longest base whose rest reads as a rotation: `api.log.1` is `api.log` and `1`. The longest
    // rest would be wrong for `10.0.0.1.log.2`, the shortest for `api.log-2024-11-24`.
    let cuts = plain.char_indices().filter(|(at, sign)| *at > 0 && matches!(sign, '.' | '-' | '_' | '~'));
    for (at, _) in cuts {
        let (base, rest) = plain.split_at(at);
        if let Some(suffix) = read_suffix(rest.get(1..).unwrap_or("")) {
            return (base, Some(suffix));
        }
    }
    (plain, None)
}

fn read_suffix(rest: &str) -> Option<Suffix> {
    if WORDS.contains(&rest) {
        return Some(Suffix::Word);
    }
    let starts_with_digit = rest.starts_with(|sign: char| sign.is_ascii_digit());
    if !starts_with_digit || !rest.chars().all(|sign| sign.is_ascii_digit() || "-_.:TZ+".contains(sign)) {
        return None;
    }
    if rest.chars().all(|sign| sign.is_ascii_digit()) && rest.len() < 6 {
        return rest.parse().ok().map(Suffix::Index);
    }
    let n_digits = rest.chars().filter(char::is_ascii_digit).count();
    (n_digits >= 6).then(|| Suffix::Date(rest.to_owned()))
}

/// What rotation added to the name `base` to make it `name`; `None` when `name` is no rotation of it.
pub(super) fn rotated_from(name: &str, base: &str) -> Option<Suffix> {
    let plain = COMPRESSED.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let (stem, extension) = base.rfind('.').filter(|at| *at > 0).map_or((base, ""), |at| base.split_at(at));
    let behind = plain.strip_prefix(base);
    let between = plain.strip_prefix(stem).and_then(|rest| rest.strip_suffix(extension));
    let suffix = |rest: &str| rest.strip_prefix(['.', '-', '_', '~']).and_then(read_suffix);
    let is_date = |suffix: &Suffix| matches!(suffix, Suffix::Date(_));
    // `api.log.1`, or logback's `api.2024-11-24.log`. A counter there (`worker-1.log`) is more often
    // the name of another log.
    behind.and_then(suffix).or_else(|| between.and_then(suffix).filter(is_date))
}

/// Whether `copy` is what rotation or compression may have made of a file called `name`.
pub(super) fn may_become(name: &OsStr, copy: &OsStr) -> bool {
    let (Some(name), Some(copy)) = (name.to_str(), copy.to_str()) else { return false };
    if name == copy {
        return false;
    }
    if rotated_from(copy, name).is_some() {
        return true;
    }
    let ((base, before), (copy_base, after)) = (split(name), split(copy));
    let is_packed = |name: &str| COMPRESSED.iter().any(|end| name.ends_with(end));
    base == copy_base && (after.is_some() && before.is_some() || is_packed(copy) && !is_packed(name))
}

/// A file beside another one.
#[derive(Clone, Debug)]
pub(super) struct Sibling {
    pub path: PathBuf,
    pub metadata: Metadata,
}

impl Sibling {
    /// When it was last written to; the epoch where the platform does not say.
    pub fn modified(&self) -> SystemTime {
        self.metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

/// The regular files beside these paths, and beside what they link to.
pub(super) fn siblings(paths: &[&Path]) -> Vec<Sibling> {
    let mut directories: Vec<PathBuf> = Vec::new();
    for directory in paths.iter().filter_map(|path| parent(path)) {
        if !directories.contains(&directory) {
            directories.push(directory);
        }
    }
    let mut found = Vec::new();
    for directory in directories {
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        for entry in entries.flatten().take(MOST_ENTRIES) {
            // Of a link, the file itself is met as well, or is beside another path.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_file() {
                found.push(Sibling { path: directory.join(entry.file_name()), metadata });
            }
        }
    }
    found.sort_by(|one, two| one.path.cmp(&two.path));
    found
}

/// The directory of a path; `.` for a bare name.
pub(super) fn parent(path: &Path) -> Option<PathBuf> {
    let parent = path.parent()?;
    Some(if parent.as_os_str().is_empty() { PathBuf::from(".") } else { parent.to_owned() })
}

#[cfg(test)]
mod tests;
