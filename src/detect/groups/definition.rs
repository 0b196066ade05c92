//! Groups that a configuration file defines.

use serde::Deserialize;

use super::Member;
use crate::ingest::signature::PLACEHOLDER;
use crate::units::SignatureId;

/// The longest text of a definition, in bytes.
const TEXT_BYTES: usize = 512;

/// A group of the configuration: `[[groups]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// What the group is called; without a name it is called by the first text.
    #[serde(default)]
    pub name: Option<String>,
    /// Ids, or templates in which `<*>` or `*` stands for any text; what one of them matches is a member.
    #[serde(rename = "match")]
    pub texts: Vec<String>,
    /// Whether it is listed before all others.
    #[serde(default)]
    pub pin: bool,
    /// Whether what matches is never grouped by itself, instead of being one group.
    #[serde(default)]
    pub apart: bool,
}

/// Why a definition cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionError {
    /// It says nothing.
    #[error("a group has no text under match")]
    Empty,
    /// Everything would match.
    #[error("{0:?} matches every signature")]
    Everything(String),
    /// A text is too long.
    #[error("a text of {0} bytes is too long; at most {TEXT_BYTES} are looked at")]
    TooLong(usize),
}

impl Definition {
    /// Checks that it can be used.
    ///
    /// # Errors
    ///
    /// When it has no text, one that matches everything, or one that is too long.
    pub fn check(&self) -> Result<(), DefinitionError> {
        if self.texts.is_empty() {
            return Err(DefinitionError::Empty);
        }
        self.texts.iter().try_for_each(|text| match text {
            text if text.len() > TEXT_BYTES => Err(DefinitionError::TooLong(text.len())),
            text if text.replace(PLACEHOLDER, "*").trim_matches(['*', ' ']).is_empty() => {
                Err(DefinitionError::Everything(text.clone()))
            }
            _ => Ok(()),
        })
    }

    /// What the group is called.
    #[must_use]
    pub fn title(&self) -> &str {
        let first = self.texts.first().map_or("", String::as_str);
        self.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(first)
    }

    /// Whether a signature is a member.
    #[must_use]
    pub fn matches(&self, member: Member<'_>) -> bool {
        self.texts.iter().any(|text| match text.parse::<SignatureId>() {
            Ok(id) => id == member.id,
            Err(_) => matches(&text.replace(PLACEHOLDER, "*"), member.template),
        })
    }
}

/// Whether a text fits, in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut in_text) = (0, 0);
    // Behind the last star, and where its text ends so far.
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(in_text) {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                star = Some((at + 1, in_text));
                at += 1;
            }
            (Some(other), _) if other == byte => {
                at += 1;
                in_text += 1;
            }
            (_, Some((behind, end))) => {
                star = Some((behind, end + 1));
                (at, in_text) = (behind, end + 1);
            }
            (_, None) => return false,
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|rest| *rest == b'*')
}
