//! rustc, clippy, and tests that panic.

use super::{Diagnostic, Found, Log, Pattern, Tool, maybe, part};

static HEAD: Pattern = Pattern::new(r"^error(?:\[(E\d+)\])?: (.+)$");
static ARROW: Pattern = Pattern::new(r"^\s*--> (.+?):(\d+):(\d+)$");
static LINT: Pattern =
    Pattern::new(r"(?:rust-clippy/[\w.-]+/index\.html#(\w+)|`#\[(?:deny|forbid)\((?:clippy::)?(\w+)\)\]`)");
static SHORT: Pattern = Pattern::new(r"^(\S[^:]*\.rs):(\d+):(\d+): error(?:\[(E\d+)\])?: (.+)$");
static PANIC: Pattern = Pattern::new(r"^thread '(.+?)' (?:\(\d+\) )?panicked at (.+?):(\d+):(\d+):$");
static OLD_PANIC: Pattern = Pattern::new(r"^thread '(.+?)' panicked at '(.*)', (.+?):(\d+):(\d+)$");

pub(super) fn read(log: &Log<'_>, at: usize) -> Option<Found> {
    let line = log.line(at);
    if line.starts_with("error") {
        return error(log, at);
    }
    if line.starts_with("thread '") {
        return panic(log, at);
    }
    let found = line.contains(".rs:").then(|| SHORT.captures(line)).flatten()?;
    Found::one(Diagnostic::new(Tool::Rust, part(&found, 5)).found(&found).rule(maybe(&found, 4)), at + 1)
}

fn error(log: &Log<'_>, at: usize) -> Option<Found> {
    let found = HEAD.captures(log.line(at))?;
    let end = log.until(at + 1, str::is_empty);
    let block = log.range(at, end);
    let place = block.iter().find_map(|line| ARROW.captures(line));
    let lint = block.iter().find_map(|line| LINT.captures(line));
    let lint = lint.as_ref().and_then(|found| maybe(found, 1).or(maybe(found, 2)));
    let rule = maybe(&found, 1).or(lint);
    let diagnostic = Diagnostic::new(Tool::Rust, part(&found, 2)).rule(rule);
    match place {
        Some(place) => Found::one(diagnostic.found(&place), end),
        None if rule.is_some() => Found::one(diagnostic, end),
        // Many a program begins a line with `error:`.
        None => None,
    }
}

fn panic(log: &Log<'_>, at: usize) -> Option<Found> {
    let end = log.until(at + 1, str::is_empty);
    if let Some(found) = OLD_PANIC.captures(log.line(at)) {
        let number = |group: usize| part(&found, group).parse().ok();
        let diagnostic = Diagnostic::new(Tool::Rust, part(&found, 2));
        return Found::one(diagnostic.at(part(&found, 3), number(4), number(5)).test(part(&found, 1)), end);
    }
    let found = PANIC.captures(log.line(at))?;
    let number = |group: usize| part(&found, group).parse().ok();
    let ends = |line: &&&str| !line.starts_with("stack backtrace:") && !line.starts_with("note: ");
    let message: Vec<&str> = log.range(at + 1, end).iter().take_while(ends).take(4).map(|line| line.trim()).collect();
    let diagnostic = Diagnostic::new(Tool::Rust, &message.join(" ")).test(part(&found, 1));
    Found::one(diagnostic.at(part(&found, 2), number(3), number(4)), end)
}
