//! Reads what builds, linters and test runners print as diagnostics: what is wrong, and where.
//!
//! Input: the output of a command, with or without colors. Output: [`Diagnostic`]s in the order of
//! the output, each once; each has a signature and makes a [`Symptom`].
//!
//! Pure and total: what is not understood is passed over. Reads errors only; warnings and notes
//! are left out. Judges nothing. Each file below knows one family of tools.

mod compiler;
mod container;
mod go;
mod javascript;
mod jvm;
mod numbered;
mod plain;
mod python;
mod rust;
mod xml;

pub(super) use go::failed_package;

use std::collections::HashSet;
use std::sync::OnceLock;

use regex::{Captures, Regex};
use serde::Serialize;

use super::Symptom;
use super::syntax::start_of;
use crate::ingest::sanitize::visible;
use crate::ingest::{Signature, signature, trace};

/// The most diagnostics that are kept; what fails in more ways than this is not understood by reading on.
const DIAGNOSTICS: usize = 200;
/// The most lines that are looked at, the longest line, and the most lines of one diagnostic.
const LINES: usize = 200_000;
const LINE_BYTES: usize = 4_096;
const BLOCK: usize = 400;

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    /// rustc, clippy and the test harness of Rust.
    Rust,
    /// gcc, clang and the linker.
    C,
    /// go build, vet and test.
    Go,
    /// The TypeScript compiler.
    Tsc,
    /// ESLint.
    Eslint,
    /// A bundler: esbuild, Vite, webpack.
    Bundler,
    /// Jest.
    Jest,
    /// Vitest.
    Vitest,
    /// Mocha.
    Mocha,
    /// Node itself, and its test runner.
    Node,
    /// pytest.
    Pytest,
    /// Python itself, and unittest.
    Python,
    /// mypy.
    Mypy,
    /// Ruff, flake8 and pylint.
    Ruff,
    /// javac, also below Maven and Gradle.
    Javac,
    /// kotlinc and scalac.
    Kotlin,
    /// JUnit, on the console or as XML.
    Junit,
    /// RSpec.
    Rspec,
    /// Minitest.
    Minitest,
    /// PHP and PHPUnit.
    Php,
    /// The compilers of .NET.
    Dotnet,
    /// docker build and BuildKit.
    Docker,
    /// A shell.
    Shell,
    /// What sums up another failure: make, npm, or any line that begins with `error:`.
    Other,
}

impl Tool {
    /// Its name, in lower case, as in `--json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::C => "c",
            Self::Go => "go",
            Self::Tsc => "tsc",
            Self::Eslint => "eslint",
            Self::Bundler => "bundler",
            Self::Jest => "jest",
            Self::Vitest => "vitest",
            Self::Mocha => "mocha",
            Self::Node => "node",
            Self::Pytest => "pytest",
            Self::Python => "python",
            Self::Mypy => "mypy",
            Self::Ruff => "ruff",
            Self::Javac => "javac",
            Self::Kotlin => "kotlin",
            Self::Junit => "junit",
            Self::Rspec => "rspec",
            Self::Minitest => "minitest",
            Self::Php => "php",
            Self::Dotnet => "dotnet",
            Self::Docker => "docker",
            Self::Shell => "shell",
            Self::Other => "other",
        }
    }
}

/// One thing that is wrong, as a tool said it. Its texts are fit for the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Who said it.
    pub tool: Tool,
    /// The file it is about, as the tool wrote it.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
    /// What is wrong, in one line.
    pub message: String,
    /// The tool's name for this kind of error: `E0425`, `TS2304`, `no-undef`, `NameError`.
    pub rule: Option<String>,
    /// The test that failed.
    pub test: Option<String>,
    /// All that the tool printed about it.
    pub text: String,
}

impl Diagnostic {
    fn new(tool: Tool, message: &str) -> Self {
        let message = message.trim().to_owned();
        Self { tool, file: None, line: None, column: None, message, rule: None, test: None, text: String::new() }
    }

    fn at(mut self, file: &str, line: Option<u32>, column: Option<u32>) -> Self {
        let file = file.strip_prefix("file://").unwrap_or(file);
        self.file = Some(file.strip_prefix("./").unwrap_or(file).to_owned());
        (self.line, self.column) = (line, column);
        self
    }

    /// Takes file, line and column from the groups 1, 2 and 3 of a match.
    fn found(self, found: &Captures<'_>) -> Self {
        let number = |group: usize| found.get(group).and_then(|group| group.as_str().parse().ok());
        match found.get(1) {
            Some(file) => self.at(file.as_str(), number(2), number(3)),
            None => self,
        }
    }

    fn rule(mut self, rule: Option<&str>) -> Self {
        self.rule = rule.map(str::to_owned);
        self
    }

    fn test(mut self, test: &str) -> Self {
        self.test = Some(test.trim().to_owned()).filter(|test| !test.is_empty());
        self
    }

    /// Takes the exception's name from a message such as `NameError: name 'x' is not defined`.
    fn exception(mut self) -> Self {
        static NAMED: Pattern = Pattern::new(r"^(?:[\w$]+[./\\:])*(\w*(?:Error|Exception|Exit|Interrupt))\b");
        let named = NAMED.group(&self.message, 1).map(str::to_owned);
        self.rule = named.or_else(|| self.message.starts_with("assert ").then(|| "AssertionError".to_owned()));
        self
    }

    /// Where it is, as `file:line`.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let file = self.file.as_deref()?;
        Some(self.line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}")))
    }

    /// It in one line: where, what, and in which test. The kind of error is not said twice where the message begins
    /// with it, be it with its package: `org.opentest4j.AssertionFailedError: …`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let place = self.place().map_or_else(String::new, |place| format!("{place}: "));
        let first = self.message.split([' ', ':']).next().unwrap_or_default();
        let is_said =
            |rule: &&str| self.message.starts_with(*rule) || first.rsplit(['.', '\\', '/']).next() == Some(*rule);
        let rule = self.rule.as_deref().filter(|rule| !is_said(rule));
        let rule = rule.map_or_else(String::new, |rule| format!("{rule} "));
        let test = self.test.as_deref().map_or_else(String::new, |test| format!(" in {test}"));
        format!("{place}{rule}{}{test}", self.message)
    }

    /// Its signature: the same for the same kind of error on another line, machine or day.
    #[must_use]
    pub fn signature(&self) -> Signature {
        let rule = self.rule.as_deref().filter(|rule| !self.message.starts_with(rule));
        let rule = rule.map_or_else(String::new, |rule| format!(" {rule}"));
        let test = self.test.as_deref().map_or_else(String::new, |test| format!(" in {test}"));
        signature::of_message(&format!("{}{rule}{test}: {}", self.tool.word(), self.message))
    }

    /// The error that triage is to explain.
    #[must_use]
    pub fn symptom(&self) -> Symptom {
        let trace = trace::parse(&self.text);
        let message = trace.as_ref().map_or(&self.message, |trace| &trace.message).clone();
        let template = signature::of_message(&message).template;
        Symptom { text: self.text.clone(), message, template, trace, component: None, rates: None, is_report: false }
    }
}

/// Reads the diagnostics of an output.
#[must_use]
pub fn read(output: &str) -> Vec<Diagnostic> {
    let lines: Vec<String> = output.lines().take(LINES).map(clean).collect();
    let log = Log { lines: lines.iter().map(String::as_str).collect() };
    let mut kept = Kept::default();
    let mut at = 0;
    while at < log.lines.len() && kept.all.len() < DIAGNOSTICS {
        match FAMILIES.iter().find_map(|read| read(&log, at)) {
            Some(found) => {
                let end = found.end.max(at + 1);
                for mut diagnostic in found.diagnostics {
                    if diagnostic.text.is_empty() {
                        diagnostic.text = log.text(at, end);
                    }
                    kept.add(diagnostic);
                }
                at = end;
            }
            None => at += 1,
        }
    }
    if kept.all.is_empty() {
        kept.all.extend(plain::sums(&log));
    }
    kept.all
}

/// File, line, test and message: what is said once.
type Said = (Option<String>, Option<u32>, Option<String>, String);

/// The diagnostics found so far.
#[derive(Default)]
struct Kept {
    all: Vec<Diagnostic>,
    known: HashSet<Said>,
    tests: HashSet<String>,
}

impl Kept {
    /// Adds one, unless it was said before; a mere mention of a test adds nothing to what was said of it.
    fn add(&mut self, diagnostic: Diagnostic) {
        if diagnostic.file.is_none()
            && let Some(test) = &diagnostic.test
        {
            let said = diagnostic.message.trim_end_matches("...");
            if self.tests.contains(last_name(test)) || self.all.iter().any(|known| known.message.starts_with(said)) {
                return;
            }
        }
        self.tests.extend(diagnostic.test.as_deref().map(|test| last_name(test).to_owned()));
        let key = (
            diagnostic.file.clone(),
            diagnostic.line,
            diagnostic.test.clone(),
            start_of(&diagnostic.message, 200).to_owned(),
        );
        if self.all.len() < DIAGNOSTICS && self.known.insert(key) {
            self.all.push(diagnostic);
        }
    }
}

/// The last part of a test's name, which runner and summary agree on, without what it was run with.
fn last_name(test: &str) -> &str {
    let test = test.split(['[', '(']).next().unwrap_or(test);
    test.rsplit(['.', ':', ' ', '#']).next().unwrap_or(test)
}

/// The lines of an output, cleaned.
struct Log<'a> {
    lines: Vec<&'a str>,
}

impl<'a> Log<'a> {
    /// The line of this number; beyond the end, nothing.
    fn line(&self, at: usize) -> &'a str {
        self.lines.get(at).copied().unwrap_or_default()
    }

    fn range(&self, from: usize, to: usize) -> &[&'a str] {
        self.lines.get(from..to.min(self.lines.len())).unwrap_or_default()
    }

    fn text(&self, from: usize, to: usize) -> String {
        self.range(from, to).join("\n")
    }

    /// The first line from here on, within a block's length, that is such; else the block's end.
    fn until(&self, from: usize, is_end: impl Fn(&str) -> bool) -> usize {
        let last = (from + BLOCK).min(self.lines.len());
        (from..last).find(|at| is_end(self.line(*at))).unwrap_or(last)
    }
}

/// What a family read at one line, and the line after what it read.
struct Found {
    diagnostics: Vec<Diagnostic>,
    end: usize,
}

impl Found {
    fn one(diagnostic: Diagnostic, end: usize) -> Option<Self> {
        Some(Self { diagnostics: vec![diagnostic], end })
    }
}

/// Reads what begins at this line, if it is of the family.
type Family = fn(&Log<'_>, usize) -> Option<Found>;

/// The families, in the order in which they are asked: those that read whole blocks come first.
const FAMILIES: &[Family] = &[
    xml::read,
    container::read,
    python::read,
    rust::read,
    javascript::read,
    jvm::read,
    go::read,
    numbered::read,
    compiler::read,
    plain::read,
];

/// A line without colors, and without what build tools put before the lines of what they run.
fn clean(line: &str) -> String {
    static BUILDKIT: Pattern = Pattern::new(r"^(?:#\d+ (?:\d+\.\d+ )?|\d+\.\d{3} )");
    static TIME: Pattern = Pattern::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z ");
    // A carriage return takes the cursor back: what is left to see is what came last.
    let line = line.trim_end_matches('\r').rsplit('\r').next().unwrap_or(line);
    let line = visible(start_of(line, LINE_BYTES), false);
    let mut rest = line.as_str();
    for before in [&TIME, &BUILDKIT] {
        rest = before.captures(rest).and_then(|found| rest.get(found.get(0)?.end()..)).unwrap_or(rest);
    }
    rest.trim_end().to_owned()
}

/// A pattern that is compiled when it is first used.
struct Pattern {
    text: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    const fn new(text: &'static str) -> Self {
        Self { text, regex: OnceLock::new() }
    }

    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(self.text).ok()).as_ref()
    }

    fn is_match(&self, line: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(line))
    }

    fn captures<'t>(&self, line: &'t str) -> Option<Captures<'t>> {
        self.regex()?.captures(line)
    }

    fn group<'t>(&self, line: &'t str, group: usize) -> Option<&'t str> {
        Some(self.captures(line)?.get(group)?.as_str())
    }
}

/// The text of a group of a match; empty where it took no part.
fn part<'t>(found: &Captures<'t>, group: usize) -> &'t str {
    found.get(group).map_or("", |group| group.as_str())
}

/// The text of a group of a match, where it took part.
fn maybe<'t>(found: &Captures<'t>, group: usize) -> Option<&'t str> {
    found.get(group).map(|group| group.as_str()).filter(|text| !text.is_empty())
}

/// The first of these lines; with the next one, where it only announces that.
fn spoken<'t>(mut lines: impl Iterator<Item = &'t str>) -> String {
    let first = lines.next().unwrap_or_default();
    let next = lines.next().filter(|_| first.ends_with(':'));
    next.map_or_else(|| first.to_owned(), |next| format!("{first} {next}"))
}

/// Gives a diagnostic the place of the first of these lines that is a frame of the program's own
/// code: groups 1, 2 and 3 of the pattern are file, line and column.
fn framed(diagnostic: Diagnostic, lines: &[&str], frame: &Pattern) -> Diagnostic {
    let own = |found: &Captures<'_>| !super::frames::is_foreign(part(found, 1));
    match lines.iter().filter_map(|line| frame.captures(line)).find(own) {
        Some(found) => diagnostic.found(&found),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests;
