//! Reads what the storage and the content network of AWS write of each request: S3 and CloudFront.

use super::super::{Context, Record, time};
use super::{METHODS, Request, end_of_quotes, is_status, level};
use crate::ingest::Level;

/// `OWNER BUCKET [TIME] CLIENT REQUESTER ID OPERATION KEY "REQUEST" STATUS ERROR BYTES ...`: S3.
pub(super) fn bucket(text: &str, context: &Context) -> Option<Record> {
    let (front, rest) = text.split_once(" [")?;
    let (_owner, bucket) = front.split_once(' ').filter(|(_, bucket)| !bucket.contains(' '))?;
    let (at, n) = time::leading(rest, context)?;
    let mut words = rest.get(n..)?.strip_prefix("] ")?.splitn(6, ' ');
    let (client, requester, _id) = (words.next()?, words.next()?, words.next()?);
    let (operation, _key) = (words.next()?, words.next()?);
    let is_operation = operation.contains('.')
        && operation.bytes().all(|byte| byte.is_ascii_uppercase() || b"._0123456789".contains(&byte));
    let asked = words.next().filter(|_| is_operation)?;
    let (line, rest) = match asked.strip_prefix('"') {
        Some(quoted) => {
            let end = end_of_quotes(quoted)?;
            // What S3 did by itself has no request.
            let line = quoted.get(..end).filter(|line| *line != "-").unwrap_or(operation);
            (line, quoted.get(end + 1..)?.strip_prefix(' ')?)
        }
        None => (operation, asked.strip_prefix("- ")?),
    };
    let mut words = rest.split(' ');
    let (status, error, bytes) = (words.next()?, words.next()?, words.next()?);
    if !(is_status(status) || status == "-") {
        return None;
    }
    let note = if error == "-" { "" } else { error };
    let mut record = Request { at: Some(at), client, user: requester, line, status, note }.record();
    record.field("bytes", if bytes == "-" { "" } else { bytes });
    record.field("bucket", bucket);
    record.field("operation", operation);
    Some(record)
}

/// Bytes of a date.
const DATE_BYTES: usize = 10;

/// The fields of CloudFront's standard log, apart by tabs: `DATE TIME EDGE BYTES CLIENT METHOD HOST PATH STATUS REFERER AGENT QUERY
/// COOKIE RESULT ID ...`.
pub(super) fn edge(text: &str, context: &Context) -> Option<Record> {
    text.as_bytes().get(DATE_BYTES).filter(|tab| **tab == b'\t')?;
    let mut columns = text.split('\t');
    let (date, clock) = (columns.next()?, columns.next()?);
    if date.len() != DATE_BYTES || clock.len() != 8 {
        return None;
    }
    let (at, _) = time::leading(&format!("{date} {clock}"), context)?;
    let (edge, bytes, client, method) = (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
    let (_, path, status) = (columns.next()?, columns.next()?, columns.next()?);
    if !METHODS.contains(&method) || !path.starts_with('/') || !(is_status(status) || status == "000") {
        return None;
    }
    let result = columns.nth(4).unwrap_or_default();
    let line = format!("{method} {path}");
    let note = if level(status) == Level::Info { "" } else { result };
    let mut record = Request { at: Some(at), client, line: &line, status, note, ..Request::default() }.record();
    record.field("bytes", bytes);
    record.field("edge", edge);
    record.field("result", result);
    Some(record)
}
