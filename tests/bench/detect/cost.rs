//! What a look costs, in processor time of the thread: what runs beside it does not count.

use std::time::Duration;

use aftercare::detect::counts::Coverage;
use aftercare::detect::{Counts, Settings, SignatureIndex, Watch};
use rustix::time::{ClockId, clock_gettime};

use super::healthy::healthy_log;
use super::random::Random;
use super::simulate::{self, LENGTH, Scenario, WEEK, ZERO};

pub fn measure(seed: u64) {
    println!("\ncost on one core, release build");
    let log = healthy_log(&mut Random::new(seed), Scenario::SeasonalBursty);
    let deployed = WEEK + 660;
    let (learned, hour) = hour_of_looks(&log.counts, deployed);
    let each = hour.as_secs_f64() / (500.0 * 60.0);
    println!("500 signatures: baseline {learned:?}, 60 looks {hour:?}, {:.2} us a signature and look", each * 1e6);
    let counts = many(&mut Random::new(seed));
    let (learned, hour) = hour_of_looks(&counts, deployed);
    println!("100000 signatures: baseline {learned:?}, {:?} a look on average", hour / 60);
}

/// The time to learn the baseline, and that of a look after each minute.
fn hour_of_looks(counts: &Counts, deployed: usize) -> (Duration, Duration) {
    let mut watch = Watch::new(simulate::deploy(deployed), Settings::default());
    let start = processor_time();
    watch.judge(counts, simulate::end_of(deployed));
    let learned = processor_time() - start;
    let start = processor_time();
    for minute in 0..60 {
        std::hint::black_box(watch.judge(counts, simulate::end_of(deployed + minute)));
    }
    (learned, processor_time() - start)
}

fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// As many signatures as are told apart, one event in five hours each.
fn many(random: &mut Random) -> Counts {
    let mut counts = Counts::default();
    let at = |minute: usize| ZERO.plus(minute as i32);
    counts.observe(at(0)..at(LENGTH), Coverage::Complete);
    for minute in 0..WEEK + 720 {
        for _ in 0..333 {
            counts.add(at(minute), SignatureIndex(random.below(100_000) as u32), 1);
        }
    }
    counts
}
