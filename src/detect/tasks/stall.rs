//! Weighs the lives that began since a deploy: how many are open, and how rarely one is open that long.

use super::kind::Kind;
use super::usual::{AGES, Usual};
use crate::detect::counts::SignatureIndex;
use crate::detect::evidence::ln_average;
use crate::detect::flow::Odds;
use crate::units::Minute;

/// The evidence of all work, lost by a restart or not, from which on it is shown.
const MUCH: f64 = 1_000.0;

/// How a minute of the watch passed, for work that was open then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::detect) enum Passed {
    /// Lines were read: open work got a minute older.
    Seen,
    /// No line came: time stood still.
    Quiet,
    /// Nothing was read, or the source was silent: what was open then may have ended unseen, and gets
    /// no older ever after.
    Lost,
}

/// What is to be said of one kind of work since a deploy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::detect) struct Stall {
    /// The signature that starts it.
    pub(in crate::detect) signature: SignatureIndex,
    /// Pieces of work that began so long ago that hardly any would usually be open still.
    pub(in crate::detect) due: u64,
    /// Those of them that are open for longer than hardly any is.
    pub(in crate::detect) overdue: u64,
    /// How many of so many started would usually be.
    pub(in crate::detect) expected: f64,
    /// The natural logarithm of the evidence at the end of the last minute.
    pub(in crate::detect) now: f64,
    /// The most there was at the end of any minute that does not rest on work which one restart would lose.
    pub(in crate::detect) ever: f64,
    /// The minute of the watch in which the oldest overdue work began.
    pub(in crate::detect) onset: Option<u32>,
}

/// Work that began in the same minute of the watch.
#[derive(Clone, Debug)]
struct Started {
    place: usize,
    n: u64,
    /// How many of it have ended so many minutes later, or earlier.
    ended: Vec<u64>,
    /// How old the open ones count at the end of so many minutes later.
    ages: Vec<usize>,
}

impl Started {
    fn open(&self, later: usize) -> u64 {
        self.n - self.ended.get(later).or(self.ended.last()).copied().unwrap_or(0)
    }

    fn age(&self, later: usize) -> usize {
        self.ages.get(later).copied().unwrap_or(0)
    }

    /// What it says at the end of so many minutes later.
    fn odds(&self, later: usize, usual: &[Odds]) -> Odds {
        let open = self.open(later);
        let mut odds = Odds::default();
        odds.add(&Odds::finished(), self.n - open);
        if let Some(of_age) = usual.get(self.age(later)) {
            odds.add(of_age, open);
        }
        odds
    }
}

/// Judges at the end of each minute of the watch, of which `passed` are over.
///
/// The evidence is that of [`ln_stall`](crate::detect::flow::ln_stall), in whole minutes, without the
/// minutes in a row whose work speaks most, as many as what is open at one moment usually began in: a
/// restart loses all that at once, and is no stall. Of several e-processes the least is at most each of
/// them, so the guarantee holds for what confirms. What stands now, and is listed, is its mean with the evidence of all
/// work once that is much: a stall is shown before it is told from a restart.
pub(super) fn judge(signature: SignatureIndex, kind: &Kind, usual: &Usual, from: Minute, passed: &[Passed]) -> Stall {
    let started = started(kind, from, passed);
    let odds: Vec<Odds> = usual.at_worst.iter().map(|share| Odds::open(*share)).collect();
    let mut stall = Stall { signature, due: 0, overdue: 0, expected: 0.0, now: 0.0, ever: 0.0, onset: None };
    for end in 0..passed.len() {
        let (all, guarded) = evidence(&started, end, &odds, usual.open_at_once());
        stall.now = if all >= MUCH.ln() { ln_average(all, guarded) } else { guarded };
        stall.ever = stall.ever.max(guarded);
    }
    let overdue_from = usual.overdue_from();
    for work in &started {
        let later = passed.len().saturating_sub(work.place + 1);
        let age = work.age(later);
        if age >= overdue_from {
            stall.due += work.n;
            stall.overdue += work.open(later);
            stall.expected += work.n as f64 * usual.on_average.get(age).copied().unwrap_or(0.0);
            if work.open(later) > 0 && stall.onset.is_none() {
                stall.onset = u32::try_from(work.place).ok();
            }
        }
    }
    stall
}

/// The evidence of all work, and that without what one restart would lose.
fn evidence(started: &[Started], end: usize, usual: &[Odds], open_at_once: usize) -> (f64, f64) {
    let begun = started.iter().take_while(|work| work.place <= end);
    let parts: Vec<(usize, Odds)> = begun.map(|work| (work.place, work.odds(end - work.place, usual))).collect();
    let sum = |parts: &[(usize, Odds)]| {
        let mut sum = Odds::default();
        parts.iter().for_each(|(_, odds)| sum.add(odds, 1));
        sum
    };
    let all = sum(&parts);
    let without_from = |(at, (place, _)): (usize, &(usize, Odds))| {
        let row = parts.get(at..).unwrap_or(&[]);
        let n = row.iter().take_while(|(other, _)| other - place < open_at_once).count();
        all.without(&sum(row.get(..n).unwrap_or(&[]))).ln()
    };
    (all.ln(), parts.iter().enumerate().map(without_from).fold(all.ln(), f64::min))
}

fn started(kind: &Kind, from: Minute, passed: &[Passed]) -> Vec<Started> {
    let end = from.plus(i32::try_from(passed.len()).unwrap_or(i32::MAX));
    let of = |(minute, rows): (Minute, &[super::kind::Lasted])| {
        let place = usize::try_from(minute.since(from)).unwrap_or(0);
        let left = passed.get(place..).unwrap_or(&[]);
        let mut started = Started { place, n: 0, ended: vec![0; left.len()], ages: ages(left) };
        for row in rows {
            started.n += row.n;
            if kind.is_end(row.last)
                && let Some(at) = started.ended.get_mut(usize::from(row.minutes))
            {
                *at += row.n;
            }
        }
        let mut sum = 0;
        started.ended.iter_mut().for_each(|n| {
            sum += *n;
            *n = sum;
        });
        started
    };
    kind.lasted(from..end).map(of).collect()
}

/// How old what began in the first of these minutes counts at the end of each.
fn ages(passed: &[Passed]) -> Vec<usize> {
    let mut age = 0;
    let mut is_lost = false;
    let of = |(place, minute): (usize, &Passed)| {
        is_lost |= *minute == Passed::Lost;
        age += usize::from(place > 0 && !is_lost && *minute == Passed::Seen);
        age.min(AGES - 1)
    };
    passed.iter().enumerate().map(of).collect()
}
