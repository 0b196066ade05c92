//! Whether the texts of a draft can still be read as what they are.

use super::{Finding, Touched};
use crate::remedy::fix::Check;
use crate::triage::syntax::grammar::Parsed;
use crate::triage::syntax::{Cut, Kind, Shape, Source, Token};

/// Asks whether every file parses: JSON and TOML by a parser, source code by the grammar of its language, or, where
/// there is none, by its brackets, strings and indentation. What did not hold as deployed is not asked of the draft.
pub(super) fn check(files: &[Touched<'_>]) -> Check {
    let found: Vec<Finding> =
        files.iter().filter_map(|file| Some(Finding::new(file, file_trouble(file, file.new?)?))).collect();
    super::check("parses", &found, "Every file that it changes can be read as what it is.")
}

/// Why the proposed text of a file cannot be read though the deployed one can.
fn file_trouble(file: &Touched<'_>, new: &str) -> Option<String> {
    if let Some(line) = conflict(new)
        && file.head.is_none_or(|head| conflict(head).is_none())
    {
        return Some(format!("has a mark of a merge conflict in line {line}"));
    }
    let Some(read) = reader(file.path) else { return code(file, new) };
    let was_so = || file.head.is_some_and(|head| read(head).is_some());
    read(new).filter(|_| !was_so())
}

/// The line of a mark that a merge left behind.
fn conflict(text: &str) -> Option<usize> {
    let is_mark = |line: &str| ["<<<<<<< ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark));
    text.lines().position(is_mark).map(|at| at + 1)
}

/// For a file of data, what tells why a text of it cannot be read.
fn reader(path: &str) -> Option<fn(&str) -> Option<String>> {
    let extension = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    Some(match extension.as_str() {
        "json" => |text| {
            let error = serde_json::from_str::<serde_json::Value>(text).err();
            error.map(|error| format!("is no JSON: {error}"))
        },
        "toml" => |text| {
            let error = toml::from_str::<toml::Table>(text).err();
            error.map(|error| format!("is no TOML: {}", error.message().lines().next().unwrap_or_default()))
        },
        "yaml" | "yml" => |text| {
            let tab = text.lines().position(|line| line.starts_with('\t'));
            tab.map(|at| format!("indents line {} with a tab, which YAML does not allow", at + 1))
        },
        _ => return None,
    })
}

fn code(file: &Touched<'_>, new: &str) -> Option<String> {
    let head = file.head.map(|head| Source::read(file.path, head));
    let source = Source::read(file.path, new);
    let was_clean = head.as_ref().is_none_or(|head| head.parsed().is_some_and(|parsed| parsed.errors().is_empty()));
    let choices = conditional(file.path, new);
    match (source.parsed(), source.exact()) {
        (Some(parsed), Some(cut)) if was_clean => {
            let wrong = beside(parsed, &choices).next();
            let wrong = wrong.map(|(line, _)| format!("cannot be read from line {line} on"));
            let wrong = wrong.or_else(|| by_lexer(&source).filter(|_| !parsed.errors().is_empty()));
            wrong.or_else(|| layout(&source, cut).filter(|_| !head.is_some_and(|head| is_odd(&head))))
        }
        (None, _) if was_clean && source.has_grammar() && choices.is_empty() => {
            Some("cannot be read as what it was".to_owned())
        }
        (parsed, _) => {
            let was_so = || head.as_ref().is_some_and(|head| by_lexer(head).is_some());
            let more = || parsed.and_then(|parsed| more_errors(file, parsed, head.as_ref()?.parsed()?, &choices));
            by_lexer(&source).filter(|_| !was_so()).or_else(more)
        }
    }
}

/// The first and last lines of parts that a preprocessor chooses among, `#if` to `#endif`: a grammar, which sees all
/// choices one after the other, need not understand them.
fn conditional(path: &str, text: &str) -> Vec<(u32, u32)> {
    if !path.ends_with(".cs") {
        return Vec::new();
    }
    let (mut open, mut found) = (Vec::new(), Vec::new());
    for (line, text) in (1_u32..).zip(text.lines()) {
        let word = text.trim_start().strip_prefix('#').map(str::trim_start).unwrap_or_default();
        if word.starts_with("if") {
            open.push(line);
        } else if word.starts_with("endif") {
            found.extend(open.pop().map(|from| (from, line)));
        }
    }
    found
}

/// The errors that are not at parts that a preprocessor chooses among.
fn beside<'p>(parsed: &'p Parsed, choices: &'p [(u32, u32)]) -> impl Iterator<Item = (u32, u32)> + 'p {
    let is_choice = |(first, last): (u32, u32)| choices.iter().any(|(from, to)| first <= *to && *from <= last + 1);
    parsed.errors().iter().copied().filter(move |lines| !is_choice(*lines))
}

/// Where the grammar does not read all of the deployed file: an error more, in a line that the draft brings.
fn more_errors(file: &Touched<'_>, new: &Parsed, head: &Parsed, choices: &[(u32, u32)]) -> Option<String> {
    if new.errors().len() <= head.errors().len() {
        return None;
    }
    let errors: Vec<(u32, u32)> = beside(new, choices).collect();
    let mut lines = file.added().filter_map(|(line, _)| u32::try_from(line).ok());
    lines
        .find(|line| errors.iter().any(|(first, last)| first <= line && line <= last))
        .map(|line| format!("cannot be read from line {line} on"))
}

fn by_lexer(source: &Source<'_>) -> Option<String> {
    match source.syntax.shape {
        Shape::Flat => None,
        Shape::Indented if source.syntax.triple_quotes => brackets(source).or_else(|| layout(source, source.cut())),
        Shape::Indented | Shape::Braces | Shape::Ends => brackets(source),
    }
}

/// Why the blocks of a language like Python do not fit together, of which its grammar says nothing.
fn layout(source: &Source<'_>, cut: Cut<'_>) -> Option<String> {
    if source.syntax.shape == Shape::Indented && source.syntax.triple_quotes { indentation(source, cut) } else { None }
}

/// Whether the layout of a text is odd as it is.
fn is_odd(source: &Source<'_>) -> bool {
    source.exact().is_some_and(|cut| layout(source, cut).is_some())
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

fn indentation(source: &Source<'_>, cut: Cut<'_>) -> Option<String> {
    let mut levels: Vec<usize> = vec![0];
    let (mut depth, mut last_line, mut expects_block) = (0_i32, 0, false);
    let mut previous: Option<&str> = None;
    // A comment that a checker obeys is no comment to the lexer, and says nothing of the layout either.
    let is_comment = |token: &Token| token.kind == Kind::Comment || source.of(token).starts_with('#');
    for token in cut.tokens().iter().filter(|token| !is_comment(token)) {
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
