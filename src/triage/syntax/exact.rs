//! Cuts a text into tokens where its grammar tells strings and comments from code.

use std::ops::Range;

use tree_sitter::Node;

use super::grammar::{Parsed, Role};
use super::{Kind, Syntax, Token, lexer};

/// The tokens of a text, and the offsets at which nodes of its grammar start, in order.
pub(super) fn tokens(text: &str, syntax: Syntax, parsed: &Parsed) -> (Vec<Token>, Vec<usize>) {
    let mut known: Vec<(Kind, Range<usize>)> = Vec::new();
    let mut opens = Vec::new();
    parsed.walk(|node| {
        let range = node.byte_range();
        let written = || text.get(range.clone()).unwrap_or_default();
        match parsed.grammar().role(node) {
            Role::Comment => {
                known.push((Kind::Comment, visible(text, range)));
                return false;
            }
            Role::Remark if is_documentation(node, written()) => {
                known.push((Kind::Comment, visible(text, range)));
                return false;
            }
            Role::Text => {
                // The body of a here-document starts with the break before its first line.
                let n_breaks =
                    ["\r\n", "\n"].iter().find(|end| written().starts_with(**end)).map_or(0, |end| end.len());
                known.push((Kind::Text, range.start + n_breaks..range.end));
                return false;
            }
            Role::Markup => {
                markup(text, range, &mut known);
                return false;
            }
            _ => {}
        }
        if node.child_count() > 0 {
            if node.is_named() {
                opens.push(range.start);
            }
        } else if written().trim_ascii().contains([' ', '\t', '\n']) {
            known.push((Kind::Text, visible(text, range)));
        }
        true
    });
    (lexer::tokens_around(text, syntax, &known), opens)
}

/// A range without white space at its ends.
fn visible(text: &str, range: Range<usize>) -> Range<usize> {
    let written = text.get(range.clone()).unwrap_or_default();
    let start = range.start + (written.len() - written.trim_ascii_start().len());
    start..start + written.trim_ascii().len()
}

/// Whether a statement is a string and nothing else, so that nobody reads its value.
fn is_documentation(node: &Node<'_>, written: &str) -> bool {
    node.named_child_count() == 1
        && written.starts_with(['"', '\''])
        && node.named_child(0).is_some_and(|child| child.kind() == "string")
}

/// Text between tags, line by line: breaks and indentation are layout, spaces beside a tag are not.
fn markup(text: &str, range: Range<usize>, known: &mut Vec<(Kind, Range<usize>)>) {
    let mut at = range.start;
    for line in text.get(range.clone()).unwrap_or_default().split_inclusive('\n') {
        let (is_first, ends) = (at == range.start, line.ends_with('\n'));
        let start = if is_first { 0 } else { line.len() - line.trim_ascii_start().len() };
        let end = if ends { line.trim_ascii_end().len() } else { line.len() };
        if start < end && !(is_first && ends && line.trim_ascii().is_empty()) {
            known.push((Kind::Text, at + start..at + end));
        }
        at += line.len();
    }
}
