//! Reads what devices write behind a modern time in forms of their own: the hosts of VMware, and those that write RFC 5424
//! without its version, as Juniper's do.
//!
//! Input: the text behind the time. Output: a [`Record`]. Pure. Each reader declines at the first thing that its form would
//! not write.

use super::syslog::{structured, tagged};
use super::{Context, Format, Header, Record, Wrapper, clean, decode_text, level, level_of_word};
use crate::ingest::trace::place::is_number;
use crate::units::Timestamp;

/// Reads a line of any of them.
pub(super) fn read(rest: &str, at: Timestamp, context: &Context, wrappers: u8) -> Option<Record> {
    let mut record = kernel(rest)
        .or_else(|| graded(rest))
        .or_else(|| hosted(rest))
        .or_else(|| unversioned(rest, context, wrappers))?;
    record.time = Some(at);
    Some(record)
}

/// `cpu3:2097152)MODULE: message`, perhaps `cpu3:2097152)WARNING: MODULE: message`: the kernel of ESXi.
fn kernel(rest: &str) -> Option<Record> {
    let (place, _) = clean::cut(rest, 96).strip_prefix("cpu")?.split_once(')')?;
    let (processor, world) = place.split_once(':')?;
    // What asked for it may stand behind.
    let (world, asked) = world.split_once(" opID=").unwrap_or((world, ""));
    if !is_number(processor) || !is_number(world) {
        return None;
    }
    let message = rest.get("cpu)".len() + place.len()..)?;
    let (word, said) = message.split_once(": ").unwrap_or(("", message));
    let said_level = matches!(word, "WARNING" | "ALERT").then(|| level_of_word(word)).flatten();
    let mut record = Record::plain(if said_level.is_some() { said } else { message });
    record.level = said_level;
    record.component = Some("vmkernel".to_owned());
    record.header = if said_level.is_some() { Header::Own } else { Header::Carrier };
    record.field("cpu", processor);
    record.field("world", world);
    record.field("opID", asked);
    Some(record)
}

/// `In(14) PROGRAM[ID]: message`, whose number is the priority of syslog: ESXi from version 8 on.
fn graded(rest: &str) -> Option<Record> {
    let (word, behind) = clean::cut(rest, 16).split_once('(')?;
    let (number, _) = behind.split_once(") ")?;
    let is_word = matches!(word.as_bytes(), [b'A'..=b'Z', b'a'..=b'z']);
    let priority = number.parse::<u32>().ok().filter(|priority| is_word && *priority < 192)?;
    let (tag, message) = tagged(rest.get(word.len() + number.len() + 3..)?, false)?;
    let [_, program, process] = tag.writer();
    let mut record = kernel(message).unwrap_or_else(|| originated(message));
    record.level = record.level.or_else(|| level::of_severity(priority % 8));
    record.header = Header::Own;
    record.component = record.component.or_else(|| Some(program.to_owned()));
    record.field("pid", process);
    Some(record)
}

/// `HOST Program: LEVEL program[ID] [Originator@6876 sub=WRITER ...] message`, as ESXi sends to a collector.
fn hosted(rest: &str) -> Option<Record> {
    let (tag, message) = tagged(rest, false)?;
    let [host, program, _] = tag.writer();
    let (word, behind) = message.split_once(' ')?;
    let level = level_of_word(word)?;
    let (inner, message) = behind.split_once("] ").filter(|(inner, _)| inner.len() <= 96)?;
    let (name, process) = inner.split_once('[')?;
    if host.is_empty() || !name.eq_ignore_ascii_case(program) || !message.starts_with("[Originator@") {
        return None;
    }
    let mut record = originated(message);
    record.level = Some(level);
    record.header = Header::Own;
    record.component = record.component.or_else(|| Some(name.to_owned()));
    record.field("host", host);
    record.field("pid", process);
    Some(record)
}

/// A message behind `[Originator@6876 sub=WRITER opID=ID]`.
fn originated(message: &str) -> Record {
    let found = message.strip_prefix("[Originator@").and_then(|rest| rest.split_once(']'));
    let Some((inside, message)) = found.filter(|(inside, _)| inside.len() <= 512) else {
        return Record::plain(message);
    };
    let mut record = Record::plain(message.trim_start_matches(' '));
    for (name, value) in inside.split(' ').filter_map(|pair| pair.split_once('=')) {
        if name == "sub" {
            record.component = Some(value.to_owned());
        } else {
            record.field(name, value);
        }
    }
    record
}

/// `HOST APP PROCESS ID [ELEMENT@NUMBER NAME="VALUE" ...] message`: RFC 5424 without its version.
fn unversioned(rest: &str, context: &Context, wrappers: u8) -> Option<Record> {
    let mut behind = rest;
    let mut words = [""; 4];
    for word in &mut words {
        (*word, behind) = behind.split_once(' ')?;
    }
    let [host, app, process, id] = words;
    let is_element = behind.strip_prefix('[').and_then(|element| element.split_once('@'));
    let (element, number) = is_element?;
    let is_name = element.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if !is_name || !number.starts_with(|first: char| first.is_ascii_digit()) || !(process == "-" || is_number(process))
    {
        return None;
    }
    let mut wrapper = Wrapper::new(format!("{host} {app} {process}"));
    wrapper.format = Format::Syslog;
    wrapper.component = Some(app.to_owned()).filter(|app| app != "-");
    for (name, word) in [("host", host), ("pid", process), ("msgid", id)] {
        if word != "-" {
            wrapper.fields.push((name.to_owned(), word.to_owned()));
        }
    }
    let message = structured(behind, &mut wrapper.fields)?.trim_start_matches(' ');
    // Without words, the kind of message is what is said.
    let message = if message.is_empty() { id } else { message };
    Some(decode_text(message, context, wrappers).wrapped_in(wrapper))
}
