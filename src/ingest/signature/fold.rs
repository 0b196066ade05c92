//! Folds a message: the first, portable step of a signature.
//!
//! Equal, byte for byte, to replacing with `0` every leftmost match of
//! `[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*`, an expression that RE2, Rust,
//! Java and PCRE read alike; a law in the tests holds it to that.

/// The fold of a message: e-mails and words that hold a digit become `0`.
///
/// Linear in the length of the message, for any bytes.
#[must_use]
pub fn fold(message: &[u8]) -> Vec<u8> {
    let mut folded = Vec::with_capacity(message.len());
    let mut rest = message;
    while !rest.is_empty() {
        let (outside, from_run) = split_at_end_of(rest, |byte| !is_local(byte));
        folded.extend_from_slice(outside);
        let (run, behind) = split_at_end_of(from_run, is_local);
        rest = match domain_behind(behind) {
            Some(after) if !run.is_empty() => {
                folded.push(b'0');
                after
            }
            _ => {
                fold_words(run, &mut folded);
                behind
            }
        };
    }
    folded
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
        let is_run = |byte: u8| is_local(byte) || byte == b'@';
        let (outside, from_run) = rest.split_at(rest.bytes().take_while(|byte| !is_run(*byte)).count());
        let (run, behind) = from_run.split_at(from_run.bytes().take_while(|byte| is_run(*byte)).count());
        closed.push_str(outside);
        closed.push_str(if run.contains('0') { "0" } else { run });
        rest = behind;
    }
    closed
}

/// What follows the `@` and the domain that `bytes` begin with.
fn domain_behind(bytes: &[u8]) -> Option<&[u8]> {
    let (domain, behind) = split_at_end_of(bytes.strip_prefix(b"@")?, is_domain);
    (!domain.is_empty()).then_some(behind)
}

/// Folds a run in which no e-mail address begins.
fn fold_words(mut run: &[u8], folded: &mut Vec<u8>) {
    while !run.is_empty() {
        let (outside, from_word) = split_at_end_of(run, |byte| !is_word(byte));
        folded.extend_from_slice(outside);
        let (word, behind) = split_at_end_of(from_word, is_word);
        if word.iter().any(u8::is_ascii_digit) {
            folded.push(b'0');
        } else {
            folded.extend_from_slice(word);
        }
        run = behind;
    }
}

fn split_at_end_of(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().take_while(|byte| belongs(**byte)).count())
}

fn is_local(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'.' | b'%' | b'+')
}

fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
