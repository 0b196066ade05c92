//! Whether the texts of a draft can still be read as what they are.

use super::{Finding, Touched};
use crate::remedy::fix::Check;
use crate::triage::syntax::{Kind, Shape, Source};

/// Asks whether every file parses: JSON and TOML by a parser, source code by its brackets, strings and
/// indentation. What did not hold as deployed is not asked of the draft.
pub(super) fn check(files: &[Touched<'_>]) -> Check {
    let found: Vec<Finding> = files
        .iter()
        .filter_map(|file| {
            let why = trouble(file.path, file.new?)?;
            let was_so = file.head.is_some_and(|head| trouble(file.path, head).is_some());
            (!was_so).then(|| Finding::new(file, why))
        })
        .collect();
    super::check("parses", &found, "Brackets, strings and blocks of every file that it changes are in order.")
}

/// Why a text cannot be read.
fn trouble(path: &str, text: &str) -> Option<String> {
    let extension = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    if let Some(line) = text.lines().position(is_conflict) {
        return Some(format!("has a mark of a merge conflict in line {}", line + 1));
    }
    match extension.as_str() {
        "json" => serde_json::from_str::<serde_json::Value>(text).err().map(|error| format!("is no JSON: {error}")),
        "toml" => toml::from_str::<toml::Table>(text)
            .err()
            .map(|error| format!("is no TOML: {}", error.message().lines().next().unwrap_or_default())),
        "yaml" | "yml" => text
            .lines()
            .position(|line| line.starts_with('\t'))
            .map(|at| format!("indents line {} with a tab, which YAML does not allow", at + 1)),
        _ => code(path, text),
    }
}

fn is_conflict(line: &str) -> bool {
    ["<<<<<<< ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark))
}

fn code(path: &str, text: &str) -> Option<String> {
    let source = Source::read(path, text);
    match source.syntax.shape {
        Shape::Flat => None,
        Shape::Indented if source.syntax.triple_quotes => brackets(&source).or_else(|| indentation(&source)),
        Shape::Indented | Shape::Braces | Shape::Ends => brackets(&source),
    }
}

/// Why the brackets do not fit together.
fn brackets(source: &Source<'_>) -> Option<String> {
    let mut open: Vec<(&str, u32)> = Vec::new();
    for token in source.tokens.iter().filter(|token| token.kind == Kind::Mark) {
        let mark = source.of(token);
        let partner = match mark {
            "(" | "[" | "{" => {
                open.push((mark, token.line));
                continue;
            }
            ")" => "(",
            "]" => "[",
            "}" => "{",
            _ => continue,
        };
        match open.pop() {
            Some((held, _)) if held == partner => {}
            Some((held, line)) => {
                return Some(format!("closes {held:?} of line {line} with {mark:?} in line {}", token.line));
            }
            None => return Some(format!("closes {mark:?} in line {}, which was never opened", token.line)),
        }
    }
    open.pop().map(|(mark, line)| format!("never closes {mark:?} of line {line}"))
}

/// Why the blocks of a language like Python do not fit together.
fn indentation(source: &Source<'_>) -> Option<String> {
    let mut levels: Vec<usize> = vec![0];
    let (mut depth, mut last_line, mut expects_block) = (0_i32, 0, false);
    let mut previous: Option<&str> = None;
    for token in source.tokens.iter().filter(|token| token.kind != Kind::Comment) {
        let is_continued = last_line > 0 && source.line(last_line).trim_end().ends_with('\\');
        if token.line > last_line && depth == 0 && !is_continued {
            expects_block = previous == Some(":");
            let column = width(source.line(token.line));
            let level = levels.last().copied().unwrap_or(0);
            if expects_block && column <= level {
                return Some(format!("has no block behind the colon above line {}", token.line));
            }
            if column > level {
                if !expects_block {
                    return Some(format!("indents line {} for no reason", token.line));
                }
                levels.push(column);
            }
            while levels.last().is_some_and(|level| *level > column) {
                levels.pop();
            }
            if levels.last().copied() != Some(column) {
                return Some(format!("indents line {} like no line above", token.line));
            }
        }
        match source.of(token) {
            "(" | "[" | "{" if token.kind == Kind::Mark => depth += 1,
            ")" | "]" | "}" if token.kind == Kind::Mark => depth -= 1,
            _ => {}
        }
        last_line = token.last_line;
        previous = Some(source.of(token));
    }
    (previous == Some(":") && !expects_block && depth == 0).then(|| "ends with a colon".to_owned())
}

fn width(line: &str) -> usize {
    line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 8 } else { 1 }).sum()
}
