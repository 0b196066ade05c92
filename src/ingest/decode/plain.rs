//! Reads plain lines: the headers that are one logger's own, and any other through `header`.

use std::ops::Range;

use super::header::Peeled;
use super::{
    Context, Format, Header, Reading, Record, database, decode_braced, header, level, level_of_word, logfmt, time,
};
use crate::ingest::Level;
use crate::ingest::trace::place::is_number;
use crate::units::Timestamp;

/// Reads a line that no structured format claimed.
pub(super) fn read(text: &str, context: &Context, wrappers: u8) -> Record {
    reading(text, context, wrappers).into_record()
}

/// Reads an indented line that begins with an ordinary word in small letters, as those of traces do: it has no header.
pub(in crate::ingest) fn indented(text: &str) -> Option<Glance<'_>> {
    let body = text.trim_start_matches([' ', '\t']);
    let begins = body.bytes().next().filter(|_| body.len() < text.len())?;
    // Of Python's places in the source, the first word has a capital.
    let is_word = match begins {
        b'a'..=b'z' => {
            header::prefix_word(body, true).is_none() && !time::begins_with_name(body) && body.get(4..6) != Some(": ")
        }
        b'F' => body.starts_with("File \""),
        _ => false,
    };
    let blanks = text.len() - body.len();
    is_word.then(|| Glance {
        peeled: Peeled::default(),
        level: implied(body),
        body,
        header: Header::None,
        indent: blanks,
        margin: blanks,
    })
}

/// Reads a line that no structured format claimed, and copies nothing where it has a header like most.
pub(super) fn reading<'l>(text: &'l str, context: &Context, wrappers: u8) -> Reading<'l> {
    let body = text.trim_start_matches([' ', '\t']);
    let special = match body.bytes().next() {
        Some(b'A'..=b'Z') => ruby(body, context).or_else(|| python(body)).or_else(|| java_util(body, context)),
        Some(b'a'..=b'z') => dotnet(body),
        Some(b'0'..=b'9') => redis(body, context),
        _ => None,
    };
    let blanks = text.len() - body.len();
    let mut reading = special.map_or_else(|| generic(body, context, wrappers), Reading::Record);
    match &mut reading {
        Reading::Glance(glance) => {
            glance.indent += if glance.header == Header::None { blanks } else { 0 };
            glance.margin = if glance.peeled.time.is_none() { blanks } else { 0 };
        }
        Reading::Record(record) => {
            record.indent += if record.header == Header::None { blanks } else { 0 };
            record.margin = if record.time.is_none() { blanks } else { record.margin };
            record.message.truncate(record.message.trim_end().len());
        }
    }
    reading
}

/// A line that begins an event whatever came before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ingest) struct Beginning<'l> {
    pub(in crate::ingest) time: Timestamp,
    pub(in crate::ingest) level: Level,
    /// A part of the line, without blanks around it.
    pub(in crate::ingest) message: &'l str,
    /// What belongs to the message behind a blank, where it does not stand there; mostly nothing.
    pub(in crate::ingest) tail: &'l str,
}

/// A plain line and its header, as they stand in the text.
#[derive(Debug)]
pub(in crate::ingest) struct Glance<'l> {
    peeled: Peeled<'l>,
    level: Option<Level>,
    body: &'l str,
    header: Header,
    indent: usize,
    margin: usize,
}

impl<'l> Glance<'l> {
    /// The line as one that begins an event whatever came before it: where it has a time and a level in front of a
    /// message that is not indented and holds no fields.
    pub(in crate::ingest) fn beginning(&self) -> Option<Beginning<'l>> {
        let (time, level) = self.peeled.time.zip(self.peeled.level)?;
        let message = self.body.trim_end();
        let is_flush = self.indent == 0 && self.margin == 0;
        let is_bare = memchr::memchr(b'\t', message.as_bytes()).is_none();
        (is_flush && is_bare && self.header == Header::Own).then_some(Beginning { time, level, message, tail: "" })
    }

    /// The line as one that neither continues nor begins anything but itself, as far as its header tells: its time, its level
    /// and its message.
    pub(super) fn alone(&self) -> Option<(Option<Timestamp>, Option<Level>, &'l str)> {
        let message = self.body.trim_end();
        let is_flush = self.indent == 0 && self.margin == 0;
        let is_bare = !message.starts_with(['{', '<']) && memchr::memchr(b'\t', message.as_bytes()).is_none();
        (is_flush && is_bare && !message.is_empty()).then_some((self.peeled.time, self.level, message))
    }

    /// Where the time is that the line begins with; empty when it begins with something else.
    pub(super) fn time_at(&self) -> Range<usize> {
        self.peeled.time_at.clone()
    }

    pub(in crate::ingest) fn into_record(self) -> Record {
        let Self { peeled, level, body, header, indent, margin } = self;
        let mut record = Record::plain(body);
        (record.indent, record.margin, record.header) = (indent, margin, header);
        (record.time, record.level) = (peeled.time, level);
        record.component = peeled.component.map(str::to_owned);
        record.fields = owned(&peeled);
        tab_fields(&mut record);
        record.message.truncate(record.message.trim_end().len());
        record
    }
}

fn owned(peeled: &Peeled<'_>) -> Vec<(String, String)> {
    peeled.fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn generic<'l>(text: &'l str, context: &Context, wrappers: u8) -> Reading<'l> {
    let peeled = header::peel(text, context);
    let rest = text.get(peeled.body_at..).unwrap_or_default();
    let body = rest.trim_start_matches([' ', '\t']);
    let header = match (peeled.level, peeled.time) {
        (Some(_), _) => Header::Own,
        (None, Some(_)) => Header::Carrier,
        (None, None) => Header::None,
    };
    let inner = if peeled.time.is_some() && peeled.level.is_none() { wrappers.checked_sub(1) } else { None };
    let Some(mut record) = inner.and_then(|wrappers| carried(body, context, wrappers)) else {
        // PostgreSQL sets a message off from its level by two blanks.
        let is_set_off =
            peeled.level.is_some() && text.get(..peeled.body_at).is_some_and(|header| header.ends_with(':'));
        let n_blanks = if is_set_off && rest.starts_with("  ") { 2 } else { 1 };
        let indent = if peeled.body_at == 0 { 0 } else { (rest.len() - body.len()).saturating_sub(n_blanks) };
        // What is added to the line before begins nothing, whatever blanks stand in front of it.
        let is_added = peeled.time.is_some() && peeled.level.is_none() && database::accompanies(body);
        let indent = indent.max(usize::from(is_added));
        let is_behind_time = peeled.time.is_some() && peeled.component.is_none() && peeled.fields.is_empty();
        let level = peeled.level.or_else(|| implied(body)).or_else(|| header::spoken(body).filter(|_| is_behind_time));
        return Reading::Glance(Glance { peeled, level, body, header, indent, margin: 0 });
    };
    record.header = record.header.max(header);
    record.time = record.time.or(peeled.time);
    record.level = record.level.or(peeled.level).or_else(|| implied(body));
    record.component = record.component.or(peeled.component.map(str::to_owned));
    record.fields.splice(0..0, owned(&peeled));
    tab_fields(&mut record);
    Reading::Record(record)
}

/// Reads what stands behind a bare time as a structured line.
fn carried(body: &str, context: &Context, wrappers: u8) -> Option<Record> {
    match body.as_bytes() {
        [b'{', b'"', ..] => Some(decode_braced(body, context, wrappers)).filter(|record| !record.malformed),
        [first, ..] if first.is_ascii_alphabetic() => klog(body, context)
            .or_else(|| logfmt::read(body, context).filter(|record| !record.malformed))
            .or_else(|| ruby(body, context))
            .or_else(|| python(body)),
        [first, ..] if first.is_ascii_digit() => redis(body, context),
        _ => None,
    }
}

/// The level that a message implies by its first words, which stay part of it.
pub(in crate::ingest) fn implied(message: &str) -> Option<Level> {
    let message = message.strip_prefix("PHP ").unwrap_or(message);
    let n = message.bytes().take(16).take_while(u8::is_ascii_alphabetic).count();
    let (word, rest) = message.split_at_checked(n)?;
    if rest.starts_with(':') || rest.starts_with('[') {
        return level_of_word(word)
            .filter(|_| !matches!(word, "Log" | "log" | "Default" | "default" | "config" | "Config"));
    }
    let rest = rest.strip_prefix(" error:").or_else(|| rest.strip_prefix(" Error:"));
    (rest.is_some() && word.eq_ignore_ascii_case("fatal")).then_some(Level::Fatal)
}

/// Takes the JSON object that zap's console encoder puts behind the message.
fn tab_fields(record: &mut Record) {
    let bytes = record.message.as_bytes();
    let is_object = |at: &usize| bytes.get(*at..).is_some_and(|rest| rest.starts_with(b"\t{\""));
    let Some(at) = memchr::memrchr_iter(b'\t', bytes).find(is_object) else { return };
    let object = record.message.split_off(at);
    let Ok(pairs) = super::json::flatten(&object) else { return record.message.push_str(&object) };
    record.stack = record.stack.take().or_else(|| super::roles::stack(&pairs));
    for pair in &pairs {
        record.field(&pair.name, &pair.value);
    }
}

/// `E0102 15:04:05.123456    1234 file.go:12] message`, and the structured form of it with quotes and pairs.
pub(super) fn klog(text: &str, context: &Context) -> Option<Record> {
    let bytes = text.as_bytes();
    let letter = *bytes.first()?;
    if !matches!(letter, b'I' | b'W' | b'E' | b'F' | b'D') || !bytes.get(1..5)?.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let n_digits = bytes.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    let stamp = text.get(1..)?;
    let (at, n) = match n_digits {
        4 => {
            let (month_day, clock) = stamp.split_once(' ')?;
            let (month, day) = month_day.split_at_checked(2)?;
            let dashed = format!("{month}-{day} {}", clock.get(..clock.len().min(20))?);
            let (at, n) = time::leading(&dashed, context)?;
            (at, n - 1)
        }
        6 => return cockroach(letter, stamp, context),
        8 => time::leading(stamp, context)?,
        _ => return None,
    };
    let rest = stamp.get(n..)?.trim_start_matches(' ');
    let (place, message) = rest.split_once("] ").or_else(|| Some((rest.strip_suffix(']')?, "")))?;
    if place.len() > 160 {
        return None;
    }
    let (process, caller) = place.rsplit_once(' ').unwrap_or(("", place));
    let mut record = Record::plain(message);
    record.format = Format::Klog;
    record.header = Header::Own;
    record.time = Some(at);
    record.level = level::of_letter(letter);
    record.component = caller.split(':').next().filter(|file| !file.is_empty()).map(str::to_owned);
    record.field("pid", process.trim());
    record.field("caller", caller);
    quoted_message(&mut record);
    Some(record)
}

/// `I261127 10:12:03.123456 4711 server/node.go:42 ⋮ [n1] 17  message`, as CockroachDB writes, behind the letter.
fn cockroach(letter: u8, stamp: &str, context: &Context) -> Option<Record> {
    let (day, rest) = stamp.split_once(' ')?;
    let (clock, rest) = rest.split_once(' ')?;
    let (year, month_day) = day.split_at_checked(2)?;
    let (month, day) = month_day.split_at_checked(2)?;
    let (at, _) = time::leading(&format!("20{year}-{month}-{day} {clock}"), context)?;
    let (process, rest) = rest.split_once(' ')?;
    let (caller, rest) = rest.split_once(' ')?;
    let (file, line) = caller.rsplit_once(':')?;
    if !is_number(process) || !is_number(line) || !file.contains('.') {
        return None;
    }
    let rest = rest.strip_prefix("\u{22ee} ").unwrap_or(rest);
    let tags = rest.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    let (tags, rest) = tags.unwrap_or(("", rest));
    let message = match rest.split_once("  ") {
        Some((counter, message)) if is_number(counter) => message,
        _ => rest,
    };
    let mut record = Record::plain(message.trim());
    (record.format, record.header) = (Format::Klog, Header::Own);
    (record.time, record.level) = (Some(at), level::of_letter(letter));
    let file = file.rsplit_once('@').map_or(file, |(_, file)| file);
    record.component = Some(file.to_owned());
    record.field("pid", process);
    record.field("caller", caller);
    record.field("context", tags);
    Some(record)
}

/// Takes the quotes and the pairs off a message that is written `"message" key="value"`.
fn quoted_message(record: &mut Record) {
    if !record.message.starts_with('"') {
        return;
    }
    let text = format!("msg={}", record.message);
    let Some(pairs) = logfmt::trailing(&text) else { return };
    let mut pairs = pairs.into_iter();
    if let Some(message) = pairs.next() {
        record.message = message.value.into_owned();
    }
    for pair in pairs {
        record.field(&pair.name, &pair.value);
    }
}

/// `E, [2026-01-02T15:04:05.123456 #1234] ERROR -- program: message`.
fn ruby(text: &str, context: &Context) -> Option<Record> {
    let letter = *text.as_bytes().first()?;
    let rest = text.get(1..)?.strip_prefix(", [")?;
    let (at, n) = time::leading(rest, context)?;
    let (process, rest) = rest.get(n..)?.split_once("] ")?;
    let (word, rest) = rest.trim_start().split_once(" -- ")?;
    let (program, message) = rest.split_once(": ").or_else(|| Some((rest.strip_suffix(':')?, "")))?;
    if program.len() > 64 {
        return None;
    }
    let body = message.trim_start_matches([' ', '\t']);
    let mut record = Record::plain(body);
    record.indent = message.len() - body.len();
    record.header = Header::Own;
    record.time = Some(at);
    record.level = level_of_word(word).or_else(|| level::of_letter(letter));
    record.component = Some(program.to_owned()).filter(|program| !program.is_empty());
    record.field("pid", process.trim().trim_start_matches('#'));
    Some(record)
}

/// `ERROR:root:message`, the default of Python's logging.
fn python(text: &str) -> Option<Record> {
    let (word, rest) = text.split_once(':')?;
    let level = level_of_word(word).filter(|_| word.bytes().all(|byte| byte.is_ascii_uppercase()))?;
    let (name, message) = rest.split_once(':')?;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if name.is_empty() || name.len() > 128 || !name.bytes().all(is_part) {
        return None;
    }
    let mut record = Record::plain(message);
    record.header = Header::Own;
    record.level = Some(level);
    record.component = Some(name.to_owned());
    Some(record)
}

/// `fail: Company.Product.Class[0]`, with the message on the next line.
fn dotnet(text: &str) -> Option<Record> {
    let (word, rest) = text.split_at_checked(4)?;
    let rest = rest.strip_prefix(": ")?;
    if !matches!(word, "trce" | "dbug" | "info" | "warn" | "fail" | "crit") {
        return None;
    }
    let (category, id) = rest.trim_end().strip_suffix(']')?.rsplit_once('[')?;
    if category.is_empty() || category.contains(' ') || id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let level = if word == "crit" { Some(Level::Fatal) } else { level_of_word(word) };
    let mut record = Record::plain("");
    record.header = Header::Own;
    record.level = level;
    record.component = Some(category.to_owned());
    record.field("event_id", if id == "0" { "" } else { id });
    record.awaits_message = true;
    Some(record)
}

/// `Jan 02, 2026 3:04:05 PM com.example.Class method`, with level and message on the next line.
fn java_util(text: &str, context: &Context) -> Option<Record> {
    let (at, n) = time::leading(text, context)?;
    let (class, method) = text.get(n..)?.trim().split_once(' ')?;
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$.<>".contains(&byte));
    if !class.contains('.') || !is_name(class) || !is_name(method) || !text.get(..n)?.contains(',') {
        return None;
    }
    let mut record = Record::plain("");
    record.header = Header::Own;
    record.time = Some(at);
    record.component = Some(class.to_owned());
    record.field("method", method);
    record.awaits_message = true;
    Some(record)
}

/// `1234:M 02 Jan 2026 15:04:05.123 # message`.
fn redis(text: &str, context: &Context) -> Option<Record> {
    let (process, rest) = text
        .get(..text.len().min(12))?
        .split_once(':')
        .and_then(|(process, _)| Some((process, text.get(process.len() + 1..)?)))?;
    let role = rest.get(..2)?;
    if !process.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(role, "M " | "S " | "C " | "X ") {
        return None;
    }
    let rest = rest.get(2..)?;
    let (at, n) = time::leading(rest, context)?;
    let rest = rest.get(n..)?.strip_prefix(' ')?;
    let level = match rest.as_bytes().first()? {
        b'.' | b'-' => Level::Debug,
        b'*' => Level::Info,
        b'#' => Level::Warn,
        _ => return None,
    };
    let mut record = Record::plain(rest.get(1..)?.trim_start());
    record.header = Header::Own;
    record.time = Some(at);
    record.level = Some(level);
    record.component = Some("redis".to_owned());
    record.field("pid", process);
    Some(record)
}
