//! What went wrong, as the user is told.

use std::error::Error;
use std::fmt;

/// Whose turn it is to do something about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The user asked for something that cannot be.
    User,
    /// A setting is wrong.
    Config,
    /// The world outside failed: a file, git, a command, a server.
    External,
    /// aftercare itself is wrong.
    Bug,
}

/// What went wrong, why, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Whose turn it is.
    pub kind: FailureKind,
    /// The fact, in lower case, without full stop.
    pub what: String,
    /// The chain of causes, nearest first.
    pub causes: Vec<String>,
    /// What to do next, as a sentence.
    pub hint: String,
}

impl Failure {
    /// Makes a failure without causes.
    #[must_use]
    pub fn new(kind: FailureKind, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, what: what.into(), causes: Vec::new(), hint: hint.into() }
    }

    /// Makes a failure of an error and its sources.
    #[must_use]
    pub fn of(kind: FailureKind, error: &dyn Error, hint: impl Into<String>) -> Self {
        let mut causes: Vec<String> = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            let said = cause.to_string();
            // Some say what their cause says once more, with a number before it.
            if !causes.last().is_some_and(|before| said.ends_with(before)) {
                causes.push(said);
            }
            next = cause.source();
        }
        Self { kind, what: error.to_string(), causes, hint: hint.into() }
    }
}

impl fmt::Display for Failure {
    /// Writes fact and causes on one line, each behind a colon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.causes.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}
