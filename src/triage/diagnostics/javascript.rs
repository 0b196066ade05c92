//! TypeScript, ESLint, bundlers, Jest, Vitest, and Node with its test runner.

use super::{Diagnostic, Found, Log, Pattern, Tool, framed, maybe, part, spoken};

static TSC: Pattern = Pattern::new(r"^(\S.*?)(?:\((\d+),(\d+)\):| ?:(\d+):(\d+) -) error (TS\d+): (.+)$");
static TSC_ALONE: Pattern = Pattern::new(r"^error (TS\d+): (.+)$");
static HEADING: Pattern = Pattern::new(r"^(/?(?:[A-Za-z]:)?[\w@./\\+~-]+\.[A-Za-z]\w{0,5})$");
static BELOW: Pattern = Pattern::new(r"^\s+(\d+):(\d+)\s+(error|warning)\s+(.+?)(?:\s{2,}(\S+))?$");
static UNIX: Pattern = Pattern::new(r"^(\S+?):(\d+):(\d+): (.+?) \[Error/(\S+)\]$");
static ESBUILD: Pattern = Pattern::new(r"^[✘X] \[ERROR\] (.+)$");
static ESBUILD_PLACE: Pattern = Pattern::new(r"^\s+(\S+?):(\d+):(\d+):$");
static WEBPACK: Pattern = Pattern::new(r"^ERROR in (\S+?)(?::| )(\d+):(\d+)(?:-\d+)?$");
static JEST: Pattern = Pattern::new(r"^\s*● (.+)$");
static JEST_END: Pattern = Pattern::new(r"^\s*● |^(?:FAIL|PASS) |^Test Suites:|^Summary of all failing tests");
static VITEST: Pattern = Pattern::new(r"^ FAIL  (?:\|\S+\| )?(\S+)(?: > (.+))?$");
static FRAME: Pattern = Pattern::new(r"^\s+(?:at|❯) (?:.+? \(|\S+ )?(?:file://)?([^()\s:]+):(\d+):(\d+)\)?$");
static NOT_OK: Pattern = Pattern::new(r"^(\s*)not ok \d+ - (.+?)(?: # .*)?$");
static YAML_PLACE: Pattern = Pattern::new(r"\(?(?:file://)?(/[^():]+):(\d+):(\d+)\)?$");
static THROWN: Pattern = Pattern::new(r"^(?:Uncaught )?(?:[A-Z]\w*)?(?:Error|Exception)\b");

/// How far below its name the first frame of an error stands.
const FRAME_WITHIN: usize = 12;

pub(super) fn read(log: &Log<'_>, at: usize) -> Option<Found> {
    let line = log.line(at);
    if line.contains("error TS") {
        return typescript(line, at);
    }
    if line.contains(": ")
        && line.ends_with(']')
        && let Some(found) = UNIX.captures(line)
    {
        let diagnostic = Diagnostic::new(Tool::Eslint, part(&found, 4)).found(&found).rule(maybe(&found, 5));
        return Found::one(diagnostic, at + 1);
    }
    if line.contains("ERROR") {
        return bundler(log, at);
    }
    if line.contains('●') {
        return jest(log, at);
    }
    if line.starts_with(" FAIL  ") {
        return vitest(log, at);
    }
    if line.trim_start().starts_with("not ok ") {
        return node_test(log, at);
    }
    if BELOW.is_match(log.line(at + 1)) {
        return eslint(log, at);
    }
    crash(log, at)
}

fn typescript(line: &str, at: usize) -> Option<Found> {
    if let Some(found) = TSC_ALONE.captures(line) {
        return Found::one(Diagnostic::new(Tool::Tsc, part(&found, 2)).rule(maybe(&found, 1)), at + 1);
    }
    let found = TSC.captures(line)?;
    let number = |one: usize, other: usize| maybe(&found, one).or(maybe(&found, other))?.parse().ok();
    let diagnostic = Diagnostic::new(Tool::Tsc, part(&found, 7)).rule(maybe(&found, 6));
    Found::one(diagnostic.at(part(&found, 1), number(2, 4), number(3, 5)), at + 1)
}

/// A file's name, and below it what is wrong in it.
fn eslint(log: &Log<'_>, at: usize) -> Option<Found> {
    let file = HEADING.group(log.line(at), 1)?;
    let end = log.until(at + 1, |line| !BELOW.is_match(line));
    let mut diagnostics = Vec::new();
    for line in log.range(at + 1, end) {
        let Some(found) = BELOW.captures(line).filter(|found| part(found, 3) == "error") else { continue };
        let number = |group: usize| part(&found, group).parse().ok();
        let diagnostic = Diagnostic::new(Tool::Eslint, part(&found, 4)).rule(maybe(&found, 5));
        let mut diagnostic = diagnostic.at(file, number(1), number(2));
        diagnostic.text = format!("{file}\n{line}");
        diagnostics.push(diagnostic);
    }
    Some(Found { diagnostics, end })
}

fn bundler(log: &Log<'_>, at: usize) -> Option<Found> {
    if let Some(found) = ESBUILD.captures(log.line(at)) {
        let end =
            log.until(at + 1, |line| ESBUILD.is_match(line) || line.ends_with(" error") || line.ends_with(" errors"));
        let place = log.range(at + 1, end).iter().find_map(|line| ESBUILD_PLACE.captures(line));
        let diagnostic = Diagnostic::new(Tool::Bundler, part(&found, 1));
        return Found::one(place.map_or(diagnostic.clone(), |place| diagnostic.found(&place)), end);
    }
    let found = WEBPACK.captures(log.line(at))?;
    let end = log.until(at + 1, |line| line.is_empty() || line.starts_with("ERROR in "));
    let message = log.range(at + 1, end).iter().map(|line| line.trim()).find(|line| !line.is_empty())?;
    Found::one(Diagnostic::new(Tool::Bundler, message).found(&found).exception(), end)
}

fn jest(log: &Log<'_>, at: usize) -> Option<Found> {
    let title = JEST.group(log.line(at), 1)?;
    let end = log.until(at + 1, |line| JEST_END.is_match(line));
    let block = log.range(at + 1, end);
    let said: Vec<&str> = block.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).take(3).collect();
    let first = said.first()?;
    // What a matcher says is explained by the two lines below it.
    let message = if first.starts_with("expect(") { said.join(" ") } else { (*first).to_owned() };
    let diagnostic = Diagnostic::new(Tool::Jest, &message).exception();
    let diagnostic = if title == "Test suite failed to run" { diagnostic } else { diagnostic.test(title) };
    Found::one(framed(diagnostic, block, &FRAME), end)
}

fn vitest(log: &Log<'_>, at: usize) -> Option<Found> {
    let found = VITEST.captures(log.line(at))?;
    let end = log.until(at + 1, |line| line.starts_with('⎯') || line.starts_with(" Test Files "));
    let block = log.range(at + 1, end);
    // Jest in color heads a file in the same way.
    if block.iter().find(|line| !line.is_empty()).is_some_and(|line| line.contains('●')) {
        return None;
    }
    // Several tests that fail alike are listed one below the other.
    let message = block.iter().find(|line| !line.is_empty() && !line.starts_with(" FAIL "))?;
    let diagnostic = Diagnostic::new(Tool::Vitest, message).exception().test(part(&found, 2));
    let diagnostic = framed(diagnostic, block, &FRAME);
    let file = part(&found, 1);
    Found::one(if diagnostic.file.is_none() { diagnostic.at(file, None, None) } else { diagnostic }, end)
}

/// A test of Node's own runner, or of another that writes TAP with a YAML block.
fn node_test(log: &Log<'_>, at: usize) -> Option<Found> {
    let found = NOT_OK.captures(log.line(at))?;
    let begins = log.line(at + 1).trim() == "---";
    let end = if begins { log.until(at + 2, |line| line.trim() == "...") + 1 } else { at + 1 };
    let block = log.range(at + 1, end);
    let value = |key: &str| {
        let index = block.iter().position(|line| line.trim_start().starts_with(key))?;
        let here = block.get(index)?.trim_start().get(key.len()..)?.trim();
        let is_block = here.starts_with('|') || here.is_empty();
        let below = block.get(index + 1..)?.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
        Some(if is_block { spoken(below) } else { here.trim_matches(['\'', '"']).to_owned() })
    };
    let is_subtest = value("failureType:").as_deref() == Some("subtestsFailed");
    if is_subtest {
        return Some(Found { diagnostics: Vec::new(), end });
    }
    let diagnostic = Diagnostic::new(Tool::Node, value("error:").as_deref().unwrap_or(part(&found, 2)));
    let diagnostic = diagnostic.test(part(&found, 2));
    let diagnostic = diagnostic.rule(value("name:").as_deref());
    Found::one(framed(diagnostic, block, &YAML_PLACE), end)
}

/// An error with its stack, as Node prints it when nobody catches it.
fn crash(log: &Log<'_>, at: usize) -> Option<Found> {
    let line = log.line(at);
    if !line.starts_with(|c: char| c.is_ascii_uppercase()) || !THROWN.is_match(line) {
        return None;
    }
    static AT: Pattern = Pattern::new(r"^\s+at .+:\d+:\d+\)?$");
    let first = log.until(at + 1, |line| AT.is_match(line));
    if first > at + FRAME_WITHIN || first >= log.lines.len() {
        return None;
    }
    let end = log.until(first, |line| !line.starts_with("    at "));
    let diagnostic = Diagnostic::new(Tool::Node, line.trim_start_matches("Uncaught ")).exception();
    let diagnostic = framed(diagnostic, log.range(first, end), &FRAME);
    if diagnostic.file.is_some() {
        return Found::one(diagnostic, end);
    }
    // Of what cannot be parsed Node shows the place above.
    let above = (at.saturating_sub(6)..at).rev().find_map(|number| {
        static PLACE: Pattern = Pattern::new(r"^(?:file://)?(/[^():]+):(\d+)()$");
        PLACE.captures(log.line(number))
    });
    Found::one(above.map_or(diagnostic.clone(), |place| diagnostic.found(&place)), end)
}
