//! One stream of bytes: a file known by its identity, wherever it is called what.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::archive::Archive;
use super::identity::{FileId, Head, read_at};
use super::stretch::Stretch;
use super::{Cursor, StreamId};
use crate::units::Timestamp;

/// Bytes handed on at a time.
pub(super) const CHUNK: usize = 256 * 1024;

/// Bytes before the position that are read again each time: when they changed, the file was written anew.
const TAIL_BYTES: usize = 64;

/// How long after a change a file is looked into even when size and time seem unchanged: the file
/// system's clock may be that coarse.
const RACY: Duration = Duration::from_secs(2);

/// Where a stream stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Known from a cursor; not met in this run.
    Known,
    /// Read, and followed at its place.
    Live,
    /// No longer at its place; read until it was quiet for a while. Says since when it is quiet.
    Rotated(Timestamp),
    /// Compressed; read once.
    Packed,
    /// A pipe; somebody else reads it.
    Pipe,
    /// Read to its end.
    Ended,
}

/// What a look at a file found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The same file, perhaps longer.
    Intact,
    /// The same file, and more of its first bytes identify it now.
    Identified,
    /// The same file, cut to this length.
    Shortened(u64),
    /// Other content.
    Replaced,
}

/// What reading gave.
pub(super) enum Chunk {
    Bytes(Vec<u8>),
    /// There is no more now.
    End,
    /// The file was written anew while it was read.
    Replaced,
}

/// An open file, and what is remembered to notice that it was written anew.
struct OpenFile {
    file: File,
    head: Head,
}

struct OpenArchive {
    archive: Archive,
    /// What was read to identify it and not handed on yet.
    pending: Vec<u8>,
    /// Why it cannot be read on, told when everything before was handed on.
    error: Option<io::Error>,
}

/// Where bytes come from.
enum Input {
    Closed,
    Plain(OpenFile),
    Packed(OpenArchive),
}

pub(super) struct Stream {
    /// Its name in this run.
    pub id: StreamId,
    /// Its identity; the offset is that of the next byte to hand on.
    pub cursor: Cursor,
    pub phase: Phase,
    /// The sources it belongs to.
    pub sources: Vec<usize>,
    /// Bytes known to exist; of an archive, compressed ones.
    pub size: u64,
    pub modified: Option<SystemTime>,
    /// When it had last been written to, when it was first seen in this run.
    pub born: Option<SystemTime>,
    /// Where reading stops when files are not followed.
    pub limit: u64,
    /// Whether it was read to its end once.
    pub caught_up: bool,
    /// The path without links.
    pub real: PathBuf,
    /// Whether it is a pipe, which has no identity and no past.
    pub is_pipe: bool,
    /// Whether it is compressed.
    pub is_packed: bool,
    /// Why it cannot be read on.
    pub problem: Option<String>,
    /// The last bytes before the position, as far as known; kept when the file is closed.
    tail: Vec<u8>,
    input: Input,
}

impl Stream {
    pub fn new(id: StreamId, cursor: Cursor, phase: Phase) -> Self {
        Self {
            id,
            real: cursor.path.clone(),
            cursor,
            phase,
            sources: Vec::new(),
            size: 0,
            modified: None,
            born: None,
            limit: u64::MAX,
            caught_up: false,
            is_pipe: phase == Phase::Pipe,
            is_packed: false,
            problem: None,
            tail: Vec::new(),
            input: Input::Closed,
        }
    }

    /// The name of its file, without links.
    pub fn base_name(&self) -> String {
        self.real.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub fn file_id(&self) -> FileId {
        FileId::of_cursor(&self.cursor)
    }

    pub fn is_pipe(&self) -> bool {
        self.is_pipe
    }

    pub fn is_open(&self) -> bool {
        !matches!(self.input, Input::Closed)
    }

    /// The first bytes, while the file is open.
    pub fn head(&self) -> Option<&Head> {
        match &self.input {
            Input::Plain(open) => Some(&open.head),
            Input::Closed | Input::Packed(_) => None,
        }
    }

    /// What the system says of the open file.
    pub fn metadata(&self) -> Option<Metadata> {
        match &self.input {
            Input::Plain(open) => open.file.metadata().ok(),
            Input::Closed | Input::Packed(_) => None,
        }
    }

    /// Reads on from this plain file, whose identity was checked.
    pub fn attach(&mut self, file: File, head: Head) -> io::Result<()> {
        if self.tail.is_empty() {
            let n_tail = (TAIL_BYTES as u64).min(self.cursor.offset);
            self.tail = read_at(&file, self.cursor.offset - n_tail, usize::try_from(n_tail).unwrap_or(0))?;
        }
        self.size = file.metadata()?.len().max(self.cursor.offset);
        self.input = Input::Plain(OpenFile { file, head });
        self.problem = None;
        Ok(())
    }

    /// Reads on from this archive, whose first decompressed bytes were taken already.
    pub fn attach_archive(&mut self, mut archive: Archive, head: Head, size: u64) -> io::Result<()> {
        let offset = usize::try_from(self.cursor.offset).unwrap_or(usize::MAX);
        let mut pending = head.into_bytes();
        let n_beyond = self.cursor.offset.saturating_sub(pending.len() as u64);
        pending.drain(..offset.min(pending.len()));
        let skipped = io::copy(&mut (&mut archive).take(n_beyond), &mut io::sink())?;
        self.size = size;
        self.problem = None;
        if skipped < n_beyond {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ends before what was read of it earlier"));
        }
        self.input = Input::Packed(OpenArchive { archive, pending, error: None });
        Ok(())
    }

    /// Closes the file; what is remembered of it beyond the cursor is forgotten.
    pub fn close(&mut self) {
        self.input = Input::Closed;
    }

    /// Whether the file has to be looked into, going by what the system says of it.
    pub fn needs_look(&self, metadata: &Metadata) -> bool {
        let modified = metadata.modified().ok();
        let is_racy = modified.and_then(|time| time.elapsed().ok()).is_none_or(|age| age < RACY);
        is_racy || metadata.len() != self.size || modified != self.modified
    }

    /// Looks into the open file: is it still the same, and how long is it now?
    pub fn look(&mut self, metadata: &Metadata) -> io::Result<Look> {
        let Input::Plain(open) = &mut self.input else { return Ok(Look::Intact) };
        let head = Head::of_file(&open.file)?;
        let length = metadata.len();
        if !open.head.grew_into(&head) {
            return Ok(Look::Replaced);
        }
        if length < self.cursor.offset {
            return Ok(if head.is_full() { Look::Shortened(length) } else { Look::Replaced });
        }
        if !holds_at(&open.file, self.cursor.offset, &self.tail)? {
            return Ok(Look::Replaced);
        }
        self.size = length;
        self.modified = metadata.modified().ok();
        let is_new = head.identify(&mut self.cursor);
        open.head = head;
        Ok(if is_new { Look::Identified } else { Look::Intact })
    }

    /// Goes on at another position of the same file.
    pub fn move_position(&mut self, offset: u64) {
        (self.cursor.offset, self.cursor.mid_event, self.cursor.lead) = (offset, false, None);
        self.tail.clear();
        self.close();
    }

    /// Reads the next bytes.
    pub fn read(&mut self) -> io::Result<Chunk> {
        let chunk = match &mut self.input {
            Input::Closed => Chunk::End,
            Input::Plain(open) => {
                let known = self.size.min(self.limit).saturating_sub(self.cursor.offset);
                let most = usize::try_from(known).unwrap_or(usize::MAX).min(CHUNK);
                open.read(self.cursor.offset, most, &mut self.tail)?
            }
            Input::Packed(open) => open.read()?,
        };
        if let Chunk::Bytes(bytes) = &chunk {
            self.cursor.offset += bytes.len() as u64;
        }
        Ok(chunk)
    }

    /// Gives the open plain file away with all that is known to be unread in it, and goes on behind that.
    pub fn hand_over(&mut self) -> Option<Stretch> {
        let open = match std::mem::replace(&mut self.input, Input::Closed) {
            Input::Plain(open) => open,
            other @ (Input::Closed | Input::Packed(_)) => {
                self.input = other;
                return None;
            }
        };
        let end = self.size.min(self.limit);
        let stretch = Stretch::new(open.file, &self.cursor.path, self.cursor.offset..end);
        self.cursor.offset = self.cursor.offset.max(end);
        self.tail.clear();
        Some(stretch)
    }

    /// Whether the bytes before the position, as far as remembered, are the same in this plain file:
    /// it may be the stream's, or a copy. Of a shorter file, what is there must agree.
    pub fn continues_in(&self, file: &File) -> bool {
        let start = self.cursor.offset - self.tail.len() as u64;
        self.is_packed || read_at(file, start, self.tail.len()).is_ok_and(|bytes| self.tail.starts_with(&bytes))
    }

    /// Whether there is, or may be, something to read.
    pub fn wants_reading(&self) -> bool {
        match self.phase {
            Phase::Known | Phase::Pipe | Phase::Ended => false,
            Phase::Packed => self.problem.is_none(),
            Phase::Live | Phase::Rotated(_) => self.behind() > 0 || !self.caught_up,
        }
    }

    /// Whether nothing more will come when files are not followed.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Known | Phase::Ended)
    }

    /// Bytes known to exist that were not handed on; of an archive, compressed ones.
    pub fn behind(&self) -> u64 {
        match (&self.input, self.phase) {
            (_, Phase::Known | Phase::Pipe | Phase::Ended) => 0,
            (Input::Packed(open), _) => self.size.saturating_sub(open.archive.consumed()),
            (Input::Closed | Input::Plain(_), _) => self.size.min(self.limit).saturating_sub(self.cursor.offset),
        }
    }
}

/// Whether the file has exactly these bytes before the offset.
fn holds_at(file: &File, offset: u64, tail: &[u8]) -> io::Result<bool> {
    Ok(read_at(file, offset - tail.len() as u64, tail.len())? == tail)
}

impl OpenFile {
    /// Reads on, together with the bytes before, so that a change of the file between a look and this
    /// is noticed.
    fn read(&self, offset: u64, most: usize, tail: &mut Vec<u8>) -> io::Result<Chunk> {
        if most == 0 {
            return Ok(Chunk::End);
        }
        let n_tail = tail.len();
        let mut bytes = read_at(&self.file, offset - n_tail as u64, n_tail + most)?;
        if !bytes.starts_with(tail) {
            return Ok(Chunk::Replaced);
        }
        let keep = bytes.len().saturating_sub(TAIL_BYTES);
        *tail = bytes.get(keep..).unwrap_or_default().to_vec();
        bytes.drain(..n_tail);
        Ok(if bytes.is_empty() { Chunk::End } else { Chunk::Bytes(bytes) })
    }
}

impl OpenArchive {
    fn read(&mut self) -> io::Result<Chunk> {
        let mut bytes = std::mem::take(&mut self.pending);
        if self.error.is_none() {
            self.error = (&mut self.archive).take(CHUNK as u64).read_to_end(&mut bytes).err();
        }
        match self.error.take_if(|_| bytes.is_empty()) {
            Some(error) => Err(error),
            None if bytes.is_empty() => Ok(Chunk::End),
            None => Ok(Chunk::Bytes(bytes)),
        }
    }
}
