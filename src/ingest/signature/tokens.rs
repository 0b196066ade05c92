//! Cuts a folded message into words, marks and variables.
//!
//! What a word is by its own shape (a path, an address, a random string) is decided here; what it is
//! by its place, in `rules`.
//!
//! A run of the bytes of an address that holds a `0` counts as that `0`: see [`fold::close`].

pub(in crate::ingest) mod plain;

use super::padded::Padded;
use super::stops::{self, Run};
use super::words::{self, Lists};
use super::{PLACEHOLDER, fold};
pub use plain::Cut;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(u8);

impl Kind {
    /// A word of the program.
    pub const WORD: Self = Self(1);
    /// A value, masked in the template.
    pub const VARIABLE: Self = Self(2);

    /// One character that separates; that of ASCII which means the same, where it is a quotation mark of another form.
    pub const fn mark(mark: u8) -> Self {
        Self(mark)
    }
}

/// A piece of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where its text begins in the folded message.
    start: u32,
    /// Where it ends; what was joined to a variable is left out.
    end: u32,
    /// The lists that it is in, when it is a word.
    pub lists: Lists,
    /// What it is.
    kind: Kind,
    /// Whether white space comes before it.
    pub spaced: bool,
}

impl Token {
    /// Where its text begins in the folded message.
    #[inline(always)]
    pub fn start(&self) -> usize {
        self.start as usize
    }

    /// Where it ends; what was joined to a variable is left out.
    #[inline(always)]
    pub fn end(&self) -> usize {
        self.end as usize
    }

    /// This token as a variable.
    pub fn masked(self) -> Self {
        Self { kind: Kind::VARIABLE, lists: Lists::default(), ..self }
    }

    /// This token without white space before it.
    pub fn unspaced(self) -> Self {
        Self { spaced: false, ..self }
    }

    /// The mark that it is; a control where it is none.
    #[inline(always)]
    pub fn mark(&self) -> u8 {
        self.kind.0
    }

    /// What its kind is to a rule.
    #[inline(always)]
    pub fn of(&self, table: &Table) -> u8 {
        table[usize::from(self.kind.0) % table.len()]
    }

    /// Whether it is this mark.
    #[inline(always)]
    pub fn is_mark(&self, mark: u8) -> bool {
        self.kind.0 == mark
    }

    /// Whether it is any mark.
    #[inline(always)]
    pub fn is_any_mark(&self) -> bool {
        self.kind.0 > Kind::VARIABLE.0
    }

    /// Whether it is a word.
    #[inline(always)]
    pub fn is_word(&self) -> bool {
        self.kind == Kind::WORD
    }

    /// Its text when it is a word.
    pub fn word<'t>(&self, text: &'t str) -> Option<&'t str> {
        if self.is_word() { text.get(self.start()..self.end()) } else { None }
    }

    /// Whether it is a variable.
    #[inline(always)]
    pub fn is_variable(&self) -> bool {
        self.kind == Kind::VARIABLE
    }
}

/// What each kind of token may be to a rule, as bits.
pub type Table = [u8; 128];

/// The table in which these kinds have these bits, and no others have any.
pub const fn table(of: &[(Kind, u8)]) -> Table {
    let mut table = [0; 128];
    let mut at = 0;
    while at < of.len() {
        let (Kind(kind), bits) = of[at];
        table[kind as usize] = bits;
        at += 1;
    }
    table
}

/// What is somewhere in a message, so that rules that ask for something else need not look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// The lists that any word is in.
    pub lists: Lists,
    /// A bit for each mark.
    marks: u64,
    /// A word or a variable stands right behind a colon or a variable.
    pub adjoining: bool,
    /// Something stands where it may belong to a list or to what brackets add to a variable.
    pub listed: bool,
}

impl Seen {
    /// Whether one of these marks is in the message.
    pub fn mark(self, marks: &[u8]) -> bool {
        marks.iter().any(|mark| self.marks & bit(*mark) != 0)
    }
}

/// A bit for a mark. Two marks may share one: then a rule looks in vain.
const fn bit(mark: u8) -> u64 {
    1 << (mark % 64)
}

/// Cuts `text`, which must be folded, into `tokens`; `padded` is the same text. It has fewer bytes than 32 bits can count.
pub fn read(text: &str, padded: Padded<'_>, cut: &mut Cut, tokens: &mut Vec<Token>) -> Seen {
    read_with(text, padded, cut, tokens, |reader| reader.plain())
}

/// The same; `plain` may read what is usual.
fn read_with(
    text: &str,
    padded: Padded<'_>,
    cut: &mut Cut,
    tokens: &mut Vec<Token>,
    plain: impl Fn(&mut Reader<'_>),
) -> Seen {
    tokens.clear();
    cut.forget();
    let (bytes, seen) = (text.as_bytes(), Seen::default());
    let mut reader = Reader { text, bytes, padded, cut, tokens, at: 0, spaced: false, seen };
    loop {
        plain(&mut reader);
        let Some(start) = reader.next() else { return reader.seen };
        reader.spaced |= start > reader.at;
        reader.at = start;
        let run = reader.run(start);
        if run.end > start {
            reader.word(run);
        } else {
            reader.stop();
        }
    }
}

pub(in crate::ingest) struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    padded: Padded<'t>,
    cut: &'t mut Cut,
    tokens: &'t mut Vec<Token>,
    at: usize,
    spaced: bool,
    seen: Seen,
}

impl Reader<'_> {
    #[inline(always)]
    fn push(&mut self, kind: Kind, start: usize, end: usize, lists: Lists) {
        self.tokens.push(Token { kind, spaced: self.spaced, lists, start: start as u32, end: end as u32 });
        self.spaced = false;
        self.at = end;
    }

    /// The next byte that is not blank; `None` when there is none.
    #[inline(always)]
    fn next(&self) -> Option<usize> {
        if self.at == self.bytes.len() {
            return None;
        }
        self.cut.next(self.at).or_else(|| stops::next(self.bytes, self.at)).filter(|next| *next < self.bytes.len())
    }

    /// The bytes from there to the first stop, or to the end; empty where there is one.
    #[inline(always)]
    fn run(&self, from: usize) -> Run {
        self.cut.run(from).unwrap_or_else(|| stops::run(self.bytes, from))
    }

    /// Reads what begins with a stop that is not blank.
    #[inline(always)]
    fn stop(&mut self) {
        match self.bytes.get(self.at) {
            Some(mark @ ..0x80) => self.mark(*mark, 1),
            Some(0x80..) | None => self.stop_beyond_ascii(),
        }
    }

    /// Reads a blank, a mark or a word that begins beyond ASCII.
    #[inline(never)]
    fn stop_beyond_ascii(&mut self) {
        let first = char_at(self.text, self.at).unwrap_or(char::REPLACEMENT_CHARACTER);
        match quotation_mark(first) {
            Some(mark) => self.mark(mark, first.len_utf8()),
            None if is_blank(first) => {
                self.spaced = true;
                self.at += first.len_utf8();
            }
            None => self.unusual_word(Run { end: self.at, telling: false }),
        }
    }

    /// Reads a mark of so many bytes, or what begins with one.
    fn mark(&mut self, mark: u8, n_bytes: usize) {
        let start = self.at;
        if mark == b':' && !self.spaced && self.address() {
            return;
        }
        if mark == b'<' && self.rest(start).starts_with(PLACEHOLDER.as_bytes()) {
            self.variable(start, start + PLACEHOLDER.len());
            self.skip_shaft();
            return;
        }
        self.any_mark(mark, start, start + n_bytes);
    }

    #[inline(always)]
    fn any_mark(&mut self, mark: u8, start: usize, end: usize) {
        self.seen.marks |= bit(mark);
        self.seen.listed |= mark == b')' && self.tokens.last().is_some_and(|last| last.is_mark(b'('));
        self.push(Kind::mark(mark), start, end, Lists::default());
    }

    fn rest(&self, from: usize) -> &[u8] {
        self.bytes.get(from..).unwrap_or_default()
    }

    /// Whether the colon here, right behind the last token, makes an address of it: `https` and `://host`, `C` and
    /// `:\\folder`; if so, reads it.
    fn address(&mut self) -> bool {
        let Some(last) = self.tokens.last_mut().filter(|last| !last.is_any_mark()) else { return false };
        let behind = self.text.get(self.at..).unwrap_or_default();
        let has_name = || last.lists.any(Lists::SCHEME) && address_length(behind) > 1;
        let is_address = match behind.as_bytes() {
            [_, b'/', b'/', ..] => true,
            [_, b'/' | b'\\', ..] => {
                is_one_byte(self.text.get(last.start()..last.end()).unwrap_or_default()) || has_name()
            }
            _ => has_name(),
        };
        if is_address {
            self.at += address_length(behind);
            *last = Token { end: self.at as u32, ..last.masked() };
            self.seen.listed = true;
        }
        is_address
    }

    fn variable(&mut self, start: usize, end: usize) {
        if let Some(last) = self.tokens.last() {
            // Blanks there only align numbers of unequal length: `[  12.5]`.
            self.spaced &= !(last.is_mark(b'[') || last.is_mark(b'('));
            self.seen.adjoining |= !self.spaced && adjoins(last);
            self.seen.listed |= last.is_variable() || matches!(last.mark(), b',' | b'|' | b'(' | b':');
        }
        self.push(Kind::VARIABLE, start, end, Lists::default());
    }

    /// Reads a word, or what is a value by its shape.
    #[inline(always)]
    fn word(&mut self, run: Run) {
        let start = self.at;
        let stop = self.bytes.get(run.end).copied().unwrap_or(b' ');
        if run.telling
            || MAY_GO_ON[usize::from(stop)]
            || (run.end - start >= words::LONG
                && words::may_be_value(self.bytes.get(start..run.end).unwrap_or_default()))
        {
            return self.unusual_word(run);
        }
        let lists = words::lists(self.bytes, start, run.end);
        self.program_word(start, run.end, lists);
    }

    /// Reads a word that goes on behind its first stop, or has something in it that may make a value of it.
    #[inline(never)]
    fn unusual_word(&mut self, mut run: Run) {
        let start = self.at;
        if let Some(marker) = fold::code_marker_at(self.bytes, start, run.end) {
            return self.program_word(start + marker, run.end, Lists::default());
        }
        let mut shaft = 0;
        if self.bytes.get(run.end).is_some_and(|stop| MAY_GO_ON[usize::from(*stop)]) {
            run = self.odd_run(start, run);
            shaft = usize::from(self.ends_with_shaft(start, run.end));
        } else if self.bytes.get(start..run.end) == Some(b"0") {
            self.variable(start, run.end + self.padding(run.end));
            return;
        }
        let end = run.end - shaft;
        if (run.telling || end - start >= words::LONG) && self.value(start, end, run.telling) {
            return;
        }
        let mut lists =
            if run.telling { words::read_ending(self.bytes, start, end) } else { words::lists(self.bytes, start, end) };
        if run.telling && self.bytes.get(start..end).unwrap_or_default().contains(&b'.') {
            lists = lists.or(Lists::DOTTED);
        }
        self.program_word(start, end, lists);
        if shaft > 0 && self.bytes.get(start..end) != Some(b"-") {
            self.at += 1;
        }
    }

    #[inline(always)]
    fn program_word(&mut self, start: usize, end: usize, lists: Lists) {
        self.seen.lists = self.seen.lists.or(lists);
        if !self.spaced {
            self.seen.adjoining |= self.tokens.last().is_some_and(adjoins);
        }
        self.push(Kind::WORD, start, end, lists);
    }

    /// Reads a word as what it is by its shape, if that is a value.
    fn value(&mut self, start: usize, end: usize, telling: bool) -> bool {
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        if !telling && !words::may_be_value(bytes) {
            return false;
        }
        let shape = words::Shape::of(bytes);
        let word = self.text.get(start..end).unwrap_or_default();
        let path = shape.has_separator() && is_path(word);
        if !path && !words::is_value(word, shape) {
            return false;
        }
        let tail = if path && bytes.contains(&b'?') {
            // A query belongs to its path.
            address_length(self.text.get(end..).unwrap_or_default())
        } else {
            self.padding(end)
        };
        self.variable(start, end + tail);
        self.skip_shaft();
        true
    }

    /// The length of the signs that pad base64 behind a word.
    fn padding(&self, end: usize) -> usize {
        if self.bytes.get(end) == Some(&b'=') { padding(self.text.get(end..).unwrap_or_default()) } else { 0 }
    }

    /// Skips the shaft of an arrow right behind a token.
    fn skip_shaft(&mut self) {
        self.at += usize::from(self.rest(self.at).starts_with(b"->"));
    }

    /// The word that begins at `start` with a `run` whose stop may not end it; with the shaft of an arrow.
    fn odd_run(&self, start: usize, mut run: Run) -> Run {
        loop {
            let next = match self.bytes.get(run.end) {
                // As in "can't"; elsewhere it is a quotation mark.
                Some(b'\'') if self.is_inside(start, run.end, 1) => run.end + 1,
                Some(0x80..) => match char_at(self.text, run.end) {
                    Some('\u{2019}') if self.is_inside(start, run.end, 3) => run.end + 3,
                    Some(next) if !is_blank(next) && quotation_mark(next).is_none() => run.end + next.len_utf8(),
                    Some(_) | None => return run,
                },
                _ => return run,
            };
            let more = self.run(next);
            run = Run { end: more.end, telling: run.telling | more.telling };
        }
    }

    /// Whether the apostrophe of `n_bytes` at `at` has a letter or a digit on both sides, in the word that begins at `start`.
    fn is_inside(&self, start: usize, at: usize, n_bytes: usize) -> bool {
        let before = self.text.get(start..at).unwrap_or_default();
        let behind = self.text.get(at + n_bytes..).unwrap_or_default();
        let is_letter = |one: Option<char>| one.is_some_and(char::is_alphanumeric);
        (is_letter(before.chars().next_back()) || fold::run_before(before).contains('0'))
            && (is_letter(behind.chars().next()) || fold::run_behind(behind).contains('0'))
    }

    /// Whether a word ends with the shaft of the arrow whose head is at `end`; a hyphen alone is a word.
    fn ends_with_shaft(&self, start: usize, end: usize) -> bool {
        let word = self.text.get(start..end).unwrap_or_default();
        self.bytes.get(end) == Some(&b'>')
            && word.len() > 1
            && word.ends_with('-')
            && !fold::run_before(word).contains('0')
    }
}

/// Whether what stands right behind this token may make an address with it.
fn adjoins(last: &Token) -> bool {
    !last.is_any_mark() || last.is_mark(b':')
}

/// The stops that do not always end a word where they stand.
const MAY_GO_ON: [bool; 256] = {
    let mut may_go_on = [false; 256];
    may_go_on[b'\'' as usize] = true;
    may_go_on[b'>' as usize] = true;
    let mut byte = 0x80;
    while byte < 256 {
        may_go_on[byte] = true;
        byte += 1;
    }
    may_go_on
};

/// Whether a word is a path, also when what it says holds a `0`.
fn is_path(word: &str) -> bool {
    // Only of a word with one separator, what else is in it matters.
    let separators = word.bytes().filter(|byte| matches!(byte, b'/' | b'\\')).count();
    match separators {
        0 => false,
        1 if word.contains('0') => words::is_path(&fold::close(word)),
        _ => words::is_path(word),
    }
}

/// Whether a text counts as one byte.
fn is_one_byte(text: &str) -> bool {
    text.len() == 1 || (text.contains('0') && fold::run_before(text).len() == text.len())
}

/// The length of the signs that `behind` begins with, if they end a word.
fn padding(behind: &str) -> usize {
    let stripped = behind.trim_start_matches('=');
    let length = behind.len() - stripped.len();
    let ends = stripped.starts_with(|next| is_blank(next) || matches!(next, ',' | ';' | ')' | ']' | '}'));
    if length <= 2 && (ends || stripped.is_empty()) { length } else { 0 }
}

/// How far an address with a scheme or a query goes on.
fn address_length(rest: &str) -> usize {
    let end = rest.find(|next| is_blank(next) || matches!(next, '"' | '\'' | '`' | '<' | '>' | ')' | ']' | '}' | '|'));
    let address = &rest[..end.unwrap_or(rest.len())];
    address.trim_end_matches([',', ';', ':']).len()
}

fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// The mark of ASCII that means the same as a quotation mark of another form: `‘`, `’`, `“`, `”`, `«` and `»`.
fn quotation_mark(character: char) -> Option<u8> {
    match character {
        '\u{2018}' | '\u{2019}' => Some(b'\''),
        '\u{201c}' | '\u{201d}' | '\u{ab}' | '\u{bb}' => Some(b'"'),
        _ => None,
    }
}

/// Whether a character separates tokens and is not shown.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}

#[cfg(test)]
mod tests;
