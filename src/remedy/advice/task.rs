//! Picks what the author of a draft is told, and no more.
//!
//! Input: the error, the verdict, the change, and the text of tests and documents near it. Output: a [`Task`].
//!
//! Pure. Of the error only its template, the type of its exception and those places are passed on that are
//! in the repository: what users wrote into a log never reaches a model as it is.

use serde_json::json;

use super::orders::gives_orders;
use super::{masked, unnamed};
use crate::ingest::sanitize::{redact, redact_source, visible};
use crate::ingest::signature::of_message;
use crate::triage::frames::locate;
use crate::triage::scope::Scopes;
use crate::triage::syntax::{Source, start_of, words};
use crate::triage::{Change, Class, FileChange, FileStatus, Hunk, Symptom, Verdict};

/// Files that are shown, at most.
const FILES: usize = 4;

/// A file up to this many lines is shown whole.
const WHOLE_LINES: usize = 220;

/// Lines that are shown around a hunk outside of any function.
const AROUND: u32 = 25;

/// Characters of an error's template that are passed on.
const TEMPLATE: usize = 400;

/// Places of the stack that are passed on.
const PLACES: usize = 12;

/// Lines around a mention in a test or document that are shown.
const NEAR: usize = 6;

/// What an author is asked to repair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// The error, as JSON.
    pub error: String,
    /// What the evidence says, as sentences.
    pub evidence: Vec<String>,
    /// The files that are most likely to hold the defect.
    pub files: Vec<Excerpt>,
    /// What tests and documents say of how it should be: paths and texts.
    pub expected: Vec<(String, String)>,
    /// Paths that may be changed.
    pub scope: Vec<String>,
}

/// A file as the author sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// Its path.
    pub path: String,
    /// What the deploy changed in it.
    pub diff: String,
    /// Its text as deployed: all of it, or the functions that matter.
    pub text: String,
    /// Whether that is all of it.
    pub is_whole: bool,
}

impl Task {
    /// Picks what matters of an error and a deploy; `nearby` are tests and documents with their texts.
    #[must_use]
    pub fn of(symptom: &Symptom, verdict: &Verdict, change: &Change, nearby: &[(String, String)]) -> Self {
        let chosen = chosen(verdict, change);
        let wanted: Vec<u32> = verdict.suspects.iter().map(|suspect| suspect.hunk.0).collect();
        let names = names_of(&chosen, &wanted);
        Self {
            error: error(symptom, change),
            evidence: evidence(verdict),
            files: chosen.iter().map(|file| excerpt(file, &wanted)).collect(),
            expected: expected(change, nearby, &names),
            scope: scope(change),
        }
    }
}

/// Paths of tests and documents that may say how the suspect files should behave, best first.
#[must_use]
pub fn nearby(verdict: &Verdict, change: &Change) -> Vec<String> {
    let stems: Vec<String> = chosen(verdict, change).iter().map(|file| stem(&file.path).to_lowercase()).collect();
    let speaks_of = |path: &str| {
        let name = stem(path).to_lowercase();
        stems.iter().any(|stem| stem.len() > 2 && name != *stem && name.contains(stem.as_str()))
    };
    let is_expectation = |path: &&String| {
        matches!(crate::triage::classify::classify(path, None), Class::Test | Class::Docs) && speaks_of(path)
    };
    change.paths.iter().filter(is_expectation).take(FILES).cloned().collect()
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

/// The files of the suspects; without any, those that reach production.
fn chosen<'c>(verdict: &Verdict, change: &'c Change) -> Vec<&'c FileChange> {
    let mut chosen: Vec<&FileChange> = Vec::new();
    for suspect in &verdict.suspects {
        let file = change.files.iter().find(|file| file.path == suspect.file);
        if let Some(file) = file.filter(|file| !chosen.iter().any(|known| known.path == file.path)) {
            chosen.push(file);
        }
    }
    if chosen.is_empty() {
        let runs = |file: &&FileChange| crate::triage::classify::is_runtime_change(file) && !file.opaque;
        chosen = change.files.iter().filter(runs).collect();
    }
    chosen.truncate(FILES);
    chosen
}

fn scope(change: &Change) -> Vec<String> {
    let is_text = |file: &&FileChange| !file.opaque && file.class != Class::Test && !gives_orders(&file.path);
    change.files.iter().filter(is_text).map(|file| file.path.clone()).collect()
}

/// What the error says, by its parts.
fn error(symptom: &Symptom, change: &Change) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.:$".contains(c);
    let name = |text: &str| text.chars().filter(|c| is_name(*c)).take(120).collect::<String>();
    let exception = symptom.trace.as_ref().map(|trace| name(&trace.exception));
    let is_known = |word: &str| holds(change, word);
    // The template of a trace names its frames, which anybody may have written; those that are known follow by themselves.
    let template = match &symptom.trace {
        Some(_) => of_message(&symptom.message).template,
        None => symptom.template.clone(),
    };
    let template = unnamed::mask_unknown(&redact(&visible(&template, false)), &is_known);
    let template: String = template.chars().take(TEMPLATE).collect();
    let located = locate(symptom, change);
    let known = |path: &&crate::triage::frames::Place| change.paths.contains(&path.path);
    let places: Vec<String> = located
        .places
        .iter()
        .filter(known)
        .take(PLACES)
        .map(|place| {
            let line = place.line.map_or_else(String::new, |line| format!(":{line}"));
            // Whoever can write a log can write a frame: its function counts only where the code has it.
            let last = place.function.rsplit(['.', ':', '$', '/']).next().unwrap_or_default();
            let is_there = last.len() > 1 && holds(change, last);
            let function = if is_there { format!(" in {}", name(last)) } else { String::new() };
            format!("{}{line}{function}", place.path)
        })
        .collect();
    let quoted = said_and_known(&symptom.message, change);
    json!({
        "exception": exception, "message_with_values_masked": template,
        "stack_innermost_first": places, "names_in_message_that_the_code_has": quoted,
    })
    .to_string()
}

/// Whether a changed file, or one that the error leads to, has a word beside its secrets.
fn holds(change: &Change, word: &str) -> bool {
    let changed = change.files.iter().flat_map(|file| [&file.head_text, &file.base_text]).flatten();
    let holding = changed.chain(change.sources.iter().map(|(_, text)| text)).filter(|text| text.contains(word));
    let is_open = |text: &String| text.lines().any(|line| line.contains(word) && redact_source(line).contains(word));
    holding.into_iter().any(is_open)
}

/// Names that both the message and the code of the deploy have: those cannot come from a user alone.
fn said_and_known(message: &str, change: &Change) -> Vec<String> {
    let text = start_of(message, 2_000);
    let mut names: Vec<String> =
        words(text).filter(|word| word.len() <= 60 && holds(change, word)).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    names.truncate(20);
    names
}

fn evidence(verdict: &Verdict) -> Vec<String> {
    let sentence = |suspect: &crate::triage::Suspect| {
        let place = format!("{} lines {} to {}", suspect.file, suspect.start, suspect.end);
        format!("Suspect {} ({place}): {}", suspect.hunk, suspect.reasons.join(" "))
    };
    verdict.suspects.iter().take(FILES).map(sentence).map(|text| start_of(&text, 800).to_owned()).collect()
}

fn excerpt(file: &FileChange, wanted: &[u32]) -> Excerpt {
    let head = masked(&file.path, file.head_text.as_deref().unwrap_or_default());
    let is_whole = head.lines().count() <= WHOLE_LINES;
    let text = if is_whole { head } else { parts(file, &head, wanted) };
    Excerpt { path: file.path.clone(), diff: diff(file), text, is_whole }
}

/// The functions that hold the suspect hunks, or the lines around those.
fn parts(file: &FileChange, head: &str, wanted: &[u32]) -> String {
    let source = Source::read(&file.path, head);
    let scopes = Scopes::of(&source);
    let is_wanted = |hunk: &&Hunk| wanted.contains(&hunk.id.0);
    let any = file.hunks.iter().any(|hunk| wanted.contains(&hunk.id.0));
    let hunks = file.hunks.iter().filter(|hunk| !any || is_wanted(hunk)).take(8);
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for hunk in hunks {
        let (first, last) = hunk.touched();
        let holds =
            |scope: &&crate::triage::scope::Scope| scope.is_function && scope.first <= first && last <= scope.last;
        let range = match scopes.iter().filter(holds).last() {
            Some(scope) if scope.last - scope.first < WHOLE_LINES as u32 => (scope.first, scope.last),
            _ => (first.saturating_sub(AROUND).max(1), last.saturating_add(AROUND)),
        };
        ranges.push(range);
    }
    ranges.sort_unstable();
    let mut text = String::new();
    let mut next = 1;
    for (first, last) in ranges {
        for line in first.max(next)..=last.min(source.n_lines()) {
            text.push_str(source.line(line));
            text.push('\n');
        }
        next = next.max(last + 1);
        text.push_str("\n(other parts of the file are not shown)\n\n");
    }
    text
}

/// The hunks of a file, without numbers: models count badly.
fn diff(file: &FileChange) -> String {
    let mut text = match (file.status, &file.old_path) {
        (FileStatus::Added, _) => {
            let ids: Vec<String> = file.hunks.iter().map(|hunk| hunk.id.to_string()).collect();
            format!("The deploy added this file ({}).\n", ids.join(", "))
        }
        (FileStatus::Deleted, _) => "The deploy deleted this file.\n".to_owned(),
        (FileStatus::Renamed, Some(old)) => format!("The deploy renamed this file from {old}.\n"),
        (FileStatus::Renamed | FileStatus::Modified, _) => String::new(),
    };
    if file.status == FileStatus::Added {
        return text;
    }
    for hunk in &file.hunks {
        text.push_str(&format!("{}:\n", hunk.id));
        let lines =
            |mark: char, lines: &[String]| lines.iter().map(|line| format!("{mark}{line}\n")).collect::<String>();
        text.push_str(&lines('-', &hunk.removed));
        text.push_str(&lines('+', &hunk.added));
    }
    masked(&file.path, &text)
}

/// Names of the functions around the suspect hunks.
fn names_of(files: &[&FileChange], wanted: &[u32]) -> Vec<String> {
    let mut names = Vec::new();
    for file in files {
        let source = Source::read(&file.path, file.head_text.as_deref().unwrap_or_default());
        let scopes = Scopes::of(&source);
        for hunk in file.hunks.iter().filter(|hunk| wanted.contains(&hunk.id.0)) {
            let (first, last) = hunk.touched();
            names.extend(scopes.within(first, last).into_iter().map(|scope| scope.name.clone()));
        }
    }
    names.retain(|name| name.len() > 2);
    names.sort_unstable();
    names.dedup();
    names
}

/// What tests and documents say near the names that matter.
fn expected(change: &Change, nearby: &[(String, String)], names: &[String]) -> Vec<(String, String)> {
    let is_expectation = |file: &&FileChange| matches!(file.class, Class::Test | Class::Docs);
    let changed = change.files.iter().filter(is_expectation);
    let changed = changed.filter_map(|file| Some((file.path.clone(), file.head_text.clone()?)));
    let mut all: Vec<(String, String)> = changed.chain(nearby.iter().cloned()).collect();
    all.dedup_by(|a, b| a.0 == b.0);
    let mut found: Vec<(String, String)> =
        all.iter().map(|(path, text)| (path.clone(), masked(path, &near(text, names)))).collect();
    found.retain(|(_, text)| !text.is_empty());
    found.truncate(FILES);
    found
}

/// The lines around the first mentions of these names.
fn near(text: &str, names: &[String]) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mentions = lines.iter().enumerate().filter(|(_, line)| names.iter().any(|name| line.contains(name.as_str())));
    let mut shown = String::new();
    let mut next = 0;
    for (at, _) in mentions.take(4) {
        let (from, to) = (at.saturating_sub(2).max(next), (at + NEAR).min(lines.len()));
        for line in lines.get(from..to.max(from)).unwrap_or_default() {
            shown.push_str(line);
            shown.push('\n');
        }
        next = to;
    }
    shown
}
