//! Counts the traffic by which errors are expected to rise and fall.
//!
//! Input: events as they come. Output: the number of requests of each minute, kept like the counts of a signature, so
//! that a restart and a baseline know it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};

use super::{Engine, StreamKey};
use crate::detect::SignatureIndex;
use crate::ingest::signature::field;
use crate::ingest::{Event, Signature};
use crate::units::{SignatureId, Timestamp};

/// How long before a deploy requests must have been counted for their number to say what is usual.
const SETTLED: Duration = Duration::from_secs(6 * 60 * 60);

/// The most that one event adds, so that a stray number is no flood.
const MOST: f64 = 1e6;

/// What counts as traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// Each event of a signature.
    Signature(SignatureId),
    /// Each event that has this field.
    Field(String),
    /// The number in this field, such as of a line that tells each minute's requests.
    Sum(String),
    /// Each event of the source of this name: a file, or a folder that it is in.
    Source(String),
}

/// Why a text names no traffic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no traffic; write the id of a signature, \"field NAME\", \"sum NAME\" or \"source NAME\"")]
pub struct TrafficError(String);

impl FromStr for Traffic {
    type Err = TrafficError;

    fn from_str(text: &str) -> Result<Self, TrafficError> {
        let error = || TrafficError(text.to_owned());
        if let Some((kind, name)) = text.trim().split_once(' ') {
            let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty()).ok_or_else(error)?;
            return match kind {
                "field" => Ok(Self::Field(name)),
                "sum" => Ok(Self::Sum(name)),
                "source" => Ok(Self::Source(name)),
                _ => Err(error()),
            };
        }
        text.trim().parse().map(Self::Signature).map_err(|_| error())
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature(id) => id.fmt(f),
            Self::Field(name) => write!(f, "field {name}"),
            Self::Sum(name) => write!(f, "sum {name}"),
            Self::Source(name) => write!(f, "source {name}"),
        }
    }
}

impl<'de> Deserialize<'de> for Traffic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Traffic {
    /// The signature under which its requests are counted.
    #[must_use]
    pub fn signature(&self) -> Signature {
        let text = match self {
            Self::Signature(id) => return Signature { id: *id, template: String::new() },
            Self::Field(_) | Self::Sum(_) | Self::Source(_) => format!("requests, by {self}"),
        };
        Signature { id: SignatureId::of_counter(Sha256::digest(text.as_bytes()).into()), template: text }
    }

    /// How many requests an event stands for.
    fn of(&self, event: &Event, is_of_source: bool) -> u32 {
        let field = |name: &String| field(name, &event.fields);
        match self {
            // Its events are counted as they are.
            Self::Signature(_) => 0,
            Self::Field(name) => u32::from(field(name).is_some()),
            Self::Sum(name) => {
                let n: f64 = field(name).and_then(|value| value.trim().parse().ok()).unwrap_or(0.0);
                if n.is_finite() { n.round().clamp(0.0, MOST) as u32 } else { 0 }
            }
            Self::Source(_) => u32::from(is_of_source),
        }
    }
}

impl Engine {
    /// Names what counts the traffic, if anything does: errors are expected to rise with it.
    pub fn set_traffic(&mut self, traffic: Option<Traffic>) {
        self.traffic = traffic;
    }

    /// Says that this stream is one of the source whose events are the traffic.
    pub fn carries_traffic(&mut self, key: StreamKey) {
        self.traffic_streams.insert(key);
    }

    pub(super) fn count_traffic(&mut self, key: StreamKey, event: &Event, at: Timestamp) {
        let Some(traffic) = &self.traffic else { return };
        let n = traffic.of(event, self.traffic_streams.contains(&key));
        if n > 0 {
            let index = self.catalog.note(&traffic.signature(), None, at, "");
            self.count(at.minute(), index, n);
        }
    }

    /// The signature that counts the traffic, where it did so for long enough before a deploy.
    pub(super) fn traffic_at(&self, deploy: Timestamp) -> Option<SignatureIndex> {
        let (lead, first) = self.counted_since(self.traffic.as_ref()?)?;
        (first <= deploy.before(SETTLED)).then_some(lead)
    }

    /// Why the traffic that is named says nothing of a deploy, in words; `None` where it does, or none is named.
    ///
    /// What was read before it was named is not read again, so the past has no number of requests.
    pub(super) fn why_no_traffic(&self, deploy: Timestamp) -> Option<String> {
        let traffic = self.traffic.as_ref()?;
        let hours = SETTLED.as_secs() / 3600;
        match self.counted_since(traffic) {
            Some((_, first)) if first <= deploy.before(SETTLED) => None,
            Some((_, first)) => {
                let from = first.after(SETTLED);
                let until = format!("this deploy is judged without it, and one after {from} with it");
                Some(format!("{traffic}: counted only since {first}, not for {hours} hours before the deploy; {until}"))
            }
            None => Some(format!("{traffic}: nothing was counted yet; the deploy is judged without it")),
        }
    }

    fn counted_since(&self, traffic: &Traffic) -> Option<(SignatureIndex, Timestamp)> {
        let lead = self.lead_of(traffic.signature().id)?;
        Some((lead, self.catalog.get(lead)?.first))
    }
}

#[cfg(test)]
mod tests;
