//! Judges counts that come from anywhere, as a table.
//!
//! Input: text with the columns `minute,signature,count`, in any order and with others between them;
//! optionally `exposure`, such as the requests served in that minute, and which minutes were observed. Output: [`Line`]s,
//! the same judgement as on the screen.
//!
//! Pure. Reads no file (`shell` does).

mod csv;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::counts::{Counts, Coverage, SIGNATURES, SignatureIndex};
use super::{Assessment, Beyond, Deploy, Judgement, Kind, Origin, Settings, Share, Tier, Watch, overlap, poisson};
use crate::units::{Minute, Timestamp};
use csv::Records;

/// Which of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The counts.
    Counts,
    /// The minutes in which each source was observed.
    Covered,
}

/// Why a table cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct TableError {
    /// Which one.
    pub which: Which,
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The first line does not name a column that is needed.
    #[error("the first line names no column {0:?}")]
    NoColumn(&'static str),
    /// The row ends before a column that is needed.
    #[error("the row has {0} fields, and {1:?} is the name of a later one")]
    TooShort(usize, &'static str),
    /// A quote is opened and never closed.
    #[error("a quote is opened and never closed")]
    Unclosed,
    /// What names the signature or the source is empty.
    #[error("the {0} is empty")]
    Nameless(&'static str),
    /// The minute is no point in time.
    #[error("{0:?} is no time")]
    NoTime(String),
    /// The count is no whole number from 0 on.
    #[error("{0:?} is no count")]
    NoCount(String),
    /// The exposure is no number from 0 on.
    #[error("{0:?} is no exposure")]
    NoExposure(String),
    /// More signatures than can be told apart.
    #[error("more than {SIGNATURES} signatures")]
    TooMany,
}

impl Fault {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoColumn(_) => {
                "Begin counts with the line minute,signature,count and covered minutes with source,minute; further \
                 columns do no harm."
            }
            Self::TooShort(..) => "Give every row all columns; a name with a comma in it needs quotes around it.",
            Self::Unclosed => "Close the quote; a quote within a name is written twice.",
            Self::Nameless(_) => "Name it, or leave the row out.",
            Self::NoTime(_) => "Write a minute with its zone, as 2026-11-24T10:15:00Z or 2026-11-24T11:15:00+01:00.",
            Self::NoCount(_) => "Write the events of that minute as a whole number from 0 to 4294967295.",
            Self::NoExposure(_) => "Write the chances to fail of that minute, such as requests, as a number from 0 on.",
            Self::TooMany => "Leave out signatures that need no judgement.",
        }
    }
}

/// Counts with the names of their signatures.
#[derive(Debug, Default)]
pub struct Table {
    counts: Counts,
    names: Vec<String>,
    /// Whether the minutes that were observed are known, or only those with events.
    coverage_known: bool,
    span: Option<(Minute, Minute)>,
    /// Stands for the exposure, which is counted like a signature.
    exposure: Option<SignatureIndex>,
}

/// What is asked of a table.
#[derive(Clone, Debug)]
pub struct Question {
    /// When the deploys were; those after the first are judged beside it.
    pub deploys: Vec<Timestamp>,
    /// Earlier ones, which tell what a restart brings.
    pub earlier: Vec<Timestamp>,
    /// Minutes after each that are judged and were observed; as far as the table goes if not given.
    pub minutes: Option<u32>,
    /// Whether a line is wanted for every minute, or for the last one only.
    pub each_minute: bool,
    /// How it is judged.
    pub settings: Settings,
}

/// How likely a change came with a deploy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CameWith {
    /// That deploy.
    pub deploy: Timestamp,
    /// The chance.
    pub share: f64,
}

/// What is said of one signature after one minute.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// The last minute that is judged.
    pub minute: Timestamp,
    /// The deploy by whose watch it is judged; `None` where there is only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deploy: Option<Timestamp>,
    /// Of what is listed, how likely it came with each of the deploys, likeliest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub came_with: Vec<CameWith>,
    /// Its name; `None` for the whole source.
    pub signature: Option<String>,
    /// Events since the deploy.
    pub observed: u64,
    /// Events by the mean rate of the baseline.
    pub expected: f64,
    /// One-tailed p-value of so many events or more; of what is new, by the posterior of its rate.
    pub p: f64,
    /// Evidence that is valid at every look.
    pub e: f64,
    /// `none`, `list` or `confirmed`.
    pub tier: &'static str,
    /// In which way it changed; `None` when it is not listed.
    pub kind: Option<Kind>,
    /// Rate over what is predicted.
    pub ratio: Option<f64>,
    /// The lower end of the ratio.
    pub low: Option<f64>,
    /// The upper end of the ratio.
    pub high: Option<f64>,
    /// Since when the evidence is strongest.
    pub onset: Option<Timestamp>,
}

impl Table {
    /// Reads counts, and the minutes of each source that were observed: columns `source,minute`.
    ///
    /// Without those, every minute from the first to the last one of the table counts as observed, but for stretches
    /// without any row in which twenty events and more are usual: there the source was away. A row says that its minute
    /// was observed, also one with a count of 0.
    ///
    /// # Errors
    ///
    /// When a column is missing, or a field is not what its column says.
    pub fn parse(counts: &str, covered: Option<&str>) -> Result<Self, TableError> {
        let mut table = Self { coverage_known: covered.is_some(), ..Self::default() };
        table.read_counts(counts)?;
        match (covered, table.span) {
            (Some(covered), _) => table.read_covered(covered)?,
            (None, Some((first, last))) => observe(&mut table.counts, first, last.plus(1)),
            (None, None) => {}
        }
        Ok(table)
    }

    fn read_counts(&mut self, text: &str) -> Result<(), TableError> {
        let mut records = Records::new(text, Which::Counts);
        let [minute, signature, count] = records.columns(["minute", "signature", "count"])?;
        let exposure = records.column("exposure");
        let mut exposed: BTreeMap<Minute, u32> = BTreeMap::new();
        let mut places: HashMap<String, u32> = HashMap::new();
        let mut minutes = Minutes::default();
        while let Some(record) = records.next_record()? {
            let at = minutes.read(record.field(minute, "minute")?).map_err(|fault| record.wrong(fault))?;
            let name = record.name(signature, "signature")?;
            let n = record.field(count, "count")?;
            let n: u32 = n.parse().map_err(|_| record.wrong(Fault::NoCount(n.to_owned())))?;
            let place = if let Some(place) = places.get(name) {
                *place
            } else {
                let place = self.names.len() as u32;
                if place >= SIGNATURES {
                    return Err(record.wrong(Fault::TooMany));
                }
                self.names.push(name.to_owned());
                places.insert(name.to_owned(), place);
                place
            };
            self.counts.add(at, SignatureIndex(place), n);
            if n == 0 && !self.coverage_known {
                self.counts.observe(at..at.plus(1), Coverage::Told);
            }
            let (first, last) = self.span.unwrap_or((at, at));
            self.span = Some((first.min(at), last.max(at)));
            if let Some(text) = exposure.map(|place| record.optional(place)).filter(|text| !text.is_empty()) {
                let n = exposure_of(text).ok_or_else(|| record.wrong(Fault::NoExposure(text.to_owned())))?;
                exposed.entry(at).and_modify(|most| *most = n.max(*most)).or_insert(n);
            }
        }
        self.expose(exposed);
        Ok(())
    }

    /// Counts the exposure of each minute, such as requests, like a signature that has no name.
    fn expose(&mut self, exposed: BTreeMap<Minute, u32>) {
        let place = SignatureIndex(self.names.len() as u32);
        if exposed.is_empty() || place.0 >= SIGNATURES {
            return;
        }
        exposed.into_iter().for_each(|(minute, n)| self.counts.add(minute, place, n));
        self.exposure = Some(place);
    }

    /// A minute is complete when every source was observed in it.
    fn read_covered(&mut self, text: &str) -> Result<(), TableError> {
        let mut records = Records::new(text, Which::Covered);
        let [source, minute] = records.columns(["source", "minute"])?;
        let mut minutes = Minutes::default();
        let mut sources: BTreeSet<String> = BTreeSet::new();
        let mut covered: BTreeMap<Minute, BTreeSet<String>> = BTreeMap::new();
        while let Some(record) = records.next_record()? {
            let at = minutes.read(record.field(minute, "minute")?).map_err(|fault| record.wrong(fault))?;
            let name = record.name(source, "source")?;
            sources.insert(name.to_owned());
            covered.entry(at).or_default().insert(name.to_owned());
        }
        for (at, of_minute) in covered {
            let all = of_minute.len() == sources.len();
            let coverage = if all { Coverage::Told } else { Coverage::Partial };
            self.counts.observe(at..at.plus(1), coverage);
        }
        Ok(())
    }

    /// Judges: the lines of each minute, by deploy, worst first.
    #[must_use]
    pub fn judge(mut self, question: &Question) -> Vec<Line> {
        let mut watched = self.watches(question);
        let first = watched.iter().map(|watched| watched.start).min();
        let Some((first, end)) = first.zip(watched.iter().map(|watched| watched.end).max()) else { return Vec::new() };
        let from = if question.each_minute { first } else { end.plus(-1).max(first) };
        let looks = from.until(end);
        let known: Vec<Deploy> = question.deploys.iter().chain(&question.earlier).map(|at| deploy(*at)).collect();
        looks.flat_map(|minute| self.look(&mut watched, minute, question.each_minute, &known)).collect()
    }

    /// Opens a watch over each deploy; what a question says was observed, was.
    fn watches(&mut self, question: &Question) -> Vec<Watched> {
        let mut deploys = question.deploys.clone();
        deploys.sort_unstable();
        deploys.dedup();
        let mut watched = Vec::new();
        for at in deploys {
            let start = at.minute();
            let last = self.span.map_or(start, |(_, last)| last);
            let most = (question.settings.watch.as_secs() / 60) as i32;
            let n_minutes = match question.minutes {
                Some(minutes) => minutes.min(10_080) as i32,
                None => (last.since(start) + 1).min(most),
            };
            if !self.coverage_known && question.minutes.is_some() {
                observe(&mut self.counts, start, start.plus(n_minutes));
            }
            let mut settings = Settings { all_intervals: true, traffic: self.exposure, ..question.settings.clone() };
            if question.minutes.is_some() {
                settings.watch = std::time::Duration::from_secs(60 * n_minutes.max(1) as u64);
            }
            if n_minutes > 0 {
                watched.push(Watched { start, end: start.plus(n_minutes), watch: Watch::new(deploy(at), settings) });
            }
        }
        watched
    }

    /// Looks after this minute at every watch that has begun; the lines of those that go on, or of all.
    fn look(&self, watched: &mut [Watched], minute: Minute, only_open: bool, known: &[Deploy]) -> Vec<Line> {
        let n_deploys = watched.len();
        let beyond = Beyond { deploys: known, ..Beyond::default() };
        let now = minute.plus(1).start();
        let mut begun: Vec<(&mut Watched, Judgement)> = watched
            .iter_mut()
            .filter(|watched| watched.start <= minute)
            .map(|watched| {
                let judgement = watched.watch.judge_with(&self.counts, &beyond, now.min(watched.end.start()));
                (watched, judgement)
            })
            .collect();
        overlap::lay(
            &mut begun.iter_mut().map(|(watched, found)| (&watched.watch, found)).collect::<Vec<_>>(),
            &self.counts,
        );
        let mut lines = Vec::new();
        for (watched, judgement) in begun.iter().filter(|(watched, _)| minute < watched.end || !only_open) {
            let asked = |it: &&Assessment| it.signature.is_none() || it.signature != self.exposure;
            let last = minute.min(watched.end.plus(-1));
            let of = |it: &Assessment| Line {
                deploy: (n_deploys > 1).then(|| watched.watch.deploy().at),
                ..self.line(it, watched.start, last)
            };
            lines.extend(judgement.assessments.iter().filter(asked).map(of));
        }
        lines
    }

    fn line(&self, found: &Assessment, start: Minute, minute: Minute) -> Line {
        let is_confirmed = found.finding.is_some_and(|finding| finding.tier == Tier::Confirmed);
        let tier = if is_confirmed {
            "confirmed"
        } else if found.is_listed() {
            "list"
        } else {
            "none"
        };
        let is_drop = found.finding.is_some_and(|finding| finding.kind == Kind::Drop);
        Line {
            minute: minute.start(),
            deploy: None,
            came_with: found.shares.iter().filter(|_| found.is_listed()).map(CameWith::from).collect(),
            signature: found.signature.and_then(|index| self.names.get(index.0 as usize)).cloned(),
            observed: found.observed,
            expected: found.expected,
            p: if is_drop { poisson::at_least(found.observed, found.expected) } else { found.p },
            e: found.evidence,
            tier,
            kind: found.finding.filter(|_| found.is_listed()).map(|finding| finding.kind),
            ratio: found.ratio,
            low: found.ratio_low,
            high: found.ratio_high,
            onset: found.onset.filter(|_| found.is_listed()).map(|n| start.plus(n as i32).start()),
        }
    }
}

impl From<&Share> for CameWith {
    fn from(it: &Share) -> Self {
        Self { deploy: it.deploy, share: it.share }
    }
}

/// One deploy of a question, and the minutes that are judged after it.
struct Watched {
    start: Minute,
    end: Minute,
    watch: Watch,
}

fn observe(counts: &mut Counts, from: Minute, to: Minute) {
    counts.observe(from..to, Coverage::Complete);
}

fn deploy(at: Timestamp) -> Deploy {
    Deploy::new(at, String::new(), String::new(), Origin::Flag)
}

/// A number from 0 on, rounded.
fn exposure_of(text: &str) -> Option<u32> {
    let n: f64 = text.parse().ok()?;
    (n.is_finite() && n >= 0.0).then_some(n.round() as u32)
}

/// Reads minutes, which mostly come many times in a row.
#[derive(Default)]
struct Minutes {
    last: Option<(String, Minute)>,
}

impl Minutes {
    fn read(&mut self, text: &str) -> Result<Minute, Fault> {
        if let Some((last, minute)) = &self.last
            && last == text
        {
            return Ok(*minute);
        }
        let time: Timestamp = text.parse().map_err(|_| Fault::NoTime(text.to_owned()))?;
        self.last = Some((text.to_owned(), time.minute()));
        Ok(time.minute())
    }
}

#[cfg(test)]
mod tests;
