//! Reads what database servers write in forms of their own: the comma-separated log of PostgreSQL, the general and the slow
//! log of MySQL and MariaDB, and the form that TiDB and TiKV share.
//!
//! Input: a line. Output: a [`Record`] whose message is what the server said, or the statement.
//!
//! Pure. Each reader declines at the first thing that its form would not write.

use std::borrow::Cow;

use super::{Context, Header, Record, clean, json, level_of_word, time};
use crate::ingest::Level;
use crate::ingest::trace::place::is_number;

/// Where the first column of a comma-separated line must end at the latest.
const TIME_BYTES: usize = 40;

/// What the columns of PostgreSQL's log say, in their order behind the time; what has no name here is left out.
const COLUMNS: [&str; 25] = [
    "user",
    "database",
    "pid",
    "client",
    "session",
    "",
    "command",
    "",
    "",
    "",
    LEVEL,
    "sqlstate",
    MESSAGE,
    "detail",
    "hint",
    "internal_query",
    "",
    "context",
    "statement",
    "",
    "location",
    "application",
    "backend",
    "leader_pid",
    "query_id",
];
const LEVEL: &str = "level";
const MESSAGE: &str = "message";

/// `TIME,"USER","DATABASE",PID,"CLIENT",...,LEVEL,SQLSTATE,"MESSAGE",...`: one line of PostgreSQL's `csvlog`.
///
/// A statement of several lines leaves its last column open; it is read as far as it goes, and says so.
pub(super) fn csv(text: &str, context: &Context) -> Option<Record> {
    let front = text.as_bytes().get(..text.len().min(TIME_BYTES))?;
    let comma = memchr::memchr_iter(b',', front).find(|at| matches!(front.get(at + 1), Some(b'"' | b',')))?;
    let (at, n) = time::leading(text, context)?;
    let mut rest = Some(text.get(comma + 1..).filter(|_| n == comma)?);
    let mut record = Record::plain("");
    let mut is_said = false;
    for name in COLUMNS {
        let Some(columns) = rest else { break };
        let (value, behind) = column(columns)?;
        rest = behind;
        match name {
            LEVEL => record.level = Some(severity(&value)?),
            "sqlstate" if !is_sqlstate(&value) => return None,
            MESSAGE => {
                record.message = value.trim_end().to_owned();
                is_said = true;
            }
            "" => {}
            "query_id" if value == "0" => {}
            name => record.field(name, &value),
        }
    }
    record.time = Some(at);
    record.header = Header::Own;
    record.is_open = memchr::memchr_iter(b'"', text.as_bytes()).count() % 2 == 1;
    is_said.then_some(record)
}

/// The column that a text begins with, and what stands behind its comma.
fn column(text: &str) -> Option<(Cow<'_, str>, Option<&str>)> {
    if text.starts_with('"') {
        return quoted_column(text, ',');
    }
    let (value, behind) = text.split_once(',').map_or((text, None), |(value, behind)| (value, Some(behind)));
    Some((value.into(), behind))
}

/// The same of a column in quotes, in which quotes are doubled.
pub(super) fn quoted_column(text: &str, mark: char) -> Option<(Cow<'_, str>, Option<&str>)> {
    let quoted = text.strip_prefix('"')?;
    let mut end = 0;
    loop {
        let Some(quote) = memchr::memchr(b'"', quoted.as_bytes().get(end..)?) else {
            return Some((unquoted(quoted), None));
        };
        end += quote;
        if quoted.as_bytes().get(end + 1) == Some(&b'"') {
            end += 2;
            continue;
        }
        let behind = quoted.get(end + 1..)?;
        let rest = if behind.is_empty() { None } else { Some(behind.strip_prefix(mark)?) };
        return Some((unquoted(quoted.get(..end)?), rest));
    }
}

fn unquoted(text: &str) -> Cow<'_, str> {
    if text.contains("\"\"") { text.replace("\"\"", "\"").into() } else { text.into() }
}

/// The level of a word of PostgreSQL, which counts its debugging from 1 to 5.
fn severity(word: &str) -> Option<Level> {
    let stem = word.strip_suffix(|last: char| ('1'..='5').contains(&last)).filter(|stem| *stem == "DEBUG");
    level_of_word(stem.unwrap_or(word)).filter(|_| word.bytes().next().is_some_and(|first| first.is_ascii_uppercase()))
}

fn is_sqlstate(word: &str) -> bool {
    word.len() == 5 && word.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// The commands of the protocol, as the general log of MySQL names them.
const COMMANDS: [&str; 16] = [
    "Binlog Dump",
    "Change user",
    "Close stmt",
    "Connect",
    "Create DB",
    "Drop DB",
    "Execute",
    "Fetch",
    "Field List",
    "Init DB",
    "Ping",
    "Prepare",
    "Query",
    "Quit",
    "Reset stmt",
    "Statistics",
];

/// `TIME<tab>   ID COMMAND<tab>ARGUMENT`: the general log of MySQL and MariaDB; where a line is of the same second as the one
/// before it, MariaDB leaves the time out.
pub(super) fn general(text: &str, context: &Context) -> Option<Record> {
    let front = text.as_bytes().get(..text.len().min(TIME_BYTES))?;
    let tab = memchr::memchr(b'\t', front)?;
    let at = match text.get(..tab)? {
        "" => None,
        stamp => Some(time::leading(stamp, context).filter(|(_, n)| *n == stamp.len())?.0),
    };
    let rest = text.get(tab + 1..)?.trim_start_matches(['\t', ' ']);
    let (id, rest) = rest.split_once(' ').filter(|(id, _)| is_number(id))?;
    let (command, argument) = rest.split_once('\t').unwrap_or((rest, ""));
    if !COMMANDS.contains(&command.trim_end()) {
        return None;
    }
    let blank = if argument.is_empty() { "" } else { " " };
    let mut record = Record::plain(format!("{}{blank}{argument}", command.trim_end()).trim_end());
    record.time = at;
    record.level = Some(Level::Info);
    record.header = Header::Own;
    record.field("connection", id);
    Some(record)
}

/// The lines in front of a statement in the slow log of MySQL and MariaDB: when, who, how long. The statement below them is
/// the message.
pub(super) fn slow(text: &str, context: &Context) -> Option<Record> {
    let mut record = Record::plain("");
    (record.header, record.awaits_message) = (Header::Own, true);
    if let Some(stamp) = text.strip_prefix("# Time: ") {
        record.time = Some(time::leading(stamp.trim_start(), context)?.0);
    } else if let Some(who) = text.strip_prefix("# User@Host: ") {
        record.field("user", who.split(['[', ' ']).next()?);
        let host = who.rsplit_once('[').and_then(|(_, host)| Some(host.split_once(']')?.0));
        record.field("client", host.unwrap_or_default());
    } else if let Some(pairs) = text.strip_prefix("# ").filter(|pairs| is_measured(pairs)) {
        let mut words = pairs.split_ascii_whitespace().peekable();
        while let Some(name) = words.next() {
            let name = name.strip_suffix(':')?.to_ascii_lowercase();
            // A statement without a schema has nothing behind its name.
            let value = words.next_if(|value| !value.ends_with(':'));
            record.field(&name, value.unwrap_or_default());
        }
    } else {
        return None;
    }
    record.level = Some(Level::Warn);
    record.component = Some(SLOW_LOG.to_owned());
    Some(record)
}

/// Whether a comment holds what a server measured of a statement: what of it comes first on a line, MariaDB's and Percona's
/// further lines included.
fn is_measured(pairs: &str) -> bool {
    const FIRST: [&str; 10] = [
        "Bytes_sent",
        "Filesort",
        "Full_scan",
        "InnoDB_IO_r_ops",
        "InnoDB_trx_id",
        "Query_time",
        "Rows_affected",
        "Schema",
        "Thread_id",
        "Tmp_tables",
    ];
    pairs.split_once(": ").is_some_and(|(first, _)| FIRST.contains(&first))
}

/// Who is said to write the slow log.
const SLOW_LOG: &str = "slow log";

/// Whether a line stands between the first line of an entry of the slow log and its statement.
pub(in crate::ingest) fn is_before_statement(head: &Record, line: &Record) -> bool {
    let is_of_slow_log = |record: &Record| record.component.as_deref() == Some(SLOW_LOG);
    if !is_of_slow_log(head) || line.time.is_some() {
        return false;
    }
    let text = line.message.as_str();
    let is_set = text.strip_prefix("SET timestamp=").and_then(|rest| rest.strip_suffix(';')).is_some_and(is_number);
    is_of_slow_log(line) || is_set || (text.starts_with("use ") && text.ends_with(';'))
}

/// `[TIME] [LEVEL] [FILE:LINE] ["MESSAGE"] [KEY=VALUE]...`: TiDB, TiKV and PD.
pub(super) fn unified(text: &str, context: &Context) -> Option<Record> {
    let bytes = text.as_bytes();
    let end = memchr::memchr(b']', bytes.get(..text.len().min(TIME_BYTES))?)?;
    // Most groups behind a time in brackets hold no level in capitals, or are none.
    if !matches!(bytes.get(end..), Some([_, b' ', b'[', b'A'..=b'Z', b'A'..=b'Z', ..])) {
        return None;
    }
    let (stamp, rest) = clean::cut(text, 2 * TIME_BYTES).strip_prefix('[')?.split_once("] [")?;
    let (at, n) = time::leading(stamp, context)?;
    let (word, rest) = rest.split_once("] [")?;
    let level =
        level_of_word(word).filter(|_| n == stamp.len() && word.bytes().all(|byte| byte.is_ascii_uppercase()))?;
    let (place, _) = rest.split_once("] [")?;
    let (file, line) = place.rsplit_once(':').unwrap_or((place, "0"));
    if !(place == "<unknown>" || (file.contains('.') && is_number(line))) {
        return None;
    }
    let mut record = Record::plain("");
    record.time = Some(at);
    record.level = Some(level);
    record.header = Header::Own;
    record.field("caller", place);
    let mut rest = text.get(stamp.len() + word.len() + place.len() + 9..)?;
    for n_fields in 0..FIELDS {
        let (value, behind) = bracketed(rest.strip_prefix('[')?)?;
        match value.split_once('=').filter(|_| n_fields > 0) {
            Some((name, value)) => record.field(name, value.trim_matches('"')),
            None if n_fields == 0 => record.message = json::unescape(value.trim_matches('"'))?,
            None => return None,
        }
        let Some(behind) = behind.strip_prefix(' ') else { return behind.is_empty().then_some(record) };
        rest = behind;
    }
    None
}

/// The most fields of a line.
const FIELDS: usize = 256;

/// What stands up to a closing bracket that is in no quotes, and what stands behind the bracket.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    let mut is_quoted = false;
    loop {
        at += memchr::memchr3(b']', b'"', b'\\', text.as_bytes().get(at..)?)?;
        match text.as_bytes().get(at)? {
            b']' if !is_quoted => return Some((text.get(..at)?, text.get(at + 1..)?)),
            b'"' => is_quoted = !is_quoted,
            b'\\' => at += 1,
            _ => {}
        }
        at += 1;
    }
}

/// The words that PostgreSQL puts in the place of a level in front of what belongs to the line before: they stay in the
/// message, and what stands before them is header all the same.
pub(super) fn is_companion(word: &str) -> bool {
    matches!(word, "DETAIL" | "HINT" | "QUERY" | "CONTEXT" | "STATEMENT" | "LOCATION")
}

/// Whether a message is what PostgreSQL adds to the line before, behind two blanks as it writes them.
pub(super) fn accompanies(message: &str) -> bool {
    message.starts_with(['D', 'H', 'Q', 'C', 'S', 'L'])
        && clean::cut(message, 16).split_once(":  ").is_some_and(|(word, _)| is_companion(word))
}

/// Whether a line adds to what the same server process said before; `None` where it is no such line.
pub(in crate::ingest) fn is_addition(head: Option<&Record>, line: &Record) -> Option<bool> {
    if line.indent == 0 || line.level.is_some() || line.time.is_none() || !accompanies(&line.message) {
        return None;
    }
    Some(head.is_none_or(|head| head.time.is_some() && head.header != Header::None && process(head) == process(line)))
}

/// The number of the process that wrote a line, where it says one.
fn process(record: &Record) -> Option<&str> {
    record.fields.iter().find(|(name, _)| name == "pid").map(|(_, process)| process.as_str())
}

/// `:CLIENT(PORT):USER@DATABASE:[PID]:LEVEL:  `, which stands right behind the time where the prefix of PostgreSQL's lines is
/// `%t:%r:%u@%d:[%p]:`, as on Amazon RDS; returns its length up to the level or its companion, and its parts.
pub(super) fn prefix(text: &str) -> Option<(usize, [&str; 3])> {
    let rest = text.strip_prefix(':')?;
    let n = memchr::memchr(b' ', rest.as_bytes())?;
    let (front, word) = rest.get(..n)?.strip_suffix(':')?.rsplit_once(':')?;
    let (front, process) = front.strip_suffix(']')?.rsplit_once('[')?;
    let (client, who) = front.strip_suffix(':')?.rsplit_once(':')?;
    let is_level = level_of_word(word).is_some() || severity(word).is_some();
    let is_it = is_number(process) && who.contains('@') && (is_level || is_companion(word));
    is_it.then(|| (text.len() - rest.len() + n - word.len() - 1, [client, who, process]))
}
