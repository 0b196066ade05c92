//! What holds for any reply and any file.

use proptest::prelude::*;

use super::*;
use crate::remedy::advice::Reply;
use crate::triage::{Class, FileChange, FileStatus};

fn change(path: &str, text: &str) -> Change {
    let file = FileChange {
        path: path.to_owned(),
        old_path: None,
        status: FileStatus::Modified,
        class: Class::Runtime,
        opaque: false,
        hunks: Vec::new(),
        base_text: None,
        head_text: Some(text.to_owned()),
    };
    Change { files: vec![file], paths: vec![path.to_owned(), "other.py".to_owned()], ..Change::default() }
}

fn replaced(text: &str, search: &str, replace: &str) -> Applied {
    let what = What::Replace { search: search.to_owned(), replace: replace.to_owned() };
    apply(&[Edit { path: "a.py".to_owned(), what }], &change("a.py", text))
}

/// Pieces of replies, so that random ones come near to being one.
const PIECES: &str = "(FILE: a\\.py\n|FILE: other\\.py\n|FUNCTION: f\n|```\n|```diff\n|<<<<<<< SEARCH\n|=======\n|>>>>>>> REPLACE\n|@@ -1 \\+1 @@\n|--- a/a\\.py\n\\+\\+\\+ b/a\\.py\n|[-+ ]x = 1\n|def f\\(\\):\n|    return 1\n|\\.\\.\\.\n|12 \\| x\n|\\{\"path\":\"a\\.py\",\"search\":\"x\",\"replace\":\"y\"\\}|\\*\\*\\* Begin Patch\n|\u{202e}é\r\n| )";

proptest! {
    /// Any reply is read, and applied to nothing but the files of the diff.
    #[test]
    fn any_reply_is_read_without_harm(pieces in prop::collection::vec(PIECES, 0..24), text in "([a-z =]{0,8}\n|def f\\(\\):\n    return 1\n){0,12}") {
        let reply = Reply::read(&pieces.concat());
        let applied = apply(&reply.edits, &change("a.py", &text));
        prop_assert!(applied.files.keys().all(|path| path == "a.py"));
        prop_assert_eq!(reply.said.find('\u{202e}'), None);
    }

    /// An exact passage that stands once gives way to its replacement, and nothing else moves.
    #[test]
    fn an_exact_edit_changes_nothing_else(
        lines in prop::collection::vec("[ ]{0,4}[a-z]{1,6}", 3..20), at in 0..20_usize, n_lines in 1..4_usize, new in "[ ]{0,4}[A-Z]{1,6}", crlf: bool, closed: bool,
    ) {
        let at = at % lines.len();
        let n_lines = n_lines.min(lines.len() - at);
        // Each line is made its own, so that the passage stands once.
        let lines: Vec<String> = lines.iter().enumerate().map(|(number, line)| format!("{line}{number}_")).collect();
        let end = if crlf { "\r\n" } else { "\n" };
        let text = lines.join(end) + if closed { end } else { "" };
        let applied = replaced(&text, &lines[at..at + n_lines].join("\n"), &format!("{new}\n"));
        let mut expected = lines.clone();
        expected.splice(at..at + n_lines, [new]);
        let expected = expected.join(end) + if closed { end } else { "" };
        prop_assert_eq!(applied.failed, vec![]);
        prop_assert_eq!(applied.files.get("a.py"), Some(&expected));
    }

    /// A passage that stands twice is never chosen for its author.
    #[test]
    fn a_passage_that_stands_twice_is_refused(lines in prop::collection::vec("[a-z]{3,6}", 1..4), between in "[A-Z]{3,6}") {
        let passage = lines.join("\n");
        let applied = replaced(&format!("{passage}\n{between}\n{passage}\n"), &passage, "new");
        prop_assert!(applied.files.is_empty());
        prop_assert_eq!(applied.failed.len(), 1);
    }
}

#[test]
fn paths_are_not_bent_to_other_files() {
    let outside = ["other.py", "../a.py", "/etc/passwd", ".git/config", "b/other.py", "x/../a.py"];
    for path in outside {
        let edit = Edit { path: path.to_owned(), what: What::Whole("x = 2\n".to_owned()) };
        let applied = apply(&[edit], &change("a.py", "x = 1\n"));
        assert!(applied.files.is_empty() && applied.outside.len() == 1, "{path}: {applied:?}");
    }
}
