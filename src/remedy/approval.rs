//! The one way from a plan to something that can be executed.
//!
//! Nothing outside this module can make an [`Approved`], so nothing can be executed that a person
//! did not accept as it was shown. Neither from its parts:
//!
//! ```compile_fail,E0451
//! use aftercare::remedy::{Approved, Person, Plan};
//! fn forge(plan: Plan, by: Person) -> Approved {
//!     let digest = plan.digest();
//!     Approved { plan, by, digest, reason: String::new() }
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

use super::{Hazard, Plan};
use crate::detect::{Deploy, Origin};
use crate::units::{Digest, Timestamp};

/// Fewest letters of a reason to go back although that breaks or loses something.
const LEAST_REASON: usize = 10;

/// Longest reason that is kept, in characters.
const MOST_REASON: usize = 500;

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
    reason: String,
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
    /// Why it is done although it breaks or loses something; empty where it does not.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The deploy that it was, once it was executed as this commit and deployed.
    #[must_use]
    pub fn deploy(&self, commit: &str, at: Timestamp) -> Deploy {
        Deploy {
            at,
            service: self.plan.service.clone(),
            version: self.plan.branch.clone(),
            revision: Some(commit.to_owned()),
            previous: Some(self.plan.parent.clone()),
            author: Some(self.by.name.clone()),
            subject: self.plan.message.lines().next().map(str::to_owned),
            origin: Origin::Remedy,
        }
    }
}

/// Why typed text is no consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// What is approved is not what was shown.
    #[error("the plan changed after it was shown")]
    Changed,
    /// The person has no name.
    #[error("nobody is named who approves")]
    Nobody,
    /// The word is not the one that was asked for.
    #[error("the typed word is not the one asked for")]
    Word,
    /// Going back breaks or loses something, and no reason was typed behind the word.
    #[error("going back breaks or loses something, so why it is done all the same must be typed behind the word")]
    NoReason,
}

/// The word that must be typed: the branch where going back is dangerous, else the service.
///
/// The branch is long and holds the id of this very plan, so that a red plan cannot be approved by habit.
#[must_use]
pub fn word(plan: &Plan) -> &str {
    let service = plan.service.trim();
    if plan.level() == Hazard::Red || service.is_empty() { &plan.branch } else { service }
}

/// Accepts a plan; `None` where [`consent`] refuses.
#[must_use]
pub fn approve(plan: Plan, shown: Digest, typed: &str, by: Person) -> Option<Approved> {
    consent(plan, shown, typed, by).ok()
}

/// Accepts a plan by the text that a person typed: the service's name or the branch's; of a plan that is
/// red, the branch's name, and behind it why it is done all the same.
///
/// White space around the text does not count; case does.
///
/// # Errors
///
/// Says why the text is no consent.
pub fn consent(plan: Plan, shown: Digest, typed: &str, by: Person) -> Result<Approved, Refused> {
    let digest = plan.digest();
    if digest != shown {
        return Err(Refused::Changed);
    }
    if by.name.trim().is_empty() {
        return Err(Refused::Nobody);
    }
    let typed = typed.trim();
    let reason = if plan.level() == Hazard::Red {
        let behind = typed.strip_prefix(plan.branch.as_str()).ok_or(Refused::Word)?;
        let is_apart = behind.is_empty() || behind.starts_with([' ', ':', ',']);
        let reason = behind.trim_start_matches([' ', ':', ',']).trim();
        if !is_apart {
            return Err(Refused::Word);
        }
        if reason.chars().filter(|character| character.is_alphanumeric()).count() < LEAST_REASON {
            return Err(Refused::NoReason);
        }
        reason.chars().filter(|character| !character.is_control()).take(MOST_REASON).collect()
    } else if !typed.is_empty() && (typed == plan.service.trim() || typed == plan.branch) {
        String::new()
    } else {
        return Err(Refused::Word);
    };
    Ok(Approved { plan, by, digest, reason })
}

/// Accepts a plan in the name of the person who set the standing conditions that it meets; only [`standing`]
/// knows whether it does.
///
/// [`standing`]: super::standing
pub(super) fn by_standing(plan: Plan, by: Person) -> Approved {
    let digest = plan.digest();
    Approved { plan, by, digest, reason: String::new() }
}

#[cfg(test)]
mod tests;
