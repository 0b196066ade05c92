//! Runs a build, test or container command on the screen, where its failure leads to the same remedies as an error in a log.
//!
//! The command runs on a thread of its own; what it prints is told line by line. What `triage` says of its failure
//! stands in for the engine's answer when the screen asks what an error is.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use jiff::tz::TimeZone;

use super::{Failed, Report, Request, Since, Wires, pass, run_with};
use crate::app::place::{BuildEnd, Built};
use crate::app::{self, Failure, Msg, State, Triaged};
use crate::detect::{Deploy, Origin};
use crate::ingest::signature;
use crate::remedy::Person;
use crate::remedy::fix::Repro;
use crate::shell::auto::Settled;
use crate::shell::observe::{Ask, Case, open_store};
use crate::shell::settings;
use crate::shell::terminal::{Input, Terminal};
use crate::shell::watch::Run;
use crate::shell::watch::screen::{Display, Loop};
use crate::shell::watch::work::{Work, drafted};
use crate::triage::Symptom;
use crate::triage::diagnostics::Diagnostic;
use crate::units::SignatureId;
use crate::view;

/// Messages that may wait for the loop; more make the command wait.
const MESSAGES: usize = 256;

/// Errors of one run that are told beside the one that was judged.
const SIBLINGS: usize = 4;

/// What is to be run, owned by the thread that runs it.
#[derive(Clone, Debug)]
pub struct Order {
    /// Program and arguments.
    pub command: Vec<String>,
    /// A path within the repository.
    pub repo: PathBuf,
    /// The revision to compare with, instead of that of the last success.
    pub since: Option<String>,
    /// How often to run again what fails, before it is believed.
    pub retries: Option<u32>,
    /// Reports in XML that the command writes, as a pattern of paths.
    pub reports: Option<String>,
    /// The folder in which the output of a failed run is kept.
    pub logs: PathBuf,
}

/// Shows it on the terminal until the user leaves; returns the exit status of the command's last run, or 130 where
/// it was stopped.
///
/// # Errors
///
/// When the store or the terminal fails.
pub fn show(run: Run, order: &Order) -> Result<u8, Failure> {
    let (sender, receiver) = bounded(MESSAGES);
    let (asks, questions) = bounded(MESSAGES);
    let (again, starts) = bounded(1);
    let _ = again.try_send(());
    let stop = Arc::new(AtomicBool::new(false));
    let status = Arc::new(AtomicU8::new(130));
    let case = Arc::new(Mutex::new(None));
    let work = Work::new(&run, sender.clone(), asks.clone());
    let mut display = Terminal::enter(sender.clone())?;
    let state = State::new(options(&run, order, display.size()));
    answer(questions, Arc::clone(&case));
    let builder = Builder {
        run,
        order: order.clone(),
        messages: sender,
        stop: Arc::clone(&stop),
        case,
        status: Arc::clone(&status),
    };
    let thread = thread::spawn(move || builder.work(&starts));
    let result = Loop::new(state, work, asks, Settled::default()).building(again).run(&mut display, &receiver);
    stop.store(true, Ordering::Relaxed);
    drop(receiver);
    // A panic in it was told by the panic hook already.
    let _ = thread.join();
    drop(display);
    let left = result?;
    Ok(if left == 0 { status.load(Ordering::Relaxed) } else { left })
}

fn options(run: &Run, order: &Order, size: (u16, u16)) -> app::Options {
    let config = &run.settings.config;
    let limit = std::time::Duration::from_secs(u64::from(config.fix_seconds.value));
    app::Options {
        service: run.settings.service.clone(),
        person: run.person.clone().unwrap_or_else(Person::nobody),
        read_only: run.read_only,
        // The command that failed is the one that shows the error.
        repro: Some(Repro { argv: order.command.clone(), limit }),
        tests: config.fix.tests(),
        candidates: drafted::candidates(config),
        walls: drafted::walls(config),
        standing: None,
        build: Some(order.command.clone()),
        theme: settings::theme_name(&config.theme.value),
        themes: view::THEMES.iter().map(|name| (*name).to_owned()).collect(),
        zone: config.time_zone().unwrap_or(TimeZone::UTC),
        size,
        now: run.clock.now(),
    }
}

/// Answers what the screen asks of an engine, as far as there is something to answer.
fn answer(questions: Receiver<Ask>, case: Arc<Mutex<Option<Case>>>) {
    thread::spawn(move || {
        for ask in questions {
            if let Ask::Case(_, sender) = ask {
                let known = case.lock().ok().and_then(|known| known.clone());
                // Whoever asked may have gone.
                let _ = sender.try_send(known);
            }
        }
    });
}

/// Runs the command, as often as it is asked to.
struct Builder {
    run: Run,
    order: Order,
    messages: Sender<Input>,
    stop: Arc<AtomicBool>,
    case: Arc<Mutex<Option<Case>>>,
    status: Arc<AtomicU8>,
}

impl Builder {
    fn work(mut self, starts: &Receiver<()>) {
        while starts.recv().is_ok() {
            let answer = self.build();
            // When the loop is gone, nobody waits for the answer.
            let _ = self.messages.send(Input::Msg(Msg::Built(answer)));
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
        }
    }

    fn build(&mut self) -> Result<BuildEnd, Failure> {
        let mut store = open_store(&self.run.settings)?;
        let order = &self.order;
        let request = Request {
            command: &order.command,
            repo: &order.repo,
            since: order.since.as_deref(),
            retries: order.retries,
            reports: order.reports.as_deref(),
            logs: &order.logs,
            wires: Wires::Pipes,
            check: None,
        };
        let mut runner = |argv: &[String]| {
            Ok(pass::run_lines(argv, &self.stop, &mut |line| {
                let _ = self.messages.send(Input::Msg(Msg::BuildLine(line)));
            }))
        };
        self.status.store(130, Ordering::Relaxed);
        let report = run_with(&request, &mut store, self.run.clock, &mut runner)?;
        if !self.stop.load(Ordering::Relaxed) {
            self.status.store(report.status(), Ordering::Relaxed);
        }
        Ok(self.end(report))
    }

    fn end(&self, report: Report) -> BuildEnd {
        let ending = report.endings.last().map(ToString::to_string).unwrap_or_default();
        let Some(failed) = report.failed else { return BuildEnd::Passed(report.is_flaky) };
        if let Ok(mut known) = self.case.lock() {
            *known = Some(self.case_of(&failed));
        }
        BuildEnd::Failed(Box::new(built(failed, ending, report.is_flaky)))
    }

    /// The error that was judged, and the change as if it were deployed.
    fn case_of(&self, failed: &Failed) -> Case {
        // With what is not committed it is a commit of its own.
        let head = failed.change.as_ref().map_or(&failed.head, |change| &change.head);
        let short = failed.head.get(..10).unwrap_or(&failed.head);
        let deploy = failed.since.as_ref().map(|since| Deploy {
            at: self.run.clock.now(),
            service: self.run.settings.service.clone(),
            version: if failed.has_changes { format!("{short} with uncommitted changes") } else { short.to_owned() },
            revision: Some(head.clone()),
            previous: Some(since.revision.clone()),
            author: None,
            subject: None,
            origin: Origin::Flag,
        });
        Case {
            symptom: failed.symptom.clone(),
            siblings: siblings(failed),
            deploy,
            shelf: failed.shelf.clone(),
            is_build: true,
        }
    }
}

/// The errors of the same run beside the one that was judged, each kind once.
fn siblings(failed: &Failed) -> Vec<Symptom> {
    let about = failed.judged.about.and_then(|about| failed.judged.diagnostics.get(about));
    let mut seen: HashSet<SignatureId> = about.map(|found| found.signature().id).into_iter().collect();
    let others = failed.judged.diagnostics.iter().filter(|found| seen.insert(found.signature().id));
    others.take(SIBLINGS).map(Diagnostic::symptom).collect()
}

fn built(failed: Failed, ending: String, is_flaky: bool) -> Built {
    let Failed { judged, since, has_changes, n_files, change, symptom, .. } = failed;
    let about = judged.about.and_then(|about| judged.diagnostics.get(about)).or(judged.diagnostics.first());
    let signature = about.map_or_else(|| signature::of_message(&symptom.message).id, |found| found.signature().id);
    let triaged = judged.verdict.zip(change);
    let triaged = triaged.map(|(verdict, change)| Arc::new(Triaged { signature, verdict, change: Arc::new(change) }));
    Built {
        ending,
        is_flaky,
        diagnostics: judged.diagnostics,
        signature,
        triaged,
        since: since.as_ref().map(words).unwrap_or_default(),
        n_files,
        has_changes,
    }
}

/// The revision compared with, in words.
pub fn words(since: &Since) -> String {
    let short = since.revision.get(..10).unwrap_or(&since.revision);
    match &since.run {
        None => short.to_owned(),
        Some(run) if run.had_changes => {
            format!("{short}, where it last passed at {}, then with changes that were not committed", run.at)
        }
        Some(run) => format!("{short}, where it last passed at {}", run.at),
    }
}
