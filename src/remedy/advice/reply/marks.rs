//! Recognizes the marks that edits are written with.

/// What a line of a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// `<<<<<<< SEARCH`.
    Search,
    /// `=======`; whether it has the usual length.
    Divider(bool),
    /// `>>>>>>> REPLACE`.
    End,
}

/// The mark that a line is.
pub(super) fn mark(line: &str) -> Option<Mark> {
    let trimmed = line.trim();
    let run = |mark: char| trimmed.chars().take_while(|c| *c == mark).count();
    let rest = |n: usize| trimmed.get(n..).unwrap_or_default().trim();
    let (open, middle, close) = (run('<'), run('='), run('>'));
    let is_word = |text: &str, words: &[&str]| {
        let text = text.trim_end_matches([':', '<', '>']).trim().to_ascii_uppercase();
        words.iter().any(|word| text.split_whitespace().next().unwrap_or_default() == *word)
    };
    if (5..=9).contains(&open) && is_word(rest(open), &["SEARCH", "ORIGINAL", "HEAD", "OLD", "FIND", "BEFORE"]) {
        return Some(Mark::Search);
    }
    if (5..=9).contains(&middle) && rest(middle).is_empty() {
        return Some(Mark::Divider(middle == 7));
    }
    let ends = ["REPLACE", "UPDATED", "NEW", "AFTER", "MODIFIED"];
    let is_end = rest(close).is_empty() || is_word(rest(close), &ends);
    ((5..=9).contains(&close) && is_end).then_some(Mark::End)
}

/// A code fence at the start of a line: its character, its length, and what stands behind it.
pub(super) fn fence(line: &str) -> Option<(char, usize, &str)> {
    let trimmed = line.trim_start();
    // Further in, it is content.
    if line.len() - trimmed.len() > 3 {
        return None;
    }
    let mark = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let n_marks = trimmed.chars().take_while(|c| *c == mark).count();
    let info = trimmed.get(n_marks..)?.trim();
    (n_marks >= 3 && !info.contains('`')).then_some((mark, n_marks, info))
}

/// Whether the line closes a fence like this.
pub(super) fn closes(line: &str, (mark, n_marks): (char, usize)) -> bool {
    fence(line).is_some_and(|(other, n_others, info)| other == mark && n_others >= n_marks && info.is_empty())
}

/// What a line names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// A file.
    File(String),
    /// A function or class.
    Function(String),
    /// That nothing can be done, and why.
    NoFix(String),
}

/// The file or function that a line of prose names as a heading.
pub(super) fn header(line: &str) -> Option<Header> {
    let bare = line.trim().trim_start_matches(['#', '*', '-', '>', ' ', '/']).trim();
    let lower = bare.to_ascii_lowercase();
    let behind = |words: &[&str]| {
        let word = words.iter().find(|word| lower.starts_with(**word))?;
        let rest = bare.get(word.len()..)?.trim_start().trim_start_matches('*').trim_start();
        let value = rest.strip_prefix([':', '='])?.trim().trim_matches(['*', ' ']);
        Some(value.to_owned()).filter(|value| !value.is_empty())
    };
    if let Some(reason) = behind(&["no fix"]) {
        return Some(Header::NoFix(reason));
    }
    if lower == "no fix" || lower == "no fix." {
        return Some(Header::NoFix("it gives no reason".to_owned()));
    }
    if let Some(name) = behind(&["function", "method", "class", "symbol"]) {
        return Some(Header::Function(name));
    }
    if let Some(path) = behind(&["file path", "filepath", "filename", "file", "path", "in file"]) {
        return Some(Header::File(path.split_whitespace().next().unwrap_or_default().to_owned()));
    }
    path(line).map(Header::File)
}

/// The path that a line consists of.
pub(super) fn path(line: &str) -> Option<String> {
    let bare = line.trim().trim_start_matches(['#', '*', ' ']);
    let bare = bare.trim_matches(|c: char| matches!(c, '*' | '`' | ':' | '"' | '\'') || c.is_whitespace());
    let is_path = bare.len() < 300
        && !bare.contains(char::is_whitespace)
        && !bare.contains("://")
        && !bare.ends_with(['.', '/', ';', ',', ')', '}'])
        && bare.chars().all(|c| c.is_alphanumeric() || "/._-+@\\~[]".contains(c))
        && bare.rsplit(['/', '\\']).next().is_some_and(|name| {
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            let is_extension = (1..=10).contains(&extension.len()) && extension.chars().all(char::is_alphanumeric);
            is_extension || bare.contains('/') || ["Makefile", "Dockerfile", "Gemfile", "Procfile"].contains(&name)
        });
    is_path.then(|| bare.to_owned())
}

/// The path in what stands behind a fence: `python src/a.py`, `src/a.py`, `python:src/a.py`, `title="a.py"`.
pub(super) fn path_in(info: &str) -> Option<String> {
    let words = info.split_whitespace().flat_map(|word| {
        let value = word.split_once('=').map(|(_, value)| value);
        let behind = word.split_once(':').map(|(_, value)| value);
        [value, behind, Some(word)]
    });
    words
        .flatten()
        .map(|word| word.trim_matches(['"', '\'', '{', '}']))
        .find_map(|word| path(word).filter(|path| path.contains(['.', '/'])))
}
