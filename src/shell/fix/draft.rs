//! Has a fix drafted by a model or a coding agent, and holds it against everything that can be checked.
//!
//! Input: a [`Request`]: repository, range, error, who is asked, and the commands that tell. Output: the same
//! [`Report`] as without a model, with a patch that is never applied, and how it came about.
//!
//! What is asked, what a reply means and what it is held against is `remedy::advice`'s business. Whoever is
//! asked gets one chance to mend a draft. Code of a draft is run only when it reaches for nothing new, in
//! a throw-away checkout, without the user's secrets. Whatever goes wrong with the author, the search
//! without a model still answers where a command is given.

mod author;
pub(super) mod build;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::workshop::Workshop;
use super::{Bounds, Found};
use crate::ingest::sanitize::redact;
use crate::remedy::advice::adapter::Adapter;
use crate::remedy::advice::fence::one_line;
use crate::remedy::advice::orders::gives_orders;
use crate::remedy::advice::walls::Open;
use crate::remedy::advice::{Drafted, Fence, Task, task};
use crate::remedy::fix::report::Taken;
use crate::remedy::fix::{Answer, Report};
use crate::shell::advisor::{AdvisorError, Clock, Setup, Transcript};
use crate::shell::confine;
use crate::shell::git::read::{self, Range};
use crate::shell::git::revert::RevertError;
use crate::triage::{Change, Symptom, Verdict};
use author::{Author as _, ByAgent, ByModel};
use build::{Bench, Commands, Judged};

pub use crate::remedy::advice::Progress;

/// Who drafts.
#[derive(Clone, Copy, Debug)]
pub enum Author<'a> {
    /// A model, over HTTP.
    Advisor(&'a Setup),
    /// A coding agent, which may take so long.
    Agent(&'a Adapter, Duration),
}

/// A command that runs the tests, and how long it may take.
pub type Tests<'a> = (&'a [String], Duration);

/// What is to be fixed, by whom, and what tells whether it is.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// A path within the repository.
    pub repo: &'a Path,
    /// The revisions before and after the deploy.
    pub range: &'a Range,
    /// The error.
    pub symptom: &'a Symptom,
    /// Errors that began at the same moment.
    pub siblings: &'a [Symptom],
    /// Who drafts.
    pub author: Author<'a>,
    /// A command that fails as deployed and must pass, if there is one.
    pub repro: Option<&'a [String]>,
    /// A command that passes as deployed and must still pass, if there is one.
    pub tests: Option<Tests<'a>>,
    /// What running commands may use.
    pub bounds: Bounds,
    /// What commands on a draft may do though they are confined.
    pub open: &'a Open,
    /// The folder for transcripts; `None` keeps none.
    pub transcripts: Option<&'a Path>,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// Has a fix drafted and checked; blocks until that is done.
///
/// The report of the search without a model, where it answers instead, names the parts that it takes back; that
/// of a draft has only its patch.
///
/// `cancel` ends it soon, with what there is; `progress` is called for each thing that happens.
///
/// # Errors
///
/// When the repository or the range cannot be read, or no room for checkouts can be made. An author who
/// cannot be reached, refuses or drafts nonsense is no error but part of the report.
pub fn draft(
    request: &Request<'_>,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Found, RevertError> {
    let (verdict, change) = read::triage_among(request.repo, request.range, request.symptom, request.siblings)?;
    let mut workshop = Workshop::open(request.repo, &change)?;
    let nearby = nearby(&workshop, &verdict, &change);
    let task = Task::of(request.symptom, &verdict, &change, &nearby);
    let case =
        Case { request, change: &change, verdict: &verdict, task: &task, fence: Fence::new(&word(request.clock)) };
    let mut drafted = Drafted { by: case.author_name(), ..Drafted::default() };
    let commands =
        Commands { repro: request.repro, tests: request.tests, bounds: request.bounds, open: Some(request.open) };
    let mut bench = Bench::new(&change, commands, &mut workshop, cancel);
    let report = match bench.before(progress)? {
        Some(refusal) => refusal,
        None => case.drafted(&mut bench, &mut drafted, progress)?,
    };
    let has_patch = report.answer == Answer::Found;
    let without = match (&drafted.trouble, request.repro) {
        (Some(why), Some(command)) if !has_patch && !cancel.load(std::sync::atomic::Ordering::Relaxed) => {
            progress(&Progress::Without(why.clone()));
            Some(case.without_model(command, why, cancel, progress)?)
        }
        _ => None,
    };
    let mut found = without.unwrap_or(Found { report, change, verdict });
    let has_commands = request.repro.is_some() || request.tests.is_some();
    drafted.walls = has_commands.then(|| confine::walls(request.open));
    found.report.drafted = Some(drafted);
    Ok(found)
}

/// Everything that a draft is about.
struct Case<'a> {
    request: &'a Request<'a>,
    change: &'a Change,
    verdict: &'a Verdict,
    task: &'a Task,
    fence: Fence,
}

impl Case<'_> {
    fn author_name(&self) -> String {
        match self.request.author {
            Author::Advisor(setup) => setup.name(),
            Author::Agent(adapter, _) => format!("agent {}", one_line(&adapter.name)),
        }
    }

    fn drafted(
        &self,
        bench: &mut Bench<'_, '_>,
        drafted: &mut Drafted,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Report, RevertError> {
        match self.request.author {
            Author::Agent(adapter, time) => ByAgent { case: self, adapter, time }.work(bench, drafted, progress),
            Author::Advisor(setup) => match self.transcript(setup) {
                Ok(transcript) => ByModel::new(self, setup, transcript).work(bench, drafted, progress),
                Err(error) => {
                    drafted.trouble = Some(error.failure().to_string());
                    Ok(no_draft(drafted))
                }
            },
        }
    }

    fn transcript(&self, setup: &Setup) -> Result<Transcript, AdvisorError> {
        match self.request.transcripts {
            Some(folder) => Transcript::begin(folder, self.request.clock.now(), setup.keep),
            None => Ok(Transcript::nowhere()),
        }
    }

    /// The files of the deploy's diff that are texts.
    fn scope(&self) -> BTreeSet<String> {
        let open = self.change.files.iter().filter(|file| !file.opaque && !gives_orders(&file.path));
        open.map(|file| file.path.clone()).collect()
    }

    /// The report on a draft.
    fn report(&self, bench: &Bench<'_, '_>, judged: Judged, drafted: &mut Drafted) -> Result<Report, RevertError> {
        let workshop = bench.workshop();
        let failed: Vec<&str> = judged.checks.iter().filter(|check| !check.passed).map(|check| check.name).collect();
        drafted.ready = failed.is_empty() && judged.was_run;
        drafted.left_out.extend(judged.outside.iter().map(|path| one_line(&redact(path))));
        let by = &drafted.by;
        let detail = match (failed.as_slice(), judged.was_run) {
            ([], true) => format!("A draft by {by} passed all its checks."),
            ([], false) => format!(
                "A draft by {by} passed every check of its text. Nothing was run to show that it helps: give a command with \
                 --repro, or set fix.tests."
            ),
            (failed, _) => format!("A draft by {by} is not ready; it failed: {}.", failed.join(", ")),
        };
        let mut report = Report::without_patch(Answer::Found, detail);
        report.patch = workshop.patch(self.change, judged.tree)?;
        let why = |path: &str, first: u32, last: u32| self.why(path, first, last, by);
        let replaced = workshop.replaced(judged.tree)?;
        report.hunks = replaced
            .into_iter()
            .map(|(file, start, end)| Taken { why: why(&file, start, end), file, start, end })
            .collect();
        report.verification_runs = bench.n_runs();
        report.checks = judged.checks;
        Ok(report)
    }

    /// Why a place is changed: the suspect that it mends, or that its author says so.
    fn why(&self, path: &str, first: u32, last: u32, by: &str) -> String {
        let suspects = self.verdict.suspects.iter();
        let near = |start: u32, end: u32| first <= end.saturating_add(3) && start <= last.saturating_add(3);
        let suspect = suspects.filter(|suspect| suspect.file == path).find(|suspect| near(suspect.start, suspect.end));
        match suspect {
            Some(suspect) => suspect.reasons.join(" "),
            None => format!("Written by {by}; the evidence names nothing of it."),
        }
    }

    fn without_model(
        &self,
        command: &[String],
        why: &str,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Found, RevertError> {
        let Request { repo, range, symptom, siblings, bounds, .. } = *self.request;
        let search = super::Request { repo, range, symptom, siblings, command, bounds };
        let mut told = |found: super::Progress| match found {
            super::Progress::Tried(tried) => progress(&Progress::Tried(tried)),
            super::Progress::Trying(_) => {}
        };
        let mut found = super::find(&search, cancel, &mut told)?;
        found.report.detail = format!("There is no usable draft: {why}. Without one: {}", found.report.detail);
        Ok(found)
    }
}

/// The report when there is no draft.
fn no_draft(drafted: &Drafted) -> Report {
    let why = drafted.trouble.as_deref().unwrap_or("nothing came of it");
    Report::without_patch(Answer::NotFound, format!("There is no usable draft: {why}."))
}

/// Tests and documents that may say how it should be, with their texts.
fn nearby(workshop: &Workshop, verdict: &Verdict, change: &Change) -> Vec<(String, String)> {
    let paths = task::nearby(verdict, change).into_iter();
    paths.filter_map(|path| workshop.text(&path).map(|text| (path, text))).collect()
}

/// A word that nobody outside of this process could foresee.
pub(in crate::shell) fn word(clock: &dyn Clock) -> String {
    use std::hash::{BuildHasher, Hasher};
    // The standard library seeds these keys from the system's randomness.
    let mut hasher = std::hash::RandomState::new().build_hasher();
    hasher.write_i64(clock.now().micros());
    let first = hasher.finish();
    let second = std::hash::RandomState::new().build_hasher().finish();
    format!("{first:016x}{second:016x}").chars().take(20).collect()
}
