//! Reads any line of which the begin tells when and for whom, and the rest begins with a request in quotes and its status:
//! Envoy, Django, Uvicorn, chi, and what people make of the common format.

use super::super::{Context, Record, level_of_word, time};
use super::{FRONT_BYTES, Request, end_of_quotes, is_request_line, is_status};
use crate::ingest::decode::clean;
use crate::units::Timestamp;

/// The most words in front of the request.
const WORDS: usize = 8;
/// The longest reason, in bytes: Envoy joins its flags by commas.
const NOTE_BYTES: usize = 24;

/// Reads a line.
pub(super) fn read(text: &str, context: &Context) -> Option<Record> {
    let quote = memchr::memchr(b'"', clean::cut(text, FRONT_BYTES).as_bytes())?;
    let quoted = text.get(quote + 1..)?;
    let end = end_of_quotes(quoted)?;
    let line = quoted.get(..end).filter(|line| is_request_line(line))?;
    let behind = quoted.get(end + 1..)?.strip_prefix(' ')?;
    let (status, behind) = match behind.strip_prefix("from ") {
        // chi tells the client there.
        Some(rest) => rest.split_once(" - ")?.1.split_once(' ')?,
        None => behind.split_once(' ').unwrap_or((behind, "")),
    };
    if !(is_status(status) || status == "0") {
        return None;
    }
    let Front { at, client } = front(text.get(..quote)?, context)?;
    let first = behind.split(' ').next().unwrap_or_default();
    let is_note = (2..=NOTE_BYTES).contains(&first.len())
        && first != "OK"
        && first.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b',');
    let note = if is_note { first } else { "" };
    Some(Request { at, client, line, status, note, ..Request::default() }.record())
}

/// What stands in front of a request.
struct Front<'l> {
    at: Option<Timestamp>,
    client: &'l str,
}

/// Reads times, groups in brackets, levels, dashes and addresses; `None` where there is anything else, or neither time nor
/// address.
fn front<'l>(text: &'l str, context: &Context) -> Option<Front<'l>> {
    let mut found = Front { at: None, client: "" };
    let mut rest = text;
    for _ in 0..WORDS {
        rest = rest.trim_start_matches(' ');
        let inside = rest.strip_prefix('[').unwrap_or(rest);
        let n = match time::leading(inside, context).filter(|_| found.at.is_none()) {
            Some((at, n)) => {
                found.at = Some(at);
                let n = n + rest.len() - inside.len();
                n + usize::from(rest.get(n..)?.starts_with(']'))
            }
            None if inside.len() < rest.len() => rest.find(']')? + 1,
            None => word(rest, &mut found)?,
        };
        rest = rest.get(n..).filter(|rest| rest.is_empty() || rest.starts_with(' '))?;
        if rest.trim_start_matches(' ').is_empty() {
            return (found.at.is_some() || !found.client.is_empty()).then_some(found);
        }
    }
    None
}

/// Passes a dash, a level or an address, the first of which is the client's; returns its length.
fn word<'l>(rest: &'l str, found: &mut Front<'l>) -> Option<usize> {
    let word = rest.split(' ').next().unwrap_or_default();
    let bare = word.trim_end_matches([':', ',']);
    let is_address = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-_".contains(&byte))
        && bare.bytes().any(|byte| byte == b'.' || byte == b':');
    if is_address && found.client.is_empty() {
        found.client = bare;
    }
    (word == "-" || is_address || level_of_word(bare).is_some()).then_some(word.len())
}
