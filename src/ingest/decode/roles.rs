//! Finds out which field of a structured line is its time, its level, its writer, its message and its stack trace.
//!
//! By the names that the loggers and collectors of the field give them; where several would do, the more
//! particular name wins, whatever the order of the line.

mod request;
mod traces;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use super::json::{Kind, Pair};
use super::plain::Beginning;
use super::{Context, Format, Header, Record, clean, json, level, time};
use crate::ingest::Level;
pub(super) use request::{is_status, may_be_request, tells_failure};
pub(super) use traces::stack;
use traces::{STACKS, TOLD_BY_CALLS, read_stack, said, stack_index};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Time,
    Level,
    Component,
    Message,
}

/// The names of each role, lower case, best first.
const TIME: &[&str] = &[
    "@timestamp",
    "timestamp",
    "time",
    "ts",
    "@t",
    "_source_realtime_timestamp",
    "__realtime_timestamp",
    "timeunixnano",
    "observedtimeunixnano",
    "observedtimestamp",
    "datetime",
    "asctime",
    "eventtime",
    "event_time",
    "log_time",
    "logtime",
    "timemillis",
    "time_iso8601",
    "time_local",
    "t.$date",
    "timestamp.seconds",
    "instant.epochsecond",
    "date",
    "t",
    "created",
    "ibm_datetime",
    "_time",
    "record.time.timestamp",
    "requestreceivedtimestamp",
    "start_time",
    "starttime",
    "edgestarttimestamp",
];
const LEVEL: &[&str] = &[
    "level",
    "log.level",
    "severitytext",
    "severity_text",
    "severity",
    "lvl",
    "levelname",
    "level_name",
    "loglevel",
    "log_level",
    "error_severity",
    "@l",
    "severitynumber",
    "severity_number",
    "@level",
    "record.level.name",
    "levelno",
    "level_value",
    "level.name",
    "log.syslog.severity.name",
    "priority",
    "l",
    "s",
    // Of a router: `at=error`.
    "at",
];
const COMPONENT: &[&str] = &[
    "logger",
    "logger_name",
    "loggername",
    "log.logger",
    "sourcecontext",
    "properties.sourcecontext",
    "target",
    "category",
    "channel",
    "component",
    "module",
    "syslog_identifier",
    "_systemd_unit",
    "scope.name",
    "@module",
    "record.name",
    "instrumentationscope.name",
    "c",
    "name",
    "program",
    "service",
    "service.name",
    "resource.service.name",
    "appname",
    "app",
];
const MESSAGE: &[&str] = &[
    "message",
    "msg",
    "@m",
    "_msg",
    "@mt",
    "renderedmessage",
    "messagetemplate",
    "textpayload",
    "body",
    // Of a body that is an object: its name was taken off.
    "stringvalue",
    "short_message",
    "@message",
    "event",
    "log",
    "record.message",
    "text",
    "error.message",
    "err.message",
    "err.msg",
    "exception.message",
    "errormessage",
    "error_message",
    "error",
    "err",
    "exception",
    "reason",
    "description",
    "desc",
    "event.name",
    "event_name",
    "eventname",
    "properties.message",
    "properties.log",
    "status.message",
    "message.errormessage",
];

/// The role of each name and its rank in it; a name in two lists has the role of the first.
static ROLES: LazyLock<HashMap<&[u8], (Role, usize), FixedState>> = LazyLock::new(|| {
    let lists = [(Role::Message, MESSAGE), (Role::Level, LEVEL), (Role::Time, TIME), (Role::Component, COMPONENT)];
    let mut roles = HashMap::default();
    for (role, names) in lists {
        for (rank, name) in names.iter().enumerate() {
            roles.entry(name.as_bytes()).or_insert((role, rank));
        }
    }
    roles
});

/// The longest name that may have a role, in bytes.
const NAME_BYTES: usize = 48;

/// Makes a record of the pairs of one JSON object; `None` when there are none.
pub(super) fn record(pairs: Vec<Pair<'_>>, context: &Context, wrappers: u8) -> Option<Record> {
    if pairs.is_empty() {
        return None;
    }
    let picked = Picked::from(&pairs);
    let mut record = Record::plain("");
    record.format = Format::Json;
    record.header = Header::Own;
    record.time = picked.time.and_then(|index| read_time(&pairs, index, context));
    record.level = picked.level.and_then(|index| read_level(pairs.get(index)?));
    record.component = picked.component.and_then(|index| Some(clean::cut(&pairs.get(index)?.value, 256).to_owned()));
    if record.level.is_none() {
        record.level = small_level(&pairs);
    }
    if record.level.is_none() && pairs.iter().any(|pair| pair.name == "@t") {
        // Serilog's compact format leaves the level out when it is information.
        record.level = Some(Level::Info);
    }
    let stack = stack_index(&pairs);
    record.stack = stack.and_then(|index| read_stack(&pairs, index));
    let message = picked.message.filter(|index| Some(*index) != stack || pairs.len() == 1);
    let taken = [picked.time, picked.level, picked.component, message, stack];
    let rest = |(index, _): &(usize, &Pair<'_>)| !taken.contains(&Some(*index));
    for (_, pair) in pairs.iter().enumerate().filter(rest) {
        record.field(&pair.name, &pair.value);
    }
    let text = message.and_then(|index| said(pairs.get(index)?));
    let text = text.or_else(|| Some(record.stack.as_deref()?.lines().next()?.trim().to_owned()));
    match text.filter(|text| !text.trim().is_empty()) {
        Some(text) => {
            tell(&mut record, &text, context, wrappers);
            if let Some(failed) = request::failed(&pairs) {
                // A signature is of the first lines.
                let end = memchr::memchr(b'\n', record.message.as_bytes()).unwrap_or(record.message.len());
                record.message.insert_str(end, failed.tail);
                record.message.insert(end, ' ');
                record.level = record.level.max(Some(failed.level));
            }
        }
        None => match request::of(&pairs) {
            Some(request) => {
                (record.message, record.level) = (request.said, Some(request.level));
                if pairs.iter().all(|pair| pair.name != "route") {
                    record.field("route", &request.route);
                }
            }
            None => record.message = canonical(&pairs, &taken),
        },
    }
    Some(record)
}

/// Reads an object as one that begins an event: it has a time, a level and a message that stands in the text as it is, and
/// carries neither a stack trace nor another program's line. `None` for any other.
pub(super) fn beginning<'l>(pairs: &[Pair<'l>], context: &Context) -> Option<Beginning<'l>> {
    let picked = Picked::from(pairs);
    let level = read_level(pairs.get(picked.level?)?)?;
    let Pair { value: Cow::Borrowed(message), kind: Kind::Text, .. } = *pairs.get(picked.message?)? else {
        return None;
    };
    if stack_index(pairs).is_some() || pairs.iter().any(|pair| pair.name == "log") {
        return None;
    }
    let time = read_time(pairs, picked.time?, context)?;
    let failed = request::failed(pairs);
    let level = failed.as_ref().map_or(level, |failed| level.max(failed.level));
    Some(Beginning { time, level, message: message.trim(), tail: failed.map_or("", |failed| failed.tail) })
}

/// Which pairs are the time, the level and the message of an object like this, whatever the values are that a string
/// without escapes, a number or a truth value can have; `None` where the values have a say.
///
/// A level that cannot be read, or a message without words, has one all the same: another pair may take its place.
pub(super) fn decided(pairs: &[Pair<'_>]) -> Option<[usize; 3]> {
    let mut best = [(usize::MAX, None); 4];
    for (index, pair) in pairs.iter().enumerate() {
        let last = pair.name.rsplit('.').next().unwrap_or_default();
        let may_be_stack = STACKS.iter().take(TOLD_BY_CALLS).any(|stack| stack.eq_ignore_ascii_case(last));
        if pair.kind == Kind::Nested || may_be_stack || pair.name == "log" {
            return None;
        }
        let mut buffer = [0; NAME_BYTES];
        let Some((_, role, rank)) = named(&pair.name, &mut buffer) else { continue };
        let may_be = match role {
            Role::Message | Role::Component => pair.kind == Kind::Text,
            Role::Level | Role::Time => pair.kind != Kind::Bool,
        };
        if let Some(best) = best.get_mut(role as usize).filter(|best| may_be && rank < best.0) {
            *best = (rank, Some(index));
        }
    }
    let Picked { time, level, message, .. } = Picked::from(pairs);
    let [best_time, best_level, _, best_message] = best.map(|(_, index)| index);
    let is_whole = |name: &str| !["seconds", "epochsecond"].iter().any(|end| ends_with(name, end));
    let decided = (time, level, message) == (best_time, best_level, best_message)
        && pairs.get(time?).is_some_and(|pair| is_whole(&pair.name));
    if decided { Some([time?, level?, message?]) } else { None }
}

/// Sets the message; one that has a header of its own lends it where the object has none.
fn tell(record: &mut Record, text: &str, context: &Context, wrappers: u8) {
    let text = clean::without_controls(text);
    if record.level.is_none() && wrappers > 0 && !text.contains('\n') {
        let inner = super::decode_text(&text, context, wrappers - 1);
        if inner.header == Header::Own || inner.format == Format::Syslog {
            record.time = inner.time.or(record.time);
            record.level = inner.level;
            record.component = inner.component.or(record.component.take());
            record.message = inner.message;
            record.fields.extend(inner.fields);
            record.stack = record.stack.take().or(inner.stack);
            return;
        }
        record.level = inner.level;
    }
    record.message = text.trim_end().to_owned();
}

/// Where the pairs of each role are.
#[derive(Default)]
struct Picked {
    time: Option<usize>,
    level: Option<usize>,
    component: Option<usize>,
    message: Option<usize>,
}

impl Picked {
    fn from(pairs: &[Pair<'_>]) -> Self {
        let mut best = [(usize::MAX, None); 4];
        for (index, pair) in pairs.iter().enumerate() {
            let Some((role, rank)) = role_of(pair, pairs) else { continue };
            if let Some(best) = best.get_mut(role as usize)
                && rank < best.0
            {
                *best = (rank, Some(index));
            }
        }
        let [time, level, component, message] = best.map(|(_, index)| index);
        Self { time, level, component, message }
    }
}

/// The role that a pair's name and kind of value allow, and its rank among the names of that role.
fn role_of(pair: &Pair<'_>, pairs: &[Pair<'_>]) -> Option<(Role, usize)> {
    let mut buffer = [0; NAME_BYTES];
    let (name, role, rank) = named(&pair.name, &mut buffer)?;
    let is_text = pair.kind == Kind::Text;
    let is_scalar = pair.kind != Kind::Nested && pair.kind != Kind::Bool;
    let may_be = match role {
        Role::Message => {
            let bytes = pair.kind == Kind::Nested && pair.name == "MESSAGE";
            (is_text && !pair.value.trim().is_empty()) || bytes
        }
        Role::Level => is_scalar && read_level(pair).is_some(),
        Role::Time => is_scalar,
        Role::Component => is_text && is_name(&pair.value) && (!matches!(name, b"name" | b"c") || has_logger(pairs)),
    };
    may_be.then_some((role, rank))
}

/// The role that a name allows and its rank there, with the name in lower case and without what wraps it.
fn named<'b>(name: &str, buffer: &'b mut [u8; NAME_BYTES]) -> Option<(&'b [u8], Role, usize)> {
    let lower = buffer.get_mut(..name.len())?;
    for (to, from) in lower.iter_mut().zip(name.bytes()) {
        *to = from.to_ascii_lowercase();
    }
    let fronts: [&[u8]; 3] = [b"jsonpayload.", b"fields.", b"body."];
    let name = fronts.iter().find_map(|front| lower.strip_prefix(*front)).unwrap_or(lower);
    let (role, rank) = *ROLES.get(name)?;
    Some((name, role, rank))
}

/// Whether a value may be what a writer is called, and not how long a service took.
fn is_name(value: &str) -> bool {
    value.starts_with(|first: char| !first.is_ascii_digit())
}

/// Whether a pair tells that the object is a logger's own, so that a bare `name` is that of the writer.
fn has_logger(pairs: &[Pair<'_>]) -> bool {
    let known =
        |pair: &Pair<'_>| matches!(pair.name.as_ref(), "pid" | "hostname" | "levelname" | "v" | "process" | "ctx");
    pairs.iter().any(known)
}

fn read_level(pair: &Pair<'_>) -> Option<Level> {
    level(&pair.name, &pair.value)
}

/// The level where what else is said tells how small numbers count: in GELF like the severities of syslog, at Nextcloud
/// from debug upward. Others count them as they like.
fn small_level(pairs: &[Pair<'_>]) -> Option<Level> {
    let has = |name: &str| pairs.iter().any(|pair| pair.name == name);
    let number: u32 = pairs.iter().find(|pair| pair.name == "level")?.value.parse().ok()?;
    if has("short_message") {
        return level::of_severity(number);
    }
    let levels = [Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Fatal];
    levels.get(number as usize).copied().filter(|_| has("reqId") && has("app") && has("remoteAddr"))
}

/// The level that the value of this name says.
pub(super) fn level(name: &str, value: &str) -> Option<Level> {
    let value = value.trim();
    if let Ok(number) = value.parse::<u32>() {
        if name == "at" {
            return None;
        }
        return level::of_number(&name.to_ascii_lowercase(), number);
    }
    match value.as_bytes() {
        [letter] => level::of_letter(*letter),
        // MongoDB writes D1 to D5.
        [b'D', b'1'..=b'5'] => Some(Level::Debug),
        _ => level::level_of_word(value),
    }
}

fn read_time(pairs: &[Pair<'_>], index: usize, context: &Context) -> Option<crate::units::Timestamp> {
    let pair = pairs.get(index)?;
    let read = time::whole(&pair.value, context)?;
    let front =
        |end: &str| if ends_with(&pair.name, end) { pair.name.get(..pair.name.len() - end.len()) } else { None };
    let fraction = front("seconds").map(|front| format!("{front}nanos"));
    let fraction = fraction.or_else(|| Some(front("epochsecond")?.to_owned() + "nanoofsecond"));
    let nanos = fraction
        .and_then(|name| pairs.iter().find(|other| other.name.eq_ignore_ascii_case(&name)))
        .and_then(|other| other.value.parse::<u32>().ok());
    Some(read.after(std::time::Duration::from_nanos(nanos.unwrap_or(0).into())))
}

fn ends_with(name: &str, end: &str) -> bool {
    let at = name.len().checked_sub(end.len());
    at.and_then(|at| name.get(at..)).is_some_and(|behind| behind.eq_ignore_ascii_case(end))
}

/// An object without a message, as a message: what it says beside time, level and writer, sorted by name.
fn canonical(pairs: &[Pair<'_>], taken: &[Option<usize>]) -> String {
    let mut rest: Vec<&Pair<'_>> = Vec::new();
    rest.extend(pairs.iter().enumerate().filter(|(index, _)| !taken.contains(&Some(*index))).map(|(_, pair)| pair));
    rest.sort_by(|a, b| a.name.cmp(&b.name));
    let mut message = String::from("{");
    for pair in rest {
        if message.len() > 1 {
            message.push(',');
        }
        json::quote(&pair.name, &mut message);
        message.push(':');
        if pair.kind == Kind::Text { json::quote(&pair.value, &mut message) } else { message.push_str(&pair.value) }
    }
    message.push('}');
    message
}

/// Makes a record of the pairs of a logfmt line; those that have no message say themselves.
pub(super) fn logfmt(pairs: Vec<Pair<'_>>, text: &str, context: &Context) -> Option<Record> {
    let said = Picked::from(&pairs).message.is_some() || request::of(&pairs).is_some();
    let mut record = record(pairs, context, 0)?;
    record.format = Format::Logfmt;
    if !said && record.stack.is_none() {
        let pairs = record.fields.iter().map(|(name, value)| format!("{name}={value}"));
        record.message = pairs.collect::<Vec<_>>().join(" ");
        if record.message.is_empty() {
            record.message = text.to_owned();
        }
    }
    Some(record)
}
