//! Taking parts of what is proposed, in real repositories; git itself is the judge.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use aftercare::app::sheet::Prepared;
use aftercare::remedy::draft::{At, Choice, Draft, Origin, Proposal, Spot};
use aftercare::remedy::{Plan, Scope};
use aftercare::shell::git::read;
use aftercare::shell::git::revert::draft::{Grounds, choose, prepare};
use aftercare::shell::git::revert::{self, Request, RevertError};
use aftercare::triage::{Change, FileStatus, HunkId};
use git2::Oid;
use proptest::prelude::*;

use super::revert::approved;
use super::scene::Scene;

struct Deployed {
    scene: Scene,
    change: Change,
}

impl Deployed {
    fn new(base: &[(&str, &[u8])], head: &[(&str, &[u8])]) -> Self {
        let scene = Scene::new();
        let base = scene.commit("One", base);
        let head = scene.commit("Two", head);
        let change = read::change(&scene.repo(), &format!("{base}..{head}")).unwrap();
        Self { scene, change }
    }

    fn prepare(&self, proposal: Proposal) -> Result<(Plan, Draft), RevertError> {
        let request = Request::new("api", Scope::Range);
        prepare(&self.scene.path(), &self.change, (Origin::Rollback, proposal), Grounds::default(), &request)
    }

    fn back(&self) -> (Plan, Draft) {
        self.prepare(Proposal::Back(Scope::Range)).unwrap()
    }

    fn choose(&self, draft: &Draft, choice: &Choice) -> Result<Plan, RevertError> {
        choose(&self.scene.path(), &self.change, draft, choice, &Request::new("api", Scope::Range))
    }

    /// Commits a plan as if it had been approved; nothing else of the repository changes.
    #[track_caller]
    fn commit(&self, plan: &Plan) -> String {
        let untouchable = self.scene.untouchable();
        let committed = revert::commit(&self.scene.path(), &approved(plan.clone()), None, Scene::now()).unwrap();
        assert!(self.scene.untouchable() == untouchable, "work tree, index, HEAD and branches stay");
        let repo = self.scene.repo();
        let commit = repo.find_commit(Oid::from_str(&committed.commit).unwrap()).unwrap();
        assert_eq!(commit.tree_id().to_string(), plan.tree);
        assert_eq!(commit.message().unwrap(), plan.message);
        committed.commit
    }

    fn content(&self, commit: &str, path: &str) -> Option<Vec<u8>> {
        let repo = self.scene.repo();
        let tree = repo.find_commit(Oid::from_str(commit).unwrap()).unwrap().tree().unwrap();
        let entry = tree.get_path(path.as_ref()).ok()?;
        Some(repo.find_blob(entry.id()).unwrap().content().to_vec())
    }
}

const LONG: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

#[test]
fn the_commit_holds_what_was_accepted_and_edited_and_nothing_that_was_left_out() {
    let head = LONG.replace('2', "two").replace("5\n", "").replace('9', "nine");
    let deployed = Deployed::new(
        &[("f.py", LONG.as_bytes()), ("gone", b"x\n"), ("kept", b"1\n")],
        &[("f.py", head.as_bytes()), ("new", b"y\n"), ("kept", b"2\n")],
    );
    let (_, draft) = deployed.back();
    let hunks = &draft.change.files[0].hunks;
    assert_eq!((draft.change.files[0].path.as_str(), hunks.len()), ("f.py", 3));
    let mut choice = Choice::default();
    // Of the first file: the first hunk goes back, the second is edited, the third stays as deployed.
    choice.edit(hunks[1].id, Some(vec!["five".to_owned()]));
    choice.set(draft.piece_of(0, hunks[2].id).unwrap(), false);
    let kept = draft.change.files.iter().position(|file| file.path == "kept").unwrap();
    choice.set(draft.piece_of(kept, draft.change.files[kept].hunks[0].id).unwrap(), false);
    choice.comment(Spot { file: 0, at: At::After(hunks[1].id, 0) }, "spelled out,\nas elsewhere \u{1b}[31m");
    let everything = deployed.scene.everything();
    let plan = deployed.choose(&draft, &choice).unwrap();
    assert!(deployed.scene.everything() == everything, "choosing writes nothing");
    assert!(plan.message.contains("- f.py:5: spelled out, as elsewhere  [31m\n"), "{}", plan.message);
    assert!(plan.message.contains("Left out at the review: 2"), "{}", plan.message);
    assert!(plan.concerns.iter().any(|concern| concern.rule == "review.edited" && concern.line == 5));

    let commit = deployed.commit(&plan);
    let expected = LONG.replace("5\n", "five\n").replace('9', "nine");
    assert_eq!(deployed.content(&commit, "f.py").unwrap(), expected.as_bytes());
    assert_eq!(deployed.content(&commit, "kept").unwrap(), b"2\n");
    assert_eq!(deployed.content(&commit, "gone").unwrap(), b"x\n");
    assert_eq!(deployed.content(&commit, "new"), None);
    // Once more gives the same commit; another choice, another branch.
    assert_eq!(deployed.commit(&plan), commit);
    choice.set(draft.piece_of(0, hunks[2].id).unwrap(), true);
    assert_ne!(deployed.choose(&draft, &choice).unwrap().branch, plan.branch);
}

#[test]
fn a_whole_draft_is_the_plan_it_was_and_a_note_changes_its_digest_only() {
    let deployed = Deployed::new(&[("f", b"1\n")], &[("f", b"2\n")]);
    let (whole, draft) = deployed.back();
    assert_eq!(deployed.choose(&draft, &Choice::default()).unwrap(), whole);
    let mut choice = Choice::default();
    choice.comment(Spot { file: 0, at: At::Before(1) }, "two was wrong");
    let noted = deployed.choose(&draft, &choice).unwrap();
    assert_eq!((&noted.tree, &noted.scope, &noted.patch), (&whole.tree, &whole.scope, &whole.patch));
    assert_ne!(noted.digest(), whole.digest());
    deployed.commit(&noted);
}

#[test]
fn a_danger_that_is_left_out_is_no_danger() {
    let migration = "db/migrate/20260101000000_drop_total.rb";
    let drop = b"class DropTotal < ActiveRecord::Migration[7.1]\n  def change\n    remove_column :orders, :total\n  end\nend\n";
    let deployed = Deployed::new(&[("app.rb", b"a\n")], &[("app.rb", b"b\n"), (migration, drop)]);
    let (whole, draft) = deployed.back();
    assert_eq!(whole.level().word(), "red", "{:?}", whole.concerns);
    let file = draft.change.files.iter().position(|file| file.path == migration).unwrap();
    let mut choice = Choice::default();
    choice.set(draft.piece_of_file(file).unwrap(), false);
    assert_eq!(deployed.choose(&draft, &choice).unwrap().level().word(), "green");
}

#[test]
fn nothing_chosen_is_no_plan_and_a_branch_that_moved_is_told() {
    let deployed = Deployed::new(&[("f", b"1\n")], &[("f", b"2\n")]);
    let (_, draft) = deployed.back();
    let mut choice = Choice::default();
    choice.set(0, false);
    assert!(matches!(deployed.choose(&draft, &choice), Err(RevertError::NothingToDo)));
    let part = {
        let mut choice = Choice::default();
        choice.edit(draft.change.files[0].hunks[0].id, Some(vec!["3".to_owned()]));
        deployed.choose(&draft, &choice).unwrap()
    };
    deployed.scene.commit("Three", &[("f", b"2\n"), ("g", b"1\n")]);
    assert!(matches!(deployed.choose(&draft, &Choice::default()), Err(RevertError::Moved { .. })));
    let late = revert::commit(&deployed.scene.path(), &approved(part), None, Scene::now());
    assert!(matches!(late, Err(RevertError::Moved { .. })));
}

#[test]
fn a_patch_from_elsewhere_is_taken_in_parts_too_or_refused_with_the_reason() {
    let deployed = Deployed::new(&[("f", LONG.as_bytes())], &[("f", LONG.replace('2', "two").as_bytes())]);
    let patch = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,3 +1,4 @@\n 1\n-two\n+2\n+2.5\n 3\n@@ -9,2 +10,2 @@\n 9\n-10\n+ten\n";
    let (_, draft) = deployed.prepare(Proposal::Patch(patch.to_owned())).unwrap();
    let hunks = &draft.change.files[0].hunks;
    assert_eq!(hunks.len(), 2);
    let mut choice = Choice::default();
    choice.set(draft.piece_of(0, hunks[1].id).unwrap(), false);
    let plan = deployed.choose(&draft, &choice).unwrap();
    let commit = deployed.commit(&plan);
    assert_eq!(deployed.content(&commit, "f").unwrap(), LONG.replace("2\n", "2\n2.5\n").as_bytes());
    for wrong in [patch.replace("-two", "-zwei"), patch.replace("a/f b/f", "a/g b/g").replace("/f\n", "/g\n")] {
        assert!(matches!(deployed.prepare(Proposal::Patch(wrong)), Err(RevertError::NotApplying(_))));
    }
}

/// A file's content before and after, whatever it holds.
fn any_content() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        6 => "[abc]{0,3}".prop_map(String::into_bytes),
        1 => Just(b"\x1b[2J\x1b]52;c;eA==\x07".to_vec()),
        1 => Just(b"\xff\xfe bytes".to_vec()),
        1 => Just("漢\u{202e}字\u{200b}".as_bytes().to_vec()),
        1 => Just(vec![b'x'; 9_000]),
    ];
    let end = prop_oneof![8 => Just(&b"\n"[..]), 1 => Just(&b"\r\n"[..])];
    let lines = prop::collection::vec((line, end), 0..14);
    (lines, any::<bool>(), 0_u8..20).prop_map(|(lines, is_open, kind)| {
        let mut content: Vec<u8> = lines.iter().flat_map(|(line, end)| [line, *end].concat()).collect();
        if is_open && content.ends_with(b"\n") {
            content.pop();
        }
        if kind == 0 {
            content.insert(0, 0);
        }
        content
    })
}

/// Files before and after a deploy: changed, added, deleted, renamed, and with another mode.
#[derive(Clone, Debug)]
struct Files {
    before: Vec<(String, Vec<u8>)>,
    after: Vec<(String, Vec<u8>)>,
    is_executable: bool,
}

fn any_files() -> impl Strategy<Value = Files> {
    let pair = || (any_content(), any_content(), 0_u8..6);
    let tail = "[abc\n]{0,12}".prop_map(String::into_bytes);
    (prop::collection::vec(pair(), 1..4), any::<bool>(), tail).prop_map(|(pairs, is_executable, moved)| {
        let mut files = Files { before: Vec::new(), after: Vec::new(), is_executable };
        for (index, (before, after, kind)) in pairs.into_iter().enumerate() {
            let path = format!("dir {index}/f.py");
            match kind {
                0 => files.before.push((path, before)),
                1 => files.after.push((path, after)),
                _ => {
                    files.before.push((path.clone(), before));
                    files.after.push((path, after));
                }
            }
        }
        // Long enough, and alike enough, to be recognized under its new name and taken for no other file.
        let body: Vec<u8> = (0..60).flat_map(|n| format!("line {n} of what moves\n").into_bytes()).collect();
        files.before.push(("old name".to_owned(), body.clone()));
        files.after.push(("new name".to_owned(), [body, moved].concat()));
        files
    })
}

fn git(scene: &Scene, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    use std::process::Stdio;
    let mut command = Command::new("git");
    command.arg("-C").arg(scene.path()).args(arguments).env("GIT_INDEX_FILE", scene.beside("index"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A patch of git's own, cut into files, and each into its head and hunks.
fn cut(patch: &[u8]) -> Vec<(Vec<u8>, Vec<Vec<u8>>)> {
    let mut files: Vec<(Vec<u8>, Vec<Vec<u8>>)> = Vec::new();
    for line in patch.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"diff --git ") {
            files.push((line.to_vec(), Vec::new()));
            continue;
        }
        let (head, hunks) = files.last_mut().unwrap();
        if line.starts_with(b"@@ ") {
            hunks.push(line.to_vec());
        } else {
            hunks.last_mut().unwrap_or(head).extend_from_slice(line);
        }
    }
    files
}

/// Where a hunk of git's begins, and how many lines it takes away and puts there.
fn place(hunk: &[u8]) -> (i64, usize, usize) {
    let head = String::from_utf8_lossy(hunk.split(|byte| *byte == b'\n').next().unwrap()).into_owned();
    let range = |sign: char| head.split(sign).nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let length = |range: &str| range.split_once(',').map_or(1, |(_, length)| length.parse().unwrap());
    let (old, new) = (range('-'), range('+'));
    (old.split(',').next().unwrap().parse().unwrap(), length(&old), length(&new))
}

/// A hunk without context, put where it belongs when those before it moved the lines by `ahead`.
fn moved(hunk: &[u8], ahead: &mut i64) -> Vec<u8> {
    let end = hunk.iter().position(|byte| *byte == b'\n').unwrap();
    let head = String::from_utf8_lossy(&hunk[..end]).into_owned();
    let numbers = |sign: char| -> (i64, i64) {
        let range = head.split(sign).nth(1).unwrap().split(' ').next().unwrap();
        let (start, length) = range.split_once(',').unwrap_or((range, "1"));
        (start.parse().unwrap(), length.parse().unwrap())
    };
    let ((old, n_old), (_, n_new)) = (numbers('-'), numbers('+'));
    let first = old + i64::from(n_old == 0) + *ahead - i64::from(n_new == 0);
    *ahead += n_new - n_old;
    [format!("@@ -{old},{n_old} +{first},{n_new} @@").as_bytes(), &hunk[end..]].concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What is chosen gives the tree that git gives when it applies the accepted hunks, whatever the files hold.
    #[test]
    fn what_is_chosen_is_what_git_makes_of_the_accepted_hunks(files in any_files(), accepts in prop::collection::vec(any::<bool>(), 64)) {
        let scene = Scene::new();
        let Files { before, after, is_executable } = &files;
        let listed: Vec<(&str, &[u8])> =
            before.iter().map(|(path, content)| (path.as_str(), content.as_slice())).collect();
        let base = scene.commit("One", &listed);
        for (path, content) in after {
            scene.write(path, content);
        }
        for (path, _) in before.iter().filter(|(path, _)| !after.iter().any(|(other, _)| other == path)) {
            fs::remove_file(scene.path().join(path)).unwrap();
        }
        if *is_executable {
            fs::set_permissions(scene.path().join(&after[0].0), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let head = scene.commit_all(&scene.repo(), "Two");
        let change = read::change(&scene.repo(), &format!("{base}..{head}")).unwrap();
        let deployed = Deployed { scene, change };
        let (whole, draft) = deployed.back();

        // Of each piece it is decided by chance; then every hunk that git names has the decision of ours.
        let mut choice = Choice::default();
        for piece in 0..draft.pieces().len() {
            choice.set(piece, accepts[piece % accepts.len()]);
        }
        let head_tree = format!("{head}^{{tree}}");
        let diff = ["diff", "-U0", "-M", "--binary", "--full-index", "--no-color", "--no-indent-heuristic", "--no-ext-diff", &head_tree, &whole.tree];
        // The tree that going back gives is the base's, so git knows it.
        let patch = git(&deployed.scene, &diff, b"");
        let cut_files = cut(&patch);
        // Which small or binary file is taken for another one under a new name is a matter of taste.
        let n_moved = draft.change.files.iter().filter(|file| file.status == FileStatus::Renamed).count();
        prop_assume!(n_moved == 1 && cut_files.len() == draft.change.files.len());
        let mut accepted = Vec::new();
        for ((head, hunks), (index, file)) in cut_files.iter().zip(draft.change.files.iter().enumerate()) {
            if draft.is_left_out(index, &choice) {
                continue;
            }
            accepted.extend_from_slice(head);
            if file.opaque || matches!(file.status, FileStatus::Added | FileStatus::Deleted) || hunks.is_empty() {
                hunks.iter().for_each(|hunk| accepted.extend_from_slice(hunk));
                continue;
            }
            prop_assert_eq!(hunks.len(), file.hunks.len());
            // So is which of several equal lines is the one that stayed.
            let ours = file.hunks.iter().map(|hunk| (i64::from(hunk.new_start), hunk.added.len(), hunk.removed.len()));
            prop_assume!(hunks.iter().map(|hunk| place(hunk)).eq(ours));
            let mut ahead = 0;
            let ids: Vec<HunkId> = file.hunks.iter().map(|hunk| hunk.id).collect();
            for (hunk, id) in hunks.iter().zip(ids) {
                if !draft.is_rejected(index, id, &choice) {
                    accepted.extend(moved(hunk, &mut ahead));
                }
            }
        }
        git(&deployed.scene, &["read-tree", &head_tree], b"");
        if !accepted.is_empty() {
            git(&deployed.scene, &["apply", "--cached", "--unidiff-zero", "--whitespace=nowarn", "-"], &accepted);
        }
        let expected = String::from_utf8(git(&deployed.scene, &["write-tree"], b"")).unwrap();
        match deployed.choose(&draft, &choice) {
            Ok(plan) => {
                prop_assert_eq!(plan.tree.as_str(), expected.trim());
                deployed.commit(&plan);
            }
            Err(RevertError::NothingToDo) => prop_assert!(accepted.is_empty()),
            Err(error) => prop_assert!(false, "{}", error),
        }
        // And it is laid out to be read, every changed line of it once.
        let sheet = Prepared::of(whole, draft).sheet;
        let rows = aftercare::app::sheet::Rows::of(&sheet, &choice, false);
        let n_lines: usize = sheet.draft.change.files.iter().flat_map(|file| &file.hunks).map(|hunk| hunk.removed.len() + hunk.added.len()).sum();
        prop_assert_eq!(rows.all.iter().filter(|row| row.hunk().is_some()).count(), n_lines);
    }
}
