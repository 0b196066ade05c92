//! Whether a text may be given to a parser.
//!
//! What a parser cannot reduce stays on its stack, and of what stands there it tries every reading once it meets an
//! error: time and memory grow with the square of the depth. In real source the depth is that of its nesting. So
//! nothing is parsed that nests beyond reason, closes what was never opened, or goes on and on without an end.

use super::{Kind, Token};

/// How deep brackets may nest.
const DEPTH: usize = 200;
/// How many brackets may close what was not opened, as the lexer sees it.
const STRAY: usize = 32;
/// How many signs may follow one another before a statement ends: at a semicolon; at the end of a line on which no
/// parenthesis is open, or, where lines end nothing, at a brace.
const SIGNS: usize = 2_000;

/// Whether a text with these tokens may be given to a parser. `is_by_line` says that the end of a line may end a
/// statement, unlike in languages where only a semicolon or a brace does.
pub(super) fn is_source(text: &str, tokens: &[Token], is_by_line: bool) -> bool {
    let mut open: Vec<u8> = Vec::new();
    let (mut n_stray, mut n_round, mut n_signs, mut line) = (0, 0_usize, 0, 0);
    let mut was_word = false;
    for token in tokens.iter().filter(|token| token.kind != Kind::Comment) {
        if is_by_line && token.line > line && n_round == 0 {
            n_signs = 0;
        }
        line = token.last_line;
        let byte = text.as_bytes().get(token.start).copied().unwrap_or_default();
        // Two words in a row are as a sign between them.
        let is_word = token.kind == Kind::Word && !byte.is_ascii_digit();
        n_signs += usize::from(is_word && was_word);
        was_word = is_word;
        if token.kind != Kind::Mark {
            continue;
        }
        match byte {
            b'(' | b'[' | b'{' => {
                n_signs = if byte == b'{' && !is_by_line { 0 } else { n_signs };
                n_round += usize::from(byte != b'{');
                open.push(byte);
            }
            b')' | b']' | b'}' => {
                n_signs = if byte == b'}' && !is_by_line { 0 } else { n_signs };
                let partner = if byte == b')' { b'(' } else { byte - 2 };
                if open.last() == Some(&partner) {
                    open.pop();
                    n_round -= usize::from(partner != b'{');
                } else {
                    n_stray += 1;
                }
            }
            b';' => n_signs = 0,
            b',' | b'.' => {}
            _ => n_signs += 1,
        }
        if open.len() > DEPTH || n_stray > STRAY || n_signs > SIGNS {
            return false;
        }
    }
    true
}
