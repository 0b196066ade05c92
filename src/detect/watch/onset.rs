//! Tells after which of several deploys a signature changed, by the minutes in which it did.
//!
//! One time line goes from the first of the deploys to now, with what the days before the first of them predict. The
//! change is supposed to have begun in any of its minutes, the sooner after a deploy the likelier; the counts say which
//! of these suppositions holds. What the first deploy broke before the second came is so not laid to the second.

use super::model::Model;
use super::trial::{self, UNSEEN_SHAPE, prepare};
use super::window::{self, Seen, Window};
use super::{Kind, Watch};
use crate::detect::SignatureIndex;
use crate::detect::baseline::Baseline;
use crate::detect::counts::Counts;
use crate::detect::evidence::{self, Change, ONSETS, Since};
use crate::units::{Minute, Timestamp};

/// Minutes in which the last of the suspected onsets is spread.
const LAST_ONSETS: u32 = 30;

impl Watch {
    /// For each of these signatures the chance that it changed after each of these deploys, of which the first is that
    /// of this watch; they add up to 1. `None` where nothing tells.
    ///
    /// `found` says in which way each was found to have changed. Needs a judgement of this watch before it.
    pub(in crate::detect) fn began_after(
        &self,
        counts: &Counts,
        found: &[(SignatureIndex, Kind)],
        deploys: &[Timestamp],
        now: Timestamp,
    ) -> Vec<Option<Vec<f64>>> {
        let Some((_, baseline)) = &self.learned else { return vec![None; found.len()] };
        let start = window::minutes_of(self.deploy.at, self.settings.watch).start;
        let range = window::begun(&(start..now.minute().plus(1)), now);
        let mut seen = Seen::default();
        seen.read_on(counts, range.clone());
        let mut window = Window::new(&seen, range, now);
        prepare(baseline, &self.settings, &mut window);
        let priors = priors(start, window.end(), deploys);
        let safety = self.settings.safety * baseline.self_check().safety;
        let tell = |&(signature, kind): &(SignatureIndex, Kind)| {
            let (change, minutes, prior) = minutes_of(baseline, &window, signature, kind, safety)?;
            shares(change, &minutes, prior, &priors)
        };
        found.iter().map(tell).collect()
    }
}

/// The scaled events of each minute, and what is predicted for it.
type Minutes = Vec<(f64, f64)>;

fn minutes_of(
    baseline: &Baseline,
    window: &Window<'_>,
    signature: SignatureIndex,
    kind: Kind,
    safety: f64,
) -> Option<(Change, Minutes, f64)> {
    let change = match kind {
        Kind::Rise | Kind::New if baseline.events(signature) == 0 => Change::Repeat,
        Kind::Rise | Kind::New => Change::Rise,
        Kind::Drop => Change::Drop,
        // Of these there is no rate of events to look at.
        Kind::Stall | Kind::Skip | Kind::Silent => return None,
    };
    if change == Change::Repeat {
        return Some((change, unseen_minutes(baseline, window, signature), UNSEEN_SHAPE));
    }
    let model = Model::new(baseline, signature, safety)?;
    Some((change, model.each_minute(signature, window, change == Change::Drop), model.prior()))
}

/// Of what was never seen before, whether it came in a minute counts, as where it is judged.
fn unseen_minutes(baseline: &Baseline, window: &Window<'_>, signature: SignatureIndex) -> Minutes {
    let burst = trial::unseen_burst(baseline);
    let per_minute = UNSEEN_SHAPE / f64::from(baseline.minutes().max(1)) / burst;
    let mut minutes: Minutes =
        (0..window.end()).map(|minute| (0.0, per_minute * window.observed_between(minute, minute + 1))).collect();
    for (minute, _) in window.events(signature) {
        if let Some((events, _)) = minutes.get_mut(*minute as usize) {
            *events = 1.0 / burst;
        }
    }
    minutes
}

/// For each deploy, how likely a change that it makes is to begin in each minute of the time line.
fn priors(start: Minute, end: u32, deploys: &[Timestamp]) -> Vec<Vec<f64>> {
    let of_deploy = |deploy: &Timestamp| {
        let first = deploy.minute().since(start);
        (0..i64::from(end)).map(|minute| of_minute(minute - i64::from(first))).collect()
    };
    deploys.iter().map(of_deploy).collect()
}

/// How likely a change is to begin so many minutes after the deploy that makes it: the onsets that are suspected of a
/// watch, each spread over the minutes up to the next.
fn of_minute(since: i64) -> f64 {
    let Ok(since) = u32::try_from(since) else { return 0.0 };
    let place = ONSETS.iter().rposition(|(onset, _)| *onset <= since).unwrap_or(0);
    let (onset, weight) = ONSETS[place];
    let length = ONSETS.get(place + 1).map_or(LAST_ONSETS, |(next, _)| next - onset);
    weight / f64::from(length)
}

/// The posterior of the deploys.
fn shares(change: Change, minutes: &[(f64, f64)], prior: f64, priors: &[Vec<f64>]) -> Option<Vec<f64>> {
    let (all_events, all_predicted) = minutes.iter().fold((0.0, 0.0), |(n, m), it| (n + it.0, m + it.1));
    if all_predicted <= 0.0 {
        return None;
    }
    let (mut events, mut predicted) = (all_events, all_predicted);
    let mut likely = Vec::with_capacity(minutes.len());
    for (n, m) in minutes {
        let since = Since { events, predicted: predicted.max(0.0), all_events, all_predicted };
        likely.push(evidence::ln_changed(change, &since, prior));
        (events, predicted) = (events - n, predicted - m);
    }
    // Of what rises by far, the largest would be infinite without its logarithm.
    let most = likely.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weigh = |of_minutes: &Vec<f64>| {
        of_minutes.iter().zip(&likely).map(|(prior, likely)| prior * (likely - most).exp()).sum::<f64>()
    };
    let weights: Vec<f64> = priors.iter().map(weigh).collect();
    let all: f64 = weights.iter().sum();
    (all > 0.0 && all.is_finite()).then(|| weights.iter().map(|weight| weight / all).collect())
}
