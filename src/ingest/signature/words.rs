//! What a word tells by itself: a value by its shape, or a name worth keeping.
//!
//! The lists are of general English and of what operating systems and runtimes print; none is of one
//! program's log.

/// Whether a word can only be a value: it held a digit, or has the shape of an address or a key.
pub fn is_value(word: &str) -> bool {
    word.contains('0') || (is_dotted(word) && !is_error_name(word)) || is_host(word) || is_hex(word) || is_random(word)
}

/// Whether a word is a path of a file system or of a URL.
pub fn is_path(word: &str) -> bool {
    let separators = word.bytes().filter(|byte| matches!(byte, b'/' | b'\\')).count();
    let has_letters = word.bytes().any(|byte| byte.is_ascii_alphanumeric());
    match separators {
        0 => false,
        _ if !has_letters => false,
        1 => word.starts_with(['/', '~', '.', '\\']) || is_file_below(word),
        _ => true,
    }
}

/// `config/app.toml`, `kube-system/coredns`, but not `read/write` or `text/html`.
fn is_file_below(word: &str) -> bool {
    let stem = word.trim_end_matches(['.', '!', '?']);
    stem.bytes().any(|byte| matches!(byte, b'.' | b'_' | b'-' | b'@' | b'?'))
}

/// Whether it is a host, class or property with at least two dots inside.
fn is_dotted(word: &str) -> bool {
    let stem = word.trim_matches('.');
    let mut pieces = stem.split('.');
    let whole = pieces.all(|piece| piece.bytes().any(|byte| byte.is_ascii_alphanumeric()));
    whole && stem.bytes().filter(|byte| *byte == b'.').count() >= 2
}

/// Whether it is the name of a host in two parts: `example.com`, `db.internal`; or of this one.
fn is_host(word: &str) -> bool {
    const TOP_LEVELS: &[&str] =
        &["com", "org", "edu", "gov", "local", "internal", "lan", "localdomain", "test", "example"];
    let stem = word.trim_end_matches('.');
    let lower = stem.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'-'));
    let top = stem.rsplit_once('.').filter(|(front, _)| !front.is_empty()).map_or("", |(_, top)| top);
    lower && (TOP_LEVELS.contains(&top) || stem == "localhost")
}

/// Whether it is a long run of hexadecimal digits that happen to be letters.
fn is_hex(word: &str) -> bool {
    word.len() >= 8 && word.bytes().all(|byte| matches!(byte, b'a'..=b'f' | b'A'..=b'F'))
}

/// Whether upper and lower case change as they do in base64, and not as in `CamelCase`.
fn is_random(word: &str) -> bool {
    if word.len() < 16
        || !word.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'+' | b'/' | b'_' | b'-'))
    {
        return false;
    }
    let upper: Vec<bool> = word.bytes().map(|byte| byte.is_ascii_uppercase()).collect();
    let runs: Vec<&[bool]> = upper.chunk_by(|one, other| one == other).collect();
    // A capital begins a word of a name, and an abbreviation is rare; here both come at random.
    let odd = runs.iter().skip(1).filter(|run| match run.first() {
        Some(true) => run.len() >= 2,
        _ => run.len() == 1,
    });
    odd.count() >= 4 && runs.len() * 4 >= word.len()
}

/// Whether a word names a kind of failure: an exception type, or an error number of the system.
pub fn is_error_name(word: &str) -> bool {
    let stem = word.trim_end_matches(['.', '!', '?']);
    let named = ["Exception", "Error", "Fault", "Failure", "Timeout", "Interrupt", "Panic"];
    named.iter().any(|end| stem.ends_with(end)) || is_errno(stem)
}

/// Whether a word has the shape of a system's error number: `ECONNREFUSED`, `ERR_SSL_PROTOCOL`, `SIGSEGV`.
fn is_errno(word: &str) -> bool {
    let capitals = word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let starts = word.starts_with('E') || word.starts_with("SIG") || word.starts_with("ORA");
    capitals && starts && word.len() >= 4
}

/// Whether the value behind this key is a text of the program that tells what happened.
pub fn is_telling_key(key: &str) -> bool {
    let key = key.rsplit(['.', '_', '-', '/']).next().unwrap_or(key);
    const KEYS: &[&str] = &[
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
    is_one_of(key, KEYS)
}

/// Whether a name of somebody usually follows this word.
pub fn is_person_cue(word: &str) -> bool {
    const CUES: &[&str] =
        &["user", "username", "login", "account", "uid", "principal", "owner", "ruser", "userid", "logname"];
    is_one_of(word, CUES)
}

/// Whether a name of something often follows this word: it is one when it has the shape of a name.
pub fn is_thing_cue(word: &str) -> bool {
    const CUES: &[&str] = &[
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
    is_one_of(word, CUES)
}

/// Whether a word has the shape of a name that somebody gave: `orders-db`, `user_events`, `db.internal`.
pub fn is_given_name(word: &str) -> bool {
    let stem = word.trim_end_matches(['.', '!', '?']);
    let inner = stem.get(1..stem.len().saturating_sub(1)).unwrap_or("");
    let joined = inner.bytes().any(|byte| matches!(byte, b'_' | b'.' | b'-' | b'/'));
    joined && !is_error_name(stem) && !is_hyphenated_prose(stem)
}

/// `read-only`, `not-found`: words that English joins.
fn is_hyphenated_prose(word: &str) -> bool {
    let mut parts = word.split('-');
    let (first, last) = (parts.next().unwrap_or(""), parts.next_back().unwrap_or(""));
    const FIRST: &[&str] =
        &["not", "non", "read", "write", "re", "pre", "in", "out", "un", "self", "multi", "auto", "over"];
    word.contains('-') && (FIRST.contains(&first) || is_prose(last))
}

/// Whether it is the name of a month or of a day of the week, short or long.
pub fn is_date_word(word: &str) -> bool {
    const NAMES: &[&str] = &[
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
    if word.len() < 3 || !word.starts_with(|first: char| first.is_ascii_uppercase()) {
        return false;
    }
    let is_short = |name: &str| word.len() == 3 && name.get(..3).is_some_and(|short| word.eq_ignore_ascii_case(short));
    NAMES.iter().any(|name| word.eq_ignore_ascii_case(name) || is_short(name))
}

/// Whether it ends a time of day: a zone or a half of the day.
pub fn is_time_suffix(word: &str) -> bool {
    const SUFFIXES: &[&str] =
        &["AM", "PM", "am", "pm", "UTC", "GMT", "Z", "CET", "CEST", "EST", "EDT", "CST", "CDT", "PST", "PDT", "IST"];
    SUFFIXES.contains(&word)
}

/// Whether it is a unit that goes with a number and changes with its size.
pub fn is_unit(word: &str) -> bool {
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
    UNITS.contains(&word)
}

/// Whether a colon behind it leads on to an address: `arn:aws:iam::...`.
pub fn is_scheme(word: &str) -> bool {
    ["arn", "urn", "mailto", "data"].contains(&word)
}

/// Whether it is a verb of an HTTP request.
pub fn is_http_method(word: &str) -> bool {
    const METHODS: &[&str] =
        &["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "CONNECT", "TRACE", "PROPFIND"];
    METHODS.contains(&word)
}

/// Whether a word belongs to a sentence and names nobody: after "user" in "user not found".
pub fn is_prose(word: &str) -> bool {
    let stem = stem_of(word);
    is_grammar(word) || PROSE_NOUNS.contains(&stem.as_str())
}

/// Whether a word can only belong to a sentence, whatever surrounds it.
pub fn is_grammar(word: &str) -> bool {
    let stem = stem_of(word);
    let participle = stem.len() >= 6 && (stem.ends_with("ed") || stem.ends_with("ing"));
    participle || GRAMMAR.contains(&stem.as_str())
}

/// Whether a word has the ending of an abstract noun or an adjective.
pub fn is_abstract(word: &str) -> bool {
    let stem = stem_of(word);
    const ENDINGS: &[&str] = &["tion", "sion", "ment", "ness", "able", "ible", "ful", "less"];
    stem.len() >= 6 && ENDINGS.iter().any(|end| stem.ends_with(end))
}

fn stem_of(word: &str) -> String {
    word.trim_end_matches(['.', '!', '?']).to_ascii_lowercase()
}

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

/// Whether a word is in a list of lower-case words, whatever its own case.
fn is_one_of(word: &str, list: &[&str]) -> bool {
    let Some(first) = word.bytes().next() else { return false };
    let first = first.to_ascii_lowercase();
    // Most words of a list differ in length or in the first letter.
    let may_be = |known: &str| known.len() == word.len() && known.as_bytes().first() == Some(&first);
    list.iter().any(|known| may_be(known) && word.eq_ignore_ascii_case(known))
}
