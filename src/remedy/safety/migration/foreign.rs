//! Looks at migrations in languages that are not read: Go, Kotlin, Java, Rust, shell, commands in JSON and others.
//!
//! The SQL in their texts is read, and the rest searched for words that take something away. So such a
//! migration is never wholly understood, and never green.

use super::hidden::begins_statement;
use super::{Operation, statement};
use crate::remedy::safety::rules;
use crate::remedy::safety::source::{LineIndex, Syntax, basename, extension, mask};

/// Parts of words that take something away or change it.
const TAKES_AWAY: [&str; 14] = [
    "drop",
    "truncat",
    "delet",
    "renam",
    "purg",
    "destroy",
    "remov",
    "overwrit",
    "wipe",
    "erase",
    "update",
    "alter",
    "setnotnull",
    "unset",
];

/// What the part that a deploy runs does, as far as it is in SQL, and that the rest is not understood.
pub(super) fn operations(path: &str, text: &str) -> Vec<Operation> {
    let masked = mask(text, Syntax::of(&extension(path)));
    let lines = LineIndex::of(text);
    let goes_down = down_lines(&masked.code);
    let is_up = |line: u32| !usize::try_from(line).is_ok_and(|line| goes_down.get(line - 1).copied().unwrap_or(false));
    let mut operations = Vec::new();
    for string in &masked.strings {
        let (inside, line) = (masked.inside(*string), lines.line(string.0));
        if is_up(line) && begins_statement(inside) {
            operations.extend(statement::operations(inside, line));
        }
    }
    // In data, the commands are texts.
    let is_data = matches!(extension(path).as_str(), "json" | "yaml" | "yml" | "xml");
    let code = if is_data { text } else { &masked.code };
    let code = (1_u32..).zip(code.lines()).filter(|(line, _)| is_up(*line));
    let takes_away = |line: &str| {
        let lower = line.to_ascii_lowercase();
        TAKES_AWAY.iter().any(|part| lower.contains(part))
    };
    let speaks = code.into_iter().find(|(_, line)| takes_away(line)).map(|(line, _)| line);
    let rule = if speaks.is_some() { &rules::NOT_UNDERSTOOD } else { &rules::UNCLEAR };
    operations.push(Operation {
        rule,
        name: basename(path),
        line: speaks.unwrap_or(1),
        table: None,
        columns: Vec::new(),
    });
    operations
}

/// For each line, whether it belongs to a function that goes down, or only names one.
fn down_lines(code: &str) -> Vec<bool> {
    let mut down = false;
    let of = |line: &str| {
        let lower = line.trim_start().to_ascii_lowercase();
        let begins = ["func ", "fn ", "fun ", "public void ", "async fn ", "override fun ", "down()"];
        if begins.iter().any(|begin| lower.starts_with(begin)) {
            down = ["down", "rollback", "revert"].iter().any(|word| lower.contains(word));
        }
        down || lower.contains("addmigration")
    };
    code.lines().map(of).collect()
}
