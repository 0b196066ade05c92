//! Reads what proxies and load balancers write: HAProxy, those of AWS, Squid.

use super::super::{Context, Record, level_of_word, time};
use super::{METHODS, Request, end_of_quotes, is_status, level};
use crate::ingest::Level;
use crate::ingest::decode::clean;

/// Reads a format that has the request in quotes.
pub(super) fn quoted(text: &str, context: &Context) -> Option<Record> {
    match text.bytes().next()? {
        b'[' => manager(text, context).or_else(|| haproxy(text, context)),
        b'0'..=b'9' => haproxy(text, context).or_else(|| balancer(text, context)),
        b'a'..=b'z' => {
            let (kind, rest) = text.split_once(' ')?;
            if matches!(kind, "http" | "https" | "h2" | "grpcs" | "ws" | "wss") {
                balancer(rest, context)
            } else {
                None
            }
        }
        _ => None,
    }
}

/// `CLIENT [TIME] FRONTEND BACKEND/SERVER T/T/T/T/T STATUS BYTES COOKIE COOKIE STATE N/N/N/N/N N/N {..} "REQUEST"`, which
/// HAProxy calls its HTTP format. The state of the session tells who ended it, where it did not end well.
fn haproxy(text: &str, context: &Context) -> Option<Record> {
    let (client, rest) = text.split_once(" [")?;
    let (at, n) = time::leading(rest, context).filter(|_| !client.contains(' '))?;
    let mut words = rest.get(n..)?.strip_prefix("] ")?.splitn(11, ' ');
    let frontend = words.next().filter(|name| level_of_word(name).is_none())?;
    let (server, timers) = (words.next()?, words.next()?);
    let (status, bytes, _, _, state) = (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
    let (connections, _queues) = (words.next()?, words.next()?);
    let is_it = server.contains('/') && slashes(timers) == 4 && state.len() == 4 && slashes(connections) == 4;
    if !is_it || !(is_status(status) || status == "-1") {
        return None;
    }
    let rest = words.next()?;
    let quoted = rest.get(memchr::memchr(b'"', rest.as_bytes())? + 1..)?;
    let line = quoted.get(..end_of_quotes(quoted).unwrap_or(quoted.len()))?;
    let note = if state.starts_with("--") { "" } else { state };
    let mut record = Request { at: Some(at), client, line, status, note, ..Request::default() }.record();
    record.field("bytes", bytes);
    record.field("frontend", frontend);
    record.field("server", server);
    record.field("timers", timers);
    Some(record)
}

/// `[TIME] CACHE STATUS STATUS - METHOD SCHEME HOST "PATH" [Client ADDRESS] [Length N] [Gzip N] [Sent-to SERVER] "AGENT"
/// "REFERER"` of Nginx Proxy Manager; what it answers by itself has one status and was sent nowhere.
fn manager(text: &str, context: &Context) -> Option<Record> {
    let (stamp, rest) = text.strip_prefix('[')?.split_once("] ")?;
    let at = time::leading(stamp, context).filter(|(_, n)| *n == stamp.len())?.0;
    let (front, rest) = rest.split_once(" \"")?;
    let (statuses, asked) = front.rsplit_once(" - ")?;
    let status = statuses.rsplit(' ').next().filter(|status| is_status(status))?;
    let mut words = asked.split(' ');
    let (method, _, host) = (words.next()?, words.next()?, words.next()?);
    let path = rest.get(..end_of_quotes(rest)?)?;
    if !METHODS.contains(&method) || words.next().is_some() {
        return None;
    }
    let bracket = |name: &str| Some(rest.split_once(name)?.1.split_once(']')?.0);
    let client = bracket("[Client ")?;
    let line = format!("{method} {path}");
    let mut record = Request { at: Some(at), client, line: &line, status, ..Request::default() }.record();
    record.field("host", host);
    record.field("bytes", bracket("[Length ").unwrap_or_default());
    record.field("server", bracket("[Sent-to ").unwrap_or_default());
    Some(record)
}

fn slashes(word: &str) -> usize {
    word.bytes().filter(|byte| *byte == b'/').count()
}

/// `TIME BALANCER CLIENT TARGET SECONDS SECONDS SECONDS STATUS STATUS BYTES BYTES "REQUEST" "AGENT"`: those of AWS.
fn balancer(text: &str, context: &Context) -> Option<Record> {
    let (at, n) = time::leading(text, context)?;
    let mut words = text.get(n..)?.strip_prefix(' ')?.splitn(11, ' ');
    let balancer = words.next().filter(|name| level_of_word(name).is_none())?;
    let (client, target) = (words.next()?, words.next()?);
    let is_seconds = |word: &str| word.parse::<f64>().is_ok();
    let are_seconds = (0..3).all(|_| words.next().is_some_and(is_seconds));
    let (status, of_target, _, bytes) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if !are_seconds || !(is_status(status) || status == "-") {
        return None;
    }
    let quoted = words.next()?.strip_prefix('"')?;
    let line = quoted.get(..end_of_quotes(quoted)?)?.trim_end();
    // A status that is not the target's is the balancer's own.
    let is_own = of_target == "-" && level(status) != Level::Info;
    let note = if is_own { "by the balancer" } else { "" };
    let mut record = Request { at: Some(at), client, line, status, note, ..Request::default() }.record();
    record.field("bytes", bytes);
    record.field("server", target);
    record.field("balancer", balancer);
    Some(record)
}

/// `SECONDS.MILLIS MILLIS CLIENT RESULT/STATUS BYTES METHOD URL USER HIERARCHY/PEER TYPE`, Squid's own format.
pub(super) fn squid(text: &str, context: &Context) -> Option<Record> {
    let (seconds, rest) = clean::cut(text, 64).split_once('.')?;
    if seconds.len() != 10 || !rest.get(3..)?.starts_with(' ') {
        return None;
    }
    let (at, n) = time::leading(text, context)?;
    let mut words = text.get(n..)?.split(' ').filter(|word| !word.is_empty());
    let (elapsed, client, (result, status)) = (words.next()?, words.next()?, words.next()?.split_once('/')?);
    let (bytes, method, url, user) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let peer = words.next().filter(|peer| peer.contains('/'))?;
    let is_method = METHODS.contains(&method) || method == "NONE" || method.starts_with("error:");
    let is_result = result.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    if !is_method || !is_result || !(is_status(status) || status == "0") {
        return None;
    }
    let line = format!("{method} {url}");
    let note = if level(status) == Level::Info { "" } else { result };
    let mut record = Request { at: Some(at), client, user, line: &line, status, note }.record();
    record.field("bytes", bytes);
    record.field("result", result);
    record.field("server", peer);
    record.field("milliseconds", elapsed);
    Some(record)
}
