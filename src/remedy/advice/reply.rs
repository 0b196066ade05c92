//! Reads the edits in a model's reply, in any of the forms that models write them in.
//!
//! Input: the text of a reply. Output: a [`Reply`]: its [`Edit`]s, what it says besides, and what could not
//! be read. Known are functions and files in code fences under a `FILE:` line, SEARCH/REPLACE blocks, unified
//! diffs (line numbers do not count), `*** Begin Patch` blocks, and JSON.
//!
//! Pure and total. Knows no repository: whether an edit fits is for `apply` to find out.

mod blocks;
mod diff;
mod json;
mod marks;

use crate::ingest::sanitize::visible;

/// Bytes of a reply that are read.
const REPLY_BYTES: usize = 1 << 20;

/// Edits of one reply, at most.
const EDITS: usize = 60;

/// Characters of an author's own words that are kept.
const SAID: usize = 1_200;

/// One change that an author wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file, as it was written; empty where none was named.
    pub path: String,
    /// What happens to it.
    pub what: What,
}

/// What an edit does to its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A passage gives way to another.
    Replace {
        /// The lines that are there.
        search: String,
        /// The lines in their place.
        replace: String,
    },
    /// A function or class gets a new text.
    Function {
        /// Its name, perhaps with its class.
        name: String,
        /// All of it.
        text: String,
    },
    /// The file gets a new text, or one function of it, where the text is just that.
    Whole(String),
}

/// A reply, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The edits in order.
    pub edits: Vec<Edit>,
    /// What it says besides, on one line, fit to be shown.
    pub said: String,
    /// Why the author says that nothing can be done, if it does.
    pub declined: Option<String>,
    /// What looks like an edit and cannot be read, as sentences for the author.
    pub problems: Vec<String>,
}

impl Reply {
    /// Reads a reply.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let text = crate::triage::syntax::start_of(text, REPLY_BYTES);
        let text = without_thoughts(text);
        let mut reply = Self::default();
        if let Some(edits) = json::edits(text.trim()) {
            reply.edits = edits;
        } else {
            blocks::read(text, &mut reply);
        }
        reply.said = said(&reply.said);
        if reply.edits.len() > EDITS {
            reply.problems.push(format!("There are more than {EDITS} edits; make fewer."));
            reply.edits.truncate(EDITS);
        }
        reply
    }
}

/// The text behind what the model thought aloud.
fn without_thoughts(text: &str) -> &str {
    let trimmed = text.trim_start();
    let opened = ["<think>", "<thinking>", "<reasoning>"].iter().find(|mark| trimmed.starts_with(**mark));
    let Some(mark) = opened else { return text };
    let end = format!("</{}", mark.trim_start_matches('<'));
    trimmed.find(&end).and_then(|at| trimmed.get(at + end.len()..)).unwrap_or(text)
}

fn said(text: &str) -> String {
    let shown = visible(text, true);
    let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(SAID).collect();
    if cut.len() < line.len() { format!("{cut}…") } else { cut }
}
