//! Themes: what each role on the screen looks like.
//!
//! Input: the files in `themes/`, a palette and roles that name its colors. Output: a [`Theme`], which
//! answers one question: the style of a [`Role`]. Color never carries meaning alone; a glyph or a word goes
//! with it.

mod file;

use ratatui::style::{Color, Style};

pub use file::ThemeError;

/// What a piece of the screen means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// What is read.
    Text,
    /// What is there when looked for.
    Muted,
    /// Title of a panel.
    Title,
    /// Title of the panel that has the keys.
    Focus,
    /// Lines that divide.
    Rule,
    /// The selected row.
    Selection,
    /// Confirmed: act on it.
    Danger,
    /// Worth a look.
    Warning,
    /// As it should be.
    Good,
    /// Told, without weight.
    Info,
    /// What was counted.
    Rate,
    /// What was expected.
    Baseline,
    /// The spread around it.
    Band,
    /// A deploy on the time axis.
    Deploy,
    /// A remedy on the time axis.
    Remedy,
    /// A line that a patch adds.
    Added,
    /// A line that a patch removes.
    Removed,
    /// The words of it that are new.
    AddedWord,
    /// The words of a removed line that are not in what replaces it.
    RemovedWord,
    /// The head of a hunk or file in a patch.
    Hunk,
    /// A comment in a source.
    Comment,
    /// Text in quotes in a source.
    Quoted,
    /// A number, or another constant, in a source.
    Constant,
    /// A word of the language of a source.
    Keyword,
    /// The name of a function or type in a source.
    Name,
    /// What was searched for.
    Match,
    /// A key to press.
    Key,
    /// Needs an answer before anything else.
    Alarm,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 28] = [
        Self::Text,
        Self::Muted,
        Self::Title,
        Self::Focus,
        Self::Rule,
        Self::Selection,
        Self::Danger,
        Self::Warning,
        Self::Good,
        Self::Info,
        Self::Rate,
        Self::Baseline,
        Self::Band,
        Self::Deploy,
        Self::Remedy,
        Self::Added,
        Self::Removed,
        Self::AddedWord,
        Self::RemovedWord,
        Self::Hunk,
        Self::Comment,
        Self::Quoted,
        Self::Constant,
        Self::Keyword,
        Self::Name,
        Self::Match,
        Self::Key,
        Self::Alarm,
    ];

    /// Its name in a theme file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Muted => "muted",
            Self::Title => "title",
            Self::Focus => "focus",
            Self::Rule => "rule",
            Self::Selection => "selection",
            Self::Danger => "danger",
            Self::Warning => "warning",
            Self::Good => "good",
            Self::Info => "info",
            Self::Rate => "rate",
            Self::Baseline => "baseline",
            Self::Band => "band",
            Self::Deploy => "deploy",
            Self::Remedy => "remedy",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::AddedWord => "added_word",
            Self::RemovedWord => "removed_word",
            Self::Hunk => "hunk",
            Self::Comment => "comment",
            Self::Quoted => "quoted",
            Self::Constant => "constant",
            Self::Keyword => "keyword",
            Self::Name => "name",
            Self::Match => "match",
            Self::Key => "key",
            Self::Alarm => "alarm",
        }
    }

    /// Whether it is read; rules and bands are only looked at.
    #[must_use]
    pub fn is_read(self) -> bool {
        !matches!(self, Self::Rule | Self::Band)
    }
}

/// The background that a theme is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Appearance {
    /// Dark.
    Dark,
    /// Light.
    Light,
    /// Any: it sets no background of its own.
    Any,
}

/// What each role looks like.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    appearance: Appearance,
    background: Color,
    styles: [Style; Role::ALL.len()],
}

/// Names of the themes there are, in the order in which they are switched.
pub const THEMES: &[&str] = &["dark", "light", "256", "16", "mono"];

/// The files of the themes, in the order of [`THEMES`].
const FILES: [&str; 5] = [
    include_str!("../../themes/dark.toml"),
    include_str!("../../themes/light.toml"),
    include_str!("../../themes/256.toml"),
    include_str!("../../themes/16.toml"),
    include_str!("../../themes/mono.toml"),
];

fn file_named(name: &str) -> Option<&'static str> {
    let index = THEMES.iter().position(|theme| *theme == name)?;
    FILES.get(index).copied()
}

/// The theme of this name; one without colors when there is none.
#[must_use]
pub fn theme_named(name: &str) -> Theme {
    file_named(name).and_then(|text| Theme::read(text).ok()).unwrap_or_else(Theme::plain)
}

impl Theme {
    /// Reads a theme file.
    ///
    /// # Errors
    ///
    /// When it is no TOML of the form of the files in `themes/`, inherits from an unknown theme, names an unknown
    /// color, or leaves a role undefined.
    pub fn read(text: &str) -> Result<Self, ThemeError> {
        file::read(text)
    }

    /// A theme that changes nothing of the terminal's own colors.
    fn plain() -> Self {
        Self { appearance: Appearance::Any, background: Color::Reset, styles: [Style::new(); Role::ALL.len()] }
    }

    /// The background that it is made for.
    #[must_use]
    pub fn appearance(&self) -> Appearance {
        self.appearance
    }

    /// The color behind everything.
    #[must_use]
    pub fn background(&self) -> Color {
        self.background
    }

    /// What this role looks like; a role without background lets what is behind it through.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// What an empty cell looks like.
    #[must_use]
    pub fn base(&self) -> Style {
        Style::new().bg(self.background).patch(self.style(Role::Text))
    }
}
