//! Reads the logs of application servers that have forms of their own: WebSphere and Liberty, WebLogic, the reports of
//! Erlang's runtime, and the Common Event Format of appliances.
//!
//! Input: a line. Output: a [`Record`]. Pure. Each reader declines at the first thing that its form would not write.

use super::{Context, Header, Record, clean, level_of_word, time};
use crate::ingest::Level;

/// The longest header, in bytes.
const HEADER_BYTES: usize = 512;

/// `CEF:0|VENDOR|PRODUCT|VERSION|ID|NAME|SEVERITY|EXTENSION`: the Common Event Format. Its severities rise from 0 to 10.
pub(super) fn cef(text: &str) -> Option<Record> {
    let mut rest = text.strip_prefix("CEF:").filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))?;
    let mut columns = [""; 7];
    for column in &mut columns {
        let end = memchr::memchr_iter(b'|', rest.as_bytes())
            .find(|at| rest.as_bytes().get(..*at).is_some_and(|front| !front.ends_with(b"\\")))?;
        *column = rest.get(..end)?;
        rest = rest.get(end + 1..)?;
    }
    let [_, vendor, product, version, id, name, severity] = columns;
    let mut record = Record::plain(name.trim());
    record.level = match severity.parse() {
        Ok(0..=3_u8) => Some(Level::Info),
        Ok(4..=6) => Some(Level::Warn),
        Ok(7 | 8) => Some(Level::Error),
        Ok(9 | 10) => Some(Level::Fatal),
        _ => match severity {
            "Low" => Some(Level::Info),
            "Medium" => Some(Level::Warn),
            "High" => Some(Level::Error),
            "Very-High" => Some(Level::Fatal),
            _ => None,
        },
    };
    record.header = Header::Own;
    record.component = Some(product.to_owned()).filter(|product| !product.is_empty());
    let fields = [("vendor", vendor), ("version", version), ("event_id", id), ("extension", rest.trim())];
    fields.iter().for_each(|(name, value)| record.field(name, value));
    Some(record)
}

/// `[11/27/26 10:12:03:123 CET] 0000001a WSChannelFram E   message`, and `[AUDIT   ] message` on the console: WebSphere and
/// Liberty.
pub(super) fn websphere(text: &str, context: &Context) -> Option<Record> {
    if let Some(message) = text.strip_prefix("[AUDIT   ] ") {
        let mut record = Record::plain(message);
        record.level = Some(Level::Info);
        record.header = Header::Own;
        return Some(record);
    }
    // Most brackets hold no such date.
    if !matches!(text.as_bytes(), [_, b'0'..=b'9', b'/', ..] | [_, b'0'..=b'9', b'0'..=b'9', b'/', ..]) {
        return None;
    }
    let (stamp, _) = clean::cut(text, 64).strip_prefix('[')?.split_once("] ")?;
    let at = short_date(stamp, context)?;
    let (thread, behind) = text.get(stamp.len() + 3..)?.trim_start_matches(' ').split_once(' ')?;
    if thread.len() != 8 || !thread.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let (component, behind) = behind.trim_start_matches(' ').split_once(' ')?;
    let (letter, message) = behind.trim_start_matches(' ').split_once(' ')?;
    let level = match letter {
        "F" => Level::Fatal,
        "E" => Level::Error,
        "W" => Level::Warn,
        "A" | "I" | "C" | "D" | "O" | "R" => Level::Info,
        "1" | "2" => Level::Debug,
        "3" | ">" | "<" => Level::Trace,
        _ => return None,
    };
    let mut record = Record::plain(said(message.trim_start_matches(' ')));
    record.time = Some(at);
    record.level = Some(level);
    record.component = Some(component.to_owned());
    record.header = Header::Own;
    record.field("thread", thread);
    Some(record)
}

/// What is said behind the class and the method that WebSphere's basic form puts in front of it.
fn said(message: &str) -> &str {
    let mut words = message.splitn(3, ' ');
    let (class, method, rest) = (words.next(), words.next(), words.next());
    let is_name = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$.<>".contains(&byte));
    match (class, method, rest) {
        (Some(class), Some(method), Some(rest))
            if is_name(class)
                && is_name(method)
                && class.split('.').count() > 2
                && class.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_uppercase()))
                && method.starts_with(|first: char| first.is_ascii_lowercase() || first == '<') =>
        {
            rest.trim_start_matches(' ')
        }
        _ => message,
    }
}

/// A date with a year of two digits at its end, in the order of the United States unless the first number is no month, and a
/// time with milliseconds behind a colon.
fn short_date(stamp: &str, context: &Context) -> Option<crate::units::Timestamp> {
    let (date, clock) = stamp.split_once(' ')?;
    let mut numbers = date.trim_end_matches(',').split('/');
    let (first, second, year) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let number = |text: &str| text.parse::<u8>().ok().filter(|_| text.len() <= 2);
    let (month, day) = match (number(first)?, number(second)?) {
        (day @ 13.., month) => (month, day),
        (month, day) => (month, day),
    };
    let year = if year.len() == 2 { format!("20{year}") } else { year.to_owned() };
    let written = format!("{year}-{month:02}-{day:02} {clock}");
    let (at, n) = time::leading(&written, context)?;
    // A zone whose name has no meaning of its own.
    (written.len() - n <= 6).then_some(at)
}

/// `<Nov 27, 2026 10:12:03 AM UTC> <Error> <Deployer> <BEA-149231> <message>`, and the longer form behind `####`: WebLogic.
pub(super) fn weblogic(text: &str, context: &Context) -> Option<Record> {
    let rest = text.strip_prefix("####").unwrap_or(text);
    let is_long = rest.len() < text.len();
    let (stamp, mut rest) = rest.strip_prefix('<')?.split_once("> ")?;
    let (at, n) = time::leading(stamp, context)?;
    if stamp.len() - n > 8 {
        return None;
    }
    let mut record = Record::plain("");
    record.time = Some(at);
    record.header = Header::Own;
    for n_groups in 1.. {
        let inside = group(rest)?;
        rest = rest.get(inside.len() + 3..)?;
        let is_code = inside.starts_with("BEA-") || (n_groups == 3 && !is_long);
        match n_groups {
            1 => record.level = Some(level_of_word(inside)?),
            2 => record.component = Some(inside.to_owned()),
            _ if is_code => record.field("code", inside),
            3 => record.field("host", inside),
            5 => record.field("thread", inside),
            _ => {}
        }
        // The message stands behind the code.
        if is_code {
            break;
        }
        if n_groups == GROUPS {
            return None;
        }
    }
    let message = rest.strip_prefix('<')?;
    let message = message.trim_end();
    record.message = message.strip_suffix('>').unwrap_or(message).trim_end().to_owned();
    Some(record)
}

/// The most groups in front of the message.
const GROUPS: usize = 14;

/// What stands in the angles that a text begins with, where another group follows.
fn group(text: &str) -> Option<&str> {
    Some(clean::cut(text, HEADER_BYTES).strip_prefix('<')?.split_once("> <")?.0)
}

/// `=ERROR REPORT==== 27-Nov-2026::10:12:03.123456 ===`, with the report on the next line: Erlang's runtime, and RabbitMQ and
/// CouchDB of old.
pub(super) fn erlang(text: &str, context: &Context) -> Option<Record> {
    let (kind, stamp) = text.strip_prefix('=')?.split_once(" REPORT==== ")?;
    let level = match kind {
        "CRASH" | "SUPERVISOR" => Level::Error,
        "PROGRESS" => Level::Info,
        word => level_of_word(word)?,
    };
    let stamp = stamp.trim_end().strip_suffix("===")?.trim_end().replacen("::", " ", 1);
    let (at, _) = time::leading(&stamp, context)?;
    let mut record = Record::plain("");
    record.time = Some(at);
    record.level = Some(level);
    record.header = Header::Own;
    record.awaits_message = true;
    Some(record)
}
