//! Finds feature flags that the deploy removed or changed.

use std::sync::LazyLock;

use regex::Regex;

use super::{Findings, rules, source};
use crate::triage::{Class, FileChange};

static ASKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:feature_?(?:is_?)?enabled|is_?feature_?enabled|is_?enabled|feature_?flags?(?:\.\w+)?|flag_is_active|flag_?enabled|use_?(?:feature_?)?flag|variation|bool_?variation|get_?flag|has_?feature|enabled|features?\.(?:is_?)?(?:enabled|active)|flags?\.(?:is_?)?(?:enabled|get|active|on))\??\s*[(\[]?\s*(?:\w+\s*,\s*)?[:"'](?<name>[\w.-]{2,80})["']?"#).ok()
});
static DECLARED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)^\s*["']?(?<name>[\w.-]*(?:feature|flag|enable|toggle)[\w.-]*)["']?\s*[:=]\s*["']?(?<value>true|false|on|off|0|1|yes|no)\b"#).ok()
});
static ANY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)^\s*["']?(?<name>[\w.-]+)["']?\s*[:=]\s*["']?(?<value>true|false|on|off|0|1|yes|no)\b"#).ok()
});

pub(super) fn look_at<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    let head = file.head_text.as_deref().unwrap_or_default();
    if file.class == Class::Config {
        declared(file, head, findings);
        return;
    }
    if is_list(file) {
        declared(file, head, findings);
    }
    for (line, text) in source::removed(file) {
        let Some(name) = name(&ASKED, text) else { continue };
        if !head.contains(&name) {
            findings.add(&rules::FLAG_REMOVED, line, &name);
        }
        // What is given where nobody set it is a default, too.
        let now = source::added(file).find(|(_, text)| self::name(&ASKED, text).as_ref() == Some(&name));
        if let Some((line, _)) = now.filter(|(_, now)| truths(now) != truths(text)) {
            findings.add(&rules::FLAG_DEFAULT, line, &name);
        }
    }
}

/// The truth values that a line names, in order.
fn truths(line: &str) -> Vec<String> {
    let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_')).map(str::to_ascii_lowercase);
    words.filter(|word| matches!(word.as_str(), "true" | "false")).collect()
}

fn declared<'a>(file: &'a FileChange, head: &str, findings: &mut Findings<'a>) {
    let pattern = if is_list(file) { &ANY } else { &DECLARED };
    for (line, text) in source::removed(file) {
        let Some(name) = name(pattern, text) else { continue };
        let now = source::added(file).find(|(_, text)| self::name(pattern, text).is_some_and(|other| other == name));
        match now {
            Some((line, text))
                if value(pattern, text) != value(pattern, file_line(file, &name).unwrap_or_default()) =>
            {
                findings.add(&rules::FLAG_DEFAULT, line, &name);
            }
            None if !head.contains(&name) => findings.add(&rules::FLAG_REMOVED, line, &name),
            Some(_) | None => {}
        }
    }
}

/// Whether a file is a list of flags, by its name.
fn is_list(file: &FileChange) -> bool {
    let name = source::basename(&file.path);
    ["flag", "feature", "toggle"].iter().any(|word| name.contains(word))
        || file.class == Class::Config
            && ["flag", "feature", "toggle"].iter().any(|word| file.path.to_ascii_lowercase().contains(word))
}

/// The removed line that declared this flag.
fn file_line<'a>(file: &'a FileChange, flag: &str) -> Option<&'a str> {
    source::removed(file).map(|(_, text)| text).find(|text| name(&ANY, text).is_some_and(|name| name == flag))
}

fn name(pattern: &Option<Regex>, text: &str) -> Option<String> {
    let found = pattern.as_ref()?.captures(text)?;
    Some(found.name("name")?.as_str().to_owned())
}

fn value(pattern: &Option<Regex>, text: &str) -> Option<String> {
    let found = pattern.as_ref()?.captures(text)?;
    Some(found.name("value")?.as_str().to_ascii_lowercase())
}
