//! Takes off levels, by the words and the marks that set them apart.

use super::{Peeler, is_name};
use crate::ingest::Level;
use crate::ingest::decode::{clean, database, level, time};
use crate::ingest::trace::place::is_number;

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
        let found = level_at(body, is_timed).or_else(|| self.level_mark(body).filter(|_| is_timed));
        let (level, n) = found.or_else(|| self.level_before_writer(body).filter(|_| is_timed))?;
        self.found.level = Some(level);
        Some(n)
    }

    /// `info vpxd[45715] `, `info [cpaneld] ` and `Warn Server: `, right behind a time: a level in small letters in front of
    /// who writes.
    fn level_before_writer(&self, body: &str) -> Option<(Level, usize)> {
        let (word, behind) = clean::cut(body, 96).split_once(' ')?;
        let is_word = word.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
        let level = level::level_of_word(word).filter(|_| is_word && word.len() > 2)?;
        let writer = behind.split(' ').next()?;
        let is_program = || {
            let (program, process) = writer.trim_end_matches(':').strip_suffix(']')?.split_once('[')?;
            Some(is_name(program) && is_number(process))
        };
        let is_writer = match writer.strip_prefix('[') {
            Some(inside) => inside.strip_suffix(']').is_some_and(is_name),
            None => {
                is_program().unwrap_or(false)
                    || writer
                        .strip_suffix(':')
                        .is_some_and(|name| is_name(name) && word.starts_with(|first: char| first.is_ascii_uppercase()))
            }
        };
        let is_alone = self.found.component.is_none() && self.found.fields.is_empty();
        (is_writer && is_alone).then_some((level, word.len()))
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

/// How much sets a time off from what follows: a colon or comma in front of a blank, or the colons in front of a level that
/// colons set off from what follows, too: `:ERROR:api:`.
pub(super) fn set_off(behind: &str) -> usize {
    match behind.as_bytes() {
        [b':' | b',', b' ', ..] => 1,
        [b':', b':' | b'A'..=b'Z', ..] => {
            let rest = behind.trim_start_matches(':');
            let word = clean::cut(rest, 16).split_once(':').map_or("", |(word, _)| word);
            let is_shouted = word.bytes().all(|byte| byte.is_ascii_uppercase());
            if is_shouted && level::level_of_word(word).is_some() { behind.len() - rest.len() } else { 0 }
        }
        _ => 0,
    }
}

/// Whether a level stands at the start of a text, perhaps in brackets, behind words of a header. Behind one that is plain, as
/// a sentence may begin with it, only a word in capitals that stands for itself is one; see [`tag::plain_name`](super::tag).
pub(super) fn begins_with_level(text: &str, plain: Option<&str>) -> bool {
    if let Some(name) = plain {
        let Some((level, n)) = level_at(text, false) else { return false };
        let is_padded = text.get(n..).is_some_and(|rest| rest.starts_with("  ") || rest.starts_with(" - "));
        // As in "Connection ERROR while reading".
        let is_sentence = name.starts_with(|first: char| first.is_ascii_uppercase())
            && !name.bytes().skip(1).any(|byte| byte.is_ascii_uppercase())
            && level >= Level::Error;
        return is_padded || !is_sentence;
    }
    let in_group = text.strip_prefix('[').is_some_and(|rest| {
        let inside = clean::cut(rest, 16).split_once(']').map_or("", |(inside, _)| inside);
        level_at(rest, false).is_some() || level::level_of_word(inside.trim()).is_some()
    });
    in_group || level_at(text, false).is_some() || names_companion(text)
}

/// The level that a word in small letters says right behind a time: `error Server failed`. It may be part of a sentence and
/// so stays in the message.
pub(in crate::ingest::decode) fn spoken(message: &str) -> Option<Level> {
    const SPOKEN: [&str; 9] = ["trace", "debug", "info", "notice", "warn", "warning", "error", "fatal", "critical"];
    let (word, behind) = message.split_once(' ')?;
    level::level_of_word(word).filter(|_| SPOKEN.contains(&word) && !behind.is_empty())
}

/// Whether a text begins with a word that PostgreSQL writes in the place of a level, with its colon.
fn names_companion(text: &str) -> bool {
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
    Some((level, n + behind.bytes().take(2).take_while(|byte| *byte == b':').count()))
}
