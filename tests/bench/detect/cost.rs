//! What a look costs, in processor time of the thread (what runs beside it does not count), and in memory; each
//! with its ratio to the bar: at most 1 means reached.

use std::time::Duration;

use aftercare::detect::counts::Coverage;
use aftercare::detect::{Counts, Settings, SignatureIndex, Watch};
use peak_alloc::PeakAlloc;
use rustix::time::{ClockId, clock_gettime};

use super::healthy::healthy_log;
use super::random::Random;
use super::simulate::{self, LENGTH, Scenario, WEEK, ZERO};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// The bars: seconds for each signature and look, seconds for a look at the most signatures, bytes for each.
const PER_SIGNATURE: f64 = 1e-6;
const AT_MOST: f64 = 0.1;
const BYTES: f64 = 1_600.0;

/// As many signatures as are told apart.
const MOST: usize = 100_000;

const DEPLOYED: usize = WEEK + 660;

pub fn measure(seed: u64) {
    println!("\ncost on one core, release build; in brackets the ratio to the bar");
    let log = healthy_log(&mut Random::new(seed), Scenario::SeasonalBursty);
    let mut hours: Vec<(Duration, Duration)> = (0..9).map(|_| hour_of_looks(&log.counts)).collect();
    hours.sort_by_key(|(_, hour)| *hour);
    let (learned, hour) = hours[hours.len() / 2];
    let each = hour.as_secs_f64() / (500.0 * 60.0);
    println!(
        "500 signatures: baseline {learned:?}, {:.2} us a signature and look, the median of {} hours ({:.2})",
        each * 1e6,
        hours.len(),
        each / PER_SIGNATURE,
    );
    drop(log);
    let empty = HEAP.current_usage();
    let counts = many(&mut Random::new(seed));
    let counted = HEAP.current_usage() - empty;
    let (learned, hour) = hour_of_looks(&counts);
    let look = hour / 60;
    println!(
        "{MOST} signatures: baseline {learned:?}, {look:?} a look on average ({:.2})",
        look.as_secs_f64() / AT_MOST
    );
    remember(&counts, empty, counted);
}

/// Bytes that are held for each signature during a watch, and the most while something is calculated.
fn remember(counts: &Counts, empty: usize, counted: usize) {
    let each = |bytes: usize| bytes as f64 / MOST as f64;
    let mut watch = Watch::new(simulate::deploy(DEPLOYED), Settings::default());
    HEAP.reset_peak_usage();
    let first = watch.judge(counts, simulate::end_of(DEPLOYED));
    let learning = HEAP.peak_usage() - empty;
    drop(first);
    let watched = HEAP.current_usage() - empty - counted;
    HEAP.reset_peak_usage();
    let judgement = watch.judge(counts, simulate::end_of(DEPLOYED + 59));
    let looking = HEAP.peak_usage() - empty;
    let held = HEAP.current_usage() - empty;
    drop(judgement);
    println!(
        "bytes a signature: eight days of counts {:.0}, watch {:.0}, newest judgement {:.0}, together {:.0} ({:.2}); \
         at most {:.0} while looking ({:.2}), {:.0} while the baseline is learned",
        each(counted),
        each(watched),
        each(held - counted - watched),
        each(held),
        each(held) / BYTES,
        each(looking),
        each(looking) / BYTES,
        each(learning),
    );
}

/// The time to learn the baseline, and that of a look after each minute.
fn hour_of_looks(counts: &Counts) -> (Duration, Duration) {
    let mut watch = Watch::new(simulate::deploy(DEPLOYED), Settings::default());
    let start = processor_time();
    watch.judge(counts, simulate::end_of(DEPLOYED));
    let learned = processor_time() - start;
    let start = processor_time();
    for minute in 0..60 {
        std::hint::black_box(watch.judge(counts, simulate::end_of(DEPLOYED + minute)));
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
            counts.add(at(minute), SignatureIndex(random.below(MOST as u64) as u32), 1);
        }
    }
    counts
}
