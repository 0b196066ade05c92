//! Whether a draft leaves the tests as strict as they are.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::{Finding, Touched};
use crate::remedy::fix::Check;
use crate::triage::Class;

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
    let head = tests_of(file, file.head);
    if head.is_empty() {
        return Vec::new();
    }
    if file.new.is_none() {
        return vec![Finding::new(file, "is a test and is deleted")];
    }
    let new = tests_of(file, file.new);
    let mut found = Vec::new();
    let count = |pattern: &LazyLock<Option<Regex>>, text: &str| matches(pattern, text);
    if count(&TESTS, new) < count(&TESTS, head) {
        found.push(Finding::new(file, "has fewer tests"));
    }
    if count(&SKIPS, new) > count(&SKIPS, head) {
        found.push(Finding::new(file, "takes tests out of the run"));
    }
    let gone = gone(&assertions(head), &assertions(new));
    if let Some((assertion, n_gone)) = gone {
        let shown: String = assertion.chars().take(80).collect();
        found.push(Finding::new(file, format!("drops or changes {n_gone} assertions, as {shown:?}")));
    }
    found
}

/// The part of a file that is tests: all of a test's file, and of others what comes behind their mark.
fn tests_of<'t>(file: &Touched<'t>, text: Option<&'t str>) -> &'t str {
    let text = text.unwrap_or_default();
    if file.class == Class::Test {
        return text;
    }
    ["#[cfg(test)]", "#[test]", "if __name__ == \"__main__\":\n    unittest"]
        .iter()
        .filter_map(|mark| text.find(mark))
        .min()
        .and_then(|at| text.get(at..))
        .unwrap_or_default()
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
