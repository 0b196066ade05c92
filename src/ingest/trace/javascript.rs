//! JavaScript and TypeScript: V8 (`at f (file:1:2)`), Firefox and Safari (`f@file:1:2`).

use super::head::{self, Head};
use super::place::{behind_at, file_line_column, is_number};
use super::{Found, Frame, Language, origin};

/// How far above the first call the exception may stand.
const MAX_MESSAGE_LINES: usize = 20;

/// Reads the first trace and its causes.
pub fn read(lines: &[&str]) -> Option<Found> {
    let first_call = lines.iter().position(|line| call(line).is_some())?;
    let (start, head) = head_above(lines, first_call);
    let mut chain = vec![head];
    let mut frames = Vec::new();
    let mut n_other = 0;
    for line in lines.iter().skip(first_call) {
        if let Some(frame) = call(line) {
            frames.push(frame);
            n_other = 0;
        } else if let Some(cause) = behind_cause(line) {
            chain.push(
                head::at_start(cause)
                    .or_else(|| head::find(cause))
                    .unwrap_or(Head { exception: "Error", message: cause }),
            );
            frames.clear();
            n_other = 0;
        } else {
            // The fields of an error stand between its calls and its cause.
            n_other += 1;
            let indented = line.starts_with([' ', '\t']) || line.starts_with('}') || line.is_empty();
            if !indented && !is_omission(line) || n_other > MAX_MESSAGE_LINES {
                break;
            }
        }
    }
    Found::new(Language::JavaScript, start, chain, frames)
}

/// The exception nearest above the first call, or an unnamed one.
fn head_above<'t>(lines: &[&'t str], first_call: usize) -> (usize, Head<'t>) {
    let above = lines.get(..first_call).unwrap_or(&[]).iter().enumerate().rev().take(MAX_MESSAGE_LINES);
    let found = above.filter_map(|(index, line)| read_head(line).map(|head| (index, head))).next();
    found.unwrap_or((first_call, Head { exception: "Error", message: "" }))
}

fn read_head(line: &str) -> Option<Head<'_>> {
    let line = line.trim_start();
    let line = line.strip_prefix("Uncaught ").unwrap_or(line);
    let line = line.strip_prefix("(in promise) ").unwrap_or(line);
    head::find(line.trim_end_matches('{').trim_end())
}

/// What follows `[cause]: ` or `Caused by: `.
fn behind_cause(line: &str) -> Option<&str> {
    let found = ["[cause]: ", "Caused by: ", "caused by: "].iter().find_map(|marker| line.split_once(marker));
    found.map(|(_, cause)| cause)
}

fn is_omission(line: &str) -> bool {
    line.trim_start().starts_with("... ")
}

fn call(line: &str) -> Option<Frame> {
    match behind_at(line) {
        Some(text) => v8_call(text),
        None => firefox_call(line.trim_start()),
    }
}

/// Reads `async Orders.load [as run] (/app/orders.js:1:2)`, or a bare place.
fn v8_call(text: &str) -> Option<Frame> {
    let text = text.trim_end_matches([',', '{', ' ']);
    let text = text.strip_prefix("async ").unwrap_or(text);
    match text.strip_suffix(')').and_then(|front| front.split_once(" (")) {
        Some((function, place)) => {
            let (file, line) = match file_line_column(place) {
                Some((file, line)) => (file, Some(line)),
                None if is_no_file(place) => (place, None),
                None => return None,
            };
            Some(frame(function, file, line))
        }
        None => {
            let (file, line) = file_line_column(text)?;
            // Rust prints places alike.
            let bare =
                !file.ends_with(".rs") && (!file.contains(' ') || file.starts_with("file:") || file.starts_with('/'));
            (bare && !file.ends_with(')') && !file.contains('(')).then(|| frame("", file, Some(line)))
        }
    }
}

/// Reads `load@https://host/orders.js:1:2`.
fn firefox_call(line: &str) -> Option<Frame> {
    let (function, place) =
        line.rsplit_once('@').filter(|(front, _)| !front.contains("://")).or_else(|| line.split_once('@'))?;
    let (front, column) = place.rsplit_once(':')?;
    let (file, line) = front.rsplit_once(':')?;
    let in_file = file.contains("://") || file.starts_with('/') || file.ends_with(".js") || file.starts_with("node:");
    if !in_file || !is_number(column) || !is_number(line) || function.contains(' ') || place.contains(' ') {
        return None;
    }
    Some(frame(function, file, line.parse().ok()))
}

fn frame(function: &str, file: &str, line: Option<u32>) -> Frame {
    let file = file.split('?').next().unwrap_or(file);
    Frame {
        function: clean(function),
        module: None,
        in_app: origin::is_own_javascript(file),
        file: Some(file.to_owned()).filter(|file| !is_no_file(file)),
        line,
        source: None,
    }
}

/// Whether the engine names no file, but says why there is none.
fn is_no_file(place: &str) -> bool {
    place == "<anonymous>" || place == "native" || place.starts_with("index ") || place.starts_with("eval at ")
}

/// A function without what the engine adds: `Object.<anonymous>` has no name.
fn clean(function: &str) -> String {
    let function = function.split(" [as ").next().unwrap_or(function);
    let function = function.strip_prefix("async*").or_else(|| function.strip_prefix("async ")).unwrap_or(function);
    let function = function.strip_prefix("new ").unwrap_or(function);
    let function = function.split('/').next().unwrap_or(function).trim_end_matches('<');
    let last = function.rsplit('.').next().unwrap_or(function);
    if function == "?" || last == "<anonymous>" || last == "<computed>" || last == "anonymous" {
        return String::new();
    }
    // What an object was an instance of says nothing when it is any object.
    let bare = ["Object.", "Function.", "Module.", "exports.", "module.exports."]
        .iter()
        .find_map(|class| function.strip_prefix(class));
    bare.unwrap_or(function).to_owned()
}
