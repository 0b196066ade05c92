//! A stretch of a plain file that is read where it is counted, on whatever thread that is.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::spec;

/// Bytes of an open file that were there when it was handed over.
#[derive(Clone, Debug)]
pub struct Stretch {
    opened: Arc<Opened>,
    range: Range<u64>,
}

#[derive(Debug)]
struct Opened {
    file: File,
    path: PathBuf,
}

impl Stretch {
    pub(super) fn new(file: File, path: &Path, range: Range<u64>) -> Self {
        Self { opened: Arc::new(Opened { file, path: path.to_owned() }), range }
    }

    /// How many bytes it has.
    #[must_use]
    pub const fn n_bytes(&self) -> u64 {
        self.range.end.saturating_sub(self.range.start)
    }

    /// Takes so many of its first bytes off, or all where it has fewer.
    #[must_use]
    pub fn take_front(&mut self, n_bytes: u64) -> Self {
        let at = self.range.start.saturating_add(n_bytes).min(self.range.end);
        let front = Self { opened: Arc::clone(&self.opened), range: self.range.start..at };
        self.range.start = at;
        front
    }

    /// Its last bytes, so many or all where it has fewer.
    #[must_use]
    pub fn back(&self, n_bytes: u64) -> Self {
        let start = self.range.end.saturating_sub(n_bytes).max(self.range.start);
        Self { opened: Arc::clone(&self.opened), range: start..self.range.end }
    }

    /// Hands on its bytes from the first to the last, as many at a time as the buffer takes.
    ///
    /// # Errors
    ///
    /// In words that name the file: when it cannot be read, or was shortened since. What was read before was handed on.
    pub fn read(&self, buffer: &mut [u8], mut each: impl FnMut(&[u8])) -> Result<(), String> {
        let Opened { file, path } = &*self.opened;
        let mut at = self.range.start;
        while at < self.range.end {
            let left = usize::try_from(self.range.end - at).unwrap_or(usize::MAX);
            let n_most = buffer.len().min(left);
            let room = buffer.get_mut(..n_most).unwrap_or_default();
            match file.read_at(room, at) {
                Ok(0) => return Err(format!("{}: it was shortened while it was read", path.display())),
                Ok(n_bytes) => {
                    each(room.get(..n_bytes).unwrap_or_default());
                    at += n_bytes as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(spec::describe(path, &error)),
            }
        }
        Ok(())
    }
}
