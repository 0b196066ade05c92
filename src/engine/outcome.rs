//! The verdict of a run, for whoever needs one word: an exit status, a pipeline.

use super::Engine;
use crate::detect::{Overall, Tier};

/// Why nothing can be said when no deploy is known.
const NO_DEPLOY: &str = "no deploy is known; mark one with --deploy REV[@TIME] or `aftercare deploy mark`";

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No finding that fails.
    Healthy,
    /// Some finding that fails.
    Regression,
    /// There was nothing to judge by; says why.
    CannotJudge(&'static str),
}

impl Outcome {
    /// The exit status: 0 healthy, 1 regression, 3 could not judge.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Self::Healthy => 0,
            Self::Regression => 1,
            Self::CannotJudge(_) => 3,
        }
    }

    /// Its name, as in `--json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Regression => "regression",
            Self::CannotJudge(_) => "could not judge",
        }
    }
}

impl Engine {
    /// The verdict on all watched deploys: a regression when a finding of at least this tier was made;
    /// `None` lets nothing fail. Without one, the newest deploy must be fit to be judged.
    #[must_use]
    pub fn outcome(&self, fails: Option<Tier>) -> Outcome {
        let failing = |overall: &Overall| match (fails, overall) {
            (None, _) | (_, Overall::Healthy | Overall::CannotJudge(_)) => false,
            (Some(Tier::Confirmed), Overall::Candidates(_)) => false,
            (Some(Tier::Candidate), Overall::Candidates(_)) | (Some(_), Overall::Regressed(_)) => true,
        };
        if self.judgements().any(|(_, judgement)| failing(&judgement.overall)) {
            return Outcome::Regression;
        }
        match self.judgements().last().map(|(_, judgement)| &judgement.overall) {
            None => Outcome::CannotJudge(NO_DEPLOY),
            Some(Overall::CannotJudge(why)) => Outcome::CannotJudge(why),
            Some(Overall::Healthy | Overall::Candidates(_) | Overall::Regressed(_)) => Outcome::Healthy,
        }
    }

    /// Whether the newest deploy's watch is over, or there is none to wait for.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.judgements().last().is_none_or(|(_, judgement)| judgement.is_over())
    }
}
