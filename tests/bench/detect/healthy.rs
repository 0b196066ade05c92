//! What the detector says when nothing is wrong.

use aftercare::detect::poisson;
use aftercare::detect::{Kind, Tier};

use super::random::Random;
use super::simulate::{self, Log, SCENARIOS, Scenario, WEEK};

const SIGNATURES: usize = 500;

#[derive(Default)]
struct Tally {
    watches: f64,
    alarmed: f64,
    rises: f64,
    newcomers: f64,
    drops: f64,
    listed: f64,
    textbook_alarmed: f64,
    textbook: f64,
    sups: Vec<f64>,
}

/// Watches one hour after the other of a Monday on which no deploy did anything.
pub fn measure(seed: u64, n_logs: usize, only: Option<&str>) {
    println!("healthy watches, {SIGNATURES} signatures, nine to five on a Monday; textbook: p < 0.05, every minute");
    println!(
        "{:<24} {:>7} {:>9} {:>9} {:>7} {:>7} {:>7} {:>7}  {:>9} {:>9}",
        "", "watches", "alarmed", "up/new/dn", "listed", "20*P20", "100*P", "1000*P", "textbook", "alarms"
    );
    for (place, (name, scenario)) in SCENARIOS.into_iter().enumerate() {
        if only.is_some_and(|only| !name.starts_with(only)) {
            continue;
        }
        let mut tally = Tally::default();
        for n in 0..n_logs {
            let mut random = Random::new(seed.wrapping_mul(1_000_003) + (place * 1_000 + n) as u64);
            let log = healthy_log(&mut random, scenario);
            (9..17).for_each(|hour| tally.watch(&log, WEEK + hour * 60));
        }
        tally.print(name);
    }
}

pub fn healthy_log(random: &mut Random, scenario: Scenario) -> Log {
    let of_signature = (0..SIGNATURES).map(|_| {
        let rate = simulate::usual_rate(random);
        let means = simulate::intensity(random, rate, scenario);
        simulate::draw(random, &means, scenario)
    });
    Log::new(of_signature.collect())
}

impl Tally {
    fn watch(&mut self, log: &Log, deployed: usize) {
        let mut watch = log.watch(deployed);
        let judgement = log.judge(&mut watch, deployed, 60);
        let confirmed = |kind: Kind| {
            let found = judgement.assessments.iter().filter_map(|it| it.finding);
            found.filter(|it| it.tier == Tier::Confirmed && it.kind == kind).count() as f64
        };
        let [rises, newcomers, drops, silent] = [Kind::Rise, Kind::New, Kind::Drop, Kind::Silent].map(confirmed);
        self.watches += 1.0;
        (self.rises, self.newcomers, self.drops) = (self.rises + rises, self.newcomers + newcomers, self.drops + drops);
        self.alarmed += f64::from(u8::from(rises + newcomers + drops + silent > 0.0));
        self.listed += judgement.assessments.iter().filter(|it| it.peak >= 20.0).count() as f64;
        self.sups.extend(judgement.assessments.iter().map(|it| it.peak));
        let textbook = textbook_alarms(log, deployed);
        self.textbook += textbook as f64;
        self.textbook_alarmed += f64::from(u8::from(textbook > 0));
    }

    fn print(&self, name: &str) {
        let n = self.watches.max(1.0);
        let beyond = |c: f64| c * self.sups.iter().filter(|sup| **sup >= c).count() as f64 / self.sups.len() as f64;
        println!(
            "{name:<24} {:>7} {:>9.3} {:>9} {:>7.2} {:>7.2} {:>7.2} {:>7.2}  {:>9.3} {:>9.1}",
            self.watches,
            self.alarmed / n,
            format!("{}/{}/{}", self.rises, self.newcomers, self.drops),
            self.listed / n,
            beyond(20.0),
            beyond(100.0),
            beyond(1_000.0),
            self.textbook_alarmed / n,
            self.textbook / n,
        );
    }
}

/// Signatures of which the textbook test says in some minute that they got worse.
fn textbook_alarms(log: &Log, deployed: usize) -> usize {
    let alarms = |counts: &&Vec<u32>| {
        let rate = f64::from(counts[deployed - WEEK..deployed].iter().sum::<u32>()) / WEEK as f64;
        let mut seen = 0_u64;
        (0..60).any(|minute| {
            seen += u64::from(counts[deployed + minute]);
            seen > 0 && poisson::at_least(seen, rate * (minute as f64 + 1.0)) < 0.05
        })
    };
    log.of_signature.iter().filter(alarms).count()
}
