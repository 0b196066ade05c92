//! A store that refuses what is counted, as on a full disk, ends no watch.

use std::fs::OpenOptions;
use std::io::Write;
use std::process::{Command, Output};
use std::time::Duration;

use aftercare::shell::clock::Clock;
use aftercare::shell::store::FILE_NAME;
use rusqlite::Connection;

use super::{AFTERCARE, Scene, is_frame};

/// What SQLite says on a full disk, here by order of a trigger.
const REFUSE: &str = "CREATE TRIGGER refuse BEFORE INSERT ON minute
                      BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";

impl Scene {
    /// Another process that has the store.
    fn store(&self) -> Connection {
        Connection::open(self.state().join(FILE_NAME)).unwrap()
    }

    /// Writes lines to the log that is watched, and one more: the last line is counted when no other can belong to it.
    fn log(&self, n: usize, text: &str) {
        let mut log = OpenOptions::new().append(true).open(self.dir.path().join("api.log")).unwrap();
        let at = Clock::real().now().before(Duration::from_secs(1));
        (0..n).for_each(|_| writeln!(log, "{at} ERROR {text}").unwrap());
        writeln!(log, "{at} INFO cache warmed with 61 entries").unwrap();
    }

    /// Reads to the end what is there, without a screen.
    fn read(&self) -> Output {
        let mut command = Command::new(AFTERCARE);
        command.args(["watch", "--headless", "--once", "--service", "invoices", "--deploy", "v2"]);
        command.arg(self.dir.path().join("api.log")).arg("--state").arg(self.state());
        command.env("HOME", self.dir.path()).output().unwrap()
    }

    /// How often such events are in the store.
    fn n_stored(&self, template: &str) -> u64 {
        let mut command = Command::new(AFTERCARE);
        command.args(["baseline", "show", "--json", "--service", "invoices", "--state"]).arg(self.state());
        let output = command.env("HOME", self.dir.path()).output().unwrap();
        let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let signatures = shown["signatures"].as_array().unwrap().iter();
        let counts = signatures.filter(|signature| signature["template"] == template);
        counts.map(|signature| signature["count"].as_u64().unwrap()).sum()
    }
}

#[test]
fn a_watch_goes_on_in_memory_while_nothing_can_be_stored_and_stores_all_later() {
    let scene = Scene::quiet();
    let mut session = scene.start();
    session.wait_for("a frame", |screen| is_frame(screen, "refused the invoice"));
    scene.store().execute_batch(REFUSE).unwrap();
    scene.log(5, "ledger is locked");
    session.wait_for("the failure, and the lines all the same", |screen| {
        is_frame(screen, "ledger is locked") && is_frame(screen, "not stored for")
    });
    session.send("i");
    session.wait_for_text("database or disk is full");
    session.send("\x1b");
    scene.log(7, "ledger is locked");
    scene.store().execute_batch("DROP TRIGGER refuse").unwrap();
    // What is held is stored at the latest when one leaves.
    session.send("q");
    assert!(session.wait_for_exit().success());
    session.assert_clean();
    scene.read();
    assert_eq!(scene.n_stored("ledger is locked"), 12);
}

#[test]
fn what_is_never_stored_is_read_again_at_the_next_start() {
    let scene = Scene::quiet();
    let mut session = scene.start();
    session.wait_for("a frame", |screen| is_frame(screen, "refused the invoice"));
    scene.store().execute_batch(REFUSE).unwrap();
    scene.log(5, "ledger is locked");
    session.wait_for("the failure", |screen| is_frame(screen, "not stored for"));
    session.send("q");
    assert!(!session.wait_for_exit().success(), "what is not stored is told at the end");
    assert!(session.screen().contents().contains("database or disk is full"), "{}", session.screen().contents());
    session.assert_clean();
    scene.store().execute_batch("DROP TRIGGER refuse").unwrap();
    scene.read();
    assert_eq!(scene.n_stored("ledger is locked"), 5);
}

#[test]
fn without_a_screen_it_is_told_at_once_and_the_verdict_comes_all_the_same() {
    let scene = Scene::quiet();
    let first = scene.read();
    assert!(first.stderr.is_empty(), "{}", String::from_utf8_lossy(&first.stderr));
    scene.store().execute_batch(REFUSE).unwrap();
    scene.log(5, "ledger is locked");
    let refused = scene.read();
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("database or disk is full"), "{told}");
    assert!(!refused.stdout.is_empty() && refused.status.code() != first.status.code());
}

#[test]
fn a_repository_that_is_not_there_is_told_at_the_start() {
    let scene = Scene::quiet().with("--repo").with("/nowhere/at/all");
    let mut session = scene.start();
    session.wait_for("the notice", |screen| is_frame(screen, "/nowhere/at/all"));
    session.wait_for("the lines all the same", |screen| is_frame(screen, "refused the invoice"));
    session.send("q");
    assert!(session.wait_for_exit().success());
}
