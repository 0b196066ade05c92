//! Fixes without a model, on real repositories with real commands.

mod bar;
mod deploys;
mod fine;
pub mod scene;
mod work_tree;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use scene::{ERROR, Scene};
use serde_json::Value;

/// A shell script of numbered steps, each some lines apart, so that each is a hunk of its own.
fn script(steps: &[&str]) -> String {
    let gap = "# -\n# -\n# -\n";
    format!("set -eu\n{}", steps.iter().map(|step| format!("{gap}{step}\n")).collect::<String>())
}

fn files_of(fix: &Value) -> Vec<String> {
    fix["hunks"].as_array().unwrap().iter().map(|hunk| hunk["file"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn assert_found(fix: &Value, files: &[&str]) {
    assert_eq!(fix["answer"], "found", "{fix:#}");
    assert_eq!(files_of(fix), files, "{fix:#}");
    assert_eq!(fix["minimal"], true, "{fix:#}");
    let checks = fix["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 4);
    assert!(checks.iter().all(|check| check["passed"] == true), "{fix:#}");
}

#[test]
fn the_culprit_among_harmless_hunks_is_taken_back_alone() {
    let scene = Scene::new();
    scene.commit(&[("app.sh", &script(&["a=1", "b=2", "c=3", "d=4", "test $c = 3"])), ("other.sh", "x=1\n")]);
    scene.commit(&[("app.sh", &script(&["a=10", "b=20", "c=30", "d=40", "test $c = 3"])), ("other.sh", "x=2\n")]);
    let fix = scene.fix(&["sh", "app.sh"]);
    assert_found(&fix, &["app.sh"]);
    assert_eq!((&fix["hunks"][0]["start"], &fix["hunks"][0]["end"]), (&13.into(), &13.into()));
    let patch = fix["patch"].as_str().unwrap();
    assert!(patch.contains("-c=30\n+c=3\n") && !patch.contains("+d=4\n"), "{patch}");
    assert_eq!(fix["schema"], 1);
    assert!(fix["runs"].as_u64().unwrap() >= 1);
}

#[test]
fn two_hunks_that_are_needed_together_are_both_taken_back() {
    let scene = Scene::new();
    let check = "test $a = 1 && test $d = 4";
    scene.commit(&[("app.sh", &script(&["a=1", "b=2", "c=3", "d=4", check]))]);
    scene.commit(&[("app.sh", &script(&["a=10", "b=20", "c=30", "d=40", check]))]);
    let fix = scene.fix(&["sh", "app.sh"]);
    assert_found(&fix, &["app.sh", "app.sh"]);
    assert!(fix["patch"].as_str().unwrap().contains("+d=4\n"));
}

#[test]
fn an_added_file_is_taken_back_whole() {
    let scene = Scene::new();
    let check = script(&["test ! -e plugins/broken.sh"]);
    scene.commit(&[("app.sh", &check), ("notes.txt", "a\n"), ("plugins/good.sh", "a=1\n")]);
    let head = [("app.sh", check.as_str()), ("notes.txt", "b\n"), ("plugins/good.sh", "a=2\n")];
    scene.commit(&[head[0], head[1], head[2], ("plugins/broken.sh", "exit 1\nexit 2\n")]);
    let fix = scene.fix(&["sh", "app.sh"]);
    assert_found(&fix, &["plugins/broken.sh"]);
    assert_eq!(fix["hunks"][0]["end"], 2);
    assert!(fix["patch"].as_str().unwrap().contains("deleted file mode"));
}

#[test]
fn a_deleted_file_comes_back() {
    let scene = Scene::new();
    let check = script(&[". ./lib.sh"]);
    scene.commit(&[("app.sh", &check), ("lib.sh", "a=1\n"), ("notes.txt", "a\n")]);
    scene.commit(&[("app.sh", &check), ("notes.txt", "b\n")]);
    let fix = scene.fix(&["sh", "app.sh"]);
    assert_found(&fix, &["lib.sh"]);
    assert!(fix["patch"].as_str().unwrap().contains("new file mode"));
}

#[test]
fn a_renamed_file_goes_back_to_its_name() {
    let scene = Scene::new();
    let (check, text) = (script(&[". ./lib.sh"]), "a=1\nb=2\nc=3\nd=4\n".repeat(4));
    scene.commit(&[("app.sh", &check), ("lib.sh", &text), ("notes.txt", "a\n")]);
    scene.commit(&[("app.sh", &check), ("library.sh", &text), ("notes.txt", "b\n")]);
    let fix = scene.fix(&["sh", "app.sh"]);
    assert_found(&fix, &["library.sh"]);
    assert!(fix["patch"].as_str().unwrap().contains("rename to lib.sh"));
}

#[test]
fn an_edit_of_a_renamed_file_is_taken_back_without_the_name() {
    let scene = Scene::new();
    let text = |a: u32, b: u32| script(&[&format!("a={a}"), "true", "true", "true", &format!("b={b}")]);
    let check = "set -eu\nfor file in lib.sh new.sh; do test ! -e $file || . ./$file; done\ntest $a = 1\n";
    scene.commit(&[("lib.sh", &text(1, 1)), ("check.sh", check)]);
    scene.commit(&[("new.sh", &text(2, 2)), ("check.sh", check)]);
    let fix = scene.fix(&["sh", "check.sh"]);
    assert_found(&fix, &["new.sh"]);
    assert_eq!(fix["hunks"][0]["start"], 5);
    let patch = fix["patch"].as_str().unwrap();
    assert!(patch.contains("+a=1\n") && !patch.contains("b=1") && !patch.contains("rename"), "{patch}");
}

#[test]
fn manifest_and_lock_go_together_and_binary_files_whole() {
    let scene = Scene::new();
    let check =
        script(&["grep -q 1.2 requirements.in", "grep -q 1.2.0 requirements.txt", "test $(wc -c <logo.png) = 4"]);
    let base: [(&str, &[u8]); 3] =
        [("requirements.in", b"flask==1.2\n"), ("requirements.txt", b"flask==1.2.0\n"), ("logo.png", b"\0PNG")];
    let head: [(&str, &[u8]); 3] =
        [("requirements.in", b"flask==2.0\n"), ("requirements.txt", b"flask==2.0.1\n"), ("logo.png", b"\0PNG2")];
    let with = |files: [(&'static str, &'static [u8]); 3]| {
        let mut files = files.to_vec();
        files.push(("app.sh", check.as_bytes()));
        scene.commit_bytes(&files);
    };
    with(base);
    with(head);
    let fix = scene.fix(&["sh", "app.sh"]);
    assert_found(&fix, &["logo.png", "requirements.in", "requirements.txt"]);
}

#[test]
fn a_test_that_is_taken_back_is_flagged() {
    let scene = Scene::new();
    scene.commit(&[("app.sh", "a=1\n"), ("tests/test_app.sh", ". ./app.sh\ntest $((a % 2)) = 1\n")]);
    scene.commit(&[("app.sh", "a=3\n"), ("tests/test_app.sh", ". ./app.sh\ntest $a = 1\n")]);
    // Both alone help; the code is tried first.
    assert_found(&scene.fix(&["sh", "tests/test_app.sh"]), &["app.sh"]);
    let scene = Scene::new();
    scene.commit(&[("app.sh", "a=1\n"), ("tests/test_app.sh", ". ./app.sh\ntest $a = 1\n")]);
    scene.commit(&[("app.sh", "a=1\nb=2\n"), ("tests/test_app.sh", ". ./app.sh\ntest $a = 2\n")]);
    let fix = scene.fix(&["sh", "tests/test_app.sh"]);
    assert_eq!(files_of(&fix), ["tests/test_app.sh"], "{fix:#}");
    let check = fix["checks"].as_array().unwrap().iter().find(|check| check["name"] == "no test weakened").unwrap();
    assert_eq!(check["passed"], false);
}

/// A repository in which the value that `app.sh` checks went wrong.
fn broken() -> Scene {
    let scene = Scene::new();
    scene.commit(&[("app.sh", "a=1\ntest $a = 1\n"), ("b.sh", "b=1\n")]);
    scene.commit(&[("app.sh", "a=2\ntest $a = 1\n"), ("b.sh", "b=2\n")]);
    scene
}

#[test]
fn a_command_that_passes_as_deployed_cannot_help() {
    let (status, fix) = broken().run(&["true"], &[]);
    assert_eq!((status, fix["answer"].as_str()), (3, Some("cannot_judge")), "{fix:#}");
    assert!(fix["detail"].as_str().unwrap().contains("passes as deployed"));
    assert_eq!((&fix["patch"], &fix["minimal"]), (&Value::from(""), &Value::from(false)));
}

#[test]
fn a_command_that_fails_before_the_deploy_cannot_help() {
    let (status, fix) = broken().run(&["sh", "-c", "echo no such luck >&2; exit 7"], &[]);
    assert_eq!(status, 3, "{fix:#}");
    let detail = fix["detail"].as_str().unwrap();
    assert!(detail.contains("fails before the deploy too (it failed with exit status 7: no such luck)"), "{detail}");
    let (status, fix) = broken().run(&["./no/such/program"], &[]);
    assert_eq!(status, 3);
    assert!(fix["detail"].as_str().unwrap().contains("could not be started"), "{fix:#}");
}

#[test]
fn a_flaky_command_is_not_believed() {
    let scene = broken();
    let count = scene.beside("count");
    // It fails every other time, whatever the files are.
    let line = format!("echo >> {0}; test $(($(wc -l < {0}) % 2)) = 0", count.display());
    let (status, fix) = scene.run(&[&line], &[]);
    assert_eq!(status, 3, "{fix:#}");
    assert!(fix["detail"].as_str().unwrap().contains("by chance"), "{fix:#}");
}

#[test]
fn a_failure_that_comes_often_enough_is_found_all_the_same() {
    let scene = broken();
    let count = scene.beside("count");
    // As deployed it passes once in three.
    let line = format!("echo >> {0}; sh app.sh || test $(($(wc -l < {0}) % 3)) = 1", count.display());
    let (status, fix) = scene.run(&[&line], &[]);
    assert_eq!(status, 0, "{fix:#}");
    assert_eq!(files_of(&fix), ["app.sh"]);
    assert!(fix["checks"][1]["detail"].as_str().unwrap().contains("flaky"), "{fix:#}");
}

#[test]
fn a_hang_is_a_failure_and_nothing_is_left_running() {
    let scene = Scene::new();
    scene.commit(&[("app.sh", "n=0\nsleep $n\n"), ("b.sh", "b=1\n")]);
    scene.commit(&[("app.sh", "n=61.25\nsleep $n\n"), ("b.sh", "b=2\n")]);
    let (status, fix) = scene.run(&["sh", "app.sh"], &["--time-limit", "0.2"]);
    assert_eq!((status, files_of(&fix)), (0, vec!["app.sh".to_owned()]), "{fix:#}");
    let left = std::process::Command::new("ps").args(["-eo", "args"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&left.stdout).contains("sleep 61.25"));
}

#[test]
fn the_time_for_all_runs_is_bounded() {
    let (status, fix) = broken().run(&["sleep", "30.25"], &["--total-time", "0.3"]);
    assert_eq!(status, 1, "{fix:#}");
    // The first run alone would have taken longer than all may: it was ended, and no other was begun.
    assert!(fix["detail"].as_str().unwrap().contains("the time or the number of runs that were allowed is used up"));
    assert_eq!(fix["runs"].as_u64(), Some(0), "{fix:#}");
    let left = std::process::Command::new("ps").args(["-eo", "args"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&left.stdout).contains("sleep 30.25"));
}

#[test]
fn what_the_user_has_not_committed_stays() {
    let scene = broken();
    fs::write(scene.path().join("app.sh"), "a=my own work\n").unwrap();
    fs::write(scene.path().join("new.txt"), "mine\n").unwrap();
    let before = scene.everything();
    // The command itself tries to do harm where it runs.
    let line = "sh app.sh || { git checkout -q -b mine; git add -A; rm -rf *; exit 1; }";
    let (status, fix) = scene.run(&[line], &[]);
    assert_eq!(status, 0, "{fix:#}");
    assert_eq!(scene.everything(), before);
}

#[test]
fn each_run_gets_fresh_files_and_a_scrubbed_environment() {
    let scene = broken();
    let repo = scene.repo();
    repo.tag_lightweight("v1", repo.revparse_single("main~1").as_ref().unwrap(), false).unwrap();
    let line = "git describe --tags | grep -q v1-1- && test ! -e left && touch left && test -z \"${AFTERCARE_STATE-}\" && test -d .git && sh app.sh";
    assert_found(&scene.fix(&[line]), &["app.sh"]);
    // A folder that cannot be removed spoils nothing.
    let scene = broken();
    assert_found(&scene.fix(&["mkdir -p x/y && chmod 0 x && sh app.sh"]), &["app.sh"]);
}

#[test]
fn hostile_file_names_are_files_like_others() {
    let names = ["-rf", "a b\t\"q\".sh", "line\nbreak.sh", "\u{1b}[2J\u{202e}.sh", "$(touch pwned)", "üñ/é.sh"];
    for culprit in names {
        let scene = Scene::new();
        let files = |value: &str| -> Vec<(String, Vec<u8>)> {
            names.iter().map(|name| ((*name).to_owned(), format!("{value}\n").into_bytes())).collect()
        };
        let commit = |files: Vec<(String, Vec<u8>)>| {
            scene.commit_bytes(&files.iter().map(|(name, text)| (name.as_str(), text.as_slice())).collect::<Vec<_>>());
        };
        commit(files("good"));
        commit(files("bad"));
        let fix = scene.fix(&["grep", "-q", "good", "--", &format!("./{culprit}")]);
        assert_found(&fix, &[culprit]);
        if !culprit.contains('\u{1b}') {
            continue;
        }
        let (text, _) = scene.text(&["grep", "-q", "good", "--", &format!("./{culprit}")]);
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    }
}

#[test]
fn names_that_are_no_text_do_not_stop_the_others() {
    let scene = Scene::new();
    let wild = b"caf\xe9.sh";
    scene.commit_raw(&[(wild, b"a=1\n"), (b"app.sh", b"a=1\ntest $a = 1\n")]);
    scene.commit_raw(&[(wild, b"a=2\n"), (b"app.sh", b"a=2\ntest $a = 1\n")]);
    assert_found(&scene.fix(&["sh", "app.sh"]), &["app.sh"]);
}

#[test]
fn the_words_for_a_person_hold_a_patch_that_git_applies() {
    let scene = broken();
    let (text, status) = scene.text(&["sh", "app.sh"]);
    assert_eq!(status, 0, "{text}");
    assert!(
        text.starts_with("# The command passes with 1 of 2 changes taken back. None of them can be left out.\n"),
        "{text}"
    );
    let patch = git2::Diff::from_buffer(&text.as_bytes()[text.find("diff --git").unwrap()..]).unwrap();
    scene.repo().apply(&patch, git2::ApplyLocation::WorkDir, None).unwrap();
    assert_eq!(fs::read_to_string(scene.path().join("app.sh")).unwrap(), "a=1\ntest $a = 1\n");
}

#[test]
fn a_wrong_use_is_told_as_such() {
    let scene = broken();
    let error = scene.beside("empty");
    fs::write(&error, "").unwrap();
    let run = |args: &[&str]| scene.aftercare(args).status.code();
    let repo = scene.path().display().to_string();
    let empty = error.display().to_string();
    assert_eq!(run(&["fix", "--error", &empty, "--repo", &repo, "--range", "a..b", "--repro", "true"]), Some(2));
    assert_eq!(
        run(&["fix", "--error", ERROR, "--repo", &repo, "--range", "nowhere..main", "--repro", "true"]),
        Some(2)
    );
    assert_eq!(run(&["fix", "--error", ERROR, "--repo", &repo, "--range", "main~..main", "--repro"]), Some(2));
    assert_eq!(run(&["fix", "--error", ERROR, "--repo", &repo, "--range", "main~..main"]), Some(2));
}

#[test]
fn a_deploy_that_changed_nothing_has_no_fix() {
    let scene = broken();
    let output = scene.aftercare(&[
        "fix",
        "--error",
        ERROR,
        "--repo",
        &scene.path().display().to_string(),
        "--range",
        "main..main",
        "--json",
        "--repro",
        "false",
    ]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_mode_that_changed_is_a_change() {
    let scene = Scene::new();
    scene.write("run.sh", b"#!/bin/sh\nexit 0\n");
    let set = |mode: u32| {
        let path = scene.path().join("run.sh");
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        scene.commit_all();
    };
    set(0o755);
    set(0o644);
    assert_found(&scene.fix(&["./run.sh"]), &["run.sh"]);
}
