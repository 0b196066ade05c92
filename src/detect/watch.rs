//! Judges one deploy, minute by minute.

use std::time::Duration;

use serde::Serialize;

use super::counts::{Catalog, Counts, SignatureIndex};
use super::deploy::Deploy;
use crate::units::{SignatureId, Timestamp};

/// What may be configured about judging.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How long a deploy is watched.
    pub watch: Duration,
    /// How far back the baseline reaches before the deploy.
    pub baseline: Duration,
    /// The p below which a signature is a candidate.
    pub alpha: f64,
    /// The chance of any false confirmed finding in one healthy watch, over all its signatures.
    pub family_alpha: f64,
    /// Minutes of baseline below which nothing can be judged.
    pub least_baseline_minutes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            watch: Duration::from_secs(60 * 60),
            baseline: Duration::from_secs(7 * 24 * 60 * 60),
            alpha: 0.05,
            family_alpha: 0.05,
            least_baseline_minutes: 60,
        }
    }
}

/// In which way a signature changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// More frequent than its baseline.
    Rise,
    /// Never seen in the baseline.
    New,
    /// Less frequent than its baseline.
    Drop,
    /// Started work that does not finish.
    Stall,
    /// The whole source went quiet.
    Silent,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// `p` is below `alpha`: worth a look; healthy signatures get here too.
    Candidate,
    /// Survived the test that stays valid under continuous looking, over all signatures.
    Confirmed,
}

/// A verdict worth showing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Finding {
    /// In which way.
    pub kind: Kind,
    /// How sure.
    pub tier: Tier,
}

/// What the evidence says about one signature after one deploy.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// Which signature; `None` for a finding about the whole source.
    pub signature: Option<SignatureIndex>,
    /// Events since the deploy, within the watch.
    pub observed: u64,
    /// Events that the baseline predicts for the minutes watched.
    pub expected: f64,
    /// One-tailed p-value of `observed` under `expected`; of a drop, the lower tail.
    pub p: f64,
    /// Rate over baseline rate; `None` without a baseline.
    pub ratio: Option<f64>,
    /// Evidence of the anytime-valid test (an e-value; 1 is none).
    pub evidence: f64,
    /// What is worth showing about it; `None` when it is steady.
    pub finding: Option<Finding>,
}

/// What the evidence says about the deploy as a whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Overall {
    /// There is nothing to judge by; says why, in words fit for the header.
    CannotJudge(&'static str),
    /// No finding.
    Healthy,
    /// So many candidates, none confirmed.
    Candidates(usize),
    /// So many confirmed findings.
    Regressed(usize),
}

/// One look at one deploy.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// When it was made.
    pub at: Timestamp,
    /// Time since the deploy, at most the length of the watch.
    pub elapsed: Duration,
    /// Length of the watch.
    pub length: Duration,
    /// Minutes of the baseline that were observed.
    pub baseline_minutes: u32,
    /// Minutes of the watch that were observed.
    pub watched_minutes: f64,
    /// The verdict in a word.
    pub overall: Overall,
    /// Every signature with a baseline or an event in the watch, worst first.
    pub assessments: Vec<Assessment>,
}

impl Judgement {
    /// Whether the watch is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.elapsed >= self.length
    }
}

/// The watch over one deploy.
#[derive(Debug)]
pub struct Watch {
    deploy: Deploy,
    settings: Settings,
}

impl Watch {
    /// Opens the watch over a deploy.
    #[must_use]
    pub fn new(deploy: Deploy, settings: Settings) -> Self {
        Self { deploy, settings }
    }
    /// The deploy watched.
    #[must_use]
    pub fn deploy(&self) -> &Deploy {
        &self.deploy
    }
    /// Judges what is known at `now`.
    pub fn judge(&mut self, counts: &Counts, catalog: &Catalog, now: Timestamp) -> Judgement {
        let _ = (counts, catalog, now, &self.settings);
        unimplemented!()
    }
    /// Baseline rate of a signature, per minute, with the band that a quiet minute stays in.
    #[must_use]
    pub fn expected_per_minute(&self, signature: SignatureIndex) -> Option<(f64, (f64, f64))> {
        let _ = signature;
        unimplemented!()
    }
}

fn _unused(_: SignatureId) {}
