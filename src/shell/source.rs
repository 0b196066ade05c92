//! Follows files, globs, directories and standard input, and hands their bytes on.

use std::path::PathBuf;

use crate::engine::SourceState;
use crate::units::Timestamp;

/// Names one stream of bytes (one file identity, or standard input) within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u32);

/// Where a stream stands, and how to know it again after a restart.
///
/// A file is known by device, inode and the digest of its first bytes, not by its name, so that a
/// renamed file is not read twice and a new file under the old name is read from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its number among the cursors of one service: the same over restarts, renames and growth.
    pub number: u64,
    /// The path at which it was last seen; `-` for standard input.
    pub path: PathBuf,
    /// Device number; 0 where unknown.
    pub device: u64,
    /// Inode number; 0 where unknown.
    pub inode: u64,
    /// How many of its first bytes (decompressed) the fingerprint covers.
    pub fingerprint_bytes: u32,
    /// The first 16 bytes of the SHA-256 of those.
    pub fingerprint: [u8; 16],
    /// Where reading resumes: behind the last event that was counted (decompressed bytes).
    pub offset: u64,
    /// Whether continuation lines found there belong to an event already counted.
    pub mid_event: bool,
    /// Whether it was read to its end and will not grow.
    pub ended: bool,
    /// The minute of its last counted event, as its number since the epoch; `None` before the first.
    pub last_minute: Option<i32>,
}

/// What a source tells the engine's thread.
#[derive(Debug)]
pub enum Feed {
    /// A stream begins or resumes at its cursor.
    Opened(StreamId, Cursor),
    /// What identifies the stream changed (it was renamed, or its fingerprint covers more now).
    /// `offset`, `mid_event`, `ended` and `last_minute` are not meant.
    Identified(StreamId, Cursor),
    /// Its next bytes, and when they were read.
    Bytes(StreamId, Vec<u8>, Timestamp),
    /// It was read to its end and will not grow: a rotated or compressed file, or a closed pipe.
    Ended(StreamId),
    /// How the source with this index stands now.
    State(usize, SourceState),
    /// Every source that exists was read to its end once; sent once.
    CaughtUp,
    /// Bytes that are known to exist and were not read yet.
    Behind(u64),
}
