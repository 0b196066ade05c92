//! Keeps the list of streams: takes up cursors, adds, moves and closes.

use std::fs;
use std::path::{Path, PathBuf};

use super::archive::Format;
use super::identity::FileId;
use super::search::{Seen, are_related, family};
use super::stream::{Phase, Stream};
use super::{Cursor, Feed, Hold, Sources, StreamId, rotation, spec};
use crate::units::{Minute, Timestamp};

impl Sources {
    /// Notes the streams of earlier runs.
    pub(super) fn remember(&mut self, mut cursors: Vec<Cursor>) {
        cursors.sort_by_key(|cursor| cursor.number);
        for cursor in cursors {
            let id = self.new_id();
            self.insert(Stream::new(id, cursor, Phase::Known));
        }
    }

    /// Goes on with streams of earlier runs whose files are no longer where they were.
    ///
    /// Those whose files are at a place of now are taken up when the place is looked at.
    pub(super) fn resume(&mut self, now: Timestamp) {
        for at in 0..self.streams.len() {
            let Some(stream) = self.streams.get(at) else { return };
            if stream.phase != Phase::Known || stream.cursor.inode == 0 && stream.cursor.fingerprint_bytes == 0 {
                continue;
            }
            let cursor = &stream.cursor;
            let Some(place) = self
                .places
                .iter()
                .position(|place| place.path == cursor.path)
                .or_else(|| self.places.iter().position(|place| are_related(&place.path, cursor)))
            else {
                continue;
            };
            let is_newest = !self.streams.iter().skip(at + 1).any(|later| {
                later.phase == Phase::Known
                    && self.places.get(place).is_some_and(|place| place.path == later.cursor.path)
            });
            if stream.cursor.ended && !is_newest {
                continue;
            }
            self.resume_stream(at, place, is_newest, now);
        }
    }

    fn resume_stream(&mut self, at: usize, place: usize, is_newest: bool, now: Timestamp) {
        let Some(path) = self.places.get(place).map(|place| place.path.clone()) else { return };
        let Some(stream) = self.streams.get_mut(at) else { return };
        stream.real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        let id = stream.file_id();
        let is_ended = stream.cursor.ended;
        let mut paths = vec![path.clone()];
        paths.extend(rotation::siblings(&[&path, &stream.real, &stream.cursor.path]).into_iter().map(|it| it.path));
        let file = paths.into_iter().find_map(|path| {
            let is_it = id.inode != 0 && FileId::of(&fs::metadata(&path).ok()?) == id;
            let seen = if is_it { Seen::open(&path).ok()? } else { return None };
            (self.recognize(&seen) == super::search::Recognized::Same(at)).then_some(seen)
        });
        let is_at_place = file.as_ref().is_some_and(|seen| seen.path == path);
        if let Some(place) = self.places.get_mut(place).filter(|_| is_newest && !is_at_place) {
            place.last = Some(at);
        }
        let sources = self.places.get(place).map(|place| place.sources.clone()).unwrap_or_default();
        if let Some(stream) = self.streams.get_mut(at) {
            stream.sources = sources;
        }
        match file {
            // The place takes it up.
            Some(seen) if self.place_at.contains_key(&seen.path) => {}
            Some(seen) if seen.metadata.len() > self.offset(at) || !is_ended => {
                self.go_on(at, seen, Phase::Rotated(now))
            }
            Some(_) => {}
            None if is_ended || is_unreachable(&path) => {}
            None => match self.find_copy(at) {
                Some(copy) => self.move_to(at, copy, now),
                None => self.vanished(at),
            },
        }
    }

    fn offset(&self, at: usize) -> u64 {
        self.streams.get(at).map_or(0, |stream| stream.cursor.offset)
    }

    /// A stream of an earlier run is nowhere to be found.
    fn vanished(&mut self, at: usize) {
        let Some(stream) = self.streams.get_mut(at) else { return };
        stream.phase = Phase::Ended;
        (stream.cursor.mid_event, stream.cursor.lead) = (false, None);
        if stream.cursor.fingerprint_bytes == 0 {
            // It was empty. What was written to it since, and renamed, is found as a new file.
            self.out.push_back(Feed::Opened(stream.id, stream.cursor.clone()));
            self.out.push_back(Feed::Ended(stream.id));
        } else {
            stream.cursor.ended = true;
            self.out.push_back(Feed::Vanished(stream.cursor.clone()));
        }
    }

    /// Starts a stream at the beginning of this file.
    pub(super) fn add_stream(&mut self, seen: Seen, sources: Vec<usize>, phase: Phase) -> usize {
        let number = self.new_number();
        let id = FileId::of(&seen.metadata);
        let mut cursor = Cursor {
            number,
            path: seen.path.clone(),
            device: id.device,
            inode: id.inode,
            fingerprint_bytes: 0,
            fingerprint: [0; 16],
            offset: 0,
            mid_event: false,
            lead: None,
            ended: false,
            last_minute: seen.minute().map(Minute::number),
        };
        seen.head.identify(&mut cursor);
        let mut stream = Stream::new(StreamId(0), cursor, Phase::Known);
        stream.sources = sources;
        let at = self.insert(stream);
        self.go_on(at, seen, phase);
        at
    }

    /// Starts a stream that somebody else reads.
    pub(super) fn add_pipe(&mut self, path: PathBuf, sources: Vec<usize>) -> usize {
        // A pipe has no past; only its number is used again, so that cursors do not pile up.
        let is_known = |stream: &&Stream| {
            stream.phase == Phase::Known && stream.cursor.path == path && stream.cursor.fingerprint_bytes == 0
        };
        let known = self.streams.iter().find(is_known).map(|stream| stream.cursor.number);
        let number = known.unwrap_or_else(|| self.new_number());
        let cursor = Cursor {
            number,
            path,
            device: 0,
            inode: 0,
            fingerprint_bytes: 0,
            fingerprint: [0; 16],
            offset: 0,
            mid_event: false,
            lead: None,
            ended: false,
            last_minute: None,
        };
        let id = self.new_id();
        let mut stream = Stream::new(id, cursor.clone(), Phase::Pipe);
        stream.sources = sources;
        stream.caught_up = true;
        self.out.push_back(Feed::Opened(id, cursor));
        self.streams.push(stream);
        self.streams.len() - 1
    }

    /// A writer came back to a pipe that had ended.
    pub(super) fn reopen_pipe(&mut self, at: usize) {
        let id = self.new_id();
        let Some(stream) = self.streams.get_mut(at) else { return };
        if stream.phase == Phase::Ended {
            (stream.phase, stream.id) = (Phase::Pipe, id);
            self.out.push_back(Feed::Opened(id, stream.cursor.clone()));
        }
    }

    /// Reads a stream from its cursor on, from this file.
    pub(super) fn go_on(&mut self, at: usize, seen: Seen, phase: Phase) {
        let (id, follow) = (self.new_id(), self.options.follow);
        let Some(stream) = self.streams.get_mut(at) else { return };
        stream.id = id;
        stream.is_packed = seen.format != Format::Plain;
        stream.phase = if stream.is_packed { Phase::Packed } else { phase };
        stream.caught_up = false;
        stream.cursor.ended = false;
        if !stream.is_packed && seen.metadata.len() < stream.cursor.offset {
            stream.move_position(seen.metadata.len());
        }
        if !follow && !stream.is_packed {
            stream.limit = seen.metadata.len();
        }
        self.settle(at, seen);
        if let Some(stream) = self.streams.get(at) {
            self.out.push_back(Feed::Opened(id, stream.cursor.clone()));
        }
    }

    /// Reads the rest of a stream from a copy of its file.
    pub(super) fn move_to(&mut self, at: usize, copy: Seen, now: Timestamp) {
        let phase = self.streams.get(at).map(|stream| stream.phase);
        if matches!(phase, None | Some(Phase::Known | Phase::Ended)) {
            return self.go_on(at, copy, Phase::Rotated(now));
        }
        if let Some(stream) = self.streams.get_mut(at) {
            stream.is_packed = copy.format != Format::Plain;
            stream.phase = if stream.is_packed { Phase::Packed } else { Phase::Rotated(now) };
            stream.caught_up = false;
        }
        self.settle(at, copy);
        self.tell_identity(at);
    }

    /// Gives a stream its file: where it is, what it is known by, and the open file itself.
    fn settle(&mut self, at: usize, seen: Seen) {
        let is_full = self.open.len() >= self.options.most_open;
        let Some(stream) = self.streams.get_mut(at) else { return };
        let id = FileId::of(&seen.metadata);
        (stream.cursor.device, stream.cursor.inode) = (id.device, id.inode);
        stream.real = fs::canonicalize(&seen.path).unwrap_or_else(|_| seen.path.clone());
        stream.cursor.path.clone_from(&seen.path);
        stream.modified = seen.metadata.modified().ok();
        stream.born = stream.born.or(stream.modified);
        stream.size = seen.metadata.len();
        // Archives are opened one at a time, when their turn has come.
        if stream.is_packed {
            stream.close();
        } else {
            seen.head.identify(&mut stream.cursor);
            if let Err(error) = stream.attach(seen.file, seen.head) {
                stream.problem = Some(spec::describe(&seen.path, &error));
            }
            if is_full {
                stream.close();
            } else {
                self.open.push_back(at);
            }
        }
        self.index(at);
    }

    /// Opens the file of a stream at this path, if it is there.
    pub(super) fn open_at(&mut self, at: usize, path: &Path) -> bool {
        let Some(stream) = self.streams.get_mut(at) else { return false };
        let opened = Seen::open(path).and_then(|seen| {
            let is_it = FileId::of(&seen.metadata) == stream.file_id()
                && seen.head.agrees_with(&stream.cursor)
                && stream.continues_in(&seen.file);
            let is_long_enough = stream.is_packed || seen.metadata.len() >= stream.cursor.offset;
            match seen.archive {
                _ if !is_it || !is_long_enough => Ok(false),
                Some(archive) => stream.attach_archive(archive, seen.head, seen.metadata.len()).map(|()| true),
                None => stream.attach(seen.file, seen.head).map(|()| true),
            }
        });
        match opened {
            Ok(is_it) => {
                stream.problem = None;
                if is_it {
                    self.open.push_back(at);
                    self.close_idle();
                }
                is_it
            }
            Err(error) => {
                let is_absent = error.kind() == std::io::ErrorKind::NotFound;
                stream.problem = (!is_absent).then(|| spec::describe(path, &error));
                false
            }
        }
    }

    /// Opens the file of a stream wherever it is; returns whether it is open.
    pub(super) fn ensure_open(&mut self, at: usize, now: Timestamp) -> bool {
        let Some(stream) = self.streams.get(at) else { return false };
        if stream.is_open() {
            return true;
        }
        let (path, phase) = (stream.cursor.path.clone(), stream.phase);
        if matches!(phase, Phase::Known | Phase::Pipe | Phase::Ended) {
            return false;
        }
        if self.open_at(at, &path) {
            return true;
        }
        let has_problem = self.streams.get(at).is_some_and(|stream| stream.problem.is_some());
        match phase {
            Phase::Packed if has_problem => self.mark_failed(at),
            Phase::Packed => self.end(at),
            Phase::Rotated(_) if !has_problem => self.find_again(at, now),
            // The next look at its place finds out.
            Phase::Live | Phase::Rotated(_) if !self.options.follow => self.end(at),
            Phase::Live | Phase::Rotated(_) | Phase::Known | Phase::Pipe | Phase::Ended => {
                if let Some(stream) = self.streams.get_mut(at) {
                    stream.modified = None;
                    stream.caught_up = true;
                }
            }
        }
        self.streams.get(at).is_some_and(Stream::is_open)
    }

    fn mark_failed(&mut self, at: usize) {
        let follow = self.options.follow;
        if let Some(stream) = self.streams.get_mut(at) {
            stream.caught_up = true;
        }
        if !follow {
            self.end(at);
        }
    }

    /// Closes files that were not read for longest, when too many are open.
    fn close_idle(&mut self) {
        for _ in 0..self.open.len() {
            if self.open.len() <= self.options.most_open {
                return;
            }
            let Some(at) = self.open.pop_front() else { return };
            let Some(stream) = self.streams.get_mut(at) else { continue };
            let is_idle = stream.phase == Phase::Live && stream.behind() == 0;
            if is_idle {
                stream.close();
            } else if stream.is_open() {
                self.open.push_back(at);
            }
        }
    }

    pub(super) fn renamed(&mut self, at: usize, path: &Path) {
        let Some(stream) = self.streams.get_mut(at) else { return };
        if stream.cursor.path != path {
            stream.cursor.path = path.to_owned();
            stream.real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            self.index(at);
            self.tell_identity(at);
        }
    }

    pub(super) fn tell_identity(&mut self, at: usize) {
        let Some(stream) = self.streams.get(at) else { return };
        if !matches!(stream.phase, Phase::Known | Phase::Ended) {
            self.out.push_back(Feed::Identified(stream.id, stream.cursor.clone()));
        }
    }

    /// The file was cut within what was read; it goes on from there.
    pub(super) fn shorten(&mut self, at: usize, length: u64) {
        let id = self.new_id();
        let Some(stream) = self.streams.get_mut(at) else { return };
        self.out.push_back(Feed::Ended(stream.id));
        stream.id = id;
        stream.move_position(length);
        self.out.push_back(Feed::Opened(id, stream.cursor.clone()));
    }

    /// What was known to exist beyond what was read is gone.
    pub(super) fn lose_rest(&mut self, at: usize) {
        let behind = self.streams.get(at).map_or(0, Stream::behind);
        if behind > 0 {
            self.out.push_back(Feed::Lost(behind));
        }
        self.end(at);
    }

    pub(super) fn is_held(&self, at: usize) -> bool {
        self.places.iter().any(|place| place.hold == Hold::Stream(at))
    }

    fn insert(&mut self, stream: Stream) -> usize {
        self.streams.push(stream);
        let at = self.streams.len() - 1;
        self.index(at);
        at
    }

    /// Makes a stream findable by its present identity and name; older entries stay, and are checked
    /// against the stream when they are used.
    fn index(&mut self, at: usize) {
        let Some(stream) = self.streams.get(at) else { return };
        let add = |list: &mut Vec<usize>| {
            if !list.contains(&at) {
                list.push(at);
            }
        };
        add(self.by_file.entry(stream.file_id()).or_default());
        add(self.by_family.entry(family(&stream.cursor.path)).or_default());
        if stream.real != stream.cursor.path {
            add(self.by_family.entry(family(&stream.real)).or_default());
        }
    }

    fn new_id(&mut self) -> StreamId {
        self.next_id += 1;
        StreamId(self.next_id - 1)
    }

    fn new_number(&mut self) -> u64 {
        self.next_number = self.next_number.saturating_add(1);
        self.next_number - 1
    }
}

/// Whether a path cannot be looked at now, so that nothing follows from what is not found there.
fn is_unreachable(path: &Path) -> bool {
    let directory = rotation::parent(path).unwrap_or_default();
    fs::read_dir(directory).is_err()
}
