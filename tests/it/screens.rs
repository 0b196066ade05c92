//! Golden screens: every state that is drawn, as plain text at several sizes; and laws about all of them.
//!
//! `UPDATE_SCREENS=1 cargo test --test it screens` writes the files in `tests/screens/` anew.

mod build;
mod draft;
mod laws;
mod review;
mod scene;
mod standing;

use std::fs;
use std::path::{Path, PathBuf};

use aftercare::app::{Failure, FailureKind, Key, Msg};
use aftercare::engine::{SourceState, SourceView};
use aftercare::view;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

use scene::Scene;
pub use scene::options;

/// The sizes between which the screen is promised to work.
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens")
}

/// Compares with the golden screen; `UPDATE_SCREENS=1` writes it instead.
#[track_caller]
pub fn compare(path: &Path, actual: &str) {
    if std::env::var_os("UPDATE_SCREENS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(actual, expected, "the screen is not as in {}", path.display());
}

/// The text of the cells, row by row.
pub fn text_of(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width).max(1);
    let rows = buffer.content.chunks(width).map(|row| {
        let text: String = row.iter().map(Cell::symbol).collect();
        format!("{}\n", text.trim_end())
    });
    rows.collect()
}

pub fn drawn(scene: &mut Scene, (width, height): (u16, u16), theme: &str) -> Buffer {
    scene.tell(Msg::Resized(width, height));
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    view::draw(&scene.state, &view::theme_named(theme), area, &mut buffer);
    buffer
}

/// Compares the golden screens of this name, at every size.
#[track_caller]
fn check(name: &str, scene: &mut Scene) {
    for (width, height) in SIZES {
        let buffer = drawn(scene, (width, height), "dark");
        compare(&folder().join(format!("{name}-{width}x{height}.txt")), &text_of(&buffer));
    }
}

#[test]
fn before_anything_is_known() {
    check("opening", &mut Scene::new());
}

#[test]
fn while_history_is_read() {
    let mut scene = Scene::new();
    scene.show_with(&[("api.log", SourceState::Reading(300, 1_000)), ("worker.log", SourceState::Waiting)]);
    check("reading", &mut scene);
}

#[test]
fn without_a_deploy_nothing_is_judged() {
    let mut scene = Scene::new();
    scene.live_through(-90, 0);
    scene.show();
    check("no-deploy", &mut scene);
}

#[test]
fn in_the_first_minute_of_a_service_nobody_knows_its_lines_are_there() {
    let mut scene = Scene::new();
    scene.deploy();
    scene.live_through(0, 1);
    scene.show();
    check("first-minute", &mut scene);
}

#[test]
fn while_history_is_read_nobody_is_told_to_fetch_more_of_it() {
    let mut scene = Scene::new();
    scene.deploy();
    scene.live_through(0, 1);
    scene.show_with(&[("api.log", SourceState::Reading(300 << 20, 900 << 20))]);
    check("reading-watch", &mut scene);
}

#[test]
fn a_regression() {
    check("regression", &mut Scene::regression());
}

#[test]
fn a_source_that_cannot_be_read_and_losses_are_told() {
    let mut scene = Scene::regression();
    scene.lose_some();
    let failed = SourceState::Failed("cannot read worker.log: permission denied".to_owned());
    scene.show_with(&[("api.log", SourceState::Following), ("worker.log", failed)]);
    check("failed-source", &mut scene);
    scene.press("i");
    check("details", &mut scene);
}

/// What befell lines is not added up: most have more than one flaw, and there would be more of them than lines.
#[test]
fn where_there_is_little_room_the_flaw_of_most_lines_is_told() {
    let mut scene = Scene::regression();
    scene.read(&b"{\"broken\": \xff json\n".repeat(40));
    scene.read(&b"bad \xff byte\n".repeat(1000));
    scene.read(&b"2020-01-12T10:00:00Z ERROR it broke\n".repeat(30));
    scene.read(&b"2099-01-12T10:00:00Z ERROR it broke\n".repeat(20));
    scene.show();
    let header =
        |scene: &mut Scene, size| text_of(&drawn(scene, size, "dark")).lines().take(3).collect::<Vec<_>>().join("\n");
    let narrow = header(&mut scene, (80, 24));
    assert!(narrow.contains("1040 not UTF-8, more (i)"), "{narrow}");
    let wide = header(&mut scene, (200, 60));
    assert!(wide.contains("40 malformed, 1040 not UTF-8") && !wide.contains("more"), "{wide}");
}

#[test]
fn a_paused_tail_counts_what_it_does_not_show() {
    let mut scene = Scene::regression();
    scene.keys(&[Key::Tab, Key::Up, Key::Up]);
    scene.live_through(12, 13);
    scene.show();
    check("paused", &mut scene);
}

#[test]
fn lines_that_come_late_are_told_from_lines_that_are_new() {
    let mut scene = Scene::regression();
    scene.wait(6);
    check("late", &mut scene);
}

#[test]
fn an_engine_that_stopped_is_not_taken_for_a_quiet_service() {
    let mut scene = Scene::regression();
    let mut failure = Failure::new(FailureKind::External, "cannot store what was counted", "Make room on the disk.");
    failure.causes.push("database or disk is full".to_owned());
    scene.tell(Msg::Stopped(failure));
    scene.wait(1);
    check("stopped", &mut scene);
}

#[test]
fn the_suspects_of_a_signature() {
    let mut scene = Scene::regression();
    scene.ask_for_suspects();
    check("triage-running", &mut scene);
    scene.answer_suspects();
    check("suspects", &mut scene);
}

#[test]
fn a_triage_that_failed_says_why_and_what_to_do() {
    let mut scene = Scene::regression();
    let ticket = scene.ask_for_suspects();
    let failure = Failure::new(FailureKind::User, "no repository is known", "Start again with --repo DIR.");
    scene.tell(Msg::Triaged(ticket, Err(failure)));
    check("triage-failed", &mut scene);
}

#[test]
fn the_review_the_approval_and_the_execution_of_a_rollback() {
    let mut scene = Scene::regression();
    scene.ask_for_suspects();
    scene.answer_suspects();
    scene.review();
    check("review", &mut scene);
    scene.press("a");
    scene.press("orde");
    check("approval", &mut scene);
    scene.press("rs");
    let ticket = scene.execute();
    scene.tell(Msg::Output(ticket, "$ ./deploy.sh aftercare/rollback-1".to_owned()));
    scene.tell(Msg::Output(ticket, "\x1b[31mred\x1b[0m and a bell \x07".to_owned()));
    check("executing", &mut scene);
    scene.press("q");
    check("leaving", &mut scene);
    scene
        .tell(Msg::Executed(ticket, Ok(vec!["The branch was made.".to_owned(), "./deploy.sh ended well.".to_owned()])));
    check("executed", &mut scene);
}

#[test]
fn a_wrong_word_executes_nothing_and_says_so() {
    let mut scene = Scene::regression();
    scene.review();
    scene.press("a");
    scene.press("order");
    scene.keys(&[Key::Enter]);
    check("wrong-word", &mut scene);
}

#[test]
fn every_key_is_in_the_help() {
    let mut scene = Scene::regression();
    scene.press("?");
    check("help", &mut scene);
}

#[test]
fn a_search_marks_what_it_finds() {
    let mut scene = Scene::regression();
    scene.press("/declined");
    check("search", &mut scene);
}

#[test]
fn signatures_that_differ_in_one_word_are_one_row_that_can_be_named_pinned_and_split() {
    let mut scene = Scene::grouped();
    scene.press("j");
    scene.show();
    check("groups", &mut scene);
    scene.press("w");
    check("signature", &mut scene);
    scene.keys(&[Key::Esc]);
    scene.press("rlost leases");
    check("naming", &mut scene);
    scene.keys(&[Key::Enter]);
    scene.press("p");
    scene.show();
    check("groups-named", &mut scene);
    scene.press("S");
    scene.show();
    check("groups-split", &mut scene);
    scene.press("u");
    scene.show();
    scene.press("gmjM");
    scene.show();
    check("groups-merged", &mut scene);
}

#[test]
fn what_cannot_be_done_to_a_group_is_said() {
    let mut scene = Scene::regression();
    for (keys, says) in [("S", "a single signature"), ("M", "Mark rows with m first"), ("u", "to take back")] {
        scene.press(keys);
        let notice = scene.state.notice().map(|notice| notice.text.clone()).unwrap_or_default();
        assert!(notice.contains(says), "{keys}: {notice}");
    }
}

#[test]
fn a_screen_that_is_too_small_says_so() {
    let mut scene = Scene::regression();
    let buffer = drawn(&mut scene, (48, 10), "dark");
    compare(&folder().join("too-small-48x10.txt"), &text_of(&buffer));
}

#[test]
fn the_picture_of_a_screen_holds_its_text() {
    let mut scene = Scene::regression();
    let buffer = drawn(&mut scene, (80, 24), "dark");
    let picture = view::svg(&buffer, &view::theme_named("dark"));
    assert!(picture.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && picture.ends_with("</svg>\n"));
    assert!(picture.contains("order &lt;*&gt;"), "text is escaped");
    assert!(!picture.contains("order <*>"));
}

fn following(name: &str) -> SourceView {
    SourceView { name: name.to_owned(), state: SourceState::Following }
}
