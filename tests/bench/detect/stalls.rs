//! Work that never finishes, and calls that are no longer made.

use std::time::Duration;

use aftercare::detect::flow::{Durations, Task, ln_skip, ln_stall};
use aftercare::units::Timestamp;

use super::faulty::shown;
use super::random::Random;
use super::simulate::ZERO;

/// Twenty kinds of work share a chance of one in a hundred.
const THRESHOLD: f64 = 20.0 / 0.01;

const WATCHES: usize = 300;

pub fn measure(seed: u64) {
    println!("\nminutes until stalled work is confirmed, two starts a minute, two minutes each, 20 kinds");
    let mut random = Random::new(seed.wrapping_mul(9_000_011));
    let mut past = Durations::default();
    (0..5_000).for_each(|_| past.add(length(&mut random, 1.0)));
    for (name, share) in [("healthy", 0.0), ("5 % stall", 0.05), ("20 % stall", 0.2), ("all stall", 1.0)] {
        let delays: Vec<u32> = (0..WATCHES).map(|_| stalled(&mut random, &past, share)).collect();
        println!("{name:<22} {:>20}", shown(&delays));
    }
    for (name, share) in [("call in 90 %, healthy", 0.9), ("call in 50 %", 0.5), ("never called", 0.0)] {
        let delays: Vec<u32> = (0..WATCHES).map(|_| skipped(&mut random, share)).collect();
        println!("{name:<22} {:>20}", shown(&delays));
    }
}

/// Log-normal around two minutes.
fn length(random: &mut Random, times: f64) -> Duration {
    Duration::from_secs_f64(60.0 * times * (2_f64.ln() + 0.7 * random.normal()).exp())
}

fn at(minutes: f64) -> Timestamp {
    ZERO.start().after(Duration::from_secs_f64(60.0 * minutes))
}

fn stalled(random: &mut Random, past: &Durations, share: f64) -> u32 {
    let task = |random: &mut Random| {
        let started = at(random.between(0.0, 60.0));
        let took = length(random, 1.0);
        Task { started, finished: (random.even() >= share).then(|| started.after(took)) }
    };
    let tasks: Vec<Task> = (0..random.poisson(120.0)).map(|_| task(random)).collect();
    (1..=60).find(|minute| ln_stall(&tasks, past, at(f64::from(*minute))) >= f64::ln(THRESHOLD)).unwrap_or(99)
}

fn skipped(random: &mut Random, share: f64) -> u32 {
    let (mut taken, mut left_out) = (0, 0);
    let mut look = |_: &u32| {
        for _ in 0..random.poisson(2.0) {
            if random.even() < share { taken += 1 } else { left_out += 1 }
        }
        ln_skip(taken, left_out, 0.9) >= f64::ln(THRESHOLD)
    };
    (1..=60).find(|minute| look(minute)).unwrap_or(99)
}
