//! Folds a message: the first, portable step of a signature.
//!
//! E-mail addresses and words that hold a digit become `0`; a code that tells which failure it was is kept behind a `0`
//! (`codes` says which). Equal, byte for byte, to replacing every leftmost match of [`EXPRESSION`] with [`REPLACEMENT`],
//! which RE2, Rust, Java and PCRE read alike; a law in the tests holds it to that.
//!
//! Most messages are folded sixty-four bytes at a step (`blocks`), with the processor's wide instructions where it has
//! them (`wide`); what has an `@`, or a word longer than that, byte by byte (`pass`). All ways give the same fold.

mod blocks;
mod codes;
mod pass;
#[cfg(target_arch = "x86_64")]
pub(in crate::ingest) mod wide;
#[cfg(target_arch = "x86_64")]
pub(in crate::ingest) mod widest;

pub(in crate::ingest) use blocks::Unsuited;
pub(super) use codes::{BEFORE, CODE, EXPRESSION, REPLACEMENT};
pub(super) use codes::{marker as code_marker, marker_at as code_marker_at};

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
#[inline]
pub(super) fn fold_part(text: &[u8], from: usize, to: usize, folded: &mut Vec<u8>) {
    let start = folded.len();
    let done = crate::ingest::wide::fold(text, from, to, folded)
        .unwrap_or_else(|| blocks::fold(text, from, to, folded, blocks::step));
    if done == Err(Unsuited) {
        folded.truncate(start);
        pass::fold(text.get(from..to).unwrap_or_default(), folded);
    }
}

/// How many bytes from there on may stand before the `@` of an address.
fn run_length(text: &[u8], at: usize) -> usize {
    text.get(at..).unwrap_or_default().iter().take_while(|byte| class(**byte) & LOCAL != 0).count()
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
