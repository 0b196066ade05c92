//! Reads a structured line that has no message, but tells of a request and its status: the access logs of nginx, Envoy,
//! Traefik and others, written as JSON or pairs.

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
];
const LINE: &[&str] = &["request", "requestline", "httprequestline"];
const METHOD: &[&str] = &["method", "requestmethod", "httpmethod", "httprequestmethod", "verb", "httpverb"];
const PATH: &[&str] =
    &["path", "uri", "requesturi", "requestpath", "httppath", "httptarget", "urlpath", "url", "httpurl"];
const VERSION: &[&str] = &["protocol", "proto", "requestprotocol", "requestproto", "serverprotocol", "httpversion"];
const NOTE: &[&str] = &["responseflags"];

/// The longest value, in bytes.
const BYTES: usize = 4096;

/// What is said of the request that these pairs tell of, and the level of its status.
pub(super) fn of(pairs: &[Pair<'_>]) -> Option<(String, Level)> {
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
    Some((access::said(&line, status, note), access::level(status)))
}

/// The value of the best of these names that is neither empty nor nested; the last part of a name counts.
fn one<'p>(pairs: &'p [Pair<'_>], names: &[&str]) -> Option<&'p str> {
    let is_called = |pair: &Pair<'_>, name: &str| {
        is_same(&pair.name, name) || pair.name.rsplit('.').next().is_some_and(|last| is_same(last, name))
    };
    let is_usable = |pair: &&Pair<'_>| pair.kind != Kind::Nested && !pair.value.is_empty() && pair.value.len() <= BYTES;
    let found = names.iter().find_map(|name| pairs.iter().filter(is_usable).find(|pair| is_called(pair, name)));
    found.map(|pair| pair.value.as_ref())
}

/// Whether a name is this, whatever its case and what joins its words.
fn is_same(name: &str, plain: &str) -> bool {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    letters.map(|byte| byte.to_ascii_lowercase()).eq(plain.bytes())
}
