//! How long the detector takes when something is wrong.

use aftercare::detect::{Assessment, Judgement, Kind, SignatureIndex, Tier};

use super::random::Random;
use super::simulate::{self, LENGTH, Log, Scenario, WEEK};

const SIGNATURES: usize = 500;
const FAULTY: usize = 60;

/// Signatures that are new at once.
const NEW: usize = 5;
const HOUR: usize = 11;

/// A fault: so many times the rate from the deploy on; from nothing to the rate where that is infinite.
struct Fault {
    rate: f64,
    ratio: f64,
}

/// The minutes until something was seen of each faulty signature; 99 for never.
#[derive(Default)]
struct Delays {
    confirmed: Vec<u32>,
    listed: Vec<u32>,
    textbook: Vec<u32>,
    missed: usize,
}

pub fn measure(seed: u64, n_logs: usize, only: Option<&str>) {
    println!(
        "\nminutes from a fault to its finding, among {SIGNATURES} signatures: median / p90 (found within the hour)"
    );
    println!("{:<22} {:>20} {:>20} {:>20}  interval wrong", "", "confirmed", "listed", "textbook");
    let faults =
        [(0.1, 10.0), (1.0, 3.0), (1.0, 10.0), (10.0, 2.0), (10.0, 3.0), (10.0, 0.0), (1.0, 0.0), (1.0, f64::INFINITY)];
    for (name, scenario) in [("A", Scenario::Flat), ("D", Scenario::SeasonalBursty)] {
        for (place, (rate, ratio)) in faults.into_iter().enumerate() {
            let row = format!("{name} {rate}/min x{ratio}");
            if only.is_some_and(|only| only != row) {
                continue;
            }
            let mut delays = Delays::default();
            for n in 0..n_logs {
                let mut random = Random::new(seed.wrapping_mul(7_000_003) + (place * 100 + n) as u64);
                delays.add(&mut random, scenario, &Fault { rate, ratio });
            }
            delays.print(&row);
        }
    }
}

impl Delays {
    fn add(&mut self, random: &mut Random, scenario: Scenario, fault: &Fault) {
        let deployed = WEEK + HOUR * 60;
        let n_faulty = if fault.ratio.is_infinite() { NEW } else { FAULTY };
        let of_signature = (0..SIGNATURES).map(|index| {
            let is_faulty = index < n_faulty;
            let rate = if is_faulty { fault.rate } else { simulate::usual_rate(random) };
            let mut means = simulate::intensity(random, rate, scenario);
            if is_faulty && fault.ratio.is_infinite() {
                means[..deployed].fill(0.0);
            } else if is_faulty {
                means[deployed..LENGTH].iter_mut().for_each(|mean| *mean *= fault.ratio);
            }
            let mut counts = simulate::draw(random, &means, scenario);
            if is_faulty && fault.ratio == 0.0 {
                // What stops takes its open bursts with it.
                counts[deployed..].fill(0);
            }
            counts
        });
        let log = Log::new(of_signature.collect());
        let mut watch = log.watch(deployed);
        let looks: Vec<Judgement> = (1..=60).map(|minutes| log.judge(&mut watch, deployed, minutes)).collect();
        let wanted = match fault.ratio {
            ratio if ratio.is_infinite() => Kind::New,
            ratio if ratio < 1.0 => Kind::Drop,
            _ => Kind::Rise,
        };
        for index in 0..n_faulty as u32 {
            let of = |look: &Judgement| -> Assessment {
                let mut found = look.assessments.iter().filter(|it| it.signature == Some(SignatureIndex(index)));
                found.next().cloned().unwrap_or_default()
            };
            let series: Vec<Assessment> = looks.iter().map(of).collect();
            let is = |it: &Assessment| it.finding.is_some_and(|finding| finding.kind == wanted);
            let confirmed = |it: &Assessment| is(it) && it.finding.is_some_and(|it| it.tier == Tier::Confirmed);
            self.confirmed.push(first(&series, confirmed));
            self.listed.push(first(&series, |it| is(it) && it.is_listed()));
            self.textbook.push(first(&series, |it| it.p < 0.05));
            let wrong = |it: &Assessment| {
                it.ratio_low.is_some_and(|low| low > fault.ratio)
                    || it.ratio_high.is_some_and(|high| high < fault.ratio && fault.ratio > 0.0)
            };
            self.missed += usize::from(series.iter().any(wrong));
        }
    }

    fn print(&self, name: &str) {
        println!(
            "{name:<22} {:>20} {:>20} {:>20}  {:.3}",
            shown(&self.confirmed),
            shown(&self.listed),
            shown(&self.textbook),
            self.missed as f64 / self.confirmed.len() as f64,
        );
    }
}

fn first(series: &[Assessment], found: impl Fn(&Assessment) -> bool) -> u32 {
    series.iter().position(found).map_or(99, |minute| minute as u32 + 1)
}

pub fn shown(delays: &[u32]) -> String {
    let mut sorted = delays.to_vec();
    sorted.sort_unstable();
    let at = |share: f64| {
        let value = sorted[((sorted.len() - 1) as f64 * share) as usize];
        if value > 60 { "-".to_owned() } else { value.to_string() }
    };
    let found = sorted.iter().filter(|delay| **delay <= 60).count();
    format!("{} / {} ({:.0} %)", at(0.5), at(0.9), 100.0 * found as f64 / sorted.len() as f64)
}
