//! Reads what frameworks and their servers write of requests in formats of their own: Gin, Fiber, Morgan, uWSGI, and IIS.

use super::super::{Context, Record, time};
use super::{METHODS, Request, is_status};
use crate::ingest::trace::place::is_number;

/// Reads a format that has no request line in quotes.
pub(super) fn read(text: &str, context: &Context) -> Option<Record> {
    match text.bytes().next()? {
        b'0'..=b'9' => iis(text, context).or_else(|| columns(text, context)),
        b'A'..=b'Z' => morgan(text),
        b'[' => columns(text, context).or_else(|| uwsgi(text, context)),
        _ => None,
    }
}

/// `[GIN] DATE - TIME | STATUS | DURATION | CLIENT | METHOD "PATH"`, and `TIME | STATUS | DURATION | CLIENT | METHOD | PATH | ...`
/// of Fiber.
pub(super) fn columns(text: &str, context: &Context) -> Option<Record> {
    let mut columns = text.split('|').map(str::trim);
    let (stamp, status, _duration, client) = (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
    if !is_status(status) {
        return None;
    }
    let asked = columns.next()?;
    let (method, path) = match asked.split_once(' ') {
        Some((method, path)) => (method, path.trim_matches([' ', '"'])),
        None => (asked, columns.next()?),
    };
    if !METHODS.contains(&method) {
        return None;
    }
    let stamp = stamp.strip_prefix("[GIN] ").unwrap_or(stamp).trim_matches(['[', ']']).replacen(" - ", " ", 1);
    let at = time::whole(&stamp, context)?;
    let line = format!("{method} {path}");
    Some(Request { at: Some(at), client, line: &line, status, ..Request::default() }.record())
}

/// `[pid: 8|app: 0|req: 1/1] CLIENT (USER) {N vars in N bytes} [TIME] METHOD PATH => generated N bytes in N msecs (HTTP/1.1
/// STATUS) ...`, as uWSGI writes.
fn uwsgi(text: &str, context: &Context) -> Option<Record> {
    let (_, rest) = text.strip_prefix("[pid: ")?.split_once("] ")?;
    let (client, rest) = rest.split_once(" (")?;
    let (user, rest) = rest.split_once(") {")?;
    let (_, rest) = rest.split_once("} [")?;
    let (stamp, rest) = rest.split_once("] ")?;
    let (asked, rest) = rest.split_once(" => generated ")?;
    let (version, rest) = rest.split_once(" (HTTP/")?.1.split_once(' ')?;
    let status = rest.split(')').next().filter(|status| is_status(status))?;
    let at = time::whole(stamp, context)?;
    let line = format!("{asked} HTTP/{version}");
    Some(Request { at: Some(at), client, user, line: &line, status, note: "" }.record())
}

/// `METHOD PATH STATUS MILLIS ms - BYTES`, which Express' Morgan calls `dev`.
fn morgan(text: &str) -> Option<Record> {
    let mut words = text.split(' ');
    let (method, path) = (words.next().filter(|word| METHODS.contains(word))?, words.next()?);
    let (status, millis, unit) = (words.next().filter(|word| is_status(word))?, words.next()?, words.next()?);
    let is_duration = unit == "ms" && (millis == "-" || millis.parse::<f64>().is_ok());
    let line = text.get(..method.len() + 1 + path.len())?;
    (is_duration && path.starts_with('/')).then(|| Request { line, status, ..Request::default() }.record())
}

/// The fields that IIS writes where nobody chose others: `DATE TIME SERVER METHOD PATH QUERY PORT USER CLIENT AGENT [REFERER]
/// STATUS SUBSTATUS WIN32 MILLIS`. The name of the site and of the machine may stand in front of the server, the version of
/// HTTP behind the client, cookie and host behind the agent, and numbers of bytes behind the status.
fn iis(text: &str, context: &Context) -> Option<Record> {
    let (at, n) = time::leading(text, context)?;
    let text = text.get(n..)?.strip_prefix(' ')?;
    let asked = text.split(' ').take(4).position(|word| METHODS.contains(&word)).filter(|asked| *asked > 0)?;
    let words: smallvec::SmallVec<[&str; 24]> = text.split(' ').take(23).collect();
    let [method, path, _query, port, user, client, rest @ ..] = words.get(asked..)? else { return None };
    let n_numbers = rest.iter().rev().take_while(|word| is_number(word)).count();
    // Status, its kind, the code of Windows, perhaps the bytes of answer and request, the duration.
    let [status, substatus, _win32, _, ..] = rest.get(rest.len() - n_numbers..)? else { return None };
    let is_it = path.starts_with('/') && is_number(port) && is_status(status) && words.len() <= 22;
    if !is_it || n_numbers > 6 {
        return None;
    }
    let line = format!("{method} {path}");
    let note = if *substatus == "0" { String::new() } else { format!("substatus {substatus}") };
    Some(Request { at: Some(at), client, user, line: &line, status, note: &note }.record())
}
