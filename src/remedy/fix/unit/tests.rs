use FileStatus::{Added, Deleted, Modified, Renamed};

use super::*;
use crate::triage::Hunk;

/// A change with these files: what happened, the path, the path before, and how many hunks.
fn change(files: &[(FileStatus, &str, Option<&str>, usize)]) -> Change {
    let mut ids = 0..;
    let files = files.iter().map(|(status, path, old_path, n_hunks)| FileChange {
        path: (*path).to_owned(),
        old_path: old_path.map(str::to_owned),
        status: *status,
        class: Class::Runtime,
        opaque: *n_hunks == 0,
        hunks: ids
            .by_ref()
            .take(*n_hunks)
            .map(|id| Hunk {
                id: HunkId(id),
                old_start: 1,
                new_start: 1,
                removed: vec!["a".to_owned()],
                added: vec!["b".to_owned()],
            })
            .collect(),
        base_text: None,
        head_text: None,
    });
    Change { files: files.collect(), ..Change::default() }
}

/// Checks the units, each as its hunks and its whole files.
#[track_caller]
fn check(files: &[(FileStatus, &str, Option<&str>, usize)], expected: &[(&[u32], &[usize])]) {
    let units = Units::of(&change(files)).units;
    let actual: Vec<(Vec<u32>, Vec<usize>)> =
        units.into_iter().map(|unit| (unit.hunks.iter().map(|id| id.0).collect(), unit.files)).collect();
    let expected: Vec<(Vec<u32>, Vec<usize>)> =
        expected.iter().map(|(hunks, files)| (hunks.to_vec(), files.to_vec())).collect();
    assert_eq!(actual, expected);
}

#[test]
fn each_hunk_of_a_text_is_a_unit() {
    check(&[(Modified, "a.py", None, 2), (Modified, "b.py", None, 1)], &[(&[0], &[]), (&[1], &[]), (&[2], &[])]);
}

#[test]
fn files_that_came_went_moved_or_hold_no_text_are_units() {
    let files = [
        (Added, "a.py", None, 1),
        (Deleted, "b.py", None, 1),
        (Modified, "c.png", None, 0),
        (Renamed, "d.py", Some("e.py"), 2),
    ];
    check(&files, &[(&[], &[0]), (&[], &[1]), (&[], &[2]), (&[2], &[]), (&[3], &[]), (&[], &[3])]);
}

#[test]
fn a_manifest_goes_with_its_lock_file_and_alone_hunk_by_hunk() {
    let both = [(Modified, "web/package-lock.json", None, 2), (Modified, "web/package.json", None, 1)];
    check(&both, &[(&[0, 1, 2], &[])]);
    check(&[(Modified, "web/package.json", None, 2)], &[(&[0], &[]), (&[1], &[])]);
    check(&[(Modified, "a/package.json", None, 1), (Modified, "b/package.json", None, 1)], &[(&[0], &[]), (&[1], &[])]);
}

#[test]
fn files_that_stand_in_each_others_place_go_together() {
    check(&[(Renamed, "b", Some("a"), 1), (Renamed, "c", Some("b"), 1)], &[(&[0, 1], &[0, 1])]);
    check(&[(Deleted, "a", None, 1), (Added, "a/b", None, 1), (Added, "a/c/d", None, 1)], &[(&[], &[0, 1, 2])]);
    check(&[(Deleted, "a", None, 1), (Added, "ab", None, 1)], &[(&[], &[0]), (&[], &[1])]);
}

#[test]
fn a_name_that_is_no_text_is_left_out() {
    let units = Units::of(&change(&[(Modified, "caf\u{fffd}", None, 1), (Modified, "b", None, 1)]));
    assert_eq!((units.units.len(), units.left_out), (1, vec!["caf\u{fffd}".to_owned()]));
}
