//! What is shown of signatures on which there is no judgement: without a deploy of all, and in the first minutes
//! after one of those that the watch has not met yet.
//!
//! The last hour's counts stand beside what is usual; nothing is found.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::Engine;
use crate::detect::counts::Coverage;
use crate::detect::{Assessment, SignatureIndex};
use crate::ingest::Level;
use crate::units::Timestamp;

/// Minutes of counts that are shown.
const MINUTES: i32 = 60;

impl Engine {
    /// The signatures that the newest judgement leaves out: those of warnings and errors first, the worst
    /// level at the top, and the most frequent of a level. Beside a judgement only those that were seen in the last hour.
    pub(super) fn unjudged(&self, now: Timestamp) -> Vec<Assessment> {
        let judgement = self.watched.last().and_then(|watched| watched.judgement.as_ref());
        let judged: HashSet<SignatureIndex> =
            judgement.iter().flat_map(|judgement| &judgement.assessments).filter_map(|found| found.signature).collect();
        let n_leads = self.catalog.iter().filter(|(index, _)| self.groups.lead(*index) == *index).count();
        if judged.len() == n_leads {
            return Vec::new();
        }
        let end = self.shown_until(now);
        let start = end.plus(-MINUTES);
        let (recent, _) = self.judged().sums(start..end, Coverage::Unknown);
        let baseline_minutes = i32::try_from(self.options.settings.baseline.as_secs() / 60).unwrap_or(i32::MAX);
        let (before, covered) = self.judged().sums(start.plus(-baseline_minutes)..start, Coverage::Complete);
        let at = |sums: &[u64], index: SignatureIndex| sums.get(index.0 as usize).copied().unwrap_or(0);
        let assess = |index: SignatureIndex| {
            let usual = at(&before, index) as f64 / f64::from(covered.max(1));
            let (observed, expected) = (at(&recent, index), usual * f64::from(MINUTES));
            let ratio = (expected > 0.0).then(|| observed as f64 / expected);
            Assessment {
                signature: Some(index),
                observed,
                expected,
                predicted: expected,
                p: 1.0,
                ratio,
                evidence: 1.0,
                ..Assessment::default()
            }
        };
        let others = self.catalog.iter().map(|(index, _)| index);
        let others = others.filter(|index| self.groups.lead(*index) == *index && !judged.contains(index));
        let mut assessments: Vec<Assessment> =
            others.map(assess).filter(|found| judgement.is_none() || found.observed > 0).collect();
        assessments.sort_by_cached_key(|found| self.rank_unjudged(found));
        assessments
    }

    /// Orders what is not judged: the worst level first, of which all below warnings count as one; then the most frequent.
    pub(super) fn rank_unjudged(&self, found: &Assessment) -> Reverse<(Option<Level>, u64)> {
        let level = found.signature.and_then(|index| self.joint(index)?.level);
        Reverse((level.filter(|level| *level >= Level::Warn), found.observed))
    }
}
