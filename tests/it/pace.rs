//! Whether work grows in step with what it is given: compared with itself in the same run, never with a clock's
//! seconds, which tell of the machine. The thread's own processor time counts, so that what runs beside it does not.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Runs of each size, of which the fastest counts.
const RUNS: usize = 3;

fn fastest(mut run: impl FnMut()) -> Duration {
    let times = (0..RUNS).map(|_| {
        let started = processor_time();
        run();
        processor_time() - started
    });
    times.min().unwrap()
}

/// Processor time of this thread so far.
fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap()
}

/// Fails when four times as much takes more than ten times as long; what is quadratic takes sixteen times.
///
/// What takes no time worth measuring passes: noise would decide.
#[track_caller]
pub fn assert_linear(what: &str, mut run: impl FnMut(usize), size: usize) {
    let (short, long) = (fastest(|| run(size)), fastest(|| run(4 * size)));
    let noise = Duration::from_millis(20);
    assert!(long < short * 10 + noise, "{what}: {short:?} for {size}, {long:?} for four times as much");
}
