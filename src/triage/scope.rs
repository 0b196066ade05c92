//! Finds the functions and classes of a source text, and which of them encloses a line.
//!
//! Input: a [`Source`]. Output: a [`Scopes`], answering in constant time.
//!
//! Pure and close to linear. The grammar of the language tells them where it reads the text; elsewhere blocks
//! are recognized by indentation, braces or `end`, and their names by the words before them. What has no name
//! (a closure, an `if`) is no scope.

mod naming;
mod tree;

use super::syntax::{Backtick, Kind, Shape, Source, Token};
use naming::{last_statement, name_of};

/// Scopes nested deeper than this are left out.
const DEPTH: usize = 48;

/// A function or class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Its name, without what encloses it.
    pub name: String,
    /// Whether it can be called, unlike a class or module.
    pub is_function: bool,
    /// Its first line, decorators included.
    pub first: u32,
    /// Its last line.
    pub last: u32,
}

/// The functions and classes of one text.
#[derive(Clone, Debug, Default)]
pub struct Scopes {
    /// All of them, in order of their first lines, the outer before the inner.
    all: Vec<Scope>,
    /// For each line from 1, the index of the innermost scope plus one; 0 for none.
    by_line: Vec<u32>,
}

impl Scopes {
    /// Finds the scopes of a text.
    #[must_use]
    pub fn of(source: &Source<'_>) -> Self {
        let all = match source.parsed() {
            Some(parsed) => tree::scopes(source, parsed),
            None => by_layout(source),
        };
        Self::new(all, source)
    }

    /// Finds the scopes of a text, by the grammar only where it has read the text already.
    #[must_use]
    pub fn of_known(source: &Source<'_>) -> Self {
        if source.is_parsed() { Self::of(source) } else { Self::of_passage(source) }
    }

    /// Finds the scopes of a passage that is no whole file: a method without its class, lines without an end. To
    /// a grammar that is something else; the layout tells.
    #[must_use]
    pub fn of_passage(source: &Source<'_>) -> Self {
        Self::new(by_layout(source), source)
    }

    fn new(mut all: Vec<Scope>, source: &Source<'_>) -> Self {
        all.sort_by(|a, b| a.first.cmp(&b.first).then(b.last.cmp(&a.last)));
        let mut by_line = vec![0; source.n_lines() as usize + 1];
        let mut open: Vec<u32> = Vec::new();
        all.retain(|scope| {
            open.retain(|last| *last >= scope.first);
            let is_kept = open.len() < DEPTH;
            if is_kept {
                open.push(scope.last);
            }
            is_kept
        });
        for (number, scope) in (1_u32..).zip(&all) {
            let lines = by_line.get_mut(scope.first as usize..=(scope.last as usize).min(source.n_lines() as usize));
            lines.unwrap_or_default().fill(number);
        }
        Self { all, by_line }
    }

    /// The innermost function or class that holds a line.
    #[must_use]
    pub fn at(&self, line: u32) -> Option<&Scope> {
        let number = self.by_line.get(line as usize).copied()?;
        self.all.get(number.checked_sub(1)? as usize)
    }

    /// Whether a line is in a module of tests, as Rust keeps them beside the code.
    #[must_use]
    pub fn is_in_tests(&self, line: u32) -> bool {
        let is_module = |scope: &&Scope| !scope.is_function && matches!(scope.name.as_str(), "tests" | "test");
        self.all.iter().filter(is_module).any(|scope| scope.first <= line && line <= scope.last)
    }

    /// Every scope that holds some of these lines and is innermost there, and each one's name once.
    pub fn within(&self, first: u32, last: u32) -> Vec<&Scope> {
        let lines = self.by_line.get(first as usize..=(last as usize).min(self.by_line.len().saturating_sub(1)));
        let mut numbers: Vec<u32> = lines.unwrap_or_default().to_vec();
        numbers.dedup();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().filter_map(|number| self.all.get(number.checked_sub(1)? as usize)).collect()
    }

    /// All functions and classes, in order of their first lines, the outer before the inner.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.all.iter()
    }

    /// How many functions and classes have this name.
    #[must_use]
    pub fn n_named(&self, name: &str) -> usize {
        self.all.iter().filter(|scope| scope.name == name).count()
    }

    /// The functions and classes of this name.
    pub fn named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Scope> {
        self.all.iter().filter(move |scope| scope.name == name)
    }

    /// Whether a function or class of this name is defined here.
    #[must_use]
    pub fn defines(&self, name: &str) -> bool {
        self.all.iter().any(|scope| scope.name == name)
    }
}

/// Finds the scopes without a grammar.
fn by_layout(source: &Source<'_>) -> Vec<Scope> {
    match source.syntax.shape {
        Shape::Indented if source.syntax.triple_quotes => by_indentation(source),
        Shape::Ends => by_ends(source),
        Shape::Braces => by_braces(source),
        Shape::Indented | Shape::Flat => Vec::new(),
    }
}

fn code_tokens<'a>(source: &'a Source<'_>) -> Vec<&'a Token> {
    source.tokens.iter().filter(|token| token.kind != Kind::Comment).collect()
}

fn indent(source: &Source<'_>, token: &Token) -> usize {
    token.start - source.line_start(token.line)
}

/// The first token of each line of code that is not inside brackets, with its index.
fn statement_starts<'a>(source: &Source<'_>, tokens: &[&'a Token]) -> Vec<(usize, &'a Token)> {
    let (mut starts, mut depth, mut line) = (Vec::new(), 0_i32, 0);
    for (index, token) in tokens.iter().enumerate() {
        // No bracket holds a definition; one that seems to was never closed, or is part of a pattern.
        if token.line > line && matches!(source.of(token), "def" | "class" | "module" | "defmodule" | "end") {
            depth = 0;
        }
        if token.line > line && depth == 0 {
            starts.push((index, *token));
        }
        line = token.last_line;
        match source.of(token) {
            "(" | "[" | "{" if token.kind == Kind::Mark => depth += 1,
            ")" | "]" | "}" if token.kind == Kind::Mark => depth = (depth - 1).max(0),
            _ => {}
        }
    }
    starts
}

fn by_indentation(source: &Source<'_>) -> Vec<Scope> {
    let tokens = code_tokens(source);
    let mut scopes: Vec<Scope> = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    let (mut decorated, mut last_line) = (None, 1);
    for (index, token) in statement_starts(source, &tokens) {
        let column = indent(source, token);
        while open.last().is_some_and(|(outer, _)| *outer >= column) {
            close(&mut scopes, &mut open, last_line);
        }
        let word = |ahead: usize| tokens.get(index + ahead).map_or("", |token| source.of(token));
        let first = decorated.take();
        let named = match (word(0), word(1)) {
            ("def", name) => Some((name, true)),
            ("async", "def") => Some((word(2), true)),
            ("class", name) => Some((name, false)),
            ("@", _) => {
                decorated = Some(first.unwrap_or(token.line));
                None
            }
            _ => None,
        };
        if let Some((name, is_function)) = named {
            open.push((column, scopes.len()));
            let first = first.unwrap_or(token.line);
            scopes.push(Scope { name: name.to_owned(), is_function, first, last: first });
        }
        // The statement may run over several lines; its end shows when the next one starts.
        last_line = statement_end(source, &tokens, index);
    }
    while !open.is_empty() {
        close(&mut scopes, &mut open, source.n_lines());
    }
    scopes
}

/// The last line of the logical line that starts with this token; open brackets keep it going.
fn statement_end(source: &Source<'_>, tokens: &[&Token], index: usize) -> u32 {
    let Some(first) = tokens.get(index) else { return 1 };
    let (mut line, mut depth) = (first.last_line, 0_i32);
    for token in tokens.get(index..).unwrap_or_default() {
        if token.line > line && depth == 0 {
            break;
        }
        line = token.last_line;
        match source.of(token) {
            "(" | "[" | "{" if token.kind == Kind::Mark => depth += 1,
            ")" | "]" | "}" if token.kind == Kind::Mark => depth = (depth - 1).max(0),
            _ => {}
        }
    }
    line
}

fn close(scopes: &mut [Scope], open: &mut Vec<(usize, usize)>, last_line: u32) {
    if let Some(scope) = open.pop().and_then(|(_, index)| scopes.get_mut(index)) {
        scope.last = last_line.max(scope.first);
    }
}

/// Ruby, Elixir, Lua: a definition ends at the `end` of its own column.
fn by_ends(source: &Source<'_>) -> Vec<Scope> {
    let tokens = code_tokens(source);
    let mut scopes: Vec<Scope> = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (index, token) in statement_starts(source, &tokens) {
        let column = indent(source, token);
        let word = |ahead: usize| tokens.get(index + ahead).map_or("", |token| source.of(token));
        let named = match word(0) {
            "def" | "defp" | "defmacro" if matches!(word(2), ".") => Some((word(3), true)),
            "def" | "defp" | "defmacro" | "function" => Some((word(1), true)),
            "local" if word(1) == "function" => Some((word(2), true)),
            "private" | "public" | "protected" | "private_class_method" | "module_function"
                if word(1) == "def" && tokens.get(index + 1).is_some_and(|next| next.line == token.line) =>
            {
                Some((word(2), true))
            }
            "class" if word(1) == "<" => None,
            "class" | "module" | "defmodule" => Some((last_of_path(source, &tokens, index + 1), false)),
            _ => None,
        };
        while open
            .last()
            .is_some_and(|(outer, _)| *outer > column || (*outer == column && (named.is_some() || word(0) == "end")))
        {
            close(&mut scopes, &mut open, token.line);
        }
        if let Some((name, is_function)) = named {
            // `class Missing < Error; end` is over with its line.
            let rest = tokens.get(index + 1..).unwrap_or_default().iter().take_while(|next| next.line == token.line);
            if rest.last().is_none_or(|last| source.of(last) != "end") {
                open.push((column, scopes.len()));
            }
            scopes.push(Scope { name: name.to_owned(), is_function, first: token.line, last: token.line });
        }
    }
    while !open.is_empty() {
        close(&mut scopes, &mut open, source.n_lines());
    }
    scopes
}

/// Of `Billing::Invoice` or `My.Module`, the last part.
fn last_of_path<'text>(source: &Source<'text>, tokens: &[&Token], mut index: usize) -> &'text str {
    let text = |index: usize| tokens.get(index).map_or("", |token| source.of(token));
    let mut name = text(index);
    for _ in 0..16 {
        match (text(index + 1), text(index + 2)) {
            (":", ":") => index += 3,
            (".", _) => index += 2,
            _ => break,
        }
        name = text(index);
    }
    name
}

/// A brace that is open.
struct Open {
    /// The scope that it opened, if it did.
    scope: Option<usize>,
    /// Where the header before it started, and how many parentheses were open in it.
    header_start: usize,
    depth: usize,
}

fn by_braces(source: &Source<'_>) -> Vec<Scope> {
    let tokens = code_tokens(source);
    let mut scopes = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let (mut header_start, mut depth) = (0, 0_usize);
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Mark) {
        match source.of(token) {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "{" => {
                let scope = opened(source, &tokens, header_start, index).map(|scope| {
                    scopes.push(scope);
                    scopes.len() - 1
                });
                open.push(Open { scope, header_start, depth });
                (header_start, depth) = (index + 1, 0);
            }
            "}" => {
                let closed = open.pop();
                if let Some(scope) = closed.as_ref().and_then(|closed| scopes.get_mut(closed.scope?)) {
                    scope.last = token.line;
                }
                depth = closed.as_ref().map_or(0, |closed| closed.depth);
                // Within parentheses the header goes on: `f = ({ a, b }) => {`.
                let goes_on = closed.filter(|closed| closed.depth > 0);
                header_start = goes_on.map_or(index + 1, |closed| closed.header_start);
            }
            ";" if depth == 0 => header_start = index + 1,
            ">" if is_arrow(source, &tokens, index) => {
                scopes.extend(arrow(source, &tokens, header_start, index));
            }
            _ => {}
        }
    }
    for scope in open.into_iter().filter_map(|open| open.scope) {
        if let Some(scope) = scopes.get_mut(scope) {
            scope.last = source.n_lines();
        }
    }
    scopes
}

/// The scope that the brace at this token opens, if its header names one.
fn opened(source: &Source<'_>, tokens: &[&Token], header_start: usize, index: usize) -> Option<Scope> {
    let header = tokens.get(header_start.max(index.saturating_sub(120))..index).unwrap_or_default();
    // In languages without semicolons a header may run back over earlier statements.
    let header = last_statement(source, header);
    let (name, is_function) = name_of(source, header)?;
    let line = tokens.get(index).map_or(1, |token| token.line);
    // Of an object's methods each starts behind the comma of the one before.
    let own = after_comma(source, header);
    let is_same = is_function && name_of(source, own).is_some_and(|(own, _)| own == name);
    let header = if is_same { own } else { header };
    let first = header.first().map_or(line, |token| token.line);
    Some(Scope { name, is_function, first, last: line })
}

/// What follows the last comma outside of brackets.
fn after_comma<'a, 'b>(source: &Source<'_>, header: &'b [&'a Token]) -> &'b [&'a Token] {
    let (mut start, mut depth) = (0, 0_i32);
    for (index, token) in header.iter().enumerate().filter(|(_, token)| token.kind == Kind::Mark) {
        match source.of(token) {
            "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            "," if depth == 0 => start = index + 1,
            _ => {}
        }
    }
    header.get(start..).unwrap_or_default()
}

/// Whether this mark ends an arrow of JavaScript or C# that no brace follows.
fn is_arrow(source: &Source<'_>, tokens: &[&Token], index: usize) -> bool {
    let text = |index: usize| tokens.get(index).map_or("", |token| source.of(token));
    let has_arrows = source.syntax.backtick == Backtick::Template || source.syntax.verbatim;
    has_arrows && index > 0 && text(index - 1) == "=" && text(index + 1) != "{"
}

/// The scope of a function whose body is one expression, `total = (a) => sum(a);`.
fn arrow(source: &Source<'_>, tokens: &[&Token], header_start: usize, index: usize) -> Option<Scope> {
    let mut scope = opened(source, tokens, header_start, index + 1)?;
    let column = |token: &Token| {
        let line = source.line(token.line);
        line.len() - line.trim_start().len()
    };
    let own = tokens
        .get(header_start.max(index.saturating_sub(120))..)
        .and_then(|rest| rest.iter().find(|token| token.line == scope.first).map(|token| column(token)))?;
    let mut depth = 0_i32;
    let mut last = tokens.get(index)?.line;
    for token in tokens.get(index + 1..)?.iter().take(4_000) {
        let text = if token.kind == Kind::Mark { source.of(token) } else { "" };
        let ends = depth == 0 && (matches!(text, ";" | ",") || token.line > last && column(token) <= own);
        depth += i32::from(matches!(text, "(" | "[" | "{")) - i32::from(matches!(text, ")" | "]" | "}"));
        if ends && !matches!(text, ")" | "]" | "}") || depth < 0 {
            break;
        }
        last = token.last_line;
    }
    scope.last = last;
    Some(scope)
}

#[cfg(test)]
mod tests;
