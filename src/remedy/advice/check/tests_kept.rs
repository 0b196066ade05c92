//! Whether a draft leaves the tests as strict as they are.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::{Finding, Touched};
use crate::remedy::fix::Check;
use crate::triage::Class;
use crate::triage::syntax::{Kind, Source, Token};

/// The first line of a test.
static TESTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)^\s*(?:(?:async\s+)?def\s+test\w*|func\s+(?:Test|Benchmark|Fuzz)\w+|#\[(?:\w+::)*test\b|@(?:Test|ParameterizedTest)\b|\[(?:Test|Fact|Theory|TestMethod)\b|(?:it|test|specify|scenario)\s*(?:\.each\b.*)?\(?\s*["'`]|public\s+function\s+test\w*)"#,
    )
    .ok()
});

/// What takes a test out of the run, or everything but one.
static SKIPS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x) \bpytest\.(?:mark\.)?(?:skip|xfail) | \bunittest\.(?:skip|expectedFailure) | @(?:skip|expectedFailure|Disabled|Ignore)\b
         | \b(?:it|test|describe|context|suite)\.(?:skip|only|todo|failing)\b | \bx(?:it|describe|test|context)\s*\( | \bf(?:it|describe)\s*\(
         | \#\[ignore | \bt\.Skip | \#\[should_panic | \bmarkTestSkipped | \bmarkTestIncomplete | \[Ignore | \bSkip\s*= | \bskipIf\b | \bself\.skipTest
         | \bpending\b\s*(?:\(|$) | \bassumeTrue\b | \bAssume\. | \bprocess\.exit\b | \bsys\.exit\b | \bos\._exit\b",
    )
    .ok()
});

/// A line that asserts something.
static ASSERTIONS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x) \bassert | \bexpect\w*\s*[(!.] | \.should\b | \brequire\.\w+\( | \bt\.(?:Error|Fatal|Errorf|Fatalf)\( | \bAssert\. | \bverify\(
         | \braises\( | \bwith\s+raises | \btest\s+[-$!\x22] | \[\[?\s+[-$!\x22]",
    )
    .ok()
});

/// What ends a test early, puts what it asserts out of reach, or replaces what it tests.
static EVADED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let ways = [
        (r"(?m)^\s*return\s*;?\s*$", "may end before it asserts"),
        (r"\b(?:if|while)\s*\(?\s*(?:False|false|0|None|nil|null|!true|not\s+True)\b", "puts something out of reach"),
        (
            r"\bexcept\s*\(?[\w\s.,]*\b(?:AssertionError|Exception|BaseException)\b|\bexcept\s*:|\bcatch\b\s*(?:\([^)]*\))?\s*\{|\brescue\b|\bcontextlib\.suppress\b|\brecover\s*\(",
            "catches what an assertion throws",
        ),
        (
            r"\bmonkeypatch\b|\bmock(?:er)?\.|@(?:mock\.)?patch\b|\b(?:jest|vi)\.(?:mock|fn|doMock)\b|\bspyOn\b|\.mock(?:Return|Resolved|Rejected|Implementation)\w*|\bsinon\b|\bMockito\b|\.thenReturn\b|\bgomock\b|\bto\s+receive\b|\ballow_any_instance_of\b|\bMagicMock\b",
            "replaces what it tests",
        ),
        (
            r"#\[cfg\((?:not|any|all|never|feature|target)|\b__test__\s*=|//go:build|//\s*\+build",
            "may not be built or collected",
        ),
    ];
    ways.iter().filter_map(|(pattern, what)| Some((Regex::new(pattern).ok()?, *what))).collect()
});

/// By which code that is no test finds out that it is tested.
static KNOWING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x) \bPYTEST_CURRENT_TEST\b | ["'](?:pytest|_pytest|unittest|nose2?)["'][^\n]{0,40}\bsys\.modules\b | \bsys\.modules\b[^\n]{0,40}["'](?:pytest|_pytest|unittest|nose2?)["'] | \b(?:globalThis|global|window)\.(?:jest|vitest|describe|it|expect|Mocha)\b | \bJEST_WORKER_ID\b | \bVITEST\w*\b
         | \bNODE_ENV\b | \bcfg!\s*\(\s*test\b | \btesting\.Testing\b | \bflag\.Lookup\s*\(\s*"test | \bRails\.env\.test\? | \bRAILS_ENV\b | \bRACK_ENV\b | \bAPP_ENV\b
         | \bPHPUNIT\w*\b | \btypeof\s+(?:jest|describe|it|expect|vi)\b | \bUNIT_?TEST\w*\b | \bis_?(?:under_?)?test(?:ing)?\s*\("#,
    )
    .ok()
});

/// Settings by which a run of tests leaves some out, or its failure does not count.
static LENIENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x) --deselect\b | --ignore(?:-glob)?[=\s] | -k\s*["']?not\b | \bcollect_ignore\w* | \bnorecursedirs\b | \btestPathIgnorePatterns\b | \bmodulePathIgnorePatterns\b
         | \bcontinue-on-error\b | \ballow_failure\b | \bignore_errors\b | \|\|\s*(?:true|:)(?:\s|$) | (?m:^\t-[@\w]) | --passWithNoTests | -DskipTests | \bmaven\.test\.skip | --no-verify
         | \btestFailureIgnore\b | \bignoreFailures\b | -skip[=\s] | --skip\s | -x\s+test\b | --exclude-task | \bexit\s+0\b | \bset\s+\+e\b | --lf\b | \bretries?\s*[:=]\s*\d | \breruns\b
         | \bmaxfail\b | \bbail\s*[:=]\s*false"#,
    )
    .ok()
});

/// Asks whether a test was removed, taken out of the run, or asserts less.
pub(super) fn check(files: &[Touched<'_>]) -> Check {
    let found: Vec<Finding> = files.iter().flat_map(weakened).collect();
    let n_tests = files.iter().filter(|file| file.class == Class::Test).count();
    let fine = match n_tests {
        0 => "No test is changed.",
        _ => "Tests are changed, and none of them asks for less.",
    };
    super::check("no test weakened", &found, fine)
}

fn weakened(file: &Touched<'_>) -> Vec<Finding> {
    let mut found = around(file);
    found.extend(within(file));
    found
}

/// What weakens tests from outside of them: code that knows that it is tested, settings that leave tests out.
fn around(file: &Touched<'_>) -> Vec<Finding> {
    let grew = |pattern: &LazyLock<Option<Regex>>, strip: bool| {
        let count = |text: Option<&str>| {
            let text = text.unwrap_or_default();
            if strip { matches(pattern, &super::code_of(file.path, text)) } else { matches(pattern, text) }
        };
        count(file.new) > count(file.head).max(count(file.base))
    };
    let mut found = Vec::new();
    if file.class != Class::Test && grew(&KNOWING, true) {
        found.push(Finding::new(file, "asks whether it is tested"));
    }
    let is_setting = match file.class {
        Class::Build => true,
        _ => SETTINGS.iter().any(|name| file.path.rsplit('/').next().is_some_and(|base| base.starts_with(name))),
    };
    if is_setting && grew(&LENIENT, false) {
        found.push(Finding::new(file, "lets a run of tests pass that did not"));
    }
    found
}

/// Names of files that say how tests are run, by their start.
const SETTINGS: &[&str] = &[
    "conftest",
    "pytest",
    "tox",
    "setup.cfg",
    "noxfile",
    "jest",
    "vitest",
    "karma",
    "playwright",
    "cypress",
    ".mocharc",
    "Makefile",
    "makefile",
    "GNUmakefile",
    "Justfile",
    "justfile",
    "Rakefile",
    "Taskfile",
    "phpunit",
    "build.gradle",
    "pom.xml",
    ".rspec",
    "nextest",
    "package.json",
];

fn within(file: &Touched<'_>) -> Vec<Finding> {
    let head = tests_of(file, file.head);
    if head.is_empty() {
        return Vec::new();
    }
    if file.new.is_none() {
        return vec![Finding::new(file, "is a test and is deleted")];
    }
    // What stands in a comment or a string asserts nothing.
    let (head, new) = (super::code_of(file.path, &head), super::code_of(file.path, &tests_of(file, file.new)));
    let (head, new) = (head.as_str(), new.as_str());
    let mut found = Vec::new();
    for (way, what) in EVADED.iter() {
        if way.find_iter(new).count() > way.find_iter(head).count() {
            found.push(Finding::new(file, *what));
        }
    }
    let count = |pattern: &LazyLock<Option<Regex>>, text: &str| matches(pattern, text);
    if count(&TESTS, new) < count(&TESTS, head) {
        found.push(Finding::new(file, "has fewer tests"));
    }
    if count(&SKIPS, new) > count(&SKIPS, head) {
        found.push(Finding::new(file, "takes tests out of the run"));
    }
    if !stays(head, new) {
        found.push(Finding::new(file, "changes lines of tests that are there already"));
    }
    let gone = gone(&assertions(head), &assertions(new));
    if let Some((assertion, n_gone)) = gone {
        let shown: String = assertion.chars().take(80).collect();
        found.push(Finding::new(file, format!("drops or changes {n_gone} assertions, as {shown:?}")));
    }
    found
}

/// Whether every line is still there, as far in, and in the same order; blank ones do not count. A draft may add
/// tests; what it changes of others is for a person to judge.
fn stays(head: &str, new: &str) -> bool {
    let mut rest = new.lines().map(str::trim_end);
    head.lines().map(str::trim_end).filter(|line| !line.is_empty()).all(|line| rest.any(|other| other == line))
}

/// The part of a file that is tests: all of a test's file, and of others what is behind a mark of one.
fn tests_of<'t>(file: &Touched<'t>, text: Option<&'t str>) -> Cow<'t, str> {
    let text = text.unwrap_or_default();
    if file.class == Class::Test {
        return Cow::Borrowed(text);
    }
    if file.path.ends_with(".rs") {
        return Cow::Owned(marked(file.path, text));
    }
    let at = text.find("if __name__ == \"__main__\":\n    unittest");
    Cow::Borrowed(at.and_then(|at| text.get(at..)).unwrap_or_default())
}

/// The items of a Rust file that are marked as tests, each from its mark to the end of its body or statement.
fn marked(path: &str, text: &str) -> String {
    let source = Source::read(path, text);
    let tokens: Vec<&Token> = source.tokens.iter().filter(|token| token.kind != Kind::Comment).collect();
    let word = |at: usize| tokens.get(at).map(|token| source.of(token)).unwrap_or_default();
    let mut found = String::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_mark = word(at) == "#" && word(at + 1) == "[";
        let end = if is_mark { behind(&word, at + 1, tokens.len()) } else { at + 1 };
        let inside = || (at + 2..end).map(&word);
        // `#[test]` and `#[tokio::test]`, and what is built for tests alone.
        let is_named = end >= 2 && word(end - 2) == "test" && !inside().any(|word| matches!(word, "(" | "="));
        let is_built = word(at + 2) == "cfg"
            && inside().any(|word| word == "test")
            && !inside().any(|word| matches!(word, "any" | "not"));
        let is_test = is_mark && (is_named || is_built);
        if !is_test {
            at = end;
            continue;
        }
        let mut last = end;
        while last < tokens.len() && !matches!(word(last), ";" | "{") {
            last = if matches!(word(last), "(" | "[") { behind(&word, last, tokens.len()) } else { last + 1 };
        }
        last = if word(last) == "{" { behind(&word, last, tokens.len()) } else { last + 1 };
        let until = tokens.get(last.saturating_sub(1)).map_or(text.len(), |token| token.end);
        let from = tokens.get(at).map_or(0, |token| token.start);
        let line = text.get(..from).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        found.push_str(text.get(line..until).unwrap_or_default());
        found.push('\n');
        at = last;
    }
    found
}

/// The place behind the bracket that closes the one at a place.
fn behind<'s>(word: &impl Fn(usize) -> &'s str, open: usize, n_tokens: usize) -> usize {
    let mut depth = 0_usize;
    for at in open..n_tokens {
        match word(at) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    n_tokens
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> usize {
    pattern.as_ref().map_or(0, |pattern| pattern.find_iter(text).count())
}

/// The asserting lines without white space, each with how often it stands there.
fn assertions(text: &str) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    let Some(pattern) = ASSERTIONS.as_ref() else { return counted };
    for line in text.lines().filter(|line| !is_comment(line) && pattern.is_match(line)) {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        *counted.entry(line).or_insert(0) += 1;
    }
    counted
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    ["//", "# ", "/*", "* ", "--"].iter().any(|mark| line.starts_with(mark))
}

/// The first assertion that is missing, and how many are.
fn gone(head: &BTreeMap<String, usize>, new: &BTreeMap<String, usize>) -> Option<(String, usize)> {
    let missing = |(line, count): (&String, &usize)| {
        let n_gone = count.saturating_sub(new.get(line).copied().unwrap_or(0));
        (n_gone > 0).then(|| (line.clone(), n_gone))
    };
    let gone: Vec<(String, usize)> = head.iter().filter_map(missing).collect();
    let n_gone = gone.iter().map(|(_, count)| count).sum();
    gone.into_iter().next().map(|(line, _)| (line, n_gone))
}
