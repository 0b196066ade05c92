//! What is shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::effect::Ticket;
use super::failure::Failure;
use super::keymap::Context;
use super::layout::{Layout, layout};
use super::msg::Triaged;
use super::notice::{Notice, Notices, Weight};
use super::place::{Building, DeployKey, Execution, FixStep, Phase, Place, Suspects};
use super::search::Search;
use super::tail::Tail;
use super::update::Standby;
use crate::engine::{Focus, Row, Snapshot, TailLine};
use crate::remedy::Person;
use crate::remedy::advice::{Candidate, Walls};
use crate::remedy::fix::{Allowed, Repro};
use crate::remedy::standing::{Countdown, Standing};
use crate::triage::{HunkId, Ruling};
use crate::units::{SignatureId, Timestamp};

/// What a screen is told at its start.
#[derive(Clone, Debug)]
pub struct Options {
    /// The service watched, until the first snapshot names it.
    pub service: String,
    /// Who would approve; without a name nobody can.
    pub person: Person,
    /// Whether everything that could change a repository or a deployment is absent.
    pub read_only: bool,
    /// The command that shows an error, for finding a fix; `None` when none is configured.
    pub repro: Option<Repro>,
    /// The command that runs the tests, for checking a draft; `None` when none is configured.
    pub tests: Option<Repro>,
    /// Who can be asked for a draft; the command is tried without them.
    pub candidates: Vec<Candidate>,
    /// What stands around commands that are run on a draft.
    pub walls: Walls,
    /// What may go back by itself, where a person allowed it.
    pub standing: Option<Standing>,
    /// The command that is built with, where that is what the screen is for.
    pub build: Option<Vec<String>>,
    /// Name of the theme to start with.
    pub theme: String,
    /// Names of the themes that can be switched to.
    pub themes: Vec<String>,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The time.
    pub now: Timestamp,
}

/// Which panel of the watching page has the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The list of signatures.
    List,
    /// The tail.
    Tail,
}

/// Which signature is selected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    pub id: Option<SignatureId>,
    /// Its index in the newest rows.
    pub index: usize,
    /// First index shown.
    pub top: usize,
    /// Whether a person chose it; until then the worst is selected.
    pub chosen: bool,
}

/// A hunk that is in the person's editor.
#[derive(Clone, Debug)]
pub(crate) struct Editing {
    pub ticket: Ticket,
    /// Index of its file in the draft.
    pub file: usize,
    pub hunk: HunkId,
    /// What the editor was given.
    pub text: String,
}

/// Everything that decides what is drawn.
#[derive(Clone, Debug)]
pub struct State {
    pub(crate) options: Options,
    pub(crate) now: Timestamp,
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) place: Place,
    pub(crate) panel: Panel,
    pub(crate) selection: Selection,
    pub(crate) tail: Tail,
    pub(crate) search: Search,
    /// Rows marked for a merge.
    pub(crate) marked_rows: BTreeSet<SignatureId>,
    /// The row that is given a name, and what is typed of it.
    pub(crate) naming: Option<(SignatureId, String)>,
    pub(crate) notices: Notices,
    pub(crate) execution: Option<Execution>,
    /// First row shown of the help, while it is open.
    pub(crate) help: Option<usize>,
    /// Whether it is being asked whether to leave.
    pub(crate) leaving: bool,
    /// Why the engine stopped, once it did.
    pub(crate) stopped: Option<Failure>,
    /// The hunk that is in the person's editor; until it is closed, keys are the editor's.
    pub(crate) editing: Option<Editing>,
    /// The command that the person let run in this session.
    pub(crate) allowed: Option<Allowed>,
    /// What may go back by itself, and how that stands.
    pub(crate) standing: Option<Standby>,
    /// The command that is built with; then it is what there is to watch.
    pub(crate) building: Option<Building>,
    /// The last finished triage, so that going back and forth does not repeat it.
    pub(crate) kept: Option<Suspects>,
    pub(crate) revision: u64,
    pub(super) last_ticket: u64,
    /// What people said of errors, newest first.
    pub(super) rulings: Vec<Ruling>,
}

impl State {
    /// Makes the screen of a run that begins.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            now: options.now,
            building: options.build.clone().map(|argv| Building::new(argv, options.now)),
            standing: options.standing.clone().map(|standing| Standby::new(Countdown::new(standing))),
            options,
            snapshot: None,
            place: Place::Watching,
            panel: Panel::List,
            selection: Selection::default(),
            tail: Tail::default(),
            search: Search::default(),
            marked_rows: BTreeSet::new(),
            naming: None,
            notices: Notices::default(),
            execution: None,
            help: None,
            leaving: false,
            stopped: None,
            editing: None,
            allowed: None,
            kept: None,
            revision: 0,
            last_ticket: 0,
            rulings: Vec::new(),
        }
    }

    /// Grows whenever something changed that may be seen; equal numbers need no new frame.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The newest snapshot.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_ref()
    }

    /// Where in the loop the person is.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Name of the theme in use.
    #[must_use]
    pub fn theme(&self) -> &str {
        &self.options.theme
    }

    /// Columns and rows of the terminal.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        self.options.size
    }

    /// Whether nothing can be approved in this run.
    #[must_use]
    pub fn read_only(&self) -> bool {
        self.options.read_only
    }

    /// Whether something is being executed right now.
    #[must_use]
    pub fn is_executing(&self) -> bool {
        self.execution.as_ref().is_some_and(|execution| execution.phase == Phase::Running)
    }

    /// What the change is called that errors are laid to.
    #[must_use]
    pub fn change_word(&self) -> &'static str {
        if self.building.is_some() { "change" } else { "deploy" }
    }

    /// Whether the command that is built with runs right now.
    #[must_use]
    pub fn is_building(&self) -> bool {
        self.building.as_ref().is_some_and(Building::is_running)
    }

    /// The command that is built with.
    #[must_use]
    pub fn building(&self) -> Option<&Building> {
        self.building.as_ref()
    }

    /// The same by a clock that is so many times as fast as the world's: what is said stays up as long all the same.
    #[must_use]
    pub fn at_speed(mut self, speed: u32) -> Self {
        self.notices = Notices::at_speed(speed);
        self
    }

    /// The notice that is up.
    #[must_use]
    pub fn notice(&self) -> Option<&Notice> {
        self.notices.current()
    }

    /// The signature that is selected.
    #[must_use]
    pub fn selected(&self) -> Option<SignatureId> {
        self.selection.id
    }

    /// Whether the tail stands still.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.tail.is_paused()
    }

    /// Where a key would be pressed.
    #[must_use]
    pub fn context(&self) -> Context {
        if self.leaving {
            return Context::Leaving;
        }
        if self.search.typing().is_some() {
            return Context::Search;
        }
        if self.naming.is_some() {
            return Context::Naming;
        }
        if self.help.is_some() {
            return Context::Help;
        }
        if self.noting().is_some() {
            return Context::Comment;
        }
        self.context_below_help()
    }

    /// The comment that is being typed.
    pub(crate) fn noting(&self) -> Option<&str> {
        self.place.review()?.work.ready()?.noting.as_ref().map(|(_, text)| text.as_str())
    }

    /// Where a key would be pressed if no help, search or question were in the way.
    pub(crate) fn context_below_help(&self) -> Context {
        match (&self.place, self.panel) {
            (Place::Watching, _) if self.building.is_some() => Context::Build,
            (Place::Watching, Panel::List) => Context::List,
            (Place::Watching, Panel::Tail) => Context::Tail,
            (Place::Suspects(_), _) => Context::Suspects,
            (Place::Fix(fixing), _) => self.context_of_fix(&fixing.step),
            (Place::Review(_), _) => Context::Review,
            (Place::Approval(_), _) => Context::Approval,
            (Place::Execution, _) => Context::Execution,
            (Place::Details(_), _) => Context::Details,
            (Place::Making(_), _) => Context::Making,
        }
    }

    fn context_of_fix(&self, step: &FixStep) -> Context {
        match step {
            FixStep::Choosing(_) => Context::Author,
            FixStep::Asking(_) => Context::Repro,
            FixStep::Briefing(briefing) if briefing.work.ready().is_none() => Context::Fix,
            FixStep::Briefing(_) if self.ground().is_some() => Context::Repro,
            FixStep::Briefing(_) => Context::Reason,
            FixStep::Unset | FixStep::Running(_) | FixStep::Drafting(_) | FixStep::Ended(_) | FixStep::Failed(_) => {
                Context::Fix
            }
        }
    }

    /// Where everything lies; `None` on a screen that is too small.
    #[must_use]
    pub fn layout(&self) -> Option<Layout> {
        let is_build = self.building.is_some() && matches!(self.place, Place::Watching);
        let page = if self.help.is_some() || is_build { super::layout::Page::Whole } else { self.place.page() };
        let notice_rows = self.notice().map_or(0, |notice| notice.rows(self.options.size.0).len());
        layout(self.options.size, page, notice_rows)
    }

    /// The signatures, worst first.
    pub(crate) fn rows(&self) -> &[Row] {
        self.snapshot.as_ref().map_or(&[], |snapshot| &snapshot.rows)
    }

    /// The row that is selected.
    pub(crate) fn row(&self) -> Option<&Row> {
        self.rows().get(self.selection.index)
    }

    /// More about the selected signature, once the engine sent it.
    pub(crate) fn focus(&self) -> Option<&Focus> {
        let focus = self.snapshot.as_ref()?.focus.as_ref()?;
        (Some(focus.id) == self.selection.id).then_some(focus)
    }

    /// The lines of the tail before filtering, and the only signature wanted, if any.
    pub(crate) fn tail_lines(&self) -> (&[TailLine], Option<SignatureId>) {
        let lines = self.snapshot.as_ref().map_or(&[][..], |snapshot| self.tail.lines(&snapshot.tail));
        (lines, if self.tail.whole { None } else { self.selection.id })
    }

    /// The newest deploy: the watched one, or else the last known.
    pub(crate) fn deploy_key(&self) -> Option<DeployKey> {
        let snapshot = self.snapshot.as_ref()?;
        let watched = snapshot.watch.as_ref().map(|watch| &watch.deploy);
        watched.or_else(|| snapshot.deploys.first()).map(|deploy| (deploy.at, deploy.version.clone()))
    }

    /// What a person said of this error after the deploy that it was judged against.
    #[must_use]
    pub fn ruling(&self, triaged: &Triaged) -> Option<&Ruling> {
        self.rulings.iter().find(|ruling| ruling.is_about(triaged.signature, &triaged.change))
    }

    /// The marked rows that are still there, and the selected one.
    pub(crate) fn rows_to_merge(&self) -> Vec<SignatureId> {
        let is_meant = |id: &SignatureId| self.marked_rows.contains(id) || self.selection.id == Some(*id);
        self.rows().iter().map(|row| row.id).filter(is_meant).collect()
    }

    pub(super) fn ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        Ticket(self.last_ticket)
    }

    pub(super) fn say(&mut self, weight: Weight, text: impl Into<String>) {
        self.notices.say(weight, text, self.now);
    }

    pub(super) fn pause_tail(&mut self) {
        let lines = self.snapshot.as_ref().map(|snapshot| Arc::clone(&snapshot.tail)).unwrap_or_default();
        self.tail.pause(&lines);
    }
}
