//! What was decided about groups: an append-only record.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Pattern;
use crate::detect::counts::SignatureIndex;
use crate::units::{SignatureId, Timestamp};

/// What a person wishes; leads name groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// These shall be one group.
    Merge(Vec<SignatureIndex>),
    /// The members of this group shall stand for themselves.
    Split(SignatureIndex),
    /// This group shall be called so; an empty name gives back its own.
    Rename(SignatureIndex, String),
    /// This group shall be listed first, or no longer.
    Pin(SignatureIndex, bool),
    /// The newest decision of a person shall not count.
    Undo,
}

/// One decision. It names ids and texts, never indices, so that it holds in another store as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decided", rename_all = "snake_case")]
pub enum Decision {
    /// The table formed a group.
    Formed {
        /// Its members differ in the open word.
        pattern: Pattern,
    },
    /// The groups that hold these signatures are one.
    Merge {
        /// A signature of each.
        signatures: Vec<SignatureId>,
    },
    /// The members of a group stand for themselves, and what is new of it, too.
    Split {
        /// Patterns that form no group any more.
        patterns: Vec<Pattern>,
        /// The members that it had; earlier merges of them are over.
        signatures: Vec<SignatureId>,
    },
    /// The group that holds this signature is called so.
    Rename {
        /// One of its members.
        signature: SignatureId,
        /// The name; empty for its own.
        name: String,
    },
    /// The group that holds this signature is listed first, or no longer.
    Pin {
        /// One of its members.
        signature: SignatureId,
        /// Whether it is listed first.
        pinned: bool,
    },
    /// An earlier decision does not count.
    Undo {
        /// Its number.
        of: u64,
    },
}

impl Decision {
    /// What it was, as a noun phrase.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Formed { .. } => "a group that formed by itself".to_owned(),
            Self::Merge { signatures } => format!("the merge of {} rows", signatures.len()),
            Self::Split { signatures, .. } => format!("the split of {} signatures", signatures.len()),
            Self::Rename { name, .. } if name.is_empty() => "a name taken away".to_owned(),
            Self::Rename { name, .. } => format!("the name “{name}”"),
            Self::Pin { pinned: true, .. } => "a pin".to_owned(),
            Self::Pin { pinned: false, .. } => "a pin taken away".to_owned(),
            Self::Undo { .. } => "an undo".to_owned(),
        }
    }

    /// Puts today's ids in the place of those that earlier rules gave.
    pub fn translate(&mut self, today: impl Fn(SignatureId) -> SignatureId) {
        match self {
            Self::Merge { signatures } | Self::Split { signatures, .. } => {
                signatures.iter_mut().for_each(|id| *id = today(*id));
            }
            Self::Rename { signature, .. } | Self::Pin { signature, .. } => *signature = today(*signature),
            Self::Formed { .. } | Self::Undo { .. } => {}
        }
    }
}

/// A decision with its place in the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Its number, from 1, ascending.
    pub number: u64,
    /// When it was made.
    pub at: Timestamp,
    /// What was decided.
    pub decision: Decision,
}

/// The numbers of the decisions that were taken back.
pub(super) fn undone(decided: &[Decided]) -> BTreeSet<u64> {
    let of = |it: &Decided| if let Decision::Undo { of } = it.decision { Some(of) } else { None };
    decided.iter().filter_map(of).collect()
}
