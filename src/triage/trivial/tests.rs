use super::*;
use crate::triage::{Class, FileStatus, HunkId};

#[track_caller]
fn check(path: &str, before: &str, after: &str, expected: bool) {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let start = |text: &str| u32::from(!text.is_empty());
    let hunk = Hunk {
        id: HunkId(0),
        old_start: start(before),
        new_start: start(after),
        removed: lines(before),
        added: lines(after),
    };
    let file = FileChange {
        path: path.to_owned(),
        old_path: None,
        status: FileStatus::Modified,
        class: Class::Runtime,
        opaque: false,
        hunks: vec![hunk],
        base_text: Some(before.to_owned()),
        head_text: Some(after.to_owned()),
    };
    assert_eq!(hunks(&file), [expected], "{path}: {before:?} -> {after:?}");
}

#[test]
fn comments_and_white_space_are_trivial() {
    check("a.py", "x = 1  # one\n", "x = 1\n", true);
    check(
        "a.py",
        "def f():\n    \"\"\"Old.\"\"\"\n    pass\n",
        "def f():\n    \"\"\"New.\n    More.\"\"\"\n    pass\n",
        true,
    );
    check("a.go", "", "// a comment\n\n", true);
    check("a.java", "/* a\n * b */\nint x;\n", "int  x ;\n", true);
    check("a.js", "f(a, b);\n", "f(\n  a,\n  b);\n", true);
    check("a.rs", "let x = 1;\r\n", "let x = 1;\n", true);
    check("a.sql", "-- a\nSELECT 1;\n", "SELECT 1;\n", true);
    check("a.yaml", "a: 1 # x\n", "a: 1\n", true);
}

#[test]
fn what_a_tool_obeys_is_not() {
    check("a.go", "", "//go:build linux\n", false);
    check("a.py", "x = []\n", "x = []  # type: list[int]\n", false);
    check("a.sh", "#!/bin/sh\n", "#!/bin/bash\n", false);
    check("a.js", "", "// eslint-disable-next-line\n", false);
    check("a.rs", "", "#[cfg(test)]\n", false);
    check("a.php", "", "#[Route('/x')]\n", false);
    check("a.c", "", "#include <x.h>\n", false);
}

#[test]
fn indentation_counts_where_it_means_something() {
    check("a.py", "if x:\n    a()\n    b()\n", "if x:\n    a()\nb()\n", false);
    check("a.yaml", "a:\n  b: 1\n", "a:\nb: 1\n", false);
    check("a.js", "if (x) {\na();\n}\n", "if (x) {\n    a();\n}\n", true);
}

#[test]
fn code_and_strings_are_not_trivial() {
    check("a.py", "x = 1\n", "x = 2\n", false);
    check("a.js", "a(\"// b\");\n", "a(\"// c\");\n", false);
    check("a.txt", "a b\n", "a c\n", false);
    check("a.py", "x = \"\"\"a\nb\"\"\"\n", "x = \"\"\"a\nc\"\"\"\n", false);
}

#[test]
fn literals_of_many_lines_are_no_layout() {
    check("a.cs", "Run(@\"create\n  table\");\n", "Run(@\"create\n    table\");\n", false);
    check("a.cs", "Run(@\"say \"\"hi\"\" // now\");\n", "Run(@\"say \"\"hi\"\"  // now\");\n", false);
    check("a.rb", "rule %r/#{old} # x/\n", "rule %r/#{new} # x/\n", false);
    check("a.rb", "rule /a#b/\n", "rule /a#c/\n", false);
    check("a.rb", "words = %w[a b]  # old\n", "words = %w[a b]  # new\n", true);
    check("a.rb", "x = \"#{rows[\"a\"]} # b\"\n", "x = \"#{rows[\"a\"]} # c\"\n", false);
}

#[test]
fn a_statement_within_brackets_may_be_laid_out_anew() {
    check("a.py", "x = f(a, b)\n", "x = f(\n    a, b\n)\n", true);
    check("a.py", "if a:\n    f(b)\n", "if a:\n  f(b)\n", false);
    check("a.py", "if a:\n    f(\n        b)\n    g()\n", "if a:\n    f(\n      b)\ng()\n", false);
}

#[test]
fn a_mark_of_the_byte_order_and_inner_documentation_are_trivial() {
    check("a.cs", "using System;\n", "\u{feff}using System;\n", true);
    check("a.rs", "/*! Old. */\nfn f() {}\n", "/*! New. */\nfn f() {}\n", true);
}

#[test]
fn a_line_break_that_ends_a_statement_is_no_layout() {
    check("a.js", "function f() {\n  return x;\n}\n", "function f() {\n  return\n  x;\n}\n", false);
    check("a.js", "function f() {\n  return (x);\n}\n", "function f() {\n  return (\n    x);\n}\n", true);
    check("a.rb", "def f\n  return x\nend\n", "def f\n  return\n  x\nend\n", false);
    check("a.tsx", "const f = <p>don't</p>; // a\n", "const f = <p>don't</p>; // b\n", true);
    check("a.tsx", "const f = <p> a</p>;\n", "const f = <p>a</p>;\n", false);
}
