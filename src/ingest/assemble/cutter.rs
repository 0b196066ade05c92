//! Cuts a line that holds many records into lines that hold one each.
//!
//! Input: the bytes of such a line, cut anywhere. Output: for each record a line of the same form, with what was said of
//! all of them in front; it makes sense by itself, and so does reading on behind it, given its lead.
//!
//! Pure. Bounded: keeps one record, up to the cap of a line, and what is shared, up to [`SHARED_BYTES`]; a member of what is
//! shared that is longer is left out. The records themselves may go on for any length.

use std::sync::Arc;

use super::lines::Line;
use crate::ingest::decode::Batch;

/// The most that is said of all records of a list, in bytes.
const SHARED_BYTES: usize = 4 * 1024;
/// Stands at the end of a lead behind which nothing makes sense; it is no part of any such line.
const BROKEN: u8 = 0;

/// What reading must be told in front of an offset, as though it had been read there; mostly nothing.
pub type Lead = Option<Arc<[u8]>>;

/// A line that holds many records, as far as it was read.
#[derive(Debug)]
pub(super) struct Cutter {
    batch: Batch,
    cap: usize,
    /// Where the next byte belongs in the stream.
    offset: u64,
    /// Where the next line to be handed out begins, once that is known: the first one with what stands in front of it.
    start: Option<u64>,
    /// What reading must be told there.
    lead: Lead,
    /// What is shared, as a lead.
    current: Lead,
    /// All bytes, until the first record tells that it is such a line.
    raw: Option<Vec<u8>>,
    /// What is shared by the records that come next, as the front of a line.
    shared: Vec<u8>,
    /// How long that was in front of each open object, and of each open list.
    objects: Vec<usize>,
    lists: Vec<usize>,
    place: Place,
    value: Value,
    /// The name, the member or the record that is read.
    kept: Vec<u8>,
    is_cut: bool,
    n_cut: u64,
    /// A line put together.
    line: Vec<u8>,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// An object with records in it, or the end of the list of those.
    Objects,
    /// A name, or the end of the object.
    Names,
    /// More of a name.
    Name,
    /// What separates a name from its value.
    Colon,
    /// The begin of a list with records in it.
    List,
    /// More of a value that is shared.
    Member,
    /// A record, or the end of their list.
    Records,
    /// More of a record.
    Record,
    /// Blanks.
    Closed,
    /// Anything: it is no such line any more.
    Broken,
}

/// How far a value was read.
#[derive(Clone, Copy, Debug, Default)]
struct Value {
    depth: u32,
    is_text: bool,
    is_escape: bool,
}

/// What a byte is to a value.
#[derive(PartialEq, Eq)]
enum Step {
    Inside,
    Last,
    Behind,
}

impl Value {
    fn step(&mut self, byte: u8) -> Step {
        if self.is_text {
            match byte {
                _ if self.is_escape => self.is_escape = false,
                b'\\' => self.is_escape = true,
                b'"' => self.is_text = false,
                _ => {}
            }
            return if self.is_text || self.depth > 0 { Step::Inside } else { Step::Last };
        }
        match byte {
            b'"' => self.is_text = true,
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' | b',' if self.depth == 0 => return Step::Behind,
            b'}' | b']' => {
                self.depth -= 1;
                return if self.depth == 0 { Step::Last } else { Step::Inside };
            }
            _ => {}
        }
        Step::Inside
    }
}

impl Cutter {
    /// Begins a line at an offset.
    pub(super) fn new(batch: Batch, cap: usize, offset: u64) -> Self {
        Self {
            batch,
            cap,
            offset,
            start: Some(offset),
            lead: None,
            current: None,
            raw: Some(Vec::new()),
            shared: Vec::new(),
            objects: Vec::new(),
            lists: Vec::new(),
            place: Place::Objects,
            value: Value::default(),
            kept: Vec::new(),
            is_cut: false,
            n_cut: 0,
            line: Vec::new(),
        }
    }

    /// Goes on at an offset, behind what this lead tells; `None` where that is no part of such a line.
    pub(super) fn behind(lead: &[u8], cap: usize, offset: u64) -> Option<Self> {
        let mut cutter = Self::new(Batch::named_by(lead)?, usize::MAX, 0);
        cutter.raw = None;
        cutter.feed(lead, &mut |_| {});
        cutter.kept.clear();
        (cutter.cap, cutter.offset, cutter.start, cutter.lead) = (cap, offset, Some(offset), Some(lead.into()));
        matches!(cutter.place, Place::Records | Place::Broken).then_some(cutter)
    }

    /// How many records were cut, because they are longer than a line may be.
    pub(super) fn n_cut(&self) -> u64 {
        self.n_cut
    }

    /// Takes the next bytes and hands out every record that ends in them; where the line proves to be no such line, returns
    /// how many bytes it took before.
    pub(super) fn feed(&mut self, bytes: &[u8], take: &mut impl FnMut(Line<'_>)) -> Option<usize> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let inside = rest.get(..self.n_inside(rest)).unwrap_or_default();
            if !inside.is_empty() {
                self.offset += inside.len() as u64;
                self.keep(inside);
                at += inside.len();
                continue;
            }
            let byte = *rest.first()?;
            if let Some(raw) = &mut self.raw {
                if raw.len() >= self.cap {
                    return Some(at);
                }
                raw.push(byte);
            }
            (self.offset, at) = (self.offset + 1, at + 1);
            if !self.step(byte, take) {
                return Some(at);
            }
        }
        None
    }

    /// All bytes of it, where no record told that it is such a line.
    pub(super) fn raw(&mut self) -> Option<Vec<u8>> {
        self.raw.take()
    }

    /// Ends the line before this offset; hands out what is left of it: a record that does not end, or what is no record.
    pub(super) fn end(&mut self, end: u64, take: &mut impl FnMut(Line<'_>)) {
        if self.raw.is_none() && self.place != Place::Closed {
            if !matches!(self.place, Place::Record | Place::Broken) {
                self.begin(self.place);
            }
            self.begin_line(self.offset, self.place != Place::Records);
            self.hand_out(end, false, take);
        }
    }

    /// How many of these bytes are in the midst of a text, where none has a meaning.
    fn n_inside(&self, bytes: &[u8]) -> usize {
        let is_value = matches!(self.place, Place::Member | Place::Record) && self.value.is_text;
        if self.place == Place::Broken {
            return bytes.len();
        }
        if self.raw.is_some() || !is_value || self.value.is_escape {
            return 0;
        }
        memchr::memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len())
    }

    fn keep(&mut self, bytes: &[u8]) {
        let most = if matches!(self.place, Place::Record | Place::Broken) { self.cap } else { SHARED_BYTES };
        let room = most.saturating_sub(self.kept.len());
        self.is_cut |= bytes.len() > room;
        self.kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn begin(&mut self, place: Place) {
        self.kept.clear();
        (self.place, self.value, self.is_cut) = (place, Value::default(), false);
    }

    /// Takes a byte; `false` when the line proves to be no such line.
    fn step(&mut self, byte: u8, take: &mut impl FnMut(Line<'_>)) -> bool {
        match (self.place, byte) {
            // A record that has begun may hold anything.
            (Place::Record, _) => return self.in_record(byte, take),
            (Place::Member, _) => return self.in_member(byte, take),
            (Place::Name, _) => {
                self.keep(&[byte]);
                if self.value.step(byte) == Step::Last {
                    self.place = Place::Colon;
                }
            }
            (_, BROKEN) => return self.breaks(byte),
            (_, b' ' | b'\t' | b'\r') | (Place::Names | Place::Objects | Place::Records, b',') => {}
            (Place::Names, b'"') => {
                self.begin(Place::Name);
                self.value.is_text = true;
                self.keep(b"\"");
            }
            (Place::Names, b'}') => {
                let length = self.objects.pop().unwrap_or_default();
                self.shared.truncate(length);
                self.place = if self.objects.is_empty() { Place::Closed } else { Place::Objects };
                return self.place != Place::Closed || self.raw.is_none();
            }
            (Place::Colon, b':') => self.begin_value(),
            (Place::List, b'[') => {
                let name = self.batch.lists().get(self.lists.len()).copied().unwrap_or_default();
                self.lists.push(self.shared.len());
                self.shared.extend_from_slice(&[b"\"", name, b"\":["].concat());
                let is_last = self.lists.len() == self.batch.lists().len();
                self.place = if is_last { Place::Records } else { Place::Objects };
            }
            (Place::Objects, b'{') => {
                self.objects.push(self.shared.len());
                self.shared.push(b'{');
                self.place = Place::Names;
            }
            (Place::Objects | Place::Records, b']') if !self.lists.is_empty() => {
                let length = self.lists.pop().unwrap_or_default();
                self.shared.truncate(length);
                self.place = Place::Names;
            }
            (Place::Records, _) if byte != b'}' => {
                self.begin_line(self.offset - 1, false);
                self.begin(Place::Record);
                return self.in_record(byte, take);
            }
            _ => return self.breaks(byte),
        }
        true
    }

    /// Notes that a line to be handed out begins here, unless one has begun.
    fn begin_line(&mut self, at: u64, is_broken: bool) {
        if self.start.is_some() {
            return;
        }
        self.start = Some(at);
        if is_broken {
            self.lead = Some([self.front().as_slice(), &[BROKEN]].concat().into());
        } else {
            self.note_shared();
            self.lead.clone_from(&self.current);
        }
    }

    fn note_shared(&mut self) {
        if self.current.as_deref() != Some(self.shared.as_slice()) {
            self.current = Some(self.shared.as_slice().into());
        }
    }

    /// What is shared; where no list is open, something that tells what line it was.
    fn front(&self) -> Vec<u8> {
        if self.lists.is_empty() {
            let name = self.batch.lists().first().copied().unwrap_or_default();
            return [b"{\"", name, b"\":[]} "].concat();
        }
        self.shared.clone()
    }

    fn breaks(&mut self, byte: u8) -> bool {
        if self.raw.is_some() {
            return false;
        }
        self.begin_line(self.offset - 1, true);
        self.begin(Place::Broken);
        self.keep(&[byte]);
        true
    }

    fn begin_value(&mut self) {
        let name = self.kept.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\""));
        let is_list = self.batch.lists().get(self.lists.len()).copied() == name && name.is_some();
        if is_list && self.objects.len() == self.lists.len() + 1 {
            self.place = Place::List;
        } else {
            self.place = Place::Member;
            self.value = Value::default();
            self.keep(b":");
        }
    }

    fn in_member(&mut self, byte: u8, take: &mut impl FnMut(Line<'_>)) -> bool {
        let step = self.value.step(byte);
        if step != Step::Behind {
            self.keep(&[byte]);
        }
        if step == Step::Inside {
            return true;
        }
        if !self.is_cut && self.shared.len() + self.kept.len() < SHARED_BYTES {
            self.shared.append(&mut self.kept);
            self.shared.push(b',');
        }
        self.place = Place::Names;
        step == Step::Last || self.step(byte, take)
    }

    fn in_record(&mut self, byte: u8, take: &mut impl FnMut(Line<'_>)) -> bool {
        let step = self.value.step(byte);
        if step != Step::Behind {
            self.keep(&[byte]);
        }
        if step == Step::Inside {
            return true;
        }
        if self.raw.is_some() {
            if !self.batch.holds(&self.kept) {
                return false;
            }
            self.raw = None;
        }
        self.place = Place::Records;
        let end = if step == Step::Last { self.offset } else { self.offset - 1 };
        self.hand_out(end, true, take);
        step == Step::Last || self.step(byte, take)
    }

    /// Hands out a record, or what is left at the end of the line.
    fn hand_out(&mut self, end: u64, is_record: bool, take: &mut impl FnMut(Line<'_>)) {
        let is_whole = is_record && !self.is_cut;
        self.n_cut += u64::from(self.is_cut);
        self.is_cut = false;
        self.line.clear();
        if self.lists.is_empty() {
            self.line = self.front();
        } else {
            self.line.extend_from_slice(&self.shared);
        }
        self.line.append(&mut self.kept);
        for _ in self.lists.iter().filter(|_| is_whole) {
            self.line.extend_from_slice(b"]}");
        }
        let start = self.start.take().unwrap_or(end);
        if is_record {
            self.note_shared();
        }
        let behind = self.current.as_ref().filter(|_| is_record);
        take(Line { bytes: &self.line, plain: None, start, end, lead: self.lead.as_ref(), behind });
    }
}
