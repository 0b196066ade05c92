//! Takes off levels, by the words and the marks that set them apart.

use super::Peeler;
use crate::ingest::Level;
use crate::ingest::decode::{clean, database, level, time};

impl Peeler<'_, '_> {
    /// `<Error>` and `(ERROR)`.
    pub(super) fn enclosed_level(&mut self, body: &str) -> Option<usize> {
        let close = if body.starts_with('<') { '>' } else { ')' };
        let (word, _) = clean::cut(body, 16).get(1..)?.split_once(close)?;
        let level = level::level_of_word(word)?;
        self.found.level = self.found.level.or(Some(level));
        Some(word.len() + 2)
    }

    /// `ERRO[2026-11-27T13:58:00Z]` at the start of a line, as logrus writes; tells whether there was one.
    pub(super) fn stamped_level(&mut self) -> bool {
        let found = || {
            let (word, rest) = clean::cut(self.text, 64).split_once('[')?;
            let level = level::level_of_word(word).filter(|_| word.bytes().all(|byte| byte.is_ascii_uppercase()))?;
            let (time, n) = time::leading(rest, self.context)
                .filter(|(_, n)| rest.get(*n..).is_some_and(|rest| rest.starts_with(']')))?;
            Some((level, time, word.len() + 1, n))
        };
        let Some((level, time, start, n)) = found() else { return false };
        (self.found.level, self.found.time) = (Some(level), Some(time));
        self.found.time_at = start..start + n;
        self.at = start + n + 1;
        true
    }

    /// A level word that stands for itself.
    pub(super) fn level_word(&mut self, body: &str) -> Option<usize> {
        if self.found.level.is_some() {
            return None;
        }
        let is_timed = self.found.time.is_some();
        let (level, n) = level_at(body, is_timed).or_else(|| self.level_mark(body).filter(|_| is_timed))?;
        self.found.level = Some(level);
        Some(n)
    }

    /// `W |`, and `ERROR/` in front of a writer that a bracket closes.
    fn level_mark(&self, body: &str) -> Option<(Level, usize)> {
        if let [letter, b' ', b'|', b' ', ..] = body.as_bytes() {
            return Some((level::of_letter(*letter).filter(|_| letter.is_ascii_uppercase())?, 1));
        }
        if let [letter, b'!', b' ', ..] = body.as_bytes() {
            return Some((level::of_letter(*letter).filter(|_| letter.is_ascii_uppercase())?, 2));
        }
        if let Some(behind) = body.strip_prefix("|-") {
            // Logback says of itself who does what.
            let (word, rest) = behind.split_once(" in ")?;
            let (writer, _) = rest.split_once(" - ").filter(|(writer, _)| !writer.contains(' '))?;
            return Some((level::level_of_word(word)?, word.len() + writer.len() + 9));
        }
        self.closing?;
        let (word, _) = clean::cut(body, 16).split_once('/')?;
        let level = level::level_of_word(word).filter(|_| word.bytes().all(|byte| byte.is_ascii_uppercase()))?;
        Some((level, word.len() + 1))
    }
}

/// Whether a text begins with a word that PostgreSQL writes in the place of a level, with its colon.
pub(super) fn names_companion(text: &str) -> bool {
    // Most words are none, which their first letters tell.
    matches!(text.as_bytes(), [b'D' | b'H' | b'Q' | b'C' | b'S' | b'L', b'A'..=b'Z', ..])
        && clean::cut(text, 16).split_once(": ").is_some_and(|(word, _)| database::is_companion(word))
}

/// A level word at the start of a text, and how much of the text it takes with its colon.
///
/// Words in small letters count only behind a time, and set off by more than a space.
pub(super) fn level_at(text: &str, timed: bool) -> Option<(Level, usize)> {
    let n = text.bytes().take(14).take_while(u8::is_ascii_alphabetic).count();
    let (word, behind) = text.split_at_checked(n)?;
    let level = level::level_of_word(word)?;
    let set_off = matches!(behind.as_bytes(), [b':' | b'\t', ..] | [b' ', b' ' | b'|' | b'-', ..]);
    let upper = word.bytes().all(|byte| byte.is_ascii_uppercase());
    let lower = word.bytes().all(|byte| byte.is_ascii_lowercase());
    let doubtful = || {
        const DOUBTFUL: [&str; 10] =
            ["fine", "config", "log", "note", "default", "success", "fail", "failure", "alert", "fault"];
        DOUBTFUL.iter().any(|doubtful| word.eq_ignore_ascii_case(doubtful))
    };
    let taken = if upper {
        set_off || ((behind.is_empty() || behind.starts_with([' ', '[', ']', ',', ')', '>'])) && !doubtful())
    } else {
        timed && set_off && (lower || !behind.starts_with(':'))
    };
    if !taken {
        return None;
    }
    if let Some(inside) = behind.strip_prefix('[') {
        // logrus counts the seconds since its start.
        let n_digits = inside.bytes().take_while(u8::is_ascii_digit).count();
        let ends = n_digits > 0 && inside.get(n_digits..).is_some_and(|rest| rest.starts_with(']'));
        return ends.then_some((level, n + n_digits + 2));
    }
    Some((level, if behind.starts_with(':') { n + 1 } else { n }))
}
