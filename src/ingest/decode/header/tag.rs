//! Takes off the writer where it stands right beside the level: Android's tags, and the channels of PHP's Monolog.

use super::{Peeler, is_name};
use crate::ingest::decode::level;

/// The longest tag, in bytes.
const TAG_BYTES: usize = 64;

impl<'a> Peeler<'a, '_> {
    /// `I/ActivityManager( 1702): message`, at the start of a line.
    pub(super) fn brief_tag(&mut self) {
        let [letter @ (b'V' | b'D' | b'I' | b'W' | b'E' | b'F'), b'/', ..] = self.text.as_bytes() else { return };
        let (letter, behind) = (*letter, self.text.get(2..).unwrap_or_default());
        let Some((tag, rest)) = behind.split_once('(').filter(|(tag, _)| tag.len() <= TAG_BYTES) else { return };
        let Some((process, message)) = rest.split_once("): ") else { return };
        let (name, number) = (tag.trim_end_matches(' '), process.trim_start_matches(' '));
        if !is_name(name) || number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        self.found.level = level::of_letter(letter);
        self.component(name);
        self.field("pid", number);
        self.at = self.text.len() - message.len();
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

    /// `production.ERROR:`, behind a time.
    pub(super) fn channel(&mut self, body: &'a str) -> Option<usize> {
        if self.found.level.is_some() || self.found.time.is_none() {
            return None;
        }
        let n = memchr::memchr(b' ', body.as_bytes())?;
        let word = body.get(..n)?.strip_suffix(':')?;
        let (channel, word) = word.rsplit_once('.').filter(|(channel, _)| is_name(channel))?;
        let is_shouted = word.bytes().all(|byte| byte.is_ascii_uppercase());
        self.found.level = Some(level::level_of_word(word).filter(|_| is_shouted)?);
        self.component(channel);
        Some(n)
    }
}
