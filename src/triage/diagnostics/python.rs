//! pytest, unittest, Python itself, mypy, Ruff and flake8.

use super::{Diagnostic, Found, Log, Pattern, Tool, maybe, part};

static TITLE: Pattern = Pattern::new(r"^_{3,} (.+?) _{3,}$");
static SECTION: Pattern =
    Pattern::new(r"^(?:={3,} .+ ={3,}|_{3,} .+ _{3,}|!{3,} .+ !{3,}|\d+ (?:failed|passed|error).*)$");
static SAYS: Pattern = Pattern::new(r"^E\s+(\S.*)$");
static PLACE: Pattern = Pattern::new(r"^(\S+\.py):(\d+):()(?: (\w+)| in \S+)?$");
static ONE_LINE: Pattern =
    Pattern::new(r"^(\S+\.py):(\d+):() ((?:\w+\.)*\w*(?:Error|Exception|Exit)\b.*|assert .*|Failed: .*)$");
static SUMMARY: Pattern = Pattern::new(r"^(?:FAILED|ERROR) (\S+?\.py)(?:::(.+?))?(?: - (.+))?$");
static UNITTEST: Pattern = Pattern::new(r"^(?:ERROR|FAIL): (\w+) \((.+)\)$");
static FILE: Pattern = Pattern::new(r#"^\s*File "(.+?)", line (\d+)()"#);
static MYPY: Pattern = Pattern::new(r"^(\S+\.pyi?):(\d+)(?::(\d+))?: error: (.+?)(?:  \[([\w-]+)\])?$");
static LINT: Pattern = Pattern::new(r"^(\S+\.pyi?):(\d+):(\d+): ([A-Z]{1,4}\d{2,5}):?(?: \[\*\])? (.+)$");
static RUFF: Pattern = Pattern::new(r"^([A-Z]{1,4}\d{2,5}|invalid-syntax):?(?: \[\*\])? (.+)$");
static ARROW: Pattern = Pattern::new(r"^\s+--> (\S+?):(\d+):(\d+)$");
static PASSING: Pattern = Pattern::new(r"^(?:FAILED|ERROR|XPASS|XFAIL) ");

pub(super) fn read(log: &Log<'_>, at: usize) -> Option<Found> {
    let line = log.line(at);
    if line.starts_with("___") && TITLE.is_match(line) {
        return pytest(log, at);
    }
    if (line.starts_with("FAILED ") || line.starts_with("ERROR ")) && line.contains(".py") {
        return summary(line, at);
    }
    if line.starts_with("ERROR: ") || line.starts_with("FAIL: ") {
        return unittest(log, at);
    }
    if line.trim_start().starts_with("Traceback (most recent call last)") {
        return traceback(log, at);
    }
    if line.trim_start().starts_with("File \"") {
        return syntax(log, at);
    }
    lint(log, at)
}

/// One failed test: the exception that came out last, at the place where it came out.
fn pytest(log: &Log<'_>, at: usize) -> Option<Found> {
    let title = TITLE.group(log.line(at), 1)?;
    let end = log.until(at + 1, |line| SECTION.is_match(line));
    let block = log.range(at + 1, end);
    let test = ["ERROR at setup of ", "ERROR at teardown of ", "ERROR collecting "]
        .iter()
        .find_map(|start| title.strip_prefix(start))
        .unwrap_or(title);
    if let Some(inner) = block.iter().position(|line| line.starts_with("Traceback (most recent call last)")) {
        let mut found = traceback(log, at + 1 + inner)?;
        for diagnostic in &mut found.diagnostics {
            (diagnostic.tool, diagnostic.test) = (Tool::Pytest, Some(test.to_owned()));
            diagnostic.text = log.text(at, end);
        }
        return Some(Found { end, ..found });
    }
    let last = block.iter().rposition(|line| SAYS.is_match(line))?;
    let first = (0..=last).rev().take_while(|index| block.get(*index).is_some_and(|line| line.starts_with('E'))).last();
    let message = SAYS.group(block.get(first?)?, 1)?;
    let place = block.iter().rev().find_map(|line| PLACE.captures(line));
    let mut diagnostic = Diagnostic::new(Tool::Pytest, message).exception().test(test);
    if let Some(place) = place {
        let named = maybe(&place, 4).map(str::to_owned);
        diagnostic = diagnostic.found(&place);
        diagnostic.rule = diagnostic.rule.or(named);
    }
    Found::one(diagnostic, end)
}

/// A line of the summary, which repeats what was said above, unless nothing was.
fn summary(line: &str, at: usize) -> Option<Found> {
    let found = SUMMARY.captures(line)?;
    let message = maybe(&found, 3).unwrap_or("failed");
    let test = maybe(&found, 2).unwrap_or(part(&found, 1)).replace("::", ".");
    Found::one(Diagnostic::new(Tool::Pytest, message).exception().test(&test), at + 1)
}

fn unittest(log: &Log<'_>, at: usize) -> Option<Found> {
    let found = UNITTEST.captures(log.line(at))?;
    let start = log.until(at + 1, |line| line.starts_with("Traceback"));
    if start > at + 4 {
        return None;
    }
    let mut inner = traceback(log, start)?;
    for diagnostic in &mut inner.diagnostics {
        diagnostic.test = Some(part(&found, 1).to_owned());
        diagnostic.text = log.text(start, inner.end);
    }
    Some(inner)
}

/// A traceback: its last exception, at its last place.
fn traceback(log: &Log<'_>, at: usize) -> Option<Found> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let base = depth(log.line(at));
    let mut ends = log.until(at + 1, |line| !line.is_empty() && depth(line) <= base);
    // A chain goes on behind an empty line and a sentence.
    loop {
        let next = log.until(ends + 1, |line| !line.is_empty());
        let chains = ["During handling of", "The above exception"];
        if next > ends + 3 || !chains.iter().any(|text| log.line(next).contains(text)) {
            break;
        }
        let again = log.until(next + 1, |line| line.trim_start().starts_with("Traceback"));
        ends = log.until(again + 1, |line| !line.is_empty() && depth(line) <= base);
    }
    let message = log.line(ends);
    if message.is_empty() {
        return None;
    }
    let place = log.range(at, ends).iter().rev().find_map(|line| FILE.captures(line));
    let diagnostic = Diagnostic::new(Tool::Python, message).exception();
    Found::one(place.map_or(diagnostic.clone(), |place| diagnostic.found(&place)), ends + 1)
}

/// What cannot be parsed has a place, a line and a mark, and no traceback.
fn syntax(log: &Log<'_>, at: usize) -> Option<Found> {
    let place = FILE.captures(log.line(at))?;
    let said = log.until(at + 1, |line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    if said > at + 4 {
        return None;
    }
    let diagnostic = Diagnostic::new(Tool::Python, log.line(said)).exception().found(&place);
    diagnostic.rule.is_some().then_some(Found { diagnostics: vec![diagnostic], end: said + 1 })
}

fn lint(log: &Log<'_>, at: usize) -> Option<Found> {
    let line = log.line(at);
    if line.contains(".py") && !PASSING.is_match(line) {
        if let Some(found) = MYPY.captures(line) {
            let diagnostic = Diagnostic::new(Tool::Mypy, part(&found, 4)).found(&found);
            return Found::one(diagnostic.rule(maybe(&found, 5)), at + 1);
        }
        if let Some(found) = LINT.captures(line) {
            let diagnostic = Diagnostic::new(Tool::Ruff, part(&found, 5)).found(&found);
            return Found::one(diagnostic.rule(maybe(&found, 4)), at + 1);
        }
        if let Some(found) = ONE_LINE.captures(line) {
            return Found::one(Diagnostic::new(Tool::Pytest, part(&found, 4)).found(&found).exception(), at + 1);
        }
    }
    let place = ARROW.captures(log.line(at + 1))?;
    let found = RUFF.captures(line)?;
    let end = log.until(at + 2, str::is_empty);
    Found::one(Diagnostic::new(Tool::Ruff, part(&found, 2)).found(&place).rule(maybe(&found, 1)), end)
}
