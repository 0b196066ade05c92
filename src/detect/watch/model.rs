//! One signature under the hypothesis that the deploy changed nothing, and what speaks against it.

use super::window::Window;
use crate::detect::baseline::{Baseline, Forecast, Gaps, NOISY_MINUTES, Noise, PRIOR_EVENTS, STRETCHES};
use crate::detect::beside::Beside;
use crate::detect::counts::SignatureIndex;
use crate::detect::evidence::{self, LN_WEIGHTS, Level, ONSETS, SAFETY, SinceOnsets};
use crate::detect::flow::Odds;

/// Minutes that share a forecast.
const HOUR: u32 = 60;

/// The largest natural logarithm of evidence that is told.
const MOST: f64 = 700.0;

/// Events, scaled by bursts, that must be expected within the hour before their number means anything.
pub(super) const LEAST_FOR_DROP: f64 = 8.0;

/// Minutes that a line which keeps time must be missed for: a program that is replaced is away that long.
const LEAST_ABSENCE: u32 = 4;

/// How many times as much all minutes may say as those without the largest one, in logarithms.
const WITHOUT_LARGEST: f64 = 1.5;

/// How long a spike lasts of which nothing was ever seen, in minutes with events: three in four are over after so many,
/// 24 in 25 after four times as many. Counted are the minutes beyond so many times the usual events.
const ASSUMED_LENGTH: f64 = 4.0;
const USUALLY_OCCUPIED: f64 = 2.0;

/// Bursts around a forecast rate times a level that is Gamma distributed around 1.
pub(super) struct Model<'a> {
    forecasts: &'a [Forecast],
    /// What the burst factors are multiplied by for safety, less 1.
    safety: f64,
    /// How often it spikes and dips by itself, per hour.
    spikes: f64,
    /// That part of the spikes which is assumed.
    assumed_spikes: f64,
    dips: f64,
    /// Share of the largest minute that the others have to do without, so that one burst alone convicts nobody.
    guard: f64,
    level: Level,
    /// How long it stays away, where it keeps time.
    gaps: Option<&'a Gaps>,
    /// By how much more of it, or less, restarts bring in the first minutes; `None` where nothing is known.
    noise: Option<&'a Noise>,
}

/// Which factors of restarts count: all, or those that make what is found no larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Restarts {
    Plain,
    MoreOnly,
}

impl Restarts {
    fn of(self, factor: f64) -> f64 {
        if self == Self::MoreOnly { factor.max(1.0) } else { factor }
    }
}

/// The evidence as it stands, the most there ever was, and since when; natural logarithms.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence {
    pub(super) now: f64,
    pub(super) ever: f64,
    /// The minute of the watch from which on the evidence now is largest.
    pub(super) onset: u32,
}

/// What the settled minutes of the watch came to: a look goes on from there, instead of from the start.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Course {
    pub(super) rise: RiseCourse,
    pub(super) drop: DropCourse,
}

/// The same of a rise.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RiseCourse {
    until: u32,
    since: SinceOnsets,
    /// Minutes with events.
    n_occupied: u32,
    ever: f64,
}

/// The same of a drop.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DropCourse {
    until: u32,
    seen: [f64; ONSETS.len()],
    predicted: [f64; ONSETS.len()],
    unlike: [f64; ONSETS.len()],
    absence: Absence,
    evidence: Evidence,
}

/// How long a line that keeps time stays away, and how often it came since the deploy.
#[derive(Clone, Copy, Debug, Default)]
struct Absence {
    n_seen: u64,
    /// The minutes since it came, of which so many before the deploy.
    away: u32,
    before: u32,
    /// The minute of the watch in which it was first missed.
    since: u32,
    is_met: bool,
}

impl Evidence {
    /// The evidence as it stands: an e-value.
    pub(super) fn value(&self) -> f64 {
        self.now.clamp(0.0, MOST).exp()
    }

    /// With what old and new version tell beside each other: two ways to look share the chance of a false alarm.
    pub(super) fn shared_with(&self, beside: &Beside) -> Self {
        let half = std::f64::consts::LN_2;
        let now = evidence::ln_average(self.now, beside.evidence.ln());
        let ever = now.max(self.ever - half).max(beside.peak.ln() - half);
        Self { now, ever, onset: self.onset }
    }

    /// The most evidence there ever was, as an e-value.
    pub(super) fn peak(&self) -> f64 {
        self.ever.clamp(0.0, MOST).exp()
    }
}

impl Absence {
    fn go_on(&mut self, gaps: &Gaps, minute: u32, is_seen: bool) {
        if !self.is_met {
            (self.is_met, self.away, self.before) = (true, gaps.age(), gaps.age());
        }
        if is_seen {
            self.n_seen += 1;
            (self.away, self.before) = (0, 0);
        } else {
            self.since = if self.away == self.before { minute } else { self.since };
            self.away += 1;
        }
    }

    /// After a minute of which nothing is known, it may have come unseen.
    fn lose_sight(&mut self) {
        (self.is_met, self.away, self.before) = (true, 0, 0);
    }

    /// Evidence that it stopped, or comes less often: like that of work that does not finish, each time it
    /// came being one that did.
    fn ln_evidence(&self, gaps: &Gaps) -> f64 {
        if self.away - self.before < LEAST_ABSENCE {
            return 0.0;
        }
        let mut odds = Odds::open((gaps.survival(self.away) / gaps.survival(self.before)).clamp(1e-300, 1.0));
        odds.add(&Odds::finished(), self.n_seen);
        odds.ln().max(0.0)
    }
}

impl<'a> Model<'a> {
    /// `safety` is 1 unless the self-check asks for more.
    pub(super) fn new(baseline: &'a Baseline, signature: SignatureIndex, safety: f64) -> Option<Self> {
        let spread = baseline.spread(signature)?;
        let safety = SAFETY * safety;
        let burst = 1.0 + safety * (spread.burst - 1.0);
        let unsure = burst / (baseline.events(signature) as f64 + PRIOR_EVENTS);
        Some(Self {
            forecasts: baseline.forecasts(signature),
            safety: safety - 1.0,
            spikes: spread.spikes,
            assumed_spikes: spread.assumed_spikes,
            dips: spread.dips,
            guard: (burst - 1.0).clamp(0.0, 1.0),
            level: Level::new(safety * spread.level, unsure),
            gaps: baseline.gaps(signature),
            noise: baseline.noise(signature),
        })
    }

    /// Shape of the level's distribution: one over its variance.
    pub(super) fn prior(&self) -> f64 {
        self.level.usual
    }

    /// The events of each minute and what is expected of it, both scaled by bursts; of a drop only in the minutes in
    /// which absence means something.
    pub(super) fn each_minute(&self, signature: SignatureIndex, window: &Window<'_>, is_drop: bool) -> Vec<(f64, f64)> {
        let mut events = window.events(signature).iter().peekable();
        let of_minute = |minute: u32| {
            let n = events.next_if(|(at, _)| *at == minute).map_or(0, |(_, n)| *n);
            if is_drop && !window.tells_absence(minute) {
                return (0.0, 0.0);
            }
            let forecast = self.forecast(minute);
            let burst = self.burst(&forecast);
            let exposed = window.exposed_between(forecast.power, minute, minute + 1);
            (f64::from(n) / burst, self.noise_at(minute) * forecast.expected * exposed / burst)
        };
        (0..window.end()).map(of_minute).collect()
    }

    /// The burst factor of the hour after the deploy.
    pub(super) fn scale(&self) -> f64 {
        self.burst(&self.forecast(0)).max(1.0)
    }

    fn forecast(&self, minute: u32) -> Forecast {
        let place = ((minute / HOUR) as usize).min(self.forecasts.len().saturating_sub(1));
        self.forecasts.get(place).copied().unwrap_or(Forecast::NOTHING)
    }

    /// The burst factor of a minute.
    fn burst(&self, forecast: &Forecast) -> f64 {
        forecast.burst + self.safety * (forecast.burst - 1.0)
    }

    /// How many times as much restarts bring in this minute.
    fn noise_at(&self, minute: u32) -> f64 {
        self.noise.map_or(1.0, |noise| noise.at(minute))
    }

    /// What a rate foretells for the minutes between two, as far as they were observed; scaled by bursts
    /// or not. The first minutes bring so many times as much.
    fn sum(
        &self,
        window: &Window<'_>,
        (from, to): (u32, u32),
        restarts: Restarts,
        of: impl Fn(&Forecast) -> f64,
    ) -> f64 {
        let mut sum = 0.0;
        if let Some(noise) = self.noise.filter(|_| from < NOISY_MINUTES) {
            let forecast = self.forecast(0);
            for ((start, end), factor) in STRETCHES.iter().zip(noise.factors) {
                let more = restarts.of(factor) - 1.0;
                let exposed = window.exposed_between(forecast.power, from.max(*start), to.min(*end));
                sum += more * of(&forecast) * exposed;
            }
        }
        let mut start = from;
        while start < to {
            let end = (start / HOUR + 1).saturating_mul(HOUR).min(to);
            let forecast = self.forecast(start);
            sum += of(&forecast) * window.exposed_between(forecast.power, start, end);
            start = end;
        }
        sum
    }

    /// What a rate foretells for the watch so far, of the running minute only what has passed.
    fn so_far(&self, window: &Window<'_>, of: impl Fn(&Forecast) -> f64) -> f64 {
        let end = window.end();
        let last = self.forecast(end.saturating_sub(1));
        let running = window.not_yet_passed() * window.traffic(end.saturating_sub(1), last.power);
        let not_yet = self.noise_at(end.saturating_sub(1)) * of(&last) * running;
        (self.sum(window, (0, end), Restarts::Plain, of) - not_yet).max(0.0)
    }

    /// Events expected in the watch so far.
    pub(super) fn expected(&self, window: &Window<'_>) -> f64 {
        self.so_far(window, |forecast| forecast.expected)
    }

    /// Evidence for a rise; moves the course on to the settled minutes.
    ///
    /// Between events it only falls, so it is looked at with each minute that has any, and at the end.
    pub(super) fn rise(&self, signature: SignatureIndex, window: &Window<'_>, course: &mut RiseCourse) -> Evidence {
        let events = window.events(signature);
        if events.is_empty() {
            return Evidence::default();
        }
        let place = |minute: u32| events.partition_point(|(at, _)| *at < minute);
        let (settled, open) = (place(course.until.max(window.settled())), place(course.until));
        for &(minute, n) in events.get(open..settled).unwrap_or_default() {
            self.rise_on(window, course, minute, n);
        }
        course.until = course.until.max(window.settled());
        let mut now = *course;
        for &(minute, n) in events.get(settled..).unwrap_or_default() {
            self.rise_on(window, &mut now, minute, n);
        }
        let (at_end, onset) = self.rise_at(window, window.end(), &now);
        Evidence { now: at_end, ever: now.ever.max(at_end), onset }
    }

    /// The evidence for a rise at the end of each minute.
    pub(super) fn rise_each_minute(&self, signature: SignatureIndex, window: &Window<'_>) -> Vec<f64> {
        let mut course = RiseCourse::default();
        let mut events = window.events(signature).iter().peekable();
        let of_minute = |minute: u32| {
            if let Some((_, n)) = events.next_if(|(at, _)| *at == minute) {
                self.rise_on(window, &mut course, minute, *n);
            }
            self.rise_at(window, minute + 1, &course).0
        };
        (0..window.end()).map(of_minute).collect()
    }

    /// The evidence for a drop at the end of each minute.
    pub(super) fn drop_each_minute(&self, signature: SignatureIndex, window: &Window<'_>) -> Vec<f64> {
        let mut course = DropCourse::default();
        let of_minute = |minute: u32| {
            self.drop_on(window, window.events(signature), &mut course, minute);
            course.evidence.now
        };
        (0..window.end()).map(of_minute).collect()
    }

    fn rise_on(&self, window: &Window<'_>, course: &mut RiseCourse, minute: u32, n: u32) {
        course.since.add(minute, f64::from(n) / self.burst(&self.forecast(minute)));
        course.n_occupied += 1;
        course.ever = course.ever.max(self.rise_at(window, minute + 1, course).0);
    }

    /// The most that any onset gives, and that onset; nothing below no evidence is worth its price.
    fn rise_at(&self, window: &Window<'_>, end: u32, course: &RiseCourse) -> (f64, u32) {
        let mut most = (0.0, 0);
        for (onset, weight, events, others) in course.since.each(self.guard).filter(|(onset, ..)| *onset < end) {
            let rate = |forecast: &Forecast| forecast.for_rise / self.burst(forecast);
            let predicted = self.sum(window, (onset, end), Restarts::MoreOnly, rate);
            let may = |least: f64, events: f64| evidence::may_exceed(least, events, predicted, self.level.usual);
            if others <= predicted || !may(most.0 - weight, events) || !may(most.0 / WITHOUT_LARGEST - weight, others) {
                continue;
            }
            let unlike = |forecast: &Forecast| forecast.unlike.1 / self.burst(forecast);
            let unlike = self.sum(window, (onset, end), Restarts::MoreOnly, unlike);
            let against = self.level.rise((predicted, unlike));
            let mut found = weight + against.ln(events);
            if found > most.0 && others < events {
                found = found.min(WITHOUT_LARGEST * (weight + against.ln(others)));
            }
            most = if found > most.0 { (found, onset) } else { most };
        }
        if most.0 <= 0.0 {
            return most;
        }
        let spikes = self.spikes_per_hour(window, end, course.n_occupied);
        (evidence::ln_capped(most.0, spikes, window.observed_between(0, end)), most.1)
    }

    /// How often it spikes by itself for as long as it has risen, per hour.
    ///
    /// What was seen of spikes counts in full. Of those that are assumed because nothing shows that there are none, most
    /// are over soon: so many of them fill that many minutes more than usual. More events never make it more.
    fn spikes_per_hour(&self, window: &Window<'_>, end: u32, n_occupied: u32) -> f64 {
        if n_occupied < 2 || self.assumed_spikes <= 0.0 {
            return self.spikes;
        }
        let usual = self.sum(window, (0, end), Restarts::MoreOnly, |forecast| forecast.for_rise);
        let more = (f64::from(n_occupied) - USUALLY_OCCUPIED * usual).max(0.0);
        let lasting = (ASSUMED_LENGTH / (ASSUMED_LENGTH + more)).powi(2);
        self.spikes - self.assumed_spikes * (1.0 - lasting)
    }

    /// Evidence for a drop, from the minutes in which absence means something.
    pub(super) fn drop(&self, signature: SignatureIndex, window: &Window<'_>, course: &mut DropCourse) -> Evidence {
        let events = window.events(signature);
        for minute in course.until..window.settled() {
            self.drop_on(window, events, course, minute);
        }
        course.until = course.until.max(window.settled());
        let mut now = *course;
        for minute in course.until..window.end() {
            self.drop_on(window, events, &mut now, minute);
        }
        now.evidence
    }

    fn drop_on(&self, window: &Window<'_>, events: &[(u32, u32)], course: &mut DropCourse, minute: u32) {
        if !window.tells_absence(minute) {
            course.absence.lose_sight();
            return;
        }
        let n = events.binary_search_by_key(&minute, |(at, _)| *at).ok().and_then(|place| events.get(place));
        let forecast = self.forecast(minute);
        let burst = self.burst(&forecast);
        (course.evidence.now, course.evidence.onset) = (0.0, 0);
        for (place, (onset, _)) in ONSETS.iter().enumerate().filter(|(_, (onset, _))| *onset <= minute) {
            let weight = LN_WEIGHTS[place];
            course.seen[place] += n.map_or(0.0, |(_, n)| f64::from(*n)) / burst;
            let scale = self.noise_at(minute).min(1.0) * window.traffic(minute, forecast.power) / burst;
            course.predicted[place] += forecast.for_drop * scale;
            course.unlike[place] += forecast.unlike.0 * scale;
            let (seen, predicted) = (course.seen[place], course.predicted[place]);
            let least = course.evidence.now - weight;
            if seen < predicted && evidence::may_exceed(least, seen, predicted, self.level.usual) {
                let drop = |prior: f64, predicted: f64| evidence::ln_drop(seen, predicted, prior);
                let now = weight + self.level.ln((predicted, course.unlike[place]), drop);
                if now > course.evidence.now {
                    (course.evidence.now, course.evidence.onset) = (now, *onset);
                }
            }
        }
        if let Some(gaps) = self.gaps {
            course.absence.go_on(gaps, minute, n.is_some());
            let missed = course.absence.ln_evidence(gaps);
            if missed > course.evidence.now {
                course.evidence.onset = course.absence.since;
            }
            // Two ways to look share the chance of a false alarm.
            course.evidence.now = evidence::ln_average(course.evidence.now, missed);
        }
        course.evidence.now =
            evidence::ln_capped(course.evidence.now, self.dips, window.observed_between(0, minute + 1));
        course.evidence.ever = course.evidence.ever.max(course.evidence.now);
    }

    /// Whether its absence can tell anything within a watch: enough events are foretold, or it keeps time.
    pub(super) fn may_drop(&self) -> bool {
        self.scaled_per_hour() >= LEAST_FOR_DROP || self.gaps.is_some()
    }

    /// Events, scaled by bursts, that are foretold for the hour after the deploy.
    pub(super) fn scaled_per_hour(&self) -> f64 {
        let forecast = self.forecast(0);
        forecast.for_drop * f64::from(HOUR) / self.burst(&forecast)
    }

    /// The ends of the interval of the rate over what is expected.
    pub(super) fn ratios(&self, signature: SignatureIndex, window: &Window<'_>) -> Option<(f64, f64)> {
        let scaled = |&(minute, n): &(u32, u32)| f64::from(n) / self.burst(&self.forecast(minute));
        let events: f64 = window.events(signature).iter().map(scaled).sum();
        let predicted = self.so_far(window, |forecast| forecast.expected / self.burst(forecast));
        evidence::ratios(events, predicted, self.level.usual)
    }
}
