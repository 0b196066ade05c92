//! Lays what was found to one of several deploys that are watched at the same time.
//!
//! Input: the watches, each with its judgement; every one has its own days before as its baseline. Output: on each
//! finding how likely it came with each of the deploys, and the verdicts that follow from it.
//!
//! A change that the watch over one deploy confirms may have begun with another: it is confirmed all the same, and
//! counts for the deploy that it likeliest came with.
//!
//! Pure.

use super::counts::{Counts, SignatureIndex};
use super::watch::{Assessment, Finding, Judgement, Kind, Tier, Watch};
use crate::units::Timestamp;

/// How likely a change came with one of several deploys.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// When that deploy was.
    pub deploy: Timestamp,
    /// What people call it.
    pub version: String,
    /// The chance, from 0 to 1; those of one finding add up to 1.
    pub share: f64,
}

/// Findings of a watch, worst first, that are laid to deploys at most.
const MOST: usize = 1_000;

/// A watch with what it found.
pub type Judged<'a> = (&'a Watch, &'a mut Judgement);

impl Assessment {
    /// Whether it counts for the deploy of this time: it is not likelier to have come with another one.
    #[must_use]
    pub fn is_of(&self, deploy: Timestamp) -> bool {
        self.shares.first().is_none_or(|likeliest| likeliest.deploy == deploy)
    }
}

/// Fills in the shares of all findings after which another deploy came, or before which one had come that was
/// still watched; `watches` are in the order of their deploys.
pub fn lay(watches: &mut [Judged<'_>], counts: &Counts) {
    let spans: Vec<(Timestamp, Timestamp)> = watches
        .iter()
        .map(|(watch, judgement)| (watch.deploy().at, watch.deploy().at.after(judgement.elapsed)))
        .collect();
    for own in 0..watches.len() {
        let beside: Vec<usize> = (0..watches.len()).filter(|other| overlap(&spans, own, *other)).collect();
        if beside.len() > 1 {
            lay_one(watches, own, &beside, counts);
        }
    }
    let confirmed: Vec<(SignatureIndex, Timestamp)> = watches.iter().flat_map(|(_, it)| confirmed_of(it)).collect();
    for (watch, judgement) in watches.iter_mut() {
        let deploy = watch.deploy().at;
        for found in &mut judgement.assessments {
            let is_meant = |&(signature, of): &(SignatureIndex, Timestamp)| {
                found.signature == Some(signature) && of == deploy && found.is_of(deploy)
            };
            if found.shares.len() > 1 && confirmed.iter().any(is_meant) {
                found.finding = found.finding.map(|finding| Finding { tier: Tier::Confirmed, ..finding });
            }
        }
    }
}

fn overlap(spans: &[(Timestamp, Timestamp)], one: usize, other: usize) -> bool {
    let (first, second) = (spans[one.min(other)], spans[one.max(other)]);
    one == other || second.0 < first.1
}

/// What is confirmed, with the deploy that it likeliest came with.
fn confirmed_of(judgement: &Judgement) -> impl Iterator<Item = (SignatureIndex, Timestamp)> {
    judgement.assessments.iter().filter_map(|found| {
        let is_confirmed = found.finding.is_some_and(|finding| finding.tier == Tier::Confirmed);
        Some((found.signature?, found.shares.first()?.deploy)).filter(|_| is_confirmed)
    })
}

/// Lays the findings of one watch to those beside it.
fn lay_one(watches: &mut [Judged<'_>], own: usize, beside: &[usize], counts: &Counts) {
    let found: Vec<(SignatureIndex, Kind)> = watches[own]
        .1
        .assessments
        .iter()
        .filter_map(|found| Some((found.signature?, found.finding?.kind)))
        .take(MOST)
        .collect();
    let deploys: Vec<(Timestamp, &str)> = beside
        .iter()
        .map(|place| {
            let deploy = watches[*place].0.deploy();
            (deploy.at, deploy.name())
        })
        .collect();
    let now = beside.iter().map(|place| watches[*place].1.at).max().unwrap_or(watches[own].1.at);
    let times: Vec<Timestamp> = deploys.iter().map(|(at, _)| *at).collect();
    let told = watches[beside[0]].0.began_after(counts, &found, &times, now);
    let shares_of = |shares: Vec<f64>| {
        let share = |((deploy, version), share): (&(Timestamp, &str), f64)| Share {
            deploy: *deploy,
            version: (*version).to_owned(),
            share,
        };
        let mut shares: Vec<Share> = deploys.iter().zip(shares).map(share).collect();
        // Of equals the newer one first: what is newest is suspected first.
        shares.sort_by(|a, b| b.share.total_cmp(&a.share).then(b.deploy.cmp(&a.deploy)));
        shares
    };
    let told: Vec<_> = found.iter().zip(told).filter_map(|((it, _), shares)| Some((*it, shares_of(shares?)))).collect();
    let mut told = told.into_iter().peekable();
    for found in &mut watches[own].1.assessments {
        if let Some((_, shares)) = told.next_if(|(signature, _)| found.signature == Some(*signature)) {
            found.shares = shares;
        }
    }
}

#[cfg(test)]
mod tests;
