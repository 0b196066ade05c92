//! Takes the header off a plain line, whatever program wrote it: time, level, process, thread, component.
//!
//! Goes from left to right over what can only be a header (times, level words, bracketed groups, separators, names
//! with a colon), and stops at the first thing that may be said. Knows no program's words.

mod braces;
mod columns;
mod levels;
mod numbers;
mod tag;

use std::ops::Range;

use smallvec::SmallVec;

use super::access::is_address;
use super::{Context, level, time};
use crate::ingest::Level;
use crate::ingest::trace::place::is_number;
use crate::units::Timestamp;
pub(super) use levels::spoken;
use levels::{begins_with_level, level_at, set_off};

/// The longest bracketed group of a header, in bytes.
const GROUP_BYTES: usize = 256;
/// The most steps over a header; what comes behind is message.
const STEPS: usize = 14;
/// How far the level may be from the time, in words and bytes.
const AHEAD: (usize, usize) = (5, 160);

/// A header, and where the message behind it begins.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Peeled<'a> {
    pub(super) time: Option<Timestamp>,
    pub(super) level: Option<Level>,
    pub(super) component: Option<&'a str>,
    pub(super) fields: SmallVec<[(&'static str, &'a str); 4]>,
    /// Where the time is that the line begins with, perhaps behind a bracket.
    pub(super) time_at: Range<usize>,
    pub(super) body_at: usize,
}

/// Finds the header of a line; an empty one when nothing tells for sure that there is one.
pub(super) fn peel<'a>(text: &'a str, context: &Context) -> Peeled<'a> {
    let mut peeler = Peeler { text, context, at: 0, closing: None, found: Peeled::default() };
    peeler.start();
    for _ in 0..STEPS {
        if !peeler.step() {
            break;
        }
    }
    let Peeler { at, mut found, .. } = peeler;
    if found.time.is_none() && found.level.is_none() {
        return Peeled::default();
    }
    // A line that is nothing but header says its header.
    let is_empty = text.get(at..).is_none_or(|rest| rest.trim().is_empty());
    found.body_at = if is_empty && found.time.is_none() { 0 } else { at };
    found
}

struct Peeler<'a, 'c> {
    text: &'a str,
    context: &'c Context,
    /// Behind the header as far as it is known.
    at: usize,
    /// The bracket around the whole header, when one is open.
    closing: Option<u8>,
    found: Peeled<'a>,
}

impl<'a> Peeler<'a, '_> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Finds the time at or near the start of the line.
    fn start(&mut self) {
        self.brief_tag();
        if self.found.level.is_some() {
            return;
        }
        if let Some(time_at) = self.time_here() {
            self.found.time_at = time_at;
            if self.closing.is_none() {
                self.columns();
                self.database();
            }
            return;
        }
        if self.stamped_level() || self.ticks() {
            return;
        }
        let mut end = 0;
        for n in 0..3 {
            let rest = self.text.get(end..).unwrap_or_default();
            let Some(word) = prefix_word(rest, n == 0).or_else(|| separator(rest).filter(|_| n > 0)) else { return };
            let blanks = rest.get(word..).map_or(0, |rest| rest.len() - rest.trim_start_matches(' ').len());
            if blanks == 0 {
                return;
            }
            end += word + blanks;
            let dated = self.text.get(end..).is_some_and(has_date);
            if !dated {
                continue;
            }
            self.at = end;
            if self.time_here().is_some() {
                self.prefix(end);
                return;
            }
            self.at = 0;
        }
    }

    /// Takes in what stood in front of the time.
    fn prefix(&mut self, end: usize) {
        for word in self.text.get(..end).unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
            let bare = word.trim_matches(['[', ']', '<', '>', '(', ')', ':', ',']);
            match level::level_of_word(bare) {
                Some(level) => self.found.level = self.found.level.or(Some(level)),
                None if bare == "-" => {}
                None if !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit()) => self.field("pid", bare),
                None => self.field("source", bare),
            }
        }
    }

    /// Passes a time, perhaps in brackets, which may hold more of the header behind it.
    fn time_here(&mut self) -> Option<Range<usize>> {
        let rest = self.rest();
        let (open, close) = match rest.bytes().next() {
            Some(b'[') => (1, Some(b']')),
            Some(b'(') => (1, Some(b')')),
            _ => (0, None),
        };
        let inside = rest.get(open..).unwrap_or_default();
        let inside = inside.trim_start_matches(if open == 1 { ' ' } else { '\0' });
        let blanks = rest.len() - open - inside.len();
        let (time, n) = time::leading(inside, self.context)?;
        self.found.time = self.found.time.or(Some(time));
        let start = self.at + open + blanks;
        self.at = start + n;
        if let Some(close) = close {
            if self.rest().bytes().next() == Some(close) { self.at += 1 } else { self.closing = Some(close) }
        }
        self.at += set_off(self.rest());
        Some(start..start + n)
    }

    /// Passes one more part of the header; says whether there was one.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let body = rest.trim_start_matches([' ', '\t']);
        let blanks = rest.len() - body.len();
        let Some(first) = body.bytes().next() else { return false };
        if Some(first) == self.closing {
            self.closing = None;
            self.at += blanks + 1;
            return true;
        }
        let known = self.found.time.is_some() || self.found.level.is_some();
        let passed = match first {
            b'|' | b'-' | b':' | b'*' if known => separator(body),
            b'[' => self.group(body, b']'),
            b'<' => self.enclosed_level(body).or_else(|| self.erlang_process(body)),
            b'(' => self.parentheses(body, blanks),
            b'{' => self.braces(body),
            b'0'..=b'9' => self.number(body),
            _ => None,
        };
        let passed = passed
            .or_else(|| self.channel(body))
            .or_else(|| self.spans(body))
            .or_else(|| self.request(body))
            .or_else(|| self.brief(body).or_else(|| self.lettered(body)))
            .or_else(|| self.column_of_source(body, blanks))
            .or_else(|| self.level_word(body).or_else(|| self.glued(body)))
            .or_else(|| self.module_and_thread(body))
            .or_else(|| self.ahead(body))
            .or_else(|| self.name(body));
        let Some(n) = passed else { return false };
        self.at += blanks + n;
        true
    }

    /// `[...]`: a time, a level, a process, a module with a level, or who else wrote it.
    fn group(&mut self, body: &'a str, close: u8) -> Option<usize> {
        let end = closing(body, close)?;
        let inside = body.get(1..end)?.trim();
        if inside.is_empty() && self.found.component.is_some() && body.get(end + 1..)?.starts_with(" - ") {
            // Log4j's context, with nothing in it.
            return Some(end + 1);
        }
        let is_said = || {
            let bytes = inside.as_bytes();
            memchr::memchr(b'"', bytes).is_some() || bytes.windows(2).any(|pair| pair == b", ")
        };
        if inside.is_empty() || inside.len() > GROUP_BYTES || is_said() {
            return None;
        }
        if let Some((time, n)) = time::leading(inside, self.context).filter(|(_, n)| inside.len() - n <= 8) {
            self.found.time = self.found.time.or(Some(time));
            let behind = inside.get(n..).unwrap_or_default().trim();
            self.field("pid", behind.trim_start_matches('#'));
            return Some(end + 1);
        }
        let word = inside.rsplit_once(':').map_or(inside, |(_, word)| word);
        let level = level::level_of_word(word).or_else(|| match inside.as_bytes() {
            [letter] => level::of_letter(*letter),
            _ => None,
        });
        if let (Some(level), None) = (level, self.found.level) {
            self.found.level = Some(level);
            if let Some((module, _)) = inside.rsplit_once(':') {
                self.component(module);
            }
            return Some(end + 1);
        }
        let process = inside.strip_prefix("pid ").unwrap_or(inside);
        if process.bytes().next()?.is_ascii_digit() && process.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        {
            self.field("pid", process);
        } else if let Some(at) = memchr::memmem::find(process.as_bytes(), b":tid ") {
            self.field("pid", process.get(..at).unwrap_or_default());
        } else if let Some(client) = inside.strip_prefix("client ") {
            self.field("client", client);
        } else {
            let named = self.found.fields.iter().any(|(name, _)| *name == "thread");
            self.field(if named { "context" } else { "thread" }, inside);
        }
        Some(end + 1)
    }

    /// A second time, Spring's `1 ---`, nginx's `12#34:`.
    fn number(&mut self, body: &'a str) -> Option<usize> {
        if self.found.time.is_some()
            && has_date(body)
            && let Some((_, n)) = time::leading(body, self.context)
        {
            return Some(n);
        }
        self.found.level?;
        let n = body.bytes().take_while(u8::is_ascii_digit).count();
        let behind = body.get(n..)?;
        if behind.starts_with(" --- ") {
            self.field("pid", body.get(..n)?);
            return Some(n + 4);
        }
        let tail = behind.strip_prefix('#')?;
        let n_thread = tail.bytes().take_while(u8::is_ascii_digit).count();
        tail.get(n_thread..)?.strip_prefix(": ")?;
        self.field("pid", body.get(..n)?);
        Some(n + n_thread + 2)
    }

    /// Words between the time and a level that follows soon: they are process, host, thread or component.
    fn ahead(&mut self, body: &'a str) -> Option<usize> {
        if self.found.level.is_some() || self.found.time.is_none() {
            return None;
        }
        let (n_words, n_bytes) = AHEAD;
        let mut at = 0;
        let mut words: SmallVec<[&str; AHEAD.0]> = SmallVec::new();
        let mut plain = None;
        for _ in 0..n_words {
            let rest = body.get(at..)?;
            let technical = prefix_word(rest, true).or_else(|| separator(rest).map(|n| n.min(rest.len())));
            let n = match technical {
                Some(n) => n,
                None if plain.is_some() => return None,
                None => plain.insert(tag::plain_name(rest)?).len(),
            };
            // As in `[17]: NOTICE`.
            let n = n + usize::from(rest.starts_with('[') && rest.get(n..)?.starts_with(": "));
            let word = rest.get(..n)?;
            words.push(word);
            let behind = rest.get(n..)?;
            let next = behind.trim_start_matches([' ', '\t']);
            at += n + behind.len() - next.len();
            if behind.len() == next.len() || at > n_bytes {
                return None;
            }
            let n_numbers = words.iter().filter(|word| word.bytes().all(|byte| byte.is_ascii_digit())).count();
            let is_letter = n_numbers == 2 && next.as_bytes().get(1) == Some(&b' ');
            let is_level = begins_with_level(next, plain)
                || (is_letter && next.bytes().next().and_then(level::of_letter).is_some());
            if !is_level {
                continue;
            }
            self.take_words(&words);
            if is_letter {
                self.found.level = next.bytes().next().and_then(level::of_letter);
                let tagged = next.get(2..).unwrap_or_default();
                at += 1 + Some(self.tag(tagged)).filter(|n| *n > 0).map_or(0, |n| n + 1);
            }
            return Some(at);
        }
        None
    }

    fn take_words(&mut self, words: &[&'a str]) {
        for word in words {
            let bare = word.trim_matches(['[', ']', '(', ')', ':', ',']);
            if bare.bytes().all(|byte| byte.is_ascii_digit()) && !bare.is_empty() {
                let named = self.found.fields.iter().any(|(name, _)| *name == "pid");
                self.field(if named { "thread" } else { "pid" }, bare);
            } else if word.starts_with('[') {
                self.field("thread", bare);
            } else if bare.contains('=') {
                self.field("context", bare);
            } else if is_address(bare) {
                self.field("client", bare);
            } else if bare.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
                self.component(bare);
            }
        }
    }

    /// The name of the writer: set off by a colon or dash, or a class name.
    fn name(&mut self, body: &'a str) -> Option<usize> {
        let n = memchr::memchr2(b' ', b'\t', body.as_bytes()).unwrap_or(body.len());
        let word = body.get(..n).filter(|word| word.len() <= GROUP_BYTES)?;
        let behind = body.get(n..)?;
        let leveled = self.found.level.is_some();
        if let Some(earlier) = self.found.component
            && behind.starts_with('\t')
            && is_class(word)
        {
            // In columns, the thread stands in front of the logger.
            self.field("thread", earlier);
            self.found.component = Some(word);
            return Some(n);
        }
        if self.found.component.is_some() || !(leveled || self.found.time.is_some()) {
            return self.caller(word, behind);
        }
        if let Some(closing) = self.closing {
            let name = word.strip_suffix(char::from(closing))?;
            self.component(name);
            return Some(name.len());
        }
        if let Some(n) = self.caller(word, behind) {
            return Some(n);
        }
        if let Some(name) = word.strip_suffix(':') {
            let dotted = name.contains('.') || name.contains("::") || name.contains('[');
            let plain = self.found.time.is_some()
                && leveled
                && name.starts_with(|c: char| c.is_ascii_lowercase())
                && says_something(behind);
            if is_name(name) && !is_exception(name) && (plain || (dotted && (leveled || name.ends_with(']')))) {
                self.writer(name);
                return Some(n);
            }
            return None;
        }
        if !leveled || !is_name(word) || is_exception(word) {
            return None;
        }
        let set_off = behind.starts_with(" - ") || behind.starts_with(" : ") || behind.starts_with(" | ");
        let class = word.rsplit_once('.').is_some_and(|(package, class)| {
            package.starts_with(|c: char| c.is_ascii_alphabetic())
                && package.contains('.')
                && (class.starts_with(|c: char| c.is_ascii_uppercase())
                    || behind.starts_with(" [")
                    || self.is_method_of(package))
        });
        // In front of fields, it is what was said.
        let tabbed = behind.starts_with('\t') && !behind.starts_with("\t{\"") && self.found.time.is_some();
        let located = word.contains('.') && (behind.starts_with(" [") || behind.starts_with(" ("));
        let aligned = behind.trim_start().strip_prefix(": ").is_some();
        let numbered = word.strip_suffix(']').and_then(|word| word.split_once('[')).is_some_and(|(_, n)| is_number(n));
        (set_off || class || tabbed || located || aligned || numbered).then(|| self.writer(word)).map(|()| n)
    }

    fn writer(&mut self, name: &'a str) {
        match name.split_once('[') {
            Some((program, process)) => {
                self.component(program);
                self.field("pid", process.trim_end_matches(']'));
            }
            None => self.component(name),
        }
    }

    fn component(&mut self, name: &'a str) {
        if self.found.component.is_none() && !name.is_empty() {
            self.found.component = Some(name);
        } else {
            self.field("program", name);
        }
    }

    fn field(&mut self, name: &'static str, value: &'a str) {
        if !value.is_empty() {
            self.found.fields.push((name, value));
        }
    }
}

/// Whether a word of three letters or more, without a digit, is in a text: what stands before is then no message itself.
fn says_something(text: &str) -> bool {
    text.split_ascii_whitespace().any(|word| {
        let n_letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
        n_letters >= 3 && !word.bytes().any(|byte| byte.is_ascii_digit())
    })
}

/// The length of a word that may stand in front of a time or a level: a group, a number, a technical name, a level.
pub(super) fn prefix_word(text: &str, technical: bool) -> Option<usize> {
    if text.starts_with('[') {
        return closing(text, b']').filter(|end| *end <= GROUP_BYTES).map(|end| end + 1);
    }
    let n = memchr::memchr2(b' ', b'\t', text.as_bytes())?;
    let word = text.get(..n).filter(|word| !word.is_empty() && word.len() <= GROUP_BYTES)?;
    let bare = word.trim_end_matches([':', ',']);
    if word.bytes().all(|byte| byte.is_ascii_digit()) || is_address(word) {
        return Some(n);
    }
    let telling =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'/' | b'@' | b'$' | b'#' | b':' | b'-');
    // As in `request_id=F1abc`.
    let is_pair = |(key, value): (&str, &str)| is_name(key) && !value.is_empty() && !value.contains(['"', '=']);
    if technical && word.split_once('=').is_some_and(is_pair) {
        return Some(n);
    }
    let name = technical
        && is_name(bare)
        && (bare.bytes().any(telling) || text.get(n..).is_some_and(|rest| rest.starts_with(" - ")));
    (name || level::level_of_word(bare.trim_matches(['<', '>', '(', ')'])).is_some()).then_some(n)
}

fn is_name(word: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.$:/-@#[]<>*".contains(&byte);
    word.bytes().all(is_part) && word.bytes().any(|byte| byte.is_ascii_alphabetic()) && !word.starts_with('-')
}

/// Whether a word is a class in a package.
fn is_class(word: &str) -> bool {
    let class = word.rsplit_once('.').filter(|(package, _)| package.contains('.')).map_or("", |(_, class)| class);
    is_name(word) && class.starts_with(|first: char| first.is_ascii_uppercase())
}

fn is_exception(name: &str) -> bool {
    ["Error", "Exception", "Throwable", "Warning"].iter().any(|end| name.ends_with(end))
}

/// Whether a time at the start of this text would have a date.
fn has_date(text: &str) -> bool {
    let text = text.trim_start_matches('[').as_bytes();
    let digit = |n: usize| text.get(n).is_some_and(u8::is_ascii_digit);
    (digit(0) && digit(1) && !matches!(text.get(2), Some(b':')) && (!digit(2) || digit(3)))
        || text.first().is_some_and(u8::is_ascii_uppercase)
}

/// A dash or bar that stands alone, or Spring's three dashes.
fn separator(text: &str) -> Option<usize> {
    let n = text.bytes().take(3).take_while(|byte| matches!(byte, b'-' | b'|' | b':' | b'*')).count();
    let behind = text.get(n..)?;
    if n == 1 && text.starts_with('*') {
        // nginx numbers its connections.
        let n_digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        return (n_digits > 0).then_some(n + n_digits);
    }
    let alone = behind.starts_with([' ', '\t']) && (n == 1 || text.starts_with("---") || text.starts_with("--"));
    alone.then_some(n)
}

/// The place of the bracket that closes the first one, counting those between.
fn closing(text: &str, close: u8) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in text.bytes().take(GROUP_BYTES + 2).enumerate() {
        if byte == b'[' {
            depth += 1;
        } else if byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}
