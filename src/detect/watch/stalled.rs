//! Puts work that does not finish, and steps that are left out, among the findings of a watch.

use std::ops::Range;

use super::trial::{LEAST_FOR_SKIP, LEAST_FOR_STALL, SKIPS_SHARE, STALLS_SHARE, Trial};
use super::{Assessment, Finding, Finished, Kind, LISTED, Tier};
use crate::detect::SignatureIndex;
use crate::detect::counts::Coverage;
use crate::detect::poisson;
use crate::detect::tasks::{Passed, Skip, Stall, Tasks, Weighing};
use crate::units::Minute;

/// The largest natural logarithm of evidence that is told.
const MOST: f64 = 700.0;

/// How long after the end of a watch lines may still come late, in minutes.
const LATEST: i32 = 10;

/// What was last found, and of what: it is found again only when something is new.
#[derive(Debug, Default)]
pub(super) struct Weighed {
    pub(super) found: Weighing,
    version: u64,
    passed: Vec<Passed>,
    is_final: bool,
}

impl Trial<'_> {
    /// Weighs what is open of the work that began in the minutes of the watch, by what was usual before.
    pub(super) fn weigh(&self, tasks: &Tasks, weighed: &mut Weighed, before: Range<Minute>, watch: Range<Minute>) {
        let Some(newest) = tasks.newest() else { return };
        let mut passed = self.passed(newest, watch.start);
        passed.truncate(usize::try_from(watch.end.since(watch.start)).unwrap_or(0));
        if weighed.passed == passed && (weighed.is_final || weighed.version == tasks.version()) {
            return;
        }
        weighed.found = tasks.weigh(before, watch.start, &passed);
        weighed.is_final = newest.since(watch.end) > LATEST;
        (weighed.version, weighed.passed) = (tasks.version(), passed);
    }

    /// How each minute of the watch passed, up to the one of the newest event: of a source that is behind
    /// nothing is known beyond that.
    fn passed(&self, newest: Minute, from: Minute) -> Vec<Passed> {
        let n_read = usize::try_from(newest.since(from)).unwrap_or(0);
        let parts = self.window.minutes.iter().take(n_read).take_while(|part| part.passed >= 1.0);
        let of = |part: &super::window::Part| match part.coverage {
            Coverage::Unknown => Passed::Lost,
            Coverage::Partial | Coverage::Complete | Coverage::Told if part.silent => Passed::Lost,
            Coverage::Partial | Coverage::Complete | Coverage::Told if part.total == 0 => Passed::Quiet,
            Coverage::Partial | Coverage::Complete | Coverage::Told => Passed::Seen,
        };
        parts.map(of).collect()
    }

    /// Tells of each stall on the signature that starts the work, unless that has a finding as sure.
    pub(super) fn assess_stalls(&self, stalls: &[Stall], found: &mut Vec<Assessment>) {
        let all = self.share(stalls.iter().map(|stall| stall.signature));
        for stall in stalls {
            let threshold = self.threshold(all / STALLS_SHARE, LEAST_FOR_STALL, stall.signature);
            let Some(tier) = tier(stall.now, stall.ever, threshold) else { continue };
            let told = Assessment {
                p: poisson::at_least(stall.overdue, stall.expected),
                finding: Some(Finding { kind: Kind::Stall, tier }),
                onset: stall.onset,
                ..told_of(stall.signature, (stall.overdue, stall.expected), (stall.now, stall.ever, threshold))
            };
            put(found, tier, told);
        }
    }

    /// Tells of each step that is left out, on its own signature: of the kind of work that says most.
    pub(super) fn assess_skips(&self, skips: &[Skip], found: &mut Vec<Assessment>) {
        let all = self.share(skips.iter().map(|skip| skip.signature));
        let mut by_evidence: Vec<&Skip> = skips.iter().collect();
        by_evidence.sort_by(|a, b| b.ever.total_cmp(&a.ever));
        for skip in by_evidence {
            let threshold = self.threshold(all / SKIPS_SHARE, LEAST_FOR_SKIP, skip.signature);
            let Some(tier) = tier(skip.now, skip.ever, threshold) else { continue };
            let told = Assessment {
                p: poisson::at_most(skip.taken, skip.expected),
                finished: Some(Finished { kind: skip.kind, n: skip.finished }),
                finding: Some(Finding { kind: Kind::Skip, tier }),
                onset: skip.onset,
                ..told_of(skip.signature, (skip.taken, skip.expected), (skip.now, skip.ever, threshold))
            };
            put(found, tier, told);
        }
    }
}

/// What is told of a signature by whose work so many were counted, with logarithms of the evidence now, of the most there
/// was, and of what confirms.
fn told_of(
    signature: SignatureIndex,
    (observed, expected): (u64, f64),
    (now, ever, threshold): (f64, f64, f64),
) -> Assessment {
    Assessment {
        signature: Some(signature),
        observed,
        expected,
        predicted: expected,
        ratio: (expected > 0.0).then(|| observed as f64 / expected),
        evidence: now.min(MOST).exp(),
        peak: ever.min(MOST).exp(),
        threshold: Some(threshold.exp()),
        ..Assessment::default()
    }
}

/// Puts what is told in the place of a finding on its signature that is less sure. What a count merely suspects of
/// a step, its work tells for certain.
fn put(found: &mut Vec<Assessment>, tier: Tier, told: Assessment) {
    let is_kept = |it: &Assessment| {
        let is_drop = |kind: Kind| kind == Kind::Drop && told.finished.is_some();
        it.finding.is_some_and(|finding| finding.tier >= tier && !is_drop(finding.kind))
    };
    match found.iter_mut().find(|it| it.signature == told.signature) {
        Some(other) if is_kept(other) => {}
        Some(other) => *other = Assessment { model: other.model, ..told },
        None => found.push(told),
    }
}

/// Work is no news before there is much evidence: a p-value, looked at again and again, would cry wolf.
fn tier(now: f64, ever: f64, threshold: f64) -> Option<Tier> {
    if ever >= threshold {
        return Some(Tier::Confirmed);
    }
    (now >= LISTED.ln()).then_some(Tier::Candidate)
}
