use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(path: &str, text: &str, expected: &[(Kind, &str)]) {
    let source = Source::read(path, text);
    let found: Vec<(Kind, &str)> = source.tokens.iter().map(|token| (token.kind, source.of(token))).collect();
    assert_eq!(found, expected);
}

use Kind::{Comment, Mark, Text, Word};

#[test]
fn comments_and_strings_are_told_apart() {
    check(
        "a.js",
        "a /* b */ \"// c\" // d",
        &[(Word, "a"), (Comment, "/* b */"), (Text, "\"// c\""), (Comment, "// d")],
    );
    check("a.py", "x = '#' # y", &[(Word, "x"), (Mark, "="), (Text, "'#'"), (Comment, "# y")]);
    check("a.sh", "echo $# # n", &[(Word, "echo"), (Mark, "$"), (Mark, "#"), (Comment, "# n")]);
    check("a.sql", "a -- b\n'it''s'", &[(Word, "a"), (Comment, "-- b"), (Text, "'it'"), (Text, "'s'")]);
    check(
        "a.rs",
        "&'a str; 'x'; r#\"a\"b\"#",
        &[
            (Mark, "&"),
            (Mark, "'"),
            (Word, "a"),
            (Word, "str"),
            (Mark, ";"),
            (Text, "'x'"),
            (Mark, ";"),
            (Text, "r#\"a\"b\"#"),
        ],
    );
    check("a.ts", "`a ${b} c` / d", &[(Text, "`a ${b} c`"), (Mark, "/"), (Word, "d")]);
    check("a.ts", "x = /[/\"]/", &[(Word, "x"), (Mark, "="), (Text, "/[/\"]/")]);
    check(
        "a.rb",
        "x <<~SQL\n  don't\nSQL\ny",
        &[
            (Word, "x"),
            (Mark, "<"),
            (Mark, "<"),
            (Mark, "~"),
            (Word, "SQL"),
            (Text, "  don't\n"),
            (Word, "SQL"),
            (Word, "y"),
        ],
    );
    check("a.yaml", "a: don't", &[(Word, "a"), (Mark, ":"), (Word, "don"), (Mark, "'"), (Word, "t")]);
}

#[test]
fn docstrings_are_comments_and_obeyed_comments_are_not() {
    check(
        "a.py",
        "def f():\n    \"\"\"Doc.\"\"\"\n",
        &[(Word, "def"), (Word, "f"), (Mark, "("), (Mark, ")"), (Mark, ":"), (Comment, "\"\"\"Doc.\"\"\"")],
    );
    check("a.py", "x = \"\"\"a\nb\"\"\"", &[(Word, "x"), (Mark, "="), (Text, "\"\"\"a\nb\"\"\"")]);
    check("a.go", "//go:build linux\n// other", &[(Text, "//go:build linux"), (Comment, "// other")]);
    check("a.py", "x = 1  # type: int", &[(Word, "x"), (Mark, "="), (Word, "1"), (Text, "# type: int")]);
    check("a.js", "// eslint-disable-next-line", &[(Text, "// eslint-disable-next-line")]);
    check("a.sh", "#!/bin/sh\n# x", &[(Text, "#!/bin/sh"), (Comment, "# x")]);
}

#[test]
fn a_start_is_cut_between_characters() {
    assert_eq!(start_of("aé", 2), "a");
    assert_eq!(start_of("aé", 3), "aé");
    assert_eq!(start_of("", 3), "");
}

#[test]
fn unclosed_strings_take_no_quadratic_time() {
    let hostile = "'\\".repeat(200_000) + &"\"x\\".repeat(100_000) + &"`${".repeat(100_000) + &"/*".repeat(50_000);
    let raw = "?r#\"".repeat(200_000);
    let percent = ")(%[".repeat(150_000);
    let texts = [&hostile, &raw, &percent].into_iter();
    for (path, text) in
        texts.flat_map(|text| ["a.js", "a.py", "a.rs", "a.sql", "a.rb", "a.go"].map(|path| (path, text)))
    {
        let source = Source::read(path, text);
        assert!(!source.tokens.is_empty());
    }
}

proptest! {
    /// Tokens come in order, do not overlap, and leave out nothing but white space.
    #[test]
    fn tokens_cover_the_text(text in "(?s)[ a-z0-9'\"`/*#\\\\\n{}()<$-]{0,120}|(?s).{0,80}", extension in "py|js|go|rs|rb|sh|sql|yaml|php|lua|txt") {
        let source = Source::read(&format!("a.{extension}"), &text);
        let mut at = 0;
        for token in &source.tokens {
            prop_assert!(token.start >= at && token.end > token.start);
            prop_assert!(text[at..token.start].bytes().all(|byte| byte.is_ascii_whitespace() || byte == 0x0b));
            prop_assert_eq!(token.line as usize, 1 + text[..token.start].matches('\n').count());
            at = token.end;
        }
        prop_assert!(text[at..].bytes().all(|byte| byte.is_ascii_whitespace() || byte == 0x0b));
    }
}
