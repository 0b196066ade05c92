//! Compares interfaces in reverse: what would going back take away from clients?
//!
//! Everything that a deploy added to an interface vanishes with it, so additions are what matters here,
//! other than in a check for breaking changes that looks forward.

mod document;
mod embedded;
mod graphql;
mod lookup;
mod proto;

use std::collections::BTreeMap;

use super::Findings;
use super::rules::{self, Rule};
use super::source::{self, basename, extension};
use crate::triage::FileChange;

/// The parts of an interface by their path, each with its value and line.
pub(super) type Parts = BTreeMap<String, Part>;

/// One part of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) value: String,
    pub(super) line: u32,
}

/// Whether a file is an interface, by its name or by what it holds.
pub(super) fn is_one(file: &FileChange) -> bool {
    let name = basename(&file.path);
    let extension = extension(&file.path);
    if matches!(extension.as_str(), "graphql" | "graphqls" | "gql") {
        let text = file.head_text.as_deref().or(file.base_text.as_deref()).unwrap_or_default();
        return !graphql::is_request(text);
    }
    if matches!(extension.as_str(), "proto" | "avsc" | "avdl" | "wsdl" | "xsd" | "thrift" | "raml" | "fbs" | "smithy") {
        return true;
    }
    let structured = matches!(extension.as_str(), "yaml" | "yml" | "json");
    let named = ["openapi", "swagger", "asyncapi"].iter().any(|start| name.starts_with(start))
        || name.ends_with(".schema.json");
    structured
        && (named || lookup::is_interface(file.head_text.as_deref().or(file.base_text.as_deref()).unwrap_or_default()))
}

pub(super) fn look_at<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    let first = source::first_changed(file);
    let name = basename(&file.path);
    let read = |text: &Option<String>| -> Option<Parts> {
        text.as_deref().map_or_else(|| Some(Parts::new()), |text| parts(text, &extension(&file.path)))
    };
    let (Some(base), Some(head)) = (read(&file.base_text), read(&file.head_text)) else {
        findings.add(&rules::CONTRACT_OPAQUE, first, &name);
        return;
    };
    let before = findings.list.len();
    compare(file, &base, &head, findings);
    let found = findings.list.len() > before;
    let moved = file.old_path.is_some();
    if !found && moved {
        findings.add(&rules::CONTRACT_OPAQUE, first, &file.path);
    } else if !found {
        let rule = if base.is_empty() || head.is_empty() { &rules::CONTRACT_OPAQUE } else { &rules::CONTRACT_WORDING };
        findings.add(rule, first, &name);
    }
}

/// Looks for schemas that stand in code, as texts.
pub(super) fn look_into<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    let read = |text: &Option<String>| text.as_deref().map(|text| embedded::parts(text, &extension(&file.path)));
    let (base, head) = (read(&file.base_text).unwrap_or_default(), read(&file.head_text).unwrap_or_default());
    compare(file, &base, &head, findings);
}

/// Tells what going back would take away, bring back or change.
fn compare<'a>(file: &'a FileChange, base: &Parts, head: &Parts, findings: &mut Findings<'a>) {
    for (path, part) in head {
        match base.get(path) {
            None if outermost(path, base, head) => {
                let rule = if passed_over(path, part, (base, head), &file.path) {
                    &rules::CONTRACT_FIELD
                } else {
                    added_rule(path)
                };
                findings.add(rule, part.line, &lookup::said(path));
            }
            Some(old) if old.value != part.value => {
                findings.add(&rules::CONTRACT_CHANGED, part.line, &lookup::said(path))
            }
            None | Some(_) => {}
        }
    }
    let lines = LineOf { file };
    for (path, part) in base {
        if !head.contains_key(path) && outermost(path, head, base) {
            findings.add(removed_rule(path), lines.after(part.line, file.head_text.is_some()), &lookup::said(path));
        }
    }
}

/// The parts of an interface, without descriptions and comments; `None` when it cannot be read.
fn parts(text: &str, extension: &str) -> Option<Parts> {
    match extension {
        "proto" => Some(proto::parts(text)),
        "graphql" | "graphqls" | "gql" => Some(graphql::parts(text)),
        "json" | "avsc" => document::json(text),
        "yaml" | "yml" => Some(document::yaml(text)),
        _ => None,
    }
}

/// Whether nothing around this part is missing on the other side too, so that it is said once.
fn outermost(path: &str, other: &Parts, own: &Parts) -> bool {
    let mut parent = path;
    while let Some((outer, _)) = parent.rsplit_once('\u{1f}') {
        if own.contains_key(outer) && !other.contains_key(outer) {
            return false;
        }
        parent = outer;
    }
    true
}

/// Whether readers that do not know an added part pass over it: a field of a message whose number is new, a
/// field of a record with a default.
fn passed_over(path: &str, part: &Part, (base, head): (&Parts, &Parts), file: &str) -> bool {
    match extension(file).as_str() {
        "proto" => {
            let Some((message, _)) = path.rsplit_once('\u{1f}') else { return false };
            let is_message = message.rsplit('\u{1f}').next().is_some_and(|last| last.starts_with("message "));
            let number = |part: &Part| part.value.split_once("= ").map(|(_, number)| number.to_owned());
            let was_used = base.iter().any(|(other, old)| {
                other.rsplit_once('\u{1f}').is_some_and(|(around, _)| around == message) && number(old) == number(part)
            });
            is_message && number(part).is_some() && !was_used
        }
        "avsc" => {
            let inside = format!("{path}\u{1f}");
            let mut parts = path.rsplit('\u{1f}').skip(1);
            parts.next() == Some("fields") && head.contains_key(&format!("{inside}default"))
        }
        _ => false,
    }
}

fn added_rule(path: &str) -> &'static Rule {
    // One more in a list of required fields: the other way round, one less that clients can rely on.
    if lookup::is_required(path) { &rules::CONTRACT_CHANGED } else { &rules::CONTRACT_ADDED }
}

fn removed_rule(path: &str) -> &'static Rule {
    if lookup::is_required(path) { &rules::CONTRACT_REQUIRED } else { &rules::CONTRACT_REMOVED }
}

/// Finds where a line of the base stands after the change.
struct LineOf<'a> {
    file: &'a FileChange,
}

impl LineOf<'_> {
    /// The line after the change where the removed line was; the line itself in a deleted file.
    fn after(&self, line: u32, exists: bool) -> u32 {
        if !exists {
            return line;
        }
        let hunk = self.file.hunks.iter().find(|hunk| {
            let length = u32::try_from(hunk.removed.len()).unwrap_or(u32::MAX);
            (hunk.old_start..hunk.old_start.saturating_add(length.max(1))).contains(&line)
        });
        hunk.map_or(line, |hunk| hunk.new_start).max(1)
    }
}
