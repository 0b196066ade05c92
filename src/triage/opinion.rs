//! Lets a second opinion move a verdict by one level at most.
//!
//! Input: a verdict, the hunks that it speaks of, and the text that somebody (a model) answered with.
//! Output: an [`Opinion`], or why the text is none; and the verdict that both together give.
//!
//! Pure. An opinion must be of the exact form, name only hunks that exist, and, to raise a verdict, name
//! its first suspect. Where the evidence rules the deploy out, no opinion brings it back.

use serde::Deserialize;
use serde_json::{Value, json};

use super::syntax::start_of;
use super::{Change, Confidence, HunkId, Verdict};
use crate::ingest::sanitize::{redact, visible};

/// Steps of a causal path, and doubts, at most.
const STEPS: usize = 12;

/// Bytes of one sentence that are kept.
const SENTENCE: usize = 300;

/// What somebody else thinks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// Whether the deploy caused the error.
    pub causal_link: bool,
    /// How sure that is.
    pub confidence: Confidence,
    /// The hunks that did it; all of them exist.
    pub hunks: Vec<HunkId>,
    /// How one thing led to the next, as sentences fit to be shown.
    pub path: Vec<String>,
    /// What speaks against it, as sentences fit to be shown.
    pub against: Vec<String>,
}

/// Why a text is no opinion.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpinionError {
    /// It is no JSON of the form that was asked for.
    #[error("it is not of the form that was asked for: {0}")]
    Form(String),
    /// It names a hunk that the deploy does not have.
    #[error("it names {0}, which is no hunk of this deploy")]
    NoSuchHunk(String),
    /// It says that the deploy did it, and not what of it.
    #[error("it names no hunk for its causal link")]
    Groundless,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    is_runtime_change: bool,
    causal_link: bool,
    confidence: Confidence,
    hunk_ids: Vec<String>,
    path: Vec<StepForm>,
    against: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepForm {
    from: String,
    to: String,
    why: String,
}

/// The JSON schema of an opinion, strict enough for every server that knows schemas.
#[must_use]
pub fn schema() -> Value {
    let text = json!({ "type": "string" });
    let step = json!({
        "type": "object",
        "properties": { "from": text, "to": text, "why": text },
        "required": ["from", "to", "why"],
        "additionalProperties": false,
    });
    json!({
        "type": "object",
        "properties": {
            "is_runtime_change": { "type": "boolean" },
            "causal_link": { "type": "boolean" },
            "confidence": { "type": "string", "enum": ["low", "medium", "high"] },
            "hunk_ids": { "type": "array", "items": text },
            "path": { "type": "array", "items": step },
            "against": { "type": "array", "items": text },
        },
        "required": ["is_runtime_change", "causal_link", "confidence", "hunk_ids", "path", "against"],
        "additionalProperties": false,
    })
}

impl Opinion {
    /// Reads an opinion: the JSON, bare or in one code fence.
    ///
    /// # Errors
    ///
    /// When it is not of the form, names hunks that do not exist, or claims a cause without a hunk.
    pub fn read(text: &str, change: &Change) -> Result<Self, OpinionError> {
        let form: Form =
            serde_json::from_str(bare(text)).map_err(|error| OpinionError::Form(fit(&error.to_string())))?;
        let known = |id: &String| {
            let hunk = id.strip_prefix('h').and_then(|number| number.parse().ok()).map(HunkId);
            let exists =
                |hunk: &HunkId| change.files.iter().any(|file| file.hunks.iter().any(|known| known.id == *hunk));
            hunk.filter(exists).ok_or_else(|| OpinionError::NoSuchHunk(fit(id)))
        };
        let hunks: Vec<HunkId> = form.hunk_ids.iter().map(known).collect::<Result<_, _>>()?;
        if form.causal_link && hunks.is_empty() {
            return Err(OpinionError::Groundless);
        }
        let step = |step: &StepForm| fit(&format!("{} -> {}: {}", step.from, step.to, step.why));
        Ok(Self {
            causal_link: form.causal_link && form.is_runtime_change,
            confidence: form.confidence,
            hunks,
            path: form.path.iter().take(STEPS).map(step).collect(),
            against: form.against.iter().take(STEPS).map(|text| fit(text)).collect(),
        })
    }

    /// How strongly it holds the deploy to be the cause: 0 for not at all or hardly.
    fn level(&self) -> u8 {
        if self.causal_link { level(true, self.confidence) } else { 0 }
    }
}

/// The text of the one JSON object, without a code fence or words around it.
fn bare(text: &str) -> &str {
    let trimmed = text.trim();
    let inside = trimmed.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    let inside = inside.map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).trim());
    inside.unwrap_or(trimmed)
}

/// A sentence fit to be shown and kept.
fn fit(text: &str) -> String {
    let line = visible(&redact(text), true).split_whitespace().collect::<Vec<_>>().join(" ");
    start_of(&line, SENTENCE).to_owned()
}

fn level(causal_link: bool, confidence: Confidence) -> u8 {
    match (causal_link, confidence) {
        (false, _) | (true, Confidence::Low) => 0,
        (true, Confidence::Medium) => 1,
        (true, Confidence::High) => 2,
    }
}

/// What a second opinion changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing: it agrees.
    Agrees,
    /// Nothing: the evidence rules out what it says, or it does not name the first suspect.
    Overruled,
    /// The verdict is one level surer.
    Raised,
    /// The verdict is one level less sure.
    Lowered,
}

/// The verdict with a second opinion, and what that changed.
///
/// A verdict that the evidence vetoes (no link, and sure of it) or that concerns nothing which runs stays.
#[must_use]
pub fn second(verdict: &Verdict, opinion: &Opinion) -> (Verdict, Effect) {
    let is_vetoed = !verdict.is_runtime_change || (!verdict.causal_link && verdict.confidence != Confidence::Low);
    let (own, other) = (level(verdict.causal_link, verdict.confidence), opinion.level());
    let names_first = verdict.suspects.first().is_some_and(|first| opinion.hunks.contains(&first.hunk));
    let (new, effect) = match own.cmp(&other) {
        std::cmp::Ordering::Equal => (own, Effect::Agrees),
        std::cmp::Ordering::Less if is_vetoed || !names_first => (own, Effect::Overruled),
        std::cmp::Ordering::Less => (own + 1, Effect::Raised),
        std::cmp::Ordering::Greater => (own - 1, Effect::Lowered),
    };
    let mut moved = verdict.clone();
    if new != own {
        moved.causal_link = new > 0;
        moved.confidence = match new {
            0 => Confidence::Low,
            1 => Confidence::Medium,
            _ => Confidence::High,
        };
    }
    (moved, effect)
}

#[cfg(test)]
mod tests;
