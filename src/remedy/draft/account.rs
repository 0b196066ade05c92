//! What was taken of a draft, in words for the message of the commit.

use serde::{Deserialize, Serialize};

use super::{At, Choice, Draft, Side, Spot};
use crate::remedy::fix::Check;
use crate::triage::{FileChange, Hunk, HunkId};

/// Checks that hold for any part of what they hold for.
const HOLD_FOR_PARTS: &[&str] = &["in scope"];

/// A note on a line of the patch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    /// Path of the file; after the change, for a renamed one.
    pub file: String,
    /// Number of the line on its side, from 1.
    pub line: u32,
    /// The side.
    pub side: Side,
    /// The note.
    pub text: String,
}

/// What was taken of a draft, and on what grounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// What the evidence says of the error.
    pub verdict: String,
    /// How the draft was found.
    pub evidence: String,
    /// Each accepted hunk: its place, what was done to it, and why it is there. Empty for a rollback
    /// that is taken whole.
    pub hunks: Vec<String>,
    /// How many hunks and whole files were left out.
    pub n_left_out: usize,
    /// What the draft was held against, each with whether that speaks for what was taken of it.
    pub checks: Vec<(Check, bool)>,
    /// The notes.
    pub comments: Vec<Comment>,
}

impl Account {
    /// Tells what a choice takes of a draft.
    #[must_use]
    pub fn of(draft: &Draft, choice: &Choice) -> Self {
        let is_plain = draft.evidence.is_empty() && choice.is_whole();
        Self {
            verdict: draft.verdict.clone(),
            evidence: draft.evidence.clone(),
            hunks: if is_plain { Vec::new() } else { hunks(draft, choice) },
            n_left_out: choice.rejected().count(),
            checks: draft.checks_of(choice).map(|(check, speaks)| (check.clone(), speaks)).collect(),
            comments: comments(draft, choice),
        }
    }
}

fn comments(draft: &Draft, choice: &Choice) -> Vec<Comment> {
    let mut comments: Vec<Comment> =
        choice.comments().filter_map(|(spot, text)| comment(draft, choice, spot, text)).collect();
    comments.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    comments
}

impl Draft {
    /// What is known of a choice: each check, and whether it speaks for exactly what is chosen. Where that was not
    /// held against anything, the checks of the whole draft are told, and speak for little.
    pub fn checks_of<'a>(&'a self, choice: &'a Choice) -> impl Iterator<Item = (&'a Check, bool)> {
        let own = choice.checks().filter(|_| !choice.is_whole());
        let speaks = move |check: &Check| {
            choice.is_whole() || own.is_some() || check.passed && HOLD_FOR_PARTS.contains(&check.name)
        };
        own.unwrap_or(&self.checks).iter().map(move |check| (check, speaks(check)))
    }

    /// Whether a choice must be checked anew: it is a part of a draft that was held against something, or was edited.
    #[must_use]
    pub fn is_unchecked(&self, choice: &Choice) -> bool {
        !self.checks.is_empty() && !choice.is_whole() && choice.checks().is_none()
    }
}

fn comment(draft: &Draft, choice: &Choice, spot: Spot, text: &str) -> Option<Comment> {
    let file = draft.change.files.get(spot.file)?;
    let (path, line, side) = match spot.at {
        At::Before(line) => (file.old_path.as_ref().unwrap_or(&file.path), line, Side::Before),
        At::After(hunk, index) => (&file.path, line_after(draft, choice, spot.file, (hunk, index))?, Side::After),
    };
    Some(Comment { file: path.clone(), line, side, text: text.to_owned() })
}

/// The number that an added line has in the file as it was chosen; of a hunk that was left out, as it
/// would have had.
fn line_after(draft: &Draft, choice: &Choice, file: usize, (id, index): (HunkId, u32)) -> Option<u32> {
    let mut ahead = 0_i64;
    for hunk in &draft.change.files.get(file)?.hunks {
        // A pure insertion names the line that it follows.
        let first = i64::from(hunk.old_start) + i64::from(hunk.removed.is_empty());
        if hunk.id == id {
            return u32::try_from(first + ahead + i64::from(index)).ok();
        }
        if !draft.is_rejected(file, hunk.id, choice) {
            let n_added = choice.edit_of(hunk.id).map_or(hunk.added.len(), <[String]>::len);
            ahead += n_added as i64 - hunk.removed.len() as i64;
        }
    }
    None
}

fn hunks(draft: &Draft, choice: &Choice) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, file) in draft.change.files.iter().enumerate() {
        if file.hunks.is_empty() && !draft.is_left_out(index, choice) {
            lines.push(with_reason(&file.path, draft, file, None));
        }
        for hunk in file.hunks.iter().filter(|hunk| !draft.is_rejected(index, hunk.id, choice)) {
            let edited = if choice.edit_of(hunk.id).is_some() { ", edited at the review" } else { "" };
            let place = if hunk.is_whole_file() {
                file.path.clone()
            } else {
                format!("{}:{}{edited}", file.path, hunk.touched().0)
            };
            lines.push(with_reason(&place, draft, file, Some(hunk)));
        }
    }
    lines
}

fn with_reason(place: &str, draft: &Draft, file: &FileChange, hunk: Option<&Hunk>) -> String {
    let path = file.old_path.as_ref().unwrap_or(&file.path);
    let (start, end) = hunk.map_or((0, u32::MAX), Hunk::touched_before);
    match draft.reasons_at(path, start, end).next() {
        Some(why) => format!("{place}: {why}"),
        None => place.to_owned(),
    }
}
