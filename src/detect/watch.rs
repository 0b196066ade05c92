//! Judges one deploy, minute by minute.
//!
//! Input: counts before and after the deploy. Output: a [`Judgement`] with the numbers that justify it.
//!
//! Two tiers. A *candidate* has a one-tailed Poisson p below `alpha`: what on-call people know, and what
//! many healthy signatures get to. A *confirmed* finding has passed a test that stays valid however
//! often one looks and over all signatures at once (`evidence`), and stays confirmed.
//!
//! [`Kind::Stall`] and [`Kind::Skip`] need more than counts, which do not tell which line starts work and which ends
//! it: see [`Watch::judge_with`].
//!
//! Pure. Reads no log text and opens no incident (`incident` does).

mod model;
mod onset;
mod silence;
mod stalled;
mod strip;
mod trial;
mod window;

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::baseline::{Baseline, Circumstances, Forecast, Noise, SelfCheck, SetAside, Spread};
use super::beside::{Beside, Versions};
use super::counts::{Counts, SignatureIndex};
use super::deploy::Deploy;
use super::overlap::Share;
use super::tasks::Tasks;
use crate::units::{Minute, Timestamp};
use model::Course;
use stalled::Weighed;
pub use strip::Strip;
use trial::Trial;
use window::{Seen, Window};

/// What may be configured about judging.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How long a deploy is watched.
    pub watch: Duration,
    /// How far back the baseline reaches before the deploy.
    pub baseline: Duration,
    /// The p below which a signature is a candidate.
    pub alpha: f64,
    /// The chance of any false confirmed finding in one healthy watch, over all its signatures.
    pub family_alpha: f64,
    /// Minutes of baseline below which nothing can be judged.
    pub least_baseline_minutes: u32,
    /// By how much larger the model's variances are taken than usual: 1; the self-check on past hours
    /// raises it further where it found more false alarms than promised.
    pub safety: f64,
    /// The signature that counts the traffic, by which the others are expected to rise and fall; it is
    /// itself no finding when it rises.
    pub traffic: Option<SignatureIndex>,
    /// Whether every signature gets the interval of its ratio, or findings only.
    pub all_intervals: bool,
    /// The zone by whose clock the hours of the day are told; `None` for UTC.
    pub zone: Option<TimeZone>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            watch: Duration::from_secs(60 * 60),
            baseline: Duration::from_secs(7 * 24 * 60 * 60),
            alpha: 0.05,
            family_alpha: 0.05,
            least_baseline_minutes: 60,
            safety: 1.0,
            traffic: None,
            all_intervals: false,
            zone: None,
        }
    }
}

/// In which way a signature changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// More frequent than its baseline.
    Rise,
    /// Never seen in the baseline.
    New,
    /// Less frequent than its baseline.
    Drop,
    /// Started work that does not finish.
    Stall,
    /// A step that finished work used to take, and leaves out.
    Skip,
    /// The whole source went quiet.
    Silent,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// `p` is below `alpha`: worth a look; healthy signatures get here too.
    Candidate,
    /// Survived the test that stays valid under continuous looking, over all signatures.
    Confirmed,
}

/// A verdict worth showing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Finding {
    /// In which way.
    pub kind: Kind,
    /// How sure.
    pub tier: Tier,
}

/// Work that finished since the deploy, of which fewer took a step than usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The signature that starts it.
    pub kind: SignatureIndex,
    /// How many pieces of it finished.
    pub n: u64,
}

/// The evidence from which on a signature is worth a line in the list: the heir of `p < 0.05` that may be
/// looked at any time.
pub const LISTED: f64 = 20.0;

/// What the evidence says about one signature after one deploy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assessment {
    /// Which signature; `None` for a finding about the whole source.
    pub signature: Option<SignatureIndex>,
    /// Events since the deploy, within the watch.
    pub observed: u64,
    /// Events by the mean rate of the baseline, for the minutes watched: what `p` compares with.
    pub expected: f64,
    /// Events by the hour of the day, the week before and the hours before the deploy: what `ratio`
    /// and `evidence` compare with.
    pub predicted: f64,
    /// One-tailed p-value of `observed` under `expected`; of a drop, the lower tail.
    pub p: f64,
    /// Rate over predicted rate; `None` without a baseline.
    pub ratio: Option<f64>,
    /// The lower end of the ratio: valid, with `ratio_high`, in 95 of 100 watches at every look at once.
    pub ratio_low: Option<f64>,
    /// The upper end of the ratio.
    pub ratio_high: Option<f64>,
    /// Evidence of the anytime-valid test (an e-value; 1 is none).
    pub evidence: f64,
    /// The most evidence there was at any look so far.
    pub peak: f64,
    /// The evidence that confirms; `None` for what is not judged by evidence.
    pub threshold: Option<f64>,
    /// How its counts scatter; `None` without a baseline.
    pub model: Option<Spread>,
    /// What earlier deploys brought of it in their first minutes; `None` where too few are known.
    pub noise: Option<Noise>,
    /// The minute of the watch since which the evidence is strongest; `None` without much evidence.
    pub onset: Option<u32>,
    /// How much of it the new version wrote, where lines tell their version and old and new wrote in the same
    /// minutes.
    pub beside: Option<Beside>,
    /// The finished work of which `observed` is a part; of a skipped step only.
    pub finished: Option<Finished>,
    /// Whether it is among those that a fault seems to have hit, of which few are innocent.
    pub affected: bool,
    /// Where several deploys are watched at the same time, how likely it came with each, likeliest first.
    pub shares: Vec<Share>,
    /// What is worth showing about it; `None` when it is steady.
    pub finding: Option<Finding>,
    /// Whether as many, or as few, are no candidate beside `predicted`: what differs from the mean of the baseline is
    /// the hour of the day and the hours before.
    pub explained: bool,
}

impl Assessment {
    /// Whether it is a candidate only because its hour is not like the mean of the baseline: as usual for this hour.
    #[must_use]
    pub fn is_as_usual(&self) -> bool {
        self.explained && self.finding.is_some() && !self.is_listed()
    }

    /// Whether it is worth a line in the list: confirmed, or with much evidence as it stands.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        let is_confirmed = self.finding.is_some_and(|finding| finding.tier == Tier::Confirmed);
        is_confirmed || (self.finding.is_some() && self.evidence >= LISTED)
    }
}

/// How many signatures are new, against how many would be in a healthy watch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Newcomers {
    /// Signatures that the baseline never saw.
    pub seen: usize,
    /// How many a healthy watch of this length would bring.
    pub expected: f64,
    /// One-tailed p-value of so many.
    pub p: f64,
}

/// What the evidence says about the deploy as a whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Overall {
    /// There is nothing to judge by; says why, in words fit for the header.
    CannotJudge(&'static str),
    /// No finding.
    Healthy,
    /// So many candidates beside those that are as usual for their hour, none confirmed.
    Candidates(usize),
    /// So many confirmed findings.
    Regressed(usize),
}

impl Overall {
    /// The verdict that these assessments give.
    pub(super) fn of<'a>(assessments: impl Iterator<Item = &'a Assessment>) -> Self {
        let told = assessments.filter(|assessment| !assessment.is_as_usual());
        let tiers = told.filter_map(|assessment| Some(assessment.finding?.tier));
        let (confirmed, candidates): (Vec<Tier>, Vec<Tier>) = tiers.partition(|tier| *tier == Tier::Confirmed);
        match (confirmed.len(), candidates.len()) {
            (0, 0) => Self::Healthy,
            (0, candidates) => Self::Candidates(candidates),
            (confirmed, _) => Self::Regressed(confirmed),
        }
    }
}

/// One look at one deploy.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// When it was made.
    pub at: Timestamp,
    /// Time since the deploy, at most the length of the watch.
    pub elapsed: Duration,
    /// Length of the watch.
    pub length: Duration,
    /// Minutes of the baseline that were observed.
    pub baseline_minutes: u32,
    /// Minutes of the watch that were observed.
    pub watched_minutes: f64,
    /// The verdict in a word.
    pub overall: Overall,
    /// How many signatures are new.
    pub newcomers: Newcomers,
    /// The traffic over what is usual then, where it is counted.
    pub traffic: Option<f64>,
    /// What the detector would have said of the days before.
    pub self_check: SelfCheck,
    /// Every signature with a baseline or an event in the watch, worst first.
    pub assessments: Vec<Assessment>,
}

impl Judgement {
    /// Whether the watch is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.elapsed >= self.length
    }

    /// Makes the verdict anew out of the findings that matter; where nothing can be judged, that stays.
    pub fn recount(&mut self, matters: impl Fn(&Assessment) -> bool) {
        if !matches!(self.overall, Overall::CannotJudge(_)) {
            self.overall = Overall::of(self.assessments.iter().filter(|assessment| matters(assessment)));
        }
    }

    /// Puts what is confirmed first, then what is listed by the lower end of its effect, then the others.
    pub fn sort_worst_first(assessments: &mut [Assessment]) {
        trial::sort_worst_first(assessments);
    }

    /// How many signatures are worth a line in the list.
    #[must_use]
    pub fn n_listed(&self) -> usize {
        self.assessments.iter().filter(|assessment| assessment.is_listed()).count()
    }
}

/// What is known beyond counts, in this run only.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beyond<'a> {
    /// Work that was started; `None` when that may be behind the counts, as while a source is still read to its
    /// end.
    pub tasks: Option<&'a Tasks>,
    /// What each version wrote.
    pub versions: Option<&'a Versions>,
    /// Minutes that must not teach what is usual.
    pub aside: Option<&'a SetAside>,
    /// Other deploys; those before this one tell what a restart brings.
    pub deploys: &'a [Deploy],
    /// When another deploy followed: work and versions say nothing of this one from then on.
    pub followed: Option<Timestamp>,
}

/// The watch over one deploy.
#[derive(Debug)]
pub struct Watch {
    deploy: Deploy,
    settings: Settings,
    /// What the days before predict, with what it was learned from.
    learned: Option<(Lessons, Baseline)>,
    progress: Progress,
    weighed: Weighed,
    favored: BTreeSet<SignatureIndex>,
}

/// What a baseline is learned from: the fingerprint of the counts, and what else is known of its days.
#[derive(Debug, PartialEq)]
struct Lessons {
    fingerprint: u64,
    known: Circumstances,
}

/// How far earlier looks got, so that a look costs what is new; valid while the counts of the settled
/// minutes are the same.
#[derive(Debug, Default)]
struct Progress {
    settled: u32,
    fingerprint: u64,
    seen: Seen,
    courses: Vec<Course>,
}

impl Watch {
    /// Opens the watch over a deploy.
    #[must_use]
    pub fn new(deploy: Deploy, settings: Settings) -> Self {
        Self {
            deploy,
            settings,
            learned: None,
            progress: Progress::default(),
            weighed: Weighed::default(),
            favored: BTreeSet::new(),
        }
    }

    /// The deploy watched.
    #[must_use]
    pub fn deploy(&self) -> &Deploy {
        &self.deploy
    }

    /// Names the signatures that are suspected before anything is counted, as those that speak of changed
    /// files: they are confirmed by less evidence, the others by a little more, so that the chance of any
    /// false confirmation stays the same. It must not be chosen by what the watch itself showed.
    pub fn favor(&mut self, signatures: impl IntoIterator<Item = SignatureIndex>) {
        self.favored = signatures.into_iter().collect();
    }

    /// Names the signature that counts the traffic; see [`Settings::traffic`].
    pub fn set_traffic(&mut self, traffic: Option<SignatureIndex>) {
        if self.settings.traffic != traffic {
            self.settings.traffic = traffic;
            self.progress = Progress::default();
        }
    }

    /// Takes over what was learned of the deploy later than when the watch was opened.
    pub fn rename(&mut self, deploy: Deploy) {
        if deploy.at != self.deploy.at {
            self.learned = None;
            self.weighed = Weighed::default();
            self.progress = Progress::default();
        }
        self.deploy = deploy;
    }

    /// Judges what is known at `now`.
    ///
    /// The minutes of the watch begin with the one after the deploy's, or with the deploy's own when it
    /// came in its first seconds. A function of the counts alone: judging again, later or after a
    /// restart, gives the same confirmed findings.
    pub fn judge(&mut self, counts: &Counts, now: Timestamp) -> Judgement {
        self.judge_with(counts, &Beyond::default(), now)
    }

    /// The same, and tells of work that does not finish, and of what a new version says beside an old one.
    pub fn judge_with(&mut self, counts: &Counts, beyond: &Beyond<'_>, now: Timestamp) -> Judgement {
        let range = self.baseline_range();
        let known = self.circumstances(beyond, &range);
        let lessons = Lessons { fingerprint: counts.fingerprint(range.clone()), known };
        let n_hours = usize::try_from(self.settings.watch.as_secs().div_ceil(3600)).unwrap_or(1).clamp(1, MOST_HOURS);
        let learned = self.learned.take().filter(|(of, _)| *of == lessons);
        if learned.is_none() {
            self.progress = Progress::default();
        }
        let learn = || {
            let baseline = Baseline::under(&lessons.known, counts, range.clone(), n_hours);
            (lessons, baseline)
        };
        let (_, baseline) = self.learned.insert(learned.unwrap_or_else(learn));
        let minutes = window::minutes_of(self.deploy.at, self.settings.watch);
        let begun = window::begun(&minutes, now);
        self.progress.read_on(counts, begun.clone());
        let Progress { seen, courses, .. } = &mut self.progress;
        let window = Window::new(seen, begun.clone(), now);
        let settled = window.settled();
        let elapsed = now.since(self.deploy.at).min(self.settings.watch);
        let alone = window::alone(&minutes, beyond.followed);
        let sides = window::sides(&self.deploy, &minutes, beyond, now);
        let trial = Trial::new(baseline, &self.settings, &self.favored, window, courses).with(sides);
        if let Some(tasks) = beyond.tasks {
            trial.weigh(tasks, &mut self.weighed, range, minutes.start..alone);
        }
        let judgement = trial.judge(&self.weighed.found, now, elapsed);
        self.progress.settle(counts, begun.start, settled);
        judgement
    }

    fn circumstances(&self, beyond: &Beyond<'_>, range: &Range<Minute>) -> Circumstances {
        let first = |deploy: &Deploy| window::minutes_of(deploy.at, self.settings.watch).start;
        let before = beyond.deploys.iter().filter(|deploy| deploy.at < self.deploy.at).map(first);
        Circumstances {
            aside: beyond.aside.cloned().unwrap_or_default(),
            restarts: before.filter(|minute| range.contains(minute)).collect(),
            zone: self.settings.zone.clone(),
        }
    }

    /// The whole minutes before the deploy that the baseline is learned from.
    #[must_use]
    pub fn baseline_range(&self) -> Range<Minute> {
        let end = self.deploy.at.minute();
        let length = i32::try_from(self.settings.baseline.as_secs() / 60).unwrap_or(i32::MAX);
        end.plus(-length)..end
    }

    /// Expected rate of a signature in the hour after the deploy, per minute, with the central 95 % of its
    /// healthy minutes.
    ///
    /// `None` before the first judgement, and for a signature without a baseline. A minute's count is
    /// taken for negative binomial, with the signature's burst factor and level variance.
    #[must_use]
    pub fn expected_per_minute(&self, signature: SignatureIndex) -> Option<(f64, (f64, f64))> {
        let (_, baseline) = self.learned.as_ref()?;
        let spread = baseline.spread(signature)?;
        let Forecast { expected: rate, burst, .. } = *baseline.forecasts(signature).first()?;
        Some((rate, band(rate, rate * burst + spread.level * rate * rate)))
    }
}

impl Progress {
    /// Reads what is new; starts again where something that was settled has changed, as by a late line.
    fn read_on(&mut self, counts: &Counts, begun: Range<Minute>) {
        let settled = minutes_from(begun.start, self.settled);
        if settled.end > begun.end || counts.fingerprint(settled) != self.fingerprint {
            *self = Self::default();
        }
        self.seen.read_on(counts, begun);
    }

    fn settle(&mut self, counts: &Counts, start: Minute, settled: u32) {
        // An earlier look may have come later.
        let settled = settled.max(self.settled);
        (self.settled, self.fingerprint) = (settled, counts.fingerprint(minutes_from(start, settled)));
        self.seen.settle(settled);
    }
}

fn minutes_from(start: Minute, n: u32) -> Range<Minute> {
    start..start.plus(i32::try_from(n).unwrap_or(i32::MAX))
}

/// Hours of a watch that are foretold apart; later ones are taken to be like the last.
const MOST_HOURS: usize = 24;

/// The central 95 % of a count with this mean and variance, by its negative binomial distribution.
fn band(mean: f64, variance: f64) -> (f64, f64) {
    // With many events a minute, the normal distribution is near enough for a band on a chart.
    if mean > 200.0 {
        let reach = 1.96 * variance.sqrt();
        return ((mean - reach).max(0.0).floor(), (mean + reach).ceil());
    }
    let shape = mean * mean / (variance - mean).max(mean * 1e-6);
    let share = mean / (mean + shape);
    let mut term = (shape * (-share).ln_1p()).exp();
    let (mut sum, mut count, mut low) = (term, 0.0, None);
    while sum < 0.975 && count < 10_000.0 {
        if sum >= 0.025 && low.is_none() {
            low = Some(count);
        }
        term *= share * (shape + count) / (count + 1.0);
        count += 1.0;
        sum += term;
    }
    (low.unwrap_or(count).min(count), count)
}

#[cfg(test)]
mod tests;
