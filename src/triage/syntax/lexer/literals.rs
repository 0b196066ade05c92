//! Finds where strings, characters and regular expressions end.

use super::super::{Apostrophe, Kind, Shape};
use super::Lexer;

impl Lexer<'_> {
    pub(super) fn find(&self, what: &[u8], skip: usize) -> Option<usize> {
        let from = self.at + skip;
        memchr::memmem::find(self.bytes.get(from..)?, what).map(|at| from + at)
    }

    pub(super) fn triple_end(&self, quote: u8) -> Option<usize> {
        Some(self.find(&[quote; 3], 3).map_or(self.bytes.len(), |at| at + 3))
    }

    pub(super) fn quoted_end(&mut self, quote: u8) -> Option<usize> {
        let dead = if quote == b'"' { self.unclosed.double } else { self.unclosed.single };
        if self.at < dead {
            return None;
        }
        let mut at = self.at + 1;
        let is_filled = self.syntax.percent_literals && quote == b'"';
        while let Some(byte) = self.bytes.get(at).copied() {
            match byte {
                b'\\' => at += 1,
                b'\n' if !self.syntax.long_strings => break,
                b'#' if is_filled && self.bytes.get(at + 1) == Some(&b'{') => at = self.filling_end(at + 2),
                _ if byte == quote => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
        let dead = if quote == b'"' { &mut self.unclosed.double } else { &mut self.unclosed.single };
        *dead = at;
        None
    }

    pub(super) fn character_end(&self) -> Option<usize> {
        if self.byte(1)? == b'\\' {
            let end = self.rest().iter().skip(3).take(10).position(|byte| *byte == b'\'')?;
            return Some(self.at + 3 + end + 1);
        }
        let character = self.text.get(self.at + 1..)?.chars().next()?;
        let end = 1 + character.len_utf8();
        (self.byte(end) == Some(b'\'')).then_some(self.at + end + 1)
    }

    pub(super) fn template_end(&mut self) -> Option<usize> {
        if self.at < self.unclosed.backtick {
            return None;
        }
        let (mut at, mut depth) = (self.at + 1, 0_usize);
        while let Some(byte) = self.bytes.get(at).copied() {
            match byte {
                b'\\' => at += 1,
                b'$' if self.bytes.get(at + 1) == Some(&b'{') => depth += 1,
                b'}' if depth > 0 => depth -= 1,
                b'`' if depth == 0 => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
        self.unclosed.backtick = at;
        None
    }

    /// Where the code within `#{...}` ends, at its closing brace; strings in it may hold braces and quotes.
    fn filling_end(&self, from: usize) -> usize {
        let (mut at, mut depth) = (from, 1_usize);
        while let Some(byte) = self.bytes.get(at).copied().filter(|_| at < from + 2_000) {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return at;
            }
            at += 1;
        }
        from
    }

    /// The end of `@"..."`, in which a quote is written twice.
    pub(super) fn verbatim_end(&self) -> Option<usize> {
        let skip = match (self.byte(1)?, self.byte(2)) {
            (b'"', _) => 2,
            (b'$', Some(b'"')) => 3,
            _ => return None,
        };
        let mut at = self.at + skip;
        loop {
            at += memchr::memchr(b'"', self.bytes.get(at..)?)?;
            if self.bytes.get(at + 1) != Some(&b'"') {
                return Some(at + 1);
            }
            at += 2;
        }
    }

    /// The end of a literal of Ruby: `%w[a b]`, `%r{x}`, `%(text)`.
    pub(super) fn percent_end(&mut self) -> Option<usize> {
        const LONGEST: usize = 20_000;
        // No real text holds so many that do not end.
        const IN_VAIN: usize = 100 * LONGEST;
        if self.unclosed.percent > IN_VAIN {
            return None;
        }
        let is_kind = |byte: u8| matches!(byte, b'q' | b'Q' | b'w' | b'W' | b'i' | b'I' | b'r' | b's' | b'x');
        let has_kind = is_kind(self.byte(1)?);
        let open = self.byte(1 + usize::from(has_kind))?;
        let after_space = self.at.checked_sub(1).and_then(|at| self.bytes.get(at)).is_none_or(u8::is_ascii_whitespace);
        let is_delimiter = open.is_ascii_punctuation() && !matches!(open, b'=' | b'_' | b'\\');
        let may_start = self.expects_value() || (has_kind && after_space);
        if !is_delimiter || !may_start {
            return None;
        }
        let close = match open {
            b'(' => b')',
            b'[' => b']',
            b'{' => b'}',
            b'<' => b'>',
            other => other,
        };
        let (mut at, mut depth) = (self.at + 2 + usize::from(has_kind), 1_usize);
        while let Some(byte) = self.bytes.get(at).copied().filter(|_| at < self.at + LONGEST) {
            match byte {
                b'\\' => at += 1,
                b'#' if open != b'{' && self.bytes.get(at + 1) == Some(&b'{') => at = self.filling_end(at + 2),
                _ if byte == close => depth -= 1,
                _ if byte == open => depth += 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                return Some(at);
            }
        }
        self.unclosed.percent += at - self.at;
        None
    }

    /// Whether a value may stand here, so that a slash divides nothing.
    pub(super) fn expects_value(&self) -> bool {
        let Some(last) = self.tokens.iter().rev().find(|token| token.kind != Kind::Comment) else { return true };
        let text = self.text.get(last.start..last.end).unwrap_or_default();
        match last.kind {
            Kind::Mark => !matches!(text, ")" | "]" | "}"),
            // `rule /x/`: an argument of a call without parentheses, as Ruby has it.
            Kind::Word if self.syntax.percent_literals && self.is_apart() => true,
            Kind::Word => {
                matches!(text, "return" | "typeof" | "case" | "in" | "of" | "if" | "unless" | "when" | "and" | "or")
            }
            Kind::Text | Kind::Comment => false,
        }
    }

    /// Whether there is a space before this character and none behind it.
    fn is_apart(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at));
        before.is_some_and(u8::is_ascii_whitespace)
            && self.byte(1).is_some_and(|byte| !byte.is_ascii_whitespace() && byte != b'=')
    }

    pub(super) fn regex_end(&mut self) -> Option<usize> {
        if self.at < self.unclosed.slash {
            return None;
        }
        let (mut at, mut in_class) = (self.at + 1, false);
        while let Some(byte) = self.bytes.get(at).copied() {
            match byte {
                b'\n' => break,
                b'\\' => at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class && at > self.at + 1 => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
        self.unclosed.slash = at;
        None
    }

    /// The end of a raw string of Rust or Swift, `r#"..."#`.
    pub(super) fn raw_end(&mut self) -> Option<usize> {
        if self.syntax.shape != Shape::Braces || self.syntax.apostrophe != Apostrophe::Character {
            return None;
        }
        let skip = usize::from(self.byte(0) == Some(b'r'));
        let hashes = self.rest().iter().skip(skip).take_while(|byte| **byte == b'#').count();
        if self.byte(skip + hashes) != Some(b'"') || (hashes == 0 && !self.syntax.nested_comments) || hashes > 16 {
            return None;
        }
        let is_dead = self.unclosed.raw & (1 << hashes) != 0;
        if is_dead {
            return None;
        }
        let close: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
        let end = self.find(&close, skip + hashes + 1).map(|at| at + close.len());
        self.unclosed.raw |= u32::from(end.is_none()) << hashes;
        end
    }
}
