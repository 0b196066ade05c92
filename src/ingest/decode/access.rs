//! Reads the access logs of web servers: the common and the combined format, with or without a virtual host.

use super::{Context, Format, Header, Record, time};
use crate::ingest::Level;

/// Where the bracket of the time must begin at the latest.
const TIME_AT_MOST: usize = 400;

/// Reads `CLIENT IDENTITY USER [TIME] "REQUEST" STATUS BYTES ["REFERER" "AGENT"]`; `None` when it is something else.
///
/// The status decides the level: 500 and above is an error, 400 and above a warning.
pub(super) fn read(text: &str, context: &Context) -> Option<Record> {
    let front = text.as_bytes().get(..text.len().min(TIME_AT_MOST))?;
    let front_end = memchr::memchr_iter(b'[', front).find(|at| *at > 0 && front.get(at - 1) == Some(&b' '))? - 1;
    let rest = text.get(front_end + 2..)?;
    let (at, n) = time::leading(rest, context)?;
    let front: Vec<&str> = text.get(..front_end)?.split(' ').collect();
    let (client, user) = match front.as_slice() {
        [client, _, user] => (*client, *user),
        [_, client, "-", user] => (*client, *user),
        _ => return None,
    };
    let quoted = rest.get(n..)?.strip_prefix("] \"")?;
    let end = end_of_quotes(quoted)?;
    let request = quoted.get(..end)?;
    let rest = quoted.get(end + 1..)?.trim_start();
    let (status, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    if status.len() != 3 || !status.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut record = Record::plain(&format!("{request} {status}"));
    record.format = Format::Access;
    record.header = Header::Own;
    record.time = Some(at);
    record.level = Some(match status.as_bytes() {
        [b'5', ..] => Level::Error,
        [b'4', ..] => Level::Warn,
        _ => Level::Info,
    });
    record.field("client", client);
    record.field("user", if user == "-" { "" } else { user });
    let mut words = request.split(' ');
    record.field("method", words.next().unwrap_or_default());
    record.field("path", words.next().unwrap_or_default());
    record.field("status", status);
    remaining(rest, &mut record);
    Some(record)
}

/// Reads the size, the referrer and the user agent.
fn remaining(text: &str, record: &mut Record) {
    let (bytes, rest) = text.split_once(' ').unwrap_or((text, ""));
    record.field("bytes", if bytes == "-" { "" } else { bytes });
    let mut rest = rest;
    for name in ["referer", "agent"] {
        let Some(quoted) = rest.trim_start().strip_prefix('"') else { return };
        let Some(end) = end_of_quotes(quoted) else { return };
        let value = quoted.get(..end).unwrap_or_default();
        record.field(name, if value == "-" { "" } else { value });
        rest = quoted.get(end + 1..).unwrap_or_default();
    }
}

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
