//! What earlier deploys brought with them in their first half hour: restarts log what nobody broke.
//!
//! Input: the events of the first minutes after each earlier deploy, with what was foretold for them. Output: for each
//! signature by how much more, or less, is expected in the first minutes after the next deploy.
//!
//! Three stretches of these minutes are learned apart, so that noise which is over after five minutes forgives nothing
//! later. Minutes after the last of them are left alone: what goes on then is judged as if nothing had been learned.

use std::collections::BTreeMap;

use super::fit::Fit;
use super::hours::Hours;
use super::season::Season;
use crate::detect::counts::SignatureIndex;
use crate::detect::poisson;
use crate::units::Minute;

/// The minutes after a deploy that are learned apart: connections that break as processes are replaced, caches that are
/// cold and queues that are worked off, and what takes longest.
pub const STRETCHES: [(u32, u32); 3] = [(0, 5), (5, 15), (15, 30)];

/// The minutes after a deploy of which anything is learned.
pub const NOISY_MINUTES: u32 = STRETCHES[STRETCHES.len() - 1].1;

/// Deploys, or events where there are fewer than foretold, that the factor 1 is worth.
const WORTH: f64 = 5.0;

/// Earlier deploys that tell anything at least: that which brought most is left out, because it may have been a fault.
const LEAST_DEPLOYS: u32 = 2;

/// The chance of so many events, or so few, below which a later stretch is not taken to be as usual.
const BY_CHANCE: f64 = 0.01;

/// The chance of so many events after one deploy, below which it was a noisy one.
const IS_NOISY: f64 = 0.01;

/// By how much a signature is more frequent just after a deploy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// What is expected is multiplied by it, in each of the [`STRETCHES`].
    pub factors: [f64; STRETCHES.len()],
    /// The earlier deploys that it was learned from.
    pub deploys: u32,
}

impl Noise {
    /// Nothing is known.
    pub const NONE: Self = Self { factors: [1.0; STRETCHES.len()], deploys: 0 };

    /// The factor of a minute of the watch.
    #[must_use]
    pub fn at(&self, minute: u32) -> f64 {
        stretch_of(minute).and_then(|place| self.factors.get(place)).copied().unwrap_or(1.0)
    }
}

/// The place of the stretch in which a minute after a deploy lies.
fn stretch_of(minute: u32) -> Option<usize> {
    STRETCHES.iter().position(|(from, to)| (*from..*to).contains(&minute))
}

/// Events of one signature after one deploy, and the minutes of it that are set aside, in each stretch.
type Brought = [(u64, u32); STRETCHES.len()];

/// Where in the first minutes after which deploy a minute lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    deploy: usize,
    stretch: usize,
    hour: usize,
}

/// The first minutes after earlier deploys, while they are read.
#[derive(Debug)]
pub(super) struct Gathering {
    starts: Vec<Minute>,
    end: Minute,
    /// Minutes of each that were observed.
    observed: Vec<[u32; STRETCHES.len()]>,
    of_signature: BTreeMap<u32, BTreeMap<usize, Brought>>,
    /// For each hour, counted back from the end, the minutes of restarts in it, and the events of each signature.
    minutes_in: BTreeMap<usize, u32>,
    events_in: BTreeMap<u32, BTreeMap<usize, u64>>,
}

/// What restarts brought of a signature in an hour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brief {
    /// The hour, counted back from the end.
    pub(super) hour: usize,
    /// Minutes of it that lie just after deploys.
    pub(super) minutes: u32,
    /// Events in these.
    pub(super) events: f64,
}

impl Gathering {
    /// `starts` are the first minutes that count as after each deploy, `end` is the end of the baseline.
    pub(super) fn new(mut starts: Vec<Minute>, end: Minute) -> Self {
        starts.sort_unstable();
        starts.dedup();
        Self {
            observed: vec![[0; STRETCHES.len()]; starts.len()],
            starts,
            end,
            of_signature: BTreeMap::new(),
            minutes_in: BTreeMap::new(),
            events_in: BTreeMap::new(),
        }
    }

    /// The deploy in whose first minutes this one lies; to be asked once for each observed minute.
    pub(super) fn begin(&mut self, minute: Minute) -> Option<Place> {
        let deploy = self.starts.partition_point(|start| *start <= minute).checked_sub(1)?;
        let stretch = stretch_of(u32::try_from(minute.since(*self.starts.get(deploy)?)).ok()?)?;
        let hour = hour_back(self.end, minute);
        *self.observed.get_mut(deploy)?.get_mut(stretch)? += 1;
        *self.minutes_in.entry(hour).or_default() += 1;
        Some(Place { deploy, stretch, hour })
    }

    pub(super) fn add(&mut self, place: Place, index: u32, n: u32) {
        let its = self.of_signature.entry(index).or_default().entry(place.deploy).or_default();
        if let Some((events, _)) = its.get_mut(place.stretch) {
            *events = events.saturating_add(u64::from(n));
        }
        let of_hour = self.events_in.entry(index).or_default().entry(place.hour).or_default();
        *of_hour = of_hour.saturating_add(u64::from(n));
    }

    pub(super) fn set_aside(&mut self, place: Place, index: u32) {
        let its = self.of_signature.entry(index).or_default().entry(place.deploy).or_default();
        if let Some((_, aside)) = its.get_mut(place.stretch) {
            *aside += 1;
        }
    }

    /// The hours in which deploys brought something of a signature, and how much.
    pub(super) fn hours_of(&self, index: u32) -> Vec<Brief> {
        let its = self.events_in.get(&index).into_iter().flatten();
        let of_hour = |(hour, events): (&usize, &u64)| Brief {
            hour: *hour,
            minutes: self.minutes_in.get(hour).copied().unwrap_or(0),
            events: *events as f64,
        };
        its.map(of_hour).collect()
    }

    /// What is learned of each signature; nothing of those that behave as ever.
    pub(super) fn finish(self, fits: &[Fit<'_>], hours: &Hours, season: &Season) -> BTreeMap<SignatureIndex, Noise> {
        let mut found = BTreeMap::new();
        for (index, fit) in (0..).zip(fits).filter(|(_, fit)| fit.past.events > 0) {
            let mut noise = Noise::NONE;
            for stretch in 0..STRETCHES.len() {
                let told = self.told_of(index, stretch, |back, minutes| fit.foretold_for(hours, season, back, minutes));
                let deploys = told.len() as u32;
                let factor = if stretch == 0 { factor_of(told) } else { surely(told).and_then(factor_of) };
                if let Some(factor) = factor {
                    noise.factors[stretch] = factor;
                    noise.deploys = noise.deploys.max(deploys);
                }
            }
            if noise.deploys > 0 {
                found.insert(SignatureIndex(index), noise);
            }
        }
        found
    }

    /// The events of a signature in a stretch after each deploy, and what was foretold for them.
    fn told_of(&self, index: u32, stretch: usize, foretold: impl Fn(usize, u32) -> f64) -> Vec<(f64, f64)> {
        let its = self.of_signature.get(&index);
        let of_deploy = |deploy: usize| {
            let start = *self.starts.get(deploy).filter(|start| **start < self.end)?;
            let minutes = *self.observed.get(deploy)?.get(stretch).filter(|minutes| **minutes > 0)?;
            let (events, aside) = *its.and_then(|its| its.get(&deploy)).unwrap_or(&Brought::default()).get(stretch)?;
            let back = hour_back(self.end, start);
            (aside == 0).then(|| (events as f64, foretold(back, minutes)))
        };
        (0..self.starts.len()).filter_map(of_deploy).collect()
    }
}

fn hour_back(end: Minute, minute: Minute) -> usize {
    usize::try_from(end.since(minute) - 1).unwrap_or(0) / 60
}

/// What was told without the deploy that brought most.
fn without_most(mut told: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    told.sort_by(|a, b| (a.0 - a.1).total_cmp(&(b.0 - b.1)));
    told.pop();
    told
}

fn sum_of(told: &[(f64, f64)]) -> (f64, f64) {
    told.iter().fold((0.0, 0.0), |(n, m), it| (n + it.0, m + it.1))
}

/// What was told, where it is more, or less, than chance makes: so late after a deploy most signatures are as ever.
fn surely(told: Vec<(f64, f64)>) -> Option<Vec<(f64, f64)>> {
    let (events, predicted) = sum_of(&without_most(told.clone()));
    let chance = if events > predicted {
        poisson::at_least(events as u64, predicted)
    } else {
        poisson::at_most(events as u64, predicted)
    };
    (chance < BY_CHANCE).then_some(told)
}

/// The factor, from events after each deploy and what was foretold for them.
///
/// Where deploys brought more than chance makes, as much as the second worst of them did is expected of the next one,
/// as far as it is like them: by Laplace's rule of succession. Where chance explains it, it is drawn to 1.
fn factor_of(told: Vec<(f64, f64)>) -> Option<f64> {
    if (told.len() as u32) < LEAST_DEPLOYS {
        return None;
    }
    let told = without_most(told);
    let (events, predicted) = sum_of(&told);
    if predicted <= 0.0 {
        return None;
    }
    if events <= predicted {
        return Some((WORTH + events) / (WORTH + predicted));
    }
    let n = told.len() as f64;
    // A line of restarts alone is foretold hardly ever: each deploy says as much as another.
    let drawn = (WORTH + n * events / predicted) / (WORTH + n);
    let noisy = |(events, predicted): &&(f64, f64)| poisson::at_least(*events as u64, *predicted) < IS_NOISY;
    let n_noisy = told.iter().filter(noisy).count() as f64;
    let each = predicted / n;
    let worst = told.iter().filter(noisy).map(|(events, predicted)| events / predicted.max(each)).fold(1.0, f64::max);
    Some(drawn.max(1.0 + (n_noisy + 1.0) / (n + 2.0) * (worst - 1.0)))
}

#[cfg(test)]
mod tests;
