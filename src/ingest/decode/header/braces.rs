//! Takes off what braces and parentheses hold: the place or the query that a line is about, the spans that it was written
//! in, and the thread behind a logger.

use super::{GROUP_BYTES, Peeler, is_name, level_at};
use crate::ingest::decode::{clean, level};

/// The longest name of a thread, in bytes.
const THREAD_BYTES: usize = 64;

impl<'a> Peeler<'a, '_> {
    /// `{taskinstance.py:12}` of Airflow and `{query}` of ClickHouse, between a time and a level.
    pub(super) fn braces(&mut self, body: &'a str) -> Option<usize> {
        if self.found.time.is_none() || self.found.level.is_some() {
            return None;
        }
        let (inside, behind) = clean::cut(body, GROUP_BYTES).strip_prefix('{')?.split_once('}')?;
        let next = behind.strip_prefix(' ')?.trim_start_matches(' ');
        let enclosed = next.strip_prefix('<').and_then(|rest| rest.split_once('>'));
        let is_level = |(word, _): (&str, &str)| level::level_of_word(word).is_some();
        if inside.contains([' ', '"', '{']) || !(enclosed.is_some_and(is_level) || level_at(next, false).is_some()) {
            return None;
        }
        self.field(if inside.contains(".py:") { "caller" } else { "context" }, inside);
        Some(inside.len() + 2)
    }

    /// `request{id=12}:handler{name=x}: ` of Rust's tracing, behind time and level.
    pub(super) fn spans(&mut self, body: &'a str) -> Option<usize> {
        if self.found.time.is_none() || self.found.level.is_none() {
            return None;
        }
        let front = clean::cut(body, GROUP_BYTES);
        let mut at = 0;
        loop {
            let rest = front.get(at..)?;
            let n = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte)).count();
            let fields = rest.get(n..)?;
            if n > 0 && fields.starts_with('{') {
                at += n + end_of_braces(fields)?;
                at += usize::from(front.get(at..)?.starts_with(':'));
            } else if at > 0 && front.get(..at)?.ends_with(':') && rest.starts_with(' ') {
                self.field("spans", body.get(..at - 1)?);
                return Some(at);
            } else {
                return None;
            }
        }
    }

    /// What parentheses hold: a level, a place, a thread, a process.
    pub(super) fn parentheses(&mut self, body: &'a str, blanks: usize) -> Option<usize> {
        let found = self.enclosed_level(body).or_else(|| self.place(body));
        found.or_else(|| self.thread(body, blanks)).or_else(|| self.process(body))
    }

    /// `(File.java:12)` behind a component.
    fn place(&mut self, body: &'a str) -> Option<usize> {
        let (inside, _) = body.strip_prefix('(')?.split_once(')')?;
        let (file, line) = inside.rsplit_once(':')?;
        let is_place = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()) && !file.contains(' ');
        (is_place && self.found.component.is_some() && inside.len() < GROUP_BYTES).then(|| {
            self.field("caller", inside);
            inside.len() + 2
        })
    }

    /// `(17):`, `(api/17):` and `(17 on host):` behind a level, as pino-pretty writes.
    fn process(&mut self, body: &'a str) -> Option<usize> {
        let (inside, _) = clean::cut(body, GROUP_BYTES).strip_prefix('(')?.split_once("): ")?;
        let front = inside.split_once(" on ").map_or(inside, |(front, _)| front);
        let process = front.rsplit('/').next()?;
        let is_it = !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit());
        if self.found.time.is_none() || self.found.level.is_none() || !is_it || front.contains(' ') {
            return None;
        }
        self.field("pid", process);
        Some(inside.len() + 3)
    }

    /// `(main)` behind the name of a logger in brackets, as JBoss and Quarkus write it.
    fn thread(&mut self, body: &'a str, blanks: usize) -> Option<usize> {
        let (inside, behind) = clean::cut(body, THREAD_BYTES).strip_prefix('(')?.split_once(')')?;
        let front = self.text.get(..self.at)?;
        let is_thread = inside.contains('-') && inside.bytes().any(|byte| byte.is_ascii_digit()) && is_name(inside);
        if self.found.level.is_some() && front.ends_with(char::is_uppercase) && is_thread && behind.starts_with(" [") {
            // Right behind the level, as Solr writes.
            self.field("thread", inside);
            return Some(inside.len() + 2);
        }
        let (_, logger) = front.strip_suffix(']')?.rsplit_once('[')?;
        let is_it = self.found.level.is_some() && blanks == 1 && logger.contains('.') && is_name(logger);
        if !is_it || inside.is_empty() || !behind.starts_with(' ') || inside.contains(['(', '"', '=']) {
            return None;
        }
        self.found.fields.retain(|(_, value)| *value != logger);
        self.component(logger);
        self.field("thread", inside);
        Some(inside.len() + 2)
    }
}

/// Behind the brace that closes the first one.
fn end_of_braces(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at + 1),
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}
