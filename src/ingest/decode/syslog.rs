//! Reads syslog: RFC 3164 and RFC 5424, with priority or without, as files, journals and collectors keep it.

use super::{Context, Format, Record, Wrapper, appliances, decode_text, level, plain, time};
use crate::ingest::Level;

/// The highest priority.
pub(super) const MOST: u32 = 191;

/// Reads a line of syslog; `None` when it is none.
///
/// A line that begins with a priority and breaks its own format is plain, and malformed.
pub(super) fn read(text: &str, context: &Context, wrappers: u8) -> Option<Record> {
    let Some(rest) = text.strip_prefix('<') else {
        return version_1(text, context, wrappers).or_else(|| bare(text, context, wrappers));
    };
    let n_digits = rest.bytes().take(4).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = rest.split_at_checked(n_digits)?;
    let rest = rest.strip_prefix('>')?;
    let number = digits.parse::<u32>().ok()?;
    let malformed = || {
        let mut record = plain::read(rest, context, 0);
        record.malformed = true;
        record.format = Format::Syslog;
        record
    };
    if number > MOST {
        return Some(malformed());
    }
    let severity = level::of_severity(number % 8);
    if rest.starts_with("1 ") {
        let mut record = version_1(rest, context, wrappers).unwrap_or_else(malformed);
        record.level = record.level.or(severity);
        return Some(record);
    }
    let mut record = bare(rest, context, wrappers).unwrap_or_else(|| {
        let (tag, message) = tagged(rest, false).unwrap_or((Tag::default(), rest));
        decode_text(message.trim_end(), context, wrappers).wrapped_in(tag.wrapper(None))
    });
    record.level = record.level.or(severity);
    record.header = super::Header::Carrier.max(record.header);
    Some(record)
}

/// RFC 5424 from its version on: `1 TIME HOST APP PROCESS ID STRUCTURED MESSAGE`.
fn version_1(text: &str, context: &Context, wrappers: u8) -> Option<Record> {
    let mut rest = text.strip_prefix("1 ")?;
    let mut words = [""; 5];
    for word in &mut words {
        (*word, rest) = rest.split_once(' ')?;
    }
    let [stamp, host, app, process, id] = words;
    let at = match stamp {
        "-" => None,
        stamp => Some(time::leading(stamp, context).filter(|(_, n)| *n == stamp.len())?.0),
    };
    let given = |word: &str| Some(word.to_owned()).filter(|word| word != "-");
    let mut wrapper = Wrapper::new(format!("{host} {app} {process}"));
    wrapper.format = Format::Syslog;
    wrapper.time = at;
    wrapper.component = given(app);
    for (name, word) in [("host", host), ("pid", process), ("msgid", id)] {
        wrapper.fields.extend(given(word).map(|word| (name.to_owned(), word)));
    }
    let rest = structured(rest, &mut wrapper.fields)?;
    let message = rest.strip_prefix(' ').unwrap_or(rest);
    let message = message.strip_prefix('\u{feff}').unwrap_or(message);
    let mut record = decode_text(message, context, wrappers).wrapped_in(wrapper);
    record.header = record.header.max(super::Header::Carrier);
    Some(record)
}

/// Reads `-` or `[id name="value" ...]...`; returns what stands behind it.
pub(super) fn structured<'a>(text: &'a str, fields: &mut Vec<(String, String)>) -> Option<&'a str> {
    if let Some(rest) = text.strip_prefix('-') {
        return (rest.is_empty() || rest.starts_with(' ')).then_some(rest);
    }
    let mut rest = text;
    while let Some(element) = rest.strip_prefix('[') {
        let end = element.find([' ', ']'])?;
        let (id, mut inside) = element.split_at_checked(end)?;
        loop {
            if let Some(behind) = inside.strip_prefix(']') {
                rest = behind;
                break;
            }
            let (name, value) = inside.trim_start_matches(' ').split_once("=\"")?;
            if name.is_empty() || name.len() > 64 || name.contains([' ', ']', '"']) {
                return None;
            }
            let end = closing_quote(value)?;
            let text = value.get(..end)?.replace("\\\"", "\"").replace("\\]", "]").replace("\\\\", "\\");
            if fields.len() < 256 {
                fields.push((format!("{id}.{name}"), text));
            }
            inside = value.get(end + 1..)?;
        }
    }
    (rest.len() < text.len() && (rest.is_empty() || rest.starts_with(' '))).then_some(rest)
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.as_bytes().get(at..)?)?;
        if text.as_bytes().get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// `TIME HOST TAG[PID]: MESSAGE`; behind a modern time the process id must be there, as its shape is what tells.
fn bare(text: &str, context: &Context, wrappers: u8) -> Option<Record> {
    let classic = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let (at, n) = time::leading(text, context)?;
    // macOS writes two blanks.
    let rest = text.get(n..)?.strip_prefix(' ').map(|rest| rest.strip_prefix(' ').unwrap_or(rest))?;
    let is_joined = text.as_bytes().get(10) == Some(&b'T');
    if is_joined && let Some(record) = appliances::read(rest, at, context, wrappers) {
        return Some(record);
    }
    let found = tagged(rest, !classic).or_else(|| precise(text.get(..n)?, rest)).or_else(|| appliance(rest));
    let (tag, message) = found?;
    Some(decode_text(message, context, wrappers).wrapped_in(tag.wrapper(Some(at))))
}

/// Programs that write to syslog without the number of their process.
const DAEMONS: [&str; 12] = [
    "kernel",
    "sudo",
    "su",
    "dovecot",
    "rsyslogd",
    "systemd",
    "audit",
    "dockerd",
    "containerd",
    "haproxy",
    "nginx",
    "snapd",
];

/// Reads `HOST PROGRAM: ` behind a time as rsyslog writes it today, with microseconds and an offset.
///
/// Two words could be the begin of a sentence that ends with a colon; so the host must look like one, or the program be
/// known to write so.
fn precise<'l>(stamp: &str, rest: &'l str) -> Option<(Tag<'l>, &'l str)> {
    let is_precise = matches!(stamp.as_bytes(), [.., b'.', _, _, _, _, _, _, b'+' | b'-', _, _, b':', _, _])
        || matches!(stamp.as_bytes(), [.., b'.', _, _, _, _, _, _, b'Z']);
    let is_dated = stamp.as_bytes().get(10) == Some(&b'T');
    let (tag, message) = tagged(rest, false).filter(|_| is_precise && is_dated)?;
    let telling = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    let is_known = tag.program.is_some_and(|program| DAEMONS.contains(&program));
    (tag.host?.bytes().any(telling) || is_known).then_some((tag, message))
}

/// Reads `HOST CEF:0|...`, which has no program in front.
fn appliance(text: &str) -> Option<(Tag<'_>, &str)> {
    let (host, message) = text.split_once(' ').filter(|(_, message)| message.starts_with("CEF:"))?;
    Some((Tag { host: Some(host), ..Tag::default() }, message))
}

/// The writer in front of a message.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tag<'a> {
    host: Option<&'a str>,
    program: Option<&'a str>,
    process: Option<&'a str>,
    level: Option<&'a str>,
}

impl<'a> Tag<'a> {
    /// Host, program and process, each perhaps empty.
    pub(super) fn writer(&self) -> [&'a str; 3] {
        [self.host, self.program, self.process].map(Option::unwrap_or_default)
    }

    /// The level between program and message.
    pub(super) fn level(&self) -> Option<Level> {
        self.level.and_then(level::level_of_word)
    }

    fn wrapper(&self, time: Option<crate::units::Timestamp>) -> Wrapper {
        let mut wrapper = Wrapper::new(self.writer().join(" "));
        wrapper.format = Format::Syslog;
        wrapper.time = time;
        wrapper.component = self.program.map(str::to_owned);
        wrapper.level = self.level();
        for (name, value) in [("host", self.host), ("pid", self.process)] {
            wrapper.fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        }
        wrapper
    }
}

/// Reads `[HOST ]PROGRAM[PID]: `; returns it with the message, whose own indentation stays.
pub(super) fn tagged(text: &str, needs_process: bool) -> Option<(Tag<'_>, &str)> {
    if let Some(found) = program(text, needs_process) {
        return Some(found);
    }
    let (host, rest) = text.split_once(' ')?;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'@');
    if host.is_empty() || host.len() > 255 || !host.bytes().all(is_part) || level::level_of_word(host).is_some() {
        return None;
    }
    let (tag, message) = program(rest, needs_process)?;
    Some((Tag { host: Some(host), ..tag }, message))
}

/// Reads `PROGRAM[PID]: ` or `PROGRAM: `, with macOS's `<Level>` before the colon.
fn program(text: &str, needs_process: bool) -> Option<(Tag<'_>, &str)> {
    let is_part = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'(' | b')' | b'@' | b'+' | b'*')
    };
    let n = text.bytes().take(129).take_while(is_part).count();
    let (name, mut rest) = text.split_at_checked(n)?;
    if n == 0 || n > 128 || level::level_of_word(name).is_some() {
        return None;
    }
    let mut tag = Tag { program: Some(name), ..Tag::default() };
    if let Some(inside) = rest.strip_prefix('[') {
        let (process, behind) = inside.split_once(']')?;
        if process.is_empty() || process.len() > 64 || process.contains(' ') {
            return None;
        }
        (tag.process, rest) = (Some(process), behind);
    } else if needs_process {
        return None;
    }
    if let Some(inside) = rest.strip_prefix(" <") {
        let (word, behind) = inside.split_once('>')?;
        (tag.level, rest) = (Some(word), behind);
    }
    let message = rest.strip_prefix(':')?;
    let spaced = message.strip_prefix(' ');
    if spaced.is_none() && !message.is_empty() && !message.starts_with('\t') {
        return None;
    }
    Some((tag, spaced.unwrap_or(message)))
}
