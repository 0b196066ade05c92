//! The one place that reads the clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::units::Timestamp;

/// Tells the time, at the world's speed or, for the demonstration, faster.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Pace);

#[derive(Clone, Copy, Debug)]
enum Pace {
    /// The system's: it goes on while a laptop sleeps, and follows when it is set.
    Real,
    /// So many times as fast since it was started.
    Fast { started: Instant, origin: Timestamp, speed: u32 },
}

impl Clock {
    /// The real time of day.
    #[must_use]
    pub fn real() -> Self {
        Self(Pace::Real)
    }

    /// Starts at the real time of day and runs this many times as fast.
    #[must_use]
    pub fn fast(speed: u32) -> Self {
        Self(Pace::Fast { started: Instant::now(), origin: time_of_day(), speed: speed.max(1) })
    }

    /// How many times as fast as the world's it is.
    #[must_use]
    pub fn speed(&self) -> u32 {
        match self.0 {
            Pace::Real => 1,
            Pace::Fast { speed, .. } => speed,
        }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self.0 {
            Pace::Real => time_of_day(),
            Pace::Fast { started, origin, speed } => origin.after(started.elapsed() * speed),
        }
    }

    /// How long to wait, in real time, until this clock shows `when`; zero when it does already.
    #[must_use]
    pub fn real_time_until(&self, when: Timestamp) -> Duration {
        let left = when.since(self.now());
        match self.0 {
            Pace::Real => left,
            Pace::Fast { speed, .. } => left / speed,
        }
    }
}

/// How much processor time the calling thread took so far: other programs do not make it run faster.
#[must_use]
pub fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

fn time_of_day() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).unwrap_or(0))
}
