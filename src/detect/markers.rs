//! Recognizes deploys in log lines.
//!
//! Input: events, in the order of the log. Output: a [`Marker`] when a line names a version other than
//! the one that was named before. The first version ever named is remembered and is no deploy.
//!
//! Pure. Knows nothing of repositories: whether a version is a revision, others find out.

use std::ops::Range;

use regex::{Regex, bytes};

use super::counts::cut;
use crate::ingest::Event;
use crate::units::Timestamp;

/// Without one of these words nothing tells of a version; looked for first, because they are rare.
const TELLING: &str = "deploy|releas|rolled out|rollout|promoted|starting|started|booting|launching";

/// A text without one of these as well matches no built-in pattern; looked for next, because work is started more often
/// than programs are.
const NAMING: &str = r"deployed|released|rolled out|promoted|version|release|revision|commit|sha|build|[\s(]v[0-9]+\.";

/// A version: a number with at least one dot or a leading `v`, or a date-like build.
const VERSION: &str = r#"["'(]?(?<version>v\d+(?:[.\-_+]\w+)*|\d+(?:\.\w+)+(?:[-+]\w+)*)"#;

/// The same where nothing calls it one; `bare` where it has no `v` either.
const OF_ITS_OWN: &str = r#"["'(]?(?<version>v\d+(?:[.\-_+]\w+)*|(?<bare>\d+(?:\.\w+)+)(?:[-+]\w+)*)"#;

/// An abbreviated or full revision.
const REVISION: &str = r#"["'(]?(?<revision>[0-9a-f]{7,40})\b"#;

/// Bytes of a message that are looked at.
const MESSAGE_BYTES: usize = 512;

/// What a line says of a deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The version, or the revision where only that is named.
    pub version: String,
    /// The revision, where one is named.
    pub revision: Option<String>,
}

/// Why a configured pattern cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MarkerError {
    /// It is no regular expression.
    #[error("the deploy pattern {0:?} is no regular expression")]
    Unreadable(String, #[source] Box<regex::Error>),
    /// It captures neither a version nor a revision.
    #[error("the deploy pattern {0:?} has no group (?<version>…) or (?<revision>…)")]
    CapturesNothing(String),
}

/// The patterns, and the version that was named last.
#[derive(Debug)]
pub struct Markers {
    configured: Vec<Regex>,
    built_in: Vec<bytes::Regex>,
    telling: Option<bytes::Regex>,
    naming: Option<bytes::Regex>,
    last: Option<(Timestamp, Marker)>,
}

impl Markers {
    /// Compiles the configured patterns and puts the built-in ones behind them.
    ///
    /// # Errors
    ///
    /// When a configured pattern is no regular expression, or captures nothing.
    pub fn new(configured: &[String]) -> Result<Self, MarkerError> {
        let compile = |pattern: &String| {
            let unreadable = |error| MarkerError::Unreadable(pattern.clone(), Box::new(error));
            let regex = Regex::new(pattern).map_err(unreadable)?;
            let captures = regex.capture_names().flatten().any(|name| name == "version" || name == "revision");
            captures.then_some(regex).ok_or_else(|| MarkerError::CapturesNothing(pattern.clone()))
        };
        Ok(Self {
            configured: configured.iter().map(compile).collect::<Result<_, _>>()?,
            built_in: built_in().iter().filter_map(|pattern| ascii(pattern)).collect(),
            telling: ascii(TELLING),
            naming: ascii(NAMING),
            last: None,
        })
    }

    /// Looks at an event; returns a marker when it names another version than was named before.
    pub fn observe(&mut self, event: &Event, at: Timestamp) -> Option<Marker> {
        let marker = self.read(event)?;
        if self.last.as_ref().is_some_and(|(last, _)| *last > at) {
            return None;
        }
        let before = self.last.replace((at, marker.clone()));
        before.filter(|(_, before)| *before != marker).map(|_| marker)
    }

    /// Remembers a version that ran before this run began.
    pub fn recall(&mut self, version: &str, revision: Option<&str>, at: Timestamp) {
        if self.last.as_ref().is_none_or(|(last, _)| *last < at) {
            let marker = Marker { version: version.to_owned(), revision: revision.map(str::to_owned) };
            self.last = Some((at, marker));
        }
    }

    /// What a line says of a version, whether or not that is news.
    #[must_use]
    pub fn read_text(&self, message: &str) -> Option<Marker> {
        let message = cut(message, MESSAGE_BYTES);
        self.read_configured(message).or_else(|| self.read_built_in(message))
    }

    fn read_configured(&self, message: &str) -> Option<Marker> {
        self.configured.iter().find_map(|pattern| {
            let found = pattern.captures(message)?;
            let text = |name| found.name(name).map(|group| group.as_str());
            marker(text("version"), text("revision"))
        })
    }

    fn read_built_in(&self, message: &str) -> Option<Marker> {
        let naming = self.naming.as_ref().filter(|_| self.is_telling(message))?;
        if !naming.is_match(message.as_bytes()) {
            return None;
        }
        self.built_in.iter().find_map(|pattern| {
            let found = pattern.captures(message.as_bytes())?;
            let text = |name| found.name(name).and_then(|group| message.get(group.range()));
            let bare = found.name("bare").map(|group| group.range());
            if bare.is_some_and(|bare| is_measure(message, bare)) {
                return None;
            }
            marker(text("version"), text("revision"))
        })
    }

    /// Whether one of the words is in a message without which none tells of a version.
    fn is_telling(&self, message: &str) -> bool {
        self.telling.as_ref().is_some_and(|telling| telling.is_match(message.as_bytes()))
    }

    /// A structured line names its version in a field of its own; then the message need not.
    fn read(&self, event: &Event) -> Option<Marker> {
        let mut marker = self.read_text(&event.message);
        if event.fields.is_empty() {
            return marker;
        }
        let field = |names: &[&str]| {
            let found = event.fields.iter().find(|(name, _)| names.contains(&name.as_str()));
            found.map(|(_, value)| value.clone()).filter(|value| is_version(value))
        };
        let revision = field(&["revision", "commit", "git_sha", "git.commit", "sha", "vcs.revision"]);
        if marker.is_none() && self.is_telling(&event.message) {
            let version = field(&["version", "service.version", "app_version", "release"]).or_else(|| revision.clone());
            marker = version.map(|version| Marker { version, revision: None });
        }
        marker.map(|marker| Marker { revision: marker.revision.or(revision), ..marker })
    }
}

/// A pattern of ASCII, in which capitals do not count.
fn ascii(pattern: &str) -> Option<bytes::Regex> {
    bytes::RegexBuilder::new(pattern).unicode(false).case_insensitive(true).build().ok()
}

fn marker(version: Option<&str>, revision: Option<&str>) -> Option<Marker> {
    let version = version.or(revision)?.trim_end_matches(['.', '-', '_']);
    Some(Marker { version: version.to_owned(), revision: revision.map(str::to_owned) })
}

/// Whether a number that nothing calls a version is one of something else, by what stands around it: an amount or an
/// address.
fn is_measure(message: &str, number: Range<usize>) -> bool {
    let part = |range: Range<usize>| message.get(range).unwrap_or_default();
    let parts: Vec<&str> = part(number.clone()).split('.').collect();
    let is_address = parts.len() == 4 && parts.iter().all(|part| part.parse::<u8>().is_ok());
    let last = parts.last().copied().unwrap_or_default();
    let unit = last.trim_start_matches(|byte: char| byte.is_ascii_digit());
    let behind = part(number.end..message.len());
    let next = behind.strip_prefix(' ').unwrap_or(behind);
    let next = next.split(|byte: char| !byte.is_ascii_alphabetic() && byte != '%').next().unwrap_or_default();
    let before = part(0..number.start).split_whitespace().next_back().unwrap_or_default();
    let is_one_of = |words: &[&str], word: &str| words.iter().any(|one| one.eq_ignore_ascii_case(word));
    let is_amount =
        || is_one_of(UNITS, unit) || (unit.is_empty() && is_one_of(UNITS, next)) || is_one_of(BEFORE_AMOUNTS, before);
    // No amount has two dots.
    is_address || (parts.len() == 2 && is_amount())
}

/// What an amount stands behind.
const BEFORE_AMOUNTS: &[&str] = &["in", "after", "took", "of", "by", "at", "for", "with", "within", "every"];

/// What an amount is given in.
const UNITS: &[&str] = &[
    "%", "ns", "us", "ms", "s", "sec", "secs", "second", "seconds", "m", "min", "mins", "minute", "minutes", "h",
    "hour", "hours", "d", "day", "days", "b", "byte", "bytes", "k", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib",
    "x", "percent",
];

/// Whether the value of a field is a version or a revision, and not a text about one.
fn is_version(value: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._+:/@~-".contains(&byte);
    (1..=100).contains(&value.len())
        && value.bytes().all(is_part)
        && value.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

fn built_in() -> Vec<String> {
    let named = "(?:version|release|revision|tag|build|image)";
    let then_revision = format!(r"(?:.{{0,40}}?\b(?:revision|commit|sha|git_sha|build)[ =:#]+{REVISION})?");
    let came = "(?:deployed|released|rolled out|promoted)";
    let began = "(?:starting|started|booting|launching)";
    vec![
        // deployed version v1.8.2 …, released v7 revision=…
        format!(r"\b{came}\b.{{0,40}}?\b{named}[ =:]*{VERSION}{then_revision}"),
        // rolled out api 2.4.0, deployed registry/api:2.4.0
        format!(r"\b{came}\b.{{0,40}}?(?:[\s=]|\D:){OF_ITS_OWN}{then_revision}"),
        // starting orders version=v1.8.2 revision=…, Started Application version: 2.4.0
        format!(r"\b{began}\b.{{0,80}}?\bversion[ =:]+{VERSION}{then_revision}"),
        // Starting api v1.8.2, Started OrdersApplication v2.4.0 using Java 21
        format!(r"\b{began}\s+[\w./-]{{1,60}}\s+[(]?(?<version>v\d+\.\w[\w.+-]*){then_revision}"),
        // release abc1234 live, revision 0123abcd deployed
        format!(
            r"\b(?:release|revision|commit|sha|build)[ =:#]+{REVISION}.{{0,20}}?\b(?:live|deployed|rolled out|promoted|active)\b"
        ),
        // deployed commit abc1234, starting api revision=abc1234
        format!(r"\b(?:{came}|{began})\b.{{0,60}}?\b(?:revision|commit|sha|git_sha|build)[ =:#]+{REVISION}"),
    ]
}

#[cfg(test)]
mod tests;
