//! Models what a deploy changed.

use serde::{Deserialize, Serialize};

use super::Class;
use crate::units::Timestamp;

/// Everything between two revisions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// Full id of the revision before.
    pub base: String,
    /// Full id of the revision after.
    pub head: String,
    /// The commits in between, newest first, first parents only.
    pub commits: Vec<Commit>,
    /// The files that differ, by path.
    pub files: Vec<FileChange>,
    /// Every path at head, for finding the file that a frame names.
    pub paths: Vec<String>,
    /// Unchanged files that the error leads to, by path, with their text at head; may be empty.
    pub sources: Vec<(String, String)>,
}

/// One commit of the range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Full id.
    pub id: String,
    /// Name of its author.
    pub author: String,
    /// When it was authored.
    pub at: Timestamp,
    /// First line of its message.
    pub subject: String,
    /// Paths that it touches.
    pub paths: Vec<String>,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileStatus {
    /// It is new.
    Added,
    /// It is gone.
    Deleted,
    /// Its content or mode differs.
    Modified,
    /// It has another path, and perhaps other content.
    Renamed,
}

/// One file that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct FileChange {
    /// Path after the change; before it, for a deleted file.
    pub path: String,
    /// Path before, where it differs.
    pub old_path: Option<String>,
    /// What happened to it.
    pub status: FileStatus,
    /// What kind of file it is.
    pub class: Class,
    /// Whether it is binary, a submodule or too large to be read; then it has no hunks.
    pub opaque: bool,
    /// Its hunks, without context, in order. A file that only moved, or only changed its mode, has
    /// one hunk without lines, which stands for the file as a whole.
    pub hunks: Vec<Hunk>,
    /// Its text before; `None` for added and opaque files.
    pub base_text: Option<String>,
    /// Its text after; `None` for deleted and opaque files.
    pub head_text: Option<String>,
}

/// A hunk's number within the change, from 0 in order of file and line; written `h17`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HunkId(pub u32);

/// A run of changed lines, without context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Its number.
    pub id: HunkId,
    /// First line before, from 1; of a pure insertion, the line it follows (0 at the top).
    pub old_start: u32,
    /// First line after, from 1; of a pure deletion, the line it follows (0 at the top).
    pub new_start: u32,
    /// Lines before, without line ends.
    pub removed: Vec<String>,
    /// Lines after, without line ends.
    pub added: Vec<String>,
}

impl Change {
    /// The way back: what stands after it stands before, and the reverse. Commits, paths and sources stay as they are.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let mut back = self.clone();
        std::mem::swap(&mut back.base, &mut back.head);
        for file in &mut back.files {
            file.status = match file.status {
                FileStatus::Added => FileStatus::Deleted,
                FileStatus::Deleted => FileStatus::Added,
                FileStatus::Modified => FileStatus::Modified,
                FileStatus::Renamed => FileStatus::Renamed,
            };
            if let Some(old) = &mut file.old_path {
                std::mem::swap(old, &mut file.path);
            }
            std::mem::swap(&mut file.base_text, &mut file.head_text);
            for hunk in &mut file.hunks {
                std::mem::swap(&mut hunk.old_start, &mut hunk.new_start);
                std::mem::swap(&mut hunk.removed, &mut hunk.added);
            }
        }
        back
    }

    /// The text of a file at head, where it is known: of changed files, and of [`Change::sources`].
    #[must_use]
    pub fn text_at_head(&self, path: &str) -> Option<&str> {
        let changed = self.files.iter().find(|file| file.path == path).and_then(|file| file.head_text.as_deref());
        changed.or_else(|| self.sources.iter().find(|(source, _)| source == path).map(|(_, text)| text.as_str()))
    }
}

impl Hunk {
    /// The first and last line after the change that the hunk touches, from 1.
    ///
    /// A deletion touches the two lines between which it left its gap.
    #[must_use]
    pub fn touched(&self) -> (u32, u32) {
        match u32::try_from(self.added.len()).unwrap_or(u32::MAX) {
            0 => (self.new_start.max(1), self.new_start.saturating_add(1)),
            n_lines => (self.new_start.max(1), self.new_start.saturating_add(n_lines - 1).max(1)),
        }
    }

    /// The first and last line before the change that the hunk touches, from 1.
    ///
    /// An insertion touches the two lines between which it is put.
    #[must_use]
    pub fn touched_before(&self) -> (u32, u32) {
        match u32::try_from(self.removed.len()).unwrap_or(u32::MAX) {
            0 => (self.old_start.max(1), self.old_start.saturating_add(1)),
            n_lines => (self.old_start.max(1), self.old_start.saturating_add(n_lines - 1).max(1)),
        }
    }

    /// Whether it stands for the file as a whole and has no lines of its own.
    #[must_use]
    pub fn is_whole_file(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

impl std::fmt::Display for HunkId {
    /// Writes `h17`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "h{}", self.0)
    }
}
