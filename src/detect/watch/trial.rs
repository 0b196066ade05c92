//! Tries every signature of a watch.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::Duration;

use super::model::{Course, Evidence, LEAST_FOR_DROP, Model};
use super::silence::{self, Silence};
use super::window::Window;
use super::{Assessment, Finding, Judgement, Kind, Newcomers, Overall, Settings, Tier};
use crate::detect::baseline::{Baseline, PRIOR_EVENTS};
use crate::detect::beside::Sides;
use crate::detect::counts::{SignatureIndex, at};
use crate::detect::evidence;
use crate::detect::poisson;
use crate::detect::tasks::Weighing;
use crate::units::Timestamp;

/// How the chance of any false confirmation in a watch, [`Settings::family_alpha`], is shared among the kinds of
/// findings.
///
/// Each kind spends at most its share: rises, drops, stalls and skips by the union bound over their signatures, by
/// weight, with Ville's inequality for each; newcomers because `1/(j (j + 1))` adds up to 1 over all `j`; silences
/// because one may begin in each minute. So the chances of all kinds together add up to no more than what is promised,
/// as far as the models hold; where few signatures share, the least evidence that confirms spends much less.
const RISES_SHARE: f64 = 0.58;
const NEW_SHARE: f64 = 0.13;
const DROPS_SHARE: f64 = 0.1;
pub(super) const STALLS_SHARE: f64 = 0.12;
pub(super) const SKIPS_SHARE: f64 = 0.05;
pub(super) const SILENCE_SHARE: f64 = 0.02;

/// They add up to all of it: checked when this is compiled, in thousandths.
const _: () = {
    let all = RISES_SHARE + NEW_SHARE + DROPS_SHARE + STALLS_SHARE + SKIPS_SHARE + SILENCE_SHARE;
    assert!(all > 0.999 && all < 1.001);
};

/// By how much more a favored signature is suspected than another.
const FAVOR: f64 = 5.0;

/// The worst signatures, each of which gets an interval where it is a finding; more than are shown.
const INTERVALS: usize = 1_000;

/// The least evidence that confirms, however few signatures share the chance of a false confirmation:
/// nobody watches one deploy only. Of work it is less, because what is weighed there is not left to
/// a model of levels and bursts.
const LEAST_CONFIRMING: f64 = 10_000.0;
pub(super) const LEAST_FOR_STALL: f64 = 167.0;
pub(super) const LEAST_FOR_SKIP: f64 = 1_000.0;

/// Shape of the prior rate of signatures never seen, and how far their repeats come in bursts at most,
/// and for each unit of the pooled burst factor above 1.
pub(super) const UNSEEN_SHAPE: f64 = 1.5;
const UNSEEN_BURST: (f64, f64) = (1.6, 1.0 / 3.0);

/// Everything that the trials of one look share.
pub(super) struct Trial<'a> {
    baseline: &'a Baseline,
    pub(super) settings: &'a Settings,
    favored: &'a BTreeSet<SignatureIndex>,
    pub(super) window: Window<'a>,
    silence: Option<Silence>,
    sides: Sides,
    courses: &'a mut Vec<Course>,
}

/// The evidence that confirms, shared among so many signatures.
struct Thresholds {
    rise: Threshold,
    drop: Threshold,
}

/// Evidence, with its natural logarithm.
#[derive(Clone, Copy, Debug)]
struct Threshold {
    ln: f64,
    evidence: f64,
}

impl From<f64> for Threshold {
    fn from(ln: f64) -> Self {
        Self { ln, evidence: ln.exp() }
    }
}

impl<'a> Trial<'a> {
    /// `courses` is what earlier looks came to, by signature; empty at the first.
    pub(super) fn new(
        baseline: &'a Baseline,
        settings: &'a Settings,
        favored: &'a BTreeSet<SignatureIndex>,
        mut window: Window<'a>,
        courses: &'a mut Vec<Course>,
    ) -> Self {
        let silence = prepare(baseline, settings, &mut window);
        Self { baseline, settings, favored, window, silence, sides: Sides::default(), courses }
    }

    /// Takes into account what old and new version wrote in the same minutes.
    pub(super) fn with(self, sides: Sides) -> Self {
        Self { sides, ..self }
    }

    pub(super) fn judge(mut self, work: &Weighing, at: Timestamp, elapsed: Duration) -> Judgement {
        let unfit = self.unfit();
        let mut assessments = self.assess_all();
        self.assess_stalls(&work.stalls, &mut assessments);
        self.assess_skips(&work.skips, &mut assessments);
        if unfit.is_some() {
            assessments.iter_mut().for_each(|assessment| assessment.finding = None);
        }
        self.name_the_affected(&mut assessments);
        sort_worst_first(&mut assessments);
        assessments.iter_mut().take(INTERVALS).for_each(|assessment| self.bound(assessment));
        let overall = match unfit {
            Some(why) => Overall::CannotJudge(why),
            None => Overall::of(assessments.iter()),
        };
        Judgement {
            at,
            elapsed,
            length: self.settings.watch,
            baseline_minutes: self.baseline.minutes(),
            watched_minutes: self.window.exposure(),
            overall,
            newcomers: self.newcomers(&assessments),
            traffic: self.settings.traffic.map(|_| self.window.mean_traffic()),
            self_check: self.baseline.self_check(),
            assessments,
        }
    }

    /// Gives a finding the interval of its ratio.
    fn bound(&self, assessment: &mut Assessment) {
        let Some(signature) = assessment.signature.filter(|_| assessment.finding.is_some()) else { return };
        let is_stall = assessment.finding.is_some_and(|finding| matches!(finding.kind, Kind::Stall | Kind::Skip));
        if assessment.ratio_low.is_none()
            && !is_stall
            && let Some(model) = Model::new(self.baseline, signature, self.safety())
        {
            (assessment.ratio_low, assessment.ratio_high) = model.ratios(signature, &self.window).unzip();
        }
    }

    fn safety(&self) -> f64 {
        self.settings.safety * self.baseline.self_check().safety
    }

    /// Why nothing can be said, if that is so.
    fn unfit(&self) -> Option<&'static str> {
        if self.baseline.minutes() < self.settings.least_baseline_minutes {
            return Some("too little baseline; import older logs with `aftercare baseline import`");
        }
        (self.window.exposure() <= 0.0).then_some("no minute after the deploy was observed yet")
    }

    fn assess_all(&mut self) -> Vec<Assessment> {
        let known = self.baseline.signatures();
        let safety = self.safety();
        let model = |signature| Some((signature, Model::new(self.baseline, signature, safety)?));
        let models: Vec<(SignatureIndex, Model<'_>)> = known.filter_map(model).collect();
        let mut courses = std::mem::take(self.courses);
        let rises = self.share(models.iter().map(|(signature, _)| *signature));
        let may_drop = models.iter().filter(|(_, model)| model.may_drop());
        let drops = self.share(may_drop.map(|(signature, _)| *signature));
        let shared = |weight: f64| {
            let by = |among: f64| self.threshold_by(among, LEAST_CONFIRMING, weight);
            Thresholds {
                rise: Threshold::from(by(rises / RISES_SHARE)),
                drop: Threshold::from(by(drops / DROPS_SHARE)),
            }
        };
        let (plain, favored) = (shared(1.0), shared(FAVOR));
        let assess = |(signature, model): &(SignatureIndex, Model<'_>)| {
            let thresholds = if self.favored.contains(signature) { &favored } else { &plain };
            self.assess(*signature, model, thresholds, at(&mut courses, signature.0))
        };
        let mut found: Vec<Assessment> = models.iter().map(assess).collect();
        *self.courses = courses;
        found.extend(self.assess_newcomers());
        found.extend(self.silence.as_ref().map(|silence| Assessment {
            expected: silence.expected,
            predicted: silence.expected,
            p: silence.chance,
            ratio: Some(0.0),
            evidence: 1.0 / silence.chance.max(f64::MIN_POSITIVE),
            peak: 1.0 / silence.chance.max(f64::MIN_POSITIVE),
            onset: Some(silence.since),
            finding: Some(Finding { kind: Kind::Silent, tier: Tier::Confirmed }),
            ..Assessment::default()
        }));
        found
    }

    /// What a signature weighs when the chance of a false confirmation is shared.
    fn weight(&self, signature: SignatureIndex) -> f64 {
        if self.favored.contains(&signature) { FAVOR } else { 1.0 }
    }

    pub(super) fn share(&self, signatures: impl Iterator<Item = SignatureIndex>) -> f64 {
        signatures.map(|signature| self.weight(signature)).sum()
    }

    /// The natural logarithm of the evidence that confirms: each signature has its part of the chance, by
    /// its weight among so many.
    pub(super) fn threshold(&self, among: f64, least: f64, signature: SignatureIndex) -> f64 {
        self.threshold_by(among, least, self.weight(signature))
    }

    fn threshold_by(&self, among: f64, least: f64, weight: f64) -> f64 {
        ((among / self.settings.family_alpha).max(least) / weight).ln()
    }

    fn assess(
        &self,
        signature: SignatureIndex,
        model: &Model<'_>,
        thresholds: &Thresholds,
        course: &mut Course,
    ) -> Assessment {
        let observed = self.window.observed(signature);
        let expected = self.baseline.rate(signature) * self.window.awake();
        let predicted = model.expected(&self.window);
        let p = poisson::at_least(observed, expected);
        let is_traffic = self.settings.traffic == Some(signature);
        let rise = if is_traffic { Evidence::default() } else { model.rise(signature, &self.window, &mut course.rise) };
        let beside = self.sides.of(signature, model.scale()).filter(|_| !is_traffic);
        let rise = beside.map_or(rise, |beside| rise.shared_with(&beside));
        let mut assessment = Assessment {
            signature: Some(signature),
            observed,
            expected,
            predicted,
            p,
            ratio: (predicted > 0.0).then(|| observed as f64 / predicted),
            evidence: rise.value(),
            threshold: Some(thresholds.rise.evidence),
            model: self.baseline.spread(signature),
            noise: self.baseline.noise(signature).copied(),
            peak: rise.peak(),
            onset: is_listed(&rise).then_some(rise.onset),
            beside,
            finding: finding(
                Kind::Rise,
                &rise,
                thresholds.rise.ln,
                !is_traffic && p < self.settings.alpha && observed as f64 > expected,
            ),
            ..Assessment::default()
        };
        if model.may_drop() {
            let drop = model.drop(signature, &self.window, &mut course.drop);
            if assessment.finding.is_none() {
                self.assess_drop(signature, &drop, thresholds.drop, &mut assessment);
            }
        }
        assessment.explained = self.is_explained(&assessment);
        if assessment.is_listed() || self.settings.all_intervals {
            (assessment.ratio_low, assessment.ratio_high) = model.ratios(signature, &self.window).unzip();
        }
        assessment
    }

    fn assess_drop(
        &self,
        signature: SignatureIndex,
        drop: &Evidence,
        threshold: Threshold,
        assessment: &mut Assessment,
    ) {
        let expected = self.baseline.rate(signature) * self.window.telling();
        let is_enough = expected >= LEAST_FOR_DROP;
        let p = if is_enough { poisson::at_most(self.window.telling_events(signature), expected) } else { 1.0 };
        assessment.finding = finding(Kind::Drop, drop, threshold.ln, p < self.settings.alpha);
        if assessment.finding.is_some() {
            (assessment.p, assessment.evidence, assessment.peak) = (p, drop.value(), drop.peak());
            assessment.onset = is_listed(drop).then_some(drop.onset);
            assessment.threshold = Some(threshold.evidence);
        }
    }

    /// Whether the same test finds nothing beside what is predicted for these hours.
    fn is_explained(&self, assessment: &Assessment) -> bool {
        let (observed, predicted) = (assessment.observed, assessment.predicted);
        match assessment.finding.map(|finding| finding.kind) {
            Some(Kind::Rise) => predicted > 0.0 && poisson::at_least(observed, predicted) >= self.settings.alpha,
            Some(Kind::Drop) => poisson::at_most(observed, predicted) >= self.settings.alpha,
            Some(Kind::New | Kind::Stall | Kind::Skip | Kind::Silent) | None => false,
        }
    }

    /// Signatures that the baseline never saw, in the order in which they came.
    ///
    /// The first line of each is spent on discovery; what convicts is that it comes again. The j-th
    /// newcomer has to be `j (j + 1)` times as convincing, so that any number of them is no excuse.
    fn assess_newcomers(&self) -> Vec<Assessment> {
        let is_new = |signature: &SignatureIndex| {
            self.baseline.events(*signature) == 0 && self.settings.traffic != Some(*signature)
        };
        let first = |signature: &SignatureIndex| self.window.events(*signature).first().map(|(minute, _)| *minute);
        let mut newcomers: Vec<SignatureIndex> = self.window.signatures().filter(is_new).collect();
        newcomers.sort_by_key(|signature| (first(signature), *signature));
        let assess = |(place, signature): (usize, &SignatureIndex)| {
            let j = place as f64 + 1.0;
            let threshold = (j * (j + 1.0) / (NEW_SHARE * self.settings.family_alpha)).ln();
            self.assess_newcomer(*signature, threshold)
        };
        newcomers.iter().enumerate().map(assess).collect()
    }

    fn assess_newcomer(&self, signature: SignatureIndex, threshold: f64) -> Assessment {
        let events = self.window.events(signature);
        let observed = self.window.observed(signature);
        let baseline_minutes = f64::from(self.baseline.minutes().max(1));
        let first = events.first().map_or(0, |(minute, _)| *minute);
        let mut found = Evidence { now: 0.0, ever: 0.0, onset: first };
        for (repeats, &(minute, _)) in (0_u32..).zip(events) {
            found.now = ln_repeats(self.baseline, &self.window, repeats, (first, minute + 1));
            found.ever = found.ever.max(found.now);
        }
        let burst = unseen_burst(self.baseline);
        let p = poisson::predictive_at_least(observed, self.window.awake(), PRIOR_EVENTS, baseline_minutes);
        Assessment {
            signature: Some(signature),
            observed,
            p,
            evidence: found.value(),
            threshold: Some(threshold.exp()),
            peak: found.peak(),
            onset: Some(first),
            beside: self.sides.of(signature, burst),
            finding: finding(Kind::New, &found, threshold, p < self.settings.alpha),
            ..Assessment::default()
        }
    }

    /// How many signatures are new, and how many would be in a healthy watch.
    ///
    /// Those that were seen exactly once tell how many are still unseen.
    ///
    /// Source: Good, The population frequencies of species (1953).
    fn newcomers(&self, assessments: &[Assessment]) -> Newcomers {
        let is_new = |it: &&Assessment| it.signature.is_some_and(|signature| self.baseline.events(signature) == 0);
        let seen = assessments.iter().filter(is_new).count();
        let share = self.window.awake() / f64::from(self.baseline.minutes().max(1));
        let expected = self.baseline.singletons() as f64 * share;
        let p = poisson::predictive_at_least(seen as u64, share, self.baseline.singletons() as f64 + PRIOR_EVENTS, 1.0);
        Newcomers { seen, expected, p }
    }

    /// Marks all signatures that a fault seems to have hit, with a share of at most `family_alpha` of false
    /// ones, whatever depends on what. A look later it may be others: this is not kept.
    ///
    /// Source: Wang and Ramdas, False discovery rate control with e-values (2022).
    fn name_the_affected(&self, assessments: &mut [Assessment]) {
        let n = assessments.iter().filter(|it| it.finding.is_none_or(|finding| finding.kind == Kind::Rise)).count();
        let is_rise = |it: &Assessment| it.finding.is_some_and(|finding| finding.kind == Kind::Rise);
        let mut rises: Vec<&mut Assessment> = assessments.iter_mut().filter(|it| is_rise(it)).collect();
        rises.sort_by(|a, b| b.evidence.total_cmp(&a.evidence));
        let alpha = RISES_SHARE * self.settings.family_alpha;
        let enough = |(place, it): (usize, &&mut Assessment)| it.evidence * alpha * (place as f64 + 1.0) >= n as f64;
        let n_named = rises.iter().enumerate().filter(|it| enough(*it)).map(|(place, _)| place + 1).max().unwrap_or(0);
        rises.into_iter().take(n_named).for_each(|it| it.affected = true);
    }
}

/// The evidence of so many occupied minutes after the first one, in the minutes between two.
fn ln_repeats(baseline: &Baseline, window: &Window<'_>, repeats: u32, (first, end): (u32, u32)) -> f64 {
    let burst = unseen_burst(baseline);
    let baseline_minutes = f64::from(baseline.minutes().max(1));
    let predicted = window.observed_between(first, end) * UNSEEN_SHAPE / baseline_minutes / burst;
    // Of those that come in bursts, the largest one does not count.
    let counted = (f64::from(repeats) - (burst - 1.0)).max(0.0) / burst;
    evidence::ln_repeat(counted, predicted, UNSEEN_SHAPE)
}

/// The evidence on a signature never seen before, at the end of each minute; as where it is judged, it stays between
/// its minutes.
pub(super) fn repeats_each_minute(baseline: &Baseline, window: &Window<'_>, signature: SignatureIndex) -> Vec<f64> {
    let events = window.events(signature);
    let first = events.first().map_or(0, |(minute, _)| *minute);
    let mut now = 0.0;
    let of_minute = |minute: u32| {
        let n_before = events.partition_point(|(at, _)| *at < minute);
        if events.get(n_before).is_some_and(|(at, _)| *at == minute) {
            now = ln_repeats(baseline, window, u32::try_from(n_before).unwrap_or(u32::MAX), (first, minute + 1));
        }
        now
    };
    (0..window.end()).map(of_minute).collect()
}

/// How far the repeats of signatures never seen come in bursts.
pub(super) fn unseen_burst(baseline: &Baseline) -> f64 {
    (1.0 + (baseline.pool_burst() - 1.0) * UNSEEN_BURST.1).min(UNSEEN_BURST.0)
}

/// Marks what of a window is silence and how busy each minute was; returns the silence at its end, if any.
pub(super) fn prepare(baseline: &Baseline, settings: &Settings, window: &mut Window<'_>) -> Option<Silence> {
    let silence = silence::find(baseline, settings, window);
    if let Some(traffic) = settings.traffic {
        let forecasts = baseline.forecasts(traffic);
        let of_hour = |minute: u32| forecasts.get((minute / 60) as usize).or(forecasts.last());
        window.set_traffic(traffic, |minute| of_hour(minute).map_or(0.0, |forecast| forecast.expected));
    }
    window.count_observed();
    silence
}

/// Whether the evidence as it stands is worth a line in the list.
fn is_listed(evidence: &Evidence) -> bool {
    evidence.now >= super::LISTED.ln()
}

fn finding(kind: Kind, evidence: &Evidence, threshold: f64, candidate: bool) -> Option<Finding> {
    let confirmed = evidence.ever >= threshold;
    let tier = if confirmed { Tier::Confirmed } else { Tier::Candidate };
    (confirmed || candidate || is_listed(evidence)).then_some(Finding { kind, tier })
}

/// Confirmed before listed before candidates before what is as usual for the hour before steady; what is listed by the
/// lower end of the effect, other candidates by the evidence; then the more frequent first; then by index.
pub(super) fn sort_worst_first(assessments: &mut [Assessment]) {
    type Order = (Option<Tier>, bool, bool, bool, [u64; 3]);
    let order_of = |it: &Assessment| -> Order {
        // Numbers that are not negative are in the order of their bits.
        let bits = |number: f64, counts: bool| if counts { number.max(0.0).to_bits() } else { 0 };
        let is_listed = it.is_listed();
        let effect = if is_listed { effect(it) } else { 0.0 };
        let numbers = [bits(effect, is_listed), bits(it.evidence, it.finding.is_some()), it.observed];
        (it.finding.map(|finding| finding.tier), is_listed, !it.is_as_usual(), it.signature.is_none(), numbers)
    };
    let mut order: Vec<(Reverse<Order>, Option<SignatureIndex>, usize)> =
        assessments.iter().enumerate().map(|(at, it)| (Reverse(order_of(it)), it.signature, at)).collect();
    order.sort_unstable();
    let mut from: Vec<usize> = order.into_iter().map(|(_, _, at)| at).collect();
    // Along each cycle of places, so that every one is moved once.
    for start in 0..from.len() {
        let first = std::mem::take(&mut assessments[start]);
        let mut place = start;
        loop {
            let next = std::mem::replace(&mut from[place], place);
            if next == start {
                break;
            }
            assessments[place] = std::mem::take(&mut assessments[next]);
            place = next;
        }
        assessments[place] = first;
    }
}

/// The lower end of how many times more (or less) frequent it is, as a number above 0.
fn effect(it: &Assessment) -> f64 {
    let observed = it.observed as f64;
    match it.finding.map(|finding| finding.kind) {
        Some(Kind::Drop | Kind::Silent) => it.ratio_high.map_or(it.predicted, |high| 1.0 / high.max(f64::MIN_POSITIVE)),
        Some(Kind::New) => (observed - 2.0 * observed.sqrt()).max(0.0) / PRIOR_EVENTS,
        Some(Kind::Stall) => (observed - 2.0 * observed.sqrt()).max(0.0) / (it.expected + PRIOR_EVENTS),
        Some(Kind::Skip) => (it.expected + PRIOR_EVENTS) / (observed + PRIOR_EVENTS),
        Some(Kind::Rise) | None => it.ratio_low.unwrap_or(0.0),
    }
}
