//! What the words of a source line are, as far as that is known.

use std::ops::Range;

/// What a part of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    /// A comment.
    Comment,
    /// Text in quotes.
    Text,
    /// A number, or another constant.
    Constant,
    /// A word of the language.
    Keyword,
    /// The name of a function or type where it is defined or used as such.
    Name,
}

/// The tokens of some lines of one text, from its first line on.
pub type Lines = Vec<Vec<(Range<usize>, Token)>>;

/// The tokens of a file before and after, as far as they were looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Before.
    pub before: Lines,
    /// After.
    pub after: Lines,
}

impl Tokens {
    /// The tokens of a line, from 1, of the text before or after.
    #[must_use]
    pub fn of_line(&self, is_after: bool, line: u32) -> &[(Range<usize>, Token)] {
        let lines = if is_after { &self.after } else { &self.before };
        let index = (line as usize).checked_sub(1);
        index.and_then(|index| lines.get(index)).map_or(&[], Vec::as_slice)
    }
}
