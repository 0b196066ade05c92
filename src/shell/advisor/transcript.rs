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

/// The file of one task, or nowhere.
#[derive(Debug)]
pub struct Transcript {
    file: Option<(File, PathBuf)>,
    n_bytes: usize,
}

impl Transcript {
    /// Keeps nothing; for tests of what is sent.
    #[must_use]
    pub fn nowhere() -> Self {
        Self { file: None, n_bytes: 0 }
    }

    /// Makes a new file in a folder, which is made where it is missing; only their owner may read them.
    ///
    /// # Errors
    ///
    /// When one of them cannot be made.
    pub fn begin(folder: &Path, at: Timestamp) -> Result<Self, AdvisorError> {
        let made = || -> io::Result<(File, PathBuf)> {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
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
        made().map(|file| Self { file: Some(file), n_bytes: 0 }).map_err(AdvisorError::Transcript)
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

/// The value with secrets masked in each of its texts.
fn masked(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact_source(text)),
        Value::Array(list) => list.iter().map(masked).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), masked(value))).collect(),
        other => other.clone(),
    }
}
