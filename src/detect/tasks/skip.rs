//! Weighs the steps that finished work took and left out since a deploy: a call that is no longer made writes no
//! error line.
//!
//! Of each finished life the share is known that took a step in lives of its length before the deploy: work that
//! ends at once may never have called anything, and must not convict a deploy in its first minute. The step is
//! an event of the life between its start and its end.

use std::ops::Range;

use super::kind::{Kind, Lasted};
use super::stall::Passed;
use crate::detect::counts::SignatureIndex;
use crate::detect::flow::SkipOdds;
use crate::units::Minute;

/// Classes of lengths, each twice as long as the one before: 0, 1, 2 to 3, 4 to 7 minutes and so on.
const CLASSES: usize = 12;

/// Lives that must have finished, and taken the step, before it is looked at, and the least share that took it.
const LEAST: u64 = 30;
const LEAST_SHARE: f64 = 0.1;

/// Lives that the share over all lengths is worth against that of one length.
const ALL_LENGTHS: f64 = 20.0;

/// Lives, and minutes, of which a block is made at least; of so many blocks one may be passed over.
const BLOCK_LIVES: u64 = 200;
const BLOCK_MINUTES: i32 = 60;
const BLOCKS_PER_INCIDENT: usize = 30;

/// Standard deviations by which a block may differ by chance.
const BY_CHANCE: f64 = 2.0;

/// The share of lives that is always taken to leave a step out, however few did: lines get lost.
const FLOOR: f64 = 0.01;

/// What is to be said of one step of one kind of work since a deploy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::detect) struct Skip {
    /// The step.
    pub(in crate::detect) signature: SignatureIndex,
    /// The signature that starts the work.
    pub(in crate::detect) kind: SignatureIndex,
    /// Lives that finished.
    pub(in crate::detect) finished: u64,
    /// Those of them that took the step, and how many usually would.
    pub(in crate::detect) taken: u64,
    pub(in crate::detect) expected: f64,
    /// The natural logarithm of the evidence at the end of the last minute, and the most there was at any.
    pub(in crate::detect) now: f64,
    pub(in crate::detect) ever: f64,
    /// The minute of the watch in which the first life finished without it.
    pub(in crate::detect) onset: Option<u32>,
}

/// Lives that finished before the deploy, by length, and how many of them took each step.
#[derive(Clone, Default)]
struct Shares {
    n: [u64; CLASSES],
    taken: Vec<[u64; CLASSES]>,
}

impl Shares {
    fn new(n_steps: usize) -> Self {
        Self { n: [0; CLASSES], taken: vec![[0; CLASSES]; n_steps] }
    }

    fn add(&mut self, row: &Lasted) {
        let class = class_of(row.minutes);
        self.n[class] += row.n;
        for (step, taken) in self.taken.iter_mut().enumerate() {
            taken[class] += if row.took(step) { row.n } else { 0 };
        }
    }

    fn n(&self) -> u64 {
        self.n.iter().sum()
    }

    fn n_taken(&self, step: usize) -> u64 {
        self.taken.get(step).map_or(0, |taken| taken.iter().sum())
    }

    fn share(&self, step: usize) -> f64 {
        self.n_taken(step) as f64 / self.n().max(1) as f64
    }
}

/// One step with the share that usually takes it, by length: on average, and in the worst block of time.
struct Step {
    place: usize,
    signature: SignatureIndex,
    usual: [f64; CLASSES],
    at_worst: [f64; CLASSES],
}

/// What is known of the steps of one kind of work.
pub(super) struct Steps {
    steps: Vec<Step>,
    /// Places of sequels that were never seen before the deploy.
    unseen: u64,
}

impl Steps {
    /// Learns from the lives that began in these minutes and finished in them.
    pub(super) fn learn(kind: &Kind, before: Range<Minute>) -> Self {
        let sequels: Vec<SignatureIndex> = kind.sequels().collect();
        let mut all = Shares::new(sequels.len());
        let mut blocks: Vec<Shares> = Vec::new();
        let mut block: Option<(Minute, Shares)> = None;
        let end = before.end;
        for (minute, rows) in kind.lasted(before) {
            let (from, current) = block.get_or_insert_with(|| (minute, Shares::new(sequels.len())));
            for row in rows.iter().filter(|row| kind.is_end(row.last) && finish_of(minute, row) < end) {
                current.add(row);
                all.add(row);
            }
            if current.n() >= BLOCK_LIVES && minute.since(*from) >= BLOCK_MINUTES {
                blocks.extend(block.take().map(|(_, shares)| shares));
            }
        }
        let unseen =
            (0..sequels.len()).filter(|place| all.n_taken(*place) == 0).fold(0, |mask, place| mask | 1 << place);
        let is_step = |place: usize, signature: SignatureIndex| {
            all.n_taken(place) >= LEAST && all.share(place) >= LEAST_SHARE && !kind.is_end(signature)
        };
        let of = |(place, signature): (usize, SignatureIndex)| {
            is_step(place, signature).then(|| Step::of(place, signature, &all, &blocks))
        };
        Self { steps: sequels.into_iter().enumerate().filter_map(of).collect(), unseen }
    }
}

impl Step {
    fn of(place: usize, signature: SignatureIndex, all: &Shares, blocks: &[Shares]) -> Self {
        let share = all.share(place);
        // By how much it was lower for certain: the chance of few lives is no bad time.
        let certain = |block: &Shares| {
            let of_block = block.share(place);
            of_block + BY_CHANCE * (share * (1.0 - share) / block.n().max(1) as f64).sqrt()
        };
        let mut shares: Vec<f64> = blocks.iter().map(certain).collect();
        shares.sort_by(f64::total_cmp);
        let worst = shares.get(shares.len() / BLOCKS_PER_INCIDENT).copied().unwrap_or(share);
        let mut usual = [share; CLASSES];
        for (class, usual) in usual.iter_mut().enumerate() {
            let taken = all.taken.get(place).map_or(0, |taken| taken[class]);
            *usual = (taken as f64 + ALL_LENGTHS * share) / (all.n[class] as f64 + ALL_LENGTHS);
        }
        let at_worst = usual.map(|usual| (usual * (worst / share).min(1.0)).min(1.0 - FLOOR));
        Self { place, signature, usual, at_worst }
    }
}

/// Judges every step at the end of each minute of the watch, of which `passed` are over.
///
/// The evidence is that of [`ln_skip`](crate::detect::flow::ln_skip), each life with the share of its length; no
/// minute convicts alone, because lines that are lost are lost together. A life with an event that was never seen
/// before does not count: the step may only be worded anew.
pub(super) fn judge(
    kind: (SignatureIndex, &Kind),
    steps: &Steps,
    from: Minute,
    passed: &[Passed],
) -> impl Iterator<Item = Skip> {
    let mut finished: Vec<Vec<&Lasted>> = vec![Vec::new(); passed.len()];
    for (minute, rows) in kind.1.lasted(from..from.plus(i32::try_from(passed.len()).unwrap_or(i32::MAX))) {
        let start = usize::try_from(minute.since(from)).unwrap_or(0);
        for row in rows.iter().filter(|row| kind.1.is_end(row.last) && row.mask & steps.unseen == 0) {
            let end = start + usize::from(row.minutes);
            let is_whole = || passed.get(start..=end).is_some_and(|span| !span.contains(&Passed::Lost));
            if end < passed.len() && is_whole() {
                finished[end].push(row);
            }
        }
    }
    steps.steps.iter().map(move |step| step.judge(kind.0, &finished))
}

impl Step {
    fn judge(&self, kind: SignatureIndex, finished: &[Vec<&Lasted>]) -> Skip {
        let mut skip = Skip {
            signature: self.signature,
            kind,
            finished: 0,
            taken: 0,
            expected: 0.0,
            now: 0.0,
            ever: 0.0,
            onset: None,
        };
        let mut odds = SkipOdds::default();
        for (minute, rows) in (0..).zip(finished) {
            let mut of_minute = SkipOdds::default();
            for row in rows {
                let (class, took) = (class_of(row.minutes), row.took(self.place));
                of_minute.add(took, self.at_worst[class], row.n);
                skip.finished += row.n;
                skip.taken += if took { row.n } else { 0 };
                skip.expected += row.n as f64 * self.usual[class];
                skip.onset = skip.onset.or((!took).then_some(minute));
            }
            odds.add_minute(&of_minute);
            skip.now = odds.ln();
            skip.ever = skip.ever.max(skip.now);
        }
        skip
    }
}

fn finish_of(start: Minute, row: &Lasted) -> Minute {
    start.plus(i32::from(row.minutes))
}

fn class_of(minutes: u16) -> usize {
    (16 - minutes.leading_zeros() as usize).min(CLASSES - 1)
}
