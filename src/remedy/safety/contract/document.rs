//! Reads JSON and YAML as paths with values and lines.
//!
//! Good for comparing two versions of one file: what it does not understand, it reads the same way in
//! both. Entries of lists go by their name where they have one, so that inserting one moves no other.

use super::lookup::is_wording;
use super::{Part, Parts};

/// Deepest nesting that is read.
const DEEPEST: usize = 64;

/// Reads JSON; `None` when it is none, or nested too deeply.
pub(super) fn json(text: &str) -> Option<Parts> {
    let mut reader = Json { bytes: text.as_bytes(), at: 0, line: 1, parts: Parts::new() };
    reader.value(&mut Vec::new())?;
    reader.space();
    (reader.at == text.len()).then_some(reader.parts)
}

struct Json<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
    parts: Parts,
}

impl Json<'_> {
    fn space(&mut self) {
        while let Some(byte) = self.bytes.get(self.at).filter(|byte| byte.is_ascii_whitespace()) {
            self.line += u32::from(*byte == b'\n');
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.space();
        let follows = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(follows);
        follows
    }

    fn string(&mut self) -> Option<String> {
        self.space();
        let start = self.at;
        if !self.eat(b'"') {
            return None;
        }
        loop {
            match self.bytes.get(self.at)? {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        serde_json::from_slice(self.bytes.get(start..self.at)?).ok()
    }

    fn value(&mut self, path: &mut Vec<String>) -> Option<()> {
        if path.len() > DEEPEST {
            return None;
        }
        self.space();
        let line = self.line;
        match self.bytes.get(self.at)? {
            b'{' => self.object(path, line),
            b'[' => self.list(path, line),
            b'"' => {
                let value = self.string()?;
                insert(&mut self.parts, path, value, line);
                Some(())
            }
            _ => {
                let rest = self.bytes.get(self.at..)?;
                let length = rest.iter().position(|byte| b",]} \t\r\n".contains(byte)).unwrap_or(rest.len());
                let value = std::str::from_utf8(rest.get(..length)?).ok()?;
                serde_json::from_str::<serde_json::Value>(value).ok()?;
                self.at += length;
                insert(&mut self.parts, path, value.to_owned(), line);
                Some(())
            }
        }
    }

    fn object(&mut self, path: &mut Vec<String>, line: u32) -> Option<()> {
        self.eat(b'{');
        insert(&mut self.parts, path, String::new(), line);
        if self.eat(b'}') {
            return Some(());
        }
        loop {
            let key = self.string()?;
            if !self.eat(b':') {
                return None;
            }
            path.push(key);
            self.value(path)?;
            path.pop();
            if self.eat(b'}') {
                return Some(());
            }
            if !self.eat(b',') {
                return None;
            }
        }
    }

    fn list(&mut self, path: &mut Vec<String>, line: u32) -> Option<()> {
        self.eat(b'[');
        insert(&mut self.parts, path, String::new(), line);
        let mut index = 0;
        if self.eat(b']') {
            return Some(());
        }
        loop {
            self.space();
            path.push(self.name_of_entry().unwrap_or_else(|| format!("[{index}]")));
            self.value(path)?;
            path.pop();
            index += 1;
            if self.eat(b']') {
                return Some(());
            }
            if !self.eat(b',') {
                return None;
            }
        }
    }

    /// What identifies the entry that follows: itself when it is a text, its name when it has one.
    fn name_of_entry(&self) -> Option<String> {
        let mut ahead = Json { bytes: self.bytes, at: self.at, line: self.line, parts: Parts::new() };
        if let Some(text) = ahead.string() {
            return Some(text);
        }
        if !ahead.eat(b'{') {
            return None;
        }
        // The name is one of the first few keys with a plain value.
        for _ in 0..4 {
            let key = ahead.string()?;
            if !ahead.eat(b':') {
                return None;
            }
            let value = ahead.string()?;
            if matches!(key.as_str(), "name" | "$ref" | "operationId" | "symbol") {
                return Some(value);
            }
            ahead.eat(b',');
        }
        None
    }
}

fn insert(parts: &mut Parts, path: &[String], value: String, line: u32) {
    let in_info = path.first().is_some_and(|first| first == "info");
    // A property may be called "description"; its name is no wording.
    let wording = path.iter().enumerate().any(|(index, key)| {
        let named =
            index.checked_sub(1).and_then(|before| path.get(before)).is_some_and(|before| before == "properties");
        !named && (is_wording(key) || key.starts_with("x-"))
    });
    if !path.is_empty() && !in_info && !wording {
        parts.insert(path.join("\u{1f}"), Part { value, line });
    }
}

/// Reads YAML by its indentation: mappings, lists, and values as they are written.
pub(super) fn yaml(text: &str) -> Parts {
    let mut parts = Parts::new();
    // Each step with the column it begins at, and how many entries its list had so far.
    let mut steps: Vec<(usize, String, usize)> = Vec::new();
    let mut block: Option<usize> = None;
    for (number, raw) in (1_u32..).zip(text.lines()) {
        let indent = raw.len() - raw.trim_start_matches(' ').len();
        let line = without_comment(raw.trim());
        if line.is_empty() || line == "---" {
            continue;
        }
        if let Some(outer) = block {
            if indent > outer {
                continue;
            }
            block = None;
        }
        let opens_block =
            line.ends_with(": |") || line.ends_with(": >") || line.ends_with(": |-") || line.ends_with(": >-");
        if opens_block {
            block = Some(indent);
        }
        entry(&mut parts, &mut steps, indent, line, number);
        if steps.len() > DEEPEST {
            steps.truncate(DEEPEST);
        }
    }
    parts
}

fn entry(parts: &mut Parts, steps: &mut Vec<(usize, String, usize)>, indent: usize, line: &str, number: u32) {
    let (mut column, mut rest) = (indent, line);
    while let Some(after) = rest.strip_prefix("- ").or(if rest == "-" { Some("") } else { None }) {
        // A list may begin at the column of its key.
        while steps.last().is_some_and(|(at, name, _)| *at > column || (*at == column && name.starts_with('\u{1e}'))) {
            steps.pop();
        }
        let index = steps.last_mut().map_or(0, |last| {
            last.2 += 1;
            last.2
        });
        let after = after.trim_start();
        let name = identity(after).map_or_else(|| format!("[{index}]"), str::to_owned);
        steps.push((column, format!("\u{1e}{name}"), 0));
        let path = path_of(steps);
        insert(parts, &path, String::new(), number);
        column += 2;
        rest = after;
    }
    let Some((key, value)) = key_value(rest) else { return };
    while steps.last().is_some_and(|(at, _, _)| *at >= column) {
        steps.pop();
    }
    steps.push((column, key.to_owned(), 0));
    let path = path_of(steps);
    if flow(parts, &mut path_of(steps), value, number).is_some() {
        return;
    }
    insert(parts, &path, if matches!(value, "|" | ">") { String::new() } else { value.to_owned() }, number);
    if let Some(items) = value.strip_prefix('[').and_then(|value| value.strip_suffix(']')) {
        for item in items.split(',').map(|item| unquoted(item.trim())).filter(|item| !item.is_empty()) {
            let mut path = path_of(steps);
            insert(parts, &path, String::new(), number);
            path.push(item.to_owned());
            insert(parts, &path, String::new(), number);
        }
    }
}

/// A mapping on one line, `{a: 1, b: {c: 2}}`; `None`, and nothing of it taken, when it is none or does not end there.
fn flow(parts: &mut Parts, path: &mut Vec<String>, value: &str, number: u32) -> Option<()> {
    let inside = value.strip_prefix('{')?.strip_suffix('}').filter(|_| path.len() <= DEEPEST)?;
    let entries: Vec<(&str, &str)> = pieces(inside)?.into_iter().map(key_value).collect::<Option<_>>()?;
    insert(parts, path, String::new(), number);
    for (key, value) in entries {
        path.push(key.to_owned());
        if flow(parts, path, value, number).is_none() {
            insert(parts, path, value.to_owned(), number);
        }
        path.pop();
    }
    Some(())
}

/// The entries of a mapping on one line, without those of what it holds; `None` where brackets or quotes stay open.
fn pieces(inside: &str) -> Option<Vec<&str>> {
    let (mut depth, mut quote, mut from) = (0_i32, None, 0);
    let mut pieces = Vec::new();
    for (at, character) in inside.char_indices() {
        match (character, quote) {
            (_, Some(open)) if character == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(character),
            ('{' | '[', None) => depth += 1,
            ('}' | ']', None) => depth -= 1,
            (',', None) if depth == 0 => {
                pieces.push(inside.get(from..at)?);
                from = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(inside.get(from..)?);
    pieces.retain(|piece| !piece.trim().is_empty());
    (depth == 0 && quote.is_none()).then_some(pieces)
}

fn path_of(steps: &[(usize, String, usize)]) -> Vec<String> {
    steps.iter().map(|(_, name, _)| name.trim_start_matches('\u{1e}').to_owned()).collect()
}

/// What identifies an entry of a list: a plain value itself, or the value of its first key when that names it.
fn identity(entry: &str) -> Option<&str> {
    match key_value(entry) {
        None => Some(unquoted(entry)).filter(|entry| !entry.is_empty()),
        Some((key, value)) => matches!(key, "name" | "$ref" | "operationId" | "url").then(|| unquoted(value)),
    }
}

fn key_value(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let end = if let Some(quote) = text.chars().next().filter(|first| matches!(first, '"' | '\'')) {
        let close = text.get(1..)?.find(quote)? + 2;
        text.get(close..)?.starts_with(':').then_some(close)?
    } else {
        text.find(": ").or_else(|| text.strip_suffix(':').map(str::len))?
    };
    let (key, rest) = text.split_at(end);
    Some((unquoted(key), unquoted(rest.trim_start_matches(':').trim())))
}

fn unquoted(text: &str) -> &str {
    let inside = |quote| text.strip_prefix(quote).and_then(|text: &str| text.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}

fn without_comment(line: &str) -> &str {
    if line.starts_with('#') {
        return "";
    }
    line.find(" #").filter(|_| !line.contains(['"', '\''])).and_then(|at| line.get(..at)).map_or(line, str::trim_end)
}
