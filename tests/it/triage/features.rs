//! Holds every piece of evidence to a case that it alone decides, and to one where it must not fire.
//!
//! A case says `expect: decides NAME` or `expect: without NAME`; a piece of evidence is known by its sentence.

use aftercare::triage::{Suspect, Verdict};

use super::all_cases;

/// The pieces of evidence: a name, and what only its sentence holds.
const FEATURES: &[(&str, &[&str])] = &[
    ("line", &["that line was changed by"]),
    ("gap", &["that line lost lines by"]),
    ("source", &["the source line that the trace shows was added"]),
    ("function", &[" is in `", " away"]),
    ("shared", &["which the failing line uses"]),
    ("file", &["is in the changed file"]),
    ("callee", &[" calls `", ", which was changed at", "!before", "!test calls"]),
    ("earlier-callee", &[" calls `", "` before, which was changed"]),
    ("table", &[" looks into `"]),
    ("import", &[" imports ", "!test imports"]),
    ("removed-name", &["of the message was removed at"]),
    ("name", &["of the message is in the change", "!word "]),
    ("word", &["word `", "of the message is in the change"]),
    ("input", &["of the input that the error shows is no more accepted"]),
    ("input-new", &["of the input that the error shows is new"]),
    ("inherited", &["lost its own `"]),
    ("made", &["of which what the failing line uses is made"]),
    ("check-gone", &["takes away a test that kept"]),
    ("way-exit", &["takes away what left the function before"]),
    ("way-branch", &["takes away a branch that was taken in place of"]),
    ("way-condition", &["changes the condition under which it comes to"]),
    ("setting", &["the setting `", "!governs"]),
    ("route", &["the route `"]),
    ("schema", &["the table or column `"]),
    ("migration", &["the migration at"]),
    ("gone-file", &["of the message is ", ", which was "]),
    ("message", &["the text of the message was added"]),
    ("written", &["the text of the message, written at"]),
    ("raised", &["is raised by what was added"]),
    ("uncaught", &["is no longer caught"]),
    ("bump", &["the package `", "which is on the stack"]),
    ("target", &["`, which failed, is named"]),
    ("governed", &["a setting that governs"]),
    ("own-test", &["by its name the test"]),
    ("package-test", &["tests the package of"]),
    ("test-call", &["failing test calls `"]),
    ("test-inner-call", &["failing test leads to `"]),
    ("test-words", &["failing test and the change"]),
    ("test-title", &["failing test is by its title"]),
    ("test-import", &["failing test imports"]),
    ("test-value", &["in which expected and actual differ"]),
    ("test-pattern", &["the pattern changed at"]),
    ("test-file", &["failing test speaks of"]),
    ("standing", &["one of the few changes that run"]),
    ("old-code", &["the old version wrote it"]),
];

/// What comes along with a piece of evidence by its nature: whoever reads a line that was added reads a changed line.
const COMPANIONS: &[(&str, &[&str])] = &[
    ("source", &["line"]),
    ("shared", &["function"]),
    ("made", &["function"]),
    ("check-gone", &["function", "gap", "made", "way-exit"]),
    ("gap", &["way-exit"]),
    ("way-exit", &["function"]),
    ("way-branch", &["function"]),
    ("way-condition", &["function"]),
    ("written", &["line", "function", "way-condition"]),
    ("message", &["written", "line", "word"]),
    ("table", &["file"]),
    ("uncaught", &["function"]),
    ("old-code", &["line", "name"]),
    ("package-test", &["test-import"]),
    ("test-call", &["test-words", "test-import"]),
    ("test-inner-call", &["test-import"]),
    ("test-words", &["test-import"]),
    ("test-title", &["test-import"]),
];

fn is_of(sentence: &str, marks: &[&str]) -> bool {
    let sentence = sentence.to_lowercase();
    marks.iter().all(|mark| match mark.strip_prefix('!') {
        Some(mark) => !sentence.contains(mark),
        None => sentence.contains(mark),
    })
}

fn marks(name: &str) -> &'static [&'static str] {
    FEATURES.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no evidence is called {name}")).1
}

/// The names of the evidence for and against a suspect.
fn of(suspect: &Suspect) -> Vec<&'static str> {
    let all = suspect.reasons.iter().chain(&suspect.against);
    all.flat_map(|sentence| FEATURES.iter().filter(|(_, marks)| is_of(sentence, marks)).map(|(name, _)| *name))
        .collect()
}

/// Whether the evidence makes the difference: the first suspect has it, no other has, and all else that
/// is said of the first is said of the second too, or comes along with it.
pub fn decides(verdict: &Verdict, name: &str) -> bool {
    let marks = marks(name);
    let has = |suspect: &Suspect| suspect.reasons.iter().chain(&suspect.against).any(|said| is_of(said, marks));
    let [first, others @ ..] = verdict.suspects.as_slice() else { return false };
    let second = others.first().map(of).unwrap_or_default();
    let companions = COMPANIONS.iter().find(|(known, _)| *known == name).map_or::<&[&str], _>(&[], |(_, along)| along);
    let is_shared = |other: &&str| *other == name || second.contains(other) || companions.contains(other);
    has(first) && !others.iter().any(has) && of(first).iter().all(is_shared)
}

/// Whether the evidence is held for or against some suspect.
pub fn fires(verdict: &Verdict, name: &str) -> bool {
    let marks = marks(name);
    verdict
        .suspects
        .iter()
        .flat_map(|suspect| suspect.reasons.iter().chain(&suspect.against))
        .any(|said| is_of(said, marks))
}

#[test]
fn every_piece_of_evidence_has_a_case_that_it_alone_decides_and_one_where_it_must_not_fire() {
    let cases = all_cases();
    let count = |expected: &str| cases.iter().filter(|case| case.expected.iter().any(|own| own == expected)).count();
    let missing: Vec<String> = FEATURES
        .iter()
        .flat_map(|(name, _)| [format!("decides {name}"), format!("without {name}")])
        .filter(|expected| count(expected) == 0)
        .collect();
    assert!(missing.is_empty(), "no case says: {missing:#?}");
}

/// No sentence of a verdict is of a piece of evidence that the table does not know.
#[test]
fn the_table_knows_every_sentence_for_a_suspect() {
    for case in all_cases() {
        for suspect in super::judged(&case).suspects {
            for said in &suspect.reasons {
                let is_known = FEATURES.iter().any(|(_, marks)| is_of(said, marks));
                assert!(is_known, "{}: {said}", case.name);
            }
        }
    }
}
