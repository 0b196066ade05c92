//! Simulated logs: eight days of counts per minute, seven of them a baseline.

use aftercare::detect::counts::Coverage;
use aftercare::detect::{Counts, Deploy, Judgement, Origin, Settings, SignatureIndex, Watch};
use aftercare::units::{Minute, Timestamp};

use super::random::Random;

pub const DAY: usize = 1440;
pub const WEEK: usize = 7 * DAY;
pub const LENGTH: usize = WEEK + DAY;

/// 2026-01-05T00:00Z, a Monday.
pub const ZERO: Minute = Minute::from_number(29_459_520);

/// How healthy signatures behave.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    Flat,
    Bursty,
    Seasonal,
    SeasonalBursty,
    Jobs,
    Spikes,
}

pub const SCENARIOS: [(&str, Scenario); 6] = [
    ("A flat", Scenario::Flat),
    ("B bursty", Scenario::Bursty),
    ("C seasonal", Scenario::Seasonal),
    ("D seasonal + bursty", Scenario::SeasonalBursty),
    ("E daily and weekly jobs", Scenario::Jobs),
    ("F spontaneous spikes", Scenario::Spikes),
];

impl Scenario {
    fn is_seasonal(self) -> bool {
        !matches!(self, Self::Flat | Self::Bursty)
    }

    fn is_bursty(self) -> bool {
        !matches!(self, Self::Flat | Self::Seasonal)
    }
}

/// Four to one between day and night, half on weekends.
fn season(minute: usize) -> f64 {
    let (hour, day) = (minute as f64 / 60.0 % 24.0, minute / DAY % 7);
    let of_day = 1.0 + 0.6 * (std::f64::consts::TAU * (hour - 9.0) / 24.0).sin();
    of_day * if day >= 5 { 0.5 } else { 1.0 }
}

/// The mean of each minute of one signature.
pub fn intensity(random: &mut Random, rate: f64, scenario: Scenario) -> Vec<f64> {
    let mut means = vec![rate; LENGTH];
    if scenario.is_seasonal() && random.even() >= 0.3 {
        let average = (0..WEEK).map(season).sum::<f64>() / WEEK as f64;
        means.iter_mut().enumerate().for_each(|(minute, mean)| *mean *= season(minute) / average);
    }
    if scenario == Scenario::Spikes {
        spikes(random, &mut means);
    }
    if scenario == Scenario::Jobs {
        jobs(random, &mut means);
    }
    if scenario.is_bursty() {
        wander(random, &mut means);
    }
    means
}

/// Ten times as many for 20 to 60 minutes, three times in a thousand hours.
fn spikes(random: &mut Random, means: &mut [f64]) {
    for start in 0..means.len() {
        if random.even() < 0.003 / 60.0 {
            let length = 20 + random.below(41) as usize;
            means.iter_mut().skip(start).take(length).for_each(|mean| *mean *= 10.0);
        }
    }
}

/// One in ten has an hour of its own each day, one in twenty an hour each Monday.
fn jobs(random: &mut Random, means: &mut [f64]) {
    let (which, hour) = (random.even(), 9 + random.below(8) as usize);
    let is_at = |minute: usize| {
        let monday = (minute / DAY).is_multiple_of(7);
        minute / 60 % 24 == hour && (which < 0.1 || (which < 0.15 && monday))
    };
    means.iter_mut().enumerate().filter(|(minute, _)| is_at(*minute)).for_each(|(_, mean)| *mean *= 15.0);
}

/// A level that wanders from hour to hour: log-normal with variance 0.1, correlation 0.7.
fn wander(random: &mut Random, means: &mut [f64]) {
    let deviation = 1.1_f64.ln().sqrt();
    let mut state = random.normal();
    for hour in means.chunks_mut(60) {
        let level = (deviation * state - deviation * deviation / 2.0).exp();
        hour.iter_mut().for_each(|mean| *mean *= level);
        state = 0.7 * state + 0.51_f64.sqrt() * random.normal();
    }
}

/// Counts with these means: independent events, or clusters of two on average over some minutes.
pub fn draw(random: &mut Random, means: &[f64], scenario: Scenario) -> Vec<u32> {
    if !scenario.is_bursty() {
        return means.iter().map(|mean| random.poisson(*mean)).collect();
    }
    let mut counts = vec![0; means.len()];
    for (minute, mean) in means.iter().enumerate() {
        for _ in 0..random.negative_binomial(mean / 2.0, 10.0) {
            counts[minute] += 1;
            for _ in 1..random.geometric() {
                let later = minute + (random.exponential() + random.even()) as usize;
                if let Some(count) = counts.get_mut(later) {
                    *count += 1;
                }
            }
        }
    }
    counts
}

/// What a source wrote: for each signature the counts of each minute.
pub struct Log {
    pub of_signature: Vec<Vec<u32>>,
    pub counts: Counts,
}

impl Log {
    pub fn new(of_signature: Vec<Vec<u32>>) -> Self {
        let mut counts = Counts::default();
        let at = |minute: usize| ZERO.plus(minute as i32);
        counts.observe(at(0)..at(LENGTH), Coverage::Complete);
        for minute in 0..LENGTH {
            for (index, of_signature) in of_signature.iter().enumerate() {
                counts.add(at(minute), SignatureIndex(index as u32), of_signature[minute]);
            }
        }
        Self { of_signature, counts }
    }

    pub fn watch(&self, minute: usize) -> Watch {
        Watch::new(deploy(minute), Settings::default())
    }

    /// The judgement after so many whole minutes.
    pub fn judge(&self, watch: &mut Watch, deployed: usize, minutes: usize) -> Judgement {
        watch.judge(&self.counts, end_of(deployed + minutes - 1))
    }
}

pub fn end_of(minute: usize) -> Timestamp {
    ZERO.plus(minute as i32 + 1).start()
}

pub fn deploy(minute: usize) -> Deploy {
    Deploy::new(ZERO.plus(minute as i32).start(), "bench", "v2", Origin::Flag)
}

/// Rates from once in two days to ten a minute, evenly over the orders of magnitude.
pub fn usual_rate(random: &mut Random) -> f64 {
    10_f64.powf(random.between(-3.5, 1.0))
}
