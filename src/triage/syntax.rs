//! Reads source text of many languages as far as triage needs it: words, strings, comments, lines.
//!
//! Input: a path, which tells the language, and a text. Output: a [`Source`] with its tokens.
//!
//! Pure, total and linear in the size of the text. Tokens come from a lexer that knows how each language is
//! written: a construct it does not know becomes marks and words, and nothing worse. Where that is not enough,
//! [`Source::parsed`] and [`Source::exact`] ask the grammar of the language, once, and only when called.

mod exact;
pub mod grammar;
mod language;
mod lexer;
mod plausible;

use std::cell::OnceCell;

use tree_sitter::{InputEdit, Point};

use super::diff::Hunk;
use grammar::{Grammar, Parsed};
pub use language::{Apostrophe, Backtick, Shape, Syntax};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name, keyword or number.
    Word,
    /// A string, character or regular expression, with its quotes.
    Text,
    /// Any other visible character.
    Mark,
    /// A comment or documentation string that no tool obeys.
    Comment,
}

/// A token; offsets in bytes, lines from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it starts.
    pub start: usize,
    /// Just behind its end.
    pub end: usize,
    /// The line it starts in.
    pub line: u32,
    /// The line it ends in.
    pub last_line: u32,
}

/// A text with its tokens.
#[derive(Clone, Debug)]
pub struct Source<'text> {
    /// The whole text.
    pub text: &'text str,
    /// How its language is written.
    pub syntax: Syntax,
    /// The tokens in order, comments included.
    pub tokens: Vec<Token>,
    line_starts: Vec<usize>,
    /// Of a language of indentation, the lines that go on with what brackets hold open.
    continued: Vec<bool>,
    grammar: Option<Grammar>,
    parsed: OnceCell<Option<Box<Parsed>>>,
    exact: OnceCell<Option<Box<Exact>>>,
}

/// What a grammar tells of the tokens of a text.
#[derive(Clone, Debug)]
struct Exact {
    tokens: Vec<Token>,
    continued: Vec<bool>,
    /// The offsets at which the nodes of the grammar start, in order.
    opens: Vec<usize>,
}

/// A text cut into tokens, by the lexer or by a grammar.
#[derive(Clone, Copy, Debug)]
pub struct Cut<'source> {
    tokens: &'source [Token],
    continued: &'source [bool],
    opens: &'source [usize],
}

impl<'source> Cut<'source> {
    /// The tokens in order, comments included.
    #[must_use]
    pub fn tokens(&self) -> &'source [Token] {
        self.tokens
    }

    /// Whether a line goes on with a statement of the line above, so that its indentation means nothing.
    #[must_use]
    pub fn is_continued(&self, line: u32) -> bool {
        self.continued.get(line as usize).copied().unwrap_or(false)
    }

    /// The tokens of which some part lies within these lines, both included.
    pub fn tokens_touching(&self, first: u32, last: u32) -> impl Iterator<Item = &'source Token> {
        // Tokens do not overlap, so their last lines rise as their lines do.
        let from = self.tokens.partition_point(|token| token.last_line < first);
        let to = self.tokens.partition_point(|token| token.line <= last);
        self.tokens.get(from..to.max(from)).unwrap_or_default().iter()
    }

    /// How many nodes of the grammar start from one offset up to another; 0 for tokens of the lexer.
    #[must_use]
    pub fn n_opened(&self, from: usize, to: usize) -> usize {
        let before = |end: usize| self.opens.partition_point(|at| *at < end);
        before(to).saturating_sub(before(from))
    }
}

impl<'text> Source<'text> {
    /// Reads a text in the language that the path tells.
    #[must_use]
    pub fn read(path: &str, text: &'text str) -> Self {
        let syntax = Syntax::of(path, text);
        let mut tokens = lexer::tokens(text, syntax);
        if syntax.shape == Shape::Indented && syntax.triple_quotes {
            lexer::demote_docstrings(text, &mut tokens);
        }
        let line_starts: Vec<usize> =
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
        let continued = continued(text, syntax, &tokens, line_starts.len());
        let grammar = Grammar::of(path, text);
        let (parsed, exact) = (OnceCell::new(), OnceCell::new());
        Self { text, syntax, tokens, line_starts, continued, grammar, parsed, exact }
    }

    /// The text as its grammar reads it; `None` where no grammar is at hand or this one cannot.
    #[must_use]
    pub fn parsed(&self) -> Option<&Parsed> {
        let parse = || Some(Box::new(self.parseable()?.parse(self.text)?));
        self.parsed.get_or_init(parse).as_deref()
    }

    /// Whether the grammar was asked already, and read the text.
    #[must_use]
    pub fn is_parsed(&self) -> bool {
        matches!(self.parsed.get(), Some(Some(_)))
    }

    fn parseable(&self) -> Option<Grammar> {
        let is_by_line = !matches!(self.grammar, Some(Grammar::Java | Grammar::CSharp));
        self.grammar.filter(|_| plausible::is_source(self.text, &self.tokens, is_by_line))
    }

    /// Parses the text by what is known of another version of it, which is faster than [`Source::parsed`] alone.
    /// Each hunk is what leads from this text to the other.
    pub fn parse_beside(&self, after: &Self, hunks: &[Hunk]) {
        if let Some(other) = after.parsed() {
            let edits: Vec<InputEdit> = hunks.iter().filter_map(|hunk| edit(hunk, self, after)).collect();
            let parse = || Some(Box::new(self.parseable()?.parse_beside(self.text, other, &edits)?));
            self.parsed.get_or_init(parse);
        }
    }

    /// Whether there is a grammar for the language, and the text is not too large for it.
    #[must_use]
    pub fn has_grammar(&self) -> bool {
        self.grammar.is_some() && self.text.len() <= grammar::LARGEST
    }

    /// The text cut into tokens by the lexer.
    #[must_use]
    pub fn cut(&self) -> Cut<'_> {
        Cut { tokens: &self.tokens, continued: &self.continued, opens: &[] }
    }

    /// The text cut into tokens by its grammar; `None` where [`Source::parsed`] is.
    #[must_use]
    pub fn exact(&self) -> Option<Cut<'_>> {
        let cut = || {
            let (tokens, opens) = exact::tokens(self.text, self.syntax, self.parsed()?);
            let continued = continued(self.text, self.syntax, &tokens, self.line_starts.len());
            Some(Box::new(Exact { tokens, continued, opens }))
        };
        let exact = self.exact.get_or_init(cut).as_deref()?;
        Some(Cut { tokens: &exact.tokens, continued: &exact.continued, opens: &exact.opens })
    }

    /// The text of a token.
    #[must_use]
    pub fn of(&self, token: &Token) -> &'text str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    /// How many lines there are, a last one without line end included.
    #[must_use]
    pub fn n_lines(&self) -> u32 {
        let n_lines = self.line_starts.len() - usize::from(self.text.is_empty() || self.text.ends_with('\n'));
        u32::try_from(n_lines).unwrap_or(u32::MAX)
    }

    /// A line by its number from 1, without line end; empty beyond the text.
    #[must_use]
    pub fn line(&self, number: u32) -> &'text str {
        let line =
            self.text.get(self.line_start(number)..self.line_start(number.saturating_add(1))).unwrap_or_default();
        line.trim_end_matches(['\n', '\r'])
    }

    /// The offset at which a line starts; the end of the text for lines beyond it.
    #[must_use]
    pub fn line_start(&self, number: u32) -> usize {
        self.line_starts.get(number.saturating_sub(1) as usize).copied().unwrap_or(self.text.len())
    }

    /// The tokens that start within these lines, both included.
    #[must_use]
    pub fn tokens_in(&self, first: u32, last: u32) -> &[Token] {
        let from = self.tokens.partition_point(|token| token.line < first);
        let to = self.tokens.partition_point(|token| token.line <= last);
        self.tokens.get(from..to.max(from)).unwrap_or_default()
    }

    /// The names within these lines, those inside strings included, comments left out.
    pub fn words_in(&self, first: u32, last: u32) -> impl Iterator<Item = &'text str> {
        self.tokens_in(first, last)
            .iter()
            .filter(|token| matches!(token.kind, Kind::Word | Kind::Text))
            .flat_map(|token| words(self.of(token)))
    }
}

/// What leads from the text after a change back to the one before.
fn edit(hunk: &Hunk, before: &Source<'_>, after: &Source<'_>) -> Option<InputEdit> {
    // The first line of each side; a side without lines stands behind the line that is named.
    let first = |start: u32, lines: &[String]| if lines.is_empty() { start + 1 } else { start };
    let (old, new) = (first(hunk.new_start, &hunk.added), first(hunk.old_start, &hunk.removed));
    let old_end = old.checked_add(u32::try_from(hunk.added.len()).ok()?)?;
    let new_end = new.checked_add(u32::try_from(hunk.removed.len()).ok()?)?;
    let start_byte = after.line_start(old);
    let length = before.line_start(new_end).checked_sub(before.line_start(new))?;
    let point = |line: u32| Point { row: line as usize - 1, column: 0 };
    Some(InputEdit {
        start_byte,
        old_end_byte: after.line_start(old_end),
        new_end_byte: start_byte + length,
        start_position: point(old),
        old_end_position: point(old_end),
        new_end_position: Point { row: old as usize - 1 + hunk.removed.len(), column: 0 },
    })
}

/// Of a language of indentation, for each line from 1, whether brackets that were opened above it are still open.
fn continued(text: &str, syntax: Syntax, tokens: &[Token], n_lines: usize) -> Vec<bool> {
    if syntax.shape != Shape::Indented || !syntax.triple_quotes {
        return Vec::new();
    }
    let mut continued = vec![false; n_lines + 2];
    let (mut depth, mut line) = (0_i32, 0);
    for token in tokens.iter().filter(|token| token.kind != Kind::Comment) {
        let word = text.get(token.start..token.end).unwrap_or_default();
        if token.line > line {
            // No bracket holds a definition; one that seems to was never closed.
            if matches!(word, "def" | "class") {
                depth = 0;
            }
            if depth > 0
                && let Some(is_continued) = continued.get_mut(token.line as usize)
            {
                *is_continued = true;
            }
        }
        line = token.last_line;
        match word {
            "(" | "[" | "{" if token.kind == Kind::Mark => depth += 1,
            ")" | "]" | "}" if token.kind == Kind::Mark => depth = (depth - 1).max(0),
            _ => {}
        }
    }
    continued
}

/// The names in a text: runs of letters, digits and underscores that start with no digit, at least 3 long.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| word.len() >= 3 && !word.starts_with(|c: char| c.is_ascii_digit()))
}

/// The start of a text: at most so many bytes, cut between two characters.
#[must_use]
pub fn start_of(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
