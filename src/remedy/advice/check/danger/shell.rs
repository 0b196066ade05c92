//! The programs that a shell script starts: there, every line is a call.

use std::collections::BTreeSet;

/// Words that start no program.
const OWN: &[&str] = &[
    "echo", "printf", "test", "[", "[[", "]]", "]", ":", "true", "false", "set", "unset", "local", "export",
    "readonly", "return", "exit", "shift", "break", "continue", "if", "then", "else", "elif", "fi", "for", "while",
    "until", "do", "done", "case", "esac", "in", "function", "read", "cd", "pwd", "let", "declare", "typeset", "!",
    "{", "}", "wait", "trap",
];

/// Whether a file is a script for a shell.
pub(super) fn is_script(path: &str, text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let is_named = [".sh", ".bash", ".zsh", ".ksh", ".bats"].iter().any(|end| path.ends_with(end));
    is_named || (first.starts_with("#!") && (first.contains("sh")))
}

/// Whether a backtick in this file starts a program.
pub(super) fn runs_backticks(path: &str) -> bool {
    [".rb", ".rake", ".pl", ".pm", ".php"].iter().any(|end| path.ends_with(end))
}

/// The programs that a script starts, once for each time; its own functions are none.
pub(super) fn commands(code: &str) -> Vec<String> {
    // What stands between the braces of a parameter is no command, unless it is one in brackets.
    let code = code.replace("${", "$");
    let words: Vec<&str> = code.lines().flat_map(first_words).collect();
    let own: BTreeSet<&str> = words.iter().filter_map(|word| word.strip_suffix("()")).collect();
    let is_program = |word: &&str| {
        let is_assignment =
            word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.contains(['/', '.']));
        !word.is_empty() && !is_assignment && !word.ends_with(')') && !OWN.contains(word) && !own.contains(*word)
    };
    words.into_iter().filter(is_program).map(str::to_owned).collect()
}

/// The first word of each command of a line, wherever one may start.
fn first_words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let is_word = |word: &&str| !word.starts_with(['>', '<']) && !word.bytes().all(|byte| byte.is_ascii_digit());
    // What stands behind `>&` is no command.
    let parts = line
        .split(">&")
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.trim_start_matches(|c: char| c.is_ascii_digit()) });
    for part in parts.flat_map(|part| part.split([';', '|', '&', '`', '(', '{'])) {
        let mut rest = part.split_whitespace().map(|word| word.trim_matches(['"', '\'', '$', '}', ')']));
        let keyword = |word: &&str| {
            ["if", "then", "else", "elif", "while", "until", "do", "!", "time", "exec", "command", "sudo"]
                .contains(word)
        };
        let assignment = |word: &str| {
            word.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_alphanumeric() || c == '_'))
        };
        words.extend(rest.find(|word| !keyword(word) && !assignment(word)).filter(is_word));
    }
    // `name()` came apart at its bracket.
    if let Some(name) = line.trim_start().split("()").next().filter(|_| line.contains("()")) {
        let name = name.trim_start_matches("function ").trim();
        words.retain(|word| *word != name);
        if let Some(definition) = line.trim_start().get(..name.len() + 2).filter(|text| text.ends_with("()")) {
            words.push(definition);
        }
    }
    words
}
