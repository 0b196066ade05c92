//! Tells what the values were made of that a line uses: by which calls, and of which other names.
//!
//! Read from lines and words alone, which well-kept code of every language has in common.

use std::collections::BTreeSet;

use super::flow::{gives, invoked};
use super::sheet::given_name;
use super::stack::{calls, is_keyword, statement_end};
use crate::triage::scope::Scopes;
use crate::triage::syntax::{Kind, Source};

/// Lines above a line that are searched for what made its values.
const FEEDING_LINES: usize = 60;
/// Lines above a line that are searched for calls that made its values.
const MAKING_LINES: u32 = 200;
/// Lines from the head of a function in which its parameters stand.
const HEAD_LINES: u32 = 4;

/// The names from which lines above this one, of the same function, made what it uses: of `source = form.fill(body)`
/// and a line that uses `source`, `form` and `body`; and what came along with it, the `found` of `at, found = search()`.
pub(super) fn feeding(source: &Source<'_>, first: u32, line: u32, names: &BTreeSet<String>) -> BTreeSet<String> {
    let above = (first.saturating_add(1)..line).rev().take(FEEDING_LINES);
    let giving = above.filter(|above| names.iter().any(|name| gives(source.line(*above), name)));
    let fed = giving.flat_map(|above| {
        let invoked = invoked(source, above, above);
        let words = source.words_in(above, above).filter(|word| !is_keyword(word)).map(str::to_owned);
        words.chain(short_names(source, above, above)).filter(move |word| !invoked.contains_key(word))
    });
    fed.filter(|word| !names.contains(word)).collect()
}

/// The names of one or two letters on these lines, `rv` and `i`: they say nothing, but are given values as any other.
pub(super) fn short_names(source: &Source<'_>, first: u32, last: u32) -> Vec<String> {
    const WORDS: &[&str] = &["if", "in", "is", "or", "do", "as", "of", "fn", "go", "to"];
    let tokens = source.tokens_in(first, last).iter().filter(|token| token.kind == Kind::Word);
    let names = tokens.map(|token| source.of(token)).filter(|name| name.len() < 3 && !WORDS.contains(name));
    names.map(str::to_owned).collect()
}

/// What these lines call in order to give one of the names a value.
pub(super) fn sources(source: &Source<'_>, first: u32, last: u32, names: &BTreeSet<String>) -> BTreeSet<String> {
    let lines = first.max(last.saturating_sub(MAKING_LINES))..=last;
    let giving = lines.filter(|line| names.iter().any(|name| gives(source.line(*line), name)));
    giving.flat_map(|line| calls(source, line, statement_end(source, line).min(last))).collect()
}

/// What is called to make the tables and constants of the file that have one of these names.
pub(super) fn makers(source: &Source<'_>, scopes: &Scopes, names: &BTreeSet<String>) -> BTreeSet<String> {
    let is_made = |line: &u32| {
        let text = source.line(*line);
        let is_call = text.split_once('=').is_some_and(|(_, value)| value.contains('('));
        is_call && given_name(text).is_some_and(|name| names.contains(name))
    };
    let outside = |line: &u32| !scopes.at(*line).is_some_and(|scope| scope.is_function);
    let made = (1..=source.n_lines()).filter(is_made).filter(outside);
    made.flat_map(|line| calls(source, line, statement_end(source, line))).collect()
}

/// Whether a line of a function uses a value that the function was handed and left as it was.
pub(super) fn is_handed(source: &Source<'_>, (first, line): (u32, u32), names: &BTreeSet<String>, own: &str) -> bool {
    let head = first.saturating_add(HEAD_LINES).min(line.saturating_sub(1));
    let is_open = |at: &u32| !source.line(*at).trim_end().ends_with(['{', ':']);
    let end = (first..=head).find(|at| !is_open(at)).unwrap_or(first);
    let parameters: BTreeSet<&str> = source.words_in(first, end).collect();
    let is_kept = |name: &str| !(end.saturating_add(1)..line).any(|at| gives(source.line(at), name));
    names.iter().any(|name| name != own && !is_keyword(name) && parameters.contains(name.as_str()) && is_kept(name))
}
