//! Finds changes of what a file declares and a tool then makes so: CloudFormation stacks, mappings of a search index, database
//! schemas of Atlas.

use super::is_stateful;
use crate::remedy::safety::Findings;
use crate::remedy::safety::rules;
use crate::remedy::safety::source::{self, basename, first_changed};
use crate::triage::FileChange;

fn texts(file: &FileChange) -> impl Iterator<Item = &str> {
    [&file.head_text, &file.base_text].into_iter().flatten().map(String::as_str)
}

/// Whether a file is a template of CloudFormation, or of what is built on it.
pub(super) fn is_stack(file: &FileChange) -> bool {
    texts(file).any(|text| {
        text.contains("AWSTemplateFormatVersion") || text.contains("Type: AWS::") || text.contains("\"Type\": \"AWS::")
    })
}

/// Whether a file holds the mappings of a search index.
pub(super) fn is_index(file: &FileChange) -> bool {
    texts(file).any(|text| ["mappings", "properties", "type"].iter().all(|word| text.contains(word)))
}

/// Whether a file declares tables.
pub(super) fn is_schema(file: &FileChange) -> bool {
    texts(file).any(|text| text.lines().any(|line| line.starts_with("table \"") || line.starts_with("schema \"")))
}

pub(super) fn schema<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    let lost = source::removed(file).find(|(_, line)| counts(line));
    let rule = if lost.is_some() { &rules::SNAPSHOT_CHANGED } else { &rules::SNAPSHOT_GREW };
    findings.add(rule, lost.map_or(first_changed(file), |(line, _)| line), &basename(&file.path));
}

pub(super) fn index<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    if let Some((line, text)) = source::removed(file).find(|(_, line)| counts(line)) {
        findings.add(&rules::INDEX_CHANGED, line, text.trim());
    } else {
        findings.add(&rules::INDEX_GREW, first_changed(file), &basename(&file.path));
    }
}

pub(super) fn stack<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    let mut seen: Vec<String> = Vec::new();
    let (base, head) = (file.base_text.as_deref().unwrap_or_default(), file.head_text.as_deref().unwrap_or_default());
    for hunk in &file.hunks {
        let removed = (hunk.old_start..).zip(&hunk.removed).map(|(line, text)| (base, line, hunk.new_start, text));
        let added = (hunk.new_start..).zip(&hunk.added).map(|(line, text)| (head, line, line, text));
        for (text, at, shown, _) in removed.chain(added).filter(|(.., line)| counts(line)) {
            let Some(kind) = kind_around(text, at) else { continue };
            if seen.contains(&kind) {
                continue;
            }
            let is_stateful = is_stateful(&kind.to_ascii_lowercase().replace("::", "_"));
            let rule = if is_stateful { &rules::TERRAFORM_STATEFUL } else { &rules::TERRAFORM_RESOURCE };
            findings.add(rule, shown, &kind);
            seen.push(kind);
        }
    }
}

/// The kind of the resource that a line belongs to: the one that is named nearest to it, in its own block.
fn kind_around(text: &str, line: u32) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let at = usize::try_from(line).ok()?.saturating_sub(1).min(lines.len().saturating_sub(1));
    let indent = |line: &str| line.len() - line.trim_start().len();
    let kind = |line: &&str| {
        let value = line.trim().trim_start_matches('"').strip_prefix("Type")?;
        let value = value.trim_start_matches(['"', ':', ' ']);
        let value = value.trim_end_matches(['"', ',']);
        value.starts_with("AWS::").then(|| (indent(line), value.to_owned()))
    };
    let (before, from) = lines.split_at_checked(at)?;
    let above = before.iter().enumerate().rev().find_map(|(index, line)| kind(line).map(|found| (index, found)));
    if let Some((index, (depth, found))) = above {
        let is_same = lines.get(index..=at)?.iter().all(|line| line.trim().is_empty() || indent(line) >= depth);
        if is_same {
            return Some(found);
        }
    }
    from.iter().find_map(kind).map(|(_, found)| found)
}

fn counts(line: &str) -> bool {
    let line = line.trim();
    !(line.is_empty() || line.starts_with(['#', '/']) || matches!(line, "{" | "}" | "}," | "[" | "]" | "],"))
}
