//! Finds when the whole source went quiet: one finding, not one for each signature.
//!
//! When it is away at that time on most days, it is no finding, and nothing is expected of the signatures.

use super::Settings;
use super::trial::SILENCE_SHARE;
use super::window::Window;
use crate::detect::baseline::Baseline;
use crate::detect::evidence::SAFETY;

/// Minutes without any line, and the chance of that, from which on a source counts as silent; in a long watch the chance
/// is less, because silences that may begin in each of its minutes share it.
const SILENT_MINUTES: usize = 3;
const SILENT_CHANCE: f64 = 1e-6;

/// The source says nothing at the end of the watch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Silence {
    /// Lines that are usual in the minutes without any.
    pub(super) expected: f64,
    /// How likely so long a silence is by chance.
    pub(super) chance: f64,
    /// The first silent minute of the watch.
    pub(super) since: u32,
}

/// Marks the minutes of every silence of the whole source; returns the one at the end, if any.
pub(super) fn find(baseline: &Baseline, settings: &Settings, window: &mut Window<'_>) -> Option<Silence> {
    let (first, minutes) = (window.start, &mut window.minutes);
    let n_beginnings = (settings.watch.as_secs() / 60).max(1) as f64;
    let silent_chance = SILENT_CHANCE.min(SILENCE_SHARE * settings.family_alpha / n_beginnings);
    for (minute, part) in (0..).zip(minutes.iter_mut()) {
        part.silent = part.tells_absence() && part.total == 0 && baseline.is_usually_away(first.plus(minute));
    }
    let (events, spread) = baseline.total()?;
    let rate = baseline.total_forecast().unwrap_or(events as f64 / f64::from(baseline.minutes().max(1)));
    // P(no event) of a negative binomial count with the bursts and the level of the sum.
    let chance = |n_minutes: usize| {
        let predicted = rate * n_minutes as f64 / spread.burst;
        (-(SAFETY * spread.level * predicted).ln_1p() / (SAFETY * spread.level)).exp()
    };
    let mut start = 0;
    let mut last = None;
    for end in 0..=minutes.len() {
        let is_quiet = minutes.get(end).is_some_and(|part| part.tells_absence() && part.total == 0);
        // The running minute neither breaks a silence nor adds to it.
        let is_running = minutes.get(end).is_some_and(|part| part.passed < 1.0 && part.total == 0);
        if is_quiet || is_running {
            continue;
        }
        let n_quiet = minutes
            .get(start..end)
            .map_or(0, |run| run.iter().filter(|part| part.passed >= 1.0 && !part.silent).count());
        if n_quiet >= SILENT_MINUTES && chance(n_quiet) < silent_chance {
            minutes.iter_mut().take(end).skip(start).for_each(|part| part.silent = true);
            let silence = Silence { expected: rate * n_quiet as f64, chance: chance(n_quiet), since: start as u32 };
            last = (end == minutes.len()).then_some(silence);
        }
        start = end + 1;
    }
    last
}
