//! Work through the whole detector: when that which stalls is listed and confirmed, and how often healthy work is.

use std::time::Duration;

use aftercare::detect::counts::Coverage;
use aftercare::detect::tasks::Tasks;
use aftercare::detect::{Beyond, Counts, Deploy, Judgement, Kind, Origin, Settings, SignatureIndex, Tier, Watch};
use aftercare::ingest::CorrelationKey;
use aftercare::units::Timestamp;

use super::faulty::shown;
use super::random::Random;
use super::simulate::ZERO;

/// Minutes of the days before the deploy.
const BEFORE: i32 = 2 * 24 * 60;

/// Signatures of the kind that may stall; other kinds have the next ones, three each.
const START: SignatureIndex = SignatureIndex(0);

/// How one kind of work goes; lengths in seconds, scattered like a log-normal.
#[derive(Clone, Copy)]
struct World {
    per_minute: f64,
    length: f64,
    scatter: f64,
    /// A share of the work that lasts so many times as long.
    long: (f64, f64),
    /// Share that never ends.
    lost: f64,
    /// Share that never ends after the deploy.
    stalled: f64,
    /// How much longer all of it lasts after the deploy.
    slower: f64,
    /// Chance of a minute in which thirty begin at once.
    bursts: f64,
    /// Standard deviation of the logarithm of each hour's lengths.
    hours: f64,
    /// So many parts of the workers are restarted, one a minute, from so many minutes after the deploy on; what is
    /// open on them is lost.
    restarted: Option<(u32, u32)>,
    /// Share of the workers that are, where it is not all of them.
    of_these: f64,
    /// Chance of a restart of all workers in an hour of the past.
    restarts: f64,
    /// Other kinds of work beside it, all healthy.
    beside: u32,
}

const PLAIN: World = World {
    per_minute: 2.0,
    length: 120.0,
    scatter: 0.7,
    long: (0.0, 1.0),
    lost: 0.0,
    stalled: 0.0,
    slower: 1.0,
    bursts: 0.0,
    hours: 0.0,
    restarted: None,
    of_these: 1.0,
    restarts: 0.0,
    beside: 0,
};

const FAULTY: [(&str, World); 9] = [
    ("20 % stall", World { stalled: 0.2, ..PLAIN }),
    ("all stall", World { stalled: 1.0, ..PLAIN }),
    ("5 % stall", World { stalled: 0.05, ..PLAIN }),
    ("20 % stall, 20 kinds", World { stalled: 0.2, beside: 19, ..PLAIN }),
    ("all stall, 20 kinds", World { stalled: 1.0, beside: 19, ..PLAIN }),
    ("20 % stall, 40 s", World { stalled: 0.2, length: 40.0, ..PLAIN }),
    ("all stall, 40 s", World { stalled: 1.0, length: 40.0, ..PLAIN }),
    ("20 % stall, 2 % lost", World { stalled: 0.2, lost: 0.02, ..PLAIN }),
    ("all stall, one hour unlike another", World { stalled: 1.0, hours: 0.2, ..PLAIN }),
];

const HEALTHY: [(&str, World); 20] = [
    ("healthy", PLAIN),
    ("12 a minute", World { per_minute: 12.0, ..PLAIN }),
    ("one in three minutes", World { per_minute: 0.33, ..PLAIN }),
    ("heavy tails", World { scatter: 1.5, ..PLAIN }),
    ("3 % last twenty times as long", World { long: (0.03, 20.0), ..PLAIN }),
    ("30 % last ten times as long", World { long: (0.3, 10.0), ..PLAIN }),
    ("2 % lost", World { lost: 0.02, ..PLAIN }),
    ("bursts", World { bursts: 0.005, ..PLAIN }),
    ("one hour unlike another", World { hours: 0.3, ..PLAIN }),
    ("slower by 1.3", World { slower: 1.3, ..PLAIN }),
    ("slower by 1.5", World { slower: 1.5, ..PLAIN }),
    ("12 a minute, slower by 1.5", World { per_minute: 12.0, slower: 1.5, ..PLAIN }),
    ("restarted", World { restarted: Some((3, 1)), ..PLAIN }),
    ("12 a minute, restarted", World { per_minute: 12.0, restarted: Some((3, 1)), ..PLAIN }),
    ("a quarter restarted", World { restarted: Some((3, 1)), of_these: 0.25, ..PLAIN }),
    ("12 a minute, a quarter restarted", World { per_minute: 12.0, restarted: Some((3, 1)), of_these: 0.25, ..PLAIN }),
    ("restarted part by part", World { restarted: Some((1, 4)), ..PLAIN }),
    ("half restarted part by part", World { restarted: Some((1, 4)), of_these: 0.5, ..PLAIN }),
    ("12 a minute, restarted part by part", World { per_minute: 12.0, restarted: Some((1, 4)), ..PLAIN }),
    ("restarted as before", World { restarted: Some((3, 1)), restarts: 0.03, ..PLAIN }),
];

pub fn measure(seed: u64, n_watches: usize, only: Option<&str>) {
    println!("\nminutes until stalled work is confirmed and listed: median / p90 (found within the hour)");
    // The row of that name, or all that begin with it.
    let is_row = |only: &str| FAULTY.iter().chain(&HEALTHY).any(|(name, _)| *name == only);
    let is_asked =
        |name: &str| only.is_none_or(|only| if is_row(only) { name == only } else { name.starts_with(only) });
    for (place, (name, world)) in FAULTY.into_iter().enumerate().filter(|(_, (name, _))| is_asked(name)) {
        let (mut confirmed, mut listed) = (Vec::new(), Vec::new());
        for n in 0..n_watches {
            let mut random = Random::new(seed.wrapping_mul(11_000_027) + (place * 10_000 + n) as u64);
            let log = world.log(&mut random);
            let mut watch = log.watch();
            let mut first = [99; 2];
            for minute in 1..=60 {
                let found = log.judge(&mut watch, minute);
                let tiers = [tier_of(&found) == Some(Tier::Confirmed), is_listed(&found)];
                first.iter_mut().zip(tiers).filter(|(_, is)| *is).for_each(|(first, _)| *first = minute.min(*first));
            }
            confirmed.push(first[0]);
            listed.push(first[1]);
        }
        println!("{name:<36} {:>20} {:>20}", shown(&confirmed), shown(&listed));
    }
    println!("\nhealthy work: share of watches in which a stall is confirmed, and in which one is listed at the end");
    for (place, (name, world)) in HEALTHY.into_iter().enumerate().filter(|(_, (name, _))| is_asked(name)) {
        let (mut confirmed, mut listed, mut known) = (0, 0, 0);
        for n in 0..n_watches {
            let mut random = Random::new(seed.wrapping_mul(13_000_027) + (place * 10_000 + n) as u64);
            let log = world.log(&mut random);
            let found = log.judge(&mut log.watch(), 60);
            confirmed += usize::from(tier_of(&found) == Some(Tier::Confirmed));
            listed += usize::from(is_listed(&found));
            known += 1;
        }
        let share = |n: usize| n as f64 / known as f64;
        println!("{name:<36} {:>9.3} {:>9.3}", share(confirmed), share(listed));
    }
}

fn stalls(found: &Judgement) -> impl Iterator<Item = &aftercare::detect::Assessment> {
    found.assessments.iter().filter(|it| it.finding.is_some_and(|finding| finding.kind == Kind::Stall))
}

fn tier_of(found: &Judgement) -> Option<Tier> {
    stalls(found).filter_map(|it| it.finding.map(|finding| finding.tier)).max()
}

fn is_listed(found: &Judgement) -> bool {
    stalls(found).any(|it| it.is_listed())
}

/// What was written of work, and counted.
struct WorkLog {
    counts: Counts,
    tasks: Tasks,
}

impl WorkLog {
    fn watch(&self) -> Watch {
        let deploy = Deploy::new(ZERO.start(), "orders", "v2", Origin::Mark);
        Watch::new(deploy, Settings::default())
    }

    fn judge(&self, watch: &mut Watch, minutes: u32) -> Judgement {
        let beyond = Beyond { tasks: Some(&self.tasks), ..Beyond::default() };
        watch.judge_with(&self.counts, &beyond, ZERO.plus(minutes as i32).start())
    }
}

type Event = (Timestamp, CorrelationKey, SignatureIndex);

impl World {
    /// What is written up to twenty minutes after the watch.
    fn log(&self, random: &mut Random) -> WorkLog {
        let mut events = self.events(random, START);
        for kind in 1..=self.beside {
            events.extend(World { stalled: 0.0, ..*self }.events(random, SignatureIndex(3 * kind)));
        }
        events.sort();
        let (mut counts, mut tasks) = (Counts::default(), Tasks::default());
        counts.observe(ZERO.plus(-BEFORE)..ZERO.plus(80), Coverage::Complete);
        for (at, key, signature) in events {
            counts.add(at.minute(), signature, 1);
            tasks.note(0, key, signature, at);
        }
        WorkLog { counts, tasks }
    }

    fn events(&self, random: &mut Random, start: SignatureIndex) -> Vec<Event> {
        let mut events = Vec::new();
        let mut restarts: Vec<(f64, f64)> = Vec::new();
        let mut hour = 1.0;
        for minute in -BEFORE..80 {
            if minute % 60 == 0 {
                hour = (self.hours * random.normal()).exp();
                let is_restarted = minute < 0 && random.even() < self.restarts;
                restarts =
                    if is_restarted { vec![(f64::from(minute) + random.between(0.0, 60.0), 1.0)] } else { vec![] };
            }
            if minute == 0
                && let Some((from, parts)) = self.restarted
            {
                let of = |part: u32| (f64::from(from + part) + random.even(), self.of_these / f64::from(parts - part));
                restarts = (0..parts).map(of).collect();
            }
            let n_at_once = if random.even() < self.bursts { 30 } else { 0 };
            for _ in 0..random.poisson(self.per_minute) + n_at_once {
                let begin = f64::from(minute) + random.even();
                let end = begin + self.length(random, hour, minute >= 0) / 60.0;
                self.live(random, start, (begin, end), &restarts, &mut events);
            }
        }
        events.retain(|(at, ..)| *at < ZERO.plus(80).start());
        events
    }

    fn length(&self, random: &mut Random, hour: f64, is_new: bool) -> f64 {
        let long = if random.even() < self.long.0 { self.long.1 } else { 1.0 };
        let slower = if is_new { self.slower } else { 1.0 };
        self.length * hour * long * slower * (self.scatter * random.normal()).exp()
    }

    fn live(
        &self,
        random: &mut Random,
        start: SignatureIndex,
        (begin, end): (f64, f64),
        restarts: &[(f64, f64)],
        events: &mut Vec<Event>,
    ) {
        let key = CorrelationKey(random.next());
        let never = if begin >= 0.0 { self.lost.max(self.stalled) } else { self.lost };
        // A part of the workers that was restarted before is not again: the shares are of what is left.
        let mut died = None;
        for (at, share) in restarts.iter().filter(|(at, _)| begin < *at) {
            if random.even() < *share {
                died = Some(*at).filter(|at| *at < end);
                break;
            }
        }
        let mut write = |at: f64, which: u32| {
            if died.is_none_or(|died| at < died) {
                events.push((at_minute(at), key, SignatureIndex(start.0 + which)));
            }
        };
        write(begin, 0);
        write(begin + (end - begin) / 3.0, 1);
        if random.even() >= never {
            write(end, 2);
        }
    }
}

fn at_minute(minute: f64) -> Timestamp {
    let before = ZERO.plus(-BEFORE);
    before.start().after(Duration::from_secs_f64(60.0 * (minute + f64::from(ZERO.since(before)))))
}
