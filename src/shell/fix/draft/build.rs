//! Builds the files of a draft, holds them against every check, and reports.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use git2::Oid;

use super::{Case, Progress};
use crate::ingest::sanitize::redact;
use crate::remedy::advice::check::{self, Ended, Touched};
use crate::remedy::advice::fence::one_line;
use crate::remedy::advice::{Drafted, Fence, prompt};
use crate::remedy::fix::check::{Check, applies, repro_passes};
use crate::remedy::fix::report::Taken;
use crate::remedy::fix::search::Tally;
use crate::remedy::fix::{Answer, Report};
use crate::shell::fix::trial::{Run, Trial};
use crate::shell::fix::workshop::Workshop;
use crate::shell::git::revert::RevertError;

/// Contents of files by path; `None` where one is deleted.
pub(super) type Contents = BTreeMap<String, Option<Vec<u8>>>;

/// How often the command must pass with the draft to be believed.
const PASSES: u32 = 2;

/// Name of the check that the command passes.
const REPRO: &str = "repro passes";

/// Where drafts are built and tried.
pub(super) struct Bench<'a, 'w> {
    case: &'a Case<'a>,
    trial: Trial<'w>,
    /// How the tests ended as deployed.
    tests_before: Option<Ended>,
    repro_before: Tally,
}

/// A draft with all that was found.
pub(super) struct Judged {
    tree: Oid,
    checks: Vec<Check>,
    outside: Vec<String>,
    /// The end of the output of a run that should have passed.
    output: Option<String>,
    was_run: bool,
}

impl Judged {
    pub(super) fn n_failed(&self) -> usize {
        self.checks.iter().filter(|check| !check.passed).count()
    }

    /// What the author is told, where anything failed.
    pub(super) fn complaint(&self, fence: &Fence) -> Option<String> {
        let failed: Vec<(String, String)> = self
            .checks
            .iter()
            .filter(|check| !check.passed)
            .map(|check| (check.name.to_owned(), check.detail.clone()))
            .collect();
        (!failed.is_empty()).then(|| prompt::unfit(&failed, self.output.as_deref(), fence))
    }
}

impl<'a, 'w> Bench<'a, 'w> {
    pub(super) fn new(case: &'a Case<'a>, workshop: &'w mut Workshop, cancel: &'w AtomicBool) -> Self {
        let trial = Trial { workshop, cancel, left: case.request.bounds.total_time, n_runs: 0 };
        Self { case, trial, tests_before: None, repro_before: Tally::default() }
    }

    pub(super) fn workshop(&self) -> &Workshop {
        self.trial.workshop
    }

    pub(super) fn cancel(&self) -> &'w AtomicBool {
        self.trial.cancel
    }

    /// Runs the commands as deployed; a report where they already tell that no fix can be judged.
    pub(super) fn before(&mut self, progress: &mut dyn FnMut(&Progress)) -> Result<Option<Report>, RevertError> {
        let head = self.trial.workshop.with_texts(&Contents::new())?;
        if let Some(command) = self.case.request.repro {
            let time = self.case.request.bounds.run_time;
            let ran = self.trial.run(command, head, time, &mut |tried| progress(&Progress::Tried(tried.clone())))?;
            match ran {
                Some(Run { ended: Ended { passed: true, .. }, .. }) => {
                    let detail =
                        "The command passes as deployed, so it does not show the error, and no fix can be told by it.";
                    return Ok(Some(Report::without_patch(Answer::CannotJudge, detail)));
                }
                Some(_) => self.repro_before.failed += 1,
                None => {
                    let detail = "There was no time to run the command as deployed.";
                    return Ok(Some(Report::without_patch(Answer::NotFound, detail)));
                }
            }
        }
        if let Some((command, time)) = self.case.request.tests {
            let ran = self.trial.run(command, head, time, &mut |tried| progress(&Progress::Tried(tried.clone())))?;
            self.tests_before = ran.map(|ran| ran.ended);
        }
        Ok(None)
    }

    /// Builds a draft, checks its texts, and, where nothing in them speaks against it, runs the commands.
    pub(super) fn judge(
        &mut self,
        contents: &Contents,
        outside: &[String],
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Judged, RevertError> {
        let tree = self.trial.workshop.with_texts(contents)?;
        let texts: Vec<(&String, Option<String>)> = contents
            .iter()
            .map(|(path, content)| (path, content.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned())))
            .collect();
        let touched: Vec<Touched<'_>> =
            texts.iter().map(|(path, text)| Touched::of(path, text.as_deref(), self.case.change)).collect();
        let patch = self.trial.workshop.patch(self.case.change, tree)?;
        let mut checks = vec![applies(self.trial.workshop.applies(&patch, tree))];
        checks.extend(check::all(&touched, outside));
        let mut judged = Judged { tree, checks, outside: outside.to_vec(), output: None, was_run: false };
        self.run(&mut judged, progress)?;
        Ok(judged)
    }

    fn run(&mut self, judged: &mut Judged, progress: &mut dyn FnMut(&Progress)) -> Result<(), RevertError> {
        let may_run = check::may_run(&judged.checks);
        let mut told = |tried: &crate::remedy::fix::Tried| progress(&Progress::Tried(tried.clone()));
        if let Some(command) = self.case.request.repro {
            let mut tally = Tally::default();
            while may_run && tally.passed < PASSES && tally.failed == 0 {
                let time = self.case.request.bounds.run_time;
                let Some(ran) = self.trial.run(command, judged.tree, time, &mut told)? else { break };
                judged.was_run = true;
                if ran.ended.passed {
                    tally.passed += 1;
                } else {
                    tally.failed += 1;
                    judged.output = Some(ran.output);
                }
            }
            judged.checks.push(match (may_run, tally.runs()) {
                (false, _) => {
                    check::not_run(REPRO, "the draft reaches for what its files did not reach for; read it first")
                }
                (true, 0) => check::not_run(REPRO, "there was no time"),
                (true, _) => repro_passes(tally, self.repro_before, false),
            });
        }
        if let Some((command, time)) = self.case.request.tests {
            let name = "tests still pass";
            let ran = if may_run { self.trial.run(command, judged.tree, time, &mut told)? } else { None };
            judged.checks.push(match (&self.tests_before, &ran) {
                (Some(before), Some(after)) => check::tests_pass(before, &after.ended),
                _ if may_run => check::not_run(name, "there was no time"),
                _ => check::not_run(name, "the draft reaches for what its files did not reach for; read it first"),
            });
            if let Some(ran) = ran {
                judged.was_run = true;
                judged.output = judged.output.take().or((!ran.ended.passed).then_some(ran.output));
            }
        }
        Ok(())
    }

    /// The report on a draft.
    pub(super) fn report(&self, judged: Judged, drafted: &mut Drafted) -> Result<Report, RevertError> {
        let workshop = &self.trial.workshop;
        let failed: Vec<&str> = judged.checks.iter().filter(|check| !check.passed).map(|check| check.name).collect();
        drafted.ready = failed.is_empty() && judged.was_run;
        drafted.left_out.extend(judged.outside.iter().map(|path| one_line(&redact(path))));
        let by = &drafted.by;
        let detail = match (failed.as_slice(), judged.was_run) {
            ([], true) => format!("A draft by {by} passed everything that it was held against."),
            ([], false) => format!(
                "A draft by {by} passed every check of its text. Nothing was run to show that it helps: give a command with \
                 --repro, or set fix.tests."
            ),
            (failed, _) => format!("A draft by {by} is not ready; it failed: {}.", failed.join(", ")),
        };
        let mut report = Report::without_patch(Answer::Found, detail);
        report.patch = workshop.patch(self.case.change, judged.tree)?;
        let why = |path: &str, first: u32, last: u32| self.why(path, first, last, by);
        let replaced = workshop.replaced(judged.tree)?;
        report.hunks = replaced
            .into_iter()
            .map(|(file, start, end)| Taken { why: why(&file, start, end), file, start, end })
            .collect();
        report.verification_runs = self.trial.n_runs;
        report.checks = judged.checks;
        Ok(report)
    }

    /// Why a place is changed: the suspect that it mends, or that its author says so.
    fn why(&self, path: &str, first: u32, last: u32, by: &str) -> String {
        let suspects = self.case.verdict.suspects.iter();
        let near = |start: u32, end: u32| first <= end.saturating_add(3) && start <= last.saturating_add(3);
        let suspect = suspects.filter(|suspect| suspect.file == path).find(|suspect| near(suspect.start, suspect.end));
        match suspect {
            Some(suspect) => suspect.reasons.join(" "),
            None => format!("Written by {by}; the evidence names nothing of it."),
        }
    }
}
