//! The one place that reads the clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::units::Timestamp;

/// Tells the time, at the world's speed or, for the demonstration, faster.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    origin: Timestamp,
    speed: u32,
}

impl Clock {
    /// The real time of day.
    #[must_use]
    pub fn real() -> Self {
        Self::fast(1)
    }

    /// Starts at the real time of day and runs this many times as fast.
    #[must_use]
    pub fn fast(speed: u32) -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let origin = Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).unwrap_or(0));
        Self { started: Instant::now(), origin, speed }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.origin.after(self.started.elapsed() * self.speed)
    }

    /// How long to wait, in real time, until this clock shows `when`; zero when it does already.
    #[must_use]
    pub fn real_time_until(&self, when: Timestamp) -> Duration {
        when.since(self.now()) / self.speed.max(1)
    }
}
