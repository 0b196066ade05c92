//! Finds what was moved, copied or compressed, and what came after it.

use std::cmp::Ordering;
use std::fs::{self, File, Metadata};
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::archive::{Archive, Format};
use super::identity::{FileId, Head, LEAST_EVIDENCE};
use super::rotation::{self, Sibling, Suffix};
use super::stream::{Phase, Stream};
use super::{Cursor, Sources};
use crate::units::{Minute, Timestamp};

/// A file that was opened and looked at.
pub(super) struct Seen {
    pub path: PathBuf,
    pub file: File,
    pub metadata: Metadata,
    pub format: Format,
    /// Its first bytes, decompressed.
    pub head: Head,
    /// The decompressor, behind the head.
    pub archive: Option<Archive>,
    /// Whether decompressing failed within the head.
    is_broken: bool,
}

impl Seen {
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("it is no file"));
        }
        let raw = Head::of_file(&file)?;
        let format = Format::of(raw.bytes());
        file.seek(SeekFrom::Start(0))?;
        let archive = match format {
            Format::Gzip | Format::Zstd => Archive::new(file.try_clone()?, format),
            Format::Plain | Format::Unsupported(_) => None,
        };
        let mut seen = Self { path: path.to_owned(), file, metadata, format, head: raw, archive, is_broken: false };
        if let Some(archive) = &mut seen.archive {
            let (head, error) = Head::read(archive);
            (seen.head, seen.is_broken) = (head, error.is_some());
        }
        Ok(seen)
    }

    /// The minute in which it was last written to.
    pub fn minute(&self) -> Option<Minute> {
        let since_epoch = self.metadata.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some(Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).ok()?).minute())
    }

    /// Whether it is an archive of which nothing can be read (yet).
    pub fn is_unfinished(&self) -> bool {
        let is_called_packed = self.path.extension().is_some_and(|end| end == "gz" || end == "zst");
        let is_started = self.format == Format::Plain && is_called_packed && self.metadata.len() < 4;
        is_started || self.is_broken && self.head.bytes().is_empty()
    }

    /// Whether it is empty under a rotated name: perhaps a copy about to be made.
    pub fn is_vacant(&self) -> bool {
        let name = self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        self.format == Format::Plain && self.metadata.len() == 0 && rotation::split(name).1.is_some()
    }

    /// Whether this is the stream's file: by device and inode, and by content.
    fn is_of(&self, stream: &Stream) -> bool {
        let cursor = &stream.cursor;
        let is_packed = self.format != Format::Plain;
        let is_whole = is_packed || self.metadata.len() >= cursor.offset && stream.continues_in(&self.file);
        let is_cut = !is_packed && self.metadata.len() < cursor.offset && self.head.is_full();
        // Of an empty file nothing is known but a number, which another may have got meanwhile.
        let is_known = cursor.fingerprint_bytes > 0 || stream.is_open();
        let has_number = stream.file_id() == FileId::of(&self.metadata);
        !stream.is_pipe && has_number && is_known && self.head.agrees_with(cursor) && (is_whole || is_cut)
    }

    /// Whether the stream may be read on from here: the first bytes agree, and nothing is missing.
    fn holds_rest_of(&self, stream: &Stream) -> bool {
        let cursor = &stream.cursor;
        cursor.fingerprint_bytes > 0
            && self.head.agrees_with(cursor)
            && match self.format {
                Format::Plain => self.metadata.len() >= cursor.offset && stream.continues_in(&self.file),
                Format::Gzip | Format::Zstd => true,
                Format::Unsupported(_) => false,
            }
    }
}

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recognized {
    /// This stream.
    Same(usize),
    /// A copy of a stream, with nothing in it that is not read elsewhere.
    Copy,
    /// Nothing known.
    New,
}

impl Sources {
    /// Tells whether the file is known, under whatever name.
    pub(super) fn recognize(&self, seen: &Seen) -> Recognized {
        if let Some(same) = self.same_file(seen) {
            return Recognized::Same(same);
        }
        let family = family(&seen.path);
        let relatives = self.by_family.get(&family).into_iter().flatten();
        let is_copy = relatives.filter_map(|at| self.streams.get(*at)).any(|stream| is_copy(stream, seen));
        if is_copy { Recognized::Copy } else { Recognized::New }
    }

    /// The stream that is read from this very file.
    fn same_file(&self, seen: &Seen) -> Option<usize> {
        let candidates = self.by_file.get(&FileId::of(&seen.metadata))?;
        candidates.iter().rev().copied().find(|at| self.streams.get(*at).is_some_and(|stream| seen.is_of(stream)))
    }

    /// A stream left its place: finds where its file is now.
    pub(super) fn find_again(&mut self, at: usize, now: Timestamp) {
        let Some(stream) = self.streams.get(at) else { return };
        let id = stream.file_id();
        let found = beside(stream)
            .into_iter()
            .find(|sibling| FileId::of(&sibling.metadata) == id && sibling.path != stream.cursor.path && id.inode != 0);
        let is_open = stream.is_open();
        match found {
            Some(sibling) if is_open || self.open_at(at, &sibling.path) => self.renamed(at, &sibling.path),
            // It has no name any more, or one elsewhere; the open file is read to its end.
            Some(_) | None if is_open => {}
            Some(_) | None => self.read_copy(at, now),
        }
    }

    /// The file has other content now, or is gone: the rest is read from a copy, when there is one.
    pub(super) fn read_copy(&mut self, at: usize, now: Timestamp) {
        match self.find_copy(at) {
            Some(copy) => self.move_to(at, copy, now),
            None => self.lose_rest(at),
        }
    }

    /// The best file beside the stream's that holds the rest of it under another identity.
    pub(super) fn find_copy(&self, at: usize) -> Option<Seen> {
        let stream = self.streams.get(at)?;
        let names = names(stream);
        let mut best: Option<(bool, SystemTime, Seen)> = None;
        for sibling in beside(stream) {
            let Some(name) = sibling.path.file_name() else { continue };
            let is_related = names.iter().any(|from| rotation::may_become(from, name));
            if !is_related || FileId::of(&sibling.metadata) == stream.file_id() {
                continue;
            }
            let Ok(seen) = Seen::open(&sibling.path) else { continue };
            let is_another = self.same_file(&seen).is_some_and(|other| other != at);
            let is_newer = stream.modified.is_some_and(|modified| sibling.modified() >= modified);
            let is_sure = is_newer || stream.cursor.offset == 0 || stream.cursor.fingerprint_bytes >= LEAST_EVIDENCE;
            if is_another || !is_sure || !seen.holds_rest_of(stream) {
                continue;
            }
            let rank = (seen.format == Format::Plain, sibling.modified());
            if best.as_ref().is_none_or(|(is_plain, modified, _)| (*is_plain, *modified) < rank) {
                best = Some((rank.0, rank.1, seen));
            }
        }
        best.map(|(_, _, seen)| seen)
    }

    /// Takes up the files that stood at the place between the stream that was there last and what is
    /// there now, oldest first: several rotations may have happened between two looks.
    pub(super) fn take_up_chain(&mut self, index: usize, now: Timestamp) {
        let Some(place) = self.places.get(index) else { return };
        let Some(last) = place.last.and_then(|last| self.streams.get(last)) else { return };
        let Some(name) = place.path.file_name().and_then(|name| name.to_str()) else { return };
        let (sources, path) = (place.sources.clone(), place.path.clone());
        let siblings = rotation::siblings(&[&path, &last.real]);
        let real_name = last.base_name();
        let since = Since::of(last, &path, &siblings, &[name, &real_name]);
        let mut chain: Vec<(SystemTime, Suffix, PathBuf)> = siblings
            .iter()
            .filter_map(|sibling| {
                let file = sibling.path.file_name()?.to_str()?;
                let suffix = rotation::rotated_from(file, name).or_else(|| rotation::rotated_from(file, &real_name))?;
                let is_newer = since.is_before(sibling.modified(), &suffix);
                let is_free = sibling.path != path && !self.place_at.contains_key(&sibling.path);
                (is_newer && is_free && sibling.metadata.len() > 0)
                    .then(|| (sibling.modified(), suffix, sibling.path.clone()))
            })
            .collect();
        chain.sort_by(|one, two| one.0.cmp(&two.0).then_with(|| one.1.by_age(&two.1)));
        for (_, _, path) in chain {
            let Ok(seen) = Seen::open(&path) else { continue };
            let is_readable = !matches!(seen.format, Format::Unsupported(_)) && !seen.is_unfinished();
            if is_readable && self.recognize(&seen) == Recognized::New {
                let at = self.add_stream(seen, sources.clone(), Phase::Rotated(now));
                if let Some(place) = self.places.get_mut(index) {
                    place.last = Some(at);
                }
            }
        }
    }
}

/// The point in a chain of rotated files behind which they are of interest.
struct Since {
    modified: SystemTime,
    suffix: Option<Suffix>,
    /// Whether a file written to at just that time counts.
    is_inclusive: bool,
}

impl Since {
    /// The point at which the stream stands: its file, where that is still there, or else the time at
    /// which it was last written to, as far as known.
    fn of(stream: &Stream, place: &Path, siblings: &[Sibling], bases: &[&str]) -> Self {
        if let (0, Some(modified)) = (stream.cursor.offset, stream.born) {
            // It was only seen empty, and may have been written to, copied and truncated since.
            return Self { modified, suffix: None, is_inclusive: true };
        }
        let id = stream.file_id();
        // At the place itself, the file is no longer the stream's: it was truncated. Elsewhere, a file
        // may have been given the number of one that was deleted.
        let real_place = fs::canonicalize(place).unwrap_or_else(|_| place.to_owned());
        let file = siblings.iter().find(|sibling| {
            let is_elsewhere = sibling.path != place && sibling.path != real_place;
            let has_number = FileId::of(&sibling.metadata) == id;
            is_elsewhere && has_number && Seen::open(&sibling.path).is_ok_and(|seen| seen.is_of(stream))
        });
        if let Some(sibling) = file {
            let name = sibling.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let suffix = bases.iter().find_map(|base| rotation::rotated_from(name, base));
            return Self { modified: sibling.modified(), suffix, is_inclusive: false };
        }
        if let Some(modified) = stream.modified {
            return Self { modified, suffix: None, is_inclusive: true };
        }
        let last = stream.cursor.last_minute.map_or(Timestamp::MAX, |minute| Minute::from_number(minute).start());
        let micros = u64::try_from(last.micros()).unwrap_or(0);
        let modified = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
        Self { modified, suffix: None, is_inclusive: true }
    }

    fn is_before(&self, modified: SystemTime, suffix: &Suffix) -> bool {
        match self.modified.cmp(&modified) {
            Ordering::Less => true,
            Ordering::Greater => false,
            Ordering::Equal => {
                self.is_inclusive || self.suffix.as_ref().is_some_and(|own| own.by_age(suffix) == Ordering::Less)
            }
        }
    }
}

/// Whether the file holds nothing but what is, or will be, read of the stream.
fn is_copy(stream: &Stream, seen: &Seen) -> bool {
    let name = seen.path.file_name().unwrap_or_default();
    if stream.is_pipe || !names(stream).iter().any(|from| rotation::may_become(from, name)) {
        return false;
    }
    let is_whole = stream.cursor.fingerprint_bytes >= LEAST_EVIDENCE
        && seen.head.agrees_with(&stream.cursor)
        && (seen.format != Format::Plain || stream.continues_in(&seen.file));
    let is_in_the_making = !seen.head.is_full()
        && stream.head().is_some_and(|head| seen.head.grew_into(head) && !seen.head.bytes().is_empty());
    is_whole || is_in_the_making
}

/// The files beside the stream's, under the name it was given and under its own.
fn beside(stream: &Stream) -> Vec<Sibling> {
    rotation::siblings(&[&stream.cursor.path, &stream.real])
}

fn names(stream: &Stream) -> [&std::ffi::OsStr; 2] {
    [stream.cursor.path.file_name().unwrap_or_default(), stream.real.file_name().unwrap_or_default()]
}

/// What related files have in common: the directory, and the letters of the name.
pub(super) fn family(path: &Path) -> (PathBuf, String) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let letters = rotation::split(&name).0.chars().filter(|sign| sign.is_alphabetic() && !matches!(sign, 'T' | 'Z'));
    (rotation::parent(path).unwrap_or_default(), letters.collect())
}

/// Whether two paths may have been the same file at different times.
pub(super) fn are_related(path: &Path, cursor: &Cursor) -> bool {
    path == cursor.path || family(path) == family(&cursor.path)
}
