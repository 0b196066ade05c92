//! Keeps secrets out of the record.

use std::sync::LazyLock;

use regex::Regex;

/// What stands where a secret stood.
const REDACTED: &str = "<redacted>";

/// A name that a secret goes by.
const SECRET_NAME: &str = r"(?i:[\w.-]*(?:token|passw(?:or)?d|passwd|secret|api[_-]?key|apikey|credential|private[_-]?key|access[_-]?key|auth)[\w.-]*)";

static ASSIGNED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!("^(-{{0,2}}{SECRET_NAME}[=:])(.+)$")).ok());
static FLAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!("^-{{1,2}}{SECRET_NAME}$")).ok());
static IN_URL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)([a-z][a-z0-9+.-]*://)[^/@\s]+@").ok());
static BEARER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)\b(bearer|basic)\s+\S+").ok());
static KNOWN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|sk-[\w-]{20,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*)").ok()
});

/// Returns an argument list that is fit to be kept: what looks like a secret is replaced.
///
/// Known are values of arguments and variables that are named like secrets, user information in
/// addresses, authorization headers, and tokens of well-known shapes. An argument stays one argument.
#[must_use]
pub fn redact_argv(argv: &[String]) -> Vec<String> {
    let mut after_flag = false;
    argv.iter()
        .map(|argument| {
            let hidden = after_flag && !argument.starts_with('-');
            after_flag = is_match(&FLAG, argument);
            if hidden { REDACTED.to_owned() } else { redact(argument) }
        })
        .collect()
}

fn redact(argument: &str) -> String {
    let mut text = replaced(&ASSIGNED, argument, "${1}<redacted>");
    text = replaced(&IN_URL, &text, "${1}<redacted>@");
    text = replaced(&BEARER, &text, "${1} <redacted>");
    replaced(&KNOWN, &text, REDACTED)
}

fn is_match(pattern: &Option<Regex>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

fn replaced(pattern: &Option<Regex>, text: &str, with: &str) -> String {
    // A pattern that does not compile would fail its test; hide everything rather than show a secret.
    pattern.as_ref().map_or_else(|| REDACTED.to_owned(), |pattern| pattern.replace_all(text, with).into_owned())
}

#[cfg(test)]
mod tests;
