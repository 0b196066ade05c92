//! What to expect of each signature, from the days before a deploy.
//!
//! Input: [`Counts`] before the deploy. Output: for each signature its rate, how far its events come in
//! bursts, and how far its level wanders from hour to hour.
//!
//! Only minutes in which every source was observed count, as events and as exposure alike: a minute
//! that was not observed is unknown, not zero, and so is one of a stretch in which the source was away.
//! Hours are counted back from the deploy. The minutes of recorded incidents are set aside for their
//! signatures; incidents that nobody recorded are resisted by the fit.
//!
//! Pure. Judges nothing (`watch` does).

mod aside;
mod away;
mod fit;
mod gaps;
mod hours;
mod noise;
mod placebo;
mod season;
mod spread;

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::tz::TimeZone;
use smallvec::SmallVec;

use super::counts::{Counts, Coverage, SignatureIndex, at};
use crate::units::Minute;
pub use aside::SetAside;
use away::Away;
pub use gaps::Gaps;
use hours::Hours;
pub use noise::{NOISY_MINUTES, Noise, STRETCHES};
pub use placebo::SelfCheck;
use season::Season;

/// Events that are added to what was seen when a rate must not be zero: Jeffreys' prior of a Poisson
/// rate is a Gamma distribution of this shape.
pub const PRIOR_EVENTS: f64 = 0.5;

/// How counts of a signature scatter around its rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Variance over mean within an hour: 1 for independent events, above 1 for bursts.
    pub burst: f64,
    /// Relative variance of an hour's level around what the week and the hours before it predict.
    pub level: f64,
    /// The share of past hours in which it rose much beyond its prediction, without any deploy.
    pub spikes: f64,
    /// That part of the spikes which was never seen in any signature, and is assumed: too little happened to show that
    /// there are none.
    pub assumed_spikes: f64,
    /// The share of past hours in which it fell much below it.
    pub dips: f64,
}

/// What is expected of a signature in one hour after the deploy, per minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// By the week, the hour of the day, and the hours just before.
    pub expected: f64,
    /// What a rise has to exceed: no less, and as high as the same hour of last week when that stood out.
    pub for_rise: f64,
    /// What a drop has to fall below: no more, and as low as the same hour of last week.
    pub for_drop: f64,
    /// The same on a day unlike those before, a drop first: no more and no less. What the hours before show is over
    /// then, and the day may be like those of the other sort, as a holiday is like a Sunday.
    pub unlike: (f64, f64),
    /// The burst factor of that hour: busier hours have larger bursts.
    pub burst: f64,
    /// Whether the same hour of last week stood out.
    pub stood_out: bool,
    /// To what power, from 0 to 1, it follows the traffic.
    pub power: f64,
}

impl Forecast {
    /// Of what never occurred.
    pub const NOTHING: Self = Self {
        expected: 0.0,
        for_rise: 0.0,
        for_drop: 0.0,
        unlike: (0.0, 0.0),
        burst: 1.0,
        stood_out: false,
        power: 0.0,
    };
}

/// What the days before a deploy predict.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    minutes: u32,
    /// Minutes that are set aside, of the signatures that have any.
    missing: BTreeMap<SignatureIndex, u32>,
    events: Vec<u64>,
    spreads: Vec<Spread>,
    /// For each signature, each hour after the deploy.
    forecasts: Vec<Forecast>,
    n_ahead: usize,
    total: u64,
    total_spread: Option<Spread>,
    total_forecast: Option<f64>,
    pool_burst: f64,
    self_check: SelfCheck,
    /// Of the signatures that keep time.
    gaps: BTreeMap<SignatureIndex, Gaps>,
    noise: BTreeMap<SignatureIndex, Noise>,
    away: Away,
}

/// What is known of the days of a baseline beside the counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Circumstances {
    /// Minutes that must not teach what is usual.
    pub aside: SetAside,
    /// The first minutes after each earlier deploy.
    pub restarts: Vec<Minute>,
    /// The zone by whose clock people live; `None` for UTC.
    pub zone: Option<TimeZone>,
}

impl Baseline {
    /// Learns from the minutes of the range, and foretells so many hours after it.
    ///
    /// One pass over the counts, then a few over the signatures and their hours.
    #[must_use]
    pub fn of(counts: &Counts, range: Range<Minute>, n_ahead: usize) -> Self {
        Self::under(&Circumstances::default(), counts, range, n_ahead)
    }

    /// The same under what else is known: the minutes that are set aside count as not observed for their signature.
    #[must_use]
    pub fn under(known: &Circumstances, counts: &Counts, range: Range<Minute>, n_ahead: usize) -> Self {
        let mut gathered = Gathered::default();
        let mut restarts = noise::Gathering::new(known.restarts.clone(), range.end);
        let away = Away::of(counts, &range, n_ahead);
        let mut hour = Hour::default();
        for (minute, coverage, cells) in counts.minutes(range.clone()) {
            // From the minute before the deploy, which is the last one of hour 0.
            let back = u32::try_from(range.end.since(minute) - 1).unwrap_or(0);
            if coverage < Coverage::Complete || away.contains(minute) {
                continue;
            }
            if hour.back != back / 60 {
                gathered.close(&mut hour);
                hour.back = back / 60;
            }
            gathered.minutes = gathered.minutes.saturating_add(1);
            let n_minutes = gathered.minutes;
            let untaught: SmallVec<[u32; 8]> = known.aside.in_minute(minute).collect();
            let restart = restarts.begin(minute);
            for (deploy, index) in restart.iter().flat_map(|deploy| untaught.iter().map(move |index| (deploy, index))) {
                restarts.set_aside(*deploy, *index);
            }
            untaught.iter().for_each(|index| at(&mut gathered.gaps, *index).lose_sight());
            let block = (back % 60 / BLOCK_MINUTES) as usize;
            hour.miss(block, &untaught);
            for (index, n) in cells {
                let teaches = !untaught.contains(&index);
                if teaches {
                    at(&mut gathered.gaps, index).note(n_minutes);
                    restart.iter().for_each(|deploy| restarts.add(*deploy, index, n));
                }
                hour.add(block, index, n, teaches);
            }
        }
        gathered.close(&mut hour);
        Self { away, ..gathered.fit(&range, n_ahead, known.zone.as_ref(), restarts) }
    }

    /// Minutes that it rests on.
    #[must_use]
    pub fn minutes(&self) -> u32 {
        self.minutes
    }

    /// Events of a signature in those minutes.
    #[must_use]
    pub fn events(&self, signature: SignatureIndex) -> u64 {
        self.events.get(signature.0 as usize).copied().unwrap_or(0)
    }

    /// Events of a signature per minute; zero for one without events, and without minutes.
    #[must_use]
    pub fn rate(&self, signature: SignatureIndex) -> f64 {
        let missing = self.missing.get(&signature).copied().unwrap_or(0);
        per_minute(self.events(signature), self.minutes.saturating_sub(missing))
    }

    /// How its counts scatter; `None` for a signature without events.
    #[must_use]
    pub fn spread(&self, signature: SignatureIndex) -> Option<Spread> {
        let spread = self.spreads.get(signature.0 as usize).copied();
        spread.filter(|_| self.events(signature) > 0)
    }

    /// What is expected of it in each hour after the deploy; nothing for a signature without events.
    #[must_use]
    pub fn forecasts(&self, signature: SignatureIndex) -> &[Forecast] {
        let start = (signature.0 as usize).saturating_mul(self.n_ahead);
        let range = start..start.saturating_add(self.n_ahead);
        self.forecasts.get(range).filter(|_| self.events(signature) > 0).unwrap_or_default()
    }

    /// How long it stays away between its minutes; `None` of what keeps no time.
    #[must_use]
    pub fn gaps(&self, signature: SignatureIndex) -> Option<&Gaps> {
        self.gaps.get(&signature)
    }

    /// By how much more of it is expected in the first minutes after a deploy; `None` where nothing is known.
    #[must_use]
    pub fn noise(&self, signature: SignatureIndex) -> Option<&Noise> {
        self.noise.get(&signature)
    }

    /// The signatures with events, ascending.
    pub fn signatures(&self) -> impl Iterator<Item = SignatureIndex> {
        let seen = |&(_, &n): &(u32, &u64)| n > 0;
        (0..).zip(&self.events).filter(seen).map(|(index, _)| SignatureIndex(index))
    }

    /// Events of all signatures, and how their sum scatters.
    #[must_use]
    pub fn total(&self) -> Option<(u64, Spread)> {
        Some((self.total, self.total_spread?))
    }

    /// Events of all signatures per minute that are at least expected in the hour after the deploy.
    #[must_use]
    pub fn total_forecast(&self) -> Option<f64> {
        self.total_forecast
    }

    /// Whether the whole source says nothing on most days at the time of this minute after the deploy.
    #[must_use]
    pub fn is_usually_away(&self, minute: Minute) -> bool {
        self.away.is_usual(minute)
    }

    /// What the detector would have said of these days, when nothing was deployed.
    #[must_use]
    pub fn self_check(&self) -> SelfCheck {
        self.self_check
    }

    /// Signatures that occurred exactly once.
    #[must_use]
    pub fn singletons(&self) -> usize {
        self.events.iter().filter(|&&n| n == 1).count()
    }

    /// The burst factor over all signatures that are not very frequent.
    #[must_use]
    pub fn pool_burst(&self) -> f64 {
        self.pool_burst.max(1.0)
    }
}

pub(crate) fn per_minute(events: u64, minutes: u32) -> f64 {
    if minutes == 0 { 0.0 } else { events as f64 / f64::from(minutes) }
}

/// Length of the blocks whose differences tell bursts from independent events. Shorter ones miss
/// clusters that reach over their edge.
const BLOCK_MINUTES: u32 = 15;

/// Minutes of a block below which it tells nothing.
const LEAST_OF_BLOCK: u32 = 5;

/// One hour while it is read.
#[derive(Default)]
struct Hour {
    back: u32,
    covered: [u32; 4],
    blocks: Vec<[u64; 4]>,
    touched: Vec<u32>,
    total: [u64; 4],
    /// Minutes that are set aside, by signature.
    missing: BTreeMap<u32, [u32; 4]>,
}

impl Hour {
    /// Begins a minute of a block, in which these signatures teach nothing.
    fn miss(&mut self, block: usize, untaught: &[u32]) {
        let block = block.min(3);
        self.covered[block] += 1;
        for index in untaught {
            self.missing.entry(*index).or_default()[block] += 1;
        }
    }

    /// Adds events; those that teach nothing are part of the sum over all signatures only.
    fn add(&mut self, block: usize, index: u32, n: u32, teaches: bool) {
        let block = block.min(3);
        self.total[block] = self.total[block].saturating_add(u64::from(n));
        if teaches {
            let blocks: &mut [u64; 4] = at(&mut self.blocks, index);
            if *blocks == [0; 4] {
                self.touched.push(index);
            }
            blocks[block] = blocks[block].saturating_add(u64::from(n));
        }
    }

    /// Observed minutes of each block, without those of a signature that are set aside.
    fn covered_of(&self, index: u32) -> [u32; 4] {
        let mut covered = self.covered;
        if let Some(missing) = self.missing.get(&index) {
            covered.iter_mut().zip(missing).for_each(|(covered, missing)| *covered -= (*missing).min(*covered));
        }
        covered
    }
}

/// What the differences of neighboring blocks say about bursts: two sums whose ratio is the burst
/// factor, free of any model of level or season.
#[derive(Clone, Copy, Debug, Default)]
struct Pairs {
    squares: f64,
    events: f64,
}

impl Pairs {
    /// With exposures `e` and `f`, `(y f - z e)^2 / (e f)` has the mean of `y + z` times the burst factor.
    fn add(&mut self, blocks: &[u64; 4], covered: &[u32; 4]) {
        for (first, second) in [(0, 1), (2, 3)] {
            if covered[first].min(covered[second]) >= LEAST_OF_BLOCK {
                let (y, z) = (blocks[first] as f64, blocks[second] as f64);
                let (e, f) = (f64::from(covered[first]), f64::from(covered[second]));
                self.squares += (y * f - z * e).powi(2) / (e * f);
                self.events += y + z;
            }
        }
    }
}

/// What one signature did in the baseline.
#[derive(Clone, Debug, Default)]
struct Past {
    events: u64,
    pairs: Pairs,
    /// Hours with events, counted back from the deploy.
    hours: Vec<(u32, u64)>,
    /// The pairs of each of those hours.
    pairs_of: Vec<Pairs>,
    /// Hours of which minutes are set aside, and how many, in the same order.
    missing: Vec<(u32, u32)>,
}

impl Past {
    fn add(&mut self, back: u32, blocks: &[u64; 4], covered: &[u32; 4]) {
        let events = blocks.iter().fold(0, |sum: u64, &n| sum.saturating_add(n));
        self.events = self.events.saturating_add(events);
        let mut pairs = Pairs::default();
        pairs.add(blocks, covered);
        self.pairs.squares += pairs.squares;
        self.pairs.events += pairs.events;
        self.hours.push((back, events));
        self.pairs_of.push(pairs);
    }

    /// Minutes of an hour that are set aside.
    fn missing_in(&self, back: usize) -> u32 {
        // They come from the oldest to the newest.
        let found = self.missing.binary_search_by(|&(hour, _)| back.cmp(&(hour as usize)));
        found.ok().and_then(|place| self.missing.get(place)).map_or(0, |&(_, n)| n)
    }

    /// All minutes that are set aside.
    fn n_missing(&self) -> u32 {
        self.missing.iter().map(|(_, n)| *n).sum()
    }
}

#[derive(Default)]
struct Gathered {
    minutes: u32,
    past: Vec<Past>,
    total: Past,
    /// Covered minutes of each hour, counted back from the deploy.
    covered: Vec<u32>,
    gaps: Vec<gaps::Gathering>,
}

impl Gathered {
    fn close(&mut self, hour: &mut Hour) {
        for index in std::mem::take(&mut hour.touched) {
            let blocks = std::mem::take(at(&mut hour.blocks, index));
            at(&mut self.past, index).add(hour.back, &blocks, &hour.covered_of(index));
        }
        for (index, missing) in std::mem::take(&mut hour.missing) {
            at(&mut self.past, index).missing.push((hour.back, missing.iter().sum()));
        }
        let covered: u32 = hour.covered.iter().sum();
        if covered > 0 {
            self.total.add(hour.back, &hour.total, &hour.covered);
            *at(&mut self.covered, hour.back) = covered;
        }
        (hour.covered, hour.total) = ([0; 4], [0; 4]);
    }

    fn fit(
        self,
        range: &Range<Minute>,
        n_ahead: usize,
        zone: Option<&TimeZone>,
        restarts: noise::Gathering,
    ) -> Baseline {
        let keeping_time =
            |(index, gaps): (u32, gaps::Gathering)| Some((SignatureIndex(index), gaps.finish(self.minutes)?));
        let gaps = (0..).zip(self.gaps).filter_map(keeping_time).collect();
        let hours = Hours::new(self.covered, self.minutes, range.end, zone);
        let season = Season::of(&self.past, &hours, n_ahead);
        let fitted = spread::fit(&self.past, &hours, &season, |index| restarts.hours_of(index));
        let of_total = spread::fit(std::slice::from_ref(&self.total), &hours, &season, |_| Vec::new());
        let spread = |(fit, own): (&fit::Fit<'_>, &spread::Own)| Spread {
            burst: fit.burst,
            level: fit.level,
            spikes: own.spikes,
            assumed_spikes: own.assumed,
            dips: own.dips,
        };
        let unseen = (0..n_ahead).map(|hour| if hours.like(hour).next().is_none() { UNSEEN_HOUR } else { 0.0 });
        let unseen = unseen.fold(0.0, f64::max);
        let widened = |spread: Spread| Spread { level: spread.level + unseen, ..spread };
        let ahead = |fit: &fit::Fit<'_>| {
            let of_hour = |hour| forecast(&fit.ahead(&hours, &season, hour), fit.burst);
            (0..n_ahead).map(of_hour).collect::<Vec<_>>()
        };
        let total_forecast =
            of_total.fits.first().map(|fit| forecast(&fit.ahead(&hours, &season, 0), fit.burst).for_drop);
        let missing = (0..).zip(&self.past).filter(|(_, past)| !past.missing.is_empty());
        Baseline {
            minutes: self.minutes,
            missing: missing.map(|(index, past)| (SignatureIndex(index), past.n_missing())).collect(),
            events: self.past.iter().map(|past| past.events).collect(),
            spreads: fitted.fits.iter().zip(&fitted.own).map(|it| widened(spread(it))).collect(),
            forecasts: fitted.fits.iter().flat_map(ahead).collect(),
            n_ahead,
            total: self.total.events,
            total_spread: of_total.fits.iter().zip(&of_total.own).map(spread).next(),
            total_forecast,
            pool_burst: fitted.pool_burst,
            self_check: placebo::check(&fitted.fits, &fitted.own, &hours, &season),
            gaps,
            noise: restarts.finish(&fitted.fits, &hours, &season),
            away: Away::default(),
        }
    }
}

/// Relative variance of the level at an hour of the day that was never seen: the day may be about to begin, or to end.
const UNSEEN_HOUR: f64 = 0.25;

/// By how much the hours before the deploy may move what is expected after it: a quiet time before must
/// not make an ordinary one look like a rise, nor a busy one like a drop.
const RECENT_FOR_RISE: (f64, f64) = (0.5, f64::INFINITY);
const RECENT_FOR_DROP: (f64, f64) = (1.0 / 8.0, 1.0);

/// The least burst factor of an hour, as a share of the whole baseline's: what is above 1 of it.
const LEAST_BURSTS: f64 = 0.5;

fn forecast(ahead: &fit::Ahead, burst: f64) -> Forecast {
    let fit::Ahead { rate, share, other_share, recent, power, envelope } = *ahead;
    let clamped = |range: (f64, f64)| rate * share * recent.clamp(range.0, range.1);
    let for_rise = clamped(RECENT_FOR_RISE) * envelope.0;
    let for_drop = clamped(RECENT_FOR_DROP) * envelope.1;
    Forecast {
        expected: rate * share * recent,
        for_rise,
        for_drop,
        unlike: (
            for_drop.min(rate * share.min(other_share) * envelope.1),
            for_rise.max(rate * share.max(other_share) * envelope.0),
        ),
        burst: 1.0 + (burst - 1.0) * (for_rise / rate.max(f64::MIN_POSITIVE)).max(LEAST_BURSTS),
        stood_out: envelope != (1.0, 1.0),
        power,
    }
}

#[cfg(test)]
mod tests;
