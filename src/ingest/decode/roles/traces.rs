//! Finds the stack trace that a structured line holds in one of its fields.
//!
//! By the name of the field, and because a trace has several lines.

use super::super::clean;
use super::super::json::{self, Kind, Pair};

/// The longest stack trace taken from a field, in bytes.
const STACK_BYTES: usize = 64 * 1024;

/// The last parts of names under which stack traces are found, best first.
pub(super) const STACKS: [&str; 13] = [
    "stacktrace",
    "stack_trace",
    "stack",
    "@x",
    "exc_info",
    "exc_text",
    "traceback",
    "backtrace",
    "extendedstacktrace",
    "exception",
    "error",
    "err",
    "full_message",
];

/// How many of these tell a stack trace even on one line.
pub(super) const TOLD_BY_CALLS: usize = 4;

/// The text of a message field.
pub(super) fn said(pair: &Pair<'_>) -> Option<String> {
    if pair.kind == Kind::Nested { json::lines(&pair.value) } else { Some(pair.value.clone().into_owned()) }
}

/// The stack trace that these pairs hold.
pub(in crate::ingest::decode) fn stack(pairs: &[Pair<'_>]) -> Option<String> {
    read_stack(pairs, stack_index(pairs)?)
}

/// The pair that holds a stack trace: by its name, and because it has several lines.
pub(super) fn stack_index(pairs: &[Pair<'_>]) -> Option<usize> {
    let rank = |(index, pair): (usize, &Pair<'_>)| {
        let last = pair.name.bytes().rposition(|byte| byte == b'.').map_or(0, |at| at + 1);
        let last = pair.name.get(last..)?;
        // Most names differ in length, which is told without a call.
        let is_it = |stack: &&str| stack.len() == last.len() && stack.eq_ignore_ascii_case(last);
        let rank = STACKS.iter().position(is_it)?;
        let several = match pair.kind {
            Kind::Text => pair.value.trim_end().contains('\n') || (rank < TOLD_BY_CALLS && pair.value.contains(" at ")),
            Kind::Nested => pair.value.starts_with("[\""),
            Kind::Number | Kind::Bool => false,
        };
        several.then_some((rank, index))
    };
    pairs.iter().enumerate().filter_map(rank).min().map(|(_, index)| index)
}

/// The stack trace of a pair; one that lacks its head line gets it from the fields beside it.
pub(super) fn read_stack(pairs: &[Pair<'_>], index: usize) -> Option<String> {
    let pair = pairs.get(index)?;
    let mut stack = said(pair)?;
    stack.truncate(clean::cut(&stack, STACK_BYTES).len());
    let first = stack.trim_start_matches('\n');
    let headless = first.starts_with([' ', '\t']) || first.starts_with("at ");
    let parent = pair.name.rsplit_once('.').map_or("", |(parent, _)| parent);
    if headless && !stack.contains("Traceback (most recent call last)") && !parent.is_empty() {
        let sibling = |name: &str| {
            let is_it = |other: &&Pair<'_>| {
                other.name.strip_prefix(parent).is_some_and(|rest| rest.strip_prefix('.') == Some(name))
            };
            pairs.iter().find(is_it).map(|pair| pair.value.as_ref())
        };
        let kind = ["type", "name", "class", "kind"].iter().find_map(|name| sibling(name));
        match (kind, sibling("message").or_else(|| sibling("msg"))) {
            (Some(kind), Some(message)) => stack = format!("{kind}: {message}\n{stack}"),
            (Some(head), None) | (None, Some(head)) => stack = format!("{head}\n{stack}"),
            (None, None) => {}
        }
    }
    Some(stack)
}
