//! Watches paths: what is there, is it still the same, and what came in its place.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::archive::Format;
use super::identity::FileId;
use super::search::{Recognized, Seen};
use super::stream::{Look, Phase};
use super::{Feed, Sources, rotation, spec};
use crate::units::Timestamp;

/// Places looked at in one step.
const MOST_LOOKS: usize = 2_000;

/// One path at which a file is expected.
pub(super) struct Place {
    pub path: PathBuf,
    /// The sources that name it.
    pub sources: Vec<usize>,
    /// Whether a pattern or a directory named it, and not the user.
    pub is_found: bool,
    pub hold: Hold,
    /// The stream that was here last, until what followed it was searched.
    pub last: Option<usize>,
    /// Why what is there cannot be read.
    pub problem: Option<String>,
}

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// Nothing, or nothing that could be read so far.
    Nothing,
    /// A stream.
    Stream(usize),
    /// What was read already under another name, or is no log; its identity and length.
    Passed(FileId, u64),
    /// What could not be read as it was then.
    Stuck(FileId, u64, Option<SystemTime>),
}

impl Sources {
    /// Looks for what the sources name now.
    pub(super) fn scan(&mut self, now: Timestamp, is_first: bool) {
        let mut new = Vec::new();
        let mut named_now = vec![false; self.places.len()];
        for source in 0..self.specs.len() {
            let Some(named) = self.specs.get(source).map(super::SourceSpec::find) else { continue };
            if let Some(problem) = self.problems.get_mut(source) {
                *problem = named.problem;
            }
            for (path, why) in named.skipped {
                self.skip(source, &path, why);
            }
            for path in named.files {
                let place = self.place(path.clone(), source, named.is_group);
                match named_now.get_mut(place) {
                    Some(known) => *known = true,
                    None => {
                        named_now.push(true);
                        new.push(path);
                    }
                }
            }
        }
        self.forget_places(&named_now);
        if is_first {
            self.resume(now);
        }
        // Files written last are read last, so that rotated ones come before live ones.
        new.sort_by_cached_key(|path| fs::metadata(path).ok()?.modified().ok());
        for path in new {
            if let Some(place) = self.place_at.get(&path) {
                self.look_at_place(*place, now, true);
                self.adopt_arrivals(now);
            }
        }
    }

    /// The place at this path, made when it is new.
    fn place(&mut self, path: PathBuf, source: usize, is_found: bool) -> usize {
        let new = self.places.len();
        let index = *self.place_at.entry(path.clone()).or_insert(new);
        if index == new {
            let (hold, last, problem) = (Hold::Nothing, None, None);
            self.places.push(Place { path, sources: vec![source], is_found, hold, last, problem });
        } else if let Some(place) = self.places.get_mut(index) {
            place.is_found &= is_found;
            if !place.sources.contains(&source) {
                place.sources.push(source);
            }
        }
        index
    }

    /// Drops places that no source names any more and that are empty; never those found just now.
    fn forget_places(&mut self, named_now: &[bool]) {
        let is_kept = |(place, is_named): &(Place, bool)| *is_named || !place.is_found || place.hold != Hold::Nothing;
        if named_now.iter().all(|is_named| *is_named) {
            return;
        }
        let n_before = self.places.len();
        let named = named_now.iter().copied().chain(std::iter::repeat(true));
        self.places =
            std::mem::take(&mut self.places).into_iter().zip(named).filter(is_kept).map(|(place, _)| place).collect();
        if self.places.len() < n_before {
            self.place_at = self.places.iter().enumerate().map(|(index, place)| (place.path.clone(), index)).collect();
        }
    }

    pub(super) fn skip(&mut self, source: usize, path: &Path, why: String) {
        if self.skipped.insert(path.to_owned()) {
            self.out.push_back(Feed::Skipped { source, path: path.to_owned(), why });
        }
    }

    /// Looks at as many places as one step may.
    pub(super) fn look_at_places(&mut self, now: Timestamp, scans: bool) {
        let n_places = self.places.len();
        if !self.options.follow || n_places == 0 {
            return;
        }
        for _ in 0..n_places.min(MOST_LOOKS) {
            self.turn = (self.turn + 1) % n_places;
            self.look_at_place(self.turn, now, scans);
        }
        // When all have been looked at, more is known of what was renamed and copied.
        self.adopt_arrivals(now);
    }

    fn adopt_arrivals(&mut self, now: Timestamp) {
        for place in std::mem::take(&mut self.arrivals) {
            self.adopt(place, now);
        }
    }

    fn look_at_place(&mut self, index: usize, now: Timestamp, scans: bool) {
        let Some(place) = self.places.get_mut(index) else { return };
        let hold = place.hold;
        let found = fs::metadata(&place.path);
        place.problem = None;
        match found {
            Err(error) if is_absence(&error) => self.absent(index, hold, now, scans),
            Err(error) => place.problem = Some(spec::describe(&place.path, &error)),
            Ok(metadata) => match spec::refusal(&metadata) {
                Some(why) => place.problem = Some(format!("{}: {why}", place.path.display())),
                None if spec::is_fifo(&metadata) => self.look_at_pipe(index, &metadata, now),
                None => self.look_at_file(index, hold, &metadata, scans, now),
            },
        }
    }

    fn absent(&mut self, index: usize, hold: Hold, now: Timestamp, scans: bool) {
        if let Hold::Stream(stream) = hold {
            self.leave(index, stream, now);
        }
        let Some(place) = self.places.get_mut(index) else { return };
        place.hold = Hold::Nothing;
        let is_missing = !self.options.follow && !place.is_found;
        place.problem = is_missing.then(|| format!("{}: it does not exist", place.path.display()));
        if scans && place.last.is_some() {
            self.take_up_chain(index, now);
        }
    }

    fn look_at_pipe(&mut self, index: usize, metadata: &Metadata, now: Timestamp) {
        let again = self.options.follow;
        let Some(place) = self.places.get(index) else { return };
        let (path, sources) = (place.path.clone(), place.sources.clone());
        match place.hold {
            Hold::Stream(stream) if self.streams.get(stream).is_some_and(super::Stream::is_pipe) => return,
            Hold::Stream(stream) => self.leave(index, stream, now),
            Hold::Nothing | Hold::Passed(..) | Hold::Stuck(..) => {}
        }
        let stream = self.add_pipe(path.clone(), sources);
        let id = FileId::of(metadata);
        if let Some(stream) = self.streams.get_mut(stream) {
            (stream.cursor.device, stream.cursor.inode) = (id.device, 0);
        }
        self.pumps.open(stream, path, again);
        self.hold(index, Hold::Stream(stream));
    }

    fn look_at_file(&mut self, index: usize, hold: Hold, metadata: &Metadata, scans: bool, now: Timestamp) {
        let (id, length) = (FileId::of(metadata), metadata.len());
        match hold {
            Hold::Stream(stream) if self.is_file(stream, id) => {
                let was_empty = self.streams.get(stream).is_some_and(|it| it.phase == Phase::Live && it.size == 0);
                self.look_at_stream(index, stream, metadata, now);
                if was_empty && (scans || length > 0) {
                    self.take_up_unseen_copies(index, stream, now);
                }
            }
            Hold::Stream(stream) => {
                self.leave(index, stream, now);
                self.arrivals.push(index);
            }
            Hold::Passed(passed, passed_length) if passed == id && passed_length == length => {}
            Hold::Stuck(stuck, at, time) if (stuck, at, time) == (id, length, metadata.modified().ok()) => {
                let path = self.places.get(index).map(|place| place.path.clone()).unwrap_or_default();
                self.trouble(index, format!("{}: it is empty or not complete", path.display()));
            }
            Hold::Nothing | Hold::Passed(..) | Hold::Stuck(..) => self.arrivals.push(index),
        }
    }

    fn is_file(&self, stream: usize, id: FileId) -> bool {
        self.streams.get(stream).is_some_and(|stream| !stream.is_pipe() && stream.file_id() == id)
    }

    pub(super) fn hold(&mut self, index: usize, hold: Hold) {
        if let Some(place) = self.places.get_mut(index) {
            place.hold = hold;
        }
    }

    pub(super) fn trouble(&mut self, index: usize, problem: String) {
        if let Some(place) = self.places.get_mut(index) {
            place.problem = Some(problem);
        }
    }

    /// Looks whether the file that a stream is read from changed.
    fn look_at_stream(&mut self, index: usize, at: usize, metadata: &Metadata, now: Timestamp) {
        let path = self.places.get(index).map(|place| place.path.clone()).unwrap_or_default();
        let Some(stream) = self.streams.get_mut(at) else { return };
        let has_changed = metadata.len() != stream.size || metadata.modified().ok() != stream.modified;
        match stream.phase {
            Phase::Known | Phase::Pipe => {}
            // Written to after it was held to have ended, or another file with the number of this one.
            Phase::Ended => {
                if has_changed {
                    self.hold(index, Hold::Nothing);
                    self.arrivals.push(index);
                }
            }
            Phase::Packed => {
                if has_changed && stream.problem.is_some() {
                    (stream.size, stream.modified) = (metadata.len(), metadata.modified().ok());
                    stream.problem = None;
                }
            }
            Phase::Live | Phase::Rotated(_) => {
                if !stream.needs_look(metadata) {
                    return;
                }
                if !stream.is_open() && !self.open_at(at, &path) {
                    // Other content, or gone since: the file is taken up anew.
                    match self.streams.get(at).and_then(|stream| stream.problem.clone()) {
                        Some(problem) => self.trouble(index, problem),
                        None => self.replaced(index, at, now),
                    }
                    return;
                }
                self.look_inside(Some(index), at, metadata, now);
            }
        }
    }

    /// An empty file may have been written to, copied and truncated since it was last seen empty.
    fn take_up_unseen_copies(&mut self, index: usize, at: usize, now: Timestamp) {
        let Some(place) = self.places.get_mut(index) else { return };
        if place.hold == Hold::Stream(at) {
            place.last = Some(at);
            self.take_up_chain(index, now);
        }
    }

    /// Looks into the open file of a stream; the place is `None` when it is no longer at any.
    fn look_inside(&mut self, place: Option<usize>, at: usize, metadata: &Metadata, now: Timestamp) {
        let Some(stream) = self.streams.get_mut(at) else { return };
        match stream.look(metadata) {
            Ok(Look::Intact) => {}
            Ok(Look::Identified) => self.tell_identity(at),
            Ok(Look::Shortened(length)) => self.shorten(at, length),
            Ok(Look::Replaced) => match place {
                Some(place) => self.replaced(place, at, now),
                None => self.read_copy(at, now),
            },
            Err(error) => {
                stream.problem = Some(spec::describe(&stream.cursor.path, &error));
                stream.close();
            }
        }
    }

    /// Looks at files that are no longer at their place and may still be written to.
    pub(super) fn look_at_rotated(&mut self, now: Timestamp) {
        for at in 0..self.streams.len() {
            let Some(stream) = self.streams.get(at) else { continue };
            let Phase::Rotated(quiet_since) = stream.phase else { continue };
            self.look_at_open(at, now);
            let Some(stream) = self.streams.get_mut(at) else { continue };
            if !matches!(stream.phase, Phase::Rotated(_)) {
                continue;
            }
            if stream.behind() > 0 {
                stream.phase = Phase::Rotated(now);
            } else if stream.caught_up && now.since(quiet_since) >= self.options.grace {
                self.end(at);
            }
        }
    }

    /// The stream is no longer at the place: it was renamed, deleted, or a link leads elsewhere now.
    fn leave(&mut self, index: usize, at: usize, now: Timestamp) {
        if let Some(place) = self.places.get_mut(index) {
            (place.hold, place.last) = (Hold::Nothing, Some(at));
        }
        let is_elsewhere = self.is_held(at);
        let Some(stream) = self.streams.get_mut(at) else { return };
        if is_elsewhere || stream.phase != Phase::Live {
            return;
        }
        stream.phase = Phase::Rotated(now);
        self.find_again(at, now);
        self.look_at_open(at, now);
    }

    /// Looks into a file through its handle, wherever it is.
    fn look_at_open(&mut self, at: usize, now: Timestamp) {
        let Some(stream) = self.streams.get(at) else { return };
        match stream.metadata() {
            Some(metadata) if stream.needs_look(&metadata) => self.look_inside(None, at, &metadata, now),
            Some(_) | None => {}
        }
    }

    /// The file at the place has other content than what was read of it: it was truncated. The rest of
    /// the old content is read from a copy, when there is one.
    fn replaced(&mut self, index: usize, at: usize, now: Timestamp) {
        if let Some(place) = self.places.get_mut(index) {
            (place.hold, place.last) = (Hold::Nothing, Some(at));
        }
        self.read_copy(at, now);
        self.arrivals.push(index);
    }

    /// Takes up the file at a place: as a stream known already, or as a new one.
    fn adopt(&mut self, index: usize, now: Timestamp) {
        let Some(place) = self.places.get(index) else { return };
        let (path, is_found, last) = (place.path.clone(), place.is_found, place.last);
        let source = place.sources.first().copied().unwrap_or(0);
        let seen = match Seen::open(&path) {
            Ok(seen) => seen,
            Err(error) if is_absence(&error) => return,
            Err(error) => return self.trouble(index, spec::describe(&path, &error)),
        };
        let (id, length) = (FileId::of(&seen.metadata), seen.metadata.len());
        if let Format::Unsupported(form) = seen.format {
            let why = format!("it is compressed in a form that is not read ({form})");
            return self.pass_over(index, source, id, length, why);
        }
        if seen.is_vacant() {
            return;
        }
        if seen.is_unfinished() {
            self.trouble(index, format!("{}: it is empty or not complete", path.display()));
            return self.hold(index, Hold::Stuck(id, length, seen.metadata.modified().ok()));
        }
        if is_found && seen.head.is_binary() {
            return self.pass_over(index, source, id, length, "it is binary, not text".to_owned());
        }
        match self.recognize(&seen) {
            Recognized::Same(at) => self.take_up(index, at, seen, now),
            Recognized::Copy => self.hold(index, Hold::Passed(id, length)),
            Recognized::New => {
                if last.is_some() {
                    self.take_up_chain(index, now);
                }
                let sources = self.places.get(index).map(|place| place.sources.clone()).unwrap_or_default();
                let at = self.add_stream(seen, sources, Phase::Live);
                self.hold(index, Hold::Stream(at));
            }
        }
    }

    fn pass_over(&mut self, index: usize, source: usize, id: FileId, length: u64, why: String) {
        let Some(place) = self.places.get_mut(index) else { return };
        let path = place.path.clone();
        if place.is_found {
            place.hold = Hold::Passed(id, length);
            self.skip(source, &path, why);
        } else {
            place.problem = Some(format!("{}: {why}", path.display()));
        }
    }

    /// Goes on with a stream that is known, at this place.
    fn take_up(&mut self, index: usize, at: usize, seen: Seen, now: Timestamp) {
        let sources = self.places.get(index).map(|place| place.sources.clone()).unwrap_or_default();
        self.hold(index, Hold::Stream(at));
        let name = seen.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_rotated = rotation::split(name).1.is_some();
        let Some(stream) = self.streams.get_mut(at) else { return };
        for source in sources {
            if !stream.sources.contains(&source) {
                stream.sources.push(source);
            }
        }
        match stream.phase {
            Phase::Known | Phase::Ended => {
                let is_finished = stream.cursor.ended || stream.phase == Phase::Ended;
                let has_more = seen.format == Format::Plain && seen.metadata.len() != stream.cursor.offset;
                if is_finished && !has_more {
                    stream.phase = Phase::Ended;
                    (stream.size, stream.modified) = (seen.metadata.len(), seen.metadata.modified().ok());
                } else {
                    self.go_on(at, seen, if is_rotated { Phase::Rotated(now) } else { Phase::Live });
                }
            }
            Phase::Rotated(_) => {
                if !is_rotated {
                    stream.phase = Phase::Live;
                }
                self.renamed(at, &seen.path);
                self.look_at_stream(index, at, &seen.metadata, now);
            }
            Phase::Live => self.look_at_stream(index, at, &seen.metadata, now),
            Phase::Packed | Phase::Pipe => {}
        }
    }
}

/// Whether there is nothing at a path.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
