//! Finds out what the words of source files are.
//!
//! Input: what a draft changes. Output: [`Tokens`], file by file. Bounded in bytes, in lines and in time: what is
//! beyond is drawn plain. Runs away from the screen's thread; the grammars are loaded at the first use.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use crate::app::sheet::syntax::{Lines, Token, Tokens};
use crate::triage::{Change, FileChange, Hunk};

/// The largest text that is looked at, in bytes.
const TEXT_BYTES: usize = 512 << 10;

/// The longest line that is looked at, in bytes; a longer one ends its file.
const LINE_BYTES: usize = 2_000;

/// How long one side of a file may take.
const SIDE_TIME: Duration = Duration::from_secs(2);

/// How long all files may take.
const TOTAL_TIME: Duration = Duration::from_secs(20);

/// Looks at every file of a change, and hands each on; stops when that fails or is cancelled.
pub fn all(change: &Change, cancelled: &AtomicBool, mut tell: impl FnMut(usize, Tokens) -> bool) {
    let deadline = Instant::now() + TOTAL_TIME;
    for (index, file) in change.files.iter().enumerate() {
        let is_over = || cancelled.load(Ordering::Relaxed) || Instant::now() >= deadline;
        if is_over() {
            return;
        }
        let tokens = of(file, &is_over);
        if tokens != Tokens::default() && !tell(index, tokens) {
            return;
        }
    }
}

/// Looks at both sides of a file, as far as lines of it are shown.
fn of(file: &FileChange, is_over: &dyn Fn() -> bool) -> Tokens {
    let (before, after) = (file.base_text.as_deref(), file.head_text.as_deref());
    let old_path = file.old_path.as_ref().unwrap_or(&file.path);
    let last = |end: fn(&Hunk) -> usize| file.hunks.iter().map(end).max().unwrap_or(0);
    // A few lines behind the last hunk are shown with it.
    let n_before = last(|hunk| hunk.old_start as usize + hunk.removed.len()) + 3;
    let n_after = last(|hunk| hunk.new_start as usize + hunk.added.len());
    let side = |path: &str, text: Option<&str>, n_lines: usize| {
        let syntax = text.and_then(|text| syntax_of(path, text).map(|syntax| (syntax, text)));
        syntax.map(|(syntax, text)| lines(syntax, text, n_lines, is_over)).unwrap_or_default()
    };
    Tokens { before: side(old_path, before, n_before), after: side(&file.path, after, n_after) }
}

fn grammars() -> &'static SyntaxSet {
    static GRAMMARS: OnceLock<SyntaxSet> = OnceLock::new();
    GRAMMARS.get_or_init(two_face::syntax::extra_newlines)
}

/// The grammar of a file, by its name, its extension, or its first line.
fn syntax_of(path: &str, text: &str) -> Option<&'static SyntaxReference> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let by_name = || grammars().find_syntax_by_extension(name);
    let by_extension = || grammars().find_syntax_by_extension(extension?);
    let first = text.lines().next().filter(|line| line.len() <= LINE_BYTES);
    (text.len() <= TEXT_BYTES)
        .then(|| by_name().or_else(by_extension).or_else(|| grammars().find_syntax_by_first_line(first?)))
        .flatten()
}

fn lines(syntax: &SyntaxReference, text: &str, n_lines: usize, is_over: &dyn Fn() -> bool) -> Lines {
    let deadline = Instant::now() + SIDE_TIME;
    let mut state = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut lines = Lines::new();
    for line in text.split_inclusive('\n').take(n_lines) {
        if line.len() > LINE_BYTES || is_over() || Instant::now() >= deadline {
            break;
        }
        // A grammar that fails on a line says nothing about those after it either.
        let Ok(ops) = state.parse_line(line, grammars()) else { break };
        let mut tokens: Vec<(Range<usize>, Token)> = Vec::new();
        let mut from = 0;
        let end = line.trim_end_matches(['\r', '\n']).len();
        for (at, op) in ops {
            push(&mut tokens, from..at.min(end), &stack);
            from = at;
            if stack.apply(&op).is_err() {
                return lines;
            }
        }
        push(&mut tokens, from..end, &stack);
        lines.push(tokens);
    }
    lines
}

fn push(tokens: &mut Vec<(Range<usize>, Token)>, range: Range<usize>, stack: &ScopeStack) {
    let Some(token) = token_of(stack).filter(|_| !range.is_empty()) else { return };
    match tokens.last_mut().filter(|(last, other)| last.end == range.start && *other == token) {
        Some((last, _)) => last.end = range.end,
        None => tokens.push((range, token)),
    }
}

/// What the innermost scope that means something means.
fn token_of(stack: &ScopeStack) -> Option<Token> {
    static MEANINGS: OnceLock<Vec<(Scope, Option<Token>)>> = OnceLock::new();
    let meanings = MEANINGS.get_or_init(|| {
        let meanings = [
            ("comment", Some(Token::Comment)),
            ("constant", Some(Token::Constant)),
            ("string", Some(Token::Text)),
            // Operators are everywhere; colored, they would hide what changed.
            ("keyword.operator", None),
            ("keyword", Some(Token::Keyword)),
            ("storage", Some(Token::Keyword)),
            ("entity.name", Some(Token::Name)),
            ("support", Some(Token::Name)),
            ("variable.function", Some(Token::Name)),
        ];
        meanings.into_iter().filter_map(|(name, token)| Some((Scope::new(name).ok()?, token))).collect()
    });
    let meaning = |scope: &Scope| meanings.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope));
    stack.scopes.iter().rev().find_map(meaning).and_then(|(_, token)| *token)
}

#[cfg(test)]
mod tests;
