//! The one way from a plan to something that can be executed.

use serde::{Deserialize, Serialize};

use super::Plan;
use crate::units::Digest;

/// Who consents: the git identity, or `--as`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name.
    pub name: String,
    /// E-mail address, if any.
    pub email: String,
}

/// A plan that a named person accepted, byte for byte as it was shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Approved {
    plan: Plan,
    by: Person,
    digest: Digest,
}

impl Approved {
    /// What was accepted.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
    /// By whom.
    #[must_use]
    pub fn by(&self) -> &Person {
        &self.by
    }
    /// The digest that was on screen.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// Accepts a plan; `None` when it changed after it was shown, or when the typed word is not the
/// service's name or the branch's.
#[must_use]
pub fn approve(plan: Plan, shown: Digest, typed: &str, by: Person) -> Option<Approved> {
    let digest = plan.digest();
    let consents = !typed.is_empty() && (typed == plan.service || typed == plan.branch);
    (digest == shown && consents).then_some(Approved { plan, by, digest })
}
