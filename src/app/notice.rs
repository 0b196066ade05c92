//! What the person is told in one line above the footer.

use std::collections::VecDeque;
use std::time::Duration;

use super::failure::Failure;
use super::layout::wrap;
use crate::ingest::sanitize::visible;
use crate::units::Timestamp;

/// How many notices are kept for the details.
const KEPT: usize = 50;

/// Bytes of a notice that are looked at.
const SEEN_BYTES: usize = 2 * 1024;

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Worth knowing.
    Info,
    /// Worth acting on.
    Warning,
    /// Something failed.
    Failure,
}

impl Weight {
    /// The word in front of the notice, so that its color is never needed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "Note",
            Self::Warning => "Warning",
            Self::Failure => "Failed",
        }
    }

    /// How long the notice stays up.
    fn stays(self) -> Duration {
        match self {
            Self::Info => Duration::from_secs(6),
            Self::Warning => Duration::from_secs(12),
            Self::Failure => Duration::from_secs(30),
        }
    }
}

/// One thing that the person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub weight: Weight,
    /// The fact first, then what to do.
    pub text: String,
    /// When it was said.
    pub at: Timestamp,
}

impl Notice {
    /// The rows that it takes on a screen of so many columns, safe to draw.
    pub(crate) fn rows(&self, columns: u16) -> Vec<String> {
        let text = self.text.get(..self.text.floor_char_boundary(SEEN_BYTES)).unwrap_or(&self.text);
        let words = format!("{}: {}", self.weight.word(), visible(text, false));
        wrap(&words, usize::from(columns.saturating_sub(2)))
    }
}

/// The notices of a run, the newest kept, older ones forgotten.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    all: VecDeque<Notice>,
    hidden: bool,
    /// How many times as fast as the world's the clock is, where it is: whoever reads is not.
    speed: Option<u32>,
}

impl Notices {
    /// Notices by a clock that is so many times as fast as the world's.
    #[must_use]
    pub fn at_speed(speed: u32) -> Self {
        Self { speed: Some(speed), ..Self::default() }
    }

    /// Says something.
    pub fn say(&mut self, weight: Weight, text: impl Into<String>, at: Timestamp) {
        self.hidden = false;
        self.all.push_front(Notice { weight, text: text.into(), at });
        self.all.truncate(KEPT);
    }

    /// Says that something failed, why, and what to do.
    pub fn fail(&mut self, failure: &Failure, at: Timestamp) {
        self.say(Weight::Failure, sentence(failure), at);
    }

    /// The notice that is up.
    #[must_use]
    pub fn current(&self) -> Option<&Notice> {
        if self.hidden { None } else { self.all.front() }
    }

    /// Takes down the notice whose time is over; says whether that changed anything.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let speed = self.speed.unwrap_or(1);
        let over = self.current().is_some_and(|notice| notice.at.after(notice.weight.stays() * speed) <= now);
        self.hidden |= over;
        over
    }

    /// Takes down the notice, because a key was pressed.
    pub fn dismiss(&mut self) {
        self.hidden = true;
    }

    /// All that are kept, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Notice> {
        self.all.iter()
    }
}

/// A failure as sentences: what, why, what to do.
#[must_use]
pub fn sentence(failure: &Failure) -> String {
    let fact = failure.to_string();
    let mut chars = fact.chars();
    let capital = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{capital}{}. {}", chars.as_str(), failure.hint).trim_end().to_owned()
}

#[cfg(test)]
mod tests;
