//! `aftercare build` in a real terminal: the command has one too.

use std::ffi::OsString;
use std::process::Command;

use super::review::has;
use super::session::Session;
use super::{AFTERCARE, ENTER, ESC};

/// Starts a build of this shell line in a repository of its own.
fn build(folder: &std::path::Path, line: &str, rows: u16, columns: u16) -> Session {
    let setup = "git init -q . && git -c user.name=A -c user.email=a@example.org commit -q --allow-empty -m start";
    assert!(Command::new("sh").args(["-c", setup]).current_dir(folder).status().unwrap().success());
    start(folder, "", line, rows, columns)
}

/// Starts a build of this shell line in this repository, with these flags.
fn start(folder: &std::path::Path, flags: &str, line: &str, rows: u16, columns: u16) -> Session {
    let script = format!("cd '{}' && exec '{AFTERCARE}' build {flags} -- sh -c '{line}'", folder.display());
    let argv: Vec<OsString> = ["sh", "-c", &script].map(OsString::from).to_vec();
    Session::start(&argv, &[("AFTERCARE_STATE", &folder.join("state"))], rows, columns)
}

#[test]
fn the_command_sees_a_terminal_of_the_same_size() {
    let folder = tempfile::tempdir().unwrap();
    let line = r#"test -t 1 && test -t 2 && stty size <&2; printf "\\033[31mred\\033[0m\\n"; exit 4"#;
    let mut session = build(folder.path(), line, 37, 101);
    session.wait_for_text("class build");
    assert_eq!(session.wait_for_exit().exit_code(), 4);
    assert!(session.screen().contents().contains("37 101"), "{}", session.screen().contents());
    assert!(session.bytes().windows(8).any(|bytes| bytes == b"\x1b[31mred"), "the color is gone");
    session.assert_clean();
}

#[test]
fn an_interrupt_ends_the_command_and_is_no_failure_to_explain() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = build(folder.path(), "echo begun; read -r never", 24, 80);
    session.wait_for_text("begun");
    session.send("\x03");
    assert_eq!(session.wait_for_exit().exit_code(), 130);
    assert!(!session.screen().contents().contains("class build"), "{}", session.screen().contents());
    session.assert_clean();
}

/// A repository in which the command passes, and then a commit that breaks it.
fn broken(folder: &std::path::Path) {
    let setup = r#"set -e
        git init -q -b main . && git config user.name Ada && git config user.email ada@example.org
        printf 'def rate():\n    return 10\n' > rate.py
        printf 'from rate import rate\nprint("checking the rate")\nassert 100 / rate() == 10\nprint("fine")\n' > check.py
        printf 'one\n' > notes.txt
        printf '__pycache__/\nstate/\n' > .gitignore
        git add -A && git commit -qm 'Charge a rate'"#;
    shell(folder, setup);
}

fn shell(folder: &std::path::Path, script: &str) -> String {
    let output = Command::new("sh").args(["-c", script]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that passes, on the screen, and leaves: from then on the last good commit is known.
fn succeed(folder: &std::path::Path, line: &str) {
    let mut session = start(folder, "--tui --service rates", line, 24, 80);
    session.wait_for("its success", |screen| has(screen, &["▌Build passed", "fine"]));
    session.send("q");
    assert_eq!(session.wait_for_exit().exit_code(), 0);
}

#[test]
fn on_the_screen_a_failure_leads_to_suspects_and_to_a_fix_that_is_committed_after_its_approval() {
    let folder = tempfile::tempdir().unwrap();
    broken(folder.path());
    let line = "python3 -B check.py";
    let mut session = start(folder.path(), "--tui --service rates", line, 40, 140);
    session.wait_for("its success", |screen| has(screen, &["▌Build passed", "checking the rate", "fine"]));
    session.send("q");
    assert_eq!(session.wait_for_exit().exit_code(), 0);
    session.assert_clean();
    shell(folder.path(), "sed -i s/10/0/ rate.py && echo two > notes.txt && git commit -qam 'Round the rate'");

    let mut session = start(folder.path(), "--tui --service rates", line, 40, 140);
    session.wait_for("its failure", |screen| {
        has(screen, &["▌Build failed", "ZeroDivisionError", "2 files changed since", "Caused by this change"])
    });
    session.send(ENTER);
    session.wait_for("the suspects", |screen| has(screen, &["▌Suspects", "rate.py:2"]));
    session.send(ESC);
    session.wait_for_text("▌Build failed");
    session.send("F");
    session.wait_for("the command", |screen| has(screen, &["may this run?", "check.py"]));
    session.send("y");
    session.wait_for("the fix", |screen| has(screen, &["▌Diff 1 file", "M rate.py", "4 checks passed; green"]));
    session.send("a");
    session.wait_for("the approval", |screen| has(screen, &["▌Approval", "aftercare/fix-"]));
    session.send("rates");
    session.send(ENTER);
    session.wait_for_text("▌Execution done");
    session.send(ESC);
    session.wait_for_text("▌Build failed");
    session.send("q");
    assert_eq!(session.wait_for_exit().exit_code(), 1, "it is the command's own status");
    session.assert_clean();
    let branch = shell(folder.path(), "git for-each-ref --format='%(refname:short)' refs/heads/aftercare");
    let show = format!("git show {}:rate.py && git diff --name-only main {0}", branch.trim());
    assert_eq!(shell(folder.path(), &show), "def rate():\n    return 10\nrate.py\n");
    assert_eq!(shell(folder.path(), "git status --porcelain"), "");
}

#[test]
fn on_the_screen_what_is_not_committed_is_fixed_too_and_the_folder_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    broken(folder.path());
    let line = "python3 -B check.py";
    succeed(folder.path(), line);
    let change = "sed -i s/10/0/ rate.py && echo two > notes.txt && echo 'half done' > new.txt";
    shell(folder.path(), change);
    let before = shell(folder.path(), "git status --porcelain && git rev-parse HEAD && cat rate.py notes.txt new.txt");

    let mut session = start(folder.path(), "--tui --service rates", line, 40, 140);
    session.wait_for("its failure", |screen| {
        has(screen, &["▌Build failed", "changes that are not committed among them", "a branch of its own"])
    });
    session.send("d");
    session.wait_for("the way back", |screen| has(screen, &["▌Diff 3 files"]));
    session.send(ESC);
    session.wait_for_text("▌Build failed");
    session.send("F");
    session.wait_for("the command", |screen| has(screen, &["may this run?", "check.py"]));
    session.send("y");
    session.wait_for("the fix", |screen| has(screen, &["▌Diff 1 file", "M rate.py", "4 checks passed; green"]));
    let status = "git status --porcelain && git rev-parse HEAD && cat rate.py notes.txt new.txt";
    let refs = "git for-each-ref --format='%(refname:short)' refs/heads/aftercare";
    assert_eq!((shell(folder.path(), status), shell(folder.path(), refs)), (before.clone(), String::new()));
    session.send("a");
    session.wait_for("the approval", |screen| has(screen, &["▌Approval", "aftercare/fix-", "| git apply"]));
    session.send("rates");
    session.send(ENTER);
    session.wait_for_text("▌Execution done");
    session.send("q");
    assert_eq!(session.wait_for_exit().exit_code(), 1, "it is the command's own status");
    session.assert_clean();
    assert_eq!(shell(folder.path(), status), before, "the folder stays as it is");
    let branch = shell(folder.path(), refs);
    let show =
        format!("git show {}:rate.py && git diff --name-only {0}~ {0} && git log --format=%s {0}~", branch.trim());
    let expected = "def rate():\n    return 10\nrate.py\nUncommitted changes\nCharge a rate\n";
    assert_eq!(shell(folder.path(), &show), expected);
    // What the plan says does what it says.
    let apply = format!("git show --format= {} | git apply && git fsck --strict && cat rate.py new.txt", branch.trim());
    assert_eq!(shell(folder.path(), &apply), "def rate():\n    return 10\nhalf done\n");
}

#[test]
fn on_the_screen_what_changed_in_the_folder_since_the_plan_is_not_executed() {
    let folder = tempfile::tempdir().unwrap();
    broken(folder.path());
    let line = "python3 -B check.py";
    succeed(folder.path(), line);
    shell(folder.path(), "sed -i s/10/0/ rate.py");
    let mut session = start(folder.path(), "--tui --service rates", line, 40, 140);
    session.wait_for_text("▌Build failed");
    session.send("d");
    session.wait_for("the way back", |screen| has(screen, &["▌Diff 1 file"]));
    session.send("a");
    session.wait_for("the approval", |screen| has(screen, &["▌Approval", "aftercare/rollback-"]));
    shell(folder.path(), "echo three > notes.txt");
    session.send("rates");
    session.send(ENTER);
    session.wait_for_text("The files in the folder changed since the plan was made");
    session.send("q");
    assert_eq!(session.wait_for_exit().exit_code(), 1);
    assert_eq!(shell(folder.path(), "git for-each-ref refs/heads/aftercare"), "");
}

#[test]
fn on_the_screen_leaving_stops_the_command() {
    let folder = tempfile::tempdir().unwrap();
    broken(folder.path());
    let mut session = start(folder.path(), "--tui", "echo begun; sleep 1000", 24, 80);
    session.wait_for("a line", |screen| has(screen, &["▌Build running", "begun"]));
    session.send("q");
    session.wait_for_text("y leaves");
    session.send("y");
    assert_eq!(session.wait_for_exit().exit_code(), 130);
    session.assert_clean();
}

#[test]
fn from_the_verdict_the_command_runs_with_and_without_the_change_once_somebody_let_it() {
    let folder = tempfile::tempdir().unwrap();
    broken(folder.path());
    // Each run is counted, outside of what is thrown away.
    let counter = folder.path().join("state").join("runs");
    let line = format!("echo x >> {}; python3 -B check.py", counter.display());
    succeed(folder.path(), &line);
    shell(folder.path(), "sed -i s/10/0/ rate.py && echo two > notes.txt && git commit -qam 'Round the rate'");
    std::fs::remove_file(&counter).unwrap();
    let n_runs = || std::fs::read_to_string(&counter).unwrap().lines().count();

    let mut session = start(folder.path(), "--tui --service rates", &line, 40, 140);
    session.wait_for("its failure", |screen| has(screen, &["▌Build failed", "Caused by this change"]));
    session.send(ENTER);
    session.wait_for("the suspects", |screen| has(screen, &["▌Suspects", "rate.py:2"]));
    session.send("v");
    session.wait_for("the command", |screen| has(screen, &["Is it older?", "may this run?", "check.py"]));
    session.send(ENTER);
    session.send(ESC);
    session.wait_for("the suspects again", |screen| has(screen, &["▌Suspects", "rate.py:2"]));
    assert_eq!(n_runs(), 1, "nothing runs before somebody let it");
    session.send("v");
    session.wait_for_text("may this run?");
    session.send("y");
    session.wait_for("the moved verdict", |screen| {
        has(screen, &["▌Suspects", "confidence high", "passes before it and without the suspect, each time"])
    });
    assert_eq!(n_runs(), 7, "twice each: with the change, before it, without the suspect");
    session.send("q");
    assert_eq!(session.wait_for_exit().exit_code(), 1);
    session.assert_clean();
    let audit = shell(folder.path(), "cat state/*/audit*.jsonl state/audit*.jsonl 2>/dev/null || true");
    assert!(audit.contains("repro.allowed") && audit.contains("repro.ran"), "{audit}");
    assert_eq!(shell(folder.path(), "git status --porcelain"), "");
}

#[test]
fn what_is_not_committed_is_run_with_and_without_too() {
    let folder = tempfile::tempdir().unwrap();
    broken(folder.path());
    let line = "python3 -B check.py";
    succeed(folder.path(), line);
    shell(folder.path(), "sed -i s/10/0/ rate.py && echo two > notes.txt && echo new > unknown.txt");
    let lying = shell(folder.path(), "git status --porcelain && git count-objects");

    let mut session = start(folder.path(), "--tui --service rates", line, 40, 140);
    session.wait_for("its failure", |screen| has(screen, &["▌Build failed", "Caused by this change"]));
    session.send(ENTER);
    session.wait_for("the suspects", |screen| has(screen, &["▌Suspects", "rate.py:2"]));
    session.send("v");
    session.wait_for("the command", |screen| has(screen, &["Is it older?", "may this run?", "check.py"]));
    session.send("y");
    session.wait_for("the moved verdict", |screen| {
        has(screen, &["▌Suspects", "confidence high", "passes before it and without the suspect, each time"])
    });
    session.send("q");
    assert_eq!(session.wait_for_exit().exit_code(), 1);
    session.assert_clean();
    assert_eq!(shell(folder.path(), "git status --porcelain && git count-objects"), lying, "nothing is written");
}
