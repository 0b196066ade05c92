//! Reads stack traces.
//!
//! Input: a text in which one may be. Output: a [`Trace`]: the exception at the root, what wrapped it,
//! and the calls, with each call told apart as the program's own or somebody else's.
//!
//! Pure, and lenient: a trace may be cut off anywhere, stand behind other text, or carry a log's header
//! on each line. Reads no source files, and decides nothing about the error (`signature` and `triage`
//! do).

mod dotnet;
mod go;
pub(super) mod head;
mod java;
mod javascript;
mod origin;
mod php;
pub(super) mod place;
mod python;
mod ruby;
mod rust;

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

/// The language, or rather the runtime, whose way of printing a trace was recognized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// CPython and its kin.
    Python,
    /// Java, Kotlin, Scala.
    Java,
    /// JavaScript and TypeScript, Node and browsers.
    JavaScript,
    /// Go.
    Go,
    /// Rust.
    Rust,
    /// C# and F#.
    DotNet,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
}

/// A stack trace, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Who printed it.
    pub language: Language,
    /// Type of the exception at the root of the chain (`panic` for Go and Rust).
    pub exception: String,
    /// Message of that exception; its first line.
    pub message: String,
    /// The exception types from the outermost to the root; at least one, `exception` last.
    pub chain: Vec<String>,
    /// Frames of the root exception, innermost first.
    pub frames: Vec<Frame>,
}

/// One call on the stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The function as the trace names it, generated parts cleaned; empty when it names none.
    pub function: String,
    /// The module, package or class, where the trace names one apart from the file.
    pub module: Option<String>,
    /// The file as the trace names it.
    pub file: Option<String>,
    /// The line in it, from 1.
    pub line: Option<u32>,
    /// The source text that the trace shows for the line.
    pub source: Option<String>,
    /// Whether it is the program's own code, and not a library's or the runtime's.
    pub in_app: bool,
}

/// Finds the first stack trace in a text of one or more lines.
///
/// Returns `None` when there is none. Lines before it and after it are ignored, and so is what a log
/// put before its lines. Of a trace that was cut off, what is left is read. Linear in the length of
/// the text.
#[must_use]
pub fn parse(text: &str) -> Option<Trace> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let header = place::shared_header(&lines);
    let inside = (header > 0).then(|| lines.iter().map(|line| line.get(header..).unwrap_or("")).collect::<Vec<_>>());
    inside.and_then(|lines| read(&lines)).or_else(|| read(&lines))
}

/// Reads the trace that begins first.
fn read(lines: &[&str]) -> Option<Trace> {
    let found = READERS.iter().filter_map(|read| read(lines));
    let first = found.min_by_key(|found| (found.line, Reverse(found.trace.frames.len())));
    first.map(|found| found.trace)
}

/// One for each way of printing a trace; none takes the frames of another for its own.
const READERS: [Reader; 8] =
    [python::read, java::read, javascript::read, go::read, rust::read, dotnet::read, ruby::read, php::read];

/// Reads the first trace of its kind among lines.
type Reader = fn(&[&str]) -> Option<Found>;

/// A trace, and where it begins.
struct Found {
    /// Index of its first line.
    line: usize,
    trace: Trace,
}

impl Found {
    /// Puts together what was read; `None` without any exception.
    fn new(language: Language, line: usize, chain: Vec<head::Head<'_>>, frames: Vec<Frame>) -> Option<Self> {
        let root = chain.last()?;
        let trace = Trace {
            language,
            exception: root.exception.to_owned(),
            message: root.message.trim().to_owned(),
            chain: chain.iter().map(|head| head.exception.to_owned()).collect(),
            frames,
        };
        Some(Self { line, trace })
    }
}

#[cfg(test)]
mod tests;
