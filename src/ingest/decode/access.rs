//! Reads what web servers, proxies and frameworks write of each request.
//!
//! Input: a line. Output: a [`Record`] whose message is the request and its status, the same for whatever wrote it. The
//! status decides the level: 500 and above is an error, 400 and above a warning.
//!
//! Pure. Each reader declines at the first thing that its format would not write.

mod clf;
mod frameworks;
mod proxies;
mod quoted;
mod storage;

use super::{Context, Format, Header, Record};
use crate::ingest::Level;
use crate::units::Timestamp;

pub(super) use clf::beginning;

/// Reads a line of any format; `None` when it is something else.
pub(super) fn read(text: &str, context: &Context) -> Option<Record> {
    if memchr::memchr(b'"', text.as_bytes()).is_some_and(|at| at < FRONT_BYTES) {
        let found = clf::read(text, context).or_else(|| proxies::quoted(text, context));
        let found = found.or_else(|| quoted::read(text, context)).or_else(|| frameworks::columns(text, context));
        return found.or_else(|| storage::bucket(text, context));
    }
    let found = clf::read(text, context).or_else(|| proxies::squid(text, context));
    found.or_else(|| frameworks::read(text, context)).or_else(|| storage::edge(text, context))
}

/// Whether a line with a level in front of its message may be one of these all the same: a request line in the first quotes,
/// or quotes behind the bracket of a time.
pub(super) fn may_be(text: &[u8]) -> bool {
    let Some(quote) = memchr::memchr(b'"', text) else { return false };
    let is_method = text.get(quote + 1).is_some_and(u8::is_ascii_uppercase);
    (is_method && memchr::memmem::find(text, b"HTTP/").is_some())
        || (memchr::memchr(b'[', text).is_some() && memchr::memmem::find(text, b"] \"").is_some())
}

/// Where the quotes of a request must begin at the latest.
const FRONT_BYTES: usize = 512;

/// A request and how it ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Request<'l> {
    pub(super) at: Option<Timestamp>,
    pub(super) client: &'l str,
    pub(super) user: &'l str,
    /// `GET /path HTTP/1.1`, perhaps without the version.
    pub(super) line: &'l str,
    pub(super) status: &'l str,
    /// Why it ended so, in the words of who wrote it; mostly empty.
    pub(super) note: &'l str,
}

impl Request<'_> {
    /// The line of an access log.
    pub(super) fn record(&self) -> Record {
        let mut record = Record::plain(&said(self.line, self.status, self.note));
        record.format = Format::Access;
        record.header = Header::Own;
        record.time = self.at;
        record.level = Some(level(self.status));
        record.field("client", self.client);
        record.field("user", if self.user == "-" { "" } else { self.user });
        if let Some((method, rest)) = self.line.split_once(' ') {
            record.field("method", method);
            record.field("path", rest.trim_start().split(' ').next().unwrap_or_default());
        }
        record.field("status", self.status);
        let path = record.fields.iter().find(|(name, _)| name == "path").map(|(_, path)| route(path));
        record.field("route", &path.unwrap_or_default());
        record
    }
}

/// The path of a request without what differs from one to the next: its host, its query, and with `*` for each part that
/// holds a digit, is encoded, or is longer than words are. A configured attribute, it tells endpoints apart.
pub(super) fn route(path: &str) -> String {
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let part = |part: &str| {
        let is_value =
            part.len() > PART_BYTES || part.bytes().any(|byte| byte.is_ascii_digit() || b"%@=,".contains(&byte));
        let is_version =
            part.len() <= 3 && part.strip_prefix('v').is_some_and(|n| n.bytes().all(|byte| byte.is_ascii_digit()));
        if is_value && !is_version { "*" } else { part }.to_owned()
    };
    path.split('/').take(PARTS).map(part).collect::<Vec<_>>().join("/")
}

/// The longest part of a route that is a word, in bytes.
const PART_BYTES: usize = 32;
/// The most parts of a route; what follows is left out.
const PARTS: usize = 9;

/// What is said of a request. A status that tells a failure is written so that a signature keeps it: behind the version of
/// HTTP it is kept as it stands.
pub(super) fn said(line: &str, status: &str, note: &str) -> String {
    let cue = if level(status) == Level::Info || has_version(line) { "" } else { " status code" };
    let blank = if note.is_empty() { "" } else { " " };
    format!("{line}{cue} {status}{blank}{note}")
}

/// Whether a request line ends with the version of HTTP.
fn has_version(line: &str) -> bool {
    line.rsplit(' ').next().is_some_and(|word| word.starts_with("HTTP/"))
}

/// The level that a status tells. Proxies write 0 or -1 where the client left before there was one.
pub(super) fn level(status: &str) -> Level {
    match status.as_bytes() {
        [b'5', _, _] => Level::Error,
        [b'4', _, _] | b"0" | b"000" | b"-1" => Level::Warn,
        _ => Level::Info,
    }
}

/// Whether a word is the address of a machine, of version 4 perhaps with a port.
pub(super) fn is_address(word: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let address = word.split_once(':').filter(|(_, port)| is_digits(port)).map_or(word, |(address, _)| address);
    let is_version_4 = address.split('.').count() == 4 && address.split('.').all(is_digits);
    let is_version_6 = || {
        let n_colons = word.bytes().filter(|byte| *byte == b':').count();
        (n_colons == 7 || word.contains("::"))
            && word.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
    };
    is_version_4 || is_version_6()
}

/// Whether a word is the status of a response.
pub(super) fn is_status(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a word is the method of a request, with which a line of an access log may begin.
pub(super) fn is_method(word: &str) -> bool {
    METHODS.contains(&word)
}

/// The methods of requests, as access logs write them.
const METHODS: [&str; 9] = ["GET", "POST", "PUT", "HEAD", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];

/// Whether a text is a request line: a method, a target, a version.
fn is_request_line(text: &str) -> bool {
    let mut words = text.split(' ');
    let (method, target) = (words.next(), words.next());
    let is_method = |word: &str| (3..=16).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase());
    method.is_some_and(is_method)
        && target.is_some_and(|word| !word.is_empty())
        && words.next().is_some()
        && has_version(text)
}

/// Where the quotes end that a text is in.
fn end_of_quotes(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.as_bytes().get(at..)?)?;
        if text.as_bytes().get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}
