//! Golden screens of going back by itself: the countdown is on every page, with the key that stops it.

use aftercare::app::Key;

use super::check;
use super::scene::Scene;

fn counting() -> Scene {
    let mut scene = Scene::regression();
    scene.count_down();
    scene.wait_seconds(13);
    scene
}

#[test]
fn the_countdown_is_on_every_page() {
    let mut scene = counting();
    check("standing-list", &mut scene);
    scene.press("d");
    check("standing-review", &mut scene);
}

#[test]
fn a_key_stops_it_and_that_is_said() {
    let mut scene = counting();
    scene.keys(&[Key::Ctrl('x')]);
    check("standing-stopped", &mut scene);
}

#[test]
fn it_is_done_at_its_end_and_shown_like_every_execution() {
    let mut scene = counting();
    scene.wait_seconds(47);
    scene.press("o");
    check("standing-executing", &mut scene);
}
