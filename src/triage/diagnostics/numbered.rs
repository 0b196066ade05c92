//! Test runners that number what failed: Mocha, RSpec, Minitest, PHPUnit, and JUnit on the console.

use super::{Diagnostic, Found, Log, Pattern, Tool, framed, jvm, part, spoken};

static NUMBER: Pattern = Pattern::new(r"^(\s*)\d+\) (.+)$");
static JUNIT: Pattern = Pattern::new(r"^(\w[\w\[\] ]*)\(([\w.$]+)\)$");
static RSPEC: Pattern = Pattern::new(r"^\s+# (\S+?):(\d+)():in ");
static RUBY: Pattern = Pattern::new(r"^\s+(?:from )?(\S+\.rb):(\d+)():in ");
static MINITEST: Pattern = Pattern::new(r"^(\S.*#.+?)(?: \[([^\]]+):(\d+)\])?:$");
static PHPUNIT: Pattern = Pattern::new(r"^(?:\w+\\)+\w+::test\w*(?: with data set .*)?$");
static PHP: Pattern = Pattern::new(r"^(\S+\.php):(\d+)()$");
static MOCHA: Pattern = Pattern::new(r"^\s+at (?:.+ \()?(?:file://)?([^():]+):(\d+):(\d+)\)?$");
static SUMMED: Pattern = Pattern::new(
    r"^(?:FAILURES!|ERRORS!|Finished in|Failed examples:|\d+ (?:runs|examples|passing|failing)|--$|There (?:was|were) )",
);

pub(super) fn read(log: &Log<'_>, at: usize) -> Option<Found> {
    let line = log.line(at);
    let digit = line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let found = digit.then(|| NUMBER.captures(line)).flatten()?;
    let (indent, title) = (part(&found, 1).len(), part(&found, 2));
    let is_next = |line: &str| NUMBER.captures(line).is_some_and(|next| part(&next, 1).len() <= indent);
    let end = log.until(at + 1, |line| is_next(line) || SUMMED.is_match(line));
    let block = log.range(at + 1, end);
    if let Some(named) = JUNIT.captures(title)
        && block.iter().any(|line| line.starts_with("\tat ") || line.trim_start().starts_with("at "))
    {
        let name = format!("{}.{}", part(&named, 2), part(&named, 1));
        return Found::one(jvm::thrown(log, at + 1, end, &name), end);
    }
    if matches!(title, "Failure:" | "Error:") {
        return minitest(log, at, end);
    }
    if block.iter().any(|line| RSPEC.is_match(line)) {
        let said = block.iter().map(|line| line.trim()).filter(|line| !line.is_empty() && !line.starts_with('#'));
        // Below `Failure/Error:` stands the source line, then what was raised or expected.
        let message: Vec<&str> = said.skip_while(|line| line.starts_with("Failure/Error:")).take(3).collect();
        let diagnostic = Diagnostic::new(Tool::Rspec, &message.join(" ")).exception().test(title);
        return Found::one(framed(diagnostic, block, &RSPEC), end);
    }
    if PHPUNIT.is_match(title) || title.contains("::") && block.iter().any(|line| PHP.is_match(line)) {
        let message = block.first().copied().unwrap_or_default();
        let diagnostic = Diagnostic::new(Tool::Php, message).exception().test(title);
        return Found::one(framed(diagnostic, block, &PHP), end);
    }
    mocha(log, at, end, title)
}

fn minitest(log: &Log<'_>, at: usize, end: usize) -> Option<Found> {
    let named = MINITEST.captures(log.line(at + 1))?;
    let block = log.range(at + 2, end);
    let said: Vec<&str> = block.iter().map(|line| line.trim()).take_while(|line| !line.is_empty()).take(3).collect();
    let diagnostic = Diagnostic::new(Tool::Minitest, &said.join(" ")).exception().test(part(&named, 1));
    match part(&named, 3).parse() {
        Ok(line) => Found::one(diagnostic.at(part(&named, 2), Some(line), None), end),
        Err(_) => Found::one(framed(diagnostic, block, &RUBY), end),
    }
}

/// The titles of suite and test stand one below the other, the last one with a colon; then the error.
fn mocha(log: &Log<'_>, at: usize, end: usize, title: &str) -> Option<Found> {
    let block = log.range(at + 1, end);
    if !block.iter().any(|line| MOCHA.is_match(line)) {
        return None;
    }
    let n_titles = if title.ends_with(':') { 0 } else { block.iter().position(|line| line.ends_with(':'))? + 1 };
    let titles = block.iter().take(n_titles).map(|line| line.trim());
    let name = std::iter::once(title).chain(titles).collect::<Vec<_>>().join(" ");
    let rest = block.get(n_titles..).unwrap_or_default();
    let message = spoken(rest.iter().map(|line| line.trim()).filter(|line| !line.is_empty()));
    let diagnostic = Diagnostic::new(Tool::Mocha, &message).exception().test(name.trim_end_matches(':'));
    Found::one(framed(diagnostic, rest, &MOCHA), end)
}
