//! Going back in real repositories.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use aftercare::remedy::{Approved, Person, Plan, Scope, approve};
use aftercare::shell::git::read;
use aftercare::shell::git::revert::{self, Checkout, Request, RevertError};
use aftercare::triage::{Change, HunkId};
use git2::{BranchType, Oid, Repository};

use super::scene::Scene;

fn change_of(scene: &Scene, base: Oid, head: Oid) -> Change {
    read::change(&scene.repo(), &format!("{base}..{head}")).unwrap()
}

fn plan_of(scene: &Scene, change: &Change, scope: Scope) -> Result<Plan, RevertError> {
    revert::plan(&scene.path(), change, &Request::new("api", scope))
}

pub fn approved(plan: Plan) -> Approved {
    let shown = plan.digest();
    let by = Person { name: "Grace Hopper".to_owned(), email: "grace@example.org".to_owned() };
    approve(plan, shown, "api", by).unwrap()
}

/// The files of a tree, with mode and content.
fn files(repo: &Repository, tree: &str) -> Vec<(String, i32, Vec<u8>)> {
    let mut files = Vec::new();
    let tree = repo.find_tree(Oid::from_str(tree).unwrap()).unwrap();
    tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
        if let Ok(blob) = repo.find_blob(entry.id()) {
            let path = format!("{folder}{}", entry.name().unwrap());
            files.push((path, entry.filemode(), blob.content().to_vec()));
        }
        git2::TreeWalkResult::Ok
    })
    .unwrap();
    files
}

/// Plans, checks that nothing was written, commits, and returns the files of the new commit.
#[track_caller]
fn go_back(scene: &Scene, change: &Change, scope: Scope) -> Vec<(String, i32, Vec<u8>)> {
    let before = scene.everything();
    let plan = plan_of(scene, change, scope).unwrap();
    assert!(scene.everything() == before, "planning writes nothing");
    let untouchable = scene.untouchable();
    let committed = revert::commit(&scene.path(), &approved(plan.clone()), None, Scene::now()).unwrap();
    assert!(scene.untouchable() == untouchable, "work tree, index, HEAD and branches stay");
    let repo = scene.repo();
    let commit = repo.find_commit(Oid::from_str(&committed.commit).unwrap()).unwrap();
    assert_eq!(commit.tree_id().to_string(), plan.tree);
    assert!(commit.parent_ids().map(|id| id.to_string()).eq([plan.parent.clone()]));
    assert_eq!(commit.author().name().unwrap(), "Grace Hopper");
    assert_eq!(commit.committer().email().unwrap(), "grace@example.org");
    assert_eq!(commit.message().unwrap(), plan.message);
    let branch = repo.find_branch(&committed.branch, BranchType::Local).unwrap();
    assert_eq!(branch.get().peel_to_commit().unwrap().id(), commit.id());
    files(&repo, &plan.tree)
}

fn content<'a>(files: &'a [(String, i32, Vec<u8>)], path: &str) -> Option<&'a str> {
    files.iter().find(|file| file.0 == path).map(|file| std::str::from_utf8(&file.2).unwrap())
}

#[test]
fn the_whole_range_gives_exactly_the_base() {
    let scene = Scene::new();
    let base = scene
        .commit("One", &[("a b/\u{1b}[31mé\".txt", b"old\r\n"), ("gone", b"x"), ("bin", b"\0\x01"), ("-rf", b"1")]);
    scene.commit("Two", &[("a b/\u{1b}[31mé\".txt", b"new"), ("added", b"x\n"), ("bin", b"\0\x02"), ("-rf", b"2")]);
    fs::set_permissions(scene.path().join("added"), fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", scene.path().join("link")).unwrap();
    let head = scene.commit_all(&scene.repo(), "Three");
    // What the user has not committed yet is theirs.
    scene.write("added", b"being edited\n");
    scene.write("untracked", b"mine\n");
    let change = change_of(&scene, base, head);
    let went = go_back(&scene, &change, Scope::Range);
    let base_tree = scene.repo().find_commit(base).unwrap().tree_id().to_string();
    assert_eq!(went, files(&scene.repo(), &base_tree));
}

#[test]
fn the_patch_can_be_applied_by_git_itself() {
    let scene = Scene::new();
    let base = scene.commit("One", &[("kept", b"a\nb\nc\n"), ("old name", b"1\n2\n3\n4\n5\n"), ("bin", b"\0\x01")]);
    let head = scene.commit("Two", &[("kept", b"a\nB\nc"), ("new name", b"1\n2\n3\n4\n5\n"), ("bin", b"\0\x02")]);
    let plan = plan_of(&scene, &change_of(&scene, base, head), Scope::Range).unwrap();
    let patch = scene.beside("patch");
    fs::write(&patch, &plan.patch).unwrap();
    let status =
        std::process::Command::new("git").arg("-C").arg(scene.path()).arg("apply").arg(&patch).status().unwrap();
    assert!(status.success(), "{}", plan.patch);
    assert_eq!(fs::read(scene.path().join("kept")).unwrap(), b"a\nb\nc\n");
    assert_eq!(fs::read(scene.path().join("bin")).unwrap(), b"\0\x01");
    assert!(scene.path().join("old name").exists());
}

#[test]
fn chosen_hunks_go_back_and_the_others_stay() {
    let scene = Scene::new();
    let base = scene.commit("One", &[("f", b"a\nb\nc\nd\ne\n"), ("g", b"1\n")]);
    let head = scene.commit("Two", &[("f", b"A\nb\nc\nd\nE"), ("g", b"2\n")]);
    let change = change_of(&scene, base, head);
    let went = go_back(&scene, &change, Scope::Hunks(vec![HunkId(1)]));
    assert_eq!((content(&went, "f"), content(&went, "g")), (Some("A\nb\nc\nd\ne\n"), Some("2\n")));
    let went = go_back(&scene, &change, Scope::Hunks(vec![HunkId(0), HunkId(2)]));
    assert_eq!((content(&went, "f"), content(&went, "g")), (Some("a\nb\nc\nd\nE"), Some("1\n")));
}

#[test]
fn added_deleted_and_renamed_files_go_back_whole() {
    let scene = Scene::new();
    let long = |last: &str| (0..30).map(|n| format!("line {n}\n")).collect::<String>() + last;
    let base = scene.commit("One", &[("dir/gone", b"x\ny\n"), ("old", long("a\n").as_bytes())]);
    let head = scene.commit("Two", &[("added", b"something else\n"), ("new", long("b\n").as_bytes())]);
    let change = change_of(&scene, base, head);
    for file in &change.files {
        let went = go_back(&scene, &change, Scope::Hunks(vec![file.hunks[0].id]));
        let paths: Vec<&str> = went.iter().map(|file| file.0.as_str()).collect();
        match file.path.as_str() {
            "added" => assert_eq!(paths, ["new"]),
            "dir/gone" => {
                assert_eq!((paths, content(&went, "dir/gone")), (vec!["added", "dir/gone", "new"], Some("x\ny\n")))
            }
            "new" => assert_eq!((paths, content(&went, "old")), (vec!["added", "old"], Some(long("a\n").as_str()))),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_changed_mode_goes_back_with_the_last_hunk() {
    let scene = Scene::new();
    let base = scene.commit("One", &[("run", b"a\nb\nc\n")]);
    scene.write("run", b"A\nb\nC\n");
    fs::set_permissions(scene.path().join("run"), fs::Permissions::from_mode(0o755)).unwrap();
    let head = scene.commit_all(&scene.repo(), "Two");
    let change = change_of(&scene, base, head);
    let one = go_back(&scene, &change, Scope::Hunks(vec![HunkId(0)]));
    assert_eq!(one, [("run".to_owned(), 0o100_755, b"a\nb\nC\n".to_vec())]);
    let both = go_back(&scene, &change, Scope::Hunks(vec![HunkId(0), HunkId(1)]));
    assert_eq!(both, [("run".to_owned(), 0o100_644, b"a\nb\nc\n".to_vec())]);
}

#[test]
fn a_file_does_not_come_back_over_a_folder() {
    let scene = Scene::new();
    let base = scene.commit("One", &[("a", b"file\n")]);
    let head = scene.commit("Two", &[("a/b", b"other\nthing\n")]);
    let change = change_of(&scene, base, head);
    let gone = change.files.iter().find(|file| file.path == "a").unwrap();
    let refused = plan_of(&scene, &change, Scope::Hunks(vec![gone.hunks[0].id]));
    assert!(matches!(refused, Err(RevertError::InTheWay(path)) if path == "a"));
}

#[test]
fn later_commits_stay_where_they_do_not_meet() {
    let scene = Scene::new();
    let lines = |first: &str, last: &str| format!("{first}\n{}{last}\n", "x\n".repeat(20)).into_bytes();
    let base = scene.commit("One", &[("f", &lines("a", "z"))]);
    let head = scene.commit("Two", &[("f", &lines("A", "z"))]);
    scene.commit("Later", &[("f", &lines("A", "Z")), ("g", b"later\n")]);
    let change = change_of(&scene, base, head);
    let went = go_back(&scene, &change, Scope::Range);
    assert_eq!(content(&went, "f").unwrap().as_bytes(), lines("a", "Z"));
    assert_eq!(content(&went, "g"), Some("later\n"));
    let plan = plan_of(&scene, &change, Scope::Range).unwrap();
    assert!(plan.concerns.iter().any(|concern| concern.rule == "history.changed-later" && concern.file == "f"));
}

#[test]
fn a_conflict_with_later_commits_is_refused_by_name() {
    let scene = Scene::new();
    let base = scene.commit("One", &[("f", b"a\n"), ("g", b"a\n")]);
    let head = scene.commit("Two", &[("f", b"b\n"), ("g", b"b\n")]);
    scene.commit("Later", &[("f", b"c\n"), ("g", b"b\n")]);
    let before = scene.everything();
    let refused = plan_of(&scene, &change_of(&scene, base, head), Scope::Range);
    assert!(matches!(refused, Err(RevertError::Conflict(paths)) if paths == ["f"]));
    assert!(scene.everything() == before, "a refusal writes nothing");
}

#[test]
fn a_range_with_a_merge_goes_back_whole() {
    let scene = Scene::new();
    let base = scene.commit("One", &[("f", b"a\n")]);
    let repo = scene.repo();
    let side = scene.commit("Side", &[("f", b"a\n"), ("s", b"side\n")]);
    let author = git2::Signature::new("Ada", "a@b", &git2::Time::new(0, 0)).unwrap();
    let commit = |id| repo.find_commit(id).unwrap();
    let tree = commit(side).tree().unwrap();
    let merge = repo.commit(None, &author, &author, "Merge side", &tree, &[&commit(base), &commit(side)]).unwrap();
    repo.reference("refs/heads/main", merge, true, "merge").unwrap();
    let change = change_of(&scene, base, merge);
    let went = go_back(&scene, &change, Scope::Range);
    assert_eq!(went.len(), 1);
    let plan = plan_of(&scene, &change, Scope::Range).unwrap();
    assert!(plan.concerns.iter().any(|concern| concern.rule == "history.merge"));
}

#[test]
fn a_submodule_goes_back_to_its_commit() {
    let scene = Scene::new();
    let repo = scene.repo();
    let module = |id: &str| {
        let mut index = git2::Index::new().unwrap();
        let entry = git2::IndexEntry {
            ctime: git2::IndexTime::new(0, 0),
            mtime: git2::IndexTime::new(0, 0),
            dev: 0,
            ino: 0,
            mode: 0o160_000,
            uid: 0,
            gid: 0,
            file_size: 0,
            id: Oid::from_str(id).unwrap(),
            flags: 0,
            flags_extended: 0,
            path: b"vendor/lib".to_vec(),
        };
        index.add(&entry).unwrap();
        index.write_tree_to(&repo).unwrap()
    };
    let trees = [module(&"1".repeat(40)), module(&"2".repeat(40))];
    let [base, head] = trees.map(|tree| scene.commit_tree(&repo, "Move", &repo.find_tree(tree).unwrap()));
    let change = change_of(&scene, base, head);
    let plan = plan_of(&scene, &change, Scope::Range).unwrap();
    assert_eq!(plan.tree, trees[0].to_string());
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let scene = Scene::new();
    let base = scene.commit("One", &[("f", b"a\n")]);
    let head = scene.commit("Two", &[("f", b"b\n")]);
    let change = change_of(&scene, base, head);
    assert!(matches!(plan_of(&scene, &change, Scope::Hunks(vec![HunkId(7)])), Err(RevertError::NoSuchHunk(7))));
    assert!(matches!(plan_of(&scene, &change, Scope::Hunks(vec![])), Err(RevertError::NothingToDo)));
    let first = Change { base: "4b825dc642cb6eb9a060e54bf8d69288fbee4904".to_owned(), ..change.clone() };
    assert!(matches!(plan_of(&scene, &first, Scope::Range), Err(RevertError::NothingBefore)));
    let unknown = Change { base: "1".repeat(40), ..change.clone() };
    assert!(plan_of(&scene, &unknown, Scope::Range).unwrap_err().to_string().contains("no branch, tag or commit"));
    fs::write(scene.path().join(".git/shallow"), format!("{head}\n")).unwrap();
    assert!(plan_of(&scene, &unknown, Scope::Range).unwrap_err().to_string().contains("shallow"));
    fs::remove_file(scene.path().join(".git/shallow")).unwrap();
    let on = |branch| Request { target_branch: Some(branch), ..Request::new("api", Scope::Range) };
    let repo = scene.repo();
    repo.branch("old", &repo.find_commit(base).unwrap(), false).unwrap();
    assert!(matches!(revert::plan(&scene.path(), &change, &on("old")), Err(RevertError::NotOnBranch { .. })));
    assert!(revert::plan(&scene.path(), &change, &on("nowhere")).is_err());
    assert!(revert::plan(&scene.beside("nothing"), &change, &on("main")).is_err());
    assert_eq!(revert::plan(&scene.path(), &change, &on("main")).unwrap().parent, head.to_string());
}

#[test]
fn a_shallow_clone_goes_back_as_far_as_it_reaches() {
    let scene = Scene::new();
    let first = scene.commit("One", &[("f", b"a\n")]);
    let base = scene.commit("Two", &[("f", b"b\n")]);
    let head = scene.commit("Three", &[("f", b"c\n")]);
    let clone = scene.beside("shallow");
    let from = format!("file://{}", scene.path().display());
    let git = std::process::Command::new("git").args(["clone", "-q", "--depth", "2", &from]).arg(&clone).status();
    assert!(git.unwrap().success());
    let full = change_of(&scene, first, head);
    let plan = |change: &Change| revert::plan(&clone, change, &Request::new("api", Scope::Range));
    let beyond = plan(&full).unwrap_err();
    assert!(beyond.to_string().contains("shallow") && beyond.failure().hint.contains("--unshallow"), "{beyond}");
    let within = plan(&change_of(&scene, base, head)).unwrap();
    let committed = revert::commit(&clone, &approved(within.clone()), None, Scene::now()).unwrap();
    let repo = Repository::open(&clone).unwrap();
    let commit = repo.find_commit(Oid::from_str(&committed.commit).unwrap()).unwrap();
    assert_eq!(content(&files(&repo, &commit.tree_id().to_string()), "f"), Some("b\n"));
}

#[test]
fn a_branch_that_moved_since_the_plan_is_refused() {
    let scene = Scene::new();
    let base = scene.commit("One", &[("f", b"a\n")]);
    let head = scene.commit("Two", &[("f", b"b\n")]);
    let plan = plan_of(&scene, &change_of(&scene, base, head), Scope::Range).unwrap();
    scene.commit("Later", &[("f", b"b\n"), ("g", b"1\n")]);
    let refused = revert::commit(&scene.path(), &approved(plan), None, Scene::now());
    assert!(matches!(refused, Err(RevertError::Moved { .. })));
}

#[test]
fn a_plan_that_says_something_else_than_it_does_is_refused() {
    let scene = Scene::new();
    let base = scene.commit("One", &[("f", b"a\n")]);
    let other = scene.commit("Other", &[("f", b"evil\n")]);
    let head = scene.commit("Two", &[("f", b"b\n")]);
    let plan = plan_of(&scene, &change_of(&scene, base, head), Scope::Range).unwrap();
    let tree = scene.repo().find_commit(other).unwrap().tree_id().to_string();
    for forged in [Plan { tree, ..plan.clone() }, Plan { patch: "harmless".to_owned(), ..plan }] {
        let refused = revert::commit(&scene.path(), &approved(forged), None, Scene::now());
        assert!(matches!(refused, Err(RevertError::NotAsApproved(_))));
    }
    assert_eq!(scene.repo().branches(Some(BranchType::Local)).unwrap().count(), 1);
}

#[test]
fn committing_twice_gives_the_same_commit_and_never_overwrites_a_branch() {
    let scene = Scene::new();
    let base = scene.commit("One", &[("f", b"a\n")]);
    let head = scene.commit("Two", &[("f", b"b\n")]);
    let plan = plan_of(&scene, &change_of(&scene, base, head), Scope::Range).unwrap();
    let first = revert::commit(&scene.path(), &approved(plan.clone()), None, Scene::now()).unwrap();
    let again = revert::commit(&scene.path(), &approved(plan.clone()), None, Scene::now()).unwrap();
    assert_eq!((again.commit, again.existed, first.existed), (first.commit, true, false));
    let repo = scene.repo();
    repo.branch(&plan.branch, &repo.find_commit(base).unwrap(), true).unwrap();
    let refused = revert::commit(&scene.path(), &approved(plan), None, Scene::now());
    assert!(matches!(refused, Err(RevertError::BranchExists(_))));
}

#[test]
fn hooks_do_not_run() {
    let scene = Scene::new();
    let base = scene.commit("One", &[("f", b"a\n")]);
    let head = scene.commit("Two", &[("f", b"b\n")]);
    let ran = scene.beside("ran");
    for hook in ["pre-commit", "commit-msg", "post-commit", "post-checkout", "reference-transaction", "pre-push"] {
        let path = scene.path().join(".git/hooks").join(hook);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\ntouch '{}'\n", ran.display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    go_back(&scene, &change_of(&scene, base, head), Scope::Range);
    assert!(!ran.exists());
}

#[test]
fn a_checkout_holds_the_new_commit_and_leaves_nothing_behind() {
    let scene = Scene::new();
    let base = scene.commit("One", &[("f", b"a\n"), ("sub/dir/g", b"1\n")]);
    let head = scene.commit("Two", &[("f", b"b\n")]);
    let plan = plan_of(&scene, &change_of(&scene, base, head), Scope::Range).unwrap();
    let committed = revert::commit(&scene.path(), &approved(plan), None, Scene::now()).unwrap();
    let before = scene.untouchable();
    let checkout = Checkout::of(&scene.path(), &committed, &scene.beside("checkouts")).unwrap();
    assert_eq!(fs::read(checkout.path().join("f")).unwrap(), b"a\n");
    assert_eq!(fs::read(checkout.path().join("sub/dir/g")).unwrap(), b"1\n");
    let there = Repository::open(checkout.path()).unwrap();
    assert_eq!(there.head().unwrap().peel_to_commit().unwrap().id().to_string(), committed.commit);
    drop((there, checkout));
    assert!(scene.untouchable() == before);
    assert_eq!(fs::read_dir(scene.path().join(".git/worktrees")).map_or(0, Iterator::count), 0);
    assert_eq!(fs::read_dir(scene.beside("checkouts")).unwrap().count(), 0);
}

#[test]
fn a_bare_repository_and_a_detached_head_work() {
    let scene = Scene::new();
    let base = scene.commit("One", &[("f", b"a\n")]);
    let head = scene.commit("Two", &[("f", b"b\n")]);
    scene.repo().set_head_detached(base).unwrap();
    let change = change_of(&scene, base, head);
    assert_eq!(plan_of(&scene, &change, Scope::Range).unwrap().parent, head.to_string());
    let bare = scene.beside("bare.git");
    git2::build::RepoBuilder::new().bare(true).clone(scene.path().to_str().unwrap(), &bare).unwrap();
    let plan = revert::plan(&bare, &change, &Request::new("api", Scope::Range)).unwrap();
    assert!(revert::commit(&bare, &approved(plan.clone()), None, Scene::now()).is_ok());
    assert!(plan.steps.iter().any(|step| step.argv == ["git", "push", "origin", plan.branch.as_str()] && !step.runs));
}
