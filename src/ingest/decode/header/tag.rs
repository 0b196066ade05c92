//! Takes off the writer where it stands right beside the level: Android's tags, and the channels of PHP's Monolog.

use super::{Peeler, is_name, level_at};
use crate::ingest::decode::{clean, level};

/// The longest tag, in bytes.
const TAG_BYTES: usize = 64;

impl<'a> Peeler<'a, '_> {
    /// `I/ActivityManager( 1702): message`, at the start of a line.
    pub(super) fn brief_tag(&mut self) {
        self.at = self.brief_length(self.text).unwrap_or(0);
    }

    /// The same behind a time.
    pub(super) fn brief(&mut self, body: &'a str) -> Option<usize> {
        if self.found.level.is_some() { None } else { self.brief_length(body) }
    }

    fn brief_length(&mut self, text: &'a str) -> Option<usize> {
        let [letter @ (b'V' | b'D' | b'I' | b'W' | b'E' | b'F'), b'/', ..] = text.as_bytes() else { return None };
        let (letter, behind) = (*letter, text.get(2..)?);
        let (tag, rest) = behind.split_once('(').filter(|(tag, _)| tag.len() <= TAG_BYTES)?;
        let (process, message) = rest.split_once("): ")?;
        let (name, number) = (tag.trim_end_matches(' '), process.trim_start_matches(' '));
        if !is_name(name) || number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.found.level = level::of_letter(letter);
        self.component(name);
        self.field("pid", number);
        Some(text.len() - message.len())
    }

    /// `api.orders:` between a level that colons set off and the message right behind it: `:ERROR:api.orders:no stock`.
    pub(super) fn glued(&mut self, body: &'a str) -> Option<usize> {
        if self.found.time.is_none() || self.found.level.is_none() || self.found.component.is_some() {
            return None;
        }
        let is_glued = self.at > 0 && self.text.as_bytes().get(self.at - 1) == Some(&b':') && self.rest() == body;
        let (name, behind) = clean::cut(body, TAG_BYTES).split_once(':').filter(|_| is_glued)?;
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        let is_said = behind.starts_with(|first: char| first.is_alphabetic());
        if name.is_empty() || !name.bytes().all(is_part) || !is_said {
            return None;
        }
        self.component(name);
        Some(name.len() + 1)
    }

    /// The length of a tag with its colon, in front of which blanks may fill it up: `WindowManager: `; 0 where there is none.
    pub(super) fn tag(&mut self, body: &'a str) -> usize {
        let front = body.as_bytes().get(..TAG_BYTES).unwrap_or(body.as_bytes());
        let Some(colon) = front.iter().zip(front.iter().skip(1)).position(|pair| pair == (&b':', &b' ')) else {
            return 0;
        };
        let Some(name) = body.get(..colon).map(|tag| tag.trim_end_matches(' ')).filter(|name| is_name(name)) else {
            return 0;
        };
        self.component(name);
        colon + 1
    }

    /// `I NETWORK  [conn281] `, behind a time: the letter of a level and a component in capitals, as MongoDB wrote them.
    pub(super) fn lettered(&mut self, body: &'a str) -> Option<usize> {
        let [letter, second, ..] = body.as_bytes() else { return None };
        // It counts its levels of debugging.
        let n_letter = if second.is_ascii_digit() { 2 } else { 1 };
        let rest = body.get(n_letter..)?.strip_prefix(' ')?;
        let n = rest.bytes().take(TAG_BYTES).take_while(|byte| byte.is_ascii_uppercase() || *byte == b'-').count();
        let (name, behind) = rest.split_at_checked(n)?;
        let level = level::of_letter(*letter).filter(|_| letter.is_ascii_uppercase())?;
        let is_known = self.found.time.is_some() && self.found.level.is_none();
        if !is_known || n == 0 || !behind.trim_start_matches(' ').starts_with('[') || !behind.starts_with(' ') {
            return None;
        }
        self.found.level = Some(level);
        self.component(if name == "-" { "" } else { name });
        Some(n_letter + 1 + n)
    }

    /// `production.ERROR:`, behind a time; or `general: error:`.
    pub(super) fn channel(&mut self, body: &'a str) -> Option<usize> {
        if self.found.level.is_some() || self.found.time.is_none() {
            return None;
        }
        let n = memchr::memchr(b' ', body.as_bytes())?;
        let word = body.get(..n)?.strip_suffix(':')?;
        if let Some((level, n_level)) = level_at(body.get(n + 1..)?, true)
            && is_name(word)
            && body.get(n + n_level..)?.starts_with(':')
            && word.starts_with(|first: char| first.is_ascii_lowercase())
        {
            // As in `general: error: message` of BIND.
            self.found.level = Some(level);
            self.component(word);
            return Some(n + 1 + n_level);
        }
        let (channel, word) = word.rsplit_once('.').filter(|(channel, _)| is_name(channel))?;
        let is_shouted = word.bytes().all(|byte| byte.is_ascii_uppercase());
        self.found.level = Some(level::level_of_word(word).filter(|_| is_shouted)?);
        self.component(channel);
        Some(n)
    }
}

/// The word that a text begins with, where it may be the name of a logger and just as well begin a sentence: `root`.
pub(super) fn plain_name(text: &str) -> Option<&str> {
    let (word, _) = clean::cut(text, TAG_BYTES).split_once(' ')?;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (word.starts_with(|first: char| first.is_ascii_alphabetic()) && word.bytes().all(is_part)).then_some(word)
}
