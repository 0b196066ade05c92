//! Golden screens of the review and of the search for a fix; in colors and without, at two sizes.

use std::time::Duration;

use aftercare::app::{Failure, FailureKind, Fixed, Key, Msg};
use aftercare::remedy::fix::{Answer, Part, Report, Repro, Stand, Tried, Unit};
use aftercare::view::{self, THEMES, theme_named};
use ratatui::style::{Color, Modifier};

use super::scene::Scene;
use super::{check, compare, drawn, folder, text_of};

/// The review of the rollback, with the suspects known.
fn reviewing() -> Scene {
    let mut scene = Scene::regression();
    scene.ask_for_suspects();
    scene.answer_suspects();
    scene.review();
    scene
}

/// One hunk accepted with a note on it, the other left out.
fn chosen() -> Scene {
    let mut scene = reviewing();
    scene.press("jc");
    scene.press("cents belong to the gateway");
    scene.keys(&[Key::Enter]);
    scene.answer_choice();
    scene.press("n ");
    scene.answer_choice();
    scene
}

fn repro() -> Repro {
    let argv = ["sh", "-c", "make check && ./replay orders.log", ""].map(str::to_owned).to_vec();
    Repro { argv, limit: Duration::from_secs(300) }
}

/// The picture of a screen tells colors, bold, underlines and backgrounds apart.
#[track_caller]
fn check_looks(name: &str, scene: &mut Scene) {
    for theme in ["dark", "mono"] {
        for size in [(80, 24), (200, 60)] {
            let picture = view::svg(&drawn(scene, size, theme), &theme_named(theme));
            compare(&folder().join(format!("{name}-{}x{}-{theme}.svg", size.0, size.1)), &picture);
        }
    }
}

#[test]
fn what_is_left_out_and_what_is_noted_is_shown_in_place() {
    let mut scene = chosen();
    check("review-chosen", &mut scene);
    check_looks("review-chosen", &mut scene);
    scene.press("a");
    check("approval-chosen", &mut scene);
}

#[test]
fn lines_lie_side_by_side_where_the_width_allows_and_below_each_other_elsewhere() {
    let mut scene = reviewing();
    drawn(&mut scene, (200, 60), "dark");
    scene.press("s");
    check("review-split", &mut scene);
    check_looks("review-split", &mut scene);
    drawn(&mut scene, (80, 24), "dark");
    scene.press("s");
    check("review-no-room", &mut scene);
}

#[test]
fn reasons_dangers_and_what_follows_are_one_key_away() {
    let mut scene = reviewing();
    scene.keys(&[Key::Tab]);
    check("review-about", &mut scene);
}

#[test]
fn until_the_plan_of_what_was_chosen_is_there_nothing_can_be_approved() {
    let mut scene = reviewing();
    scene.press(" a");
    check("review-awaited", &mut scene);
    let failure = Failure::new(FailureKind::User, "there is nothing to take back", "Nothing needs to be done.");
    scene.tell(Msg::Composed(scene.newest(), Err(failure)));
    scene.press("a");
    check("review-refused", &mut scene);
}

/// Edits the hunk at the cursor, as an editor would give it back.
fn edit(scene: &mut Scene) {
    scene.press("e");
    let edited = [
        " def pay(order):",
        "-    total = round(order.total * 100)",
        "+    total = order.total_in_cents",
        "     answer = gateway.charge(order.id, total)",
        "     if answer.declined:",
        "         log.error(\"gateway declined order %s\", order.id)",
    ];
    scene.tell(Msg::Edited(scene.newest(), Ok(edited.join("\n"))));
}

#[test]
fn a_comment_is_typed_below_and_an_edit_is_shown_as_one() {
    let mut scene = reviewing();
    scene.press("cwhy not ce");
    check("comment", &mut scene);
    scene.keys(&[Key::Esc]);
    edit(&mut scene);
    scene.answer_choice();
    check("review-edited", &mut scene);
}

#[test]
fn the_search_for_a_fix_asks_tells_and_ends_in_a_review() {
    let mut scene = Scene::regression_with(Some(repro()));
    scene.press("F");
    check("fix-asking", &mut scene);
    scene.press("y");
    let ticket = scene.newest();
    let part = |run: usize, n_taken: usize| Part { run, on: Stand::Without { n_taken, n_units: 2 } };
    let tried = |run: usize, n_taken: usize, ending: &str| Tried {
        part: part(run, n_taken),
        ending: ending.to_owned(),
        passed: ending == "succeeded",
        took: Duration::from_millis(2_340),
    };
    scene.tell(Msg::Trying(ticket, part(1, 0)));
    scene.tell(Msg::Tried(ticket, tried(1, 0, "exited with status 1: \u{1b}[31mAssertionError\u{1b}[0m: 12")));
    scene.tell(Msg::Trying(ticket, part(2, 1)));
    scene.tell(Msg::Tried(ticket, tried(2, 1, "succeeded")));
    scene.tell(Msg::Trying(ticket, part(3, 1)));
    scene.wait(2);
    check("fix-running", &mut scene);
    scene.answer_fix();
    check("fix-review", &mut scene);
    check_looks("fix-review", &mut scene);
}

#[test]
fn the_test_that_is_run_for_a_verdict_is_asked_for_and_moves_it() {
    let mut scene = Scene::regression_with(Some(repro()));
    scene.ask_for_suspects();
    scene.answer_suspects();
    scene.press("v");
    check("verdict-asking", &mut scene);
    scene.press("y");
    let part = Part { run: 3, on: Stand::Without { n_taken: 2, n_units: 2 } };
    scene.tell(Msg::Trying(scene.newest(), part));
    check("verdict-running", &mut scene);
    scene.answer_runs(scene.newest());
    check("verdict-older", &mut scene);
    // An answer that comes late changes nothing.
    scene.answer_runs(aftercare::app::Ticket(99));
    check("verdict-older", &mut scene);
}

#[test]
fn what_is_chosen_of_a_fix_is_checked_anew_and_approved_unchecked_only_in_plain_sight() {
    let mut scene = Scene::regression_with(Some(repro()));
    scene.press("Fy");
    scene.answer_fix();
    edit(&mut scene);
    scene.answer_choice();
    scene.try_choice();
    check("fix-checking", &mut scene);
    scene.press("a");
    check("approval-unchecked", &mut scene);
    // What is found meanwhile changes nothing under the person's eyes.
    scene.answer_checks();
    check("approval-unchecked", &mut scene);
    scene.keys(&[Key::Esc]);
    scene.answer_choice();
    check("fix-checked", &mut scene);
}

#[test]
fn a_search_that_finds_nothing_says_why_and_without_a_command_what_to_set() {
    let mut scene = Scene::regression();
    scene.press("F");
    check("fix-unset", &mut scene);
    let mut scene = Scene::regression_with(Some(repro()));
    scene.press("Fy");
    let detail = "The command passes as deployed, so it does not show the error, and no fix can be told by it.";
    let report = Report {
        drafted: None,
        answer: Answer::CannotJudge,
        detail: detail.to_owned(),
        patch: String::new(),
        hunks: Vec::new(),
        runs: 0,
        verification_runs: 1,
        minimal: false,
        checks: Vec::new(),
        taken: Unit::default(),
    };
    scene.tell(Msg::Fixed(scene.newest(), Ok(Box::new(Fixed { report, prepared: None }))));
    check("fix-ended", &mut scene);
}

/// In no theme is color needed: what is accepted, left out, added and removed differs in its text too, and
/// without colors nothing has one.
#[test]
fn a_review_reads_the_same_in_every_theme() {
    let mut scene = chosen();
    let text = text_of(&drawn(&mut scene, (200, 60), "dark"));
    assert!(["✔", "✗", "-    total", "+    total", "↳ note"].iter().all(|mark| text.contains(mark)), "{text}");
    for theme in THEMES {
        let buffer = drawn(&mut scene, (200, 60), theme);
        assert_eq!(text_of(&buffer), text, "{theme}");
        let has_color = |color: Color| color != Color::Reset;
        let is_colored = buffer.content.iter().any(|cell| has_color(cell.fg) || has_color(cell.bg));
        assert_eq!(is_colored, *theme != "mono", "{theme}");
    }
    let buffer = drawn(&mut scene, (200, 60), "mono");
    let n_reversed = buffer.content.iter().filter(|cell| cell.modifier.contains(Modifier::REVERSED)).count();
    assert!(n_reversed > 0, "the words that changed, and the row, stand out");
}
