//! Rust: panics of old and new style, and reports of errors with their causes.

use super::head::Head;
use super::place::{behind, file_line_column, is_number};
use super::{Found, Frame, Language, origin};

/// Reads the first panic or report.
pub fn read(lines: &[&str]) -> Option<Found> {
    read_panic(lines).or_else(|| read_report(lines))
}

fn read_panic(lines: &[&str]) -> Option<Found> {
    let (index, header, rest) = lines.iter().enumerate().find_map(|(index, line)| {
        let (front, rest) = line.split_once(" panicked at ")?;
        let header = front.split("thread '").next()?;
        (header.len() < front.len()).then_some((index, header, rest))
    })?;
    let below = lines.get(index + 1..).unwrap_or(&[]);
    let (message, place) = match old_style(rest) {
        Some((message, place)) => (message, place),
        None => (below.first().map_or("", |line| behind(line, header)), rest.trim_end_matches(':')),
    };
    let message = if is_note(message) { "" } else { message };
    let mut frames = read_calls(below, header);
    if !frames.iter().any(|frame| frame.in_app) {
        // Without a backtrace the place of the panic is all there is.
        frames.splice(0..0, file_line_column(place).map(|(file, line)| frame("", Some(file), Some(line))));
    }
    Found::new(Language::Rust, index, vec![Head { exception: "panic", message }], frames)
}

/// Reads `'message', src/main.rs:1:2`.
fn old_style(rest: &str) -> Option<(&str, &str)> {
    let (message, place) = rest.strip_prefix('\'')?.rsplit_once("', ")?;
    Some((message, place))
}

fn is_note(line: &str) -> bool {
    line.starts_with("note: ") || line.starts_with("stack backtrace:")
}

/// Reads `Error: message`, `Caused by:` and the numbered causes of anyhow and eyre.
///
/// No types are printed: the messages, joined as these libraries join them on one line, tell all.
fn read_report(lines: &[&str]) -> Option<Found> {
    let index = lines.iter().position(|line| behind_error(line).is_some())?;
    let (header, outer) = behind_error(lines.get(index)?)?;
    let below = lines.get(index + 1..)?;
    let texts = || below.iter().map(|line| behind(line, header));
    let caused = if outer.is_empty() {
        Some(0)
    } else {
        texts().take(8).position(|text| text.trim() == "Caused by:").map(|at| at + 1)
    };
    let causes = caused.and_then(|at| below.get(at..)).unwrap_or(&[]);
    let mut messages: Vec<&str> = causes.iter().map_while(|line| read_cause(behind(line, header))).collect();
    let backtrace = texts().position(|text| {
        let text = text.trim();
        text.eq_ignore_ascii_case("stack backtrace:") || text == "Location:" || text.contains(" BACKTRACE ")
    });
    if (messages.is_empty() || outer.is_empty()) && backtrace.is_none() {
        return None;
    }
    messages.splice(0..0, Some(outer).filter(|outer| !outer.is_empty()));
    let message = messages.join(": ");
    let mut frames = backtrace.and_then(|at| below.get(at..)).map(|rest| read_calls(rest, header)).unwrap_or_default();
    if !frames.iter().any(|frame| frame.in_app) {
        frames.splice(0..0, location(below, header));
    }
    Found::new(Language::Rust, index, vec![Head { exception: "Error", message: &message }], frames)
}

/// The header and the message of a line with `Error: message`; the message may begin a line below.
fn behind_error(line: &str) -> Option<(&str, &str)> {
    let (header, rest) = line.split_once("Error:")?;
    // A longer name is a type, and no type is printed here.
    let whole = header.is_empty() || header.ends_with([' ', '\t']);
    let message = if rest.is_empty() { Some(rest) } else { rest.strip_prefix(' ') };
    message.filter(|_| whole).map(|message| (header, message.trim()))
}

/// Reads `    0: message`, or the message alone when there is one cause.
fn read_cause(line: &str) -> Option<&str> {
    let text = line.strip_prefix([' ', '\t'])?.trim();
    match text.split_once(": ") {
        Some((number, message)) if is_number(number) => Some(message),
        _ => Some(text).filter(|text| !text.is_empty() && !text.starts_with("at ")),
    }
}

/// Where eyre says the report was made.
fn location(lines: &[&str], header: &str) -> Option<Frame> {
    let at = lines.iter().position(|line| behind(line, header).trim() == "Location:")?;
    let (file, line) = file_line_column(behind(lines.get(at + 1)?, header).trim())?;
    Some(frame("", Some(file), Some(line)))
}

/// Reads `12: path::function` and the `at file:1:2` below it.
fn read_calls(lines: &[&str], header: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in lines {
        let text = behind(line, header).trim_start();
        if let Some(place) = text.strip_prefix("at ") {
            if let (Some(last), Some((file, number))) = (frames.last_mut(), file_line_column(place))
                && last.file.is_none()
            {
                *last = Frame { source: None, ..frame(&full_name(last), Some(file), Some(number)) };
            }
        } else if let Some(name) = function(text) {
            frames.push(frame(name, None, None));
        } else if !frames.is_empty() && !text.is_empty() && !text.starts_with("...") {
            break;
        }
    }
    frames
}

fn full_name(frame: &Frame) -> String {
    match &frame.module {
        Some(module) => format!("{module}::{}", frame.function),
        None => frame.function.clone(),
    }
}

/// Reads `12: name` or `12: 0x55d0c1 - name`.
fn function(text: &str) -> Option<&str> {
    let (number, rest) = text.split_once(": ")?;
    let rest = rest.trim_start();
    let name = match rest.split_once(" - ") {
        Some((address, name)) if address.starts_with("0x") => name,
        _ => rest,
    };
    is_number(number).then_some(name)
}

fn frame(name: &str, file: Option<&str>, line: Option<u32>) -> Frame {
    let name = clean(name);
    let (module, function) = split(&name);
    Frame {
        in_app: origin::is_own_rust(&name, file),
        function: function.to_owned(),
        module: module.map(str::to_owned),
        file: file.map(str::to_owned),
        line,
        source: None,
    }
}

/// The path and the last name in it; the path of `<T as Trait>::method` is what stands in the brackets.
fn split(name: &str) -> (Option<&str>, &str) {
    match name.rsplit_once("::") {
        Some((module, function)) if !module.is_empty() && !function.contains('>') => (Some(module), function),
        _ => (None, name),
    }
}

/// A name without the compiler's hash, its crate's number and the closures in it.
fn clean(name: &str) -> String {
    let name = match name.rsplit_once("::h") {
        Some((front, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => front,
        _ => name,
    };
    let kept = |part: &&str| !part.starts_with("{{closure") && !part.starts_with("{closure");
    let parts: Vec<&str> = name.split("::").filter(kept).collect();
    let joined = parts.join("::");
    // `crate[8f7ac9e1]::module` in the newer mangling.
    let mut plain = String::with_capacity(joined.len());
    let mut rest = joined.as_str();
    while let Some((front, behind)) = rest.split_once('[') {
        plain.push_str(front);
        rest = match behind.split_once(']') {
            Some((hash, after)) if hash.len() >= 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => after,
            _ => {
                plain.push('[');
                behind
            }
        };
    }
    plain.push_str(rest);
    plain
}
