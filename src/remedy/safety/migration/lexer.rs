//! Cuts SQL into statements of words.
//!
//! Knows comments, strings, quoted names and dollar quotes of the usual databases; statements end at a
//! semicolon, or at a line `GO`.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, a bare name or a number.
    Word,
    /// A name in quotes.
    Quoted,
    /// Text in quotes, or a dollar-quoted body.
    Text,
    /// One other character.
    Symbol,
}

/// A word of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// Without quotes.
    pub(super) text: &'a str,
    /// The line it begins on, from 1.
    pub(super) line: u32,
}

impl Token<'_> {
    /// Whether it is this keyword, in any case.
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.kind != Kind::Quoted && self.kind != Kind::Text && self.text.eq_ignore_ascii_case(keyword)
    }
}

/// Returns the statements of a text that begins on this line.
pub(super) fn statements(sql: &str, first_line: u32) -> Vec<Vec<Token<'_>>> {
    let mut statements = Vec::new();
    let mut open: Vec<Token<'_>> = Vec::new();
    let (mut rest, mut line) = (sql, first_line);
    while let Some(first) = rest.chars().next() {
        let (length, token) = next(rest, first, line);
        let (part, after) = rest.split_at(length);
        line = line.saturating_add(u32::try_from(memchr::memchr_iter(b'\n', part.as_bytes()).count()).unwrap_or(0));
        rest = after;
        match token {
            Some(token) if token.is(";") => statements.push(std::mem::take(&mut open)),
            Some(token) if token.is("GO") && open.last().is_none_or(|last| last.line < token.line) => {
                statements.push(std::mem::take(&mut open));
            }
            Some(token) => open.push(token),
            None => {}
        }
    }
    statements.push(open);
    statements.retain(|statement| !statement.is_empty());
    statements
}

fn next(rest: &str, first: char, line: u32) -> (usize, Option<Token<'_>>) {
    let token = |kind, start: usize, end: usize| rest.get(start..end).map(|text| Token { kind, text, line });
    let line_end = || memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
    if first.is_whitespace() {
        return (first.len_utf8(), None);
    }
    if rest.starts_with("--") || first == '#' {
        return (line_end(), None);
    }
    if rest.starts_with("/*") {
        let end = rest.find("*/").map_or(rest.len(), |at| at + 2);
        // MySQL runs what stands in such a comment.
        let runs = rest.starts_with("/*!") || rest.starts_with("/*M!");
        return (end, if runs { token(Kind::Text, 0, end) } else { None });
    }
    if let Some(end) = dollar_quoted(rest) {
        return (end, token(Kind::Text, 0, end));
    }
    if matches!(first, '\'' | '"' | '`') {
        let end = quoted(rest, first);
        let kind = if first == '\'' { Kind::Text } else { Kind::Quoted };
        return (end, token(kind, 1, end.saturating_sub(1).max(1)));
    }
    if first == '['
        && let Some(end) = bracketed(rest)
    {
        return (end, token(Kind::Quoted, 1, end - 1));
    }
    if is_word(first) {
        let end = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
        return (end, token(Kind::Word, 0, end));
    }
    (first.len_utf8(), token(Kind::Symbol, 0, first.len_utf8()))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

/// Length of text in quotes; a doubled quote, or one behind a backslash in text, stands for itself.
fn quoted(rest: &str, quote: char) -> usize {
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((index, character)) = characters.next() {
        if character == '\\' && quote == '\'' {
            characters.next();
        } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return index + 1;
        }
    }
    rest.len()
}

/// Length of a name in brackets, as SQL Server writes it; not of an array.
fn bracketed(rest: &str) -> Option<usize> {
    let end = rest.find(']')?;
    let name = rest.get(1..end)?;
    let is_name =
        name.starts_with(|first: char| first.is_alphabetic() || first == '_') && !name.contains(['\'', '\n', ',', '(']);
    is_name.then_some(end + 1)
}

/// Length of a dollar-quoted body, as PostgreSQL writes it.
fn dollar_quoted(rest: &str) -> Option<usize> {
    let tag_end = rest.strip_prefix('$')?.find('$')? + 2;
    let tag = rest.get(..tag_end)?;
    let name = tag.trim_matches('$');
    if name.starts_with(|first: char| first.is_ascii_digit()) || !name.chars().all(|c| c.is_alphanumeric() || c == '_')
    {
        return None;
    }
    let body = rest.get(tag_end..)?;
    Some(body.find(tag).map_or(rest.len(), |at| tag_end + at + tag.len()))
}
