//! Fixes for what nobody committed yet.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::scene::{ERROR, Scene};
use super::{assert_found, script};

/// The JSON of `fix` over what is not committed.
fn fix(scene: &Scene, base: &str) -> Value {
    let repo = scene.path().display().to_string();
    let range = format!("{base}..work-tree");
    let output = scene.aftercare(&[
        "fix", "--error", ERROR, "--repo", &repo, "--range", &range, "--json", "--repro", "--", "sh", "app.sh",
    ]);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn apply(scene: &Scene, patch: &str) {
    let mut git = Command::new("git");
    git.args(["apply", "-"]).current_dir(scene.path()).stdin(Stdio::piped());
    let mut git = git.spawn().unwrap();
    git.stdin.take().unwrap().write_all(patch.as_bytes()).unwrap();
    assert!(git.wait().unwrap().success(), "{patch}");
}

fn passes(scene: &Scene) -> bool {
    Command::new("sh").arg("app.sh").current_dir(scene.path()).status().unwrap().success()
}

#[test]
fn what_broke_since_the_last_commit_is_found_and_the_patch_fits_the_folder() {
    let scene = Scene::new();
    scene.commit(&[
        ("app.sh", &script(&["a=1", "b=2", "c=3", "d=4", ". ./lib.sh", "test $c = 3"])),
        ("lib.sh", "x=1\n"),
    ]);
    let edited = script(&["a=10", "b=20", "c=30", "d=40", ". ./lib.sh", ". ./new.sh", "test $c = 3"]);
    scene.write("app.sh", edited.as_bytes());
    // A file that git does not know yet belongs to it.
    scene.write("new.sh", b"y=1\n");
    let before = scene.everything();
    let found = fix(&scene, "HEAD");
    assert_found(&found, &["app.sh"]);
    assert!(scene.everything() == before, "nothing is touched");
    assert!(!passes(&scene));
    apply(&scene, found["patch"].as_str().unwrap());
    assert!(passes(&scene));
    assert!(scene.path().join("new.sh").exists(), "what is not to blame stays");
}

#[test]
fn commits_and_what_lies_on_top_of_them_are_one_range() {
    let scene = Scene::new();
    scene.commit(&[("app.sh", &script(&["a=1", "b=2", "c=3", "test $c = 3"]))]);
    scene.commit(&[("app.sh", &script(&["a=1", "b=20", "c=30", "test $c = 3"]))]);
    scene.write("app.sh", script(&["a=10", "b=20", "c=30", "test $c = 3"]).as_bytes());
    let found = fix(&scene, "HEAD~1");
    assert_found(&found, &["app.sh"]);
    apply(&scene, found["patch"].as_str().unwrap());
    assert!(passes(&scene));
    let text = std::fs::read_to_string(scene.path().join("app.sh")).unwrap();
    assert!(text.contains("a=10") && text.contains("b=20") && text.contains("c=3\n"), "{text}");
}
