//! Test reports in the XML form that JUnit made common.
//!
//! Reads as much XML as such reports use: elements, attributes, the five entities, numbers of characters and
//! CDATA. No document type, so no entity is ever expanded into more text than was read.

use super::{Diagnostic, Found, Log, Pattern, Tool, framed};

/// The most lines of one report.
const REPORT: usize = 100_000;

static FRAME: Pattern = Pattern::new(
    r#"^\s*(?:at |File ")?(?:[\w.$/<>]+\()?((?:[\w@./\\+~-]*/)?[\w.-]+\.\w{1,6})(?::|", line )(\d+)(?::(\d+))?"#,
);

pub(super) fn read(log: &Log<'_>, at: usize) -> Option<Found> {
    let line = log.line(at).trim_start();
    if !line.starts_with("<?xml") && !line.starts_with("<testsuite") {
        return None;
    }
    let last = (at + REPORT).min(log.lines.len());
    let is_whole = |at: &usize| log.line(*at).contains("</testsuites>");
    let is_part = |at: &usize| log.line(*at).contains("</testsuite>");
    let end = (at..last).find(is_whole).or_else(|| (at..last).find(is_part))? + 1;
    Some(Found { diagnostics: cases(&log.text(at, end)), end })
}

/// The failures of a report.
fn cases(text: &str) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for case in text.split("<testcase").skip(1) {
        let case = case.split("</testcase>").next().unwrap_or(case);
        let Some((head, body)) = opening(case) else { continue };
        let Some((kind, rest)) = ["failure", "error"].iter().find_map(|kind| Some((*kind, element(body, kind)?)))
        else {
            continue;
        };
        let Some((attributes, inner)) = opening(rest) else { continue };
        let content = unescape(inner.split(&format!("</{kind}>")).next().unwrap_or_default());
        let said = attribute(attributes, "message").filter(|said| !said.is_empty());
        let first = content.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned();
        let message = said.unwrap_or(first).lines().take(3).map(str::trim).collect::<Vec<_>>().join(" ");
        let class = attribute(head, "classname").filter(|class| !class.is_empty());
        let name = attribute(head, "name").unwrap_or_default();
        let test = class.map_or(name.clone(), |class| format!("{class}.{name}"));
        let lines: Vec<&str> = content.lines().collect();
        let mut diagnostic = Diagnostic::new(Tool::Junit, &message).exception().test(&test);
        diagnostic.rule = diagnostic.rule.or_else(|| {
            attribute(attributes, "type").and_then(|kind| kind.rsplit(['.', '\\']).next().map(str::to_owned))
        });
        diagnostic = match attribute(head, "file") {
            Some(file) => {
                let line = attribute(head, "line").and_then(|line| line.parse().ok());
                diagnostic.at(&file, line, None)
            }
            None => framed(diagnostic, &innermost(&lines), &FRAME),
        };
        diagnostic.text = format!("{message}\n{content}");
        diagnostics.push(diagnostic);
    }
    diagnostics
}

/// The lines with the innermost frame first: Python alone puts it last.
fn innermost<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let is_python = |line: &&str| line.contains(".py:") || line.contains(".py\", line ");
    if lines.iter().any(is_python) { lines.iter().rev().copied().collect() } else { lines.to_vec() }
}

/// What follows the name of the first such element.
fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let at = text
        .match_indices(&format!("<{name}"))
        .map(|(at, found)| at + found.len())
        .find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with([' ', '>', '/', '\n', '\t'])))?;
    text.get(at..)
}

/// The attributes of an element whose name was just read, and what comes after its opening.
fn opening(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            (None, '>') => return Some((text.get(..at)?, text.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut from = 0;
    loop {
        let at = from + attributes.get(from..)?.find(name)?;
        from = at + name.len();
        let is_name = attributes.get(..at)?.ends_with(char::is_whitespace);
        let rest = attributes.get(from..)?.trim_start();
        let Some(rest) = rest.strip_prefix('=').filter(|_| is_name) else { continue };
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        return Some(unescape(rest.get(1..)?.split(quote).next()?));
    }
}

fn unescape(text: &str) -> String {
    let text = text.replace("<![CDATA[", "").replace("]]>", "");
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('&') {
        plain.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let entity = rest.find(';').filter(|end| *end <= 10).and_then(|end| Some((rest.get(1..end)?, end)));
        match entity.and_then(|(name, end)| Some((character(name)?, end))) {
            Some((c, end)) => {
                plain.push(c);
                rest = rest.get(end + 1..).unwrap_or_default();
            }
            None => {
                plain.push('&');
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    plain.push_str(rest);
    // The numbers of characters may have brought back what was taken out of the lines.
    crate::ingest::sanitize::visible(&plain, true)
}

fn character(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}
