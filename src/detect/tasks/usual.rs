//! How long the lives of a kind usually last, in whole minutes, learned from those before a deploy.

use std::ops::Range;

use super::kind::Kind;
use crate::detect::flow::Odds;
use crate::detect::poisson;
use crate::units::Minute;

/// Ages that are told apart, in minutes; an older life counts as one of the last age.
pub(super) const AGES: usize = 121;

/// Lives that must have ended, and the share that may not have within two hours.
const LEAST_FINISHED: u64 = 30;
const MOST_OPEN: f64 = 0.1;

/// Lives, and minutes, of which a block is made at least.
const BLOCK_LIVES: u64 = 200;
const BLOCK_MINUTES: i32 = 60;

/// Of so many blocks, one may be passed over as an incident of its own.
const BLOCKS_PER_INCIDENT: usize = 30;

/// The share of lives that is always taken to be open, however few were: lines get lost, programs are
/// restarted, and one lost line among many thousand lives must not convict.
const FLOOR: f64 = 0.005;

/// Standard deviations by which the share of all may differ by chance.
const BY_CHANCE: f64 = 2.33;

/// The chance that any of the blocks counts as worse when all are alike, and how many looks at the ages of one are worth:
/// neighboring ages differ by little.
const BY_LUCK: f64 = 0.05;
const LOOKS: f64 = 10.0;

/// Standard deviations above its mean below which a count is never so rare.
const NEVER_RARE: f64 = 2.5;

/// Lives that began before the deploy: by age in minutes, how many ended, and how many were last seen open.
struct Block {
    ended: Vec<u64>,
    open: Vec<u64>,
    n: u64,
    from: Minute,
}

impl Block {
    fn new(from: Minute) -> Self {
        Self { ended: vec![0; AGES], open: vec![0; AGES], n: 0, from }
    }

    fn add(&mut self, other: &Self) {
        self.ended.iter_mut().zip(&other.ended).for_each(|(sum, n)| *sum += n);
        self.open.iter_mut().zip(&other.open).for_each(|(sum, n)| *sum += n);
        self.n += other.n;
    }

    /// For each age, the share of lives that last longer, as if one more had been seen that never ended.
    ///
    /// Source: Kaplan and Meier, Nonparametric estimation from incomplete observations (1958).
    fn survival(&self) -> Vec<f64> {
        let mut at_risk = self.n + 1;
        let mut share = 1.0;
        let of_age = |(ended, open): (&u64, &u64)| {
            share *= 1.0 - *ended as f64 / at_risk.max(1) as f64;
            at_risk = at_risk.saturating_sub(ended + open);
            share
        };
        self.ended.iter().zip(&self.open).map(of_age).collect()
    }
}

/// What share of lives is open how long.
pub(super) struct Usual {
    /// By age, in the worst block of time: what evidence is weighed with. Work that is slow at night is
    /// slow in the block of a night, and lives that slow down together do so in one block.
    pub(super) at_worst: Vec<f64>,
    /// By age, over all: what is expected.
    pub(super) on_average: Vec<f64>,
}

impl Usual {
    /// `None` when too little is known, or lives of this kind have no end.
    pub(super) fn learn(kind: &Kind, before: Range<Minute>) -> Option<Self> {
        let blocks = blocks(kind, before);
        let mut all = Block::new(Minute::default());
        blocks.iter().for_each(|block| all.add(block));
        let on_average = all.survival();
        let n_ended: u64 = all.ended.iter().sum();
        if n_ended < LEAST_FINISHED || on_average.last().is_none_or(|share| *share > MOST_OPEN) {
            return None;
        }
        let rarely = BY_LUCK / LOOKS / blocks.len().max(1) as f64;
        let of_block = |block: &Block| Some(block.survival()).filter(|it| is_worse(it, block.n, &on_average, rarely));
        let worse: Vec<Option<Vec<f64>>> = blocks.iter().map(of_block).collect();
        let n_passed_over = blocks.len() / BLOCKS_PER_INCIDENT;
        let worst = |age: usize| {
            let overall = on_average.get(age).copied().unwrap_or(1.0);
            let share_of = |of_age: &Option<Vec<f64>>| of_age.as_ref()?.get(age).copied();
            let newest = worse.last().and_then(share_of).unwrap_or(overall);
            let mut shares: Vec<f64> = worse.iter().filter_map(share_of).filter(|share| *share > overall).collect();
            shares.sort_by(|a, b| b.total_cmp(a));
            let share = shares.get(n_passed_over).copied().unwrap_or(overall);
            share.max(newest).max(at_most(overall, all.n)).max(FLOOR)
        };
        let at_worst: Vec<f64> = (0..AGES).map(worst).collect();
        Some(Self { at_worst, on_average })
    }

    /// The share that is open at this age, in the worst block of time.
    pub(super) fn share_open(&self, age: usize) -> f64 {
        self.at_worst.get(age).copied().unwrap_or(1.0)
    }

    /// What open work says, by its age.
    pub(super) fn odds(&self) -> Vec<Odds> {
        self.at_worst.iter().map(|share| Odds::open(*share)).collect()
    }

    /// The age from which on no more ends.
    pub(super) fn flat_from(&self) -> usize {
        let least = self.at_worst.last().copied().unwrap_or(1.0);
        self.at_worst.iter().rposition(|share| *share > least).map_or(0, |age| age + 1)
    }

    /// The age from which on a life is overdue: hardly any is usually open that long.
    pub(super) fn overdue_from(&self) -> usize {
        let least = self.at_worst.last().copied().unwrap_or(1.0);
        self.at_worst.iter().position(|share| *share <= (1.1 * least).max(2.0 * FLOOR)).unwrap_or(AGES - 1)
    }
}

/// Whether more of so many lives of a block last long, at any age, than chance makes of what is usual: then what it
/// shows counts in full at every age, and else it tells nothing beside all.
///
/// The number is taken for a Poisson one, of which more is likelier than of the binomial one that it is.
fn is_worse(of_block: &[f64], n: u64, usual: &[f64], rarely: f64) -> bool {
    let n = n as f64;
    of_block.iter().zip(usual).any(|(share, usual)| {
        // One more is counted in the share than there was.
        let (more, mean) = ((share * (n + 1.0) - 1.0).max(0.0).round(), usual * n);
        more > mean + NEVER_RARE * mean.sqrt() && poisson::at_least(more as u64, mean) < rarely
    })
}

/// What a share surely is at most that was seen in so many lives.
///
/// Source: Wilson, Probable inference, the law of succession, and statistical inference (1927).
fn at_most(share: f64, n: u64) -> f64 {
    let n = n.max(1) as f64;
    let of_chance = BY_CHANCE * BY_CHANCE / n;
    let reach = BY_CHANCE * (share * (1.0 - share) / n + of_chance / (4.0 * n)).sqrt();
    (share + of_chance / 2.0 + reach) / (1.0 + of_chance)
}

/// Parts of the past, in order; what is left at the end belongs to the last one.
fn blocks(kind: &Kind, before: Range<Minute>) -> Vec<Block> {
    let end = before.end;
    let mut blocks: Vec<Block> = Vec::new();
    let mut block: Option<Block> = None;
    for (minute, rows) in kind.lasted(before) {
        let open_for = usize::try_from(end.since(minute) - 1).unwrap_or(0).min(AGES - 1);
        let current = block.get_or_insert_with(|| Block::new(minute));
        for row in rows {
            let length = usize::from(row.minutes);
            // What ended after the deploy, or too late to tell when, was open as far as is known.
            let ended = kind.is_end(row.last) && length <= open_for && length < AGES - 1;
            let by_age = if ended { current.ended.get_mut(length) } else { current.open.get_mut(open_for) };
            by_age.into_iter().for_each(|n| *n += row.n);
            current.n += row.n;
        }
        if current.n >= BLOCK_LIVES && minute.since(current.from) >= BLOCK_MINUTES {
            blocks.extend(block.take());
        }
    }
    match (blocks.last_mut(), block) {
        (Some(last), Some(rest)) => last.add(&rest),
        (None, Some(rest)) => blocks.push(rest),
        (_, None) => {}
    }
    blocks
}
