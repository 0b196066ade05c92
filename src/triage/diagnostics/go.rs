//! go build, go vet and go test.

use super::{Diagnostic, Found, Log, Pattern, Tool, framed, part};

static ERROR: Pattern = Pattern::new(r"^(?:vet: )?(\S+\.go):(\d+)(?::(\d+))?: (.+)$");
static FAIL: Pattern = Pattern::new(r"^(\s*)--- FAIL: (\S+)");
static SAID: Pattern = Pattern::new(r"^\s+(\S+\.go):(\d+):() ?(.*)$");
static PANIC: Pattern = Pattern::new(r"^panic: (.+?)(?: \[recovered\])?$");
static FRAME: Pattern = Pattern::new(r"^\s+(\S+\.go):(\d+)()");
static TEST_FRAME: Pattern = Pattern::new(r"\.(Test\w*)(?:\.func\d+)*\(");

pub(super) fn read(log: &Log<'_>, at: usize) -> Option<Found> {
    let line = log.line(at);
    if line.trim_start().starts_with("--- FAIL: ") {
        return test(log, at);
    }
    if line.starts_with("panic: ") {
        return panic(log, at);
    }
    let found = line.contains(".go:").then(|| ERROR.captures(line)).flatten()?;
    Found::one(Diagnostic::new(Tool::Go, part(&found, 4)).found(&found), at + 1)
}

/// The package that a line of `go test` names as failed; tabs may have become spaces.
pub(in crate::triage) fn failed_package(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("FAIL").filter(|rest| rest.starts_with(char::is_whitespace))?;
    rest.split_whitespace().next()
}

/// What an example printed that is not what its comment promises.
fn example(log: &Log<'_>, at: usize, name: &str) -> Option<Found> {
    let got = (at + 1..at + 3).find(|number| log.line(*number) == "got:")?;
    let is_end = |line: &str| line.starts_with("--- ") || line == "FAIL" || line == "PASS";
    let end = log.until(got + 1, is_end);
    let printed = log.range(got + 1, end).iter().take_while(|line| **line != "want:");
    let message: Vec<&str> = printed.take(12).copied().collect();
    let mut diagnostic = Diagnostic::new(Tool::Go, message.join("\n").trim()).test(name);
    diagnostic.text = log.text(at, end);
    Found::one(diagnostic, end)
}

/// What a test said, up to the next test of any depth.
fn test(log: &Log<'_>, at: usize) -> Option<Found> {
    let found = FAIL.captures(log.line(at))?;
    let (indent, name) = (part(&found, 1).len(), part(&found, 2));
    if let Some(found) = example(log, at, name) {
        return Some(found);
    }
    let is_end = |line: &str| {
        let depth = line.len() - line.trim_start().len();
        line.trim_start().starts_with("--- ") || depth <= indent
    };
    let end = log.until(at + 1, is_end);
    let mut diagnostics = Vec::new();
    for number in at + 1..end {
        let Some(said) = SAID.captures(log.line(number)) else { continue };
        // What testify and friends say begins on the next line.
        let next = log.until(number + 1, |line| SAID.is_match(line) || is_end(line)).min(end);
        let more: Vec<&str> = log.range(number + 1, next).iter().map(|line| line.trim()).take(6).collect();
        let message = format!("{} {}", part(&said, 4), more.join(" "));
        let mut diagnostic = Diagnostic::new(Tool::Go, &message).found(&said).test(name);
        diagnostic.text = format!("{}\n{}", log.line(at), log.text(number, next));
        diagnostics.push(diagnostic);
    }
    if diagnostics.is_empty() {
        return None;
    }
    Some(Found { diagnostics, end })
}

fn panic(log: &Log<'_>, at: usize) -> Option<Found> {
    let found = PANIC.captures(log.line(at))?;
    let end = log.until(at + 1, |line| line.starts_with("FAIL") || line.starts_with("exit status"));
    let block = log.range(at, end);
    let test = block.iter().find_map(|line| TEST_FRAME.group(line, 1)).unwrap_or_default();
    let diagnostic = Diagnostic::new(Tool::Go, part(&found, 1)).rule(Some("panic")).test(test);
    Found::one(framed(diagnostic, block, &FRAME), end)
}
