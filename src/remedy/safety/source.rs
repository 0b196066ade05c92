//! Tells code from comments and strings, and finds the lines that changed.

use crate::triage::{FileChange, FileStatus};

/// The lines after the change that are new, with their numbers from 1.
pub(super) fn added(file: &FileChange) -> impl Iterator<Item = (u32, &str)> {
    file.hunks.iter().flat_map(|hunk| (hunk.new_start..).zip(hunk.added.iter().map(String::as_str)))
}

/// The lines before the change that are gone, with the number that their hunk has after the change.
pub(super) fn removed(file: &FileChange) -> impl Iterator<Item = (u32, &str)> {
    file.hunks.iter().flat_map(|hunk| hunk.removed.iter().map(|line| (hunk.new_start.max(1), line.as_str())))
}

/// The first changed line, from 1.
pub(super) fn first_changed(file: &FileChange) -> u32 {
    let first = file.hunks.first();
    first.map_or(1, |hunk| if file.status == FileStatus::Deleted { hunk.old_start } else { hunk.new_start }).max(1)
}

/// The part of a path behind the last slash, in lower case.
pub(super) fn basename(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase()
}

/// What follows the last dot of the last part of a path, in lower case.
pub(super) fn extension(path: &str) -> String {
    let name = basename(path);
    name.rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_owned())
}

/// Whether one of the folders of a path has one of these names.
pub(super) fn in_folder(path: &str, names: &[&str]) -> bool {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    parts.iter().any(|part| names.iter().any(|name| part.eq_ignore_ascii_case(name)))
}

/// How a language writes comments and strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Syntax {
    hash: bool,
    slash: bool,
    /// Whether a plain string may hold a line end.
    multi_line: bool,
    heredoc: bool,
}

impl Syntax {
    /// The syntax of a file by its extension.
    pub(super) fn of(extension: &str) -> Self {
        let hash = matches!(
            extension,
            "py" | "rb"
                | "ex"
                | "exs"
                | "php"
                | "sh"
                | "yaml"
                | "yml"
                | "toml"
                | "tf"
                | "hcl"
                | "graphql"
                | "graphqls"
                | "gql"
                | "env"
        );
        let slash = !matches!(
            extension,
            "py" | "rb" | "ex" | "exs" | "sh" | "yaml" | "yml" | "toml" | "env" | "graphql" | "graphqls" | "gql"
        );
        Self {
            hash,
            slash,
            multi_line: matches!(extension, "rb" | "php" | "ex" | "exs" | "cs"),
            heredoc: matches!(extension, "rb" | "php"),
        }
    }
}

/// A text twice: without comments, and without comments and the insides of strings. All three are
/// equally long, so that a position in one is one in the others; what is left out became spaces.
pub(super) struct Masked {
    pub(super) text: String,
    pub(super) code: String,
    /// Where each string begins and ends, with its quotes.
    pub(super) strings: Vec<(usize, usize)>,
}

impl Masked {
    /// What a string holds, without its quotes; of a heredoc, its lines.
    pub(super) fn inside(&self, (start, end): (usize, usize)) -> &str {
        let whole = self.text.get(start..end).unwrap_or_default();
        if whole.starts_with("<<") {
            let body = whole.find('\n').and_then(|first| whole.get(first..)).unwrap_or_default();
            return body.trim_end().rfind('\n').and_then(|last| body.get(..last)).unwrap_or_default();
        }
        let quotes = if whole.starts_with("\"\"\"") || whole.starts_with("'''") { 3 } else { 1 };
        whole.get(quotes..whole.len().saturating_sub(quotes)).unwrap_or_default()
    }
}

/// Separates code from comments and strings.
pub(super) fn mask(source: &str, syntax: Syntax) -> Masked {
    let mut masked = Masked {
        text: String::with_capacity(source.len()),
        code: String::with_capacity(source.len()),
        strings: Vec::new(),
    };
    let mut rest = source;
    while !rest.is_empty() {
        let (length, is_comment, is_string) = piece(rest, syntax);
        let length = length.clamp(1, rest.len());
        let length = (length..=rest.len()).find(|&end| rest.is_char_boundary(end)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(length);
        if is_string {
            masked.strings.push((masked.text.len(), masked.text.len() + part.len()));
        }
        push(&mut masked.text, part, is_comment);
        push(&mut masked.code, part, is_comment || is_string);
        rest = after;
    }
    masked
}

fn push(target: &mut String, part: &str, hidden: bool) {
    if hidden {
        target.extend(part.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
    } else {
        target.push_str(part);
    }
}

/// Length of the next comment, string or run of code, and which of them it is.
fn piece(rest: &str, syntax: Syntax) -> (usize, bool, bool) {
    let line_end = || memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
    let until = |from: usize, end: &str| {
        rest.get(from..).and_then(|inside| inside.find(end)).map_or(rest.len(), |at| from + at + end.len())
    };
    if (syntax.hash && rest.starts_with('#')) || (syntax.slash && rest.starts_with("//")) {
        return (line_end(), true, false);
    }
    if syntax.slash && rest.starts_with("/*") {
        return (until(2, "*/"), true, false);
    }
    for quote in ["\"\"\"", "'''"] {
        if rest.starts_with(quote) {
            return (until(3, quote), false, true);
        }
    }
    if syntax.heredoc
        && rest.starts_with("<<")
        && let Some(length) = heredoc(rest)
    {
        return (length, false, true);
    }
    match rest.bytes().next() {
        Some(quote @ (b'"' | b'\'' | b'`')) => (string(rest, quote, syntax.multi_line || quote == b'`'), false, true),
        _ => {
            let run = rest.bytes().skip(1).take_while(|byte| !b"#/\"'`<".contains(byte)).count();
            (run + 1, false, false)
        }
    }
}

fn string(rest: &str, quote: u8, multi_line: bool) -> usize {
    let mut escaped = false;
    for (index, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'\n' if !multi_line => return index,
            _ if byte == quote => return index + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Length of a heredoc from its `<<` to the line that ends it.
fn heredoc(rest: &str) -> Option<usize> {
    let (first, body) = rest.split_once('\n')?;
    let tag = first.trim_start_matches('<').trim_start_matches(['~', '-']).trim_start_matches(['"', '\'']);
    let tag: String =
        tag.chars().take_while(|character| character.is_ascii_alphanumeric() || *character == '_').collect();
    if tag.len() < 2 || !tag.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_') {
        return None;
    }
    let mut length = first.len() + 1;
    for line in body.split_inclusive('\n') {
        length += line.len();
        if line
            .trim_start()
            .strip_prefix(tag.as_str())
            .is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric()))
        {
            return Some(length);
        }
    }
    None
}

/// Counts lines quickly: the line, from 1, of a position.
pub(super) struct LineIndex(Vec<usize>);

impl LineIndex {
    pub(super) fn of(text: &str) -> Self {
        Self(memchr::memchr_iter(b'\n', text.as_bytes()).collect())
    }

    pub(super) fn line(&self, position: usize) -> u32 {
        u32::try_from(self.0.partition_point(|end| *end < position) + 1).unwrap_or(u32::MAX)
    }
}
