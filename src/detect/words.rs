//! What findings are called, on the screen, in reports and in `--json`.

use super::watch::{Kind, Overall, Tier};

impl Kind {
    /// Its name, in lower case, as in `--json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rise => "rise",
            Self::New => "new",
            Self::Drop => "drop",
            Self::Stall => "stall",
            Self::Silent => "silent",
        }
    }
}

impl Tier {
    /// Its name, in lower case, as in `--json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Confirmed => "confirmed",
        }
    }
}

impl Overall {
    /// The verdict in words, fit to follow "deploy v1.8.2: ".
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::CannotJudge(why) => (*why).to_owned(),
            Self::Healthy => "no finding".to_owned(),
            Self::Candidates(1) => "1 candidate, not confirmed".to_owned(),
            Self::Candidates(n) => format!("{n} candidates, none confirmed"),
            Self::Regressed(1) => "1 confirmed regression".to_owned(),
            Self::Regressed(n) => format!("{n} confirmed regressions"),
        }
    }
}
