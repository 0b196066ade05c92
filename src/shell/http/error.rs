//! Says what went wrong with a call, without a secret and without an address's query.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::Url;

use crate::app::{Failure, FailureKind};
use crate::ingest::sanitize::{redact, visible};

/// Secrets shorter than this are too likely to be ordinary words to be hidden everywhere.
const SHORTEST_SECRET: usize = 4;

/// Characters of a server's own words that an error shows.
const SHOWN_CHARACTERS: usize = 400;

/// Which time limit passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// Reaching the server took longer.
    Connect(Duration),
    /// For longer, nothing came.
    Idle(Duration),
    /// The whole call took longer.
    Total(Duration),
}

impl std::fmt::Display for Deadline {
    /// Says it as the end of a sentence about the server.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Connect(limit) => write!(f, "could not be reached within {} s", limit.as_secs_f64()),
            Self::Idle(limit) => write!(f, "sent nothing for {} s", limit.as_secs_f64()),
            Self::Total(limit) => write!(f, "was not done within {} s", limit.as_secs_f64()),
        }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The request itself is wrong; nothing was sent.
    #[error("the request cannot be sent: {0}")]
    Unsendable(String),
    /// The system gave nothing to wait with.
    #[error("cannot wait for a server")]
    NoRuntime(#[source] io::Error),
    /// The server was not reached.
    #[error("cannot reach {place}: {why}")]
    Connect {
        /// Scheme, host and port.
        place: String,
        /// The chain of causes.
        why: String,
    },
    /// It took too long.
    #[error("{place} {deadline}")]
    TimeLimit {
        /// Scheme, host and port.
        place: String,
        /// Which limit passed.
        deadline: Deadline,
    },
    /// The answer is larger than is taken.
    #[error("{place} answered more than {limit} bytes")]
    TooLarge {
        /// Scheme, host and port.
        place: String,
        /// Most bytes that are taken.
        limit: usize,
    },
    /// The answer ended before its end, or was no HTTP.
    #[error("the answer of {place} broke off: {why}")]
    BrokenOff {
        /// Scheme, host and port.
        place: String,
        /// The chain of causes.
        why: String,
    },
    /// The server refused, failed, or sent elsewhere.
    #[error("{place} answered with status {status}{}", said(excerpt))]
    Status {
        /// Scheme, host and port.
        place: String,
        /// Its status, below 200 or above 299.
        status: u16,
        /// Its header `Retry-After`, as it came.
        retry_after: Option<String>,
        /// The start of its body, redacted and fit to be shown.
        excerpt: String,
    },
    /// The user stopped it.
    #[error("stopped by the user")]
    Canceled,
}

impl HttpError {
    /// The error as the user is told, with what to do about it.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let (kind, hint) = match self {
            Self::Unsendable(_) => (FailureKind::Config, "Correct the address or the key."),
            Self::NoRuntime(_) => (FailureKind::External, "Check the limits of the system."),
            Self::Connect { .. } => {
                (FailureKind::External, "Check the address, that the server runs, and the proxy settings.")
            }
            Self::TimeLimit { .. } => (FailureKind::External, "Try again later, or allow more time."),
            Self::TooLarge { .. } | Self::BrokenOff { .. } => (FailureKind::External, "Try again."),
            Self::Status { status: 401 | 403, .. } => {
                (FailureKind::Config, "Check the key in the environment, and what it may do.")
            }
            Self::Status { status: 404, .. } => (FailureKind::Config, "Check the address and the names in it."),
            Self::Status { status: 429 | 500..=599, .. } => (FailureKind::External, "Try again later."),
            Self::Status { .. } => (FailureKind::External, "Check what the server says."),
            Self::Canceled => (FailureKind::User, "Ask again."),
        };
        Failure::of(kind, self, hint)
    }
}

fn said(excerpt: &str) -> String {
    if excerpt.is_empty() { String::new() } else { format!(": {excerpt}") }
}

/// Scheme, host and port.
pub(super) fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    visible(&format!("{}://{host}{port}", url.scheme()), false)
}

/// The chain of causes without the address, each once.
pub(super) fn causes(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !words.iter().any(|known| known.contains(&text)) {
            words.push(text);
        }
        next = cause.source();
    }
    if words.is_empty() {
        // Without a cause, its own text is all there is; the address is not in it.
        return if error.is_decode() || error.is_body() { "it is no HTTP".to_owned() } else { "it failed".to_owned() };
    }
    visible(&words.join(": "), false)
}

/// A server's words on one line, without secrets, cut.
pub(super) fn fit(secrets: &[String], text: &str) -> String {
    let text = visible(&redact(&without(secrets, without_begun(secrets, text))), true);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(SHOWN_CHARACTERS).collect();
    if cut.len() < line.len() { format!("{cut}…") } else { cut }
}

/// The text without the front of a secret that its end cut in two.
fn without_begun<'a>(secrets: &[String], text: &'a str) -> &'a str {
    let fronts =
        secrets.iter().flat_map(|secret| secret.char_indices().map(|(at, _)| secret.get(..at).unwrap_or_default()));
    let longest = fronts.filter(|front| !front.is_empty() && text.ends_with(front)).map(str::len).max();
    text.get(..text.len() - longest.unwrap_or(0)).unwrap_or_default()
}

/// The text with these secrets masked.
pub(super) fn without(secrets: &[String], text: &str) -> String {
    let hidden = secrets.iter().filter(|secret| secret.len() >= SHORTEST_SECRET);
    hidden.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "[redacted]"))
}
