//! Reads one JSON object into flat pairs, without loss of precision and in linear time.
//!
//! Nested names are joined by dots; lists stay as they were written. Numbers stay text. Doubled names are all kept.
//! More lenient than the standard in one point: raw control characters may stand in strings.

/// Deeper nesting is no log line.
const DEPTH: u8 = 100;
/// The longest joined name in bytes; longer ones lose their tail.
const NAME_BYTES: usize = 256;
/// The most pairs that are kept; those beyond are read and dropped.
const PAIRS: usize = 1_000;

use std::borrow::Cow;

/// One flat field of an object; copied only where the text could not be taken as it stands.
#[derive(Debug, PartialEq)]
pub(super) struct Pair<'a> {
    /// The names from the outermost to this one, joined by dots.
    pub(super) name: Cow<'a, str>,
    /// The value as text: a string without quotes and escapes, anything else as written.
    pub(super) value: Cow<'a, str>,
    /// What it was.
    pub(super) kind: Kind,
}

/// What a value was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A list, or an empty object.
    Nested,
}

/// The text is not one whole JSON object, or is nested too deeply.
#[derive(Debug, PartialEq)]
pub(super) struct NotAnObject;

/// Reads a text that is one JSON object, perhaps with blanks around it. Nulls are left out.
pub(super) fn flatten(text: &str) -> Result<Vec<Pair<'_>>, NotAnObject> {
    let mut reader = Reader { text, at: 0, name: Cow::Borrowed(""), pairs: Vec::with_capacity(16) };
    reader.blanks();
    (|| {
        if reader.peek()? != b'{' {
            return None;
        }
        reader.object(0, true)?;
        reader.blanks();
        (reader.at == text.len()).then_some(())
    })()
    .ok_or(NotAnObject)?;
    Ok(reader.pairs)
}

/// The strings of a list, one a line; numbers that are bytes, as journald writes them, as text.
pub(super) fn lines(list: &str) -> Option<String> {
    let mut reader = Reader { text: list, at: 0, name: Cow::Borrowed(""), pairs: Vec::new() };
    reader.eat(b'[')?;
    let mut lines = String::new();
    let mut bytes = Vec::new();
    loop {
        reader.blanks();
        match reader.peek()? {
            b']' => break,
            b',' => reader.at += 1,
            b'"' => {
                if !lines.is_empty() {
                    lines.push('\n');
                }
                lines.push_str(reader.string()?.trim_end_matches('\n'));
            }
            b'0'..=b'9' => bytes.push(reader.number()?.parse::<u8>().ok()?),
            _ => return None,
        }
    }
    if bytes.is_empty() { Some(lines) } else { Some(String::from_utf8_lossy(&bytes).into_owned()) }
}

/// The elements of a list as they are written; `None` where it is no whole list.
pub(super) fn elements(list: &str) -> Option<Vec<&str>> {
    let mut reader = Reader { text: list, at: 0, name: Cow::Borrowed(""), pairs: Vec::new() };
    let mut elements = Vec::new();
    reader.eat(b'[')?;
    reader.blanks();
    if reader.eat(b']').is_some() {
        return Some(elements);
    }
    loop {
        reader.blanks();
        let start = reader.at;
        reader.value(0, false)?;
        elements.push(list.get(start..reader.at)?);
        reader.blanks();
        if reader.eat(b',').is_none() {
            reader.eat(b']')?;
            return (reader.at == list.len()).then_some(elements);
        }
    }
}

/// The text that a string is, written with its quotes.
pub(super) fn text(quoted: &str) -> Option<Cow<'_, str>> {
    Reader { text: quoted, at: 0, name: Cow::Borrowed(""), pairs: Vec::new() }.string()
}

/// Writes a text as a JSON string.
pub(super) fn quote(text: &str, to: &mut String) {
    to.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => to.extend(['\\', c]),
            '\n' => to.push_str("\\n"),
            '\t' => to.push_str("\\t"),
            c => to.push(c),
        }
    }
    to.push('"');
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    name: Cow<'a, str>,
    pairs: Vec<Pair<'a>>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Reads an object; its pairs are kept when `keep`.
    fn object(&mut self, depth: u8, keep: bool) -> Option<()> {
        self.eat(b'{')?;
        self.blanks();
        if self.eat(b'}').is_some() {
            return Some(());
        }
        loop {
            self.blanks();
            let name = self.string()?;
            let inner = if keep { joined(&self.name, name) } else { Cow::Borrowed("") };
            let outer = std::mem::replace(&mut self.name, inner);
            self.blanks();
            self.eat(b':')?;
            self.value(depth, keep)?;
            self.name = outer;
            self.blanks();
            if self.eat(b',').is_none() {
                return self.eat(b'}');
            }
        }
    }

    fn list(&mut self, depth: u8) -> Option<()> {
        self.eat(b'[')?;
        self.blanks();
        if self.eat(b']').is_some() {
            return Some(());
        }
        loop {
            self.value(depth, false)?;
            self.blanks();
            if self.eat(b',').is_none() {
                return self.eat(b']');
            }
        }
    }

    fn value(&mut self, depth: u8, keep: bool) -> Option<()> {
        self.blanks();
        let start = self.at;
        match self.peek()? {
            b'{' if depth < DEPTH => {
                let n_pairs = self.pairs.len();
                self.object(depth + 1, keep)?;
                if keep && n_pairs == self.pairs.len() && self.at == start + 2 {
                    self.keep("{}".into(), Kind::Nested);
                }
            }
            b'[' if depth < DEPTH => {
                self.list(depth + 1)?;
                if keep {
                    self.keep(self.text.get(start..self.at)?.into(), Kind::Nested);
                }
            }
            b'"' if keep => {
                let text = self.string()?;
                self.keep(text, Kind::Text);
            }
            b'"' => self.skip_string().map(drop)?,
            b't' => self.word("true", keep)?,
            b'f' => self.word("false", keep)?,
            b'n' => self.word("null", false)?,
            b'-' | b'0'..=b'9' => {
                let number = self.number()?;
                if keep {
                    self.keep(number.into(), Kind::Number);
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn keep(&mut self, value: Cow<'a, str>, kind: Kind) {
        if self.pairs.len() < PAIRS {
            self.pairs.push(Pair { name: self.name.clone(), value, kind });
        }
    }

    fn word(&mut self, word: &str, keep: bool) -> Option<()> {
        let word = self.text.get(self.at..self.at + word.len()).filter(|here| *here == word)?;
        self.at += word.len();
        if keep {
            self.keep(word.into(), Kind::Bool);
        }
        Some(())
    }

    fn number(&mut self) -> Option<&'a str> {
        let number = number(self.text.get(self.at..)?)?;
        self.at += number.len();
        Some(number)
    }

    /// Passes a string; says whether there are escapes in it.
    fn skip_string(&mut self) -> Option<bool> {
        self.eat(b'"')?;
        let mut has_escapes = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            let n = memchr::memchr2(b'"', b'\\', rest)?;
            if rest.get(n) == Some(&b'"') {
                self.at += n + 1;
                return Some(has_escapes);
            }
            has_escapes = true;
            self.at += n + 2;
        }
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at + 1;
        let has_escapes = self.skip_string()?;
        let inner = self.text.get(start..self.at - 1)?;
        if has_escapes { unescape(inner).map(Into::into) } else { Some(inner.into()) }
    }
}

/// The number that a text begins with.
pub(super) fn number(text: &str) -> Option<&str> {
    let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let number = text.get(..text.bytes().take_while(is_part).count())?;
    let unsigned = number.strip_prefix('-').unwrap_or(number);
    let marks = unsigned.bytes().filter(|byte| matches!(byte, b'.' | b'e' | b'E')).count();
    (unsigned.starts_with(|c: char| c.is_ascii_digit()) && marks <= 2).then_some(number)
}

/// The name of a field inside another.
fn joined<'a>(outer: &str, name: Cow<'a, str>) -> Cow<'a, str> {
    let name = match name {
        Cow::Borrowed(name) => Cow::Borrowed(super::clean::cut(name, NAME_BYTES)),
        Cow::Owned(name) => Cow::Owned(super::clean::cut(&name, NAME_BYTES).to_owned()),
    };
    if outer.is_empty() {
        return name;
    }
    let room = NAME_BYTES.saturating_sub(outer.len() + 1);
    Cow::Owned(format!("{outer}.{}", super::clean::cut(&name, room)))
}

/// The text that a string of JSON stands for, without its quotes.
pub(super) fn unescape(inner: &str) -> Option<String> {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(n) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(rest.get(..n)?);
        let code = *rest.as_bytes().get(n + 1)?;
        if code == b'u' {
            let (c, used) = unicode(rest.get(n..)?)?;
            text.push(c);
            rest = rest.get(n + used..)?;
            continue;
        }
        text.push(match code {
            b'"' | b'\\' | b'/' => char::from(code),
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            _ => return None,
        });
        rest = rest.get(n + 2..)?;
    }
    text.push_str(rest);
    Some(text)
}

/// Reads `\uXXXX`, or two of them that are one character; half of a pair becomes U+FFFD.
fn unicode(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    };
    let first = unit(0)?;
    if let (0xd800..0xdc00, Some(second @ 0xdc00..0xe000)) = (first, unit(6)) {
        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return Some((char::from_u32(code)?, 12));
    }
    Some((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6))
}
