//! Deploy markers: when a change went to production, and which.

use serde::{Deserialize, Serialize};

use crate::units::Timestamp;

/// How a deploy became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// `aftercare deploy mark`.
    Mark,
    /// A log line that speaks of a deploy or a start of a version.
    Log,
    /// The deployed branch or tag moved in the repository.
    Repository,
    /// `--deploy` on the command line.
    Flag,
    /// A remedy that aftercare executed.
    Remedy,
}

/// A change put in production.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deploy {
    /// When it went live.
    pub at: Timestamp,
    /// The service it belongs to.
    pub service: String,
    /// What people call it: a version, tag or abbreviated revision.
    pub version: String,
    /// The revision now running, as the repository resolves it; `None` when unknown.
    pub revision: Option<String>,
    /// The revision that ran before; `None` when unknown.
    pub previous: Option<String>,
    /// Who wrote the newest commit, and its subject line.
    pub author: Option<String>,
    /// Subject line of the newest commit.
    pub subject: Option<String>,
    /// How it became known.
    pub origin: Origin,
}
