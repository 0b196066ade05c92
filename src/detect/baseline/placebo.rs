//! Checks the detector on the past: every hour without a deploy is judged as if there had been one.
//!
//! Evidence beyond `t` is promised to at most one in `t`. Where the past of this very log shows more, the
//! variances are taken larger until it does not; what was found, and by how much, is told.

use super::fit::Fit;
use super::hours::Hours;
use super::season::Season;
use super::spread::Own;
use crate::detect::evidence::{self, Level};
use crate::detect::poisson;

/// The evidence at which the promise is checked.
const LEVELS: [f64; 3] = [20.0, 100.0, 1_000.0];

/// How much larger the variances may be taken, ascending.
const SAFETIES: [f64; 6] = [1.0, 1.25, 1.6, 2.0, 3.0, 5.0];

/// The chance of so many hours beyond a level from which on they are not taken for bad luck.
const BY_CHANCE: f64 = 0.05;

/// Signatures that are checked: the most frequent, which have most to tell.
const CHECKED: usize = 1_000;

/// What the detector would have said of the past, when nothing was deployed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SelfCheck {
    /// Past hours of single signatures that were taken for deploys.
    pub hours: u64,
    /// The share of them that would have been listed; at most 0.05 is promised.
    pub listed: f64,
    /// The share with evidence of a thousand and more; at most 0.001 is promised.
    pub strong: f64,
    /// By how much larger the variances are taken because of that: 1 when the promise was kept.
    pub safety: f64,
}

impl Default for SelfCheck {
    fn default() -> Self {
        Self { hours: 0, listed: 0.0, strong: 0.0, safety: 1.0 }
    }
}

/// One past hour that stood out, with what it is judged by.
struct Hour {
    events: f64,
    predicted: f64,
    burst: f64,
    level: f64,
    n_events: f64,
    spikes: f64,
}

/// Judges the past of all signatures.
pub(super) fn check(fits: &[Fit<'_>], own: &[Own], hours: &Hours, season: &Season) -> SelfCheck {
    let mut most_frequent: Vec<(&Fit<'_>, &Own)> = fits.iter().zip(own).collect();
    most_frequent.retain(|(fit, _)| fit.has_hours());
    most_frequent.sort_by_key(|(fit, _)| std::cmp::Reverse(fit.past.events));
    most_frequent.truncate(CHECKED);
    let mut n_hours = 0_u64;
    let mut unusual = Vec::new();
    for (fit, own) in most_frequent {
        for back in fit.placebos(hours) {
            n_hours += 1;
            let (events, predicted) = fit.placebo(hours, season, back);
            if events > predicted {
                let n_events = fit.past.events as f64;
                let hour = Hour { events, predicted, burst: fit.burst, level: fit.level, n_events, spikes: own.spikes };
                if hour.ln_evidence(1.0) >= f64::ln(LEVELS[0]) {
                    unusual.push(hour);
                }
            }
        }
    }
    let count =
        |safety: f64, level: f64| unusual.iter().filter(|hour| hour.ln_evidence(safety) >= level.ln()).count() as u64;
    let beyond = |safety: f64, level: f64| count(safety, level) as f64 / n_hours.max(1) as f64;
    // One of a few hours may be chance.
    let keeps = |safety: &f64| {
        LEVELS.iter().all(|level| poisson::at_least(count(*safety, *level), n_hours as f64 / level) >= BY_CHANCE)
    };
    let safety = SAFETIES.into_iter().find(keeps).unwrap_or(SAFETIES[SAFETIES.len() - 1]);
    SelfCheck { hours: n_hours, listed: beyond(1.0, LEVELS[0]), strong: beyond(1.0, LEVELS[2]), safety }
}

impl Hour {
    fn ln_evidence(&self, safety: f64) -> f64 {
        let larger = evidence::SAFETY * safety;
        let burst = 1.0 + larger * (self.burst - 1.0);
        let level = Level::new(larger * self.level, burst / (self.n_events + super::PRIOR_EVENTS));
        let scale = self.burst / burst;
        let predicted = self.predicted * scale;
        let rise = |prior: f64, predicted: f64| evidence::ln_rise(self.events * scale, predicted, prior);
        let found = level.ln((predicted, predicted), rise);
        evidence::ln_capped(found, self.spikes, 60.0)
    }
}
