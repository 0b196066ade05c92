//! Asks of each change: can the old code run against the new state?

use serde::Serialize;

use crate::triage::Change;

/// How dangerous going back is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Hazard {
    /// The code may go back alone.
    Green,
    /// It may go back, but order or follow-up matters.
    Amber,
    /// Going back breaks or loses data.
    Red,
}

/// One thing to know before going back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Concern {
    /// Stable name of the rule, such as `migration.drop-column`.
    pub rule: String,
    /// How dangerous.
    pub level: Hazard,
    /// The file it was found in.
    pub file: String,
    /// The line, from 1, after the change; before it, for a deleted file.
    pub line: u32,
    /// Why it matters.
    pub why: String,
    /// What would make it safe.
    pub safer: String,
}

/// Returns what speaks against taking this change back, most dangerous first.
#[must_use]
pub fn concerns(change: &Change) -> Vec<Concern> {
    let _ = change;
    unimplemented!()
}
