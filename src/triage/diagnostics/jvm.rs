//! javac, Maven, Gradle, Kotlin, Scala, and JUnit as they report it.

use super::{Diagnostic, Found, Log, Pattern, Tool, framed, maybe, part};

static JAVAC: Pattern = Pattern::new(r"^(\S+\.java):(\d+):() error: (.+)$");
static MAVEN: Pattern = Pattern::new(r"^\[ERROR\] (\S+?\.\w+):\[(\d+),(\d+)\] (?:error: )?(.+)$");
static KOTLIN: Pattern = Pattern::new(r"^e: (?:file://)?(\S+?\.kts?):(?: \()?(\d+)[:,] ?(\d+)\)?:? (.+)$");
static SCALA: Pattern = Pattern::new(r"^\[error\] (?:-- .*?)?(\S+\.scala):(\d+):(\d+): ?(.*)$");
static SUREFIRE: Pattern = Pattern::new(
    r"^(?:\[ERROR\] )?([^\s(]+)(?:\(([\w.$]*)[^)\s]*\))?(\S*)\s+(?:-- )?Time elapsed: .*<<< (?:FAILURE|ERROR)!",
);
static SUMMARY: Pattern =
    Pattern::new(r"^\[ERROR\] {2,}(\w+)\.(\w+)(?:\([^)]*\))?(?:\[[^\]]*\])?:(\d+)(?:->\S+)*:? (?:» )?(.+)$");
static GRADLE: Pattern = Pattern::new(r"^(\S+(?: > .+)?) > (.+?)(?:\(\))? FAILED$");
static LAUNCHER: Pattern = Pattern::new(r"^\s+(?:JUnit \w+:)(.+)$");
static LAUNCHER_SAYS: Pattern = Pattern::new(r"^\s+=> (.+)$");
static FRAME: Pattern =
    Pattern::new(r"^\s+(?:at )?(?:[\w.$]+/+)?(?:[\w.$<>]+\()?(\w+\.(?:java|kt|scala|groovy)):(\d+)()\)?$");
static SYMBOL: Pattern = Pattern::new(r"^(?:\[ERROR\])?\s+symbol: +(.+)$");
/// Frames of the test framework, which say nothing where the test is not the framework's own.
static FRAMEWORK: Pattern = Pattern::new(
    r"\bat (?:[\w.]+/+)?(?:org\.junit|junit\.|org\.hamcrest|org\.opentest4j|java\.|jdk\.|sun\.|org\.assertj|com\.google\.common\.truth)",
);

pub(super) fn read(log: &Log<'_>, at: usize) -> Option<Found> {
    let line = log.line(at);
    let compiled = [(&JAVAC, Tool::Javac), (&MAVEN, Tool::Javac), (&KOTLIN, Tool::Kotlin), (&SCALA, Tool::Kotlin)];
    if line.contains(".java:") || line.starts_with('[') || line.starts_with("e: ") {
        for (pattern, tool) in compiled {
            if let Some(found) = pattern.captures(line) {
                return error(log, at, tool, &found);
            }
        }
    }
    if let Some(found) = line.contains("Time elapsed:").then(|| SUREFIRE.captures(line)).flatten() {
        let end = log.until(at + 1, str::is_empty);
        let name = surefire_name(&found);
        return Found::one(thrown(log, at + 1, end, &name), end);
    }
    if let Some(found) = line.starts_with("[ERROR]  ").then(|| SUMMARY.captures(line)).flatten() {
        let name = format!("{}.{}", part(&found, 1), part(&found, 2));
        // The full report of the same test names the file; this line only guesses it.
        return Found::one(Diagnostic::new(Tool::Junit, part(&found, 4)).test(&name), at + 1);
    }
    if line.ends_with(" FAILED")
        && let Some(found) = GRADLE.captures(line)
    {
        let end = log.until(at + 1, |line| line.is_empty() || !line.starts_with(' '));
        let name = format!("{}.{}", part(&found, 1), part(&found, 2));
        return (end > at + 1).then_some(Found { diagnostics: vec![thrown(log, at + 1, end, &name)], end });
    }
    let found = line.trim_start().starts_with("JUnit ").then(|| LAUNCHER.captures(line)).flatten()?;
    let end = log.until(at + 1, |line| line.is_empty() || LAUNCHER.is_match(line));
    let block = log.range(at + 1, end);
    let said = block.iter().find_map(|line| LAUNCHER_SAYS.group(line, 1))?;
    let name = part(&found, 1).trim_end_matches("()").replace(':', ".");
    let diagnostic = Diagnostic::new(Tool::Junit, said).exception().test(&name);
    Found::one(framed(diagnostic, &own(block, &name), &FRAME), end)
}

/// The test's name with its class first, as the summary below has it too: `discounts(shop.CartTest)` of JUnit 4 is
/// `shop.CartTest.discounts`; what JUnit 5 puts between the parentheses is what the test takes.
fn surefire_name(found: &regex::Captures<'_>) -> String {
    let name = format!("{}{}", part(found, 1), part(found, 3));
    match maybe(found, 2).filter(|_| !part(found, 1).contains('.')) {
        Some(class) => format!("{class}.{name}"),
        None => name,
    }
}

/// What a compiler says; javac says below what it is that it cannot find.
fn error(log: &Log<'_>, at: usize, tool: Tool, found: &regex::Captures<'_>) -> Option<Found> {
    let is_next = |line: &str| !line.starts_with(' ') && !line.starts_with("[ERROR]   ") && !line.is_empty();
    let end = if tool == Tool::Javac { log.until(at + 1, is_next) } else { at + 1 };
    let symbol = log.range(at + 1, end).iter().take(6).find_map(|line| SYMBOL.group(line, 1));
    let message = symbol.map_or(part(found, 4).to_owned(), |symbol| format!("{}: {symbol}", part(found, 4)));
    Found::one(Diagnostic::new(tool, &message).found(found), end)
}

/// The exception on the first of these lines, that of a test, at the first frame that is no framework's.
pub(super) fn thrown(log: &Log<'_>, at: usize, end: usize, test: &str) -> Diagnostic {
    let block = log.range(at, end);
    let said = block.first().copied().unwrap_or_default();
    // Gradle in short says the place on the same line.
    static SHORT: Pattern = Pattern::new(r"^(.+) at (\w+\.\w+):(\d+)$");
    if let Some(short) = SHORT.captures(said) {
        let diagnostic = Diagnostic::new(Tool::Junit, part(&short, 1)).exception().test(test);
        return diagnostic.at(part(&short, 2), part(&short, 3).parse().ok(), None);
    }
    framed(Diagnostic::new(Tool::Junit, said).exception().test(test), &own(block, test), &FRAME)
}

/// The lines without the framework's frames. What a test's own class did stays: where the tests are those of the
/// framework itself, its name tells nothing.
fn own<'a>(block: &[&'a str], test: &str) -> Vec<&'a str> {
    let class = class_of(test);
    let is_of_class = |line: &str| {
        let found = class.and_then(|class| line.split_once(class));
        found.is_some_and(|(before, after)| before.ends_with([' ', '/', '.']) && after.starts_with(['.', '$']))
    };
    block.iter().copied().filter(|line| !FRAMEWORK.is_match(line) || is_of_class(line)).collect()
}

/// The class of a test, `com.shop.CartTest` of `com.shop.CartTest.total[1]`.
fn class_of(test: &str) -> Option<&str> {
    static CLASS: Pattern = Pattern::new(r"^((?:\w+\.)*?[A-Z]\w*)(?:[.$]|$)");
    CLASS.group(test, 1)
}
