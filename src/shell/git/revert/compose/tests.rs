use git2::{DiffOptions, Patch};
use proptest::prelude::*;

use super::*;

/// The hunks between two texts, as git sees them.
fn hunks(base: &[u8], head: &[u8]) -> Vec<Hunk> {
    let mut options = DiffOptions::new();
    options.context_lines(0).interhunk_lines(0);
    let patch = Patch::from_buffers(base, None, head, None, Some(&mut options)).unwrap();
    (0..patch.num_hunks())
        .map(|index| {
            let (hunk, n_lines) = patch.hunk(index).unwrap();
            let side = |origin| {
                (0..n_lines)
                    .map(|line| patch.line_in_hunk(index, line).unwrap())
                    .filter(|line| line.origin() == origin)
                    .map(|line| String::from_utf8_lossy(line.content()).trim_end_matches(['\r', '\n']).to_owned())
                    .collect()
            };
            Hunk {
                id: HunkId(u32::try_from(index).unwrap()),
                old_start: hunk.old_start(),
                new_start: hunk.new_start(),
                removed: side('-'),
                added: side('+'),
            }
        })
        .collect()
}

#[track_caller]
fn check(base: &str, head: &str, chosen: &[u32], expected: &str) {
    let chosen: Vec<HunkId> = chosen.iter().copied().map(HunkId).collect();
    let built =
        compose(base.as_bytes(), head.as_bytes(), &hunks(base.as_bytes(), head.as_bytes()), &chosen, &Edits::new());
    assert_eq!(built.map(|built| String::from_utf8(built).unwrap()).as_deref(), Some(expected));
}

#[test]
fn each_hunk_goes_back_alone() {
    let (base, head) = ("a\nb\nc\nd\ne\n", "A\nb\nnew\nc\ne\n");
    check(base, head, &[], head);
    check(base, head, &[0], "a\nb\nnew\nc\ne\n");
    check(base, head, &[1], "A\nb\nc\ne\n");
    check(base, head, &[2], "A\nb\nnew\nc\nd\ne\n");
    check(base, head, &[0, 1, 2], base);
}

#[test]
fn line_ends_are_kept_as_they_are() {
    check("a\r\nb\r\nc\r\n", "A\r\nb\r\nC\r\n", &[1], "A\r\nb\r\nc\r\n");
    check("a\nx\nb", "A\nx\nb\n", &[1], "A\nx\nb");
    check("a\nx\nb\n", "A\nx\nb", &[0], "a\nx\nb");
    check("a\r\nb\r\n", "a\nb\n", &[0], "a\r\nb\r\n");
}

#[track_caller]
fn check_edit(base: &str, head: &str, lines: &[&str], expected: &str) {
    let edits = Edits::from([(HunkId(0), lines.iter().map(|line| (*line).to_owned()).collect())]);
    let built = compose(base.as_bytes(), head.as_bytes(), &hunks(base.as_bytes(), head.as_bytes()), &[], &edits);
    assert_eq!(built.map(|built| String::from_utf8(built).unwrap()).as_deref(), Some(expected));
}

#[test]
fn edited_lines_take_the_line_ends_of_their_file() {
    check_edit("a\nb\nc\n", "a\nB\nc\n", &["x", "y"], "a\nx\ny\nc\n");
    check_edit("a\nb\nc\n", "a\nB\nc\n", &[], "a\nc\n");
    check_edit("a\r\nb\r\n", "a\r\nB\r\n", &["x", "y"], "a\r\nx\r\ny\r\n");
    check_edit("a\nb", "a\nB", &["x"], "a\nx");
    check_edit("a\nb", "a\nB\n", &["x"], "a\nx\n");
    check_edit("a\nb\n", "a\n", &["x"], "a\nx\n");
    check_edit("", "new\nfile\n", &["only"], "only\n");
}

#[test]
fn hunks_of_another_text_are_refused() {
    let wrong = hunks(b"a\nb\n", b"a\nc\n");
    assert_eq!(compose(b"a\n", b"a\nc\n", &wrong, &[], &Edits::new()), None);
    assert_eq!(compose(b"a\nx\n", b"a\nc\n", &wrong, &[], &Edits::new()), None);
    assert_eq!(compose(b"a\nb\nz\n", b"a\nc\n", &wrong, &[], &Edits::new()), None);
}

proptest! {
    /// All hunks give the base, none gives the head, whatever the bytes are.
    #[test]
    fn the_ends_are_exact(base in "[ab\n\r]{0,40}", head in "[ab\n\r]{0,40}", tail in any::<Vec<u8>>()) {
        let base = [base.as_bytes(), &tail].concat();
        prop_assume!(!base.contains(&0));
        let head = head.into_bytes();
        let hunks = hunks(&base, &head);
        let all: Vec<HunkId> = hunks.iter().map(|hunk| hunk.id).collect();
        prop_assert_eq!(compose(&base, &head, &hunks, &[], &Edits::new()), Some(head.clone()));
        prop_assert_eq!(compose(&base, &head, &hunks, &all, &Edits::new()), Some(base));
    }
}
