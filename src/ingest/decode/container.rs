//! Takes off what container runtimes and their tools put around every line.

use super::json::{Kind, Pair};
use super::{Context, Header, Record, Wrapper, decode_text, level, time};

/// A record of Docker's log file that has no line end and at least this size was split off a longer line.
const DOCKER_SPLIT: usize = 16_000;

/// The shortest time that CRI writes, in bytes.
const STAMP_BYTES: usize = "2026-01-02T15:04:05Z".len();

/// One piece of a line that the runtime split, because it was too long.
#[derive(Debug, PartialEq)]
pub(in crate::ingest) struct Part<'a> {
    /// More pieces follow.
    pub(in crate::ingest) open: bool,
    /// What stands before the content.
    pub(in crate::ingest) head: &'a [u8],
    /// The piece itself.
    pub(in crate::ingest) content: &'a [u8],
    /// What stands behind it.
    pub(in crate::ingest) tail: &'a [u8],
    /// The stream it belongs to.
    pub(in crate::ingest) stream: &'a [u8],
}

/// Reads a line as a piece of a longer one, where its carrier (CRI, Docker's log file) marks pieces.
pub(in crate::ingest) fn part(line: &[u8]) -> Option<Part<'_>> {
    match line.first()? {
        b'0'..=b'9' => cri_part(line),
        b'{' => docker_part(line),
        _ => None,
    }
}

fn cri_part(line: &[u8]) -> Option<Part<'_>> {
    // A short search of few bytes is faster by hand, and most lines are no such lines.
    let behind = line.get(STAMP_BYTES..line.len().min(41))?;
    let stamp = STAMP_BYTES + behind.iter().position(|byte| *byte == b' ')?;
    let (stamp, rest) = line.split_at_checked(stamp)?;
    if !rest.starts_with(b" std") || stamp.contains(&b' ') {
        return None;
    }
    let stream = rest.get(1..7).filter(|stream| *stream == b"stdout" || *stream == b"stderr")?;
    let tag = rest.get(7..)?.strip_prefix(b" ")?;
    let tag = tag.get(..memchr::memchr(b' ', tag).unwrap_or(tag.len()))?;
    if !matches!(tag, [b'P' | b'F'] | [b'P' | b'F', b':', ..]) {
        return None;
    }
    let at = (stamp.len() + stream.len() + tag.len() + 3).min(line.len());
    let (head, content) = line.split_at_checked(at)?;
    Some(Part { open: tag.first() == Some(&b'P'), head, content, tail: b"", stream })
}

fn docker_part(line: &[u8]) -> Option<Part<'_>> {
    let front = br#"{"log":""#;
    let rest = line.strip_prefix(front)?;
    let mut end = 0;
    loop {
        end += memchr::memchr2(b'"', b'\\', rest.get(end..)?)?;
        if rest.get(end) == Some(&b'"') {
            break;
        }
        end += 2;
    }
    let (content, tail) = rest.split_at_checked(end)?;
    let open = content.len() >= DOCKER_SPLIT && !content.ends_with(b"\\n");
    let stream = if memchr::memmem::find(tail, b"stderr").is_some() { b"stderr" } else { b"stdout" };
    Some(Part { open, head: front, content, tail, stream })
}

/// `2026-01-02T15:04:05.123456789Z stdout F message`.
pub(super) fn cri(text: &str, context: &Context, wrappers: u8) -> Option<Record> {
    let part = cri_part(text.as_bytes())?;
    let (at, _) = time::leading(text, context)?;
    let stream = std::str::from_utf8(part.stream).ok()?;
    let mut wrapper = Wrapper::new(stream.to_owned());
    wrapper.time = Some(at);
    wrapper.fields.push(("stream".to_owned(), stream.to_owned()));
    Some(decode_text(text.get(part.head.len()..)?, context, wrappers).wrapped_in(wrapper))
}

/// The lines of Docker's log file: `{"log":"message\n","stream":"stderr","time":"..."}`.
pub(super) fn docker(pairs: &[Pair<'_>], context: &Context, wrappers: u8) -> Option<Record> {
    let value = |name: &str| {
        let is_it = |pair: &&Pair<'_>| pair.name == name && pair.kind == Kind::Text;
        pairs.iter().find(is_it).map(|pair| pair.value.as_ref())
    };
    let (log, stream) = (value("log")?, value("stream")?);
    let known = |pair: &Pair<'_>| matches!(pair.name.as_ref(), "log" | "stream" | "time");
    let mut wrapper = Wrapper::new(stream.to_owned());
    wrapper.time = value("time").and_then(|text| time::whole(text, context));
    for pair in pairs.iter().filter(|pair| !known(pair) || pair.name == "stream") {
        wrapper.fields.push((pair.name.clone().into_owned(), pair.value.clone().into_owned()));
    }
    let log = super::clean::without_controls(log.trim_end_matches(['\n', '\r']));
    Some(decode_text(&log, context, wrappers).wrapped_in(wrapper))
}

/// `[pod/name/container] message`.
pub(super) fn kubectl(text: &str, context: &Context, wrappers: u8) -> Option<Record> {
    let (pod, message) = pod(text)?;
    let mut wrapper = Wrapper::new(pod.to_owned());
    let (name, container) = pod.split_once('/').unwrap_or((pod, ""));
    wrapper.fields.push(("pod".to_owned(), name.to_owned()));
    wrapper.component = Some(container.to_owned()).filter(|name| !name.is_empty());
    Some(decode_text(message, context, wrappers).wrapped_in(wrapper))
}

/// The pod with its container, and what it wrote.
pub(super) fn pod(text: &str) -> Option<(&str, &str)> {
    let (pod, rest) = text.strip_prefix("[pod/")?.split_once(']')?;
    let is_it = pod.len() <= 320 && !pod.contains([' ', '"']);
    is_it.then_some((pod, rest.strip_prefix(' ').unwrap_or(rest)))
}

/// `service-1  | message`, as Compose writes.
pub(super) fn compose(text: &str, context: &Context, wrappers: u8) -> Option<Record> {
    let (name, message) = service(text)?;
    let mut wrapper = Wrapper::new(name.to_owned());
    wrapper.component = Some(name.to_owned());
    Some(decode_text(message, context, wrappers).wrapped_in(wrapper))
}

/// The service, and what it wrote.
pub(super) fn service(text: &str) -> Option<(&str, &str)> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let n = text.bytes().take(65).take_while(is_part).count();
    let (name, rest) = text.split_at_checked(n)?;
    let behind = rest.trim_start_matches(' ');
    if n == 0 || n > 64 || behind.len() == rest.len() || level::level_of_word(name).is_some() {
        return None;
    }
    let message = behind.strip_prefix('|').filter(|rest| rest.is_empty() || rest.starts_with(' '))?;
    Some((name, message.get(1..).unwrap_or_default()))
}

/// `pod container message`, as stern writes: where the name of the pod tells that a deployment made it, or else a number or
/// random letters do and the message has a header of its own.
pub(super) fn stern(text: &str, context: &Context, wrappers: u8) -> Option<Record> {
    let (pod, rest) = text.split_once(' ').filter(|(pod, _)| pod.len() <= 253)?;
    let (container, message) = rest.split_once(' ').filter(|(container, _)| container.len() <= 63)?;
    let is_label = |name: &str| {
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !name.is_empty() && name.bytes().all(is_part)
    };
    let (front, last) = pod.rsplit_once('-').filter(|_| is_label(pod) && is_label(container))?;
    let is_random = |word: &str| word.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte));
    let is_named = container.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_suffix = last.len() == 5 && is_random(last);
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
    let hash = front.rsplit_once('-').map_or("", |(_, hash)| hash);
    let is_deployed = is_suffix && (6..=10).contains(&hash.len()) && is_random(hash);
    if !(is_suffix || is_number) || !is_named || level::level_of_word(container).is_some() {
        return None;
    }
    let record = decode_text(message, context, wrappers);
    if !is_deployed && record.header == Header::None {
        return None;
    }
    let mut wrapper = Wrapper::new(format!("{pod}/{container}"));
    wrapper.fields.push(("pod".to_owned(), pod.to_owned()));
    wrapper.component = Some(container.to_owned());
    Some(record.wrapped_in(wrapper))
}
