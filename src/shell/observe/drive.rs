//! The loop on the engine's thread: news in, commits and snapshots out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, select};

use super::{Ask, Observer};
use crate::app::Failure;
use crate::engine::Snapshot;
use crate::shell::source::Feed;

/// Real time between two commits, two judgements, two looks at the repository.
const BEAT: Duration = Duration::from_secs(1);

/// Real time between two snapshots at most: the screen draws no faster anyway.
const SNAPSHOT_EVERY: Duration = Duration::from_millis(100);

/// Runs the observer until its feed ends or it is told to stop; hands out snapshots when there is news, and itself
/// after each beat.
///
/// # Errors
///
/// When the store does not take what was counted last; that is read again at the next start.
pub fn drive(
    mut observer: Observer,
    feed: &Receiver<Feed>,
    asks: &Receiver<Ask>,
    stop: &Arc<AtomicBool>,
    mut show: impl FnMut(Snapshot),
    mut look: impl FnMut(&Observer),
) -> Result<Observer, Failure> {
    let mut next_beat = Instant::now();
    let mut next_snapshot = next_beat;
    let mut changed = true;
    let mut feeding = true;
    while !stop.load(Ordering::Relaxed) {
        let now = Instant::now();
        if now >= next_beat {
            observer.beat();
            observer.keep();
            look(&observer);
            next_beat = now + BEAT;
            changed = true;
        }
        if changed && now >= next_snapshot {
            show(observer.snapshot());
            next_snapshot = now + SNAPSHOT_EVERY;
            changed = false;
        }
        let wake = if changed { next_snapshot.min(next_beat) } else { next_beat };
        let patience = wake.saturating_duration_since(Instant::now()).min(observer.patience());
        let none = crossbeam_channel::never();
        let feed = if feeding { feed } else { &none };
        select! {
            recv(feed) -> news => match news {
                Ok(news) => observer.take(news),
                Err(_) => feeding = false,
            },
            recv(asks) -> ask => match ask {
                Ok(ask) => observer.answer(ask),
                Err(_) => break,
            },
            default(patience) => {
                observer.engine.expire(observer.clock.now());
                continue;
            }
        }
        changed = true;
    }
    observer.commit()?;
    Ok(observer)
}

impl Observer {
    /// Real time until an open event must be flushed.
    fn patience(&self) -> Duration {
        self.engine.deadline().map_or(BEAT, |deadline| self.clock.real_time_until(deadline))
    }
}
