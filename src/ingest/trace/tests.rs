use proptest::prelude::*;

use super::*;
use crate::ingest::signature;

/// Traces as runtimes print them, and what is read from them.
const TRACES: &str = include_str!("../../../tests/data/signatures/traces.txt");

/// A case of the file: its title, the text, what is read, the template of its signature.
struct Case {
    title: &'static str,
    text: &'static str,
    reads: &'static str,
    template: &'static str,
}

fn cases() -> Vec<Case> {
    let cases = TRACES.split("-- trace: ").skip(1).map(|case| {
        let (title, rest) = case.split_once(" --\n").unwrap();
        let (text, rest) = rest.split_once("\n-- reads --\n").unwrap();
        let (reads, template) = rest.split_once("\n-- signature --\n").unwrap_or((rest, ""));
        Case { title, text, reads: reads.trim_end(), template: template.trim_end() }
    });
    cases.collect()
}

/// What a trace holds: a head line, then a line for each frame, the program's own with a star.
fn described(trace: &Trace) -> String {
    let Trace { language, exception, message, chain, frames } = trace;
    let mut text = format!("{language:?} | {exception} | {message} | {}", chain.join(" > "));
    for frame in frames {
        let own = if frame.in_app { "*" } else { " " };
        let module = frame.module.as_deref().unwrap_or("-");
        let file = frame.file.as_deref().unwrap_or("-");
        let source = frame.source.as_deref().unwrap_or("");
        let line = format!("  {own} {module} . {}  [{file}:{}] {source}", frame.function, frame.line.unwrap_or(0));
        text = format!("{text}\n{}", line.trim_end());
    }
    text
}

#[test]
fn every_trace_of_the_file_is_read_as_it_says() {
    let cases = cases();
    assert!(cases.len() >= 40);
    for Case { title, text, reads, template } in cases {
        let trace = parse(text);
        let actual = trace.as_ref().map_or("nothing".to_owned(), described);
        assert_eq!(actual, reads, "{title}");
        let shown = trace.as_ref().map(|trace| signature::of_trace(trace).template).unwrap_or_default();
        assert_eq!(shown, template, "{title}");
    }
}

#[test]
fn text_around_a_trace_changes_nothing() {
    for Case { title, text, .. } in cases() {
        let around = format!("2026-11-24 09:59:59 INFO ready\n\n{text}\n2026-11-24 10:00:09 INFO request done\nbye\n");
        let found = parse(&around);
        assert_eq!(found.as_ref().map(described), parse(text).as_ref().map(described), "{title}");
    }
}

#[test]
fn a_header_on_every_line_changes_nothing() {
    for header in ["web-1  | ", "2026-11-24T10:00:0@.123Z stderr F ", "    | ", "Nov 24 10:00:0@ host app[4141]: "] {
        for Case { title, text, .. } in cases() {
            let lines = text.lines().enumerate();
            let headed: Vec<String> = lines
                .map(|(index, line)| format!("{}{line}", header.replace('@', &(index % 10).to_string())))
                .collect();
            let found = parse(&headed.join("\n"));
            assert_eq!(found.as_ref().map(described), parse(text).as_ref().map(described), "{title} behind {header:?}");
        }
    }
}

#[test]
fn the_line_ends_of_windows_change_nothing() {
    for Case { title, text, .. } in cases() {
        assert_eq!(parse(&text.replace('\n', "\r\n")), parse(text), "{title}");
    }
}

#[test]
fn a_trace_cut_anywhere_gives_what_is_there() {
    for Case { title, text, .. } in cases() {
        let has_trace = parse(text).is_some();
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let Some(part) = text.get(..end).and_then(parse) else { continue };
            assert!(has_trace && part.frames.len() <= text.lines().count(), "{title} cut at {end}");
            let files = part.frames.iter().filter_map(|frame| frame.file.as_deref());
            files.for_each(|file| assert!(text.contains(file), "{title} cut at {end} names {file:?}"));
            assert!(!part.chain.is_empty() && part.chain.last() == Some(&part.exception), "{title} cut at {end}");
        }
    }
}

#[test]
fn many_frames_are_read_in_linear_time() {
    for (head, frame) in [
        ("Traceback (most recent call last):", "  File \"/a.py\", line 1, in f\n    x()"),
        ("java.lang.Error: x", "\tat com.acme.A.b(A.java:1)\nCaused by: a.B: c"),
        ("Error: x", "    at f (/a.js:1:1)\n  [cause]: Error: y"),
        ("goroutine 1 [running]:", "main.f()\n\t/a.go:1 +0x1"),
        ("thread 'main' panicked at a.rs:1:1:", "  1: a::b\n     at a.rs:1:1"),
        ("A.B: c", "   at A.B.c() in a.cs:line 1\n ---> A.B: d"),
        ("a.rb:1:in 'f': x (E)", "\tfrom a.rb:1:in 'f'"),
        ("PHP Fatal error:  Uncaught E: x in a.php:1", "#0 a.php(1): f()\nNext E: x in a.php:1"),
        ("x", "Caused by: "),
        ("Error: a", " File \"at panicked at :in '(#1 goroutine 1 [\tat a@b:1:1 Traceback (most recent call last)"),
    ] {
        let text = format!("{head}\n{}", format!("{frame}\n").repeat(20_000));
        if let Some(trace) = parse(&text) {
            assert!(signature::of_trace(&trace).template.len() <= signature::TEMPLATE_BYTES);
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        if let Some(trace) = parse(&text) {
            prop_assert_eq!(trace.chain.last(), Some(&trace.exception));
        }
    }

    #[test]
    fn a_mangled_trace_is_read_without_panic(
        case in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[ \\t\\n:.()'`\"#@$<>{}\\[\\]a0é]{0,3}"), 1..8),
    ) {
        let cases = cases();
        let mut text: Vec<char> = case.get(&cases).text.chars().collect();
        for (at, new) in edits {
            let at = at.index(text.len());
            text.splice(at..(at + 2).min(text.len()), new.chars());
            prop_assume!(!text.is_empty());
        }
        let text: String = text.into_iter().collect();
        if let Some(trace) = parse(&text) {
            prop_assert!(signature::of_trace(&trace).template.len() <= signature::TEMPLATE_BYTES);
            prop_assert_eq!(trace.chain.last(), Some(&trace.exception));
        }
    }
}

/// What a compiler numbered is no class: the number of `Script__12` may be another after the next build.
#[test]
fn a_class_that_a_compiler_numbered_has_the_signature_of_any_other_number() {
    let of = |class: &str| {
        let text = format!(
            "java.lang.Exception: bad\n\tat {class}.run(Script.groovy:1)\n\tat com.acme.Main.main(Main.java:2)"
        );
        signature::of_trace(&parse(&text).unwrap())
    };
    assert_eq!(of("com.acme.Script__12"), of("com.acme.Script__34"));
    assert_ne!(of("com.acme.Script"), of("com.acme.Other"));
}
