//! Takes from an error what can be looked for in a diff: names, keys, exceptions, places.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::printed;
use super::raising::GENERIC;
use crate::triage::frames::{Located, locate};
use crate::triage::literal::Wanted;
use crate::triage::syntax::{start_of, words};
use crate::triage::{Change, Symptom};

/// The start of a message that is searched, and the most names that are taken from it.
const MESSAGE_BYTES: usize = 4_000;
const NAMES: usize = 40;

/// What an error says that a diff may say too.
pub(super) struct Clues {
    /// Places and packages.
    pub(super) located: Located,
    /// The files that raise the failed assertions of tests; none of the places is in one of them.
    pub(super) checkers: BTreeSet<String>,
    /// The message that is searched for names; without the variables' values where that is known.
    pub(super) message: String,
    /// Whole quoted texts, such as `no-cache` or `/v1/orders`.
    pub(super) literals: BTreeSet<String>,
    /// The quoted texts that are one name, common ones too.
    pub(super) quoted: BTreeSet<String>,
    /// Names that the message quotes or points out.
    pub(super) names: BTreeSet<String>,
    /// Those names that are only fields of a printed value.
    pub(super) fields: HashSet<String>,
    /// The other words of the message.
    pub(super) words: BTreeSet<String>,
    /// Settings, environment variables, routes, tables and columns.
    pub(super) keys: BTreeSet<Key>,
    /// The exception types of the chain, own names only, the root first.
    pub(super) exceptions: Vec<String>,
    /// The message's literal text.
    pub(super) wanted: Option<Wanted>,
}

/// Something outside the code that code refers to by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// An environment variable or setting.
    Setting(String),
    /// A path of an endpoint.
    Route(String),
    /// A table or column.
    Schema(String),
}

impl Key {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Setting(name) | Self::Route(name) | Self::Schema(name) => name,
        }
    }
}

static QUOTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"'([^'\n`]{1,80})'|"([^"\n]{1,80})"|`([^`'\n]{1,80})[`']|‘([^’\n]{1,80})’|“([^”\n]{1,80})”"#).ok()
});
/// Ways in which runtimes point out a name without quoting it; group 1 is the name.
static POINTED: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let ways = [
        r"\b([A-Za-z_$][\w.$]*) is not (?:defined|a function|a constructor|iterable|set)\b",
        r"\bundefined: ([\w.]+)",
        r"\bsymbol:\s+(?:method|variable|class|constructor|static) (\w+)",
        r"\bundefined (?:method|variable|function|reference to|constant|index|array key)[: ]+[$`']?([\w:]+)",
        r"(?i)\b(?:no such|unknown|missing|undefined|invalid|duplicate) (?:column|table|field|relation|key|property|option|setting|flag|parameter|attribute)s?:? ([\w.]+)",
        r"(?i)\b(?:environment variable|env var|setting|config(?:uration)? key|option|flag|variable)s? ([A-Za-z][\w.-]*[._-][\w.-]*|[A-Z][A-Z0-9_]{3,})",
        r"\b([\w-]+): (?:unbound variable|parameter not set|command not found|not found)\b",
        r"(?:KeyError|AttributeError|NameError): ([\w.]+)$",
        r"\bcolumn ([\w.]+) does not exist",
        r"\bfunction ([\w.]+)\(.*\) does not exist",
        r"NoSuchMethodError: \S*?(\w+)\(",
    ];
    ways.iter().filter_map(|way| Regex::new(way).ok()).collect()
});
static MISSING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"has no (?:attribute|member|method|property|field) ['"`]?(\w{3,})|cannot import name ['"](\w{3,})|does not provide an export named ['"](\w{3,})|Cannot read propert(?:y|ies) of \w+ \(reading ['"](\w{3,})|has no exported member (?:named )?['"](\w{3,})|undefined method [`']([a-z_]\w{2,})|has no field or method (\w{3,})|Property '(\w{3,})' does not exist on type|does not contain a definition for ['"](\w{3,})|no (?:method|function|field|variant|associated item|function or associated item) named `(\w{3,})"#).ok()
});
static SETTING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|(?:^|[\s'\x22`(=])([a-z][a-z0-9]*(?:[._-][a-z0-9]+)+)(?:$|[\s'\x22`),:=])",
    )
    .ok()
});
static ROUTE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[\s'\x22`=(])(/[A-Za-z][\w{}:.-]*(?:/[\w{}:.-]+)*)").ok());
static SCHEMA: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:column|table|relation|view|index|constraint|field|sequence)s?:? ["'`]?(?:\w+\.)?(\w+)["'`]?|["'`](\w+)["'`] (?:column|of relation)|of relation ["'`](\w+)"#).ok()
});
static SQL_ERROR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)does not exist|doesn't exist|no such (column|table)|unknown column|unknown table|invalid column|undefined(column|table)|violates|not-null|null value in column|cannot be null|duplicate (key|entry)|has no column|invalid object name|SQLSTATE|ORA-\d+|out of range for|data too long|check constraint|has no default").ok()
});
static NOT_FOUND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(404|405|410)\b|not found|no route|cannot (get|post|put|delete|patch) /|method not allowed|unknown (route|endpoint|path)|no (handler|matching route)").ok()
});
static SETTING_ERROR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)config|setting|environment|env\b|variable|\bkey\b|keyerror|option|missing|required|not set|unset|undefined|unknown|invalid|flag|property|parameter|unbound").ok()
});

/// An exception that a line without a stack names at its head or behind a colon.
static EXCEPTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[:\s])((?:\w+[.:\\]+)*[A-Z]\w*(?:Error|Exception|Fault|Timeout|NotFound)\b|(?:\w+[.:\\]+)*[A-Z][a-z]\w*[A-Z]\w*:)").ok()
});

/// Words that errors of all kinds share, and that therefore link nothing.
const COMMON: &[&str] = &[
    "error",
    "errors",
    "exception",
    "failed",
    "failure",
    "fatal",
    "panic",
    "warning",
    "traceback",
    "the",
    "and",
    "for",
    "not",
    "with",
    "from",
    "has",
    "was",
    "are",
    "but",
    "this",
    "that",
    "when",
    "while",
    "after",
    "before",
    "into",
    "out",
    "can",
    "cannot",
    "could",
    "null",
    "none",
    "nil",
    "undefined",
    "true",
    "false",
    "self",
    "return",
    "value",
    "values",
    "type",
    "types",
    "name",
    "object",
    "attribute",
    "property",
    "properties",
    "key",
    "index",
    "list",
    "dict",
    "map",
    "string",
    "str",
    "int",
    "integer",
    "float",
    "bool",
    "boolean",
    "number",
    "bytes",
    "char",
    "array",
    "tuple",
    "set",
    "file",
    "line",
    "data",
    "found",
    "find",
    "read",
    "reading",
    "write",
    "get",
    "got",
    "set",
    "expected",
    "invalid",
    "unknown",
    "missing",
    "must",
    "should",
    "required",
    "argument",
    "arguments",
    "function",
    "method",
    "class",
    "module",
    "import",
    "def",
    "call",
    "called",
    "range",
    "bounds",
    "length",
    "size",
    "does",
    "exist",
    "exists",
    "during",
    "handling",
    "request",
    "response",
    "server",
    "client",
    "error:",
    "info",
    "debug",
    "warn",
    "level",
    "time",
    "msg",
    "message",
    "main",
    "thread",
    "because",
    "NoneType",
    "NilClass",
    "Object",
    "String",
    "Integer",
    "Error",
    "Exception",
    "TypeError",
    "KeyError",
    "ValueError",
    "Array",
    "Number",
    "unsupported",
    "operand",
    "convert",
    "unexpected",
    "token",
    "utf-8",
    "utf",
    "codec",
    "utf8",
    "ascii",
    "latin-1",
    "unicode",
    "keyword",
    "positional",
    "true",
    "false",
    "True",
    "False",
    "None",
    "null",
    "nil",
    "undefined",
    "let",
    "const",
    "var",
    "new",
    "else",
    "try",
    "except",
    "catch",
    "throw",
    "raise",
    "len",
    "code",
    "status",
    "job",
    "task",
    "process",
    "user",
    "test",
    "id",
    "local",
    "echo",
    "printf",
    "print",
    "log",
    "logger",
];

/// Whether a word occurs in errors and code of all kinds.
pub(super) fn is_common(word: &str) -> bool {
    word.len() < 3 || COMMON.contains(&word)
}

impl Clues {
    /// Reads a symptom.
    pub(super) fn of(symptom: &Symptom, change: &Change) -> Self {
        let message = symptom.trace.as_ref().map_or(symptom.message.as_str(), |trace| trace.message.as_str());
        let message = if message.trim().is_empty() { symptom.message.as_str() } else { message };
        let message = start_of(message, MESSAGE_BYTES).to_owned();
        let literals = quoted(&message);
        let mut names: BTreeSet<String> =
            literals.iter().flat_map(|literal| words(own_name(literal))).map(str::to_owned).collect();
        let pointed: Vec<String> = pointed(&message);
        names.extend(pointed.iter().flat_map(|name| words(name)).map(str::to_owned));
        let exceptions = exceptions(symptom);
        names.extend(compound(&message));
        if let Some(missing) = missing(&message) {
            names = BTreeSet::from([missing]);
        }
        let is_folder =
            |name: &str| change.files.iter().any(|file| file.path.split('/').rev().skip(1).any(|part| part == name));
        names.retain(|name| !GENERIC.contains(&name.as_str()));
        names.retain(|name| !is_common(name) && !exceptions.contains(name) && !is_folder(name));
        let mut loose: BTreeSet<String> =
            words(&message).filter(|word| !is_common(word) && word.len() > 3).map(str::to_owned).collect();
        loose.retain(|word| !names.contains(word) && !exceptions.contains(word) && !is_folder(word));
        let mut located = locate(symptom, change);
        let checkers = take_checkers(&mut located, &exceptions);
        Self {
            located,
            checkers,
            quoted: literals.iter().filter(|literal| words(literal).eq([literal.as_str()])).cloned().collect(),
            keys: keys(&message, &exceptions, &literals, &pointed),
            literals: literals
                .into_iter()
                .filter(|literal| literal.len() >= 3 && !is_common(literal))
                .take(NAMES)
                .collect(),
            names: names.into_iter().take(NAMES).collect(),
            words: loose.into_iter().take(NAMES).collect(),
            fields: printed::fields(&message).into_iter().map(str::to_owned).collect(),
            message,
            exceptions,
            wanted: Wanted::of(symptom),
        }
    }
}

/// Takes away the places that raise the failed assertion of a test and are by their paths there for tests: the
/// `rule-tester.js` of a linter checks, and is no suspect for it.
fn take_checkers(located: &mut Located, exceptions: &[String]) -> BTreeSet<String> {
    let is_assertion = exceptions.iter().any(|name| name.contains("Assertion") || name == "ComparisonFailure");
    let test = located.places.iter().position(|place| place.is_test).filter(|_| is_assertion).unwrap_or(0);
    let is_for_tests = |path: &str| path.split(['/', '-', '_', '.']).any(|part| part.starts_with("test"));
    let above = located.places.iter().take(test).map(|place| place.path.clone());
    let checkers: BTreeSet<String> = above.filter(|path| is_for_tests(path)).collect();
    located.places.retain(|place| place.is_test || !checkers.contains(&place.path));
    checkers
}

fn quoted(message: &str) -> BTreeSet<String> {
    let found = QUOTED.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(message));
    found
        .filter_map(|captures| captures.iter().skip(1).flatten().next().map(|group| group.as_str().trim().to_owned()))
        .collect()
}

/// Of a dotted name of a type, `orders.model.Line`, the last part; any other text as it is.
fn own_name(literal: &str) -> &str {
    let is_dotted = literal.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    match literal.rsplit_once('.') {
        Some((_, last)) if is_dotted && last.starts_with(char::is_uppercase) => last,
        _ => literal,
    }
}

fn pointed(message: &str) -> Vec<String> {
    let found = POINTED.iter().flat_map(|way| way.captures_iter(message));
    found.filter_map(|captures| captures.get(1).map(|group| group.as_str().to_owned())).collect()
}

/// Of what misses one name of another, the one that is missing.
fn missing(message: &str) -> Option<String> {
    let found = MISSING.as_ref().and_then(|pattern| pattern.captures(message))?;
    found.iter().skip(1).flatten().next().map(|name| name.as_str().to_owned())
}

/// Names that no sentence holds, such as `network_interface` and `orderTotal`; those within paths
/// and addresses left out.
fn compound(message: &str) -> impl Iterator<Item = String> {
    let tokens = message.split_whitespace().filter(|token| !token.contains(['/', '\\', '@']));
    let is_compound = |word: &&str| {
        let has_hump = word
            .as_bytes()
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
        let is_dunder = word.starts_with("__") && word.ends_with("__");
        word.len() > 4 && (has_hump || is_dunder || word.trim_matches('_').contains('_'))
    };
    tokens.flat_map(words).filter(is_compound).map(str::to_owned)
}

fn exceptions(symptom: &Symptom) -> Vec<String> {
    let own = |name: &str| name.rsplit(['.', ':', '\\', '$']).next().unwrap_or(name).to_owned();
    let Some(trace) = &symptom.trace else {
        let head = EXCEPTION.as_ref().and_then(|pattern| pattern.captures(&symptom.message));
        return head
            .and_then(|captures| captures.get(1))
            .map(|name| own(name.as_str().trim_end_matches(':')))
            .into_iter()
            .collect();
    };
    let mut all: Vec<String> = trace.chain.iter().rev().take(8).map(|name| own(name)).collect();
    let root = own(&trace.exception);
    if !all.contains(&root) {
        all.insert(0, root);
    }
    all.retain(|name| name.len() > 2 && name != "panic");
    all
}

fn keys(message: &str, exceptions: &[String], literals: &BTreeSet<String>, pointed: &[String]) -> BTreeSet<Key> {
    let is = |pattern: &LazyLock<Option<Regex>>| pattern.as_ref().is_some_and(|pattern| pattern.is_match(message));
    let mut keys = BTreeSet::new();
    let is_key_error =
        exceptions.iter().any(|name| name.contains("Key") || name.contains("Config") || name.contains("Settings"));
    let is_sql = is(&SQL_ERROR)
        && (is(&SCHEMA) || pointed.iter().any(|name| message.contains("column") && message.contains(name.as_str())));
    if is(&SETTING_ERROR) || is_key_error {
        let found = SETTING.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(message));
        let found =
            found.filter_map(|captures| captures.get(1).or(captures.get(0)).map(|group| group.as_str().to_owned()));
        let quoted = literals.iter().filter(|literal| is_setting_name(literal) && is_key_error).cloned();
        keys.extend(found.chain(quoted).filter(|name| is_setting_name(name) && !is_sql).map(Key::Setting));
    }
    if is(&NOT_FOUND) {
        let found = ROUTE.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(message));
        keys.extend(
            found
                .filter_map(|captures| captures.get(1))
                .map(|group| group.as_str().to_owned())
                .filter(|route| route.len() > 3)
                .map(Key::Route),
        );
    }
    if is_sql {
        let found = SCHEMA.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(message));
        let found = found
            .filter_map(|captures| captures.iter().skip(1).flatten().next().map(|group| group.as_str().to_owned()));
        let last = pointed.iter().filter_map(|name| name.rsplit('.').next()).map(str::to_owned);
        let quoted = literals.iter().flat_map(|literal| words(literal)).map(str::to_owned);
        let all = found.chain(last).chain(quoted).filter(|name| {
            !is_common(name) && !matches!(name.as_str(), "does" | "with" | "relation" | "column" | "table")
        });
        keys.extend(all.map(Key::Schema));
    }
    keys.into_iter().take(NAMES).collect()
}

/// `ORDERS_URL`, `orders.timeout`, `max-conn`; no file names, versions or hosts.
fn is_setting_name(name: &str) -> bool {
    let is_constant = name.contains('_')
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let is_error_code = ["ERR_", "E_", "ERROR_", "SQLITE_"].iter().any(|start| name.starts_with(start));
    let ends = [
        ".py",
        ".js",
        ".ts",
        ".go",
        ".rb",
        ".rs",
        ".java",
        ".cs",
        ".php",
        ".sh",
        ".com",
        ".net",
        ".org",
        ".io",
        ".json",
        ".yaml",
        ".yml",
        ".internal",
        ".local",
    ];
    let is_path = name.contains(['.', '-', '_'])
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    let is_file_or_host = ends.iter().any(|end| name.ends_with(end));
    name.len() > 3
        && ((is_constant && !is_error_code)
            || (is_path && !is_constant && !is_file_or_host && !name.starts_with(|c: char| c.is_ascii_digit())))
}
