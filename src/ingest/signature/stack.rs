//! The template of a stack trace.
//!
//! What a deploy moves without changing the error (lines, columns, folders) does not enter; what tells
//! one error from another does. The message enters only where the rest says too little: variables hide
//! in it that no rule can tell from the program's words.

use super::fold;
use super::mask;
use crate::ingest::trace::{Frame, Language, Trace};

/// How many of the program's own frames count.
const MAX_FRAMES: usize = 8;

/// How many frames count when none is the program's own: deeper ones differ with the library's version.
const MAX_FOREIGN_FRAMES: usize = 3;

/// The longest name of a type or a function, in characters; a longer one is cut.
const MAX_NAME: usize = 160;

/// Writes `Type: message (in Outer, Outermost) at innermost < next < next`.
pub fn template(trace: &Trace) -> String {
    let own = names(trace, true, MAX_FRAMES);
    let message = if own.is_empty() || is_generic(&trace.exception) { message(&trace.message) } else { String::new() };
    let frames = if own.is_empty() { names(trace, false, MAX_FOREIGN_FRAMES) } else { own };
    let mut template = name(&trace.exception);
    if !message.is_empty() {
        template.push_str(": ");
        template.push_str(&message);
    }
    let wrappers: Vec<String> = trace.chain.iter().rev().skip(1).map(|outer| name(outer)).collect();
    if !wrappers.is_empty() {
        template.push_str(&format!(" (in {})", wrappers.join(", ")));
    }
    if !frames.is_empty() {
        template.push_str(" at ");
        template.push_str(&frames.join(" < "));
    }
    template
}

/// Whether the message enters, because the rest says too little.
pub fn has_message(trace: &Trace) -> bool {
    names(trace, true, MAX_FRAMES).is_empty() || is_generic(&trace.exception)
}

/// The frames that make the template of a trace.
pub fn counted(trace: &Trace) -> Vec<String> {
    let own = names(trace, true, MAX_FRAMES);
    if own.is_empty() { names(trace, false, MAX_FOREIGN_FRAMES) } else { own }
}

/// The names of the frames that count, innermost first, each once: however deep a recursion went.
fn names(trace: &Trace, in_app: bool, at_most: usize) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let joint = match trace.language {
        Language::Rust | Language::Php => "::",
        Language::Python | Language::Java | Language::JavaScript | Language::Go | Language::DotNet | Language::Ruby => {
            "."
        }
    };
    let counted = trace.frames.iter().filter(|frame| frame.in_app || !in_app);
    for name in counted.map(|frame| frame_name(frame, joint)).filter(|name| !name.is_empty()) {
        if names.len() == at_most {
            break;
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The module and the function; without a module, the file's name without folder and ending.
fn frame_name(frame: &Frame, joint: &str) -> String {
    let stem = frame.file.as_deref().map(file_stem).unwrap_or_default();
    let place = frame.module.as_deref().unwrap_or(&stem);
    let parts: Vec<&str> = [place, frame.function.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    name(&parts.join(joint))
}

/// The name of a file without folder, query, endings and the hash of a build.
fn file_stem(file: &str) -> String {
    let path = file.split(['?', '#']).next().unwrap_or(file);
    let base = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let mut parts = base.split('.');
    let mut stem = parts.next().unwrap_or(base).to_owned();
    // `orders.controller.ts` keeps its middle, `main.3f2a9c.js` does not.
    let middle: Vec<&str> = parts.collect();
    for part in middle.iter().take(middle.len().saturating_sub(1)) {
        if !part.bytes().any(|byte| byte.is_ascii_digit()) && !matches!(*part, "min" | "bundle" | "chunk") {
            stem.push('.');
            stem.push_str(part);
        }
    }
    without_build_hash(&stem).to_ascii_lowercase()
}

/// `index-BxK3f9aQ` without what the bundler appended.
fn without_build_hash(stem: &str) -> &str {
    match stem.rsplit_once(['-', '_']) {
        Some((name, hash)) if !name.is_empty() && hash.len() >= 8 && hash.bytes().any(|byte| byte.is_ascii_digit()) => {
            name
        }
        _ => stem,
    }
}

/// A name fit for a template: on one line, of limited length.
fn name(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|next: char| next.is_whitespace() || next.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(MAX_NAME).collect()
}

/// The masked message.
fn message(text: &str) -> String {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    mask::template(&String::from_utf8_lossy(&fold(first.as_bytes())))
}

/// Whether a type says nothing about the error, so that the message has to.
fn is_generic(exception: &str) -> bool {
    let short = exception.rsplit(['.', ':', '\\']).next().unwrap_or(exception);
    const GENERIC: &[&str] = &[
        "panic",
        "fatal error",
        "Error",
        "Exception",
        "Throwable",
        "RuntimeError",
        "RuntimeException",
        "StandardError",
        "ErrorException",
        "AssertionError",
        "ExceptionGroup",
    ];
    GENERIC.contains(&short)
}
