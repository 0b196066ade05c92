//! Golden screens of a build command: while it runs, when it passed, when it failed and what follows.

use std::sync::Arc;

use aftercare::app::place::{BuildEnd, Built};
use aftercare::app::{Failure, FailureKind, Key, Msg, Triaged};
use aftercare::triage::{diagnostics, judge};

use super::check;
use super::scene::{Scene, change};

fn building() -> Scene {
    let mut scene = Scene::building(&["make", "test all"]);
    let lines =
        ["collected 12 items", "", "\u{1b}[32mtests/test_payment.py\u{1b}[0m F.\u{7}..........", "a\tb \u{202e}c"];
    lines.iter().for_each(|line| scene.tell(Msg::BuildLine((*line).to_owned())));
    scene.wait(1);
    scene
}

const OUTPUT: &str = "Traceback (most recent call last):\n  File \"orders/payment.py\", line 2, in pay\n    total = round(order.total * 100)\nTypeError: unsupported operand type(s) for *: 'NoneType' and 'int'\n";

fn failed(has_base: bool, has_changes: bool) -> Msg {
    let diagnostics = diagnostics::read(OUTPUT);
    assert_eq!(diagnostics.len(), 1);
    let (symptom, signature) = (diagnostics[0].symptom(), diagnostics[0].signature().id);
    let change = change();
    let verdict = judge(&symptom, &change);
    let triaged = Arc::new(Triaged { signature, verdict, change: Arc::new(change) });
    Msg::Built(Ok(BuildEnd::Failed(Box::new(Built {
        ending: "failed with exit status 1".to_owned(),
        is_flaky: has_changes,
        diagnostics,
        signature,
        triaged: has_base.then_some(triaged),
        since: "1b2c3d4e5f, where it last passed at 2026-01-12T09:00:00Z".to_owned(),
        n_files: 2,
        has_changes,
    }))))
}

#[test]
fn its_output_comes_line_by_line() {
    let mut scene = building();
    check("build-running", &mut scene);
    scene.press("q");
    check("build-leaving", &mut scene);
}

#[test]
fn a_command_that_passed_says_so_and_runs_again() {
    let mut scene = building();
    scene.tell(Msg::Built(Ok(BuildEnd::Passed(false))));
    scene.press("t");
    check("build-passed", &mut scene);
    scene.press("r");
    check("build-again", &mut scene);
}

#[test]
fn a_failure_is_laid_to_a_change_and_leads_to_suspects_rollback_and_fix() {
    let mut scene = building();
    scene.tell(failed(true, true));
    check("build-failed", &mut scene);
    scene.keys(&[Key::Enter]);
    check("build-suspects", &mut scene);
    scene.keys(&[Key::Esc]);
    scene.press("F");
    check("build-fix", &mut scene);
    scene.keys(&[Key::Esc]);
    scene.press("?");
    check("build-help", &mut scene);
}

#[test]
fn without_a_success_to_compare_with_that_is_said() {
    let mut scene = building();
    scene.tell(failed(false, false));
    check("build-alone", &mut scene);
}

#[test]
fn without_a_repository_that_is_said() {
    let mut scene = building();
    let failure = Failure::new(FailureKind::User, "there is no repository here", "Start it in one.");
    scene.tell(Msg::Built(Err(failure)));
    check("build-broken", &mut scene);
}
