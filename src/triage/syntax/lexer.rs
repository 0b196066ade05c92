//! Cuts a text into tokens, in one pass.

mod literals;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Apostrophe, Backtick, Kind, Syntax, Token};

/// Comments that a compiler, linter or migration tool obeys.
static OBEYED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^#!|^//\s*\+build\b|^//(go|export|line|nolint|extern):?\b|^#\s*type:|@ts-(ignore|expect-error|nocheck|check)\b",
        r"|eslint-(disable|enable)|eslint-env|^(#|//)\s*pragma\b|^#.*coding[:=]\s*[-\w.]+|frozen_string_literal|^#\s*(syntax|escape)\s*=",
        r"|@jsx\b|@flow\b|webpack[A-Z]\w+:|sourceMappingURL|[#@]__PURE__|^/\*[!+]|^--\s*\+|^--\s*(migrate:|changeset|rollback|liquibase|name:)",
        r"|@(ORM|Route|Assert|Security|Method)\b|istanbul ignore|^#\s*(noqa|nosec)|prettier-ignore|biome-ignore|^///?\s*<(reference|amd)|^#\s*(requires|yaml-language-server)"
    ))
    .ok()
});

/// Cuts a text into tokens.
pub(super) fn tokens(text: &str, syntax: Syntax) -> Vec<Token> {
    let mut lexer = Lexer::new(text, syntax);
    while lexer.at < lexer.bytes.len() {
        lexer.step();
    }
    lexer.tokens
}

/// Cuts a text into tokens of which the strings and comments are known, in order.
pub(super) fn tokens_around(text: &str, syntax: Syntax, known: &[(Kind, Range<usize>)]) -> Vec<Token> {
    let mut lexer = Lexer::new(text, syntax);
    for (kind, range) in known {
        lexer.plain_to(range.start);
        // What a grammar nests in another is part of it.
        if range.start < lexer.at || range.is_empty() {
            continue;
        }
        match kind {
            Kind::Comment => lexer.push_comment(range.end),
            Kind::Word | Kind::Text | Kind::Mark => lexer.push(*kind, range.end),
        }
    }
    lexer.plain_to(text.len());
    lexer.tokens
}

/// Up to where no end of a string is to be found, so that no text is searched twice.
#[derive(Default)]
struct Unclosed {
    double: usize,
    single: usize,
    backtick: usize,
    slash: usize,
    /// For each number of hashes of a raw string, by bits: whether nothing closes one any more.
    raw: u32,
    /// Bytes that were searched in vain for the ends of literals behind a percent sign.
    percent: usize,
}

struct Lexer<'text> {
    text: &'text str,
    bytes: &'text [u8],
    syntax: Syntax,
    at: usize,
    line: u32,
    tokens: Vec<Token>,
    unclosed: Unclosed,
    /// The word that ends the here-document whose body starts at the next line.
    heredoc: Option<&'text str>,
    /// Words of here-documents that never end, so that none is looked for to the end of the text again and again.
    endless: Vec<&'text str>,
}

impl<'text> Lexer<'text> {
    fn new(text: &'text str, syntax: Syntax) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            syntax,
            at: 0,
            line: 1,
            tokens: Vec::new(),
            unclosed: Unclosed::default(),
            heredoc: None,
            endless: Vec::new(),
        }
    }

    /// Reads words and marks up to an offset.
    fn plain_to(&mut self, end: usize) {
        while self.at < end.min(self.bytes.len()) {
            match self.byte(0) {
                Some(b'\n') => {
                    self.at += 1;
                    self.line += 1;
                }
                Some(b' ' | b'\t' | b'\r' | 0x0b | 0x0c) | None => self.at += 1,
                Some(0xef) if self.at == 0 && self.rest().starts_with(&[0xef, 0xbb, 0xbf]) => {
                    self.push(Kind::Comment, 3);
                }
                Some(byte) if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 => self.word(end),
                Some(_) => self.push(Kind::Mark, self.at + 1),
            }
        }
    }

    fn step(&mut self) {
        let Some(byte) = self.byte(0) else { return };
        match byte {
            b'\n' => {
                self.at += 1;
                self.line += 1;
                self.here_document();
            }
            b' ' | b'\t' | b'\r' | 0x0b | 0x0c => self.at += 1,
            // A mark of the byte order is no code.
            0xef if self.at == 0 && self.rest().starts_with(&[0xef, 0xbb, 0xbf]) => self.push(Kind::Comment, 3),
            _ if self.comment() || self.string(byte) => {}
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80.. => self.word(self.bytes.len()),
            _ => {
                self.note_heredoc(byte);
                self.push(Kind::Mark, self.at + 1);
            }
        }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn push(&mut self, kind: Kind, end: usize) {
        let end = end.min(self.bytes.len());
        let body = self.bytes.get(self.at..end).unwrap_or_default();
        let n_line_ends = u32::try_from(memchr::memchr_iter(b'\n', body).count()).unwrap_or(0);
        let token = Token { kind, start: self.at, end, line: self.line, last_line: self.line + n_line_ends };
        self.tokens.push(token);
        self.line += n_line_ends;
        self.at = end;
    }

    /// A word that ends at this offset at the latest.
    fn word(&mut self, end: usize) {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
        let rest = self.bytes.get(self.at..end).unwrap_or_default();
        let length = rest.iter().take_while(|byte| is_part(byte)).count();
        self.push(Kind::Word, self.at + length.max(1));
    }

    fn comment(&mut self) -> bool {
        let starts = |mark: &str| self.rest().starts_with(mark.as_bytes());
        let after_space = self.at == 0 || self.bytes.get(self.at - 1).is_some_and(u8::is_ascii_whitespace);
        if self.syntax.spaced_comments && !after_space {
            return false;
        }
        if let Some((open, close)) = self.syntax.block_comments.iter().find(|(open, _)| starts(open)) {
            let end = self.block_end(open, close);
            self.push_comment(end);
            return true;
        }
        // In PHP `#[` starts an attribute.
        let is_attribute =
            self.syntax.line_comments.len() > 1 && self.rest().starts_with(b"#[") && self.syntax.heredocs;
        if is_attribute || !self.syntax.line_comments.iter().any(|mark| starts(mark)) {
            return false;
        }
        let end = memchr::memchr(b'\n', self.rest()).map_or(self.bytes.len(), |length| self.at + length);
        self.push_comment(end);
        true
    }

    fn push_comment(&mut self, end: usize) {
        let text = self.text.get(self.at..end).unwrap_or_default();
        // Documentation of Rust, and no license that a minifier keeps.
        let is_inner_doc = self.syntax.nested_comments && text.starts_with("/*!");
        let obeyed = !is_inner_doc
            && OBEYED.as_ref().is_some_and(|pattern| pattern.is_match(text))
            && (!text.starts_with("#!") || self.at == 0);
        self.push(if obeyed { Kind::Text } else { Kind::Comment }, end);
    }

    fn block_end(&self, open: &str, close: &str) -> usize {
        let mut depth = 0_usize;
        let mut at = self.at;
        while at < self.bytes.len() {
            let rest = self.bytes.get(at..).unwrap_or_default();
            if rest.starts_with(close.as_bytes()) && depth > 0 {
                depth -= 1;
                at += close.len();
                if depth == 0 {
                    return at;
                }
            } else if rest.starts_with(open.as_bytes()) && (depth == 0 || self.syntax.nested_comments) {
                depth += 1;
                at += open.len();
            } else {
                at += 1;
            }
        }
        at
    }

    fn string(&mut self, byte: u8) -> bool {
        let end = match byte {
            b'"' | b'\'' if self.syntax.triple_quotes && self.rest().starts_with(&[byte; 3]) => self.triple_end(byte),
            b'"' => self.quoted_end(b'"'),
            b'\'' => match self.syntax.apostrophe {
                Apostrophe::Text => self.quoted_end(b'\''),
                Apostrophe::Character => self.character_end(),
                Apostrophe::Nothing => None,
            },
            b'`' => match self.syntax.backtick {
                Backtick::Raw => self.find(b"`", 1).map(|at| at + 1),
                Backtick::Template => self.template_end(),
                Backtick::Nothing => None,
            },
            b'/' if self.syntax.slash_regexes && self.expects_value() => self.regex_end(),
            b'#' | b'r' => self.raw_end(),
            b'@' if self.syntax.verbatim => self.verbatim_end(),
            b'%' if self.syntax.percent_literals => self.percent_end(),
            _ => None,
        };
        let Some(end) = end else { return false };
        self.push(Kind::Text, end);
        true
    }

    fn note_heredoc(&mut self, byte: u8) {
        if byte != b'<' || !self.syntax.heredocs || !self.rest().starts_with(b"<<") || self.heredoc.is_some() {
            return;
        }
        let Some(rest) = self.text.get(self.at + 2..) else { return };
        let rest = rest.trim_start_matches('<').trim_start_matches(['-', '~']).trim_start_matches(['\'', '"']);
        let length = rest
            .bytes()
            .take(64)
            .take_while(|byte| byte.is_ascii_uppercase() || *byte == b'_' || byte.is_ascii_digit())
            .count();
        if length > 1 && rest.starts_with(|c: char| c.is_ascii_uppercase() || c == '_') {
            self.heredoc = rest.get(..length);
        }
    }

    fn here_document(&mut self) {
        let Some(word) = self.heredoc.take() else { return };
        if self.endless.contains(&word) || self.endless.len() >= ENDLESS {
            return;
        }
        let Some(body) = self.text.get(self.at..) else { return };
        let mut length = 0;
        for line in body.split_inclusive('\n') {
            if line.trim().trim_end_matches([';', ',', ')']) == word {
                if length > 0 {
                    self.push(Kind::Text, self.at + length);
                }
                return;
            }
            length += line.len();
        }
        self.endless.push(word);
    }
}

/// With so many here-documents that never end, none is looked for any more.
const ENDLESS: usize = 8;

/// Turns strings that stand alone as a statement into comments: nobody reads their value.
pub(super) fn demote_docstrings(text: &str, tokens: &mut [Token]) {
    let mut depth = 0_i32;
    let mut last: Option<(u32, bool)> = None;
    for index in 0..tokens.len() {
        let is_text = tokens.get(index).is_some_and(|token| token.kind == Kind::Text);
        let later = if is_text { tokens.get(index + 1..).unwrap_or_default() } else { &[] };
        let next_line = later.iter().find(|token| token.kind != Kind::Comment).map(|token| token.line);
        let Some(token) = tokens.get_mut(index) else { return };
        let word = text.get(token.start..token.end).unwrap_or_default();
        match token.kind {
            Kind::Comment => continue,
            Kind::Text => {
                // A backslash joins the next line to this one.
                let starts = last.is_none_or(|(line, joins)| line < token.line && !joins);
                let is_last = next_line.is_none_or(|line| line > token.last_line);
                let is_string = word.starts_with(['"', '\'']);
                if starts && is_last && depth == 0 && is_string {
                    token.kind = Kind::Comment;
                    continue;
                }
            }
            Kind::Mark if matches!(word, "(" | "[" | "{") => depth += 1,
            Kind::Mark if matches!(word, ")" | "]" | "}") => depth = (depth - 1).max(0),
            Kind::Mark | Kind::Word => {}
        }
        last = Some((token.last_line, word == "\\"));
    }
}
