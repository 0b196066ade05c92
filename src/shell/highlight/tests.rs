use super::*;
use crate::triage::{Class, FileStatus, HunkId};

fn file(path: &str, text: &str) -> FileChange {
    let n_lines = text.lines().count();
    let hunk =
        Hunk { id: HunkId(0), old_start: 0, new_start: 1, removed: Vec::new(), added: vec![String::new(); n_lines] };
    FileChange {
        path: path.to_owned(),
        old_path: None,
        status: FileStatus::Added,
        class: Class::Runtime,
        opaque: false,
        hunks: vec![hunk],
        base_text: None,
        head_text: Some(text.to_owned()),
    }
}

/// The tokens of the first line, as text.
fn first(path: &str, line: &str) -> Vec<(String, Token)> {
    let tokens = of(&file(path, &format!("{line}\n")), &|| false);
    let line_tokens = tokens.of_line(true, 1).iter();
    line_tokens.map(|(range, token)| (line[range.clone()].to_owned(), *token)).collect()
}

#[track_caller]
fn check(path: &str, line: &str, text: &str, expected: Token) {
    let found = first(path, line);
    assert!(found.iter().any(|(part, token)| part.contains(text) && *token == expected), "{path}: {found:?}");
}

#[test]
fn words_of_common_languages_are_known() {
    check("a.py", "def pay(order): # why", "def", Token::Keyword);
    check("a.py", "def pay(order): # why", "pay", Token::Name);
    check("a.py", "def pay(order): # why", "why", Token::Comment);
    check("a.rs", "let x = \"text\" + 12;", "text", Token::Text);
    check("a.rs", "let x = \"text\" + 12;", "12", Token::Constant);
    check("a.ts", "const x: number = 12;", "12", Token::Constant);
    check("go/main.go", "func main() {}", "func", Token::Keyword);
    check("Cargo.toml", "name = \"x\" # why", "why", Token::Comment);
    check("Dockerfile", "FROM alpine # why", "FROM", Token::Keyword);
    check("run", "#!/bin/sh", "sh", Token::Comment);
}

#[test]
fn what_is_beyond_the_bounds_is_plain() {
    assert_eq!(of(&file("a.unknown", "def x\n"), &|| false), Tokens::default());
    assert_eq!(of(&file("a.py", &"x = 1\n".repeat(TEXT_BYTES / 6 + 1)), &|| false), Tokens::default());
    let long = format!("x = 1\n{}\ny = 2\n", "(".repeat(LINE_BYTES + 1));
    assert_eq!(of(&file("a.py", &long), &|| false).after.len(), 1);
    assert_eq!(of(&file("a.py", "x = 1\n"), &|| true), Tokens::default());
}

#[test]
fn a_file_is_looked_at_up_to_its_last_shown_line() {
    let mut file = file("a.py", &"x = 1\n".repeat(100));
    file.hunks[0].added.truncate(10);
    assert_eq!(of(&file, &|| false).after.len(), 11);
}
