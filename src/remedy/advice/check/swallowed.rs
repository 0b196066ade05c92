//! Whether a draft hides an error instead of mending what causes it.
//!
//! Counts the ways to do so in code, before and after; what the deployed code or the code before it did is not held
//! against a draft. Tests have a check of their own.

use std::sync::LazyLock;

use regex::Regex;

use super::{Finding, Touched, code_of};
use crate::remedy::fix::Check;

/// What catches everything, drops an error, or silences a checker; each with what it is called.
static WAYS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let ways = [
        // Python, Ruby, and languages with braces.
        (
            r"(?m)\bexcept\s*:|\bexcept\b[\s(\w.,]*\b(?:Base)?Exception\b|\bcontextlib\.suppress\b|\bsuppress\s*\(",
            "catches everything",
        ),
        (r"\bexcept\b[^\n]*:\s*\n?\s*(?:pass|\.\.\.)\b", "drops what it catches"),
        (
            r"\bcatch\s*\([^)]*\b(?:Throwable|Exception|Error|RuntimeException)\b[^)]*\)|\bcatch\s*\(\s*\.\.\.\s*\)|\bcatch\s*\{",
            "catches everything",
        ),
        (r"\bcatch\b\s*(?:\([^)]*\))?\s*\{\s*\}", "drops what it catches"),
        (
            r"\.catch\s*\(\s*(?:\(?\s*\w*\s*\)?\s*=>\s*(?:\{\s*\}|null|undefined|\(\s*\)|false)|function\s*\(\w*\)\s*\{\s*\})",
            "drops what it catches",
        ),
        (r"\brescue\s+(?:nil|false|Exception|StandardError)\b|(?m)^\s*rescue\s*$|\brescue\s*=>", "catches everything"),
        (r"\brecover\s*\(\s*\)|\bcatch_unwind\b", "swallows a panic"),
        (
            r"(?m)^\s*_\s*(?:,\s*_\s*)*:?=\s*err\b|\blet\s+_\s*=\s*\w|^\s*\w+\s*,\s*_\s*:?=\s*[\w.]+\(|\.unwrap_or_default\(\)",
            "drops a result",
        ),
        (r"(?m)\|\|\s*(?:true|:)\s*(?:$|[;)}])|(?m)^\s*set\s+\+e\b", "takes a failure for success"),
        (r"\bOn\s+Error\s+Resume\s+Next\b|\berror_reporting\s*\(\s*0", "takes a failure for success"),
    ];
    ways.iter().filter_map(|(pattern, what)| Some((Regex::new(pattern).ok()?, *what))).collect()
});

/// What only PHP reads so; elsewhere it is an annotation.
static SILENT_CALL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)(?:^|[=\s(!])@\$?[\\\w]+(?:(?:->|::)\w+)*\(").ok());

/// What looks like a dropped result of Go, and is a length or another half of a number.
static NO_RESULT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*\w+\s*,\s*_\s*:?=\s*(?:utf8|utf16|unicode|bits|math)\.\w+\($").ok());

/// Comments and attributes by which a checker is told to be silent.
static SILENCED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x) \#\s*type:\s*ignore | \#\s*noqa\b | \#\s*pylint:\s*disable | \#\s*pragma:\s*no\s*cover | \#\s*nosec\b | \beslint-disable
         | @ts-(?:ignore|nocheck|expect-error) | \btslint:disable | //\s*nolint | \#!?\[allow\( | @SuppressWarnings | \brubocop:disable
         | \bistanbul\s+ignore | \bc8\s+ignore | \#pragma\s+warning\s+disable | @phpstan-ignore | \bNOLINT\b",
    )
    .ok()
});

/// Asks whether an error is hidden that was not.
pub(super) fn check(files: &[Touched<'_>]) -> Check {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.new.is_some()) {
        let code = |text: Option<&str>| text.map(|text| code_of(file.path, text)).unwrap_or_default();
        let (head, base, new) = (code(file.head), code(file.base), code(file.new));
        for (way, what) in WAYS.iter() {
            let is_harmless = |found: &str| NO_RESULT.as_ref().is_some_and(|pattern| pattern.is_match(found));
            let count = |text: &str| way.find_iter(text).filter(|found| !is_harmless(found.as_str())).count();
            if count(&new) > count(&head).max(count(&base)) {
                found.push(Finding::new(file, *what));
            }
        }
        let count = |text: &str| SILENT_CALL.as_ref().map_or(1, |pattern| pattern.find_iter(text).count());
        if file.path.ends_with(".php") && count(&new) > count(&head).max(count(&base)) {
            found.push(Finding::new(file, "takes a failure for success"));
        }
        let count = |text: Option<&str>| {
            SILENCED.as_ref().map_or(0, |pattern| pattern.find_iter(text.unwrap_or_default()).count())
        };
        if count(file.new) > count(file.head).max(count(file.base)) {
            found.push(Finding::new(file, "tells a checker to be silent"));
        }
    }
    super::check("no error swallowed", &found, "It catches and drops nothing that its files did not.")
}
