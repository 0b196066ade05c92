//! Evidence from what the failing code calls: a changed function that returned something else.

use std::collections::BTreeSet;

use super::evidence::{Family, Reason, Strength};
use super::sheet::{Piece, Sheet};
use super::stack::Spot;
use super::weights as w;

/// Only so many places are followed into what they call.
pub(super) const FOLLOWED: usize = 4;

/// A function that the spot's line, or its function before, calls was changed.
pub(super) fn callee(spots: &[Spot], links: &[bool], sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
    let place = piece.place(sheet.path());
    for ((step, spot), links) in (0_i32..).zip(spots.iter().take(FOLLOWED)).zip(links) {
        let resolves = || spot.is_in(sheet.path()) || *links;
        let fade = w::FADE.powi(step) * spot.certainty();
        // Of the functions on the stack the frames themselves have spoken.
        let is_own = |name: &String| spots.iter().any(|other| other.is_in(sheet.path()) && other.is_of(name));
        let called = |calls: &BTreeSet<String>| {
            piece.functions.iter().find(|name| calls.contains(*name) && !is_own(name)).cloned()
        };
        if let Some(function) = called(&spot.calls).filter(|_| resolves()) {
            let text = format!("{} calls `{function}`, which was changed at {place}", spot.name());
            if !piece.changes_result {
                return Some(Reason::new(Family::Stack, w::CALLEE * fade, text));
            }
            let strength = if step == 0 { Strength::Decides } else { Strength::Hints };
            let text = format!("{text}, in what it returns or raises");
            return Some(Reason { strength, ..Reason::new(Family::Stack, (w::CALLEE + w::RESULT) * fade, text) });
        }
        if let Some(function) = called(&spot.calls_before).filter(|_| resolves()) {
            let text =
                format!("the function of {} calls `{function}` before, which was changed at {place}", spot.name());
            // A test is short, and all that it calls is there to be tested.
            let points = if spot.is_test() { w::CALLEE } else { w::EARLIER_CALLEE };
            return Some(Reason::new(Family::Stack, points * fade, text));
        }
    }
    None
}

/// The failing test is by its name that of the hunk's file or function.
pub(super) fn own_test(spots: &[Spot], sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
    let test = spots.iter().take(FOLLOWED).find(|spot| spot.is_test())?;
    let subject = subject(test.path());
    let own = subject_words(sheet.path());
    let is_of_file = subject.len() > 2 && own.iter().any(|word| *word == subject);
    let tested = test.function_name().to_ascii_lowercase().replace('_', "");
    let function = piece.functions.iter().find(|name| {
        let bare = name.to_ascii_lowercase().replace('_', "");
        bare.len() > 4 && tested.contains(&bare)
    });
    let (points, text) = match (function, is_of_file) {
        (Some(function), true) => (w::OWN_TEST * 1.5, format!("by its name the test is that of `{function}`")),
        (Some(function), false) => (w::OWN_TEST, format!("by its name the test is that of `{function}`")),
        (None, true) => (w::OWN_TEST, format!("{} is by its name the test of {}", test.path(), sheet.path())),
        (None, false) => return None,
    };
    Some(Reason::new(Family::Stack, points, text))
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
