//! Repositories as git itself makes them: what is read of them, and that they stay as they are.

mod commands;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use aftercare::shell::git::read::{self, Range};
use aftercare::shell::git::{GitError, history};
use aftercare::triage::{Change, FileStatus};
use tempfile::TempDir;

/// A folder with repositories in it, driven by the git on this machine.
struct Place {
    folder: TempDir,
}

impl Place {
    /// A folder whose `repo` is a repository without commits.
    fn new() -> Self {
        let place = Self { folder: TempDir::new().unwrap() };
        place.git_at(".", &["init", "-q", "-b", "main", "repo"]);
        place
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    fn repo(&self) -> PathBuf {
        self.path("repo")
    }

    /// Runs git in `repo`, untouched by this machine's settings; returns what it prints.
    #[track_caller]
    fn git(&self, args: &[&str]) -> String {
        self.git_at("repo", args)
    }

    #[track_caller]
    fn git_at(&self, folder: &str, args: &[&str]) -> String {
        let mut git = Command::new("git");
        for (key, _) in std::env::vars_os().filter(|(key, _)| key.as_bytes().starts_with(b"GIT_")) {
            git.env_remove(key);
        }
        git.current_dir(self.path(folder)).env("HOME", self.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
        git.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "protocol.file.allow=always"]);
        let output = git.args(args).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.repo().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Commits the work tree of `repo` as it is, and tags the commit.
    fn commit(&self, tag: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", &format!("Make {tag}")]);
        self.git(&["tag", tag]);
        self.git(&["rev-parse", "HEAD"])
    }

    #[track_caller]
    fn change(&self, range: &str) -> Change {
        self.try_change("repo", range).unwrap()
    }

    fn try_change(&self, folder: &str, range: &str) -> Result<Change, GitError> {
        read::change(&read::open(&self.path(folder)).unwrap(), range)
    }

    /// All that git keeps and all that lies in the work tree, each file with its bytes.
    fn everything(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut all, mut open) = (Vec::new(), vec![self.repo()]);
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match fs::read(&path) {
                    Ok(bytes) if !path.is_symlink() => all.push((path, bytes)),
                    _ if path.is_dir() && !path.is_symlink() => open.push(path),
                    _ => all.push((path, Vec::new())),
                }
            }
        }
        all.sort();
        all
    }
}

/// Each file as `status path`, with `<- old path` where it moved, and its hunks as `-old +new`.
fn told(change: &Change) -> Vec<String> {
    let one = |file: &aftercare::triage::FileChange| {
        let status = match file.status {
            FileStatus::Added => "A",
            FileStatus::Deleted => "D",
            FileStatus::Modified => "M",
            FileStatus::Renamed => "R",
        };
        let from = file.old_path.as_ref().map_or(String::new(), |old| format!(" <- {old}"));
        let opaque = if file.opaque { " opaque" } else { "" };
        let hunks = file.hunks.iter().map(|hunk| {
            let (removed, added) = (hunk.removed.len(), hunk.added.len());
            format!(" -{},{removed}+{},{added}", hunk.old_start, hunk.new_start)
        });
        format!("{status} {}{from}{opaque}{}", file.path, hunks.collect::<String>())
    };
    change.files.iter().map(one).collect()
}

/// What git says of the same range: `-old +new` of every hunk, in its order.
fn told_by_git(place: &Place, range: &str) -> Vec<String> {
    let diff = place.git(&["-c", "core.quotepath=off", "diff", "-U0", "--no-color", "-M", range]);
    diff.lines()
        .filter_map(|line| Some(line.strip_prefix("@@ -")?.split_once(" @@")?.0.to_owned()))
        .map(|hunk| {
            let side = |text: &str| if text.contains(',') { text.to_owned() } else { format!("{text},1") };
            let (old, new) = hunk.split_once(" +").unwrap();
            format!("-{}+{}", side(old), side(new))
        })
        .collect()
}

#[test]
fn a_range_is_read_as_git_shows_it() {
    let place = Place::new();
    let lines = |words: &[&str]| words.iter().map(|word| format!("{word}\n")).collect::<String>();
    place.write("edited.py", lines(&["a", "b", "c", "d", "e", "f"]));
    place.write("moved.py", "one line\ntwo lines\nthree lines\nfour lines\nfive lines\n");
    place.write("gone.py", "unlike the others\n");
    place.write("run.sh", "echo\n");
    place.commit("v1");
    place.write("edited.py", lines(&["new", "a", "c", "d", "E", "f"]));
    place.git(&["mv", "moved.py", "deep.py"]);
    place.write("deep.py", "one line\ntwo lines\nthree lines\nfour lines\nsix lines\n");
    fs::remove_file(place.repo().join("gone.py")).unwrap();
    fs::set_permissions(place.repo().join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    place.write("added.py", "no line end");
    place.commit("v2");
    let change = place.change("v1..v2");
    assert_eq!(
        told(&change),
        [
            "A added.py -0,0+1,1",
            "R deep.py <- moved.py -5,1+5,1",
            "M edited.py -0,0+1,1 -2,1+2,0 -5,1+5,1",
            "D gone.py -1,1+0,0",
            "M run.sh -0,0+0,0",
        ]
    );
    let hunks = change
        .files
        .iter()
        .flat_map(|file| &file.hunks)
        .filter(|hunk| !hunk.is_whole_file())
        .map(|hunk| format!("-{},{}+{},{}", hunk.old_start, hunk.removed.len(), hunk.new_start, hunk.added.len()));
    assert_eq!(hunks.collect::<Vec<_>>(), told_by_git(&place, "v1..v2"));
}

#[test]
fn what_is_no_text_has_no_hunks() {
    let place = Place::new();
    place.git_at(".", &["init", "-q", "-b", "main", "library"]);
    place.git_at("library", &["commit", "-q", "--allow-empty", "-m", "One"]);
    place.write("picture.bin", b"\0\x01\x02");
    place.write("large.json", "1\n");
    place.git(&["submodule", "--quiet", "add", "../library", "library"]);
    place.commit("v1");
    place.write("picture.bin", b"\0\x01\x03");
    place.write("large.json", "[\n".repeat(60_000));
    place.git_at("library", &["commit", "-q", "--allow-empty", "-m", "Two"]);
    place.git_at("repo/library", &["pull", "-q", "origin", "main"]);
    std::os::unix::fs::symlink("picture.bin", place.repo().join("link")).unwrap();
    place.commit("v2");
    let told = told(&place.change("v1..v2"));
    assert_eq!(told, ["M large.json opaque", "M library opaque", "A link opaque", "M picture.bin opaque"]);
}

#[test]
fn a_name_that_is_no_utf8_is_read_and_taken_back() {
    let place = Place::new();
    let name = OsStr::from_bytes(b"caf\xe9 \xff.py");
    place.write(name, "a\n");
    place.commit("v1");
    place.write(name, "b\n");
    place.commit("v2");
    assert_eq!(told(&place.change("v1..v2")), ["M caf\u{fffd} \u{fffd}.py -1,1+1,1"]);
    let plan = commands::plan(&place, "v1..v2").unwrap();
    assert_eq!(plan.tree, place.git(&["rev-parse", "v1^{tree}"]));
}

#[test]
fn of_merges_the_own_line_is_listed_and_the_whole_difference_read() {
    let place = Place::new();
    place.write("a.py", "a\n");
    place.commit("v1");
    place.git(&["checkout", "-q", "-b", "feature"]);
    place.write("feature.py", "f\n");
    place.commit("side");
    place.git(&["checkout", "-q", "main"]);
    place.write("a.py", "b\n");
    place.commit("own");
    place.git(&["merge", "-q", "--no-ff", "-m", "Merge feature", "feature"]);
    let change = place.change("v1..main");
    assert_eq!(told(&change), ["M a.py -1,1+1,1", "A feature.py -0,0+1,1"]);
    let subjects: Vec<&str> = change.commits.iter().map(|commit| commit.subject.as_str()).collect();
    assert_eq!(subjects, ["Merge feature", "Make own"]);
    assert_eq!(change.commits[0].paths, ["feature.py"]);
    // Three dots start where the two parted.
    assert_eq!(told(&place.change("main~1...feature")), ["A feature.py -0,0+1,1"]);
    assert_eq!(place.change("own...feature").base, place.git(&["merge-base", "own", "feature"]));
}

#[test]
fn clones_of_all_kinds_are_read_alike() {
    let place = Place::new();
    for (tag, text) in [("v1", "a\n"), ("v2", "b\n"), ("v3", "c\n")] {
        place.write("src/a.py", text);
        place.commit(tag);
    }
    let origin = format!("file://{}", place.repo().display());
    place.git_at(".", &["clone", "-q", "--bare", &origin, "bare"]);
    place.git_at(".", &["clone", "-q", "--depth", "2", &origin, "shallow"]);
    place.git(&["config", "uploadpack.allowFilter", "true"]);
    place.git_at(".", &["clone", "-q", "--filter=blob:none", &origin, "partial"]);
    place.git(&["worktree", "add", "-q", "--detach", "../worktree", "v2"]);
    place.git(&["pack-refs", "--all"]);
    place.git(&["gc", "-q"]);
    let expected = place.change("v2..v3");
    for folder in ["bare", "worktree", "repo/src", "repo/.git"] {
        assert_eq!(place.try_change(folder, "v2..v3").unwrap(), expected, "{folder}");
    }
    let shallow = place.try_change("shallow", "HEAD~1..HEAD").unwrap();
    assert_eq!((told(&shallow), shallow.commits.len()), (told(&expected), 1));
    let beyond = place.try_change("shallow", "v1..HEAD").unwrap_err();
    assert_eq!(beyond.to_string(), "\"v1\" is not in this clone, which is shallow");
    let beyond = place.try_change("shallow", "HEAD~2..HEAD").unwrap_err();
    assert!(matches!(beyond, GitError::BeyondShallow(_)), "{beyond}");
    // A blob that a partial clone lacks is not fetched: no network without being asked.
    let partial = place.try_change("partial", "HEAD~1..HEAD").unwrap();
    assert_eq!(told(&partial), ["M src/a.py opaque"]);
    // In a worktree, HEAD is its own.
    assert_eq!(place.try_change("worktree", "v1..").unwrap().head, place.git(&["rev-parse", "v2"]));
}

#[test]
fn an_empty_range_changes_nothing_and_a_reversed_one_is_read_backwards() {
    let place = Place::new();
    place.write("a.py", "a\n");
    place.commit("v1");
    place.commit("v2");
    place.write("a.py", "a\nb\n");
    place.commit("v3");
    let same = place.change("v1..v1");
    assert!(same.files.is_empty() && same.commits.is_empty());
    let empty = place.change("v1..v2");
    assert!(empty.files.is_empty() && empty.commits.len() == 1);
    assert_eq!(told(&place.change("v3..v1")), ["M a.py -2,1+1,0"]);
    let symptom = crate::triage::line("a.py:1: boom");
    let (verdict, _) = read::triage(&place.repo(), &Range::new("v1", "v2"), &symptom).unwrap();
    assert!(!verdict.is_runtime_change && !verdict.causal_link && verdict.suspects.is_empty());
}

#[test]
fn revisions_have_the_names_that_people_give_them() {
    let place = Place::new();
    place.write("a.py", "a\n");
    let first = place.commit("v1");
    place.git(&["tag", "-a", "-m", "Release", "release-1"]);
    place.write("a.py", "b\n");
    place.commit("unused");
    place.git(&["tag", "-d", "unused"]);
    let second = place.git(&["rev-parse", "HEAD"]);
    let repo = read::open(&place.repo()).unwrap();
    assert_eq!(read::resolve(&repo, "release-1").unwrap(), first);
    assert_eq!(history::name_of(&repo, &first), "release-1");
    assert_eq!(history::name_of(&repo, &second), second[..10]);
    assert_eq!(history::release_before(&repo, &second).as_deref(), Some(first.as_str()));
    assert_eq!(history::release_before(&repo, &first), None);
    assert!(history::moved_at(&repo, "main", &second).is_some());
    assert_eq!(history::moved_at(&repo, "main", &"1".repeat(40)), None);
}

#[test]
fn a_version_is_found_by_the_tag_that_ends_with_it_or_the_id_within_it() {
    let place = Place::new();
    place.write("a.py", "a\n");
    let first = place.commit("v1.8.1");
    for tag in ["api-v1.8.2", "web@2.0.0", "release/1.9.0", "tools/api-1.9.1", "1.9.2"] {
        place.git(&["tag", tag]);
    }
    place.write("a.py", "b\n");
    let second = place.commit("web-1.8.2");
    place.git(&["tag", "web/1.9.1"]);
    let repo = read::open(&place.repo()).unwrap();
    let of = |version: &str| history::commit_of_version(&repo, version, "api");
    for version in ["1.8.1", "V1.8.1", "1.8.2", "v1.8.2", "2.0.0", "v1.9.0", "1.9.1", "v1.9.2"] {
        assert_eq!(of(version).as_ref(), Some(&first), "{version}");
    }
    // Two tags, of which none names the service.
    assert_eq!(history::commit_of_version(&repo, "1.8.2", "shop"), None);
    assert_eq!(history::commit_of_version(&repo, "1.8.2", "web").as_ref(), Some(&second));
    let is_mixed = |id: &&str| id.bytes().any(|b| b.is_ascii_digit()) && id.bytes().any(|b| b.is_ascii_alphabetic());
    let short = (7..40).map(|n| &second[..n]).find(is_mixed).unwrap();
    for version in [format!("main-{short}"), format!("registry/api:20261128.3-{short}"), format!("1.8.3-4-g{short}")] {
        assert_eq!(of(&version).as_ref(), Some(&second), "{version}");
    }
    // A number alone ends too many tags; what is no version, or means two commits, is none.
    for version in ["2", "8.1", "9.9.9", "defaced", "20261128", "", &format!("{short}-{}", &first[..39])] {
        assert_eq!(of(version), None, "{version}");
    }
}

#[test]
fn what_is_damaged_is_said_and_not_invented() {
    let place = Place::new();
    place.write("a.py", "a\n");
    place.commit("v1");
    place.write("a.py", "b\n");
    place.commit("v2");
    let object = |spec: &str| {
        let id = place.git(&["rev-parse", spec]);
        place.repo().join(".git/objects").join(&id[..2]).join(&id[2..])
    };
    let blob = object("v2:a.py");
    fs::remove_file(&blob).unwrap();
    let change = place.change("v1..v2");
    assert!(change.files[0].opaque, "a file that cannot be read has no hunks");
    fs::remove_file(object("v2^{tree}")).unwrap();
    let error = place.try_change("repo", "v1..v2").unwrap_err();
    assert!(matches!(error, GitError::Unreadable { .. }), "{error}");
}

#[test]
fn the_paths_that_changed_are_told_without_reading_them() {
    let place = Place::new();
    place.write("lib/kept.py", "same\n");
    place.write("lib/old.py", "one\ntwo\nthree\nfour\n");
    place.write("lib/gone.py", "bye\n");
    place.commit("a");
    place.git(&["mv", "lib/old.py", "lib/new.py"]);
    place.git(&["rm", "-q", "lib/gone.py"]);
    place.write("lib/added.py", "hello\n");
    place.commit("b");
    let repo = read::open(&place.repo()).unwrap();
    let paths = read::changed_paths(&repo, &Range::parse("a..b").unwrap()).unwrap();
    assert_eq!(paths, ["lib/added.py", "lib/gone.py", "lib/new.py", "lib/old.py"]);
    assert!(read::changed_paths(&repo, &Range::new("a", "nowhere")).is_err());
}
