//! Ruby: `file.rb:1:in 'm': message (Type)`, with `from` below, or Rails' way of logging one.

use super::head::{self, Head};
use super::place::{file_and_line, leading_number};
use super::{Found, Frame, Language, origin};

/// How far above the first call the exception may stand.
const MAX_MESSAGE_LINES: usize = 10;

/// Reads the first trace and its causes.
pub fn read(lines: &[&str]) -> Option<Found> {
    let first = lines.iter().position(|line| call(line).is_some())?;
    if lines
        .get(..first)
        .is_some_and(|above| above.iter().any(|line| line.contains("Traceback (most recent call last)")))
    {
        return read_upward(lines, first);
    }
    let mut chain: Vec<Head<'_>> = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    let mut start = first;
    if lines.get(first).is_none_or(|line| head_of_call(lines, first, line).is_none()) {
        let (index, head) = head_above(lines, first)?;
        start = index;
        chain.push(head);
    }
    let mut n_other = 0;
    for (index, line) in lines.iter().enumerate().skip(first) {
        let Some(frame) = call(line) else {
            n_other += 1;
            match rails_cause(line) {
                Some(cause) => {
                    chain.push(cause);
                    frames.clear();
                }
                None if n_other > MAX_MESSAGE_LINES => break,
                None => {}
            }
            continue;
        };
        n_other = 0;
        if let Some(head) = head_of_call(lines, index, line) {
            chain.push(head);
            frames.clear();
        }
        frames.push(frame);
    }
    Found::new(Language::Ruby, start, chain, frames)
}

/// Ruby 2.5 to 2.7 on a terminal: the most recent call last, the message in its line.
fn read_upward(lines: &[&str], first: usize) -> Option<Found> {
    let calls = lines.iter().enumerate().skip(first).take_while(|(_, line)| call(line).is_some());
    let (last, line) = calls.last()?;
    let head = head_of_call(lines, last, line).unwrap_or(Head { exception: "StandardError", message: "" });
    let frames = lines.get(first..=last)?.iter().rev().filter_map(|line| call(line)).collect();
    Found::new(Language::Ruby, first.saturating_sub(1), vec![head], frames)
}

/// Reads the `: message (Type)` behind a call; the type may stand some lines below.
fn head_of_call<'t>(lines: &[&'t str], index: usize, line: &'t str) -> Option<Head<'t>> {
    let (_, rest) = split_call(line)?;
    let message = rest.strip_prefix(": ")?;
    let with_type = |text: &'t str| {
        let (front, exception) = text.strip_suffix(')')?.rsplit_once('(')?;
        let named = exception.starts_with(char::is_uppercase) && !exception.contains(' ');
        named.then_some((front.trim_end(), exception))
    };
    if let Some((message, exception)) = with_type(message) {
        return Some(Head { exception, message });
    }
    let below = lines.iter().skip(index + 1).take(MAX_MESSAGE_LINES).take_while(|line| call(line).is_none());
    let exception = below.filter_map(|line| with_type(line)).map(|(_, exception)| exception).next();
    Some(Head { exception: exception.unwrap_or("RuntimeError"), message })
}

/// Finds `Type (message):` or `Type: message` above the first call.
fn head_above<'t>(lines: &[&'t str], first: usize) -> Option<(usize, Head<'t>)> {
    let above = lines.get(..first)?.iter().enumerate().rev().take(MAX_MESSAGE_LINES);
    above.filter_map(|(index, line)| rails_head(line).or_else(|| head::find(line)).map(|head| (index, head))).next()
}

/// Reads `ActiveRecord::RecordNotFound (Couldn't find it):`.
fn rails_head(line: &str) -> Option<Head<'_>> {
    let (front, rest) = line.split_once(" (")?;
    let exception = front.rsplit([' ', ']']).next()?;
    let message = rest.trim_end_matches(':').strip_suffix(')')?;
    let named = exception.starts_with(char::is_uppercase)
        && exception.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_'));
    (named && head::at_start(exception).is_some()).then_some(Head { exception, message })
}

/// Reads the `Causes:` of Rails, which names them as it names the exception.
fn rails_cause(line: &str) -> Option<Head<'_>> {
    let text = line.trim_start().strip_prefix("Caused by: ").or_else(|| line.trim_start().strip_prefix("Cause: "))?;
    rails_head(text).or_else(|| head::at_start(text))
}

fn call(line: &str) -> Option<Frame> {
    let (call, _) = split_call(line)?;
    let (place, name) = call.split_once(":in ")?;
    let (file, line) = file_and_line(place);
    let (module, function) = clean(name.trim_matches(['\'', '`']));
    Some(Frame { function, module, in_app: origin::is_own_ruby(file), file: Some(file.to_owned()), line, source: None })
}

/// Splits a line into `file.rb:1:in 'm'` and what follows.
fn split_call(line: &str) -> Option<(&str, &str)> {
    let (place, name) = line.split_once(":in ")?;
    let quote = name.strip_prefix(['\'', '`'])?;
    let close = quote.find('\'')?;
    let length = place.len() + ":in ".len() + 1 + close + 1;
    // A log's header, `from` and the number of the call end with a blank.
    let start = place.rfind([' ', '\t']).map_or(0, |at| at + 1);
    let (call, rest) = (line.get(start..length)?, line.get(length..)?);
    let (file, number) = file_and_line(line.get(start..place.len())?);
    let in_file = number.is_some() && !file.is_empty() && leading_number(file).is_none();
    in_file.then_some((call, rest))
}

/// The class and the method: `block (2 levels) in Orders#total` is `Orders` and `total`.
fn clean(name: &str) -> (Option<String>, String) {
    let name = name.rsplit(" in ").next().unwrap_or(name);
    // A view's method carries the hash of its file.
    let name = name.split("__").next().filter(|front| front.starts_with("_app_views")).unwrap_or(name);
    match name.rsplit_once(['#', '.']) {
        Some((class, method)) if !class.is_empty() => (Some(class.to_owned()), method.to_owned()),
        _ => (None, name.to_owned()),
    }
}
