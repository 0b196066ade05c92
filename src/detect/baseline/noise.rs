//! What earlier deploys brought with them in their first minutes: restarts log what nobody broke.
//!
//! Input: the events of the first minutes after each earlier deploy, with what was foretold for them. Output: for each
//! signature by how much more, or less, is expected in the first minutes after the next deploy.
//!
//! Minutes from [`NOISY_MINUTES`] on are left alone: what goes on then is judged as if nothing had been learned.

use std::collections::BTreeMap;
use std::ops::Range;

use super::fit::Fit;
use super::hours::Hours;
use super::season::Season;
use crate::detect::counts::SignatureIndex;
use crate::units::Minute;

/// The first minutes after a deploy that are taken for those of its restart.
pub const NOISY_MINUTES: u32 = 5;

/// Deploys, or events where there are fewer than foretold, that the factor 1 is worth.
const WORTH: f64 = 5.0;

/// Earlier deploys that tell anything at least: that which brought most is left out, because it may have been a fault.
const LEAST_DEPLOYS: u32 = 2;

/// By how much a signature is more frequent just after a deploy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// What is expected is multiplied by it, in the first [`NOISY_MINUTES`].
    pub factor: f64,
    /// The earlier deploys that it was learned from.
    pub deploys: u32,
}

/// The first minutes after earlier deploys, while they are read.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    starts: Vec<Minute>,
    /// Minutes of each that were observed.
    observed: Vec<u32>,
    /// For each signature its events after each deploy, and the minutes of it that are set aside.
    of_signature: BTreeMap<u32, BTreeMap<usize, (u64, u32)>>,
}

impl Gathering {
    /// `starts` are the first minutes that count as after each deploy.
    pub(super) fn new(mut starts: Vec<Minute>) -> Self {
        starts.sort_unstable();
        starts.dedup();
        Self { observed: vec![0; starts.len()], starts, of_signature: BTreeMap::new() }
    }

    /// The deploy in whose first minutes this one lies; to be asked once for each observed minute.
    pub(super) fn begin(&mut self, minute: Minute) -> Option<usize> {
        let last = self.starts.partition_point(|start| *start <= minute).checked_sub(1)?;
        let is_near = minute.since(*self.starts.get(last)?) < NOISY_MINUTES as i32;
        *self.observed.get_mut(last).filter(|_| is_near)? += 1;
        Some(last)
    }

    pub(super) fn add(&mut self, deploy: usize, index: u32, n: u32) {
        let its = self.of_signature.entry(index).or_default().entry(deploy).or_default();
        its.0 = its.0.saturating_add(u64::from(n));
    }

    pub(super) fn set_aside(&mut self, deploy: usize, index: u32) {
        self.of_signature.entry(index).or_default().entry(deploy).or_default().1 += 1;
    }

    /// The hours, counted back from the end, in which deploys brought something of a signature, and how much.
    pub(super) fn hours_of(&self, index: u32, end: Minute) -> Vec<(usize, f64)> {
        let its = self.of_signature.get(&index).into_iter().flatten();
        let of_deploy = |(deploy, (events, _)): (&usize, &(u64, u32))| {
            let start = self.starts.get(*deploy)?;
            Some((hour_back(end, *start), *events as f64))
        };
        its.filter_map(of_deploy).collect()
    }

    /// What is learned of each signature; nothing of those that behave as ever.
    pub(super) fn finish(
        self,
        fits: &[Fit<'_>],
        hours: &Hours,
        season: &Season,
        range: &Range<Minute>,
    ) -> BTreeMap<SignatureIndex, Noise> {
        let is_observed = |deploy: &usize| self.observed[*deploy] > 0 && self.starts[*deploy] < range.end;
        let deploys: Vec<usize> = (0..self.starts.len()).filter(is_observed).collect();
        let mut found = BTreeMap::new();
        if (deploys.len() as u32) < LEAST_DEPLOYS {
            return found;
        }
        for (index, fit) in (0..).zip(fits).filter(|(_, fit)| fit.past.events > 0) {
            let none = BTreeMap::new();
            let its = self.of_signature.get(&index).unwrap_or(&none);
            let of_deploy = |deploy: &usize| {
                let (events, aside) = its.get(deploy).copied().unwrap_or_default();
                let back = hour_back(range.end, self.starts[*deploy]);
                let predicted = fit.foretold_for(hours, season, back, self.observed[*deploy]);
                (aside == 0).then_some((events as f64, predicted))
            };
            let told: Vec<(f64, f64)> = deploys.iter().filter_map(of_deploy).collect();
            if let Some(noise) = noise_of(told) {
                found.insert(SignatureIndex(index), noise);
            }
        }
        found
    }
}

fn hour_back(end: Minute, minute: Minute) -> usize {
    usize::try_from(end.since(minute) - 1).unwrap_or(0) / 60
}

/// Events after each deploy and what was foretold for them.
fn noise_of(mut told: Vec<(f64, f64)>) -> Option<Noise> {
    let deploys = told.len() as u32;
    if deploys < LEAST_DEPLOYS {
        return None;
    }
    told.sort_by(|a, b| (a.0 - a.1).total_cmp(&(b.0 - b.1)));
    told.pop();
    let (events, predicted) = told.iter().fold((0.0, 0.0), |(n, m), it| (n + it.0, m + it.1));
    if predicted <= 0.0 {
        return None;
    }
    let factor = if events > predicted {
        // A line of restarts alone is foretold hardly ever: each deploy says as much as another.
        let n = told.len() as f64;
        (WORTH + n * events / predicted) / (WORTH + n)
    } else {
        (WORTH + events) / (WORTH + predicted)
    };
    Some(Noise { factor, deploys })
}

#[cfg(test)]
mod tests;
