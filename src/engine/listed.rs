//! Which watch speaks for each signature, where several deploys are watched at the same time.
//!
//! Input: the judgements. Output: one assessment for each signature: that of the newest deploy, unless the signature
//! changed with an earlier one that is still watched.

use std::collections::HashMap;

use super::Engine;
use super::judging::Watched;
use crate::detect::{Assessment, Beyond, Deploy, Judgement, Overall, SignatureIndex, Strip, Tier};

/// What is said of one signature, and by whom.
#[derive(Debug)]
pub(super) struct Said<'a> {
    pub(super) assessment: Assessment,
    /// The watch that says it, with its judgement; `None` where none says anything.
    pub(super) by: Option<(&'a Deploy, &'a Judgement)>,
}

fn is_fit(judgement: &Judgement) -> bool {
    !matches!(judgement.overall, Overall::CannotJudge(_))
}

impl Engine {
    /// The watches over earlier deploys that went on when the newest came, oldest first.
    pub(super) fn earlier_watches(&self) -> impl Iterator<Item = (&Watched, &Judgement)> {
        let (earlier, newest) = match self.watched.split_last() {
            Some((newest, earlier)) => (earlier, Some(newest.watch.deploy().at)),
            None => (&[][..], None),
        };
        earlier.iter().filter_map(move |watched| {
            let judgement = watched.judgement.as_ref()?;
            let goes_on = newest < Some(watched.watch.deploy().at.after(judgement.elapsed));
            goes_on.then_some((watched, judgement))
        })
    }

    /// The watch that speaks for a signature, as far as one is there.
    pub(super) fn watch_of(&self, signature: SignatureIndex) -> Option<&Watched> {
        let newest = self.watched.last()?;
        let of =
            |judgement: &Judgement| judgement.assessments.iter().find(|it| it.signature == Some(signature)).cloned();
        let own = newest.judgement.as_ref().and_then(of);
        let speaks = |(watched, judgement): &(&Watched, &Judgement)| {
            of(judgement).is_some_and(|found| speaks(&found, watched, own.as_ref()))
        };
        let earlier: Vec<_> = self.earlier_watches().filter(speaks).collect();
        Some(earlier.last().map_or(newest, |(watched, _)| watched))
    }

    /// How the evidence on a signature grew in the watch that speaks for it; `None` without a finding on its rate.
    pub(super) fn strip_of(&self, signature: SignatureIndex) -> Option<Strip> {
        let watched = self.watch_of(signature)?;
        let judgement = watched.judgement.as_ref().filter(|judgement| is_fit(judgement))?;
        let found = judgement.assessments.iter().find(|it| it.signature == Some(signature))?;
        let followed = watched.followed.filter(|at| *at <= judgement.at);
        let beyond = Beyond { versions: Some(&self.versions), followed, ..Beyond::default() };
        let found_as = (signature, found.finding?.kind);
        let (from, ln_evidence) = watched.watch.evidence_each_minute(found_as, &beyond, judgement.at);
        (!ln_evidence.is_empty()).then(|| Strip {
            from,
            ln_evidence,
            ln_threshold: found.threshold.map_or(0.0, f64::ln),
        })
    }

    /// What is said of every signature, worst first.
    pub(super) fn said(&self) -> Vec<Said<'_>> {
        let newest = self.watched.last().and_then(|watched| Some((watched, watched.judgement.as_ref()?)));
        let Some((watched, judgement)) = newest else { return self.unjudged.iter().map(silent).collect() };
        let by = Some((watched.watch.deploy(), judgement)).filter(|_| is_fit(judgement));
        let own = |found: &Assessment| Said { assessment: found.clone(), by };
        let mut said: Vec<Said<'_>> = judgement.assessments.iter().map(own).collect();
        let mut laid: HashMap<SignatureIndex, (&Watched, &Judgement, &Assessment)> = HashMap::new();
        if self.earlier_watches().next().is_some() {
            let own: HashMap<_, _> = judgement.assessments.iter().filter_map(|it| Some((it.signature?, it))).collect();
            for (earlier, judgement) in self.earlier_watches() {
                for found in &judgement.assessments {
                    let Some(signature) = found.signature else { continue };
                    if speaks(found, earlier, own.get(&signature).copied()) {
                        laid.insert(signature, (earlier, judgement, found));
                    }
                }
            }
        }
        if !laid.is_empty() {
            said.retain(|it| it.assessment.signature.is_none_or(|signature| !laid.contains_key(&signature)));
            let mut all: Vec<Assessment> = said.iter().map(|it| it.assessment.clone()).collect();
            all.extend(laid.values().map(|(_, _, found)| (*found).clone()));
            Judgement::sort_worst_first(&mut all);
            let by_whom = |found: Assessment| -> Said<'_> {
                let earlier = found.signature.and_then(|signature| laid.get(&signature));
                let by = earlier.map(|(watched, judgement, _)| (watched.watch.deploy(), *judgement)).or(by);
                Said { assessment: found, by }
            };
            said = all.into_iter().map(by_whom).collect();
        }
        said.extend(self.unjudged.iter().map(silent));
        if !is_fit(judgement) {
            said.sort_by_cached_key(|it| it.by.is_none().then(|| self.rank_unjudged(&it.assessment)));
        }
        said
    }
}

/// Whether an earlier watch speaks for a signature, of which the newest says this.
fn speaks(found: &Assessment, earlier: &Watched, newest: Option<&Assessment>) -> bool {
    let deploy = earlier.watch.deploy().at;
    // A mere candidate of the days long before must not hide what the newest deploy brought.
    let newest = newest.and_then(|it| Some((it, it.finding?.tier)));
    let gives_way = |(it, tier): (&Assessment, Tier)| {
        let likeliest = it.shares.first().map(|share| share.deploy);
        likeliest == Some(deploy) || found.finding.is_some_and(|finding| finding.tier > tier)
    };
    found.finding.is_some() && found.is_of(deploy) && newest.is_none_or(gives_way)
}

fn silent<'a>(found: &Assessment) -> Said<'a> {
    Said { assessment: found.clone(), by: None }
}
