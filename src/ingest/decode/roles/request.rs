//! Reads structured lines that tell of a request and its status: the access logs of nginx, Envoy, Traefik and others, written
//! as JSON or pairs, which have no message; and what frameworks say of a request that failed, whatever their message is.

use std::sync::LazyLock;

use super::super::access;
use super::super::json::{Kind, Pair};
use crate::ingest::Level;

/// The names of each part, without what marks words in them, best first.
const STATUS: &[&str] = &[
    "status",
    "statuscode",
    "responsestatuscode",
    "httpstatuscode",
    "httpresponsestatuscode",
    "responsecode",
    "httpstatus",
    "downstreamstatus",
    "responsestatus",
    "edgeresponsestatus",
];
const LINE: &[&str] = &["request", "requestline", "httprequestline"];
const METHOD: &[&str] =
    &["method", "requestmethod", "httpmethod", "httprequestmethod", "verb", "httpverb", "clientrequestmethod"];
const PATH: &[&str] = &[
    "path",
    "uri",
    "requesturi",
    "requestpath",
    "httppath",
    "httptarget",
    "urlpath",
    "url",
    "httpurl",
    "requesturl",
    "xenvoyoriginalpath",
    "xenvoyoriginpath",
    "clientrequesturi",
];
const VERSION: &[&str] = &["protocol", "proto", "requestprotocol", "requestproto", "serverprotocol", "httpversion"];
const NOTE: &[&str] = &["responseflags"];

/// The longest value, in bytes.
const BYTES: usize = 4096;

/// A request.
pub(super) struct Request {
    /// What is said of it.
    pub(super) said: String,
    /// The level of its status.
    pub(super) level: Level,
    /// What its path has in common with others.
    pub(super) route: String,
}

/// How a request failed that these pairs tell of beside their message: what is to be said behind it, so that a signature keeps
/// it, and the level of its status.
pub(super) fn failed(pairs: &[Pair<'_>]) -> Option<Failed> {
    // Most objects hold no such value.
    let is_failure = |pair: &Pair<'_>| tells_failure(&pair.value) && is_status(&pair.name);
    if !pairs.iter().any(is_failure) {
        return None;
    }
    let status = one(pairs, STATUS).filter(|status| tells_failure(status))?;
    of(pairs)?;
    let tail = TAILS.get(status.parse::<usize>().ok()?.checked_sub(FIRST_FAILURE)?)?;
    Some(Failed { tail, level: access::level(status) })
}

/// The first status of a failure.
const FIRST_FAILURE: usize = 400;

/// What is said behind a message, for each status of a failure.
static TAILS: LazyLock<Vec<String>> =
    LazyLock::new(|| (FIRST_FAILURE..600).map(|status| format!("status code {status}")).collect());

/// Whether pairs of these names may tell of a request.
pub(in crate::ingest::decode) fn may_be_request(pairs: &[Pair<'_>]) -> bool {
    let has = |names: &[&str]| {
        let is_called = |pair: &Pair<'_>| names.iter().any(|name| is_called(pair, name));
        pairs.iter().any(is_called)
    };
    has(LINE) || (has(METHOD) && has(PATH))
}

/// Whether a status tells that a request failed.
pub(in crate::ingest::decode) fn tells_failure(status: &str) -> bool {
    matches!(status.as_bytes(), [b'4' | b'5', b'0'..=b'9', b'0'..=b'9'])
}

/// Whether a name is that of a status.
pub(in crate::ingest::decode) fn is_status(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    STATUS.iter().any(|status| is_same(last, status))
}

/// How a request failed.
pub(super) struct Failed {
    /// What is said behind the message and a blank.
    pub(super) tail: &'static str,
    pub(super) level: Level,
}

/// The request that these pairs tell of.
pub(super) fn of(pairs: &[Pair<'_>]) -> Option<Request> {
    let status = one(pairs, STATUS).filter(|status| status.parse::<u16>().is_ok_and(|status| status < 600))?;
    let line = match one(pairs, LINE).filter(|line| line.contains(" /")) {
        Some(line) => line.to_owned(),
        None => {
            let (method, path) = (one(pairs, METHOD)?, one(pairs, PATH)?);
            // Rails tells the route by who answered.
            let path = match (one(pairs, &["controller"]), one(pairs, &["action"])) {
                (Some(controller), Some(action)) => format!("{controller}#{action}"),
                _ => path.to_owned(),
            };
            let version = one(pairs, VERSION).filter(|version| version.starts_with("HTTP/"));
            let blank = if version.is_some() { " " } else { "" };
            format!("{method} {path}{blank}{}", version.unwrap_or_default())
        }
    };
    let note = one(pairs, NOTE).filter(|note| *note != "-").unwrap_or_default();
    let route = access::route(line.split(' ').nth(1).unwrap_or_default());
    Some(Request { said: access::said(&line, status, note), level: access::level(status), route })
}

/// The value of the best of these names that is neither empty nor nested; the last part of a name counts.
fn one<'p>(pairs: &'p [Pair<'_>], names: &[&str]) -> Option<&'p str> {
    let is_usable = |pair: &&Pair<'_>| pair.kind != Kind::Nested && !pair.value.is_empty() && pair.value.len() <= BYTES;
    let found = names.iter().find_map(|name| pairs.iter().filter(is_usable).find(|pair| is_called(pair, name)));
    found.map(|pair| pair.value.as_ref())
}

/// Whether a pair is called this; the last part of its name counts.
fn is_called(pair: &Pair<'_>, name: &str) -> bool {
    is_same(&pair.name, name) || pair.name.rsplit('.').next().is_some_and(|last| is_same(last, name))
}

/// Whether a name is this, whatever its case and what joins its words.
fn is_same(name: &str, plain: &str) -> bool {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    letters.map(|byte| byte.to_ascii_lowercase()).eq(plain.bytes())
}
