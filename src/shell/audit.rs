//! Keeps the audit record in a file: one entry a line, only ever appended to.
//!
//! Input: what was done. Output: the file, and beside it (`.head`) how far the record reached, so that
//! a record whose end was cut off is told from a shorter one.
//!
//! Any number of processes may append: each holds an exclusive lock from reading the last entry until
//! its own is on the disk. A line that a crash left unfinished is taken away and that is recorded;
//! anything else that is wrong with the end makes appending fail, so that nothing is built on a record
//! that somebody changed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::remedy::audit::{self, Break, Entry, Head};
use crate::triage::{Change, Ruling};
use crate::units::{Digest, SignatureId, Timestamp};

/// Longest line that is read, in bytes; entries are far shorter.
const LONGEST_LINE: u64 = 4 << 20;

/// Why the audit record cannot be read or continued.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The system refused to read or write it.
    #[error("cannot use the audit record {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// It is not as it was written, so nothing is added to it.
    #[error("the audit record {} was changed", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Where, and how.
        #[source]
        source: Break,
    },
}

/// The outcome of checking a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries it has.
    pub entries: u64,
    /// The last one, if there is any.
    pub head: Option<Head>,
    /// Bytes of an unfinished last line, which a crash may leave; the next entry mends it.
    pub torn_bytes: u64,
}

/// An audit record that can be appended to.
#[derive(Clone, Debug)]
pub struct AuditLog {
    path: PathBuf,
}

impl AuditLog {
    /// Names the file; it and its folder are made with the first entry.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends an entry and returns it once it is on the disk.
    ///
    /// Waits for other processes that append. Where a crash left an unfinished line, an entry
    /// `audit.repaired` goes before this one.
    ///
    /// # Errors
    ///
    /// When the file cannot be written, or its end is not as it was written.
    pub fn append(&self, at: Timestamp, actor: &str, action: &str, detail: Value) -> Result<Entry, AuditError> {
        let mut file = self.open()?;
        file.lock().map_err(self.io())?;
        let (head, torn) = self.end(&mut file)?;
        let head = match torn {
            None => head,
            Some(torn) => {
                file.set_len(torn.starts_at).map_err(self.io())?;
                let detail = json!({"dropped_bytes": torn.bytes, "sha256": torn.digest.to_string()});
                let repaired = Entry::after(head, at, "aftercare", audit::REPAIRED, detail);
                self.write(&mut file, &repaired)?;
                Some(repaired.head())
            }
        };
        let entry = Entry::after(head, at, actor, action, detail);
        self.write(&mut file, &entry)?;
        Ok(entry)
    }

    /// Reads all whole entries; none where there is no file yet.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or a whole line is no entry. The chain is not checked;
    /// [`AuditLog::verify`] does.
    pub fn read(&self) -> Result<Vec<Entry>, AuditError> {
        Ok(self.read_with_torn()?.0)
    }

    /// The last word that a person said on this error after this deploy; what cannot be read says nothing.
    #[must_use]
    pub fn ruling(&self, signature: SignatureId, change: &Change) -> Option<Ruling> {
        let said = self.read().ok()?.into_iter().rev().filter(|entry| entry.action == audit::RULED);
        let mut rulings = said.filter_map(|entry| serde_json::from_value::<Ruling>(entry.detail).ok());
        rulings.find(|ruling| ruling.is_about(signature, change))
    }

    /// Checks every entry, the chain, and that the record reaches as far as it once did.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is not as it was written.
    pub fn verify(&self) -> Result<Verified, AuditError> {
        let (entries, torn_bytes) = self.read_with_torn()?;
        audit::verify(&entries).map_err(self.broken())?;
        if let Some(kept) = self.kept_head()? {
            audit::verify_reaches(&entries, kept).map_err(self.broken())?;
        }
        let head = entries.last().map(Entry::head);
        Ok(Verified { entries: entries.len() as u64, head, torn_bytes })
    }

    fn read_with_torn(&self) -> Result<(Vec<Entry>, u64), AuditError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
            Err(error) => return Err(self.io()(error)),
        };
        // A shared lock: an entry that is just being written is no torn one.
        file.lock_shared().map_err(self.io())?;
        let mut reader = BufReader::new(file);
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let mut line = Vec::new();
            let n_bytes = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(self.io())?;
            if n_bytes == 0 {
                return Ok((entries, 0));
            }
            let number = entries.len() as u64 + 1;
            if line.pop_if(|byte| *byte == b'\n').is_none() {
                if n_bytes as u64 == LONGEST_LINE {
                    return Err(self.broken()(Break { number, why: "it is too long for an entry".to_owned() }));
                }
                return Ok((entries, n_bytes as u64));
            }
            entries.push(parse(&line, number).map_err(self.broken())?);
        }
    }

    fn open(&self) -> Result<File, AuditError> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(self.io())?;
        }
        OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.path).map_err(self.io())
    }

    fn write(&self, file: &mut File, entry: &Entry) -> Result<(), AuditError> {
        file.write_all((entry.line() + "\n").as_bytes()).map_err(self.io())?;
        file.sync_data().map_err(self.io())?;
        self.keep_head(entry.head())
    }

    /// Reads the end of the file: the last whole entry, and what a crash left behind it.
    fn end(&self, file: &mut File) -> Result<(Option<Head>, Option<Torn>), AuditError> {
        let length = file.metadata().map_err(self.io())?.len();
        let from = length.saturating_sub(LONGEST_LINE);
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(from)).map_err(self.io())?;
        Read::by_ref(file).take(LONGEST_LINE).read_to_end(&mut tail).map_err(self.io())?;
        let whole = memchr::memrchr(b'\n', &tail).map_or(0, |end| end + 1);
        let (lines, rest) = tail.split_at(whole);
        let torn = (!rest.is_empty()).then(|| Torn {
            starts_at: from + whole as u64,
            bytes: rest.len() as u64,
            digest: Digest::from_bytes(Sha256::digest(rest).into()),
        });
        let last = lines.strip_suffix(b"\n").map(|lines| {
            let start = memchr::memrchr(b'\n', lines).map_or(0, |end| end + 1);
            lines.get(start..).unwrap_or_default()
        });
        let kept = self.kept_head()?;
        let next = kept.map_or(1, |kept| kept.number);
        let head = match last {
            Some(line) => Some(self.last_head(line, next)?),
            None if from > 0 => {
                return Err(self.broken()(Break { number: next, why: "it is too long for an entry".to_owned() }));
            }
            None => None,
        };
        self.reaches(head, kept)?;
        Ok((head, torn))
    }

    fn last_head(&self, line: &[u8], number: u64) -> Result<Head, AuditError> {
        let entry = parse(line, number).map_err(self.broken())?;
        let before = entry.number.checked_sub(1).filter(|&number| number > 0);
        let before = before.map(|number| Head { number, digest: entry.previous });
        audit::verify_next(before, &entry).map_err(self.broken())?;
        Ok(entry.head())
    }

    /// Refuses to continue a record that once reached further, or ended otherwise.
    fn reaches(&self, head: Option<Head>, kept: Option<Head>) -> Result<(), AuditError> {
        let Some(kept) = kept else { return Ok(()) };
        let why = match head {
            None => "it is missing; the end of the record was cut off",
            Some(head) if head.number < kept.number => "it is missing; the end of the record was cut off",
            Some(head) if head.number == kept.number && head.digest != kept.digest => {
                "another entry stands in its place"
            }
            Some(_) => return Ok(()),
        };
        Err(self.broken()(Break { number: kept.number, why: why.to_owned() }))
    }

    fn head_path(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".head");
        PathBuf::from(name)
    }

    /// Keeps how far the record reached; replaced as a whole, so never half written.
    fn keep_head(&self, head: Head) -> Result<(), AuditError> {
        let path = self.head_path();
        let mut fresh = path.clone().into_os_string();
        fresh.push(".new");
        let text = json!({"number": head.number, "digest": head.digest.to_string()}).to_string();
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
            file.write_all(text.as_bytes())?;
            file.sync_data()?;
            fs::rename(&fresh, &path)
        };
        write().map_err(self.io())
    }

    fn kept_head(&self) -> Result<Option<Head>, AuditError> {
        let text = match fs::read_to_string(self.head_path()) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.io()(error)),
        };
        let unreadable =
            |error: serde_json::Error| Break { number: 0, why: format!("the kept head cannot be read ({error})") };
        serde_json::from_str(&text).map(Some).map_err(unreadable).map_err(self.broken())
    }

    fn io(&self) -> impl Fn(io::Error) -> AuditError + use<'_> {
        |source| AuditError::Io { path: self.path.clone(), source }
    }

    fn broken(&self) -> impl Fn(Break) -> AuditError + use<'_> {
        |source| AuditError::Broken { path: self.path.clone(), source }
    }
}

/// What a crash left behind the last whole line.
struct Torn {
    starts_at: u64,
    bytes: u64,
    digest: Digest,
}

fn parse(line: &[u8], number: u64) -> Result<Entry, Break> {
    std::str::from_utf8(line)
        .map_err(|error| error.to_string())
        .and_then(Entry::parse)
        .map_err(|why| Break { number, why })
}

#[cfg(test)]
mod tests;
