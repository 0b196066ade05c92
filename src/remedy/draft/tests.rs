use super::edit::{Page, Refusal};
use super::*;
use crate::triage::{Class, FileChange, FileStatus, Hunk};

fn lines(text: &[&str]) -> Vec<String> {
    text.iter().map(|line| (*line).to_owned()).collect()
}

fn hunk(id: u32, old_start: u32, new_start: u32, removed: &[&str], added: &[&str]) -> Hunk {
    Hunk { id: HunkId(id), old_start, new_start, removed: lines(removed), added: lines(added) }
}

fn file(path: &str, status: FileStatus, hunks: Vec<Hunk>) -> FileChange {
    FileChange {
        path: path.to_owned(),
        old_path: (status == FileStatus::Renamed).then(|| format!("old/{path}")),
        status,
        class: Class::Runtime,
        opaque: false,
        hunks,
        base_text: Some("a\nb\nc\nd\ne\nf\ng\n".to_owned()),
        head_text: Some(String::new()),
    }
}

fn draft(files: Vec<FileChange>) -> Draft {
    let change = Change { files, ..Change::default() };
    Draft::new(Origin::Rollback, Proposal::Back(Scope::Range), change)
}

/// Two hunks in one file, a file that moved with an edit, and a new file.
fn mixed() -> Draft {
    draft(vec![
        file("a.py", FileStatus::Modified, vec![hunk(0, 2, 2, &["b"], &["B", "B2"]), hunk(1, 6, 7, &["f"], &["F"])]),
        file("moved.py", FileStatus::Renamed, vec![hunk(2, 1, 1, &["a"], &["A"])]),
        file("new.py", FileStatus::Added, vec![hunk(3, 0, 1, &[], &["x"])]),
    ])
}

#[test]
fn every_hunk_is_decided_by_a_piece_and_a_moved_file_by_one_more() {
    let draft = mixed();
    let pieces: Vec<_> = [(0, 0), (0, 1), (1, 2), (2, 3)]
        .map(|(file, id)| draft.piece_of(file, HunkId(id)))
        .into_iter()
        .chain([draft.piece_of_file(1)])
        .collect();
    assert!(pieces.iter().all(Option::is_some), "{pieces:?}");
    let distinct: BTreeSet<_> = pieces.iter().collect();
    assert_eq!((distinct.len(), draft.pieces().len()), (5, 5));
    assert_eq!(draft.piece_of_file(0), None);
}

#[test]
fn leaving_a_moved_file_leaves_its_edits_out_too() {
    let draft = mixed();
    let mut choice = Choice::default();
    choice.set(draft.piece_of_file(1).unwrap(), false);
    assert!(draft.is_rejected(1, HunkId(2), &choice));
    assert!(draft.is_left_out(1, &choice));
    let paths = draft.paths(&choice);
    assert_eq!(paths.into_iter().collect::<Vec<_>>(), ["a.py", "new.py"]);
    choice.set(draft.piece_of(0, HunkId(0)).unwrap(), false);
    assert!(!draft.is_left_out(0, &choice), "one of its hunks is still accepted");
}

#[test]
fn a_note_names_the_line_that_the_file_will_have() {
    let draft = mixed();
    let mut choice = Choice::default();
    let spot = Spot { file: 0, at: At::After(HunkId(1), 0) };
    assert!(choice.comment(spot, " why F? "));
    assert!(choice.comment(Spot { file: 0, at: At::Before(2) }, "b was right"));
    let noted = |choice: &Choice| -> Vec<(u32, Side, String)> {
        let comments = Account::of(&draft, choice).comments;
        comments.into_iter().map(|comment| (comment.line, comment.side, comment.text)).collect()
    };
    let before = (2, Side::Before, "b was right".to_owned());
    assert_eq!(noted(&choice), [before.clone(), (7, Side::After, "why F?".to_owned())]);
    choice.set(draft.piece_of(0, HunkId(0)).unwrap(), false);
    assert_eq!(noted(&choice), [before.clone(), (6, Side::After, "why F?".to_owned())]);
    choice.edit(HunkId(1), Some(lines(&["other"])));
    assert_eq!(noted(&choice), [before], "the line that was noted on is gone");
}

#[test]
fn a_check_of_the_whole_draft_does_not_speak_for_a_part() {
    let mut draft = mixed();
    let check = |name: &'static str| Check { name, passed: true, detail: String::new() };
    draft.checks = vec![check("repro passes"), check("in scope")];
    let speaks = |choice: &Choice| draft.checks_of(choice).map(|(_, speaks)| speaks).collect::<Vec<_>>();
    let mut choice = Choice::default();
    assert_eq!(speaks(&choice), [true, true]);
    choice.set(0, false);
    assert_eq!(speaks(&choice), [false, true]);
}

const BEFORE: &str = "one\ntwo\nthree\nfour\n\nsix\nseven\neight\nnine\n";

#[track_caller]
fn check_edit(edited: &str, expected: Result<&[&str], Refusal>) {
    let hunk = hunk(0, 4, 4, &["four", ""], &["4"]);
    let page = Page::new(BEFORE, &hunk).unwrap();
    assert_eq!(page.read(edited), expected.map(lines), "{edited:?}");
}

#[test]
fn what_the_editor_is_given_reads_as_what_was_proposed() {
    let hunk = hunk(0, 4, 4, &["four", ""], &["4"]);
    let page = Page::new(BEFORE, &hunk).unwrap();
    let text = page.text("x.py, line 4\n+evil", &hunk.added);
    assert!(text.ends_with(" one\n two\n three\n-four\n-\n+4\n six\n seven\n eight\n"), "{text}");
    assert_eq!(page.read(&text), Ok(lines(&["4"])));
    // Line ends of another system, and blanks that an editor took away, change nothing.
    assert_eq!(page.read(&text.replace('\n', "\r\n")), Ok(lines(&["4"])));
}

#[test]
fn lines_are_added_kept_and_taken_out_within_the_hunk() {
    check_edit(" one\n two\n three\n-four\n-\n+4\n+5\n six\n seven\n eight\n", Ok(&["4", "5"]));
    check_edit(" one\n two\n three\n four\n-\n six\n seven\n eight\n", Ok(&["four"]));
    check_edit(" one\n two\n three\n+0\n four\n\n six\n seven\n eight\n", Ok(&["0", "four", ""]));
    check_edit("# note\n one\n two\n three\n-four\n-\n six\n seven\n eight\n", Ok(&[]));
}

#[test]
fn what_does_not_apply_or_reaches_beyond_the_hunk_is_refused() {
    let differs = |line, expected: &str| Err(Refusal::Differs { line, expected: expected.to_owned() });
    check_edit(" one\n two\n 3\n-four\n-\n six\n seven\n eight\n", differs(3, "three"));
    check_edit(" one\n two\n three\n-vier\n-\n six\n seven\n eight\n", differs(4, "four"));
    check_edit(" one\n two\n three\n-four\n-\n", Err(Refusal::Missing(3)));
    check_edit(" one\n-two\n three\n-four\n-\n six\n seven\n eight\n", Err(Refusal::Outside(2)));
    check_edit("+zero\n one\n two\n three\n-four\n-\n six\n seven\n eight\n", Err(Refusal::Outside(1)));
    check_edit(" one\n two\n three\n-four\n-\n six\n seven\n eight\n+nine\n", Err(Refusal::Outside(9)));
    check_edit(" one\n two\n three\n-four\n-\n six\n seven\n eight\n nine\n", Err(Refusal::Outside(9)));
    check_edit("one\n two\n", Err(Refusal::Mark(1)));
    check_edit("diff --git a/x b/x\n", Err(Refusal::Mark(1)));
    check_edit(" one\n two\n three\n-four\n-\n+a\0b\n six\n seven\n eight\n", Err(Refusal::Zero(6)));
    check_edit("", Err(Refusal::Empty));
    check_edit("# only a comment\n", Err(Refusal::Empty));
    check_edit(&"+".repeat(edit::LARGEST + 1), Err(Refusal::TooLarge));
}

#[test]
fn a_hunk_of_bytes_that_are_no_text_is_not_edited() {
    let hunk = hunk(0, 1, 1, &["a\u{fffd}"], &["b"]);
    assert_eq!(Page::new("a\u{fffd}\n", &hunk), Err(Refusal::NotText));
}

#[test]
fn an_insertion_is_edited_between_the_lines_that_it_stands_between() {
    let hunk = hunk(0, 2, 3, &[], &["2.5"]);
    let page = Page::new("one\ntwo\nthree\n", &hunk).unwrap();
    let text = page.text("x", &hunk.added);
    assert!(text.ends_with(" one\n two\n+2.5\n three\n"), "{text}");
    assert_eq!(page.read(&text.replace("+2.5", "+2.4\n+2.6")), Ok(lines(&["2.4", "2.6"])));
}
