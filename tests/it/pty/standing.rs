//! Going back by itself, before the eyes of somebody at a real terminal.

use std::fs;

use super::review::{audit_text, has};
use super::session::Session;
use super::{Scene, World, git, rollbacks, wait_for_regression};

const CTRL_X: &str = "\x18";

/// The incident, where Ada allowed it to go back by itself.
fn counting() -> (Scene, World, Session) {
    let (scene, world) = Scene::incident();
    let config = scene.dir.path().join("config.toml");
    let allowed = "[auto_rollback]\nenabled = true\nperson = \"Ada <ada@example.org>\"\ncountdown_seconds = 10\n";
    fs::write(&config, allowed).unwrap();
    let scene = scene.with("--config").with(config.to_str().unwrap());
    let mut session = scene.start_sized(24, 80);
    wait_for_regression(&mut session);
    session.wait_for("the countdown", |screen| has(screen, &["Rolls back by itself in 00:", "Ctrl-X stops it"]));
    (scene, world, session)
}

#[test]
fn one_key_stops_it_for_good_and_everything_is_in_the_record() {
    let (scene, world, mut session) = counting();
    // It is seen, and can be stopped, from any page.
    session.send("d");
    session.wait_for("the countdown in a review", |screen| has(screen, &["▌Diff 7 files", "Rolls back by itself"]));
    session.send(CTRL_X);
    session.wait_for("the end of it", |screen| !screen.contents().contains("Rolls back by itself"));
    session.send("q");
    assert!(session.wait_for_exit().success());
    session.assert_clean();
    assert!(rollbacks(&world).is_empty());
    let audit = audit_text(&scene);
    for part in ["auto.standing", "auto.announced", "auto.called-off", "\"by\":\"Ada Lovelace\""] {
        assert!(audit.contains(part), "no {part:?} in {audit}");
    }
}

#[test]
fn nobody_stops_it_and_it_goes_back_as_it_was_allowed() {
    let (scene, world, mut session) = counting();
    session.wait_for("the branch", |_| !rollbacks(&world).is_empty());
    session.send("o");
    session.wait_for_text("▌Execution done");
    session.send("q");
    assert!(session.wait_for_exit().success());
    let branches = rollbacks(&world);
    let tree = |revision: &str| git(&world, &["rev-parse", &format!("{revision}^{{tree}}")]);
    assert_eq!((branches.len(), tree(&branches[0])), (1, tree(World::HEALTHY)));
    let audit = audit_text(&scene);
    for part in ["auto.standing", "auto.announced", "plan.approved", "commit.made"] {
        assert!(audit.contains(part), "no {part:?} in {audit}");
    }
}
