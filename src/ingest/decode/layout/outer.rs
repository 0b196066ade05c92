//! Takes off what a carrier puts around a line, without a copy.
//!
//! Input: a line of printable ASCII. Output: an [`Outer`], where no other format could claim the line: the same as reading
//! it in full takes off. What is carried is left to who reads it.

use smallvec::SmallVec;

use super::super::time::{Minute, Recent};
use super::super::{Context, Plain, container, level, syslog};
use crate::ingest::Level;
use crate::units::Timestamp;

/// Bytes of a classic time, `Jan  2 15:04:05`, and where its seconds are.
const CLASSIC: (usize, usize) = (15, 13);
/// The longest other time, in bytes.
const TIME_BYTES: usize = 48;

/// The words that name who brought a line, as they are joined by blanks; none where nobody did.
pub(in crate::ingest) type Writer<'l> = SmallVec<[&'l str; 3]>;

/// What stands around a line.
#[derive(Debug)]
pub(super) struct Outer<'l> {
    pub(super) time: Option<Timestamp>,
    /// The level that the carrier gives to lines that have none of their own.
    pub(super) level: Option<Level>,
    pub(super) writer: Writer<'l>,
    /// What is carried.
    pub(super) content: &'l str,
}

/// The times of one stream.
#[derive(Debug, Default)]
pub(super) struct Times {
    minute: Minute,
    recent: Recent,
}

impl Times {
    /// Takes off what is around a line; `None` where nothing is, or where the line must be read in full.
    pub(super) fn outer<'l>(&mut self, line: &Plain<'l>, context: &Context) -> Option<Outer<'l>> {
        let text = line.text;
        match text.as_bytes() {
            [b'[', ..] => kubectl(text),
            [b'{', ..] => self.docker(text, context),
            [b'<', ..] => self.prioritized(text, context),
            _ if begins_classic(text) => self.classic(text, context),
            [b'0'..=b'9', ..] => self.dated(line, context),
            _ => compose(text),
        }
    }

    /// A time as syslog always wrote it, and who wrote the line.
    fn classic<'l>(&mut self, text: &'l str, context: &Context) -> Option<Outer<'l>> {
        let (length, seconds_at) = CLASSIC;
        let time = self.minute.leading(text, length, seconds_at, context)?;
        tagged(text.get(length..)?, time, false)
    }

    /// A modern time, and a stream of a container or the writer with his process.
    fn dated<'l>(&mut self, line: &Plain<'l>, context: &Context) -> Option<Outer<'l>> {
        let text = line.text;
        let n = memchr::memchr(b' ', text.as_bytes().get(..text.len().min(TIME_BYTES))?)?;
        if text.get(n + 1..)?.starts_with("std") {
            let part = container::part(text.as_bytes())?;
            let time = self.recent.leading(text, n, context)?;
            let content = text.get(part.head.len()..)?;
            let stream = std::str::from_utf8(part.stream).ok()?;
            let writer = SmallVec::from_slice(&[text.get(n + 1..n + 1 + stream.len())?]);
            return Some(Outer { time: Some(time), level: None, writer, content });
        }
        // An access log has a request in quotes.
        let may_be_access = line.may_have_quote && memchr::memchr(b'"', text.as_bytes()).is_some();
        if may_be_access {
            return None;
        }
        memchr::memchr(b'[', text.as_bytes())?;
        let time = self.recent.leading(text, n, context)?;
        tagged(text.get(n..)?, time, true)
    }

    /// A priority of syslog, in front of a line of RFC 5424 without data, or of a classic one.
    fn prioritized<'l>(&mut self, text: &'l str, context: &Context) -> Option<Outer<'l>> {
        let n_digits = text.bytes().skip(1).take(4).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = text.get(1..)?.split_at_checked(n_digits)?;
        let rest = rest.strip_prefix('>')?;
        let number = digits.parse::<u32>().ok().filter(|number| *number <= syslog::MOST)?;
        let severity = level::of_severity(number % 8);
        let Some(mut behind) = rest.strip_prefix("1 ") else {
            let outer = if begins_classic(rest) { self.classic(rest, context)? } else { return None };
            return Some(Outer { level: outer.level.or(severity), ..outer });
        };
        let mut words = [""; 6];
        for word in &mut words {
            (*word, behind) = behind.split_once(' ')?;
        }
        let [stamp, host, app, process, _id, data] = words;
        let time = self.recent.leading(stamp, stamp.len(), context)?;
        let writer = SmallVec::from_slice(&[host, app, process]);
        (data == "-").then_some(Outer { time: Some(time), level: severity, writer, content: behind })
    }

    /// A record of Docker's log file whose line has nothing that JSON would write otherwise.
    fn docker<'l>(&mut self, text: &'l str, context: &Context) -> Option<Outer<'l>> {
        let rest = text.strip_prefix("{\"log\":\"")?;
        let end = memchr::memchr2(b'"', b'\\', rest.as_bytes())?;
        let (content, behind) = rest.split_at_checked(end)?;
        let behind = behind.strip_prefix("\\n").unwrap_or(behind).strip_prefix("\",\"stream\":\"")?;
        let (stream, behind) = behind.split_once('"').filter(|(stream, _)| matches!(*stream, "stdout" | "stderr"))?;
        let stamp =
            behind.strip_prefix(",\"time\":\"")?.strip_suffix("\"}").filter(|stamp| !stamp.contains(['"', '\\']))?;
        let time = self.recent.whole(stamp, context)?;
        Some(Outer { time: Some(time), level: None, writer: SmallVec::from_slice(&[stream]), content })
    }
}

/// Whether a text may begin with a classic time: the month is followed by a blank, the hour by a colon.
fn begins_classic(text: &str) -> bool {
    matches!(text.as_bytes(), [b'A'..=b'Z', _, _, b' ', _, _, _, _, _, b':', ..])
}

/// Who wrote a line, behind its time.
fn tagged(text: &str, time: Timestamp, needs_process: bool) -> Option<Outer<'_>> {
    let (tag, content) = syslog::tagged(text.strip_prefix(' ')?, needs_process)?;
    Some(Outer { time: Some(time), level: tag.level(), writer: SmallVec::from_slice(&tag.writer()), content })
}

fn kubectl(text: &str) -> Option<Outer<'_>> {
    let (pod, content) = container::pod(text)?;
    Some(Outer { time: None, level: None, writer: SmallVec::from_slice(&[pod]), content })
}

fn compose(text: &str) -> Option<Outer<'_>> {
    let (service, content) = container::service(text)?;
    Some(Outer { time: None, level: None, writer: SmallVec::from_slice(&[service]), content })
}
