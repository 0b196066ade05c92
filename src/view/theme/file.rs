//! Reads a theme file.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use super::{Appearance, Role, Theme, file_named};

/// How often a theme may inherit.
const DEPTH: usize = 4;

/// Why a theme file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    /// It is not of the form of a theme.
    #[error("cannot read the theme")]
    Form(#[from] toml::de::Error),
    /// It inherits from what is no theme, or in a circle.
    #[error("the theme inherits from {0:?}, which is no theme")]
    Inherits(String),
    /// A role or the palette names a color that does not exist.
    #[error("{0:?} is no color: write #rrggbb, an index from 0 to 255, a terminal color, or a name of the palette")]
    Color(String),
    /// A role is named that does not exist.
    #[error("{0:?} is no role")]
    UnknownRole(String),
    /// A role is not defined.
    #[error("the role {0:?} is not defined")]
    MissingRole(&'static str),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    appearance: Appearance,
    background: String,
    inherits: Option<String>,
    #[serde(default)]
    palette: BTreeMap<String, Shade>,
    #[serde(default)]
    roles: BTreeMap<String, Look>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Shade {
    Index(u8),
    Text(String),
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Look {
    fg: Option<String>,
    bg: Option<String>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    reversed: bool,
}

pub(super) fn read(text: &str) -> Result<Theme, ThemeError> {
    let file = load(text, DEPTH)?;
    let mut theme = Theme {
        appearance: file.appearance,
        background: color(&file, &file.background)?,
        styles: [Style::new(); Role::ALL.len()],
    };
    if let Some(name) = file.roles.keys().find(|name| !Role::ALL.iter().any(|role| role.name() == *name)) {
        return Err(ThemeError::UnknownRole(name.clone()));
    }
    for (role, style) in Role::ALL.into_iter().zip(&mut theme.styles) {
        let look = file.roles.get(role.name()).ok_or(ThemeError::MissingRole(role.name()))?;
        *style = style_of(&file, look)?;
    }
    Ok(theme)
}

/// Reads a file with what it inherits: its own palette and roles win.
fn load(text: &str, depth: usize) -> Result<File, ThemeError> {
    let mut file: File = toml::from_str(text)?;
    if let Some(parent) = file.inherits.take() {
        let above = file_named(&parent).filter(|_| depth > 0).ok_or(ThemeError::Inherits(parent))?;
        let above = load(above, depth - 1)?;
        file.palette = above.palette.into_iter().chain(file.palette).collect();
        file.roles = above.roles.into_iter().chain(file.roles).collect();
    }
    Ok(file)
}

fn style_of(file: &File, look: &Look) -> Result<Style, ThemeError> {
    let flags = [
        (look.bold, Modifier::BOLD),
        (look.dim, Modifier::DIM),
        (look.italic, Modifier::ITALIC),
        (look.underline, Modifier::UNDERLINED),
        (look.reversed, Modifier::REVERSED),
    ];
    let modifiers = flags.iter().filter(|(is_set, _)| *is_set).map(|(_, modifier)| *modifier).collect();
    let style = Style { add_modifier: modifiers, ..Style::new() };
    Ok(Style {
        fg: look.fg.as_deref().map(|name| color(file, name)).transpose()?,
        bg: look.bg.as_deref().map(|name| color(file, name)).transpose()?,
        ..style
    })
}

/// The color of this name in the palette, or of this text.
fn color(file: &File, name: &str) -> Result<Color, ThemeError> {
    match file.palette.get(name) {
        Some(Shade::Index(index)) => Ok(Color::Indexed(*index)),
        Some(Shade::Text(text)) => parse(text),
        None => parse(name),
    }
}

fn parse(text: &str) -> Result<Color, ThemeError> {
    if text == "default" {
        return Ok(Color::Reset);
    }
    // ratatui reads `#rrggbb`, names such as `bright-red`, and indices.
    text.parse().map_err(|_| ThemeError::Color(text.to_owned()))
}
