//! A draft taken in parts, and a fix found, by keys in a real terminal, down to the commit in a real repository.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use vt100::Screen;

use super::session::Session;
use super::{AFTERCARE, ENTER, ESC, Scene, World, git, is_frame, rollbacks, wait_for_regression};

/// An editor that does something else each time, and notes how it finds the terminal.
fn editor(scene: &Scene) -> PathBuf {
    let path = scene.dir.path().join("editor");
    let script = r#"#!/bin/sh
# $1 is no option of the editor's, $2 is the file.
state=${0%/*}/editor-state
echo "$1" >> "$state"
stty -a < /dev/tty | tr ' ;' '\n\n' | grep -x -e icanon -e echo >> "$state"
case $(grep -c '^option$' "$state") in
  1) printf 'oops\n' > "$2" ;;
  2) exit 3 ;;
  3) sed 's/^+gateway_tries=3$/+gateway_tries=5/' "$2" > "$2.new" && mv "$2.new" "$2" ;;
esac
"#;
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

pub fn has(screen: &Screen, texts: &[&str]) -> bool {
    let shown = screen.contents();
    screen.alternate_screen() && texts.iter().all(|text| shown.contains(text))
}

/// Types the service's name at the approval, and waits until all is executed.
pub fn approve(session: &mut Session, branch: &str) {
    session.send("a");
    session.wait_for("the approval", |screen| has(screen, &["▌Approval", branch]));
    session.send(World::SERVICE);
    session.send(ENTER);
    session.wait_for_text("▌Execution done");
    session.send("q");
    assert!(session.wait_for_exit().success());
    session.assert_clean();
}

pub fn audit_text(scene: &Scene) -> String {
    let mut audit = Command::new(AFTERCARE);
    audit.args(["audit", "--verify", "--state"]).arg(scene.state()).env("HOME", scene.dir.path());
    assert!(audit.output().unwrap().status.success(), "the chain is whole");
    let mut texts = Vec::new();
    let mut open = vec![scene.state()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            texts.push(fs::read_to_string(path).unwrap());
        }
    }
    texts.concat()
}

#[test]
fn some_hunks_are_accepted_some_left_out_one_is_edited_and_the_commit_holds_exactly_that() {
    let (scene, world) = Scene::incident();
    let editor = editor(&scene);
    let value = format!("'{}' option", editor.display());
    let environment = [("HOME", scene.dir.path()), ("VISUAL", Path::new("")), ("EDITOR", Path::new(&value))];
    let mut session = Session::start(&scene.argv(), &environment, 40, 140);
    wait_for_regression(&mut session);
    session.send("d");
    session.wait_for_text("▌Diff 7 files");
    // The change log and the manual stay as they are deployed.
    session.send(" ]");
    session.wait_for("one hunk left out", |screen| has(screen, &["1 hunk left out", "✗ M CHANGELOG.md"]));
    session.send(" ");
    session.wait_for("two hunks left out", |screen| has(screen, &["2 hunks left out", "✗ M README.md"]));
    session.send("]n");
    for (attempt, expected) in [(1, "The edit is refused: line 1"), (2, "nothing was edited"), (3, "✎")] {
        session.send("e");
        session.wait_for(&format!("edit {attempt} to be over"), |screen| has(screen, &[expected, "▌Diff"]));
    }
    session.wait_for("the edited line", |screen| has(screen, &["+gateway_tries=5", "amber"]));
    session.send("jc");
    session.wait_for_text("note: ");
    session.send(&format!("five is what the gateway allows{ENTER}"));
    session.wait_for("the note, and its plan", |screen| has(screen, &["↳ note: five is", "Rollback amber"]));
    approve(&mut session, "aftercare/rollback-");

    let branches = rollbacks(&world);
    assert_eq!(branches.len(), 1, "{branches:?}");
    let shown = |revision: &str, path: &str| git(&world, &["show", &format!("{revision}:{path}")]);
    let made = |path: &str| shown(&branches[0], path);
    for path in ["lib/parse.sh", "lib/pricing.sh", "lib/quotes.sh", "tests/run.sh"] {
        assert_eq!(made(path), shown(World::HEALTHY, path), "{path} goes back");
    }
    for path in ["CHANGELOG.md", "README.md"] {
        assert_eq!(made(path), shown("main", path), "{path} stays");
    }
    assert_eq!(made("config/service.conf"), shown("main", "config/service.conf").replace("=4", "=5"));
    let message = git(&world, &["log", "-1", "--format=%B", &branches[0]]);
    assert!(message.contains("config/service.conf:2: five is what the gateway allows"), "{message}");
    assert!(audit_text(&scene).contains("five is what the gateway allows"));
    // The terminal was the editor's as a shell's, each time.
    let state = fs::read_to_string(scene.dir.path().join("editor-state")).unwrap();
    assert_eq!(state, "option\nicanon\necho\n".repeat(3));
    assert_eq!(git(&world, &["status", "--porcelain"]), "");
}

#[test]
fn a_fix_is_found_by_the_command_on_screen_and_only_after_somebody_let_it_run() {
    let (scene, world) = Scene::incident();
    let config = scene.dir.path().join("config.toml");
    let marker = scene.dir.path().join("ran");
    let command = format!("touch '{}' && grep -q 'currency=.*rest' lib/parse.sh", marker.display());
    fs::write(&config, format!("[fix]\nrepro = [\"sh\", \"-c\", {command:?}]\nseconds = 60\n")).unwrap();
    let scene = scene.with("--config").with(config.to_str().unwrap());
    let mut session = scene.start_sized(40, 140);
    wait_for_regression(&mut session);
    session.send("F");
    session.wait_for("the command", |screen| has(screen, &["may this run?", "grep -q", "60 seconds"]));
    // Neither Enter nor what is pasted lets it run.
    session.send(ENTER);
    session.send("\x1b[200~y\x1b[201~");
    session.send(ESC);
    session
        .wait_for("the list", |screen| is_frame(screen, "Signatures") && !screen.contents().contains("may this run?"));
    assert!(!marker.exists());
    session.send("F");
    session.wait_for_text("may this run?");
    session.send("y");
    session.wait_for("the fix", |screen| has(screen, &["▌Diff 1 file", "M lib/parse.sh", "repro passes: passed"]));
    assert!(marker.exists());
    approve(&mut session, "aftercare/fix-");

    let branches = rollbacks(&world);
    assert_eq!(branches.len(), 1, "{branches:?}");
    let changed = git(&world, &["diff", "--name-only", "main", &branches[0]]);
    assert_eq!(changed, "lib/parse.sh");
    let shown = |revision: &str| git(&world, &["show", &format!("{revision}:lib/parse.sh")]);
    assert_eq!(shown(&branches[0]), shown(World::HEALTHY));
    let message = git(&world, &["log", "-1", "--format=%B", &branches[0]]);
    for part in ["Fix orders", "Caused by this deploy", "Accepted hunks:", "repro passes: passed"] {
        assert!(message.contains(part), "no {part:?} in {message}");
    }
    let audit = audit_text(&scene);
    assert!(audit.contains("repro.allowed") && audit.contains("Ada Lovelace"), "{audit}");
    assert_eq!(git(&world, &["status", "--porcelain"]), "");
}
