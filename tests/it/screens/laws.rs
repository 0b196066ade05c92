//! What holds of every screen, whatever a log says and however large the terminal is.

use aftercare::app::Key;
use proptest::prelude::*;

use super::drawn;
use super::scene::Scene;
use aftercare::view::THEMES;
use ratatui::buffer::{Buffer, Cell};
use unicode_width::UnicodeWidthStr;

/// Text that would act on a terminal or a layout, were it drawn as it is.
const HOSTILE: &[&str] = &[
    "\x1b[2J\x1b[H",
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1b]0;title",
    "\u{9b}31m",
    "\u{202e}gpj.exe",
    "\u{200b}",
    "\r",
    "\t",
    "\x07\x08\x7f",
    "e\u{301}\u{301}\u{301}",
    "漢字",
    "👩‍👩‍👧",
    "\u{feff}",
    "\0",
    "ﷺ",
    "A",
    "order 12",
];

fn any_line() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(HOSTILE.to_vec()), 0..12).prop_map(|parts| parts.concat())
}

/// Ways into every page.
const WAYS: &[&str] = &["", "t", "d", "F", "?", "i", "w", "mp", "r\u{9b}x", "/x", "f", "G", "jjj", "T"];

fn assert_safe(buffer: &Buffer) {
    for cell in &buffer.content {
        let symbol = cell.symbol();
        assert!(symbol.chars().all(|char| !char.is_control()), "{symbol:?} would act on the terminal");
        assert!(symbol.width() <= 2, "{symbol:?} is wider than its cell");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_screen_acts_on_the_terminal(
        lines in prop::collection::vec(any_line(), 1..8),
        size in (1u16..210, 1u16..65),
        way in prop::sample::select(WAYS.to_vec()),
        theme in prop::sample::select(THEMES.to_vec()),
    ) {
        let mut scene = Scene::new();
        for line in &lines {
            scene.read(format!("2026-01-12T09:58:00Z ERROR {line}\n").as_bytes());
        }
        scene.show();
        scene.press(way);
        let buffer = drawn(&mut scene, size, theme);
        assert_safe(&buffer);
        prop_assert_eq!(buffer.content.len(), usize::from(size.0) * usize::from(size.1));
    }
}

#[test]
fn the_same_state_is_drawn_alike_twice_and_scrolling_never_leaves_the_screen() {
    let mut scene = Scene::regression();
    for _ in 0..30 {
        scene.keys(&[Key::PageDown, Key::Down, Key::Right]);
        let once = drawn(&mut scene, (80, 24), "dark");
        assert_eq!(once, drawn(&mut scene, (80, 24), "dark"));
        let selected = once.content.iter().any(|cell: &Cell| cell.bg != once.content[0].bg);
        assert!(selected, "the selected row is not on the screen");
    }
}
