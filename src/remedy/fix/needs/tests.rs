use super::*;
use crate::triage::{Class, Hunk};

/// One file's hunks, each a first line before, a first line after, and the lines of both.
type Hunks<'a> = &'a [(u32, u32, &'a [&'a str], &'a [&'a str])];

fn file(path: &str, before: &str, after: &str, hunks: Hunks<'_>, next: &mut u32) -> FileChange {
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    let hunks = hunks.iter().map(|(old_start, new_start, removed, added)| {
        *next += 1;
        let (old_start, new_start) = (*old_start, *new_start);
        Hunk { id: HunkId(*next - 1), old_start, new_start, removed: lines(removed), added: lines(added) }
    });
    FileChange {
        path: path.to_owned(),
        old_path: None,
        status: FileStatus::Modified,
        class: Class::Runtime,
        opaque: false,
        hunks: hunks.collect(),
        base_text: Some(before.to_owned()),
        head_text: Some(after.to_owned()),
    }
}

#[track_caller]
fn check(files: Vec<FileChange>, expected: &[&[usize]]) {
    let change = Change { files, ..Change::default() };
    let units = crate::remedy::fix::unit::Units::of(&change).units;
    let found = needs(&units, &change);
    let found: Vec<Vec<usize>> = found.iter().map(|needs| needs.iter().copied().collect()).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_use_that_comes_back_needs_its_import_but_not_the_reverse() {
    let before = "import inspect\nimport os\n\ndef late(f):\n    return inspect.isfunction(f)\n";
    let after = "import os\n\ndef late(f):\n    return callable(f)\n";
    let hunks: Hunks<'_> =
        &[(1, 0, &["import inspect"], &[]), (5, 4, &["    return inspect.isfunction(f)"], &["    return callable(f)"])];
    check(vec![file("a.py", before, after, hunks, &mut 0)], &[&[], &[0]]);
}

#[test]
fn what_goes_needs_that_no_use_of_it_stays() {
    let before = "class Lexer:\n    def __init__(self, env):\n        self.name = env.name\n\n    def run(self):\n        return 1\n";
    let after = "class Lexer:\n    def __init__(self, env):\n        self.strip = env.strip\n\n    def run(self):\n        return self.strip\n";
    let hunks: Hunks<'_> = &[
        (3, 3, &["        self.name = env.name"], &["        self.strip = env.strip"]),
        (6, 6, &["        return 1"], &["        return self.strip"]),
    ];
    check(vec![file("a.py", before, after, hunks, &mut 0)], &[&[1], &[]]);
}

#[test]
fn a_renamed_function_and_its_calls_go_together_over_files() {
    let mut next = 0;
    let one = file(
        "lib.rs",
        "pub fn old_name() {}\n",
        "pub fn new_name() {}\n",
        &[(1, 1, &["pub fn old_name() {}"], &["pub fn new_name() {}"])],
        &mut next,
    );
    let other = file(
        "main.rs",
        "fn main() {\n    lib::old_name();\n}\n",
        "fn main() {\n    lib::new_name();\n}\n",
        &[(2, 2, &["    lib::old_name();"], &["    lib::new_name();"])],
        &mut next,
    );
    check(vec![one, other], &[&[1], &[0]]);
}

#[test]
fn base_classes_and_defaults_are_uses_not_parameters() {
    let before = "import os\n\nX = 1\n";
    let after = "import os\nimport enum\n\nclass Kind(enum.Enum):\n    A = 1\n\nX = 1\n";
    let hunks: Hunks<'_> = &[(1, 2, &[], &["import enum"]), (2, 4, &[], &["class Kind(enum.Enum):", "    A = 1", ""])];
    check(vec![file("a.py", before, after, hunks, &mut 0)], &[&[1], &[]]);
}

#[test]
fn two_ends_of_one_text_or_bracket_go_together() {
    let before = "class Block:\n    \"\"\"A block.\"\"\"\n\nitems = [1]\n";
    let after = "class Block:\n    \"\"\"A block.\n\n    more\n    \"\"\"\n\nitems = [1]\n";
    let hunks: Hunks<'_> =
        &[(2, 2, &["    \"\"\"A block.\"\"\""], &["    \"\"\"A block."]), (3, 4, &[], &["    more", "    \"\"\"", ""])];
    check(vec![file("a.py", before, after, hunks, &mut 0)], &[&[1], &[0]]);
    let before = "go(\n    1,\n)\n";
    let after = "run(go(\n    1,\n))\n";
    let hunks: Hunks<'_> = &[(1, 1, &["go("], &["run(go("]), (3, 3, &[")"], &["))"])];
    check(vec![file("a.py", before, after, hunks, &mut 0)], &[&[1], &[0]]);
}

#[test]
fn as_many_ends_on_both_sides_go_alone() {
    let before = "go(\n    1,\n)\n";
    let after = "run(\n    1,\n)  # done\n";
    let hunks: Hunks<'_> = &[(1, 1, &["go("], &["run("]), (3, 3, &[")"], &[")  # done"])];
    check(vec![file("a.py", before, after, hunks, &mut 0)], &[&[], &[]]);
}

#[test]
fn a_name_that_two_parts_bring_links_nothing() {
    let before = "a = 0\nb = 0\nc = 0\n";
    let after = "flag = 1\nflag = 2\nc = flag\n";
    let hunks: Hunks<'_> =
        &[(1, 1, &["a = 0"], &["flag = 1"]), (2, 2, &["b = 0"], &["flag = 2"]), (3, 3, &["c = 0"], &["c = flag"])];
    check(vec![file("a.py", before, after, hunks, &mut 0)], &[&[], &[], &[]]);
}
