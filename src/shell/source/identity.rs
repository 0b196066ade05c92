//! Knows a file again: by device and inode, and by its first bytes.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};

use sha2::{Digest, Sha256};

use super::Cursor;

/// How many first bytes of a stream identify it.
pub(super) const HEAD_BYTES: usize = 4096;

/// Equal first bytes, below which two files are not held to be copies of each other: a program may
/// begin every log with the same short line.
pub(super) const LEAST_EVIDENCE: u32 = 32;

/// Device and inode; both 0 where the platform has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FileId {
    pub device: u64,
    pub inode: u64,
}

impl FileId {
    #[cfg(unix)]
    pub fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    #[cfg(not(unix))]
    pub fn of(_: &Metadata) -> Self {
        Self { device: 0, inode: 0 }
    }

    pub fn of_cursor(cursor: &Cursor) -> Self {
        Self { device: cursor.device, inode: cursor.inode }
    }
}

/// The first bytes of a stream, at most [`HEAD_BYTES`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head(Vec<u8>);

impl Head {
    /// Reads from the current position; an error ends it early, as the end of the file does.
    pub fn read(reader: &mut dyn Read) -> (Self, Option<io::Error>) {
        let mut bytes = Vec::new();
        let error = reader.take(HEAD_BYTES as u64).read_to_end(&mut bytes).err();
        (Self(bytes), error)
    }

    /// Reads the first bytes of a file.
    pub fn of_file(mut file: &File) -> io::Result<Self> {
        file.seek(SeekFrom::Start(0))?;
        match Self::read(&mut file) {
            (head, None) => Ok(head),
            (_, Some(error)) => Err(error),
        }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// How many bytes there are; fits by construction.
    pub fn len(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Whether nothing longer can be read.
    pub fn is_full(&self) -> bool {
        self.0.len() >= HEAD_BYTES
    }

    /// Whether the file that had this head is the one that has `later` now.
    pub fn grew_into(&self, later: &Self) -> bool {
        later.0.starts_with(&self.0)
    }

    /// Whether it begins with the bytes that the cursor's fingerprint was made of.
    pub fn agrees_with(&self, cursor: &Cursor) -> bool {
        let covered = usize::try_from(cursor.fingerprint_bytes).unwrap_or(usize::MAX);
        self.0.get(..covered).is_some_and(|covered| digest(covered) == cursor.fingerprint)
    }

    /// Writes it into the cursor; returns whether that changed anything.
    pub fn identify(&self, cursor: &mut Cursor) -> bool {
        if self.len() == cursor.fingerprint_bytes && self.agrees_with(cursor) {
            return false;
        }
        cursor.fingerprint_bytes = self.len();
        cursor.fingerprint = digest(&self.0);
        true
    }

    /// Whether this is no text: a NUL behind the run of NULs with which a log begins whose writer
    /// went on at its old position after the file was truncated.
    pub fn is_binary(&self) -> bool {
        let text = self.0.iter().position(|byte| *byte != 0).unwrap_or(self.0.len());
        self.0.iter().skip(text).any(|byte| *byte == 0)
    }
}

fn digest(bytes: &[u8]) -> [u8; 16] {
    let mut first = [0; 16];
    for (to, from) in first.iter_mut().zip(Sha256::digest(bytes)) {
        *to = from;
    }
    first
}

/// Reads up to this many bytes at an offset.
pub(super) fn read_at(mut file: &File, offset: u64, most: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::with_capacity(most);
    file.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
