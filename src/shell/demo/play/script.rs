//! Stands in for the person at the screen: looks at the same state, presses the same keys.
//!
//! Each step waits until the screen shows what a person would wait for, checks it against the truth
//! of the world, prints the outcome, and goes on. The first step that fails ends the run.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::{Truth, World};
use crate::app::place::{Phase, Place, Shown, Work};
use crate::app::{Failure, FailureKind, Key, Msg, State};
use crate::detect::{self, Tier};
use crate::engine::{Row, Snapshot};
use crate::ingest::sanitize::visible;
use crate::shell::audit::AuditLog;
use crate::shell::watch::Run;
use crate::shell::watch::screen::Display;
use crate::triage::Verdict;
use crate::view;

/// Columns and rows of the screen that the script looks at.
const SIZE: (u16, u16) = (130, 40);

/// Real time after which a step has failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    History,
    Deploy,
    Detection,
    Triage,
    Plan,
    Approval,
    Execution,
    Recovery,
    Over,
}

/// The person's stand-in, and the screen that it looks at.
#[derive(Debug)]
pub(super) struct Script {
    truth: Truth,
    audit: PathBuf,
    picture: Option<PathBuf>,
    step: Step,
    since: Instant,
    failed: bool,
    /// Whether it began to read the plan from its start.
    reads: bool,
    screen: Buffer,
}

impl Script {
    pub(super) fn new(world: &World, run: &Run, picture: Option<PathBuf>) -> Self {
        Self {
            truth: world.truth().clone(),
            audit: run.settings.audit_path(),
            picture,
            step: Step::History,
            since: Instant::now(),
            failed: false,
            reads: false,
            screen: Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1)),
        }
    }

    /// The exit status: 0 when every step came out right.
    pub(super) fn outcome(self) -> Result<u8, Failure> {
        Ok(u8::from(self.failed || self.step != Step::Over))
    }

    /// Prints the outcome of a step, and goes on to the next.
    fn done(&mut self, next: Step, outcome: &str) {
        say(&format!("ok    {outcome}"));
        self.step = next;
        self.since = Instant::now();
    }

    fn fail(&mut self, why: &str) -> Vec<Msg> {
        say(&format!("FAIL  {:?}: {why}", self.step));
        self.failed = true;
        press(&[Key::Ctrl('c')])
    }

    /// Does what a person would do now; nothing while there is nothing to do.
    fn act(&mut self, state: &State) -> Vec<Msg> {
        if self.since.elapsed() > PATIENCE {
            return self.fail("it did not come");
        }
        let Some(snapshot) = state.snapshot() else { return Vec::new() };
        match self.step {
            Step::History => self.history(snapshot),
            Step::Deploy => self.deploy(snapshot),
            Step::Detection => self.detection(state, snapshot),
            Step::Triage => self.triage(state),
            Step::Plan => self.plan(state),
            Step::Approval => self.approval(state),
            Step::Execution => self.execution(state),
            Step::Recovery => self.recovery(snapshot),
            Step::Over => Vec::new(),
        }
    }

    fn history(&mut self, snapshot: &Snapshot) -> Vec<Msg> {
        // They are listed with the first look behind the last line.
        if snapshot.is_caught_up() && !snapshot.rows.is_empty() {
            let lines = snapshot.intake.lines;
            let n_rows = snapshot.rows.len() + snapshot.more_rows;
            self.done(Step::Deploy, &format!("history: {lines} lines of seven days gave {n_rows} signatures"));
        }
        Vec::new()
    }

    fn deploy(&mut self, snapshot: &Snapshot) -> Vec<Msg> {
        let found = snapshot.deploys.iter().find(|deploy| deploy.version == World::BAD);
        if let Some(deploy) = found.filter(|deploy| deploy.previous.is_some()) {
            let subject = deploy.subject.as_deref().unwrap_or_default();
            self.done(Step::Detection, &format!("deploy: the log says that {} runs; {subject:?}", deploy.version));
        }
        Vec::new()
    }

    fn detection(&mut self, state: &State, snapshot: &Snapshot) -> Vec<Msg> {
        let Some(row) = snapshot.rows.iter().find(|row| is_confirmed(row) && self.is_true(row)) else {
            return Vec::new();
        };
        if state.selected() != Some(row.id) {
            return press(&[Key::Char('e')]);
        }
        if snapshot.focus.as_ref().is_none_or(|focus| focus.id != row.id) {
            return Vec::new();
        }
        if let Some(path) = self.picture.take()
            && let Err(error) = self.paint(state, &path)
        {
            return self.fail(&format!("cannot write {}: {error}", path.display()));
        }
        let found = &row.assessment;
        let minutes = snapshot.watch.as_ref().map_or(0, |watch| watch.elapsed.as_secs() / 60);
        let (template, observed, expected) = (&row.template, found.observed, found.expected);
        self.done(
            Step::Triage,
            &format!(
                "detected after {minutes} minutes: {template:?}, {observed} seen, {expected:.1} expected, p {:.1e}",
                found.p
            ),
        );
        press(&[Key::Char('t')])
    }

    fn is_true(&self, row: &Row) -> bool {
        row.template.contains(self.truth.message)
    }

    fn triage(&mut self, state: &State) -> Vec<Msg> {
        let Place::Suspects(suspects) = state.place() else { return Vec::new() };
        match &suspects.work {
            Work::Running(_) => Vec::new(),
            Work::Failed(failure) => self.fail(&failure.to_string()),
            Work::Ready(triaged) => self.judge(&triaged.verdict),
        }
    }

    fn judge(&mut self, verdict: &Verdict) -> Vec<Msg> {
        let Some(first) = verdict.suspects.first() else { return self.fail("there is no suspect") };
        let place = format!("{}:{}-{}", first.file, first.start, first.end);
        if !(verdict.escalates() && self.truth.is_at(&first.file, first.start, first.end)) {
            return self.fail(&format!("the first suspect is {place}, which is not what broke it"));
        }
        let confidence = verdict.confidence.word();
        let reason = first.reasons.first().map_or("", String::as_str);
        self.done(Step::Plan, &format!("attributed to {place}, confidence {confidence}: {reason}"));
        press(&[Key::Char('d')])
    }

    fn plan(&mut self, state: &State) -> Vec<Msg> {
        let Place::Review(review) = state.place() else { return Vec::new() };
        match &review.work {
            Work::Running(_) => Vec::new(),
            Work::Failed(failure) => self.fail(&failure.to_string()),
            // The review begins at the suspect; what comes before it is read as well.
            Work::Ready(desk) if desk.n_unseen() > 0 && !self.reads => {
                self.reads = true;
                press(&[Key::Home])
            }
            Work::Ready(desk) if desk.n_unseen() > 0 => press(&[Key::PageDown]),
            Work::Ready(desk) => {
                let Shown { plan, digest, .. } = desk.shown.as_ref();
                let level = plan.level().word();
                self.done(Step::Approval, &format!("planned: {}, {level}, digest {}", plan.branch, digest.short()));
                press(&[Key::Char('a')])
            }
        }
    }

    fn approval(&mut self, state: &State) -> Vec<Msg> {
        let Place::Approval(approval) = state.place() else { return Vec::new() };
        let word = approval.shown.word().to_owned();
        self.done(Step::Execution, &format!("approved by typing {word:?}"));
        let mut keys: Vec<Key> = word.chars().map(Key::Char).collect();
        keys.push(Key::Enter);
        press(&keys)
    }

    fn execution(&mut self, state: &State) -> Vec<Msg> {
        match state.execution.as_ref().map(|execution| &execution.phase) {
            None => self.fail("the approval was refused"),
            Some(Phase::Running) => Vec::new(),
            Some(Phase::Failed(failure)) => self.fail(&failure.to_string()),
            Some(Phase::Done(sentences)) => {
                self.done(Step::Recovery, &format!("executed: {}", sentences.join(" ")));
                press(&[Key::Esc])
            }
        }
    }

    fn recovery(&mut self, snapshot: &Snapshot) -> Vec<Msg> {
        let is_closed = |incident: &&detect::Incident| matches!(incident.phase, detect::Phase::Closed { .. });
        let Some(incident) = snapshot.incidents.iter().find(is_closed) else { return Vec::new() };
        match AuditLog::at(&self.audit).verify() {
            Err(error) => self.fail(&error.to_string()),
            Ok(verified) => {
                let (id, entries) = (incident.id, verified.entries);
                self.done(
                    Step::Over,
                    &format!("recovered: incident {id} closed by itself; {entries} audit entries, the chain holds"),
                );
                press(&[Key::Ctrl('c')])
            }
        }
    }

    fn paint(&mut self, state: &State, path: &Path) -> io::Result<()> {
        let theme = view::theme_named("dark");
        self.screen.reset();
        view::draw(state, &theme, self.screen.area, &mut self.screen);
        std::fs::write(path, view::svg(&self.screen, &theme))
    }
}

impl Display for Script {
    fn size(&self) -> (u16, u16) {
        SIZE
    }

    fn draw(&mut self, state: &State) -> Result<Vec<Msg>, Failure> {
        // The screen is really drawn: what cannot be drawn cannot be shown to anybody.
        self.screen.reset();
        view::draw(state, &view::theme_named(state.theme()), self.screen.area, &mut self.screen);
        Ok(self.act(state))
    }

    fn clear(&mut self) {}

    fn suspend(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn lend(&mut self) -> Result<(), Failure> {
        Err(Failure::new(FailureKind::User, "nobody is there to edit", "Play the demonstration on a screen."))
    }

    fn take_back(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn copy(&mut self, _: &str) -> Result<(), Failure> {
        Err(Failure::new(FailureKind::Bug, "the script copied something", "Tell the authors."))
    }
}

fn is_confirmed(row: &Row) -> bool {
    row.assessment.finding.is_some_and(|finding| finding.tier == Tier::Confirmed)
}

fn press(keys: &[Key]) -> Vec<Msg> {
    keys.iter().map(|key| Msg::Key(*key)).collect()
}

fn say(text: &str) {
    // Whoever stopped reading still gets the exit status.
    let _ = writeln!(io::stdout(), "{}", visible(text, false));
}
