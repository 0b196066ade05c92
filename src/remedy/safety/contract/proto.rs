//! Reads protocol buffer definitions: messages, fields, enums, services.

use super::{Part, Parts};
use crate::remedy::safety::source::{Syntax, mask};

/// Returns the parts of a definition.
pub(super) fn parts(text: &str) -> Parts {
    let masked = mask(text, Syntax::of("proto"));
    let mut parts = Parts::new();
    let mut around: Vec<String> = Vec::new();
    let mut statement = String::new();
    let (mut line, mut begins) = (1, 1);
    for character in masked.text.chars() {
        match character {
            '{' => {
                let words: Vec<&str> = statement.split_whitespace().collect();
                let name = open(&words).unwrap_or_else(|| words.join(" "));
                around.push(name);
                add(&mut parts, &around, words.first().copied().unwrap_or_default(), begins);
                statement.clear();
            }
            '}' => {
                around.pop();
                statement.clear();
            }
            ';' => {
                leaf(&mut parts, &around, &statement, begins);
                statement.clear();
            }
            _ => {
                if statement.trim().is_empty() {
                    begins = line;
                }
                statement.push(character);
            }
        }
        line += u32::from(character == '\n');
    }
    parts
}

/// What a block is called: `message X`, `rpc X(A) returns (B)`.
fn open(words: &[&str]) -> Option<String> {
    match words {
        ["rpc", ..] => Some(words.join(" ").split('(').next().unwrap_or_default().trim().to_owned()),
        [kind @ ("message" | "enum" | "service" | "oneof" | "extend"), name, ..] => Some(format!("{kind} {name}")),
        _ => None,
    }
}

fn leaf(parts: &mut Parts, around: &[String], statement: &str, line: u32) {
    let words: Vec<&str> = statement.split_whitespace().collect();
    let mut path = around.to_vec();
    match words.as_slice() {
        [] => {}
        ["rpc", ..] => {
            path.extend(open(&words));
            add(parts, &path, &words.join(" "), line);
        }
        ["option" | "syntax" | "import" | "package" | "reserved" | "edition" | "extensions", ..] => {
            path.push(words.iter().take(2).copied().collect::<Vec<_>>().join(" "));
            add(parts, &path, &words.join(" "), line);
        }
        _ => {
            let (declared, number) = statement.split_once('=').unwrap_or((statement, ""));
            let name = declared.split_whitespace().last().unwrap_or_default();
            let kind: Vec<&str> = declared.split_whitespace().collect();
            path.push(name.to_owned());
            let kind = kind.split_last().map(|(_, kind)| kind.join(" ")).unwrap_or_default();
            add(parts, &path, &format!("{kind} = {}", number.split_whitespace().collect::<Vec<_>>().join(" ")), line);
        }
    }
}

fn add(parts: &mut Parts, path: &[String], value: &str, line: u32) {
    parts.insert(path.join("\u{1f}"), Part { value: value.to_owned(), line });
}
