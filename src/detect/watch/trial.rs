//! Tries every signature of a watch.

use std::cmp::Ordering;
use std::time::Duration;

use super::window::{Part, Window};
use super::{Assessment, Finding, Judgement, Kind, Overall, Settings, Tier};
use crate::detect::baseline::{Baseline, PRIOR_EVENTS, Spread};
use crate::detect::counts::SignatureIndex;
use crate::detect::evidence::{self, ONSETS, SinceOnsets};
use crate::detect::poisson;
use crate::units::Timestamp;

/// How the chance of any false confirmation is shared among the kinds of findings; adds up to 1.
const RISES_SHARE: f64 = 0.6;
const NEW_SHARE: f64 = 0.2;
const DROPS_SHARE: f64 = 0.2;

/// Real tails are heavier than the model's: its variances are taken this much larger.
const SAFETY: f64 = 1.2;

/// Events, scaled by bursts, that must be expected before their absence means anything.
const LEAST_FOR_DROP: f64 = 8.0;

/// Minutes without any line, and the chance of that, from which on a source counts as silent.
const SILENT_MINUTES: usize = 3;
const SILENT_CHANCE: f64 = 1e-6;

/// Shape of the prior rate of signatures never seen, and how far their repeats come in bursts.
const UNSEEN_SHAPE: f64 = 1.5;
const UNSEEN_BURST: f64 = 1.3;

/// By how much the hours before the deploy may move what is expected after it, either way.
const LEVEL_RANGE: (f64, f64) = (1.0 / 8.0, 8.0);
const LEAST_LEVEL_FOR_RISE: f64 = 0.5;

/// Everything that the trials of one look share.
pub(super) struct Bench<'a> {
    baseline: &'a Baseline,
    settings: &'a Settings,
    window: Window,
    /// Observed minutes before each minute of the watch, and at the end.
    observed_before: Vec<f64>,
    /// Minutes that count for what is expected: observed, and not part of a silence.
    exposure: f64,
    silence: Option<Silence>,
}

/// The source says nothing at the end of the watch.
struct Silence {
    expected: f64,
    chance: f64,
}

impl<'a> Bench<'a> {
    pub(super) fn new(baseline: &'a Baseline, settings: &'a Settings, mut window: Window) -> Self {
        let silence = find_silence(baseline, &mut window.minutes);
        let awake = window.minutes.iter().filter(|part| !part.silent);
        let exposure = awake.map(Part::exposure).sum();
        let observed_before = window.observed_before();
        Self { baseline, settings, window, observed_before, exposure, silence }
    }

    pub(super) fn judge(&self, at: Timestamp, elapsed: Duration) -> Judgement {
        let unfit = self.unfit();
        let mut assessments = self.assess_all();
        if unfit.is_some() {
            assessments.iter_mut().for_each(|assessment| assessment.finding = None);
        }
        assessments.sort_by(worst_first);
        let of_tier = |tier| {
            let found = assessments.iter().filter_map(|assessment| assessment.finding);
            found.filter(|finding| finding.tier == tier).count()
        };
        let overall = match (unfit, of_tier(Tier::Confirmed), of_tier(Tier::Candidate)) {
            (Some(why), _, _) => Overall::CannotJudge(why),
            (None, 0, 0) => Overall::Healthy,
            (None, 0, candidates) => Overall::Candidates(candidates),
            (None, confirmed, _) => Overall::Regressed(confirmed),
        };
        Judgement {
            at,
            elapsed,
            length: self.settings.watch,
            baseline_minutes: self.baseline.minutes(),
            watched_minutes: self.window.exposure(),
            overall,
            assessments,
        }
    }

    /// Why nothing can be said, if that is so.
    fn unfit(&self) -> Option<&'static str> {
        if self.baseline.minutes() < self.settings.least_baseline_minutes {
            return Some("too little baseline; import older logs with `aftercare baseline import`");
        }
        (self.window.exposure() <= 0.0).then_some("no minute after the deploy was observed yet")
    }

    fn assess_all(&self) -> Vec<Assessment> {
        let known: Vec<SignatureIndex> = self.baseline.signatures().collect();
        let threshold = |share: f64, n: usize| (n.max(1) as f64 / (share * self.settings.family_alpha)).ln();
        let for_rise = threshold(RISES_SHARE, known.len());
        let n_droppable = known.iter().filter(|signature| self.may_drop(**signature)).count();
        let for_drop = threshold(DROPS_SHARE, n_droppable);
        let mut found: Vec<Assessment> =
            known.iter().map(|signature| self.assess_known(*signature, for_rise, for_drop)).collect();
        found.extend(self.assess_newcomers());
        found.extend(self.silence.as_ref().map(|silence| Assessment {
            signature: None,
            observed: 0,
            expected: silence.expected,
            p: silence.chance,
            ratio: Some(0.0),
            evidence: 1.0 / silence.chance.max(f64::MIN_POSITIVE),
            finding: Some(Finding { kind: Kind::Silent, tier: Tier::Confirmed }),
        }));
        found
    }

    fn assess_known(&self, signature: SignatureIndex, for_rise: f64, for_drop: f64) -> Assessment {
        let rate = self.baseline.rate(signature);
        let observed = self.window.events(signature).iter().fold(0_u64, |sum, (_, n)| sum + u64::from(*n));
        let expected = rate * self.exposure;
        let p = poisson::at_least(observed, expected);
        let ratio = (expected > 0.0).then(|| observed as f64 / expected);
        let spread = self.baseline.spread(signature);
        let model = spread.map(|spread| Model::new(spread, rate, self.baseline.events(signature)));
        let (rise, rise_ever) = model.as_ref().map_or((0.0, 0.0), |model| self.rise(signature, model));
        let mut assessment = Assessment {
            signature: Some(signature),
            observed,
            expected,
            p,
            ratio,
            evidence: rise.exp(),
            finding: finding(Kind::Rise, rise_ever >= for_rise, p < self.settings.alpha && observed as f64 > expected),
        };
        if assessment.finding.is_none()
            && let Some(model) = model.filter(|_| self.may_drop(signature))
        {
            let (drop, drop_ever, p) = self.drop(signature, &model);
            assessment.finding = finding(Kind::Drop, drop_ever >= for_drop, p < self.settings.alpha);
            if assessment.finding.is_some() {
                (assessment.p, assessment.evidence) = (p, drop.exp());
            }
        }
        assessment
    }

    /// Evidence for a rise as it stands, and the most there ever was; natural logarithms.
    ///
    /// Between events it only falls, so it is looked at with each minute that has any, and at the end.
    fn rise(&self, signature: SignatureIndex, model: &Model) -> (f64, f64) {
        let predicted = model.rate * model.level.max(LEAST_LEVEL_FOR_RISE) / model.burst;
        let mut since = SinceOnsets::default();
        let mut ever = 0.0_f64;
        let mut last = f64::NEG_INFINITY;
        for &(minute, n) in self.window.events(signature) {
            since.add(minute, f64::from(n) / model.burst);
            last = self.rise_at(minute + 1, &since, predicted, model);
            ever = ever.max(last);
        }
        let end = u32::try_from(self.window.minutes.len()).unwrap_or(u32::MAX);
        if last > f64::NEG_INFINITY {
            last = self.rise_at(end, &since, predicted, model);
        }
        (last.clamp(0.0, 700.0), ever.max(last))
    }

    fn rise_at(&self, end: u32, since: &SinceOnsets, predicted: f64, model: &Model) -> f64 {
        let reached = |onset: u32| onset < end;
        let each = since.each((model.burst - 1.0).clamp(0.0, 1.0)).filter(|(onset, ..)| reached(*onset));
        let most = each.fold(f64::NEG_INFINITY, |most, (onset, weight, events)| {
            let predicted = predicted * self.observed_between(onset, end);
            if weight + evidence::ln_bound(events, predicted, model.prior) <= most {
                return most;
            }
            most.max(weight + evidence::ln_rise(events, predicted, model.prior))
        });
        evidence::ln_capped(most, model.spikes, self.observed_between(0, end))
    }

    fn observed_between(&self, from: u32, to: u32) -> f64 {
        let at = |minute: u32| {
            let place = (minute as usize).min(self.observed_before.len().saturating_sub(1));
            self.observed_before.get(place).copied().unwrap_or(0.0)
        };
        (at(to) - at(from)).max(0.0)
    }

    /// Whether enough is expected of the signature within an hour for its absence to mean anything.
    fn may_drop(&self, signature: SignatureIndex) -> bool {
        let Some(spread) = self.baseline.spread(signature) else { return false };
        let hour = self.settings.watch.as_secs_f64() / 60.0;
        self.baseline.rate(signature) * hour / spread.burst >= LEAST_FOR_DROP
    }

    /// Evidence for a drop as it stands, the most there ever was, and the lower tail.
    fn drop(&self, signature: SignatureIndex, model: &Model) -> (f64, f64, f64) {
        let mut of_minute = vec![0_u32; self.window.minutes.len()];
        for &(minute, n) in self.window.events(signature) {
            if let Some(count) = of_minute.get_mut(minute as usize) {
                *count = n;
            }
        }
        let predicted = model.rate * model.level.min(1.0) / model.burst;
        let (mut seen, mut telling) = ([0.0; ONSETS.len()], [0.0; ONSETS.len()]);
        let (mut last, mut ever, mut total) = (f64::NEG_INFINITY, 0.0_f64, 0_u64);
        for (minute, (part, n)) in self.window.minutes.iter().zip(&of_minute).enumerate() {
            if part.silent || !part.tells_absence() {
                continue;
            }
            total += u64::from(*n);
            last = f64::NEG_INFINITY;
            for (place, (_, weight)) in ONSETS.iter().enumerate().filter(|(_, (onset, _))| *onset as usize <= minute) {
                seen[place] += f64::from(*n) / model.burst;
                telling[place] += predicted;
                last = last.max(weight.ln() + evidence::ln_drop(seen[place], telling[place], model.prior));
            }
            ever = ever.max(last);
        }
        let expected = model.rate * self.window.telling();
        let is_enough = expected / model.burst >= LEAST_FOR_DROP;
        let p = if is_enough { poisson::at_most(total, expected) } else { 1.0 };
        (last.clamp(0.0, 700.0), ever, p)
    }

    /// Signatures that the baseline never saw, in the order in which they came.
    ///
    /// The first line of each is spent on discovery; what convicts is that it comes again. The j-th
    /// newcomer has to be `j (j + 1)` times as convincing, so that any number of them is no excuse.
    fn assess_newcomers(&self) -> Vec<Assessment> {
        let is_new = |signature: &SignatureIndex| self.baseline.events(*signature) == 0;
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
        let observed = events.iter().fold(0_u64, |sum, (_, n)| sum + u64::from(*n));
        let baseline_minutes = f64::from(self.baseline.minutes().max(1));
        let first = events.first().map_or(0, |(minute, _)| *minute);
        let mut last = 0.0_f64;
        let mut ever = 0.0_f64;
        for (repeats, &(minute, _)) in events.iter().enumerate() {
            let predicted = self.observed_between(first, minute + 1) * UNSEEN_SHAPE / baseline_minutes / UNSEEN_BURST;
            last = evidence::ln_repeat(repeats as f64 / UNSEEN_BURST, predicted, UNSEEN_SHAPE);
            ever = ever.max(last);
        }
        let p = poisson::predictive_at_least(observed, self.exposure, PRIOR_EVENTS, baseline_minutes);
        Assessment {
            signature: Some(signature),
            observed,
            expected: 0.0,
            p,
            ratio: None,
            evidence: last.clamp(0.0, 700.0).exp(),
            finding: finding(Kind::New, ever >= threshold, p < self.settings.alpha),
        }
    }
}

/// One signature's counts under the null: bursts, and a level that wanders.
struct Model {
    rate: f64,
    burst: f64,
    level: f64,
    spikes: f64,
    /// Shape of the level's Gamma distribution: one over its variance.
    prior: f64,
}

impl Model {
    fn new(spread: Spread, rate: f64, events: u64) -> Self {
        let burst = 1.0 + SAFETY * (spread.burst - 1.0).max(0.0);
        let unsure = burst / (events as f64 + PRIOR_EVENTS);
        Self {
            rate,
            burst,
            level: spread.recent.clamp(LEVEL_RANGE.0, LEVEL_RANGE.1),
            spikes: spread.spikes,
            prior: 1.0 / (SAFETY * spread.level + unsure),
        }
    }
}

fn finding(kind: Kind, confirmed: bool, candidate: bool) -> Option<Finding> {
    let tier = if confirmed { Tier::Confirmed } else { Tier::Candidate };
    (confirmed || candidate).then_some(Finding { kind, tier })
}

/// Marks the minutes of every silence of the whole source; returns the one at the end, if any.
fn find_silence(baseline: &Baseline, minutes: &mut [Part]) -> Option<Silence> {
    let (events, spread) = baseline.total()?;
    let rate = events as f64 / f64::from(baseline.minutes().max(1));
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
        let n_quiet = minutes.get(start..end).map_or(0, |run| run.iter().filter(|part| part.passed >= 1.0).count());
        if n_quiet >= SILENT_MINUTES && chance(n_quiet) < SILENT_CHANCE {
            minutes.iter_mut().take(end).skip(start).for_each(|part| part.silent = true);
            last = (end == minutes.len()).then(|| Silence { expected: rate * n_quiet as f64, chance: chance(n_quiet) });
        }
        start = end + 1;
    }
    last
}

/// Confirmed before candidates before steady; then by the lower end of the effect; then by index.
fn worst_first(a: &Assessment, b: &Assessment) -> Ordering {
    let tier = |it: &Assessment| it.finding.map(|finding| finding.tier);
    let is_whole = |it: &Assessment| it.signature.is_none();
    let by_effect = || effect(b).total_cmp(&effect(a));
    let by_observed = || b.observed.cmp(&a.observed);
    let order = tier(b).cmp(&tier(a)).then_with(|| is_whole(b).cmp(&is_whole(a)));
    let order = if a.finding.is_some() { order.then_with(by_effect) } else { order };
    order.then_with(by_observed).then_with(|| a.signature.cmp(&b.signature))
}

/// The lower end of how many times more (or less) frequent it is, as a number above 0.
fn effect(it: &Assessment) -> f64 {
    let observed = it.observed as f64;
    let expected = it.expected.max(PRIOR_EVENTS);
    match it.finding.map(|finding| finding.kind) {
        Some(Kind::Drop | Kind::Silent) => expected / (observed + 2.0 * (observed + 1.0).sqrt()),
        Some(Kind::Rise | Kind::New | Kind::Stall) | None => (observed - 2.0 * observed.sqrt()).max(0.0) / expected,
    }
}
