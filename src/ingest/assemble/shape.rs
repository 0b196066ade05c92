//! What a line tells by itself about being part of a stack trace.
//!
//! Input: the text of one line without header. Output: its [`Shape`]. Knows the ways runtimes print traces, and no
//! program's words.
//!
//! Pure. Looks at no other line (`flow` does).

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};
use memchr::memmem::Finder;

use crate::ingest::trace::{head, place};

/// What a line is, as far as its text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing.
    Blank,
    /// What only ever stands inside a trace: a call, what was left out, the end of an inner exception.
    Inside(Dialect),
    /// What announces the next exception of a chain.
    Link(Dialect),
    /// What begins a trace: alone, or below the message that it explains.
    Opens(Dialect),
    /// What draws the tree of an exception group, where it is indented or in a trace.
    Branch,
    /// `Type: message`: what a trace may begin or end with.
    Head,
    /// Anything else.
    Text,
}

/// The ways of printing traces, as far as they matter for where an event ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A traceback ends with an unindented line that names the exception.
    Python,
    /// Blank lines and unindented calls are part of it.
    Go,
    /// The message may stand on the line below.
    Rust,
    /// Calls have no indentation where a framework logs them.
    Ruby,
    /// Numbered calls without indentation.
    Php,
    /// The place and a source line stand above the exception.
    Node,
    /// An exception, and indented calls below it.
    Other,
}

/// Tells the shape of a text without header and indentation.
pub(super) fn shape(text: &str) -> Shape {
    let Some(first) = text.bytes().next() else { return Shape::Blank };
    let known = match first {
        b'a' => is_call(text).then_some(Shape::Inside(Dialect::Other)),
        b'A' | b'C' | b'D' | b'S' | b'T' | b'E' | b'U' | b'N' | b'W' | b'L' => capital(text),
        b'P' => php_error(text),
        b'F' => text.starts_with("File \"").then_some(Shape::Inside(Dialect::Python)),
        b'f' => from(text),
        b'c' => (text.starts_with("created by ") && text.contains('.')).then_some(Shape::Inside(Dialect::Go)),
        b'g' => goroutine(text).then_some(Shape::Opens(Dialect::Go)),
        b'p' => text.starts_with("panic: ").then_some(Shape::Opens(Dialect::Go)),
        b't' => thrown(text),
        b's' => text.starts_with("stack backtrace:").then_some(Shape::Inside(Dialect::Rust)),
        b'n' => {
            (text.starts_with("note: ") && text.contains("`RUST_BACKTRACE")).then_some(Shape::Inside(Dialect::Rust))
        }
        b'.' => is_omission(text).then_some(Shape::Inside(Dialect::Other)),
        b'-' => dashes(text),
        b'#' => php_step(text).then_some(Shape::Inside(Dialect::Php)),
        b'[' => bracket(text),
        b'|' | b'+' => group(text),
        b'^' | b'~' => is_underline(text).then_some(Shape::Inside(Dialect::Python)),
        _ => None,
    };
    let known = known.or_else(|| ruby(text)).or_else(|| node(text)).or_else(|| firefox(text));
    known.or_else(|| named(text)).unwrap_or(Shape::Text)
}

/// What opens a trace behind words of the program.
const OPENINGS: [(&str, Dialect); 11] = [
    ("Traceback (most recent call last)", Dialect::Python),
    ("panic serving ", Dialect::Go),
    ("panic: ", Dialect::Go),
    ("goroutine ", Dialect::Go),
    ("SIGSEGV: ", Dialect::Go),
    ("SIGQUIT: ", Dialect::Go),
    ("SIGABRT: ", Dialect::Go),
    (" panicked at ", Dialect::Rust),
    ("PHP Fatal error: ", Dialect::Php),
    ("Uncaught ", Dialect::Other),
    ("Exception in thread ", Dialect::Other),
];

/// All of them, searched for at once.
static OPENINGS_IN: LazyLock<Result<AhoCorasick, BuildError>> = LazyLock::new(|| {
    // The kind of match makes no difference here, but for the speed.
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(OPENINGS.map(|(mark, _)| mark))
});

/// Whether a message has no part in a trace, and opens none.
pub(super) fn is_said(message: &str) -> bool {
    shape(message) == Shape::Text && opened_behind(message).is_none()
}

/// The way of a trace that begins somewhere in a message, behind words of the program.
pub(super) fn opened_in(message: &str) -> Option<Dialect> {
    match shape(message) {
        Shape::Opens(dialect) | Shape::Link(dialect) | Shape::Inside(dialect) => Some(dialect),
        Shape::Blank | Shape::Branch | Shape::Head | Shape::Text => opened_behind(message),
    }
}

fn opened_behind(message: &str) -> Option<Dialect> {
    if OPENINGS_IN.as_ref().is_ok_and(|openings| !openings.is_match(message)) {
        return None;
    }
    let found = OPENINGS.iter().find(|(mark, dialect)| match message.split_once(mark) {
        Some((_, behind)) => *mark != "goroutine " || (*dialect == Dialect::Go && numbered(behind)),
        None => false,
    });
    found.map(|(_, dialect)| *dialect)
}

/// Whether a text is a call of a Go stack: `main.(*Server).handle(0x1, {0x2, 0x3})`.
pub(super) fn is_go_call(text: &str) -> bool {
    let Some(open) = text.rfind('(') else { return false };
    let name = text.get(..open).unwrap_or_default();
    let is_name = !name.is_empty() && !name.contains(' ') && (name.contains('.') || name == "panic");
    is_name && text.ends_with(')')
}

/// Whether a text is what the Go runtime prints around stacks: a signal, registers, the exit status.
pub(super) fn is_go_note(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    (second.starts_with("0x") && words.next().is_none() && first.len() <= 6)
        || text.starts_with("exit status ")
        || text.starts_with("runtime stack:")
        || text.starts_with("PC=0x")
        || text.starts_with("runtime: ")
        || text.starts_with("...additional frames elided")
}

fn is_call(text: &str) -> bool {
    let Some(call) = text.strip_prefix("at ") else { return false };
    let call = call.trim_end_matches([',', '{', ' ']);
    if call.starts_with("async ") || call.starts_with("new ") || call.ends_with("<anonymous>") {
        return true;
    }
    let name = call.split('(').next().unwrap_or(call);
    let called = name.len() < call.len() && (name.contains('.') || name.ends_with(' ')) && call.contains(')');
    called || place::file_line_column(call).is_some()
}

fn capital(text: &str) -> Option<Shape> {
    let starts = |front: &str| text.starts_with(front);
    if starts("Traceback (most recent call last)") {
        return Some(Shape::Opens(Dialect::Python));
    }
    if starts("During handling of the above exception") || starts("The above exception was the direct cause") {
        return Some(Shape::Link(Dialect::Python));
    }
    if starts("Caused by:") || starts("Suppressed:") || starts("Wrapped by:") {
        return Some(Shape::Link(Dialect::Other));
    }
    if starts("Stack trace:") || starts("Location:") || starts("Stack backtrace:") || starts("Backtrace:") {
        return (text.trim_end().ends_with(':')).then_some(Shape::Inside(Dialect::Other));
    }
    if starts("Node.js v") || starts("Call Stack:") {
        return Some(Shape::Inside(Dialect::Other));
    }
    if let Some(next) = text.strip_prefix("Next ") {
        return (head::at_start(next).is_some() && next.contains(" in ")).then_some(Shape::Inside(Dialect::Php));
    }
    if starts("Exception in thread \"") || starts("Unhandled exception") || starts("Unhandled Exception") {
        return Some(Shape::Opens(Dialect::Other));
    }
    (starts("Uncaught ") && head::find(text).is_some()).then_some(Shape::Opens(Dialect::Other))
}

fn php_error(text: &str) -> Option<Shape> {
    if text.starts_with("PHP Stack trace:") {
        return Some(Shape::Inside(Dialect::Php));
    }
    if let Some(step) = text.strip_prefix("PHP   ").or_else(|| text.strip_prefix("PHP  ")) {
        let step = step.trim_start();
        let n = step.bytes().take_while(u8::is_ascii_digit).count();
        return (n > 0 && step.get(n..).is_some_and(|rest| rest.starts_with(". ")))
            .then_some(Shape::Inside(Dialect::Php));
    }
    (text.starts_with("PHP Fatal error: ") && text.contains("Uncaught ")).then_some(Shape::Opens(Dialect::Php))
}

fn from(text: &str) -> Option<Shape> {
    if text.starts_with("fatal error: ") {
        return Some(Shape::Opens(Dialect::Go));
    }
    let place = text.strip_prefix("from ")?;
    (place.contains(".rb:") || place.contains(":in ")).then_some(Shape::Inside(Dialect::Ruby))
}

fn goroutine(text: &str) -> bool {
    text.strip_prefix("goroutine ").is_some_and(numbered)
}

/// `7 [running]:`, or `running on other thread`.
fn numbered(behind: &str) -> bool {
    let n = behind.bytes().take_while(u8::is_ascii_digit).count();
    let state = behind.get(n..).unwrap_or_default().trim_start();
    (n > 0 && state.starts_with('[') && state.contains(']')) || behind.starts_with("running on other thread")
}

fn thrown(text: &str) -> Option<Shape> {
    if text.starts_with("thread '") {
        return text.contains(" panicked at ").then_some(Shape::Opens(Dialect::Rust));
    }
    let place = text.strip_prefix("thrown in ")?;
    place.contains(" on line ").then_some(Shape::Inside(Dialect::Php))
}

/// `... 23 more`, `... 4 lines matching original stack trace ...`, `...<2 lines>...`.
fn is_omission(text: &str) -> bool {
    let rest = text.trim_start_matches('.');
    text.len() - rest.len() == 3
        && ["more", "omitted", "truncated", "elided", "trimmed", "lines matching", "lines>..."]
            .iter()
            .any(|end| rest.contains(end))
}

fn dashes(text: &str) -> Option<Shape> {
    if text.starts_with("---> ") {
        return Some(Shape::Link(Dialect::Other));
    }
    (text.starts_with("--- End of ") || text.starts_with("- locked <") || text.starts_with("- waiting "))
        .then_some(Shape::Inside(Dialect::Other))
}

/// `#0 /app/a.php(12): call()`, `#1 {main}`, `#2 [internal function]: call()`.
fn php_step(text: &str) -> bool {
    let Some((_, rest)) = text.get(1..).and_then(place::leading_number) else { return false };
    let Some(rest) = rest.strip_prefix(' ') else { return false };
    let has_place = rest.split_once("): ").is_some_and(|(place, _)| {
        place.rsplit_once('(').is_some_and(|(file, line)| place::is_number(line) && !file.contains(": "))
    });
    has_place || rest == "{main}" || rest.starts_with("[internal function]")
}

fn bracket(text: &str) -> Option<Shape> {
    let starts = |front: &str| text.starts_with(front);
    if starts("[signal SIG") || starts("[originating from ") {
        return Some(Shape::Inside(Dialect::Go));
    }
    if starts("[stacktrace]") || starts("[previous exception]") {
        return Some(Shape::Inside(Dialect::Php));
    }
    if starts("[cause]: ") || starts("[CIRCULAR REFERENCE") || starts("[errors]: ") {
        return Some(Shape::Link(Dialect::Other));
    }
    starts("[Previous line repeated ").then_some(Shape::Inside(Dialect::Python))
}

/// The tree of an exception group.
fn group(text: &str) -> Option<Shape> {
    if text.starts_with("+ Exception Group Traceback (most recent call last)") {
        return Some(Shape::Opens(Dialect::Other));
    }
    let is_branch = text.starts_with("+-") && text.trim_end_matches(['-', '+', ' ']).len() <= 32;
    (is_branch || text == "|" || text.starts_with("| ")).then_some(Shape::Branch)
}

fn is_underline(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'^' | b'~' | b' '))
}

/// `app.rb:1:in 'm'`, which opens a trace when a message follows.
fn ruby(text: &str) -> Option<Shape> {
    static CALL: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b":in "));
    let at = CALL.find(text.as_bytes())?;
    let (place, call) = (text.get(..at)?, text.get(at + 4..)?);
    let (file, line) = place::file_and_line(place);
    let quoted = call.strip_prefix(['`', '\''])?;
    if line.is_none() || file.is_empty() || file.contains(": ") {
        return None;
    }
    let opens = quoted.split_once('\'').is_some_and(|(_, behind)| behind.starts_with(": "));
    Some(if opens { Shape::Opens(Dialect::Ruby) } else { Shape::Inside(Dialect::Ruby) })
}

/// The place above a source line that Node prints first: `/app/server.js:12`.
fn node(text: &str) -> Option<Shape> {
    let is_start = text.starts_with(['/', 'f', 'n']) || text.as_bytes().get(1) == Some(&b':');
    if !is_start || text.contains(' ') {
        return None;
    }
    let (file, line) = place::file_and_line(text);
    let is_script =
        [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx"].iter().any(|end| file.ends_with(end));
    (line.is_some() && (is_script || file.starts_with("node:"))).then_some(Shape::Opens(Dialect::Node))
}

/// `load@https://host/orders.js:1:2`, as Firefox and Safari print calls.
fn firefox(text: &str) -> Option<Shape> {
    let at = memchr::memchr(b'@', text.as_bytes())?;
    let place = text.get(at + 1..)?;
    let is_address = place.contains("://") || place.starts_with('/') || place.starts_with("node:");
    let (front, column) = place.rsplit_once(':')?;
    let is_place = place::is_number(column) && place::file_and_line(front).1.is_some();
    (is_address && is_place && !text.contains(' ')).then_some(Shape::Inside(Dialect::Other))
}

/// `Type: message`, `package.Type`, Rails' `Type (message):`.
fn named(text: &str) -> Option<Shape> {
    let first = text.bytes().next()?;
    if !first.is_ascii_alphabetic() {
        return None;
    }
    if let Some(head) = head::at_start(text) {
        let is_sentence = head.exception.len() == text.len() && !head.exception.contains(['.', ':', '\\']);
        let is_type =
            head.exception.rsplit(['.', ':', '\\', '$', '+']).next().is_some_and(|name| {
                name.starts_with(|first: char| first.is_ascii_uppercase()) && head::is_named_so(name)
            });
        return (is_type && !is_sentence).then_some(Shape::Head);
    }
    let (_, rest) = text.split_once(' ')?;
    let is_rails = rest.starts_with('(') && rest.ends_with("):") && first.is_ascii_uppercase();
    is_rails.then_some(Shape::Head)
}
