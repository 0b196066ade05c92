//! Remembers the signatures of stack traces, because the same one comes again with other values in its messages.
//!
//! Input: the text of a trace. Output: the signature that reading it would come to, where one with the same form was read
//! before.
//!
//! Pure in what it tells, and bounded. Two texts have the same form when they differ but in digits: of numbers, of words of
//! messages that can be no type and no place, and behind colons in the places of calls. There stand values of messages and
//! numbers of lines, and neither enters those signatures that are remembered. How a trace is read depends on where these
//! numbers stand, and not on what they are.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::Signature;

/// A longer text is not kept.
const TEXT_BYTES: usize = 16 * 1024;
/// What an entry takes beside its texts.
const ENTRY_BYTES: usize = 128;
/// A longer number may be too large to be one, and so is kept as it is.
const DIGITS: usize = 9;

/// The signatures that were read lately.
#[derive(Debug)]
pub(super) struct Traces {
    known: HashMap<Box<[u8]>, Signature, RandomState>,
    /// The form that was asked for last.
    form: Vec<u8>,
    n_bytes: usize,
    /// Bytes that are kept at most; beyond, all are dropped.
    most_bytes: usize,
}

impl Traces {
    /// Keeps so many bytes of forms and templates at most.
    pub(super) fn new(most_bytes: usize) -> Self {
        Self { known: HashMap::default(), form: Vec::new(), n_bytes: 0, most_bytes }
    }

    /// The signature of a text, where one of its form was noted.
    pub(super) fn of(&mut self, text: &str) -> Option<&Signature> {
        self.form.clear();
        if text.len() <= TEXT_BYTES {
            write_form(text, &mut self.form);
        }
        self.known.get(self.form.as_slice())
    }

    /// Notes the signature of the text that was asked for last, of which no message enters it.
    pub(super) fn note(&mut self, signature: &Signature) {
        if self.form.is_empty() {
            return;
        }
        self.n_bytes += self.form.len() + signature.template.len() + ENTRY_BYTES;
        if self.n_bytes > self.most_bytes {
            self.known.clear();
            self.n_bytes = 0;
            return;
        }
        self.known.insert(self.form.as_slice().into(), signature.clone());
    }
}

fn write_form(text: &str, form: &mut Vec<u8>) {
    // A header that all lines share is told by its length. None do where the first two differ at once.
    let mut begins = text.split('\n').filter(|line| !line.is_empty()).filter_map(|line| line.bytes().next());
    let is_apart = match (begins.next(), begins.next()) {
        (Some(first), Some(second)) => first != second && !(first.is_ascii_digit() && second.is_ascii_digit()),
        (_, _) => false,
    };
    for line in text.split_inclusive('\n') {
        // PHP numbers its calls, and does not indent them.
        if line.starts_with('#') {
            form.extend_from_slice(line.as_bytes());
            continue;
        }
        let is_indented = line.starts_with([' ', '\t']);
        let mut rest = line.as_bytes();
        while !rest.is_empty() {
            let n = rest.iter().position(|byte| *byte == b' ').map_or(rest.len(), |at| at + 1);
            let (word, behind) = rest.split_at(n);
            rest = behind;
            let is_number = !word.iter().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
            match word {
                // The number of a call in Rust.
                [.., b':', b' '] if is_indented => form.extend_from_slice(word),
                _ if (is_number || (!is_indented && is_value(word, behind))) && n_digits(word) <= DIGITS => {
                    level(word, is_apart, form);
                }
                _ if is_indented && !is_number => write_place(word, is_apart, form),
                _ => form.extend_from_slice(word),
            }
        }
    }
}

/// Whether a word of a message can be no type: it has small letters only, more words behind it, and nothing of what may
/// follow a type.
fn is_value(word: &[u8], behind: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"=_-,; ".contains(byte);
    let is_followed = !behind.is_empty() && !matches!(behind.first(), Some(b'(' | b'[' | b':' | b'\n'));
    word.iter().all(is_part) && word.ends_with(b" ") && is_followed
}

/// The digits of the longest number in a word.
fn n_digits(word: &[u8]) -> usize {
    word.split(|byte| !byte.is_ascii_digit()).map(<[u8]>::len).max().unwrap_or(0)
}

/// Writes a word in which colons may stand in front of a line and a column.
fn write_place(word: &[u8], is_apart: bool, form: &mut Vec<u8>) {
    for (n, part) in word.split(|byte| *byte == b':').enumerate() {
        if n > 0 {
            form.push(b':');
        }
        let n_digits = part.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_number = n > 0 && (1..=DIGITS).contains(&n_digits);
        match part.split_at_checked(n_digits) {
            Some((digits, behind)) if is_number && !behind.first().is_some_and(u8::is_ascii_alphanumeric) => {
                level(digits, is_apart, form);
                form.extend_from_slice(behind);
            }
            _ => form.extend_from_slice(part),
        }
    }
}

/// Writes one `0` for each number, or where its length counts for each digit.
fn level(word: &[u8], is_apart: bool, form: &mut Vec<u8>) {
    let mut was_digit = false;
    for byte in word {
        let is_digit = byte.is_ascii_digit();
        if !(is_digit && was_digit && is_apart) {
            form.push(if is_digit { b'0' } else { *byte });
        }
        was_digit = is_digit;
    }
}
