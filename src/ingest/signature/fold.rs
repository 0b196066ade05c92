//! Folds a message: the first, portable step of a signature.
//!
//! E-mail addresses and words that hold a digit become `0`; a code that tells which failure it was is kept behind a `0`
//! (`codes` says which). Equal, byte for byte, to replacing every leftmost match of [`EXPRESSION`] with [`REPLACEMENT`],
//! which RE2, Rust, Java and PCRE read alike; a law in the tests holds it to that.
//!
//! Most messages are folded sixty-four bytes at a step (`blocks`), with the processor's wide instructions where it has
//! them (`wide`); what has an `@`, or a word longer than that, byte by byte. All ways give the same fold.

mod blocks;
mod codes;
#[cfg(target_arch = "x86_64")]
pub(in crate::ingest) mod wide;

use std::ops::Range;

pub(in crate::ingest) use blocks::Unsuited;
pub(super) use codes::marker as code_marker;
pub(super) use codes::{EXPRESSION, REPLACEMENT};

/// The byte is part of a word: a letter, a digit, `_` or `-`.
const WORD: u8 = 1;
/// The byte may stand before the `@` of an address.
const LOCAL: u8 = 2;
/// The byte may stand behind the `@` of an address.
const DOMAIN: u8 = 4;
/// The byte is a digit.
const DIGIT: u8 = 8;

/// What each byte may be part of.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let digit = if (byte as u8).is_ascii_digit() { DIGIT } else { 0 };
        classes[byte] = digit
            | match byte as u8 {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' => WORD | LOCAL | DOMAIN,
                b'_' => WORD | LOCAL,
                b'.' => LOCAL | DOMAIN,
                b'%' | b'+' => LOCAL,
                _ => 0,
            };
        byte += 1;
    }
    classes
};

fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

/// The fold of a message: e-mails and words that hold a digit become `0`.
///
/// Linear in the length of the message, for any bytes.
#[must_use]
pub fn fold(message: &[u8]) -> Vec<u8> {
    let mut folded = Vec::with_capacity(message.len());
    fold_into(message, &mut folded);
    folded
}

/// Appends the fold of a message.
pub(super) fn fold_into(message: &[u8], folded: &mut Vec<u8>) {
    fold_part(message, 0, message.len(), folded);
}

/// Appends the fold of the message `text[from..to]`; what stands around it has no influence.
pub(super) fn fold_part(text: &[u8], from: usize, to: usize, folded: &mut Vec<u8>) {
    let start = folded.len();
    let done = crate::ingest::wide::fold(text, from, to, folded)
        .unwrap_or_else(|| blocks::fold(text, from, to, folded, blocks::portable));
    if done == Err(Unsuited) {
        folded.truncate(start);
        fold_bytes(text.get(from..to).unwrap_or_default(), folded);
    }
}

/// Appends the fold of a message, byte by byte.
fn fold_bytes(message: &[u8], folded: &mut Vec<u8>) {
    let mut folding = Folding { message, kept: 0, free: 0, folded };
    let mut at = 0;
    while at < message.len() {
        let rest = message.get(at..).unwrap_or_default();
        let start = at + rest.iter().take_while(|byte| class(**byte) & LOCAL == 0).count();
        let mut seen = 0;
        let run = message.get(start..).unwrap_or_default();
        let length = run.iter().take_while(|byte| {
            let class = class(**byte);
            let belongs = class & LOCAL != 0;
            seen |= if belongs { class } else { 0 };
            belongs
        });
        let end = start + length.count();
        at = end;
        if end > start && message.get(end) == Some(&b'@') {
            let domain = message.get(end + 1..).unwrap_or_default();
            let length = domain.iter().take_while(|byte| class(**byte) & DOMAIN != 0).count();
            if length > 0 {
                at = end + 1 + length;
                folding.replace(start..at, at);
                continue;
            }
        }
        if seen & DIGIT != 0 {
            at = folding.run(start, end).max(end);
        }
    }
    let Folding { kept, folded, .. } = folding;
    folded.extend_from_slice(message.get(kept..).unwrap_or_default());
}

/// A message that is being folded.
struct Folding<'m, 'f> {
    message: &'m [u8],
    /// All before is written; what lies between it and the next value is written in one piece.
    kept: usize,
    /// Where the next match may begin.
    free: usize,
    folded: &'f mut Vec<u8>,
}

impl Folding<'_, '_> {
    /// Writes `0` in place of a value; the match ended at `free`.
    fn replace(&mut self, value: Range<usize>, free: usize) {
        self.folded.extend_from_slice(self.message.get(self.kept..value.start).unwrap_or_default());
        self.folded.push(b'0');
        (self.kept, self.free) = (value.end, free);
    }

    /// Folds the words of a run in which no address begins; returns where the last match ended.
    fn run(&mut self, start: usize, end: usize) -> usize {
        if let Some(free) = codes::status(self.message, start, end, self.free) {
            self.replace(start..end, free);
            return free;
        }
        let run = self.message.get(start..end).unwrap_or_default();
        let mut at = start;
        for word in run.split(|byte| class(*byte) & WORD == 0) {
            let word_end = at + word.len();
            if word.iter().any(u8::is_ascii_digit) {
                match codes::code(self.message, at, word_end, self.free) {
                    // The marker stands in place of the one that an earlier fold put there.
                    Some(code) => self.replace(at..code.start, code.end),
                    None => self.replace(at..word_end, word_end),
                }
            }
            at = word_end + 1;
        }
        self.free
    }
}

/// Makes folding stable: every run of the bytes of an address that holds a `0` becomes that `0`.
///
/// Folding twice is not always folding once (`a@_1` gives `a@0`, and that gives `0`). After this step
/// there is no difference left, because folding changes nothing but runs that hold a `0`, and leaves
/// one in each.
pub(super) fn close(folded: &str) -> String {
    let mut closed = String::with_capacity(folded.len());
    let mut rest = folded;
    while !rest.is_empty() {
        let (outside, from_run) = rest.split_at(rest.bytes().take_while(|byte| !is_run(*byte)).count());
        let run = run_behind(from_run);
        closed.push_str(outside);
        let is_value = run.contains('0') && code_marker(run.as_bytes()).is_none();
        closed.push_str(if is_value { "0" } else { run });
        rest = &from_run[run.len()..];
    }
    closed
}

/// Whether a byte may be part of an address.
fn is_run(byte: u8) -> bool {
    class(byte) & LOCAL != 0 || byte == b'@'
}

/// The bytes of an address that a text ends with.
pub(super) fn run_before(text: &str) -> &str {
    &text[text.len() - text.bytes().rev().take_while(|byte| is_run(*byte)).count()..]
}

/// The bytes of an address that a text begins with.
pub(super) fn run_behind(text: &str) -> &str {
    &text[..text.bytes().take_while(|byte| is_run(*byte)).count()]
}

#[cfg(test)]
mod tests;
