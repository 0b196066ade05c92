//! Names of failures: what an engineer searches for, and is therefore kept where other words would be masked.

use super::{lists, stem};

/// Whether a word names a kind of failure: an exception type, an error number of the system, or such a name in capitals.
pub fn is_error_name(word: &str) -> bool {
    // Each of them has a capital or a digit, and most words have none.
    if !word.bytes().any(|byte| byte.is_ascii_uppercase() | byte.is_ascii_digit()) {
        return false;
    }
    let stem = stem(word);
    has_error_ending(stem) || is_errno(stem) || is_shouted(stem) || is_code(stem)
}

/// Whether a word of a folded text is a code that was kept: no other has a digit, but for `0` in what is a value.
fn is_code(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether a word with backslashes is the class of an exception of PHP, and no path: `App\Exceptions\OrderException`,
/// also with each backslash twice.
pub(super) fn is_class(word: &str) -> bool {
    let is_name = |part: &str| {
        let first = part.bytes().next().unwrap_or_default();
        first.is_ascii_uppercase() && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
    };
    let mut parts = word.split('\\').filter(|part| !part.is_empty());
    has_error_ending(word) && !word.starts_with("\\\\") && parts.all(is_name)
}

fn has_error_ending(word: &str) -> bool {
    lists::ERROR_ENDINGS.iter().any(|end| word.ends_with(end))
}

/// Whether a word has the shape of a system's error number: `ECONNREFUSED`, `ERR_SSL_PROTOCOL`, `SIGSEGV`.
fn is_errno(word: &str) -> bool {
    let starts = word.starts_with('E') || word.starts_with("SIG") || word.starts_with("ORA");
    starts && word.len() >= 4 && is_capitals(word)
}

/// Whether a word is a name in capitals that speaks of a failure: `NOT_LEADER_OR_FOLLOWER`, `RESOURCE_EXHAUSTED`.
fn is_shouted(word: &str) -> bool {
    let mut parts = word.split('_');
    word.contains('_') && is_capitals(word) && parts.any(|part| lists::FAILURE_PARTS.contains(&part))
}

fn is_capitals(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}
