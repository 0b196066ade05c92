//! Reads the line that names an exception: `Type: message`.

/// A type and its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'t> {
    /// The type, qualified as printed.
    pub exception: &'t str,
    /// What follows it; may be empty.
    pub message: &'t str,
}

/// Finds an exception in a line that may begin with the header of a log.
///
/// The first word that ends as exceptions are named (`...Exception`, `...Error`) and is followed by a
/// colon or nothing wins; else the line must begin with a name in capitals.
pub fn find(line: &str) -> Option<Head<'_>> {
    let mut starts_word = true;
    for (at, current) in line.char_indices() {
        let here = starts_word;
        starts_word = current.is_whitespace() || matches!(current, '(' | '[' | '"' | '\'' | '>' | '=');
        if here
            && !starts_word
            && let Some(head) = line.get(at..).and_then(at_start)
            && is_named_so(head.exception)
        {
            return Some(head);
        }
    }
    let head = at_start(line.trim_start())?;
    let begins_in_capitals = short(head.exception).starts_with(|first: char| first.is_uppercase());
    let is_shout = head.exception.chars().all(|one| !one.is_lowercase());
    (begins_in_capitals && !is_shout).then_some(head)
}

/// Reads an exception at the very start; its name need not look like one.
pub fn at_start(text: &str) -> Option<Head<'_>> {
    let length = name_length(text);
    let (exception, rest) = text.split_at(length);
    if exception.is_empty() {
        return None;
    }
    let rest = rest.strip_prefix(" (fatal)").unwrap_or(rest);
    // Node prints `AssertionError [ERR_ASSERTION]: message`.
    let code = rest.strip_prefix(" [").and_then(|code| code.find([']', ' ', '[']).and_then(|end| code.get(end..)));
    let rest = code.and_then(|code| code.strip_prefix(']')).filter(|behind| behind.starts_with(':')).unwrap_or(rest);
    let message = match rest.strip_prefix(':') {
        Some(message) => message.trim_start(),
        None if rest.trim().is_empty() => "",
        None => return None,
    };
    Some(Head { exception, message })
}

/// Whether a name ends as exceptions are named.
pub fn is_named_so(exception: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "Exception",
        "Error",
        "Throwable",
        "Failure",
        "Fault",
        "Interrupt",
        "Exit",
        "Timeout",
        "Warning",
        "Violation",
        "NotFound",
    ];
    let name = short(exception);
    ENDINGS.iter().any(|ending| name.ends_with(ending))
        || (name.contains("Error") && name.starts_with(char::is_uppercase))
}

/// The last part of a qualified name.
fn short(name: &str) -> &str {
    name.rsplit(['.', ':', '\\', '$', '+']).next().unwrap_or(name)
}

/// The length of the qualified name at the start; a single colon ends it, two go on.
fn name_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let next = bytes.get(at + 1);
        let inside = match byte {
            b'.' | b'\\' | b'$' | b'+' | b'-' => {
                at > 0 && next.is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'_')
            }
            b':' if next == Some(&b':') && bytes.get(at + 2).is_some_and(u8::is_ascii_alphabetic) && at > 0 => {
                at += 2;
                continue;
            }
            b'`' => next.is_some_and(u8::is_ascii_digit),
            b'_' => true,
            other => other.is_ascii_alphabetic() || (other.is_ascii_digit() && at > 0),
        };
        if !inside {
            break;
        }
        at += 1;
    }
    at
}
