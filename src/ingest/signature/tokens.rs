//! Cuts a folded message into words, marks and variables.
//!
//! What a word is by its own shape (a path, an address, a random string) is decided here; what it is
//! by its place, in `rules`.

use super::{PLACEHOLDER, words};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word of the program.
    Word,
    /// One character that separates.
    Mark,
    /// A value, masked in the template.
    Variable,
}

/// A piece of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'t> {
    /// What it is.
    pub kind: Kind,
    /// Its text in the folded message.
    pub text: &'t str,
    /// Whether white space comes before it.
    pub spaced: bool,
}

impl<'t> Token<'t> {
    /// This token as a variable.
    pub fn masked(self) -> Self {
        Self { kind: Kind::Variable, ..self }
    }

    /// Whether it is this mark.
    pub fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }

    /// Its text when it is a word.
    pub fn word(&self) -> Option<&'t str> {
        (self.kind == Kind::Word).then_some(self.text)
    }

    /// Whether it is a variable.
    pub fn is_variable(&self) -> bool {
        self.kind == Kind::Variable
    }

    /// What the template shows for it.
    pub fn shown(&self) -> &'t str {
        if self.is_variable() { PLACEHOLDER } else { self.text }
    }
}

/// Cuts `text`, which must be folded and closed.
pub fn read(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut rest = text;
    let mut spaced = false;
    while let Some(first) = rest.chars().next() {
        if is_blank(first) {
            rest = &rest[first.len_utf8()..];
            spaced = true;
            continue;
        }
        if !spaced
            && goes_on_as_address(tokens.last(), rest)
            && let Some(scheme) = tokens.last_mut()
        {
            *scheme = scheme.masked();
            rest = &rest[address_length(rest)..];
            continue;
        }
        let (kind, length) = next(rest, text);
        let (piece, behind) = rest.split_at(length);
        tokens.push(Token { kind, text: piece, spaced });
        let shaft = kind != Kind::Mark && piece != "-" && behind.starts_with("->");
        rest = &behind[usize::from(shaft)..];
        spaced = false;
    }
    tokens
}

/// Whether `rest`, right behind `last`, makes an address of it: `https` and `://host`, `C` and `:\\folder`.
fn goes_on_as_address(last: Option<&Token<'_>>, rest: &str) -> bool {
    let Some(last) = last.filter(|last| last.kind != Kind::Mark) else { return false };
    let has_scheme = rest.starts_with("://");
    let has_drive = (rest.starts_with(":\\") || rest.starts_with(":/")) && last.text.len() == 1;
    let has_name = last.word().is_some_and(words::is_scheme) && rest.starts_with(':') && address_length(rest) > 1;
    has_scheme || has_drive || has_name
}

/// The kind and the length of the token that `rest`, the end of `text`, begins with.
fn next(rest: &str, text: &str) -> (Kind, usize) {
    if rest.starts_with(PLACEHOLDER) {
        return (Kind::Variable, PLACEHOLDER.len());
    }
    let before = text[..text.len() - rest.len()].chars().next_back();
    let length = word_length(rest, before);
    if length == 0 {
        let mark = rest.chars().next().map_or(0, char::len_utf8);
        return (Kind::Mark, mark);
    }
    let word = &rest[..length];
    if words::is_path(word) {
        // A query belongs to its path.
        let behind = &rest[length..];
        let tail = if word.contains('?') { address_length(behind) } else { padding(behind) };
        return (Kind::Variable, length + tail);
    }
    if words::is_value(word) {
        return (Kind::Variable, length + padding(&rest[length..]));
    }
    (Kind::Word, length)
}

/// The length of the word that `rest` begins with; zero before a mark.
fn word_length(rest: &str, mut before: Option<char>) -> usize {
    let mut chars = rest.char_indices().peekable();
    while let Some((at, current)) = chars.next() {
        let after = chars.peek().map(|(_, next)| *next);
        let inside = match current {
            // As in "can't"; elsewhere it is a quotation mark.
            '\'' => before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric) && at > 0,
            // An arrow's shaft: the fold leaves it only behind words without a digit.
            '-' if after == Some('>') => at == 0,
            other => !is_separator(other),
        };
        if !inside {
            return at;
        }
        before = Some(current);
    }
    rest.len()
}

/// The length of the signs that pad base64 at the end of a word.
fn padding(behind: &str) -> usize {
    let stripped = behind.trim_start_matches('=');
    let length = behind.len() - stripped.len();
    let ends = stripped.starts_with(|next| is_blank(next) || is_separator(next)) || stripped.is_empty();
    if length <= 2 && ends && !stripped.starts_with(['"', '[', '(', '{', '<', '>', ':', '|', '\'', '`']) {
        length
    } else {
        0
    }
}

/// How far an address with a scheme or a query goes on.
fn address_length(rest: &str) -> usize {
    let end = rest.find(|next| is_blank(next) || matches!(next, '"' | '\'' | '`' | '<' | '>' | ')' | ']' | '}' | '|'));
    let address = &rest[..end.unwrap_or(rest.len())];
    address.trim_end_matches([',', ';', ':']).len()
}

/// Whether a character separates tokens and is not shown.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}

/// Whether a character ends a word.
fn is_separator(character: char) -> bool {
    is_blank(character)
        || matches!(character, ',' | ';' | ':' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '=' | '"' | '|' | '`')
}
