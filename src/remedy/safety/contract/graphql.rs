//! Reads GraphQL schemas: types, fields, arguments, enum values.

use super::{Part, Parts};
use crate::remedy::safety::source::{Syntax, mask};

/// Returns the parts of a schema.
pub(super) fn parts(text: &str) -> Parts {
    let masked = mask(text, Syntax::of("graphql"));
    let mut parts = Parts::new();
    let mut around: Option<String> = None;
    let mut arguments = 0_i32;
    let mut open = Field::default();
    for (number, line) in (1_u32..).zip(masked.code.lines()) {
        let mut words = line.trim();
        if around.is_none() {
            let (head, body) = words.split_once('{').map_or((words, None), |(head, body)| (head, Some(body)));
            if let Some(name) = definition(head) {
                add(&mut parts, &name, None, &head.split_whitespace().collect::<Vec<_>>().join(" "), number);
                around = body.map(|_| name);
            } else if body.is_some() {
                around = Some("schema".to_owned());
            } else if !head.is_empty() {
                add(&mut parts, head, None, "", number);
            }
            words = body.unwrap_or_default().trim();
        }
        let Some(name) = around.clone() else { continue };
        let (inside, closes) = words.split_once('}').map_or((words, false), |(inside, _)| (inside, true));
        for field in inside.split_inclusive(['(', ')', ',']) {
            for word in field.split_inclusive(char::is_whitespace) {
                open.take(word, number, &mut arguments, &name, &mut parts);
            }
        }
        open.end_line(arguments, &name, &mut parts);
        if closes {
            open.finish(&name, &mut parts);
            around = None;
            arguments = 0;
        }
    }
    parts
}

/// Whether a text only asks: a client's queries and fragments, and nothing of a schema.
pub(super) fn is_request(text: &str) -> bool {
    let masked = mask(text, Syntax::of("graphql"));
    let mut depth = 0_i32;
    let mut asks = false;
    for line in masked.code.lines() {
        let words = line.trim();
        if depth == 0 && !words.is_empty() {
            let first = words.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            let is_asking = matches!(first, "query" | "mutation" | "subscription" | "fragment");
            if !is_asking && !words.starts_with(['{', '}', ')', '@', '$']) {
                return false;
            }
            asks |= is_asking || words.starts_with('{');
        }
        depth +=
            words.bytes().map(|byte| i32::from(b"{(".contains(&byte)) - i32::from(b"})".contains(&byte))).sum::<i32>();
    }
    asks
}

/// A field, enum value or argument that is being read.
#[derive(Default)]
struct Field {
    text: String,
    line: u32,
}

impl Field {
    fn take(&mut self, word: &str, line: u32, arguments: &mut i32, around: &str, parts: &mut Parts) {
        if self.text.trim().is_empty() {
            self.line = line;
        }
        *arguments += i32::try_from(word.matches('(').count()).unwrap_or(0)
            - i32::try_from(word.matches(')').count()).unwrap_or(0);
        let starts_next =
            *arguments == 0 && !self.text.contains('(') && word.trim().ends_with(':') && self.text.contains(':');
        if starts_next {
            self.finish(around, parts);
            self.line = line;
        }
        self.text.push_str(word);
    }

    fn end_line(&mut self, arguments: i32, around: &str, parts: &mut Parts) {
        if arguments <= 0 {
            self.finish(around, parts);
        } else {
            self.text.push(' ');
        }
    }

    fn finish(&mut self, around: &str, parts: &mut Parts) {
        let text = std::mem::take(&mut self.text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return;
        }
        let (name, rest) = text.split_once([':', '(', ' ']).unwrap_or((&text, ""));
        let (arguments, kind) = if text.get(name.len()..).is_some_and(|rest| rest.starts_with('(')) {
            rest.split_once(')').unwrap_or((rest, ""))
        } else {
            ("", rest)
        };
        add(parts, around, Some(name.trim()), kind.trim_start_matches(':').trim(), self.line);
        let mut argument_names = arguments
            .split([',', ' '])
            .filter_map(|word| word.strip_suffix(':').or_else(|| word.split_once(':').map(|(name, _)| name)));
        for argument in argument_names.by_ref().filter(|argument| !argument.is_empty()) {
            add(parts, &format!("{around}\u{1f}{}", name.trim()), Some(argument), "", self.line);
        }
        // Types and defaults of the arguments, as one.
        if !arguments.is_empty() {
            add(parts, &format!("{around}\u{1f}{}\u{1f}arguments", name.trim()), None, arguments, self.line);
        }
    }
}

fn definition(head: &str) -> Option<String> {
    let words: Vec<&str> = head.split_whitespace().filter(|word| *word != "extend").collect();
    match words.as_slice() {
        ["type" | "input" | "interface" | "enum" | "union" | "scalar" | "directive", name, ..] => {
            Some((*name).to_owned())
        }
        ["schema", ..] => Some("schema".to_owned()),
        _ => None,
    }
}

fn add(parts: &mut Parts, around: &str, name: Option<&str>, value: &str, line: u32) {
    let path = name.map_or_else(|| around.to_owned(), |name| format!("{around}\u{1f}{name}"));
    parts.insert(path, Part { value: value.to_owned(), line });
}
