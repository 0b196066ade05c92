//! What findings are called, on the screen, in reports and in `--json`, and how they are explained.
//!
//! Text that came from a log is put in as it is: whoever shows a sentence makes it visible first.

use super::baseline::{Noise, STRETCHES, SelfCheck};
use super::beside::Beside;
use super::watch::{Assessment, Judgement, Kind, LISTED, Overall, Tier};

/// An upper end of a ratio beyond this tells nothing: there was too little before to compare with.
const KNOWN: f64 = 10_000.0;

impl Kind {
    /// Its name, in lower case, as in `--json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rise => "rise",
            Self::New => "new",
            Self::Drop => "drop",
            Self::Stall => "stall",
            Self::Skip => "skip",
            Self::Silent => "silent",
        }
    }
}

impl Tier {
    /// Its name, in lower case, as in `--json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Confirmed => "confirmed",
        }
    }
}

impl Overall {
    /// The verdict in words, fit to follow "deploy v1.8.2: ".
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::CannotJudge(why) => (*why).to_owned(),
            Self::Healthy => "no finding".to_owned(),
            Self::Candidates(1) => "1 candidate, not confirmed".to_owned(),
            Self::Candidates(n) => format!("{n} candidates, none confirmed"),
            Self::Regressed(1) => "1 confirmed regression".to_owned(),
            Self::Regressed(n) => format!("{n} confirmed regressions"),
        }
    }
}

/// What each of the figures of an explanation is called, and the figure with its unit.
pub type Explanation = Vec<(&'static str, String)>;

/// The warning that belongs beside every p-value.
const P_WARNING: &str = "14 to 40 % of healthy signatures get below 0.05 at some time within an hour";

impl Assessment {
    /// What was found about a signature of this name, as one sentence without a full stop.
    #[must_use]
    pub fn sentence(&self, name: &str, watched_minutes: f64) -> String {
        let name = format!("`{name}`");
        let minutes = watched_minutes.round();
        let seen = format!("{name} {} in {minutes} min", times(self.observed));
        let laid = self.laid().map_or_else(String::new, |laid| format!("; {laid}"));
        let found = match self.finding.map(|finding| finding.kind) {
            Some(Kind::Silent) => format!("no line at all since minute {}: {}", self.onset.unwrap_or(0), self.surety()),
            Some(Kind::New) => format!("{seen}, never before: new, {}", self.surety()),
            Some(Kind::Stall) => {
                format!("{name} stalls: {} started and not finished, {}", self.observed, self.surety())
            }
            Some(Kind::Skip) => {
                let of = self.finished.map_or(0, |finished| finished.n);
                let (expected, surety) = (number(self.expected), self.surety());
                format!("{name} in {} of {of} finished tasks, {expected} expected: left out, {surety}", self.observed)
            }
            Some(kind @ (Kind::Rise | Kind::Drop)) if self.is_as_usual() => {
                let (predicted, mean) = (number(self.predicted), number(self.expected));
                let than = if kind == Kind::Rise { "more" } else { "fewer" };
                format!("{seen}, {predicted} expected at this hour: as usual, though {than} than the mean of {mean}")
            }
            Some(Kind::Rise | Kind::Drop) => {
                let expected = number(self.predicted);
                let beside = self.beside.filter(|it| it.evidence >= LISTED).map_or_else(String::new, |it| it.told());
                format!("{seen}, {expected} expected: {}, {}, {}{beside}", self.effect(), self.since(), self.surety())
            }
            None if self.predicted > 0.0 => {
                format!("{seen}, {} expected: within its usual spread", number(self.predicted))
            }
            None => seen,
        };
        found + &laid
    }

    /// Which of the deploys that are watched at the same time it came with: "72 % v1.8.3, 28 % v1.8.2". Versions are
    /// hostile.
    #[must_use]
    pub fn laid(&self) -> Option<String> {
        let percent = |share: f64| (100.0 * share).round();
        let told = self.shares.iter().filter(|share| percent(share.share) >= 1.0);
        let told: Vec<String> = told.map(|it| format!("{} % {}", percent(it.share), it.version)).collect();
        (self.finding.is_some() && !told.is_empty()).then(|| told.join(", "))
    }

    /// What it is called in a list: the kind of what was found, or "usual" where only the hour differs from the mean.
    #[must_use]
    pub fn word(&self) -> Option<&'static str> {
        let kind = self.finding?.kind;
        Some(if self.is_as_usual() { "usual" } else { kind.word() })
    }

    /// By how much it changed, with the ends of the interval where they are known.
    #[must_use]
    pub fn effect(&self) -> String {
        let Some(ratio) = self.ratio else { return "new".to_owned() };
        match (self.ratio_low, self.ratio_high) {
            (Some(low), Some(high)) if high > KNOWN => format!("x{} ({} or more)", number(ratio), number(low)),
            (Some(low), Some(high)) => format!("x{} ({} to {})", number(ratio), number(low), number(high)),
            (Some(_) | None, _) => format!("x{}", number(ratio)),
        }
    }

    fn since(&self) -> String {
        match self.onset {
            Some(0) | None => "since the deploy".to_owned(),
            Some(minute) => format!("since minute {minute}"),
        }
    }

    /// How sure the finding is.
    #[must_use]
    pub fn surety(&self) -> &'static str {
        match self.finding.map(|finding| finding.tier) {
            Some(Tier::Confirmed) => "confirmed",
            Some(Tier::Candidate) if self.is_listed() => "likely, not confirmed",
            Some(Tier::Candidate) if self.is_as_usual() => "a candidate by p, as usual for this hour",
            Some(Tier::Candidate) => "a candidate only",
            None => "no finding",
        }
    }

    /// How it was judged: each figure with its name, for whoever doubts.
    #[must_use]
    pub fn explanation(&self, judgement: &Judgement) -> Explanation {
        match self.finding.map(|finding| finding.kind) {
            Some(Kind::Stall) => return self.explain_stall(),
            Some(Kind::Skip) => return self.explain_skip(),
            Some(Kind::Rise | Kind::New | Kind::Drop | Kind::Silent) | None => {}
        }
        let watched = number(judgement.watched_minutes);
        let mut lines = vec![
            ("observed", format!("{} in {watched} min", times(self.observed))),
            ("mean of the baseline", format!("{} expected, from {}", number(self.expected), baseline(judgement))),
            ("p", format!("{} for so many, one-tailed Poisson; {P_WARNING}", small(self.p))),
        ];
        if self.is_as_usual() {
            lines.push(("this hour", "as usual: beside what is expected now, so many are no candidate".to_owned()));
        }
        if self.predicted > 0.0 {
            let what = "by the hour of the day, last week's same hour and the hours before the deploy";
            lines.push(("expected now", format!("{} {what}", number(self.predicted))));
            lines.push((
                "ratio",
                format!("{}; the interval holds at every look at once, in 95 of 100 watches", self.effect()),
            ));
        }
        let busy = |traffic: f64| format!("x{} of what is usual, and what follows it is expected so", number(traffic));
        lines.extend(judgement.traffic.map(|traffic| ("traffic", busy(traffic))));
        lines.push(self.explain_evidence());
        let by = "by the minutes in which it changed, as the days before the first of them predict";
        lines.extend(self.laid().map(|laid| ("came with", format!("{laid}, {by}"))));
        lines.extend(self.beside.map(|beside| ("new beside old", beside.words())));
        if let Some(threshold) = self.threshold {
            let n = judgement.assessments.len();
            lines.push(("confirmed from", format!("E {}, shared among {n} signatures", large(threshold))));
        }
        if let Some(model) = self.model {
            lines.push(("bursts", format!("variance {} times the mean within an hour", number(model.burst))));
            let wanders = (100.0 * model.level.sqrt()).round();
            lines.push(("level", format!("wanders by {wanders} % an hour, twice that on 3 days in 100")));
            lines.push(("own spikes", format!("{} an hour without any deploy", small(model.spikes))));
        }
        lines.extend(self.noise.map(|noise| ("restarts", noise.words())));
        lines.push(("self-check", judgement.self_check.words()));
        let newcomers = judgement.newcomers;
        lines.push((
            "newcomers",
            format!("{} since the deploy; a healthy watch brings {}", newcomers.seen, number(newcomers.expected)),
        ));
        lines
    }

    fn explain_evidence(&self) -> (&'static str, String) {
        ("evidence", format!("E {} now, {} at most; listed from {LISTED}", large(self.evidence), large(self.peak)))
    }

    fn explain_skip(&self) -> Explanation {
        let n = self.finished.map_or(0, |finished| finished.n);
        let mut lines = vec![
            ("taken", format!("in {} of {n} tasks that began since the deploy and finished", self.observed)),
            (
                "expected",
                format!("{} of so many, by finished tasks of the same length before it", number(self.expected)),
            ),
            self.explain_evidence(),
        ];
        let confirming = self.threshold.map(|threshold| format!("E {}, shared among the steps", large(threshold)));
        lines.extend(confirming.map(|words| ("confirmed from", words)));
        lines
    }

    fn explain_stall(&self) -> Explanation {
        let overdue = "started since the deploy and open for longer than hardly any used to be";
        let mut lines = vec![
            ("overdue", format!("{} {overdue}", self.observed)),
            ("expected", format!("{} of so many, by the tasks before the deploy", number(self.expected))),
            self.explain_evidence(),
        ];
        let confirming =
            self.threshold.map(|threshold| format!("E {}, shared among the kinds of work", large(threshold)));
        let counted =
            "of work that not one restart alone would have lost; the evidence that stands now counts all work";
        lines.extend(confirming.map(|words| ("confirmed from", format!("{words}, {counted}"))));
        lines
    }
}

impl Beside {
    /// The same within a sentence.
    fn told(&self) -> String {
        let share = number(100.0 * self.share);
        format!("; the new version wrote {} of {}, and {share} % of the other lines beside", self.new, self.all)
    }

    /// How much of a signature the new version wrote, beside the old one in the same minutes.
    #[must_use]
    pub fn words(&self) -> String {
        let share = number(100.0 * self.share);
        let found =
            format!("{} of {} from the new version, which wrote {share} % of the other lines", self.new, self.all);
        if self.evidence >= LISTED {
            return format!("{found} in the same minutes: more than its part, E {}", large(self.evidence));
        }
        format!("{found} in the same minutes: E {}, no difference to speak of", large(self.evidence))
    }
}

impl Noise {
    /// What earlier deploys brought in their first minutes.
    #[must_use]
    pub fn words(&self) -> String {
        let told = |((from, to), factor): (&(u32, u32), f64)| {
            (*from == 0 || (factor - 1.0).abs() >= 0.05)
                .then(|| format!("x{} in minutes {from} to {to}", number(factor)))
        };
        let found: Vec<String> = STRETCHES.iter().zip(self.factors).filter_map(told).collect();
        let found = format!("{} after {} earlier deploys", found.join(", "), self.deploys);
        format!("{found}, expected of this one too; what goes on after them counts in full")
    }
}

impl SelfCheck {
    /// How often healthy hours of this log would have been listed, against what is promised.
    #[must_use]
    pub fn words(&self) -> String {
        if self.hours == 0 {
            return "too little past to check the judge by".to_owned();
        }
        let share = number(100.0 * self.listed);
        let found = format!("of {} healthy hours of single signatures {share} % would be listed", self.hours);
        if self.safety > 1.0 {
            let by = number(self.safety);
            return format!("{found}, or too many with much evidence: variances are taken {by} times as large");
        }
        format!("{found}; at most 5 % is promised")
    }
}

fn baseline(judgement: &Judgement) -> String {
    let minutes = judgement.baseline_minutes;
    if minutes < 2 * 1440 { format!("{minutes} minutes") } else { format!("{:.1} days", f64::from(minutes) / 1440.0) }
}

fn times(n: u64) -> String {
    match n {
        0 => "not once".to_owned(),
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}

/// A number with about two digits that matter.
fn number(n: f64) -> String {
    let digits = match n.abs() {
        x if x >= 9.95 || x == 0.0 => 0,
        x if x >= 0.095 => 1,
        x if x >= 0.0095 => 2,
        _ => 3,
    };
    format!("{n:.digits$}")
}

/// A probability or a small rate.
fn small(p: f64) -> String {
    if p >= 0.001 { format!("{p:.3}") } else { format!("{p:.0e}") }
}

/// A number of which only the size matters.
fn large(n: f64) -> String {
    if n < 100_000.0 { number(n) } else { format!("{n:.0e}") }
}

#[cfg(test)]
mod tests;
