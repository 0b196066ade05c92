//! Builds the files of a draft, holds them against every check, and reports.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use git2::Oid;

use super::{Progress, Tests};
use crate::remedy::advice::check::{self, Ended, Known, Touched};
use crate::remedy::advice::walls::Open;
use crate::remedy::advice::{Fence, prompt};
use crate::remedy::fix::check::{Check, applies, repro_passes};
use crate::remedy::fix::search::Tally;
use crate::remedy::fix::{Answer, Program, Report, Stand};
use crate::shell::fix::Bounds;
use crate::shell::fix::trial::{Run, Trial};
use crate::shell::fix::workshop::Workshop;
use crate::shell::git::revert::RevertError;
use crate::triage::Change;

/// Contents of files by path; `None` where one is deleted.
pub(in crate::shell) type Contents = BTreeMap<String, Option<Vec<u8>>>;

/// How often the command must pass with the draft to be believed.
const PASSES: u32 = 2;

/// Manifests that are read to learn what packages the program has.
const MANIFESTS: usize = 200;

/// Name of the check that the command passes.
const REPRO: &str = "repro passes";

/// Where drafts are built and tried.
pub(in crate::shell::fix) struct Bench<'a, 'w> {
    change: &'a Change,
    commands: Commands<'a>,
    trial: Trial<'w>,
    /// How the tests ended as deployed.
    tests_before: Option<Ended>,
    repro_before: Tally,
    /// What the repository has and declares as deployed.
    known: Known,
}

/// What is run on a draft.
#[derive(Clone, Copy)]
pub(in crate::shell::fix) struct Commands<'a> {
    /// The command that fails as deployed and must pass.
    pub(in crate::shell::fix) repro: Option<&'a [String]>,
    /// The command that must still pass.
    pub(in crate::shell::fix) tests: Option<Tests<'a>>,
    /// What running them may use.
    pub(in crate::shell::fix) bounds: Bounds,
    /// What they may do though they are confined; `None` confines nothing.
    pub(in crate::shell::fix) open: Option<&'a Open>,
}

/// A draft with all that was found.
pub(in crate::shell::fix) struct Judged {
    pub(super) tree: Oid,
    pub(in crate::shell::fix) checks: Vec<Check>,
    pub(super) outside: Vec<String>,
    /// The end of the output of a run that should have passed.
    output: Option<String>,
    pub(super) was_run: bool,
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
    pub(in crate::shell::fix) fn new(
        change: &'a Change,
        commands: Commands<'a>,
        workshop: &'w mut Workshop,
        cancel: &'w AtomicBool,
    ) -> Self {
        let trial =
            Trial { workshop, cancel, left: commands.bounds.total_time, n_runs: 0, open: commands.open.cloned() };
        let known = known(change, trial.workshop);
        Self { change, commands, trial, tests_before: None, repro_before: Tally::default(), known }
    }

    /// How often a command was run.
    pub(super) fn n_runs(&self) -> usize {
        self.trial.n_runs
    }

    pub(super) fn workshop(&self) -> &Workshop {
        self.trial.workshop
    }

    pub(super) fn cancel(&self) -> &'w AtomicBool {
        self.trial.cancel
    }

    /// Runs the commands as deployed; a report where they already tell that no fix can be judged.
    pub(in crate::shell::fix) fn before(
        &mut self,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Option<Report>, RevertError> {
        let head = self.trial.workshop.with_texts(&Contents::new())?;
        if let Some(command) = self.commands.repro {
            let time = self.commands.bounds.run_time;
            let run = (command, Stand::Deployed(Program::Repro));
            let ran = self.trial.run(run, head, time, &mut |tried| progress(&Progress::Tried(tried.clone())))?;
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
        if let Some((command, time)) = self.commands.tests {
            let run = (command, Stand::Deployed(Program::Tests));
            let ran = self.trial.run(run, head, time, &mut |tried| progress(&Progress::Tried(tried.clone())))?;
            self.tests_before = ran.map(|ran| ran.ended);
        }
        Ok(None)
    }

    /// Builds a draft, checks its texts, and, where nothing in them speaks against it, runs the commands.
    pub(in crate::shell::fix) fn judge(
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
            texts.iter().map(|(path, text)| Touched::of(path, text.as_deref(), self.change)).collect();
        let patch = self.trial.workshop.patch(self.change, tree)?;
        let mut checks = vec![applies(self.trial.workshop.applies(&patch, tree))];
        checks.extend(check::all(&touched, outside, &self.known));
        let mut judged = Judged { tree, checks, outside: outside.to_vec(), output: None, was_run: false };
        self.run(&mut judged, progress)?;
        Ok(judged)
    }

    fn run(&mut self, judged: &mut Judged, progress: &mut dyn FnMut(&Progress)) -> Result<(), RevertError> {
        let may_run = check::may_run(&judged.checks);
        let mut told = |tried: &crate::remedy::fix::Tried| progress(&Progress::Tried(tried.clone()));
        if let Some(command) = self.commands.repro {
            let mut tally = Tally::default();
            while may_run && tally.passed < PASSES && tally.failed == 0 {
                let time = self.commands.bounds.run_time;
                let Some(ran) =
                    self.trial.run((command, Stand::Draft(Program::Repro)), judged.tree, time, &mut told)?
                else {
                    break;
                };
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
        if let Some((command, time)) = self.commands.tests {
            let name = "tests still pass";
            let run = (command, Stand::Draft(Program::Tests));
            let ran = if may_run { self.trial.run(run, judged.tree, time, &mut told)? } else { None };
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
}

/// What a repository has and declares as deployed, before a draft could say otherwise.
fn known(change: &Change, workshop: &Workshop) -> Known {
    let worth = change.paths.iter().filter(|path| Known::is_worth_reading(path)).take(MANIFESTS);
    let manifests: Vec<(String, String)> =
        worth.filter_map(|path| Some((path.clone(), workshop.text(path)?))).collect();
    Known::of(change.paths.iter().map(String::as_str), &manifests)
}
