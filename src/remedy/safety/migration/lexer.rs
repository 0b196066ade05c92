//! Cuts SQL into statements of words.
//!
//! Knows comments, strings, quoted names and dollar quotes of the usual databases; statements end at a
//! semicolon outside of a routine's body, at MySQL's delimiter, or at a line `GO`. The rows that `COPY` reads are
//! data, and no statements.

use std::borrow::Cow;

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

/// A statement: its tokens, and the text that they were cut from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    /// Its words; never empty.
    pub(super) tokens: Vec<Token<'a>>,
    /// From its first token to its last, with all that stands between.
    pub(super) text: &'a str,
}

impl Statement<'_> {
    /// The line it begins on.
    pub(super) fn line(&self) -> u32 {
        self.tokens.first().map_or(1, |token| token.line)
    }

    /// Its text as every dialect reads it: what MySQL alone runs out of comments is bare.
    pub(super) fn plain(&self) -> Cow<'_, str> {
        if !self.text.contains("/*!") && !self.text.contains("/*M!") {
            return Cow::Borrowed(self.text);
        }
        let mut plain = String::with_capacity(self.text.len());
        let mut line = self.line();
        for token in &self.tokens {
            while line < token.line {
                plain.push('\n');
                line += 1;
            }
            let quote = match (token.kind, token.text.starts_with('$')) {
                (Kind::Text, false) => "'",
                (Kind::Quoted, _) => "\"",
                (Kind::Text | Kind::Word | Kind::Symbol, _) => "",
            };
            plain.push_str(&format!(" {quote}{}{quote}", token.text));
        }
        Cow::Owned(plain)
    }
}

/// Returns the statements of a text that begins on this line; `escapes` says whether a backslash in a text
/// stands for the character behind it, as in MySQL.
pub(super) fn statements(sql: &str, first_line: u32, escapes: bool) -> Vec<Statement<'_>> {
    let mut cutter = Cutter::new(sql, first_line, escapes);
    while cutter.step() {}
    if cutter.body > 0 {
        // No body ends so late: what looked like one was none, and hides nothing.
        let (from, line) = (cutter.from, cutter.open.first().map_or(first_line, |token| token.line));
        let mut again = Cutter { bodies: false, at: from, line, ..Cutter::new(sql, first_line, escapes) };
        while again.step() {}
        again.finish();
        cutter.done.append(&mut again.done);
        cutter.open.clear();
    }
    cutter.finish();
    cutter.done
}

/// Cuts, statement by statement.
struct Cutter<'a> {
    sql: &'a str,
    at: usize,
    line: u32,
    escapes: bool,
    /// Whether the body of a routine holds semicolons that end nothing.
    bodies: bool,
    /// What ends a statement.
    delimiter: &'a str,
    open: Vec<Token<'a>>,
    /// Where the open statement begins and ends.
    from: usize,
    to: usize,
    /// How deep in the body of a routine.
    body: i32,
    done: Vec<Statement<'a>>,
}

impl<'a> Cutter<'a> {
    fn new(sql: &'a str, line: u32, escapes: bool) -> Self {
        Self {
            sql,
            at: 0,
            line,
            escapes,
            bodies: true,
            delimiter: ";",
            open: Vec::new(),
            from: 0,
            to: 0,
            body: 0,
            done: Vec::new(),
        }
    }

    fn rest(&self) -> &'a str {
        self.sql.get(self.at..).unwrap_or_default()
    }

    fn advance(&mut self, length: usize) {
        let part = self.rest().get(..length).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', part.as_bytes()).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(0));
        self.at += length;
    }

    fn finish(&mut self) {
        self.body = 0;
        if self.open.is_empty() {
            return;
        }
        let text = self.sql.get(self.from..self.to).unwrap_or_default();
        self.done.push(Statement { tokens: std::mem::take(&mut self.open), text });
    }

    /// Takes the next token; `false` at the end.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return false };
        if self.open.is_empty() && self.take_client_line(rest) {
            return true;
        }
        if rest.starts_with(self.delimiter) && self.body == 0 {
            self.advance(self.delimiter.len());
            self.finish();
            self.skip_copied_rows();
            return true;
        }
        let names = self.open.last().is_some_and(precedes_a_name);
        let (length, token) = next(rest, first, self.line, self.escapes, names);
        let start = self.at;
        self.advance(length);
        match token {
            Some(token) if token.is("GO") && self.open.last().is_none_or(|last| last.line < token.line) => {
                self.finish()
            }
            Some(token) => {
                if self.open.is_empty() {
                    self.from = start;
                }
                self.to = self.at;
                self.enter_and_leave(&token);
                self.open.push(token);
            }
            None => {}
        }
        true
    }

    /// Lines for the client program: another delimiter, a command of psql.
    fn take_client_line(&mut self, rest: &'a str) -> bool {
        if !rest.starts_with(['\\', 'd', 'D']) {
            return false;
        }
        let begins = self.sql.get(..self.at).is_some_and(|before| {
            before.trim_end_matches([' ', '\t']).is_empty() || before.trim_end_matches([' ', '\t']).ends_with('\n')
        });
        let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let line = rest.get(..length).unwrap_or_default();
        if begins && rest.starts_with('\\') {
            self.done
                .push(Statement { tokens: vec![Token { kind: Kind::Text, text: line, line: self.line }], text: line });
            self.advance(length);
            return true;
        }
        let delimiter =
            line.get(..10).filter(|word| word.eq_ignore_ascii_case("delimiter ")).and_then(|_| line.get(10..));
        let Some(delimiter) = delimiter.map(str::trim).filter(|delimiter| begins && !delimiter.is_empty()) else {
            return false;
        };
        self.delimiter = delimiter;
        self.advance(length);
        true
    }

    /// The rows behind a `COPY … FROM STDIN` are data.
    fn skip_copied_rows(&mut self) {
        let copies = self.done.last().is_some_and(|last| {
            last.tokens.first().is_some_and(|first| first.is("COPY"))
                && last.tokens.iter().any(|token| token.is("STDIN"))
        });
        let rest = self.rest();
        if copies && let Some(end) = rest.find("\n\\.").map(|end| end + 3) {
            let is_whole_line =
                rest.get(end..).is_some_and(|after| after.is_empty() || after.starts_with(['\n', '\r']));
            if is_whole_line {
                self.advance(end);
            }
        }
    }

    /// Counts how deep in the body of a routine the next token is.
    fn enter_and_leave(&mut self, token: &Token<'a>) {
        let is_routine = |open: &[Token<'_>]| {
            let kinds = ["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT"];
            open.first().is_some_and(|first| first.is("CREATE") || first.is("ALTER"))
                && open.iter().take(14).any(|token| kinds.iter().any(|kind| token.is(kind)))
        };
        let last_is = |word: &str| self.open.last().is_some_and(|last| last.is(word));
        if self.delimiter != ";" || !self.bodies || !matches!(token.kind, Kind::Word) || !is_routine(&self.open) {
            return;
        }
        let loops = ["IF", "LOOP", "WHILE", "REPEAT", "FOR"];
        let transacts = ["TRAN", "TRANSACTION", "WORK"];
        if last_is("END") && loops.iter().any(|word| token.is(word)) {
            self.body += 1;
        } else if last_is("BEGIN") && transacts.iter().any(|word| token.is(word)) {
            self.body -= 1;
        } else if token.is("BEGIN") || token.is("CASE") && !last_is("END") {
            self.body += 1;
        } else if token.is("END") && self.body > 0 {
            self.body -= 1;
        }
    }
}

/// Whether what follows is the name of a table, which SQL Server may begin with `#`.
fn precedes_a_name(token: &Token<'_>) -> bool {
    ["TABLE", "INTO", "FROM", "JOIN", "UPDATE", "EXISTS", "ON"].iter().any(|keyword| token.is(keyword))
        || token.text.starts_with('#')
}

fn next<'a>(rest: &'a str, first: char, line: u32, escapes: bool, names: bool) -> (usize, Option<Token<'a>>) {
    let token = |kind, start: usize, end: usize| rest.get(start..end).map(|text| Token { kind, text, line });
    let line_end = || memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
    if first.is_whitespace() {
        return (first.len_utf8(), None);
    }
    let operates = rest.get(1..).is_some_and(|after| after.starts_with(['>', '-', '=', '#']));
    if rest.starts_with("--") || first == '#' && !operates && !names {
        return (line_end(), None);
    }
    // MySQL runs what stands in such a comment, so only its two ends are passed over.
    if let Some(inside) = rest.strip_prefix("/*!").or_else(|| rest.strip_prefix("/*M!")) {
        let digits = inside.bytes().take_while(u8::is_ascii_digit).count();
        return (rest.len() - inside.len() + digits, None);
    }
    if rest.starts_with("*/") {
        return (2, None);
    }
    if rest.starts_with("/*") {
        return (rest.find("*/").map_or(rest.len(), |at| at + 2), None);
    }
    if let Some(end) = dollar_quoted(rest) {
        return (end, token(Kind::Text, 0, end));
    }
    if let Some(quote) = Some(first).filter(|first| matches!(first, '\'' | '"' | '`')) {
        let end = quoted(rest, quote, escapes);
        let kind = if quote == '\'' { Kind::Text } else { Kind::Quoted };
        return (end, token(kind, 1, end.saturating_sub(1).max(1)));
    }
    if first == '['
        && let Some(end) = bracketed(rest)
    {
        return (end, token(Kind::Quoted, 1, end - 1));
    }
    if is_word(first) || first == '#' {
        let end =
            rest.char_indices().skip(1).find(|(_, character)| !is_word(*character)).map_or(rest.len(), |(at, _)| at);
        return (end, token(Kind::Word, 0, end));
    }
    (first.len_utf8(), token(Kind::Symbol, 0, first.len_utf8()))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

/// Length of text in quotes; a doubled quote, or one behind a backslash in text, stands for itself.
fn quoted(rest: &str, quote: char, escapes: bool) -> usize {
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((index, character)) = characters.next() {
        if character == '\\' && quote == '\'' && escapes {
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
