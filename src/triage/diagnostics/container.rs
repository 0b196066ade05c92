//! docker build: BuildKit's closing report, and what the older builder says.

use super::{Diagnostic, Found, Log, Pattern, Tool, part};

static PLACE: Pattern = Pattern::new(r"^(\S*(?:[Dd]ockerfile|Containerfile)\S*):(\d+)()$");
static RULER: Pattern = Pattern::new(r"^-{10,}$");
static MARKED: Pattern = Pattern::new(r"^\s*\d+ \| >>> (.+)$");
static SOLVE: Pattern = Pattern::new(r"^(?:ERROR: )?failed to (?:solve|build)(?: with frontend \S+)?: (.+)$");
static PARSE: Pattern = Pattern::new(r"(?i)\bparse error on line (\d+): (.+)$");
static OLD: Pattern = Pattern::new(r"^The command '(.+)' returned a non-zero code: (\d+)$");
static OLD_COPY: Pattern = Pattern::new(r"^((?:COPY|ADD) failed: .+)$");

pub(super) fn read(log: &Log<'_>, at: usize) -> Option<Found> {
    let line = log.line(at);
    if let Some(found) = PLACE.captures(line)
        && RULER.is_match(log.line(at + 1))
    {
        return marked(log, at, &found);
    }
    if line.contains("failed to ")
        && let Some(found) = SOLVE.captures(line)
    {
        return Found::one(placed(part(&found, 1)), at + 1);
    }
    let found = OLD.captures(line).map(|found| format!("{} ended with {}", part(&found, 1), part(&found, 2)));
    let message = found.or_else(|| OLD_COPY.group(line, 1).map(str::to_owned))?;
    Found::one(Diagnostic::new(Tool::Docker, &message), at + 1)
}

/// The instruction that failed, with its line, and why: that stands below it.
fn marked(log: &Log<'_>, at: usize, found: &regex::Captures<'_>) -> Option<Found> {
    let close = log.until(at + 2, |line| RULER.is_match(line));
    let end = log.until(close + 1, |line| !line.is_empty() && SOLVE.is_match(line));
    // Only what follows at once belongs to it.
    let end = if end <= close + 3 && end < log.lines.len() { end + 1 } else { close + 1 };
    let why = log.range(close + 1, end).iter().find_map(|line| SOLVE.group(line, 1));
    let instruction = log.range(at, close).iter().find_map(|line| MARKED.group(line, 1));
    let message = match (instruction, why) {
        (Some(instruction), Some(why)) => format!("{instruction}: {why}"),
        (Some(text), None) | (None, Some(text)) => text.to_owned(),
        (None, None) => return None,
    };
    Found::one(Diagnostic::new(Tool::Docker, &message).found(found), end)
}

fn placed(message: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(Tool::Docker, message);
    match PARSE.captures(message) {
        Some(found) => diagnostic.at("Dockerfile", part(&found, 1).parse().ok(), None),
        None => diagnostic,
    }
}
