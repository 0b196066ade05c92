//! Finds `file:line` in plain text: log lines, compilers, linters, test runners, shells.

use std::sync::LazyLock;

use regex::Regex;

use crate::triage::syntax::start_of;

/// The most mentions that are kept, and the most text that is searched.
const MENTIONS: usize = 48;
const BYTES: usize = 256 * 1024;

/// Each way of writing a place: group 1 is the file, group 2 the line.
static WAYS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let file = r#"((?:[A-Za-z]:)?[\w@./\\+~-]*[\w+-]\.[A-Za-z]\w{0,9}|[\w@./\\+~-]*(?:Dockerfile|Makefile|Rakefile|Jenkinsfile))"#;
    let ways = [
        // Python and its linters.
        r#"File "([^"\n]+)", line (\d+)"#.to_owned(),
        // rustc, gcc, go, javac, pytest, ruby, psql: `src/a.rs:12:5`.
        format!(r"{file}:(\d{{1,7}})\b"),
        // tsc, msbuild, PHP: `src/a.ts(12,5)`.
        format!(r"{file}\((\d{{1,7}})(?:,\d+)*\)"),
        // Maven: `Foo.java:[12,8]`.
        format!(r"{file}:\[(\d{{1,7}}),\d+\]"),
        // Shells: `./run.sh: line 12:` and `run.sh: 12:`.
        format!(r"{file}: (?:line )?(\d{{1,7}}):"),
        // PHP and Perl: `in a.php on line 12`, `at a.pl line 12`.
        format!(r"(?:in|at) {file} (?:on )?line (\d{{1,7}})"),
        // .NET: `in /src/Foo.cs:line 12`.
        format!(r"{file}:line (\d{{1,7}})"),
    ];
    ways.iter().filter_map(|way| Regex::new(way).ok()).collect()
});
/// eslint and stylelint put the file on a line of its own, and the places below it.
static HEADING: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(/?[\w@./\\+~-]+\.[A-Za-z]\w{0,5})$").ok());
static BELOW: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s+(\d{1,7}):\d{1,5}\s+(error|warning|✖|⚠)").ok());
static WARNING: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)\b(warning|note|help|info|hint)\b").ok());
/// pytest ends each level of a stack with its place, or in short begins it so; the innermost comes last.
static PYTEST: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\S+\.py:\d+: ?(?:\w*|in \S+)$").ok());
static ERROR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)\b(error|fatal|failed|panicked)\b").ok());

/// The places that a text mentions, each once: first those on lines that speak of an error.
pub(super) fn find(text: &str) -> Vec<(String, u32)> {
    let text = start_of(text, BYTES);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let mut stacks = Stacks::default();
    let mut heading: Option<&str> = None;
    for line in text.lines() {
        if first.len() + second.len() >= 4 * MENTIONS {
            break;
        }
        let line = start_of(line, 4_096);
        if is_match(&HEADING, line.trim_end()) {
            heading = Some(line.trim_end());
        }
        let below =
            BELOW.as_ref().and_then(|below| below.captures(line)).and_then(|found| found.get(1)?.as_str().parse().ok());
        let mut found: Vec<(String, u32)> =
            heading.zip(below).map(|(file, line)| (file.to_owned(), line)).into_iter().collect();
        found.extend(in_line(line));
        if is_match(&PYTEST, line.trim_end()) {
            stacks.add(found, line.trim_end());
            continue;
        }
        stacks.pass(line);
        let is_aside = is_match(&WARNING, line) && !is_match(&ERROR, line);
        if is_aside { second.extend(found) } else { first.extend(found) }
    }
    first.extend(second);
    let mut mentions: Vec<(String, u32)> = Vec::new();
    for mention in stacks.ordered().into_iter().chain(first) {
        if !mentions.contains(&mention) && mentions.len() < MENTIONS {
            mentions.push(mention);
        }
    }
    mentions
}

/// The stacks of pytest, which prints them with the innermost place last and one cause after the other.
#[derive(Default)]
struct Stacks {
    /// The places of each failed test, those of the first cause first and the innermost first of all.
    tests: Vec<Vec<(String, u32)>>,
    /// Where the stack that is being read begins among them.
    start: usize,
    /// Whether the stack that was read last has ended, and whether the next one came of it.
    is_ended: bool,
    is_chained: bool,
    /// Whether the last line was one of the error.
    is_error: bool,
}

impl Stacks {
    fn add(&mut self, places: Vec<(String, u32)>, line: &str) {
        // In short style nothing but the error itself ends a stack.
        let is_short = line.contains(": in ");
        if self.is_ended || self.tests.is_empty() || self.is_error && is_short {
            if !self.is_chained || self.tests.is_empty() {
                self.tests.push(Vec::new());
            }
            self.start = self.tests.last().map_or(0, Vec::len);
            (self.is_ended, self.is_chained) = (false, false);
        }
        self.is_error = false;
        if let Some(test) = self.tests.last_mut() {
            test.splice(self.start..self.start, places);
        }
        self.is_ended = !is_short && !line.ends_with(':');
    }

    /// Takes in a line between two places.
    fn pass(&mut self, line: &str) {
        self.is_error |= line.starts_with("E ");
        let is_title = line.starts_with("____");
        self.is_ended |= is_title;
        self.is_chained &= !is_title;
        if line.starts_with("During handling of the above") || line.starts_with("The above exception was the direct") {
            (self.is_ended, self.is_chained) = (true, true);
        }
    }

    /// The places of all tests, the nearest of each first.
    fn ordered(self) -> Vec<(String, u32)> {
        let n_most = self.tests.iter().map(Vec::len).max().unwrap_or(0);
        (0..n_most).flat_map(|at| self.tests.iter().filter_map(move |test| test.get(at).cloned())).collect()
    }
}

fn is_match(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

fn in_line(line: &str) -> Vec<(String, u32)> {
    // Cheap test first: most lines mention nothing.
    if !line.contains([':', '(']) && !line.contains("line ") {
        return Vec::new();
    }
    let mut found: Vec<(usize, String, u32)> = Vec::new();
    for captures in WAYS.iter().flat_map(|way| way.captures_iter(line)) {
        let (Some(file), Some(number)) = (captures.get(1), captures.get(2)) else { continue };
        let is_known = found.iter().any(|(at, _, _)| *at == file.start());
        if let (false, Ok(number)) = (is_known, number.as_str().parse()) {
            found.push((file.start(), file.as_str().to_owned(), number));
        }
    }
    found.sort_by_key(|(at, _, _)| *at);
    found.into_iter().map(|(_, file, number)| (file, number)).collect()
}
