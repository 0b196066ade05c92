//! The shape of a day that signatures share, since most of them follow the same traffic.
//!
//! One profile by hour of the day, for weekdays and weekends apart, from all signatures together, the
//! frequent ones weighing less than their numbers. A signature follows it to some power: not at all, as
//! a cron job does, half, plainly, or more.
//!
//! With seven days each hour of the week was seen once. A profile of 168 hours would be noise, and would
//! hide what all signatures do together in an incident.

use super::Past;
use super::hours::{DAY, Hours};

/// How strongly signatures may follow the shared shape.
const POWERS: [f64; 4] = [0.0, 0.5, 1.0, 1.5];

/// To follow plainly is taken to be twice as likely as each of the others: thin data must not choose.
const PLAIN: usize = 2;
const PLAIN_BONUS: f64 = std::f64::consts::LN_2;

/// Hours of baseline below which no shape is seen.
const LEAST_HOURS: usize = 2 * DAY;

/// How far one hour may be from the median of its twins on other days: an incident that hit everything
/// must not become a season.
const FROM_TWINS: f64 = 3.0;

/// Events that a flat shape is worth.
const FLAT_EVENTS: f64 = 20.0;

/// The least share of the mean that an hour is expected to have.
const LEAST_SHARE: f64 = 1e-3;

/// The shared shape, to each power.
#[derive(Clone, Debug)]
pub(super) struct Season {
    hours: Vec<Shares>,
    ahead: Vec<[f64; POWERS.len()]>,
    /// The same, if the day were of the other sort.
    other_ahead: Vec<[f64; POWERS.len()]>,
    /// Means over the observed minutes, for each power.
    means: [f64; POWERS.len()],
    /// Those minutes.
    minutes: f64,
}

/// The shape at one hour: with that hour's own day, and as the other days tell it.
#[derive(Clone, Copy, Debug)]
struct Shares {
    with: [f64; POWERS.len()],
    without: [f64; POWERS.len()],
}

/// How strongly one signature follows the shared shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Power(usize);

impl Power {
    /// The power, at most plain: what a signature does when there is more traffic.
    pub(super) fn of_traffic(self) -> f64 {
        POWERS.get(self.0).copied().unwrap_or(1.0).min(1.0)
    }
}

impl Season {
    /// Learns the shape, and foretells it for so many hours after the deploy.
    pub(super) fn of(past: &[Past], hours: &Hours, n_ahead: usize) -> Self {
        let profile = Profile::of(past, hours);
        let to_powers = |share: f64| POWERS.map(|power| share.max(LEAST_SHARE).powf(power));
        let minutes = f64::from(hours.minutes);
        let mut season =
            Self { hours: Vec::new(), ahead: Vec::new(), other_ahead: Vec::new(), means: [1.0; POWERS.len()], minutes };
        for back in 0..hours.len() {
            let (with, without) = profile.shares(hours, back);
            season.hours.push(Shares { with: to_powers(with), without: to_powers(without) });
        }
        let ahead = |is_other: bool| (1..=n_ahead as i32).map(move |hour| (-hour, is_other));
        let of_hour = |(back, is_other): (i32, bool)| to_powers(profile.ahead(hours, back, is_other));
        season.ahead = ahead(false).map(of_hour).collect();
        season.other_ahead = ahead(true).map(of_hour).collect();
        season.normalize(hours);
        season
    }

    /// Makes the mean share of an hour 1.
    fn normalize(&mut self, hours: &Hours) {
        for power in 0..POWERS.len() {
            let sum: f64 = self.hours.iter().map(|shares| shares.with[power]).sum();
            let mean = if self.hours.is_empty() { 1.0 } else { sum / self.hours.len() as f64 };
            for shares in &mut self.hours {
                shares.with[power] /= mean;
                shares.without[power] /= mean;
            }
            self.ahead.iter_mut().chain(&mut self.other_ahead).for_each(|shares| shares[power] /= mean);
            let covered = |(back, shares): (usize, &Shares)| shares.with[power] * hours.minutes_of(back);
            let covered: f64 = self.hours.iter().enumerate().map(covered).sum();
            self.means[power] = covered / f64::from(hours.minutes.max(1));
        }
    }

    /// How strongly a signature follows, by the likelihood of its hours. One hour tells no more than
    /// five average ones.
    pub(super) fn power_of(&self, past: &Past, burst: f64) -> Power {
        let most = 5.0 * past.events as f64 / self.hours.len().max(1) as f64 + 5.0;
        let likelihood = |power: usize| {
            let mean = self.mean_of(power, past);
            let of_hour = |&(back, n): &(u32, u64)| {
                let share = self.hours.get(back as usize).map_or(1.0, |shares| shares.with[power]);
                (n as f64).min(most) * (share / mean.max(LEAST_SHARE)).ln()
            };
            let bonus = if power == PLAIN { PLAIN_BONUS } else { 0.0 };
            past.hours.iter().map(of_hour).sum::<f64>() / burst + bonus
        };
        let better = |best: (usize, f64), power: usize| {
            let found = likelihood(power);
            if found > best.1 { (power, found) } else { best }
        };
        Power((0..POWERS.len()).fold((PLAIN, likelihood(PLAIN)), better).0)
    }

    /// The mean share of the minutes that are not set aside.
    fn mean_of(&self, power: usize, past: &Past) -> f64 {
        let of_hour = |&(back, n): &(u32, u32)| {
            let share = self.hours.get(back as usize).map_or(1.0, |shares| shares.with[power]);
            f64::from(n) * share
        };
        let missing: f64 = past.missing.iter().map(of_hour).sum();
        let minutes = self.minutes - f64::from(past.n_missing());
        if minutes > 0.0 { (self.means[power] * self.minutes - missing) / minutes } else { self.means[power] }
    }

    /// The share of an hour: 1 on average.
    pub(super) fn share(&self, power: Power, back: usize) -> f64 {
        self.hours.get(back).map_or(1.0, |shares| shares.with[power.0])
    }

    /// The share of an hour as the other days tell it.
    pub(super) fn share_without(&self, power: Power, back: usize) -> f64 {
        self.hours.get(back).map_or(1.0, |shares| shares.without[power.0])
    }

    /// The share of an hour after the deploy, from 0.
    pub(super) fn share_ahead(&self, power: Power, hour: usize) -> f64 {
        self.ahead.get(hour).or(self.ahead.last()).map_or(1.0, |shares| shares[power.0])
    }

    /// The same, if the day were of the other sort.
    pub(super) fn other_share_ahead(&self, power: Power, hour: usize) -> f64 {
        self.other_ahead.get(hour).or(self.other_ahead.last()).map_or(1.0, |shares| shares[power.0])
    }
}

/// How busy each hour was, and the means that the shape is made of.
struct Profile {
    busy: Vec<Option<f64>>,
    /// Events that each hour is worth.
    worth: Vec<f64>,
    /// For weekdays and weekends, sum and number of the hours, and the events they are worth.
    sums: [[(f64, f64, f64); DAY]; 2],
    /// The median over all days.
    medians: [f64; DAY],
    scale: f64,
}

impl Profile {
    fn of(past: &[Past], hours: &Hours) -> Self {
        let (busy, worth) = business(past, hours);
        let mut profile = Self { busy, worth, sums: [[(0.0, 0.0, 0.0); DAY]; 2], medians: [1.0; DAY], scale: 1.0 };
        if hours.telling().count() < LEAST_HOURS {
            // No hour is worth anything: the shape is flat.
            (profile.busy, profile.worth) = (vec![None; hours.len()], vec![0.0; hours.len()]);
            return profile;
        }
        profile.tame(hours);
        for back in 0..profile.busy.len() {
            let (hour, weekend) = hours.key(back as i32);
            if let Some(busy) = profile.busy[back] {
                let (sum, n, worth) = &mut profile.sums[usize::from(weekend)][hour];
                (*sum, *n, *worth) = (*sum + busy, *n + 1.0, *worth + profile.worth[back]);
            }
        }
        let of_hour = |back: usize| profile.mean(hours.key(back as i32), None).0;
        let mean = (0..hours.len()).map(of_hour).sum::<f64>() / hours.len().max(1) as f64;
        profile.scale = mean.max(1e-12);
        profile
    }

    /// Finds the medians, and cuts what is far from them.
    fn tame(&mut self, hours: &Hours) {
        for hour in 0..DAY {
            let mut twins: Vec<f64> = hours.twins(hour).iter().filter_map(|back| self.busy[*back]).collect();
            twins.sort_by(f64::total_cmp);
            let middle = (twins.get(twins.len() / 2), twins.get(twins.len().saturating_sub(1) / 2));
            let median = if let (Some(a), Some(b)) = middle { f64::midpoint(*a, *b) } else { continue };
            self.medians[hour] = median;
            for back in hours.twins(hour) {
                let tamed = |busy: f64| busy.clamp(median / FROM_TWINS, median * FROM_TWINS);
                self.busy[*back] = self.busy[*back].map(tamed);
            }
        }
    }

    /// The mean of the hours of a kind, one of them left out if given, and the events it rests on; where there are none,
    /// that of the other kind of day.
    fn mean(&self, (hour, weekend): (usize, bool), left_out: Option<usize>) -> (f64, f64) {
        let (mut sum, mut n, mut worth) = self.sums[usize::from(weekend)][hour];
        if let Some((busy, of_hour)) = left_out.and_then(|back| Some((self.busy[back]?, self.worth[back]))) {
            (sum, n, worth) = (sum - busy, n - 1.0, worth - of_hour);
        }
        if n < 0.5 {
            (sum, n, worth) = self.sums[usize::from(!weekend)][hour];
        }
        if n > 0.5 { (sum / n, worth) } else { (self.medians[hour], 0.0) }
    }

    fn shares(&self, hours: &Hours, back: usize) -> (f64, f64) {
        let key = hours.key(back as i32);
        (self.drawn(self.mean(key, None)), self.drawn(self.mean(key, Some(back))))
    }

    fn ahead(&self, hours: &Hours, back: i32, is_other: bool) -> f64 {
        let (hour, weekend) = hours.key(back);
        self.drawn(self.mean((hour, weekend != is_other), None))
    }

    /// Draws a mean towards the flat shape, the more the fewer events it rests on.
    fn drawn(&self, (mean, worth): (f64, f64)) -> f64 {
        (worth * mean / self.scale + FLAT_EVENTS) / (worth + FLAT_EVENTS)
    }
}

/// How busy each hour was per minute, each signature weighing with one over the root of its rate, and
/// how many events that is worth.
fn business(past: &[Past], hours: &Hours) -> (Vec<Option<f64>>, Vec<f64>) {
    let mut sums = vec![(0.0, 0.0); hours.len()];
    let minutes = f64::from(hours.minutes.max(1));
    for past in past {
        let weight = 1.0 / ((past.events as f64 + 1.0) / minutes).sqrt();
        for &(back, n) in &past.hours {
            if let Some((sum, squares)) = sums.get_mut(back as usize) {
                *sum += weight * n as f64;
                *squares += weight * weight * n as f64;
            }
        }
        // What is set aside is taken to have been as usual, so that the hour is not seen as a quiet one.
        let usual = past.events as f64 / (minutes - f64::from(past.n_missing())).max(1.0);
        for &(back, n) in &past.missing {
            if let Some((sum, _)) = sums.get_mut(back as usize) {
                *sum += weight * usual * f64::from(n);
            }
        }
    }
    let busy = |(back, (sum, _)): (usize, &(f64, f64))| hours.tells(back).then(|| sum / hours.minutes_of(back));
    let worth = |(sum, squares): &(f64, f64)| if *squares > 0.0 { sum * sum / squares } else { 0.0 };
    (sums.iter().enumerate().map(busy).collect(), sums.iter().map(worth).collect())
}
