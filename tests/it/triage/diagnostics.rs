//! Reads what real tools printed.
//!
//! The cases are the files of `tests/data/diagnostics/`. A case starts with `===` and its name; then
//! come the output, each line behind a `|` and with `␛` for the escape character, and what was
//! read, each diagnostic behind a `>`: tool, place, rule, test, message and signature. `BLESS=1` rewrites the latter.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use aftercare::triage::diagnostics::{Diagnostic, read};
use proptest::prelude::*;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/diagnostics")
}

fn shown(diagnostic: &Diagnostic) -> String {
    let place = diagnostic.place().map_or_else(String::new, |place| match diagnostic.column {
        Some(column) => format!("{place}:{column}"),
        None => place,
    });
    let or_none = |text: &Option<String>| text.clone().unwrap_or_default();
    format!(
        "> {} | {place} | {} | {} | {} | {}",
        diagnostic.tool.word(),
        or_none(&diagnostic.rule),
        or_none(&diagnostic.test),
        diagnostic.message,
        diagnostic.signature().id
    )
}

/// The output of a case: its lines behind `|`.
fn output(case: &str) -> String {
    case.lines().filter_map(|line| line.strip_prefix('|')).fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{}", line.replace('␛', "\u{1b}"));
        text
    })
}

fn files() -> Vec<(std::path::PathBuf, String)> {
    let mut files: Vec<_> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn what_tools_print_is_read() {
    let is_blessing = std::env::var_os("BLESS").is_some();
    let mut n_cases = 0;
    for (path, text) in files() {
        let mut cases = text.split("\n=== ");
        let mut wanted = cases.next().unwrap().to_owned();
        for case in cases {
            n_cases += 1;
            let input: Vec<&str> = case.lines().filter(|line| !line.starts_with('>')).collect();
            let found = read(&output(case)).iter().map(shown).collect::<Vec<_>>().join("\n");
            let body = input.join("\n");
            let _ = write!(wanted, "\n=== {}\n{found}\n", body.trim_end());
        }
        if is_blessing {
            fs::write(&path, &wanted).unwrap();
            continue;
        }
        let differs = wanted.lines().zip(text.lines()).find(|(new, old)| new != old);
        assert!(wanted == text, "{}: {differs:#?}", path.display());
    }
    assert!(n_cases >= 40, "{n_cases} cases");
}

#[test]
fn colors_change_nothing() {
    let mut n_pairs = 0;
    for (_, text) in files() {
        let cases: Vec<&str> = text.split("\n=== ").skip(1).collect();
        for case in &cases {
            let name = case.lines().next().unwrap();
            let Some(plain) = name.strip_suffix(", in color") else { continue };
            let Some(other) = cases.iter().find(|case| case.lines().next() == Some(plain)) else { continue };
            n_pairs += 1;
            let of = |case: &str| {
                let read = read(&output(case)).into_iter();
                let mut read: Vec<_> = read.map(|found| (found.place(), found.signature().id)).collect();
                // Tests that run side by side end in any order.
                read.sort();
                read
            };
            assert_eq!(of(case), of(other), "{name}");
        }
    }
    assert!(n_pairs >= 8, "{n_pairs} pairs");
}

proptest! {
    #[test]
    fn no_text_is_too_much(lines in prop::collection::vec(prop_oneof![
        Just("error[E0425]: x".to_owned()), Just("  --> a.rs:1:2".to_owned()), Just("____ t ____".to_owned()),
        Just("E   boom".to_owned()), Just("  ● a".to_owned()), Just(" FAIL  a.ts > b".to_owned()),
        Just("  1) Failure:".to_owned()), Just("<testsuite><testcase name='a'><failure message='".to_owned()),
        Just("</testsuite>".to_owned()), Just("Traceback (most recent call last):".to_owned()),
        Just("  File \"a.py\", line 3".to_owned()), Just("Dockerfile:3".to_owned()), Just("--------------------".to_owned()),
        Just("panic: boom [recovered]".to_owned()), Just("--- FAIL: TestX (0.00s)".to_owned()), "\\PC{0,40}", ".{0,20}"
    ], 0..40)) {
        for diagnostic in read(&lines.join("\n")) {
            let texts = [Some(&diagnostic.message), diagnostic.file.as_ref(), diagnostic.rule.as_ref(), diagnostic.test.as_ref()];
            prop_assert!(texts.into_iter().flatten().all(|text| !text.chars().any(char::is_control)));
            prop_assert!(diagnostic.text.chars().all(|c| c == '\n' || !c.is_control()));
        }
    }
}
