use proptest::prelude::*;

use super::*;
use crate::remedy::draft::{Origin, Proposal};
use crate::remedy::plan::Scope;
use crate::triage::{Change, Class, FileStatus};

fn sheet(before: &str, hunks: Vec<Hunk>, status: FileStatus) -> Sheet {
    let file = FileChange {
        path: "x".to_owned(),
        old_path: None,
        status,
        class: Class::Runtime,
        opaque: false,
        hunks,
        base_text: Some(before.to_owned()),
        head_text: None,
    };
    let change = Change { files: vec![file], ..Change::default() };
    Sheet::of(Draft::new(Origin::Rollback, Proposal::Back(Scope::Range), change))
}

fn hunk(id: u32, old_start: u32, removed: &[&str], added: &[&str]) -> Hunk {
    let own = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    Hunk { id: HunkId(id), old_start, new_start: old_start, removed: own(removed), added: own(added) }
}

/// Each row as a line: numbers before and after, sign, text.
fn told(sheet: &Sheet, choice: &Choice, is_split: bool) -> Vec<String> {
    let rows = Rows::of(sheet, choice, is_split);
    let line = |lines: &[String], index: usize| lines.get(index).cloned().unwrap_or_default();
    let told = rows.all.iter().map(|row| match *row {
        Row::File { .. } => "file".to_owned(),
        Row::About { .. } => "about".to_owned(),
        Row::Gap { old, new, .. } => format!("gap {old} {new}"),
        Row::Context { old, new, .. } => format!("{old} {new}  {}", sheet.line_before(0, old)),
        Row::Removed { hunk, index, .. } => {
            let hunk = sheet.hunk(0, hunk).unwrap();
            format!("{} - -{}", hunk.old_start as usize + index, line(&hunk.removed, index))
        }
        Row::Added { hunk, index, new, .. } => {
            format!("- {new} +{}", line(sheet.added(sheet.hunk(0, hunk).unwrap(), choice), index))
        }
        Row::Pair { hunk, index, new, .. } => {
            let hunk = sheet.hunk(0, hunk).unwrap();
            format!("{} | {new} {}", line(&hunk.removed, index), line(sheet.added(hunk, choice), index))
        }
        Row::Comment { spot } => format!("note {}", choice.comment_on(spot).unwrap()),
    });
    told.collect()
}

fn ten() -> String {
    (1..=20).map(|n| format!("l{n}\r\n")).collect()
}

#[test]
fn hunks_have_three_lines_around_them_and_gaps_between() {
    let sheet = sheet(
        &ten(),
        vec![hunk(0, 5, &["l5"], &["A", "B"]), hunk(1, 8, &[], &["C"]), hunk(2, 18, &["l18"], &[])],
        FileStatus::Modified,
    );
    let expected = [
        "file",
        "gap 2 2",
        "2 2  l2",
        "3 3  l3",
        "4 4  l4",
        "5 - -l5",
        "- 5 +A",
        "- 6 +B",
        "6 7  l6",
        "7 8  l7",
        "8 9  l8",
        "- 10 +C",
        "9 11  l9",
        "10 12  l10",
        "11 13  l11",
        "gap 15 17",
        "15 17  l15",
        "16 18  l16",
        "17 19  l17",
        "18 - -l18",
        "19 20  l19",
        "20 21  l20",
    ];
    assert_eq!(told(&sheet, &Choice::default(), false), expected);
}

#[test]
fn sides_lie_beside_each_other_and_notes_below_their_line() {
    let sheet = sheet("a\nb\n", vec![hunk(0, 1, &["a", "b"], &["A"])], FileStatus::Modified);
    let mut choice = Choice::default();
    choice.comment(Spot { file: 0, at: At::After(HunkId(0), 0) }, "why?");
    assert_eq!(told(&sheet, &choice, true), ["file", "gap 1 1", "a | 1 A", "note why?", "b | 2 "]);
    assert_eq!(told(&sheet, &choice, false), ["file", "gap 1 1", "1 - -a", "2 - -b", "- 1 +A", "note why?"]);
    choice.edit(HunkId(0), Some(vec!["X".to_owned(), "Y".to_owned()]));
    assert_eq!(told(&sheet, &choice, false), ["file", "gap 1 1", "1 - -a", "2 - -b", "- 1 +X", "- 2 +Y"]);
}

#[test]
fn new_deleted_and_moved_files_have_rows_too() {
    let new = sheet("", vec![hunk(0, 0, &[], &["x"])], FileStatus::Added);
    assert_eq!(told(&new, &Choice::default(), false), ["file", "gap 1 1", "- 1 +x"]);
    let gone = sheet("x\n", vec![hunk(0, 1, &["x"], &[])], FileStatus::Deleted);
    assert_eq!(told(&gone, &Choice::default(), false), ["file", "gap 1 1", "1 - -x"]);
    let moved = sheet("x\n", vec![hunk(0, 0, &[], &[])], FileStatus::Renamed);
    assert_eq!(told(&moved, &Choice::default(), false), ["file", "about"]);
}

proptest! {
    /// Whatever numbers hunks claim to have: rows are laid out, each line that changes has one, and going from hunk
    /// to hunk comes to an end.
    #[test]
    fn rows_hold_every_changed_line(starts in prop::collection::btree_set(0_u32..60, 0..6), before in "[a\n]{0,80}", is_split: bool) {
        let hunks: Vec<Hunk> =
            (0..).zip(&starts).map(|(id, start)| hunk(id, *start, &["x"], &["y", "z"])).collect();
        let n_hunks = hunks.len();
        let sheet = sheet(&before, hunks, FileStatus::Modified);
        let rows = Rows::of(&sheet, &Choice::default(), is_split);
        let n_changed = rows.all.iter().filter(|row| row.hunk().is_some()).count();
        prop_assert_eq!(n_changed, n_hunks * if is_split { 2 } else { 3 });
        let mut at = 0;
        let mut n_steps = 0;
        while let Some(next) = Rows::next(&rows.hunks, at, true) {
            prop_assert!(next > at);
            (at, n_steps) = (next, n_steps + 1);
        }
        prop_assert!(n_steps <= n_hunks.max(1));
    }
}
