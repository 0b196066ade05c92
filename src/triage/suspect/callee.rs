//! Evidence from what the failing code calls: a changed function that returned something else.

use std::collections::BTreeSet;

use super::clue::is_common;
use super::evidence::{Family, Reason, Strength};
use super::owner::owners;
use super::sheet::{Piece, Sheet, Spread, given_name};
use super::stack::Spot;
use super::trial::parts;
use super::weights as w;
use crate::triage::import::refers;

/// Only so many places are followed into what they call.
pub(super) const FOLLOWED: usize = 4;
/// The most failing tests whose names are compared.
const TESTS: usize = 12;
/// The tests of a file from which on it tells something that most of them bear one name.
const USUAL_TESTS: usize = 5;

/// A function that the spot's line, or its function before, calls was changed.
pub(super) fn callee(spots: &[Spot], links: &[bool], sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
    let place = piece.place(sheet.path());
    for ((step, spot), links) in (0_i32..).zip(spots.iter().take(FOLLOWED)).zip(links) {
        // What tests call, `trial` weighs.
        if spot.is_test() {
            continue;
        }
        let resolves = || spot.is_in(sheet.path()) || *links;
        let fade = w::FADE.powi(step) * spot.certainty();
        // Of the functions on the stack the frames themselves have spoken.
        let is_own = |name: &String| spots.iter().any(|other| other.is_in(sheet.path()) && other.is_of(name));
        let is_told = |name: &String| spot.is_in(sheet.path()) || !is_everywhere(name);
        let called = |calls: &BTreeSet<String>| {
            piece.functions.iter().find(|name| calls.contains(*name) && !is_own(name) && is_told(name)).cloned()
        };
        // What the line calls, and what gave it a value before, is one step away from it.
        let by_line = called(&spot.calls);
        let is_source = by_line.is_none();
        let direct = by_line.or_else(|| called(&spot.sources));
        if let Some(function) = direct.filter(|_| resolves()) {
            // Several functions of one name: only one of them was called.
            let n_same = sheet.scopes_after.n_named(&function).max(1);
            let fade = fade / (n_same as f64).sqrt();
            let text = format!("{} calls `{function}`, which was changed at {place}", spot.name());
            let is_resolved = spot.is_in(sheet.path())
                || spot.text.as_deref().is_some_and(|text| refers(text, sheet.path(), &function));
            // A value that only went through the functions between comes straight from there.
            let inner = usize::try_from(step).unwrap_or(usize::MAX);
            let is_handed = is_source && spots.iter().take(inner).all(|spot| spot.is_handed);
            let strength = match (n_same == 1 && is_resolved, step) {
                (true, 0) => Strength::Decides,
                (true, 1) => Strength::Leads,
                (true, 2 | 3) if is_handed => Strength::Leads,
                _ => Strength::Hints,
            };
            let (points, text) = if piece.changes_result {
                (w::CALLEE + w::RESULT, format!("{text}, in what it returns or raises"))
            } else {
                (w::CALLEE, text)
            };
            return Some(Reason { strength, ..Reason::new(Family::Stack, points * fade, text) });
        }
        if let Some(function) = called(&spot.calls_before).filter(|_| resolves()) {
            let text =
                format!("the function of {} calls `{function}` before, which was changed at {place}", spot.name());
            return Some(Reason::new(Family::Stack, w::EARLIER_CALLEE * fade, text));
        }
    }
    None
}

/// The failing line, or what was tested before it, looks into a table that was changed: `timeframes` of
/// `self.timeframes[name]`.
pub(super) fn table(spots: &[Spot], links: &[bool], sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
    let places = (0_i32..).zip(spots.iter().take(FOLLOWED)).zip(links);
    places.filter(|((_, spot), _)| !spot.is_test()).find_map(|((step, spot), links)| {
        let is_read = |name: &&String| spot.depends.contains(*name) && !is_common(name) && !is_everywhere(name);
        let name = piece.tables.iter().find(is_read)?;
        if !spot.is_in(sheet.path()) && !links {
            return None;
        }
        // Several classes may have a table of that name: only one of them was looked into.
        let is_outside = |line: &u32| !sheet.scopes_after.at(*line).is_some_and(|scope| scope.is_function);
        let is_same = |line: &u32| given_name(sheet.after.line(*line)) == Some(name) && is_outside(line);
        let n_same = (1..=sheet.after.n_lines()).filter(is_same).count().max(1);
        let points = w::CALLEE * w::FADE.powi(step) * spot.certainty() / (n_same as f64).sqrt();
        let strength = match (step == 0 && n_same == 1, spot.raises) {
            (true, true) => Strength::Decides,
            (true, false) => Strength::Leads,
            (false, _) => Strength::Hints,
        };
        let text = format!("{} looks into `{name}`, which was changed at {}", spot.name(), piece.place(sheet.path()));
        Some(Reason { strength, ..Reason::new(Family::Stack, points, text) })
    })
}

/// Methods that types of all kinds have.
const METHODS: &[&str] = &[
    "get",
    "set",
    "dump",
    "dumps",
    "add",
    "update",
    "pop",
    "remove",
    "append",
    "extend",
    "insert",
    "items",
    "keys",
    "values",
    "join",
    "split",
    "strip",
    "format",
    "replace",
    "find",
    "index",
    "count",
    "copy",
    "clear",
    "close",
    "open",
    "read",
    "write",
    "send",
    "run",
    "start",
    "stop",
    "next",
    "map",
    "filter",
    "reduce",
    "push",
    "slice",
    "forEach",
    "call",
    "apply",
    "bind",
    "toString",
    "equals",
    "hashCode",
    "new",
    "init",
    "initialize",
    "constructor",
    "main",
    "test",
    "put",
    "delete",
    "save",
    "load",
    "execute",
    "parse",
    "invoke",
    "build",
    "render",
    "from",
    "into",
    "fmt",
    "clone",
    "default",
    "Error",
    "String",
    "Close",
    "Read",
    "Write",
    "Get",
    "Set",
    "Run",
    "Dispose",
    "ToString",
    "Equals",
];

/// Whether types of all kinds have a method of this name, so that a call does not tell whose it is.
pub(super) fn is_everywhere(name: &str) -> bool {
    // `Parse` of Go is `parse` of the others.
    let mut letters = name.chars();
    let lower: String = letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect();
    name.starts_with("__") || METHODS.contains(&name) || METHODS.contains(&lower.as_str())
}

/// A failing test is by its name that of the hunk's file or function.
pub(super) fn own_test(spots: &[Spot], spread: &Spread<'_>, sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
    let tests = || spots.iter().filter(|spot| spot.is_test()).take(TESTS);
    // What several tests share to check things is by its name the test of nothing.
    let has_proper = tests().any(is_proper);
    let tests = tests().filter(|spot| !has_proper || is_proper(spot));
    tests
        .filter_map(|failed| owned(failed, spread, sheet, piece))
        .max_by(|a, b| a.points.total_cmp(&b.points).then_with(|| b.text.cmp(&a.text)))
}

/// Whether a place lies in a function that is by its name a test, and not in what tests call.
fn is_proper(spot: &Spot) -> bool {
    let name = spot.function_name();
    ["test", "Test", "it_", "should", "spec"].iter().any(|start| name.starts_with(start))
}

fn owned(failed: &Spot, spread: &Spread<'_>, sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
    let subject = subject(failed.path());
    let names = subject_words(sheet.path());
    // `Expression/ArrayTest` is the test of `Expression/ArrayExpression`.
    let folder = failed.path().rsplit('/').nth(1).unwrap_or_default().to_ascii_lowercase();
    let in_folder = format!("{subject}{folder}");
    let is_named =
        subject.len() > 2 && (names.contains(&subject) || names.first().is_some_and(|own| *own == in_folder));
    let is_of_package = is_of_package(failed, &subject);
    let is_of_file =
        failed.is_in(sheet.path()) || !is_of_package && (is_named || is_beside(failed.path(), sheet.path(), &subject));
    let tested = parts(failed.function_name());
    let function = piece.functions.iter().find(|name| {
        let bare = parts(name).concat();
        bare.len() > 4
            && !is_common(&bare)
            && says(&tested, &bare)
            && (is_of_file || !is_usual(failed, &bare))
            && !spread.is_shared(name)
            && !sheet.is_class(name)
            && owners(sheet, name).len() < 2
    });
    let is_covered = covers(failed, &tested, sheet, piece, spread);
    let (points, text) = match (function, is_of_file) {
        (None, _) if is_covered.is_some_and(|factor| factor > 1.0 || !is_of_file) => {
            let said = tested.join(" ");
            let points = w::OWN_TEST * is_covered.unwrap_or(0.0);
            (points, format!("by its name the test is about `{said}`, as {} is", piece.place(sheet.path())))
        }
        (Some(function), true) => (w::OWN_TEST * 1.5, format!("by its name the test is that of `{function}`")),
        (Some(function), false) => (w::OWN_TEST, format!("by its name the test is that of `{function}`")),
        (None, true) => (w::OWN_TEST, format!("{} is by its name the test of {}", failed.path(), sheet.path())),
        (None, false) if is_of_package && folder_of(failed.path()) == folder_of(sheet.path()) => {
            (w::PACKAGE_TEST, format!("{} tests the package of {}", failed.path(), sheet.path()))
        }
        (None, false) => return None,
    };
    Some(Reason::new(Family::Custom, points, text))
}

/// How well all that a test's name says, `table` of `TestTable`, is in what a hunk is called: the file `block_table.go`
/// or its function `tableRow`. `None` where it is not, or where too many tests say so.
fn covers(failed: &Spot, tested: &[String], sheet: &Sheet<'_>, piece: &Piece<'_>, spread: &Spread<'_>) -> Option<f64> {
    let said = tested.concat();
    if said.len() < 4 || is_common(&said) || is_everywhere(&said) || is_usual(failed, &said) {
        return None;
    }
    let holds = |name: &str| {
        let parts = parts(name);
        parts.len() <= tested.len() + 2 && tested.iter().all(|word| parts.contains(word))
    };
    let stem = sheet.path().rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
    let of_function = piece.functions.iter().any(|name| holds(name) && !spread.is_shared(name));
    match (holds(stem), of_function) {
        (true, true) => Some(1.2),
        (true, false) => Some(0.8),
        (false, true) => Some(0.6),
        (false, false) => None,
    }
}

/// Whether most tests of the file are called after the same thing, as they are after what a whole package is for:
/// then that name tells none of them.
fn is_usual(failed: &Spot, name: &str) -> bool {
    let titles = failed.text.iter().flat_map(|text| text.lines()).filter_map(test_name);
    let (mut n_tests, mut n_saying) = (0, 0);
    for title in titles {
        n_tests += 1;
        n_saying += usize::from(says(&parts(title), name));
    }
    n_tests >= USUAL_TESTS && 2 * n_saying > n_tests
}

/// The name of the test function that a line begins.
fn test_name(line: &str) -> Option<&str> {
    let bare = line.trim_start();
    let bare = ["public ", "void ", "async "].iter().fold(bare, |bare, word| bare.strip_prefix(word).unwrap_or(bare));
    let named = ["func ", "def ", "fn ", "function "].iter().find_map(|word| bare.strip_prefix(word)).unwrap_or(bare);
    let name = named.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()?;
    let is_test = ["Test", "test"].iter().any(|start| name.starts_with(start)) && name.len() > "test_".len();
    is_test.then_some(name)
}

/// Whether a test of a short name, `ip_test.go`, stands in the folder of the file of that name.
fn is_beside(test: &str, path: &str, subject: &str) -> bool {
    let stem = path.rsplit('/').next().and_then(|name| name.split('.').next());
    subject.len() == 2 && folder_of(test) == folder_of(path) && stem == Some(subject)
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a test file bears the name of its whole package, as `mux_test.go` of `package mux` does: then it tests
/// all of it, and the file of that name no more than the others.
fn is_of_package(failed: &Spot, subject: &str) -> bool {
    let mut lines = failed.text.iter().filter(|_| failed.path().ends_with(".go")).flat_map(|text| text.lines());
    let package = lines.find_map(|line| line.strip_prefix("package ")).map(str::trim);
    package.is_some_and(|package| package.strip_suffix("_test").unwrap_or(package) == subject)
}

/// Whether neighboring words of a name make up the other name.
fn says(words: &[String], name: &str) -> bool {
    (0..words.len()).any(|from| {
        let rest = words.get(from..).unwrap_or_default();
        (1..=rest.len()).any(|n_words| rest.get(..n_words).is_some_and(|words| words.concat() == name))
    })
}

/// What a test file is about, by its name: `test_orders.py`, `OrdersTest.java`, `orders.spec.ts`.
fn subject(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    let stem = ["test_", "Test"].iter().find_map(|start| stem.strip_prefix(start)).unwrap_or(stem);
    let ends = ["_test", "_tests", "_spec", "Tests", "Test", "TestCase", "Spec", "-test"];
    let stem = ends.iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    stem.to_ascii_lowercase().replace(['_', '-'], "")
}

/// The names that a source file goes by: its own, and its folder's for a package's main file.
fn subject_words(path: &str) -> Vec<String> {
    let plain = |part: &str| part.to_ascii_lowercase().replace(['_', '-'], "");
    let mut parts = path.rsplit('/');
    let stem = parts.next().unwrap_or(path).split('.').next().unwrap_or_default();
    let folder = parts.next().unwrap_or_default();
    match stem {
        "__init__" | "index" | "mod" | "lib" | "main" => vec![plain(folder)],
        _ => vec![plain(stem), plain(&format!("{folder}{stem}"))],
    }
}
