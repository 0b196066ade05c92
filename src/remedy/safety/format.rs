//! Finds changes of what is stored, queued or sent between versions.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::route::added_lines;
use super::{Findings, rules, source};
use crate::triage::FileChange;

static JOB: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^\s*(?:class\s+(?<class>\w+)\s*(?:<\s*(?:ApplicationJob|ActiveJob::Base)|\(.*(?:Job|Task|Worker)\)|.*\b(?:implements\s+ShouldQueue|extends\s+\w*(?:Job|Worker))\b)|(?<mark>include\s+Sidekiq::(?:Worker|Job)|@(?:shared_task|\w+\.task|dramatiq\.actor|KafkaListener|RabbitListener|SqsListener|JmsListener|StreamListener|Processor|Process|job)\b.*|use\s+Oban\.Worker.*))"#).ok()
});
static TOPIC: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:topics?|queue(?:_?name)?|stream_?name|routing_?key|exchange)\s*[:=]+\s*\{?\[?\s*["'](?<name>[\w.:/-]{2,80})["']|\b(?:publish|subscribe|basic_publish|send_message|producer\w*\.(?:send|produce))\(\s*["'](?<sent>[\w.:/-]{2,80})["']"#).ok()
});
static VERSION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"\b(?<name>(?i:\w*(?:format|schema|serial|storage|snapshot|wire|protocol|payload|session|cache|index|encoding)\w*[_-]?(?:version|ver)\w*|serialVersionUID|cache_?(?:key_?)?(?:prefix|version)))\b[^=:\n]{0,30}(?::[\w<>&' \[\]]{1,40}=|[=:])\s*(?<value>["'\w.:/-]+)"#).ok()
});
/// How objects are pickled: older code reads no newer protocol.
static PROTOCOL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?<name>\w*protocol)\s*=\s*(?<value>-?\d+|[\w.]*_PROTOCOL)\b").ok());
/// A version within a text that tells where something is kept.
static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?<name>\w*(?:key|prefix|cache|namespace|bucket|channel)\w*)\b[^"'`\n]{0,30}["'`](?<value>[^"'`\n]*\bv\d+\b[^"'`\n]*)["'`]"#).ok()
});
/// A field in languages that write the type before the name.
static FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:(?:private|protected|public|internal|final|readonly|required|volatile)\s+)*[\w.<>\[\],?]+(?:\s*,\s*[\w.<>\[\]?]+)*\s+\w+\s*(?:=[^=;]*)?(?:;|\{\s*get\b)").ok()
});
/// What turns objects into bytes and back, where it is chosen by name.
static SERIALIZER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?<name>\w*serializ\w*)["']?\s*(?:=>|[:=])\s*(?<value>[:"'\w.:-]*(?:marshal|json|pickle|hybrid|message_?pack|php\w*|igbinary|protobuf|proto|avro|yaml|cbor|kryo|java)\w*)"#).ok()
});
/// A function of a job, with what it is given.
static GIVEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:async\s+|public\s+|static\s+|export\s+)*(?:def|function|func|fn)\s+(?<name>\w+)[?!]?\s*\((?<given>[^)]*)").ok()
});
static SERIALIZED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"derive\([^)]*\b(?:Serialize|Deserialize|BorshSerialize|Encode|Archive)\b|\((?:[\w.]*\.)?BaseModel\)|@Serializable|implements\s+Serializable|\[Serializable\]|@dataclass_json|\[DataContract\]|@JsonClass").ok()
});
static OPAQUE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:pickle\.dumps?|Marshal\.dump|bincode::(?:serialize|encode)\w*|ObjectOutputStream|BinaryFormatter|joblib\.dump|shelve\.open|torch\.save|:erlang\.term_to_binary)\b").ok()
});

pub(super) fn look_at<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    let removed: Vec<&str> = source::removed(file).map(|(_, line)| line).collect();
    let base = file.base_text.as_deref().unwrap_or_default();
    let topics: BTreeSet<String> = removed.iter().filter_map(|line| topic(line)).collect();
    for (number, line) in added_lines(file) {
        if let Some(found) = captured(&JOB, line) {
            let name = found.name("class").map_or_else(|| line.trim(), |class| class.as_str());
            if !base.contains(line.trim()) {
                findings.add(&rules::JOB_ADDED, number, name);
            }
        }
        if let Some(name) = given_otherwise(file, number, line, &removed) {
            findings.add(&rules::JOB_CHANGED, number, &name);
        }
        if let Some(name) = topic(line).filter(|name| !topics.contains(name) && !base.contains(name.as_str())) {
            findings.add(&rules::TOPIC_ADDED, number, &name);
        }
        if base.contains("pickle")
            && let Some(name) = moved(&PROTOCOL, line, &removed)
        {
            findings.add(&rules::FORMAT_VERSION, number, &name);
        }
        if let Some(name) = moved(&PLACE, line, &removed).filter(|_| moved(&VERSION, line, &removed).is_none()) {
            findings.add(&rules::CACHE_VERSION, number, &name);
        }
        if let Some(name) = moved(&VERSION, line, &removed) {
            let is_cache = name.to_ascii_lowercase().contains("cache");
            findings.add(if is_cache { &rules::CACHE_VERSION } else { &rules::FORMAT_VERSION }, number, &name);
        }
        if let Some(found) = captured(&OPAQUE, line) {
            findings.add(&rules::FORMAT_OPAQUE, number, found.get(0).map_or("", |found| found.as_str()));
        }
    }
    serialized(file, findings);
}

/// Finds a serializer that was chosen anew, in code and settings.
pub(super) fn serializer<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    for (number, line) in added_lines(file) {
        let Some(found) = captured(&SERIALIZER, line) else { continue };
        let part = |found: &regex::Captures<'_>, name: &str| found.name(name).map(|part| part.as_str().to_owned());
        let moved = source::removed(file)
            .filter_map(|(_, line)| captured(&SERIALIZER, line))
            .any(|old| part(&old, "name") == part(&found, "name") && part(&old, "value") != part(&found, "value"));
        if moved {
            findings.add(&rules::FORMAT_VERSION, number, &part(&found, "name").unwrap_or_default());
        }
    }
}

/// The name of a job whose function is given other things than before.
fn given_otherwise(file: &FileChange, number: u32, line: &str, removed: &[&str]) -> Option<String> {
    let found = captured(&GIVEN, line)?;
    let (name, given) = (found.name("name")?.as_str(), found.name("given")?.as_str());
    let bare = |given: &str| given.split_whitespace().collect::<String>();
    let old = removed.iter().filter_map(|line| captured(&GIVEN, line)).find(|old| &old["name"] == name)?;
    if bare(&old["given"]) == bare(given) {
        return None;
    }
    let head: Vec<&str> = file.head_text.as_deref().unwrap_or_default().lines().collect();
    let at = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1).min(head.len());
    let marks = |lines: &[&str]| lines.iter().any(|line| captured(&JOB, line).is_some());
    let is_work = matches!(name, "perform" | "process" | "consume" | "__construct");
    let is_job = is_work && marks(&head) || marks(head.get(at.saturating_sub(3)..at).unwrap_or_default());
    is_job.then(|| name.to_owned())
}

fn captured<'t>(pattern: &Option<Regex>, line: &'t str) -> Option<regex::Captures<'t>> {
    pattern.as_ref().and_then(|pattern| pattern.captures(line))
}

fn topic(line: &str) -> Option<String> {
    let found = captured(&TOPIC, line)?;
    found.name("name").or_else(|| found.name("sent")).map(|name| name.as_str().to_owned())
}

/// The name of a constant whose value differs from before.
fn moved(pattern: &Option<Regex>, line: &str, removed: &[&str]) -> Option<String> {
    let found = captured(pattern, line)?;
    let (name, value) = (found.name("name")?.as_str(), found.name("value")?.as_str());
    let moved = removed.iter().any(|line| {
        captured(pattern, line).is_some_and(|old| {
            old.name("name").is_some_and(|old| old.as_str() == name)
                && old.name("value").is_some_and(|old| old.as_str() != value)
        })
    });
    moved.then(|| name.to_owned())
}

/// Fields added to, or changed in, a type that was serialized before.
fn serialized<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    let (Some(head), Some(_)) = (file.head_text.as_deref(), file.base_text.as_deref()) else { return };
    let lines: Vec<&str> = head.lines().collect();
    for hunk in &file.hunks {
        let at = usize::try_from(hunk.new_start).unwrap_or(usize::MAX).saturating_sub(1);
        let is_field = |line: &String| {
            let line = line.trim();
            let named = line.split_once(':').is_some_and(|(name, kind)| {
                !kind.is_empty()
                    && !kind.starts_with(':')
                    && name
                        .split_whitespace()
                        .all(|word| word.chars().all(|c| c.is_alphanumeric() || "_()".contains(c)))
            });
            let typed = captured(&FIELD, line).is_some()
                && !["return ", "throw ", "import ", "using ", "package ", "static ", "transient "]
                    .iter()
                    .any(|start| line.starts_with(start));
            if typed {
                return true;
            }
            named
                && !line.ends_with('{')
                && !line.ends_with("(")
                && !line.starts_with("def ")
                && !line.starts_with("case ")
        };
        let Some(field) = hunk.added.iter().chain(&hunk.removed).find(|line| is_field(line)) else { continue };
        let before = lines.get(..at.min(lines.len())).unwrap_or_default();
        if let Some(name) = enclosing(before, field) {
            findings.add(&rules::FORMAT_FIELD, hunk.new_start, &name);
        }
    }
}

/// The name of the serialized type that the next line stands in.
fn enclosing(before: &[&str], field: &str) -> Option<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = indent(field);
    let from = before.len().saturating_sub(200);
    let recent = before.get(from..)?;
    let opens = recent.iter().rposition(|line| !line.trim().is_empty() && indent(line) < own)?;
    // The brace may stand on a line of its own.
    let is_brace = recent.get(opens).is_some_and(|line| line.trim() == "{");
    let opens = if is_brace { recent.get(..opens)?.iter().rposition(|line| !line.trim().is_empty())? } else { opens };
    let opener = recent.get(opens)?;
    let words: Vec<&str> =
        opener.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let kind = words.iter().position(|word| matches!(*word, "struct" | "class" | "enum" | "record"))?;
    let marks = recent.get(opens.saturating_sub(6)..=opens)?;
    let marks = marks
        .iter()
        .rev()
        .enumerate()
        .take_while(|(index, line)| *index == 0 || line.trim_start().starts_with(['#', '@', '[', '/']));
    let serialized =
        marks.map(|(_, line)| line).any(|line| SERIALIZED.as_ref().is_some_and(|pattern| pattern.is_match(line)));
    serialized.then(|| words.get(kind + 1).map(|name| (*name).to_owned())).flatten()
}
