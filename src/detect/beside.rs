//! Compares what an old and a new version say in the same minutes: the best control there is, because the hour,
//! the traffic and everything outside are the same for both.
//!
//! Input: events that carry a version, and a deploy. Output: for each signature how much of it the new version
//! wrote, beside its share of all other lines in the same minutes, and the evidence that this is too much.
//!
//! Of `n` events in a minute in which the new version writes a share `r` of the other lines, the new version
//! has a binomial number if it is no worse. A fault multiplies its part by theta: the mixture over theta of
//! the likelihood ratios is a martingale that starts at 1, like the evidence of counts. Events are divided by
//! their burst factor, and the minute that speaks most is left out, so that a start alone convicts nobody.
//!
//! Nothing of this is stored: after a restart it begins anew.
//!
//! Pure. Which field says the version, `ingest::version` knows.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::time::Duration;

use super::counts::SignatureIndex;
use super::deploy::Deploy;
use super::evidence;
use crate::units::{Minute, Timestamp};

/// Versions that are told apart.
const VERSIONS: usize = 32;

/// Minutes that are remembered, and cells over all of them.
const MINUTES: i32 = 180;
const CELLS: usize = 200_000;

/// How long before its marker a deploy may already write lines.
const EARLY: Duration = Duration::from_secs(10 * 60);

/// The shares of all other lines between which two versions stand beside each other.
const BESIDE: (f64, f64) = (0.02, 0.98);

/// Characters from which on a version that begins like a revision or another version is the same.
const LEAST_ALIKE: usize = 4;

/// How much of a signature the new version wrote.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beside {
    /// Its events from the new version, in minutes in which both wrote.
    pub new: u64,
    /// All its events in those minutes.
    pub all: u64,
    /// The share of the other lines of those minutes that the new version wrote.
    pub share: f64,
    /// Evidence that the new version writes more of it than that (an e-value), as it stands.
    pub evidence: f64,
    /// The most evidence there was at the end of any minute.
    pub peak: f64,
}

#[derive(Debug)]
struct Version {
    name: String,
    first: Timestamp,
    last: Timestamp,
}

/// Events by version, of the last three hours.
#[derive(Debug, Default)]
pub struct Versions {
    known: Vec<Version>,
    minutes: BTreeMap<Minute, HashMap<(SignatureIndex, u8), u32>>,
    n_cells: usize,
}

/// What one minute says: lines of the new version and of both, of one signature or of all.
#[derive(Clone, Copy, Debug, Default)]
struct Lines {
    new: u64,
    all: u64,
}

/// The minutes after a deploy in which an old and a new version wrote.
#[derive(Debug, Default)]
pub(super) struct Sides {
    of_signature: BTreeMap<SignatureIndex, Vec<(Minute, Lines)>>,
    totals: BTreeMap<Minute, Lines>,
}

impl Versions {
    /// Takes an event that says its version; too many versions are not told apart.
    pub fn note(&mut self, version: &str, signature: SignatureIndex, at: Timestamp) {
        let place = self.known.iter().position(|known| known.name == version);
        let Some(place) = place.or_else(|| self.meet(version, at)) else { return };
        if let Some(known) = self.known.get_mut(place) {
            (known.first, known.last) = (known.first.min(at), known.last.max(at));
        }
        let cells = self.minutes.entry(at.minute()).or_default();
        let before = cells.len();
        *cells.entry((signature, place as u8)).or_default() += 1;
        self.n_cells += cells.len() - before;
        let newest = self.minutes.last_key_value().map_or(at.minute(), |(newest, _)| *newest);
        self.forget(newest.plus(-MINUTES));
    }

    /// The place of a version that is met first: that of one which is remembered no more, if all are taken.
    fn meet(&mut self, version: &str, at: Timestamp) -> Option<usize> {
        let met = Version { name: version.to_owned(), first: at, last: at };
        if self.known.len() < VERSIONS {
            self.known.push(met);
            return Some(self.known.len() - 1);
        }
        let oldest = self.minutes.first_key_value().map(|(oldest, _)| *oldest)?;
        let place = self.known.iter().position(|known| known.last.minute() < oldest)?;
        self.known[place] = met;
        Some(place)
    }

    fn forget(&mut self, before: Minute) {
        while let Some(oldest) = self.minutes.first_entry()
            && (*oldest.key() < before || self.n_cells > CELLS)
        {
            self.n_cells -= oldest.remove().len();
        }
    }

    /// The minutes of a watch in which the deploy's version and an older one wrote.
    pub(super) fn sides(&self, deploy: &Deploy, watch: Range<Minute>) -> Sides {
        let is_new = self.are_new(deploy);
        let mut sides = Sides::default();
        if watch.start >= watch.end {
            return sides;
        }
        for (minute, cells) in self.minutes.range(watch) {
            let total = sides.totals.entry(*minute).or_default();
            for ((signature, version), n) in cells {
                let rows = sides.of_signature.entry(*signature).or_default();
                if rows.last().is_none_or(|(last, _)| last != minute) {
                    rows.push((*minute, Lines::default()));
                }
                let new = if is_new.get(usize::from(*version)) == Some(&true) { u64::from(*n) } else { 0 };
                for lines in rows.last_mut().map(|(_, lines)| lines).into_iter().chain([&mut *total]) {
                    (lines.new, lines.all) = (lines.new + new, lines.all + u64::from(*n));
                }
            }
        }
        sides
    }

    /// Which versions came with the deploy: those that are called like it; if none is, those never seen before.
    fn are_new(&self, deploy: &Deploy) -> Vec<bool> {
        let bare = |name: &str| name.trim_start_matches(['v', 'V']).to_ascii_lowercase();
        let is_alike = |name: &str, other: &str| {
            let (name, other) = (bare(name), bare(other));
            let shorter = name.len().min(other.len());
            name == other
                || shorter >= LEAST_ALIKE && is_hex(&name) && is_hex(&other) && name[..shorter] == other[..shorter]
        };
        let names = [Some(&deploy.version), deploy.revision.as_ref()];
        let is_named = |known: &Version| names.into_iter().flatten().any(|name| is_alike(&known.name, name));
        let named: Vec<bool> = self.known.iter().map(is_named).collect();
        if named.contains(&true) {
            return named;
        }
        self.known.iter().map(|known| known.first >= deploy.at.before(EARLY)).collect()
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Sides {
    /// What is to be said of a signature whose events come in bursts of this size; `None` where old and new
    /// never wrote in the same minute.
    pub(super) fn of(&self, signature: SignatureIndex, burst: f64) -> Option<Beside> {
        self.course(signature, burst).last().map(|(_, beside)| beside)
    }

    /// The same after each minute in which both wrote, as far as it had one of its events by then.
    pub(super) fn course(&self, signature: SignatureIndex, burst: f64) -> impl Iterator<Item = (Minute, Beside)> {
        let rows = self.of_signature.get(&signature).map_or(&[][..], Vec::as_slice);
        let (mut its, mut others) = (Lines::default(), Lines::default());
        let mut course = evidence::Split::default();
        let mut peak = 0.0_f64;
        rows.iter().filter_map(move |(minute, lines)| {
            let total = self.totals.get(minute)?;
            let rest = Lines { new: total.new - lines.new, all: total.all - lines.all };
            let share = (rest.new as f64 + 0.5) / (rest.all as f64 + 1.0);
            if rest.new == 0 || rest.new == rest.all || share < BESIDE.0 || share > BESIDE.1 {
                return None;
            }
            (its.new, its.all) = (its.new + lines.new, its.all + lines.all);
            (others.new, others.all) = (others.new + rest.new, others.all + rest.all);
            course.add(lines.new as f64 / burst, lines.all as f64 / burst, share);
            peak = peak.max(course.ln());
            let share = others.new as f64 / others.all.max(1) as f64;
            let (evidence, peak) = (course.ln().clamp(0.0, MOST).exp(), peak.min(MOST).exp());
            Some((*minute, Beside { new: its.new, all: its.all, share, evidence, peak }))
        })
    }
}

/// The largest natural logarithm of evidence that is told.
const MOST: f64 = 700.0;

#[cfg(test)]
mod tests;
