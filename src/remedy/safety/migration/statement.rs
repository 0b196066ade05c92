//! Says what an SQL statement does to a schema or its data.

use super::Operation;
use super::lexer::{Kind, Statement, Token, statements};
use super::{hidden, parsed};
use crate::remedy::safety::Hazard;
use crate::remedy::safety::rules::{self, Rule};

/// Bodies within bodies that are read.
const DEPTH: usize = 4;

/// Returns what the statements of a text do; those without any effect on old code are left out.
pub(super) fn operations(sql: &str, first_line: u32) -> Vec<Operation> {
    within(sql, first_line, DEPTH)
}

/// As [`operations`], of a text that stands so deep in others.
pub(super) fn within(sql: &str, first_line: u32, depth: usize) -> Vec<Operation> {
    let all = |escapes| {
        let found = statements(sql, first_line, escapes);
        found.iter().flat_map(|statement| judge(statement, depth)).collect::<Vec<Operation>>()
    };
    let mut operations = all(true);
    if sql.contains("\\'") {
        // Where a backslash is but a character, the text ends here, and what follows may be run.
        let bare = all(false).into_iter().filter(|operation| {
            operation.rule.level == Hazard::Red
                && operation.rule != &rules::NOT_UNDERSTOOD
                && !operations.contains(operation)
        });
        operations.extend(bare.collect::<Vec<_>>());
    }
    operations
}

/// What a statement does: as a parser reads it, else word by word.
pub(super) fn judge(statement: &Statement<'_>, depth: usize) -> Vec<Operation> {
    if let Some(operations) = hidden::read(statement, depth) {
        return operations;
    }
    let mut operations = parsed::read(statement).unwrap_or_else(|| by_words(statement));
    operations.extend(hidden::kept(statement, depth));
    operations
}

/// Reads a statement that no parser understands; what else seems to begin within it is reported too.
fn by_words(statement: &Statement<'_>) -> Vec<Operation> {
    let mut operations = read(&statement.tokens);
    let is_red = operations.iter().any(|operation| operation.rule.level == Hazard::Red);
    // The body of a routine is only kept.
    let routines = ["PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE", "RULE"];
    let is_routine = |token: &Token<'_>| routines.iter().any(|kind| token.is(kind));
    let defines = statement.tokens.first().is_some_and(|first| first.is("CREATE"))
        && statement.tokens.iter().take(8).any(is_routine);
    if let Some(within) = begun_within(&statement.tokens).filter(|_| !is_red && !defines) {
        let name = excerpt(within);
        let line = within.first().map_or(statement.line(), |token| token.line);
        operations.push(Operation { rule: &rules::NOT_UNDERSTOOD, name, line, table: None, columns: Vec::new() });
    }
    operations
}

/// The rest of a statement from where another one that takes something away seems to begin.
fn begun_within<'a>(tokens: &'a [Token<'a>]) -> Option<&'a [Token<'a>]> {
    let pairs = [
        ("DROP", &["TABLE", "COLUMN", "VIEW", "SCHEMA", "DATABASE", "TYPE", "MATERIALIZED"][..]),
        ("DELETE", &["FROM"]),
        ("TRUNCATE", &["TABLE"]),
        ("ALTER", &["TABLE"]),
        ("RENAME", &["TO", "COLUMN", "TABLE"]),
        ("UPDATE", &["SET"]),
    ];
    let begins = |pair: &[Token<'_>]| match pair {
        [first, second, third] => pairs.iter().any(|(word, next)| {
            let follows = |token: &Token<'_>| next.iter().any(|next| token.is(next));
            first.is(word) && (follows(second) || *word == "UPDATE" && follows(third))
        }),
        _ => false,
    };
    let at = tokens.windows(3).skip(1).position(begins)?;
    tokens.get(at + 1..)
}

/// The rule for what nobody understands: dangerous when it speaks of taking something away.
pub(super) fn unclear(tokens: &[Token<'_>]) -> &'static Rule {
    if hidden::may_destroy(tokens) { &rules::NOT_UNDERSTOOD } else { &rules::UNCLEAR }
}

/// A statement, and how far it was read.
pub(super) struct Cursor<'a> {
    pub(super) tokens: &'a [Token<'a>],
}

impl<'a> Cursor<'a> {
    fn peek(&self, keyword: &str) -> bool {
        self.tokens.first().is_some_and(|token| token.is(keyword))
    }

    /// Takes these keywords when all of them follow.
    fn eat(&mut self, keywords: &[&str]) -> bool {
        let follows =
            self.tokens.len() >= keywords.len() && self.tokens.iter().zip(keywords).all(|(token, word)| token.is(word));
        if follows {
            self.tokens = self.tokens.get(keywords.len()..).unwrap_or_default();
        }
        follows
    }

    fn eat_any(&mut self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.eat(&[keyword]))
    }

    /// Takes a name, which may have several parts; without its quotes and its schema's name.
    pub(super) fn name(&mut self) -> Option<String> {
        while self.eat(&["IF"])
            || self.eat(&["NOT"])
            || self.eat(&["EXISTS"])
            || self.eat(&["ONLY"])
            || self.eat(&["CONCURRENTLY"])
        {}
        let mut name = None;
        while let [first, rest @ ..] = self.tokens {
            if !matches!(first.kind, Kind::Word | Kind::Quoted) {
                break;
            }
            name = Some(first.text.to_owned());
            self.tokens = rest;
            if !self.eat(&["."]) {
                break;
            }
        }
        name
    }

    fn has(&self, keyword: &str) -> bool {
        self.tokens.iter().any(|token| token.is(keyword))
    }

    fn has_all(&self, keywords: &[&str]) -> bool {
        self.tokens
            .windows(keywords.len())
            .any(|window| window.iter().zip(keywords).all(|(token, word)| token.is(word)))
    }
}

fn read(statement: &[Token<'_>]) -> Vec<Operation> {
    let Some(first) = statement.first() else { return Vec::new() };
    let mut cursor = Cursor { tokens: statement };
    if cursor.eat(&["ALTER", "TABLE"]) || cursor.eat(&["ALTER", "FOREIGN", "TABLE"]) {
        return alter_table(cursor, statement);
    }
    if is_neutral(&mut cursor) {
        return Vec::new();
    }
    let (rule, name, table) = simple(&mut cursor, statement);
    vec![Operation { rule, name, line: first.line, table, columns: Vec::new() }]
}

/// Statements that leave nothing behind.
fn is_neutral(cursor: &mut Cursor<'_>) -> bool {
    let alone = [
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "START",
        "SET",
        "RESET",
        "SHOW",
        "ANALYZE",
        "VACUUM",
        "EXPLAIN",
        "COMMENT",
        "LOCK",
        "USE",
        "PRINT",
        "CHECKPOINT",
        "SAVEPOINT",
        "RELEASE",
        "END",
        "PRAGMA",
        "REINDEX",
        "OPTIMIZE",
        "NOTIFY",
        "LISTEN",
        "UNLISTEN",
        "UNLOCK",
        "FLUSH",
        "RAISERROR",
        "DECLARE",
    ];
    // A body or a call may hide anything.
    let hides = cursor.tokens.iter().any(|token| token.kind == Kind::Text && token.text.starts_with('$'));
    let select = cursor.peek("SELECT") && (cursor.has("set_config") || !cursor.has("(")) && !cursor.has("INTO");
    select || (!hides && alone.iter().any(|keyword| cursor.peek(keyword)))
}

type Meaning = (&'static Rule, String, Option<String>);

fn simple(cursor: &mut Cursor<'_>, statement: &[Token<'_>]) -> Meaning {
    let start = || excerpt(statement);
    if cursor.eat(&["DROP"]) {
        return drop_object(cursor, start());
    }
    if cursor.eat(&["CREATE"]) {
        return create(cursor, start());
    }
    if cursor.eat(&["ALTER"]) {
        return alter_other(cursor, start());
    }
    if cursor.eat(&["RENAME", "TABLE"]) {
        return (&rules::RENAME, cursor.name().unwrap_or_else(start), None);
    }
    if cursor.eat(&["TRUNCATE"]) {
        return (&rules::TRUNCATE, start(), None);
    }
    if cursor.eat(&["DELETE"]) {
        let all = !cursor.has("WHERE");
        return (if all { &rules::TRUNCATE } else { &rules::OVERWRITE }, start(), None);
    }
    if cursor.eat(&["UPDATE"]) {
        let table = cursor.name();
        let assignments = cursor.tokens.split(|token| token.is("WHERE") || token.is("FROM")).next().unwrap_or_default();
        let name = match (split(assignments).as_slice(), assignments) {
            ([_], [set, column, ..]) if set.is("SET") => {
                format!("UPDATE {} SET {} = …", table.as_deref().unwrap_or_default(), column.text)
            }
            _ => start(),
        };
        let name = if split(assignments).len() > 1 { name.replace(" =", "=") } else { name };
        return (&rules::OVERWRITE, name, table);
    }
    if cursor.eat(&["INSERT"]) {
        let overwrites = cursor.has_all(&["DO", "UPDATE"])
            || cursor.has_all(&["ON", "DUPLICATE"])
            || cursor.has_all(&["OR", "REPLACE"]);
        return (if overwrites { &rules::OVERWRITE } else { &rules::BACKFILL }, start(), None);
    }
    if cursor.eat_any(&["MERGE", "REPLACE"]) {
        return (&rules::OVERWRITE, start(), None);
    }
    if cursor.eat(&["GRANT"]) {
        return (&rules::CREATE, start(), None);
    }
    if cursor.eat(&["REVOKE"]) {
        return (&rules::REVOKE, start(), None);
    }
    if cursor.eat_any(&["EXEC", "EXECUTE"]) && cursor.name().is_some_and(|name| name.eq_ignore_ascii_case("sp_rename"))
    {
        return (&rules::RENAME, start(), None);
    }
    (unclear(statement), start(), None)
}

fn drop_object(cursor: &mut Cursor<'_>, start: String) -> Meaning {
    cursor.eat(&["FOREIGN"]);
    if cursor.eat(&["TABLE"]) {
        return (&rules::DROP_TABLE, cursor.name().unwrap_or(start), None);
    }
    if cursor.eat(&["INDEX"]) {
        return (&rules::LOOSEN, format!("index {}", cursor.name().unwrap_or(start)), None);
    }
    (&rules::DROP_OBJECT, start, None)
}

fn create(cursor: &mut Cursor<'_>, start: String) -> Meaning {
    let replaces = cursor.eat(&["OR", "REPLACE"]) || cursor.eat(&["OR", "ALTER"]);
    while cursor.eat_any(&[
        "TEMP",
        "TEMPORARY",
        "UNLOGGED",
        "GLOBAL",
        "LOCAL",
        "RECURSIVE",
        "FULLTEXT",
        "SPATIAL",
        "CLUSTERED",
        "NONCLUSTERED",
    ]) {}
    if replaces {
        return (&rules::REPLACE, start, None);
    }
    if cursor.eat(&["TABLE"]) {
        let name = cursor.name();
        return (&rules::CREATE, format!("table {}", name.clone().unwrap_or(start)), name);
    }
    if cursor.eat(&["UNIQUE"]) {
        let table = cursor
            .tokens
            .iter()
            .position(|token| token.is("ON"))
            .and_then(|at| Cursor { tokens: cursor.tokens.get(at + 1..).unwrap_or_default() }.name());
        return (&rules::ADD_CONSTRAINT, start, table);
    }
    let harmless = [
        "INDEX",
        "VIEW",
        "SEQUENCE",
        "TYPE",
        "SCHEMA",
        "EXTENSION",
        "FUNCTION",
        "PROCEDURE",
        "DOMAIN",
        "ROLE",
        "USER",
        "DATABASE",
        "STATISTICS",
        "COLLATION",
        "PUBLICATION",
        "SYNONYM",
        "AGGREGATE",
        "OPERATOR",
        "CAST",
    ];
    if cursor.eat(&["MATERIALIZED"]) || harmless.iter().any(|kind| cursor.peek(kind)) {
        return (&rules::CREATE, start, None);
    }
    if cursor.eat_any(&["TRIGGER", "RULE", "POLICY", "EVENT"]) || cursor.eat(&["CONSTRAINT", "TRIGGER"]) {
        return (&rules::ADD_TRIGGER, start, None);
    }
    (unclear(cursor.tokens), start, None)
}

fn alter_other(cursor: &mut Cursor<'_>, start: String) -> Meaning {
    if cursor.peek("TYPE") && cursor.has_all(&["ADD", "VALUE"]) {
        return (&rules::ADD_ENUM_VALUE, start, None);
    }
    if cursor.has("RENAME") || cursor.has_all(&["SET", "SCHEMA"]) {
        return (&rules::RENAME, start, None);
    }
    if cursor.peek("INDEX") || cursor.peek("SEQUENCE") || cursor.peek("ROLE") || cursor.peek("EXTENSION") {
        return (&rules::LOOSEN, start, None);
    }
    if cursor.eat_any(&["TYPE", "DOMAIN", "VIEW", "FUNCTION", "PROCEDURE", "TRIGGER", "POLICY", "MATERIALIZED"]) {
        return (&rules::REPLACE, start, None);
    }
    (unclear(cursor.tokens), start, None)
}

fn alter_table(mut cursor: Cursor<'_>, statement: &[Token<'_>]) -> Vec<Operation> {
    let table = cursor.name();
    let mut operations = Vec::new();
    for action in split(cursor.tokens) {
        let Some(first) = action.first() else { continue };
        let meaning = alter_action(Cursor { tokens: action }, action, table.as_deref());
        let (rule, name) = meaning.unwrap_or_else(|| (unclear(statement), excerpt(statement)));
        operations.push(Operation { rule, name, line: first.line, table: table.clone(), columns: Vec::new() });
    }
    operations
}

/// Splits at the commas outside of parentheses.
pub(super) fn split<'a>(tokens: &'a [Token<'a>]) -> Vec<&'a [Token<'a>]> {
    let mut depth = 0_i32;
    tokens
        .split(|token| {
            depth += i32::from(token.is("(")) - i32::from(token.is(")"));
            depth == 0 && token.is(",")
        })
        .collect()
}

fn alter_action(mut cursor: Cursor<'_>, action: &[Token<'_>], table: Option<&str>) -> Option<(&'static Rule, String)> {
    let on = |name: String| table.map_or_else(|| name.clone(), |table| format!("{table}.{name}"));
    let whole = || on(excerpt(action));
    if cursor.eat(&["DROP"]) {
        return Some(alter_drop(&mut cursor, &on, whole()));
    }
    if cursor.eat(&["RENAME"]) {
        if cursor.eat_any(&["INDEX", "KEY", "CONSTRAINT"]) {
            return Some((&rules::LOOSEN, whole()));
        }
        if cursor.eat_any(&["TO", "AS"]) {
            return Some((&rules::RENAME, table.unwrap_or_default().to_owned()));
        }
        cursor.eat(&["COLUMN"]);
        return Some((&rules::RENAME, cursor.name().map_or_else(whole, on)));
    }
    if cursor.eat(&["ADD"]) {
        return Some(alter_add(&mut cursor, &on, whole()));
    }
    if cursor.eat(&["WITH", "CHECK", "ADD"]) || cursor.eat(&["WITH", "NOCHECK", "ADD"]) {
        return Some((&rules::ADD_CONSTRAINT, whole()));
    }
    if cursor.eat(&["ALTER"]) {
        if cursor.eat_any(&["INDEX", "CONSTRAINT", "CHECK"]) {
            return Some((&rules::LOOSEN, whole()));
        }
        cursor.eat(&["COLUMN"]);
        let name = cursor.name().map_or_else(whole, on);
        return Some((alter_column(&mut cursor), name));
    }
    if cursor.eat_any(&["MODIFY", "CHANGE"]) {
        cursor.eat(&["COLUMN"]);
        return Some((&rules::CHANGE_TYPE, cursor.name().map_or_else(whole, on)));
    }
    alter_whole(&mut cursor).map(|rule| (rule, whole()))
}

/// What an action does that is about the table as a whole.
fn alter_whole(cursor: &mut Cursor<'_>) -> Option<&'static Rule> {
    if cursor.eat(&["SET", "SCHEMA"]) {
        return Some(&rules::RENAME);
    }
    if cursor.eat(&["DETACH"]) || cursor.eat(&["EXCHANGE"]) || cursor.eat(&["DISCARD"]) {
        return Some(&rules::TRUNCATE);
    }
    if cursor.has_all(&["ROW", "LEVEL", "SECURITY"]) && !cursor.peek("DISABLE") {
        return Some(&rules::ADD_TRIGGER);
    }
    if cursor.eat(&["CONVERT"]) {
        return Some(&rules::CHANGE_TYPE);
    }
    let loose = [
        "VALIDATE",
        "OWNER",
        "SET",
        "RESET",
        "ENGINE",
        "COMMENT",
        "AUTO_INCREMENT",
        "ATTACH",
        "CLUSTER",
        "DISABLE",
        "REPLICA",
        "ALGORITHM",
        "LOCK",
        "ROW_FORMAT",
        "NO",
    ];
    loose.iter().any(|keyword| cursor.peek(keyword)).then_some(&rules::LOOSEN)
}

fn alter_drop(cursor: &mut Cursor<'_>, on: &dyn Fn(String) -> String, whole: String) -> (&'static Rule, String) {
    let loosens = ["CONSTRAINT", "INDEX", "KEY", "CHECK", "PRIMARY", "FOREIGN", "DEFAULT"];
    if loosens.iter().any(|kind| cursor.peek(kind)) {
        return (&rules::LOOSEN, whole);
    }
    if cursor.peek("PARTITION") {
        return (&rules::TRUNCATE, whole);
    }
    cursor.eat(&["COLUMN"]);
    (&rules::DROP_COLUMN, cursor.name().map_or(whole, on))
}

fn alter_add(cursor: &mut Cursor<'_>, on: &dyn Fn(String) -> String, whole: String) -> (&'static Rule, String) {
    if cursor.eat_any(&["INDEX", "KEY", "FULLTEXT", "SPATIAL", "PARTITION"]) {
        return (&rules::CREATE, whole);
    }
    if cursor.eat_any(&["CONSTRAINT", "UNIQUE", "PRIMARY", "FOREIGN", "CHECK", "EXCLUDE"]) {
        return (&rules::ADD_CONSTRAINT, whole);
    }
    cursor.eat(&["COLUMN"]);
    let in_parentheses = cursor.eat(&["("]);
    let name = cursor.name().map_or(whole, on);
    let gets_value = ["DEFAULT", "GENERATED", "IDENTITY", "AUTO_INCREMENT", "SERIAL", "BIGSERIAL", "SMALLSERIAL", "AS"];
    let required = cursor.has_all(&["NOT", "NULL"]) || cursor.has_all(&["PRIMARY", "KEY"]);
    if required && !gets_value.iter().any(|keyword| cursor.has(keyword)) {
        return (&rules::ADD_REQUIRED_COLUMN, name);
    }
    if cursor.has("UNIQUE") && cursor.has("DEFAULT") {
        return (&rules::ADD_CONSTRAINT, name);
    }
    // Several columns in one pair of parentheses: only the first would be judged.
    if in_parentheses && required && cursor.has(",") {
        return (&rules::ADD_REQUIRED_COLUMN, name);
    }
    (&rules::ADD_COLUMN, name)
}

fn alter_column(cursor: &mut Cursor<'_>) -> &'static Rule {
    if cursor.eat(&["SET", "NOT", "NULL"]) {
        return &rules::SET_NOT_NULL;
    }
    if cursor.eat(&["DROP", "DEFAULT"]) {
        return &rules::DROP_DEFAULT;
    }
    if cursor.eat(&["DROP"]) {
        return &rules::LOOSEN;
    }
    let loose = ["DEFAULT", "STATISTICS", "STORAGE", "COMPRESSION", "VISIBLE", "INVISIBLE"];
    if cursor.eat(&["SET"]) && loose.iter().any(|kind| cursor.peek(kind)) {
        return &rules::LOOSEN;
    }
    &rules::CHANGE_TYPE
}

/// The first words of a statement.
pub(super) fn excerpt(statement: &[Token<'_>]) -> String {
    let words: Vec<&str> =
        statement.iter().filter(|token| token.kind != Kind::Text).take(8).map(|token| token.text).collect();
    words.join(" ").replace(" . ", ".").replace(" (", "(")
}
