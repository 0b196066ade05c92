//! What was counted in the minutes of a watch.

use std::ops::Range;
use std::time::Duration;

use super::Beyond;
use crate::detect::beside::Sides;
use crate::detect::counts::{Counts, Coverage, SignatureIndex, at};
use crate::detect::deploy::Deploy;
use crate::units::{Minute, Timestamp};

/// How far into a minute a deploy may come for that minute to count as after it.
const AT_ITS_START: Duration = Duration::from_secs(5);

/// Events of traffic that say as much as what is usual, and how far traffic is believed to go.
const TRAFFIC_EVENTS: f64 = 20.0;
const TRAFFIC_RANGE: (f64, f64) = (0.25, 4.0);

const MINUTE: Duration = Duration::from_secs(60);

/// The minutes of a watch: whole ones only, all after the deploy but for its first seconds.
pub(super) fn minutes_of(deploy: Timestamp, length: Duration) -> Range<Minute> {
    let minute = deploy.minute();
    let first = if deploy.since(minute.start()) <= AT_ITS_START { minute } else { minute.plus(1) };
    first..deploy.after(length).minute().max(first)
}

/// What was counted in the minutes of a watch, kept from look to look: only what is not settled is read again.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// For each signature index, the minutes of the watch in which it occurred, and how often.
    events: Vec<Vec<(u32, u32)>>,
    /// For each minute, how far it can be trusted, and the events of all signatures.
    minutes: Vec<(Coverage, u64)>,
    /// The signatures with events in minutes that are not settled.
    open: Vec<(u32, u32)>,
    settled: u32,
}

impl Seen {
    /// Reads the minutes from the first that is not settled.
    pub(super) fn read_on(&mut self, counts: &Counts, range: Range<Minute>) {
        let settled = self.settled;
        for (_, index) in self.open.drain(..) {
            if let Some(events) = self.events.get_mut(index as usize) {
                events.truncate(events.partition_point(|(place, _)| *place < settled));
            }
        }
        self.minutes.truncate(settled as usize);
        let from = range.start.plus(i32::try_from(settled).unwrap_or(i32::MAX));
        for (minute, coverage, cells) in counts.minutes(from..range.end) {
            let place = u32::try_from(minute.since(range.start)).unwrap_or(0);
            if coverage == Coverage::Unknown {
                continue;
            }
            self.minutes.resize(place as usize, (Coverage::Unknown, 0));
            let mut total = 0_u64;
            for (index, n) in cells {
                total = total.saturating_add(u64::from(n));
                let of_signature: &mut Vec<(u32, u32)> = at(&mut self.events, index);
                of_signature.push((place, n));
                self.open.push((place, index));
            }
            self.minutes.push((coverage, total));
        }
    }

    /// Notes that the minutes before this one will not be read again.
    pub(super) fn settle(&mut self, settled: u32) {
        self.settled = settled;
        self.open.retain(|(place, _)| *place >= settled);
    }
}

/// What was counted in the minutes of a watch up to some moment.
pub(super) struct Window<'a> {
    /// The first minute.
    pub(super) start: Minute,
    /// Minutes of which any part has passed, with what is known of each.
    pub(super) minutes: Vec<Part>,
    events: &'a [Vec<(u32, u32)>],
    /// Before each minute, and at the end, how many minutes were observed, the running one whole: plainly,
    /// and each minute weighing with the root of its traffic, or with all of it.
    observed_before: [Vec<f64>; 3],
    observed: Observed,
    settled: u32,
}

/// How many minutes were observed so far, in several senses: see the methods of the window.
#[derive(Clone, Copy, Debug, Default)]
struct Observed {
    exposure: f64,
    awake: f64,
    telling: f64,
}

/// One minute of a watch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) coverage: Coverage,
    /// How much of it has passed, up to 1.
    pub(super) passed: f64,
    /// Events of all signatures.
    pub(super) total: u64,
    /// Whether it belongs to a silence of the whole source.
    pub(super) silent: bool,
    /// Traffic over what is usual then.
    pub(super) traffic: f64,
}

impl Part {
    /// Chance to see events in it, in minutes.
    pub(super) fn exposure(&self) -> f64 {
        if self.coverage > Coverage::Unknown { self.passed } else { 0.0 }
    }

    /// Whether events are expected in it.
    pub(super) fn counts(&self) -> bool {
        self.coverage > Coverage::Unknown && !self.silent
    }

    /// Whether the absence of events in it means anything.
    pub(super) fn tells_absence(&self) -> bool {
        self.coverage >= Coverage::Complete && self.passed >= 1.0
    }
}

/// Traffic to a power; most is as usual, or not counted.
fn power_of(traffic: f64, power: f64) -> f64 {
    if traffic.to_bits() == 1.0_f64.to_bits() { 1.0 } else { traffic.powf(power) }
}

/// The minutes of the range that have begun before now: the one that begins just now has no part that has passed.
pub(super) fn begun(range: &Range<Minute>, now: Timestamp) -> Range<Minute> {
    range.start..range.end.min(now.before(Duration::from_micros(1)).minute().plus(1)).max(range.start)
}

/// The minute until which this deploy is the newest of those in its watch.
pub(super) fn alone(minutes: &Range<Minute>, followed: Option<Timestamp>) -> Minute {
    followed.map_or(minutes.end, |at| at.minute().min(minutes.end)).max(minutes.start)
}

/// What old and new version wrote in these minutes up to now, while no other deploy had followed.
pub(super) fn sides(deploy: &Deploy, minutes: &Range<Minute>, beyond: &Beyond<'_>, now: Timestamp) -> Sides {
    let until = now.minute().plus(1).min(alone(minutes, beyond.followed));
    beyond.versions.map_or_else(Sides::default, |versions| versions.sides(deploy, minutes.start..until))
}

impl<'a> Window<'a> {
    /// What was seen in these minutes, up to now.
    pub(super) fn new(seen: &'a Seen, range: Range<Minute>, now: Timestamp) -> Self {
        let part = |(place, minute): (usize, Minute)| {
            let passed = now.since(minute.start()).as_secs_f64() / MINUTE.as_secs_f64();
            let (coverage, total) = seen.minutes.get(place).copied().unwrap_or((Coverage::Unknown, 0));
            Part { coverage, passed: passed.min(1.0), total, silent: false, traffic: 1.0 }
        };
        let minutes: Vec<Part> = range.start.until(range.end).enumerate().map(part).collect();
        let mut window = Self {
            start: range.start,
            minutes,
            events: &seen.events,
            observed_before: Default::default(),
            observed: Observed::default(),
            settled: 0,
        };
        let is_over = |place: usize| window.minutes.get(place + 1).is_some_and(|next| next.passed >= 1.0);
        let last = (0..window.minutes.len()).rev().find(|place| is_over(*place) && window.minutes[*place].total > 0);
        window.settled = last.map_or(0, |place| place as u32 + 1);
        window.count_observed();
        window
    }

    /// Counts the observed minutes; to be called again when minutes were marked silent.
    pub(super) fn count_observed(&mut self) {
        for (half_powers, before) in self.observed_before.iter_mut().enumerate() {
            let count = |sum: &mut f64, part: &Part| {
                *sum += if part.counts() { power_of(part.traffic, half_powers as f64 / 2.0) } else { 0.0 };
                Some(*sum)
            };
            *before = std::iter::once(0.0).chain(self.minutes.iter().scan(0.0, count)).collect();
        }
        self.observed = Observed::default();
        for part in &self.minutes {
            self.observed.exposure += part.exposure();
            self.observed.awake += if part.counts() { part.exposure() } else { 0.0 };
            self.observed.telling += f64::from(u8::from(part.tells_absence() && !part.silent));
        }
    }

    /// Notes the traffic of each minute, from a signature that counts it and what is usual of that.
    ///
    /// The running minute is taken to be as busy as the one before.
    pub(super) fn set_traffic(&mut self, signature: SignatureIndex, usual_per_minute: impl Fn(u32) -> f64) {
        let mut events = self.events.get(signature.0 as usize).into_iter().flatten().peekable();
        let mut last = 1.0;
        for (minute, part) in (0..).zip(&mut self.minutes) {
            let n = events.next_if(|(at, _)| *at == minute).map_or(0, |(_, n)| *n);
            if part.tells_absence() {
                let busy = (TRAFFIC_EVENTS + f64::from(n)) / (TRAFFIC_EVENTS + usual_per_minute(minute));
                last = busy.clamp(TRAFFIC_RANGE.0, TRAFFIC_RANGE.1);
            }
            part.traffic = last;
        }
    }

    /// The mean traffic of the minutes in which events are expected, over what is usual.
    pub(super) fn mean_traffic(&self) -> f64 {
        let counted = || self.minutes.iter().filter(|part| part.counts());
        counted().map(|part| part.traffic).sum::<f64>() / counted().count().max(1) as f64
    }

    /// The traffic of a minute to a power: 1 where it is as usual, or nobody counts it.
    pub(super) fn traffic(&self, minute: u32, power: f64) -> f64 {
        self.minutes.get(minute as usize).map_or(1.0, |part| power_of(part.traffic, power))
    }

    /// Signatures with events, ascending.
    pub(super) fn signatures(&self) -> impl Iterator<Item = SignatureIndex> {
        (0..).zip(self.events).filter(|(_, events)| !events.is_empty()).map(|(index, _)| SignatureIndex(index))
    }

    /// The minutes in which a signature occurred, and how often; ascending.
    pub(super) fn events(&self, signature: SignatureIndex) -> &[(u32, u32)] {
        self.events.get(signature.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Events of a signature.
    pub(super) fn observed(&self, signature: SignatureIndex) -> u64 {
        self.events(signature).iter().fold(0, |sum: u64, (_, n)| sum.saturating_add(u64::from(*n)))
    }

    /// Minutes observed so far.
    pub(super) fn exposure(&self) -> f64 {
        self.observed.exposure
    }

    /// Minutes that count for what is expected: observed, and not part of a silence.
    pub(super) fn awake(&self) -> f64 {
        self.observed.awake
    }

    /// Minutes whose lack of events means something: whole, complete, and not part of a silence.
    pub(super) fn telling(&self) -> f64 {
        self.observed.telling
    }

    /// Events of a signature in the minutes whose lack of events means something.
    pub(super) fn telling_events(&self, signature: SignatureIndex) -> u64 {
        let telling = self.events(signature).iter().filter(|(minute, _)| self.tells_absence(*minute));
        telling.fold(0, |sum: u64, (_, n)| sum.saturating_add(u64::from(*n)))
    }

    /// Whether the absence of events in a minute means anything.
    pub(super) fn tells_absence(&self, minute: u32) -> bool {
        self.minutes.get(minute as usize).is_some_and(|part| part.tells_absence() && !part.silent)
    }

    /// The first minute of which more may become known as time goes by: minutes that are hardly over, and
    /// quiet ones that may turn out to be a silence of the source, are not settled.
    pub(super) fn settled(&self) -> u32 {
        self.settled
    }

    /// How many minutes were observed between two minutes of the watch; the running one whole.
    pub(super) fn observed_between(&self, from: u32, to: u32) -> f64 {
        self.exposed_between(0.0, from, to)
    }

    /// The same, each minute weighing with its traffic to a power of 0, a half or 1.
    pub(super) fn exposed_between(&self, power: f64, from: u32, to: u32) -> f64 {
        let [plain, root, whole] = &self.observed_before;
        let before = if power >= 0.75 {
            whole
        } else if power >= 0.25 {
            root
        } else {
            plain
        };
        let at = |minute: u32| before.get((minute as usize).min(before.len().saturating_sub(1))).copied();
        (at(to).unwrap_or(0.0) - at(from).unwrap_or(0.0)).max(0.0)
    }

    /// The minute after the last of which any part has passed.
    pub(super) fn end(&self) -> u32 {
        u32::try_from(self.minutes.len()).unwrap_or(u32::MAX)
    }

    /// How much of the running minute lies ahead; nothing when it counts for nothing.
    pub(super) fn not_yet_passed(&self) -> f64 {
        self.minutes.last().map_or(0.0, |part| if part.counts() { 1.0 - part.passed } else { 0.0 })
    }
}
