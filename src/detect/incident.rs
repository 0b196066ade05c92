//! Follows what was found until it is over.

use serde::{Deserialize, Serialize};

use super::deploy::Deploy;
use crate::units::{SignatureId, Timestamp};

/// Where an incident stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "lowercase")]
pub enum Phase {
    /// Found, nothing done yet.
    Open,
    /// A remedy was executed; the rate is watched.
    Recovering {
        /// When the remedy was executed.
        since: Timestamp,
    },
    /// The rate is back at its baseline.
    Closed {
        /// When it was seen to be back.
        at: Timestamp,
    },
}

/// Findings handled as one, with a life cycle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number in the store, from 1.
    pub id: u64,
    /// The deploy it is laid to.
    pub deploy: Deploy,
    /// When the first finding was confirmed.
    pub opened: Timestamp,
    /// The signatures that rose, worst first.
    pub signatures: Vec<SignatureId>,
    /// Where it stands.
    pub phase: Phase,
    /// How often it was reopened.
    pub reopened: u32,
}
