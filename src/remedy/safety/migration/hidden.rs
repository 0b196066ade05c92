//! Reads what a statement runs out of a text: bodies of `DO`, dynamic SQL, commands of the client.
//!
//! Such a text is read as statements of its own. What of it is put together while it runs is not understood.

use super::Operation;
use super::lexer::{Kind, Statement, Token, statements};
use super::parsed;
use super::statement::{excerpt, judge, unclear, within};
use crate::remedy::safety::rules;

/// Parts of words that speak of taking something away.
const TAKES_AWAY: [&str; 12] =
    ["drop", "truncat", "delet", "renam", "purg", "destroy", "remov", "overwrit", "wipe", "erase", "detach", "revoke"];

/// Words that change what is there.
const CHANGES: [&str; 4] = ["UPDATE", "ALTER", "REPLACE", "MERGE"];

/// Commands of psql that do nothing to a database.
const CLIENT: [&str; 14] = [
    "set", "unset", "echo", "qecho", "warn", "timing", "connect", "c", "if", "elif", "else", "endif", "pset",
    "encoding",
];

/// Whether a text of any language speaks of taking something away or changing it.
pub(in crate::remedy::safety) fn speaks_of_loss(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    TAKES_AWAY.iter().chain(&["update", "alter", "replace", "merge"]).any(|part| lower.contains(part))
}

/// Whether words speak of taking something away or changing it.
pub(super) fn may_destroy(tokens: &[Token<'_>]) -> bool {
    tokens.iter().any(|token| {
        let lower = token.text.to_ascii_lowercase();
        let drops_it = !matches!(token.kind, Kind::Quoted) && TAKES_AWAY.iter().any(|part| lower.contains(part));
        drops_it || CHANGES.iter().any(|word| token.is(word))
    })
}

/// What a statement runs out of a text; `None` when it is none of these.
pub(super) fn read(statement: &Statement<'_>, depth: usize) -> Option<Vec<Operation>> {
    let first = statement.tokens.first()?;
    if first.kind == Kind::Text && first.text.starts_with('\\') {
        return Some(of_client(statement, first));
    }
    let bodies: Vec<&Token<'_>> = statement.tokens.iter().filter(|token| token.kind == Kind::Text).collect();
    let is_any = |words: &[&str]| words.iter().any(|word| first.is(word));
    if first.is("DO") {
        return Some(all(statement, &bodies, depth, true));
    }
    if is_any(&["EXECUTE", "EXEC", "PREPARE"]) && !names_rename(statement) && !bodies.is_empty() {
        // Whatever is joined to the text is known only when it runs.
        let joined = statement.tokens.iter().any(|token| matches!(token.text, "|" | "+"));
        return Some(all(statement, &bodies, depth, !joined));
    }
    None
}

/// What a statement keeps as a text that may be run later, beside what it does itself.
pub(super) fn kept(statement: &Statement<'_>, depth: usize) -> Vec<Operation> {
    let keeps = |first: &Token<'_>| ["SET", "SELECT", "DECLARE"].iter().any(|word| first.is(word));
    if !statement.tokens.first().is_some_and(keeps) {
        return Vec::new();
    }
    let begins = |token: &&Token<'_>| token.kind == Kind::Text && begins_statement(inner(token.text));
    let texts: Vec<&Token<'_>> = statement.tokens.iter().filter(begins).collect();
    if texts.is_empty() { Vec::new() } else { all(statement, &texts, depth, true) }
}

fn of_client(statement: &Statement<'_>, command: &Token<'_>) -> Vec<Operation> {
    let word = command.text.trim_start_matches('\\').split_whitespace().next().unwrap_or_default();
    let rule = match word {
        "copy" => &rules::BACKFILL,
        _ if CLIENT.contains(&word) => return Vec::new(),
        _ => unclear(&statement.tokens),
    };
    vec![operation(rule, command.text.to_owned(), command.line)]
}

fn operation(rule: &'static rules::Rule, name: String, line: u32) -> Operation {
    Operation { rule, name, line, table: None, columns: Vec::new() }
}

/// `EXEC sp_rename 'a', 'b'`, whose texts are names.
fn names_rename(statement: &Statement<'_>) -> bool {
    statement.tokens.iter().take(4).any(|token| token.text.eq_ignore_ascii_case("sp_rename"))
}

fn all(statement: &Statement<'_>, bodies: &[&Token<'_>], depth: usize, whole: bool) -> Vec<Operation> {
    let Some(depth) = depth.checked_sub(1).filter(|_| !bodies.is_empty()) else {
        return vec![not_understood(statement)];
    };
    let mut operations = Vec::new();
    for body in bodies {
        let text = unformatted(inner(body.text));
        operations.extend(without_control(&text, body.line, depth));
    }
    if !whole {
        operations.push(not_understood(statement));
    }
    operations
}

fn not_understood(statement: &Statement<'_>) -> Operation {
    operation(unclear(&statement.tokens), excerpt(&statement.tokens), statement.line())
}

/// A text without its dollar quotes.
fn inner(text: &str) -> &str {
    let body = text.strip_prefix('$').and_then(|rest| {
        let tag = rest.find('$')? + 2;
        let quote = text.get(..tag)?;
        text.get(tag..)?.strip_suffix(quote)
    });
    body.unwrap_or(text)
}

/// Whether a text begins as a statement that changes something.
pub(super) fn begins_statement(text: &str) -> bool {
    let words = ["alter", "drop", "truncate", "delete", "update", "rename", "create", "insert"];
    let lower = text.trim_start().get(..9).unwrap_or(text.trim_start()).to_ascii_lowercase();
    words.iter().any(|word| lower.strip_prefix(word).is_some_and(|rest| rest.starts_with(char::is_whitespace)))
}

/// A text of `format` with names in place of its placeholders; quotes that are doubled stand for one.
fn unformatted(text: &str) -> String {
    text.replace("%I", "some_name").replace("%s", "some_name").replace("%L", "'x'").replace("''", "'")
}

/// What the statements of a procedural body do, whether or not and however often they are run.
fn without_control(body: &str, line: u32, depth: usize) -> Vec<Operation> {
    let mut operations = Vec::new();
    let mut declares = false;
    for statement in statements(body, line, true) {
        let mut rest = statement.tokens.as_slice();
        while let Some((first, after)) = rest.split_first() {
            let is_any = |words: &[&str]| words.iter().any(|word| first.is(word));
            // Where no block follows, declarations end with the first statement.
            let begins = [
                "BEGIN", "ALTER", "DROP", "TRUNCATE", "DELETE", "UPDATE", "INSERT", "CREATE", "RENAME", "EXEC",
                "EXECUTE",
            ];
            declares = (declares || first.is("DECLARE")) && !is_any(&begins);
            let keyword = if is_any(&["IF", "ELSIF", "ELSEIF", "WHEN"]) {
                "THEN"
            } else if is_any(&["FOR", "WHILE", "FOREACH"]) {
                "LOOP"
            } else if declares || is_any(&["END", "RAISE", "RETURN", "NULL", "EXIT", "CONTINUE", "GET"]) {
                "\0"
            } else if is_any(&["BEGIN", "ELSE", "LOOP", "EXCEPTION", "THEN", "ATOMIC"]) {
                rest = after;
                continue;
            } else {
                break;
            };
            let at = after.iter().position(|token| token.is(keyword)).unwrap_or(after.len());
            let (decides, behind) = after.split_at(at);
            if !first.is("RAISE") {
                operations.extend(kept_for_later(decides, depth));
            }
            rest = behind.get(1..).unwrap_or_default();
        }
        operations.extend(of_body(&statement, rest, depth));
    }
    operations
}

/// Texts that are kept in a variable and may be run, and changes within what seems to decide only.
fn kept_for_later(tokens: &[Token<'_>], depth: usize) -> Vec<Operation> {
    let begins = |token: &&Token<'_>| token.kind == Kind::Text && begins_statement(inner(token.text));
    let texts: Vec<&Token<'_>> = tokens.iter().filter(begins).collect();
    let Some(first) = tokens.first() else { return Vec::new() };
    let words: Vec<Token<'_>> = tokens.iter().filter(|token| token.kind == Kind::Word).copied().collect();
    let mut operations: Vec<Operation> = texts
        .iter()
        .flat_map(|text| within(&unformatted(inner(text.text)), text.line, depth.saturating_sub(1)))
        .collect();
    let changes = ["DELETE", "UPDATE", "INSERT", "DROP", "TRUNCATE", "ALTER", "RENAME", "MERGE", "REPLACE", "CREATE"];
    if words.iter().any(|token| changes.iter().any(|word| token.is(word))) {
        operations.push(operation(unclear(&words), excerpt(tokens), first.line));
    }
    operations
}

fn of_body(statement: &Statement<'_>, rest: &[Token<'_>], depth: usize) -> Vec<Operation> {
    let Some(first) = rest.first() else { return Vec::new() };
    let assigns = rest.get(1).is_some_and(|token| token.is(":")) && rest.get(2).is_some_and(|token| token.is("="));
    if assigns {
        return kept_for_later(rest, depth);
    }
    if first.is("PERFORM") {
        return parsed::calls(rest);
    }
    // The text of a token is a part of the statement's; in front of it may stand its quote.
    let quote = usize::from(matches!(first.kind, Kind::Quoted | Kind::Text) && !first.text.starts_with('$'));
    let at = (first.text.as_ptr() as usize).saturating_sub(statement.text.as_ptr() as usize).saturating_sub(quote);
    let text = statement.text.get(at..).unwrap_or_default();
    judge(&Statement { tokens: rest.to_vec(), text }, depth)
}
