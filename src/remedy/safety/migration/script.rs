//! Reads migrations written in a programming language, call by call.
//!
//! Every call in the part that a deploy runs has to be known: one that is not makes the migration not
//! understood. Names are compared without case and underscores, so `remove_column`, `RemoveColumn` and
//! `removeColumn` are one word of one vocabulary.

use super::hidden::speaks_of_loss;
use super::vocabulary::{self, Call, Meaning};
use super::{Operation, statement};
use crate::remedy::safety::Hazard;
use crate::remedy::safety::rules::{self, Rule};
use crate::remedy::safety::source::{LineIndex, Masked, Syntax, mask};

/// Calls that go through the rows of a table.
const ROWS: [&str; 6] = ["findeach", "findinbatches", "eachbatch", "chunkbyid", "eachrow", "eachrecord"];

/// Returns what a migration does, in order.
pub(super) fn operations(source: &str, extension: &str) -> Vec<Operation> {
    let masked = up_part(mask(source, Syntax::of(extension)));
    let lines = LineIndex::of(source);
    let by_line = matches!(extension, "rb" | "exs" | "ex");
    let mut calls = calls(&masked.code);
    if by_line {
        calls.extend(commands(&masked.code));
        calls.sort_by_key(|call| call.at);
        calls.dedup_by_key(|call| call.at);
    }
    let mut operations = Vec::new();
    let mut wrapper = String::new();
    // Whether rows were gone through before: what is then done to each is known to nobody.
    let mut on_rows = false;
    for found in calls {
        let name = vocabulary::normal(&found.name);
        if vocabulary::is_wrapper(&name) {
            wrapper.clone_from(&name);
        }
        let arguments = masked.text.get(found.at..found.end).unwrap_or_default();
        let rest = rest_of_statement(&masked, found.at, by_line);
        let call = Call { name: &name, receiver: &found.receiver, arguments, rest, wrapper: &wrapper, extension };
        let line = lines.line(found.at);
        match vocabulary::meaning(&call) {
            Meaning::Nothing => on_rows |= ROWS.contains(&name.as_str()),
            // What the function does to the data is judged call by call.
            Meaning::Does(rule) if rule == &rules::DATA_CODE && is_defined_here(&masked, arguments) => {
                operations.push(Operation {
                    rule: &rules::BACKFILL,
                    name: subject(&masked, &found),
                    line,
                    table: None,
                    columns: Vec::new(),
                });
            }
            Meaning::Does(rule) => operations.push(Operation {
                rule,
                name: subject(&masked, &found),
                line,
                table: table(&masked, &found, rule, &name),
                columns: if rule == &rules::OVERWRITE { given(arguments) } else { Vec::new() },
            }),
            Meaning::Sql => operations.extend(sql(&masked, &found, &lines)),
            Meaning::Unknown => {
                operations.push(Operation {
                    rule: if on_rows { &rules::DATA_CODE } else { unclear(arguments) },
                    name: found.name.clone(),
                    line,
                    table: None,
                    columns: Vec::new(),
                });
            }
        }
    }
    operations
}

/// Whether the function that a call is given is defined in the same file.
fn is_defined_here(masked: &Masked, arguments: &str) -> bool {
    let Some((_, inside)) = arguments.split_once('(') else { return false };
    let name: String = inside.trim_start().trim_start_matches("code=").chars().take_while(|c| is_name(*c)).collect();
    !name.is_empty() && masked.code.contains(&format!("def {name}("))
}

/// The columns that keyword arguments give values to: `update(a=1, b=F("c"))`, `update_all(a: 1)`.
fn given(arguments: &str) -> Vec<String> {
    let Some((_, inside)) = arguments.split_once(['(', ' ']) else { return Vec::new() };
    let mut depth = 0_i32;
    let parts = inside.trim_end().trim_end_matches(')').split(|character| {
        depth += i32::from(matches!(character, '(' | '[' | '{')) - i32::from(matches!(character, ')' | ']' | '}'));
        depth == 0 && character == ','
    });
    let names: Option<Vec<String>> = parts
        .map(|part| {
            let (name, value) = part.split_once(['=', ':'])?;
            let is_plain = !name.trim().is_empty() && name.trim().chars().all(is_name) && !value.starts_with('=');
            is_plain.then(|| name.trim().to_owned())
        })
        .collect();
    names.unwrap_or_default()
}

/// A call: where its name begins, and where its arguments end.
struct Found {
    name: String,
    receiver: String,
    at: usize,
    end: usize,
}

/// Calls with parentheses, and names in front of a block of keyword arguments.
fn calls(code: &str) -> Vec<Found> {
    let bytes = code.as_bytes();
    let ends = closing(bytes);
    let mut found = Vec::new();
    for (open, end) in ends {
        let before = code.get(..open).unwrap_or_default().trim_end_matches([' ', '\t']);
        let before = without_type_arguments(before);
        let name = name_before(before);
        let Some(at) = before.len().checked_sub(name.len()).filter(|_| !name.is_empty()) else { continue };
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            continue;
        }
        let ahead = before.get(..at).unwrap_or_default();
        let word = name_before(ahead.trim_end_matches([' ', '\t']));
        let defines = !ahead.is_empty()
            && ahead.ends_with([' ', '\t'])
            && matches!(
                word,
                "def" | "defp" | "function" | "class" | "async" | "new" | "fn" | "void" | "override" | "extends"
            );
        if !defines && !vocabulary::is_keyword(name) {
            found.push(Found { name: name.to_owned(), receiver: receiver_before(ahead).to_owned(), at, end });
        }
    }
    found.sort_by_key(|call| call.at);
    found
}

/// Each opening parenthesis with the position behind the one that closes it.
fn closing(code: &[u8]) -> Vec<(usize, usize)> {
    let mut open = Vec::new();
    let mut pairs = Vec::new();
    for (index, byte) in code.iter().enumerate() {
        match byte {
            b'(' => open.push(index),
            b')' => pairs.extend(open.pop().map(|start| (start, index + 1))),
            _ => {}
        }
    }
    pairs.extend(open.into_iter().map(|start| (start, code.len())));
    pairs
}

/// The text without a last `<…>`.
fn without_type_arguments(text: &str) -> &str {
    if !text.ends_with('>') || text.ends_with("->") || text.ends_with("=>") {
        return text;
    }
    let tail_from = text.len().saturating_sub(200);
    let tail_from = (tail_from..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    match text.get(tail_from..).and_then(|tail| tail.rfind('<')) {
        Some(at) => text.get(..tail_from + at).unwrap_or(text),
        None => text,
    }
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '!' | '?' | '$')
}

fn name_before(text: &str) -> &str {
    let start = text.trim_end_matches(is_name).len();
    text.get(start..).unwrap_or_default()
}

fn receiver_before(text: &str) -> &str {
    let text = ["?.", "->", "::", "."].iter().find_map(|dot| text.strip_suffix(dot));
    text.map(|text| name_before(text.trim_end())).unwrap_or_default()
}

/// Calls without parentheses: the first word of a line, as Ruby and Elixir have them.
fn commands(code: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let (mut position, mut depth, mut goes_on) = (0, 0_i32, false);
    for line in code.split_inclusive('\n') {
        let start = position;
        position += line.len();
        let words = line.trim();
        if words.is_empty() {
            continue;
        }
        if goes_on || depth > 0 {
            if let Some(last) = found.last_mut() {
                last.end = position;
            }
        } else {
            for from in starts(line) {
                let Some((receiver, name, offset)) = line.get(from..).and_then(command) else { continue };
                let (name, receiver) = (name.to_owned(), receiver.to_owned());
                found.push(Found { name, receiver, at: start + from + offset, end: position });
            }
        }
        depth +=
            line.bytes().map(|byte| i32::from(b"([{".contains(&byte)) - i32::from(b")]}".contains(&byte))).sum::<i32>();
        depth = depth.max(0);
        goes_on = words.ends_with([',', '\\', '+', '.']) || words.ends_with("|>");
    }
    found
}

/// Where a call may begin in a line: at its start, in a block on the same line, behind a semicolon.
fn starts(line: &str) -> Vec<usize> {
    let mut starts = vec![0];
    for (at, mark) in line.match_indices(['{', ';']) {
        let before = line.get(..at).unwrap_or_default();
        // Without a blank before it, it opens a list of words, a map or an inserted value.
        if mark == "{" && !before.ends_with([' ', ')']) {
            continue;
        }
        let rest = line.get(at + 1..).unwrap_or_default();
        let arguments = rest.trim_start().strip_prefix('|').and_then(|rest| rest.split_once('|'));
        let inside = arguments.map_or(rest, |(_, inside)| inside);
        starts.push(line.len() - inside.len());
    }
    starts
}

fn command(line: &str) -> Option<(&str, &str, usize)> {
    let indent = line.len() - line.trim_start().len();
    let words = line.get(indent..)?;
    let end = words.find(|character| !(is_name(character) || character == '.')).unwrap_or(words.len());
    let (path, after) = words.split_at(end);
    let next = after.trim_start();
    let assigns = next.starts_with('=') && !next.starts_with("==");
    if path.is_empty() || after.starts_with(['(', ':', '[']) || assigns || next.starts_with('|') {
        return None;
    }
    let (receiver, name) = path.rsplit_once('.').unwrap_or(("", path));
    let receiver = receiver.rsplit('.').next().unwrap_or_default();
    let is_name_of_call = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    (is_name_of_call && !vocabulary::is_keyword(name)).then(|| (receiver, name, indent + path.len() - name.len()))
}

/// From a call to the end of its statement: what is chained to it.
fn rest_of_statement(masked: &Masked, at: usize, by_line: bool) -> &str {
    let code = masked.code.get(at..).unwrap_or_default();
    let end = if by_line { code.find('\n') } else { code.find(';').or_else(|| code.find("\n\n")) };
    let end = at + end.unwrap_or(code.len()).min(2_000);
    let end = (end..=masked.text.len()).find(|&end| masked.text.is_char_boundary(end)).unwrap_or(at);
    masked.text.get(at..end).unwrap_or_default()
}

/// What an operation is about: the first names among its arguments.
fn subject(masked: &Masked, call: &Found) -> String {
    let arguments = masked.text.get(call.at..call.end).unwrap_or_default();
    let words: Vec<&str> = arguments
        .get(call.name.len()..)
        .unwrap_or_default()
        .split(|character: char| !(character.is_alphanumeric() || matches!(character, '_' | '.' | '=')))
        .filter(|word| !word.is_empty() && !matches!(*word, "table" | "name" | "model_name" | "table:" | "async"))
        .take(2)
        .map(|word| word.rsplit('=').next().unwrap_or(word))
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() { call.name.clone() } else { words.join(".") }
}

/// The table that an operation concerns; of what is created, only when that is a table.
fn table(masked: &Masked, call: &Found, rule: &Rule, name: &str) -> Option<String> {
    if rule == &rules::CREATE && !vocabulary::makes_table(name) {
        return None;
    }
    subject(masked, call).split('.').next().map(str::to_owned)
}

/// What the SQL in the arguments of a call does.
fn sql(masked: &Masked, call: &Found, lines: &LineIndex) -> Vec<Operation> {
    let within: Vec<(usize, usize)> = masked
        .strings
        .iter()
        .copied()
        .filter(|(start, end)| *start >= call.at && *end <= statement_end(masked, call))
        .collect();
    let arguments = masked.text.get(call.at..statement_end(masked, call)).unwrap_or_default();
    let unclear = || {
        let (rule, name) = (unclear(arguments), call.name.clone());
        vec![Operation { rule, name, line: lines.line(call.at), table: None, columns: Vec::new() }]
    };
    let Some(&first) = within.first() else { return unclear() };
    let lead = masked.code.get(call.at + call.name.len()..first.0).unwrap_or_default();
    if lead.contains(['[', ',', '{']) || lead.matches('(').count() > 2 {
        return unclear();
    }
    let mut text = String::new();
    let mut line = lines.line(first.0);
    let mut end = first.0;
    for string in within {
        let between = masked.code.get(end..string.0).unwrap_or_default();
        if !between.chars().all(|character| character.is_whitespace() || "+.\\".contains(character)) {
            break;
        }
        // Text that goes on in another string keeps its line.
        while line < lines.line(string.0) {
            text.push('\n');
            line += 1;
        }
        let inside = masked.inside(string);
        line += u32::try_from(inside.matches('\n').count()).unwrap_or(0);
        text.push_str(inside);
        end = string.1;
    }
    let plain = without_inserted(&text);
    let mut operations = statement::operations(&plain, lines.line(first.0));
    if plain != text && operations.iter().all(|operation| operation.rule.level != Hazard::Red) {
        operations.extend(unclear());
    }
    operations
}

/// The rule for a call that nobody knows.
fn unclear(text: &str) -> &'static Rule {
    if speaks_of_loss(text) { &rules::NOT_UNDERSTOOD } else { &rules::UNCLEAR }
}

/// A text with a name in place of each value that is put in when it runs.
fn without_inserted(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['$', '#', '%', '{']) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let opens = from.starts_with("${") || from.starts_with("#{") || from.starts_with('{');
        let close = from.find('}').filter(|_| opens);
        let length = if from.starts_with("%s") || from.starts_with("%d") { 2 } else { close.map_or(0, |at| at + 1) };
        if length == 0 {
            plain.push_str(from.get(..1).unwrap_or_default());
            rest = from.get(1..).unwrap_or_default();
        } else {
            plain.push_str("some_name");
            rest = from.get(length..).unwrap_or_default();
        }
    }
    plain + rest
}

/// Where the arguments end; a heredoc goes on behind them.
fn statement_end(masked: &Masked, call: &Found) -> usize {
    let heredoc = masked.strings.iter().find(|(start, _)| {
        (call.at..call.end).contains(start) && masked.text.get(*start..).is_some_and(|text| text.starts_with("<<"))
    });
    heredoc.map_or(call.end, |(_, end)| *end)
}

/// Leaves the way back blank: `down`, `downgrade`, and what they hold by their indentation.
fn up_part(masked: Masked) -> Masked {
    let mut text = String::with_capacity(masked.text.len());
    let mut code = String::with_capacity(masked.code.len());
    let mut down: Option<usize> = None;
    for (shown, kept) in masked.text.split_inclusive('\n').zip(masked.code.split_inclusive('\n')) {
        let words = kept.trim_start();
        let indent = kept.len() - words.len();
        let mut hide = down.is_some();
        if let Some(outer) = down
            && !words.trim().is_empty()
            && indent <= outer
            && !words.starts_with('{')
        {
            down = None;
            hide = words.starts_with(['}', ')']) || words.starts_with("end");
        }
        if down.is_none() && is_down(words) {
            down = Some(indent);
            hide = true;
            // All on one line.
            if words.trim_end().ends_with("pass") || words.trim_end().ends_with("end") {
                down = None;
            }
        }
        if hide {
            let blank: String = shown.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
            text.push_str(&blank);
            code.push_str(&blank);
        } else {
            text.push_str(shown);
            code.push_str(kept);
        }
    }
    Masked { text, code, strings: masked.strings }
}

/// Whether a line begins a way back, and no way forth.
fn is_down(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    let starts = [
        "def down",
        "def self.down",
        "def downgrade",
        "exports.down",
        "module.exports.down",
        "export async function down",
        "export function down",
        "async down",
        "down(",
        "down:",
        "async function down",
        "function down",
        "public async down",
        "public function down",
        "protected override void down",
        "dir.down",
        "export const down",
        "down =",
        "reverse",
    ];
    let begins = starts.iter().any(|start| lower.starts_with(start));
    let forth = lower.contains("exports.up") || lower.contains("upgrade(") || lower.contains(" up(");
    begins && !forth && !lower.starts_with("reversible") && !lower.starts_with("reverse_")
}
