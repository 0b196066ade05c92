//! Knows the lines that hold many records: what collectors push and what cloud consoles export.
//!
//! OTLP in JSON, as the collector's file exporter writes it; the push request of Loki; the subscriptions and exports of
//! CloudWatch; and the log files of CloudTrail. `assemble` cuts such a line into lines that hold one record each, with
//! what the line says of all of them in front; here such a line of one record is read.
//!
//! Pure. A line with more than one record is none of these here: it is a JSON object like any other.

use std::borrow::Cow;

use super::json::{self, Kind, Pair};
use super::{Context, Header, Record, Wrapper, clean, decode_text, roles, time};

/// How a line holds its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) enum Batch {
    /// `{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":[RECORD]}]}]}`.
    Otlp,
    /// `{"streams":[{"stream":{LABELS},"values":[["NANOSECONDS","LINE"]]}]}`.
    Loki,
    /// `{"logGroup":"..","logStream":"..","logEvents":[{"timestamp":MILLIS,"message":"LINE"}]}`, in any order of the names.
    Subscription,
    /// `{"events":[{"logStreamName":"..","timestamp":MILLIS,"message":"LINE"}]}`.
    Export,
    /// `{"Records":[{"eventTime":"..","eventName":".."}]}`.
    Trail,
}

/// Bytes of a line that are enough to tell whether it may hold many records.
pub(in crate::ingest) const FRONT: usize = 24;

impl Batch {
    /// How a line may hold records that begins with these bytes; shorter lines hold none.
    #[inline]
    pub(in crate::ingest) fn begun_by(line: &[u8]) -> Option<Self> {
        if line.len() < FRONT { None } else { Self::named_by(line) }
    }

    /// The same of what was read of such a line.
    pub(in crate::ingest) fn named_by(line: &[u8]) -> Option<Self> {
        let inside = line.strip_prefix(b"{")?;
        let name = inside.strip_prefix(b" ").unwrap_or(inside).strip_prefix(b"\"")?;
        // Most lines begin with none of these letters.
        let (names, batch): (&[&[u8]], Self) = match name.first()? {
            b'r' => (&[b"resourceLogs\""], Self::Otlp),
            b's' => (&[b"streams\""], Self::Loki),
            b'm' => (&[b"messageType\""], Self::Subscription),
            b'o' => (&[b"owner\""], Self::Subscription),
            b'l' => (&[b"logGroup\"", b"logStream\"", b"logEvents\""], Self::Subscription),
            b'e' => (&[b"events\""], Self::Export),
            b'R' => (&[b"Records\""], Self::Trail),
            _ => return None,
        };
        names.iter().any(|front| name.starts_with(front)).then_some(batch)
    }

    /// The names of the lists on the way to the records, from the outermost to that of the records.
    pub(in crate::ingest) fn lists(self) -> &'static [&'static [u8]] {
        match self {
            Self::Otlp => &[b"resourceLogs", b"scopeLogs", b"logRecords"],
            Self::Loki => &[b"streams", b"values"],
            Self::Subscription => &[b"logEvents"],
            Self::Export => &[b"events"],
            Self::Trail => &[b"Records"],
        }
    }

    /// Whether this is a record of such a line; where the names of the lists are not telling, the first record is.
    pub(in crate::ingest) fn holds(self, record: &[u8]) -> bool {
        let names: &[&[u8]] = match self {
            Self::Otlp => &[],
            Self::Loki => return record.starts_with(b"["),
            Self::Subscription | Self::Export => &[b"\"timestamp\"", b"\"message\""],
            Self::Trail => &[b"\"eventTime\"", b"\"eventName\""],
        };
        record.starts_with(b"{") && names.iter().all(|name| memchr::memmem::find(record, name).is_some())
    }
}

/// Reads a line that holds one record of many; `None` where it is something else.
pub(super) fn read(text: &str, context: &Context, wrappers: u8) -> Option<Record> {
    let batch = Batch::begun_by(text.as_bytes())?;
    let mut shared = Vec::new();
    let mut inside = text;
    for list in batch.lists() {
        let mut pairs = json::flatten(inside).ok()?;
        let at = pairs.iter().position(|pair| pair.kind == Kind::Nested && pair.name.as_bytes() == *list)?;
        inside = only(raw(&pairs.swap_remove(at))?)?;
        shared.push(pairs);
    }
    if !batch.holds(inside.as_bytes()) {
        return None;
    }
    match batch {
        Batch::Otlp => otlp(inside, shared, context, wrappers),
        Batch::Loki => loki(inside, shared.into_iter().flatten().collect(), context, wrappers),
        Batch::Subscription | Batch::Export => {
            cloudwatch(inside, shared.into_iter().flatten().collect(), context, wrappers)
        }
        Batch::Trail => roles::record(json::flatten(inside).ok()?, context, wrappers),
    }
}

/// The only element of a list.
fn only(list: &str) -> Option<&str> {
    match json::elements(list)?.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

/// What a nested value is in the text.
fn raw<'a>(pair: &Pair<'a>) -> Option<&'a str> {
    match pair.value {
        Cow::Borrowed(raw) if pair.kind == Kind::Nested => Some(raw),
        _ => None,
    }
}

fn otlp(record: &str, shared: Vec<Vec<Pair<'_>>>, context: &Context, wrappers: u8) -> Option<Record> {
    let mut pairs = Vec::new();
    for pair in json::flatten(record).ok()? {
        let name = match pair.name.as_ref() {
            "timeUnixNano" | "observedTimeUnixNano" if pair.value == "0" => continue,
            // What the protocol says goes before attributes of such names.
            "timeUnixNano" => "@timestamp",
            "severityText" => "level",
            "severityNumber" => {
                let number =
                    pair.value.strip_prefix("SEVERITY_NUMBER_").map(|word| word.trim_end_matches(['2', '3', '4']));
                let value = number.map_or(pair.value.clone(), |word| word.to_owned().into());
                pairs.push(Pair { value, ..pair });
                continue;
            }
            "attributes" => {
                attributes("", raw(&pair)?, 0, &mut pairs);
                continue;
            }
            "body.kvlistValue.values" => {
                attributes("body", raw(&pair)?, 0, &mut pairs);
                continue;
            }
            "flags" | "droppedAttributesCount" => continue,
            name if name.starts_with("body.") => "message",
            _ => {
                pairs.push(pair);
                continue;
            }
        };
        // A number or a list may be said as well.
        let kind = if name == "message" { Kind::Text } else { pair.kind };
        pairs.push(Pair { name: name.into(), kind, ..pair });
    }
    for pair in shared.into_iter().rev().flatten() {
        match pair.name.as_ref() {
            "resource.attributes" | "scope.attributes" => attributes("", raw(&pair)?, 0, &mut pairs),
            "scope.name" | "scope.version" => pairs.push(pair),
            _ => {}
        }
    }
    roles::record(pairs, context, wrappers)
}

/// How deep lists of attributes may lie in each other.
const DEPTH: u8 = 4;

/// Reads a list of `{"key":"..","value":{"stringValue":".."}}`; what is no such element is left out.
fn attributes<'a>(outer: &str, list: &'a str, depth: u8, pairs: &mut Vec<Pair<'a>>) {
    for element in json::elements(list).unwrap_or_default() {
        let Ok(inside) = json::flatten(element) else { continue };
        let Some(key) = inside.iter().find(|pair| pair.name == "key").map(|pair| pair.value.clone()) else { continue };
        let name = if outer.is_empty() { key } else { format!("{outer}.{key}").into() };
        let Some(value) = inside.into_iter().find(|pair| pair.name.starts_with("value.")) else { continue };
        match raw(&value) {
            Some(list) if value.name == "value.kvlistValue.values" && depth < DEPTH => {
                attributes(&name, list, depth + 1, pairs);
            }
            _ => pairs.push(Pair { name, ..value }),
        }
    }
}

/// The names of labels that tell who wrote a line, best first.
const WRITERS: [&str; 8] =
    ["service_name", "app", "application", "container", "component", "container_name", "job", "service"];

fn loki(entry: &str, shared: Vec<Pair<'_>>, context: &Context, wrappers: u8) -> Option<Record> {
    let elements = json::elements(entry)?;
    let (stamp, line) = (json::text(elements.first()?)?, json::text(elements.get(1)?)?);
    let mut labels: Vec<(String, String)> = Vec::new();
    for pair in shared {
        if let Some(label) = pair.name.strip_prefix("stream.") {
            labels.push((label.to_owned(), pair.value.into_owned()));
        }
    }
    let carrier: Vec<&str> = labels.iter().map(|(_, value)| value.as_str()).collect();
    let mut wrapper = Wrapper::new(clean::cut(&carrier.join(" "), CARRIER_BYTES).to_owned());
    for pair in elements.get(2).and_then(|more| json::flatten(more).ok()).unwrap_or_default() {
        labels.push((pair.name.into_owned(), pair.value.into_owned()));
    }
    let level = |name: &str| {
        let (_, value) = labels.iter().find(|(label, _)| label == name)?;
        roles::level("level", value)
    };
    wrapper.time = time::epoch(&stamp);
    wrapper.level = ["level", "detected_level", "severity"].iter().find_map(|name| level(name));
    let writer = WRITERS.iter().find_map(|name| labels.iter().find(|(label, _)| label == name));
    wrapper.component = writer.map(|(_, value)| clean::cut(value, 256).to_owned());
    wrapper.fields = labels;
    Some(carried(&line, wrapper, context, wrappers))
}

/// The longest carrier that is told apart from others, in bytes.
const CARRIER_BYTES: usize = 512;

fn cloudwatch(event: &str, shared: Vec<Pair<'_>>, context: &Context, wrappers: u8) -> Option<Record> {
    let pairs = json::flatten(event).ok()?;
    let of = |name: &str| {
        let is_it = |pair: &&Pair<'_>| pair.name == name && pair.kind != Kind::Nested;
        pairs.iter().chain(&shared).find(is_it).map(|pair| pair.value.as_ref())
    };
    let (stamp, line) = (of("timestamp")?, of("message")?);
    let group = of("logGroup").or_else(|| of("logGroupName")).unwrap_or_default();
    let stream = of("logStreamName").or_else(|| of("logStream")).unwrap_or_default();
    let mut wrapper = Wrapper::new(format!("{group} {stream}").trim().to_owned());
    wrapper.time = time::epoch(stamp);
    wrapper.component = Some(group.to_owned()).filter(|group| !group.is_empty());
    if !stream.is_empty() {
        wrapper.fields.push(("logStream".to_owned(), stream.to_owned()));
    }
    Some(carried(line, wrapper, context, wrappers))
}

/// Reads a line that a record carries, which may be several: a program's first line has the header.
fn carried(text: &str, wrapper: Wrapper, context: &Context, wrappers: u8) -> Record {
    let text = clean::without_controls(text.trim_end_matches(['\n', '\r']));
    let (first, rest) = text.split_once('\n').map_or((text.as_ref(), ""), |(first, rest)| (first, rest));
    let mut record = decode_text(first.trim_end_matches('\r'), context, wrappers).wrapped_in(wrapper);
    if !rest.is_empty() {
        record.message.push('\n');
        record.message.push_str(rest);
        record.awaits_message = false;
    }
    record.header = record.header.max(Header::Carrier);
    record
}
