//! A person's leave to have a draft written by a model or a coding agent.
//!
//! Input: who can be asked, what the evidence or a person says of the error, and who wants the draft. Output: a
//! [`Commission`], without which nobody is asked from the screen.
//!
//! Only a verdict that escalates, or a person's word that the deploy did it, is ground enough; whoever wants a
//! draft all the same says why. What is run on the draft is fixed by the digest of what was on the screen.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::remedy::Person;
use crate::remedy::advice::Walls;
use crate::remedy::fix::{Allowed, Repro};
use crate::triage::{Ruling, Verdict};
use crate::units::Digest;

/// Fewest letters of a reason, without blanks.
const LEAST_REASON: usize = 10;

/// Longest reason that is kept, in characters.
const MOST_REASON: usize = 300;

/// Who writes a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// The model that is configured.
    Advisor,
    /// The coding agent of this name.
    Agent(String),
}

/// Somebody who can be asked for a draft, and what that may cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Who.
    pub author: Author,
    /// The name for people.
    pub name: String,
    /// Where what is sent goes to, or the program that is run.
    pub place: String,
    /// Most tokens of the task, both ways; of an agent nothing is known.
    pub tokens: Option<u64>,
    /// Most money of the task, where prices are known.
    pub money: Option<f64>,
    /// Most time of a reply, or of an agent.
    pub time: Duration,
    /// How an agent is kept to its folder; empty for a model, which runs nothing.
    pub confinement: String,
    /// Why nobody can be asked as it is, where that is so.
    pub trouble: Option<String>,
}

/// What a draft is written with: whom to ask, and what is run to check the result.
#[derive(Clone, Debug, PartialEq)]
pub struct Brief {
    /// Who is asked.
    pub candidate: Candidate,
    /// The command that fails as deployed and must pass.
    pub repro: Option<Repro>,
    /// The command that runs the tests.
    pub tests: Option<Repro>,
    /// What stands around both.
    pub walls: Walls,
}

/// Why a draft may be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The evidence lays the error to the deploy, with more than low confidence.
    Evidence,
    /// A person said that the deploy did it.
    Ruling(String),
    /// A person wants it against the evidence, for this reason.
    Reason(String),
}

/// A draft that a person ordered.
#[derive(Clone, Debug, PartialEq)]
pub struct Commission {
    brief: Brief,
    digest: Digest,
    ground: Ground,
    by: Person,
}

/// A person's leave to run commands on a draft that is under review, from when it was found or ordered.
#[derive(Clone, Debug, PartialEq)]
pub enum Leave {
    /// The command that found it.
    Search(Allowed),
    /// What was run on it when it was written.
    Draft(Box<Commission>),
}

impl Leave {
    /// The command that shows the error.
    #[must_use]
    pub fn repro(&self) -> Option<&Repro> {
        match self {
            Self::Search(allowed) => Some(allowed.repro()),
            Self::Draft(commission) => commission.brief.repro.as_ref(),
        }
    }

    /// The command that runs the tests.
    #[must_use]
    pub fn tests(&self) -> Option<&Repro> {
        match self {
            Self::Search(_) => None,
            Self::Draft(commission) => commission.brief.tests.as_ref(),
        }
    }
}

/// Why a draft cannot be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not what was on the screen, or it holds what cannot be shown.
    Unfit,
    /// Nobody is named.
    Nobody,
    /// Nothing speaks for it, and no reason was given.
    NoReason,
}

impl Brief {
    /// The digest of who is asked and what is run.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        let author = match &self.candidate.author {
            Author::Advisor => "advisor",
            Author::Agent(name) => name,
        };
        for text in ["aftercare.brief.v2", author, &self.candidate.name, &self.candidate.place] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
        let walls = self.walls.words();
        hash.update((walls.len() as u64).to_be_bytes());
        hash.update(walls.as_bytes());
        for command in [&self.repro, &self.tests] {
            hash.update(command.as_ref().map_or_else(String::new, |command| command.digest().to_string()));
            hash.update(b";");
        }
        Digest::from_bytes(hash.finalize().into())
    }

    fn is_fit(&self) -> bool {
        [&self.repro, &self.tests].into_iter().flatten().all(Repro::is_fit)
    }
}

impl Ground {
    /// What speaks for asking, without anybody's reason: a person's word goes before the evidence.
    #[must_use]
    pub fn of(verdict: &Verdict, ruling: Option<&Ruling>) -> Option<Self> {
        match ruling {
            Some(ruling) => ruling.cause.is_some().then(|| Self::Ruling(ruling.words())),
            None => verdict.escalates().then_some(Self::Evidence),
        }
    }

    /// It in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Evidence => "the evidence lays the error to the deploy".to_owned(),
            Self::Ruling(words) => words.clone(),
            Self::Reason(reason) => format!("against the evidence, because: {reason}"),
        }
    }
}

impl Commission {
    /// Whom to ask, and what is run.
    #[must_use]
    pub fn brief(&self) -> &Brief {
        &self.brief
    }

    /// The digest of what was on the screen.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Why.
    #[must_use]
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Who ordered it.
    #[must_use]
    pub fn by(&self) -> &Person {
        &self.by
    }
}

/// Orders a draft; `shown` is the digest of what was on the screen, `reason` what the person typed where nothing
/// else speaks for asking.
///
/// # Errors
///
/// When the brief is another than was shown or cannot be shown, nobody is named, or nothing speaks for it.
pub fn commission(
    brief: Brief,
    shown: Digest,
    ground: Option<Ground>,
    reason: &str,
    by: Person,
) -> Result<Commission, Refused> {
    let digest = brief.digest();
    if digest != shown || brief.candidate.trouble.is_some() || !brief.is_fit() {
        return Err(Refused::Unfit);
    }
    if by.name.trim().is_empty() {
        return Err(Refused::Nobody);
    }
    let reason: String = reason.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST_REASON).collect();
    let is_said = reason.chars().filter(|char| char.is_alphanumeric()).count() >= LEAST_REASON;
    let ground = ground.or_else(|| is_said.then_some(Ground::Reason(reason))).ok_or(Refused::NoReason)?;
    Ok(Commission { brief, digest, ground, by })
}

#[cfg(test)]
mod tests;
