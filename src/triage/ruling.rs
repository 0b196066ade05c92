//! What a person says of an error, with the evidence or against it.
//!
//! Input: a signature, a deploy and a choice. Output: a [`Ruling`], which is recorded and shown beside the
//! verdict. It never changes what the evidence says.

use serde::{Deserialize, Serialize};

use super::{Change, Suspect};
use crate::units::SignatureId;

/// A person's word on what caused an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// The error.
    pub signature: SignatureId,
    /// Full id of the revision before the deploy.
    pub base: String,
    /// Full id of the revision that was deployed.
    pub head: String,
    /// The place that did it; `None` where the deploy did not.
    pub cause: Option<Cause>,
    /// Who said it.
    pub by: String,
}

/// A place that a person holds to be the cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Path after the change.
    pub file: String,
    /// First line.
    pub start: u32,
    /// Last line.
    pub end: u32,
}

impl Ruling {
    /// Makes a ruling on one error after one deploy; without a suspect the deploy is acquitted.
    #[must_use]
    pub fn new(signature: SignatureId, change: &Change, suspect: Option<&Suspect>, by: &str) -> Self {
        let cause = suspect.map(|suspect| Cause { file: suspect.file.clone(), start: suspect.start, end: suspect.end });
        Self { signature, base: change.base.clone(), head: change.head.clone(), cause, by: by.to_owned() }
    }

    /// Whether it is about this error after this deploy.
    #[must_use]
    pub fn is_about(&self, signature: SignatureId, change: &Change) -> bool {
        self.signature == signature && self.base == change.base && self.head == change.head
    }

    /// What was said, as a phrase.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.cause {
            Some(cause) if cause.start == cause.end => {
                format!("{} says: {}:{} did it", self.by, cause.file, cause.start)
            }
            Some(cause) => format!("{} says: {}:{}-{} did it", self.by, cause.file, cause.start, cause.end),
            None => format!("{} says: not this deploy", self.by),
        }
    }
}
