//! Reads an event of Windows as XML, as `wevtutil`, `EvtxECmd` and collectors write it, on one line or joined from several.
//!
//! Input: a text that is one `Event`. Output: a [`Record`] whose message begins with the number of the event, written as
//! signatures keep it, and goes on with what was rendered, or else who wrote it and its data.
//!
//! Pure. Takes one pass over the text.

use std::borrow::Cow;

use super::{Context, Header, Record, time};
use crate::ingest::Level;

/// The most data of an event.
const DATA: usize = 256;

/// Whether a text begins one event.
pub(in crate::ingest) fn opens(text: &str) -> bool {
    text.strip_prefix("<Event").is_some_and(|rest| rest.starts_with([' ', '>']))
}

/// Whether the event ends in this text.
pub(in crate::ingest) fn ends_in(text: &str) -> bool {
    text.contains("</Event>")
}

/// One begin of an element.
struct Tag<'l> {
    name: &'l str,
    attributes: &'l str,
    /// What stands behind it, up to the next.
    text: &'l str,
}

impl<'l> Tag<'l> {
    fn attribute(&self, name: &str) -> Option<Cow<'l, str>> {
        let mut rest = self.attributes;
        loop {
            let (front, behind) = rest.split_once('=')?;
            let quote = behind.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let (value, behind) = behind.get(1..)?.split_once(quote)?;
            if front.trim() == name {
                return Some(unescaped(value));
            }
            rest = behind;
        }
    }
}

/// The begins of the elements of a text, in order.
fn tags(text: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let inside = rest.get(memchr::memchr(b'<', rest.as_bytes())? + 1..)?;
            let end = end_of(inside)?;
            let (tag, behind) = (inside.get(..end)?, inside.get(end + 1..)?);
            rest = behind;
            if tag.starts_with(['/', '!', '?']) {
                continue;
            }
            let tag = tag.strip_suffix('/').unwrap_or(tag);
            let (name, attributes) = tag.split_once([' ', '\n', '\t']).unwrap_or((tag, ""));
            let text = behind.get(..memchr::memchr(b'<', behind.as_bytes()).unwrap_or(behind.len()))?;
            return Some(Tag { name, attributes, text });
        }
    })
}

/// Where a tag ends: at an angle that stands in no quotes.
fn end_of(tag: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr3(b'>', b'"', b'\'', tag.as_bytes().get(at..)?)?;
        let found = *tag.as_bytes().get(at)?;
        if found == b'>' {
            return Some(at);
        }
        at += memchr::memchr(found, tag.as_bytes().get(at + 1..)?)? + 2;
    }
}

/// The text that stands for what is written, which has names for what has a meaning of its own.
fn unescaped(text: &str) -> Cow<'_, str> {
    const NAMES: [(&str, &str); 7] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#xD;", "\r"),
        ("&#xA;", "\n"),
        ("&amp;", "&"),
    ];
    if !text.contains('&') {
        return text.into();
    }
    NAMES.iter().fold(text.to_owned(), |text, (name, meaning)| text.replace(name, meaning)).into()
}

/// What an event says.
#[derive(Default)]
struct Said<'l> {
    provider: Cow<'l, str>,
    id: &'l str,
    level: &'l str,
    keywords: &'l str,
    at: Cow<'l, str>,
    channel: &'l str,
    host: &'l str,
    number: &'l str,
    process: Cow<'l, str>,
    rendered: Cow<'l, str>,
    data: Vec<(Cow<'l, str>, Cow<'l, str>)>,
}

/// Reads a text that is one event, perhaps with blanks around it.
pub(super) fn read(text: &str, context: &Context) -> Option<Record> {
    let text = text.trim();
    let inside = text.strip_suffix("</Event>").filter(|_| opens(text))?;
    // A line that holds several is none of them.
    if ends_in(inside) {
        return None;
    }
    let mut said = Said::default();
    let mut is_system = false;
    for tag in tags(inside) {
        let value = tag.text.trim();
        match tag.name {
            "System" => is_system = true,
            "EventData" | "UserData" | "RenderingInfo" => is_system = false,
            "Message" if !is_system => said.rendered = unescaped(value),
            "Data" if said.data.len() < DATA => {
                said.data.push((tag.attribute("Name").unwrap_or_default(), unescaped(value)));
            }
            _ if !is_system => {}
            "Provider" => said.provider = tag.attribute("Name").unwrap_or_default(),
            "EventID" => said.id = value,
            "Level" => said.level = value,
            "Keywords" => said.keywords = value,
            "TimeCreated" => said.at = tag.attribute("SystemTime").unwrap_or_default(),
            "Channel" => said.channel = value,
            "Computer" => said.host = value,
            "EventRecordID" => said.number = value,
            "Execution" => said.process = tag.attribute("ProcessID").unwrap_or_default(),
            _ => {}
        }
    }
    said.record(context)
}

impl Said<'_> {
    fn record(&self, context: &Context) -> Option<Record> {
        let id = self.id.parse::<u32>().ok()?;
        let rendered = self.rendered.lines().next().unwrap_or_default().trim();
        let mut message = format!("E{id:03} ");
        if rendered.is_empty() {
            message.push_str(&self.provider);
            let data = self.data.iter().filter(|(_, value)| !matches!(value.as_ref(), "" | "-"));
            for (name, value) in data {
                // A value of several lines goes on in the field.
                let value = value.lines().next().unwrap_or_default().trim();
                message.extend([" ", name, if name.is_empty() { "" } else { "=" }, value]);
            }
        } else {
            message.push_str(rendered);
        }
        let mut record = Record::plain(message.trim_end());
        record.time = time::whole(&self.at, context);
        record.level = self.level();
        record.component = Some(self.provider.as_ref().to_owned()).filter(|provider| !provider.is_empty());
        record.header = Header::Own;
        let process = self.process.as_ref();
        let fields = [("event_id", self.id), ("channel", self.channel), ("host", self.host), ("record", self.number)];
        fields.into_iter().chain([("pid", process)]).for_each(|(name, value)| record.field(name, value));
        for (name, value) in &self.data {
            record.field(if name.is_empty() { "data" } else { name }, value);
        }
        Some(record)
    }

    fn level(&self) -> Option<Level> {
        match self.level {
            // The log of audits knows no levels, and marks what failed.
            "0" | "" => Some(if self.keywords.starts_with("0x801") { Level::Warn } else { Level::Info }),
            "1" => Some(Level::Fatal),
            "2" => Some(Level::Error),
            "3" => Some(Level::Warn),
            "4" => Some(Level::Info),
            "5" => Some(Level::Trace),
            _ => None,
        }
    }
}
