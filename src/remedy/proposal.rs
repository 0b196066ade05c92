//! Carries a plan from the person who proposes it to the people who approve it, with its exact bytes.
//!
//! Input: a plan and a person's consent, or the text that another machine wrote. Output: a [`Proposal`] and
//! [`Consent`]s as text, and whether enough different people approved these very bytes in time.
//!
//! Pure. Who a person is, git says or they do; what makes it trustworthy is who may push to the repository.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Approved, Person, Plan};
use crate::units::{Digest, Timestamp};

/// The version of the texts.
const FORMAT: u32 = 1;

/// Longest text that is read, in bytes; a patch may be large.
pub const LONGEST: usize = 80 << 20;

/// How far ahead of the clock another machine's may be.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// A plan that somebody proposes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    format: u32,
    /// The plan.
    pub plan: Plan,
    /// The branch that is deployed, as it was when planning.
    pub target_branch: Option<String>,
    /// The consent of who proposes it.
    pub first: Consent,
}

/// One person's consent to a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The digest of the plan, as 64 hexadecimal digits.
    pub digest: String,
    /// Who.
    pub by: Person,
    /// When.
    pub at: Timestamp,
    /// Why, where going back breaks something.
    #[serde(default)]
    pub reason: String,
}

/// Why a proposal, or a consent to it, does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// It is no proposal, or one of another version.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// Its plan is not the one that was proposed.
    #[error("its bytes do not have the digest {0}")]
    WrongDigest(String),
    /// It is too old.
    #[error("it expired at {0}")]
    Expired(Timestamp),
    /// It comes from the future.
    #[error("it is dated {0}, which is ahead of this machine's clock")]
    Early(Timestamp),
    /// The same person cannot approve twice.
    #[error("{0} approved it already; somebody else must")]
    SamePerson(String),
}

impl Consent {
    /// What an approval says.
    #[must_use]
    pub fn of(approved: &Approved, at: Timestamp) -> Self {
        let reason = approved.reason().to_owned();
        Self { digest: approved.digest().to_string(), by: approved.by().clone(), at, reason }
    }

    /// Whether it counts for these bytes now.
    ///
    /// # Errors
    ///
    /// When it is for other bytes, too old, or from the future.
    pub fn check(&self, digest: Digest, now: Timestamp, valid: Duration) -> Result<(), Invalid> {
        if self.digest != digest.to_string() {
            return Err(Invalid::WrongDigest(self.digest.clone()));
        }
        if self.at > now.after(SKEW) {
            return Err(Invalid::Early(self.at));
        }
        let until = self.at.after(valid);
        if until < now { Err(Invalid::Expired(until)) } else { Ok(()) }
    }
}

impl Proposal {
    /// Proposes what a person approved.
    #[must_use]
    pub fn of(approved: &Approved, target_branch: Option<&str>, at: Timestamp) -> Self {
        Self {
            format: FORMAT,
            plan: approved.plan().clone(),
            target_branch: target_branch.map(str::to_owned),
            first: Consent::of(approved, at),
        }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads the text of a proposal; what it shows is what its digest covers.
    ///
    /// # Errors
    ///
    /// When it is none, of another version, or its plan has another digest than it says.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let proposal: Self = serde_json::from_str(text).map_err(|error| Invalid::Unreadable(error.to_string()))?;
        if proposal.format != FORMAT {
            return Err(Invalid::Unreadable(format!("it has the format {}", proposal.format)));
        }
        if proposal.plan.digest().to_string() != proposal.first.digest {
            return Err(Invalid::WrongDigest(proposal.first.digest));
        }
        Ok(proposal)
    }
}

/// Whether two names are one person's: the same address where both have one, else the same name.
#[must_use]
pub fn is_same(one: &Person, other: &Person) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let (name, address) = (plain(&one.name) == plain(&other.name), plain(&one.email) == plain(&other.email));
    let both_have = !one.email.trim().is_empty() && !other.email.trim().is_empty();
    if both_have { address || name } else { name }
}

/// The different people among these consents that count for a plan now, in order.
#[must_use]
pub fn people(digest: Digest, consents: &[Consent], now: Timestamp, valid: Duration) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for consent in consents.iter().filter(|consent| consent.check(digest, now, valid).is_ok()) {
        if !people.iter().any(|person| is_same(person, &consent.by)) {
            people.push(consent.by.clone());
        }
    }
    people
}

#[cfg(test)]
mod tests;
