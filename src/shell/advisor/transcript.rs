//! Keeps what was sent to a model and what came back: redacted, for its owner's eyes, a JSON object a line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::AdvisorError;
use crate::ingest::sanitize::redact_source;
use crate::units::Timestamp;

/// Bytes of one transcript, at most; a task that needs more is out of hand.
const BYTES: usize = 64 << 20;

/// Which transcripts are kept when another one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// So many at most, the new one included.
    pub count: usize,
    /// So many bytes at most, of those before the new one.
    pub bytes: u64,
}

/// The file of one task, or nowhere.
#[derive(Debug)]
pub struct Transcript {
    file: Option<(File, PathBuf)>,
    n_bytes: usize,
    n_removed: usize,
}

impl Transcript {
    /// Keeps nothing; for tests of what is sent.
    #[must_use]
    pub fn nowhere() -> Self {
        Self { file: None, n_bytes: 0, n_removed: 0 }
    }

    /// Makes a new file in a folder, which is made where it is missing; only their owner may read them. The oldest
    /// that are more than is kept are removed.
    ///
    /// # Errors
    ///
    /// When one of them cannot be made.
    pub fn begin(folder: &Path, at: Timestamp, keep: Keep) -> Result<Self, AdvisorError> {
        let mut n_removed = 0;
        let mut made = || -> io::Result<(File, PathBuf)> {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            n_removed = prune(folder, keep);
            let time = at.to_string().replace(':', "-");
            for number in 1..1_000 {
                let path = folder.join(format!("{time}-{number}.jsonl"));
                match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
                    Ok(file) => return Ok((file, path)),
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    Err(error) => return Err(error),
                }
            }
            Err(io::ErrorKind::AlreadyExists.into())
        };
        let file = made().map_err(AdvisorError::Transcript)?;
        Ok(Self { file: Some(file), n_bytes: 0, n_removed })
    }

    /// How many older ones were removed.
    #[must_use]
    pub fn n_removed(&self) -> usize {
        self.n_removed
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> Option<PathBuf> {
        self.file.as_ref().map(|(_, path)| path.clone())
    }

    /// Adds an entry.
    ///
    /// # Errors
    ///
    /// When it cannot be written, or the file would be too large.
    pub fn note(&mut self, at: Timestamp, kind: &str, detail: &Value) -> Result<(), AdvisorError> {
        let Some((file, _)) = &mut self.file else { return Ok(()) };
        let line = format!("{}\n", json!({ "at": at, "type": kind, "detail": masked(detail) }));
        self.n_bytes += line.len();
        let written = if self.n_bytes > BYTES {
            Err(io::ErrorKind::FileTooLarge.into())
        } else {
            file.write_all(line.as_bytes())
        };
        written.and_then(|()| file.flush()).map_err(AdvisorError::Transcript)
    }
}

/// Removes the oldest transcripts that are more than is kept; returns how many. What cannot be removed stays.
fn prune(folder: &Path, keep: Keep) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let size =
        |path: &PathBuf| std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file).map(|file| file.len());
    let files =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    let mut files: Vec<(PathBuf, u64)> = files.filter_map(|path| size(&path).map(|size| (path, size))).collect();
    // Their names begin with their time: the newest first.
    files.sort_by(|a, b| b.0.cmp(&a.0));
    let mut n_bytes = 0_u64;
    let mut n_removed = 0;
    for (index, (path, size)) in files.iter().enumerate() {
        n_bytes = n_bytes.saturating_add(*size);
        if (index + 1 >= keep.count || n_bytes > keep.bytes) && std::fs::remove_file(path).is_ok() {
            n_removed += 1;
        }
    }
    n_removed
}

/// The value with secrets masked in each of its texts.
fn masked(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact_source(text)),
        Value::Array(list) => list.iter().map(masked).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), masked(value))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_within_their_number_and_room_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let at = |second: i64| Timestamp::from_seconds(1_768_212_000 + second);
        let all = || {
            let names = std::fs::read_dir(folder.path()).unwrap();
            let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        let begin = |second, count, bytes| Transcript::begin(folder.path(), at(second), Keep { count, bytes }).unwrap();
        std::fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        for second in 0..5 {
            let mut transcript = begin(second, 10, 1 << 20);
            transcript.note(at(second), "request", &json!("x".repeat(1_000))).unwrap();
            assert_eq!(transcript.n_removed(), 0);
        }
        assert_eq!(begin(5, 3, 1 << 20).n_removed(), 3, "two of before, and the new one");
        assert_eq!(all().len(), 4);
        assert_eq!(begin(6, 100, 1_500).n_removed(), 1, "of two with a thousand bytes, the older goes");
        let left = all();
        assert_eq!(left.len(), 4, "{left:?}");
        assert!(left.contains(&"notes.txt".to_owned()) && left[0].contains("00-04"), "{left:?}");
    }
}
