//! The lists of words that tell something, grouped by what they tell.
//!
//! They are of general English and of what operating systems and runtimes print; none is of one program's log.

use super::table::{Case, Lists};

/// Every list, with what its words are, and whether capitals matter.
///
/// A word of a list has at most sixteen bytes.
pub(super) const ALL: &[(Lists, Case, &[&str])] = &[
    (Lists::PERSON_CUE, Case::Any, PERSON_CUES),
    (Lists::THING_CUE, Case::Any, THING_CUES),
    (Lists::TELLING_KEY, Case::Any, TELLING_KEYS),
    (Lists::DATE, Case::Any, DATE_NAMES),
    (Lists::DATE, Case::Any, DATE_NAMES_SHORT),
    (Lists::TIME_SUFFIX, Case::Exact, TIME_SUFFIXES),
    (Lists::UNIT, Case::Exact, UNITS),
    (Lists::SCHEME, Case::Exact, SCHEMES),
    (Lists::HTTP_METHOD, Case::Exact, HTTP_METHODS),
    (Lists::GRAMMAR, Case::Any, GRAMMAR),
    (Lists::PROSE, Case::Any, PROSE_NOUNS),
    (Lists::PREPOSITION, Case::Exact, PREPOSITIONS),
    (Lists::BEFORE_SOURCE, Case::Exact, &["from", "on", "at"]),
    (Lists::BEFORE_DOER, Case::Exact, &["for", "by", "from"]),
    (Lists::BY, Case::Exact, &["by"]),
];

/// A name of somebody usually follows these.
const PERSON_CUES: &[&str] =
    &["user", "username", "login", "account", "uid", "principal", "owner", "ruser", "userid", "logname"];

/// A name of something often follows these.
const THING_CUES: &[&str] = &[
    "host",
    "hostname",
    "server",
    "client",
    "peer",
    "node",
    "broker",
    "address",
    "domain",
    "pod",
    "container",
    "namespace",
    "service",
    "deployment",
    "job",
    "task",
    "thread",
    "process",
    "program",
    "table",
    "database",
    "schema",
    "column",
    "relation",
    "index",
    "topic",
    "queue",
    "exchange",
    "bucket",
    "collection",
    "cluster",
    "group",
    "role",
    "tenant",
    "customer",
    "session",
    "device",
    "interface",
    "volume",
    "image",
    "branch",
    "file",
    "module",
    "package",
    "unit",
    "key",
];

/// The value behind these keys is a text of the program that tells what happened.
const TELLING_KEYS: &[&str] = &[
    "msg",
    "message",
    "error",
    "err",
    "errors",
    "reason",
    "cause",
    "exception",
    "desc",
    "description",
    "detail",
    "details",
    "errno",
    "errcode",
    "errmsg",
    "code",
    "level",
    "lvl",
    "severity",
    "event",
    "warning",
    "fault",
    "hint",
    "signal",
];

/// Months and days of the week.
const DATE_NAMES: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// The same, short.
const DATE_NAMES_SHORT: &[&str] = &[
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue", "wed", "thu", "fri",
    "sat", "sun",
];

/// Zones and halves of the day, which end a time of day.
const TIME_SUFFIXES: &[&str] =
    &["AM", "PM", "am", "pm", "UTC", "GMT", "Z", "CET", "CEST", "EST", "EDT", "CST", "CDT", "PST", "PDT", "IST"];

/// Units that go with a number and change with its size.
const UNITS: &[&str] = &[
    "B",
    "KB",
    "kB",
    "MB",
    "GB",
    "TB",
    "PB",
    "KiB",
    "MiB",
    "GiB",
    "TiB",
    "PiB",
    "Kb",
    "Mb",
    "Gb",
    "KB/s",
    "MB/s",
    "GB/s",
    "B/s",
    "KiB/s",
    "MiB/s",
    "GiB/s",
    "kb",
    "mb",
    "gb",
    "bytes",
    "byte",
    "ns",
    "us",
    "µs",
    "μs",
    "ms",
    "s",
    "sec",
    "secs",
    "second",
    "seconds",
    "millis",
    "msec",
    "milliseconds",
    "min",
    "mins",
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
];

/// A colon behind these leads on to an address: `arn:aws:iam::...`.
const SCHEMES: &[&str] = &["arn", "urn", "mailto", "data"];

/// Verbs of HTTP requests.
const HTTP_METHODS: &[&str] =
    &["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "CONNECT", "TRACE", "PROPFIND"];

/// Words that tell where, who or when.
const PREPOSITIONS: &[&str] = &["from", "on", "at", "by", "in", "for", "with", "via", "to"];

/// Words that can only belong to a sentence, whatever surrounds them.
const GRAMMAR: &[&str] = &[
    "a", "about", "after", "again", "ago", "all", "already", "also", "an", "and", "any", "are", "as", "at", "be",
    "because", "been", "before", "but", "by", "can", "can't", "cannot", "could", "couldn't", "did", "didn't", "do",
    "does", "doesn't", "don't", "during", "exists", "for", "found", "from", "gave", "given", "gone", "got", "had",
    "has", "hasn't", "have", "if", "in", "into", "is", "isn't", "it", "its", "logged", "lost", "may", "might", "must",
    "needs", "no", "none", "not", "now", "of", "off", "on", "only", "or", "our", "out", "sent", "set", "should",
    "since", "so", "that", "the", "their", "then", "this", "to", "too", "took", "unable", "under", "unknown", "until",
    "up", "used", "uses", "via", "was", "wasn't", "went", "were", "when", "which", "while", "who", "will", "with",
    "within", "without", "won't", "would",
];

/// Nouns and adjectives that name nobody: after "user" in "user account locked".
const PROSE_NOUNS: &[&str] = &[
    "access",
    "account",
    "accounts",
    "action",
    "agent",
    "attempt",
    "auth",
    "cache",
    "code",
    "command",
    "config",
    "context",
    "count",
    "credentials",
    "data",
    "database",
    "error",
    "errors",
    "event",
    "failure",
    "file",
    "group",
    "host",
    "id",
    "ids",
    "info",
    "input",
    "invalid",
    "key",
    "level",
    "limit",
    "list",
    "lock",
    "login",
    "mode",
    "name",
    "names",
    "new",
    "null",
    "object",
    "page",
    "password",
    "pool",
    "profile",
    "prompt",
    "query",
    "record",
    "request",
    "requests",
    "response",
    "role",
    "root-cause",
    "server",
    "service",
    "session",
    "settings",
    "space",
    "state",
    "status",
    "success",
    "table",
    "time",
    "timeout",
    "token",
    "type",
];

/// Endings of abstract nouns and adjectives.
pub(super) const ABSTRACT_ENDINGS: &[&str] = &["tion", "sion", "ment", "ness", "able", "ible", "ful", "less"];

/// Endings of the names of failures.
pub(super) const ERROR_ENDINGS: &[&str] = &["Exception", "Error", "Fault", "Failure", "Timeout", "Interrupt", "Panic"];

/// Parts of names in capitals that speak of a failure: `PERMISSION_DENIED`.
pub(super) const FAILURE_PARTS: &[&str] = &[
    "ABORTED",
    "BUSY",
    "CANCELLED",
    "CONFLICT",
    "CORRUPT",
    "CORRUPTED",
    "DEADLOCK",
    "DENIED",
    "DISCONNECTED",
    "DUPLICATE",
    "ERR",
    "ERROR",
    "EXCEEDED",
    "EXCEPTION",
    "EXHAUSTED",
    "EXPIRED",
    "FAIL",
    "FAILED",
    "FAILURE",
    "FATAL",
    "FORBIDDEN",
    "FULL",
    "ILLEGAL",
    "INSUFFICIENT",
    "INVALID",
    "LOST",
    "MISMATCH",
    "MISSING",
    "NOT",
    "OUT",
    "OVERFLOW",
    "OVERLOADED",
    "REFUSED",
    "REJECTED",
    "RESET",
    "TIMEDOUT",
    "TIMEOUT",
    "TOO",
    "UNAUTHENTICATED",
    "UNAUTHORIZED",
    "UNAVAILABLE",
    "UNKNOWN",
    "UNREACHABLE",
    "UNSUPPORTED",
    "VIOLATION",
];

/// First parts of words that English joins with a hyphen: `read-only`.
pub(super) const FIRST_PARTS: &[&str] =
    &["not", "non", "read", "write", "re", "pre", "in", "out", "un", "self", "multi", "auto", "over"];

/// Last parts of the names of hosts.
pub(super) const TOP_LEVELS: &[&str] =
    &["com", "org", "edu", "gov", "local", "internal", "lan", "localdomain", "test", "example"];
