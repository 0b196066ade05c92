use proptest::prelude::*;

use super::lend_clock;
use crate::triage::scope::Scopes;
use crate::triage::syntax::Source;
use crate::triage::{Hunk, HunkId};

/// A file of each language.
const FILES: [&str; 10] = ["a.cs", "a.go", "A.java", "a.js", "a.php", "a.py", "a.rb", "a.rs", "a.ts", "a.tsx"];

/// Reads a text in every way that there is.
fn read(path: &str, text: &str) -> (bool, usize) {
    let source = Source::read(path, text);
    let scopes = Scopes::of(&source);
    let exact = source.exact();
    assert_eq!(exact.is_some(), source.parsed().is_some());
    (exact.is_some(), scopes.iter().count())
}

#[test]
fn real_source_is_read() {
    let cases = [
        ("a.cs", "class A { int F() { return 1; } }\n"),
        ("a.go", "package a\n\nfunc F() int { return 1 }\n"),
        ("A.java", "class A { int f() { return 1; } }\n"),
        ("a.js", "function f() { return 1; }\n"),
        ("a.php", "<?php\nfunction f() { return 1; }\n"),
        ("a.py", "def f():\n    return 1\n"),
        ("a.rb", "def f\n  1\nend\n"),
        ("a.rs", "fn f() -> u8 { 1 }\n"),
        ("a.ts", "function f(): number { return 1; }\n"),
        ("a.tsx", "const f = () => <p>don't</p>;\n"),
        ("Rakefile", "task :a do\n  1\nend\n"),
    ];
    for (path, text) in cases {
        let source = Source::read(path, text);
        assert!(source.parsed().is_some_and(|parsed| parsed.errors().is_empty()), "{path}");
    }
    assert!(Source::read("tool", "#!/usr/bin/env python3\nx = 1\n").parsed().is_some());
    assert!(Source::read("a.kt", "fun f() = 1\n").parsed().is_none());
}

#[test]
fn an_error_is_told_by_its_lines_and_much_of_it_is_left_to_the_lexer() {
    let text = "def f():\n    return 1\n\n\n".repeat(20) + "def g(:\n    return 2\n";
    let source = Source::read("a.py", &text);
    let parsed = source.parsed().unwrap();
    assert!(!parsed.errors().is_empty());
    assert!(parsed.is_unsure(81, 81) && !parsed.is_unsure(1, 79));
    assert!(Source::read("a.py", "an error ( of ] words, and { no source; at all\n").parsed().is_none());
}

/// However deep, long or foreign: every text is read. Without the brake the last ones take minutes.
#[test]
fn hostile_texts_are_read() {
    lend_clock(crate::shell::clock::thread_time);
    let texts = [
        "[{(".repeat(35_000),
        "<?php ".to_owned() + &"{".repeat(100_000),
        "class a {".repeat(20_000),
        (0..600).map(|n| " ".repeat(n) + "if x:\n").collect(),
        "a".repeat(1 << 20),
        "x = ".to_owned() + &"1 + ".repeat(125_000) + "1",
        "`${\"".repeat(40_000),
        "<<A\n".repeat(20_000),
        "\u{0}\u{1}\u{feff}\u{202e}".repeat(10_000),
        "end end ) ] } ; Lorem ipsum, dolor sit: amet?\n".repeat(3_000),
        "a<b<c".repeat(30_000),
        "*)".repeat(50_000),
        "->".repeat(50_000),
        "a<b<c".repeat(300),
        "in =>\nas ".repeat(1_000),
    ];
    for path in FILES {
        for text in &texts {
            read(path, text);
        }
    }
}

/// What a reading tells.
fn told(source: &Source<'_>) -> [String; 3] {
    let scopes = Scopes::of(source);
    let names = format!("{:?}", scopes.iter().collect::<Vec<_>>());
    [format!("{:?}", source.parsed().map(|parsed| parsed.errors())), format!("{:?}", source.exact()), names]
}

const LINES: &str =
    "(class A:|def f\\(x\\):|    return 1|    def g\\(self\\): pass|x = \\(1,|2\\)|\"\"\"|if x:|    y = 'a'|# c|)";

proptest! {
    /// What is taken over from another version of a text is what a reading from the start gives.
    #[test]
    fn a_text_read_beside_another_is_read_the_same(
        lines in prop::collection::vec(LINES, 0..20), new in prop::collection::vec(LINES, 0..4), at in 0..20_usize, n_removed in 0..4_usize, closed: bool,
    ) {
        let at = at.min(lines.len());
        let n_removed = n_removed.min(lines.len() - at);
        let mut other = lines.clone();
        let removed: Vec<String> = other.splice(at..at + n_removed, new.clone()).collect();
        let text = |lines: &[String]| lines.join("\n") + if closed { "\n" } else { "" };
        let (before, after) = (text(&lines), text(&other));
        let start = |lines: &[String]| u32::try_from(at).unwrap() + u32::from(!lines.is_empty());
        let hunk = Hunk { id: HunkId(0), old_start: start(&removed), new_start: start(&new), removed, added: new };
        let (source, beside, after) = (Source::read("a.py", &before), Source::read("a.py", &before), Source::read("a.py", &after));
        beside.parse_beside(&after, &[hunk]);
        prop_assert_eq!(told(&beside), told(&source));
    }

    /// Any text, in any language, is read without harm, and twice in the same way.
    #[test]
    fn any_text_is_read(pieces in prop::collection::vec("(?s)(def |class |fn |<\\?php |<<~A\n|if |\\{|\\}|\\(|\\)|\\[|\\]|'|\"|`|\\$|\n|    |#|//|/\\*|\\*/|=>|=|<|>|;|:|,|\\.|@|%w|x|1|é|.)", 0..60), path in prop::sample::select(&FILES[..])) {
        let text = pieces.concat();
        prop_assert_eq!(read(path, &text), read(path, &text));
    }
}
