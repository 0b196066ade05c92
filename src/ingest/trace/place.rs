//! Reads places in files and takes off what a log put before a line.

/// A file with a line, when one is named.
pub fn file_and_line(text: &str) -> (&str, Option<u32>) {
    match text.rsplit_once(':') {
        Some((file, line)) if is_number(line) => (file, line.parse().ok()),
        _ => (text, None),
    }
}

/// A file with a line and a column, of which the column is dropped.
///
/// `None` when there is not at least a line.
pub fn file_line_column(text: &str) -> Option<(&str, u32)> {
    let (front, last) = file_and_line(text);
    let last = last?;
    match file_and_line(front) {
        (file, Some(line)) => Some((file, line)),
        (file, None) => Some((file, last)),
    }
}

/// Whether a text is a number and nothing else.
pub fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number that `text` begins with, and the rest.
pub fn leading_number(text: &str) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(length);
    Some((digits.parse().ok()?, rest))
}

/// A line without the header that the first line of the trace had, too: digits may differ in it.
pub fn behind<'t>(line: &'t str, header: &str) -> &'t str {
    let like = |(one, other): (u8, u8)| one == other || (one.is_ascii_digit() && other.is_ascii_digit());
    match line.split_at_checked(header.len()) {
        Some((front, rest)) if front.bytes().zip(header.bytes()).all(like) => rest,
        // The end of a header that is followed by nothing is trimmed.
        _ if !header.is_empty() && line == header.trim_end() => "",
        _ => line,
    }
}

/// The length of the header that a log put before every line, with digits free to differ; 0 without one.
pub fn shared_header(lines: &[&str]) -> usize {
    let mut texts = lines.iter().filter(|line| !line.is_empty());
    let Some(first) = texts.next() else { return 0 };
    let mut shared = first.len();
    let mut n_lines = 1;
    for line in texts {
        n_lines += 1;
        let like = |(one, other): &(u8, u8)| one == other || (one.is_ascii_digit() && other.is_ascii_digit());
        // A line of nothing but the header has lost the blank at its end.
        let same = line.bytes().chain([b' ']).zip(first.bytes()).take(shared).take_while(like).count();
        shared = same;
    }
    let header = first.get(..shared).unwrap_or("");
    // It ends with a blank, and the indentation behind it belongs to the trace.
    let end = header.rfind([' ', '\t']).map_or(0, |at| at + 1);
    let is_header = n_lines > 1 && header.get(..end).is_some_and(|text| !text.trim().is_empty());
    if is_header { end } else { 0 }
}

/// How many blanks a line begins with.
pub fn indent(line: &str) -> usize {
    line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// What stands behind the `at ` of a frame, wherever a log's header ends.
pub fn behind_at(line: &str) -> Option<&str> {
    if let Some(call) = line.trim_start().strip_prefix("at ") {
        return Some(call);
    }
    // Most other lines have none anywhere.
    memchr::memmem::find(line.as_bytes(), b"at ")?;
    let found = line.find("\tat ").or_else(|| line.find("  at ")).or_else(|| line.find("| at "));
    found.and_then(|at| line.get(at..)).and_then(|rest| rest.split_once("at ")).map(|(_, call)| call)
}
