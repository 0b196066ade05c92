//! The plan of the search, gone through with the outcomes that are known.

use super::{Conclusion, Refusal, SAMPLE, Search, Subset, guess};

/// Passes in a row that a flaky command must show at least, and the most that are asked for.
const PASSES: (u32, u32) = (3, 15);

/// How likely a flaky command may be to pass that often by chance.
const CHANCE: f64 = 0.01;

/// What is left of the suspicion against a unit that did not help alone.
const CLEARED: f64 = 0.1;

/// Fewer units, and those of fewer files, are not first shrunk by file: halving them costs less.
const UNITS_AND_FILES: (usize, usize) = (24, 4);

/// The most guesses that are tried before what is left is halved, and the most in a row that may be wrong: where parts do
/// not run without each other, all are.
const GUESSES: (usize, usize) = (8, 2);

/// The most units of which the first suspect and what it needs may consist to be tried before anything else.
const FIRST: usize = 5;

/// Why the plan cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// The outcome of this is missing.
    Run(Subset),
    /// An outcome is missing, and there may be no further run.
    Cut,
}

/// The plan; an `Err` is the outcome that it lacks.
pub(super) struct Plan<'s> {
    pub(super) search: &'s Search,
    /// Runs that may be asked for.
    pub(super) left: usize,
}

impl Plan<'_> {
    pub(super) fn conclude(&self) -> Result<Conclusion, Hold> {
        let field = &self.search.field;
        if field.n_units == 0 {
            return Ok(Conclusion::NotFound);
        }
        if let Some(refusal) = self.refusal_at_head()? {
            return Ok(Conclusion::CannotJudge(refusal));
        }
        let first = self.first();
        let start = if field.n_suspects > 0 && self.passes(&first)? {
            first
        } else {
            match self.before()? {
                Ok(all) => self.guessed(all)?,
                Err(refusal) => return Ok(Conclusion::CannotJudge(refusal)),
            }
        };
        let mut files = self.by_file(&start);
        let (n_units, n_files) = UNITS_AND_FILES;
        if start.len() >= n_units && files.len() >= n_files && files.len() < start.len() {
            files = self.thinned(files, 1)?;
        }
        let units = self.swept(self.halved(files.into_iter().flatten().collect())?)?;
        // When it fails now, that is known from then on, and the next round finds something else.
        let confirmed = self.is_believed(&units)?;
        Ok(Conclusion::Found { minimal: self.is_minimal(&units), units, confirmed })
    }

    /// The first suspect, with what it needs.
    fn first(&self) -> Subset {
        let alone = Subset::from([0]);
        let with = self.closed(&alone);
        if with.len() <= FIRST { with } else { alone }
    }

    /// Units with all that must be taken back with them.
    fn closed(&self, units: &Subset) -> Subset {
        units.iter().flat_map(|unit| self.search.field.needs_of(*unit)).chain(units).copied().collect()
    }

    /// What is left of units without some, and without those that need one of these.
    fn left(&self, units: &Subset, out: &Subset) -> Subset {
        let needs_out = |unit: usize| self.search.field.needs_of(unit).iter().any(|needed| out.contains(needed));
        units.iter().copied().filter(|unit| !out.contains(unit) && !needs_out(*unit)).collect()
    }

    /// Whether the subset is known to pass, as often as it must, and the failure as deployed is known too.
    pub(super) fn is_believed(&self, units: &Subset) -> Result<bool, Hold> {
        let needed = self.needed()?.unwrap_or(PASSES.1).max(2);
        let tally = self.search.tally(units);
        if tally.failed > 0 {
            return Ok(false);
        }
        if tally.passed < needed {
            return Err(self.hold(units));
        }
        let nothing = Subset::new();
        if self.search.tally(&nothing).runs() < 2 {
            return Err(self.hold(&nothing));
        }
        Ok(true)
    }

    /// Whether leaving any one unit out is known to fail.
    pub(super) fn is_minimal(&self, units: &Subset) -> bool {
        units.iter().all(|unit| self.search.tally(&without(units, *unit)).failed > 0)
    }

    /// As deployed, the command must fail, and if it is flaky, often enough.
    fn refusal_at_head(&self) -> Result<Option<Refusal>, Hold> {
        let nothing = Subset::new();
        let tally = self.search.tally(&nothing);
        match (tally.passed, tally.failed) {
            (0, 0) | (1, 0) => Err(self.hold(&nothing)),
            (_, 0) => Ok(Some(Refusal::PassesAtHead)),
            _ => Ok(self.needed()?.is_none().then_some(Refusal::Flaky)),
        }
    }

    /// How often a subset must pass to count as passing; `None` when too often to be tried.
    fn needed(&self) -> Result<Option<u32>, Hold> {
        if !self.search.is_flaky() {
            return Ok(Some(1));
        }
        let nothing = Subset::new();
        let tally = self.search.tally(&nothing);
        if tally.runs() < SAMPLE {
            return Err(self.hold(&nothing));
        }
        if tally.failed == 0 {
            return Ok(None);
        }
        let share = f64::from(tally.failed) / f64::from(tally.runs());
        // A share of 1 gives zero passes: then the least is asked for.
        let passes = (CHANCE.ln() / (1.0 - share).ln()).ceil();
        Ok((passes <= f64::from(PASSES.1)).then(|| (passes as u32).max(PASSES.0)))
    }

    fn hold(&self, subset: &Subset) -> Hold {
        if self.left > 0 { Hold::Run(subset.clone()) } else { Hold::Cut }
    }

    fn passes(&self, subset: &Subset) -> Result<bool, Hold> {
        let tally = self.search.tally(subset);
        if tally.failed > 0 {
            return Ok(false);
        }
        let needed = self.needed()?.unwrap_or(PASSES.1);
        if tally.passed >= needed { Ok(true) } else { Err(self.hold(subset)) }
    }

    /// Whether what failed fails again.
    fn always_fails(&self, subset: &Subset) -> Result<bool, Hold> {
        let tally = self.search.tally(subset);
        if tally.runs() < 2 { Err(self.hold(subset)) } else { Ok(tally.passed == 0) }
    }

    /// All that can be taken back: with it, the command must pass.
    fn before(&self) -> Result<Result<Subset, Refusal>, Hold> {
        let field = &self.search.field;
        let all: Subset = (0..field.n_units).collect();
        if self.passes(&all)? {
            return Ok(Ok(all));
        }
        // A test that came with the deploy is not there before it.
        let code: Subset = all.difference(&field.tests).copied().collect();
        if !code.is_empty() && code.len() < all.len() && self.passes(&code)? {
            return Ok(Ok(code));
        }
        let fails = self.always_fails(&all)?;
        Ok(Err(if fails { Refusal::FailsAtBase } else { Refusal::Flaky }))
    }

    /// The part of what passes that is found by guesses, or else by what outputs of runs suggest; all of it, when none is
    /// right.
    fn guessed(&self, all: Subset) -> Result<Subset, Hold> {
        let field = &self.search.field;
        if field.n_suspects == 0 {
            return Ok(self.hinted(&all)?.unwrap_or(all));
        }
        let guesses = guess::guesses(field);
        let (mut within, mut failed) = (all, vec![self.first()]);
        let ((most, most_wrong), mut n_wrong) = (GUESSES, 0);
        for _ in 0..most {
            let Some(next) = guess::next(&guesses, &within, &failed) else { break };
            if self.passes(&next)? {
                (within, n_wrong) = (next, 0);
                continue;
            }
            // Only the first guess is better than what a run said.
            if failed.len() == 1
                && let Some(hint) = self.hinted(&within)?
            {
                return Ok(hint);
            }
            failed.push(next);
            n_wrong += 1;
            if n_wrong == most_wrong {
                break;
            }
        }
        Ok(within)
    }

    /// What outputs of runs suggest, where it passes.
    fn hinted(&self, all: &Subset) -> Result<Option<Subset>, Hold> {
        for hint in self.search.hints.iter().filter(|hint| hint.is_subset(all)) {
            if self.passes(hint)? {
                return Ok(Some(hint.clone()));
            }
        }
        Ok(None)
    }

    /// Units by the file that they are in, the most suspicious first: parts of a file often do not even run without the
    /// others.
    fn by_file(&self, units: &Subset) -> Vec<Subset> {
        let mut groups: Vec<(Option<usize>, Subset)> = Vec::new();
        for unit in units {
            let file = self.search.field.files.get(*unit).copied();
            match groups.iter_mut().find(|(other, _)| file.is_some() && *other == file) {
                Some((_, group)) => {
                    group.insert(*unit);
                }
                None => groups.push((file, Subset::from([*unit]))),
            }
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// Shrinks what passes along the ranking: keeps the last unit of the shortest prefix that passes,
    /// then does the same with what lies before it, until what is kept passes alone.
    fn halved(&self, start: Subset) -> Result<Subset, Hold> {
        let mut kept = Subset::new();
        let mut open: Vec<usize> = start.iter().copied().collect();
        loop {
            // What was left out before stays out, whatever seems to need it.
            let with = |n_open: usize| -> Subset {
                let units = open.iter().take(n_open).chain(&kept).copied().collect();
                self.closed(&units).intersection(&start).copied().collect()
            };
            if !kept.is_empty() && self.passes(&with(0))? {
                return Ok(with(0));
            }
            let (mut fails, mut passes) = (0, open.len());
            while passes - fails > 1 {
                let middle = self.middle(&open, fails, passes);
                let subset = with(middle);
                if !self.is_within_failure(&subset) && self.passes(&subset)? {
                    passes = middle;
                } else {
                    fails = middle;
                }
            }
            // At least one unit is open here: with none open, what is kept passes.
            let Some(last) = open.get(fails).copied() else { return Ok(kept) };
            open.truncate(fails);
            kept.insert(last);
        }
    }

    /// Where to cut the units between two places, so that each side holds about half of the suspicion.
    fn middle(&self, open: &[usize], fails: usize, passes: usize) -> usize {
        let weights: Vec<f64> = open.iter().take(passes).skip(fails).map(|unit| self.weight(*unit)).collect();
        let half = weights.iter().sum::<f64>() / 2.0;
        let mut sum = 0.0;
        let mut middle = fails;
        for weight in weights {
            // The cut comes before the unit that crosses the half, unless most of it lies before.
            if middle > fails && sum + weight / 2.0 > half {
                break;
            }
            sum += weight;
            middle += 1;
        }
        middle.clamp(fails + 1, passes - 1)
    }

    /// How suspicious a unit still is; one that did not help alone is less so.
    fn weight(&self, unit: usize) -> f64 {
        let is_cleared = self.search.tally(&Subset::from([unit])).failed > 0;
        let weight = self.search.field.weights.get(unit).copied().unwrap_or(1.0);
        if is_cleared { weight * CLEARED } else { weight }
    }

    /// Whether more than this was taken back already and did not help. Mostly less does not help then
    /// either; where it would, a larger patch than needed is found, and shrunk later.
    fn is_within_failure(&self, subset: &Subset) -> bool {
        let failed = self.search.tallies.iter().filter(|(_, tally)| tally.failed > 0);
        failed.into_iter().any(|(failed, _)| failed.is_superset(subset))
    }

    /// Leaves groups out in runs, the least suspicious first, as long as it passes without them: runs of half of them, then of
    /// a quarter, down to this many.
    ///
    /// Where some do not even run without others, more is kept than without that, but what has nothing to do with them goes.
    fn thinned(&self, mut groups: Vec<Subset>, least: usize) -> Result<Vec<Subset>, Hold> {
        let mut size = groups.len() / 2;
        while size >= least && groups.len() > 1 {
            let ranked: Vec<Subset> = groups.iter().rev().cloned().collect();
            for run in ranked.chunks(size) {
                let all: Subset = groups.iter().flatten().copied().collect();
                let rest = self.left(&all, &run.iter().flatten().copied().collect());
                if !rest.is_empty() && rest != all && self.passes(&rest)? {
                    groups = groups.iter().map(|group| group & &rest).filter(|group| !group.is_empty()).collect();
                }
            }
            if size == 1 {
                break;
            }
            size = (size / 2).min(groups.len() / 2).max(1);
        }
        Ok(groups)
    }

    /// Leaves units out as long as it passes without them: in runs first, then one by one, the least
    /// suspicious first, with those that need them, and at last without.
    fn swept(&self, units: Subset) -> Result<Subset, Hold> {
        let alone = units.into_iter().map(|unit| Subset::from([unit])).collect();
        let mut units: Subset = self.thinned(alone, 2)?.into_iter().flatten().collect();
        'again: loop {
            let rests = units.iter().rev().map(|unit| self.left(&units, &Subset::from([*unit])));
            let rests: Vec<Subset> = rests.chain(units.iter().rev().map(|unit| without(&units, *unit))).collect();
            for rest in rests {
                if !rest.is_empty() && self.passes(&rest)? {
                    units = rest;
                    continue 'again;
                }
            }
            return Ok(units);
        }
    }
}

fn without(units: &Subset, unit: usize) -> Subset {
    let mut rest = units.clone();
    rest.remove(&unit);
    rest
}
