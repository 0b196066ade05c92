//! The one way from a plan to something that can be executed.
//!
//! Nothing outside this module can make an [`Approved`], so nothing can be executed that a person
//! did not accept as it was shown. Neither from its parts:
//!
//! ```compile_fail,E0451
//! use aftercare::remedy::{Approved, Person, Plan};
//! fn forge(plan: Plan, by: Person) -> Approved {
//!     let digest = plan.digest();
//!     Approved { plan, by, digest }
//! }
//! ```
//!
//! nor by changing what was approved:
//!
//! ```compile_fail,E0594
//! use aftercare::remedy::Approved;
//! fn forge(approved: Approved) -> Approved {
//!     approved.plan().branch = "main".to_owned();
//!     approved
//! }
//! ```
//!
//! nor from bytes:
//!
//! ```compile_fail,E0277
//! use aftercare::remedy::Approved;
//! fn forge(text: &str) -> Approved {
//!     serde_json::from_str(text).unwrap()
//! }
//! ```
//!
//! nor out of nothing:
//!
//! ```compile_fail,E0277
//! use aftercare::remedy::Approved;
//! fn needs_default<T: Default>() -> T {
//!     T::default()
//! }
//! fn forge() -> Approved {
//!     needs_default()
//! }
//! ```

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

impl Person {
    /// Somebody without a name, who can approve nothing.
    #[must_use]
    pub fn nobody() -> Self {
        Self { name: String::new(), email: String::new() }
    }
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

/// Accepts a plan; `None` when it changed after it was shown, when the typed word is not the
/// service's name or the branch's, or when the person has no name.
///
/// White space around the typed word does not count; case does.
#[must_use]
pub fn approve(plan: Plan, shown: Digest, typed: &str, by: Person) -> Option<Approved> {
    let digest = plan.digest();
    let typed = typed.trim();
    let consents = !typed.is_empty() && (typed == plan.service.trim() || typed == plan.branch);
    let named = !by.name.trim().is_empty();
    (digest == shown && consents && named).then_some(Approved { plan, by, digest })
}

#[cfg(test)]
mod tests;
