//! What the user named: standard input, a file, a directory, a pattern; and what it names now.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// Directories below a named one that are entered.
const MOST_LEVELS: usize = 5;

/// Files that one source may have.
const MOST_FILES: usize = 20_000;

/// One source, as the user named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceSpec {
    /// Standard input, written `-`.
    Stdin,
    /// A file, a named pipe or a directory; it need not exist yet.
    Path(PathBuf),
    /// A pattern with `*`, `?`, `[…]` or `**`; files that match it later join.
    Pattern(String),
}

/// Why a text names no source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// Nothing was named.
    #[error("a source has no name")]
    Empty,
    /// The pattern cannot be read.
    #[error("the pattern {pattern:?} cannot be read: {why}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
}

impl SourceSpec {
    /// Reads a source as it stands on the command line.
    ///
    /// What exists under exactly this name is that file, even when the name looks like a pattern.
    ///
    /// # Errors
    ///
    /// When the text is empty, or a pattern that cannot be read.
    pub fn parse(text: &OsStr) -> Result<Self, SpecError> {
        if text.is_empty() {
            return Err(SpecError::Empty);
        }
        if text == "-" {
            return Ok(Self::Stdin);
        }
        let path = PathBuf::from(text);
        match text.to_str() {
            Some(pattern) if pattern.contains(['*', '?', '[']) && fs::symlink_metadata(&path).is_err() => {
                glob::Pattern::new(pattern)
                    .map_err(|error| SpecError::Pattern { pattern: pattern.to_owned(), why: error.msg.to_owned() })?;
                Ok(Self::Pattern(pattern.to_owned()))
            }
            Some(_) | None => Ok(Self::Path(path)),
        }
    }

    /// What the user called it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::Path(path) => path.display().to_string(),
            Self::Pattern(pattern) => pattern.clone(),
        }
    }

    /// What it names now.
    pub(super) fn find(&self) -> Named {
        let mut named = Named::default();
        match self {
            Self::Stdin => {}
            Self::Path(path) => match fs::metadata(path) {
                Ok(metadata) if metadata.is_dir() => {
                    named.walk(path, 0);
                    named.is_group = true;
                }
                Ok(_) | Err(_) => named.files.push(path.clone()),
            },
            Self::Pattern(pattern) => {
                named.is_group = true;
                named.match_pattern(pattern);
            }
        }
        // Read positions outlive the process, and so must not depend on the folder that it was started in.
        for path in &mut named.files {
            if let Ok(whole) = std::path::absolute(&path) {
                *path = whole;
            }
        }
        named.files.sort();
        named
    }
}

/// What a source names at one moment.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Files, by their whole paths, in order of name.
    pub files: Vec<PathBuf>,
    /// Whether files may join, and need not be read when they are no logs.
    pub is_group: bool,
    /// What is left out, and why.
    pub skipped: Vec<(PathBuf, String)>,
    /// Why it cannot be told what it names.
    pub problem: Option<String>,
}

impl Named {
    fn match_pattern(&mut self, pattern: &str) {
        let options = glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
        let found = match glob::glob_with(pattern, options) {
            Ok(found) => found,
            Err(error) => {
                self.problem = Some(error.msg.to_owned());
                return;
            }
        };
        for entry in found.take(MOST_FILES * 2) {
            match entry {
                Ok(path) => match fs::metadata(&path) {
                    Ok(metadata) if metadata.is_dir() => {}
                    Ok(metadata) => self.add(path, &metadata),
                    // A link that leads nowhere yet.
                    Err(_) => {}
                },
                Err(error) => self.problem = Some(describe(error.path(), error.error())),
            }
        }
    }

    /// Adds the files of a directory, and those of the directories in it.
    fn walk(&mut self, directory: &Path, level: usize) {
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) if level == 0 => {
                self.problem = Some(describe(directory, &error));
                return;
            }
            Err(error) => {
                self.skipped.push((directory.to_owned(), reason(&error)));
                return;
            }
        };
        for entry in entries.flatten() {
            if is_hidden(&entry.file_name()) {
                continue;
            }
            let path = entry.path();
            let Ok(metadata) = fs::metadata(&path) else { continue };
            if !metadata.is_dir() {
                self.add(path, &metadata);
            } else if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                self.skipped.push((path, "it is a link to a directory".to_owned()));
            } else if level == MOST_LEVELS {
                self.skipped.push((path, "it lies too deep".to_owned()));
            } else {
                self.walk(&path, level + 1);
            }
        }
    }

    fn add(&mut self, path: PathBuf, metadata: &Metadata) {
        if let Some(why) = refusal(metadata).or_else(|| is_fifo(metadata).then(|| "it is a pipe".to_owned())) {
            self.skipped.push((path, why));
        } else if self.files.len() >= MOST_FILES {
            self.skipped.push((path, format!("there are more than {MOST_FILES} files")));
        } else {
            self.files.push(path);
        }
    }
}

fn is_hidden(name: &OsString) -> bool {
    name.as_encoded_bytes().first() == Some(&b'.')
}

/// Whether it is a named pipe.
#[cfg(unix)]
pub(super) fn is_fifo(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    metadata.file_type().is_fifo()
}

/// Whether it is a named pipe.
#[cfg(not(unix))]
pub(super) fn is_fifo(_: &Metadata) -> bool {
    false
}

/// Why something that exists is never read; `None` for a file or a pipe.
pub(super) fn refusal(metadata: &Metadata) -> Option<String> {
    if metadata.is_file() || is_fifo(metadata) {
        return None;
    }
    Some(if metadata.is_dir() { "it is a directory" } else { "it is a device or a socket" }.to_owned())
}

/// Says which path cannot be read, and why.
pub(super) fn describe(path: &Path, error: &io::Error) -> String {
    format!("{}: {}", path.display(), reason(error))
}

/// The reason in words, without the number that the system gives it.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or(&text).to_owned()
        }
    }
}

#[cfg(test)]
mod tests;
