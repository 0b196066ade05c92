//! Reads the common and the combined format of web servers, with or without a virtual host.

use super::super::plain::Beginning;
use super::super::time::Minute;
use super::super::{Context, Record, time};
use super::{Request, end_of_quotes, has_version, is_address, is_status, level};
use crate::ingest::Level;
use crate::units::Timestamp;

/// Where the bracket of the time must begin at the latest.
const TIME_AT_MOST: usize = 400;

/// Where the time must end at the latest.
const TIME_BYTES: usize = 48;

/// Where the seconds are, as in `02/Jan/2006:15:04:05 +0000`.
const SECONDS_AT: usize = 18;

/// Reads `CLIENT IDENTITY USER [TIME] "REQUEST" STATUS BYTES ["REFERER" "AGENT"]`; `None` when it is something else.
pub(super) fn read(text: &str, context: &Context) -> Option<Record> {
    let (at, Parts { client, user, request, status, rest, .. }) = parts(text, |text| time::leading(text, context))?;
    let mut record = Request { at: Some(at), client, user, line: request, status, note: "" }.record();
    remaining(rest, &mut record);
    Some(record)
}

/// Reads the same of a line that no other format could claim: one that begins with the number of a client.
pub(in crate::ingest::decode) fn beginning<'l>(
    text: &'l str,
    context: &Context,
    minute: &mut Minute,
) -> Option<Beginning<'l>> {
    let is_numbered = text.starts_with(|first: char| first.is_ascii_digit());
    let (time, Parts { identity, request, status, .. }) = parts(text, |text| {
        let n = memchr::memchr(b']', text.get(..text.len().min(TIME_BYTES))?.as_bytes())?;
        Some((minute.leading(text, n, SECONDS_AT, context)?, n))
    })?;
    let level = level(status);
    // The status of a failure is told in more words where the request has no version.
    let is_said = !request.is_empty() && request.trim() == request && (level == Level::Info || has_version(request));
    // A container runtime writes the name of a stream there.
    (is_numbered && is_said && !identity.starts_with("std")).then_some(Beginning {
        time,
        level,
        message: request,
        tail: status,
    })
}

/// The parts of a line.
struct Parts<'l> {
    client: &'l str,
    /// The second word.
    identity: &'l str,
    user: &'l str,
    request: &'l str,
    status: &'l str,
    /// What stands behind the status.
    rest: &'l str,
}

/// Cuts a line; `leading` reads the time that a text begins with, and tells how long it is.
fn parts<'l>(
    text: &'l str,
    leading: impl FnOnce(&'l str) -> Option<(Timestamp, usize)>,
) -> Option<(Timestamp, Parts<'l>)> {
    let front = text.as_bytes().get(..text.len().min(TIME_AT_MOST))?;
    let front_end = memchr::memchr_iter(b'[', front).find(|at| *at > 0 && front.get(at - 1) == Some(&b' '))? - 1;
    let rest = text.get(front_end + 2..)?;
    let mut words = text.get(..front_end)?.split(' ');
    let (first, identity, third) = (words.next()?, words.next()?, words.next()?);
    let (client, user) = match (words.next(), words.next(), words.next()) {
        (None, ..) => (first, third),
        // Behind the virtual host; the identity, and perhaps one of the request, may be anything there.
        (Some(user), None, _) if third == "-" || is_address(identity) => (identity, user),
        (Some(_), Some(user), None) if is_address(identity) => (identity, user),
        _ => return None,
    };
    let (at, n) = leading(rest)?;
    let quoted = rest.get(n..)?.strip_prefix("] \"")?;
    let end = end_of_quotes(quoted)?;
    let request = quoted.get(..end)?;
    let rest = quoted.get(end + 1..)?.trim_start();
    let (status, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    is_status(status).then_some((at, Parts { client, identity, user, request, status, rest }))
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
