//! Reads one line of a log: when, how bad, who, and what was said.
//!
//! Input: the bytes of one line, and the [`Context`] for what lines leave out. Output: one [`Record`]. The format is
//! chosen anew for every line, so a file may mix formats; wrappers (CRI, Docker, Compose, kubectl, syslog) are taken
//! off and what they carry is read again. A line that cannot be read as what it seems to be is plain text, and says so.
//!
//! Pure. Joins no lines (`assemble` does) and masks nothing (`signature` does).

mod access;
mod appliances;
mod bare;
mod batch;
mod clean;
mod columns;
mod container;
mod database;
mod header;
mod json;
mod layout;
mod level;
mod linux;
mod logfmt;
mod parts;
mod plain;
mod roles;
mod servers;
mod syslog;
mod time;
mod windows;

use std::borrow::Cow;

use jiff::tz::TimeZone;

use super::Level;
use crate::units::Timestamp;

pub(super) use bare::is_bare;
pub(super) use batch::{Batch, FRONT as BATCH_FRONT};
pub(super) use clean::{Plain, cut};
pub(super) use container::{Part, part};
pub(super) use database::{is_addition, is_before_statement};
pub(super) use layout::begin::FRONT_BYTES;
#[cfg(target_arch = "x86_64")]
pub(super) use layout::begin::wide::begin as begin_wide;
pub(super) use layout::{Carried, Layouts};
pub use level::level_of_word;
pub use parts::{HeaderPart, parts};
pub(super) use plain::{Beginning, Glance, implied, indented};
pub(super) use windows::{ends_in as ends_markup, opens as opens_markup};

/// The version of how lines are read. It steps whenever a line gives another message than before: what was counted is then
/// named anew, so that no newcomer is only an old line that is read better.
pub const READING: u32 = 6;

/// How deep one format may be wrapped in another before the rest is taken as it is.
const WRAPPERS: u8 = 4;

/// The longest value of a field, and the longest component, in bytes; longer ones are cut.
const VALUE_BYTES: usize = 8 * 1024;

/// What a line does not say itself.
#[derive(Clone, Debug)]
pub struct Context {
    /// The zone of times that name none.
    pub zone: TimeZone,
    /// When the line was received: decides the year, or the day, where the line leaves it out.
    pub received: Timestamp,
}

/// How a line was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON object.
    Json,
    /// Pairs of `key=value`.
    Logfmt,
    /// RFC 3164 or RFC 5424, with or without priority.
    Syslog,
    /// The header of glog and klog.
    Klog,
    /// The access log of a web server, common or combined.
    Access,
    /// Anything else.
    Plain,
}

/// One line, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// When it happened, by its own words.
    pub time: Option<Timestamp>,
    /// Its level, where the line says one.
    pub level: Option<Level>,
    /// The logger, module, program or unit that wrote it.
    pub component: Option<String>,
    /// What was said, without header and without color codes.
    pub message: String,
    /// What else the line says, in its order; nested names are joined by dots.
    pub fields: Vec<(String, String)>,
    /// How the innermost part of it was written.
    pub format: Format,
    /// It clearly tried to be structured and could not be read as such.
    pub malformed: bool,
    /// It held bytes that are not UTF-8.
    pub not_utf8: bool,
    /// The text of a stack trace that a field carried.
    pub stack: Option<String>,
    /// What stood in front of the message.
    pub(super) header: Header,
    /// Spaces and tabs between the header and the message, beyond the one that separates them.
    pub(super) indent: usize,
    /// Spaces and tabs in front of everything, on a line without a time of its own.
    pub(super) margin: usize,
    /// Who carried it, for telling whether the next line is of the same hand: stream, pod, program and process.
    pub(super) carrier: String,
    /// It ends within quotes, which are closed on another line.
    pub(super) is_open: bool,
    /// The message is on the next line: .NET's console and `java.util.logging` write so.
    pub(super) awaits_message: bool,
}

/// What stood in front of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Header {
    /// Nothing.
    #[default]
    None,
    /// Only what a carrier puts in front of every line, whatever the program wrote: a time, a host, a stream.
    Carrier,
    /// The program's own: a level, or a structured line.
    Own,
}

impl Record {
    fn plain(message: &str) -> Self {
        Self {
            time: None,
            level: None,
            component: None,
            message: message.to_owned(),
            fields: Vec::new(),
            format: Format::Plain,
            malformed: false,
            not_utf8: false,
            stack: None,
            header: Header::None,
            indent: 0,
            margin: 0,
            carrier: String::new(),
            is_open: false,
            awaits_message: false,
        }
    }

    /// A text that is [bare](is_bare), read.
    pub(super) fn bare(text: &str) -> Self {
        let message = text.trim_end_matches(' ');
        Self { level: implied(message), ..Self::plain(message) }
    }

    fn field(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.fields.push((name.to_owned(), cut(value, VALUE_BYTES).to_owned()));
        }
    }

    /// Adds what a wrapper says; what the line inside said itself goes before.
    fn wrapped_in(mut self, wrapper: Wrapper) -> Self {
        self.time = self.time.or(wrapper.time);
        self.level = self.level.or(wrapper.level);
        if self.component.is_none() {
            self.component = wrapper.component;
        } else if let Some(component) = wrapper.component {
            self.fields.insert(0, ("program".to_owned(), component));
        }
        if !wrapper.fields.is_empty() {
            self.fields.splice(0..0, wrapper.fields);
        }
        self.header = self.header.max(Header::Carrier);
        self.carrier =
            if self.carrier.is_empty() { wrapper.carrier } else { format!("{} {}", wrapper.carrier, self.carrier) };
        self.malformed |= wrapper.malformed;
        if self.format == Format::Plain {
            self.format = wrapper.format;
        }
        self
    }
}

/// What a carrier says about the line that it carries.
#[derive(Debug)]
struct Wrapper {
    time: Option<Timestamp>,
    level: Option<Level>,
    component: Option<String>,
    fields: Vec<(String, String)>,
    carrier: String,
    malformed: bool,
    format: Format,
}

impl Wrapper {
    fn new(carrier: String) -> Self {
        Self {
            time: None,
            level: None,
            component: None,
            fields: Vec::new(),
            carrier,
            malformed: false,
            format: Format::Plain,
        }
    }
}

/// Reads one line; a line end at its end is ignored.
#[must_use]
pub fn decode(line: &[u8], context: &Context) -> Record {
    decode_with_text(line, context).0
}

/// Reads one line, and returns with it the text as an event keeps it: invalid bytes replaced, line end and byte order
/// mark taken off.
pub(super) fn decode_with_text<'l>(line: &'l [u8], context: &Context) -> (Record, Cow<'l, str>) {
    let (raw, not_utf8) = clean::raw(line);
    let mut record = decode_text(&clean::without_controls(&raw), context, WRAPPERS);
    record.not_utf8 = not_utf8;
    (record, raw)
}

/// Reads what was spread over lines from the joined lines of an event: a JSON object, an event of Windows, or a line of
/// PostgreSQL whose columns have several lines.
pub(super) fn decode_spread(text: &str, context: &Context) -> Option<Record> {
    let text = text.trim();
    match text.as_bytes().first()? {
        b'<' => windows::read(text, context),
        b'{' => roles::record(json::flatten(text).ok()?, context, 0),
        _ => database::csv(text, context),
    }
}

/// A line as far as it was read.
#[derive(Debug)]
pub(super) enum Reading<'l> {
    /// A plain line; nothing was copied yet.
    Glance(Glance<'l>),
    /// Any other.
    Record(Record),
}

impl Reading<'_> {
    pub(super) fn into_record(self) -> Record {
        match self {
            Self::Glance(glance) => glance.into_record(),
            Self::Record(record) => record,
        }
    }
}

/// Reads a line; one that is nothing but its text stays where it lies.
pub(super) fn read<'l>(text: &'l str, context: &Context) -> Reading<'l> {
    reading(text, context, WRAPPERS)
}

/// Reads what a carrier carried, as though it were a line of its own.
fn decode_text(text: &str, context: &Context, wrappers: u8) -> Record {
    reading(text, context, wrappers).into_record()
}

fn reading<'l>(text: &'l str, context: &Context, wrappers: u8) -> Reading<'l> {
    if let Some(wrappers) = wrappers.checked_sub(1) {
        let first = text.bytes().next().unwrap_or(b' ');
        let found = match first {
            b'{' => return Reading::Record(decode_braced(text, context, wrappers)),
            b'<' => syslog::read(text, context, wrappers)
                .or_else(|| servers::weblogic(text, context))
                .or_else(|| windows::read(text, context)),
            b' ' | b'\t' => match indented(text) {
                Some(glance) => return Reading::Glance(glance),
                None if windows::opens(text.trim_start()) => windows::read(text, context),
                None if first == b'\t' => database::general(text, context),
                None => None,
            },
            b'[' => container::kubectl(text, context, wrappers)
                .or_else(|| access::read(text, context))
                .or_else(|| servers::websphere(text, context))
                .or_else(|| database::unified(text, context))
                .or_else(|| linux::kernel(text)),
            b'0'..=b'9' => container::cri(text, context, wrappers)
                .or_else(|| database::csv(text, context))
                .or_else(|| database::general(text, context))
                .or_else(|| access::read(text, context))
                .or_else(|| syslog::read(text, context, wrappers)),
            byte if byte.is_ascii_alphabetic() || byte == b'@' || byte == b'_' => plain::klog(text, context)
                .or_else(|| servers::cef(text))
                .or_else(|| linux::audit(text, context))
                .or_else(|| logfmt::read(text, context))
                .or_else(|| container::compose(text, context, wrappers))
                .or_else(|| container::stern(text, context, wrappers))
                .or_else(|| syslog::read(text, context, wrappers))
                .or_else(|| access::read(text, context)),
            b':' => access::read(text, context),
            b'#' => columns::read(text, context)
                .or_else(|| database::slow(text, context))
                .or_else(|| servers::weblogic(text, context)),
            b'=' => servers::erlang(text, context),
            _ => None,
        };
        if let Some(record) = found {
            return Reading::Record(record);
        }
    }
    plain::reading(text, context, wrappers)
}

/// Reads a line that begins like a JSON object.
fn decode_braced(text: &str, context: &Context, wrappers: u8) -> Record {
    if let Some(record) = batch::read(text, context, wrappers) {
        return record;
    }
    let Ok(pairs) = json::flatten(text) else {
        let mut record = plain::read(text, context, 0);
        record.malformed = text.get(1..).is_some_and(|rest| rest.trim_start().starts_with('"'));
        return record;
    };
    if let Some(record) = container::docker(&pairs, context, wrappers) {
        return record;
    }
    roles::record(pairs, context, wrappers).unwrap_or_else(|| Record::plain(text))
}

#[cfg(test)]
mod tests;
