//! Repositories that mean no good, or are merely unusual.

use std::fs;

use aftercare::shell::git::GitError;
use aftercare::shell::git::read::{self, Range};
use aftercare::triage::{Class, FileStatus};
use git2::Repository;

use super::{File, commit, line, repository};

fn changed(files: &[File]) -> aftercare::triage::Change {
    let folder = tempfile::tempdir().unwrap();
    let repo = repository(folder.path(), files);
    read::change(&repo, "base..head").unwrap()
}

#[test]
fn binary_and_huge_files_have_no_hunks() {
    let many_lines = "x\n".repeat(60_000);
    let many_bytes = "y".repeat(3 * 1024 * 1024);
    let change = changed(&[
        File::new("a.bin", Some(b"\x00\x01"), Some(b"\x00\x02")),
        File::new("lines.py", Some(b"x\n"), Some(many_lines.as_bytes())),
        File::new("bytes.py", Some(b"x\n"), Some(many_bytes.as_bytes())),
    ]);
    assert_eq!(change.files.len(), 3);
    assert!(change.files.iter().all(|file| file.opaque && file.hunks.is_empty() && file.head_text.is_none()));
}

#[test]
fn ten_thousand_hunks_are_judged() {
    let text = |word: &str| {
        (0..20_000_u32)
            .map(|n| if n.is_multiple_of(2) { format!("{word}{n} = f({n})\n") } else { format!("k{n} = {n}\n") })
            .collect::<String>()
    };
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), &[File::new("a.py", Some(text("a").as_bytes()), Some(text("b").as_bytes()))]);
    let symptom = line("a.py:4001: NameError: name 'a4000' is not defined");
    let (verdict, change) = read::triage(folder.path(), &Range::new("base", "head"), &symptom).unwrap();
    assert_eq!(change.files[0].hunks.len(), 10_000);
    assert_eq!(verdict.suspects[0].start, 4_001);
    assert_eq!(verdict.suspects.len(), 20);
}

#[test]
fn odd_paths_and_bytes_survive() {
    let change = changed(&[
        File::new("a dir/with space\nand line.py", Some(b"a\n"), Some(b"b\n")),
        File::new("latin.py", Some(b"name = 'caf\xe9'\n"), Some(b"name = 'th\xe9'\n")),
        File::new("crlf.py", Some(b"a\r\nb\r\n"), Some(b"a\r\nc\r\n")),
    ]);
    let paths: Vec<&str> = change.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["a dir/with space\nand line.py", "crlf.py", "latin.py"]);
    assert_eq!(change.files[1].hunks[0].added, ["c"]);
    assert_eq!(change.files[2].hunks[0].added, ["name = 'th\u{fffd}'"]);
}

#[test]
fn hunks_are_numbered_in_order_of_file_and_line() {
    let change = changed(&[
        File::new("b.py", Some(b"1\n2\n3\n4\n5\n"), Some(b"x\n2\n3\n4\ny\n")),
        File::new("a.py", Some(b"1\n2\n"), Some(b"2\n")),
    ]);
    let hunks: Vec<(u32, u32, u32)> = change
        .files
        .iter()
        .flat_map(|file| &file.hunks)
        .map(|hunk| (hunk.id.0, hunk.old_start, hunk.new_start))
        .collect();
    assert_eq!(hunks, [(0, 1, 0), (1, 1, 1), (2, 5, 5)]);
}

#[test]
fn a_rename_keeps_its_old_path_and_a_deletion_its_own() {
    let body = b"one line\ntwo lines\nthree lines\nfour lines\n";
    let change = changed(&[
        File::new("old.py", Some(body), None),
        File::new("new.py", None, Some(body)),
        File::new("gone.py", Some(b"something else entirely\n"), None),
    ]);
    let gone = change.files.iter().find(|file| file.path == "gone.py").unwrap();
    assert_eq!((gone.status, gone.hunks.len(), &gone.head_text), (FileStatus::Deleted, 1, &None));
    let moved = change.files.iter().find(|file| file.path == "new.py").unwrap();
    assert_eq!((moved.status, moved.old_path.as_deref()), (FileStatus::Renamed, Some("old.py")));
    assert!(moved.hunks[0].is_whole_file());
}

/// Puts one entry of any mode into a tree beside a plain file.
fn tree_with(repo: &Repository, mode: i32, target: git2::Oid) -> git2::Oid {
    let mut tree = repo.treebuilder(None).unwrap();
    tree.insert("plain.py", repo.blob(b"a = 1\n").unwrap(), 0o100_644).unwrap();
    tree.insert("odd", target, mode).unwrap();
    tree.write().unwrap()
}

fn commit_tree(repo: &Repository, tree: git2::Oid, parents: &[git2::Oid], tag: &str) -> git2::Oid {
    let author = git2::Signature::new("Ada", "ada@example.org", &git2::Time::new(1_760_000_000, 0)).unwrap();
    let parents: Vec<git2::Commit<'_>> = parents.iter().map(|id| repo.find_commit(*id).unwrap()).collect();
    let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
    let tree = repo.find_tree(tree).unwrap();
    let id = repo.commit(None, &author, &author, tag, &tree, &parents).unwrap();
    repo.reference(&format!("refs/tags/{tag}"), id, true, "").unwrap();
    id
}

#[test]
fn submodules_symlinks_and_modes_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let repo = Repository::init_bare(folder.path()).unwrap();
    let (one, two) = (repo.blob(b"odd").unwrap(), repo.blob(b"../odd").unwrap());
    let submodule = git2::Oid::from_str("1234567890123456789012345678901234567890").unwrap();
    let trees = [(0o120_000, one), (0o120_000, two), (0o160_000, submodule), (0o100_644, one), (0o100_755, one)];
    let mut last = Vec::new();
    for (number, (mode, target)) in trees.into_iter().enumerate() {
        let tree = tree_with(&repo, mode, target);
        last = vec![commit_tree(&repo, tree, &last, &format!("t{number}"))];
    }
    let odd =
        |range: &str| read::change(&repo, range).unwrap().files.into_iter().find(|file| file.path == "odd").unwrap();
    for range in ["t0..t1", "t1..t2", "t2..t3"] {
        let file = odd(range);
        assert!(file.opaque && file.hunks.is_empty(), "{range}");
    }
    let mode = odd("t3..t4");
    assert!(!mode.opaque && mode.status == FileStatus::Modified && mode.hunks[0].is_whole_file());
}

#[test]
fn every_way_to_name_a_revision_works() {
    let folder = tempfile::tempdir().unwrap();
    let repo = repository(folder.path(), &[File::new("a.py", Some(b"a\n"), Some(b"b\n"))]);
    let base = read::resolve(&repo, "base").unwrap();
    let head = read::resolve(&repo, "main").unwrap();
    for range in [
        format!("{base}..{head}"),
        format!("{}..{}", &base[..8], &head[..8]),
        "main~1..main".into(),
        "base...head".into(),
        "refs/tags/base..refs/heads/main".into(),
    ] {
        let change = read::change(&repo, &range).unwrap();
        assert_eq!((&change.base, &change.head, change.files.len()), (&base, &head, 1), "{range}");
        assert_eq!((change.commits.len(), change.commits[0].subject.as_str()), (1, "Make head"), "{range}");
        assert_eq!(change.commits[0].paths, ["a.py"]);
    }
    let all = read::change(&repo, "4b825dc642cb6eb9a060e54bf8d69288fbee4904..head").unwrap();
    assert_eq!((all.files[0].status, all.commits.len()), (FileStatus::Added, 2));
    assert_eq!(read::deployed_ref_tip(&repo, "main").unwrap(), head);
    assert_eq!(read::deployed_ref_tip(&repo, "base").unwrap(), base);
    assert_eq!(read::describe(&repo, &head[..10]).unwrap().author, "Ada");
}

#[test]
fn what_cannot_be_found_is_said_clearly() {
    let folder = tempfile::tempdir().unwrap();
    let repo = repository(folder.path(), &[File::new("a.py", Some(b"a\n"), Some(b"b\n"))]);
    let says = |range: &str| read::change(&repo, range).unwrap_err().to_string();
    assert_eq!(says("base..v9"), "no branch, tag or commit is named \"v9\"");
    assert_eq!(says("base"), "\"base\" is not a range of two revisions, such as v1.8.1..v1.8.2");
    assert_eq!(says("a..b..c"), "\"a..b..c\" is not a range of two revisions, such as v1.8.1..v1.8.2");
    assert_eq!(says("base..head^{tree}"), "\"head^{tree}\" is not a commit");
    assert!(matches!(read::deployed_ref_tip(&repo, "nope"), Err(GitError::UnknownRevision(_))));
    assert!(matches!(read::deployed_ref_tip(&repo, "bad\u{0}name"), Err(GitError::UnknownRevision(_))));
    let empty = tempfile::tempdir().unwrap();
    let nothing = Repository::init(empty.path()).unwrap();
    assert!(matches!(read::change(&nothing, "HEAD~1..HEAD"), Err(GitError::NoCommits)));
    let none = tempfile::tempdir().unwrap();
    assert!(matches!(read::open(none.path()), Err(GitError::NotARepository(_))));
}

#[test]
fn a_shallow_clone_says_that_it_is_shallow() {
    let folder = tempfile::tempdir().unwrap();
    let repo = repository(folder.path(), &[File::new("a.py", Some(b"a\n"), Some(b"b\n"))]);
    let head = read::resolve(&repo, "head").unwrap();
    fs::write(folder.path().join("shallow"), format!("{head}\n")).unwrap();
    let repo = Repository::open(folder.path()).unwrap();
    assert!(matches!(read::change(&repo, "v0..head"), Err(GitError::BeyondShallow(_))));
}

#[test]
fn only_first_parents_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let repo = Repository::init_bare(folder.path()).unwrap();
    let of = |text: &'static [u8]| [("a.py", Some(text))].into_iter();
    let first = commit(&repo, of(b"1\n"), &[], "first");
    let side = commit(&repo, of(b"2\n"), &[first], "side");
    let main = commit(&repo, of(b"3\n"), &[first], "own");
    commit(&repo, of(b"4\n"), &[main, side], "merge");
    let subjects: Vec<String> =
        read::change(&repo, "first..merge").unwrap().commits.into_iter().map(|commit| commit.subject).collect();
    assert_eq!(subjects, ["Make merge", "Make own"]);
}

#[test]
fn reading_leaves_the_repository_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), &[File::new("a.py", Some(b"a\n"), Some(b"b\n"))]);
    let listing = || {
        let mut names: Vec<String> = walk(folder.path());
        names.sort();
        names
    };
    let before = listing();
    let symptom = line("a.py:1: boom");
    let (_, change) = read::triage(folder.path(), &Range::new("base", "head"), &symptom).unwrap();
    assert_eq!(change.files[0].class, Class::Runtime);
    assert_eq!(listing(), before);
}

fn walk(folder: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else {
                vec![format!("{} {}", path.display(), fs::metadata(&path).unwrap().len())]
            }
        })
        .collect()
}

#[test]
fn the_identity_is_that_of_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let repo = Repository::init_bare(folder.path()).unwrap();
    let mut config = repo.config().unwrap().open_level(git2::ConfigLevel::Local).unwrap();
    config.set_str("user.name", " Ada ").unwrap();
    config.set_str("user.email", "ada@example.org").unwrap();
    assert_eq!(read::identity(&repo), Some(("Ada".to_owned(), "ada@example.org".to_owned())));
    config.set_str("user.email", "").unwrap();
    assert_eq!(read::identity(&repo), None);
}
