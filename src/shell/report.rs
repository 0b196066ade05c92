//! Writes what a headless watch finds: a line of JSON or of plain words each.

use std::io::Write;

use serde::Serialize;
use serde_json::{Value, json};

use crate::app::{Failure, FailureKind};
use crate::detect::class::Class;
use crate::detect::{Assessment, Deploy, Finding, Judgement, Known, Share, Tier};
use crate::engine::Outcome;
use crate::ingest::sanitize::visible;
use crate::shell::observe::Observer;
use crate::units::{SignatureId, Timestamp};

/// Version of the JSON forms that the commands print; a field's meaning changes only with it.
pub const SCHEMA: u32 = 1;

/// The group that a finding is about.
#[derive(Clone, Debug, Serialize)]
pub struct GroupOf<'g> {
    /// What it is called.
    pub name: &'g str,
    /// Ids of its members, the lead first.
    pub signatures: Vec<SignatureId>,
}

/// Where the lines go, and in which form.
#[derive(Debug)]
pub struct Report<W> {
    out: W,
    json: bool,
}

impl<W: Write> Report<W> {
    /// Writes JSON objects, or plain words.
    pub fn new(out: W, json: bool) -> Self {
        Self { out, json }
    }

    fn line(&mut self, object: impl FnOnce() -> Value, words: impl FnOnce() -> String) -> Result<(), Failure> {
        let line = if self.json { object().to_string() } else { visible(&words(), false) };
        writeln!(self.out, "{line}").and_then(|()| self.out.flush()).map_err(|error| unwritable(&error))
    }

    /// A deploy that is watched.
    ///
    /// # Errors
    ///
    /// When nothing can be written.
    pub fn deploy(&mut self, deploy: &Deploy) -> Result<(), Failure> {
        let object = || {
            let mut object = json!({ "schema": SCHEMA, "type": "deploy" });
            merge(&mut object, deploy);
            object
        };
        self.line(object, || format!("{} deploy {} of {}", deploy.at, deploy.version, deploy.service))
    }

    /// A finding, once for each tier that it reaches.
    ///
    /// # Errors
    ///
    /// When nothing can be written.
    pub fn finding(
        &mut self,
        (deploy, judgement): (&Deploy, &Judgement),
        (known, class, group): (Option<&Known>, Option<Class>, Option<GroupOf<'_>>),
        assessment: &Assessment,
        at: Timestamp,
    ) -> Result<(), Failure> {
        let Some(Finding { kind, tier }) = assessment.finding else { return Ok(()) };
        let template = match &group {
            Some(group) => group.name,
            None => known.map_or("(every signature)", |known| known.template.as_str()),
        };
        let sentence = assessment.sentence(template, judgement.watched_minutes);
        let object = || {
            json!({
                "schema": SCHEMA, "type": "finding", "at": at, "signature": known.map(|known| known.id),
                "template": template, "level": known.and_then(|known| known.level), "kind": kind, "tier": tier,
                "observed": assessment.observed, "expected": assessment.expected, "p": assessment.p,
                "ratio": assessment.ratio, "ratio_low": assessment.ratio_low, "ratio_high": assessment.ratio_high,
                "predicted": assessment.predicted, "as_usual": assessment.is_as_usual(), "evidence": assessment.evidence, "deploy": deploy.version,
                "class": class, "group": group, "sentence": sentence,
                "came_with": shares_of(assessment),
                "finished": assessment.finished.map(|finished| finished.n),
                "beside": assessment.beside.map(|beside| json!({
                    "new": beside.new, "all": beside.all, "share": beside.share, "evidence": beside.evidence,
                })),
            })
        };
        let word = assessment.word().unwrap_or(kind.word());
        let words = || format!("{at} {} {word}: {sentence}, p {:.2e}", tier.word(), assessment.p);
        self.line(object, words)
    }

    /// The verdict on the newest deploy.
    ///
    /// # Errors
    ///
    /// When nothing can be written.
    pub fn verdict(&mut self, observer: &Observer, outcome: &Outcome, at: Timestamp) -> Result<(), Failure> {
        let newest = observer.engine().judgements().last();
        let why = match outcome {
            Outcome::CannotJudge(why) => Some(*why),
            Outcome::Healthy | Outcome::Regression => None,
        };
        let object = || {
            let (candidates, confirmed) = newest.map_or((0, 0), |(_, judgement)| {
                let matters = |found: &&Assessment| observer.engine().matters(found);
                tally(judgement.assessments.iter().filter(matters))
            });
            json!({
                "schema": SCHEMA, "type": "verdict", "at": at, "verdict": outcome.word(), "why": why,
                "deploy": newest.map(|(deploy, _)| deploy.version.as_str()),
                "candidates": candidates, "confirmed": confirmed,
                "watched_minutes": newest.map(|(_, judgement)| judgement.watched_minutes),
                "baseline_minutes": newest.map(|(_, judgement)| judgement.baseline_minutes),
                "complete": newest.is_some_and(|(_, judgement)| judgement.is_over()),
            })
        };
        let words = || {
            let deploy = newest.map_or_else(String::new, |(deploy, judgement)| {
                format!(" deploy {}, {}", deploy.version, judgement.overall.words())
            });
            // The reason may be what is said of the deploy.
            let why = why.filter(|why| newest.is_none_or(|(_, judgement)| judgement.overall.words() != *why));
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            format!("{at} verdict {}{why}{deploy}", outcome.word())
        };
        self.line(object, words)
    }

    /// How going back by itself stands: `standing`, `counting`, `called_off`, `stopped`, `line` or `done`.
    ///
    /// # Errors
    ///
    /// When nothing can be written.
    pub fn auto_rollback(&mut self, state: &str, words: &str, detail: &Value, at: Timestamp) -> Result<(), Failure> {
        let object = || {
            let mut object =
                json!({ "schema": SCHEMA, "type": "auto_rollback", "at": at, "state": state, "sentence": words });
            merge(&mut object, detail);
            object
        };
        self.line(object, || format!("{at} auto rollback: {words}"))
    }

    /// What was read and lost.
    ///
    /// # Errors
    ///
    /// When nothing can be written.
    pub fn summary(&mut self, observer: &Observer, at: Timestamp) -> Result<(), Failure> {
        let snapshot = observer.snapshot();
        let intake = &snapshot.intake;
        let object = || {
            let mut object = json!({
                "schema": SCHEMA, "type": "summary", "at": at, "service": snapshot.service,
                "signatures": observer.engine().catalog().len(), "undecoded": intake.losses.undecoded(),
                "incidents": snapshot.incidents,
            });
            merge(&mut object, intake);
            object
        };
        let words = || {
            format!(
                "{at} read {} lines, {} events, {} bytes; {} undecoded, {} cut, {} undated, {} too old",
                intake.lines,
                intake.events,
                intake.bytes,
                intake.losses.undecoded(),
                intake.losses.cut,
                intake.undated,
                intake.too_old,
            )
        };
        self.line(object, words)
    }
}

/// Adds the fields of a serializable struct to an object.
pub fn merge(object: &mut Value, more: &impl Serialize) {
    if let (Value::Object(fields), Ok(Value::Object(more))) = (object, serde_json::to_value(more)) {
        fields.extend(more);
    }
}

/// Which of the deploys watched at the same time it came with; null where only one comes into question.
fn shares_of(assessment: &Assessment) -> Option<Value> {
    let share = |it: &Share| json!({ "deploy": it.deploy, "version": it.version, "share": it.share });
    (!assessment.shares.is_empty()).then(|| assessment.shares.iter().map(share).collect())
}

/// How many candidates, beside those that are as usual for their hour, and how many confirmed findings there are.
fn tally<'a>(assessments: impl Iterator<Item = &'a Assessment>) -> (usize, usize) {
    let mut tally = (0, 0);
    let told = assessments.filter(|assessment| !assessment.is_as_usual());
    for finding in told.filter_map(|assessment| assessment.finding) {
        match finding.tier {
            Tier::Candidate => tally.0 += 1,
            Tier::Confirmed => tally.1 += 1,
        }
    }
    tally
}

/// Makes a failure of output that nobody takes.
#[must_use]
pub fn unwritable(error: &std::io::Error) -> Failure {
    Failure::of(FailureKind::External, error, "Check where the output goes.")
}
