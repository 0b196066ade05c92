//! Themes: complete, legible, and never needed to tell two things apart.

use std::fs;
use std::path::Path;

use aftercare::view::{Appearance, Role, THEMES, Theme, theme_named};
use ratatui::style::{Color, Modifier, Style};

/// The least contrast of text, from the Web Content Accessibility Guidelines 2.1, level AA.
const LEAST_CONTRAST: f64 = 4.5;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes").join(format!("{name}.toml"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn channel(value: u8) -> f64 {
    let value = f64::from(value) / 255.0;
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// Relative luminance, WCAG 2.1.
fn luminance(color: Color) -> f64 {
    let (r, g, b) = aftercare::view::rgb(color).unwrap_or_else(|| panic!("{color:?} is the terminal's own"));
    0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
}

fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn is_own(color: Option<Color>) -> bool {
    color.is_none_or(|color| color == Color::Reset)
}

/// A role is legible on this ground: both colors are the terminal's own, or their contrast is enough.
#[track_caller]
fn check(name: &str, role: Role, style: Style, ground: Option<Color>) {
    let ground = style.bg.or(ground);
    match (is_own(style.fg), is_own(ground)) {
        (true, true) => {}
        (false, false) => {
            let found = contrast(style.fg.unwrap(), ground.unwrap());
            assert!(found >= LEAST_CONTRAST, "{name}: {} has a contrast of {found:.2}", role.name());
        }
        _ => panic!("{name}: {} sets only one of text and background", role.name()),
    }
}

#[test]
fn every_theme_file_is_a_theme_and_has_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes");
    let mut files: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut names: Vec<String> = THEMES.iter().map(|name| (*name).to_owned()).collect();
    files.sort();
    names.sort();
    assert_eq!(files, names);
    for name in THEMES {
        let theme = Theme::read(&file(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(theme, theme_named(name));
    }
}

#[test]
fn text_is_legible_in_every_theme() {
    for name in THEMES {
        let theme = theme_named(name);
        let text = theme.style(Role::Text);
        for role in Role::ALL.into_iter().filter(|role| role.is_read()) {
            // A role without a color of its own is drawn in that of text.
            check(name, role, text.patch(theme.style(role)), Some(theme.background()));
        }
    }
}

#[test]
fn text_is_legible_where_it_is_selected() {
    let in_lists = [Role::Text, Role::Muted, Role::Danger, Role::Warning, Role::Good, Role::Info, Role::Rate];
    for name in THEMES {
        let theme = theme_named(name);
        let selection = theme.style(Role::Selection);
        if selection.add_modifier.contains(Modifier::REVERSED) {
            continue;
        }
        for role in in_lists {
            let style = theme.style(Role::Text).patch(theme.style(role)).patch(selection);
            check(name, role, style, Some(theme.background()));
        }
    }
}

#[test]
fn a_selected_row_and_the_focus_stand_out_without_color() {
    for name in THEMES {
        let theme = theme_named(name);
        let base = theme.base();
        for role in [Role::Selection, Role::Focus, Role::Match, Role::Alarm] {
            assert_ne!(base.patch(theme.style(role)), base, "{name}: {} cannot be seen", role.name());
        }
    }
}

#[test]
fn without_color_there_is_none() {
    let theme = theme_named("mono");
    assert_eq!(theme.appearance(), Appearance::Any);
    for role in Role::ALL {
        let style = theme.style(role);
        assert!(is_own(style.fg) && is_own(style.bg), "{} has a color", role.name());
    }
}

#[test]
fn a_wrong_theme_says_what_is_wrong() {
    let right = file("dark");
    let cases = [
        (right.replace("coral = \"#ff7b72\"", "coral = \"#ff7b7\""), "\"#ff7b7\" is no color"),
        (right.replace("muted = { fg = \"fog\" }\n", ""), "the role \"muted\" is not defined"),
        (right.replace("[roles]", "[roles]\nshade = {}"), "\"shade\" is no role"),
        (format!("inherits = \"dusk\"\n{right}"), "inherits from \"dusk\""),
        (right.replace("[roles]", "[rolls]"), "cannot read the theme"),
    ];
    for (text, expected) in cases {
        let error = Theme::read(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error:?} does not say {expected:?}");
    }
}
