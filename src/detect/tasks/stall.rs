//! Weighs the lives that began since a deploy: how many are open, and how rarely one is open that long.

use std::ops::Range;

use super::kind::Kind;
use super::usual::{AGES, Usual};
use crate::detect::counts::SignatureIndex;
use crate::detect::evidence::{ln_average, ln_sum};
use crate::detect::flow::Odds;
use crate::units::Minute;

/// The evidence of all work, lost by a restart or not, from which on it is shown.
const MUCH: f64 = 1_000.0;

/// Shares of watches in which a restart of all workers, or of up to half of them, loses all that is open on these, as
/// none did before. Of some workers, a deploy restarts them soon; later it is rarer.
///
/// Evidence against a mixture of nulls is the harmonic mean of that against each, and as valid: a watch with a
/// restart is confirmed with at most the chance of a healthy one divided by its share.
const ALL_RESTARTED: f64 = 0.03;
const SOME_RESTARTED_SOON: f64 = 0.01;
const SOME_RESTARTED_LATE: f64 = 0.003;
const SOME: f64 = 0.5;

/// Minutes of the watch in which a restart is one of the deploy.
const SOON: usize = 6;

/// The same of workers that the deploy restarts one after the other, and the minutes of the watch that this may take:
/// each of them as likely for each worker.
const ROLLED: f64 = 0.02;
const ROLLED_WITHIN: [(usize, usize); 2] = [(0, SOON), (1, 5)];

/// The largest share of work that a restart is taken to lose: something may always have been written at once.
const MOST_LOST: f64 = 0.99;

/// Parts of a minute after which a restart is suspected in it, each as likely as the others.
const WITHIN_MINUTE: [f64; 4] = [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0];

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

    /// What it says when so much of what was open at a moment was lost: that is as old as it was then, ever after.
    fn odds_if(&self, later: usize, usual: &Usual, Loss { minute, part, lost }: Loss) -> Odds {
        let of_age = |passed: usize| usual.share_open(self.age(later.min(passed)));
        let frozen = match minute.checked_sub(self.place) {
            Some(0) => part + (1.0 - part) * of_age(later),
            Some(passed) => (1.0 - part) * of_age(passed - 1) + part * of_age(passed),
            None => of_age(later),
        };
        let share = lost * frozen + (1.0 - lost) * of_age(later);
        let open = self.open(later);
        let mut odds = Odds::default();
        odds.add(&Odds::finished(), self.n - open);
        odds.add(&Odds::open(share), open);
        odds
    }

    /// What it says when each worker was restarted once within these minutes: what is open was lost by that, or is as
    /// old as it looks. First where some of it stalls as well, then where that happened instead of a restart.
    fn odds_if_rolled(&self, later: usize, usual: &Usual, (first, end): (usize, usize)) -> (Odds, Odds) {
        let of_age = |passed: usize| usual.share_open(self.age(passed));
        let by_now = of_age(later);
        let in_minute = |minute: usize| minute.checked_sub(self.place + 1).map_or(1.0, of_age);
        let restarts = self.place.max(first)..end.min(self.place + later + 1);
        let lost: f64 = restarts.map(|minute| (in_minute(minute) - by_now).max(0.0)).sum();
        let share = (by_now + lost / (end - first) as f64).min(MOST_LOST);
        let open = self.open(later);
        let (mut beside, mut instead) = (Odds::default(), Odds::default());
        beside.add(&Odds::finished(), self.n - open);
        beside.add(&Odds::open(share), open);
        let (of_open, of_finished) = Odds::instead(by_now.min(share), share);
        instead.add(&of_finished, self.n - open);
        instead.add(&of_open, open);
        (beside, instead)
    }

    /// Whether some of it was open before this minute, and ended after it.
    fn outlived(&self, minute: usize, later: usize) -> bool {
        let passed = minute.saturating_sub(self.place);
        self.place < minute && later > passed && self.open(later) < self.open(passed)
    }
}

/// A restart in a minute of the watch, when this part of it had passed, that lost this share of what was open.
#[derive(Clone, Copy, Debug)]
struct Loss {
    minute: usize,
    part: f64,
    lost: f64,
}

/// Judges at the end of each minute of the watch, of which `passed` are over.
///
/// The evidence is that of [`ln_stall`](crate::detect::flow::ln_stall), in whole minutes, against a mixture: of the
/// healthy, of a restart that loses what is open in the minute that is the worst to tell from a stall, and of one worker
/// after the other in the first minutes. What stands now, and is listed, is its mean with the evidence against the healthy
/// alone once that is much: a stall is shown before it is told from a restart.
pub(super) fn judge(signature: SignatureIndex, kind: &Kind, usual: &Usual, from: Minute, passed: &[Passed]) -> Stall {
    let work = Work { started: started(kind, from, passed), usual, odds: usual.odds() };
    let mut stall = Stall { signature, due: 0, overdue: 0, expected: 0.0, now: 0.0, ever: 0.0, onset: None };
    let all: Vec<f64> = (0..passed.len()).map(|end| work.against_healthy(end)).collect();
    if let Some((end, last)) = all.iter().enumerate().next_back() {
        stall.ever = work.most(&all);
        let guarded = work.against_restarts(end, *last);
        stall.now = if *last >= MUCH.ln() { ln_average(*last, guarded) } else { guarded };
    }
    let overdue_from = usual.overdue_from();
    for begun in &work.started {
        let later = passed.len().saturating_sub(begun.place + 1);
        let age = begun.age(later);
        if age >= overdue_from {
            stall.due += begun.n;
            stall.overdue += begun.open(later);
            stall.expected += begun.n as f64 * usual.on_average.get(age).copied().unwrap_or(0.0);
            if begun.open(later) > 0 && stall.onset.is_none() {
                stall.onset = u32::try_from(begun.place).ok();
            }
        }
    }
    stall
}

/// What began in a watch, and what is usual.
struct Work<'a> {
    started: Vec<Started>,
    usual: &'a Usual,
    /// What open work says, by its age.
    odds: Vec<Odds>,
}

impl Work<'_> {
    fn begun(&self, end: usize) -> &[Started] {
        let n = self.started.partition_point(|work| work.place <= end);
        self.started.get(..n).unwrap_or(&[])
    }

    /// The logarithm of the evidence at the end of a minute against work that goes as before.
    fn against_healthy(&self, end: usize) -> f64 {
        self.sum(self.begun(end), end).ln()
    }

    fn sum(&self, some: &[Started], end: usize) -> Odds {
        let mut sum = Odds::default();
        some.iter().for_each(|work| sum.add(&work.odds(end - work.place, &self.odds), 1));
        sum
    }

    /// The most evidence there was at the end of any minute; what cannot be the most is not calculated.
    fn most(&self, all: &[f64]) -> f64 {
        let mut ends: Vec<usize> = (0..all.len()).collect();
        ends.sort_by(|a, b| all[*b].total_cmp(&all[*a]));
        let mut most = 0.0_f64;
        for end in ends {
            if all[end] <= most {
                break;
            }
            most = most.max(self.against_restarts(end, all[end]));
        }
        most
    }

    /// The logarithm of the evidence against the mixture of the healthy and of restarts.
    fn against_restarts(&self, end: usize, all: f64) -> f64 {
        if all <= 0.0 {
            return all;
        }
        // What began in the minutes before each.
        let mut until = vec![Odds::default()];
        for work in self.begun(end) {
            let mut sum = until.last().copied().unwrap_or_default();
            sum.add(&work.odds(end - work.place, &self.odds), 1);
            until.push(sum);
        }
        let of_all = (0..=end).map(|minute| self.against_restart_of_all(end, minute, &until)).fold(all, f64::min);
        let of_some = |minutes: Range<usize>| {
            minutes.map(|minute| self.against_restart(end, minute, SOME, &until)).fold(all, f64::min)
        };
        let (soon, late) = (of_some(0..SOON.min(end + 1)), of_some(SOON..end + 1));
        let rolled =
            ROLLED_WITHIN.map(|within| self.against_rolling(end, within, &until)).into_iter().fold(all, f64::min);
        let healthy = 1.0 - ALL_RESTARTED - SOME_RESTARTED_SOON - SOME_RESTARTED_LATE - ROLLED;
        -ln_sum([
            healthy.ln() - all,
            ALL_RESTARTED.ln() - of_all,
            SOME_RESTARTED_SOON.ln() - soon,
            SOME_RESTARTED_LATE.ln() - late,
            ROLLED.ln() - rolled,
        ])
    }

    /// The same against a restart of one worker after the other within these minutes, of all of them: it is refuted by
    /// much that finished as well, where it should have been lost. `until` is what began in the minutes before each.
    fn against_rolling(&self, end: usize, within: (usize, usize), until: &[Odds]) -> f64 {
        let begun = self.begun(end);
        let n_first = begun.partition_point(|work| work.place < within.1);
        let odds_of = |place: usize| until.get(place).copied().unwrap_or_default();
        let mut beside = odds_of(begun.len()).without(&odds_of(n_first));
        let mut instead = beside;
        for work in begun.get(..n_first).unwrap_or(&[]) {
            let (of_both, of_stall) = work.odds_if_rolled(end - work.place, self.usual, within);
            beside.add(&of_both, 1);
            instead.add(&of_stall, 1);
        }
        ln_average(beside.ln(), instead.ln())
    }

    /// The same against a restart of all workers in this minute. Work that outlived it refutes it.
    fn against_restart_of_all(&self, end: usize, minute: usize, until: &[Odds]) -> f64 {
        if self.begun(end).iter().any(|work| work.outlived(minute, end.saturating_sub(work.place))) {
            return f64::INFINITY;
        }
        self.against_restart(end, minute, 1.0, until)
    }

    /// The same against a restart that loses this share of what is open, at any moment of a minute as likely.
    fn against_restart(&self, end: usize, minute: usize, lost: f64, until: &[Odds]) -> f64 {
        let against = |part: f64| self.against_loss(end, Loss { minute, part, lost }, until);
        (WITHIN_MINUTE.len() as f64).ln() - ln_sum(WITHIN_MINUTE.map(|part| -against(part)))
    }

    /// The same against a loss of what was open at this moment; `until` is what began in the minutes before each.
    fn against_loss(&self, end: usize, loss: Loss, until: &[Odds]) -> f64 {
        let begun = self.begun(end);
        let first = begun.partition_point(|work| work.place + self.usual.flat_from() < loss.minute);
        let last = begun.partition_point(|work| work.place <= loss.minute);
        let odds_of = |place: usize| until.get(place).copied().unwrap_or_default();
        let mut sum = odds_of(begun.len()).without(&odds_of(last).without(&odds_of(first)));
        for work in begun.get(first..last).unwrap_or(&[]) {
            sum.add(&work.odds_if(end - work.place, self.usual, loss), 1);
        }
        sum.ln()
    }
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

#[cfg(test)]
mod tests;
