//! Reads a line whose columns a directive names: the W3C's extended log format, as IIS, CloudFront, Exchange and Windows write
//! it, and the logs of Zeek.
//!
//! Input: the directives, each on a line of its own, and behind them the line: `assemble` puts them together. Output: a
//! [`Record`]; of a request, the same as reading the line of an access log comes to.
//!
//! Pure. A line that does not have the columns that were named is plain text, and malformed.

use std::borrow::Cow;

use super::access::{self, Request};
use super::json::{Kind, Pair};
use super::{Context, Header, Record, database, plain, roles, time};
use crate::ingest::Level;
use crate::units::Timestamp;

/// The most columns.
const COLUMNS: usize = 256;

/// What the directives say.
#[derive(Default)]
struct Told<'l> {
    names: Vec<&'l str>,
    /// What the names, and mostly the values, are apart by.
    mark: char,
    date: &'l str,
    is_local: bool,
    path: &'l str,
}

impl<'l> Told<'l> {
    fn of(directives: &'l str) -> Option<Self> {
        let mut told = Self::default();
        for line in directives.split('\n') {
            if let Some(names) = line.strip_prefix("#Fields:") {
                told.mark = if names.contains(',') { ',' } else { ' ' };
                told.names = names.trim().split([',', ' ', '\t']).filter(|name| !name.is_empty()).collect();
            } else if let Some(names) = line.strip_prefix("#fields\t") {
                told.mark = '\t';
                told.names = names.split('\t').collect();
            } else if let Some(path) = line.strip_prefix("#path\t") {
                told.path = path;
            } else if let Some(date) = line.strip_prefix("#Date:") {
                told.date = date.trim();
            } else if let Some(format) = line.strip_prefix("#Time Format:") {
                told.is_local = format.trim() == "Local";
            } else {
                return None;
            }
        }
        (!told.names.is_empty()).then_some(told)
    }

    /// The pairs of a line that has these columns.
    fn pairs(&self, line: &'l str) -> Option<Vec<Pair<'l>>> {
        let mark = if self.mark == ' ' && line.contains('\t') { '\t' } else { self.mark };
        let mut rest = Some(line);
        let mut pairs = Vec::new();
        for name in self.names.iter().take(COLUMNS) {
            let (value, behind) = column(rest?, mark)?;
            rest = behind;
            if !matches!(value.as_ref(), "" | "-" | "(empty)") {
                pairs.push(Pair { name: (*name).into(), value, kind: Kind::Text });
            }
        }
        rest.unwrap_or_default().trim_end_matches([mark, ' ']).is_empty().then_some(pairs)
    }

    /// When it happened, by one column or by two.
    fn time(&self, pairs: &[Pair<'_>], context: &Context) -> Option<Timestamp> {
        let of = |name: &str| pairs.iter().find(|pair| pair.name == name).map(|pair| pair.value.as_ref());
        let whole = ["date-time", "ts", "timestamp", "DateTime", "datetime"].iter().find_map(|name| of(name));
        if let Some(at) = whole.and_then(|stamp| time::whole(stamp, context)) {
            return Some(at);
        }
        let date = of("date").unwrap_or_else(|| self.date.split(' ').next().unwrap_or_default());
        let clock = of("time")?;
        // By the standard, times are those of Greenwich.
        let zone = if self.is_local || clock.ends_with('Z') { "" } else { "Z" };
        time::whole(&format!("{date} {clock}{zone}"), context)
    }
}

/// The column that a text begins with, and what stands behind its mark.
fn column(text: &str, mark: char) -> Option<(Cow<'_, str>, Option<&str>)> {
    if mark != '\t' && text.starts_with('"') {
        return database::quoted_column(text, mark);
    }
    Some(match text.split_once(mark) {
        Some((value, behind)) => (value.into(), Some(behind)),
        None => (text.into(), None),
    })
}

/// Reads a line behind its directives.
pub(super) fn read(text: &str, context: &Context) -> Option<Record> {
    let (directives, line) = text.rsplit_once('\n')?;
    let told = Told::of(directives)?;
    let Some(pairs) = told.pairs(line) else {
        let mut record = plain::read(line, context, 0);
        record.malformed = true;
        return Some(record);
    };
    let at = told.time(&pairs, context);
    let mut record = request(&pairs, at).or_else(|| other(&pairs, line, context))?;
    record.time = at;
    record.header = Header::Own;
    if !told.path.is_empty() {
        record.component = Some(told.path.to_owned());
    }
    Some(record)
}

/// The names of the columns of a request: W3C's, and Zeek's.
const METHOD: &[&str] = &["cs-method", "method"];
const PATH: &[&str] = &["cs-uri-stem", "cs-uri", "uri"];
const STATUS: &[&str] = &["sc-status", "status_code"];
const CLIENT: &[&str] = &["c-ip", "id.orig_h"];
const USER: &[&str] = &["cs-username", "username"];
/// Columns that are told already.
const TOLD: [&str; 8] = ["date", "time", "date-time", "ts", "timestamp", "DateTime", "datetime", "cs-uri-query"];

fn request(pairs: &[Pair<'_>], at: Option<Timestamp>) -> Option<Record> {
    let one = |names: &[&str]| {
        let of = |name: &&str| pairs.iter().find(|pair| pair.name == *name).map(|pair| pair.value.as_ref());
        names.iter().find_map(of)
    };
    let (method, path, status) = (one(METHOD)?, one(PATH)?, one(STATUS)?);
    if !access::is_status(status) && status != "0" && status != "000" {
        return None;
    }
    let line = format!("{method} {}", path.split('?').next().unwrap_or_default());
    let is_failure = access::level(status) != Level::Info;
    let result = one(&["x-edge-result-type", "s-reason"]).filter(|_| is_failure);
    let substatus =
        one(&["sc-substatus"]).filter(|substatus| *substatus != "0").map(|kind| format!("substatus {kind}"));
    let note = substatus.or_else(|| result.map(str::to_owned)).unwrap_or_default();
    let client = one(CLIENT).unwrap_or_default();
    let user = one(USER).unwrap_or_default();
    let mut record = Request { at, client, user, line: &line, status, note: &note }.record();
    let is_told = |name: &str| [METHOD, PATH, STATUS, CLIENT, USER, &TOLD].iter().any(|names| names.contains(&name));
    for pair in pairs.iter().filter(|pair| !is_told(&pair.name)) {
        record.field(&pair.name, &pair.value);
    }
    Some(record)
}

/// A line that tells of no request: the field that is a message, or else all of them.
fn other(pairs: &[Pair<'_>], line: &str, context: &Context) -> Option<Record> {
    let rest = pairs.iter().filter(|pair| !TOLD.contains(&pair.name.as_ref()));
    let rest: Vec<Pair<'_>> =
        rest.map(|pair| Pair { name: pair.name.clone(), value: pair.value.clone(), kind: pair.kind }).collect();
    if rest.is_empty() {
        return None;
    }
    roles::logfmt(rest, line, context)
}
