//! Python: the most recent call last, the root cause first.

use super::head::{self, Head};
use super::place::{behind, indent};
use super::{Found, Frame, Language, origin};

const START: &str = "Traceback (most recent call last)";

/// Reads the first traceback and those that it led to.
pub fn read(lines: &[&str]) -> Option<Found> {
    let first = lines.iter().position(|line| line.contains(START))?;
    let header = header_of(lines.get(first)?);
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut at = first;
    let mut in_group = false;
    while let Some(line) = lines.get(at) {
        let text = behind(line, header);
        if text.contains(START) {
            in_group |= text.contains("Exception Group");
            let (block, next) = read_block(lines, at + 1, header);
            blocks.push(block);
            at = next;
        } else if joins(text) {
            at += 1;
        } else {
            break;
        }
    }
    found(first, blocks, in_group)
}

/// One traceback.
struct Block<'t> {
    head: Option<Head<'t>>,
    frames: Vec<Frame>,
}

/// Without groups the root comes first; a group comes before the exceptions in it.
fn found(line: usize, mut blocks: Vec<Block<'_>>, in_group: bool) -> Option<Found> {
    if in_group {
        blocks.truncate(2);
        blocks.reverse();
    }
    let unnamed = Head { exception: "Exception", message: "" };
    let has_any = blocks.iter().any(|block| block.head.is_some() || !block.frames.is_empty());
    let chain: Vec<Head<'_>> = blocks.iter().rev().map(|block| block.head.unwrap_or(unnamed)).collect();
    let frames = blocks.into_iter().next().map(|block| block.frames).unwrap_or_default();
    has_any.then(|| Found::new(Language::Python, line, chain, frames)).flatten()
}

/// What stands before the traceback; a group's own margin is no header.
fn header_of(line: &str) -> &str {
    let front = line.split(START).next().unwrap_or("");
    front.trim_end_matches("Exception Group ").trim_end_matches(['+', ' '])
}

/// Whether a line stands between two tracebacks of one event.
fn joins(text: &str) -> bool {
    let text = text.trim_matches([' ', '|', '+', '-', '\t']);
    text.is_empty()
        || text.starts_with("The above exception was the direct cause")
        || text.starts_with("During handling of the above exception")
        || text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b' ')
}

/// Reads the frames and the exception from line `at`; returns where it stopped.
fn read_block<'t>(lines: &[&'t str], mut at: usize, header: &str) -> (Block<'t>, usize) {
    let mut frames: Vec<Frame> = Vec::new();
    let mut frame_indent = 0;
    // Whether a line of source may follow.
    let mut after_call = false;
    let mut head = None;
    while let Some(line) = lines.get(at) {
        let text = without_margin(behind(line, header));
        let trimmed = text.trim_start();
        if let Some(frame) = read_call(trimmed) {
            frames.push(frame);
            frame_indent = indent(text);
            after_call = true;
        } else if trimmed.contains(START) {
            break;
        } else if is_source(text, frame_indent, after_call) {
            if let Some(frame) = frames.last_mut().filter(|frame| after_call && frame.source.is_none()) {
                frame.source = Some(trimmed.to_owned()).filter(|source| !source.is_empty());
            }
            after_call = false;
        } else if !is_filler(trimmed) {
            head = head::at_start(trimmed);
            at += 1;
            break;
        }
        at += 1;
    }
    frames.reverse();
    // The rest of a message of several lines, up to the next traceback.
    while head.is_some() && lines.get(at).is_some_and(|line| !joins(behind(line, header)) && !line.contains(START)) {
        if !continues_message(lines, at, header) {
            break;
        }
        at += 1;
    }
    (Block { head, frames }, at)
}

/// Whether the line goes on with a message because a further traceback is announced soon.
fn continues_message(lines: &[&str], at: usize, header: &str) -> bool {
    let ahead = lines.iter().skip(at).take(20).map(|line| behind(line, header));
    ahead
        .into_iter()
        .any(|text| text.starts_with("The above exception") || text.starts_with("During handling of the above"))
}

/// A line of an exception group without the margin that draws the tree.
///
/// A plus stands only before the first line of a group; before anything else it is source text.
fn without_margin(text: &str) -> &str {
    let trimmed = text.trim_start();
    let begins_group = |inside: &&str| inside.starts_with("Exception Group Traceback");
    let below_plus = || trimmed.strip_prefix("+ ").filter(begins_group);
    trimmed.strip_prefix("| ").or_else(below_plus).unwrap_or(text)
}

fn is_source(text: &str, frame_indent: usize, after_call: bool) -> bool {
    let own = indent(text);
    let deeper = own > frame_indent;
    // A log that trims its lines leaves only their order.
    deeper
        || (after_call
            && frame_indent == 0
            && own == 0
            && !head::at_start(text).is_some_and(|head| head::is_named_so(head.exception)))
}

fn is_filler(trimmed: &str) -> bool {
    trimmed.is_empty()
        || trimmed.starts_with("[Previous line repeated")
        || trimmed.starts_with("...<")
        || trimmed.bytes().all(|byte| matches!(byte, b'^' | b'~' | b' '))
}

/// Reads `File "path", line 12, in function`.
fn read_call(trimmed: &str) -> Option<Frame> {
    let (file, rest) = trimmed.strip_prefix("File \"")?.split_once('"')?;
    let rest = rest.strip_prefix(", line ").unwrap_or(rest);
    let (line, rest) = rest.split_once(',').unwrap_or((rest, ""));
    let function = rest.trim_start().strip_prefix("in ").unwrap_or("");
    Some(Frame {
        function: clean(function).to_owned(),
        module: None,
        file: Some(file.to_owned()),
        line: line.trim().parse().ok(),
        source: None,
        in_app: origin::is_own_python(file),
    })
}

/// `Outer.method.<locals>.inner` is `inner` in older versions.
fn clean(function: &str) -> &str {
    function.rsplit("<locals>.").next().unwrap_or(function)
}
